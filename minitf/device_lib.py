"""`tensorflow.python.client.device_lib`: the devices of this machine."""

from minitf.runtime.devices import list_local_devices as list_local_devices
