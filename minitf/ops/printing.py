"""Tensors written to the standard error while the graph runs: `tf.Print`, `tf.print`, `tf.strings.format`."""

import sys

import numpy as np

from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import Op


def element(value, quote=False):
    """One number or string as TensorFlow writes it: the fewest digits that tell it from its neighbours."""
    if isinstance(value, bytes):
        text = value.decode("utf-8", "replace")
        return f'"{text}"' if quote else text
    value = np.asarray(value)
    if value.dtype.kind == "b":
        return "1" if value else "0"
    if value.dtype.kind == "c":
        return f"({element(value.real)},{element(value.imag)})"
    if value.dtype.kind in "iu":
        return str(int(value))
    number = float(value)
    if not np.isfinite(number):
        return "nan" if np.isnan(number) else "inf" if number > 0 else "-inf"
    few, many = (15, 17) if value.dtype == np.float64 else (6, 9)
    short = f"{number:.{few}g}"
    return short if value.dtype.type(short) == value else f"{number:.{many}g}"


def summarize(array, count):
    """The first `count` elements (all where it is negative), inner rows in brackets: `[1 2 3][4...]...`"""
    array = np.asarray(array)
    limit = array.size if count < 0 else count
    text = _rows([element(v) for v in array.reshape(-1)[:limit]], array.shape or (1,), 0, 0)
    return text + ("..." if array.size > limit else "")


def _rows(shown, shape, axis, start):
    """The part of the summary below `axis` whose first element is number `start`."""
    step = int(np.prod(shape[axis + 1 :]))
    if axis == len(shape) - 1:
        part = shown[start : start + shape[axis]]
        cut = axis > 0 and len(part) < shape[axis]
        return " ".join(part) + ("..." if cut else "")
    starts = range(start, start + shape[axis] * step, max(step, 1))
    return "".join(f"[{_rows(shown, shape, axis + 1, s)}]" for s in starts if s < len(shown))


def layout(array, count):
    """All of an array over several lines, with only the `count` first and last entries of each axis."""
    return _nested(np.asarray(array), count, 0)


def _nested(array, count, depth):
    if array.ndim == 0:
        return element(array[()], quote=True)
    shown = range(len(array))
    if count >= 0 and 2 * count < len(array):
        shown = [*shown[:count], None, *shown[len(array) - count :]]
    texts = ["..." if i is None else _nested(array[i : i + 1].reshape(array.shape[1:]), count, depth + 1)
             for i in shown]  # fmt: skip
    between = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (depth + 1)
    return f"[{between.join(texts)}]"


class Print(Op):
    """The input; writes `message` and the first elements of `data` to the standard error when it runs."""

    inputs = {"input": "T", "*data": "any"}
    type_list = "U"
    types = {"T": ()}
    attrs = {"message": "", "first_n": -1, "summarize": 3}
    stateful = True
    examples = [example(normal(2), [array([1, 2])], first_n=0)]

    def infer(op, input, *data):
        return [(input.shape, input.dtype)]

    def run(op, state, input, *data):
        calls = state.resource(f"{op.name}/calls", lambda: [0])
        calls[0] += 1
        if op.attrs["first_n"] < 0 or calls[0] <= op.attrs["first_n"]:
            shown = "".join(f"[{summarize(x, op.attrs['summarize'])}]" for x in data)
            print(f"{op.attrs['message']}{shown}", file=sys.stderr)
        return [input]

    def gradient(op, dy):
        return [dy, *[None] * (len(op.inputs) - 1)]


def print_identity(input_, data, message=None, first_n=None, summarize=None, name=None):
    """tf.Print: `input_`, and when it runs writes `message` and the tensors `data` to the standard error.

    `first_n` limits how often; `summarize` how many elements of each tensor are shown (3 by default).
    """
    return Print.apply(input_, list(data), message=message or "", first_n=-1 if first_n is None else first_n,
                       summarize=3 if summarize is None else summarize, name=name)  # fmt: skip


class StringFormat(Op):
    """`template` with each placeholder replaced by the written form of a tensor."""

    inputs = {"*inputs": "any"}
    type_list = "T"
    attrs = {"template": "{}", "placeholder": "{}", "summarize": 3}
    examples = [example([array([1, 2]), array([[0.5]], np.float32)], template="a {} b {}")]
    gradient = None

    def infer(op, *inputs):
        return [(TensorShape([]), dtypes.string)]

    def numpy(op, *inputs):
        pieces = op.attrs["template"].split(op.attrs["placeholder"])
        text = pieces[0]
        for value, piece in zip(inputs, pieces[1:], strict=True):
            text += layout(value, op.attrs["summarize"]) + piece
        return np.array(text.encode(), object)


def string_format(template, inputs, placeholder="{}", summarize=3, name=None):
    """tf.strings.format: `template` with its placeholders replaced by tensors, as a string tensor.

    The first and last `summarize` entries of each axis are shown.  Raises ValueError where the number of
    placeholders is not that of `inputs` (a tensor or a list of them).
    """
    tensors = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    if template.count(placeholder) != len(tensors):
        raise ValueError(f"{template.count(placeholder)} placeholder(s) in template does not match {len(tensors)} "
                         "tensor(s) provided as input")  # fmt: skip
    return StringFormat.apply(tensors, template=template, placeholder=placeholder, summarize=summarize, name=name)


class PrintV2(Op):
    """Writes a string to a stream when it runs."""

    inputs = {"input": "string"}
    attrs = {"output_stream": "stderr", "end": "\n"}
    stateful = True
    gradient = None
    examples = [example(array(np.array(b"", object)), end="")]

    def infer(op, input):
        return []

    def run(op, state, input):
        text, target = input.item().decode("utf-8", "replace") + op.attrs["end"], op.attrs["output_stream"]
        if target.startswith("file://"):
            with open(target.removeprefix("file://"), "a", encoding="utf-8") as file:
                file.write(text)
        else:
            print(text, end="", file=sys.stdout if target in ("stdout", "log(info)") else sys.stderr)
        return []


def print_values(*inputs, **kwargs):
    """tf.print: an operation that writes `inputs` (tensors, values, nested lists of them) when it runs.

    Keywords: `output_stream` (sys.stdout, sys.stderr, 'file://...'), `summarize` (3: entries at both ends
    of each axis; -1: all), `sep`, `end`, `name`.
    """
    stream, shown = kwargs.pop("output_stream", sys.stderr), kwargs.pop("summarize", 3)
    sep, end, name = kwargs.pop("sep", " "), kwargs.pop("end", "\n"), kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    target = {id(sys.stdout): "stdout", id(sys.stderr): "stderr"}.get(id(stream), stream)
    if not isinstance(target, str):
        raise ValueError(f"Unsupported output stream {stream!r}: sys.stdout, sys.stderr or 'file://...'")
    shown = 3 if shown is None else shown
    tensors = []
    template = sep.join(_template(value, tensors) for value in inputs)
    text = string_format(template, tensors, _HOLE, shown) if tensors else template
    return PrintV2.make(text, output_stream=target, end=end, name=name)


_HOLE = "\x00{}"  # what no text of the user holds


def _template(value, tensors):
    """`value` as text, with a hole for each tensor in it; the tensors are appended to `tensors`."""
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor") or isinstance(value, np.ndarray):
        tensors.append(convert_to_tensor(value))
        return _HOLE
    if hasattr(value, "dense_shape") and hasattr(value, "indices"):
        parts = [_template(t, tensors) for t in (value.indices, value.values, value.dense_shape)]
        return f"SparseTensor(indices={parts[0]}, values={parts[1]}, shape={parts[2]})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_template(v, tensors)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(v, tensors) for v in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(_quoted(v, tensors) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return str(value)


def _quoted(value, tensors):
    return repr(value) if isinstance(value, str) else _template(value, tensors)
