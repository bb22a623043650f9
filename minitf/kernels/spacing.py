"""Numbers at equal distances."""

from minitf.kernels.functions import kernel


@kernel
def spaced(start, stop, out):
    """out[i] = start[0] + i * step, where the last is stop[0]"""
    last = out.size - 1
    step = (stop[0] - start[0]) / out.dtype.type(max(last, 1))
    for i in range(out.size):
        out[i] = start[0] + out.dtype.type(i) * step
    if last > 0:
        out[last] = stop[0]


@kernel
def stepped(start, delta, out):
    """out[i] = start[0] + i * delta[0]"""
    for i in range(out.size):
        out[i] = start[0] + out.dtype.type(i) * delta[0]
