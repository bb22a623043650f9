"""Summaries are TensorFlow's byte for byte (pictures: pixel for pixel), and so are the names in the graph."""

import os

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error

X = np.linspace(-3, 5, 40).astype(np.float32)
PICTURES = np.random.default_rng(0).standard_normal((2, 4, 5, 3)).astype(np.float32)
SOUND = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 12)

PROGRAMS = {
    "scalar": lambda tf: tf.summary.scalar("lo ss", tf.constant(1.25)),
    "scalar of integers": lambda tf: tf.summary.scalar("n", tf.constant(3)),
    "family": lambda tf: tf.summary.scalar("n", tf.constant(3.0), family="f"),
    "histogram": lambda tf: tf.summary.histogram("h", tf.constant(X)),
    "histogram of nothing": lambda tf: tf.summary.histogram("h", tf.constant(X[:0])),
    "histogram of integers": lambda tf: tf.summary.histogram("h", tf.constant([1, 1, 2, -7])),
    "histogram of extremes": lambda tf: tf.summary.histogram("h", tf.constant([0.0, 1e30, -1e30, 1e-30])),
    "text": lambda tf: tf.summary.text("t", tf.constant(["a", "b"])),
    "audio": lambda tf: tf.summary.audio("a", tf.constant(SOUND), 8.0),
    "audio, one": lambda tf: tf.summary.audio("a", tf.constant(SOUND[:, :, None]), 8.0, max_outputs=1),
    "tensor": lambda tf: tf.summary.tensor_summary("ts", tf.constant(X)),
    "merge": lambda tf: tf.summary.merge([tf.summary.scalar("a", 1.0), tf.summary.scalar("b", 2.0)]),
    "merge_all": lambda tf: [
        tf.summary.scalar("a", 1.0),
        tf.summary.scalar("a", 2.0),
        tf.summary.merge_all(),
    ][-1],
}


def in_scope(program):
    def wrapped(tf):
        with tf.name_scope("scope"):
            return program(tf), {}

    return wrapped


@pytest.mark.parametrize("name", PROGRAMS)
def test_bytes_and_names(name):
    check(in_scope(PROGRAMS[name]), names=True)


@pytest.mark.parametrize("program", [
    lambda tf: (tf.summary.histogram("h", tf.constant([np.nan])), {}),
    lambda tf: (tf.summary.histogram("h", tf.constant([np.inf])), {}),
    lambda tf: (tf.summary.image("i", tf.constant(PICTURES[..., :2])), {}),
    lambda tf: (tf.summary.image("i", tf.constant(X)), {}),
    lambda tf: (tf.summary.merge([tf.constant("no message")]), {}),
    lambda tf: (tf.summary.merge([tf.summary.scalar("a", 1.0)] * 2), {}),
    lambda tf: (tf.summary.text("t", tf.constant(1)), {}),
], ids=range(7))  # fmt: skip
def test_errors(program):
    check_error(program)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", ["signed", "positive", "bytes", "not finite", "black"])
def test_pictures(tf1, mtf, channels, kind):
    values = np.random.default_rng(1).standard_normal((2, 4, 5, channels)).astype(np.float32)
    values = {
        "signed": values, "positive": np.abs(values), "bytes": (np.abs(values) * 50).astype(np.uint8),
        "not finite": np.where(values > 1, np.float32(np.nan), values), "black": values * 0,
    }[kind]  # fmt: skip
    summaries = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default(), tf.Session() as session:
            summaries.append(tf1.Summary.FromString(session.run(tf.summary.image("i", tf.constant(values)))))
    with tf1.Graph().as_default(), tf1.Session() as session:
        for a, b in zip(summaries[0].value, summaries[1].value, strict=True):
            assert (a.tag, a.image.height, a.image.colorspace) == (b.tag, b.image.height, b.image.colorspace)
            pixels = [session.run(tf1.image.decode_png(v.image.encoded_image_string)) for v in (a, b)]
            assert np.array_equal(*pixels)


def test_tensorflow_reads_our_event_files(tf1, mtf, tmp_path):
    with mtf.Graph().as_default() as graph, mtf.Session() as session:
        merged = mtf.summary.merge([mtf.summary.scalar("a", 1.5), mtf.summary.text("t", mtf.constant("x"))])
        with mtf.summary.FileWriter(str(tmp_path), graph) as writer:
            for step in range(3):
                writer.add_summary(session.run(merged), step)
            writer.add_summary(mtf.Summary(value=[mtf.Summary.Value(tag="own", simple_value=2.0)]), 9)
    path = str(tmp_path / os.listdir(tmp_path)[0])
    for read in (tf1.train.summary_iterator, mtf.train.summary_iterator):
        events = list(read(path))
        assert [e.step for e in events] == [0, 0, 0, 1, 2, 9]
        assert events[0].file_version == "brain.Event:2"
        graph_def = tf1.GraphDef.FromString(events[1].graph_def)
        assert [n.name for n in graph_def.node] == [op.name for op in graph.get_operations()]
        assert events[-1].summary.value[0].simple_value == 2.0
        described = [v.HasField("metadata") for e in events for v in e.summary.value if v.tag == "t"]
        assert described == [True, False, False]


def test_a_traced_run(mtf, tmp_path):
    with mtf.Session() as session:
        metadata = mtf.RunMetadata()
        options = mtf.RunOptions(trace_level=mtf.RunOptions.FULL_TRACE)
        session.run(mtf.constant(2.0) * 3.0, options=options, run_metadata=metadata)
    with mtf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_run_metadata(metadata, "step 1", 1)
        with pytest.raises(ValueError):
            writer.add_run_metadata(metadata, "step 1", 2)
    event = list(minitf.train.summary_iterator(str(tmp_path / os.listdir(tmp_path)[0])))[-1]
    assert event.tagged_run_metadata.tag == "step 1"


def test_tensorboard_reads_our_event_files(mtf, tmp_path):
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with mtf.Graph().as_default() as graph, mtf.Session() as session:
        merged = mtf.summary.merge([
            mtf.summary.scalar("loss", mtf.placeholder_with_default(1.5, [], name="value")),
            mtf.summary.histogram("weights", mtf.constant(X)), mtf.summary.image("picture", mtf.constant(PICTURES)),
            mtf.summary.audio("sound", mtf.constant(SOUND), 8000.0),
            mtf.summary.text("note", mtf.constant("*ready*")),
        ])  # fmt: skip
        with mtf.summary.FileWriter(str(tmp_path), graph) as writer:
            for step in range(20):
                writer.add_summary(session.run(merged, {"value:0": step / 2}), step)
    board = accumulators.EventAccumulator(str(tmp_path))
    board.Reload()
    assert [(e.step, e.value) for e in board.Scalars("loss")] == [(i, i / 2) for i in range(20)]
    histogram = board.Histograms("weights")[0].histogram_value
    assert histogram.num == X.size and histogram.min == X.min() and histogram.max == X.max()
    assert board.Images("picture/image/0")[0].encoded_image_string.startswith(b"\x89PNG")
    assert board.Audio("sound/audio/0")[0].encoded_audio_string.startswith(b"RIFF")
    assert board.Tensors("note")[0].tensor_proto.string_val == [b"*ready*"]
    assert len(board.Graph().node) == len(graph.get_operations())


def test_a_file_that_is_being_written(tf1, mtf, tmp_path):
    """All whole events come, then both end alike."""
    with tf1.Graph().as_default(), tf1.summary.FileWriter(str(tmp_path)) as writer:
        for step in range(5):
            writer.add_summary(tf1.Summary(value=[tf1.Summary.Value(tag="a", simple_value=step)]), step)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for cut in range(1, 39):
        path.write_bytes(whole[:-cut])
        ours, theirs = (_events_of(tf, str(path)) for tf in (mtf, tf1))
        assert ours == theirs, cut


def _events_of(tf, path):
    """The steps of a file's events, and the error at its end, if any."""
    steps = []
    try:
        for event in tf.train.summary_iterator(path):
            steps.append(event.step)
    except tf.errors.DataLossError as error:
        return steps, "truncated record" in error.message
    return steps, None
