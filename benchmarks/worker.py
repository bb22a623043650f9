"""The process of one engine: `python -m benchmarks.worker ENGINE`.

It reads requests, one JSON object a line: {"workload", "count"} runs so many steps of a workload
(building it first where it is a new one), and answers with seconds a step, or with the error.
"""

import json
import os
import sys
import time
import traceback

ENGINES = ("minitf", "tensorflow", "torch", "jax", "numpy")
WARMING = 3  # steps before anything is measured


def programs(engine):
    """The workloads of an engine.  Raises ModuleNotFoundError where it is not installed."""
    if engine == "minitf":
        import minitf
        from benchmarks.on_graphs import programs as graphs

        return graphs(minitf)
    if engine == "tensorflow":
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        import tensorflow.compat.v1 as tensorflow

        from benchmarks.on_graphs import programs as graphs

        tensorflow.disable_v2_behavior()
        return graphs(tensorflow)
    if engine == "torch":
        from benchmarks.on_torch import programs as found
    elif engine == "jax":
        from benchmarks.on_jax import programs as found
    else:
        from benchmarks.on_numpy import programs as found
    return found()


class Worker:
    """Keeps one workload built: the last one that was asked for."""

    def __init__(self, engine):
        self.programs = programs(engine)
        self.name = self.step = None

    def answer(self, workload, count):
        if workload not in self.programs:
            return {"absent": True}
        if workload != self.name:
            self.name = self.step = None  # the old one's memory goes first
            self.step, self.name = self.programs[workload](), workload
            for i in range(WARMING):
                self.step(i)
        wall, cpu = time.perf_counter(), time.process_time()
        for i in range(count):
            self.step(i)
        return {"wall": (time.perf_counter() - wall) / count, "cpu": (time.process_time() - cpu) / count}


def main(engine):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an engine prints must not mix with the answers
    worker = Worker(engine)
    for line in sys.stdin:
        try:
            answer = worker.answer(**json.loads(line))
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
