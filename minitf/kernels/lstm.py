"""A layer of long short-term memory cells (Hochreiter and Schmidhuber, 1997; forget gates: Gers et al., 2000).

    gates = [x[t], out[t-1]] w + b             four blocks of columns: input, new, forget, output
    i, f, o = sigmoid(input), sigmoid(forget + forget_bias), sigmoid(output)
    new = tanh(new)
    cell[t] = new i + cell[t-1] f
    out[t] = tanh(cell[t]) o

Written with an operation for each of these, a step reads and writes every gate a dozen times.  Here `cell_forward`
does in one pass what comes after the product, and `cell_backward` what comes before it in the gradient.  What does
not depend on the step before is one product for all steps: x w, and the gradients of w and x.  (Appleyard et
al., "Optimizing performance of recurrent neural networks on GPUs", 2016.)
"""

import numpy as np

from minitf.kernels import reduction
from minitf.kernels.blas import gemm_launch
from minitf.kernels.copying import fill_launch
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.panels import Panels
from minitf.kernels.scalar_math import tanh
from minitf.kernels.transposing import transpose_launches

_GRAIN = 2048  # elements of a cell


def _plus(x, y):
    return x + y


@inline
def _gate(x):
    """sigmoid(x) as (1 + tanh(x / 2)) / 2, which is twice as fast, and as exact next to 1."""
    half = type(x)(0.5)
    return half + half * tanh(half * x)


@kernel
def cell_forward(begin, end, gates, bias, before, forget_bias, clip, i, cell, f, o, new, squashed, out):
    """One step for the examples begin..end: gates (batch, 4 units), `before` and the results (batch, units).

    `squashed` is tanh(cell).  A clip above 0 keeps the cell between -clip and clip.
    """
    units = before.shape[1]
    least, most, more = cell.dtype.type(-clip), cell.dtype.type(clip), cell.dtype.type(forget_bias)
    for r in range(begin, end):
        a, b = gates[r, :units], gates[r, units : 2 * units]
        c, d = gates[r, 2 * units : 3 * units], gates[r, 3 * units :]
        ba, bb, bc, bd = bias[:units], bias[units : 2 * units], bias[2 * units : 3 * units], bias[3 * units :]
        i_r, new_r, f_r, o_r = i[r], new[r], f[r], o[r]
        for k in range(units):
            i_r[k] = _gate(a[k] + ba[k])
            f_r[k] = _gate(c[k] + bc[k] + more)
            o_r[k] = _gate(d[k] + bd[k])
        cell_r, before_r, squashed_r, out_r = cell[r], before[r], squashed[r], out[r]
        for k in range(units):
            new_r[k] = tanh(b[k] + bb[k])
            state = new_r[k] * i_r[k] + before_r[k] * f_r[k]
            if clip > 0:
                state = least if state < least else state
                state = most if state > most else state
            cell_r[k] = state
            squashed_r[k] = tanh(state)
            out_r[k] = squashed_r[k] * o_r[k]


@kernel
def cell_backward(begin, end, i, before, f, o, new, squashed, d_cell, d_out, later_cell, later_out, d_gates):
    """One step back: d_gates (batch, 4 units), and `later_cell` becomes the gradient of the cell before.

    d_cell and d_out are what reaches this step's results from outside, later_cell and later_out what
    reaches them from the step after it.
    """
    units, one = before.shape[1], i.dtype.type(1)
    for r in range(begin, end):
        i_r, before_r, f_r, o_r, new_r, squashed_r = i[r], before[r], f[r], o[r], new[r], squashed[r]
        d_cell_r, d_out_r, later_cell_r, later_out_r = d_cell[r], d_out[r], later_cell[r], later_out[r]
        a, b = d_gates[r, :units], d_gates[r, units : 2 * units]
        c, d = d_gates[r, 2 * units : 3 * units], d_gates[r, 3 * units :]
        for k in range(units):
            dh = d_out_r[k] + later_out_r[k]
            dc = (one - squashed_r[k] * squashed_r[k]) * dh * o_r[k] + d_cell_r[k] + later_cell_r[k]
            a[k] = i_r[k] * (one - i_r[k]) * dc * new_r[k]
            b[k] = (one - new_r[k] * new_r[k]) * dc * i_r[k]
            c[k] = f_r[k] * (one - f_r[k]) * dc * before_r[k]
            d[k] = o_r[k] * (one - o_r[k]) * dh * squashed_r[k]
            later_cell_r[k] = dc * f_r[k]


def forward_launches(steps, x, cell, out, w, bias, forget_bias, clip, results):
    """Launches for the first `steps` of x (steps, batch, inputs), from the states cell and out (batch, units).

    `results` are i, cell, f, o, new, tanh(cell), out, each (steps, batch, units): 0 after the first `steps`.
    """
    time, batch, inputs = x.shape
    gates, panels = np.empty((time, batch, w.shape[1]), x.dtype), Panels(w[inputs:])
    launches = [fill_launch(0, r[steps:]) for r in results if steps < time] + panels.fill_launches()
    launches.append(gemm_launch(_rows(x[:steps]), w[:inputs], False, False, _rows(gates[:steps])))
    for t in range(steps):
        now = [r[t] for r in results]
        launches.append(panels.launch(out, gates[t], beta=1.0))
        options = float(forget_bias), float(clip)
        launches.append(_step(cell_forward, gates[t], bias, cell, *options, *now))
        cell, out = now[1], now[6]
    return launches


def backward_launches(steps, x, cell, out, w, results, d_cell, d_out, d_x, d_first_cell, d_first_out, d_w, d_bias):
    """Launches for the gradients of x, the first states, w and bias, given those of all cells and outputs."""
    time, batch, inputs = x.shape
    i, cells, f, o, new, squashed, outs = results
    d_gates = np.empty((steps, batch, w.shape[1]), x.dtype)
    turned = np.empty((w.shape[1], cell.shape[1]), w.dtype)
    panels = Panels(turned)
    launches = [*transpose_launches(w[inputs:], (1, 0), turned), *panels.fill_launches()]
    launches += [fill_launch(0, d_first_cell), fill_launch(0, d_first_out)]
    launches += [fill_launch(0, d_x[steps:])] if steps < time else []
    for t in reversed(range(steps)):
        before = cells[t - 1] if t > 0 else cell
        now = i[t], before, f[t], o[t], new[t], squashed[t], d_cell[t], d_out[t]
        launches.append(_step(cell_backward, *now, d_first_cell, d_first_out, d_gates[t]))
        launches.append(panels.launch(d_gates[t], d_first_out))
    rows, w_inputs, w_outputs = _rows(d_gates), d_w[:inputs], d_w[inputs:]
    launches.append(gemm_launch(rows, w[:inputs], False, True, _rows(d_x[:steps])))
    launches.append(gemm_launch(_rows(x[:steps]), rows, True, False, w_inputs))
    launches.append(gemm_launch(out, d_gates[0], True, False, w_outputs))
    if steps > 1:
        launches.append(gemm_launch(_rows(outs[: steps - 1]), _rows(d_gates[1:]), True, False, w_outputs, beta=1.0))
    return launches + reduction.launches(_plus, 0, rows, {0}, d_bias)


def _rows(x):
    return x.reshape(-1, x.shape[-1])


def _step(kernel, *arguments):
    batch, units = arguments[-1].shape[0], arguments[-1].shape[1]
    return Launch(kernel, *arguments, units=batch, grain=_GRAIN // units)
