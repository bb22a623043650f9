"""Distributions made from Philox's words: one kernel each, equal to TensorFlow's numbers on the CPU.

    uniform           [0, 1): the low bits of a word, as a fraction
    full_int          every value of int32 or int64
    uniform_int       low + word modulo (high - low)
    standard_normal   Box and Muller: two uniform numbers become two normal ones
    truncated_normal  normal numbers, those beyond two standard deviations thrown away
    permutation       Fisher and Yates's shuffle
    words             the words themselves, for operations that Python runs
    multinomial       look a uniform number up in the cumulated probabilities of a row

Every kernel takes the `state` of its operation (see `philox.py`), writes its last argument, and advances the
state by a number of blocks that depends on shapes only:

    blocks reserved by one run        operations
    256 n                             uniform, full_int, uniform_int, standard_normal, truncated_normal,
                                      gamma, poisson (`rejection.py`), for an output of n numbers
    ceil((n - 1) / 4)                 permutation of n rows
    2 * 256 * batch * ceil4(samples)  multinomial; ceil4 rounds up to a multiple of 4
    512 * sampled                     the candidate samplers of `candidates.py`
    none                              stateless operations: their state is made for one run

A number that needs an unknown count of words (truncated, gamma, poisson) starts at a block of its own, so that the
numbers before it need not be known.  Outputs of any rank are passed flat: (n,).  float16 and bfloat16 numbers come
from float32 kernels and are rounded; only `uniform` has a rule of its own for them, `uniform_short`.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel, overload
from minitf.kernels.machine import Launch
from minitf.kernels.philox import RESERVED, advance, block, pasted_block, word

_GRAIN = 512  # blocks
_SMALLEST = 1e-7  # stands for 0 under a logarithm
_TURN = 2.0 * math.pi


def _by_width(four, two):
    """A function (words, dtype) for use in kernels: a block makes `four` numbers of 32 bits or `two` of 64."""

    def numbers(words, dtype):
        raise NotImplementedError("for use inside kernels")

    @overload(numbers)
    def choose(words, dtype):
        if dtype.dtype.bitwidth == 32:
            return lambda words, dtype: four(words)
        return lambda words, dtype: two(words)

    return numbers


@inline
def unit32(a):
    """A float32 in [0, 1) from the low 23 bits of a word."""
    return np.float32(np.int32(a & np.uint64(0x7FFFFF))) * np.float32(2.0**-23)


@inline
def unit64(a, b):
    """A float64 in [0, 1) from 52 bits: the low 20 of the first word, then the second word."""
    return np.float64(np.int64((a & np.uint64(0xFFFFF)) << np.uint64(32) | b)) * 2.0**-52


@inline
def _four_uniforms(words):
    a, b, c, d = words
    return unit32(a), unit32(b), unit32(c), unit32(d)


@inline
def two_uniforms(words):
    a, b, c, d = words
    return unit64(a, b), unit64(c, d)


@inline
def _four_integers(words):
    a, b, c, d = words
    return np.int32(a), np.int32(b), np.int32(c), np.int32(d)


@inline
def _two_integers(words):
    a, b, c, d = words
    return np.int64(a | b << np.uint64(32)), np.int64(c | d << np.uint64(32))


@inline
def _box_muller32(a, b):
    radius = math.sqrt(np.float32(-2) * math.log(max(unit32(a), np.float32(_SMALLEST))))
    angle = np.float32(_TURN * unit32(b))
    return radius * math.sin(angle), radius * math.cos(angle)


@inline
def _box_muller64(a, b, c, d):
    radius = math.sqrt(-2.0 * math.log(max(unit64(a, b), _SMALLEST)))
    angle = _TURN * unit64(c, d)
    return radius * math.sin(angle), radius * math.cos(angle)


@inline
def _four_normals(words):
    a, b, c, d = words
    return _box_muller32(a, b) + _box_muller32(c, d)


@inline
def two_normals(words):
    a, b, c, d = words
    return _box_muller64(a, b, c, d)


_uniforms = _by_width(_four_uniforms, two_uniforms)
_integers = _by_width(_four_integers, _two_integers)
_normals = _by_width(_four_normals, two_normals)


def launches(kernel, state, *arguments):
    """Launches of a kernel over a range of blocks that fills its last argument, and then moves the state on."""
    out = arguments[-1]
    return [
        Launch(kernel, state, *arguments, units=blocks_of(out), grain=_GRAIN),
        Launch(_advance, state, RESERVED * out.size),
    ]


def blocks_of(out):
    """How many blocks of 16 bytes it takes to fill an array."""
    return -(-out.nbytes // 16)


@kernel
def _advance(state, blocks):
    advance(state, blocks)


@inline
def _fill(begin, end, state, numbers, out):
    """out = the numbers of blocks begin..end, each at its place; what the last block has too many is dropped."""
    per_block = 16 // out.itemsize
    whole = min(end, out.size // per_block)
    part = out[begin * per_block : whole * per_block]
    for i in range(whole - begin):
        found = numbers(pasted_block(state, begin + i), out.dtype)
        for j in range(len(found)):
            part[i * len(found) + j] = found[j]
    if whole < end:
        found = numbers(block(state, whole), out.dtype)
        for j in range(out.size - whole * per_block):
            out[whole * per_block + j] = found[j]


@kernel
def uniform(begin, end, state, out):
    """out (n,) float32 or float64 = uniform in [0, 1), in steps of 2**-23 or 2**-52."""
    _fill(begin, end, state, _uniforms, out)


@kernel
def full_int(begin, end, state, out):
    """out (n,) int32 or int64 = any value of the type, all equally likely."""
    _fill(begin, end, state, _integers, out)


@kernel
def standard_normal(begin, end, state, out):
    """out (n,) float32 or float64 = normal numbers of mean 0 and deviation 1, made in pairs from (u, v):

        sqrt(-2 log u) * (sin(2 pi v), cos(2 pi v))

    The squared radius -2 log u of a point with two normal coordinates is exponentially distributed, its
    angle uniformly.  Source: Box and Muller, Annals of Mathematical Statistics 29 (1958) 610-611.
    """
    _fill(begin, end, state, _normals, out)


@kernel
def truncated_normal(begin, end, state, out):
    """out (n,) = standard normal numbers between -2 and 2: others are drawn again (4.6 % of them).

    Each group of numbers that would fill one block has RESERVED blocks for each of its numbers.
    """
    group = 16 // out.itemsize
    for first in range(begin * group, end * group, group):
        i, last = first, min(first + group, out.size)
        index = first * RESERVED // 4
        while i < last:
            found = _normals(block(state, index), out.dtype)
            index += 1
            for j in range(len(found)):
                if i < last and abs(found[j]) < 2:
                    out[i] = found[j]
                    i += 1


@kernel
def uniform_short(begin, end, state, digits, bits, out):
    """out (n,) float32 = uniform in [0, 1) in steps of 2**-digits: 10 digits for float16, 7 for bfloat16.

    bits (n,) int32 is scratch.
    """
    _fill(begin, end, state, _integers, bits)
    step = np.float32(1.0 / (1 << digits))
    for i in range(4 * begin, min(4 * end, out.size)):
        out[i] = np.float32(bits[i] & ((1 << digits) - 1)) * step


@kernel(status=True)
def uniform_int(begin, end, state, low, high, out):
    """out (n,) = low + word modulo (high - low); low and high (1,) are of out's type.  1 if not low < high.

    The modulo favours small results a little: by (high - low) / 2**32 at most, 2**64 for int64.
    """
    if not low[0] < high[0]:
        return 1
    _fill(begin, end, state, _integers, out)
    mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 8 * out.itemsize)
    span = (np.uint64(high[0]) - np.uint64(low[0])) & mask
    per_block = 16 // out.itemsize
    for i in range(begin * per_block, min(end * per_block, out.size)):
        out[i] = low[0] + np.int64((np.uint64(out[i]) & mask) % span)
    return 0


@kernel
def permutation(state, order):
    """order (n,) int64 = a random order of 0..n-1: place i is exchanged with a place at or after it.

    Source: Fisher and Yates (1938); Durstenfeld, "Algorithm 235", Communications of the ACM 7 (1964).
    """
    n = order.size
    for i in range(n):
        order[i] = i
    for i in range(n - 1):
        j = i + np.int64(word(state, i) % np.uint64(n - i))
        order[i], order[j] = order[j], order[i]
    advance(state, (max(n - 1, 0) + 3) // 4)


@kernel
def shuffle(state, x, order, out):
    """out[i] = x[order[i]] for rows of x (n, width) in a random order, left in order (n,) int64."""
    permutation(state, order)
    for i in range(order.size):
        for j in range(x.shape[1]):
            out[i, j] = x[order[i], j]


@kernel
def multinomial(state, logits, cumulated, out):
    """out (batch, samples) = classes drawn with probabilities softmax(logits), logits (batch, classes).

    A uniform number below the sum of the row's weights exp(logit - max) falls into the weight of one class:
    bisection finds it in `cumulated` (classes,) float64.  Classes without a finite logit are never drawn.
    """
    batch = logits.shape[0]
    samples = out.shape[1]
    drawn = 0
    for b in range(batch):
        total = _cumulate(logits[b], cumulated)
        for i in range(samples):
            target = unit64(word(state, 2 * drawn), word(state, 2 * drawn + 1)) * total
            out[b, i] = count_not_above(cumulated, target)
            drawn += 1
    advance(state, RESERVED * batch * 2 * ((samples + 3) // 4 * 4))


@inline
def count_not_above(ascending, target):
    """How many elements are <= target, by bisection: the first class whose cumulated weight exceeds it."""
    low, high = 0, ascending.size
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] <= target:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def _cumulate(logits, cumulated):
    """cumulated[c] = sum of exp(logit - max) up to class c, infinite and NaN logits left out; the total."""
    largest = -math.inf
    for logit in logits:
        if math.isfinite(logit):
            largest = max(largest, logit)
    total = 0.0
    for c in range(logits.size):
        if math.isfinite(logits[c]):
            total += math.exp(np.float64(logits[c]) - largest)
        cumulated[c] = total
    return total


@kernel
def words(state, out):
    """out (n,) uint64 = the words of 32 bits that follow the state, which stays where it is."""
    for i in range(out.size):
        out[i] = word(state, i)
