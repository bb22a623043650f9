"""Bidirectional networks: one cell reads forward, another backward.

Source: M. Schuster, K. Paliwal, "Bidirectional Recurrent Neural Networks" (1997).
"""

from minitf.ops.joining import concat, stack, unstack
from minitf.ops.reversing import reverse, reverse_sequence
from minitf.ops.structure import flatten, map_structure, pack_sequence_as
from minitf.ops.variable_scope import variable_scope
from minitf.rnn.dynamic import check_cell, dynamic_rnn
from minitf.rnn.static import static_rnn


def bidirectional_dynamic_rnn(cell_fw, cell_bw, inputs, sequence_length=None, initial_state_fw=None,
                              initial_state_bw=None, dtype=None, parallel_iterations=None, swap_memory=False,
                              time_major=False, scope=None):  # fmt: skip
    """tf.nn.bidirectional_dynamic_rnn: ((outputs forward, backward), (final states)), as `dynamic_rnn`."""
    check_cell(cell_fw)
    check_cell(cell_bw)
    time, batch = (0, 1) if time_major else (1, 0)

    def turned(x):
        if sequence_length is not None:
            return reverse_sequence(x, sequence_length, seq_axis=time, batch_axis=batch)
        return reverse(x, axis=[time])

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as forward:
            output_fw, state_fw = dynamic_rnn(
                cell_fw,
                inputs,
                sequence_length,
                initial_state_fw,
                dtype,
                time_major=time_major,
                scope=forward,
            )
        with variable_scope("bw") as backward:
            output, state_bw = dynamic_rnn(
                cell_bw, map_structure(turned, inputs), sequence_length, initial_state_bw, dtype,
                time_major=time_major, scope=backward,
            )  # fmt: skip
        output_bw = map_structure(turned, output)
    return (output_fw, output_bw), (state_fw, state_bw)


def static_bidirectional_rnn(cell_fw, cell_bw, inputs, initial_state_fw=None, initial_state_bw=None, dtype=None,
                             sequence_length=None, scope=None):  # fmt: skip
    """tf.nn.static_bidirectional_rnn: (list of outputs of both side by side, forward state, backward state)."""
    check_cell(cell_fw)
    check_cell(cell_bw)
    if not isinstance(inputs, list):
        raise TypeError("inputs must be a list")
    if not inputs:
        raise ValueError("inputs must not be empty")
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as forward:
            output_fw, state_fw = static_rnn(
                cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=forward
            )
        with variable_scope("bw") as backward:
            turned = _turned(inputs, sequence_length)
            output, state_bw = static_rnn(
                cell_bw, turned, initial_state_bw, dtype, sequence_length, scope=backward
            )
        output_bw = _turned(output, sequence_length)
    pairs = zip(output_fw, output_bw, strict=True)
    outputs = [
        pack_sequence_as(f, [concat([x, y], 1) for x, y in zip(flatten(f), flatten(b), strict=True)])
        for f, b in pairs
    ]
    return outputs, state_fw, state_bw


def _turned(steps, lengths):
    """The list of steps backwards, each row within its own length."""
    if lengths is None:
        return steps[::-1]
    columns = zip(*(flatten(step) for step in steps), strict=True)
    turned = [unstack(reverse_sequence(stack(list(c)), lengths, seq_axis=0, batch_axis=1)) for c in columns]
    return [pack_sequence_as(steps[0], list(leaves)) for leaves in zip(*turned, strict=True)]
