"""`static_rnn`: a cell along a list of inputs, one copy of its operations for every step."""

from minitf.graph import dtypes
from minitf.ops.array import identity, shape_of
from minitf.ops.casting import cast
from minitf.ops.comparison import greater_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.structure import flatten, map_structure
from minitf.ops.variable_scope import variable_scope
from minitf.rnn.cell import zero_state_tensor
from minitf.rnn.dynamic import check_cell, initial_state_of, keep_where


def static_rnn(cell, inputs, initial_state=None, dtype=None, sequence_length=None, scope=None):
    """tf.nn.static_rnn: (list of outputs, final state) of `cell` along the list `inputs` of (batch, features).

    Beyond a row's `sequence_length` outputs are zero and the state stays as it is.
    Raises TypeError where `inputs` is no list, ValueError where it is empty.
    """
    check_cell(cell)
    if not isinstance(inputs, (list, tuple)):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    outputs = []
    with variable_scope(scope or "rnn") as opened:
        inputs = [map_structure(convert_to_tensor, step) for step in inputs]
        first = flatten(inputs[0])[0]
        if first.shape.ndims is not None and None in first.shape.sizes[1:]:
            raise ValueError(
                "Input size (second dimension of inputs[0]) must be accessible via shape inference"
            )
        known = first.shape.sizes[0] if first.shape.ndims else None
        batch = known if known is not None else shape_of(first)[0]
        state = initial_state_of(cell, initial_state, batch, dtype)
        lengths = None
        if sequence_length is not None:
            lengths = identity(cast(convert_to_tensor(sequence_length), dtypes.int32), name="sequence_length")
        for time, step in enumerate(inputs):
            if time > 0:
                opened.reuse_variables()
            output, after = cell(step, state)
            if lengths is not None:
                output, after = _copied_through(time, lengths, output, state, after, batch)
            outputs.append(output)
            state = after
    return outputs, state


def _copied_through(time, lengths, output, before, after, batch):
    finished = greater_equal(constant(time), lengths)
    blank = map_structure(lambda o: zero_state_tensor(o.shape[1:], batch, o.dtype.base_dtype), output)
    return (
        map_structure(lambda b, o: keep_where(finished, b, o), blank, output),
        map_structure(lambda b, a: keep_where(finished, b, a), before, after),
    )
