"""Record files, compressed and not, sound and damaged."""

import pytest

from minitf import errors, python_io

RECORDS = [b"", b"a", b"x" * 100000]


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB", 1, 2, None])
def test_records_come_back(tmp_path, compression):
    path = str(tmp_path / "records")
    options = python_io.TFRecordOptions(compression)
    with python_io.TFRecordWriter(path, options) as writer:
        for record in RECORDS:
            writer.write(record)
    assert list(python_io.tf_record_iterator(path, options)) == RECORDS


def test_damage_is_found(tmp_path):
    path = tmp_path / "records"
    with python_io.TFRecordWriter(str(path)) as writer:
        writer.write(b"hello")
    for data in (path.read_bytes()[:-1], path.read_bytes().replace(b"hello", b"hallo")):
        path.write_bytes(data)
        with pytest.raises(errors.DataLossError):
            list(python_io.tf_record_iterator(str(path)))


def test_unknown_compression_and_missing_file(tmp_path):
    with pytest.raises(ValueError):
        python_io.TFRecordOptions("LZW")
    with pytest.raises(errors.NotFoundError):
        next(python_io.tf_record_iterator(str(tmp_path / "none")))
