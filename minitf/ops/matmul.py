"""Matrix products: `MatMul` of two matrices, `BatchMatMulV2` of stacks of them, and `tf.matmul`."""

import numpy as np

from minitf.graph import shape as shapes
from minitf.graph.dtypes import bfloat16, float32
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import blas, panels
from minitf.ops.array import reshape, shape_of
from minitf.ops.broadcasting import broadcast_gradient_args
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.op import COMPLEX, FLOATS, HALVES, Op

PRODUCTS = (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", *COMPLEX)


class MatMul(Op):
    """product = A B, where A is `a` or its transpose and B is `b` or its transpose."""

    inputs = {"a": "T", "b": "T"}
    types = {"T": PRODUCTS}
    attrs = {"transpose_a": False, "transpose_b": False}
    examples = [
        example(normal(2, 3), normal(3, 4)),
        example(normal(3, 2), normal(3, 4), transpose_a=True),
        example(normal(2, 3), normal(4, 3), transpose_b=True),
        example(normal(3, 2), normal(4, 3), transpose_a=True, transpose_b=True),
    ]

    def infer(op, a, b):
        a_shape, b_shape = a.shape.with_rank(2), b.shape.with_rank(2)
        return [(_product_shape(a_shape, b_shape, op.attrs["transpose_a"], op.attrs["transpose_b"]), a.dtype)]

    def cpu(op, a, b, out):
        if blas.numpy_is_faster(out, a.size // max(1, len(out))):
            return None
        return panels.product_launches(a, b, op.attrs["transpose_a"], op.attrs["transpose_b"], out)

    def numpy(op, a, b):
        return multiply_arrays(a.T if op.attrs["transpose_a"] else a, b.T if op.attrs["transpose_b"] else b)

    def gradient(op, dy):
        a, b = (_conjugate(x) for x in op.inputs)
        return _product_gradients(
            mat_mul, a, b, dy, ("transpose_a", "transpose_b"), op.attrs["transpose_a"], op.attrs["transpose_b"]
        )


class BatchMatMulV2(Op):
    """output[...] = X Y for every matrix of a stack; leading axes broadcast.

    X is `x`, or with `adj_x` its adjoint (conjugate transpose); Y likewise.
    """

    inputs = {"x": "T", "y": "T"}
    types = {"T": PRODUCTS}
    attrs = {"adj_x": False, "adj_y": False}
    examples = [
        example(normal(2, 2, 3), normal(2, 3, 4)),
        example(normal(2, 3, 2), normal(3, 4), adj_x=True),
        example(normal(3, 1, 2, 3), normal(2, 4, 3), adj_y=True),
        example(normal(2, 3, 2), normal(2, 4, 3), adj_x=True, adj_y=True),
    ]

    def infer(op, x, y):
        x_shape, y_shape = x.shape.with_rank_at_least(2), y.shape.with_rank_at_least(2)
        if x_shape.ndims is None or y_shape.ndims is None:
            return [(TensorShape(None), x.dtype)]
        batch = shapes.broadcast(x_shape[:-2], y_shape[:-2])
        last = _product_shape(x_shape[-2:], y_shape[-2:], op.attrs["adj_x"], op.attrs["adj_y"])
        return [(batch.concatenate(last), x.dtype)]

    def cpu(op, x, y, out):
        if np.iscomplexobj(x) and (op.attrs["adj_x"] or op.attrs["adj_y"]):
            return None
        if blas.numpy_is_faster(out, x.shape[-2 if op.attrs["adj_x"] else -1]):
            return None
        return [blas.gemm_launch(x, y, op.attrs["adj_x"], op.attrs["adj_y"], out)]

    def numpy(op, x, y):
        return multiply_arrays(_adjoint(x) if op.attrs["adj_x"] else x, _adjoint(y) if op.attrs["adj_y"] else y)

    def gradient(op, dy):
        x, y = op.inputs
        grads = _product_gradients(
            batch_mat_mul, x, y, dy, ("adj_x", "adj_y"), op.attrs["adj_x"], op.attrs["adj_y"]
        )
        if not _may_broadcast(x.shape, y.shape):
            return grads
        from minitf.ops.reductions import reduce_sum

        sx, sy = shape_of(x), shape_of(y)
        rx, ry = broadcast_gradient_args(sx[:-2], sy[:-2])
        return [reshape(reduce_sum(g, r), s) for g, r, s in zip(grads, (rx, ry), (sx, sy), strict=True)]


class SparseMatMul(Op):
    """product = A B for matrices with many zeros; computed as a dense product."""

    inputs = {"a": "Ta", "b": "Tb"}
    types = {"Ta": ("float32", "bfloat16"), "Tb": ("float32", "bfloat16")}
    attrs = {"transpose_a": False, "transpose_b": False, "a_is_sparse": False, "b_is_sparse": False}
    examples = [example(normal(2, 3), normal(3, 4), dtypes=("float32",))]

    def infer(op, a, b):
        return [(MatMul.infer(op, a, b)[0][0], float32)]

    def cpu(op, a, b, out):
        return MatMul.cpu(op, a, b, out)

    def numpy(op, a, b):
        return MatMul.numpy(op, a.astype(np.float32), b.astype(np.float32))

    def gradient(op, dy):
        from minitf.ops.casting import cast
        from minitf.ops.transposing import transpose

        a, b = op.inputs
        sparse = {a: op.attrs["a_is_sparse"], b: op.attrs["b_is_sparse"], dy: dy.op.type == "ReluGrad"}

        def product(x, y, transpose_a=False, transpose_b=False):
            right = transpose(y) if transpose_b else y
            return matmul(x, right, transpose_a, a_is_sparse=sparse[x], b_is_sparse=sparse[y])

        grads = _product_gradients(
            product, a, b, dy, ("transpose_a", "transpose_b"), op.attrs["transpose_a"], op.attrs["transpose_b"]
        )
        return [g if g.dtype is x.dtype else cast(g, x.dtype) for g, x in zip(grads, op.inputs, strict=True)]


def _product_shape(a, b, transpose_a, transpose_b):
    if a.ndims is None:
        a = TensorShape([None, None])
    if b.ndims is None:
        b = TensorShape([None, None])
    rows, inner = a.sizes[::-1] if transpose_a else a.sizes
    inner_b, columns = b.sizes[::-1] if transpose_b else b.sizes
    if inner is not None and inner_b is not None and inner != inner_b:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_b}: matrices of shapes {a} and {b}")
    return TensorShape([rows, columns])


def multiply_arrays(a, b):
    """a @ b; halves are summed in float32."""
    if a.dtype.name in HALVES:
        return np.matmul(a.astype(np.float32), b.astype(np.float32)).astype(a.dtype)
    return np.matmul(a, b)


def _adjoint(x):
    return x.swapaxes(-1, -2).conj() if np.iscomplexobj(x) else x.swapaxes(-1, -2)


def _conjugate(x):
    if not x.dtype.is_complex:
        return x
    from minitf.ops.complex_numbers import conj

    return conj(x)


def _product_gradients(product, a, b, dy, names, turned_a, turned_b):
    """The gradients of a product with respect to both factors, each a product itself.

    Y = A B has dA = dY B' and dB = A' dY; where `a` stands for A', da = dA' = B dY'.
    """
    left, right = {names[0]: True}, {names[1]: True}
    if not turned_a and not turned_b:
        return [product(dy, b, **right), product(a, dy, **left)]
    if not turned_a:
        return [product(dy, b), product(dy, a, **left)]
    if not turned_b:
        return [product(b, dy, **right), product(a, dy)]
    return [product(b, dy, **left, **right), product(dy, a, **left, **right)]


def _may_broadcast(x, y):
    """False where the known shapes say that the leading axes of two stacks are the same."""
    if x.ndims == 2 and y.ndims == 2:
        return False
    if x.ndims is None or y.ndims is None:
        return True
    x, y = x[:-2], y[:-2]
    return not (x.is_fully_defined() and y.is_fully_defined() and x == y)


def mat_mul(a, b, transpose_a=False, transpose_b=False, name=None):
    """The product of two matrices."""
    return MatMul.apply(a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=name)


def batch_mat_mul(x, y, adj_x=False, adj_y=False, name=None):
    """The products of two stacks of matrices."""
    with name_scope(name, "MatMul", [x, y]) as scope:
        return BatchMatMulV2.apply(x, y, adj_x=adj_x, adj_y=adj_y, name=scope)


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False,
           a_is_sparse=False, b_is_sparse=False, name=None):  # fmt: skip
    """tf.matmul: the matrix product a b; with more than two axes, of every matrix of two stacks.

    a: (..., rows, inner), b: (..., inner, columns) -> (..., rows, columns); leading axes broadcast.
    `transpose_a` / `adjoint_a` say that a is stored as (..., inner, rows); `a_is_sparse` that most of
    it is zero.  Raises ValueError where the shapes don't fit or both forms of turning are asked for.
    """
    for turned, adjoint, which in ((transpose_a, adjoint_a, "a"), (transpose_b, adjoint_b, "b")):
        if turned and adjoint:
            raise ValueError(f"Only one of transpose_{which} and adjoint_{which} can be True.")
    with name_scope(name, "MatMul", [a, b]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, preferred_dtype=a.dtype.base_dtype, name="b")
        if not (_are_matrices(a, b) or a_is_sparse or b_is_sparse):
            a = _conjugate(a) if transpose_a else a
            b = _conjugate(b) if transpose_b else b
            turns = {"adj_x": bool(transpose_a or adjoint_a), "adj_y": bool(transpose_b or adjoint_b)}
            return BatchMatMulV2.apply(a, b, **turns, name=scope)
        a = _conjugate(a) if adjoint_a else a
        b = _conjugate(b) if adjoint_b else b
        turns = {"transpose_a": bool(transpose_a or adjoint_a), "transpose_b": bool(transpose_b or adjoint_b)}
        if _use_sparse(a, b, a_is_sparse or b_is_sparse):
            flags = {"a_is_sparse": bool(a_is_sparse), "b_is_sparse": bool(b_is_sparse)}
            return SparseMatMul.apply(a, b, **turns, **flags, name=scope)
        return MatMul.apply(a, b, **turns, name=scope)


def sparse_matmul(a, b, transpose_a=False, transpose_b=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """tf.sparse_matmul: the product of two matrices of float32 or bfloat16 with many zeros, in float32."""
    return SparseMatMul.apply(a, b, transpose_a=transpose_a, transpose_b=transpose_b, a_is_sparse=a_is_sparse,
                              b_is_sparse=b_is_sparse, name=name)  # fmt: skip


def _are_matrices(a, b):
    """True for operands of at most two known axes; with fewer than two, MatMul says what is wrong."""
    return all(x.shape.ndims is not None and x.shape.ndims <= 2 for x in (a, b))


def _use_sparse(a, b, asked):
    served = (float32, bfloat16)
    kinds = [x.dtype.base_dtype for x in (a, b)]
    return all(k in served for k in kinds) and (asked or kinds[0] is not kinds[1])
