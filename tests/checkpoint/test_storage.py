"""One behaviour on every storage: files, checkpoints, what a failure leaves behind."""

import os
import sys

import numpy as np
import pytest

import minitf as tf
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.storage import storage_of


def test_files(folder):
    storage, path = storage_of(f"{folder}/a/file")
    inner = os.path.dirname(path)
    storage.make_folder(inner, parents=True)
    assert storage.list(f"{inner}/none") == []
    storage.write(path, b"first")
    storage.write(path, b"second one")
    assert storage.is_file(path) and storage.is_folder(inner) and not storage.is_file(inner)
    assert bytes(storage.read(path)) == b"second one" and bytes(storage.read(path, 2, 6)) == b"cond"
    assert bytes(storage.read(path, 7)) == b"one" and bytes(storage.read(path, 3, 3)) == b""
    assert storage.size(path) == 10 and storage.modified(path) > 1e9
    storage.copy(path, f"{inner}/copy")
    storage.write(path, b"third")
    storage.rename(f"{inner}/copy", path)
    assert storage.list(inner) == ["file"] and bytes(storage.read(path)) == b"second one"
    storage.remove(path)
    with pytest.raises(FileNotFoundError):
        storage.size(path)


def test_a_draft_that_is_not_published_leaves_nothing(folder):
    storage, path = storage_of(f"{folder}/file")
    storage.make_folder(os.path.dirname(path), parents=True)
    storage.write(path, b"good")
    for size in (10, 20 << 20):
        with pytest.raises(ZeroDivisionError), storage.draft(path) as draft:
            draft.write(bytes(size))
            1 / 0
        assert bytes(storage.read(path)) == b"good" and storage.list(os.path.dirname(path)) == ["file"]
    with storage.draft(path) as draft:
        draft.write(b"large ")
        draft.write(np.ones(20 << 20, np.uint8))
        draft.finish()
        draft.publish()
    assert storage.size(path) == 6 + (20 << 20) and bytes(storage.read(path, 4, 8)) == b"e \1\1"


@pytest.fixture
def session():
    tf.reset_default_graph()
    v = tf.Variable([1.0, 2.0], name="v")
    step = tf.train.get_or_create_global_step()
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        session.run(tf.global_variables_initializer())
        session.v, session.step = v, step
        yield session


def test_a_saver_and_its_readers(folder, session):
    saver = tf.train.Saver(max_to_keep=2)
    for step in range(1, 4):
        session.run([session.step.assign(step), session.v.assign([step, 0])])
        path = saver.save(session, f"{folder}/model", global_step=session.step)
        assert path == f"{folder}/model-{step}" == tf.train.latest_checkpoint(folder)
    storage, inner = storage_of(folder)
    kept = [f"model-{i}.{end}" for i in (2, 3) for end in ("data-00000-of-00001", "index", "meta")]
    assert storage.list(inner) == ["checkpoint", *kept]
    state = tf.train.get_checkpoint_state(folder)
    assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints == [f"{folder}/model-{i}" for i in (2, 3)]
    assert tf.train.list_variables(folder) == [("global_step", []), ("v", [2])]
    assert tf.train.load_variable(path, "v").tolist() == [3, 0]
    assert not tf.train.checkpoint_exists(f"{folder}/model-1") and tf.train.checkpoint_exists(path)
    session.run(session.v.assign([9, 9]))
    saver.restore(session, f"{folder}/model-2")
    assert session.run(session.v).tolist() == [2, 0]
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(f"{path}.meta").restore(other, path)
        assert other.run("v:0").tolist() == [3, 0]


def test_the_same_name_again(folder, session):
    saver = tf.train.Saver()
    for value in (1, 2):
        session.run(session.v.assign([value, value]))
        saver.save(session, f"{folder}/model")
        assert tf.train.load_variable(folder, "v").tolist() == [value, value]
    storage, inner = storage_of(folder)
    assert storage.list(inner) == ["checkpoint", "model.data-00000-of-00001", "model.index", "model.meta"]


def test_shards(folder, session):
    with tf.device("/cpu:1"):
        tf.Variable([5.0], name="w").initializer.run(session=session)
    saver = tf.train.Saver(sharded=True)
    storage_of(folder)[0].make_folder(storage_of(folder)[1], parents=True)
    for _ in range(2):
        path = saver.save(session, f"{folder}/model")
    assert tf.train.load_variable(path, "w").tolist() == [5] and tf.train.load_variable(path, "v").tolist() == [1, 2]
    storage, inner = storage_of(folder)
    data = [f"model.data-0000{i}-of-00002" for i in (0, 1)]
    assert storage.list(inner) == ["checkpoint", *data, "model.index", "model.meta"]
    saver.restore(session, path)


def test_one_tensor_is_fetched_by_itself(folder, monkeypatch):
    large, small = np.zeros(1 << 20), np.arange(10.0)
    write_bundle(f"{folder}/model", {"large": large, "small": small})
    storage, path = storage_of(f"{folder}/model")
    fetched = []
    original = type(storage).read
    monkeypatch.setattr(
        type(storage), "read", lambda *args: fetched.append(len(found := original(*args))) or found
    )
    monkeypatch.setattr(os, "preadv", lambda *args, preadv=os.preadv: fetched.append(n := preadv(*args)) or n)
    assert tf.train.load_variable(f"{folder}/model", "small").tolist() == small.tolist()
    assert sum(fetched) == storage.size(f"{path}.index") + small.nbytes
    fetched.clear()
    tf.train.list_variables(f"{folder}/model")
    assert sum(fetched) == storage.size(f"{path}.index")


def test_gfile(folder):
    path = f"{folder}/a/words.txt"
    tf.gfile.MakeDirs(f"{folder}/a")
    with tf.gfile.GFile(path, "w") as file:
        file.write("one\ntwo\n")
    with tf.gfile.GFile(path, "a") as file:
        file.write("drei\N{SNOWMAN}\n")
    with tf.gfile.GFile(path) as file:
        assert file.readline() == "one\n" and file.readlines() == ["two\n", "drei\N{SNOWMAN}\n"]
    assert tf.gfile.Exists(path) and tf.gfile.IsDirectory(f"{folder}/a") and not tf.gfile.Exists(f"{folder}/b")
    tf.gfile.Copy(path, f"{folder}/a/copy.txt")
    with pytest.raises(tf.errors.AlreadyExistsError):
        tf.gfile.Rename(path, f"{folder}/a/copy.txt")
    assert tf.gfile.Glob(f"{folder}/a/*.txt") == [f"{folder}/a/copy.txt", path]
    assert tf.gfile.ListDirectory(f"{folder}/a") == ["copy.txt", "words.txt"]
    assert [where[1:] for where in tf.gfile.Walk(folder)] == [(["a"], []), ([], ["copy.txt", "words.txt"])]
    assert tf.gfile.Stat(path).length == len("one\ntwo\ndrei\N{SNOWMAN}\n".encode())
    tf.gfile.Rename(f"{folder}/a/copy.txt", path, overwrite=True)
    tf.gfile.DeleteRecursively(f"{folder}/a")
    with pytest.raises(tf.errors.NotFoundError):
        tf.gfile.GFile(path).read()


def test_half_a_file_is_not_stored_behind_a_url(memory_folder):
    path = f"{memory_folder}/words.txt"
    tf.gfile.MakeDirs(memory_folder)
    with tf.gfile.GFile(path, "w") as file:
        file.write("old")
    with pytest.raises(ZeroDivisionError), tf.gfile.GFile(path, "w") as file:
        file.write("new")
        1 / 0
    assert tf.gfile.GFile(path).read() == "old"


def test_events_and_graphs(folder, session):
    with tf.summary.FileWriter(folder, session.graph, flush_secs=0) as writer:
        for step in range(3):
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=step)]), step)
    (path,) = tf.gfile.Glob(f"{folder}/events.*")
    events = list(tf.train.summary_iterator(path))
    assert [e.WhichOneof("what") for e in events] == ["file_version", "graph_def", *["summary"] * 3]
    path = tf.train.write_graph(session.graph, folder, "graph.pbtxt")
    assert path == f"{folder}/graph.pbtxt" and "VariableV2" in tf.gfile.GFile(path).read()


def test_event_files_behind_a_url_are_bounded(memory_folder, tmp_path, monkeypatch):
    """What is sent grows as what is logged, however long the run; the files are read as one log."""
    from minitf.checkpoint import remote
    from minitf.training import event_file

    sent, write = [], remote.ObjectStorage.write
    monkeypatch.setattr(event_file, "_LARGEST_OBJECT", 1 << 12)
    monkeypatch.setattr(
        remote.ObjectStorage, "write", lambda *args: (sent.append(len(args[2])), write(*args))[1]
    )
    totals = []
    with tf.summary.FileWriter(memory_folder) as writer:
        for step in range(1000):
            value = tf.Summary.Value(tag="loss", simple_value=step)
            writer.add_summary(tf.Summary(value=[value]), step)
            if step % 10 == 9:
                writer.flush()
            if step in (499, 999):
                totals.append(sum(sent))
    assert max(sent) < (1 << 12) + 1000 and totals[1] < 2.2 * totals[0]
    paths = sorted(tf.gfile.Glob(f"{memory_folder}/events.*"))
    events = [e for path in paths for e in tf.train.summary_iterator(path)]
    assert len(paths) > 5 and [e.step for e in events if e.HasField("summary")] == list(range(1000))
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    for path in paths:
        tf.gfile.Copy(path, str(tmp_path / os.path.basename(path)))
    board = accumulators.EventAccumulator(str(tmp_path), size_guidance={"scalars": 0})
    board.Reload()
    assert [e.value for e in board.Scalars("loss")] == list(range(1000))


def test_listing_reads_no_data(folder, session, monkeypatch):
    """Not a byte of the data file is read by what lists a checkpoint."""
    from minitf.checkpoint import ranged
    from minitf.observe.checkpoints import Checkpoint

    path = tf.train.Saver().save(session, f"{folder}/model", global_step=3)
    read = []

    def noted(kind, name, what):
        method = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *args: (read.append(what(*args)), method(*args))[1])

    noted(ranged.LocalFile, "read_into", lambda file, *_: os.readlink(f"/proc/self/fd/{file._file}"))
    noted(type(storage_of(path)[0]), "read", lambda storage, path, *_: path)
    assert tf.train.list_variables(path) == [("global_step", []), ("v", [2])]
    assert tf.train.latest_checkpoint(folder) == path and tf.train.checkpoint_exists(path)
    assert tf.train.load_checkpoint(path).get_variable_to_shape_map()["v"] == [2]
    assert tf.train.load_checkpoint(path).debug_string()
    if "://" not in folder:
        assert Checkpoint(path).line() == "2 tensors, 3 elements, 16 B"
    assert any(".index" in name for name in read)
    assert not [name for name in read if ".data-" in name]
    assert tf.train.load_variable(path, "v").tolist() == [1, 2]
    assert [name for name in read if ".data-" in name]


def test_hdfs_says_what_it_needs(monkeypatch):
    import fsspec

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'minitf\[hdfs\]'"):
        tf.train.latest_checkpoint("hdfs://nowhere:1/run")

    def no_hadoop(*args, **kw):
        raise OSError("Unable to load libhdfs: ./libhdfs.so: cannot open shared object file")

    monkeypatch.setattr(fsspec, "url_to_fs", no_hadoop)
    with pytest.raises(OSError, match=r"needs Java and Hadoop's libhdfs.*webhdfs"):
        tf.train.latest_checkpoint("hdfs://nowhere:1/run")


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
def test_records(folder, compression):
    options = tf.python_io.TFRecordOptions(compression)
    tf.gfile.MakeDirs(folder)
    with tf.python_io.TFRecordWriter(f"{folder}/records", options) as writer:
        writer.write(b"a")
        writer.write(b"b" * 1000)
    assert list(tf.python_io.tf_record_iterator(f"{folder}/records", options)) == [b"a", b"b" * 1000]


def test_a_saved_model(folder, session):
    y = session.v * 2.0
    tf.saved_model.simple_save(session, f"{folder}/model", {"in": session.v}, {"out": y})
    assert tf.saved_model.loader.maybe_saved_model_directory(f"{folder}/model")
    with tf.Graph().as_default(), tf.Session() as other:
        meta = tf.saved_model.loader.load(other, ["serve"], f"{folder}/model")
        assert other.run(meta.signature_def["serving_default"].outputs["out"].name).tolist() == [2, 4]
    with pytest.raises(AssertionError):
        tf.saved_model.simple_save(session, f"{folder}/model", {"in": session.v}, {"out": y})


def test_a_session_with_hooks(folder):
    for last in (3, 5):
        tf.reset_default_graph()
        tf.summary.FileWriterCache.clear()
        step = tf.train.get_or_create_global_step()
        train = tf.assign_add(step, 1)
        hooks, steps = [tf.train.StopAtStepHook(last_step=last)], []
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=folder, hooks=hooks, save_checkpoint_steps=2
        ) as running:
            while not running.should_stop():
                steps.append(int(running.run(train)))
        assert steps == ([1, 2, 3] if last == 3 else [4, 5])
    tf.summary.FileWriterCache.clear()
    assert tf.train.latest_checkpoint(folder) == f"{folder}/model.ckpt-5"
    assert tf.gfile.Exists(f"{folder}/graph.pbtxt") and tf.gfile.Glob(f"{folder}/events.*")


def test_a_rename_that_does_not_happen_is_noticed(webhdfs_folder, hdfs_server, session):
    saver = tf.train.Saver()
    saver.save(session, f"{webhdfs_folder}/model", global_step=1)
    session.run(session.v.assign([3, 4]))
    hdfs_server.refuses_renames = True
    with pytest.raises(tf.errors.UnknownError, match="did not rename"):
        saver.save(session, f"{webhdfs_folder}/model", global_step=2)
    hdfs_server.refuses_renames = False
    assert tf.train.latest_checkpoint(webhdfs_folder) == f"{webhdfs_folder}/model-1"
    assert tf.train.load_variable(webhdfs_folder, "v").tolist() == [1, 2]
    saver.save(session, f"{webhdfs_folder}/model", global_step=2)
    assert tf.train.load_variable(webhdfs_folder, "v").tolist() == [3, 4]


def test_an_upload_that_breaks_off_is_aborted(s3_folder):
    storage, path = storage_of(f"{s3_folder}/file")
    storage.write(path, b"good")
    with pytest.raises(ZeroDivisionError), storage.draft(path) as draft:
        draft.write(bytes(40 << 20))
        assert storage.system.call_s3("list_multipart_uploads", Bucket="bucket").get("Uploads")
        1 / 0
    assert bytes(storage.read(path)) == b"good"
    assert not storage.system.call_s3("list_multipart_uploads", Bucket="bucket").get("Uploads")


def test_a_storage_that_can_t_be_reached(monkeypatch, session, s3_folder):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(tf.errors.UnknownError):
        tf.train.Saver().save(session, f"{s3_folder}/model")
    s3fs.S3FileSystem.clear_instance_cache()


def test_neighbours_are_fetched_together(folder, monkeypatch):
    tensors = {f"v{i:03d}": np.full(i % 7, float(i)) for i in range(100)}
    write_bundle(f"{folder}/model", tensors)
    reader = tf.train.NewCheckpointReader(f"{folder}/model")
    storage, _ = storage_of(folder)
    asked, original = [], type(storage).read
    monkeypatch.setattr(type(storage), "read", lambda *args: asked.append(args[2:]) or original(*args))
    for _ in range(2):
        found = reader.get_tensors(list(tensors))
        assert all(np.array_equal(f, t) for f, t in zip(found, tensors.values(), strict=True))
    assert len(asked) == (2 if "://" in folder else 0)
    asked.clear()
    reader.get_tensors(["v003", "v005", "v006"])
    assert len(asked) == (2 if "://" in folder else 0)
