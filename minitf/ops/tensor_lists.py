"""Lists of arrays as values: what `TensorArray` and the gradients of loops are made of."""

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import Op


class ListZerosLike(Op):
    """A list of as many zeros (None) as the input has elements."""

    inputs = {"input": "variant"}

    def infer(op, input):
        return [(TensorShape([]), dtypes.variant)]

    def numpy(op, input):
        return (None,) * len(input)

    gradient = None


def zeros_like_list(tensor):
    return ListZerosLike.apply(tensor)
