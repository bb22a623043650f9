"""Every op class, tried on its examples.

* the shape rule names the shape and dtype that come out, from known and from unknown input shapes;
* the kernel equals the NumPy twin, for several dtypes, non-contiguous, empty and NaN inputs;
* the stepped run equals the grouped run bit for bit;
* the gradient equals finite differences in float64;
* the class says what it does.
"""

import importlib
import pkgutil

import numpy as np
import pytest

import minitf as tf
import minitf.ops
from minitf.graph import dtypes
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import Argument
from minitf.ops.op import Op, registry

for _module in pkgutil.iter_modules(minitf.ops.__path__):
    importlib.import_module(f"minitf.ops.{_module.name}")

CLASSES = [c for c in registry.values() if c.__module__.startswith("minitf.")]
CASES = [pytest.param(c, i, id=f"{c.type}-{i}") for c in CLASSES for i in range(len(c.examples))]
TRIED = ("float32", "float64", "int32")
TOLERANCE = {"float32": (2e-5, 2e-6), "float64": (1e-10, 1e-12)}


def tried_dtypes(definition, example):
    """The dtypes under test; one None where no argument follows the dtype."""
    if not any(a.typed for a in flat(example.arguments)):
        return [None]
    wanted = example.dtypes or TRIED
    kinds = [kind for kind, a in zip(definition.inputs.values(), example.arguments) if any(x.typed for x in flat([a]))]
    letter = next((kind for kind in kinds if kind in definition.types), None)
    allowed = definition.types.get(letter) or TRIED
    return [d for d in wanted if d in allowed] or list(allowed[:1])


def flat(arguments):
    for a in arguments:
        yield from a if isinstance(a, list) else [a]


def make_values(example, dtype, seed=0):
    generator = np.random.default_rng(seed)

    def make(a):
        return a.make(np.dtype(dtypes.as_dtype(dtype or "float32").as_numpy_dtype), generator)

    return [[make(x) for x in a] if isinstance(a, list) else make(a) for a in example.arguments]


class Built:
    """One use of an op on fed placeholders; static inputs are constants, references are variables."""

    def __init__(self, definition, example, values, known_shapes=True):
        tf.reset_default_graph()
        self.definition, self.feeds, self.variables = definition, {}, []
        inputs = []
        for position, value in enumerate(values):
            if isinstance(value, list):
                inputs.append([self._input(definition, position, v, known_shapes) for v in value])
            else:
                inputs.append(self._input(definition, position, value, known_shapes))
        self.inputs = inputs
        self.op = definition.make(*inputs, **example.attrs)
        self.arrays = [v for value in values for v in (value if isinstance(value, list) else [value])]

    def _input(self, definition, position, value, known_shapes):
        if position in definition.reference:
            self.variables.append(tf.Variable(value))
            return self.variables[-1]
        if position in definition.static or value.dtype == object:
            return tf.constant(value)
        shape = value.shape if known_shapes else [None] * value.ndim
        placeholder = tf.placeholder(dtypes.as_dtype(value.dtype), shape)
        self.feeds[placeholder] = value
        return placeholder

    def session(self):
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        return session

    def fetches(self):
        return list(self.op.outputs) or [self.op]

    def run(self):
        session = self.session()
        return session.run(self.fetches(), self.feeds), [session.run(v) for v in self.variables]

    def twin(self):
        arrays = [np.array(a) for a in self.arrays]
        if self.definition.state is not None:
            arrays.insert(0, self.definition.state(self.op))
        if self.definition.reference:
            found = self.definition.numpy(self.op, *arrays)
            return found if isinstance(found, (list, tuple)) else [found]
        return self.definition.evaluate(self.op, arrays)


def has_twin(definition):
    return definition.run is None and definition.enter is None and definition.numpy is not Op.numpy


def assert_equal(found, expected, what, exact=False):
    for i, (f, e) in enumerate(zip(found, expected, strict=True)):
        e = np.asarray(e)
        f = np.asarray(f, object if e.dtype == object else None)
        assert f.dtype == e.dtype, f"{what}: output {i} has dtype {f.dtype}, not {e.dtype}"
        assert f.shape == e.shape, f"{what}: output {i} has shape {f.shape}, not {e.shape}"
        if exact or f.dtype.kind not in "fc":
            assert f.dtype == object or np.array_equal(f, e, equal_nan=f.dtype.kind in "fc"), f"{what}: {f} != {e}"
            assert f.dtype != object or f.tolist() == e.tolist()
        else:
            relative, absolute = TOLERANCE.get(f.real.dtype.name, (1e-2, 1e-3))
            np.testing.assert_allclose(f, e, relative, absolute * max(1, np.abs(e[np.isfinite(e)]).max(initial=0)),
                                       err_msg=f"{what}, output {i}")  # fmt: skip


@pytest.mark.parametrize("definition", CLASSES, ids=lambda c: c.type)
def test_says_what_it_does(definition):
    assert definition.__doc__ and definition.__doc__ is not Op.__doc__


@pytest.mark.parametrize(("definition", "index"), CASES)
def test_kernel_equals_numpy(definition, index):
    example = definition.examples[index]
    if not has_twin(definition):
        pytest.skip("no NumPy twin: an effect in Python")
    for dtype in tried_dtypes(definition, example):
        built = Built(definition, example, make_values(example, dtype))
        outputs, variables = built.run()
        assert_equal(variables if definition.reference else outputs if built.op.outputs else [],
                     [np.asarray(v, a.dtype) for v, a in zip(built.twin(), variables, strict=True)]
                     if definition.reference else built.twin(), f"{definition.type} on {dtype}")  # fmt: skip


@pytest.mark.parametrize(("definition", "index"), CASES)
def test_shape_rule(definition, index):
    example = definition.examples[index]
    dtype = tried_dtypes(definition, example)[0]
    for known in (True, False):
        built = Built(definition, example, make_values(example, dtype), known)
        outputs, _ = built.run()
        for tensor, value in zip(built.op.outputs, outputs, strict=bool(built.op.outputs)):
            if tensor.dtype.is_numpy_compatible:
                assert tensor.shape.is_compatible_with(np.shape(value)), f"{tensor} gave {np.shape(value)}"
                assert np.asarray(value).dtype == tensor.dtype.as_numpy_dtype or tensor.dtype.name == "string"


@pytest.mark.parametrize(("definition", "index"), CASES)
def test_stepped_equals_grouped(definition, index):
    example = definition.examples[index]
    dtype = tried_dtypes(definition, example)[0]
    built = Built(definition, example, make_values(example, dtype))
    outputs, variables = built.run()
    session = built.session()
    stepped = session.start(built.fetches(), built.feeds).result()
    if built.op.outputs:
        assert_equal(stepped, outputs, definition.type, exact=True)
    assert_equal([session.run(v) for v in built.variables], variables, definition.type, exact=True)


@pytest.mark.parametrize(("definition", "index"), CASES)
def test_non_contiguous_input(definition, index):
    example = definition.examples[index]
    dtype = tried_dtypes(definition, example)[0]
    built = Built(definition, example, make_values(example, dtype))
    expected, _ = built.run()
    built.feeds = {t: np.asfortranarray(np.stack([v, v], -1))[..., 0] for t, v in built.feeds.items()}
    if built.op.outputs:
        assert_equal(built.run()[0], expected, definition.type, exact=True)


ELEMENTWISE = [p for p in CASES if issubclass(p.values[0], Elementwise)]


@pytest.mark.parametrize(("definition", "index"), ELEMENTWISE)
def test_nan_and_infinity_travel(definition, index):
    example = definition.examples[index]
    for dtype in tried_dtypes(definition, example):
        if dtype not in ("float32", "float64"):
            continue
        values = make_values(example, dtype)
        for special in (np.nan, np.inf, -np.inf):
            changed = [v.copy() for v in values]
            for v in changed:
                if v.dtype.kind == "f" and v.size:
                    v.reshape(-1)[0] = special
            built = Built(definition, example, changed)
            with np.errstate(all="ignore"):
                assert_equal(built.run()[0], built.twin(), f"{definition.type} with {special}")


@pytest.mark.parametrize(("definition", "index"), ELEMENTWISE)
def test_empty_input(definition, index):
    example = definition.examples[index]
    dtype = tried_dtypes(definition, example)[0]
    values = [np.zeros((0, 2), v.dtype) for v in make_values(example, dtype)]
    built = Built(definition, example, values)
    assert built.run()[0][0].shape == (0, 2)


def has_gradient(definition, example):
    return (
        example.gradient
        and definition.gradient is not None
        and definition.gradient is not Op.gradient
        and not definition.reference
        and "float64" in tried_dtypes(definition, example)
    )


@pytest.mark.parametrize(
    ("definition", "index"), [p for p in CASES if has_gradient(p.values[0], p.values[0].examples[p.values[1]])]
)
def test_gradient_equals_finite_differences(definition, index):
    example = definition.examples[index]
    built = Built(definition, example, make_values(example, "float64", seed=1))
    outputs = [t for t in built.op.outputs if t.dtype.is_floating]
    typed = [isinstance(a, Argument) and a.typed for a in flat(example.arguments)]
    tensors = [t for t in built.op.inputs if t.dtype.is_floating]
    tensors = [t for t, ok in zip(built.op.inputs, typed, strict=True) if ok and t in tensors]
    generator = np.random.default_rng(2)
    values, _ = built.run()
    weights = [np.asarray(generator.standard_normal(np.shape(v))) for t, v in zip(built.op.outputs, values, strict=True)
               if t in outputs]  # fmt: skip
    gradients = tf.gradients(outputs, tensors, [tf.constant(w) for w in weights])
    session = built.session()

    def loss(feeds):
        found = session.run(outputs, feeds)
        return sum(float((w * v).sum()) for w, v in zip(weights, found, strict=True))

    for tensor, gradient in zip(tensors, gradients, strict=True):
        if gradient is None:
            continue
        found = np.asarray(session.run(tf.convert_to_tensor(gradient), built.feeds))
        numeric = numeric_gradient(loss, built.feeds, tensor)
        np.testing.assert_allclose(found, numeric, 1e-4, 1e-5, err_msg=f"{definition.type} wrt {tensor.name}")


def numeric_gradient(loss, feeds, tensor, step=1e-5):
    value = feeds[tensor]
    out = np.zeros(value.shape)
    for i in np.ndindex(*value.shape):
        ends = []
        for sign in (1, -1):
            moved = value.copy()
            moved[i] += sign * step
            ends.append(loss({**feeds, tensor: moved}))
        out[i] = (ends[0] - ends[1]) / (2 * step)
    return out
