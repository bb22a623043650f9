"""Strings: byte strings measured, cut, joined, searched, hashed, element by element."""

import base64
import binascii
import re

import numpy as np

from minitf.graph import dtypes
from minitf.graph import shape as shapes
from minitf.graph.shape import TensorShape
from minitf.ops import hashing
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op

_WORDS = array(np.array([[b"a rose", b"is"], [b"", b"A  Rose "]], object))


class StringMap(Op, abstract=True):
    """y[i] = map(op, x[i])"""

    inputs = {"input": "string"}
    result = dtypes.string
    gradient = None
    examples = [example(_WORDS)]

    def infer(op, input):
        return [(input.shape, op.definition.result)]

    def numpy(op, input):
        return elementwise(lambda s: op.definition.map(op, s), input, op.definition.result)


def elementwise(function, array, dtype=dtypes.string):
    """An array of function(x) for the elements of `array`."""
    return filled([function(x) for x in array.reshape(-1).tolist()], array.shape, dtype)


def filled(values, shape, dtype=dtypes.string):
    """The list `values` as an array of `shape`."""
    out = np.empty(len(values), dtype.as_numpy_dtype)
    out[:] = values
    return out.reshape(shape)


def _text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


class StringLower(StringMap):
    """Letters made small: those of ASCII, or with encoding 'utf-8' all."""

    attrs = {"encoding": ""}

    @staticmethod
    def map(op, s):
        return s.decode("utf-8").lower().encode("utf-8") if op.attrs["encoding"] else s.lower()


class StringUpper(StringMap):
    """Letters made large: those of ASCII, or with encoding 'utf-8' all."""

    attrs = {"encoding": ""}

    @staticmethod
    def map(op, s):
        return s.decode("utf-8").upper().encode("utf-8") if op.attrs["encoding"] else s.upper()


class StringStrip(StringMap):
    """Without white space at both ends."""

    @staticmethod
    def map(op, s):
        return s.strip()


class StringLength(StringMap):
    """How many bytes, or characters of UTF-8, a string has."""

    attrs = {"unit": "BYTE"}
    result = dtypes.int32

    @staticmethod
    def map(op, s):
        return len(s) if op.attrs["unit"] == "BYTE" else len(s.decode("utf-8", "replace"))


class StringToHashBucket(StringMap):
    """A number below `num_buckets` that depends on the string, by MurmurHash64A."""

    inputs = {"string_tensor": "string"}
    result = dtypes.int64
    examples = [example(_WORDS, num_buckets=1000)]

    @staticmethod
    def map(op, s):
        return hashing.murmur(s) % op.attrs["num_buckets"]


class StringToHashBucketFast(StringMap):
    """A number below `num_buckets` that depends on the string, by FarmHash's fingerprint."""

    result = dtypes.int64
    examples = [example(_WORDS, num_buckets=1000)]

    @staticmethod
    def map(op, s):
        return hashing.fingerprint(s) % op.attrs["num_buckets"]


class StringToHashBucketStrong(StringMap):
    """A number below `num_buckets` that depends on the string and a secret key, by SipHash."""

    result = dtypes.int64
    examples = [example(_WORDS, num_buckets=1000, key=[1, 2])]

    @staticmethod
    def map(op, s):
        if len(op.attrs["key"]) != 2:
            raise ValueError(f"Key must have 2 elements, not {len(op.attrs['key'])}")
        return hashing.siphash(s, op.attrs["key"]) % op.attrs["num_buckets"]


class EncodeBase64(StringMap):
    """Bytes written with 64 characters that are safe in URLs and file names; `pad` fills with '='."""

    attrs = {"pad": False}

    @staticmethod
    def map(op, s):
        text = base64.urlsafe_b64encode(s)
        return text if op.attrs["pad"] else text.rstrip(b"=")


class DecodeBase64(StringMap):
    """The bytes that `EncodeBase64` wrote."""

    examples = [example(array(np.array([b"YQ", b"YWI="], object)))]

    @staticmethod
    def map(op, s):
        try:
            bare = s.rstrip(b"=")
            return base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise ValueError(f"Invalid character found in base64: {s!r}") from None


class StaticRegexReplace(StringMap):
    """Matches of `pattern` replaced by `rewrite`, in which \\1 stands for the first group."""

    attrs = {"replace_global": True}
    examples = [example(_WORDS, pattern=b"[aeiou]+", rewrite=b"<\\0>")]

    @staticmethod
    def map(op, s):
        return _replace(s, op.attrs["pattern"], op.attrs["rewrite"], op.attrs["replace_global"])


class RegexReplace(Op):
    """`StaticRegexReplace` with a pattern and a rewrite that are tensors."""

    inputs = {"input": "string", "pattern": "string", "rewrite": "string"}
    attrs = {"replace_global": True}
    examples = [example(_WORDS, array(np.array(b"is?", object)), array(np.array(b"x", object)))]
    gradient = None

    def infer(op, input, pattern, rewrite):
        return [(input.shape, dtypes.string)]

    def numpy(op, input, pattern, rewrite):
        return elementwise(lambda s: _replace(s, pattern.item(), rewrite.item(), op.attrs["replace_global"]), input)


def _replace(s, pattern, rewrite, everywhere):
    rewrite = re.sub(rb"\\(\d)", rb"\\g<\1>", rewrite)
    return _compiled(pattern).sub(rewrite, s, count=0 if everywhere else 1)


def _compiled(pattern):
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"Invalid pattern: {_text(pattern)}, error: {error}") from None


class StaticRegexFullMatch(StringMap):
    """Whether the whole string matches `pattern`."""

    result = dtypes.bool
    examples = [example(_WORDS, pattern=b"[a-z ]*")]

    @staticmethod
    def map(op, s):
        return _compiled(op.attrs["pattern"]).fullmatch(s) is not None


class RegexFullMatch(Op):
    """`StaticRegexFullMatch` with a pattern that is a tensor."""

    inputs = {"input": "string", "pattern": "string"}
    examples = [example(_WORDS, array(np.array(b"is?", object)))]
    gradient = None

    def infer(op, input, pattern):
        return [(input.shape, dtypes.bool)]

    def numpy(op, input, pattern):
        return elementwise(lambda s: _compiled(pattern.item()).fullmatch(s) is not None, input, dtypes.bool)


class Substr(Op):
    """input[pos : pos + len], with broadcasting; a negative `pos` counts from the end."""

    inputs = {"input": "string", "pos": "T", "len": "T"}
    types = {"T": ("int32", "int64")}
    attrs = {"unit": "BYTE"}
    examples = [example(array(np.array([b"hello", b"world"], object)), array([1, -2]), array([3, 1]))]
    gradient = None

    def infer(op, input, pos, len):
        return [(shapes.broadcast(input.shape, shapes.broadcast(pos.shape, len.shape)), dtypes.string)]

    def numpy(op, input, pos, len):
        whole = np.broadcast_arrays(input, pos, len)
        parts = [_cut(op.attrs["unit"], *(x.item() if hasattr(x, "item") else x for x in row))
                 for row in zip(*(a.reshape(-1).tolist() for a in whole), strict=True)]  # fmt: skip
        return filled(parts, whole[0].shape)


def _cut(unit, s, pos, length):
    characters = s if unit == "BYTE" else s.decode("utf-8", "replace")
    if not -len(characters) <= pos <= len(characters):
        raise ValueError(f"pos {pos} out of range for string b'{s.decode('utf-8', 'replace')}'")
    pos = pos if pos >= 0 else pos + len(characters)
    part = characters[pos : pos + max(length, 0)]
    return part if unit == "BYTE" else part.encode("utf-8")


class StringJoin(Op):
    """The strings at one place of several tensors, put together; scalars stand at every place."""

    inputs = {"*inputs": "string"}
    attrs = {"separator": ""}
    examples = [example([array(np.array([b"a", b"b"], object)), array(np.array(b"x", object))], separator="-")]
    gradient = None

    def infer(op, *inputs):
        shape = TensorShape([])
        for x in inputs:
            if x.shape.ndims != 0:
                shape = x.shape if shape.ndims == 0 else shape.merge_with(x.shape)
        return [(shape, dtypes.string)]

    def numpy(op, *inputs):
        shape = next((x.shape for x in inputs if x.ndim), ())
        if any(x.ndim and x.shape != shape for x in inputs):
            raise ValueError(f"Input shapes do not match: {[x.shape for x in inputs]}")
        columns = [np.broadcast_to(x, shape).reshape(-1).tolist() for x in inputs]
        separator = op.attrs["separator"].encode() if isinstance(op.attrs["separator"], str) else op.attrs["separator"]
        return filled([separator.join(row) for row in zip(*columns, strict=True)], shape)


def string_join(inputs, separator="", name=None):
    """tf.string_join: the strings of several tensors of one shape (or scalars), joined place by place."""
    return StringJoin.apply(inputs, separator=separator, name=name)


def string_length(input, name=None, unit="BYTE"):
    """tf.strings.length: the number of bytes of each string, or with unit='UTF8_CHAR' of characters."""
    return StringLength.apply(input, unit=unit, name=name)


def string_lower(input, encoding="", name=None):
    """tf.strings.lower: letters made small; encoding '' (ASCII letters) or 'utf-8'."""
    return StringLower.apply(input, encoding=encoding, name=name)


def string_upper(input, encoding="", name=None):
    """tf.strings.upper: letters made large; encoding '' (ASCII letters) or 'utf-8'."""
    return StringUpper.apply(input, encoding=encoding, name=name)


def string_strip(input, name=None):
    """tf.string_strip: without white space at both ends."""
    return StringStrip.apply(input, name=name)


def substr(input, pos, len, name=None, unit="BYTE"):
    """tf.substr: `len` bytes (or unit='UTF8_CHAR' characters) of each string from `pos` on.

    Raises InvalidArgumentError at run time where `pos` lies outside a string.
    """
    return Substr.apply(input, pos, len, unit=unit, name=name)


def regex_replace(input, pattern, rewrite, replace_global=True, name=None):
    """tf.regex_replace: matches of `pattern` (all, or the first) replaced by `rewrite`; \\1 is the first group."""
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        pattern, rewrite = (x.encode() if isinstance(x, str) else x for x in (pattern, rewrite))
        return StaticRegexReplace.apply(input, pattern=pattern, rewrite=rewrite, replace_global=replace_global,
                                        name=name)  # fmt: skip
    return RegexReplace.apply(input, pattern, rewrite, replace_global=replace_global, name=name)


def regex_full_match(input, pattern, name=None):
    """tf.strings.regex_full_match: whether each whole string matches `pattern`."""
    if isinstance(pattern, (str, bytes)):
        pattern = pattern.encode() if isinstance(pattern, str) else pattern
        return StaticRegexFullMatch.apply(input, pattern=pattern, name=name)
    return RegexFullMatch.apply(input, pattern, name=name)


def string_to_hash_bucket(string_tensor=None, num_buckets=None, name=None, input=None):
    """tf.string_to_hash_bucket: a number below `num_buckets` for each string; not safe against attacks."""
    strings = input if string_tensor is None else string_tensor
    return StringToHashBucket.apply(strings, num_buckets=_buckets(num_buckets), name=name)


def string_to_hash_bucket_fast(input, num_buckets, name=None):
    """tf.string_to_hash_bucket_fast: a number below `num_buckets` for each string; not safe against attacks."""
    return StringToHashBucketFast.apply(input, num_buckets=_buckets(num_buckets), name=name)


def string_to_hash_bucket_strong(input, num_buckets, key, name=None):
    """tf.string_to_hash_bucket_strong: as `_fast`, with a `key` of two numbers that an attacker does not know."""
    return StringToHashBucketStrong.apply(input, num_buckets=_buckets(num_buckets), key=list(key), name=name)


def _buckets(count):
    if count is None or int(count) < 1:
        raise ValueError(f"Value for attr 'num_buckets' must be at least minimum 1, not {count}")
    return int(count)


def encode_base64(input, pad=False, name=None):
    """tf.encode_base64: each string in the alphabet of 64 characters that is safe in URLs."""
    return EncodeBase64.apply(input, pad=pad, name=name)


def decode_base64(input, name=None):
    """tf.decode_base64: the reverse of `encode_base64`; InvalidArgumentError for other characters."""
    return DecodeBase64.apply(input, name=name)


def as_strings(value, name="input"):
    """`value` as a string tensor."""
    return convert_to_tensor(value, dtypes.string, name=name)
