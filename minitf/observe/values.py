"""What can be said of an array in one line, and its histogram: one pass each, whatever its size."""

import math

import numpy as np

CHUNK = 1 << 20  # elements that are looked at together
BINS = 40


def summary(array):
    """What stands first in every view of values, as a dict of plain values.

    `shape`, `dtype`, `bytes`, `count` (elements), `nan`, `inf` and `zero` (how many), and `min`, `max`,
    `mean`, `std` of the finite elements: None where there are none, or where elements have no order.
    """
    array = np.asarray(array)
    found = {
        "shape": list(array.shape), "dtype": dtype_name(array), "bytes": size_in_bytes(array), "count": array.size,
        "nan": 0, "inf": 0, "zero": 0, "min": None, "max": None, "mean": None, "std": None,
    }  # fmt: skip
    if array.dtype.kind in "OSUV" and not is_number(array):
        return found
    moments = _Moments()
    for chunk in _chunks(array):
        found["nan"] += int(np.isnan(chunk).sum()) if _may_be_lost(array) else 0
        found["inf"] += int(np.isinf(chunk).sum()) if _may_be_lost(array) else 0
        found["zero"] += int(chunk.size - np.count_nonzero(chunk))
        if array.dtype.kind != "c":
            moments.add(_finite(chunk))
    return found | moments.described()


def is_number(array):
    """True for what can be drawn as numbers: also booleans and bfloat16, not complex numbers or strings."""
    return array.dtype.kind in "fiub" or array.dtype.name == "bfloat16"


def dtype_name(array):
    return "string" if array.dtype.kind in "OSU" else array.dtype.name


def size_in_bytes(array):
    """Bytes of the elements; of strings their own lengths."""
    if array.dtype.kind in "OSU":
        return sum(len(s if isinstance(s, bytes) else str(s).encode()) for s in array.reshape(-1).tolist())
    return array.nbytes


def _may_be_lost(array):
    return array.dtype.kind in "fc" or array.dtype.name == "bfloat16"


def _chunks(array):
    """The elements in pieces of one dimension, without a copy of the whole."""
    if array.dtype.name == "bfloat16":
        flat = array.reshape(-1)
        yield from (flat[i : i + CHUNK].astype(np.float32) for i in range(0, flat.size, CHUNK))
    elif array.size:
        flags = ["external_loop", "buffered", "zerosize_ok"]
        yield from np.nditer(array, flags=flags, buffersize=CHUNK, order="K")


def _finite(chunk):
    if chunk.dtype.kind != "f":
        return chunk
    good = np.isfinite(chunk)
    return chunk if good.all() else chunk[good]


class _Moments:
    """Smallest, largest, mean and deviation of chunks, put together in double precision.

    (Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances", 1979.)
    """

    def __init__(self):
        self.count, self.mean, self.squares, self.low, self.high = 0, 0.0, 0.0, None, None

    @np.errstate(over="ignore", invalid="ignore")
    def add(self, chunk):
        if not chunk.size:
            return
        low, high, mean = chunk.min().item(), chunk.max().item(), chunk.mean(dtype=np.float64)
        apart = np.subtract(chunk, mean, dtype=np.float64)
        squares = float(np.dot(apart, apart))
        total, shift = self.count + chunk.size, mean - self.mean
        self.squares += squares + shift * shift * self.count * chunk.size / total
        self.mean += shift * chunk.size / total
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        self.count = total

    def described(self):
        if not self.count:
            return {}
        deviation = math.sqrt(self.squares / self.count)
        found = {"min": self.low, "max": self.high, "mean": float(self.mean), "std": deviation}
        return {name: _plain(value) for name, value in found.items()}


def _plain(value):
    """JSON has no infinity: a moment that overflows is not said."""
    value = int(value) if isinstance(value, bool) else value
    return value if isinstance(value, int) or math.isfinite(value) else None


def histogram(array, known, bins=BINS):
    """{low, high, counts, nan, inf} of numbers; `counts` with `nan` and `inf` add up to all elements.

    `known` is the array's `summary`.  The bins are equally wide from the smallest to the largest finite
    element; integers of a small range get one bin each.  None for what has no order.
    """
    array = np.asarray(array)
    if not is_number(array) or not array.size:
        return None
    low, high = known["min"], known["max"]
    if low is None:
        return {"low": 0.0, "high": 0.0, "counts": [], "nan": known["nan"], "inf": known["inf"]}
    whole = array.dtype.kind in "iub" and high - low < bins
    if whole:
        low, high, bins = low - 0.5, high + 0.5, high - low + 1
    elif high == low or not math.isfinite((high - low) / bins) or low + (high - low) / bins == low:
        low, high, bins = float(low), float(high), 1
    counts = np.zeros(bins, np.int64)
    for chunk in _chunks(array):
        counts += _counted(_finite(chunk), low, high, bins)
    return {"low": low, "high": high, "counts": counts.tolist(), "nan": known["nan"], "inf": known["inf"]}


def _counted(chunk, low, high, bins):
    if bins == 1:
        return np.array([chunk.size])
    place = np.subtract(chunk, low, dtype=np.float64)
    place *= bins / (high - low)
    return np.bincount(np.clip(place.astype(np.int64), 0, bins - 1), minlength=bins)


def line(known):
    """`(32, 10) float32, 1.3 kB: min -2, max 3.1, mean 0.2, std 0.9, 3 NaN, 4 zeros`"""
    head = f"{shape_text(known['shape'])} {known['dtype']}, {bytes_text(known['bytes'])}"
    said = [f"{name} {number_text(known[name])}" for name in ("min", "max", "mean", "std") if known[name] is not None]
    said += [
        f"{known[name]:,} {word}{'s' * (name == 'zero' and known[name] != 1)}"
        for name, word in (("nan", "NaN"), ("inf", "Inf"), ("zero", "zero")) if known[name]
    ]  # fmt: skip
    return f"{head}: {', '.join(said)}" if said else head


def shape_text(shape):
    return f"({', '.join('?' if n is None else str(n) for n in shape)}{',' * (len(shape) == 1)})"


def bytes_text(n):
    """`312 B`, `1.3 kB`, `400 MB`: units of 1000."""
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} TB"


def number_text(value):
    return str(value) if isinstance(value, int) and abs(value) < 10**7 else f"{value:.4g}"
