"""tf.flags, tf.app, tf.gfile, tf.logging."""

import pytest

import minitf as tf
from minitf import flags as flag_module


@pytest.fixture
def values():
    made = flag_module._FlagValues()
    for define, name, default in [
        (tf.flags.DEFINE_string, "name", "x"), (tf.flags.DEFINE_integer, "batch_size", 5),
        (tf.flags.DEFINE_float, "rate", 0.1), (tf.flags.DEFINE_boolean, "train", False),
    ]:  # fmt: skip
        define(name, default, "help", flag_values=made)
    return made


def test_every_form(values):
    words = ["prog", "--name=a", "--batch_size", "7", "-rate=2", "--train", "rest", "--batch-size=8", "--", "--name=b"]
    assert values(words) == ["prog", "rest", "--name=b"]
    assert values.flag_values_dict() == {"name": "a", "batch_size": 8, "rate": 2.0, "train": True}


@pytest.mark.parametrize(
    ("word", "expected"), [("--train=false", False), ("--notrain", False), ("--train=1", True)]
)
def test_booleans(values, word, expected):
    values(["prog", "--train", word])
    assert values.train is expected


def test_mistakes(values):
    with pytest.raises(tf.flags.Error):
        values(["prog", "--unknown=1"])
    with pytest.raises(tf.flags.Error):
        values(["prog", "--batch_size=many"])
    assert values(["prog", "--unknown"], known_only=True) == ["prog", "--unknown"]
    with pytest.raises(AttributeError):
        values.unknown
    with pytest.raises(tf.flags.Error):
        tf.flags.DEFINE_string("name", "another", "help", flag_values=values)


def test_assignment(values):
    values(["prog"])
    values.rate = 3.0
    assert values.rate == 3.0


def test_run_calls_main_and_exits(monkeypatch):
    calls = []
    with pytest.raises(SystemExit) as exit_:
        tf.app.run(main=lambda argv: calls.append(argv) or 3, argv=["prog", "word"])
    assert calls == [["prog", "word"]] and exit_.value.code == 3


def test_files(tmp_path):
    path = str(tmp_path / "a" / "b.txt")
    assert not tf.gfile.Exists(path)
    tf.gfile.MakeDirs(str(tmp_path / "a"))
    with tf.gfile.GFile(path, "w") as file:
        file.write("one\ntwo\n")
    with tf.gfile.Open(path) as file:
        assert file.readline() == "one\n" and file.read() == "two\n" and file.size() == 8
    assert list(tf.gfile.GFile(path, "rb")) == [b"one\n", b"two\n"]
    tf.gfile.Copy(path, path + "2")
    with pytest.raises(tf.errors.AlreadyExistsError):
        tf.gfile.Copy(path, path + "2")
    assert tf.gfile.Glob(str(tmp_path / "a" / "*")) == [path, path + "2"]
    assert sorted(tf.gfile.ListDirectory(str(tmp_path / "a"))) == ["b.txt", "b.txt2"]
    tf.gfile.Rename(path + "2", path, overwrite=True)
    tf.gfile.DeleteRecursively(str(tmp_path / "a"))
    assert not tf.gfile.IsDirectory(str(tmp_path / "a"))
    with pytest.raises(tf.errors.NotFoundError):
        tf.gfile.Remove(path)
    with pytest.raises(tf.errors.NotFoundError):
        tf.gfile.GFile(path).read()


def test_logging_shows_what_is_asked_for(capsys):
    level = tf.logging.get_verbosity()
    try:
        tf.logging.set_verbosity(tf.logging.INFO)
        tf.logging.info("value %d", 3)
        tf.logging.debug("hidden")
        assert capsys.readouterr().err == "INFO:tensorflow:value 3\n"
    finally:
        tf.logging.set_verbosity(level)
