"""Names that few programs use: searches, fake quantization, handles, runs in parts, checks of all numbers."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, judge

ROWS = np.float32([[0, 1, 1, 4, 9], [-3, -3, 2, 5, 5]])
WANTED = np.float32([[1, -1, 10, 4], [-3, 5, 0, 9]])
SOME = np.random.default_rng(0).normal(0, 2, (7, 3)).astype(np.float32)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("out_type", ["int32", "int64"])
def test_searchsorted(side, out_type):
    check(lambda tf: (tf.searchsorted(ROWS, WANTED, side, out_type), {}))
    check(lambda tf: (tf.searchsorted(ROWS[0], WANTED[0], side, out_type), {}))

    def unknown(tf):
        rows = tf.placeholder(tf.float32, [None, None])
        return tf.searchsorted(rows, tf.constant(WANTED), side), {rows: ROWS}

    check(unknown)


def test_searchsorted_refuses():
    check_error(lambda tf: (tf.searchsorted(ROWS, WANTED, "middle"), {}))
    check_error(lambda tf: (tf.searchsorted(ROWS, WANTED[:1]), {}))


@pytest.mark.parametrize("ends", [(-1.3, 2.1), (0.5, 3.0), (-3.0, -0.5), (0.0, 0.0), (-0.01, 5.0)])
@pytest.mark.parametrize("how", [{}, {"num_bits": 3, "narrow_range": True}])
def test_fake_quantization(ends, how):
    low, high = ends

    def args(tf):
        x = tf.constant(SOME)
        y = tf.fake_quant_with_min_max_args(x, min(low, 0), max(high, 0.1), **how)
        return [y, *tf.gradients(y * y, [x])], {}

    def variables(tf):
        x, a, b = tf.constant(SOME), tf.constant(low, tf.float32), tf.constant(high, tf.float32)
        y = tf.quantization.fake_quant_with_min_max_vars(x, a, b, **how)
        return [y, *tf.gradients(y * y, [x, a, b])], {}

    def channels(tf):
        x, a, b = tf.constant(SOME), tf.constant([low, -1.0, 0.0]), tf.constant([high, 1.5, 0.0])
        y = tf.fake_quant_with_min_max_vars_per_channel(x, a, b, **how)
        return [y, *tf.gradients(y * y, [x, a, b])], {}

    for program in (args, variables, channels):
        check(program, names=program is args, rtol=1e-4, atol=1e-5)


def test_fake_quantization_refuses():
    check_error(lambda tf: (tf.fake_quant_with_min_max_args(SOME, num_bits=1), {}))


def both(program):
    """What `program` returns on TensorFlow and here must be equal."""
    outcomes = []
    for tf in (judge(), minitf):
        with tf.Graph().as_default(), tf.Session() as session:
            outcomes.append(program(tf, session))
    assert outcomes[0] == outcomes[1]


def refused(tf, call):
    try:
        call()
    except tf.errors.OpError as error:
        return type(error).__name__
    return "no error"


def test_values_stay_in_a_session_under_a_handle():
    def program(tf, session):
        handle = session.run(tf.get_session_handle(tf.constant([1.0, 2.0]) * 2))
        holder, kept = tf.get_session_tensor(handle.handle, tf.float32)
        found = [(op.name, op.type) for op in session.graph.get_operations()]
        found += [handle.eval().tolist(), session.run(kept * 3, {holder: handle.handle}).tolist()]
        x = tf.placeholder(tf.float32, [2])
        found.append(session.run(x + 1, {x: handle}).tolist())
        holder_2, forget = tf.delete_session_tensor(handle.handle)
        session.run(forget, {holder_2: handle.handle})
        found.append(refused(tf, lambda: session.run(kept, {holder: handle.handle})))
        return found

    both(program)


def test_a_run_in_parts():
    def program(tf, session):
        a, b, c = (tf.placeholder(tf.float32, []) for _ in range(3))
        chance = tf.random_uniform([])
        sums, product, one, other = a + b, (a + b) * c, chance + a, chance + c
        handle = session.partial_run_setup([sums, product, one, other], [a, b, c])
        first = session.partial_run(handle, sums, {a: 1, b: 2})
        drawn = session.partial_run(handle, one) - 1
        last, again = session.partial_run(handle, [product, other], {c: first * 17})
        found = [float(first), float(last), bool(abs(again - 51 - drawn) < 1e-4)]
        setups = [([sums, product], [a, b, c]), ([sums], [a, b]), ([sums, product], [a, b])]
        parts = [(product, {a: 1, b: 2}), (product, {a: 1, b: 2}), (sums, {a: 1, c: 2})]
        for setup, part in zip(setups, parts, strict=True):
            handle = session.partial_run_setup(*setup)
            found.append(refused(tf, lambda part=part, handle=handle: session.partial_run(handle, *part)))
        found.append(refused(tf, lambda: session.partial_run("nothing", sums, {a: 1})))
        return found

    both(program)


def test_all_numbers_are_checked():
    def program(tf, session):
        x = tf.placeholder(tf.float32, [None], name="x")
        tf.sqrt(tf.log(x, name="log"), name="root")
        tf.cast(x, tf.int32)
        checks = tf.add_check_numerics_ops()
        found = [refused(tf, lambda v=v: session.run(checks, {x: v})) for v in ([2.0], [0.5], [0.0])]
        tf.cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x)
        with pytest.raises(ValueError, match="not compatible"):
            tf.add_check_numerics_ops()
        return found, [(op.name, op.type) for op in session.graph.get_operations() if "Check" in op.type]

    both(program)


def test_examples_from_json():
    text = '{"features": {"feature": {"a": {"int64List": {"value": [1, 2]}}, "b": {"bytesList": {"value": ["eA=="]}}}}}'

    def program(tf):
        made = tf.io.decode_json_example([[text], ["{}"]])
        features = {"a": tf.FixedLenFeature([2], tf.int64), "b": tf.FixedLenFeature([], tf.string)}
        return tf.parse_example(made[0], features), {}

    check(program)
    check_error(lambda tf: (tf.decode_json_example("no JSON"), {}))


def test_constants_of_saved_models():
    for space in ("constants", "tag_constants", "signature_constants"):
        theirs = {n: v for n, v in vars(getattr(judge().saved_model, space)).items() if n.isupper()}
        assert theirs == vars(getattr(minitf.saved_model, space))
        assert theirs == {n: getattr(minitf.saved_model, n) for n in theirs}


@pytest.mark.parametrize("index", [-2, -1, 0, 1, 2, 3, 4, 99])
@pytest.mark.parametrize("default", [False, True])
def test_switch_case(index, default):
    def program(tf):
        x, chosen = tf.constant(3.0), tf.placeholder(tf.int32, [])
        functions = [lambda k=k: x**k for k in range(4)]
        y = tf.switch_case(chosen, functions, (lambda: -x) if default else None)
        return [y, *tf.gradients(y, [x])], {chosen: index}

    check(program)
    check(lambda tf: (tf.switch_case(tf.constant(index), {1: lambda: 1, 0: lambda: 2, 2: lambda: 3}), {}))


def test_switch_case_refuses():
    for index, functions in (
        (1, [lambda: 1]), (minitf.constant(1.0), [lambda: 1]), (minitf.constant(0), {1: lambda: 1}),
        (minitf.constant(0), []), (minitf.constant(0), [1]), (minitf.constant(0), [(0, 1)]),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError), match="branch"):
            minitf.switch_case(index, functions)


def test_tensor_spec():
    def program(tf, session):
        spec = tf.TensorSpec([2, None], tf.int32, "x")
        same, other = tf.TensorSpec((2, None), "int32", "x"), tf.TensorSpec([2, 3], tf.int32)
        made = tf.TensorSpec.from_tensor(tf.zeros([4], name="z"))
        return (spec == same, hash(spec) == hash(same), spec == other, spec.is_compatible_with(other),
                other.is_compatible_with(made), tf.TensorSpec.from_spec(spec, "y").name, made.name, repr(spec),
                made.shape.as_list(), made.dtype.name)  # fmt: skip

    both(program)
