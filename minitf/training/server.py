"""Names of distributed training, for programs that run in one process.

minitf has no processes that work together: a cluster of one task is this process, any other is refused.
"""

import time

from minitf.graph.messages import ClusterDef, JobDef, ServerDef
from minitf.graph.operation import Operation


class ClusterSpec:
    """tf.train.ClusterSpec: {job name: [addresses]} or {job name: {index: address}}, or a `ClusterDef` of the same.

    Raises TypeError for anything else, ValueError where a job or a task is asked for that it has not.
    """

    def __init__(self, cluster):
        if isinstance(cluster, ClusterSpec):
            cluster = cluster._jobs
        elif isinstance(cluster, ClusterDef):
            cluster = {job.name: dict(job.tasks) for job in cluster.job}
        if not isinstance(cluster, dict):
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network addresses, "
                "or a `ClusterDef` protocol buffer"
            )
        self._jobs = {job: _tasks(tasks, job) for job, tasks in cluster.items()}

    def as_dict(self):
        """{job: [addresses]}, or {job: {index: address}} where indices are missing."""
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._jobs.items()
        }

    def as_cluster_def(self):
        """The same as a message."""
        return ClusterDef(job=[JobDef(name=job, tasks=self._jobs[job]) for job in sorted(self._jobs)])

    @property
    def jobs(self):
        return list(self._jobs)

    def num_tasks(self, job_name):
        return len(self._job(job_name))

    def job_tasks(self, job_name):
        """The addresses of a job's tasks."""
        return list(self._job(job_name).values())

    def task_indices(self, job_name):
        """The numbers of a job's tasks, ascending."""
        return list(self._job(job_name))

    def task_address(self, job_name, task_index):
        """The address of one task."""
        tasks = self._job(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def _job(self, job_name):
        if job_name not in self._jobs:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._jobs[job_name]

    def __bool__(self):
        return bool(self._jobs)

    def __eq__(self, other):
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = None


def _tasks(tasks, job):
    """{index: address}, ascending.  Raises TypeError for an index that is none, an address that is no text."""
    found = dict(tasks) if isinstance(tasks, dict) else dict(enumerate(tasks))
    for index, address in found.items():
        if not isinstance(index, int):
            raise TypeError(f"The keys of the tasks dictionary of job {job!r} must be integers, not {index!r}")
        if not isinstance(address, str):
            raise TypeError(f"Task address must be bytes or unicode, not {address!r}")
    return dict(sorted(found.items()))


class Server:
    """tf.train.Server: this process, where the cluster has no other.

    Raises NotImplementedError for a cluster of several tasks.
    """

    def __init__(
        self, server_or_cluster_def, job_name=None, task_index=None, protocol=None, config=None, start=True
    ):
        given = server_or_cluster_def
        given = given if isinstance(given, ServerDef) else ServerDef(cluster=ClusterSpec(given).as_cluster_def())
        cluster = ClusterSpec(given.cluster)
        if sum(cluster.num_tasks(job) for job in cluster.jobs) > 1:
            raise NotImplementedError(
                "minitf runs in one process: a cluster of several tasks is not supported"
            )
        made = ServerDef(cluster=given.cluster, protocol=protocol or given.protocol or "grpc")
        jobs = cluster.jobs
        made.job_name = job_name or given.job_name or (jobs[0] if jobs else "")
        made.task_index = task_index if task_index is not None else given.task_index
        self._server_def = made

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
        return self._server_def

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
