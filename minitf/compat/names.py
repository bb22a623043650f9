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
NN = ("minitf.compat.retired_nn", "minitf.nn", "minitf")
RNN = ("minitf.nn.rnn_cell", "minitf.nn")
SEQ2SEQ = ("minitf.contrib.legacy_seq2seq", "minitf.contrib.attention_decoding")
TRAIN = ("minitf.train", "minitf")

FRAMEWORK = {
    "common_shapes": ROOT, "constant_op": ROOT, "device": ROOT, "dtypes": ROOT, "errors": ERRORS,
    "errors_impl": ERRORS, "function": ROOT, "graph_io": TRAIN, "graph_util": ("minitf.graph_util",),
    "graph_util_impl": ("minitf.graph_util",), "importer": ROOT, "meta_graph": TRAIN, "ops": ROOT,
    "random_seed": ROOT, "sparse_tensor": ROOT, "tensor_shape": ROOT, "tensor_spec": ROOT, "tensor_util": ROOT,
    "test_util": ("minitf.test",), "versions": ("minitf.version", "minitf"),
}  # fmt: skip

IMAGE = ("minitf.image", "minitf")
INITIALIZERS = ("minitf.initializers", "minitf")
LINALG = ("minitf.linalg", "minitf")
LOOKUP = ("minitf.lookup", "minitf.ops.lookup")
LOSSES = ("minitf.losses",)
METRICS = ("minitf.metrics",)
SUMMARY = ("minitf.summary", "minitf")

OPS = {
    **dict.fromkeys((
        "array_ops", "bitwise_ops", "check_ops", "clip_ops", "confusion_matrix", "control_flow_ops",
        "custom_gradient", "data_flow_ops", "functional_ops", "gradients", "gradients_impl", "gradients_util",
        "histogram_ops", "io_ops", "logging_ops", "manip_ops", "map_fn", "math_grad", "math_ops", "nn_grad",
        "numerics", "parsing_ops", "partitioned_variables", "random_ops", "resource_variable_ops", "script_ops",
        "session_ops", "special_math_ops", "standard_ops", "state_ops", "string_ops", "template",
        "tensor_array_ops", "variable_scope", "variables", "while_loop", "cond",
    ), ROOT),
    **dict.fromkeys((
        "candidate_sampling_ops", "ctc_ops", "embedding_ops", "nn", "nn_impl", "nn_ops", "rnn",
    ), NN),
    **dict.fromkeys((
        f"gen_{kind}_ops" for kind in (
            "array", "bitwise", "control_flow", "data_flow", "image", "io", "linalg", "logging", "math", "nn",
            "parsing", "random", "resource_variable", "sparse", "state", "string",
        )
    ), ROOT),
    "distributions": ("minitf.distributions",), "gradient_checker": ("minitf.test",), "image_ops": IMAGE,
    "image_ops_impl": IMAGE, "init_ops": INITIALIZERS, "linalg": LINALG, "linalg_impl": LINALG, "linalg_ops": LINALG,
    "lookup_ops": LOOKUP, "losses": LOSSES, "losses.losses": LOSSES, "losses.losses_impl": LOSSES,
    "losses.util": LOSSES, "metrics": METRICS, "metrics_impl": METRICS, "rnn_cell": RNN, "rnn_cell_impl": RNN,
    "seq2seq": SEQ2SEQ, "sets": ("minitf.sets",), "sets_impl": ("minitf.sets",),
    "sparse_ops": ("minitf.sparse", "minitf"), "spectral_ops": ("minitf.signal", "minitf"), "summary_ops": SUMMARY,
    "weights_broadcast_ops": LOSSES,
}  # fmt: skip

TRAINING = (
    "adadelta", "adagrad", "adam", "basic_session_run_hooks", "checkpoint_management", "checkpoint_state",
    "checkpoint_utils", "coordinator", "device_setter", "ftrl", "gradient_descent", "input",
    "learning_rate_decay", "momentum", "monitored_session", "moving_averages", "optimizer", "proximal_adagrad",
    "proximal_gradient_descent", "queue_runner", "queue_runner_impl", "rmsprop", "saver", "server_lib",
    "session_manager", "session_run_hook", "summary_io", "supervisor", "training", "training_util",
)  # fmt: skip

SAVED_MODEL = dict.fromkeys(("builder", "builder_impl", "simple_save"), ("minitf.saved_model",)) | {
    "loader": ("minitf.saved_model.loader", "minitf.saved_model"),
    "loader_impl": ("minitf.saved_model.loader", "minitf.saved_model"),
    "signature_constants": ("minitf.saved_model.signature_constants",),
    "signature_def_utils": ("minitf.saved_model.signature_def_utils",),
    "signature_def_utils_impl": ("minitf.saved_model.signature_def_utils",),
    "tag_constants": ("minitf.saved_model.tag_constants",), "utils": ("minitf.saved_model.utils",),
    "utils_impl": ("minitf.saved_model.utils",),
}  # fmt: skip

PYTHON = {
    "client.device_lib": ("minitf.device_lib",), "client.session": ROOT,
    "client.timeline": ("minitf.timeline",), "control_flow_ops": ROOT,
    "data.ops.dataset_ops": ("minitf.data",), "data.ops.iterator_ops": ("minitf.data",),
    "eager.context": ROOT, "estimator.inputs": ("minitf.estimator.inputs",),
    "estimator.inputs.numpy_io": ("minitf.estimator.inputs",),
    "graph_util": ("minitf.graph_util",),
    **dict.fromkeys((
        "layers.base", "layers.convolutional", "layers.core", "layers.layers", "layers.normalization",
        "layers.pooling",
    ), LAYERS),
    "layers.utils": ("minitf.contrib.framework",),
    "lib.io.file_io": ("minitf.gfile",), "lib.io.python_io": ("minitf.python_io",),
    "lib.io.tf_record": ("minitf.python_io",),
    "platform.app": ("minitf.app",), "platform.flags": ("minitf.flags",), "platform.gfile": ("minitf.gfile",),
    "platform.googletest": ("minitf.test",), "platform.resource_loader": (), "platform.test": ("minitf.test",),
    "platform.tf_logging": ("minitf.logging",), "pywrap_tensorflow": TRAIN,
    "saved_model": ("minitf.saved_model",),
    "summary.summary": ("minitf.summary",), "summary.writer.writer": ("minitf.summary",),
    "tools.inspect_checkpoint": ("minitf.checkpoint.inspecting",), "util.compat": COMPAT,
    "util.nest": ("minitf.nest",),
}  # fmt: skip

CONTRIB = {
    "crf": ("minitf.contrib.crf",), "data": ("minitf.data.experimental", "minitf.data"), "eager": (),
    "framework": ("minitf.contrib.framework",),
    "framework.python.ops.add_arg_scope": ("minitf.contrib.framework",),
    "framework.python.ops.arg_scope": ("minitf.contrib.framework",),
    "framework.python.ops.variables": ("minitf.contrib.framework",),
    "distributions": ("minitf.contrib.distributions",), "signal": ("minitf.signal",),
    "util": ("minitf.contrib.framework", "minitf"), "lookup": LOOKUP,
    "layers": ("minitf.contrib.layers",),
    **dict.fromkeys((
        "layers.python.layers", "layers.python.layers.initializers", "layers.python.layers.layers",
        "layers.python.layers.regularizers",
    ), ("minitf.contrib.layers",)),
    "layers.python.layers.utils": ("minitf.contrib.framework",),
    "learn": ("minitf.contrib.learn",), "learn.python.learn": ("minitf.contrib.learn",),
    "learn.python.learn.datasets.base": MNIST,
    "legacy_seq2seq": SEQ2SEQ, "legacy_seq2seq.python.ops.seq2seq": SEQ2SEQ, "losses": LOSSES,
    "metrics": ("minitf.contrib.metrics",), "nn": NN, "rnn": ("minitf.contrib.rnn", *RNN),
    **dict.fromkeys((f"rnn.python.ops.{name}" for name in (
        "core_rnn", "core_rnn_cell", "core_rnn_cell_impl", "fused_rnn_cell", "lstm_ops", "rnn", "rnn_cell",
    )), ("minitf.contrib.rnn", *RNN, "minitf.compat.internals")),
    "seq2seq": ("minitf.contrib.seq2seq",),
    **dict.fromkeys((f"seq2seq.python.ops.{name}" for name in (
        "attention_wrapper", "basic_decoder", "beam_search_decoder", "decoder", "helper", "loss",
    )), ("minitf.contrib.seq2seq",)),
    "slim": ("minitf.contrib.slim",), "slim.losses": LOSSES, "slim.metrics": ("minitf.contrib.metrics",),
    "summary": ("minitf.summary",), "tensorboard.plugins.projector": ("minitf.contrib.tensorboard.plugins.projector",),
    "training": ("minitf.contrib.training",),
}  # fmt: skip

MESSAGES = ("minitf.graph.messages", "minitf", "minitf.compat.internals")
CORE = dict.fromkeys((
    "example.example_pb2", "example.feature_pb2", "framework.attr_value_pb2", "framework.graph_pb2",
    "framework.node_def_pb2", "framework.op_def_pb2", "framework.step_stats_pb2", "framework.summary_pb2",
    "framework.tensor_pb2", "framework.tensor_shape_pb2", "framework.types_pb2", "framework.variable_pb2",
    "framework.versions_pb2", "protobuf.meta_graph_pb2", "protobuf.queue_runner_pb2", "protobuf.saved_model_pb2",
    "protobuf.saver_pb2", "util.event_pb2",
), MESSAGES) | {
    "protobuf.config_pb2": ROOT, "protobuf.cluster_pb2": MESSAGES, "protobuf.tensorflow_server_pb2": MESSAGES,
}  # fmt: skip


def _reached(table):
    """The modules below `tensorflow.python`: they also have names that no release promised."""
    return {
        name: (*places, "minitf.compat.internals", *(["minitf.compat.generated"] * name.endswith("_ops")))
        for name, places in table.items()
    }


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
    "tensorflow.models.rnn.rnn": NN,
    "tensorflow.models.rnn.rnn_cell": RNN,
    "tensorflow.models.rnn.seq2seq": SEQ2SEQ,
    "tensorflow.nn": NN[:-1],
    "tensorflow.nn.seq2seq": SEQ2SEQ,
    "tensorflow.tensorboard.plugins.projector": ("minitf.contrib.tensorboard.plugins.projector",),
    **_under("tensorflow.python.framework", _reached(FRAMEWORK)),
    **_under("tensorflow.python.ops", _reached(OPS)),
    **_under("tensorflow.python.saved_model", SAVED_MODEL),
    **_under("tensorflow.python.training", _reached(dict.fromkeys(TRAINING, TRAIN))),
    **_under("tensorflow.python", _reached(PYTHON)),
    **_under("tensorflow.contrib", CONTRIB),
    **_under("tensorflow.core", CORE),
})  # fmt: skip

ENGINE = frozenset({
    "autodiff", "checkpoint", "compat", "graph", "kernels", "notebook", "observe", "ops", "runtime",
    "training",
})  # fmt: skip
"""minitf's own packages: attributes of the root that no TensorFlow program can mean."""
