"""`map_fn`, `foldl`, `foldr`, `scan`: loops over the rows of tensors, made of `while_loop` and `TensorArray`."""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import shape_of
from minitf.ops.comparison import greater_equal, less
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.loops import while_loop
from minitf.ops.structure import assert_same_structure, flatten, map_structure, pack_sequence_as
from minitf.ops.tensor_array import TensorArray


def _rows(elems):
    """(structure of tensors, their TensorArrays, number of rows known now or None, as a tensor)."""
    tensors = map_structure(lambda e: convert_to_tensor(e, name="elem"), elems)
    flat = flatten(tensors)
    for t in flat:
        if t.shape.ndims == 0:
            raise ValueError(f"elements must have at least one axis to loop over, but {t.name} is a scalar")
    known = next((t.shape.sizes[0] for t in flat if t.shape.ndims and t.shape.sizes[0] is not None), None)
    for t in flat:
        if t.shape.ndims and None not in (known, t.shape.sizes[0]) and t.shape.sizes[0] != known:
            raise ValueError(f"elements must have the same number of rows: {known} and {t.shape.sizes[0]}")
    count = constant(known, dtypes.int32) if known is not None else shape_of(flat[0])[0]
    arrays = [
        TensorArray(t.dtype.base_dtype, count, infer_shape=True, element_shape=t.shape[1:]).unstack(t)
        for t in flat
    ]
    return tensors, arrays, known, count


def _read(structure, arrays, i):
    return pack_sequence_as(structure, [a.read(i) for a in arrays])


def _with_rows(tensor, count):
    if tensor.shape.ndims is not None:
        tensor.set_shape(TensorShape([count]).concatenate(tensor.shape[1:]))
    return tensor


def map_fn(fn, elems, dtype=None, parallel_iterations=None, back_prop=True, swap_memory=False,
           infer_shape=True, name=None):  # fmt: skip
    """tf.map_fn: stack `fn` of every row of `elems` (a tensor, or a structure of tensors).

    `dtype` gives the structure and dtypes of what `fn` returns, where these differ from `elems`.
    Raises TypeError where `fn` can't be called, ValueError where it returns another structure.
    """
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "map", flatten(elems)):
        tensors, arrays, known, count = _rows(elems)
        result = map_structure(lambda t: t.dtype.base_dtype, tensors) if dtype is None else dtype
        outputs = [TensorArray(d, count, infer_shape=infer_shape) for d in flatten(result)]

        def body(i, outs):
            values = fn(_read(tensors, arrays, i))
            assert_same_structure(result, values)
            return i + 1, [o.write(i, v) for o, v in zip(outs, flatten(values), strict=True)]

        _, outputs = while_loop(lambda i, _: less(i, count), body, (0, outputs))
        return pack_sequence_as(result, [_with_rows(o.stack(), known) for o in outputs])


def _start(elems, tensors, arrays, initializer, first):
    """(initial accumulator, index of the first row still to be read)."""
    if initializer is None:
        return _read(tensors, arrays, first), 1
    return map_structure(convert_to_tensor, initializer), 0


def foldl(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """tf.foldl: fn(...fn(fn(initializer, row 0), row 1)..., last row); row 0 starts where no initializer is given."""
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "foldl", flatten(elems)):
        tensors, arrays, _, count = _rows(elems)
        value, first = _start(elems, tensors, arrays, initializer, 0)
        _, value = while_loop(
            lambda i, _: less(i, count),
            lambda i, a: (i + 1, fn(a, _read(tensors, arrays, i))),
            (first, value),
        )
        return value


def foldr(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """tf.foldr: as `foldl`, from the last row to the first."""
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "foldr", flatten(elems)):
        tensors, arrays, _, count = _rows(elems)
        value, taken = _start(elems, tensors, arrays, initializer, count - 1)
        _, value = while_loop(
            lambda i, _: greater_equal(i, 0),
            lambda i, a: (i - 1, fn(a, _read(tensors, arrays, i))),
            (count - 1 - taken, value),
        )
        return value


def scan(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False,
         infer_shape=True, reverse=False, name=None):  # fmt: skip
    """tf.scan: all the accumulators of `foldl`, stacked: one per row.

    `initializer` has the structure of the accumulator; `reverse` goes from the last row to the first.
    """
    if not callable(fn):
        raise TypeError("fn must be callable.")
    with name_scope(name, "scan", flatten(elems)):
        tensors, arrays, known, count = _rows(elems)
        value, taken = _start(elems, tensors, arrays, initializer, count - 1 if reverse else 0)
        flat = flatten(value)
        outputs = [
            TensorArray(
                v.dtype.base_dtype,
                count,
                element_shape=v.shape if infer_shape else None,
                infer_shape=infer_shape,
            )
            for v in flat
        ]
        if taken:
            outputs = [o.write(count - 1 if reverse else 0, v) for o, v in zip(outputs, flat, strict=True)]

        def body(i, a, outs):
            new = fn(a, _read(tensors, arrays, i))
            assert_same_structure(value, new, check_types=False)
            new = pack_sequence_as(value, flatten(new))
            written = [o.write(i, v) for o, v in zip(outs, flatten(new), strict=True)]
            return i - 1 if reverse else i + 1, new, written

        start = count - 1 - taken if reverse else taken
        go_on = (lambda i, *_: greater_equal(i, 0)) if reverse else (lambda i, *_: less(i, count))
        _, _, outputs = while_loop(go_on, body, (start, value, outputs))
        return pack_sequence_as(value, [_with_rows(o.stack(), known) for o in outputs])
