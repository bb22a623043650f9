"""tf.data, queues, records and their parsing against TensorFlow, shuffled orders included."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, compare_values, judge

ROWS = np.arange(12, dtype=np.float32).reshape(6, 2)


def dataset(tf):
    return tf.data.Dataset


def counted():
    for i in range(4):
        yield i, [i] * i


def ragged(tf):
    return dataset(tf).range(1, 5).map(lambda x: tf.fill([tf.cast(x, tf.int32)], x))


DATASETS = {
    "slices": lambda tf: dataset(tf).from_tensor_slices((ROWS, {"b": np.arange(6), "a": list("abcdef")})),
    "tensors": lambda tf: dataset(tf).from_tensors([1, 2]),
    "range": lambda tf: dataset(tf).range(10, 0, -3),
    "map": lambda tf: dataset(tf).range(5).map(lambda x: x + tf.constant(2, tf.int64)),
    "map to several": lambda tf: dataset(tf).range(3).map(lambda x: (x, {"square": x * x})),
    "map of a tuple": lambda tf: dataset(tf).zip((dataset(tf).range(5), dataset(tf).range(2, 9))).map(
        lambda a, b: a * b),
    "map of a dictionary": lambda tf: dataset(tf).from_tensor_slices({"b": [1], "a": [3.0]}).map(lambda d: d["a"]),
    "random in a map": lambda tf: dataset(tf).range(3).map(lambda x: tf.random_uniform([2], seed=4)),
    "filter": lambda tf: dataset(tf).range(9).filter(lambda x: tf.equal(x % 2, 0)),
    "flat_map": lambda tf: dataset(tf).range(4).flat_map(lambda x: dataset(tf).range(x).map(lambda y: x * 10 + y)),
    "interleave": lambda tf: dataset(tf).range(5).interleave(
        lambda x: dataset(tf).from_tensors(x).repeat(4), cycle_length=2, block_length=3),
    "interleave unequal": lambda tf: dataset(tf).range(6).interleave(
        lambda x: dataset(tf).range(x), cycle_length=3, block_length=2),
    "shuffle": lambda tf: dataset(tf).range(20).shuffle(7, seed=5),
    "shuffle all": lambda tf: dataset(tf).range(20).shuffle(30, seed=5),
    "shuffle, repeat": lambda tf: dataset(tf).range(10).shuffle(4, seed=5).repeat(3),
    "shuffle once, repeat": lambda tf: dataset(tf).range(10).shuffle(4, 5, reshuffle_each_iteration=False).repeat(3),
    "shuffle, batch, repeat": lambda tf: dataset(tf).range(10).shuffle(4, seed=5).batch(3).repeat(3),
    "repeat, shuffle": lambda tf: dataset(tf).range(10).repeat(3).shuffle(4, seed=5),
    "batch": lambda tf: dataset(tf).from_tensor_slices((ROWS, list("abcdef"))).batch(4),
    "batch without rest": lambda tf: dataset(tf).from_tensor_slices(ROWS).batch(4, drop_remainder=True),
    "padded_batch": lambda tf: ragged(tf).padded_batch(3, [None]),
    "padded_batch with a value": lambda tf: ragged(tf).padded_batch(3, [6], padding_values=tf.constant(-1, tf.int64)),
    "skip, take, shard": lambda tf: dataset(tf).range(20).skip(3).take(9).shard(2, 1).cache().repeat(2).prefetch(2),
    "concatenate": lambda tf: dataset(tf).range(3).concatenate(dataset(tf).range(2)),
    "enumerate": lambda tf: dataset(tf).from_tensor_slices(["a", "b"]).enumerate(3),
    "from_generator": lambda tf: dataset(tf).from_generator(counted, (tf.int64, tf.int32), ([], [None])),
    "apply": lambda tf: dataset(tf).range(5).apply(lambda d: d.batch(2)),
    "cond in a map": lambda tf: dataset(tf).range(4).map(lambda x: tf.cond(x > 1, lambda: x * 2, lambda: x)),
}  # fmt: skip


def elements(tf, make, initializable, graph_seed=None):
    with tf.Graph().as_default(), tf.Session() as session:
        if graph_seed is not None:
            tf.set_random_seed(graph_seed)
        made = make(tf)
        if initializable:
            iterator = tf.data.make_initializable_iterator(made)
            session.run(iterator.initializer)
        else:
            iterator = tf.data.make_one_shot_iterator(made)
        element, found = iterator.get_next(), []
        while True:
            try:
                found.append(session.run(element))
            except tf.errors.OutOfRangeError:
                return found


@pytest.mark.parametrize("initializable", [False, True], ids=["one shot", "initializable"])
@pytest.mark.parametrize("name", DATASETS)
def test_elements(name, initializable):
    expected = elements(judge(), DATASETS[name], initializable)
    compare_values(elements(minitf, DATASETS[name], initializable), expected)


def test_the_graph_seed_decides_the_order():
    def make(tf):
        return dataset(tf).range(20).shuffle(20)

    expected = elements(judge(), make, True, graph_seed=3)
    compare_values(elements(minitf, make, True, graph_seed=3), expected)


def test_captured_tensors_and_placeholders():
    def program(tf):
        limit = tf.placeholder(tf.int64, [])
        found = dataset(tf).range(limit).map(lambda x: x * limit).batch(10)
        iterator = tf.data.make_initializable_iterator(found)
        element = iterator.get_next()
        return iterator.initializer, element, limit

    results = []
    for tf in (judge(), minitf):
        with tf.Graph().as_default(), tf.Session() as session:
            initializer, element, limit = program(tf)
            for value in (3, 5):
                session.run(initializer, {limit: value})
                results.append(session.run(element).tolist())
    assert results[:2] == results[2:]


def test_switching_iterators():
    results = []
    for tf in (judge(), minitf):
        with tf.Graph().as_default(), tf.Session() as session:
            a, b = dataset(tf).range(3), dataset(tf).range(10, 13)
            iterator = tf.data.Iterator.from_structure(a.output_types, a.output_shapes)
            first, second, element = (
                iterator.make_initializer(a),
                iterator.make_initializer(b),
                iterator.get_next(),
            )
            found = []
            for initializer in (first, second, first):
                session.run(initializer)
                found += [session.run(element), session.run(element)]
            handle = tf.placeholder(tf.string, [])
            fed = tf.data.Iterator.from_string_handle(handle, a.output_types, a.output_shapes).get_next()
            handles = [session.run(tf.data.make_one_shot_iterator(d).string_handle()) for d in (a, b)]
            found += [session.run(fed, {handle: handles[i]}) for i in (0, 1, 1, 0)]
            results.append([int(v) for v in found])
    assert results[0] == results[1]


def one_of(make):
    return lambda tf: (tf.data.make_one_shot_iterator(make(tf)).get_next(), {})


BATCH_UNEQUAL = one_of(lambda tf: ragged(tf).batch(3))
ERRORS = [
    BATCH_UNEQUAL,
    one_of(lambda tf: dataset(tf).range(3).batch(0)),
    one_of(lambda tf: dataset(tf).range(3).shuffle(0)),
    one_of(lambda tf: dataset(tf).from_tensor_slices(1)),
    one_of(lambda tf: dataset(tf).range(3).filter(lambda x: x)),
    one_of(lambda tf: dataset(tf).from_tensor_slices(tf.placeholder(tf.float32, [3]))),
    one_of(lambda tf: dataset(tf).range(0)),
    one_of(lambda tf: ragged(tf).padded_batch(4, [2])),
    one_of(lambda tf: dataset(tf).from_generator(lambda: iter(["x"]), tf.int64)),
    lambda tf: (tf.data.make_initializable_iterator(dataset(tf).range(3)).get_next(), {}),
    lambda tf: (dataset(tf).range(3).concatenate(dataset(tf).from_tensors(1.0)), {}),
    lambda tf: (
        tf.data.Iterator.from_structure(tf.int64, []).make_initializer(dataset(tf).from_tensors(1.0)),
        {},
    ),
]


@pytest.mark.parametrize("index", range(len(ERRORS)))
def test_errors(index):
    check_error(ERRORS[index])


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
@pytest.mark.parametrize("ours", [True, False])
def test_records(tf1, mtf, tmp_path, compression, ours):
    """Each reads what the other wrote."""
    writes, reads = (mtf, tf1) if ours else (tf1, mtf)
    path = str(tmp_path / "records")
    with writes.python_io.TFRecordWriter(path, writes.python_io.TFRecordOptions(compression)) as writer:
        for i in range(3):
            writer.write(b"%d" % i * i)
    found = elements(reads, lambda tf: tf.data.TFRecordDataset(path, compression), True)
    assert found == [b"", b"1", b"22"]


def test_lines_and_pieces(tmp_path):
    path = str(tmp_path / "lines")
    with open(path, "wb") as file:
        file.write(b"ab\r\n\ncd\nef")
    for make in (
        lambda tf: tf.data.TextLineDataset([path, path]).skip(1),
        lambda tf: tf.data.FixedLengthRecordDataset(path, 2, 1, 1),
    ):
        assert elements(minitf, make, True) == elements(judge(), make, True)


def example(tf, **features):
    kinds = {int: ("int64_list", tf.train.Int64List), float: ("float_list", tf.train.FloatList),
             bytes: ("bytes_list", tf.train.BytesList)}  # fmt: skip
    made = {}
    for name, values in features.items():
        field, kind = kinds[type(values[0])]
        made[name] = tf.train.Feature(**{field: kind(value=values)})
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


def serialized(tf):
    return [example(tf, a=[1.0, 2.0], b=[1], s=[b"x", b"y"], n=[1, 2, 3]), example(tf, a=[3.0, 4.0], n=[4])]


def test_examples_are_written_alike(tf1, mtf):
    assert [tf1.train.Example.FromString(e) for e in serialized(mtf)] == [
        tf1.train.Example.FromString(e) for e in serialized(tf1)
    ]


FEATURES = {
    "fixed": lambda tf: {"a": tf.FixedLenFeature([2], tf.float32)},
    "default": lambda tf: {"b": tf.FixedLenFeature([], tf.int64, default_value=9)},
    "sparse": lambda tf: {"s": tf.VarLenFeature(tf.string), "b": tf.VarLenFeature(tf.int64)},
    "sequence": lambda tf: {"n": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True)},
    "all": lambda tf: {
        "a": tf.FixedLenFeature([2], tf.float32), "s": tf.VarLenFeature(tf.string),
        "n": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True, default_value=-1),
    },
}  # fmt: skip


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("name", FEATURES)
def test_parse_example(name, single):
    def program(tf):
        data = serialized(tf)
        if single:
            return tf.parse_single_example(tf.constant(data[0]), FEATURES[name](tf)), {}
        return tf.parse_example(tf.constant(data), FEATURES[name](tf)), {}

    check(program, names=name != "all")


@pytest.mark.parametrize("features", [
    lambda tf: {"a": tf.FixedLenFeature([3], tf.float32)}, lambda tf: {"a": tf.FixedLenFeature([2], tf.int64)},
    lambda tf: {"missing": tf.FixedLenFeature([2], tf.float32)}, lambda tf: {"b": tf.FixedLenFeature([], tf.int64)},
], ids=range(4))  # fmt: skip
def test_parse_example_errors(features):
    check_error(lambda tf: (tf.parse_example(tf.constant(serialized(tf)), features(tf)), {}))
    check_error(lambda tf: (tf.parse_example(tf.constant(["\xff\xff\xff"]), features(tf)), {}))


def test_parse_sequence_example():
    def program(tf):
        kind = tf.train
        steps = [kind.Feature(int64_list=kind.Int64List(value=[i, i + 1])) for i in range(3)]
        words = [kind.Feature(bytes_list=kind.BytesList(value=[b"w"] * i)) for i in range(3)]
        message = kind.SequenceExample(
            context=kind.Features(feature={"length": kind.Feature(int64_list=kind.Int64List(value=[3]))}),
            feature_lists=kind.FeatureLists(feature_list={
                "steps": kind.FeatureList(feature=steps), "words": kind.FeatureList(feature=words),
            }),
        )  # fmt: skip
        return tf.parse_single_sequence_example(
            tf.constant(message.SerializeToString()), {"length": tf.FixedLenFeature([], tf.int64)},
            {"steps": tf.FixedLenSequenceFeature([2], tf.int64), "words": tf.VarLenFeature(tf.string)},
        ), {}  # fmt: skip

    check(program)


@pytest.mark.parametrize(("lines", "defaults", "options"), [
    (["1,a,2.5", "2,,3"], [[0], ["z"], [0.0]], {}),
    (['1,"a ""b"", c",2'], [[0], [""], [0]], {}),
    (["1;2"], [[0], [0]], {"field_delim": ";"}),
    (["NA,5"], [[7], [0]], {"na_value": "NA"}),
    (["1,2,3"], [[0], [0]], {"select_cols": [0, 2]}),
    (['"a",b'], [[""], [""]], {"use_quote_delim": False}),
], ids=range(6))  # fmt: skip
def test_decode_csv(lines, defaults, options):
    check(lambda tf: (tf.decode_csv(tf.constant(lines), defaults, **options), {}), names=True)


@pytest.mark.parametrize(("lines", "defaults"), [
    (["1"], [[0], [0]]), (["x"], [[0]]), ([","], [[], [0]]), (['"a'], [[""]]), (["99999999999"], [[0]]),
], ids=range(5))  # fmt: skip
def test_decode_csv_errors(lines, defaults):
    def program(tf):
        given = [d if d else tf.constant(d, tf.int32) for d in defaults]
        return tf.decode_csv(tf.constant(lines), given), {}

    check_error(program)


def test_queue_names_and_shapes():
    def program(tf):
        queue = tf.FIFOQueue(10, [tf.float32, tf.int32], [[2], []])
        put = queue.enqueue_many(([[1.0, 2.0], [3.0, 4.0]], [3, 4]))
        with tf.control_dependencies([put]):
            found = queue.dequeue_many(2)
        return [found, queue.size()][0], {}

    check(program, names=True)


def test_a_random_queue_gives_tensorflows_order():
    orders = []
    for tf in (judge(), minitf):
        with tf.Graph().as_default(), tf.Session() as session:
            queue = tf.RandomShuffleQueue(50, 3, tf.int32, [[]], seed=7)
            session.run(queue.enqueue_many([range(20)]))
            taken, several = queue.dequeue(), queue.dequeue_many(10)
            orders.append([int(session.run(taken)) for _ in range(5)] + session.run(several).tolist())
    assert orders[0] == orders[1]


def test_input_pipeline_names():
    def program(tf):
        rows = tf.train.slice_input_producer([np.arange(6), list("abcdef")], num_epochs=2, seed=1)
        names = tf.train.string_input_producer(["a", "b"], seed=2)
        tf.train.batch(rows, 3)
        tf.train.shuffle_batch(rows, 3, 20, 5, seed=4)
        return tf.constant(len(names.dtypes)), {}

    check(program, names=True)
