"""What a program printed, reduced to what can be compared: for each line its kind, and its numbers.

The judge runs each program four times: the third time with other seeds, the fourth with every variable's first value
off by one unit in the last place. A number that is the same in all runs is *fixed* and must be the same on minitf; one
that changes with the seeds or with that last place is *seeded* (equal only if minitf draws TensorFlow's random numbers
and rounds as TensorFlow does); one that changes anyway is *free*. Words that change are not judged either.
"""

import re
import zlib

LINES = 300  # of a program's output are compared
TOLERANCE = 1e-4

ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)(?![\w])")


def digest(lines):
    """Each line as (kind, numbers): the kind is a checksum of what is left without the numbers."""
    result = []
    for line in lines[:LINES]:
        line = ADDRESS.sub("", line)
        numbers = [float(word) for word in NUMBER.findall(line)]
        words = re.sub(r"[\s\[\](),]+|array|dtype=\w+", "", NUMBER.sub("", line))
        if words or numbers:
            result.append((zlib.crc32(words.encode()) if words else 0, numbers))
    return _join_rows(result)


def _join_rows(digested):
    """Rows of numbers alone continue the line before: NumPy breaks lines by the width of its numbers."""
    joined = []
    for kind, numbers in digested:
        if kind == 0 and joined:
            joined[-1][1].extend(numbers)
        else:
            joined.append((kind, list(numbers)))
    return joined


def close(a, b):
    """Whether two printed numbers agree."""
    return a == b or (a != a and b != b) or abs(a - b) <= TOLERANCE * max(abs(a), abs(b)) + 1e-6


def record(first, again, other, shaken=None):
    """What is kept of the judge's runs: a word a number, ending in `s` if seeded, `~` if free; a kind, or None."""
    runs = [again, other] if shaken is None else [again, other, shaken]
    even = all(len(run) == len(first) for run in runs)
    lines = []
    for i, (kind, numbers) in enumerate(first):
        words = []
        for j, number in enumerate(numbers):
            found = [_at(run, i, kind, j) for run in runs]
            repeats, *fixed = (value is not None and close(number, value) for value in found)
            words.append(f"{number:.7g}" if repeats and all(fixed) else f"{number:.7g}s" if repeats else "~")
        same = not even or all(run[i][0] == kind for run in runs)
        lines.append([kind if same else None, " ".join(words)])
    length = min(len(first), len(other))
    regular = even or [kind for kind, _ in first[:length]] == [kind for kind, _ in other[:length]]
    return {"regular": regular, "lines": lines}


def _at(run, i, kind, j):
    """Number j of line i of another run; None if that run was cut off before, or its line is another."""
    if i < len(run) and run[i][0] == kind and j < len(run[i][1]):
        return run[i][1][j]
    return None


def compare(expected, digested, complete=True):
    """Compare a run with the judge's record.

    Returns:
        dict: `lines` ("same", "differ"), the counts `fixed`, `fixed_equal`, `seeded`, `seeded_equal`, and
        `first`: the first fixed number that differs, as text.
    """
    counts = dict.fromkeys(["fixed", "fixed_equal", "seeded", "seeded_equal"], 0)
    first = ""
    kinds = [kind for kind, _ in expected["lines"]]
    for i, ((kind, words), (found, numbers)) in enumerate(zip(expected["lines"], digested, strict=False)):
        if kind != found:
            continue
        for j, word in enumerate(words.split()):
            if word == "~":
                continue
            group = "seeded" if word.endswith("s") else "fixed"
            equal = j < len(numbers) and close(float(word.rstrip("s")), numbers[j])
            counts[group] += 1
            counts[f"{group}_equal"] += equal
            if group == "fixed" and not equal and not first:
                value = numbers[j] if j < len(numbers) else "nothing"
                first = f"line {i + 1}: {value} instead of {word}"
    mine = [kind for kind, _ in digested]
    length = min(len(kinds), len(mine))
    if expected["regular"]:
        same = all(kind in (found, None) for kind, found in zip(kinds, mine, strict=False))
        same = same and (length == len(kinds) or not complete)
    else:
        same = set(mine) <= set(kinds) and bool(mine or not kinds)
    return {"lines": "same" if same else "differ", **counts, "first": first}
