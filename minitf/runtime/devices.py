"""The devices of this machine, as TensorFlow lists them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class DeviceAttributes:
    name: str
    device_type: str
    memory_limit: int = 0
    physical_device_desc: str = ""


def list_local_devices():
    """The CPU; a GPU is not used yet."""
    return [DeviceAttributes("/device:CPU:0", "CPU")]


def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    return False


def gpu_device_name():
    """The name of a GPU device, or '' where there is none."""
    return ""
