"""Graphs, event files and state files that lie: what must be refused, and what a graph may not do."""

import struct

import numpy as np
from crc32c import crc32c

from minitf.checkpoint.table import mask
from minitf.graph.messages import Event, GraphDef, MetaGraphDef
from minitf.graph.serialization import make_tensor_proto

FLOAT, INT32, STRING = 1, 3, 7


def const(graph_def, name, value, dtype=FLOAT):
    node = graph_def.node.add(name=name, op="Const")
    node.attr["dtype"].type = dtype
    node.attr["value"].tensor.CopyFrom(make_tensor_proto(np.asarray(value)))
    return node


def node(graph_def, name, op, *inputs, **types):
    made = graph_def.node.add(name=name, op=op, input=inputs)
    for key, value in types.items():
        made.attr[key].type = value
    return made


def graph(build):
    """A function that makes the graph that `build` describes."""

    def make():
        graph_def = GraphDef()
        const(graph_def, "x", np.float32([1, 2]))
        build(graph_def)
        return graph_def

    return make


def _claims(sizes, dtype=FLOAT, content=b"", values=(1.0,)):
    """A constant of these sizes, of which the file holds one value."""

    def build(g):
        made = const(g, "c", np.float32(1), dtype)
        proto = made.attr["value"].tensor
        proto.Clear()
        proto.dtype, proto.tensor_content = dtype, content
        for size in sizes:
            proto.tensor_shape.dim.add(size=size)
        if not content:
            proto.float_val.extend(values)

    return graph(build)


def _many_claims(g):
    for i in range(300):
        made = const(g, f"c{i}", np.float32(1))
        made.attr["value"].tensor.tensor_shape.dim.add(size=1 << 24)


def _named_twice(g):
    node(g, "y", "Identity", "x", T=FLOAT)
    node(g, "y", "Identity", "x", T=FLOAT)


def _cycle(g):
    node(g, "a", "Identity", "b", T=FLOAT)
    node(g, "b", "Identity", "a", T=FLOAT)


def _cycle_of_controls(g):
    node(g, "a", "NoOp", "^b")
    node(g, "b", "NoOp", "^a")


def _function(g, name, *calls):
    function = g.library.function.add()
    function.signature.name = name
    function.signature.input_arg.add(name="v", type=FLOAT)
    function.signature.output_arg.add(name="out", type=FLOAT)
    last = "v"
    for i, called in enumerate(calls):
        made = function.node_def.add(name=f"call{i}", op="PartitionedCall", input=[last])
        made.attr["f"].func.name = called
        last = f"call{i}:output:0"
    function.ret["out"] = last


def _call(g, name):
    node(g, "call", "PartitionedCall", "x").attr["f"].func.name = name


def _calls_itself(g):
    _function(g, "f", "f")
    _call(g, "f")


def _functions_explode(g):
    """2^40 calls in 40 functions."""
    for i in range(40):
        _function(g, f"f{i}", *([f"f{i + 1}"] * 2 if i < 39 else []))
    _call(g, "f0")


def _no_such_function(g):
    _call(g, "f")


def _nested(g):
    attr = node(g, "n", "Identity", "x", T=FLOAT).attr["deep"]
    for _ in range(60):
        attr = attr.func.attr["deep"]


def _lone(op, *inputs, **types):
    return graph(lambda g: node(g, "y", op, *inputs, **types))


GRAPHS = {
    "an unknown operation": _lone("NoSuchOp", "x"),
    "a cycle": graph(_cycle),
    "a node that needs itself": _lone("Identity", "y", T=FLOAT),
    "a cycle of control inputs": graph(_cycle_of_controls),
    "an input that is not there": _lone("Identity", "nowhere", T=FLOAT),
    "a control input that is not there": _lone("NoOp", "^nowhere"),
    "output 7 of 1": _lone("Identity", "x:7", T=FLOAT),
    "output 2^70": _lone("Identity", f"x:{1 << 70}", T=FLOAT),
    "output -1": _lone("Identity", "x:-1", T=FLOAT),
    "output one": _lone("Identity", "x:one", T=FLOAT),
    "output of a label": _lone("Identity", "x:y:0:1", T=FLOAT),
    "a control input of output 1": _lone("NoOp", "^x:1"),
    "a control input twice marked": _lone("NoOp", "^^x"),
    "data behind control inputs": _lone("Identity", "^x", "x", T=FLOAT),
    "an empty input": _lone("Identity", "", T=FLOAT),
    "two nodes of one name": graph(_named_twice),
    "no name": graph(lambda g: node(g, "", "NoOp")),
    "a name with spaces": graph(lambda g: node(g, "a b", "NoOp")),
    "too few inputs": _lone("MatMul", "x", T=FLOAT),
    "too many inputs": _lone("Relu", "x", "x", T=FLOAT),
    "inputs of another dtype": _lone("Relu", "x", T=INT32),
    "a string wanted": _lone("ReadFile", "x"),
    "an operation that does not take it": graph(
        lambda g: [const(g, "s", np.array([b"a"], object), STRING), node(g, "y", "MatMul", "s", "s", T=STRING)]
    ),
    "shapes that do not fit": _lone("MatMul", "x", "x", T=FLOAT),
    "assignment to a constant": _lone("Assign", "x", "x", T=FLOAT),
    "an attribute is missing": _lone("Placeholder"),
    "an attribute of another kind": graph(
        lambda g: node(g, "y", "Placeholder", dtype=FLOAT).attr["shape"].__setattr__("i", 3)
    ),
    "a shape of -7": graph(
        lambda g: node(g, "y", "Placeholder", dtype=FLOAT).attr["shape"].shape.dim.add(size=-7)
    ),
    "dtype 77": graph(lambda g: node(g, "y", "Placeholder", dtype=77)),
    "a constant without a value": _lone("Const", dtype=FLOAT),
    "a constant that is a number": graph(
        lambda g: node(g, "y", "Const", dtype=FLOAT).attr["value"].__setattr__("f", 3.0)
    ),
    "a constant of another dtype": graph(lambda g: const(g, "y", np.float32(1), INT32)),
    "a constant of 2^62 elements": _claims((1 << 31, 1 << 31)),
    "a constant of 2^40 elements": _claims((1 << 40,)),
    "sizes that overflow": _claims((1 << 62, 1 << 62, 1 << 62)),
    "a constant of -1 elements": _claims((-1,)),
    "a constant of 100 axes": _claims((1,) * 100),
    "constants that repeat, 20 GB in all": graph(_many_claims),
    "too few bytes": _claims((3,), content=b"\0" * 8),
    "too many values": _claims((1,), values=(1.0, 2.0)),
    "a function that calls itself": graph(_calls_itself),
    "functions that call without end": graph(_functions_explode),
    "a function that is not there": graph(_no_such_function),
}


def _text(g, *strings):
    for i, text in enumerate(strings):
        const(g, f"s{i}", np.array(text, object), STRING)


def _file_op(op, *inputs, text=b"/etc/passwd", **types):
    return graph(lambda g: [_text(g, text, b"out"), node(g, "y", op, *inputs, **types)])


def _print(g):
    _text(g, b"x")
    node(g, "y", "PrintV2", "s0").attr["output_stream"].s = b"file:///tmp/elsewhere"


def _save(path):
    """A SaveV2 whose file name is the node `path`."""

    def build(g):
        _text(g, b"model", b"/../../elsewhere")
        names = const(g, "names", np.array([b"v"], object), STRING)
        slices = const(g, "slices", np.array([b""], object), STRING)
        made = node(g, "joined", "StringJoin", "s0", "s1")
        made.attr["N"].i = 2
        node(g, "computed", "StringLower", "s0")
        node(g, "save", "SaveV2", path, names.name, slices.name, "x")

    return graph(build)


REACHING = {
    "reads a file": _file_op("ReadFile", "s0"),
    "writes a file": _file_op("WriteFile", "s0", "s1"),
    "lists files": _file_op("MatchingFiles", "s0"),
    "a reader of files": _file_op("WholeFileReaderV2"),
    "a dataset of files": _file_op("TextLineDataset", "s0", "s0", "s0"),
    "calls Python": _file_op("PyFunc", "x"),
    "prints into a file": graph(_print),
    "saves where a name was computed": _save("computed"),
    "saves outside of where it is told": _save("joined"),
}


def frame(payload, length=None):
    size = struct.pack("<Q", len(payload) if length is None else length)
    return size + _sum(size) + payload + _sum(payload)


def _sum(data):
    return struct.pack("<I", mask(crc32c(data)))


_EVENT = frame(Event(wall_time=1, file_version="brain.Event:2").SerializeToString())

EVENTS = {
    "a record of 2^60 bytes": _EVENT + frame(b"abc", 1 << 60),
    "a record of 2^64 - 1 bytes": _EVENT + frame(b"abc", (1 << 64) - 1),
    "a record of 100 MB": _EVENT + frame(b"abc", 100 << 20),
    "a record that is no event": _EVENT + frame(b"\xff\xff\xff"),
    "an event with a name that is no text": _EVENT + frame(b"\x1a\x02\xc3\x28"),
    "a length with a wrong checksum": _EVENT + b"\3" + b"\0" * 20,
    "a payload with a wrong checksum": _EVENT + _EVENT[:-1] + b"\0",
    "an end that is missing": _EVENT + _EVENT[:-2],
    "no more than a length": _EVENT + _EVENT[:12],
}

STATES = {
    "a path that leaves the folder": 'model_checkpoint_path: "../elsewhere/model-1"',
    "a path that leaves it on a detour": 'model_checkpoint_path: "a/../../elsewhere/model-1"',
    "an absolute path elsewhere": 'model_checkpoint_path: "/etc/model-1"',
    "an older path that leaves the folder":
        'model_checkpoint_path: "model-2"\nall_model_checkpoint_paths: "../model-1"',
    "a URL": 'model_checkpoint_path: "s3://bucket/model-1"',
}  # fmt: skip


def deep_binary():
    """A GraphDef whose attribute nests deeper than any parser goes."""
    inner = b""
    for _ in range(5000):
        inner = _field(10, _field(2, _field(1, b"d") + _field(2, inner)))  # AttrValue.func.attr["d"]
    entry = _field(1, b"d") + _field(2, inner)
    return _field(1, _field(1, b"n") + _field(2, b"NoOp") + _field(5, entry))


def _field(number, content):
    size, out = len(content), bytes([number << 3 | 2])
    while size > 127:
        out, size = out + bytes([size & 127 | 128]), size >> 7
    return out + bytes([size]) + content


def deep_text():
    opening = 'func { attr { key: "d" value { '
    return ('node { name: "n" op: "NoOp" attr { key: "d" value { ' + opening * 3000).encode()


def meta(build):
    """A MetaGraphDef of the constant x, changed by `build`."""
    made = MetaGraphDef()
    const(made.graph_def, "x", np.float32([1, 2]))
    build(made)
    return made


METAS = {
    "a collection of nodes that are not there":
        lambda m: m.collection_def["losses"].node_list.value.append("nowhere:0"),
    "a variable that is no message":
        lambda m: m.collection_def["variables"].bytes_list.value.append(b"\xff\xff"),
    "a variable that is not there":
        lambda m: m.collection_def["variables"].bytes_list.value.append(b"\x0a\x01q"),
    "a saver whose operations are not there":
        lambda m: [m.saver_def.SetInParent(), setattr(m.saver_def, "restore_op_name", "nowhere"),
                   setattr(m.saver_def, "filename_tensor_name", "nowhere:0")],
}  # fmt: skip
