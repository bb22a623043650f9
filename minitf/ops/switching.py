"""One of several functions, by its number."""

from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.ops.comparison import greater_equal, less
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import cond
from minitf.ops.logic import logical_and


def switch_case(branch_index, branch_fns, default=None, name="switch_case"):
    """tf.switch_case: the outputs of `branch_fns[branch_index]`, or of `default` for an index out of range.

    `branch_index` is a scalar int32 tensor; `branch_fns` a list of functions, or {number: function}, or a list of
    such pairs, with the numbers from 0 on.  Without `default` it is the last function.  Raises TypeError for an index
    that is no tensor of integers or what is no function, ValueError for numbers with gaps.
    """
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index.dtype}")
    functions = _in_order(branch_fns)
    with name_scope(name, "switch_case", [branch_index]):
        index = convert_to_tensor(branch_index, name="branch_index")
        if default is None:
            return _chosen(index, functions)
        inside = logical_and(greater_equal(index, 0), less(index, len(functions)))
        return cond(inside, lambda: _chosen(index, functions), default)


def _in_order(branch_fns):
    """The functions by their numbers."""
    pairs = list(branch_fns.items()) if isinstance(branch_fns, dict) else list(branch_fns)
    if not pairs:
        raise ValueError("Must provide at least one item in 'branch_fns'")
    if all(callable(p) for p in pairs):
        return pairs
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'branch_fns' must be a 2-tuple. Received {pair}.")
        if not isinstance(pair[0], int) or not callable(pair[1]):
            raise TypeError(f"Each entry in 'branch_fns' must be an int and a function. Received {pair}.")
    numbered = dict(pairs)
    if sorted(numbered) != list(range(len(pairs))):
        raise ValueError(f"branch indices (keys) must form contiguous range of [0 to {len(pairs)}) "
                         f"but found {sorted(numbered)}")  # fmt: skip
    return [numbered[i] for i in range(len(pairs))]


def _chosen(index, functions):
    """The last one also for every index out of range."""
    if len(functions) == 1:
        return functions[0]()
    return cond(less(index, 0), functions[-1], lambda: _bisected(index, functions, 0))


def _bisected(index, functions, first):
    if len(functions) == 1:
        return functions[0]()
    half = len(functions) // 2
    lower, upper = functions[:half], functions[half:]
    return cond(less(index, first + half), lambda: _bisected(index, lower, first),
                lambda: _bisected(index, upper, first + half))  # fmt: skip
