"""Order without values: `no_op` and `group`; and decisions: `cond` and `while_loop`."""

from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.sparse import IndexedSlices
from minitf.ops.op import Op


class NoOp(Op):
    """Nothing: a place to hang control dependencies on."""

    stateful = True

    def infer(op):
        return []

    def cpu(op):
        return []

    def numpy(op):
        return []

    gradient = None


def no_op(name=None):
    """tf.no_op: an operation that does nothing."""
    return NoOp.apply(name=name)


def group(*inputs, name=None):
    """tf.group: an operation that has run when all of `inputs` (operations, tensors, lists of them) have."""
    with control_dependencies(_flat(inputs)):
        return no_op(name=name or "group_deps")


def _flat(items):
    for item in items:
        if isinstance(item, (list, tuple)):
            yield from _flat(item)
        elif item is not None:
            yield item


def with_dependencies(dependencies, output_tensor, name=None):
    """`output_tensor`, available only after `dependencies` have run."""
    from minitf.ops.array import identity

    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as scope:
        with get_default_graph().colocate_with(output_tensor), control_dependencies(dependencies):
            if isinstance(output_tensor, IndexedSlices):
                return IndexedSlices(
                    identity(output_tensor.values, name=scope), output_tensor.indices, output_tensor.dense_shape
                )
            return identity(output_tensor, name=scope)


def tuple_of(tensors, name=None, control_inputs=None):
    """tf.tuple: the same tensors, none of which is available before all are computed."""
    with name_scope(name, "tuple", tensors):
        waited = [t.op for t in tensors if t is not None] + list(control_inputs or [])
        if not waited:
            raise ValueError("Must have at least one Tensor or Operation to tuple")
        gate = group(*waited)
        return [None if t is None else with_dependencies([gate], t) for t in tensors]
