"""Lets the engines' processes take turns, and collects what each step took."""

import json
import pathlib
import random
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parent.parent


class Engine:
    """A worker process, and what it answered."""

    def __init__(self, name, log):
        self.name = name
        command = [sys.executable, "-m", "benchmarks.worker", name]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log, text=True, cwd=ROOT)

    def ask(self, workload, count):
        """Seconds a step: {"wall", "cpu"}; None where the engine has no such workload or failed."""
        self.process.stdin.write(json.dumps({"workload": workload, "count": count}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in answer:
            print(f"  {self.name}: {answer['error']}", file=sys.stderr)
        return answer if "wall" in answer else None

    def close(self):
        self.process.communicate(timeout=30)


def is_installed(engine):
    """True where Python finds the engine; asked in another process, so that nothing is imported here."""
    program = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{engine}') is None)"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def measure(workload, engines, rounds, seconds):
    """{engine: [{"wall", "cpu"}, ...]}: `rounds` batches of about `seconds` each, in random order."""
    counts = {}
    for engine in engines:
        first = engine.ask(workload, 1)
        if first is not None:
            again = engine.ask(workload, max(1, int(seconds / 5 / max(first["wall"], 1e-7))))
            counts[engine] = max(1, int(seconds / max(again["wall"], 1e-7)))
    found = {engine.name: [] for engine in counts}
    for _ in range(rounds):
        for engine in random.sample(list(counts), len(counts)):
            answer = engine.ask(workload, counts[engine])
            if answer is not None:
                found[engine.name].append(answer)
    return {name: answers for name, answers in found.items() if answers}


def measure_first_step(engines, rounds):
    """W10 in fresh processes; the first one of each engine warms the caches on disk and is not counted."""
    found = {engine: [] for engine in engines if engine != "numpy"}
    for turn in range(rounds + 1):
        for engine, answers in found.items():
            answer = _first_step(engine)
            if turn > 0 and answer is not None:
                answers.append(answer)
    return {name: answers for name, answers in found.items() if answers}


def _first_step(engine):
    command = [sys.executable, "-m", "benchmarks.first_step", engine]
    wall, cpu = time.perf_counter(), _cpu_of_children()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        print(f"  {engine}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return {"wall": time.perf_counter() - wall, "cpu": _cpu_of_children() - cpu}


def _cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
