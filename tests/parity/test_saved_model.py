"""SavedModels go from minitf to TensorFlow and back."""

import pytest


def save(tf, folder):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], name="x")
        y = tf.multiply(x, tf.Variable(3.0, name="v"), name="y")
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, folder, {"in": x}, {"out": y})


def load_and_run(tf, folder):
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.loader.load(session, [tf.saved_model.tag_constants.SERVING], folder)
        signature = meta.signature_def[tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY]
        names = signature.inputs["in"].name, signature.outputs["out"].name
        assert signature.method_name == tf.saved_model.signature_constants.PREDICT_METHOD_NAME
        return session.run(names[1], {names[0]: [1.0, 2.0]}).tolist()


@pytest.mark.parametrize("writer", ["ours", "TensorFlow's"])
@pytest.mark.parametrize("reader", ["ours", "TensorFlow's"])
def test_round_trip(tf1, mtf, tmp_path, writer, reader):
    folder = str(tmp_path / "model")
    save(mtf if writer == "ours" else tf1, folder)
    assert load_and_run(mtf if reader == "ours" else tf1, folder) == [3, 6]


def test_what_is_refused(mtf, tmp_path):
    save(mtf, str(tmp_path / "model"))
    with pytest.raises(AssertionError):
        save(mtf, str(tmp_path / "model"))
    with mtf.Session() as session, pytest.raises(RuntimeError):
        mtf.saved_model.loader.load(session, ["other"], str(tmp_path / "model"))
    with mtf.Session() as session, pytest.raises(IOError):
        mtf.saved_model.loader.load(session, ["serve"], str(tmp_path / "none"))


def test_a_cluster_of_one(mtf):
    assert mtf.train.Server({"local": ["localhost:0"]}).target == ""
    with pytest.raises(NotImplementedError):
        mtf.train.Server({"ps": ["a:1"], "worker": ["b:1"]}, "worker", 0)
    cluster = mtf.train.ClusterSpec({"ps": ["a:1", "a:2"], "worker": ["b:1"]})
    with mtf.device(mtf.train.replica_device_setter(cluster=cluster)):
        devices = [mtf.Variable(i).device for i in range(3)] + [mtf.constant(1).device]
    assert devices == ["/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0", "/job:worker"]
