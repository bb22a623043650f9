"""`tensorflow.python.ops.gen_nn_ops` and its kin: an operation's type in small letters, `relu_grad` or `_relu_grad`."""

from minitf import raw_ops
from minitf.ops.op import registry

_SECOND = "V2"


def __getattr__(name):
    """The function that makes operations of the type that `name` spells."""
    wanted = name.replace("_", "").lower()
    types = {type_name.lower(): type_name for type_name in registry}
    for spelled in (wanted, wanted + _SECOND.lower()):
        if name[:2] != "__" and spelled in types:
            return getattr(raw_ops, types[spelled])
    raise AttributeError(f"minitf has no operation that TensorFlow calls {name}", name=name)
