"""tf.dtypes: the types of elements."""

from minitf.graph.dtypes import DType as DType
from minitf.graph.dtypes import as_dtype as as_dtype
from minitf.graph.dtypes import bfloat16 as bfloat16
from minitf.graph.dtypes import bool as bool
from minitf.graph.dtypes import complex64 as complex64
from minitf.graph.dtypes import complex128 as complex128
from minitf.graph.dtypes import double as double
from minitf.graph.dtypes import float16 as float16
from minitf.graph.dtypes import float32 as float32
from minitf.graph.dtypes import float64 as float64
from minitf.graph.dtypes import half as half
from minitf.graph.dtypes import int8 as int8
from minitf.graph.dtypes import int16 as int16
from minitf.graph.dtypes import int32 as int32
from minitf.graph.dtypes import int64 as int64
from minitf.graph.dtypes import resource as resource
from minitf.graph.dtypes import string as string
from minitf.graph.dtypes import uint8 as uint8
from minitf.graph.dtypes import uint16 as uint16
from minitf.graph.dtypes import uint32 as uint32
from minitf.graph.dtypes import uint64 as uint64
from minitf.graph.dtypes import variant as variant
from minitf.ops.casting import cast as cast
from minitf.ops.casting import saturate_cast as saturate_cast
from minitf.ops.complex_numbers import complex_of as complex
from minitf.ops.string_conversion import as_string as as_string
