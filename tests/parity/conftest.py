"""The judge and the judged, each with a fresh default graph."""

import pytest


@pytest.fixture
def tf1():
    """TensorFlow as `tf.compat.v1`, in graph mode."""
    tensorflow = pytest.importorskip("tensorflow")
    v1 = tensorflow.compat.v1
    v1.disable_v2_behavior()
    v1.reset_default_graph()
    return v1


@pytest.fixture
def mtf():
    """minitf with an empty default graph."""
    import minitf

    minitf.reset_default_graph()
    return minitf
