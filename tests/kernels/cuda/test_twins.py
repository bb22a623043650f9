"""Which ops run on a GPU: each op with a kernel for the CPU does, or is named here."""

import os

import numpy as np
import pytest

from minitf.kernels.cuda import devices
from minitf.runtime import gpu
from tests.ops.test_every_op import CLASSES, Built, assert_equal, make_values, tried_dtypes

# These stay on the CPU, and their inputs and results are copied.
ON_THE_CPU = {
    "BlockLSTM", "BlockLSTMGrad",
    "Conv3D", "Conv3DBackpropFilterV2", "Conv3DBackpropInputV2",
    "FixedUnigramCandidateSampler", "LearnedUnigramCandidateSampler", "LogUniformCandidateSampler",
    "UniformCandidateSampler",
    "LRN", "LRNGrad", "LinSpace", "InTopKV2", "CheckNumerics", "MirrorPadGrad",
    "Multinomial", "RandomGamma", "RandomPoissonV2", "RandomShuffle",
    "StatelessMultinomial", "StatelessRandomNormal", "StatelessRandomUniform", "StatelessTruncatedNormal",
    "ResizeArea", "ResizeBicubic", "ResizeBicubicGrad", "ResizeBilinear", "ResizeBilinearGrad",
    "ResizeNearestNeighbor", "ResizeNearestNeighborGrad",
    "ReverseSequence", "SparseTensorDenseMatMul",
    "SparseSegmentMeanGrad", "SparseSegmentMeanWithNumSegments", "SparseSegmentSqrtNGrad",
    "SparseSegmentSqrtNWithNumSegments", "SparseSegmentSumWithNumSegments",
}  # fmt: skip

TRIED = [
    "AddV2", "ArgMax", "AvgPool", "AvgPoolGrad", "BatchMatMulV2", "BiasAdd", "BiasAddGrad", "Cast", "Conv2D",
    "Conv2DBackpropFilter", "Conv2DBackpropInput", "Cumsum", "DepthwiseConv2dNative", "FusedBatchNormGradV3",
    "FusedBatchNormV3", "GatherV2", "MatMul", "MaxPool", "MaxPoolGrad", "Mean", "Pad", "ScatterAdd", "Select",
    "Softmax", "SoftmaxCrossEntropyWithLogits", "SparseApplyAdagrad", "Split", "StridedSlice", "Sum", "Tile",
    "Transpose", "UnsortedSegmentSum",
]  # fmt: skip
ALL = bool(os.environ.get("TF_CUDA_TEST_ALL"))  # `make gpu` tries every op
WITH_KERNELS = [c for c in CLASSES if c.cpu is not None and (ALL or c.type in TRIED)]
CASES = [pytest.param(c, i, id=f"{c.type}-{i}") for c in WITH_KERNELS for i in range(len(c.examples) if ALL else 1)]


def run(definition, example):
    dtype = tried_dtypes(definition, example)[0]
    built = Built(definition, example, make_values(example, dtype))
    outputs, variables = built.run()
    return built, variables if definition.reference else outputs if built.op.outputs else []


def test_every_op_with_a_kernel_runs_on_the_device_or_is_named(monkeypatch):
    idle = devices.Pretended(lambda *launch: None, "a device that does nothing")
    placed, stayed = set(), set()

    def noted(placer, op, *specs):
        found = bind(placer, op, *specs)
        (placed if found is not None else stayed).add(op.type)
        return found

    bind = gpu.Placer._bind
    monkeypatch.setattr(gpu.Placer, "_bind", noted)
    monkeypatch.setattr("minitf.runtime.session.gpu_of", lambda config: idle)
    for definition in CLASSES:
        if definition.cpu is not None:
            for example in definition.examples:
                run(definition, example)
    assert stayed - placed == ON_THE_CPU, "give its launch function a twin in kernels/cuda/twins.py, or name it here"
    assert len(placed) > 200


@pytest.mark.parametrize(("definition", "index"), CASES)
def test_the_device_computes_what_numpy_does(definition, index, monkeypatch):
    pytest.importorskip("numba_cuda")
    if not os.environ.get("TF_CUDA_TEST_GPU"):
        monkeypatch.setenv("TF_CUDA", "lowered")
    example = definition.examples[index]
    with np.errstate(all="ignore"):
        built, found = run(definition, example)
        expected = built.twin()
    dtypes = [v.dtype for v in found]
    expected = [np.asarray(v, d) for v, d in zip(expected, dtypes, strict=True)] if definition.reference else expected
    assert_equal(found, expected, f"{definition.type} on the device")


