"""Checkpoints to safetensors files and back."""

import ml_dtypes
import numpy as np
import pytest

import minitf as tf
from minitf.checkpoint.bundle import write_bundle

safetensors = pytest.importorskip("safetensors")

TENSORS = {
    "a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "step": np.array(7, np.int64),
    "half": np.arange(3).astype(np.float16), "brain": np.arange(3).astype(ml_dtypes.bfloat16),
    "flags": np.array([True, False]), "none": np.zeros((0, 2)), "bytes": np.arange(3, dtype=np.uint8),
    "complex": np.array([1 + 2j], np.complex64),
}  # fmt: skip


def test_there_and_back(tmp_path):
    write_bundle(str(tmp_path / "one"), TENSORS)
    tf.train.export_safetensors(str(tmp_path / "one"), tmp_path / "file.safetensors")
    prefix = tf.train.import_safetensors(tmp_path / "file.safetensors", tmp_path / "two")
    found = tf.train.load_checkpoint(prefix)
    for name, array in TENSORS.items():
        again = found.get_tensor(name)
        assert again.dtype == array.dtype and np.array_equal(again, array) and again.shape == array.shape


def test_the_package_itself_reads_it(tmp_path):
    write_bundle(str(tmp_path / "one"), TENSORS)
    tf.train.export_safetensors(str(tmp_path / "one"), tmp_path / "file.safetensors", names=["a/kernel", "step"])
    from safetensors.numpy import load_file

    found = load_file(tmp_path / "file.safetensors")
    assert set(found) == {"a/kernel", "step"} and np.array_equal(found["a/kernel"], TENSORS["a/kernel"])


def test_what_such_a_file_can_not_hold(tmp_path):
    write_bundle(str(tmp_path / "one"), {"text": np.array([b"a"], object), "z": np.zeros(2, np.complex128)})
    with pytest.raises(ValueError, match="text, z"):
        tf.train.export_safetensors(str(tmp_path / "one"), tmp_path / "file")
    with pytest.raises(tf.errors.NotFoundError):
        tf.train.export_safetensors(str(tmp_path / "one"), tmp_path / "file", names=["nothing"])


def test_no_file_and_no_safetensors_file(tmp_path):
    with pytest.raises(tf.errors.NotFoundError):
        tf.train.import_safetensors(tmp_path / "none", tmp_path / "two")
    (tmp_path / "file").write_bytes(b"\xff" * 40)
    with pytest.raises(tf.errors.DataLossError):
        tf.train.import_safetensors(tmp_path / "file", tmp_path / "two")
