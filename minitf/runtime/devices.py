"""The devices of this machine, as TensorFlow lists them, and what `tf.device` may ask for.

A GPU is used where there is one; `TF_CUDA=simulate` pretends that there is: see `kernels/cuda/devices.py`.
"""

import dataclasses

from minitf import errors
from minitf.kernels.cuda import devices as cuda

_MISSING = (
    "Cannot assign a device for operation {name}: Operation was explicitly assigned to {wanted} but available devices "
    "are [ {there} ]. Make sure the device specification refers to a valid device.{reason} With "
    "tf.ConfigProto(allow_soft_placement=True) the operation runs on the CPU."
)


@dataclasses.dataclass(frozen=True)
class DeviceAttributes:
    name: str
    device_type: str
    memory_limit: int = 0
    physical_device_desc: str = ""


def gpu_of(config):
    """The device that a session with this ConfigProto (or None) uses beside the CPU; None where there is none."""
    if config is not None and config.device_count.get("GPU", 1) == 0:
        return None
    return cuda.find(config.gpu_options.simulate if config is not None else None)


def list_local_devices(session_config=None):
    """The CPU, and the GPU where there is one."""
    found = [DeviceAttributes("/device:CPU:0", "CPU")]
    gpu = gpu_of(session_config)
    if gpu is not None:
        found.append(DeviceAttributes(gpu.name, "GPU", gpu.memory, gpu.description))
    return found


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """Whether sessions use a GPU (a simulated one is no GPU)."""
    gpu = gpu_of(None)
    capability = getattr(gpu, "compute_capability", None)
    return capability is not None and capability >= (min_cuda_compute_capability or (0, 0))


def gpu_device_name():
    """The name of the GPU device, or '' where there is none."""
    gpu = gpu_of(None)
    return gpu.name if gpu is not None else ""


def check_placement(ops, has_gpu, config):
    """Raise InvalidArgumentError for an operation sent to a device that is not there, unless placement is soft."""
    if config is not None and config.allow_soft_placement:
        return
    processors = 1 if config is None else config.device_count.get("CPU", 1)  # names for one and the same
    there_are = {"CPU": processors, "GPU": int(bool(has_gpu))}
    for op in ops:
        kind, _, number = op.device.rpartition("device:")[2].partition(":") if op.device else ("", "", "")
        if kind in there_are and number != "*" and int(number or 0) >= there_are[kind]:
            there = "/device:CPU:0" + (f", {cuda.NAME}" if has_gpu else "")
            reason = "" if has_gpu or kind == "CPU" else f" No GPU is used: {cuda.missing() or 'it is switched off'}."
            text = _MISSING.format(name=op.name, wanted=op.device, there=there, reason=reason)
            raise errors.InvalidArgumentError(None, op, text)
