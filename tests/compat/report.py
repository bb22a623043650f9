"""Write `docs/compatibility.md` from the results of the runners, or print the causes of what fails.

python tests/compat/report.py [--causes]
"""

import argparse
import re
from collections import Counter

import methods
import outputs
import programs

PAGE = programs.HERE.parent.parent / "docs" / "compatibility.md"

OPENING = """# Compatibility: programs and tests that others wrote

Made by `tests/compat/report.py`; do not edit. Neither the programs nor the tests are part of minitf: put
copies in two folders and name these in `MINITF_PROGRAMS` and `MINITF_TF_TESTS` to have `pytest tests/compat`
run them. The judge is TensorFlow {version} (`tensorflow.compat.v1` with version 2 switched off).
"""

PROGRAMS = """
## Public programs

{passed} of {count} run unmodified with `import tensorflow` meaning minitf and agree with the judge.

A program runs for {limit} s of CPU time at most; one that is still going then, without an error, counts as
running. It passes if it prints the same lines as the judge and all its *fixed* numbers are equal to
{tolerance:g} relative. Fixed are the numbers that depend neither on random seeds nor on the last place of the
variables' first values. *Seeded* numbers do: they are equal where minitf draws TensorFlow's random numbers and
rounding has not grown (training amplifies it); they are shown, not judged.

| program | judge | minitf | passes | fixed numbers equal | seeded numbers equal | what is wrong |
|---|---|---|---|---|---|---|
"""

METHODS = """
## TensorFlow's own tests of 2016

{passed} of {count} methods pass ({share:.0%}); the judge itself passes {judge} today: some of what the tests
claim changed between 2016 and TensorFlow 1.15. {both} of the judge's {judge} pass here as well.

| file | methods | judge passes | minitf passes |
|---|---|---|---|
"""

CAUSES = """
## Causes of what fails

| programs | methods | cause |
|---|---|---|
"""


def program_rows(expected, results):
    """A line of the table for each program."""
    for name in sorted(expected):
        found = results.get(name, {"status": "not run", "passes": False})
        repository, _, path = name.partition("/")
        wrong = (
            found.get("error")
            or found.get("first")
            or ("other lines" if found.get("lines") == "differ" else "")
        )
        cells = [
            f"{repository.replace('+', '/')}: {path}", _duration(expected[name]), _duration(found),
            "yes" if found["passes"] else "no", _share(found, "fixed"), _share(found, "seeded"), wrong[:120],
        ]  # fmt: skip
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _duration(run):
    return f"{run['status']}, {run['cpu']:.0f} s" if "cpu" in run else run["status"]


def _share(found, group):
    return f"{found[f'{group}_equal']} of {found[group]}" if found.get(group) else ""


def method_rows(expected, results):
    """A line of the table for each file."""
    for name in sorted(expected):
        mine = results.get(name, {"methods": {}})["methods"]
        counts = len(expected[name]), _passes(expected[name]), _passes(mine)
        yield f"| {name.removeprefix('tensorflow/python/')} | {counts[0]} | {counts[1]} | {counts[2]} |"


def _passes(outcomes):
    return sum(outcome == "pass" for outcome in outcomes.values())


def causes(program_results, method_results):
    """Why programs and methods fail: (programs, methods, cause), the most costly first."""
    lost_programs, lost_methods = Counter(), Counter()
    for found in program_results.values():
        if not found["passes"]:
            lost_programs[_cause(found.get("error") or "other output than the judge's")] += 1
    for found in method_results.values():
        for name, outcome in found["methods"].items():
            if outcome != "pass":
                lost_methods[_cause(_message(found["records"], name, outcome))] += 1
    names = sorted(
        {*lost_programs, *lost_methods}, key=lambda c: (-10 * lost_programs[c] - lost_methods[c], c)
    )
    return [(lost_programs[name], lost_methods[name], name) for name in names]


def _message(records, name, outcome):
    """What a method that does not pass said, or what one of its heirs said."""
    leaf = name.split(".")[-1]
    for reported, record in records.items():
        if record["outcome"] == outcome and (reported == name or reported.endswith(f".{leaf}")):
            return record.get("message", "") if outcome in ("fail", "error") else outcome
    return outcome


def _cause(message):
    """A message without what differs from one test to the next: numbers, names of tensors, addresses."""
    message = re.sub(r"0x[0-9a-f]+|\d+(\.\d+)?(e[-+]?\d+)?", "#", message)
    return re.sub(r"\s+", " ", message).strip()[:140]


def write_page(expected_programs, expected_methods, program_results, method_results, version):
    """The whole page."""
    text = OPENING.format(version=version)
    text += PROGRAMS.format(
        passed=sum(found["passes"] for found in program_results.values()), count=len(expected_programs),
        limit=programs.LIMIT, tolerance=outputs.TOLERANCE,
    )  # fmt: skip
    text += "\n".join(program_rows(expected_programs, program_results)) + "\n"
    mine = {name: found["methods"] for name, found in method_results.items()}
    judged = sum(map(_passes, expected_methods.values()))
    passed, count = sum(map(_passes, mine.values())), sum(map(len, expected_methods.values()))
    both = sum(
        outcome == "pass" and mine.get(name, {}).get(method) == "pass"
        for name, outcomes in expected_methods.items() for method, outcome in outcomes.items()
    )  # fmt: skip
    text += METHODS.format(passed=passed, count=count, share=passed / max(count, 1), judge=judged, both=both)
    text += "\n".join(method_rows(expected_methods, method_results)) + "\n"
    rows = [f"| {p or ''} | {m or ''} | {c.replace('|', chr(92) + '|')} |"
            for p, m, c in causes(program_results, method_results)[:40]]  # fmt: skip
    return text + CAUSES + "\n".join(rows) + "\n"


def main():
    """Write the page or print the causes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--causes", action="store_true", help="print every cause instead of writing the page")
    parser.add_argument("--version", default="2.15.1", help="of the TensorFlow that judged")
    options = parser.parse_args()
    results = programs.load(programs.RESULTS), programs.load(methods.RESULTS)
    if options.causes:
        for lost_programs, lost_methods, cause in causes(*results):
            print(f"{lost_programs:3} {lost_methods:4}  {cause}")
        return
    expected = programs.load(programs.EXPECTED), programs.load(methods.EXPECTED)
    PAGE.write_text(write_page(*expected, *results, options.version))


if __name__ == "__main__":
    main()
