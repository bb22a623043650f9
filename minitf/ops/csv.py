"""Lines of comma-separated values to tensors, one per column."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op


class DecodeCSV(Op):
    """The columns of lines of comma-separated values; empty fields take their default.

    Source of the format: RFC 4180.
    """

    inputs = {"records": "string", "*record_defaults": "any"}
    attrs = {"field_delim": ",", "use_quote_delim": True, "na_value": "", "select_cols": []}
    gradient = None
    examples = [
        example(
            array(np.array([b"1,b", b",'"], object)),
            [array(np.array([7], np.int32)), array(np.array([], object))],
        )
    ]

    def infer(op, records, *record_defaults):
        for default in record_defaults:
            if default.shape.ndims is not None and default.shape.ndims > 1:
                raise ValueError("Shape must be at most rank 1 for a default")
            if default.shape.ndims == 1 and default.shape.sizes[0] not in (None, 0, 1):
                raise ValueError("Shape of a default must be a length-0 or length-1 vector, or a scalar.")
        op.attrs.setdefault("OUT_TYPE", [d.dtype for d in record_defaults])
        return [(records.shape, d.dtype) for d in record_defaults]

    def numpy(op, records, *defaults):
        columns = [np.empty(records.shape, d.dtype) for d in defaults]
        for number, place in enumerate(np.ndindex(*records.shape)):
            fields = _fields(op, records[place].decode("utf-8", "surrogateescape"), number)
            chosen = op.attrs["select_cols"]
            if chosen:
                fields = [fields[i] if i < len(fields) else "" for i in chosen]
            if len(fields) != len(defaults):
                raise errors.InvalidArgumentError(
                    None, op, f"Expect {len(defaults)} fields but have {len(fields)} in record {number}"
                )
            for i, (field, default) in enumerate(zip(fields, defaults, strict=True)):
                columns[i][place] = _parse_field(op, field, default, i, number)
        return columns


def _fields(op, line, number):
    """The fields of a line; quotes may hold delimiters, and a doubled quote stands for one."""
    delimiter, quotes = op.attrs["field_delim"], op.attrs["use_quote_delim"]
    if not quotes:
        return line.split(delimiter)
    fields, i = [], 0
    while True:
        if i < len(line) and line[i] == '"':
            end, text = i + 1, ""
            while True:
                close = line.find('"', end)
                if close < 0:
                    raise errors.InvalidArgumentError(None, op, f"Quoted field has to end with quote followed by delim "
                                                                f"or end (record {number})")  # fmt: skip
                text += line[end:close]
                if line[close + 1 : close + 2] != '"':
                    break
                text, end = text + '"', close + 2
            fields.append(text)
            i = close + 1
            if i < len(line) and line[i] != delimiter:
                raise errors.InvalidArgumentError(
                    None, op, "Quoted field has to end with quote followed by delim or end"
                )
        else:
            end = line.find(delimiter, i)
            text = line[i:] if end < 0 else line[i:end]
            if '"' in text:
                raise errors.InvalidArgumentError(None, op, "Unquoted fields cannot have quotes/CRLFs inside")
            fields.append(text)
            i += len(text)
        if i >= len(line):
            return fields
        i += 1


def _parse_field(op, field, default, column, number):
    if field == "" or field == op.attrs["na_value"]:
        if default.size == 0:
            raise errors.InvalidArgumentError(
                None, op, f"Field {column} is required but missing in record {number}!"
            )
        return default.reshape(-1)[0]
    if default.dtype == object:
        return field.encode("utf-8", "surrogateescape")
    try:
        value = default.dtype.type(field.strip())
        if default.dtype.kind in "iu" and int(field) != int(value):
            raise ValueError(field)
        return value
    except (ValueError, OverflowError):
        raise errors.InvalidArgumentError(
            None, op, f"Field {column} in record {number} is not a valid "
            f"{dtypes.message_name(dtypes.as_dtype(default.dtype))}: {field}"
        ) from None


def decode_csv(records, record_defaults, field_delim=",", use_quote_delim=True, name=None, na_value="",
               select_cols=None):  # fmt: skip
    """tf.decode_csv: a list of tensors, one per column, each of the shape of `records`.

    `record_defaults` gives for each column [default], or [] of the right dtype where it is required;
    `select_cols` lists the columns to take, in ascending order.
    Raises ValueError for other `select_cols`, InvalidArgumentError (in the run) for lines that do not fit.
    """
    select_cols = list(select_cols or [])
    if select_cols and (select_cols != sorted(set(select_cols)) or select_cols[0] < 0):
        raise ValueError("select_cols is not strictly increasing, or holds a negative index")
    if select_cols and len(select_cols) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    with name_scope(name, "DecodeCSV", [records]) as scope:
        defaults = [convert_to_tensor(d, name=f"record_defaults_{i}") for i, d in enumerate(record_defaults)]
        op = DecodeCSV.make(records, defaults, field_delim=field_delim, use_quote_delim=use_quote_delim,
                            na_value=na_value, select_cols=select_cols, name=scope)  # fmt: skip
    return list(op.outputs)
