"""The kernel's half of a view in a notebook: what is shown, and answers to what the view asks.

A display carries its description, an HTML or SVG fallback, and text; the notebook keeps all three.  The
description also names an ipywidgets model.  While the kernel runs, the view sends it questions and gets
answers with binary buffers; nothing large is ever a synchronised trait.
"""

import collections
import functools
import sys

MOST_LIVE = 40  # displays that answer questions at a time: each keeps what it shows alive
_living = collections.deque()


class View:
    """What `tf.show` and its sisters display.  A subclass gives `mime`, `describe`, `fallback` and `answers`.

    `widget` is the same view as an ipywidget, for layouts of several.
    """

    mime = ""

    def __init__(self):
        self._widget = self._handle = None

    def describe(self):
        """The JSON of the contract, a dict of plain values with the field `text`."""
        raise NotImplementedError

    def fallback(self, description):
        """{MIME type: text} for viewers without our extension."""
        return {}

    def answers(self):
        """{question: function of its details (keywords)}, each giving (plain dict, [buffers])."""
        return {}

    @property
    def widget(self):
        """The ipywidget that answers, made when first needed."""
        if self._widget is None:
            self._widget = _widget_class()()
            self._widget.on_msg(self._hear)
            _listen_for_ends()
            _living.append(self)
            if len(_living) > MOST_LIVE:
                _living.popleft().close()
        return self._widget

    def close(self):
        """Stop answering.  What is displayed stays, as it would in a saved notebook."""
        if self._widget is not None:
            self._widget.close()
            self._widget = None

    def display(self):
        """Show it under the cell; in a terminal print its text."""
        if in_notebook():
            from IPython.display import display

            self._handle = display(_Shown(self), display_id=True)
        else:
            print(self.describe()["text"])

    def keep(self):
        """Let the notebook save the view as it is now."""
        if self._handle is not None:
            self._handle.update(_Shown(self))

    def cell_ended(self):
        """A cell has run: the last moment to bring the view up to date."""

    def push(self, content, buffers=()):
        """Tell the view something it has not asked for."""
        if self._widget is not None:
            self._widget.send(content, buffers=list(buffers))

    def _hear(self, _, message, buffers):
        content, found = {"answers": message.get("id")}, []
        try:
            if message["ask"] == "describe":
                plain = self.describe()
            else:
                plain, found = self.answers()[message["ask"]](**message.get("details", {}))
            content["answer"] = plain
        except Exception as error:  # a question never breaks the kernel: its view shows what went wrong
            content["problem"] = f"{type(error).__name__}: {error}"
        self.push(content, found)

    def _repr_mimebundle_(self, include=None, exclude=None):
        description = self.describe()
        if in_notebook():
            description["widget"] = self.widget.model_id
        return {self.mime: description, **self.fallback(description), "text/plain": description["text"]}

    def _ipython_display_(self):
        self.display()  # under a name of its own, so that it can be kept up to date

    def __repr__(self):
        return self.describe()["text"]


class _Shown:
    """What IPython is given to display."""

    def __init__(self, view):
        self._repr_mimebundle_ = view._repr_mimebundle_
        self.describe = view.describe


def in_notebook():
    """True where a Jupyter kernel runs this program."""
    return kernel_shell() is not None


def kernel_shell():
    """The kernel's IPython shell, or None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


@functools.cache
def _listen_for_ends():
    shell = kernel_shell()
    if shell is not None:
        shell.events.register("post_run_cell", _cell_ended)


def _cell_ended(_):
    for view in list(_living):
        view.cell_ended()


@functools.cache
def _widget_class():
    import ipywidgets  # only what answers a notebook pays for it
    import traitlets

    class LiveWidget(ipywidgets.DOMWidget):
        """The channel of one view; `labextension/src/widgets/live.ts` is its other end."""

        _model_name = traitlets.Unicode("LiveModel").tag(sync=True)
        _model_module = traitlets.Unicode("minitf").tag(sync=True)
        _model_module_version = traitlets.Unicode("*").tag(sync=True)
        _view_name = traitlets.Unicode("LiveView").tag(sync=True)
        _view_module = traitlets.Unicode("minitf").tag(sync=True)
        _view_module_version = traitlets.Unicode("*").tag(sync=True)

    return LiveWidget
