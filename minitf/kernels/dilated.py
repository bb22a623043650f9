"""Dilated convolutions as ordinary ones: every d-th line and pixel of a picture is a picture of its own.

The taps of a window that is dilated by d all lie in one of these d x d smaller pictures.  So they are copied apart,
convolved as a larger batch, and the results put together again.  (Yu and Koltun, "Multi-scale context aggregation by
dilated convolutions", 2016, name the operation; TensorFlow's `with_space_to_batch` computes it in this way.)
"""

import itertools
import math

import numpy as np

from minitf.kernels import winograd
from minitf.kernels.copying import view_launch


def _sizes(filter, dilations, out):
    """(height, width) of the smaller results, and of the smaller pictures."""
    made = [-(-n // d) for n, d in zip(out.shape[1:3], dilations, strict=True)]
    return made, [n + w - 1 for n, w in zip(made, filter.shape[:2], strict=True)]


def fits(filter, strides, dilations, out):
    """Whether the smaller convolutions go Winograd's way, and few enough are made."""
    (height, width), _ = _sizes(filter, dilations, out)
    small = np.broadcast_to(out.dtype.type(0), (math.prod(dilations) * len(out), height, width, out.shape[3]))
    plain = max(dilations) > 1 and min(height, width) > 2 and all(s == 1 for s in strides)
    return plain and winograd.fits(filter, (1, 1), (0, 0, 0, 0), (1, 1), small)


def launches(x, filter, padding, dilations, out):
    """Launches for out = the convolution of x with the dilated filter; see `convolution.conv2d_launches`."""
    made, seen = _sizes(filter, dilations, out)
    pictures = np.zeros((*dilations, len(x), *seen, x.shape[3]), x.dtype)  # the padding stays 0
    results = np.empty((*dilations, len(x), *made, out.shape[3]), out.dtype)
    apart, together = [], []
    for phase in itertools.product(*map(range, dilations)):
        taken = [_taken(*each) for each in zip(phase, padding[0::2], dilations, x.shape[1:3], seen, strict=True)]
        (y, u), (w, v) = taken
        apart.append(view_launch(x[:, y, w], pictures[phase][:, u, v], x, pictures))
        part = out[:, phase[0] :: dilations[0], phase[1] :: dilations[1]]
        result = results[phase][:, : part.shape[1], : part.shape[2]]
        together.append(view_launch(result, part, results, out))
    flat = [a.reshape(-1, *a.shape[3:]) for a in (pictures, results)]
    return [*apart, *winograd.conv2d_launches(flat[0], filter, (0, 0), flat[1]), *together]


def _taken(phase, before, dilation, size, wanted):
    """(which lines of the picture belong to a phase, where they stand in the smaller one)"""
    first = (phase - before) % dilation
    start = (first + before) // dilation
    count = min(max(0, -(-(size - first) // dilation)), wanted - start)
    return slice(first, first + count * dilation, dilation), slice(start, start + count)
