"""The loops of one number: float32 polynomials against float64, division, sums, broadcasting."""

import math

import numpy as np
import pytest

from minitf.kernels import elementwise
from minitf.kernels.machine import Stretch
from minitf.ops.activations import Sigmoid, Softplus, Tanh
from minitf.ops.division import FloorDiv, FloorMod, TruncateDiv, TruncateMod
from minitf.ops.exponentials import Exp, Expm1, Log, Log1p
from minitf.ops.special_functions import Erf
from minitf.ops.trigonometry import Cos, Sin

# The ops' own scalar functions: their kernels are compiled once for all tests, and kept on disk.
exp, expm1, log, log1p = (c.scalar for c in (Exp, Expm1, Log, Log1p))
tanh, sigmoid, softplus = (c.scalar for c in (Tanh, Sigmoid, Softplus))
floor_divide, floor_remainder = FloorDiv.scalar, FloorMod.scalar
truncated_divide, truncated_remainder = TruncateDiv.scalar, TruncateMod.scalar


def computed(scalar, *inputs):
    out = np.empty(np.broadcast_shapes(*(x.shape for x in inputs)), inputs[0].dtype)
    assert Stretch([elementwise.launch(scalar, inputs, out)]).run() == -1
    return out


WIDE = np.linspace(-87, 88, 20001)
SMALL = np.concatenate([np.logspace(-30, -0.01, 5000), -np.logspace(-30, -0.01, 5000)])
FLOATS = [
    (exp, np.exp, WIDE),
    (expm1, np.expm1, np.concatenate([WIDE, SMALL])),
    (log, np.log, np.exp(WIDE)),
    (log1p, np.log1p, np.concatenate([np.exp(WIDE), SMALL])),
    (tanh, np.tanh, np.concatenate([WIDE / 5, SMALL])),
    (sigmoid, lambda x: 1 / (1 + np.exp(-x)), WIDE),
    (softplus, lambda x: np.log1p(np.exp(x)), WIDE),
    (Erf.scalar, np.vectorize(math.erf), np.concatenate([WIDE / 20, SMALL])),
]
NAMES = [scalar.__qualname__.split(".")[0] for scalar, *_ in FLOATS]


@pytest.mark.parametrize(("scalar", "exact", "x"), FLOATS, ids=NAMES)
def test_float32_is_within_4e_7(scalar, exact, x):
    x = x.astype(np.float32)
    expected = exact(x.astype(np.float64))
    np.testing.assert_allclose(computed(scalar, x), expected, 4e-7, 2e-45)


@pytest.mark.parametrize(("scalar", "exact", "x"), FLOATS, ids=NAMES)
def test_float64_is_exact_to_rounding(scalar, exact, x):
    np.testing.assert_allclose(computed(scalar, x), exact(x), 1e-14)


@pytest.mark.parametrize(("scalar", "exact", "x"), FLOATS, ids=NAMES)
def test_special_values(scalar, exact, x):
    special = np.array(
        [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40, 1.0, -1.0, 80.0, -80.0], np.float32
    )
    with np.errstate(all="ignore"):
        expected = exact(special.astype(np.float64))
        if scalar is softplus:
            expected[1] = np.inf
    np.testing.assert_allclose(computed(scalar, special), expected, 4e-7, 2e-45)


@pytest.mark.parametrize(("scalar", "exact"), [(Sin.scalar, np.sin), (Cos.scalar, np.cos)])
def test_sine_and_cosine_of_any_float32(scalar, exact):
    generator = np.random.default_rng(0)
    sizes = 10.0 ** generator.uniform(-40, 38.5, 20000) * generator.choice([-1, 1], 20000)
    x = np.concatenate([WIDE, sizes, [0, -0.0, np.pi, 3.4e38, 2.0**24, 2.0**25 + 4]]).astype(np.float32)
    np.testing.assert_allclose(computed(scalar, x), exact(x.astype(np.float64)), 4e-7, 1e-7)
    assert np.isnan(computed(scalar, np.array([np.inf, -np.inf, np.nan], np.float32))).all()


def test_exp_at_the_ends_of_the_range():
    x = np.array([88.72283, 88.72284, 89.0, -87.3, -90.0, -103.0, -103.9, -104.0], np.float32)
    with np.errstate(over="ignore"):
        expected = np.exp(x.astype(np.float64)).astype(np.float32)
    found = computed(exp, x)
    np.testing.assert_allclose(found, expected, 1e-5, 1.5e-45)
    assert found[2] == np.inf and found[-1] == 0


INTEGERS = ("int8", "int32", "int64", "uint8", "uint64")


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_division(dtype):
    low = 0 if dtype.startswith("u") else -7
    x = np.arange(low, 8, dtype=dtype)[:, None]
    y = np.array([v for v in range(low // 2, 4) if v], dtype)
    as_int = [[(int(a), int(b)) for b in y] for a in x[:, 0]]
    expected = {
        floor_divide: [[a // b for a, b in row] for row in as_int],
        floor_remainder: [[a % b for a, b in row] for row in as_int],
        truncated_divide: [[int(a / b) for a, b in row] for row in as_int],
        truncated_remainder: [[a - int(a / b) * b for a, b in row] for row in as_int],
    }
    for scalar, wanted in expected.items():
        assert computed(scalar, x, y).tolist() == wanted


def test_truncated_division_of_large_integers_is_exact():
    x = np.array([-(2**62) - 1, 2**62 + 1], np.int64)
    y = np.array([2, -2], np.int64)
    assert computed(truncated_divide, x, y).tolist() == [-(2**61), -(2**61)]


@pytest.mark.parametrize("count", [1, 2, 4, 5, 8, 9])
def test_sums(count):
    inputs = [np.random.default_rng(i).standard_normal((3, 5)).astype(np.float32) for i in range(count)]
    out = np.empty((3, 5), np.float32)
    launches = elementwise.sum_launches(inputs, out)
    assert Stretch(launches).run() == -1
    np.testing.assert_allclose(out, np.sum(inputs, 0), 1e-5, 1e-6)


def test_guards_give_up_only_on_bad_data():
    for guard, bad in ((elementwise.holds_zero, 0), (elementwise.holds_negative, -1)):
        x = np.array([3, 1, 2], np.int32)
        assert Stretch([elementwise.whole(guard, x)]).run() == -1
        x[1] = bad
        assert Stretch([elementwise.whole(guard, x)]).run() == 0
