"""tf.initializers: the values that variables begin with."""

from minitf.ops.initializing import Constant as constant
from minitf.ops.initializing import GlorotNormal as glorot_normal
from minitf.ops.initializing import GlorotUniform as glorot_uniform
from minitf.ops.initializing import Identity as identity
from minitf.ops.initializing import Ones as ones
from minitf.ops.initializing import Orthogonal as orthogonal
from minitf.ops.initializing import RandomNormal as random_normal
from minitf.ops.initializing import RandomUniform as random_uniform
from minitf.ops.initializing import TruncatedNormal as truncated_normal
from minitf.ops.initializing import UniformUnitScaling as uniform_unit_scaling
from minitf.ops.initializing import VarianceScaling as variance_scaling
from minitf.ops.initializing import Zeros as zeros
from minitf.ops.initializing import he_normal as he_normal
from minitf.ops.initializing import he_uniform as he_uniform
from minitf.ops.initializing import lecun_normal as lecun_normal
from minitf.ops.initializing import lecun_uniform as lecun_uniform
from minitf.ops.variables import global_variables_initializer as global_variables
from minitf.ops.variables import local_variables_initializer as local_variables
from minitf.ops.variables import variables_initializer as variables
