"""Random words one after the other, equal to TensorFlow's, for operations that Python runs."""

import numpy as np

from minitf.kernels import random as kernels
from minitf.kernels.machine import Launch, Stretch
from minitf.kernels.philox import philox_state

_PIECE = 64


class RandomWords:
    """The stream that begins at a `state` (see `kernels/philox.py`)."""

    def __init__(self, state):
        self._first, self._state, self._position, self._piece = state.copy(), state.copy(), 0, None

    def word(self):
        """The next word: a number below 2**32."""
        index = self._position % _PIECE
        if index == 0:
            if self._piece is not None:
                self._state = advanced(self._state, _PIECE // 4)
            self._piece = np.empty(_PIECE, np.uint64)
            Stretch([Launch(kernels.words, self._state, self._piece)]).run()
        self._position += 1
        return int(self._piece[index])

    def skip_to(self, block):
        """Go on with this block of four words, counted from the beginning."""
        self._state, self._position, self._piece = advanced(self._first, block), 0, None

    def unit32(self):
        """A float32 in [0, 1)."""
        return np.float32(self.word() & 0x7FFFFF) * np.float32(2.0**-23)

    def unit64(self):
        """A float64 in [0, 1)."""
        high = self.word() & 0xFFFFF
        return (high << 32 | self.word()) * 2.0**-52

    def below(self, n):
        """A whole number in [0, n), each as likely as the others: words that would favour some are drawn again."""
        if n & (n - 1) == 0:
            return self.word() & (n - 1)
        least = (2**32 - 1) % n + 1
        while True:
            found = self.word()
            if found >= least:
                return found % n


def advanced(state, blocks):
    """The state that is `blocks` blocks of four words further."""
    counter = (int(state[1]) | int(state[2]) << 64) + blocks
    return np.array([state[0], counter & (2**64 - 1), counter >> 64 & (2**64 - 1)], np.uint64)


def seeded(seed, seed2):
    """The words of an operation that begins anew in every run."""
    return RandomWords(philox_state(seed, seed2))
