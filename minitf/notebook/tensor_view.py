"""`tf.show`: the values of a tensor, a variable or an array under the cell."""

import numpy as np

from minitf.graph.operation import Tensor
from minitf.graph.stack import sessions
from minitf.notebook.view import View
from minitf.observe import contributions as search
from minitf.observe import tiles, values
from minitf.observe.describe_tensor import TENSOR_MIME, as_html, describe_symbol, describe_tensor
from minitf.observe.shape_rules import explain_shape
from minitf.ops.variables import Variable


class TensorView(View):
    """An array with its summary, table, histogram and pictures; a notebook shows it.

    Arguments as for `show`; `array` is what is shown.
    """

    mime = TENSOR_MIME

    def __init__(self, value, session=None, feed_dict=None, name=None, kind=None, sample_rate=44100):
        super().__init__()
        self.name, self.array = _named(value, name), _array_of(value, session, feed_dict)
        self._summary = values.summary(self.array)
        self._kind, self._sample_rate = tiles.kind_of(self.array, self._summary, kind), sample_rate
        self._lead, self._start = (), (0, 0)
        self._described = {}
        self._made = (value, session if session is not None else sessions.get(), feed_dict)

    def describe(self):
        place = (*self._lead, *self._start)
        if place not in self._described:
            self._described = {
                place: describe_tensor(self.array, self.name, self._kind, self._sample_rate, self._lead,
                                       self._summary, self._start, self._why())
            }  # fmt: skip
        return dict(self._described[place])

    def _why(self):
        value = self._made[0]
        return str(explain_shape(value)) if isinstance(value, (Tensor, Variable)) else ""

    def fallback(self, description):
        return {"text/html": as_html(description)}

    def answers(self):
        return {"tile": self._tile, "pictures": self._pictures, "sound": self._sound,
                "contribution": self._contribution, "keep": self._keep}  # fmt: skip

    def _tile(self, lead, rows, columns):
        head, content = tiles.tile(self.array, lead, rows, columns)
        return head, [content]

    def _pictures(self, lead, side=256):
        found = tiles.pictures(self.array, self._kind, lead, min(int(side), 512))
        return {"pictures": [head for head, _ in found]}, [content for _, content in found]

    def _sound(self):
        return {}, [tiles.sound(self.array, self._sample_rate)]

    def _contribution(self, index):
        value, session, feed_dict = self._made
        if isinstance(value, Variable):
            raise ValueError(f"{value.name} holds what was last assigned to it; no other tensor makes it.")
        if not isinstance(value, Tensor):
            raise ValueError("An array does not know what made it: show a tensor of the graph.")
        found = search.contributions(value, index, session, feed_dict)
        return found.describe(self.array[tuple(index)]), []

    def _keep(self, lead, start):
        self._lead, self._start = tuple(map(int, lead)), tuple(map(int, start))
        self.keep()
        return {}, []


def show(value, session=None, feed_dict=None, name=None, kind=None, sample_rate=44100):
    """tf.show: the values of a tensor, a variable, or anything NumPy takes, under the cell.

    A tensor is run once in `session` (default: the default session) with `feed_dict`; a variable is
    read from it.  First comes one line: shape, dtype, bytes, min, max, mean, std, and how many are NaN,
    infinite or zero.  Then a table of any size (sliders choose the place on the leading axes), a
    histogram, and pictures.  `kind` "table", "image", "audio" or "text" says how it is shown where the
    guess is wrong; `sample_rate` is that of a sound, in frames per second.
    Raises ValueError where a tensor has no session to run in, and for a kind that the value can't be.
    """
    TensorView(value, session, feed_dict, name, kind, sample_rate).display()


def contributions(tensor, index, session=None, feed_dict=None):
    """tf.contributions: which elements of a tensor's inputs made its element at `index`.

    The inputs are computed once in `session` (default: the default session) with `feed_dict`.  Returns
    an object whose `inputs` each have `tensor`, `value`, and the masks `lit` (the output element is made
    from these) and `moving` (and its derivative there is not zero); printed, it says the same in words.
    Raises ValueError for a tensor that no computation makes, whose operation has an effect or a memory,
    or which has no such element, and where there is no session.
    """
    return search.contributions(tensor, index, _session_for(tensor, session), feed_dict)


class SymbolView(View):
    """A tensor without values: its type, who makes it, and why it has its shape."""

    mime = TENSOR_MIME

    def __init__(self, tensor):
        super().__init__()
        self._tensor = tensor

    def describe(self):
        return describe_symbol(self._tensor)

    def fallback(self, description):
        return {"text/html": as_html(description)}


def _tensor_mimebundle(self, include=None, exclude=None):
    return SymbolView(self)._repr_mimebundle_()


def _variable_mimebundle(self, include=None, exclude=None):
    """Its value where the default session has one, for looking runs nothing; else what the graph knows."""
    session = sessions.get()
    state = session.state.variables.get(self.op.name) if session is not None and session.graph is self.graph else None
    known = state is not None and state.value is not None
    return (TensorView(self, session) if known else SymbolView(self._ref()))._repr_mimebundle_()


Tensor._repr_mimebundle_ = _tensor_mimebundle  # the data structures themselves know no notebook
Variable._repr_mimebundle_ = _variable_mimebundle


def _named(value, name):
    return name if name is not None else value.name if isinstance(value, (Tensor, Variable)) else ""


def _array_of(value, session, feed_dict):
    if not isinstance(value, (Tensor, Variable)):
        return np.asarray(value)
    return np.asarray(_session_for(value, session).run(value, feed_dict))


def _session_for(value, session):
    session = session if session is not None else sessions.get()
    if session is None:
        raise ValueError(
            f"The values of {value.name} are in a session: give it, or stand inside `with session.as_default()`."
        )
    return session
