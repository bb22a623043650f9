"""tf.manip: elements moved about."""

from minitf.ops.array import reshape as reshape
from minitf.ops.blocks import batch_to_space_nd as batch_to_space_nd
from minitf.ops.blocks import space_to_batch_nd as space_to_batch_nd
from minitf.ops.gathering import gather_nd as gather_nd
from minitf.ops.reversing import reverse as reverse
from minitf.ops.reversing import roll as roll
from minitf.ops.scattering import scatter_nd as scatter_nd
from minitf.ops.tiling import tile as tile
