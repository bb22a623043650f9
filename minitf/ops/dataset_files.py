"""Datasets of what files hold: lines, records, pieces of fixed length."""

import numpy as np

from minitf import errors
from minitf.checkpoint.records import open_to_read, tf_record_iterator
from minitf.ops.datasets import _Dataset


def one_string(text):
    out = np.empty((), object)
    out[()] = text
    return out


class TextLineDataset(_Dataset):
    """The lines of files, without their ends."""

    inputs = {"filenames": "string", "compression_type": "string", "buffer_size": "int64"}
    reaches = "reads files"

    @staticmethod
    def elements(recipe, filenames, compression_type, buffer_size):
        for name in filenames.reshape(-1).tolist():
            for line in lines_of(open_to_read(name.decode(), compression_type.item().decode())):
                yield [one_string(line)]


def lines_of(file):
    """The lines of an opened file, without `\\n` or `\\r\\n`."""
    rest = b""
    with file:
        while chunk := file.read(1 << 16):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r")
    if rest:
        yield rest.removesuffix(b"\r")


class TFRecordDataset(_Dataset):
    """The records of record files."""

    inputs = {"filenames": "string", "compression_type": "string", "buffer_size": "int64"}
    reaches = "reads files"

    @staticmethod
    def elements(recipe, filenames, compression_type, buffer_size):
        for name in filenames.reshape(-1).tolist():
            for record in tf_record_iterator(name, compression_type.item().decode()):
                yield [one_string(record)]


class FixedLengthRecordDatasetV2(_Dataset):
    """Pieces of `record_bytes` bytes, between a header and a footer."""

    inputs = {
        "filenames": "string", "header_bytes": "int64", "record_bytes": "int64", "footer_bytes": "int64",
        "buffer_size": "int64", "compression_type": "string",
    }  # fmt: skip
    reaches = "reads files"

    @staticmethod
    def elements(recipe, filenames, header_bytes, record_bytes, footer_bytes, buffer_size, compression_type):
        for name in filenames.reshape(-1).tolist():
            for record in pieces_of(recipe.op, name.decode(), int(header_bytes), int(record_bytes), int(footer_bytes),
                                    compression_type.item().decode()):  # fmt: skip
                yield [one_string(record)]


def pieces_of(op, name, header, size, footer, compression=""):
    """The pieces of a file.  Raises InvalidArgumentError where its length does not fit."""
    with open_to_read(name, compression) as file:
        file.read(header)
        waiting = b""
        while chunk := file.read(max(size + footer, 1 << 16)):
            waiting += chunk
            whole = max(0, len(waiting) - footer) // size
            for i in range(whole):
                yield waiting[i * size : (i + 1) * size]
            waiting = waiting[whole * size :]
    if len(waiting) != footer:
        raise errors.InvalidArgumentError(
            None, op, f"Excess bytes in {name}: expected records of {size} bytes between a header of {header} and "
            f"a footer of {footer} bytes"
        )  # fmt: skip
