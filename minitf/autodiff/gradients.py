"""`tf.gradients`: the derivatives of sums of tensors, as more tensors.

The walk visits operations in reverse: an operation is differentiated when the gradients of all its
outputs that matter are there.  (Reverse mode; Griewank and Walther, *Evaluating Derivatives*, 2008.)
"""

import collections
import contextlib
import enum

from minitf.autodiff import registry
from minitf.autodiff.accumulation import check_method, total
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity, ones, shape_of, zeros_like
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import tuple_of
from minitf.ops.list_gradients import ListZerosLike


def gradients(ys, xs, grad_ys=None, name="gradients", colocate_gradients_with_ops=False, gate_gradients=False,
              aggregation_method=None, stop_gradients=None, unconnected_gradients="none"):  # fmt: skip
    """d(sum of ys)/dx for each x: a list with a tensor, IndexedSlices or None (no path) per x.

    `grad_ys` weighs the elements of the ys (ones by default); `stop_gradients` are tensors to be
    treated as constants; `gate_gradients` lets no gradient be used before all of its op are there;
    `unconnected_gradients` ("none" or "zero") is what stands where no path leads.

    Raises LookupError for an op without a gradient on the way, TypeError for complex ys without grad_ys,
    ValueError for another number of grad_ys than of ys or an unknown method.
    """
    check_method(aggregation_method)
    unconnected_gradients = UnconnectedGradients(unconnected_gradients)
    ys, xs = _as_list(ys), _as_list(xs)
    stopped = [] if stop_gradients is None else _as_list(stop_gradients)
    grad_ys = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
    if len(grad_ys) != len(ys):
        raise ValueError(f"Passed {len(grad_ys)} grad_ys for {len(ys)} ys")
    graph = next((v.graph for v in (*ys, *xs) if hasattr(v, "graph")), None) or get_default_graph()
    with graph.as_default(), name_scope(name, "gradients"):
        ys = [_as_y(y) for y in ys]
        xs = [x if isinstance(x, IndexedSlices) else convert_to_tensor(x, name="x", as_ref=True) for x in xs]
        stopped = [convert_to_tensor(t, as_ref=True) for t in stopped]
        starts = [
            _initial_gradient(y, grad_y, i) for i, (y, grad_y) in enumerate(zip(ys, grad_ys, strict=True))
        ]
        walk = _Walk(ys, xs, stopped, gate_gradients, colocate_gradients_with_ops)
        for y, start in zip(ys, starts, strict=True):
            walk.add(_tensor_of(y), start)
        walk.run()
        found = [walk.gradient(_tensor_of(x)) for x in xs]
    if unconnected_gradients is UnconnectedGradients.ZERO:
        return [zeros_like(_tensor_of(x)) if g is None else g for g, x in zip(found, xs, strict=True)]
    return found


class UnconnectedGradients(enum.Enum):
    """What `gradients` gives for an x from which no path leads to any y."""

    NONE = "none"
    ZERO = "zero"


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _as_y(value):
    return value if isinstance(value, IndexedSlices) else convert_to_tensor(value, name="y")


def _tensor_of(value):
    return value.values if isinstance(value, IndexedSlices) else value


def _initial_gradient(y, grad_y, i):
    dtype = y.dtype.base_dtype
    if grad_y is None:
        if dtype.is_complex:
            raise TypeError(f"Gradients of complex tensors ({y.name}) must set grad_ys (y.dtype = {dtype!r})")
        if isinstance(y, IndexedSlices):
            return IndexedSlices(
                ones(shape_of(y.values), dtype, name=f"grad_ys_{i}"), y.indices, y.dense_shape
            )
        if dtype.name == "variant":
            return zeros(y)
        return ones(shape_of(y), dtype, name=f"grad_ys_{i}")
    if isinstance(grad_y, IndexedSlices):
        return grad_y
    grad_y = convert_to_tensor(
        grad_y, dtype=dtype if not isinstance(grad_y, Tensor) else None, name=f"grad_y_{i}"
    )
    if grad_y.dtype.is_complex != dtype.is_complex or (dtype.is_floating and not _is_real(grad_y.dtype)):
        raise TypeError(f"Gradient type {grad_y.dtype.name} generated for {y.name} of type {dtype.name}")
    return identity(grad_y, name=f"grad_ys_{i}")


def _is_real(dtype):
    return dtype.is_floating or dtype.is_integer


class _Walk:
    """The gradients found so far, and how many uses of each operation's outputs are still to come."""

    def __init__(self, ys, xs, stopped, gate, colocate):
        self._gate, self._colocate = gate, colocate
        self._ys = [_tensor_of(y) for y in ys]
        self._xs = {_tensor_of(x) for x in xs}
        self._found = collections.defaultdict(list)  # tensor -> gradients
        self._between, self._pending = _between(self._ys, self._xs)
        self._stopped = {t.op for t in stopped} | self._first_of_their_path()

    def _first_of_their_path(self):
        """Operations of xs with no other x behind them: differentiating them would be of no use."""
        return {x.op for x in self._xs if not any(self._pending.get(t.op, 0) > 0 for t in x.op.inputs)}

    def add(self, tensor, gradient):
        if gradient is not None:
            self._found[tensor].append(gradient)

    def gradient(self, tensor):
        """The whole gradient of `tensor`, or None."""
        parts = self._found.get(tensor)
        if parts is None:
            return None
        if len(parts) > 1:
            parts[:] = [total(parts)]
        return parts[0]

    def run(self):
        ends = dict.fromkeys(y.op for y in self._ys)
        queue = collections.deque(op for op in ends if op in self._between and self._pending.get(op, 0) == 0)
        while queue:
            op = queue.popleft()
            outputs = [self.gradient(t) for t in op.outputs]
            if any(g is not None for g in outputs) and op not in self._stopped:
                self._differentiate(op, outputs)
            for tensor in op.inputs:
                before = tensor.op
                if before in self._pending:
                    self._pending[before] -= 1
                    if self._pending[before] == 0:
                        queue.append(before)

    def _differentiate(self, op, outputs):
        rule = registry.rule(op)
        if rule is None:
            return
        graph = op.graph
        if not getattr(rule, "takes_missing", False):
            missing = [g is None and is_differentiable(t) for g, t in zip(outputs, op.outputs, strict=True)]
            outputs = [zeros(t) if m else g for m, g, t in zip(missing, outputs, op.outputs, strict=True)]
        with contextlib.ExitStack() as stack:
            if self._colocate:
                stack.enter_context(graph.colocate_with(op))
            stack.enter_context(graph.name_scope(op.name + "_grad"))
            inputs = rule(op, *outputs)
            inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
            if len(inputs) != len(op.inputs):
                raise ValueError(
                    f"Num gradients {len(inputs)} generated for op {op.name} (type {op.type}) do not match num "
                    f"inputs {len(op.inputs)}"
                )
            if self._gate and sum(g is not None for g in inputs) > 1:
                inputs = tuple_of(inputs)
        for tensor, gradient in zip(op.inputs, inputs, strict=True):
            if gradient is not None and is_differentiable(tensor):
                self._accept(op, tensor, gradient)

    def _accept(self, op, tensor, gradient):
        if isinstance(gradient, Tensor) and gradient.dtype.is_numpy_compatible:
            if not tensor.shape.is_compatible_with(gradient.shape):
                raise ValueError(
                    f"Incompatible shapes between op input and calculated input gradient. Forward operation: "
                    f"{op.name}. Input shape: {tensor.shape}. Calculated input gradient shape: {gradient.shape}"
                )
            gradient.set_shape(tensor.shape)
        self.add(tensor, gradient)


def takes_missing(rule):
    """Mark a rule that wants None, not zeros, for an output that no gradient reached."""
    rule.takes_missing = True
    return rule


def is_differentiable(tensor):
    dtype = tensor.dtype.base_dtype
    return dtype.is_floating or dtype.is_complex or dtype.name == "variant"


def zeros(tensor):
    if tensor.dtype.base_dtype.name == "variant":
        return ListZerosLike.apply(tensor)
    return zeros_like(tensor, optimize=False)


def _between(ys, xs):
    """Operations on a path from an x to a y, and how often each one's outputs are used on such paths."""
    reached = _forward({x.op for x in xs})
    between, pending = set(), collections.Counter()
    queue = [y.op for y in ys if y.op in reached]
    while queue:
        op = queue.pop()
        if op in between:
            continue
        between.add(op)
        queue.extend(t.op for t in op.inputs if t.op in reached and t.op not in between)
    for op in between:
        for tensor in op.inputs:
            if tensor.op in between:
                pending[tensor.op] += 1
    return between, pending


def _forward(ops):
    reached, queue = set(), list(ops)
    while queue:
        op = queue.pop()
        if op in reached:
            continue
        reached.add(op)
        for tensor in op.outputs:
            if is_differentiable(tensor):
                queue.extend(tensor._consumers)
    return reached
