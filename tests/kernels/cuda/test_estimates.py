"""Occupancy and roofline on paper, beside values that NVIDIA's calculator gives."""

import pytest

from minitf.kernels.cuda.estimates import GPUS, occupancy, roofline

A100, H100 = GPUS["sm_80"], GPUS["sm_90a"]


@pytest.mark.parametrize(
    "threads, registers, shared, blocks, share, limit",
    [
        (256, 32, 0, 8, 1.0, "warps"),
        (256, 33, 0, 6, 0.75, "registers"),  # 40 registers are handed out
        (256, 96, 8192, 2, 0.25, "registers"),
        (256, 255, 0, 1, 0.125, "registers"),
        (32, 16, 0, 32, 0.5, "blocks"),
        (128, 32, 48 * 1024, 3, 0.1875, "shared memory"),
        (1024, 65, 0, 0, 0.0, "registers"),
    ],
)
def test_occupancy_of_an_a100(threads, registers, shared, blocks, share, limit):
    found = occupancy(A100, threads, registers, shared)
    assert (found.blocks, found.share, found.limit) == (blocks, share, limit)


def test_an_h100_has_more_shared_memory():
    assert occupancy(H100, 128, 32, 48 * 1024).blocks == 4


def test_the_roof_has_a_ridge():
    ridge = A100.flops / A100.bandwidth
    assert roofline(A100, ridge / 2) == (A100.flops / 2, "memory")
    assert roofline(A100, ridge * 2) == (A100.flops, "arithmetic")
