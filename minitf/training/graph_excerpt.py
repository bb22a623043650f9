"""A part of a graph, as it is exported: without a scope around it, without devices, without other savers."""

from minitf.graph.messages import AttrValue
from minitf.graph.serialization import set_attr
from minitf.ops.op import registry

# operations with a default here for an attribute that TensorFlow asks for, or defaults otherwise
_OWN_DEFAULTS = ("ParseExampleV2", "SparseAccumulatorApplyGradient", "StringFormat", "StringNGrams")
_OF_SAVERS = ("SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename")
_UNBOUND = "$unbound_inputs_"


class Excerpt:
    """Which nodes of a `GraphDef` are exported, and their names without the scope `scope`."""

    def __init__(self, graph_def, scope=None, saver_def=None, clear_extraneous_savers=False):
        self.scope = scope
        self._others = _other_savers(graph_def, saver_def) if clear_extraneous_savers else ()

    def has(self, name):
        """True for what is exported, and for what has no name."""
        if not isinstance(name, str):
            return True
        if any(name.startswith(f"{other}/") for other in self._others):
            return False
        return not self.scope or name.startswith(self.scope)

    def name(self, text):
        """A name in the graph ('a', '^a', 'a:0') as it is in the excerpt."""
        if not self.scope:
            return text
        mark, bare = ("^", text[1:]) if text.startswith("^") else ("", text)
        return mark + bare.removeprefix(f"{self.scope}/")

    def write(self, graph_def, target, clear_devices=False):
        """Put the nodes into the `GraphDef` `target`.  Inputs from outside get names that say so."""
        target.CopyFrom(graph_def)
        del target.node[:]
        for node in graph_def.node:
            if not self.has(node.name):
                continue
            made = target.node.add()
            made.CopyFrom(node)
            made.name = self.name(node.name)
            made.input[:] = [self._input(i) for i in node.input]
            places = made.attr["_class"].list.s if "_class" in made.attr else None
            if places is not None and self.scope:
                inside = f"loc:@{self.scope}/".encode()
                places[:] = [b"loc:@" + p[len(inside) :] for p in places if p.startswith(inside)]
            if clear_devices:
                made.device = ""

    def _input(self, text):
        if self.has(text.removeprefix("^")):
            return self.name(text)
        return f"^{_UNBOUND}{text[1:]}" if text.startswith("^") else _UNBOUND + text


def _other_savers(graph_def, saver_def):
    own = saver_def.save_tensor_name.rpartition("/")[0] if saver_def is not None else None
    scopes = {node.name.rpartition("/")[0] for node in graph_def.node if node.op in _OF_SAVERS}
    return sorted(scopes - {own, ""})


def strip_default_attributes(graph_def):
    """Drop attributes that have the value which their operation has anyway."""
    for node in graph_def.node:
        definition = registry.get(node.op)
        if definition is None or node.op in _OWN_DEFAULTS:
            continue
        for name, value in definition.attrs.items():
            default = AttrValue()
            if name in node.attr and set_attr(default, value) and node.attr[name] == default:
                del node.attr[name]
