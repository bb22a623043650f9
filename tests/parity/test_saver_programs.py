"""What a Saver does with its arguments: files, state, names and errors are TensorFlow's."""

import os

import ml_dtypes
import numpy as np
import pytest


def files(folder):
    return sorted(os.listdir(folder))


def state(folder, name="checkpoint"):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read().replace(folder, "FOLDER")


def outcome(action):
    """What a call returns, or which error it raises."""
    try:
        return action()
    except Exception as error:
        return type(error).__name__


class Model:
    """Two variables in a session."""

    def __init__(self, tf, devices=("", "")):
        tf.reset_default_graph()
        self.tf = tf
        with tf.device(devices[0] or None):
            self.v = tf.Variable([1.0, 2.0], name="v")
        with tf.device(devices[1] or None):
            self.w = tf.Variable(3, name="scope/w")
        self.session = tf.Session(config=tf.ConfigProto(device_count={"CPU": 2}))
        self.session.run(tf.global_variables_initializer())

    def values(self):
        return [a.tolist() for a in self.session.run([self.v, self.w])]


def arguments_of_save(tf, folder):
    model, saver = Model(tf), tf.train.Saver()
    yield saver.save(model.session, f"{folder}/a", latest_filename="newest", meta_graph_suffix="graph")
    yield saver.save(model.session, f"{folder}/b", global_step=model.w, write_meta_graph=False)
    yield saver.save(model.session, f"{folder}/c", global_step="scope/w:0", write_state=False)
    yield files(folder), state(folder), state(folder, "newest"), saver.last_checkpoints


def what_is_kept(tf, folder):
    for keep in (None, 0, 1, 2):
        model, saver = Model(tf), tf.train.Saver(max_to_keep=keep)
        for step in (1, 2, 3, 2):
            saver.save(model.session, f"{folder}/keep{keep}", global_step=step)
        yield state(folder), saver.last_checkpoints
    yield files(folder)


def kept_for_good(tf, folder):
    model, saver = Model(tf), tf.train.Saver(max_to_keep=2, keep_checkpoint_every_n_hours=2.0)
    for step in range(1, 7):
        saver.save(model.session, f"{folder}/model", global_step=step, write_meta_graph=False)
        hours = [(path, when + 3600 * i) for i, (path, when) in enumerate(zip(saver.last_checkpoints, [1e10] * 2))]
        saver.set_last_checkpoints_with_time(hours if step == 3 else [(p, 1.0) for p, _ in hours])
    yield files(folder)


def names_of_steps(tf, folder):
    model = Model(tf)
    saver = tf.train.Saver(pad_step_number=True, save_relative_paths=True)
    for step in (7, 123456789):
        yield saver.save(model.session, f"{folder}/model", global_step=step)
    yield state(folder), tf.train.latest_checkpoint(folder), files(folder)


def last_checkpoints(tf, folder):
    model, saver = Model(tf), tf.train.Saver(max_to_keep=3)
    for step in (1, 2, 3, 4):
        saver.save(model.session, f"{folder}/model", global_step=step)
    other = tf.train.Saver(max_to_keep=2)
    other.recover_last_checkpoints([f"{folder}/model-{i}" for i in range(9)])
    yield other.last_checkpoints
    other.save(model.session, f"{folder}/model", global_step=9)
    yield other.last_checkpoints, files(folder)
    other.set_last_checkpoints([f"{folder}/model-9"])
    yield other.last_checkpoints
    other.save(model.session, f"{folder}/model", global_step=10)
    other.save(model.session, f"{folder}/model", global_step=11)
    yield files(folder)


def nothing_to_save(tf, folder):
    tf.reset_default_graph()
    yield outcome(lambda: tf.train.Saver())
    saver = tf.train.Saver(allow_empty=True)
    with tf.Session() as session:
        yield saver.save(session, f"{folder}/model"), files(folder)
        yield saver.restore(session, f"{folder}/none")


def a_later_build(tf, folder):
    tf.reset_default_graph()
    saver = tf.train.Saver(defer_build=True)
    v = tf.Variable(1.0, name="v")
    with tf.Session() as session:
        session.run(v.initializer)
        yield outcome(lambda: saver.save(session, f"{folder}/model"))
        saver.build()
        yield outcome(lambda: saver.build())
        yield saver.save(session, f"{folder}/model")
    yield outcome(lambda: tf.train.Saver([v], defer_build=True))


def var_lists(tf, folder):
    model = Model(tf)
    lists = {
        "list": [model.v], "tuple": (model.w, model.v), "dict": {"a/b": model.v, "c": model.w},
        "one twice": [model.v, model.v], "one under two names": {"a": model.v, "b": model.v},
        "constant": [tf.constant(1)], "number": 3, "nested": [[model.v], [model.w]],
    }  # fmt: skip
    for name, var_list in lists.items():

        def names(var_list=var_list, name=name):
            path = tf.train.Saver(var_list).save(model.session, f"{folder}/{name}", write_state=False)
            return tf.train.list_variables(path)

        yield name, outcome(names)


def partial_restore(tf, folder):
    model = Model(tf)
    path = tf.train.Saver().save(model.session, f"{folder}/model")
    model.session.run([model.v.assign([8, 9]), model.w.assign(9)])
    tf.train.Saver([model.w]).restore(model.session, path)
    yield model.values()
    tf.train.Saver({"v": model.v}).restore(model.session, path)
    yield model.values()
    yield outcome(lambda: tf.train.Saver({"other": model.v}).restore(model.session, path))
    yield outcome(lambda: tf.train.Saver({"v": model.w}).restore(model.session, path))
    yield outcome(lambda: tf.train.Saver().restore(model.session, f"{folder}/none"))
    yield outcome(lambda: tf.train.Saver().restore(model.session, None))


def another_shape(tf, folder):
    model = Model(tf)
    path = tf.train.Saver().save(model.session, f"{folder}/model")
    tf.reset_default_graph()
    v = tf.Variable([[0.0], [0.0]], name="v")
    plain, reshaping = tf.train.Saver(), tf.train.Saver(reshape=True)
    with tf.Session() as session:
        yield outcome(lambda: plain.restore(session, path))
        reshaping.restore(session, path)
        yield session.run(v).tolist(), [op.name for op in tf.get_default_graph().get_operations()]


def mistakes(tf, folder):
    model, saver = Model(tf), tf.train.Saver()
    yield outcome(lambda: saver.save(model.session, f"{folder}/a", latest_filename="b/c"))
    yield outcome(lambda: saver.save(model.session, f"{folder}/checkpoint"))
    yield outcome(lambda: saver.save(model.session, f"{folder}/other", latest_filename="other"))
    yield outcome(lambda: saver.save("session", f"{folder}/a"))
    yield outcome(lambda: saver.save(model.session, f"{folder}/no/such/a"))
    yield outcome(lambda: tf.train.Saver(saver_def="x"))
    yield outcome(lambda: tf.train.Saver(saver_def=type(saver.saver_def)()))
    yield outcome(lambda: tf.train.get_checkpoint_state(f"{folder}/none"))
    yield outcome(lambda: tf.train.load_checkpoint(f"{folder}/none"))
    yield outcome(lambda: tf.train.load_checkpoint(folder))
    yield outcome(lambda: tf.train.latest_checkpoint(f"{folder}/none"))
    tf.reset_default_graph()
    tf.Variable(1.0, name="v")
    with tf.Session() as session:
        yield outcome(lambda: tf.train.Saver().save(session, f"{folder}/a"))


def protos(tf, folder):
    tf.reset_default_graph()
    with tf.name_scope("outer"):
        tf.Variable(1.0, name="v")
        saver = tf.train.Saver(name="mine", max_to_keep=3, keep_checkpoint_every_n_hours=2)
    yield str(saver.to_proto()), str(saver.as_saver_def())
    yield str(saver.to_proto(export_scope="outer")), str(saver.to_proto(export_scope="other"))
    inner = saver.to_proto(export_scope="outer")
    again = tf.train.Saver.from_proto(inner, import_scope="outer")
    yield str(again.to_proto())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(5):
            again.save(session, f"{folder}/model", global_step=step, write_meta_graph=False)
    yield files(folder)


def sharded(tf, folder):
    model = Model(tf, ("/cpu:0", "/cpu:1"))
    saver = tf.train.Saver(sharded=True)
    yield [(op.name, op.type) for op in tf.get_default_graph().get_operations()], str(saver.saver_def)
    path = saver.save(model.session, f"{folder}/model", global_step=1)
    yield path, files(folder)
    model.session.run([model.v.assign([8, 9]), model.w.assign(9)])
    saver.restore(model.session, path)
    yield model.values(), tf.train.load_variable(path, "v").tolist()


def every_dtype(tf, folder):
    tf.reset_default_graph()
    names = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
             "complex64", "complex128", "bool")  # fmt: skip
    for name in names:
        values = np.arange(6).reshape(2, 3).astype(name)
        tf.Variable(values, name=name)
        tf.Variable(values[:, :0], name=f"empty/{name}")
        tf.Variable(values[1, 1], name=f"scalar/{name}")
    tf.Variable(np.arange(3).astype(ml_dtypes.bfloat16), name="bfloat16")
    tf.Variable(np.array([b"", b"a" * 300, "\N{SNOWMAN}".encode()], object), name="string")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver()
        path = saver.save(session, f"{folder}/model", write_meta_graph=False)
        saver.restore(session, path)
        yield tf.train.list_variables(path)
        yield [session.run(v).tolist() for v in tf.global_variables()]


def parts_in_shards(tf, folder):
    """A partitioned variable whose parts lie on two devices: its slices come from two files."""
    tf.reset_default_graph()
    places = iter(["/cpu:0", "/cpu:1", "/cpu:0"])
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(3)), tf.device(
        lambda op: next(places) if op.type == "VariableV2" else op.device
    ):
        whole = tf.get_variable("v", [7, 2], initializer=tf.zeros_initializer())
    parts = list(whole)
    saver = tf.train.Saver(sharded=True)
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2})) as session:
        for i, part in enumerate(parts):
            part.load(np.full(part.shape.as_list(), i + 1.0), session)
        path = saver.save(session, f"{folder}/model")
        yield files(folder), tf.train.load_variable(path, "s/v").tolist()
        session.run(tf.global_variables_initializer())
        saver.restore(session, path)
        yield [value.tolist() for value in session.run(parts)]
    tf.reset_default_graph()
    v = tf.get_variable("s/v", [7, 2])  # in one piece, from slices in two files
    with tf.Session() as session:
        tf.train.Saver().restore(session, path)
        yield session.run(v).tolist()


def first_values(tf, folder):
    """init_from_checkpoint, with every kind of map."""
    tf.reset_default_graph()
    with tf.variable_scope("old"):
        tf.get_variable("a", [2])
        tf.get_variable("b/c", [4])
    tf.get_variable("top", [2])
    with tf.Session() as session:
        for i, v in enumerate(tf.global_variables()):
            v.load(np.full(v.shape.as_list(), i + 1.0), session)
        path = tf.train.Saver().save(session, f"{folder}/model")

    maps = {
        "scope": lambda new: {"old/": "new/"}, "name": lambda new: {"old/a": "new/a"},
        "variable": lambda new: {"top": new["a"]}, "pairs": lambda new: [("top", new["a"]), ("old/b/c", new["b/c"])],
        "parts": lambda new: {"old/b/c": new["parts"]}, "name of parts": lambda new: {"old/b/c": "new/parts"},
        "missing": lambda new: {"none": "new/a"}, "another shape": lambda new: {"old/b/c": new["a"]},
        "tensor to scope": lambda new: {"old/a": "new/none"}, "root": lambda new: {"/": "new/a/"},
    }  # fmt: skip
    for name, make in maps.items():
        tf.reset_default_graph()
        with tf.variable_scope("new"):
            new = {"a": tf.get_variable("a", [2], initializer=tf.zeros_initializer())}
            new["b/c"] = tf.get_variable("b/c", [4], initializer=tf.zeros_initializer())
            if "parts" in name:
                new["parts"] = list(tf.get_variable(
                    "parts", [4], initializer=tf.zeros_initializer(), partitioner=tf.fixed_size_partitioner(2)
                ))  # fmt: skip

        def begin(make=make, new=new):
            tf.train.init_from_checkpoint(path, make(new))
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                names = [op.name for op in tf.get_default_graph().get_operations()]
                return [session.run(v).tolist() for v in tf.global_variables()], names

        yield name, outcome(begin)


def exported(tf, folder):
    """export_meta_graph with its arguments: nodes, devices, attributes, collections."""
    tf.reset_default_graph()
    with tf.device("/cpu:0"), tf.name_scope("outer"), tf.variable_scope("part"):
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        y = tf.multiply(v, 2.0, name="y")
    tf.Variable(1, name="w", trainable=False)
    tf.add_to_collection("tensors", y)
    for item in (42, 43):
        tf.add_to_collection("numbers", item)
    tf.add_to_collection("words", "word")
    first, second = tf.train.Saver(), tf.train.Saver([v], name="second")
    tf.add_to_collection(tf.GraphKeys.SAVERS, first)
    ways = {
        "plain": {}, "devices": {"clear_devices": True}, "collections": {"collection_list": ["words", "numbers"]},
        "savers": {"clear_extraneous_savers": True}, "attrs": {"strip_default_attrs": True},
    }  # fmt: skip
    for name, arguments in ways.items():
        for saver in (first, second):
            yield name, described(saver.export_meta_graph(**arguments))
    yield described(tf.train.export_meta_graph(export_scope="part")), described(tf.train.export_meta_graph())
    path = f"{folder}/graph.pbtxt"
    first.export_meta_graph(path, as_text=True)
    tf.reset_default_graph()
    saver = tf.train.import_meta_graph(path)
    yield str(saver.saver_def), sorted(tf.get_default_graph().get_all_collection_keys())


def described(meta):
    """What two meta graphs must have in common."""
    nodes = [(n.name, n.op, n.device, list(n.input)) for n in meta.graph_def.node]
    kinds = {}
    for key, value in sorted(meta.collection_def.items()):
        kind = value.WhichOneof("kind")
        kinds[key] = kind and (kind, len(getattr(value, kind).value))
    return nodes, kinds, str(meta.saver_def)


def imported(tf, folder):
    """import_meta_graph with its arguments, and values that come with it."""
    model = Model(tf)
    tf.multiply(model.v, 2.0, name="y")
    with tf.variable_scope("parts", partitioner=tf.fixed_size_partitioner(2)):
        tf.get_variable("p", [4], initializer=tf.ones_initializer())
    path = None
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = tf.train.Saver().save(session, f"{folder}/model")
    for arguments in ({}, {"import_scope": "inner"}, {"clear_devices": True}, {"import_scope": "a/b"}):
        tf.reset_default_graph()
        saver = tf.train.import_meta_graph(f"{path}.meta", **arguments)
        with tf.Session() as session:
            saver.restore(session, path)
            scope = arguments.get("import_scope")
            yield session.run(f"{scope}/y:0" if scope else "y:0").tolist(), str(saver.saver_def)
            yield [(v.name, v.initializer.name, v.shape.as_list()) for v in tf.global_variables()]
            names = tf.train.Saver().save(session, f"{folder}/again{len(arguments)}{bool(scope)}")
            yield tf.train.list_variables(names)
            session.run(tf.global_variables_initializer())
    tf.reset_default_graph()
    x = tf.constant([5.0, 5.0])
    tf.train.import_meta_graph(f"{path}.meta", input_map={"v/read:0": x})
    with tf.Session() as session:
        yield session.run("y:0").tolist()
    yield outcome(lambda: tf.train.import_meta_graph(f"{folder}/none.meta"))


PROGRAMS = [
    exported, imported,
    arguments_of_save, what_is_kept, kept_for_good, names_of_steps, last_checkpoints, nothing_to_save, a_later_build,
    var_lists, partial_restore, another_shape, mistakes, protos, sharded, parts_in_shards,
    first_values, every_dtype,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(tf1, mtf, tmp_path, program):
    found = []
    for tf, name in ((mtf, "ours"), (tf1, "theirs")):
        folder = str(tmp_path / name)
        os.mkdir(folder)
        found.append([str(part).replace(folder, "FOLDER") for part in program(tf, folder)])
    for ours, theirs in zip(*found, strict=True):
        assert ours == theirs
    contents = [_contents(tmp_path / name) for name in ("ours", "theirs")]
    assert contents[0] == contents[1]


def _contents(folder):
    """The bytes of all indexes and data."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if ".index" in path.name or ".data-" in path.name
    }


def test_defaults_of_attributes(tf1):
    """What `strip_default_attrs` leaves out must be what TensorFlow fills in."""
    from tensorflow.python.framework import op_def_registry

    from minitf.graph.messages import AttrValue
    from minitf.graph.serialization import set_attr
    from minitf.ops.op import registry
    from minitf.training.graph_excerpt import _OWN_DEFAULTS

    differing = []
    for kind, definition in registry.items():
        theirs = op_def_registry.get(kind)
        if theirs is None or kind in _OWN_DEFAULTS:
            continue
        defaults = {a.name: a.default_value for a in theirs.attr if a.HasField("default_value")}
        known = {a.name for a in theirs.attr}
        for name, value in definition.attrs.items():
            ours = AttrValue()
            if name not in known or value is None or not set_attr(ours, value):
                continue
            if name not in defaults or str(defaults[name]) != str(ours):
                differing.append((kind, name))
    assert differing == [("ImageSummary", "bad_color")]  # a tensor written in another way: it is not left out


def test_a_stripped_graph_runs_in_tensorflow(tf1, mtf):
    x = mtf.placeholder(mtf.float32, [2, 3], name="x")
    mtf.reduce_sum(mtf.matmul(x, mtf.ones([3, 2])), 1, name="y")
    meta = mtf.train.export_meta_graph(strip_default_attrs=True)
    assert "transpose_a" not in next(n for n in meta.graph_def.node if n.op == "MatMul").attr
    tf1.train.import_meta_graph(tf1.MetaGraphDef.FromString(meta.SerializeToString()))
    with tf1.Session() as session:
        assert session.run("y:0", {"x:0": np.ones((2, 3))}).tolist() == [6, 6]
