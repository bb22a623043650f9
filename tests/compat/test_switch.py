"""The switch: TensorFlow's module names mean minitf's namespaces, or the error names what is missing."""

import importlib
import subprocess
import sys

import pytest

import minitf
from minitf import compat


@pytest.fixture
def tensorflow():
    """The switch, on for one test; skipped where the real TensorFlow is loaded already."""
    try:
        yield compat.install()
    except ImportError as error:
        pytest.skip(str(error))
    finally:
        compat.uninstall()


def test_names_are_minitf_own(tensorflow):
    """What a program gets is the very object that minitf offers."""
    assert tensorflow.constant is minitf.constant
    assert tensorflow.nn.relu is minitf.nn.relu
    assert tensorflow.train.AdamOptimizer is minitf.train.AdamOptimizer


def test_private_modules_serve_public_names(tensorflow):
    """Programs import from `tensorflow.python`; the names are the public ones."""
    ops = importlib.import_module("tensorflow.python.framework.ops")
    math_ops = importlib.import_module("tensorflow.python.ops.math_ops")
    assert ops.reset_default_graph is minitf.reset_default_graph
    assert math_ops.reduce_sum is minitf.reduce_sum


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("tensorflow.python.util.nest", "flatten map_structure"),
        ("tensorflow.python.ops.rnn_cell_impl", "_linear RNNCell LSTMStateTuple"),
        ("tensorflow.python.framework.tensor_util", "MakeNdarray constant_value"),
        ("tensorflow.python.framework.test_util", "CudaSupportsHalfMatMulAndConv TensorFlowTestCase"),
        ("tensorflow.python.saved_model.tag_constants", "SERVING"),
        ("tensorflow.python.pywrap_tensorflow", "NewCheckpointReader"),
        ("tensorflow.core.framework.types_pb2", "DT_FLOAT DT_INT32_REF"),
        ("tensorflow.core.framework.summary_pb2", "Summary"),
        ("tensorflow.core.protobuf.config_pb2", "ConfigProto"),
        ("tensorflow.contrib.rnn.python.ops.core_rnn_cell", "BasicLSTMCell _linear"),
        ("tensorflow.contrib.lookup", "HashTable index_table_from_file"),
        ("tensorflow.contrib.crf", "crf_log_likelihood"),
        ("tensorflow.nn.seq2seq", "rnn_decoder"),
        ("tensorflow.models.rnn.rnn_cell", "BasicLSTMCell"),
    ],
)
def test_paths_that_programs_import(tensorflow, module, names):
    """Modules of TensorFlow's own, where each name is found by attribute and by import."""
    found = importlib.import_module(module)
    assert all(getattr(found, name) is not None for name in names.split())
    for part in module.split(".")[1:]:
        tensorflow = getattr(tensorflow, part)
    assert tensorflow is found


def test_names_that_are_none(tensorflow):
    """`tf.newaxis` is None and yet there."""
    assert tensorflow.newaxis is None


def test_operations_by_their_types(tensorflow):
    """`gen_nn_ops` knows operations that have no public function."""
    gen_nn_ops = importlib.import_module("tensorflow.python.ops.gen_nn_ops")
    with minitf.Graph().as_default(), minitf.Session() as sess:
        slope = gen_nn_ops._relu_grad([1.0, 2.0], features=[-1.0, 3.0], name="slope")
        assert (slope.op.type, slope.op.name) == ("ReluGrad", "slope")
        assert sess.run(slope).tolist() == [0, 2]
        with pytest.raises(TypeError, match="missing: features"):
            gen_nn_ops.relu_grad([1.0])
    with pytest.raises(AttributeError, match="no_such"):
        gen_nn_ops.no_such


def test_from_import(tensorflow):
    """All forms of the import statement work."""
    scope = {}
    exec("from tensorflow.examples.tutorials.mnist import input_data", scope)
    exec("import tensorflow.contrib.rnn as rnn\nimport tensorflow.compat.v1 as tf1", scope)
    assert callable(scope["input_data"].read_data_sets)
    assert scope["tf1"].constant is minitf.constant


def test_missing_module_is_named(tensorflow):
    """The error of an import says which module minitf lacks."""
    with pytest.raises(ModuleNotFoundError, match=r"minitf has no tensorflow\.contrib\.nonsense"):
        importlib.import_module("tensorflow.contrib.nonsense")


def test_missing_name_is_named(tensorflow):
    """So does the error of an attribute."""
    with pytest.raises(AttributeError, match=r"minitf has no tensorflow\.nonsense"):
        _ = tensorflow.nonsense
    with pytest.raises(ImportError, match="nonsense"):
        exec("from tensorflow.python.framework.ops import nonsense", {})


def test_engine_packages_stay_hidden(tensorflow):
    """`tf.kernels` is no name of TensorFlow's, although minitf has a package of that name."""
    assert not hasattr(tensorflow, "kernels")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tensorflow.runtime")


def test_uninstall_forgets(tensorflow):
    """After the switch is off, no module of TensorFlow's name is left."""
    importlib.import_module("tensorflow.python.framework.ops")
    compat.uninstall()
    assert not [name for name in sys.modules if name.split(".")[0] == "tensorflow"]


def test_command_line_runs_a_program(tmp_path):
    """`python -m minitf run`: arguments, `__main__`, exit status, a traceback that starts in the program."""
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport tensorflow as tf\nprint 'argument', sys.argv[1], __name__\n"
        "print tf.Session().run(tf.constant(2) + 3)\nraise KeyError('end')\n"
    )
    command = [sys.executable, "-m", "minitf", "run", str(program), "one"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "argument one __main__\n5\n"
    assert done.returncode == 1
    assert "KeyError: 'end'" in done.stderr
    assert "minitf/compat" not in done.stderr
