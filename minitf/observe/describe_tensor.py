"""An array as JSON, as HTML and as text, for whoever draws it.

`labextension/src/contract/tensor.ts` is the other side: whoever changes a field changes both and raises
the version.  The array itself stays here: what is written holds its summary, its histogram and its
first tile, and a view asks for the others.
"""

import base64
import html

import numpy as np

from minitf.checkpoint.media import png
from minitf.observe import tiles, values
from minitf.observe.describe import type_of
from minitf.observe.shape_rules import explain_shape

TENSOR_MIME = "application/vnd.minitf.tensor+json"
TENSOR_VERSION = 1
ROWS, COLUMNS = 24, 16  # of the tile that is saved
FALLBACK_ROWS, FALLBACK_COLUMNS = 8, 8
SOUND_BYTES = 16_000
PICTURE_BYTES = 16_000


def describe_tensor(array, name="", kind=None, sample_rate=44100, lead=(), known=None, start=(0, 0), why=""):
    """The JSON of an array (a dict of plain values), 64 kB at most.

    `name` says what it is, `kind` how it is shown (see `tiles.kind_of`), `lead` and `start` which tile
    is saved, `known` its `values.summary` where somebody has made it already, `why` the explanation of its
    shape.
    """
    array = np.asarray(array)
    known = known or values.summary(array)
    kind = tiles.kind_of(array, known, kind)
    lead = (list(lead) + [0] * array.ndim)[: max(0, array.ndim - 2)]
    first = [[place, place + size] for place, size in zip(start, (ROWS, COLUMNS))]
    return {
        "version": TENSOR_VERSION,
        "kind": "tensor",
        "name": name,
        "summary": known,
        "line": values.line(known),
        "view": kind,
        "histogram": values.histogram(array, known),
        "tile": packed(*tiles.tile(array, lead, *first)) if array.size else None,
        "pictures": [packed(*each) for each in few_pictures(array, kind, lead)],
        "sound": _short_sound(array, sample_rate) if kind == "audio" else "",
        "why": why,
        "widget": "",
        "text": text(array, name, known),
    }


def describe_symbol(tensor):
    """The JSON of a tensor that has no values yet: its type, who makes it, and why it has its shape."""
    line = f"{type_of(tensor)}, made by {tensor.op.type} in {tensor.op.origin}; tf.show(tensor, session) computes it"
    why = str(explain_shape(tensor))
    known = values.summary(np.zeros(0, bool)) | {"shape": [], "dtype": tensor.dtype.base_dtype.name}
    return {
        "version": TENSOR_VERSION, "kind": "tensor", "name": tensor.name, "summary": known, "line": line,
        "view": "table", "histogram": None, "tile": None, "pictures": [], "sound": "", "why": why, "widget": "",
        "text": f"{tensor.name}: {line}\n{why}",
    }  # fmt: skip


def packed(head, content):
    """A head with its bytes in base64."""
    return head | {"data": base64.b64encode(content).decode()}


def few_pictures(array, kind, lead):
    """As many pictures as a notebook may keep."""
    kept, size = [], 0
    for head, content in tiles.pictures(array, kind, lead):
        size += len(content)
        if size > PICTURE_BYTES and kept:
            break
        kept.append((head, content))
    return kept


def _short_sound(array, sample_rate):
    return base64.b64encode(tiles.sound(array, sample_rate, SOUND_BYTES // 2)).decode()


def text(array, name, known):
    """The summary and a corner of the array: the plain-text twin."""
    if tiles.dtype_name(array) == "string":
        shown = "\n".join(tiles._text(v) for v in array.reshape(-1)[:FALLBACK_ROWS].tolist())
    else:
        shown = np.array2string(np.asarray(array), threshold=100, edgeitems=3, precision=4, suppress_small=True)
    return f"{name or 'array'}: {values.line(known)}\n{shown}"


def as_html(description):
    """The fallback where the extension is missing: summary, first cells, histogram and first picture."""
    parts = [f"<p><b>{html.escape(description['name'] or 'array')}</b> {html.escape(description['line'])}</p>"]
    if description["pictures"]:
        parts.append(_picture(description["pictures"][0]))
    if description["tile"]:
        parts.append(_table(description["tile"]))
    if description["why"]:
        parts.append(f"<pre>{html.escape(description['why'])}</pre>")
    if description["histogram"] and description["histogram"]["counts"]:
        parts.append(histogram_svg(description["histogram"]))
    return "\n".join(parts)


def _table(tile):
    (top, bottom), (left, right) = tile["rows"], tile["columns"]
    cells = _cells(tile)
    shown = range(min(bottom - top, FALLBACK_ROWS)), range(min(right - left, FALLBACK_COLUMNS))
    more = "<td>…</td>" if right - left > FALLBACK_COLUMNS else ""
    lines = ["<tr><th></th>" + "".join(f"<th>{left + c}</th>" for c in shown[1]) + "</tr>"]
    for r in shown[0]:
        row = "".join(f"<td>{html.escape(cells[r * (right - left) + c])}</td>" for c in shown[1])
        lines.append(f"<tr><th>{top + r}</th>{row}{more}</tr>")
    if bottom - top > FALLBACK_ROWS:
        lines.append("<tr><th>…</th></tr>")
    return f"<table>{''.join(lines)}</table>"


def _cells(tile):
    if tile["type"] == "text":
        return tile["text"]
    numbers = np.frombuffer(base64.b64decode(tile["data"]), np.dtype(tile["type"]).newbyteorder("<"))
    return [f"{v:.5g}" if isinstance(v, float) else str(v) for v in numbers.tolist()]


def _picture(picture):
    raw = np.frombuffer(base64.b64decode(picture["data"]), np.uint8)
    bitmap = raw.reshape(picture["height"], picture["width"], picture["channels"])
    data = base64.b64encode(png(bitmap)).decode()
    width = max(160, picture["width"])
    style = f"width:{width}px;image-rendering:pixelated"
    return f'<img alt="the values as a picture" style="{style}" src="data:image/png;base64,{data}">'


def histogram_svg(histogram, width=320, height=80):
    """The histogram as a small SVG: bars, and the ends of its range."""
    counts, top = histogram["counts"], max(histogram["counts"])
    step = width / len(counts)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{height - n / top * height:.1f}" width="{max(step - 0.5, 0.5):.1f}" '
        f'height="{n / top * height:.1f}" fill="#4a6fa5"/>'
        for i, n in enumerate(counts) if n
    )  # fmt: skip
    ends = (
        f'<text x="0" y="{height + 14}">{values.number_text(histogram["low"])}</text>'
        f'<text x="{width}" y="{height + 14}" text-anchor="end">{values.number_text(histogram["high"])}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 18}" '
        f'font-family="sans-serif" font-size="11" fill="currentColor">{bars}{ends}</svg>'
    )
