"""Philox: random numbers as a function of a counter.  Everything random in this package starts here.

Most generators are a chain: each number is made from the one before, so the millionth number costs a
million steps and the order of execution decides who gets which number.  A *counter-based* generator has no
chain.  It is a function

    four random words of 32 bits = philox(key, counter)

that scrambles a 128-bit counter as a cipher would.  Counting 0, 1, 2, ... gives the stream; skipping ahead is
adding to the counter; two threads, or a debugger that goes back and runs an operation again, find the same
numbers at the same counters.  So the *order of execution cannot matter*: a number is named by
(key, counter), not by the moment at which it was drawn.

The scrambling is ten rounds on the four words (a, b, c, d) with the two key words (k, l):

    p = 0xD2511F53 * a                        q = 0xCD9E8D57 * c        (products of 64 bits)
    a, b, c, d = high(q) ^ b ^ k, low(q), high(p) ^ d ^ l, low(p)
    k, l = k + 0x9E3779B9, l + 0xBB67AE85                               (modulo 2**32)

A product spreads every bit of a word over the high half of the result; the exclusive-or carries it to the other
pair of words; the key words move by odd constants (from the golden ratio and the square root of 3), so that no
two rounds are alike.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: Philox-4x32-10.

The state of one random operation is an array of three uint64 numbers: key, low and high half of the counter.  An
operation with the seeds (seed, seed2) has the key `seed` and counts from `seed2 * 2**64`, as TensorFlow does.
Kernels read the blocks that follow the counter and then `advance` it, always by the same amount for the
same shapes, however many blocks were needed (`RESERVED` per number in most of them): the n-th run of an
operation starts at a counter known beforehand.

Read next: `random.py`, which turns these words into distributions.
"""

import numpy as np

from minitf.kernels.functions import inline, kernel, pasted

RESERVED = 256  # blocks (counters) that a run of an operation keeps to itself for each number it makes

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_A, _MULTIPLIER_C = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_STEP_K, _STEP_L = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_SCRAMBLING_KEY = np.uint64(0x02461E293EC8F720)  # TensorFlow's, for the seeds of stateless operations


def philox_state(seed, seed2):
    """The state (3,) uint64 of an operation with these seeds (any integers; the low 64 bits count)."""
    return np.array([seed & (2**64 - 1), 0, seed2 & (2**64 - 1)], np.uint64)


@inline
def _round(words, key, number):
    """One round; `number` says how often the key words have moved.  Words are uint64 below 2**32."""
    a, b, c, d = words
    k = (key + np.uint64(number) * _STEP_K) & _LOW
    l = ((key >> _HALF) + np.uint64(number) * _STEP_L) & _LOW  # noqa: E741
    p, q = _MULTIPLIER_A * a, _MULTIPLIER_C * c
    return (q >> _HALF) ^ b ^ k, q & _LOW, (p >> _HALF) ^ d ^ l, p & _LOW


def _block(state, index):
    """The four 32-bit words (as uint64) at `index` counters after the state's."""
    key, low = state[0], state[1] + np.uint64(index)
    high = state[2] + np.uint64(low < np.uint64(index))  # the carry of the 128-bit sum
    words = low & _LOW, low >> _HALF, high & _LOW, high >> _HALF
    words = _round(_round(words, key, 0), key, 1)
    words = _round(_round(words, key, 2), key, 3)
    words = _round(_round(words, key, 4), key, 5)
    words = _round(_round(words, key, 6), key, 7)
    words = _round(_round(words, key, 8), key, 9)
    return words


block = inline(_block)

# The same, pasted into its caller before compilation: LLVM then computes 8 counters at once (7 times
# faster).  It does neither across the call of a function as large as this nor for a loop over the rounds.
pasted_block = pasted(_block)


@inline
def word(state, index):
    """The 32-bit word (as uint64) at `index` in the stream of words, for draws one after the other."""
    return block(state, index >> 2)[index & 3]


@inline
def advance(state, blocks):
    """Add `blocks` to the 128-bit counter."""
    state[1] += np.uint64(blocks)
    state[2] += np.uint64(state[1] < np.uint64(blocks))


@kernel
def stateless_state(seed, state):
    """The state that stands for the two seeds (2,) of a stateless operation.

    The seeds are scrambled once, by Philox itself, so that seeds like (0, 1) and (0, 2) share nothing.
    """
    low, high = np.uint64(seed[0]), np.uint64(seed[1])
    a, b, c, d = block((_SCRAMBLING_KEY, low, high), 0)
    state[0], state[1], state[2] = a | b << _HALF, np.uint64(0), c | d << _HALF
