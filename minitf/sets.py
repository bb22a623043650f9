"""tf.sets: operations on sets, which are the rows of tensors."""

from minitf.ops.sets import set_difference as difference
from minitf.ops.sets import set_difference as set_difference
from minitf.ops.sets import set_intersection as intersection
from minitf.ops.sets import set_intersection as set_intersection
from minitf.ops.sets import set_size as set_size
from minitf.ops.sets import set_size as size
from minitf.ops.sets import set_union as set_union
from minitf.ops.sets import set_union as union
