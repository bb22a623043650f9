"""`tf.test`: write tests for graphs, check gradients."""

import os
import unittest
from unittest import mock as mock

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
    """Whether minitf was built for NVIDIA's GPUs: nothing is built, kernels are compiled when needed."""
    return False


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """Whether operations can be placed on a GPU."""
    del cuda_only, min_cuda_compute_capability
    return bool(gpu_device_name())


def gpu_device_name():
    """The name of the first GPU, or an empty string."""
    return ""


def test_src_dir_path(relative_path):
    """A path below minitf's own source folder."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), relative_path)


test_src_dir_path.__test__ = False  # it looks like a test, but is not one
