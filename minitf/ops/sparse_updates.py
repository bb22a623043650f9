"""The update rules of optimizers for gradients that name some rows of a variable (IndexedSlices).

Only those rows, and the same rows of the slots, are read and written: an embedding of a million words costs
what the words of the batch cost.  The rule is that of the dense operation in `updates.py`.
"""

import numpy as np

from minitf import errors
from minitf.kernels import updates as kernels
from minitf.ops import updates
from minitf.ops.examples import array, example, integers, normal, positive
from minitf.ops.op import FLOATS, INDICES
from minitf.ops.updates import Update, numbers


class _SparseUpdate(Update):
    """The rule of `dense`, applied to the rows `indices` of the variable and its slots."""

    types = {"T": FLOATS, "Tindices": INDICES}
    dense = None

    def infer(op, *inputs):
        definition = op.definition
        specs = dict(zip(definition.inputs, inputs, strict=True))
        shape = inputs[0].shape
        for name, spec in specs.items():
            if definition.is_written(name):
                shape = shape.merge_with(spec.shape)
        rows, indices = specs[definition.gradient_name].shape, specs["indices"].shape
        if indices.ndims not in (None, 1):
            raise ValueError(f"Shape must be rank 1 but is rank {indices.ndims}: indices is a vector")
        if shape.ndims is not None and rows.ndims is not None:
            indices.concatenate(shape[1:]).assert_is_compatible_with(rows)
        return [(shape, inputs[0].dtype._as_ref)]

    @classmethod
    def arguments(cls, arrays):
        """{argument of the dense rule: array}, and the indices."""
        named = dict(zip(cls.inputs, arrays, strict=True))
        return {name: named[name] for name in cls.dense.inputs}, named["indices"]

    def cpu(op, *arrays):
        definition = op.definition
        named, indices = definition.arguments(arrays)
        written = tuple(filter(definition.is_written, named))
        rule = definition.dense.rule(op)
        return [kernels.sparse_launch(rule, named, written, definition.gradient_name, indices)]

    def explain(op, *arrays):
        _, indices = op.definition.arguments(arrays)
        rows = op.inputs[0].shape
        return errors.InvalidArgumentError(
            None, op, f"An index of {indices.tolist()} is out of range for {rows}"
        )

    def numpy(op, *arrays):
        """Row after row, so that an index that occurs twice is applied twice."""
        definition = op.definition
        named, indices = definition.arguments([np.array(a) for a in arrays])
        written = [named[name] for name in filter(definition.is_written, named)]
        if ((indices < 0) | (indices >= len(written[0]))).any():
            raise definition.explain(op, *arrays)
        for n, row in enumerate(indices):
            now = {k: v[row] if definition.is_written(k) else v for k, v in named.items()}
            now[definition.gradient_name] = now[definition.gradient_name][n]
            new = definition.dense.numpy(op, *now.values())
            for out, value in zip(written, new if isinstance(new, list) else [new], strict=True):
                out[row] = value
        return written


class SparseApplyMomentum(_SparseUpdate):
    """`ApplyMomentum` on rows."""

    inputs = {"var": "T", "accum": "T", "lr": "T", "grad": "T", "indices": "Tindices", "momentum": "T"}
    attrs = {"use_locking": False, "use_nesterov": False}
    reference = (0, 1)
    dense = updates.ApplyMomentum
    examples = [
        example(
            normal(4, 3),
            normal(4, 3),
            *numbers(0.1),
            normal(5, 3),
            integers(0, 4, 5),
            *numbers(0.9),
            dtypes=("float32",),
        )
    ]


class SparseApplyAdagrad(_SparseUpdate):
    """`ApplyAdagrad` on rows."""

    inputs = {"var": "T", "accum": "T", "lr": "T", "grad": "T", "indices": "Tindices"}
    reference = (0, 1)
    dense = updates.ApplyAdagrad
    examples = [
        example(
            normal(4, 3), positive(4, 3), *numbers(0.1), normal(5, 3), integers(0, 4, 5), dtypes=("float32",)
        )
    ]


class SparseApplyAdagradDA(_SparseUpdate):
    """`ApplyAdagradDA` on rows."""

    inputs = {
        "var": "T",
        "gradient_accumulator": "T",
        "gradient_squared_accumulator": "T",
        "grad": "T",
        "indices": "Tindices",
        "lr": "T",
        "l1": "T",
        "l2": "T",
        "global_step": "int64",
    }
    reference = (0, 1, 2)
    dense = updates.ApplyAdagradDA
    examples = [
        example(
            normal(4, 3),
            normal(4, 3),
            positive(4, 3),
            normal(5, 3),
            integers(0, 4, 5),
            *numbers(0.1),
            *numbers(0.05),
            *numbers(0.1),
            array(3, np.int64),
            dtypes=("float32",),
        )
    ]


class SparseApplyAdadelta(_SparseUpdate):
    """`ApplyAdadelta` on rows."""

    inputs = {
        "var": "T",
        "accum": "T",
        "accum_update": "T",
        "lr": "T",
        "rho": "T",
        "epsilon": "T",
        "grad": "T",
        "indices": "Tindices",
    }
    reference = (0, 1, 2)
    dense = updates.ApplyAdadelta
    examples = [
        example(
            normal(4, 3),
            positive(4, 3),
            positive(4, 3),
            *numbers(0.1),
            *numbers(0.9),
            *numbers(0.001),
            normal(5, 3),
            integers(0, 4, 5),
            dtypes=("float32",),
        )
    ]


class SparseApplyRMSProp(_SparseUpdate):
    """`ApplyRMSProp` on rows."""

    inputs = {
        "var": "T",
        "ms": "T",
        "mom": "T",
        "lr": "T",
        "rho": "T",
        "momentum": "T",
        "epsilon": "T",
        "grad": "T",
        "indices": "Tindices",
    }
    reference = (0, 1, 2)
    dense = updates.ApplyRMSProp
    examples = [
        example(
            normal(4, 3),
            positive(4, 3),
            normal(4, 3),
            *numbers(0.1),
            *numbers(0.9),
            *numbers(0.5),
            *numbers(0.001),
            normal(5, 3),
            integers(0, 4, 5),
            dtypes=("float32",),
        )
    ]


class SparseApplyCenteredRMSProp(_SparseUpdate):
    """`ApplyCenteredRMSProp` on rows."""

    inputs = {
        "var": "T",
        "mg": "T",
        "ms": "T",
        "mom": "T",
        "lr": "T",
        "rho": "T",
        "momentum": "T",
        "epsilon": "T",
        "grad": "T",
        "indices": "Tindices",
    }
    reference = (0, 1, 2, 3)
    dense = updates.ApplyCenteredRMSProp
    examples = [
        example(
            array(np.ones((4, 3)), np.float32),
            array(np.full((4, 3), 0.1, np.float32), np.float32),
            array(np.full((4, 3), 2, np.float32), np.float32),
            array(np.ones((4, 3)), np.float32),
            *numbers(0.1),
            *numbers(0.9),
            *numbers(0.5),
            *numbers(0.01),
            array(np.full((5, 3), 0.3), np.float32),
            integers(0, 4, 5),
            dtypes=("float32",),
        )
    ]


class SparseApplyFtrl(_SparseUpdate):
    """`ApplyFtrl` on rows."""

    inputs = {
        "var": "T",
        "accum": "T",
        "linear": "T",
        "grad": "T",
        "indices": "Tindices",
        "lr": "T",
        "l1": "T",
        "l2": "T",
        "lr_power": "T",
    }
    reference = (0, 1, 2)
    dense = updates.ApplyFtrl
    examples = [
        example(
            normal(4, 3),
            positive(4, 3),
            normal(4, 3),
            normal(5, 3),
            integers(0, 4, 5),
            *numbers(0.1),
            *numbers(0.5),
            *numbers(0.2),
            *numbers(-0.5),
            dtypes=("float32",),
        )
    ]


class SparseApplyFtrlV2(_SparseUpdate):
    """`ApplyFtrlV2` on rows."""

    inputs = {
        "var": "T",
        "accum": "T",
        "linear": "T",
        "grad": "T",
        "indices": "Tindices",
        "lr": "T",
        "l1": "T",
        "l2": "T",
        "l2_shrinkage": "T",
        "lr_power": "T",
    }
    reference = (0, 1, 2)
    dense = updates.ApplyFtrlV2
    examples = [
        example(
            normal(4, 3),
            positive(4, 3),
            normal(4, 3),
            normal(5, 3),
            integers(0, 4, 5),
            *numbers(0.1),
            *numbers(0.5),
            *numbers(0.2),
            *numbers(0.3),
            *numbers(-0.5),
            dtypes=("float32",),
        )
    ]


class SparseApplyProximalGradientDescent(_SparseUpdate):
    """`ApplyProximalGradientDescent` on rows."""

    inputs = {"var": "T", "alpha": "T", "l1": "T", "l2": "T", "delta": "T", "indices": "Tindices"}
    reference = (0,)
    dense = updates.ApplyProximalGradientDescent
    gradient_name = "delta"
    examples = [
        example(
            normal(4, 3),
            *numbers(0.1),
            *numbers(0.5),
            *numbers(0.2),
            normal(5, 3),
            integers(0, 4, 5),
            dtypes=("float32",),
        )
    ]


class SparseApplyProximalAdagrad(_SparseUpdate):
    """`ApplyProximalAdagrad` on rows."""

    inputs = {"var": "T", "accum": "T", "lr": "T", "l1": "T", "l2": "T", "grad": "T", "indices": "Tindices"}
    reference = (0, 1)
    dense = updates.ApplyProximalAdagrad
    examples = [
        example(
            normal(4, 3),
            positive(4, 3),
            *numbers(0.1),
            *numbers(0.5),
            *numbers(0.2),
            normal(5, 3),
            integers(0, 4, 5),
            dtypes=("float32",),
        )
    ]
