"""Accumulators: gradients from many places are summed until enough have come, then given away as their mean.

A gradient computed from variables that are older than the accumulator's time step is dropped: that is how
synchronous training keeps out the workers that came late (Chen et al., "Revisiting distributed synchronous
SGD", 2016).  The sums live in the session's state.
"""

import threading

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape, as_shape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import Op

_FLOATS = ("float16", "float32", "float64")


class _DenseSum:
    """What is inside a ConditionalAccumulator: a sum, a count, and the time step."""

    def __init__(self, op):
        self._shape, self._mean = op.attrs["shape"], op.attrs["reduction_type"] == "MEAN"
        self._changed, self._closed = threading.Condition(), False
        self.count = self._step = 0
        self._clear()

    def set_step(self, step):
        with self._changed:
            self._step = max(self._step, step)

    def apply(self, op, step, *gradient):
        """Add a gradient; one that is older than the time step is dropped."""
        with self._changed:
            self._check(op, *gradient)
            if step >= self._step:
                self._add(*gradient)
                self.count += 1
                self._changed.notify_all()

    def take(self, op, needed, seconds):
        """The mean (or sum) of what came, after `needed` gradients; the next time step begins."""
        if needed <= 0:
            raise errors.InvalidArgumentError(None, op, f"num_required must be above 0, not {needed}")
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or self.count >= needed, seconds):
                raise errors.DeadlineExceededError(None, op, "Timed out waiting for gradients")
            if self._closed:
                raise errors.CancelledError(None, op, "TakeGrad operation was cancelled")
            found = self._result()
            self._clear()
            self.count, self._step = 0, self._step + 1
            return found

    def session_closed(self):
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _clear(self):
        self._sum = None

    def _check(self, op, gradient):
        known = self._shape if self._sum is None else TensorShape(self._sum.shape)
        if not known.is_compatible_with(gradient.shape):
            raise errors.InvalidArgumentError(
                None, op, f"Shape mismatch: expected {known}, but the gradient has {gradient.shape}"
            )

    def _add(self, gradient):
        self._sum = gradient.copy() if self._sum is None else self._sum + gradient

    def _result(self):
        return [(self._sum / self.count).astype(self._sum.dtype) if self._mean else self._sum]


class _SparseSum(_DenseSum):
    """The same for rows: each row has a count of its own, the number of gradients that contained it."""

    def _clear(self):
        self._rows, self._counts, self._row_shape = {}, {}, None

    def _check(self, op, indices, values, shape):
        problem = self._problem(indices, values, shape.tolist())
        if problem:
            raise errors.InvalidArgumentError(None, op, problem)

    def _problem(self, indices, values, shape):
        """What does not fit; the accumulator's shape may be shorter than a gradient's."""
        if indices.ndim != 1:
            return f"Input indices should be vector but received shape: {indices.shape}"
        if values.ndim == 0:
            return "Values cannot be 0-dimensional."
        if len(indices) != len(values):
            return f"Expected {len(indices)} non-empty input values, got {len(values)}"
        known = self._shape.as_list() if self._shape.ndims else []
        found = _mismatch(known, shape, "shape") if shape else None
        for i, index in enumerate(indices.tolist()):
            if index < 0 or (known and known[0] is not None and index >= known[0]):
                limit = known[0] if known else 0
                return (f"Shape mismatch: index of slice {i} exceeded limits of shape; index is {index} "
                        f"exceeded {limit}")  # fmt: skip
        found = found or _mismatch([None, *known[1:]], values.shape, "values")
        if self._row_shape is not None and not found:
            found = _mismatch([None, *self._row_shape], values.shape, "values", exact=True)
        return found

    def _add(self, indices, values, shape):
        self._row_shape = values.shape[1:]
        for index, row in zip(indices.tolist(), values, strict=True):
            self._rows[index] = self._rows[index] + row if index in self._rows else row
            self._counts[index] = self._counts.get(index, 0) + 1

    def _result(self):
        indices = np.array(sorted(self._rows), np.int64)
        rows = [self._rows[i] / self._counts[i] if self._mean else self._rows[i] for i in indices.tolist()]
        dtype = rows[0].dtype if rows else np.float32
        values = np.array(rows, dtype).reshape(len(rows), *self._row_shape)
        first = self._shape[0].value if self._shape.ndims else None
        shape = [-1 if first is None else first, *self._row_shape]
        return [indices, values, np.array(shape, np.int64)]


def _mismatch(wanted, sizes, what, exact=False):
    """In which rank or dimension `sizes` differ from `wanted`; None where they fit."""
    if len(sizes) < len(wanted) or (exact and len(sizes) != len(wanted)):
        return f"Shape mismatch: expected {what} rank {'' if exact else 'at least '}{len(wanted)}, got {len(sizes)}"
    for i, (size, found) in enumerate(zip(wanted, sizes)):
        if size is not None and size != found:
            return f"Shape mismatch: expected {what} dim {i} to be {size}, got {found}"
    return None


class _Accumulator(Op):
    stateful = True
    attrs = {"shape": None, "container": "", "shared_name": "", "reduction_type": "MEAN"}
    kind = None
    gradient = None

    def infer(op):
        if op.attrs["reduction_type"] not in ("MEAN", "SUM"):
            raise ValueError(f"reduction_type must be \"MEAN\" or \"SUM\", not {op.attrs['reduction_type']!r}")
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        name = op.attrs["shared_name"] or op.name
        return [state.resource(("accumulator", name), lambda: op.definition.kind(op))]


class _MakeDense(_Accumulator):
    """A sum of dense gradients of this session; equal `shared_name`s mean the same sum."""

    type = "ConditionalAccumulator"
    kind = _DenseSum


class _MakeSparse(_Accumulator):
    """A sum of gradients that are rows (`IndexedSlices`)."""

    type = "SparseConditionalAccumulator"
    kind = _SparseSum


class _OfAccumulator(Op):
    stateful = True
    gradient = None


class AccumulatorNumAccumulated(_OfAccumulator):
    """How many gradients were added since the last were taken, int32."""

    inputs = {"handle": "resource"}

    def infer(op, handle):
        return [(TensorShape([]), dtypes.int32)]

    def run(op, state, handle):
        return [np.array(handle.count, np.int32)]


class AccumulatorSetGlobalStep(_OfAccumulator):
    """Set the time step; it never goes back."""

    inputs = {"handle": "resource", "new_global_step": "int64"}

    def infer(op, handle, new_global_step):
        return []

    def run(op, state, handle, new_global_step):
        handle.set_step(int(new_global_step))
        return []


class AccumulatorApplyGradient(_OfAccumulator):
    """Add a gradient, unless `local_step` is below the time step.  InvalidArgumentError for another shape."""

    inputs = {"handle": "resource", "local_step": "int64", "gradient": "dtype"}
    types = {"dtype": _FLOATS}

    def infer(op, handle, local_step, gradient):
        return []

    def run(op, state, handle, local_step, gradient):
        handle.apply(op, int(local_step), gradient)
        return []


class AccumulatorTakeGradient(_OfAccumulator):
    """Wait for `num_required` gradients; give their mean (or sum) away and begin the next time step."""

    inputs = {"handle": "resource", "num_required": "int32"}

    def infer(op, handle, num_required):
        return [(op.attrs["_shape"], op.attrs["dtype"])]

    def run(op, state, handle, num_required):
        return handle.take(op, int(num_required), state.patience())


class SparseAccumulatorApplyGradient(_OfAccumulator):
    """Add the rows `gradient_values` at `gradient_indices`, unless `local_step` is below the time step."""

    inputs = {"handle": "resource", "local_step": "int64", "gradient_indices": "int64",
              "gradient_values": "dtype", "gradient_shape": "int64"}  # fmt: skip
    types = {"dtype": _FLOATS}
    attrs = {"has_known_shape": True}

    def infer(op, handle, local_step, gradient_indices, gradient_values, gradient_shape):
        return []

    def run(op, state, handle, local_step, *gradient):
        handle.apply(op, int(local_step), *gradient)
        return []


class SparseAccumulatorTakeGradient(_OfAccumulator):
    """As AccumulatorTakeGradient: (indices, values, shape); the mean of a row is over the gradients that had it."""

    inputs = {"handle": "resource", "num_required": "int32"}

    def infer(op, handle, num_required):
        unknown = TensorShape(None)
        return [(unknown, dtypes.int64), (unknown, op.attrs["dtype"]), (unknown, dtypes.int64)]

    def run(op, state, handle, num_required):
        return handle.take(op, int(num_required), state.patience())


# -- what users hold ------------------------------------------------------------------------------------------


class ConditionalAccumulatorBase:
    """What both kinds share: the time step and the count."""

    def __init__(self, dtype, shape, accumulator_ref):
        self._dtype, self._accumulator_ref = dtype, accumulator_ref
        self._shape = TensorShape(None) if shape is None else as_shape(shape)
        self._name = accumulator_ref.op.name.split("/")[-1]

    @property
    def accumulator_ref(self):
        return self._accumulator_ref

    @property
    def name(self):
        return self._name

    @property
    def dtype(self):
        return self._dtype

    def num_accumulated(self, name=None):
        """int32 scalar: the gradients that came since the last were taken."""
        return AccumulatorNumAccumulated.apply(
            self._accumulator_ref, name=name or f"{self._name}_NumAccumulated"
        )

    def set_global_step(self, new_global_step, name=None):
        """An operation that sets the time step (int64 scalar); older gradients will be dropped."""
        step = cast(convert_to_tensor(new_global_step), dtypes.int64)
        return AccumulatorSetGlobalStep.make(self._accumulator_ref, step, name=name)


class ConditionalAccumulator(ConditionalAccumulatorBase):
    """tf.ConditionalAccumulator: sums dense gradients of a float `dtype` and, where given, a `shape`.

    `reduction_type` "MEAN" or "SUM" says what `take_grad` gives.  Raises ValueError for another one.
    """

    def __init__(self, dtype, shape=None, shared_name=None, name="conditional_accumulator", reduction_type="MEAN"):
        dtype, whole = dtypes.as_dtype(dtype), TensorShape(None) if shape is None else as_shape(shape)
        op = _MakeDense.make(
            dtype=dtype, shape=whole, shared_name=shared_name or "", reduction_type=reduction_type, name=name
        )
        super().__init__(dtype, whole, op.outputs[0])

    def apply_grad(self, grad, local_step=0, name=None):
        """An operation that adds `grad`, dropped where `local_step` is below the time step.

        Raises ValueError where its shape does not fit.
        """
        grad = convert_to_tensor(grad, self._dtype)
        grad.shape.assert_is_compatible_with(self._shape)
        step = cast(convert_to_tensor(local_step), dtypes.int64)
        return AccumulatorApplyGradient.make(self._accumulator_ref, step, grad, name=name)

    def take_grad(self, num_required, name=None):
        """The mean (or sum) once `num_required` gradients came; it waits for them.

        Raises (in the run) InvalidArgumentError for a number below 1.
        """
        return AccumulatorTakeGradient.apply(
            self._accumulator_ref, num_required, dtype=self._dtype, _shape=self._shape, name=name
        )


class SparseConditionalAccumulator(ConditionalAccumulatorBase):
    """tf.SparseConditionalAccumulator: as ConditionalAccumulator, for gradients that are rows."""

    def __init__(
        self, dtype, shape=None, shared_name=None, name="sparse_conditional_accumulator", reduction_type="MEAN"
    ):
        dtype, whole = dtypes.as_dtype(dtype), TensorShape(None) if shape is None else as_shape(shape)
        op = _MakeSparse.make(
            dtype=dtype, shape=whole, shared_name=shared_name or "", reduction_type=reduction_type, name=name
        )
        super().__init__(dtype, whole, op.outputs[0])

    def apply_indexed_slices_grad(self, grad, local_step=0, name=None):
        """An operation that adds an `IndexedSlices`."""
        return self.apply_grad(grad.indices, grad.values, grad.dense_shape, local_step, name)

    def apply_grad(self, grad_indices, grad_values, grad_shape=None, local_step=0, name=None):
        """An operation that adds rows `grad_values` (n, ...) at `grad_indices` int64 (n,).

        Raises (in the run) InvalidArgumentError where they do not fit each other or the accumulator.
        """
        step = cast(convert_to_tensor(local_step), dtypes.int64)
        known = grad_shape is not None
        return SparseAccumulatorApplyGradient.make(
            self._accumulator_ref,
            step,
            cast(convert_to_tensor(grad_indices, preferred_dtype=dtypes.int64), dtypes.int64),
            convert_to_tensor(grad_values, self._dtype),
            cast(convert_to_tensor(grad_shape if known else [], preferred_dtype=dtypes.int64), dtypes.int64),
            has_known_shape=known,
            name=name,
        )

    def take_grad(self, num_required, name=None):
        """(indices, values, shape) once `num_required` gradients came; it waits for them."""
        return SparseAccumulatorTakeGradient.make(
            self._accumulator_ref, num_required, dtype=self._dtype, name=name
        ).outputs

    def take_indexed_slices_grad(self, num_required, name=None):
        """The same as an `IndexedSlices`."""
        with name_scope(name, "TakeGrad", [num_required]):
            indices, values, shape = self.take_grad(num_required)
        return IndexedSlices(values, indices, shape)
