"""Names of distributed training, for programs that run in one process.

minitf has no processes that work together: a cluster of one task is this process, any other is refused.
"""

import time

from minitf.graph.operation import Operation


class ClusterSpec:
    """tf.train.ClusterSpec: {job name: [addresses]}, or {job name: {index: address}}.

    Raises TypeError for what is no dictionary, ValueError where a job is asked for that it has not.
    """

    def __init__(self, cluster):
        if isinstance(cluster, ClusterSpec):
            cluster = cluster._jobs
        if not isinstance(cluster, dict):
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network addresses."
            )
        self._jobs = {
            job: dict(tasks) if isinstance(tasks, dict) else dict(enumerate(tasks))
            for job, tasks in cluster.items()
        }

    def as_dict(self):
        return {job: [tasks[i] for i in sorted(tasks)] for job, tasks in self._jobs.items()}

    @property
    def jobs(self):
        return list(self._jobs)

    def num_tasks(self, job_name):
        return len(self._job(job_name))

    def job_tasks(self, job_name):
        """The addresses of a job's tasks."""
        tasks = self._job(job_name)
        return [tasks[i] for i in sorted(tasks)]

    def task_address(self, job_name, task_index):
        return self._job(job_name)[task_index]

    def _job(self, job_name):
        if job_name not in self._jobs:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._jobs[job_name]

    def __bool__(self):
        return bool(self._jobs)

    def __eq__(self, other):
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = None


class Server:
    """tf.train.Server: this process, where the cluster has no other.

    Raises NotImplementedError for a cluster of several tasks.
    """

    def __init__(
        self, server_or_cluster_def, job_name=None, task_index=None, protocol=None, config=None, start=True
    ):
        cluster = ClusterSpec(server_or_cluster_def)
        if sum(cluster.num_tasks(job) for job in cluster.jobs) > 1:
            raise NotImplementedError(
                "minitf runs in one process: a cluster of several tasks is not supported"
            )
        self._cluster = cluster

    @staticmethod
    def create_local_server(config=None, start=True):
        """A server for a cluster of this process alone."""
        return Server({"local": ["localhost:0"]})

    @property
    def target(self):
        """What `tf.Session(target)` takes: the empty string, which means this process."""
        return ""

    @property
    def server_def(self):
        return self._cluster

    def start(self):
        """Nothing to start: the process runs."""

    def join(self):
        """Sleep for ever, as a server does that waits for others."""
        while True:
            time.sleep(3600)


_VARIABLES = ("Variable", "VariableV2", "AutoReloadVariable", "VarHandleOp")


def replica_device_setter(ps_tasks=0, ps_device="/job:ps", worker_device="/job:worker", merge_devices=True,
                          cluster=None, ps_ops=None, ps_strategy=None):  # fmt: skip
    """tf.train.replica_device_setter: a function for `tf.device` that names the device of each operation.

    Variables take turns at `ps_device`, everything else is at `worker_device`; None without parameter servers.
    """
    if cluster is not None:
        jobs = ClusterSpec(cluster)
        job = ps_device.partition("/job:")[2].partition("/")[0]
        ps_tasks = jobs.num_tasks(job) if job in jobs.jobs else 0
    if not ps_tasks:
        return None
    names, turn = tuple(ps_ops or _VARIABLES), iter(range(1 << 62))

    def device(op):
        kind = op.type if isinstance(op, Operation) else op.op
        return f"{ps_device}/task:{next(turn) % ps_tasks}" if kind in names else worker_device

    return device
