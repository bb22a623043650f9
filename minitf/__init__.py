"""minitf: TensorFlow 1's graphs and sessions, written to be read.

`import minitf as tf`, build a graph, run a session.  Every public name of TensorFlow 1 that minitf has is here or in
a namespace below; this file only re-exports.  Where things are made:

    graph       the data structure: `Graph`, `Tensor`, `Operation`, dtypes, shapes
    ops         what can be computed, an operation a class
    kernels     the loops that compute it
    autodiff    `gradients`
    runtime     `Session`
    training    optimizers, savers, input pipelines
    checkpoint  TensorFlow's files
    observe     looking at graphs and runs
    notebook    the views in a notebook

and the namespaces: `nn`, `train`, `layers`, `losses`, `metrics`, `data`, `image`, `summary`, `math`, `linalg`,
`strings`, `errors`, `test`, `contrib` and the smaller ones.
"""

from minitf._version import __version__ as __version__

from minitf import errors as errors
from minitf.errors import OpError as OpError
from minitf.graph.collections import GraphKeys as GraphKeys
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
from minitf.graph.graph import Graph as Graph
from minitf.graph.graph import add_to_collection as add_to_collection
from minitf.graph.graph import add_to_collections as add_to_collections
from minitf.graph.graph import colocate_with as colocate_with
from minitf.graph.graph import container as container
from minitf.graph.graph import control_dependencies as control_dependencies
from minitf.graph.graph import device as device
from minitf.graph.graph import get_collection as get_collection
from minitf.graph.graph import get_collection_ref as get_collection_ref
from minitf.graph.graph import get_default_graph as get_default_graph
from minitf.graph.graph import get_name_scope as get_name_scope
from minitf.graph.graph import name_scope as name_scope
from minitf.graph.graph import op_scope as op_scope
from minitf.graph.graph import reset_default_graph as reset_default_graph
from minitf.graph.operation import Operation as Operation
from minitf.graph.operation import Tensor as Tensor
from minitf.graph.shape import Dimension as Dimension
from minitf.graph.shape import TensorShape as TensorShape
from minitf.graph.sparse import IndexedSlices as IndexedSlices
from minitf.graph.sparse import SparseTensorValue as SparseTensorValue
from minitf.ops.array import check_numerics as check_numerics
from minitf.ops.array import expand_dims as expand_dims
from minitf.ops.array import fill as fill
from minitf.ops.array import identity as identity
from minitf.ops.array import ones as ones
from minitf.ops.array import ones_like as ones_like
from minitf.ops.array import rank as rank
from minitf.ops.array import reshape as reshape
from minitf.ops.array import shape_n as shape_n
from minitf.ops.array import shape_of as shape
from minitf.ops.array import size as size
from minitf.ops.array import squeeze as squeeze
from minitf.ops.array import stop_gradient as stop_gradient
from minitf.ops.array import zeros as zeros
from minitf.ops.array import zeros_like as zeros_like
from minitf.ops.constant import constant as constant
from minitf.ops.constant import convert_to_tensor as convert_to_tensor
from minitf.ops.constant import convert_to_tensor_or_indexed_slices as convert_to_tensor_or_indexed_slices
from minitf.ops.constant import placeholder as placeholder
from minitf.ops.constant import placeholder_with_default as placeholder_with_default
from minitf.ops.constant import register_tensor_conversion_function as register_tensor_conversion_function
from minitf.ops.op import constant_value as get_static_value
from minitf.ops.sparse_tensor import SparseTensor as SparseTensor
from minitf.ops.variables import Variable as Variable
from minitf.ops.variables import all_variables as all_variables
from minitf.ops.variables import assert_variables_initialized as assert_variables_initialized
from minitf.ops.variables import assign as assign
from minitf.ops.variables import assign_add as assign_add
from minitf.ops.variables import assign_sub as assign_sub
from minitf.ops.variables import count_up_to as count_up_to
from minitf.ops.variables import global_variables as global_variables
from minitf.ops.variables import global_variables_initializer as global_variables_initializer
from minitf.ops.variables import is_variable_initialized as is_variable_initialized
from minitf.ops.variables import local_variables as local_variables
from minitf.ops.variables import local_variables_initializer as local_variables_initializer
from minitf.ops.variables import model_variables as model_variables
from minitf.ops.variables import moving_average_variables as moving_average_variables
from minitf.ops.variables import report_uninitialized_variables as report_uninitialized_variables
from minitf.ops.variables import trainable_variables as trainable_variables
from minitf.ops.variables import variables_initializer as variables_initializer
from minitf.runtime.config import ConfigProto as ConfigProto
from minitf.runtime.config import GPUOptions as GPUOptions
from minitf.runtime.config import GraphOptions as GraphOptions
from minitf.runtime.config import OptimizerOptions as OptimizerOptions
from minitf.runtime.config import RunMetadata as RunMetadata
from minitf.runtime.config import RunOptions as RunOptions
from minitf.runtime.session import InteractiveSession as InteractiveSession
from minitf.runtime.session import Session as Session
from minitf.runtime.session import get_default_session as get_default_session

from minitf.autodiff.gradients import gradients as gradients
from minitf.autodiff.accumulation import AggregationMethod as AggregationMethod
from minitf.autodiff.registry import NotDifferentiable as NotDifferentiable
from minitf.autodiff.registry import RegisterGradient as RegisterGradient

from minitf.ops.arithmetic import add, multiply, subtract, negative
from minitf.ops.control_flow import group, no_op

initialize_all_variables = global_variables_initializer
initialize_local_variables = local_variables_initializer
initialize_variables = variables_initializer

from minitf import initializers as initializers
from minitf import random as random
from minitf.ops.random import get_seed as get_seed
from minitf.ops.random import multinomial as multinomial
from minitf.ops.random import random_crop as random_crop
from minitf.ops.random import random_gamma as random_gamma
from minitf.ops.random import random_normal as random_normal
from minitf.ops.random import random_poisson as random_poisson
from minitf.ops.random import random_shuffle as random_shuffle
from minitf.ops.random import random_uniform as random_uniform
from minitf.ops.random import set_random_seed as set_random_seed
from minitf.ops.random import truncated_normal as truncated_normal

from minitf.ops.reductions import reduce_all as reduce_all
from minitf.ops.reductions import reduce_any as reduce_any
from minitf.ops.reductions import reduce_max as reduce_max
from minitf.ops.reductions import reduce_mean as reduce_mean
from minitf.ops.reductions import reduce_min as reduce_min
from minitf.ops.reductions import reduce_prod as reduce_prod
from minitf.ops.reductions import reduce_sum as reduce_sum
from minitf.ops.ranges import lin_space as lin_space
from minitf.ops.ranges import linspace as linspace
from minitf.ops.ranges import range as range
from minitf.ops.uniqueness import invert_permutation as invert_permutation
from minitf.ops.uniqueness import listdiff as listdiff
from minitf.ops.uniqueness import setdiff1d as setdiff1d
from minitf.ops.uniqueness import unique as unique
from minitf.ops.uniqueness import unique_with_counts as unique_with_counts

from minitf.ops.slicing import slice as slice
from minitf.ops.matmul import matmul as matmul
from minitf.ops.transposing import transpose as transpose
from minitf.ops.transposing import matrix_transpose as matrix_transpose
from minitf.ops.joining import concat as concat
from minitf.ops.joining import stack as stack
from minitf.ops.joining import unstack as unstack
from minitf.ops.joining import split as split
from minitf.ops.joining import parallel_stack as parallel_stack
from minitf.ops.padding import pad as pad
from minitf.ops.encoding import one_hot as one_hot
from minitf.ops.masking import boolean_mask as boolean_mask
from minitf.ops.masking import sequence_mask as sequence_mask
from minitf.ops.masking import sparse_mask as sparse_mask
from minitf.ops.tiling import tile as tile
from minitf.ops.tiling import broadcast_to as broadcast_to
from minitf.ops.tiling import broadcast_dynamic_shape as broadcast_dynamic_shape
from minitf.ops.tiling import broadcast_static_shape as broadcast_static_shape
from minitf.ops.tiling import repeat as repeat
from minitf.ops.gathering import gather as gather
from minitf.ops.gathering import gather_nd as gather_nd
from minitf.ops.gathering import batch_gather as batch_gather
from minitf.ops.slicing import strided_slice as strided_slice

from minitf import notebook as notebook
from minitf.notebook import show_graph as show_graph

from minitf import nn as nn

from minitf.ops.initializing import Constant as constant_initializer
from minitf.ops.initializing import GlorotNormal as glorot_normal_initializer
from minitf.ops.initializing import GlorotUniform as glorot_uniform_initializer
from minitf.ops.initializing import Ones as ones_initializer
from minitf.ops.initializing import Orthogonal as orthogonal_initializer
from minitf.ops.initializing import RandomNormal as random_normal_initializer
from minitf.ops.initializing import RandomUniform as random_uniform_initializer
from minitf.ops.initializing import TruncatedNormal as truncated_normal_initializer
from minitf.ops.initializing import UniformUnitScaling as uniform_unit_scaling_initializer
from minitf.ops.initializing import VarianceScaling as variance_scaling_initializer
from minitf.ops.initializing import Zeros as zeros_initializer
from minitf.ops.partitioned_variables import create_partitioned_variables as create_partitioned_variables
from minitf.ops.partitioned_variables import fixed_size_partitioner as fixed_size_partitioner
from minitf.ops.partitioned_variables import min_max_variable_partitioner as min_max_variable_partitioner
from minitf.ops.partitioned_variables import variable_axis_size_partitioner as variable_axis_size_partitioner
from minitf.ops.template import make_template as make_template
from minitf.ops.variable_scope import VariableScope as VariableScope
from minitf.ops.variable_scope import get_local_variable as get_local_variable
from minitf.ops.variable_scope import get_variable as get_variable
from minitf.ops.variable_scope import get_variable_scope as get_variable_scope
from minitf.ops.variable_scope import no_regularizer as no_regularizer
from minitf.ops.variable_scope import variable_op_scope as variable_op_scope
from minitf.ops.variable_scope import variable_scope as variable_scope
from minitf.ops.variable_store import AUTO_REUSE as AUTO_REUSE

from minitf.ops.checking import assert_that as Assert
from minitf.ops.checking import assert_equal as assert_equal
from minitf.ops.checking import assert_greater as assert_greater
from minitf.ops.checking import assert_greater_equal as assert_greater_equal
from minitf.ops.checking import assert_less as assert_less
from minitf.ops.checking import assert_less_equal as assert_less_equal
from minitf.ops.checking import assert_near as assert_near
from minitf.ops.checking import assert_negative as assert_negative
from minitf.ops.checking import assert_non_negative as assert_non_negative
from minitf.ops.checking import assert_non_positive as assert_non_positive
from minitf.ops.checking import assert_none_equal as assert_none_equal
from minitf.ops.checking import assert_positive as assert_positive
from minitf.ops.properties import assert_integer as assert_integer
from minitf.ops.properties import assert_proper_iterable as assert_proper_iterable
from minitf.ops.properties import assert_rank as assert_rank
from minitf.ops.properties import assert_rank_at_least as assert_rank_at_least
from minitf.ops.properties import assert_rank_in as assert_rank_in
from minitf.ops.properties import assert_same_float_dtype as assert_same_float_dtype
from minitf.ops.properties import assert_scalar as assert_scalar
from minitf.ops.properties import assert_type as assert_type
from minitf.ops.properties import ensure_shape as ensure_shape
from minitf.ops.properties import is_non_decreasing as is_non_decreasing
from minitf.ops.properties import is_numeric_tensor as is_numeric_tensor
from minitf.ops.properties import is_strictly_increasing as is_strictly_increasing
