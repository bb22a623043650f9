"""`dynamic_rnn`: a cell along a sequence, in a `while_loop`."""

from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.array import identity, rank, shape_of, zeros
from minitf.ops.casting import cast
from minitf.ops.comparison import greater_equal, less
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.joining import concat
from minitf.ops.logic import logical_not
from minitf.ops.loops import while_loop
from minitf.ops.ranges import range as range_of
from minitf.ops.reductions import reduce_all
from minitf.ops.selection import where
from minitf.ops.structure import assert_same_structure, flatten, map_structure, pack_sequence_as
from minitf.ops.tensor_array import TensorArray
from minitf.ops.transposing import transpose
from minitf.ops.variable_scope import variable_scope


def check_cell(cell):
    """Raises TypeError where `cell` is no RNNCell."""
    missing = [n for n in ("output_size", "state_size") if not hasattr(type(cell), n)]
    if missing or not callable(cell):
        raise TypeError(
            f"The argument 'cell' ({cell}) is not an RNNCell: {', '.join(missing)} property is missing"
        )


def swap_batch_and_time(x):
    """(batch, time, ...) <-> (time, batch, ...)"""
    x = convert_to_tensor(x)
    if x.shape.ndims is not None and x.shape.ndims < 2:
        return x
    axes = (
        [1, 0, *range(2, x.shape.ndims)]
        if x.shape.ndims is not None
        else concat([[1, 0], range_of(2, rank(x))], 0)
    )
    return transpose(x, axes)


def initial_state_of(cell, initial_state, batch_size, dtype):
    """The state to start from.  Raises ValueError where neither a state nor a dtype is given."""
    if initial_state is not None:
        return map_structure(convert_to_tensor, initial_state)
    if not dtype:
        raise ValueError("If there is no initial_state, you must give a dtype.")
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(inputs=None, batch_size=batch_size, dtype=dtype)
    return cell.zero_state(batch_size, dtype)


def keep_where(finished, kept, new):
    """Row by row: `kept` where the sequence is finished, else `new`.  Scalars and TensorArrays are new."""
    if not isinstance(new, Tensor) or new.shape.ndims == 0:
        return new
    found = where(finished, kept, new)
    found.set_shape(new.shape)
    return found


def dynamic_rnn(cell, inputs, sequence_length=None, initial_state=None, dtype=None, parallel_iterations=None,
                swap_memory=False, time_major=False, scope=None):  # fmt: skip
    """tf.nn.dynamic_rnn: (outputs, final state) of `cell` along `inputs`.

    `inputs` has shape (batch, time, ...), or (time, batch, ...) with `time_major`; the outputs likewise
    (a nested structure is allowed).  Beyond a row's `sequence_length` outputs are zero and the state stays.
    `initial_state` has the structure of `cell.state_size`; without it `dtype` is needed.

    Raises TypeError for what is no cell, ValueError for inputs without a known feature size.
    """
    check_cell(cell)
    with variable_scope(scope or "rnn"):
        inputs = map_structure(convert_to_tensor, inputs)
        flat = flatten(inputs)
        if not time_major:
            flat = [swap_batch_and_time(x) for x in flat]
        batch = _batch_size(flat)
        if sequence_length is not None:
            sequence_length = _lengths(sequence_length)
        state = initial_state_of(cell, initial_state, batch, dtype)
        outputs, state = _run(cell, pack_sequence_as(inputs, flat), sequence_length, state, batch, dtype)
        if not time_major:
            outputs = map_structure(swap_batch_and_time, outputs)
        return outputs, state


def _batch_size(flat):
    for x in flat:
        if x.shape.ndims is not None and x.shape.sizes[1] is not None:
            return x.shape.sizes[1]
    return shape_of(flat[0])[1]


def _lengths(sequence_length):
    lengths = cast(convert_to_tensor(sequence_length), dtypes.int32)
    if lengths.shape.ndims not in (None, 1):
        raise ValueError(
            f"sequence_length must be a vector of length batch_size, but saw shape: {lengths.shape}"
        )
    return identity(lengths, name="sequence_length")


def _run(cell, inputs, lengths, state, batch, dtype):
    flat = flatten(inputs)
    for x in flat:
        if x.shape.ndims is not None and None in x.shape.sizes[2:]:
            raise ValueError(
                "Input size (depth of inputs) must be accessible via shape inference, but saw value None."
            )
    known = next((x.shape.sizes[0] for x in flat if x.shape.ndims and x.shape.sizes[0] is not None), None)
    steps = constant(known, dtypes.int32) if known is not None else shape_of(flat[0])[0]
    rows = [
        TensorArray(x.dtype.base_dtype, steps, tensor_array_name=f"dynamic_rnn/input_{i}").unstack(x)
        for i, x in enumerate(flat)
    ]
    size = cell.output_size
    arrays = [_output_array(s, flat, state, steps, dtype, i) for i, s in enumerate(flatten(size))]
    blank = None if lengths is None else map_structure(lambda s: _blank(s, batch, flat, state, dtype), size)

    def step(time, outputs, before):
        now = pack_sequence_as(inputs, [r.read(time) for r in rows])
        output, after = cell(now, before)
        assert_same_structure(size, output, check_types=False)
        assert_same_structure(before, after)
        if lengths is not None:
            finished = greater_equal(time, lengths)
            output = map_structure(lambda b, o: keep_where(finished, b, o), blank, output, check_types=False)
            after = map_structure(lambda b, a: keep_where(finished, b, a), before, after)
        return time + 1, [a.write(time, o) for a, o in zip(outputs, flatten(output), strict=True)], after

    _, arrays, state = while_loop(
        lambda time, *_: less(time, steps), step, (constant(0, name="time"), arrays, state)
    )
    outputs = [_stacked(a, known, batch, s) for a, s in zip(arrays, flatten(size), strict=True)]
    return pack_sequence_as(size, outputs), state


def _dtype_of_outputs(flat, state, dtype):
    if dtype is not None:
        return dtypes.as_dtype(dtype).base_dtype
    states = flatten(state)
    return states[0].dtype.base_dtype if states else flat[0].dtype.base_dtype


def _output_array(size, flat, state, steps, dtype, i):
    return TensorArray(
        _dtype_of_outputs(flat, state, dtype), steps, tensor_array_name=f"dynamic_rnn/output_{i}"
    )


def _blank(size, batch, flat, state, dtype):
    from minitf.rnn.cell import zero_state_tensor

    return zero_state_tensor(size, batch, _dtype_of_outputs(flat, state, dtype))


def _stacked(array, steps, batch, size):
    out = array.stack()
    row = TensorShape(size) if isinstance(size, (TensorShape, list, tuple)) else TensorShape([size])
    known = None if isinstance(batch, Tensor) else int(batch)
    out.set_shape(TensorShape([steps, known]).concatenate(row))
    return out


def raw_rnn(cell, loop_fn, parallel_iterations=None, swap_memory=False, scope=None):
    """tf.nn.raw_rnn: `loop_fn(time, cell_output, cell_state, loop_state)` makes the next input from the last output.

    It returns (finished, next_input, next_cell_state, emit_output, next_loop_state); at first its second
    and third arguments are None, and emit_output gives the structure of what is emitted (None: the output
    of the cell).  Returns (TensorArray of what was emitted, final state, final loop state).
    """
    check_cell(cell)
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope(scope or "rnn"):
        start = constant(0, dtypes.int32)
        finished, next_input, state, emit, loop_state = loop_fn(start, None, None, None)
        without_state = loop_state is None
        loop_state = constant(0, dtypes.int32) if without_state else loop_state
        flat = flatten(next_input)
        batch = next((x.shape.sizes[0] for x in flat if x.shape.ndims and x.shape.sizes[0] is not None), None)
        batch = shape_of(flat[0])[0] if batch is None else batch
        blank = _emitted(cell, emit, batch, flatten(state)[0].dtype.base_dtype)
        arrays = map_structure(
            lambda z: TensorArray(z.dtype.base_dtype, 0, dynamic_size=True, element_shape=None), blank
        )

        def body(time, finished, now, arrays, before, loop_before):
            output, after = cell(now, before)
            next_finished, next_input, after, emit, loop_after = loop_fn(time + 1, output, after, loop_before)
            emit = output if emit is None else emit
            emit = map_structure(lambda z, e: keep_where(finished, z, e), blank, emit)
            after = map_structure(lambda b, a: keep_where(finished, b, a), before, after)
            arrays = map_structure(lambda a, e: a.write(time, e), arrays, emit)
            loop_after = loop_before if loop_after is None else loop_after
            return time + 1, finished | next_finished, next_input, arrays, after, loop_after

        result = while_loop(
            lambda time, finished, *_: logical_not(reduce_all(finished)), body,
            (start, convert_to_tensor(finished), next_input, arrays, state, loop_state),
        )  # fmt: skip
        return result[3], result[4], None if without_state else result[5]


def _emitted(cell, emit, batch, dtype):
    """Zeros in the structure and shape of what a step emits."""
    from minitf.rnn.cell import zero_state_tensor

    if emit is None:
        return map_structure(lambda size: zero_state_tensor(size, batch, dtype), cell.output_size)

    def like(e):
        dims = concat([[batch], shape_of(e)], 0)
        made = zeros(dims, e.dtype.base_dtype)
        made.set_shape(TensorShape([None if isinstance(batch, Tensor) else batch]).concatenate(e.shape))
        return made

    return map_structure(like, emit)
