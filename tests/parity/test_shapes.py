"""Slices, gathers, scatters, joins, pads and their kin, against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error

A = np.arange(60, dtype=np.float32).reshape(3, 4, 5) / 7 - 3
B = np.arange(20, dtype=np.float32).reshape(4, 5)
I2 = np.array([2, 0], np.int32)


def placeholders(tf, *arrays, known=True):
    made = [tf.placeholder(tf.as_dtype(a.dtype), a.shape if known else None, name="x") for a in arrays]
    return made, dict(zip(made, arrays, strict=True))


def run(expression, *arrays, names=True, known=True, **options):
    def program(tf):
        made, feeds = placeholders(tf, *arrays, known=known)
        return expression(tf, *made), feeds

    check(program, names=names, **options)


def gradient(expression, *arrays, names=True, known=True, **options):
    """The gradient of the first array, weighted so that no element has the same."""

    def program(tf):
        made, feeds = placeholders(tf, *arrays, known=known)
        y = expression(tf, *made)
        found = tf.gradients(y * y if y.dtype.is_floating else y, made[0])
        return [tf.convert_to_tensor(g) for g in found], feeds

    check(program, names=names, **options)


SLICES = [
    lambda tf, x, i: x[1],
    lambda tf, x, i: x[-1, 2:],
    lambda tf, x, i: x[..., 1],
    lambda tf, x, i: x[:, tf.newaxis, 1:3],
    lambda tf, x, i: x[1:, ::-1, ::2],
    lambda tf, x, i: x[..., tf.newaxis],
    lambda tf, x, i: x[2:0:-1, ..., -2:],
    lambda tf, x, i: x[i[0]],
    lambda tf, x, i: x[i[1] : i[0], i[0]],
    lambda tf, x, i: x[: i[0], 1:, :: i[0]],
    lambda tf, x, i: x[i[0] :, tf.newaxis, ..., i[1]],
    lambda tf, x, i: x[np.int64(1), 5:1],
    lambda tf, x, i: x[[1, 2]],
    lambda tf, x, i: tf.slice(x, [1, 0, 2], [2, -1, 1]),
    lambda tf, x, i: tf.slice(x, [0, 1, 1], tf.shape(x) - 1),
    lambda tf, x, i: tf.strided_slice(x, [0, 1, 4], [3, 3, 0], [1, 1, -2]),
    lambda tf, x, i: tf.strided_slice(x, [1], [2], shrink_axis_mask=1),
    lambda tf, x, i: x[tf.cast(i[1], tf.int64) :],
]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("index", range(len(SLICES)))
def test_slices(index, known):
    run(SLICES[index], A, I2, known=known)


@pytest.mark.parametrize("index", range(len(SLICES)))
def test_gradients_of_slices(index):
    gradient(SLICES[index], A, I2)


@pytest.mark.parametrize(
    "key", [(5,), (1, 2, 3, 4), "a", 1.5, slice(None, None, 0), (Ellipsis, Ellipsis), np.array([1, 2]), -4]
)
def test_refused_indices(key):
    check_error(lambda tf: (tf.zeros([3, 4, 5])[key], {}))


def test_boolean_index():
    run(lambda tf, x: x[x > 0], A, names=False)


@pytest.mark.parametrize(
    ("part", "value"), [(slice(1, 3), 7.0), ((0, slice(None, None, -2)), [1.0, 2.0, 3.0]), (2, 5.0), (Ellipsis, 0.5)]
)
def test_assignment_to_a_part_of_a_variable(part, value):
    def program(tf):
        v = tf.Variable(B, name="v")
        changed = v[part].assign(value)
        with tf.control_dependencies([changed]):
            return [changed, v.read_value()], {}

    check(program)


EXPRESSIONS = {
    "gather": lambda tf, x: tf.gather(x, [2, 0, 2]),
    "gather_matrix": lambda tf, x: tf.gather(x, [[2, 0], [1, 1]]),
    "gather_axis": lambda tf, x: tf.gather(x, [3, 0, 0], axis=1),
    "gather_last_axis": lambda tf, x: tf.gather(x, [[3, 0], [4, 1]], axis=-1),
    "gather_scalar": lambda tf, x: tf.gather(x, 1, axis=1),
    "gather_nd": lambda tf, x: tf.gather_nd(x, [[0, 1], [2, 3]]),
    "gather_nd_full": lambda tf, x: tf.gather_nd(x, [[[0, 1, 2]], [[2, 3, 4]]]),
    "gather_nd_rows": lambda tf, x: tf.gather_nd(x, [[1], [1]]),
    "tile": lambda tf, x: tf.tile(x, [1, 2, 3]),
    "broadcast_to": lambda tf, x: tf.broadcast_to(x[:, :1], [2, 3, 4, 5]),
    "pad": lambda tf, x: tf.pad(x, [[1, 0], [0, 2], [1, 1]]),
    "pad_constant": lambda tf, x: tf.pad(x, [[1, 0], [0, 2], [1, 1]], constant_values=2.5),
    "pad_reflect": lambda tf, x: tf.pad(x, [[1, 2], [0, 2], [1, 1]], "REFLECT"),
    "pad_symmetric": lambda tf, x: tf.pad(x, [[1, 3], [4, 2], [1, 1]], "SYMMETRIC"),
    "concat": lambda tf, x: tf.concat([x, x * 2, x[:1]], 0),
    "concat_last": lambda tf, x: tf.concat([x, x], -1),
    "concat_one": lambda tf, x: tf.concat([x], 1),
    "stack": lambda tf, x: tf.stack([x, x + 1], axis=2),
    "stack_negative": lambda tf, x: tf.stack([x, x + 1], axis=-1),
    "unstack": lambda tf, x: tf.add_n(tf.unstack(x, axis=1)),
    "split": lambda tf, x: tf.split(x, 2, axis=1)[1],
    "split_sizes": lambda tf, x: tf.split(x, [1, 3, 1], axis=-1)[1],
    "split_rest": lambda tf, x: tf.split(x, [1, -1, 1], axis=2)[1],
    "transpose": lambda tf, x: tf.transpose(x),
    "transpose_order": lambda tf, x: tf.transpose(x, [1, 2, 0]),
    "matrix_transpose": lambda tf, x: tf.matrix_transpose(x),
    "reverse": lambda tf, x: tf.reverse(x, [0, -1]),
    "reverse_sequence": lambda tf, x: tf.reverse_sequence(x, [2, 0, 4], seq_axis=1, batch_axis=0),
    "roll": lambda tf, x: tf.roll(x, shift=[1, -2], axis=[0, 2]),
    "expand_dims": lambda tf, x: tf.expand_dims(x, -2),
    "squeeze": lambda tf, x: tf.squeeze(x[:1]),
    "squeeze_axis": lambda tf, x: tf.squeeze(x[:, :1], [1]),
    "reshape": lambda tf, x: tf.reshape(x, [4, -1]),
    "reshape_shape": lambda tf, x: tf.reshape(x, tf.reverse(tf.shape(x), [0])),
    "matrix_band_part": lambda tf, x: tf.matrix_band_part(x, 1, 2),
    "matrix_diag": lambda tf, x: tf.matrix_diag(x),
    "matrix_diag_part": lambda tf, x: tf.matrix_diag_part(x),
    "matrix_set_diag": lambda tf, x: tf.matrix_set_diag(x, tf.ones([3, 4])),
    "diag": lambda tf, x: tf.diag(x[0, 0]),
    "diag_part": lambda tf, x: tf.diag_part(x[0, :, :4]),
    "trace": lambda tf, x: tf.trace(x),
    "scatter_nd": lambda tf, x: tf.scatter_nd([[4], [1], [4]], x, [6, 4, 5]),
    "tensor_scatter_update": lambda tf, x: tf.tensor_scatter_update(x, [[0, 1], [2, 3]], tf.ones([2, 5])),
    "tensor_scatter_add": lambda tf, x: tf.tensor_scatter_add(x, [[0], [0]], tf.ones([2, 4, 5])),
    "space_to_batch": lambda tf, x: tf.space_to_batch_nd(x, [2], [[0, 0]]),
    "batch_to_space": lambda tf, x: tf.batch_to_space_nd(x, [3], [[1, 2]]),
    "space_to_depth": lambda tf, x: tf.space_to_depth(tf.reshape(x[:, :, :4], [3, 4, 4, 1]), 2),
    "depth_to_space": lambda tf, x: tf.depth_to_space(tf.reshape(x, [3, 5, 1, 4]), 2),
    "dynamic_partition": lambda tf, x: tf.dynamic_partition(x, [1, 0, 1], 2)[1],
    "dynamic_stitch": lambda tf, x: tf.dynamic_stitch([[0, 3, 1], [2]], [x, x[:1] * 2]),
    "identity_n": lambda tf, x: tf.identity_n([x, x + 1])[1],
    "placeholder_with_default": lambda tf, x: tf.placeholder_with_default(x, [None, 4, 5]),
    "extract_image_patches": lambda tf, x: tf.extract_image_patches(
        x[..., None], [1, 2, 3, 1], [1, 1, 2, 1], [1, 1, 1, 1], "SAME"
    ),
}
OTHER_GRAPH = {  # equal numbers by another graph
    "gradient": {"gather_axis", "gather_last_axis", "gather_scalar", "extract_image_patches"},
    "value": set(),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_values(name):
    run(EXPRESSIONS[name], A, names=name not in OTHER_GRAPH["value"])


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_gradients(name):
    gradient(EXPRESSIONS[name], A, names=name not in OTHER_GRAPH["gradient"])


@pytest.mark.parametrize(
    "name",
    [n for n in EXPRESSIONS if n not in ("unstack", "extract_image_patches", "split", "split_rest", "squeeze_axis")],
)
def test_values_of_unknown_shape(name):
    def with_rank(tf, x):
        x = tf.placeholder_with_default(x, [None, None, None])
        return EXPRESSIONS[name](tf, x)

    run(with_rank, A, names=False)


WITHOUT_GRADIENT = {
    "batch_gather": lambda tf: tf.batch_gather(B, [[1], [0], [4], [2]]),
    "gather_batch_dims": lambda tf: tf.gather(A, [[1, 0], [3, 3], [2, 2]], axis=2, batch_dims=1),
    "gather_nd_batch_dims": lambda tf: tf.gather_nd(A, [[[1], [0]], [[3], [3]], [[2], [1]]], batch_dims=1),
    "one_hot": lambda tf: tf.one_hot([1, 0, 7, -1], 3),
    "one_hot_axis": lambda tf: tf.one_hot([[1, 0], [2, 2]], 3, 5, 7, axis=1),
    "one_hot_dtype": lambda tf: tf.one_hot(np.array([1, 0], np.int64), 3, dtype=tf.int32),
    "one_hot_bool": lambda tf: tf.one_hot([1, 0], 3, True, False),
    "sequence_mask": lambda tf: tf.sequence_mask([1, 3, 0]),
    "sequence_mask_max": lambda tf: tf.sequence_mask([[1, 3], [0, 2]], 4, tf.float32),
    "boolean_mask": lambda tf: tf.boolean_mask(B, [True, False, True, True]),
    "boolean_mask_matrix": lambda tf: tf.boolean_mask(B, B > 7),
    "boolean_mask_axis": lambda tf: tf.boolean_mask(A, [True, False, True, False], axis=1),
    "meshgrid": lambda tf: tf.meshgrid([1, 2], [3, 4, 5]),
    "meshgrid_ij": lambda tf: tf.meshgrid([1.0, 2.0], [3.0], [4.0, 5.0], indexing="ij"),
    "eye": lambda tf: [tf.eye(3), tf.eye(2, 3), tf.eye(3, 2, [2]), tf.eye(2, dtype=tf.int32)],
    "unravel_index": lambda tf: tf.unravel_index([5, 0, 3], [2, 3]),
    "repeat": lambda tf: tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0),
    "repeat_scalar": lambda tf: tf.repeat([[1, 2], [3, 4]], 2),
    "required_paddings": lambda tf: tf.required_space_to_batch_paddings([5, 6], [2, 4]),
    "broadcast_dynamic_shape": lambda tf: tf.broadcast_dynamic_shape([2, 1, 3], [4, 1]),
    "space_to_batch_2d": lambda tf: tf.space_to_batch(B[None, :, :4, None], [[1, 1], [0, 2]], 2),
    "batch_to_space_2d": lambda tf: tf.batch_to_space(np.arange(32.0).reshape(4, 2, 4, 1), [[1, 0], [0, 1]], 2),
    "rank_size_shape": lambda tf: [tf.rank(B), tf.size(B), tf.shape(B), tf.shape(B, out_type=tf.int64)],
    "shape_n": lambda tf: tf.shape_n([A, B[None]]),
    "parallel_stack": lambda tf: tf.parallel_stack([B, B + 1]),
    "strings": lambda tf: [tf.concat([["a"], ["b", "c"]], 0), tf.gather(["a", "b"], [1, 0]),
                           tf.constant(["a", "b"])[1:],
                           tf.reverse(["a", "b"], [0]), tf.transpose([["a", "b"]])],
    "matrix_diag_k": lambda tf: [tf.matrix_diag(B, k=1), tf.matrix_diag(A, k=(-1, 2)),
                                 tf.matrix_diag(B, padding_value=2)],
    "matrix_diag_part_k": lambda tf: [tf.matrix_diag_part(A, k=-1), tf.matrix_diag_part(A, k=(-1, 2), padding_value=9)],
    "stack_of_numbers": lambda tf: [tf.stack([1, 2]), tf.stack([tf.constant(1.0), 2.0]), tf.stack([[1], [2]], axis=1)],
    "zeros_and_ones": lambda tf: [tf.zeros_like(A), tf.ones_like(B, tf.int32), tf.fill([2, 3], 7),
                                  tf.zeros([2], tf.bool)],
}  # fmt: skip
SAME_GRAPH = {"one_hot", "one_hot_axis", "one_hot_dtype", "one_hot_bool", "sequence_mask", "sequence_mask_max",
              "boolean_mask", "boolean_mask_matrix", "boolean_mask_axis", "meshgrid", "meshgrid_ij", "eye",
              "unravel_index", "required_paddings", "space_to_batch_2d", "batch_to_space_2d", "rank_size_shape",
              "shape_n", "matrix_diag_k", "stack_of_numbers"}  # fmt: skip


@pytest.mark.parametrize("name", WITHOUT_GRADIENT)
def test_more_values(name):
    check(lambda tf: (WITHOUT_GRADIENT[name](tf), {}), names=name in SAME_GRAPH)


def test_gradient_of_gather_is_rows():
    def program(tf):
        table = tf.Variable(B, name="table")
        rows = tf.gather(table, [1, 3, 1])
        (g,) = tf.gradients(rows * rows, table)
        return [g.values, g.indices, g.dense_shape, tf.convert_to_tensor(g)], {}

    check(program, names=True)


@pytest.mark.parametrize("name", ["update", "add", "sub", "mul", "div", "min", "max"])
@pytest.mark.parametrize("indices", [[2, 0], [[1], [3]], 2])
def test_scatter_to_variables(name, indices):
    def program(tf):
        v = tf.Variable(B, name="v")
        updates = np.full([*np.shape(indices), 5], 3.5, np.float32) * (np.arange(5) + 1)
        return getattr(tf, f"scatter_{name}")(v, indices, updates.astype(np.float32)), {}

    check(program, names=True, steps=2)


@pytest.mark.parametrize("name", ["update", "add", "sub"])
def test_scatter_nd_to_variables(name):
    def program(tf):
        v = tf.Variable(B, name="v")
        return getattr(tf, f"scatter_nd_{name}")(v, [[2, 1], [0, 4]], [1.0, 2.0]), {}

    check(program, names=True, steps=2)


ERRORS = {
    "gather": lambda tf: tf.gather([1.0, 2.0], [5]),
    "gather_axis": lambda tf: tf.gather([1.0, 2.0], [0], axis=1),
    "gather_nd": lambda tf: tf.gather_nd([[1.0, 2.0]], [[0, 2]]),
    "gather_nd_deep": lambda tf: tf.gather_nd([1.0, 2.0], [[0, 0]]),
    "slice": lambda tf: tf.slice([1.0, 2.0], [1], [5]),
    "concat": lambda tf: tf.concat([tf.zeros([2, 3]), tf.zeros([3, 2])], 0),
    "stack": lambda tf: tf.stack([tf.zeros([2]), tf.zeros([3])]),
    "stack_axis": lambda tf: tf.stack([tf.zeros([2]), tf.zeros([2])], axis=3),
    "unstack": lambda tf: tf.unstack(tf.placeholder(tf.float32)),
    "split": lambda tf: tf.split(tf.zeros([5]), 2),
    "split_sizes": lambda tf: tf.split(tf.zeros([5]), [2, 2]),
    "reshape": lambda tf: tf.reshape(tf.zeros([6]), [4]),
    "squeeze": lambda tf: tf.squeeze(tf.zeros([2, 3]), [0]),
    "expand_dims": lambda tf: tf.expand_dims(tf.zeros([2]), 3),
    "transpose": lambda tf: tf.transpose(tf.zeros([2, 3]), [0]),
    "pad_mode": lambda tf: tf.pad(tf.zeros([2]), [[1, 1]], "WRONG"),
    "pad": lambda tf: tf.pad(tf.zeros([2]), [[-1, 1]]),
    "pad_reflect": lambda tf: tf.pad(tf.zeros([2]), [[2, 1]], "REFLECT"),
    "tile": lambda tf: tf.tile(tf.zeros([2]), [1, 1]),
    "broadcast_to": lambda tf: tf.broadcast_to(tf.zeros([2]), [3]),
    "one_hot": lambda tf: tf.one_hot([1], 2, 1.0, 0, dtype=tf.int32),
    "boolean_mask": lambda tf: tf.boolean_mask(tf.zeros([2]), [True, False, True]),
    "sequence_mask": lambda tf: tf.sequence_mask([1], [2]),
    "scatter_nd": lambda tf: tf.scatter_nd([[7]], [1.0], [3]),
    "scatter_nd_shape": lambda tf: tf.scatter_nd([[1]], [1.0, 2.0], [3]),
    "scatter_update": lambda tf: tf.scatter_update(tf.Variable([1.0, 2.0]), [4], [1.0]),
    "reverse": lambda tf: tf.reverse(tf.zeros([2]), [1]),
    "reverse_twice": lambda tf: tf.reverse(tf.zeros([2]), [0, 0]),
    "reverse_sequence": lambda tf: tf.reverse_sequence(tf.zeros([1, 2]), [3], seq_axis=1),
    "dynamic_partition": lambda tf: tf.dynamic_partition([1.0, 2.0], [0, 2], 2),
    "space_to_batch": lambda tf: tf.space_to_batch_nd(tf.zeros([1, 3]), [2], [[0, 0]]),
    "space_to_depth": lambda tf: tf.space_to_depth(tf.zeros([1, 3, 2, 1]), 2),
    "set_diag": lambda tf: tf.matrix_set_diag(tf.zeros([2, 2]), tf.zeros([3])),
    "diag_part": lambda tf: tf.diag_part(tf.zeros([3])),
    "meshgrid": lambda tf: tf.meshgrid([1], [2], indexing="yx"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    check_error(lambda tf: (ERRORS[name](tf), {}))
