"""Names that TensorFlow dropped with version 1.0, as programs of 2016 use them: `tf.mul`, `tf.pack`, ...

Only programs that run through the switch see them. An argument order that 1.0 changed (`concat`, `split`) is 1.0's.
"""

from minitf.ops.arithmetic import multiply as mul
from minitf.ops.arithmetic import negative as neg
from minitf.ops.arithmetic import subtract as sub
from minitf.ops.complex_numbers import complex_abs
from minitf.ops.constant import placeholder as placeholder_v2
from minitf.ops.joining import concat as concat_v2
from minitf.ops.joining import split
from minitf.ops.joining import stack as pack
from minitf.ops.joining import unstack as unpack
from minitf.ops.matmul import batch_mat_mul as batch_matmul
from minitf.ops.powers import reciprocal as inv
from minitf.ops.reversing import reverse as reverse_v2
from minitf.ops.selection import where as select
from minitf.ops.uniqueness import setdiff1d as listdiff
from minitf.version import COMPILER_VERSION as __compiler_version__
from minitf.version import GIT_VERSION as __git_version__
from minitf.version import VERSION as __version__

__all__ = [
    "batch_matmul", "complex_abs", "concat_v2", "inv", "listdiff", "mul", "neg", "pack", "placeholder_v2", "reverse_v2",
    "select", "split_v", "sub", "unpack",
]  # fmt: skip


def split_v(value, size_splits, split_dim=0, num=None, name="split_v"):
    """`tf.split` into pieces of given sizes."""
    return split(value, size_splits, split_dim, num=num, name=name)
