"""Run one small program on minitf and on TensorFlow, and hold the two against each other.

    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        return tf.reduce_sum(x, axis=1), {x: array}

    check(program)

A program takes the module and returns its fetches and its feeds.  TensorFlow's session API of version 1
is the judge: values to rounding, dtypes, shapes, and (with `names=True`) the name and type of every
operation in the order of making.
"""

import numpy as np

import minitf

TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5, "float64": 1e-10, "complex64": 1e-5,
             "complex128": 1e-10}  # fmt: skip


def judge():
    """TensorFlow's version 1 API; the tests that ask for it are skipped where it is not installed."""
    import pytest

    v1 = pytest.importorskip("tensorflow").compat.v1
    v1.disable_v2_behavior()
    return v1


def execute(tf, program, steps=1, graph_seed=None):
    """Build and run `program` on `tf`: (values of the last of `steps` runs, [(op name, op type)])."""
    graph = tf.Graph()
    with graph.as_default():
        if graph_seed is not None:
            tf.set_random_seed(graph_seed)
        fetches, feeds = program(tf)
        initializers = [tf.global_variables_initializer()] if tf.global_variables() else []
        initializers += [tf.local_variables_initializer()] if tf.local_variables() else []
        made = [(op.name, op.type) for op in graph.get_operations()]
        with tf.Session(graph=graph) as session:
            session.run(initializers)
            for _ in range(steps):
                values = session.run(fetches, feeds)
    return values, made


def check(program, names=False, steps=1, rtol=None, atol=None, exact=False, graph_seed=None):
    """Raise AssertionError where minitf and TensorFlow differ on `program`."""
    expected, expected_names = execute(judge(), program, steps, graph_seed)
    found, found_names = execute(minitf, program, steps, graph_seed)
    compare_values(found, expected, rtol, atol, exact)
    if names:
        assert found_names == expected_names, differences(found_names, expected_names)


def differences(found, expected):
    """The two lists side by side from the first place where they differ."""
    first = next((i for i, (f, e) in enumerate(zip(found, expected)) if f != e), min(len(found), len(expected)))
    return f"from operation {first} on, minitf: {found[first:][:6]}, TensorFlow: {expected[first:][:6]}"


def check_error(program):
    """Both must refuse the program with an exception class of the same name."""
    tf, kinds = judge(), []
    for module in (tf, minitf):
        try:
            execute(module, program)
        except Exception as error:
            kinds.append(next(c.__name__ for c in type(error).__mro__ if not c.__name__.startswith("_")))
        else:
            kinds.append("no error")
    assert kinds[0] == kinds[1] != "no error", f"TensorFlow: {kinds[0]}, minitf: {kinds[1]}"


def compare_values(found, expected, rtol=None, atol=None, exact=False, where="value"):
    """Compare nested results: dtype, shape and numbers."""
    if isinstance(expected, dict):
        assert set(found) == set(expected), where
        for key in expected:
            compare_values(found[key], expected[key], rtol, atol, exact, f"{where}[{key!r}]")
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), where
        for i, (f, e) in enumerate(zip(found, expected, strict=True)):
            compare_values(f, e, rtol, atol, exact, f"{where}[{i}]")
    elif expected is None:
        assert found is None, where
    else:
        compare_arrays(np.asarray(found), np.asarray(expected), rtol, atol, exact, where)


def compare_arrays(found, expected, rtol, atol, exact, where):
    assert found.dtype.name == expected.dtype.name, f"{where}: dtype {found.dtype}, not {expected.dtype}"
    assert found.shape == expected.shape, f"{where}: shape {found.shape}, not {expected.shape}"
    if expected.dtype.name not in TOLERANCE or exact:
        equal = np.array_equal(found, expected, equal_nan=expected.dtype.name in TOLERANCE)
        assert equal, f"{where}: {found} != {expected}"
        return
    tolerance = TOLERANCE[expected.dtype.name] if rtol is None else rtol
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    expected, found = expected.astype(wide), found.astype(wide)
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    np.testing.assert_allclose(found, expected, tolerance, tolerance * scale if atol is None else atol, err_msg=where)
