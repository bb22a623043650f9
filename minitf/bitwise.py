"""tf.bitwise: operations on the bits of integers."""

from minitf.ops.bitwise import bitwise_and as bitwise_and
from minitf.ops.bitwise import bitwise_or as bitwise_or
from minitf.ops.bitwise import bitwise_xor as bitwise_xor
from minitf.ops.bitwise import invert as invert
from minitf.ops.bitwise import left_shift as left_shift
from minitf.ops.bitwise import right_shift as right_shift
