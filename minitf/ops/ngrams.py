"""N-grams: neighbouring words joined."""

import itertools

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.ops.examples import array, example
from minitf.ops.op import INDICES, Op

_WORDS = np.array([b"a", b"bc", b"d", b"e"], object)


class StringNGrams(Op):
    """The n-grams of rows of words, for every n of `ngram_widths`, one row after another; and where rows begin.

    Row i is `data[data_splits[i] : data_splits[i + 1]]`.  `pad_width` words (-1: n - 1 of them) `left_pad` and
    `right_pad` stand around each row; `preserve_short_sequences` makes one n-gram of a row too short for any.
    """

    inputs = {"data": "string", "data_splits": "Tsplits"}
    types = {"Tsplits": INDICES}
    attrs = {"separator": " ", "left_pad": "", "right_pad": "", "pad_width": 0, "preserve_short_sequences": False}
    foldable = False
    examples = [
        example(array(_WORDS), array([0, 1, 4]), ngram_widths=[2, 1]),
        example(array(_WORDS), array([0, 1, 4]), ngram_widths=[3], pad_width=-1, left_pad="<", right_pad=">"),
        example(array(_WORDS), array([0, 1, 4]), ngram_widths=[3], preserve_short_sequences=True),
    ]
    gradient = None

    def infer(op, data, data_splits):
        data.shape.with_rank(1)
        return [(TensorShape([None]), data.dtype), (data_splits.shape.with_rank(1), data_splits.dtype)]

    def numpy(op, data, data_splits):
        starts = data_splits.tolist()
        if starts and (starts[0] != 0 or starts[-1] != len(data) or starts != sorted(starts)):
            raise ValueError(f"StringNGrams needs splits that ascend from 0 to {len(data)}")
        words = data.tolist()
        rows = [_row(op.attrs, words[a:b]) for a, b in itertools.pairwise(starts)]
        found = [gram for row in rows for gram in row]
        out = np.empty(len(found), object)
        out[:] = found
        splits = np.cumsum([0, *map(len, rows)])[: len(starts)]
        return [out, splits.astype(data_splits.dtype)]


def _row(attrs, words):
    pad = attrs["pad_width"]
    found = [gram for width in attrs["ngram_widths"] for gram in _grams(attrs, words, width, pad)]
    if not found and attrs["preserve_short_sequences"] and words:
        found = _grams(attrs, words, len(words) + 2 * max(0, pad), max(0, pad))
    return found


def _grams(attrs, words, width, pad):
    pad = width - 1 if pad < 0 else min(pad, width - 1)
    padded = [attrs["left_pad"].encode()] * pad + words + [attrs["right_pad"].encode()] * pad
    return [attrs["separator"].encode().join(padded[i : i + width]) for i in range(len(padded) - width + 1)]


def string_n_grams(data, data_splits, ngram_widths, separator=" ", left_pad="", right_pad="", pad_width=0,
                   preserve_short_sequences=False, name=None):  # fmt: skip
    """tf.raw_ops.StringNGrams: (n-grams of the rows of `data` (words,), where each row of them begins).

    Raises InvalidArgumentError for `data_splits` that do not ascend from 0 to the number of words.
    """
    return StringNGrams.apply(
        data, data_splits, ngram_widths=list(ngram_widths), separator=separator, left_pad=left_pad,
        right_pad=right_pad, pad_width=pad_width, preserve_short_sequences=preserve_short_sequences, name=name,
    )  # fmt: skip
