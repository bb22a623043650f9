"""A layer of LSTM cells in one op equals the same layer written out, with its gradients."""

import numpy as np
import pytest

import minitf as tf
from minitf.kernels import blas, panels

STEPS, BATCH, INPUTS = 5, 3, 4


def written_out(x, cell, out, w, b, units, clip):
    cells, outs = [], []
    for t in range(STEPS):
        i, new, forget, o = tf.split(tf.matmul(tf.concat([x[t], out], 1), w) + b, 4, 1)
        cell = cell * tf.sigmoid(forget + 0.5) + tf.sigmoid(i) * tf.tanh(new)
        cell = tf.clip_by_value(cell, -clip, clip) if clip > 0 else cell
        out = tf.tanh(cell) * tf.sigmoid(o)
        cells.append(cell)
        outs.append(out)
    return tf.stack(cells), tf.stack(outs)


@pytest.mark.parametrize("small_kernels", [False, True])
@pytest.mark.parametrize("units", [6, 64])
@pytest.mark.parametrize("peephole", [False, True], ids=["kernels", "numpy"])
def test_it_equals_the_layer_written_out(units, peephole, small_kernels, monkeypatch):
    monkeypatch.setattr(blas, "has_small_kernels", lambda dtype: small_kernels)
    monkeypatch.setattr(panels, "has_small_kernels", lambda dtype: small_kernels)
    random = np.random.default_rng(0)
    shapes = (STEPS, BATCH, INPUTS), (BATCH, units), (BATCH, units), (INPUTS + units, 4 * units), (4 * units,)
    with tf.Graph().as_default(), tf.Session() as session:
        given = [tf.constant(0.3 * random.standard_normal(s), tf.float32) for s in shapes]
        x, cell, out, w, b = given
        none = tf.zeros([units])  # peepholes that let nothing through, for the op that is computed by NumPy
        found = tf.raw_ops.BlockLSTM(seq_len_max=tf.constant(STEPS, tf.int64), x=x, cs_prev=cell, h_prev=out, w=w,
                                     wci=none, wcf=none, wco=none, b=b, forget_bias=0.5, cell_clip=-1.0,
                                     use_peephole=peephole)  # fmt: skip
        weights = [tf.constant(random.standard_normal((STEPS, BATCH, units)), tf.float32) for _ in range(2)]
        results = []
        for cells, outs in ((found[1], found[6]), written_out(*given, units, 0)):
            loss = tf.reduce_sum(cells * weights[0] + outs * weights[1])
            results.append(session.run([cells, outs, *tf.gradients(loss, given)]))
        for one, other in zip(*results, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


def test_a_clipped_cell_and_the_steps_after_the_last():
    random = np.random.default_rng(0)
    shapes = (STEPS, BATCH, INPUTS), (BATCH, 6), (BATCH, 6), (INPUTS + 6, 24), (24,)
    with tf.Graph().as_default(), tf.Session() as session:
        given = [tf.constant(random.standard_normal(s), tf.float32) for s in shapes]
        x, cell, out, w, b = given
        found = tf.raw_ops.BlockLSTM(seq_len_max=tf.constant(3, tf.int64), x=x, cs_prev=cell, h_prev=out, w=w,
                                     wci=b[:6], wcf=b[:6], wco=b[:6], b=b, forget_bias=0.5, cell_clip=0.4)  # fmt: skip
        cells, outs = session.run([found[1], found[6]])
        expected = session.run(written_out(*given, 6, 0.4))
        np.testing.assert_allclose(cells[:3], expected[0][:3], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(outs[:3], expected[1][:3], rtol=1e-4, atol=1e-6)
        assert not cells[3:].any() and not outs[3:].any() and abs(cells[:3]).max() == np.float32(0.4)
        dx = session.run(tf.gradients(tf.reduce_sum(found[6]), x)[0])
        assert dx[:3].all() and not dx[3:].any()
