"""Files changed at random, with checksums made good again: nothing but the clear error may come of them.

    python -m tests.checkpoint.fuzz --minutes 10 [--seed 1] [--layers index_bytes,meta_graph]

A few changes, drawn at random, are made to one layer of a sound file: to the bytes of the whole file, of a block,
of an entry's message, of a record.  The layers above are then written anew around them.  The process that reads
the result may take 1 GB more than it had when it began.  `test_fuzz.py` lets Hypothesis draw the changes.
"""

import argparse
import collections
import contextlib
import os
import pathlib
import random
import resource
import struct
import sys
import tempfile
import time

import numpy as np
from google.protobuf import text_format

import minitf as tf
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.commit import data_name, index_name
from minitf.checkpoint.table import read_table
from minitf.ops.op import registry
from tests.checkpoint import hostile, hostile_graphs
from tests.checkpoint.forge import block, table, varint
from tests.checkpoint.hostile_graphs import frame

OPS = sorted(registry)
FLOWING = ["Enter", "Exit", "LoopCond", "Merge", "NextIteration", "StackPopV2", "StackPushV2", "StackV2", "Switch",
           "TensorArrayGradV3", "TensorArrayV3", "Identity", "Const"]  # fmt: skip
CLEAR = (tf.errors.DataLossError, tf.errors.PermissionDeniedError)
MEMORY = 1 << 30
SLOW = 10  # seconds for one small file

NUMBERS = (0, 1, 2, 7, 8, 10, 16, 32, 64, 100, 126, 127, 128, 129, 200, 254, 255)
PIECES = (b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x01", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0" * 8, b"^", b":1", b"-1",
          b"\xc3\x28", b"/../", b"%s", b"{", b"}", b"9" * 25)  # fmt: skip


def changed(data, changes):
    """`data` after [(place in [0, 1), kind, number)]: bytes set, flipped, left out, repeated, put in."""
    data = bytearray(data)
    for place, kind, number in changes:
        at = int(place * (len(data) + 1))
        if kind == 0 and at < len(data):
            data[at] = NUMBERS[number % len(NUMBERS)]
        elif kind == 1 and at < len(data):
            data[at] ^= 1 << number % 8
        elif kind == 2:
            del data[at : at + 1 + number % 16]
        elif kind == 3:
            data[at:at] = data[at : at + 1 + number % 64]
        elif kind == 4:
            data[at:at] = PIECES[number % len(PIECES)]
        elif kind == 5:
            data[at : at + 8] = data[number % (len(data) + 1) :][:8]
    return bytes(data)


# -- sound files, and how a change gets into them -----------------------------------------------------------


class Samples:
    """The sound files, in a folder; `LAYERS` names the ways to change them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.out = self.folder / "out"
        self.out.mkdir()
        self._write_bundle()
        tf.reset_default_graph()
        with tf.Session() as session:
            self._build()
            session.run(tf.global_variables_initializer())
            path = tf.train.Saver().save(session, str(self.folder / "model"))
            self.meta = pathlib.Path(path + ".meta").read_bytes()
            self.graph_def = session.graph.as_graph_def()
            self.safetensors = pathlib.Path(self.folder / "sound.safetensors")
            tf.train.export_safetensors(path, self.safetensors)
            x, y = (session.graph.get_tensor_by_name(name) for name in ("x:0", "Mean:0"))
            tf.saved_model.simple_save(session, str(self.folder / "saved"), {"x": x}, {"y": y})
        self.saved_model = pathlib.Path(self.folder / "saved" / "saved_model.pb").read_bytes()
        self.tensors = self.safetensors.read_bytes()
        self.functions = self._loops()
        old = pathlib.Path(__file__).parent / "written_by_tensorflow"
        self.frames = [tf.GraphDef.FromString((old / f"{n}.pb").read_bytes()) for n in ("loop", "branches")]
        self.events = [self._event(i) for i in range(4)]

    @staticmethod
    def _loops():
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [3])
            v = tf.Variable([1.0, 2.0, 3.0])
            turn = lambda i, y: (i + 1, tf.cond(y[0] > 1.0, lambda: y * v, lambda: tf.sin(y)))  # noqa: E731
            y = tf.while_loop(lambda i, _: i < 3, turn, [0, x])[1]
            tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y))
            return graph.as_graph_def()

    def _write_bundle(self):
        rng = np.random.default_rng(0)
        kinds = ("f4", "f8", "i8", "?", "f2", "c8", "u1")
        tensors = {f"scope/{kind}": rng.integers(0, 2, (3, 2)).astype(kind) for kind in kinds}
        text = np.array([b"a", b"", b"bcd" * 60], object)
        tensors |= {"text": text, "scalar": np.array(7), "none": np.zeros((0, 3))}
        whole = np.arange(20.0).reshape(5, 4)
        parts = [("v", (5, 4), [(i, n), (0, 4)], whole[i : i + n]) for i, n in ((0, 2), (2, 3))]
        prefix = str(self.folder / "sound")
        write_bundle(prefix, tensors, parts)
        self.index = pathlib.Path(index_name(prefix)).read_bytes()
        self.data = pathlib.Path(data_name(prefix)).read_bytes()
        self.items = read_table(self.index)

    def _build(self):
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        y = tf.layers.dense(tf.reshape(x, [-1, 2, 2])[:, 0], 3, tf.nn.relu)
        loss = tf.reduce_mean(tf.square(y)) + tf.reduce_sum(tf.gather(y, tf.constant([0, 1])))
        tf.train.AdamOptimizer().minimize(loss, global_step=tf.train.get_or_create_global_step())
        tf.summary.scalar("loss", loss)
        tf.string_join([tf.constant(["a", "b"]), tf.constant("c")])

    @staticmethod
    def _event(step):
        values = [tf.Summary.Value(tag="loss", simple_value=step)]
        values[0].metadata.plugin_data.plugin_name = "scalars"
        return tf.Event(wall_time=step, step=step, summary=tf.Summary(value=values)).SerializeToString()

    def _checkpoint(self, index, data=None):
        prefix = str(self.out / "ckpt")
        pathlib.Path(index_name(prefix)).write_bytes(index)
        pathlib.Path(data_name(prefix)).write_bytes(self.data if data is None else data)
        return prefix

    def _blocks(self, items):
        return b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in items), [0]

    def index_bytes(self, changes):
        hostile.read(self._checkpoint(changed(self.index, changes)))

    def index_block(self, changes):
        content = changed(block(*self._blocks(self.items)), changes)
        hostile.read(self._checkpoint(table([content], [b"\xff"])))

    def index_snappy(self, changes):
        raw = block(*self._blocks(self.items))
        pieces = b"".join(bytes([59 << 2]) + raw[i : i + 60] for i in range(0, len(raw) - 59, 60))
        rest = raw[len(raw) // 60 * 60 :]
        packed = varint(len(raw)) + pieces + (bytes([len(rest) - 1 << 2]) + rest if rest else b"")
        hostile.read(self._checkpoint(table([changed(packed, changes)], [b"\xff"], kind=1)))

    def index_of_index(self, changes):
        content = block(*self._blocks(self.items))
        index = changed(block(*self._blocks([(b"\xff", varint(0) + varint(len(content)))])), changes)
        hostile.read(self._checkpoint(table([content], [], index=lambda _: index)))

    def footer(self, changes):
        index = self.index[:-48] + changed(self.index[-48:-8], changes)[:40].ljust(40, b"\0") + self.index[-8:]
        hostile.read(self._checkpoint(index))

    def index_entry(self, changes):
        which = int(changes[0][2]) % len(self.items)
        items = [(k, changed(v, changes) if i == which else v) for i, (k, v) in enumerate(self.items)]
        hostile.read(self._checkpoint(table([block(*self._blocks(items))], [b"\xff"])))

    def index_key(self, changes):
        which = int(changes[0][2]) % len(self.items)
        items = sorted((changed(k, changes) if i == which else k, v) for i, (k, v) in enumerate(self.items))
        hostile.read(self._checkpoint(table([block(*self._blocks(items))], [b"\xff" * 20])))

    def data_bytes(self, changes):
        hostile.read(self._checkpoint(self.index, changed(self.data, changes)))

    def meta_graph(self, changes):
        path = self.out / "m.meta"
        path.write_bytes(changed(self.meta, changes))
        with tf.Graph().as_default():
            tf.train.import_meta_graph(str(path))

    def graph_node(self, changes):
        """One node's message changed, so that the rest stays a graph."""
        which = int(changes[0][2] * 7919) % len(self.graph_def.node)
        data = changed(self.graph_def.node[which].SerializeToString(), changes)
        nodes = [n.SerializeToString() for n in self.graph_def.node]
        nodes[which] = data
        (self.out / "m.meta").write_bytes(_message(2, b"".join(_message(1, n) for n in nodes)))
        with tf.Graph().as_default():
            tf.train.import_meta_graph(str(self.out / "m.meta"))

    def graph_fields(self, changes):
        """A graph whose nodes have others' operations, inputs, attributes."""
        graph_def = tf.GraphDef.FromString(self.graph_def.SerializeToString())
        for place, kind, number in changes:
            _change_node(graph_def.node, int(place * len(graph_def.node)), kind, number)
        with tf.Graph().as_default():
            tf.import_graph_def(graph_def)

    def function_fields(self, changes):
        """The same in a graph with functions, and in them."""
        graph_def = tf.GraphDef.FromString(self.functions.SerializeToString())
        parts = [graph_def.node, *(f.node_def for f in graph_def.library.function)]
        for place, kind, number in changes:
            nodes = parts[number % len(parts)]
            _change_node(nodes, int(place * len(nodes)), kind, number)
        _import(graph_def)

    def function_bytes(self, changes):
        self._graph(changed(self.functions.SerializeToString(), changes), "g.pb")

    def frame_fields(self, changes):
        """The same in graphs with TensorFlow 1's control flow."""
        graph_def = tf.GraphDef.FromString(self.frames[changes[0][2] % 2].SerializeToString())
        for place, kind, number in changes:
            _change_node(graph_def.node, int(place * len(graph_def.node)), kind, number, FLOWING)
        _import(graph_def)

    def saved_model_bytes(self, changes):
        (self.folder / "saved" / "saved_model.pb").write_bytes(changed(self.saved_model, changes))
        missing = (tf.errors.NotFoundError, tf.errors.InvalidArgumentError, RuntimeError)  # a name, or the tag
        with tf.Graph().as_default(), tf.Session() as session, contextlib.suppress(*missing):
            tf.saved_model.loader.load(session, ["serve"], str(self.folder / "saved"))

    def safetensors_bytes(self, changes):
        self.safetensors.write_bytes(changed(self.tensors, changes))
        tf.train.import_safetensors(str(self.safetensors), str(self.out / "taken"))

    def graph_binary(self, changes):
        self._graph(changed(self.graph_def.SerializeToString(), changes), "g.pb")

    def graph_text(self, changes):
        self._graph(changed(text_format.MessageToString(self.graph_def).encode(), changes), "g.pbtxt")

    def _graph(self, content, name):
        from minitf.training.meta_graph import read_graph_file

        (self.out / name).write_bytes(content)
        with tf.Graph().as_default():
            tf.import_graph_def(read_graph_file(str(self.out / name)))

    def event_bytes(self, changes):
        self._events(changed(b"".join(map(frame, self.events)), changes))

    def event_record(self, changes):
        records = [frame(changed(e, changes) if i == 1 else e) for i, e in enumerate(self.events)]
        self._events(b"".join(records))

    def event_length(self, changes):
        length = struct.unpack("<Q", changed(struct.pack("<Q", len(self.events[0])), changes)[:8].ljust(8, b"\0"))[0]
        self._events(frame(self.events[0]) + frame(self.events[1], length))

    def _events(self, content):
        (self.out / "events").write_bytes(content)
        for event in tf.train.summary_iterator(str(self.out / "events")):
            event.SerializeToString()

    def state_file(self, changes):
        text = b'model_checkpoint_path: "model"\nall_model_checkpoint_paths: "model"\n'
        (self.folder / "checkpoint").write_bytes(changed(text, changes))
        with contextlib.suppress(ValueError):  # names nothing: as TensorFlow
            tf.train.get_checkpoint_state(str(self.folder))
        tf.train.latest_checkpoint(str(self.folder))


LAYERS = (
    "index_bytes", "index_block", "index_snappy", "index_of_index", "footer", "index_entry", "index_key", "data_bytes",
    "meta_graph", "graph_node", "graph_fields", "graph_binary", "graph_text", "function_fields", "function_bytes",
    "frame_fields", "saved_model_bytes", "safetensors_bytes",
    "event_bytes", "event_record", "event_length", "state_file",
)  # fmt: skip


def _change_node(nodes, i, kind, number, kinds=OPS):
    node, other = nodes[i], nodes[(i + 1 + 37 * number) % len(nodes)]
    if kind == 0:
        node.op = kinds[(i + number * 31) % len(kinds)]
    elif kind == 1:
        forms = (other.name, f"^{other.name}", f"{other.name}:{number - 100}", f"{other.name}:1", "", "^", ":0")
        at = number % (len(node.input) + 1)
        node.input[at : at + 1] = [forms[number % len(forms)]]
    elif kind == 2:
        node.attr.pop(sorted(node.attr)[number % len(node.attr)] if node.attr else "", None)
    elif kind == 3 and node.attr and other.attr:
        theirs = sorted(other.attr)[number % len(other.attr)]
        node.attr[sorted(node.attr)[i % len(node.attr)]].CopyFrom(other.attr[theirs])
    elif kind == 4 and node.attr:
        _change_value(node.attr[sorted(node.attr)[number % len(node.attr)]], number)
    elif kind == 5:
        node.name = other.name if number % 2 else "/" + node.name


def _change_value(attr, number):
    sizes = (-1, 0, 1, -9, 1 << 20, 1 << 40, 1 << 62, 3)
    kind = attr.WhichOneof("value")
    if kind in ("shape", "tensor"):
        shape = attr.shape if kind == "shape" else attr.tensor.tensor_shape
        shape.dim.add(size=sizes[number % 8])
    elif kind == "type":
        attr.type = number % 24
    elif kind in ("i", "f"):
        setattr(attr, kind, sizes[number % 8])
    elif kind == "list":
        attr.list.i.append(sizes[number % 8])


def _message(number, content):
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def outcome(samples, layer, changes):
    """'accepted', 'refused', or what else came of it, and how many seconds it took."""
    began = time.perf_counter()
    found = _outcome(lambda: getattr(samples, layer)(changes))
    seconds = time.perf_counter() - began
    return found if seconds < SLOW else f"{found} after {seconds:.0f} s", seconds


def _outcome(read):
    try:
        read()
    except CLEAR:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:150]}"
    return "accepted"


def hand_made(samples):
    """Yield (name, outcome) of every file of the hostile sets."""
    for name, make in hostile.BUNDLES.items():
        yield name, _outcome(lambda make=make: hostile.read(make(samples.out)))
    for name, make in (*hostile_graphs.GRAPHS.items(), *hostile_graphs.REACHING.items()):
        yield name, _outcome(lambda make=make: _import(make()))
    for name, content in hostile_graphs.EVENTS.items():
        yield name, _outcome(lambda content=content: samples._events(content))


def _import(graph_def):
    with tf.Graph().as_default():
        tf.import_graph_def(graph_def)


# -- the campaign --------------------------------------------------------------------------------------------


def limit_memory(beyond=MEMORY):
    """Let this process take that many bytes more than it has now."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + beyond,) * 2)


def draw(rng):
    count = rng.choice((1, 1, 2, 3, 6))
    return [(rng.random(), rng.randrange(6), rng.randrange(256)) for _ in range(count)]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.checkpoint.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layers", default=",".join(LAYERS))
    options = parser.parse_args(arguments)
    rng, end = random.Random(options.seed), time.monotonic() + 60 * options.minutes
    counts, slowest, leaks = collections.Counter(), (0, ""), {}
    with tempfile.TemporaryDirectory() as folder:
        samples = Samples(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        limit_memory()
        wrong = {name: found for name, found in hand_made(samples) if found != "refused"}
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            while time.monotonic() < end:
                layer, changes = rng.choice(options.layers.split(",")), draw(rng)
                found, seconds = outcome(samples, layer, changes)
                kind = found if found in ("accepted", "refused") else "leaked"
                counts[layer, kind] += 1
                slowest = max(slowest, (seconds, layer))
                if kind == "leaked":
                    leaks.setdefault((layer, found.partition(":")[0]), (found, changes))
    for layer in options.layers.split(","):
        print(f"{layer:16}", *(f"{kind} {counts[layer, kind]:7}" for kind in ("accepted", "refused", "leaked")))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{counts.total()} files, slowest {slowest[0]:.2f} s ({slowest[1]}), {grown:.0f} MB more at the peak")
    for (layer, _), (found, changes) in leaks.items():
        print("LEAK", layer, found, changes)
    for name, found in wrong.items():
        print("NOT REFUSED", name, found)
    return 1 if leaks or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
