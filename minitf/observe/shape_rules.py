"""Why a tensor has its shape: each size is followed back to the line that set it.

No rule is written twice for this.  A size of an input is forgotten (made unknown), and the operation's own
`infer` is asked again: sizes of the output that become unknown came from there.
"""

import itertools
from typing import NamedTuple

from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.observe.describe import shape_of
from minitf.ops.op import Spec

LONGEST = 100  # steps of one chain
_MARK = 7919  # a size that nobody uses: where it turns up, there an unknown size came from


class Step(NamedTuple):
    """One link: the size on `axis` of `tensor`, and the (tensor, axis) pairs that it was made from."""

    tensor: Tensor
    axis: int
    sources: list

    def __str__(self):
        op, size = self.tensor.op, self.tensor.shape.sizes[self.axis]
        said = f"{'?' if size is None else size} is axis {self.axis} of {self.tensor.name} {shape_of(self.tensor)}"
        made = f"{op.type} in {op.origin}"
        if not self.sources:
            return f"{said}, set by {made}"
        others = "".join(f" and axis {a} of {t.name}" for t, a in self.sources[1:])
        return f"{said}, by {made}, from axis {self.sources[0][1]} of {self.sources[0][0].name}{others}"


class ShapeExplanation:
    """The chains of one tensor, or of the inputs that disagree; `str` gives the text.

    `chains` {(tensor, axis): [Step, ...]}, each from the tensor back to where its size was set.
    """

    def __init__(self, title, chains):
        self.title, self.chains = title, chains

    def __str__(self):
        lines = [self.title]
        for steps in self.chains.values():
            lines += [f"  {'  ' * min(i, 8)}{step}" for i, step in enumerate(steps)]
        return "\n".join(lines)

    __repr__ = __str__


def explain_shape(of, *others):
    """tf.explain_shape: why a tensor has its shape, size by size, back to the lines that set them.

    `of` is a tensor (or a variable); or the error of an operation that could not be made: then the sizes
    that disagree are followed, each along its own chain; or several tensors.
    Raises TypeError for anything else.
    """
    if isinstance(of, BaseException):
        return _disagreement(of)
    tensors = [_tensor(each) for each in (of, *others)]
    chains = {}
    for tensor in tensors:
        for axis in range(tensor.shape.ndims or 0):
            chains[tensor, axis] = chain(tensor, axis)
    title = "; ".join(_titled(tensor) for tensor in tensors)
    return ShapeExplanation(title, chains)


def _tensor(value):
    found = value._as_graph_element() if hasattr(value, "_as_graph_element") else value
    if not isinstance(found, Tensor):
        raise TypeError(f"A tensor, a variable or an error has a shape to explain, not {type(value).__name__}")
    return found


def _titled(tensor):
    if tensor.shape.ndims is None:
        return f"{tensor.name}: not even the number of axes is known before it runs"
    return f"{tensor.name} has shape {shape_of(tensor)}"


def chain(tensor, axis):
    """[Step, ...] from a size of `tensor` back to the operation that set it (along the first source)."""
    steps = []
    for _ in range(LONGEST):
        step = Step(tensor, axis, sources(tensor, axis))
        if tensor.op.type != "Identity":  # which changes nothing
            steps.append(step)
        if not step.sources:
            break
        tensor, axis = step.sources[0]
    return steps


def sources(tensor, axis):
    """The [(input, axis)] that decide the size on `axis` of `tensor`; empty where its operation sets it."""
    op = tensor.op
    places = [(i, a) for i, t in enumerate(op.inputs) if i not in op.definition.static for a in _axes(t)]
    single = [place for place in places if _follows(tensor, axis, [place])]
    if not single:
        size = tensor.shape.sizes[axis]
        alike = [(i, a) for i, a in places if size is not None and op.inputs[i].shape.sizes[a] == size]
        single = next((list(pair) for pair in itertools.combinations(alike, 2) if _follows(tensor, axis, pair)), [])
    return [(op.inputs[i], a) for i, a in single]


def _axes(tensor):
    return range(tensor.shape.ndims or 0)


def _follows(tensor, axis, places):
    """True if the size is no longer what it was when these sizes of the inputs are forgotten."""
    size = tensor.shape.sizes[axis]
    outputs = _inferred(tensor.op, places, None if size is not None else _MARK)
    if outputs is None:
        return False
    shape = TensorShape(outputs[tensor.value_index][0])
    if shape.ndims != tensor.shape.ndims:
        return False
    return (shape.sizes[axis] is None) if size is not None else (shape.sizes[axis] is not None)


def _inferred(op, places, size):
    """What `infer` says when the sizes at `places` [(input, axis)] are `size`; None where it refuses."""
    specs = []
    for i, tensor in enumerate(op.inputs):
        spec = Spec.of(tensor)
        axes = [a for place, a in places if place == i]
        if axes:
            changed = [size if a in axes else n for a, n in enumerate(tensor.shape.sizes)]
            spec = Spec(TensorShape(changed), tensor.dtype.base_dtype)
        specs.append(spec)
    try:
        return list(op.definition.infer(op, *specs))
    except Exception:  # a rule that needs more than shapes, or that these sizes break
        return None


def _disagreement(error):
    op = _failed_operation(error)
    if op is None:
        raise TypeError("This error does not come from the shapes of an operation's inputs.")
    places = [(i, a) for i, t in enumerate(op.inputs) for a in _axes(t)]
    guilty = [place for place in places if _inferred(op, [place], None) is not None]
    chains = {(op.inputs[i], a): chain(op.inputs[i], a) for i, a in guilty}
    inputs = " and ".join(f"{t.name} {shape_of(t)}" for t in op.inputs)
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ShapeExplanation(f"{op.type} can't take {inputs}: {message}", chains)


def _failed_operation(error):
    """The operation that was being made when `error` was raised: it lives in the frames of the traceback."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            found = trace.tb_frame.f_locals.get("op")
            if trace.tb_frame.f_code.co_name == "add" and hasattr(found, "definition"):
                return found
            trace = trace.tb_next
        error = error.__cause__
    return None
