"""The parts of an array that a view draws: a tile of its table, small pictures, a sound.

An array of any rank is a stack of tables: its last two axes are rows and columns, and `lead` chooses
one place on each axis before them.  What is returned is a head of plain values and the bytes.
"""

import numpy as np

from minitf.checkpoint.media import to_bytes, wav
from minitf.observe.values import dtype_name, is_number

LONGEST_TEXT = 80  # characters of a string that a cell shows
MOST_CELLS = 8192  # in one tile
_SENT_AS = {"float16": "float32", "bfloat16": "float32", "bool": "uint8"}


def table_shape(shape, dtype):
    """(rows, columns) of the table that the last two axes make; a vector is one row, of strings one column."""
    return (*shape, 1) if len(shape) == 1 and dtype == "string" else (1, 1, *shape)[-2:]


def at(array, lead):
    """The table at `lead`, one place for each axis before the last two; its places are kept inside."""
    places = zip(lead, array.shape, strict=False)
    table = array[tuple(min(max(int(place), 0), size - 1) for place, size in places)] if array.ndim > 2 else array
    return table.reshape(table_shape(table.shape, dtype_name(array))) if table.ndim < 2 else table


def tile(array, lead, rows, columns):
    """(head, bytes) of the elements in rows [first, last) and columns [first, last) of one table.

    The head says `rows` and `columns` as they were cut to fit, and `type`: that of the bytes
    (little-endian), or "text" where elements are strings or complex and the head holds them as `text`.
    Raises ValueError for a tile of too many cells.
    """
    table = at(array, lead)
    (top, bottom), (left, right) = (_inside(r, n) for r, n in zip((rows, columns), table.shape, strict=True))
    if (bottom - top) * (right - left) > MOST_CELLS:
        raise ValueError(f"A tile has {MOST_CELLS} cells at most")
    part = table[top:bottom, left:right]
    head = {"lead": [int(i) for i in lead], "rows": [top, bottom], "columns": [left, right]}
    if not is_number(part):
        return head | {"type": "text", "text": [_text(v) for v in part.reshape(-1).tolist()]}, b""
    kind = _SENT_AS.get(part.dtype.name, part.dtype.name)
    return head | {"type": kind}, np.ascontiguousarray(part, np.dtype(kind).newbyteorder("<")).tobytes()


def _inside(pair, size):
    first, last = (min(max(int(n), 0), size) for n in pair)
    return first, max(first, last)


def _text(value):
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def kind_of(array, known, asked=None):
    """How an array is best shown: "table", "image", "audio" or "text".

    `asked` overrules.  Pictures are (..., height, width, channels), or (..., n, n), of bytes or of
    numbers from 0 to 1.  Raises ValueError for a kind that the array can't be.
    """
    kinds = ("table", "image", "audio", "text")
    if asked is not None and asked not in kinds:
        raise ValueError(f"kind must be one of {', '.join(kinds)}, got {asked!r}")
    if dtype_name(array) == "string":
        return "text"
    if asked in ("image", "audio") and (not is_number(array) or array.ndim < (2 if asked == "image" else 1)):
        raise ValueError(f"An array of shape {array.shape} and dtype {array.dtype} can't be shown as {asked}")
    return asked or ("image" if _looks_like_pictures(array, known) else "table")


def _looks_like_pictures(array, known):
    if not is_number(array) or array.dtype.kind == "b" or array.ndim < 3 or known["min"] is None:
        return False
    is_bright = array.dtype == np.uint8 or (array.dtype.kind == "f" and known["min"] >= 0 and known["max"] <= 1)
    height, width = _size_of_picture(array)
    return is_bright and min(height, width) >= 8 and (has_channels(array) or height == width)


def has_channels(array):
    return array.ndim >= 3 and array.shape[-1] in (1, 3, 4)


def _size_of_picture(array):
    return array.shape[-3:-1] if has_channels(array) else array.shape[-2:]


def pictures(array, kind, lead, side=64, most=12):
    """[(head, bytes)]: the tables (or the pictures, for `kind` "image") around `lead` as small bitmaps.

    The last axis before them is laid out: `most` pictures from its place in `lead` on.  A head has
    `index`, `height`, `width`, `channels`, and for tables `low` and `high`: their bytes go from 0 for
    `low` to 254 for `high`, and 255 marks what is NaN.  Larger tables are averaged to `side` at most.
    """
    inner = 3 if kind == "image" and has_channels(array) else 2
    if array.ndim < inner:
        array = array.reshape(table_shape(array.shape, array.dtype.name))
    if not is_number(array) or 0 in array.shape:
        return []
    outer = array.shape[: array.ndim - inner]
    lead = [min(int(i), n - 1) for i, n in zip(lead, outer, strict=False)] + [0] * (len(outer) - len(lead))
    first = lead[-1] if outer else 0
    indices = [(*lead[:-1], i) for i in range(first, min(first + most, outer[-1]))] if outer else [()]
    draw = _photograph if kind == "image" else _heat
    return [draw(array[index], index, side) for index in indices]


def _photograph(picture, index, side):
    picture = picture[..., None] if picture.ndim == 2 else picture
    step = max(1, -(-max(picture.shape[:2]) // side))
    small = np.ascontiguousarray(picture[::step, ::step])
    if small.dtype.kind == "f" and small.size and np.nanmin(small) >= 0 and np.nanmax(small) <= 1:
        small = small * np.float32(255)
        small = np.where(np.isfinite(small), small, 0).astype(np.uint8)
    small = to_bytes(small, (255, 0, 0, 255))
    head = {"index": list(index), "height": small.shape[0], "width": small.shape[1], "channels": small.shape[2]}
    return head, small.tobytes()


def _heat(table, index, side):
    small = _averaged(table, side)
    finite = np.isfinite(small)
    low, high = (float(small[finite].min()), float(small[finite].max())) if finite.any() else (0.0, 0.0)
    scale = 254 / (high - low) if high > low and np.isfinite(high - low) else 0.0
    levels = np.full(small.shape, 255, np.uint8)
    levels[finite] = np.clip((small[finite] - low) * scale, 0, 254).astype(np.uint8)
    head = {"index": list(index), "height": small.shape[0], "width": small.shape[1], "channels": 1}
    return head | {"low": low, "high": high}, levels.tobytes()


def _averaged(table, side):
    """The table in at most `side` by `side` blocks, each the mean of its elements; NaN stays visible.

    Of a table too large to be read at once every n-th element stands for its block.
    """
    steps = [max(1, -(-n // side)) for n in table.shape]
    if table.size > 1 << 22:
        return table[:: steps[0], :: steps[1]].astype(np.float64)
    small = table.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        for axis, step in enumerate(steps):
            starts = np.arange(0, small.shape[axis], step)
            lengths = np.diff(np.append(starts, small.shape[axis]))
            small = np.add.reduceat(small, starts, axis) / np.expand_dims(lengths, 1 - axis)
    return small


def sound(array, sample_rate, frames=None):
    """A WAV file of (frames,) or (frames, channels) numbers in [-1, 1]; of more axes the first of each."""
    while array.ndim > 2:
        array = array[0]
    array = array[:, None] if array.ndim == 1 else array
    if array.shape[1] > 8:
        array = array[:1].T
    if array.dtype.kind in "iu":
        array = array / -float(np.iinfo(array.dtype).min or -np.iinfo(array.dtype).max)
    return wav(np.nan_to_num(array[:frames].astype(np.float64)), sample_rate)
