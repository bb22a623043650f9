"""Which input elements made one element of a tensor.

An input element is *lit* if the output element is made from it: NaN put in its place shows in the output
element, since NaN travels through every kernel.  (Where elements are integers, booleans or strings, other
values are tried instead.)  It is *moving* if, besides, the derivative there is not zero now: a row of the
Jacobian, by the graph's own differentiation.  So a rectifier at -1 is lit and rests; a matrix product
lights a row and a column, also where they hold zeros.

The search works on the operation alone, on the values its inputs have in one run, by the NumPy twin: it
knows no operation by name.
"""

import base64
import time
from typing import NamedTuple

import numpy as np

from minitf.autodiff.gradients import gradients
from minitf.graph.graph import Graph
from minitf.observe.values import is_number
from minitf.ops.constant import constant, convert_to_tensor
from minitf.runtime.session import Session

SECONDS = 1.5  # that the search in one input may take
SINGLES = 512  # marks of whole numbers may hide each other, so few of them are tried one by one
MAP_SIDE = 48
VALUES = 8


class Lit(NamedTuple):
    """What one input gave: its tensor and value, the masks, and whether the search came to its end."""

    tensor: object
    value: np.ndarray
    lit: np.ndarray
    moving: np.ndarray
    complete: bool


class Contributions(NamedTuple):
    """The element `index` of `tensor`, its value, and a `Lit` for each input that has elements to give."""

    tensor: object
    index: tuple
    value: object
    inputs: list

    def describe(self, shown=None):
        """The JSON of `labextension/src/contract/contribution.ts`; `shown` is the element's value as it was shown."""
        op = self.tensor.op
        output = f"{self.tensor.name}[{', '.join(map(str, self.index))}]"
        found = [_described(each) for each in self.inputs]
        made = f"{output} = {_word(self.value)} was made by {op.type} ({op.origin})"
        text = "\n".join([made, *(f"  from {i['where']}: {i['lit']} elements" for i in found)])
        return {
            "output": output, "value": _word(self.value), "op": op.type, "origin": str(op.origin), "inputs": found,
            "text": text, "later": shown is not None and not _same(self.value, shown),
        }  # fmt: skip

    def __repr__(self):
        return self.describe()["text"]


def _same(a, b):
    return a == b or (a != a and b != b)  # NaN is not equal to itself


def contributions(tensor, index, session, feed_dict=None):
    """tf.contributions: which elements of a tensor's inputs made its element at `index`.

    The inputs are computed once in `session` with `feed_dict`.  Raises ValueError for a tensor that no
    computation makes (a placeholder, a variable), whose operation has an effect or a memory, or which
    has no such element.
    """
    op = tensor.op
    _check_pure(op)
    values = [np.asarray(v) for v in session.run(list(op.inputs), feed_dict)]
    place = _place(op, values, tensor.value_index, index)
    arrays = [_clean(v) for v in values]
    search = _Search(op, arrays, tensor.value_index, place)
    slopes = _jacobian_row(op, arrays, tensor, place)
    found = []
    for i, source in enumerate(op.inputs):
        if i in op.definition.static:
            continue
        moving = slopes.get(i, np.zeros(arrays[i].shape, bool))
        lit, complete = search.lit(i, moving)
        found.append(Lit(source, values[i], lit, moving, complete))
    value = np.asarray(_outputs(op, values)[tensor.value_index])[place]
    return Contributions(tensor, tuple(map(int, place)), value, found)


def _check_pure(op):
    definition = op.definition
    if not op.inputs:
        raise ValueError(f"{op.name} ({op.type}) is made from no other tensor: it was fed, stored or written down.")
    if definition.stateful or definition.run or definition.enter or definition.reference or definition.state:
        raise ValueError(f"{op.name} ({op.type}) has an effect or a memory: running it again would not repeat it.")


def _place(op, values, output, index):
    shape = np.shape(_outputs(op, values)[output])
    index = tuple(int(i) for i in np.atleast_1d(np.asarray(index, np.int64)))
    if len(index) != len(shape) or any(not -n <= i < n for i, n in zip(index, shape)):
        raise ValueError(f"{op.outputs[output].name} has shape {shape} and no element {index}")
    return tuple(i % n for i, n in zip(index, shape))


def _outputs(op, arrays):
    with np.errstate(all="ignore"):
        return op.definition.evaluate(op, arrays)


def _clean(value):
    """The value with plain numbers in place of what is lost already, so that NaN can mark a place."""
    if value.dtype.kind not in "fc" or np.isfinite(value).all():
        return value
    return np.where(np.isfinite(value), value, np.asarray(0.5, value.dtype))


def _jacobian_row(op, arrays, tensor, place):
    """{input: mask of the elements whose derivative is not zero}, for the inputs that have one."""
    if not tensor.dtype.base_dtype.is_floating and not tensor.dtype.base_dtype.is_complex:
        return {}
    attrs = {name: value for name, value in op.attrs.items() if not name.startswith("_")}
    try:
        with Graph().as_default() as graph, Session(graph=graph) as session:
            inputs = [constant(a, t.dtype.base_dtype) for a, t in zip(arrays, op.inputs)]
            again = graph.add(op.definition, inputs, attrs, "again")
            output = again.outputs[tensor.value_index]
            seed = np.zeros(np.shape(session.run(output)), tensor.dtype.base_dtype.as_numpy_dtype)
            seed[place] = 1
            wanted = [i for i, t in enumerate(inputs) if t.dtype.is_floating or t.dtype.is_complex]
            slopes = gradients(output, [inputs[i] for i in wanted], [constant(seed)])
            known = {i: slope for i, slope in zip(wanted, slopes) if slope is not None}
            dense = session.run({i: _dense(slope) for i, slope in known.items()})
    except LookupError:  # the operation has no gradient
        return {}
    return {i: np.asarray(slope) != 0 for i, slope in dense.items()}


def _dense(slope):
    """A gradient as a tensor: a lookup gives IndexedSlices."""
    return convert_to_tensor(slope)


class _Search:
    """Finds what one output element depends on by putting marks into the inputs and running the op again."""

    def __init__(self, op, arrays, output, place):
        self._op, self._arrays, self._output, self._place = op, arrays, output, place
        self._before = self._element(arrays)

    def lit(self, which, known):
        """(mask, complete) of input `which`; `known` are lit for sure."""
        lit = np.array(known).reshape(-1)
        unknown = np.flatnonzero(~lit)
        marks = _marks(self._arrays[which], self._before)
        one_by_one = self._arrays[which].dtype.kind not in "fc" and unknown.size <= SINGLES
        waiting = list(unknown[:, None]) if one_by_one else [unknown] if unknown.size else []
        end = time.monotonic() + SECONDS
        while waiting and time.monotonic() < end:
            part = waiting.pop()
            if not any(self._changes(which, part, mark) for mark in marks):
                continue
            if part.size == 1:
                lit[part] = True
            else:
                waiting += [part[part.size // 2 :], part[: part.size // 2]]
        return lit.reshape(self._arrays[which].shape), not waiting

    def _changes(self, which, part, mark):
        marked = self._arrays[which].copy()
        flat = marked.reshape(-1)
        flat[part] = mark(flat[part])
        try:
            after = self._element([marked if i == which else a for i, a in enumerate(self._arrays)])
        except Exception:  # such a value can't be there at all: it says nothing of this element
            return False
        return not _same(self._before, after)

    def _element(self, arrays):
        return np.asarray(_outputs(self._op, arrays)[self._output])[self._place]


def _marks(array, output):
    """What can be put in place of elements so that whatever is made from them shows it."""
    if array.dtype.kind in "fc" or array.dtype.name == "bfloat16":
        lost = [lambda old: np.full_like(old, np.nan)]
        return lost if output.dtype.kind in "fc" else lost + [_spread(1e30, 1), _spread(-1e30, 2)]
    if array.dtype.kind == "b":
        return [np.logical_not]
    if array.dtype.kind in "iu" and array.size:
        low, high = array.min(), array.max()
        return [lambda old: np.minimum(old + 1, high), lambda old: np.maximum(old, low + 1) - 1,
                lambda old: low + high - old]  # fmt: skip
    return [lambda old: np.array([b"?" + (s if isinstance(s, bytes) else str(s).encode()) for s in old], object)]


def _spread(size, seed):
    """Far numbers, each another one: so an order among them changes, too."""
    return lambda old: (np.random.default_rng(seed).uniform(0.5, 1, old.shape) * size).astype(old.dtype)


def _same(a, b):
    return a == b or (is_number(a) and a.dtype.kind == "f" and np.isnan(a) and np.isnan(b))


# -- in words and as a map -------------------------------------------------------------------------------


def _described(found):
    places = np.argwhere(found.lit)
    name = found.tensor.name
    where = f"{name}{box(places, found.lit.shape)}"
    values = [
        {"index": f"[{', '.join(map(str, p))}]", "value": _word(found.value[tuple(p)])} for p in places[:VALUES]
    ]
    return {
        "name": name, "shape": list(found.lit.shape), "where": where, "lit": int(found.lit.sum()),
        "moving": int((found.lit & found.moving).sum()), "complete": found.complete,
        "map": _map(found), "values": values,
    }  # fmt: skip


def _word(value):
    if isinstance(value, (bytes, str)):
        return repr(value)[:60]
    return f"{value:.5g}" if np.asarray(value).dtype.kind == "f" else str(value)


def box(places, shape):
    """`[2, :]` for elements that fill a box, `[:, 0:3] (5 of them)` for the box around others, `: none` for none."""
    if not len(places):
        return ": none"
    if not shape:
        return ""
    axes = [np.unique(column) for column in np.asarray(places).T]
    text = f"[{', '.join(_axis(found, size) for found, size in zip(axes, shape))}]"
    full = np.prod([len(a) for a in axes]) == len(places)
    return text if full else f"{text} ({len(places)} of them)"


def _axis(found, size):
    if len(found) == size and size > 1:
        return ":"
    if len(found) == 1:
        return str(found[0])
    steps = np.unique(np.diff(found))
    if len(steps) == 1:
        step = f":{steps[0]}" if steps[0] > 1 else ""
        return f"{found[0]}:{found[-1] + 1}{step}"
    return "{" + ", ".join(map(str, found[:6])) + (", …" if len(found) > 6 else "") + "}"


def _map(found):
    """One table of the input: that of the first lit element; large ones shrink, and no lit element is lost."""
    levels = found.lit.astype(np.uint8) + (found.lit & found.moving)
    lead = []
    while levels.ndim > 2:
        lit = np.flatnonzero(levels.reshape(len(levels), -1).any(axis=1))
        lead.append(int(lit[0]) if lit.size else 0)
        levels = levels[lead[-1]]
    levels = levels.reshape((1, 1, *levels.shape)[-2:])
    for axis in (0, 1):
        size = levels.shape[axis]
        if size > MAP_SIDE:
            levels = np.maximum.reduceat(levels, np.arange(MAP_SIDE) * size // MAP_SIDE, axis)
    rows, columns = levels.shape
    data = base64.b64encode(np.ascontiguousarray(levels).tobytes()).decode()
    return {"lead": lead, "rows": rows, "columns": columns, "levels": data}
