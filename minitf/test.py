"""`tf.test`: write tests for graphs, check gradients."""

import importlib.util
import os
import unittest
from unittest import mock as mock

from minitf.runtime.devices import gpu_device_name as gpu_device_name
from minitf.runtime.devices import is_gpu_available as is_gpu_available
from minitf.testing.benchmark import Benchmark as Benchmark
from minitf.testing.case import TestCase as TensorFlowTestCase
from minitf.testing.case import TestCase as TestCase
from minitf.testing.case import get_temp_dir as get_temp_dir
from minitf.testing.gradient_checker import compute_gradient as compute_gradient
from minitf.testing.gradient_checker import compute_gradient_error as compute_gradient_error


def main(argv=None):
    """Run the tests of the program."""
    unittest.main(argv=argv)


def is_built_with_cuda():
    """Whether kernels for NVIDIA's GPUs can be compiled here: nothing is built, they are compiled when needed."""
    return importlib.util.find_spec("numba_cuda") is not None


def test_src_dir_path(relative_path):
    """A path below minitf's own source folder."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), relative_path)


test_src_dir_path.__test__ = False  # it looks like a test, but is not one
