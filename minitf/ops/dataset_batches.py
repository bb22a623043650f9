"""Datasets whose elements are several elements of another, stacked or padded."""

import numpy as np

from minitf import errors
from minitf.ops.datasets import _Dataset


class BatchDatasetV2(_Dataset):
    """`batch_size` elements stacked; what is left at the end is a smaller batch, or dropped."""

    inputs = {"input_dataset": "variant", "batch_size": "int64", "drop_remainder": "bool"}

    @staticmethod
    def elements(recipe, source, batch_size, drop_remainder):
        for rows in _groups(recipe, source, batch_size, drop_remainder):
            yield [_stack(recipe, column) for column in zip(*rows, strict=True)]


def _groups(recipe, source, batch_size, drop_remainder):
    if batch_size < 1:
        raise errors.InvalidArgumentError(None, recipe.op, "Batch size must be greater than zero.")
    rows = []
    for element in source:
        rows.append(element)
        if len(rows) == batch_size:
            yield rows
            rows = []
    if rows and not drop_remainder:
        yield rows


def _stack(recipe, arrays):
    arrays = [np.asarray(a) if not isinstance(a, bytes) else np.array(a, object) for a in arrays]
    if len({a.shape for a in arrays}) > 1:
        wrong = next(a.shape for a in arrays if a.shape != arrays[0].shape)
        raise errors.InvalidArgumentError(
            None, recipe.op, "Cannot batch tensors with different shapes in component 0. First element had shape "
            f"{list(arrays[0].shape)} and element had shape {list(wrong)}."
        )  # fmt: skip
    return np.stack(arrays)


class PaddedBatchDatasetV2(_Dataset):
    """As Batch, with elements padded to `padded_shapes` (-1: to the largest of the batch)."""

    inputs = {
        "input_dataset": "variant", "batch_size": "int64", "*padded_shapes": "int64", "*padding_values": "any",
        "drop_remainder": "bool",
    }  # fmt: skip

    @staticmethod
    def elements(recipe, source, batch_size, *rest):
        *rest, drop_remainder = rest
        half = len(rest) // 2
        shapes, paddings = rest[:half], rest[half:]
        for rows in _groups(recipe, source, batch_size, drop_remainder):
            columns = zip(zip(*rows, strict=True), shapes, paddings, strict=True)
            yield [_pad(recipe, column, shape, value) for column, shape, value in columns]


def _pad(recipe, arrays, shape, value):
    arrays = [np.asarray(a) if not isinstance(a, bytes) else np.array(a, object) for a in arrays]
    largest = np.max([a.shape for a in arrays], axis=0).astype(int).tolist() if arrays[0].ndim else []
    sizes = [n if s < 0 else int(s) for n, s in zip(largest, shape, strict=True)]
    if any(n > s for n, s in zip(largest, sizes, strict=True)):
        raise errors.DataLossError(
            None,
            recipe.op,
            f"Attempted to pad to a smaller size than the input element: {largest} to {sizes}",
        )
    out = np.full((len(arrays), *sizes), np.asarray(value).item(), np.asarray(value).dtype)
    for i, array in enumerate(arrays):
        out[(i, *map(slice, array.shape))] = array
    return out
