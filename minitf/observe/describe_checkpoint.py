"""Tables of named tensors as JSON, HTML and text: checkpoints, rehearsals, differences, variables.

`labextension/src/contract/checkpoint.ts` is the other side: whoever changes a field changes both and raises
the version.
"""

import html
import json

from minitf.observe.limits import limit
from minitf.observe.values import bytes_text, shape_text

CHECKPOINT_MIME = "application/vnd.minitf.checkpoint+json"
CHECKPOINT_VERSION = 1
ROWS = 3 / 5  # of the limit are for the rows
FALLBACK_ROWS = 60
CHOICES = 400


def row(entry, status="", note="", source=""):
    """One row from a `checkpoints.Entry`."""
    return {
        "name": entry.name, "shape": shape_text(entry.shape), "dtype": entry.dtype, "bytes": entry.bytes or 0,
        "elements": entry.elements, "role": entry.role, "status": status, "note": note, "source": source,
    }  # fmt: skip


def describe_rows(mode, title, line, rows, choices=(), history=()):
    """The JSON of a table.  `mode` is "browse", "rehearsal", "difference" or "variables".

    `rows` as `row` makes them; `choices` are names that a row's `source` may be set to, `history` the
    names of checkpoints through which a tensor can be followed.
    """
    kept, size = [], 0
    for each in rows:
        size += len(json.dumps(each))
        if size > ROWS * limit("checkpoint"):
            break
        kept.append(each)
    counts = {}
    for each in rows:
        if each["status"]:
            counts[each["status"]] = counts.get(each["status"], 0) + 1
    return {
        "version": CHECKPOINT_VERSION, "kind": "checkpoint", "mode": mode, "title": title, "line": line, "rows": kept,
        "omitted": len(rows) - len(kept), "counts": counts, "choices": list(choices)[:CHOICES],
        "history": list(history)[-CHOICES:], "widget": "", "text": text(title, line, rows),
    }  # fmt: skip


def text(title, line, rows):
    """A line a tensor: the plain-text twin."""
    lines = [f"{title}: {line}"]
    width = min(60, max((len(r["name"]) for r in rows[:FALLBACK_ROWS]), default=0))
    for r in rows[:FALLBACK_ROWS]:
        said = " ".join(filter(None, (r["status"], f"({r['note']})" if r["note"] else "")))
        size = bytes_text(r["bytes"])
        lines.append(f"  {r['name']:<{width}}  {r['shape']} {r['dtype']}  {size}  {r['role']}  {said}".rstrip())
    if len(rows) > FALLBACK_ROWS:
        lines.append(f"  ... and {len(rows) - FALLBACK_ROWS:,} more")
    return "\n".join(lines)


def as_html(description):
    """The same table for viewers without the extension."""
    heads = ("name", "shape", "dtype", "bytes", "role", "status", "note")
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(r[name]))}</td>" for name in heads) + "</tr>"
        for r in description["rows"][:FALLBACK_ROWS]
    )
    more = len(description["rows"]) + description["omitted"] - FALLBACK_ROWS
    rest = f"<p>… and {more:,} more</p>" if more > 0 else ""
    title = f"<b>{html.escape(description['title'])}</b> {html.escape(description['line'])}"
    return f"<p>{title}</p><table><tr>{head}</tr>{body}</table>{rest}"
