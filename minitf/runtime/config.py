"""Options of sessions and runs, by TensorFlow's names.

minitf acts on `ConfigProto.intra_op_parallelism_threads` (0: as many as there are processors, or as the
environment variable MINITF_NUM_THREADS says; more than those are not used), on
`ConfigProto.operation_timeout_in_ms`, on `device_count={"GPU": 0}`, `allow_soft_placement`,
`log_device_placement` and `gpu_options.simulate` (see `devices.py`), on `RunOptions.trace_level` and on
`RunOptions.timeout_in_ms`; the others are kept, so that old programs run, and change nothing: memory is not limited.
"""

import dataclasses


@dataclasses.dataclass
class GPUOptions:
    per_process_gpu_memory_fraction: float = 0.0
    allow_growth: bool = False
    allocator_type: str = ""
    deferred_deletion_bytes: int = 0
    visible_device_list: str = ""
    polling_active_delay_usecs: int = 0
    force_gpu_compatible: bool = False
    simulate: str = ""  # "simulate" or "lowered": a GPU is pretended to be there, see `kernels/cuda/devices.py`


@dataclasses.dataclass
class OptimizerOptions:
    do_common_subexpression_elimination: bool = False
    do_constant_folding: bool = False
    do_function_inlining: bool = False
    opt_level: int = 0
    global_jit_level: int = 0

    L1, L0, DEFAULT, OFF, ON_1, ON_2 = 0, -1, 0, -1, 1, 2


@dataclasses.dataclass
class GraphOptions:
    enable_recv_scheduling: bool = False
    optimizer_options: OptimizerOptions = dataclasses.field(default_factory=OptimizerOptions)
    build_cost_model: int = 0
    infer_shapes: bool = False
    place_pruned_graph: bool = False


@dataclasses.dataclass
class ConfigProto:
    """tf.ConfigProto: what a session is configured with."""

    device_count: dict = dataclasses.field(default_factory=dict)
    intra_op_parallelism_threads: int = 0
    inter_op_parallelism_threads: int = 0
    use_per_session_threads: bool = False
    session_inter_op_thread_pool: list = dataclasses.field(default_factory=list)
    placement_period: int = 0
    device_filters: list = dataclasses.field(default_factory=list)
    gpu_options: GPUOptions = dataclasses.field(default_factory=GPUOptions)
    allow_soft_placement: bool = False
    log_device_placement: bool = False
    graph_options: GraphOptions = dataclasses.field(default_factory=GraphOptions)
    operation_timeout_in_ms: int = 0
    isolate_session_state: bool = False


@dataclasses.dataclass
class RunOptions:
    """tf.RunOptions: with `trace_level=FULL_TRACE`, a run records when each operation ran."""

    trace_level: int = 0
    timeout_in_ms: int = 0
    inter_op_thread_pool: int = 0
    output_partition_graphs: bool = False
    report_tensor_allocations_upon_oom: bool = False

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3


@dataclasses.dataclass
class NodeExecStats:
    """When one operation ran: microseconds since the epoch, and for how many microseconds."""

    node_name: str
    op_type: str
    all_start_micros: int
    op_end_rel_micros: int
    output_bytes: int


@dataclasses.dataclass
class DeviceStepStats:
    device: str
    node_stats: list


@dataclasses.dataclass
class StepStats:
    dev_stats: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class RunMetadata:
    """tf.RunMetadata: what a traced run recorded; `step_stats` feeds the timeline."""

    step_stats: StepStats = dataclasses.field(default_factory=StepStats)
