"""What Python's operators on tensors become: `x + y`, `2 / x`, `x > y`, `~x`, `abs(x)`.

A side that is no tensor becomes a constant in the scope of the operation: `x + 1` makes `add/y`.
"""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.ops import arithmetic, comparison, division, logic, powers
from minitf.ops.constant import convert_to_tensor


def binary_operator(make, name):
    """The methods behind `x + y` and `y + x`; `make(x, y, name)` builds the operation.

    Logical operators convert their other side themselves: they first look which operation it is.
    """
    converts = name not in ("and", "or", "xor")

    def forward(x, y):
        if not _can_be_operand(y):
            return NotImplemented
        with name_scope(None, name, [x, y]) as scope:
            if converts:
                y = convert_to_tensor(y, preferred_dtype=x.dtype.base_dtype, name="y")
            return make(x, y, name=scope)

    def reflected(y, x):
        with name_scope(None, name, [x, y]) as scope:
            x = convert_to_tensor(x, dtype=y.dtype.base_dtype, name="x")
            return make(x, y, name=scope)

    return forward, reflected


def _can_be_operand(value):
    from minitf.ops.sparse_tensor import SparseTensor

    return not isinstance(value, SparseTensor)


def _add(x, y, name):
    definition = arithmetic.Add if x.dtype.base_dtype is dtypes.string else arithmetic.AddV2
    return definition.apply(x, y, name=name)


def _matmul(a, b, name=None):
    from minitf.ops.matmul import matmul

    return matmul(a, b, name=name)


_BINARY = {
    "add": _add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": division.truediv,
    "div": division.div,
    "floordiv": division.floor_div,
    "mod": division.mod,
    "pow": powers.pow,
    "matmul": _matmul,
    "and": logic.and_,
    "or": logic.or_,
    "xor": logic.xor_,
}
for _symbol, _make in _BINARY.items():
    _forward, _reflected = binary_operator(_make, _symbol)
    Tensor.operators[f"__{_symbol}__"], Tensor.operators[f"__r{_symbol}__"] = _forward, _reflected

Tensor.operators.update(
    __neg__=arithmetic.negative,
    __abs__=arithmetic.abs,
    __invert__=logic.invert_,
    __lt__=comparison.less,
    __le__=comparison.less_equal,
    __gt__=comparison.greater,
    __ge__=comparison.greater_equal,
)
