"""A device beside the CPU: placement, copies, memory, and the same answers.  The device is pretended: see TF_CUDA."""

import logging

import numpy as np
import pytest

import minitf as tf
from minitf.kernels.cuda import devices
from minitf.runtime import devices as listing

pytest.importorskip("greenlet")


@pytest.fixture
def lowered(monkeypatch):
    pytest.importorskip("numba_cuda")
    monkeypatch.setenv("TF_CUDA", "lowered")
    return devices.find()


def network(hidden, optimizer):
    tf.reset_default_graph()
    tf.set_random_seed(1)
    x, labels = tf.placeholder(tf.float32, [None, 6], "x"), tf.placeholder(tf.int64, [None], "labels")
    with tf.variable_scope("net"):
        w = tf.get_variable("w", [6, hidden], initializer=tf.truncated_normal_initializer(stddev=0.5))
        h = tf.nn.relu(tf.nn.bias_add(tf.matmul(x, w), tf.get_variable("b", [hidden])))
        logits = tf.matmul(h, tf.get_variable("v", [hidden, 3]))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    return x, labels, loss, optimizer().minimize(loss)


def losses(mode, optimizer, steps=3, hidden=4, **options):
    x, labels, loss, step = network(hidden, optimizer)
    config = tf.ConfigProto(gpu_options=tf.GPUOptions(simulate=mode), **options)
    generator, found = np.random.default_rng(0), []
    with tf.Session(config=config) as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            feeds = {x: generator.standard_normal((5, 6)), labels: generator.integers(0, 3, 5)}
            found.append(session.run([loss, step], feeds)[0])
    return found


def descent():
    return tf.train.GradientDescentOptimizer(0.5)


def test_a_network_trains_in_the_simulator_as_on_the_cpu():
    np.testing.assert_allclose(losses("simulate", descent, 2), losses("off", descent, 2), 1e-5)


def adam():
    return tf.train.AdamOptimizer(0.1)


def momentum():
    return tf.train.MomentumOptimizer(0.1, 0.9)


@pytest.mark.parametrize("optimizer", [adam, momentum])
def test_a_network_trains_on_the_device_as_on_the_cpu(lowered, optimizer):
    np.testing.assert_allclose(losses("lowered", optimizer), losses("off", optimizer), 1e-5)


def test_the_session_lists_the_device(lowered):
    with tf.Session() as session:
        assert [d.device_type for d in session.list_devices()] == ["CPU", "GPU"]
    assert tf.test.gpu_device_name() == "/device:GPU:0"
    assert not tf.test.is_gpu_available()  # a pretended one is no GPU
    config = tf.ConfigProto(device_count={"GPU": 0})
    with tf.Session(config=config) as session:
        assert [d.device_type for d in session.list_devices()] == ["CPU"]


def test_a_stepped_run_equals_a_grouped_one(lowered):
    x, labels, loss, step = network(4, descent)
    feeds = {x: np.ones((5, 6)), labels: np.zeros(5)}
    found = []
    for stepped in (False, True):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for _ in range(2):
                found.append(session.start(loss, feeds).result() if stepped else session.run(loss, feeds))
                session.run(step, feeds)
    assert found[:2] == found[2:]


def test_values_are_copied_only_where_a_run_crosses_devices(lowered, monkeypatch):
    x, labels, loss, step = network(4, descent)
    feeds = {x: np.ones((5, 6)), labels: np.zeros(5)}
    copies = []

    def counted(name):
        original = getattr(type(lowered), name)
        return lambda self, value: copies.append((name, value.shape)) or original(self, value)

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step, feeds)
        session.run(step, feeds)
        allocated = lowered.pool.allocated
        for name in ("upload", "download"):
            monkeypatch.setattr(type(lowered), name, counted(name))
        session.run(step, feeds)
        status = [("download", (1,))]  # whether a label is a class
        assert sorted(copies) == sorted([("upload", (5, 6)), ("upload", (5,)), *status])
        assert lowered.pool.allocated == allocated
        copies.clear()
        session.run(loss, feeds)
        assert ("download", ()) in copies


def test_the_cpu_and_the_device_take_turns_with_a_variable(lowered):
    v = tf.Variable([1.0, 2.0])
    with tf.device("/cpu:0"):
        on_cpu = tf.assign_add(v, [1.0, 1.0])
    with tf.device("/gpu:0"):
        on_gpu = tf.assign_add(v, [10.0, 10.0])
    with tf.Session() as session:
        session.run(v.initializer)
        for expected, step in (([11, 12], on_gpu), ([12, 13], on_cpu), ([22, 23], on_gpu), ([23, 24], on_cpu)):
            np.testing.assert_array_equal(session.run(step), expected)
            np.testing.assert_array_equal(session.run(v), expected)


def test_a_read_before_a_write_keeps_the_old_value(lowered):
    v = tf.Variable([1.0, 2.0])
    before = tf.identity(v)
    with tf.control_dependencies([before]):
        write = tf.assign(v, [5.0, 6.0])
    with tf.Session() as session:
        session.run(v.initializer)
        old, _ = session.run([before, write])
        np.testing.assert_array_equal(old, [1, 2])
        np.testing.assert_array_equal(session.run(v), [5, 6])


def test_data_that_a_kernel_refuses(lowered):
    table, indices = tf.constant(np.ones((4, 2), np.float32)), tf.placeholder(tf.int32, [None])
    rows = tf.gather(table, indices)
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 9 is not in \[0, 4\)"):
            session.run(rows, {indices: [1, 9]})
        assert session.run(rows, {indices: [1, 3]}).shape == (2, 2)


def test_loops_and_branches(lowered):
    x = tf.placeholder(tf.float32, [])
    looped = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, tf.constant(1.0)])[1]
    chosen = tf.cond(x > 1.0, lambda: x * 2.0, lambda: x - 1.0)
    with tf.Session() as session:
        assert session.run([looped, chosen], {x: 2.0}) == [8.0, 4.0]
        assert session.run([looped, chosen], {x: 0.5}) == [0.125, -0.5]


def test_random_numbers_are_those_of_the_cpu(lowered):
    found = []
    for mode in ("off", "lowered"):
        tf.reset_default_graph()
        tf.set_random_seed(7)
        numbers = [tf.random_uniform([5]), tf.random_normal([2, 3]), tf.truncated_normal([7])]
        with tf.Session(config=tf.ConfigProto(gpu_options=tf.GPUOptions(simulate=mode))) as session:
            found.append([session.run(numbers) for _ in range(2)])
    for cpu, device in zip(*found, strict=True):
        np.testing.assert_array_equal(device[0], cpu[0])
        for a, b in zip(device[1:], cpu[1:], strict=True):
            np.testing.assert_allclose(a, b, 1e-5, 1e-6)


def test_what_stays_on_the_cpu_is_said_once(lowered, caplog):
    pictures = tf.placeholder(tf.float32, [1, 2, 2, 1])
    larger = tf.image.resize_images(tf.image.resize_images(pictures * 2.0, [4, 4]), [3, 3]) + 1.0
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    caplog.set_level(logging.INFO, "tensorflow")
    try:
        with tf.Session() as session:
            np.testing.assert_allclose(session.run(larger, {pictures: np.ones((1, 2, 2, 1))}), np.full((1, 3, 3, 1), 3))
    finally:
        logger.removeHandler(caplog.handler)
    said = [m for m in caplog.messages if "no kernel for a GPU" in m]
    assert len(said) == 1 and said[0].startswith("ResizeBilinear")


def test_feeds_and_values_on_the_device(lowered):
    x = tf.placeholder(tf.float32, [2, 3])
    with tf.Session() as session:
        array = lowered.upload(np.ones((2, 3), np.float32))
        np.testing.assert_array_equal(session.run(x + 1.0, {x: array}), np.full((2, 3), 2))
    np.testing.assert_array_equal(np.from_dlpack(array), np.ones((2, 3)))
    assert array.reshape(3, -1).shape == (3, 2) and len(array) == 2 and array.nbytes == 24


class TestWithoutAGpu:
    @pytest.fixture(autouse=True)
    def no_gpu(self, monkeypatch):
        monkeypatch.setenv("TF_CUDA", "")
        if devices.missing() is None:
            pytest.skip("there is a GPU")

    def test_asking_for_one_says_what_is_missing(self):
        with tf.device("/gpu:0"):
            x = tf.constant(1.0) + 2.0
        with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as raised:
            session.run(x)
        assert "Cannot assign a device for operation" in raised.value.message
        assert devices.missing() in raised.value.message
        with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
            assert session.run(x) == 3.0

    def test_what_is_missing(self, monkeypatch):
        find_spec = devices.importlib.util.find_spec
        monkeypatch.setattr(devices, "_driver", lambda: object())
        monkeypatch.setattr(devices.importlib.util, "find_spec", lambda n: None if n == "numba_cuda" else find_spec(n))
        assert "pip install 'minitf[cuda]'" in devices.missing.__wrapped__()

    def test_there_is_only_the_cpu(self):
        assert [d.name for d in listing.list_local_devices()] == ["/device:CPU:0"]
        assert tf.test.gpu_device_name() == ""

    def test_a_wish_that_cannot_be(self, monkeypatch):
        monkeypatch.setenv("TF_CUDA", "please")
        with pytest.raises(ValueError, match="TF_CUDA"):
            tf.Session()

    def test_an_array_on_a_gpu_cannot_be_fed(self):
        class Foreign:
            __cuda_array_interface__ = {"shape": (2,), "typestr": "<f4", "data": (0, False), "version": 3}

        x = tf.placeholder(tf.float32, [2])
        with tf.Session() as session, pytest.raises(TypeError, match="lies on a GPU"):
            session.run(x, {x: Foreign()})


def test_a_trace_tells_the_device_of_each_step(lowered):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [None, 3])
    size = tf.add(tf.shape(x)[0], 1, name="size")
    y = tf.py_func(lambda v: v + 1, [tf.tanh(x, name="tanh")], tf.float32, name="python")
    metadata, options = tf.RunMetadata(), tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session() as session:
        session.run([y, size], {x: np.ones((2, 3))}, options, metadata)
    ran = {n.node_name: d.device for d in metadata.step_stats.dev_stats for n in d.node_stats}
    task = "/job:localhost/replica:0/task:0/device:"
    assert ran["tanh"] == task + "GPU:0" and ran["python"] == ran["size"] == task + "CPU:0"
