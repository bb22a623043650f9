"""`tf.compat`: conversions between text and bytes, and the calls that say "TensorFlow 1, please"."""

import numbers
import os
from typing import Any

import numpy as np

bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


def as_bytes(bytes_or_text: bytes | bytearray | str, encoding: str = "utf-8") -> bytes:
    """Bytes as they are, text encoded.

    Raises:
        TypeError: neither bytes nor text.
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes | bytearray):
        return bytes(bytes_or_text)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_text(bytes_or_text: bytes | str, encoding: str = "utf-8") -> str:
    """Text as it is, bytes decoded.

    Raises:
        TypeError: neither bytes nor text.
    """
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


as_str = as_text


def as_str_any(value: Any) -> str:
    """Text of anything: bytes decoded, the rest through `str`."""
    return as_text(value) if isinstance(value, bytes | str) else str(value)


def path_to_str(path: Any) -> Any:
    """A path object as text; anything else as it is."""
    return os.fspath(path) if isinstance(path, os.PathLike) else path


def forward_compatible(year: int, month: int, day: int) -> bool:
    """Whether graphs written now may use ops newer than the given day: minitf reads all it writes, so yes."""
    del year, month, day
    return True


def disable_v2_behavior() -> None:
    """What minitf is already: graphs and sessions."""


disable_control_flow_v2 = disable_eager_execution = disable_resource_variables = disable_v2_behavior
disable_tensor_equality = disable_v2_tensorshape = disable_v2_behavior
