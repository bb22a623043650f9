"""Buttons for a run that is taken step by step: `tf.notebook.Stepper(sess.start(fetches, feeds))`."""

import html

import numpy as np

_STYLE = "text-align:left;padding:0 12px 0 0;white-space:nowrap"
_COLUMNS = ("operation", "type", "shape", "smallest", "largest", "mean")
SHOWN = 12  # the latest operations in the table


class Stepper:
    """A run under three buttons: next operation, run to the end, stop and undo.

    The table shows the latest operations with what they computed; NaN and infinity are counted in red.
    Each click is one short request, so the notebook stays free between clicks.
    """

    def __init__(self, run):
        import ipywidgets  # only who wants buttons pays for it

        self.run, self.rows = run, []
        self._message, self._table = ipywidgets.HTML(), ipywidgets.HTML()
        self.buttons = [
            self._button(ipywidgets, "Next operation", "step-forward", self.next),
            self._button(ipywidgets, "Run to the end", "fast-forward", self.finish),
            self._button(ipywidgets, "Stop and undo", "undo", self.abandon),
        ]
        self._box = ipywidgets.VBox([ipywidgets.HBox(self.buttons), self._message, self._table])
        self._show("The run stands before its first operation.")

    def next(self):
        """Run one operation."""
        try:
            while self.run.next():
                if self.run.when == "after":
                    self.rows.append(_row(self.run))
                    return self._show(f"After {self.run.op.name}, made in {self.run.op.origin}.")
        except Exception as error:
            return self._end(f"{type(error).__name__}: {error}")
        self._end("The run is over.")

    def finish(self):
        """Run all that is left."""
        while not self.run.finished:
            self.next()

    def abandon(self):
        """Stop, and give the variables the values they had before the run."""
        self.run.abandon()
        self._end("Stopped; the variables are what they were.")

    def _button(self, ipywidgets, label, icon, action):
        button = ipywidgets.Button(description=label, icon=icon)
        button.on_click(lambda _: action())
        return button

    def _end(self, message):
        for button in self.buttons:
            button.disabled = True
        self._show(message)

    def _show(self, message):
        self._message.value = html.escape(message)
        head = "".join(f'<th style="{_STYLE}">{name}</th>' for name in _COLUMNS)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.rows[-SHOWN:])
        self._table.value = f"<table><tr>{head}</tr>{body}</table>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self._box._repr_mimebundle_(include=include, exclude=exclude)

    def __repr__(self):
        return f"<Stepper after {len(self.rows)} operations>"


def _row(run):
    op = run.op
    value = run.value(op.outputs[0]) if op.outputs else None
    return op.name, op.type, *summary(value)


def summary(value):
    """(shape, smallest, largest, mean) of an array in words; lost values are counted in the last one."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub" or value.size == 0:
        return (str(getattr(value, "shape", "")), "", "", "")
    finite = value[np.isfinite(value)].astype(float)
    lost = value.size - finite.size
    numbers = [f"{f(finite):.4g}" if finite.size else "" for f in (np.min, np.max, np.mean)]
    if lost:
        numbers[2] += f" ({lost} NaN or infinite)"
    return str(value.shape), *numbers


def _cell(text):
    colour = ";color:#c0392b" if "NaN" in text else ""
    return f'<td style="{_STYLE}{colour}">{html.escape(text)}</td>'
