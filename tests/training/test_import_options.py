"""Options of importing and exporting graphs are honoured, or refused by name."""

import pytest

import minitf as tf


def test_options_of_importing_are_honoured_or_refused(tmp_path):
    with tf.Graph().as_default(), tf.device("/cpu:0"), tf.Session() as session:
        x = tf.placeholder(tf.float32, [], name="x")
        y = tf.multiply(x, tf.Variable(2.0, name="v"), name="y")
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "model"), {"x": x}, {"y": y})
        meta = tf.train.export_meta_graph(saver_def=tf.train.Saver().saver_def)
        with pytest.raises(NotImplementedError, match="save_debug_info"):
            tf.train.export_meta_graph(save_debug_info=True)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.saved_model.loader.load(session, ["serve"], str(tmp_path / "model"), clear_devices=True)
        assert graph.get_operation_by_name("y").device == "" and session.run("y:0", {"x:0": 3.0}) == 6
        with pytest.raises(TypeError, match="colour"):
            tf.saved_model.loader.load(session, ["serve"], str(tmp_path / "model"), colour="red")
    other = tf.Graph()
    with tf.Graph().as_default() as graph:
        tf.train.import_meta_graph(meta, graph=other)
        assert not graph.get_operations() and other.get_operation_by_name("y").device == "/device:CPU:0"
        with pytest.raises(TypeError, match="colour"):
            tf.train.import_meta_graph(meta, colour="red")
