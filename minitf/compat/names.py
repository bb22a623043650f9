"""Which of minitf's namespaces serve each of TensorFlow's module names.

A program asks for `tensorflow.python.ops.rnn_cell` or `tensorflow.contrib.rnn` because the names it wants
lived there in one release or another. Here each such module lists the places in minitf where its names are
looked up, in this order. The table is the whole claim: a module that is neither here nor a public namespace
of minitf is reported as missing, and so is a name that none of the places has.
"""

ROOT = ("minitf.compat.retired", "minitf")
COMPAT = ("minitf.compat.migration",)
ERRORS = ("minitf.errors",)
LAYERS = ("minitf.layers",)
MNIST = ("minitf.compat.mnist",)
NN = ("minitf.nn", "minitf")
RNN = ("minitf.nn.rnn_cell", "minitf.nn")
TRAIN = ("minitf.train", "minitf")

FRAMEWORK = {
    "constant_op": ROOT, "dtypes": ROOT, "errors": ERRORS, "errors_impl": ERRORS, "function": ROOT,
    "graph_util": ("minitf.graph_util",), "ops": ROOT, "random_seed": ROOT, "sparse_tensor": ROOT,
    "tensor_shape": ROOT, "tensor_util": ROOT, "test_util": ("minitf.test",),
}  # fmt: skip

OPS = {
    "array_ops": ROOT, "check_ops": ROOT, "clip_ops": ROOT, "control_flow_ops": ROOT, "data_flow_ops": ROOT,
    "functional_ops": ROOT, "gradients": ROOT, "gradients_impl": ROOT, "histogram_ops": ROOT,
    "logging_ops": ROOT, "math_ops": ROOT, "parsing_ops": ROOT, "partitioned_variables": ROOT,
    "random_ops": ROOT, "script_ops": ROOT, "session_ops": ROOT, "special_math_ops": ROOT, "state_ops": ROOT,
    "string_ops": ROOT, "tensor_array_ops": ROOT, "variable_scope": ROOT, "variables": ROOT,
    "sparse_ops": ("minitf.sparse", "minitf"),
    "candidate_sampling_ops": NN, "ctc_ops": NN, "embedding_ops": NN, "nn": NN, "nn_impl": NN, "nn_ops": NN,
    "rnn": NN, "rnn_cell": RNN, "rnn_cell_impl": RNN, "image_ops": ("minitf.image",),
    "init_ops": ("minitf.initializers", "minitf"), "io_ops": ROOT, "linalg_ops": ("minitf.linalg", "minitf"),
    "lookup_ops": ("minitf.lookup",), "losses": ("minitf.losses",), "metrics": ("minitf.metrics",),
    "spectral_ops": ("minitf.signal", "minitf"), "gradient_checker": ("minitf.test",),
}  # fmt: skip

TRAINING = (
    "adadelta", "adagrad", "adam", "basic_session_run_hooks", "checkpoint_state", "coordinator", "ftrl",
    "gradient_descent", "input", "learning_rate_decay", "momentum", "monitored_session", "moving_averages",
    "optimizer", "proximal_adagrad", "proximal_gradient_descent", "queue_runner", "queue_runner_impl",
    "rmsprop", "saver", "server_lib", "session_manager", "session_run_hook", "summary_io", "supervisor",
    "training", "training_util",
)  # fmt: skip

PYTHON = {
    "client.device_lib": ("minitf.device_lib",), "client.session": ROOT,
    "client.timeline": ("minitf.timeline",), "control_flow_ops": ROOT,
    "data.ops.dataset_ops": ("minitf.data",), "graph_util": ("minitf.graph_util",),
    "layers.base": LAYERS, "layers.convolutional": LAYERS, "layers.core": LAYERS, "layers.layers": LAYERS,
    "layers.normalization": LAYERS, "layers.pooling": LAYERS,
    "lib.io.file_io": ("minitf.gfile",), "lib.io.tf_record": ("minitf.python_io",),
    "platform.app": ("minitf.app",), "platform.flags": ("minitf.flags",), "platform.gfile": ("minitf.gfile",),
    "platform.googletest": ("minitf.test",), "platform.test": ("minitf.test",),
    "platform.tf_logging": ("minitf.logging",),
    "summary.summary": ("minitf.summary",), "summary.writer.writer": ("minitf.summary",),
    "tools.inspect_checkpoint": ("minitf.checkpoint.inspecting",), "util.compat": COMPAT,
}  # fmt: skip

CONTRIB = {
    "data": ("minitf.data",), "eager": (), "framework": ("minitf.contrib.framework",),
    "framework.python.ops.variables": ("minitf.contrib.framework",),
    "distributions": ("minitf.contrib.distributions",), "signal": ("minitf.signal",),
    "util": ("minitf.contrib.framework", "minitf"), "lookup": ("minitf.lookup",),
    "layers": ("minitf.contrib.layers",), "layers.python.layers.initializers": ("minitf.contrib.layers",),
    "layers.python.layers.layers": ("minitf.contrib.layers",),
    "layers.python.layers.regularizers": ("minitf.contrib.layers",), "learn": ("minitf.contrib.learn",),
    "legacy_seq2seq": ("minitf.contrib.legacy_seq2seq",), "losses": ("minitf.losses",),
    "metrics": ("minitf.metrics",), "rnn": ("minitf.contrib.rnn", *RNN), "seq2seq": ("minitf.contrib.seq2seq",),
    "slim": ("minitf.contrib.slim",), "slim.losses": ("minitf.losses",), "slim.metrics": ("minitf.metrics",),
    "summary": ("minitf.summary",), "tensorboard.plugins.projector": ("minitf.contrib.tensorboard.plugins.projector",),
    "training": ("minitf.contrib.training",),
}  # fmt: skip


def _under(prefix: str, table: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {f"{prefix}.{name}": places for name, places in table.items()}


def _with_parents(table: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Add the packages on the way to each module; they hold nothing but their children."""
    full = dict(table)
    for name in table:
        parts = name.split(".")
        for length in range(1, len(parts)):
            full.setdefault(".".join(parts[:length]), ())
    return full


PLACES = _with_parents({
    "tensorflow": ROOT,
    "tensorflow.compat": COMPAT,
    "tensorflow.compat.v1": (*ROOT, *COMPAT),
    "tensorflow.python": ROOT,
    "tensorflow.examples.tutorials.mnist": (),
    "tensorflow.examples.tutorials.mnist.input_data": MNIST,
    "tensorflow.contrib.learn.python.learn.datasets.mnist": MNIST,
    **_under("tensorflow.python.framework", FRAMEWORK),
    **_under("tensorflow.python.ops", OPS),
    **_under("tensorflow.python.training", dict.fromkeys(TRAINING, TRAIN)),
    **_under("tensorflow.python", PYTHON),
    **_under("tensorflow.contrib", CONTRIB),
})  # fmt: skip

ENGINE = frozenset({
    "autodiff", "checkpoint", "compat", "graph", "kernels", "notebook", "observe", "ops", "runtime",
    "training",
})  # fmt: skip
"""minitf's own packages: attributes of the root that no TensorFlow program can mean."""
