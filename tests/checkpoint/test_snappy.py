"""Compressed index blocks: what the Snappy library packs is unpacked, and a checkpoint may be packed so."""

import numpy as np
import pytest

from minitf import errors
from minitf.checkpoint import commit
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.reader import BundleReader
from minitf.checkpoint.snappy import decompress
from minitf.checkpoint.table import read_table
from tests.checkpoint.forge import block, entries_block, table

PIECES = [b"", b"a", b"abcd" * 3, b"x" * 70_000, bytes(range(256)) * 300]


def test_copies_of_what_is_being_copied():
    assert decompress(bytes([8, 3 << 2]) + b"abcd" + bytes([(4 - 4) << 2 | 1, 4])) == b"abcdabcd"
    assert decompress(bytes([12, 1 << 2]) + b"ab" + bytes([9 << 2 | 2, 2, 0])) == b"ab" * 6


@pytest.mark.parametrize("piece", range(len(PIECES) + 1))
def test_what_the_library_packs(piece):
    snappy = pytest.importorskip("snappy")
    rng = np.random.default_rng(0)
    data = (*PIECES, rng.integers(0, 3, 100_000).astype(np.uint8).tobytes())[piece]
    assert decompress(bytes(snappy.compress(data))) == data


def test_a_packed_index(tmp_path):
    snappy = pytest.importorskip("snappy")
    prefix = str(tmp_path / "ckpt")
    tensors = {f"layer_{i}/kernel": np.full((2, 2), i, np.float32) for i in range(300)}
    write_bundle(prefix, tensors)
    with open(commit.index_name(prefix), "rb") as file:
        items = read_table(file.read())
    blocks = [block(*entries_block(part)) for part in (items[:100], items[100:])]
    packed = [bytes(snappy.compress(b)) for b in blocks]
    assert sum(map(len, packed)) < sum(map(len, blocks)) / 2
    with open(commit.index_name(prefix), "wb") as file:
        file.write(table(packed, [items[99][0], b"z"], kind=1))
    found = BundleReader(prefix)
    assert {n: found.get_tensor(n)[0, 0] for n in tensors} == {n: a[0, 0] for n, a in tensors.items()}


def test_an_unfinished_stream():
    with pytest.raises(errors.DataLossError):
        decompress(bytes([200]))
