"""`Timeline`: when each operation of a traced run ran, for chrome://tracing and Perfetto."""

import json


class Timeline:
    """tf.python.client.timeline.Timeline of `run_metadata.step_stats`."""

    def __init__(self, step_stats, graph=None):
        self._step_stats = step_stats

    def generate_chrome_trace_format(self, show_dataflow=True, show_memory=False, op_time="schedule"):
        """The text of a JSON file in Chrome's trace event format: one row per device."""
        events = []
        for number, device in enumerate(self._step_stats.dev_stats):
            name = {"name": f"{device.device} Compute"}
            events.append({"name": "process_name", "ph": "M", "pid": number, "args": name})
            events.extend(self._event(node, number) for node in device.node_stats)
        return json.dumps({"traceEvents": events}, indent=4, separators=(",", ": "))

    @staticmethod
    def _event(node, device):
        return {
            "ph": "X", "cat": "Op", "name": node.op_type, "pid": device, "tid": 0, "ts": node.all_start_micros,
            "dur": node.op_end_rel_micros,
            "args": {"name": node.node_name, "op": node.op_type, "output_bytes": node.output_bytes},
        }  # fmt: skip
