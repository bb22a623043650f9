"""Recording when each operation of a run ran."""

import time

import numpy as np

from minitf.runtime.config import DeviceStepStats, NodeExecStats, StepStats
from minitf.runtime.execute import execute

_TASK = "/job:localhost/replica:0/task:0"


def record(frame, run_metadata):
    """Run `frame` step by step, fill `run_metadata.step_stats`, and return the fetched values."""
    nodes, started = {}, []  # nodes: device -> what ran there
    for pause in execute(frame):
        now = time.perf_counter_ns()
        if pause.when == "before":
            started.append((time.time_ns() // 1000, now))
            continue
        epoch, begin = started.pop()
        values = [pause.frame.value(t) for t in pause.op.outputs]
        size = sum(v.nbytes for v in values if isinstance(v, np.ndarray))
        stats = NodeExecStats(pause.op.name, pause.op.type, epoch, max(1, (now - begin) // 1000), size)
        nodes.setdefault(_device(pause.frame), []).append(stats)
    run_metadata.step_stats = StepStats([DeviceStepStats(_TASK + device, ran) for device, ran in sorted(nodes.items())])
    return frame.fetched()


def _device(frame):
    """The name of the device that runs the step where `frame` stands."""
    return "/device:CPU:0" if frame.segment.on_device is None else frame.session.state.placer.device.name
