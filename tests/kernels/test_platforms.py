"""What serves where something is missing that Linux on x86-64 has: each way forced here."""

import os
import subprocess
import sys

import pytest

from minitf.kernels import atomics, bundle, objects, processors
from minitf.kernels.processors import Processor

PROGRAM = """
import numpy as np
import minitf as tf
tf.set_random_seed(1)
x, classes = tf.placeholder(tf.float32, [None, 8]), tf.placeholder(tf.int32, [None])
loss = tf.losses.sparse_softmax_cross_entropy(classes, tf.layers.dense(tf.layers.dense(x, 600, tf.tanh), 3))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
feeds = {x: np.random.default_rng(0).standard_normal((500, 8)), classes: np.arange(500) % 3}
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    print(*[session.run([train, loss], feeds)[1] for _ in range(5)])
"""


def losses(**settings):
    environment = os.environ | {"MINITF_NUM_THREADS": "2", **settings}
    command = [sys.executable, "-c", PROGRAM]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(word) for word in found.stdout.split()]


@pytest.mark.slow
def test_a_network_trains_without_all_of_it(tmp_path):
    """No OpenBLAS, no semaphores, no vectors beyond those of 2003, nothing that came compiled."""
    portable = {"MINITF_BLAS": "portable", "MINITF_PARKING": "events", "MINITF_BUNDLES": "off", "MINITF_WARMUP": "off",
                "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}  # fmt: skip
    found, usual = losses(**portable), losses()
    assert found == pytest.approx(usual, rel=1e-5) and found[-1] < found[0]


@pytest.mark.parametrize(("system", "machine", "serves"), [
    ("linux", "x86_64", True), ("linux", "aarch64", False), ("darwin", "x86_64", False), ("darwin", "arm64", False),
    ("win32", "AMD64", False),
])  # fmt: skip
def test_objects_of_linux_are_for_linux(monkeypatch, system, machine, serves):
    monkeypatch.delenv("MINITF_BUNDLES", raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert bundle.serves() == serves
    one = Processor("one", "")
    assert f"-{system}-{machine}-" in objects._maker(one)


def test_what_is_not_x86_is_compiled_for_its_own_processor(monkeypatch):
    monkeypatch.delenv("NUMBA_CPU_NAME", raising=False)
    monkeypatch.delenv("NUMBA_CPU_FEATURES", raising=False)
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert processors.processor() == processors.of_this_machine()


def test_the_library_of_numbers_of_each_system(monkeypatch):
    monkeypatch.setattr(objects.ctypes.util, "find_library", lambda name: f"lib{name}")
    assert objects.numbers_library("posix") == "libm"
    assert objects.numbers_library("nt") == "ucrtbase"


@pytest.mark.parametrize("machine", ["arm64", "x86_64", "AMD64", "riscv64"])
def test_the_hint_to_wait_is_of_the_machine_or_none(machine):
    assert (atomics.waiting_hint(machine) is not None) == (machine in ("x86_64", "AMD64"))
