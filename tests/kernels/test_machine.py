"""The machine stops where the user asks for it."""

import os
import signal
import threading

import numpy as np
import pytest

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch, Loop, Stretch


@kernel
def _slowly(count):
    number = count[0]
    for _ in range(500_000):
        number = number * 0.999 + 1.0
    count[0] += 1 + (number < 0)


@kernel
def _always(flag):
    flag[()] = True


def _interrupted(run):
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run()


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends a process there")
def test_a_long_run_can_be_interrupted():
    count, flag = np.zeros(1), np.zeros((), np.bool_)
    stretch = Stretch([Launch(_slowly, count)] * 100_000)
    _interrupted(stretch.run)
    assert 0 < count[0] < 100_000
    count[0] = 0
    loop = Loop(Stretch([Launch(_always, flag)]), flag, stretch)
    loop.run(0)  # what it takes is compiled before
    _interrupted(lambda: loop.run(10))
    assert 0 < count[0] < 100_000
    short = Stretch([Launch(_slowly, count)] * 40)
    count[0] = 0
    assert short.run() == -1 and count[0] == 40
