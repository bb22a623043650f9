"""How many insertions, deletions and substitutions turn one sequence into another."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.examples import array, example
from minitf.ops.op import Op
from minitf.ops.sparse_tensor import as_sparse

_BATCH = (array([[0, 0], [0, 1], [1, 0]], np.int64), array([1, 2, 3]), array([2, 2], np.int64))
_OTHER = (array([[0, 0], [1, 0], [1, 1]], np.int64), array([1, 3, 4]), array([2, 2], np.int64))


class EditDistance(Op):
    """The Levenshtein distance of the sequences along the last axis of two sparse tensors, float32.

    Normalized, it is divided by the length of the truth: infinite where that is 0 and the hypothesis is not.
    The table of Wagner and Fischer, "The string-to-string correction problem", JACM 1974, row by row.
    """

    inputs = {"hypothesis_indices": "int64", "hypothesis_values": "T", "hypothesis_shape": "int64",
              "truth_indices": "int64", "truth_values": "T", "truth_shape": "int64"}  # fmt: skip
    types = {"T": ()}
    attrs = {"normalize": True}
    foldable = False
    examples = [example(*_BATCH, *_OTHER), example(*_BATCH, *_OTHER, normalize=False)]
    gradient = None

    def infer(op, *inputs):
        shapes = [inputs[2], inputs[5]]
        lengths = [s.shape.with_rank(1)[0].value for s in shapes]
        for length in lengths:
            if length is not None and length < 2:
                raise ValueError(f"edit_distance needs sparse tensors of rank 2 or more, got rank {length}")
        if None not in lengths and lengths[0] != lengths[1]:
            raise ValueError(f"hypothesis has rank {lengths[0]}, but truth has rank {lengths[1]}")
        if any(s.value is None for s in shapes):
            known = next((n for n in lengths if n is not None), None)
            return [(TensorShape(None if known is None else [None] * (known - 1)), dtypes.float32)]
        return [(TensorShape(np.maximum(*[s.value for s in shapes])[:-1].tolist()), dtypes.float32)]

    def numpy(op, *inputs):
        (hypotheses, shape), (truths, other) = _sequences(*inputs[:3]), _sequences(*inputs[3:])
        out = np.zeros(np.maximum(shape, other), np.float32)
        for place in np.ndindex(*out.shape):
            out[place] = _distance(hypotheses.get(place, []), truths.get(place, []), op.attrs["normalize"])
        return out


def _sequences(indices, values, shape):
    """{place: values in order} and the shape of the places.  ValueError for a place outside."""
    found = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        if any(not 0 <= i < n for i, n in zip(place, shape)):
            raise ValueError(f"index {place} is outside of the shape {shape.tolist()}")
        found.setdefault(tuple(place[:-1]), []).append(value)
    return found, shape[:-1]


def _distance(hypothesis, truth, normalize):
    row = list(range(len(truth) + 1))
    for i, symbol in enumerate(hypothesis, 1):
        above, row = row, [i]
        for j, wanted in enumerate(truth, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (symbol != wanted)))
    if not normalize:
        return row[-1]
    return row[-1] / len(truth) if truth else (np.inf if hypothesis else 0)


def edit_distance(hypothesis, truth, normalize=True, name="edit_distance"):
    """tf.edit_distance: the Levenshtein distance between sequences, those along the last axis.

    `hypothesis` and `truth` are SparseTensors (or their values) of one dtype and rank n; the result is
    float32 of rank n - 1.  `normalize` divides by the length of the truth.

    Raises TypeError for anything but sparse tensors, ValueError for different ranks or one below 2.
    """
    found = []
    for argument, given in (("Hypothesis", hypothesis), ("Truth", truth)):
        try:
            found.append(as_sparse(given))
        except TypeError:
            raise TypeError(f"{argument} must be a SparseTensor.") from None
    tensors = [t for s in found for t in (s.indices, s.values, s.dense_shape)]
    return EditDistance.apply(*tensors, normalize=normalize, name=name)
