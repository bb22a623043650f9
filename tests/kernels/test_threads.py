"""The pool of threads: every piece of work is done once, by however many threads, parked or not."""

import os
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

from minitf.kernels import threads
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch, Stretch


@kernel
def count_calls(begin, end, worker, calls, out):
    calls[worker, 0] += 1
    for i in range(begin, end):
        out[i] += 1


@kernel(status=True)
def gives_up_at(begin, end, place, out):
    for i in range(begin, end):
        out[i] += 1
        if i == place:
            return 1
    return 0


@kernel
def plain(out):
    out[0] += 1


def counted(units, grain, limit=None):
    calls, out = np.zeros((threads.MOST, 16), np.int64), np.zeros(units, np.int64)
    return Stretch([Launch(count_calls, calls, out, units=units, grain=grain)], limit), calls, out


@pytest.mark.parametrize("units", [1, 2, 3, 7, 100, 4099])
@pytest.mark.parametrize("grain", [1, 3, 64])
def test_every_piece_is_done_once(units, grain):
    stretch, calls, out = counted(units, grain)
    for _ in range(20):
        assert stretch.run() == -1
    assert (out == 20).all()
    chunks = calls[:, 0].sum() / 20
    assert chunks == 1 if units <= grain or threads.MOST == 1 else 1 < chunks <= -(-units // grain)


def test_a_stretch_that_nobody_keeps_runs_on_memory_of_its_own():
    """`Stretch(...).run()`: while it runs, nothing but the bound function holds the arrays."""
    out = np.zeros(1, np.int64)
    run, alive = Stretch([Launch(plain, out)]).run, weakref.ref(out)
    del out
    assert alive() is not None
    assert run() == -1 and alive()[0] == 1


def test_one_thread_does_it_alone():
    stretch, calls, out = counted(1000, 1, limit=1)
    assert stretch.run() == -1
    assert (out == 1).all() and calls[0, 0] == 1 and calls.sum() == 1


def test_parked_workers_come_back():
    stretch, _, out = counted(1000, 1)
    for turn in range(1, 6):
        time.sleep(0.005)
        assert stretch.run() == -1
        assert (out == turn).all()


def test_a_piece_that_gives_up_stops_the_stretch():
    out, after = np.zeros(1000, np.int64), np.zeros(1, np.int64)
    failing = Launch(gives_up_at, 777, out, units=1000, grain=10)
    for _ in range(20):
        assert Stretch([failing, Launch(plain, after)]).run() == 0
    assert after[0] == 0
    assert Stretch([Launch(gives_up_at, -1, out, units=1000, grain=10)]).run() == -1


def test_threads_that_run_at_once_do_not_wait_for_each_other():
    stretches = [counted(500, 1) for _ in range(4)]

    def many(stretch):
        for _ in range(300):
            stretch.run()

    runners = [threading.Thread(target=many, args=(s,)) for s, *_ in stretches]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(60)
    assert all((out == 300).all() for *_, out in stretches)


def test_a_launch_says_how_much_work_there_is():
    with pytest.raises(TypeError, match="count_calls needs"):
        Launch(count_calls, np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(TypeError, match="plain takes no"):
        Launch(plain, np.zeros(1, np.int64), units=2)


# -- in processes of their own ---------------------------------------------------------------------------------

PROGRAM = """
import os, sys, time
import numpy as np
from minitf.kernels import threads
from minitf.kernels.machine import Launch, Stretch
import importlib.util
spec = importlib.util.spec_from_file_location("test_threads", {path!r})
tests = importlib.util.module_from_spec(spec)
sys.modules["test_threads"] = tests
spec.loader.exec_module(tests)
stretch, calls, out = tests.counted(100000, 10)

def run_until_a_worker_helps():
    begin, turns = time.monotonic(), 0
    while calls[1:].sum() == 0 and time.monotonic() < begin + 30:
        assert stretch.run() == -1
        turns += 1
    assert calls[1:].sum() > 0
    return turns
"""


def run(program, **environment):
    text = PROGRAM.format(path=__file__) + textwrap.dedent(program)
    environment = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("parking", ["native", "events"])
@pytest.mark.parametrize("number", [1, 4])
def test_any_number_of_threads_and_either_way_of_parking(parking, number):
    program = """
    for turn in range(30):
        assert stretch.run() == -1
        time.sleep(0.002 * (turn % 3 == 0))
    turns = 30 + (run_until_a_worker_helps() if threads.MOST > 1 else 0)
    assert (out == turns).all()
    print(threads.MOST)
    """
    assert int(run(program, MINITF_PARKING=parking, MINITF_NUM_THREADS=str(number))) == number


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_workers_of_its_own():
    program = """
    import warnings
    warnings.simplefilter("ignore")  # newer Pythons warn of any fork of a process with threads
    stretch.run()
    child = os.fork()
    if child == 0:
        calls[:] = 0
        turns = run_until_a_worker_helps()
        os._exit(0 if (out == 1 + turns).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    stretch.run()
    assert (out == 2).all()
    """
    run(program, MINITF_NUM_THREADS="3")


def test_the_process_ends_while_workers_look_for_work():
    run("stretch.run()", MINITF_NUM_THREADS="4")
    run("stretch.run(); time.sleep(0.1)", MINITF_NUM_THREADS="4")
    run("stretch.run(); time.sleep(0.1)", MINITF_NUM_THREADS="4", MINITF_PARKING="events")
