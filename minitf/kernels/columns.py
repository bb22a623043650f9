"""The windows of a convolution written out as a matrix (im2col), and added back.

Under each output pixel lies a window of the picture.  `fill_columns` writes one window a row.  Pictures with
one channel have windows of very short runs; `fill_lines` writes the transpose, one element of the window a
row, whose runs are whole lines of the picture.  `add_columns` is what `fill_columns` becomes in a gradient.

Pictures are NHWC, filters HWIO.  Geometry as in `windows.py`.  Read next: `convolution.py`.
"""

from minitf.kernels.functions import inline, kernel
from minitf.kernels.windows import place


@inline
def overlap(offset, count, size, step=1):
    """(start, stop): the i below `count` with 0 <= offset + i * step < size."""
    start = min(count, max(0, (step - 1 - offset) // step))
    return start, max(start, min(count, (size - offset + step - 1) // step))


@kernel
def fill_columns(x, filter, out, stride, dilation, before, start, columns):
    """columns[r] = the window of `x` under output pixel start + r; of `filter` and `out` only shapes matter.

    for each row r of columns:                      # its output pixel is (n, p, q)
        for each row i of the window:
            copy line p * stride - top + i * dilation of picture n, from pixel q * stride - left on
    """
    height, channels = x.shape[1], x.shape[3]
    lines = x.reshape(x.shape[0] * height, x.shape[2] * channels)
    pixels = filter.shape[1] if dilation[1] == 1 else 1  # how many are neighbours in x, too
    run = pixels * channels
    for r in range(columns.shape[0]):
        row, q = divmod(start + r, out.shape[2])
        n, p = divmod(row, out.shape[1])
        at = 0
        for i in range(filter.shape[0]):
            y = p * stride[0] - before[0] + i * dilation[0]
            line = n * height + min(max(y, 0), height - 1)
            size = lines.shape[1] if 0 <= y < height else 0
            for j in range(0, filter.shape[1], pixels):
                offset = (q * stride[1] - before[1] + j * dilation[1]) * channels
                first, last = overlap(offset, run, size)
                for k in range(first):
                    columns[r, place(at + k)] = 0
                for k in range(first, last):
                    columns[r, place(at + k)] = lines[line, place(offset + k)]
                for k in range(last, run):
                    columns[r, place(at + k)] = 0
                at += run


@kernel
def add_columns(columns, filter, dy, stride, dilation, before, start, dx):
    """The transpose of `fill_columns`: dx[the window under output pixel start + r] += columns[r]."""
    height, channels = dx.shape[1], dx.shape[3]
    lines = dx.reshape(dx.shape[0] * height, dx.shape[2] * channels)
    pixels = filter.shape[1] if dilation[1] == 1 else 1
    run = pixels * channels
    for r in range(columns.shape[0]):
        row, q = divmod(start + r, dy.shape[2])
        n, p = divmod(row, dy.shape[1])
        at = 0
        for i in range(filter.shape[0]):
            y = p * stride[0] - before[0] + i * dilation[0]
            for j in range(0, filter.shape[1], pixels):
                if 0 <= y < height:
                    offset = (q * stride[1] - before[1] + j * dilation[1]) * channels
                    first, last = overlap(offset, run, lines.shape[1])
                    for k in range(first, last):
                        lines[n * height + y, place(offset + k)] += columns[r, place(at + k)]
                at += run


@kernel
def fill_lines(x, filter, out, stride, dilation, before, start, columns):
    """columns[i * w + j, l * width + q] = what tap (i, j) sees at pixel q of output line start + l; one channel.

    for each output line l, each tap (i, j) of the window:
        copy every stride-th pixel of line p * stride - top + i * dilation of picture n
    """
    height, width, step = x.shape[1], out.shape[2], stride[1]
    lines = x.reshape(x.shape[0] * height, x.shape[2])
    for row in range(columns.shape[1] // width):
        n, p = divmod(start + row, out.shape[1])
        at = row * width
        for i in range(filter.shape[0]):
            y = p * stride[0] - before[0] + i * dilation[0]
            line = n * height + min(max(y, 0), height - 1)
            size = lines.shape[1] if 0 <= y < height else 0
            for j in range(filter.shape[1]):
                tap, offset = i * filter.shape[1] + j, j * dilation[1] - before[1]
                first, last = overlap(offset, width, size, step)
                for q in range(first):
                    columns[tap, place(at + q)] = 0
                if step == 1:  # neighbours: a loop that vectorises
                    for q in range(first, last):
                        columns[tap, place(at + q)] = lines[line, place(offset + q)]
                else:
                    for q in range(first, last):
                        columns[tap, place(at + q)] = lines[line, place(offset + q * step)]
                for q in range(last, width):
                    columns[tap, place(at + q)] = 0
