"""Recording when each operation of a run ran."""

import time

import numpy as np

from minitf.runtime.config import DeviceStepStats, NodeExecStats, StepStats
from minitf.runtime.execute import execute


def record(frame, run_metadata):
    """Run `frame` step by step, fill `run_metadata.step_stats`, and return the fetched values."""
    nodes, started = [], []
    for pause in execute(frame):
        now = time.perf_counter_ns()
        if pause.when == "before":
            started.append((time.time_ns() // 1000, now))
            continue
        epoch, begin = started.pop()
        values = [pause.frame.value(t) for t in pause.op.outputs]
        size = sum(v.nbytes for v in values if isinstance(v, np.ndarray))
        nodes.append(NodeExecStats(pause.op.name, pause.op.type, epoch, max(1, (now - begin) // 1000), size))
    run_metadata.step_stats = StepStats(
        [DeviceStepStats("/job:localhost/replica:0/task:0/device:CPU:0", nodes)]
    )
    return frame.fetched()
