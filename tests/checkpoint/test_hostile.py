"""Files that lie are refused with one error, which says what is wrong and where."""

import os

import pytest

from minitf import errors
from minitf.checkpoint.reader import BundleReader
from tests.checkpoint import hostile


def test_the_forger_can_tell_the_truth(tmp_path):
    found = hostile.read(hostile.good(tmp_path))
    assert {name: value.tolist() for name, value in found.items()} == {
        "a": [4, 5], "s": [b"ab", b"c"], "v": [0, 1, 2, 3],
    }  # fmt: skip


@pytest.mark.parametrize("name", hostile.BUNDLES)
def test_a_checkpoint_that_lies_is_refused(tmp_path, name):
    prefix = hostile.BUNDLES[name](tmp_path)
    with pytest.raises(errors.DataLossError) as caught:
        hostile.read(prefix)
    assert "ckpt" in caught.value.message and len(caught.value.message) < 400


def test_what_is_wrong_with_one_tensor_is_said_when_it_is_read(tmp_path):
    prefix = hostile.BUNDLES["wrong checksum of the data"](tmp_path)
    assert BundleReader(prefix).get_variable_to_shape_map() == {"a": [2]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_in_place_of_the_data_is_not_waited_for(tmp_path):
    prefix = hostile.good(tmp_path)
    data = f"{prefix}.data-00000-of-00001"
    os.remove(data)
    os.mkfifo(data)
    with pytest.raises(errors.DataLossError):
        hostile.read(prefix)
