"""Checkpoints and graphs go from minitf to TensorFlow and back, and the files are equal byte by byte."""

import numpy as np
import pytest

SUFFIXES = (".index", ".data-00000-of-00001")


def build(tf):
    """Variables of several dtypes and something that is computed of them."""
    v = tf.Variable(np.arange(6, dtype=np.float32).reshape(2, 3), name="layer/v")
    tf.Variable(7, name="step")
    tf.Variable(np.array([b"a", b"bcd"]), name="names")
    tf.Variable(np.arange(3.0), name="double")
    tf.Variable([True, False], name="flags")
    return tf.multiply(v, 2.0, name="y")


def save(tf, path):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        build(tf)
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        return saver.save(session, path, global_step=3), [(op.name, op.type) for op in graph.get_operations()]


def restore(tf, path):
    with tf.Graph().as_default(), tf.Session() as session:
        y = build(tf)
        tf.train.Saver().restore(session, path)
        return session.run([y, *tf.global_variables()])


@pytest.fixture
def both(tf1, mtf, tmp_path):
    ours, our_names = save(mtf, str(tmp_path / "ours"))
    theirs, their_names = save(tf1, str(tmp_path / "theirs"))
    assert our_names == their_names
    return ours, theirs


def test_files_are_equal(both):
    for suffix in SUFFIXES:
        with open(both[0] + suffix, "rb") as ours, open(both[1] + suffix, "rb") as theirs:
            assert ours.read() == theirs.read()


@pytest.mark.parametrize("direction", [0, 1], ids=["TensorFlow reads ours", "we read TensorFlow's"])
def test_restore(both, tf1, mtf, direction):
    module = (tf1, mtf)[direction]
    found, expected = restore(module, both[direction]), restore(mtf, both[0])
    for f, e in zip(found, expected, strict=True):
        assert np.array_equal(f, e)


@pytest.mark.parametrize("direction", [0, 1], ids=["TensorFlow reads ours", "we read TensorFlow's"])
def test_meta_graph(both, tf1, mtf, direction):
    tf, path = (tf1, mtf)[direction], both[direction]
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(path + ".meta")
        saver.restore(session, tf.train.latest_checkpoint(path.rpartition("/")[0]))
        assert session.run("y:0").tolist() == [[0, 2, 4], [6, 8, 10]]
        assert len(tf.trainable_variables()) == 5


def test_state_file(both, tf1, mtf):
    folder = both[0].rpartition("/")[0]
    assert mtf.train.latest_checkpoint(folder) == tf1.train.latest_checkpoint(folder)
    assert mtf.train.list_variables(folder) == tf1.train.list_variables(folder)


def test_partitioned_variable(tf1, mtf, tmp_path):
    values = np.arange(20, dtype=np.float32).reshape(10, 2)
    prefixes = []
    for tf, name in ((tf1, "theirs"), (mtf, "ours")):
        with tf.Graph().as_default(), tf.Session() as session:
            with tf.variable_scope("scope", partitioner=tf.fixed_size_partitioner(3)):
                tf.get_variable("v", shape=values.shape)
            for part, start in zip(tf.global_variables(), (0, 4, 7), strict=True):
                part.load(values[start : start + part.shape.as_list()[0]], session)
            prefixes.append(tf.train.Saver().save(session, str(tmp_path / name)))
            assert np.array_equal(tf.train.load_variable(prefixes[-1], "scope/v"), values)
    assert (
        mtf.train.list_variables(prefixes[0])
        == tf1.train.list_variables(prefixes[1])
        == [("scope/v", [10, 2])]
    )
    assert np.array_equal(mtf.train.load_variable(prefixes[0], "scope/v"), values)
    assert np.array_equal(tf1.train.load_variable(prefixes[1], "scope/v"), values)


def test_graph_def_runs_in_tensorflow(tf1, mtf, tmp_path):
    with mtf.Graph().as_default() as graph:
        x = mtf.placeholder(mtf.float32, [None, 4], name="x")
        h = mtf.nn.relu(mtf.matmul(x, mtf.constant(np.ones((4, 3), np.float32))) - 1.0)
        mtf.nn.softmax(mtf.concat([h, h], 1), name="y")
        path = mtf.train.write_graph(graph, str(tmp_path), "graph.pb", as_text=False)
        mtf.train.write_graph(graph, str(tmp_path), "graph.pbtxt")
    graph_def = tf1.GraphDef()
    with open(path, "rb") as file:
        graph_def.ParseFromString(file.read())
    values = np.random.default_rng(0).standard_normal((2, 4)).astype(np.float32)
    with tf1.Graph().as_default(), tf1.Session() as session:
        (y,) = tf1.import_graph_def(graph_def, return_elements=["y:0"])
        expected = session.run(y, {"import/x:0": values})
    with mtf.Session(graph=graph) as session:
        np.testing.assert_allclose(session.run("y:0", {"x:0": values}), expected, 1e-5)


def test_graph_def_of_tensorflow_runs_here(tf1, mtf):
    with tf1.Graph().as_default() as graph:
        x = tf1.placeholder(tf1.float32, [2, 3], name="x")
        tf1.reduce_sum(tf1.tanh(x) * 2.0 + tf1.constant([1.0, 2.0, 3.0]), axis=1, name="y")
        data = graph.as_graph_def().SerializeToString()
        with tf1.Session() as session:
            expected = session.run("y:0", {x: np.ones((2, 3))})
    graph_def = mtf.GraphDef.FromString(data)
    (y,) = mtf.import_graph_def(graph_def, return_elements=["y:0"], name="")
    with mtf.Session() as session:
        np.testing.assert_allclose(session.run(y, {"x:0": np.ones((2, 3))}), expected, 1e-6)


def test_every_dtype_of_tensorflow_is_read(tf1, mtf, tmp_path):
    kinds = ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16",
             "uint32", "uint64", "bool", "complex64", "complex128")  # fmt: skip
    with tf1.Graph().as_default(), tf1.Session() as session:
        for kind in kinds:
            tf1.get_variable(f"v/{kind}", initializer=tf1.cast(tf1.constant([[1, 0, 3]]), kind))
        tf1.get_variable("text", initializer=tf1.constant([b"", b"\xff\x00", "\N{SNOWMAN}".encode()]))
        tf1.get_variable("none", initializer=tf1.zeros([0, 3]))
        session.run(tf1.global_variables_initializer())
        prefix = tf1.train.Saver().save(session, str(tmp_path / "all"))
    ours, theirs = mtf.train.NewCheckpointReader(prefix), tf1.train.NewCheckpointReader(prefix)
    assert ours.debug_string() == theirs.debug_string()
    assert ours.get_variable_to_shape_map() == theirs.get_variable_to_shape_map()
    for name in theirs.get_variable_to_shape_map():
        assert ours.has_tensor(name)
        a, b = ours.get_tensor(name), theirs.get_tensor(name)
        assert a.shape == b.shape and a.tolist() == b.tolist(), name


def test_several_data_files(tf1, mtf, tmp_path):
    values = {f"v{i}": np.full((3, i + 1), i, np.float32) for i in range(4)}
    with tf1.Graph().as_default(), tf1.Session() as session:
        parts = []
        for shard in range(2):
            names = sorted(values)[shard::2]
            prefix = str(tmp_path / f"part{shard}")
            session.run(tf1.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * 2,
                                           tensors=[values[n] for n in names]))  # fmt: skip
            parts.append(prefix)
        session.run(tf1.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=str(tmp_path / "all")))
    assert len(list(tmp_path.glob("all.data-*-of-00002"))) == 2
    reader = mtf.train.load_checkpoint(str(tmp_path / "all"))
    assert {n: reader.get_tensor(n).tolist() for n in values} == {n: v.tolist() for n, v in values.items()}


def test_version_1_is_refused_and_says_why(tf1, mtf, tmp_path):
    with tf1.Graph().as_default(), tf1.Session() as session:
        tf1.get_variable("v", initializer=1.0)
        session.run(tf1.global_variables_initializer())
        prefix = tf1.train.Saver(write_version=tf1.train.SaverDef.V1).save(session, str(tmp_path / "old"))
    with pytest.raises(mtf.errors.UnimplementedError, match="V1 format"):
        mtf.train.load_checkpoint(prefix)
    with mtf.Graph().as_default(), mtf.Session() as session:
        mtf.get_variable("v", shape=[])
        with pytest.raises(mtf.errors.UnimplementedError, match="V1 format"):
            mtf.train.Saver().restore(session, prefix)


def test_inspection_prints_the_same(both, tf1, capsys):
    from tensorflow.python.tools import inspect_checkpoint

    from minitf.checkpoint.inspecting import print_tensors_in_checkpoint_file

    for arguments in (("", False), ("", True), ("step", False), ("nothing", False)):
        for pattern in ("", "lay"):
            said = []
            for function in (inspect_checkpoint.print_tensors_in_checkpoint_file, print_tensors_in_checkpoint_file):
                function(both[1], *arguments, count_exclude_pattern=pattern)
                said.append(capsys.readouterr().out)
            assert said[0] == said[1]
