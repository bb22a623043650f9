"""DLPack: a capsule that tells another library where an array lies.

The capsule holds the address of a `DLManagedTensor`, a C structure of pointer, device, shape and type, with a function
that the other library calls when it needs the array no longer.  (dmlc.github.io/dlpack)
"""

import ctypes
import itertools

_KINDS = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]  # fmt: skip


class _Managed(ctypes.Structure):
    pass


_Deleter = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Managed))
_Managed._fields_ = [("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", _Deleter)]

_lent = {}  # number -> what must stay alive until the other library is done
_numbers = itertools.count(1)


@_Deleter
def _done(managed):
    _lent.pop(managed.contents.context, None)


_new = ctypes.pythonapi.PyCapsule_New
_new.restype = ctypes.py_object
_new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


def capsule(address, shape, dtype, device, owner):
    """A DLPack capsule of a C-contiguous array at `address`; `owner` is kept alive as long as somebody uses it.

    device   (type, number): (1, 0) is the CPU, (2, 0) the first GPU
    """
    sizes = (ctypes.c_int64 * max(1, len(shape)))(*shape)
    steps, step = [], 1
    for size in reversed(shape):
        steps.insert(0, step)
        step *= size
    strides = (ctypes.c_int64 * max(1, len(shape)))(*steps)
    tensor = _Tensor(
        address, *device, len(shape), _KINDS[dtype.kind], 8 * dtype.itemsize, 1, sizes, strides, 0
    )
    number = next(_numbers)
    managed = _Managed(tensor, number, _done)
    _lent[number] = managed, sizes, strides, owner
    return _new(ctypes.addressof(managed), b"dltensor", None)
