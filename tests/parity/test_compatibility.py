"""What old programs and tests rely on beside the numbers: errors' words, devices, messages, files."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import judge

LENGTHS = [([1.0, 2.0], [3, 1]), ([], []), ([5.0], [4])]


def both():
    return [judge(), minitf]


def said(tf, build):
    """The words of the error that building raises, before what each engine adds."""
    with tf.Graph().as_default(), pytest.raises(ValueError) as caught:
        build(tf)
    return str(caught.value).split(" for '")[0]


@pytest.mark.parametrize(
    "build",
    [
        lambda tf: tf.matmul(tf.zeros([2, 3]), tf.zeros([2])),
        lambda tf: tf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3])),
        lambda tf: tf.matrix_diag(tf.constant(1.0)),
        lambda tf: tf.nn.bias_add(tf.zeros([2, 3]), tf.zeros([1, 3])),
        lambda tf: tf.stack([tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [3])]),
        lambda tf: tf.add_n([tf.placeholder(tf.float32, [2, 3]), tf.placeholder(tf.float32, [2, 4])]),
        lambda tf: tf.placeholder(tf.float32, [None, 3]) @ tf.placeholder(tf.float32, [4, None]),
    ],
)
def test_failed_shape_rules_say_the_same(build):
    """`assertRaisesRegexp(ValueError, ...)` of a program finds the words of TensorFlow."""
    theirs, ours = (said(tf, build) for tf in both())
    assert ours.startswith(theirs.partition(". Shapes are")[0])


def test_operations_on_variables_stand_where_the_variable_stands():
    """Initializers and updates are colocated, so that a device function sees variables only."""

    def devices(tf):
        with tf.Graph().as_default() as graph:
            cluster = tf.train.ClusterSpec({"ps": ["a:1", "b:1"], "worker": ["c:1"]})
            with tf.device(tf.train.replica_device_setter(cluster=cluster.as_cluster_def())):
                v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
                loss = (v - w) ** 2
            tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])
            chosen = ["v", "v/Assign", "w/Assign", "w/read", "GradientDescent/update_w/ApplyGradientDescent", "sub"]
            return [graph.get_operation_by_name(name).device for name in chosen], [
                op.colocation_groups() for op in graph.get_operations() if op.name in chosen
            ]

    theirs, ours = map(devices, both())
    assert ours == theirs


def test_clusters_as_messages():
    """A cluster becomes the same bytes, and the message the same cluster."""

    def bytes_of(tf):
        spec = tf.train.ClusterSpec({"worker": {0: "a:1", 2: "b:1"}, "ps": ["c:1"]})
        message = spec.as_cluster_def()
        assert tf.train.ClusterSpec(message).as_dict() == spec.as_dict()
        server = tf.train.ServerDef(cluster=message, job_name="worker", task_index=2, protocol="grpc")
        return server.SerializeToString(deterministic=True), spec.task_indices("worker")

    theirs, ours = map(bytes_of, both())
    assert ours == theirs


def examples(tf):
    """Serialized examples with positions and values."""
    made = []
    for values, places in LENGTHS:
        features = {
            "value": tf.train.Feature(float_list=tf.train.FloatList(value=values)),
            "place": tf.train.Feature(int64_list=tf.train.Int64List(value=places)),
        }
        made.append(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    return made


def test_sparse_features():
    """Two features of an example as one sparse row, sorted by place."""

    def parsed(tf):
        with tf.Graph().as_default(), tf.Session() as sess:
            wanted = {"row": tf.SparseFeature("place", "value", tf.float32, 6), "value": tf.VarLenFeature(tf.float32)}
            found = sess.run(tf.parse_example(examples(tf), wanted))
            return [np.asarray(part).tolist() for key in sorted(found) for part in found[key]]

    theirs, ours = map(parsed, both())
    assert ours == theirs


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (lambda tf: tf.FixedLenFeature([2], tf.float32), "Name: second, Key: value, Index: 1.  Number of float values"),
        (lambda tf: tf.FixedLenFeature([1], tf.int64), "Name: first, Key: value.  Data types don't match."),
    ],
)
def test_examples_that_do_not_fit(feature, words):
    """The error names the example, as TensorFlow does."""
    for tf in both():
        with tf.Graph().as_default(), tf.Session() as sess:
            parsed = tf.parse_example(examples(tf), {"value": feature(tf)}, example_names=["first", "second", "third"])
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                sess.run(parsed)
            if tf is minitf:
                assert words in str(caught.value)


def test_json_examples():
    """Examples written as JSON."""

    def decoded(tf):
        with tf.Graph().as_default(), tf.Session() as sess:
            text = '{"features": {"feature": {"a": {"int64List": {"value": ["3"]}}}}}'
            found = sess.run(tf.io.decode_json_example([text]))
            with pytest.raises(tf.errors.InvalidArgumentError):
                sess.run(tf.io.decode_json_example("{3"))
            return tf.train.Example.FromString(found[0]).features.feature["a"].int64_list.value[:]

    theirs, ours = map(decoded, both())
    assert ours == theirs


def test_checks_of_all_numbers():
    """The first operation that makes a NaN is named."""
    for tf in both():
        with tf.Graph().as_default(), tf.Session() as sess:
            x = tf.placeholder(tf.float32)
            tf.exp(tf.log(x, name="culprit"))
            check = tf.add_check_numerics_ops()
            sess.run(check, {x: 1.0})
            with pytest.raises(tf.errors.InvalidArgumentError, match="culprit"):
                sess.run(check, {x: -1.0})


def test_queue_runners_as_messages():
    """A queue runner comes back from its message."""
    with minitf.Graph().as_default():
        queue = minitf.FIFOQueue(3, minitf.float32, name="queue")
        made = minitf.train.QueueRunner(
            queue, [queue.enqueue(1.0)],
            queue_closed_exception_types=(minitf.errors.OutOfRangeError, minitf.errors.CancelledError),
        )  # fmt: skip
        again = minitf.train.QueueRunner.from_proto(made.to_proto())
        assert (again.enqueue_ops, again.close_op, again.cancel_op) == (made.enqueue_ops, made.close_op, made.cancel_op)
        assert again.queue_closed_exception_types == made.queue_closed_exception_types
        assert again.name == "queue"


@pytest.mark.parametrize("mode", ["w+", "a+", "r+"])
def test_files_are_read_apart_from_what_is_written(tmp_path, mode):
    """Reading begins at the beginning, whatever has been written."""
    for tf in both():
        path = str(tmp_path / f"{tf.__name__}{mode}")
        if mode == "a+":
            (tmp_path / f"{tf.__name__}{mode}").write_text("0\n")
        with tf.gfile.GFile(path, mode) as file:
            file.write("1\n2\n")
            file.flush()
            assert file.readline() == ("0\n" if mode == "a+" else "1\n")
            assert file.tell() == 2
            file.write("3\n")
        with tf.gfile.GFile(path) as file:
            assert file.read() == ("0\n" if mode == "a+" else "") + "1\n2\n3\n"
            with pytest.raises(tf.errors.PermissionDeniedError):
                file.write("x")


def test_sessions_that_are_not_ready():
    """A local variable that begins as a global one waits for it."""
    for tf in both():
        with tf.Graph().as_default():
            v = tf.Variable(1, name="v")
            w = tf.Variable(v, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES], name="w")
            ready = {"ready_op": tf.report_uninitialized_variables(),
                     "ready_for_local_init_op": tf.report_uninitialized_variables(tf.global_variables())}  # fmt: skip
            manager = tf.train.SessionManager(local_init_op=w.initializer, **ready)
            assert manager.recover_session("")[1] is False
            with pytest.raises(RuntimeError, match="ready"):
                manager.prepare_session("", init_op=tf.no_op())
            assert manager.prepare_session("", init_op=v.initializer).run(w) == 1
            with pytest.raises(tf.errors.DeadlineExceededError):
                tf.train.SessionManager(w.initializer, recovery_wait_secs=1, **ready).wait_for_session("", None, 0)
            with pytest.raises(ValueError, match="also pass a local_init_op"):
                tf.train.SessionManager(ready_for_local_init_op=ready["ready_op"])
