"""Philox's published numbers, and distributions whose moments are known."""

import numpy as np
import pytest

from minitf.kernels import random as kernels
from minitf.kernels import rejection
from minitf.kernels.machine import Launch, Stretch
from minitf.kernels.philox import RESERVED, philox_state


def draw(kernel, out, *before, seed=7):
    state = philox_state(seed, 0)
    divided = kernel.range and kernels.launches(kernel, state, *before, out)
    Stretch(divided or [Launch(kernel, state, *before, out)]).run()
    return out, state


def test_published_numbers():
    """Random123's known answers for Philox-4x32-10: counter 0 and key 0, all ones, digits of pi."""
    cases = [
        ((0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**64 - 1,) * 3, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x299F31D0A4093822, 0x85A308D3243F6A88, 0x0370734413198A2E),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ]
    for numbers, expected in cases:
        state = np.array(numbers, np.uint64)
        out = np.empty(4, np.int32)
        Stretch(kernels.launches(kernels.full_int, state, out)).run()
        assert tuple(out.view(np.uint32)) == expected


def test_the_state_moves_by_the_count_of_numbers():
    for kernel in (kernels.uniform, kernels.standard_normal, kernels.truncated_normal):
        _, state = draw(kernel, np.empty(37, np.float32))
        assert state.tolist() == [7, 37 * RESERVED, 0]


def test_the_counter_carries():
    state = np.array([1, 2**64 - 1, 5], np.uint64)
    Stretch(kernels.launches(kernels.uniform, state, np.empty(1, np.float32))).run()
    assert state.tolist() == [1, RESERVED - 1, 6]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_moments(dtype):
    uniform, _ = draw(kernels.uniform, np.empty(200_000, dtype))
    assert uniform.min() >= 0 and uniform.max() < 1
    np.testing.assert_allclose([uniform.mean(), uniform.var()], [1 / 2, 1 / 12], atol=3e-3)
    normal, _ = draw(kernels.standard_normal, np.empty(200_000, dtype))
    np.testing.assert_allclose([normal.mean(), normal.var(), (normal**4).mean()], [0, 1, 3], atol=5e-2)
    truncated, _ = draw(kernels.truncated_normal, np.empty(200_000, dtype))
    assert np.abs(truncated).max() < 2
    np.testing.assert_allclose([truncated.mean(), truncated.std()], [0, 0.8796], atol=5e-3)


def test_a_permutation_holds_every_number_once():
    order, _ = draw(kernels.permutation, np.empty(1000, np.int64))
    assert sorted(order) == list(range(1000))


def test_classes_come_with_their_probabilities():
    probabilities = np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        logits = np.log(probabilities)
    out, _ = draw(kernels.multinomial, np.empty((2, 100_000), np.int64), logits, np.empty(3))
    shares = [np.bincount(row, minlength=3) / row.size for row in out]
    np.testing.assert_allclose(shares, probabilities, atol=1e-2)
    assert shares[1][2] == 0


@pytest.mark.parametrize("shape", [0.3, 1.0, 4.0])
def test_gamma_moments(shape):
    out, _ = draw(rejection.gamma, np.empty((100_000, 1)), np.array([shape]))
    np.testing.assert_allclose([out.mean(), out.var()], [shape, shape], rtol=3e-2)


@pytest.mark.parametrize("rate", [0.5, 9.0, 40.0])
def test_poisson_moments(rate):
    out, _ = draw(rejection.poisson, np.empty((100_000, 1)), np.array([rate]), 1e300)
    np.testing.assert_allclose([out.mean(), out.var()], [rate, rate], rtol=3e-2)


def test_an_empty_range_gives_up():
    state, low = philox_state(1, 2), np.array([5], np.int32)
    assert Stretch(kernels.launches(kernels.uniform_int, state, low, low, np.empty(3, np.int32))).run() == 0
