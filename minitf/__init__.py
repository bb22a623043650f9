from minitf.autodiff.gradients import gradients
from minitf.graph.dtypes import *
from minitf.graph.graph import Graph, get_default_graph, reset_default_graph, name_scope, control_dependencies, device
from minitf.ops.constant import constant, placeholder, convert_to_tensor
from minitf.ops.variables import Variable, global_variables_initializer, assign, assign_add
from minitf.ops.arithmetic import add, multiply, subtract, negative
from minitf.ops.array import identity, reshape, shape_of as shape, zeros, ones
from minitf.ops.reductions import reduce_sum
from minitf.ops.control_flow import group, no_op
from minitf.runtime.session import Session
from minitf import errors
