"""Checkpoint files: what is written is read back, and damaged files are refused."""

import os

import ml_dtypes
import numpy as np
import pytest
from crc32c import crc32c

from minitf import errors
from minitf.checkpoint import bundle, table
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.merging import merge_bundles
from minitf.checkpoint.reader import BundleReader
from minitf.graph.messages import BundleEntryProto


def strings(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


TENSORS = {
    "float": np.arange(6, dtype=np.float32).reshape(2, 3),
    "scalar": np.array(7, np.int64),
    "empty": np.zeros((0, 3), np.float64),
    "bool": np.array([True, False]),
    "half": np.arange(3, dtype=np.float16),
    "bfloat": np.arange(3).astype(ml_dtypes.bfloat16),
    "complex": np.array([1 + 2j], np.complex64),
    "strings": strings(b"", b"abc", "\N{SNOWMAN}".encode()),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}


@pytest.fixture
def prefix(tmp_path):
    write_bundle(str(tmp_path / "ckpt"), TENSORS)
    return str(tmp_path / "ckpt")


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_comes_back(prefix, name):
    found = BundleReader(prefix).get_tensor(name)
    assert found.dtype == TENSORS[name].dtype and found.shape == TENSORS[name].shape
    assert found.tolist() == TENSORS[name].tolist()


def test_no_temporary_file_stays(prefix, tmp_path):
    assert sorted(os.listdir(tmp_path)) == ["ckpt.data-00000-of-00001", "ckpt.index"]


def test_slices_are_joined(tmp_path):
    whole = np.arange(20.0).reshape(5, 4)
    parts = [("v", (5, 4), [(0, 2), (0, 4)], whole[:2]), ("v", (5, 4), [(2, 3), (0, 4)], whole[2:])]
    write_bundle(str(tmp_path / "ckpt"), {"w": np.zeros(2)}, parts)
    reader = BundleReader(str(tmp_path / "ckpt"))
    assert reader.get_variable_to_shape_map() == {"v": [5, 4], "w": [2]}
    assert np.array_equal(reader.get_tensor("v"), whole)


def test_many_keys_need_several_blocks(tmp_path):
    tensors = {f"layer_{i:05d}/a_rather_long_name_of_a_variable": np.array(i) for i in range(9000)}
    write_bundle(str(tmp_path / "ckpt"), tensors)
    reader = BundleReader(str(tmp_path / "ckpt"))
    assert len(reader.entries) == 9000
    assert reader.get_tensor("layer_08999/a_rather_long_name_of_a_variable") == 8999


def test_missing_checkpoint_and_missing_name(prefix, tmp_path):
    with pytest.raises(errors.NotFoundError):
        BundleReader(str(tmp_path / "none"))
    with pytest.raises(errors.NotFoundError):
        BundleReader(prefix).get_tensor("none")


def test_a_flipped_bit_in_the_data_is_found(prefix):
    with open(bundle.data_name(prefix), "r+b") as file:
        file.seek(2)
        byte = file.read(1)
        file.seek(2)
        file.write(bytes([byte[0] ^ 1]))
    reader = BundleReader(prefix)
    with pytest.raises(errors.DataLossError):
        for name in TENSORS:
            reader.get_tensor(name)


@pytest.mark.parametrize("cut", [1, 20, 47, 60])
def test_a_cut_index_is_refused(prefix, cut):
    with open(bundle.index_name(prefix), "r+b") as file:
        file.truncate(os.path.getsize(bundle.index_name(prefix)) - cut)
    with pytest.raises(errors.DataLossError):
        BundleReader(prefix)


def test_every_damaged_byte_of_an_index_is_refused_or_harmless(tmp_path):
    prefix = str(tmp_path / "ckpt")
    write_bundle(prefix, {"a": np.arange(3.0), "b": strings(b"x")})
    path = bundle.index_name(prefix)
    with open(path, "rb") as file:
        sound = file.read()
    for i in range(len(sound)):
        with open(path, "wb") as file:
            file.write(sound[:i] + bytes([sound[i] ^ 0x55]) + sound[i + 1 :])
        try:
            reader = BundleReader(prefix)
            [reader.get_tensor(n) for n in reader.entries]
        except errors.DataLossError:
            continue


def lying(tmp_path, **fields):
    """A checkpoint whose one entry says something untrue, with good checksums everywhere."""
    prefix = str(tmp_path / "ckpt")
    write_bundle(prefix, {"a": np.arange(3.0)})
    with open(bundle.index_name(prefix), "rb") as file:
        (head_key, head), (key, value) = table.read_table(file.read())
    entry = BundleEntryProto.FromString(value)
    for name, wrong in fields.items():
        if name == "sizes":
            del entry.shape.dim[:]
            for size in wrong:
                entry.shape.dim.add(size=size)
        else:
            setattr(entry, name, wrong)
    with open(bundle.index_name(prefix), "wb") as file:
        file.write(table.write_table([(head_key, head), (key, entry.SerializeToString())]))
    return prefix


@pytest.mark.parametrize(
    "fields",
    [{"dtype": 99}, {"dtype": 101}, {"sizes": [-1]}, {"sizes": [1] * 300}, {"sizes": [1 << 40, 1 << 40]},
     {"offset": 1 << 62}, {"offset": -8}, {"size": 16}, {"shard_id": 7}],
    ids=str,
)  # fmt: skip
def test_a_lying_entry_is_refused(tmp_path, fields):
    prefix = lying(tmp_path, **fields)
    with pytest.raises(errors.DataLossError):
        BundleReader(prefix).get_tensor("a")


@pytest.mark.parametrize("fields", [{"dtype": 99}, {"shard_id": 7}], ids=str)
def test_a_lying_entry_is_not_merged(tmp_path, fields):
    with pytest.raises(errors.DataLossError, match=r"\.index"):
        merge_bundles([lying(tmp_path, **fields)], str(tmp_path / "whole"))


@pytest.mark.parametrize("items", [[], [(b"", b"\xff")], [(b"", b"\x08\x01"), (b"a", b"\xff")]], ids=str)
def test_an_index_that_holds_no_messages_is_not_merged(tmp_path, items):
    (tmp_path / "part.index").write_bytes(table.write_table(items))
    with pytest.raises(errors.DataLossError):
        merge_bundles([str(tmp_path / "part")], str(tmp_path / "whole"))


def test_checksums_are_masked_as_in_leveldb():
    assert crc32c(b"123456789") == 0xE3069283  # the check value of the polynomial
    assert table.mask(0) == 0xA282EAD8
