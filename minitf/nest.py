"""`tf.nest` (in TensorFlow 1, `tf.contrib.framework.nest`): nested lists, tuples and dictionaries."""

from minitf.ops.structure import assert_same_structure as assert_same_structure
from minitf.ops.structure import assert_shallow_structure as assert_shallow_structure
from minitf.ops.structure import flatten as flatten
from minitf.ops.structure import flatten_dict_items as flatten_dict_items
from minitf.ops.structure import flatten_up_to as flatten_up_to
from minitf.ops.structure import is_nested as is_nested
from minitf.ops.structure import is_nested as is_sequence
from minitf.ops.structure import map_structure as map_structure
from minitf.ops.structure import map_structure_up_to as map_structure_up_to
from minitf.ops.structure import pack_sequence_as as pack_sequence_as
