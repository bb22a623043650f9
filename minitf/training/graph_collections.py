"""The collections of a graph as messages, and back; what has no form in a file is left out."""

from minitf.graph.collections import GraphKeys
from minitf.graph.messages import SaverDef, SaveSliceInfoDef, VariableDef
from minitf.graph.operation import Operation, Tensor
from minitf.ops.variables import Variable

OF_VARIABLES = (
    GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES, GraphKeys.MODEL_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES, GraphKeys.METRIC_VARIABLES, GraphKeys.GLOBAL_STEP,
)  # fmt: skip


def export_collection(target, items, excerpt):
    """Put the items that `excerpt` has into the `CollectionDef` `target`.  Returns False for none, or without a form.

    Strings count as names of nodes, as they do in TensorFlow: those that are not in the excerpt are left out.
    """
    items = [i for i in items if excerpt.has(i if isinstance(i, str) else getattr(i, "name", None))]
    items = [i for i in items if getattr(getattr(i, "op", i), "context", None) is None]  # others are in functions
    if not items:
        return False
    if all(isinstance(i, Variable) for i in items):
        target.bytes_list.value.extend(_variable_def(v, excerpt).SerializeToString() for v in items)
    elif all(isinstance(i, (Tensor, Operation)) for i in items):
        target.node_list.value.extend(excerpt.name(i.name) for i in items)
    elif all(isinstance(i, int) for i in items):
        target.int64_list.value.extend(items)
    elif all(isinstance(i, float) for i in items):
        target.float_list.value.extend(items)
    elif all(isinstance(i, (str, bytes)) for i in items):
        target.bytes_list.value.extend(i.encode() if isinstance(i, str) else i for i in items)
    elif all(hasattr(i, "to_proto") for i in items):
        messages = [i.to_proto(excerpt.scope or None) for i in items]
        if found := [m.SerializeToString() for m in messages if m is not None]:
            target.bytes_list.value.extend(found)
    else:
        return False
    return True


def _variable_def(variable, excerpt):
    message = VariableDef(
        variable_name=excerpt.name(variable.name), initializer_name=excerpt.name(variable.initializer.name),
        snapshot_name=excerpt.name(variable.value().name),
        initial_value_name=excerpt.name(variable.initial_value.name), trainable=variable.trainable,
    )  # fmt: skip
    part = variable._save_slice_info
    if part is not None:
        message.save_slice_info_def.CopyFrom(SaveSliceInfoDef(
            full_name=part.full_name, full_shape=part.full_shape, var_offset=part.var_offset, var_shape=part.var_shape
        ))  # fmt: skip
    return message


def import_items(graph, name, collection, prefix, made):
    """The items that a `CollectionDef` called `name` stands for; `made` are the variables met so far, by name."""
    kind = collection.WhichOneof("kind")
    if kind is None:
        return []
    values = list(getattr(collection, kind).value)
    if kind == "node_list":
        return [graph.as_graph_element(prefix + value) for value in values]
    if name in OF_VARIABLES:
        return [_import_variable(graph, value, prefix, made) for value in values]
    if name == GraphKeys.SAVERS:
        from minitf.training.saver import Saver  # which exports graphs itself

        return [Saver.from_proto(SaverDef.FromString(value), prefix) for value in values]
    return values


def _import_variable(graph, data, prefix, made):
    """The handle on a variable whose operations were imported; the same one in all collections."""
    proto = VariableDef.FromString(data)
    name = prefix + proto.variable_name
    if name not in made:
        variable = Variable.__new__(Variable)
        variable._trainable, variable._constraint = proto.trainable, None
        variable._save_slice_info = _slice_info(proto, prefix)
        variable._variable = graph.as_graph_element(name)
        variable._initializer_op = graph.as_graph_element(prefix + proto.initializer_name)
        variable._snapshot = graph.as_graph_element(prefix + proto.snapshot_name)
        if proto.initial_value_name:
            variable._initial_value = graph.as_graph_element(prefix + proto.initial_value_name)
        else:
            variable._initial_value = variable._initializer_op.inputs[1]
        made[name] = variable
    return made[name]


def _slice_info(proto, prefix):
    if not proto.HasField("save_slice_info_def"):
        return None
    part = proto.save_slice_info_def
    return Variable.SaveSliceInfo(
        prefix + part.full_name, list(part.full_shape), list(part.var_offset), list(part.var_shape)
    )
