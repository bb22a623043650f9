"""`BlockLSTM`: a whole layer of long short-term memory cells in one op, and its gradient."""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.kernels import copying
from minitf.kernels import lstm as kernels
from minitf.ops.examples import array, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import Op

_TYPES = {"T": ("float16", "float32")}
_STEPS = array(3, np.int64)
_SHAPES = (4, 2, 3), (2, 5), (2, 5), (8, 20), (5,), (5,), (5,), (20,)  # of the inputs from x to b
_SEQUENCE = (4, 2, 5)
_EXAMPLES = [  # attributes
    {}, {"forget_bias": 0.5, "cell_clip": 0.3}, {"use_peephole": True, "cell_clip": -1.0},
]  # fmt: skip


class BlockLSTM(Op):
    """i, cs, f, o, ci, co, h of `seq_len_max` steps of a layer of LSTM cells; 0 in the steps after them.

    [i, ci, f, o] = [x[t], h[t-1]] w + b, then i = sigmoid(i + wci cs[t-1]), f = sigmoid(f + forget_bias + wcf cs[t-1]),
    ci = tanh(ci), cs = ci i + cs[t-1] f within cell_clip, o = sigmoid(o + wco cs), co = tanh(cs), h = co o.
    """

    inputs = {"seq_len_max": "int64", "x": "T", "cs_prev": "T", "h_prev": "T", "w": "T", "wci": "T", "wcf": "T",
              "wco": "T", "b": "T"}  # fmt: skip
    types = _TYPES
    attrs = {"forget_bias": 1.0, "cell_clip": 3.0, "use_peephole": False}
    static = (0,)
    examples = [example(_STEPS, *(normal(*s) for s in _SHAPES), **attrs) for attrs in _EXAMPLES]

    def infer(op, steps, x, cell, out, w, wci, wcf, wco, b):
        shape, bias = x.shape.with_rank(3), b.shape.with_rank(1)
        units = None if bias[0].value is None else bias[0].value // 4
        return [(TensorShape([shape[0], shape[1], units]), x.dtype)] * 7

    def cpu(op, steps, x, cell, out, w, wci, wcf, wco, b, *results):
        if op.attrs["use_peephole"]:
            return None
        options = op.attrs["forget_bias"], op.attrs["cell_clip"]
        return kernels.forward_launches(_count(steps, x), x, cell, out, w, b, *options, results)

    def numpy(op, steps, x, cell, out, w, wci, wcf, wco, b):
        x, cell, out, w, wci, wcf, wco, b = map(widen, (x, cell, out, w, wci, wcf, wco, b))
        if not op.attrs["use_peephole"]:
            wci = wcf = wco = np.zeros_like(wci)
        results = [np.zeros((*x.shape[:2], cell.shape[1]), x.dtype) for _ in range(7)]
        clip = op.attrs["cell_clip"]
        for t in range(_count(steps, x)):
            i, new, f, o = np.split(np.concatenate([x[t], out], 1) @ w + b, 4, 1)
            i = _sigmoid(i + wci * cell)
            f = _sigmoid(f + x.dtype.type(op.attrs["forget_bias"]) + wcf * cell)
            new = np.tanh(new)
            cell = new * i + cell * f
            cell = np.clip(cell, -clip, clip).astype(x.dtype) if clip > 0 else cell
            o = _sigmoid(o + wco * cell)
            out = np.tanh(cell) * o
            for result, value in zip(results, (i, cell, f, o, new, np.tanh(cell), out), strict=True):
                result[t] = value
        return results

    def gradient(op, *grads):
        peephole = op.attrs["use_peephole"]
        made = BlockLSTMGrad.make(*op.inputs, *op.outputs, grads[1], grads[6], use_peephole=peephole)
        return [None, *made.outputs]


class BlockLSTMGrad(Op):
    """The gradients of `BlockLSTM` from those of `cs` and `h`: of all its inputs but the first.

    As in TensorFlow the others' gradients count as 0, and a clipped cell's passes as if it were not clipped.
    """

    inputs = {**BlockLSTM.inputs, **dict.fromkeys(("i", "cs", "f", "o", "ci", "co", "h", "cs_grad", "h_grad"), "T")}
    types = _TYPES
    attrs = {"use_peephole": None}
    static = (0,)
    examples = [
        example(_STEPS, *(normal(*s) for s in _SHAPES), *(normal(*_SEQUENCE) for _ in range(9)), use_peephole=p)
        for p in (False, True)
    ]

    def infer(op, steps, *specs):
        return [(s.shape, s.dtype) for s in specs[:8]]

    def cpu(op, steps, x, cell, out, w, wci, wcf, wco, b, *rest):
        if op.attrs["use_peephole"]:
            return None
        results, (d_cell, d_out), (dx, d_first_cell, d_first_out, dw, dci, dcf, dco, db) = rest[:7], rest[7:9], rest[9:]
        given = _count(steps, x), x, cell, out, w, results, d_cell, d_out
        peepholes = [copying.fill_launch(0, d) for d in (dci, dcf, dco)]
        return peepholes + kernels.backward_launches(*given, dx, d_first_cell, d_first_out, dw, db)

    def numpy(op, steps, *arrays):
        x, cell, out, w, wci, wcf, wco, b, i, cs, f, o, ci, co, h, d_cs, d_h = map(widen, arrays)
        if not op.attrs["use_peephole"]:
            wci = wcf = wco = np.zeros_like(wci)
        dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
        d_peep = np.zeros((3, wci.size), x.dtype)
        dc, dh = np.zeros_like(cell), np.zeros_like(out)
        for t in reversed(range(_count(steps, x))):
            before, out_before = (cs[t - 1], h[t - 1]) if t > 0 else (cell, out)
            dh = dh + d_h[t]
            d_o = o[t] * (1 - o[t]) * dh * co[t]
            dc = (1 - co[t] ** 2) * dh * o[t] + d_cs[t] + dc + d_o * wco
            d_i, d_f = i[t] * (1 - i[t]) * dc * ci[t], f[t] * (1 - f[t]) * dc * before
            d_gates = np.concatenate([d_i, (1 - ci[t] ** 2) * dc * i[t], d_f, d_o], 1)
            dc = dc * f[t] + d_i * wci + d_f * wcf
            dw += np.concatenate([x[t], out_before], 1).T @ d_gates
            db += d_gates.sum(0)
            if op.attrs["use_peephole"]:
                d_peep += [(d_i * before).sum(0), (d_f * before).sum(0), (d_o * cs[t]).sum(0)]
            dx[t], dh = np.split(d_gates @ w.T, [x.shape[2]], 1)
        return [dx, dc, dh, dw, *d_peep, db]


def _count(steps, x):
    return min(int(steps), len(x))


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))
