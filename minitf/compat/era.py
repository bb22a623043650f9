"""What a program of 2017 expects besides TensorFlow: Python 2's statements, names that others have dropped."""

import collections
import collections.abc
import io
import tokenize
import warnings
from collections.abc import Iterator
from functools import reduce, wraps
from typing import Any

import numpy as np

PYTHON2_NAMES: dict[str, Any] = {
    "xrange": range, "raw_input": input, "unicode": str, "basestring": str, "long": int, "reduce": reduce,
}  # fmt: skip



class _Casts(dict):
    """`np.cast["float32"](x)`."""

    def __missing__(self, kind: Any) -> Any:
        return lambda x: np.asarray(x).astype(kind)


NUMPY1_NAMES: dict[str, Any] = {
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype), "cast": _Casts(), "mat": np.asmatrix,
    "round_": np.round, "msort": lambda a: np.sort(a, axis=0), "bool8": np.bool_,
    "trapz": getattr(np, "trapezoid", None) or np.trapz,
    "bool": bool, "int": int, "float": float, "complex": complex, "object": object, "str": str,
    "long": int, "unicode": str, "float_": np.float64, "complex_": np.complex128,
    "string_": np.bytes_, "unicode_": np.str_, "Inf": np.inf, "infty": np.inf, "NaN": np.nan,
    "product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any,
    "row_stack": np.vstack, "in1d": np.isin, "asscalar": lambda a: np.asarray(a).item(),
}  # fmt: skip


def restore_names() -> None:
    """Give NumPy and `collections` back the names they dropped; those they still have keep their meaning.

    (NumPy after 1.20; `collections` in Python 3.10: `Iterable`, `Mapping` and their kin.)
    """
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    np.reshape = _reshape_by_old_name(np.reshape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in NUMPY1_NAMES.items():
            if not hasattr(np, name):
                setattr(np, name, value)


def _reshape_by_old_name(reshape):
    """`np.reshape` that also takes its second argument as `newshape`, as it was called before NumPy 2.1."""

    @wraps(reshape)
    def with_old_name(a, *shape, newshape=None, **options):
        return reshape(a, *shape, **options) if newshape is None else reshape(a, newshape, **options)

    with_old_name.knows_old_name = True
    return reshape if hasattr(reshape, "knows_old_name") else with_old_name


def compile_old(source: str, filename: str) -> tuple[Any, str]:
    """Compile `source`, as Python 2 if it is not Python 3. Return the code and the text that was compiled.

    Raises:
        SyntaxError: it is neither; the position is the one in the unchanged source.
    """
    try:
        return compile(source, filename, "exec", dont_inherit=True), source
    except SyntaxError as error:
        try:
            translated = python2_to_3(source)
            return compile(translated, filename, "exec", dont_inherit=True), translated
        except (SyntaxError, tokenize.TokenError):
            raise error from None


def python2_to_3(source: str) -> str:
    """Rewrite `print` statements and `except Error, name`; count a tab as Python 2 did. Leave the rest.

    Division is not rewritten: in Python 2, `7 / 2` was 3.
    """
    lines = source.expandtabs(8).splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO("".join(lines)).readline))
    edits = [edit for statement in _statements(tokens) for edit in _rewrite(statement)]
    for (row, start), (_, end), text in sorted(edits, reverse=True):  # from the end, so that positions hold
        line = lines[row - 1]
        lines[row - 1] = line[:start] + text + line[end:]
    return "".join(lines)


def _statements(tokens: list[tokenize.TokenInfo]) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each simple statement; a clause header such as `else:` is a statement by itself."""
    statement: list[tokenize.TokenInfo] = []
    depth = 0
    for token in tokens:
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            continue
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        ends = token.type in (tokenize.NEWLINE, tokenize.ENDMARKER) or token.string == ";"
        colon = token.string == ":" and depth == 0
        if not ends:
            statement.append(token)
        if (ends or colon) and statement:
            yield statement
            statement = []


def _rewrite(statement: list[tokenize.TokenInfo]) -> list[tuple]:
    """The edits (from, to, new text) that turn one Python 2 statement into Python 3."""
    words = [token.string for token in statement]
    if words[0] == "print":
        return _rewrite_print(statement, words)
    if words[0] == "except" and len(words) > 4 and words[-3] == "," and words[-1] == ":":
        comma = statement[-3]
        return [(comma.start, comma.end, " as")]
    return []


def _rewrite_print(statement: list[tokenize.TokenInfo], words: list[str]) -> list[tuple]:
    keyword, last = statement[0], statement[-1]
    if len(words) == 1:
        return [(keyword.end, keyword.end, "()")]
    edits = [(keyword.end, keyword.end, "(")]
    closing = ")"
    if words[1] == ">>":
        target = words.index(",") if "," in words else len(words)
        closing = f", file={''.join(words[2:target])})"
        stop = statement[min(target, len(words) - 1)].end
        edits = [(keyword.end, stop, "(")]
    if words[-1] == ",":
        edits.append((last.start, last.end, ', end=" "' + closing))
    else:
        edits.append((last.end, last.end, closing))
    return edits
