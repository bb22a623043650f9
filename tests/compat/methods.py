"""Run TensorFlow's own old test files, method by method, on minitf or on TensorFlow.

    python tests/compat/methods.py FOLDER [--engine judge --python PATH] [--only TEXT]

FOLDER holds the files (`tensorflow/python/...`); they are not part of minitf. A file runs in a process of
its own, with a limit of time for each method and for the file. `--engine judge` records which methods
TensorFlow's version 1 interface of today still passes in `expected/methods.json`; otherwise they run on
minitf and the results go to `results/methods.json`, from which `report.py` writes the page.
"""

import argparse
import ast
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
import types
import unittest
from pathlib import Path

from programs import HERE, load, save

EXPECTED = HERE / "expected" / "methods.json"
RESULTS = HERE / "results" / "methods.json"
METHOD_SECONDS = 60  # wall clock
FILE_SECONDS = 400


def find_files(folder):
    """Every test file below a folder, by its path relative to the folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*_test.py"))


def methods_of(path):
    """The names of the test methods that a file defines, as `Class.method`."""
    tree = ast.parse(path.read_text(encoding="utf-8-sig"))
    return [
        f"{node.name}.{item.name}"
        for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
        for item in node.body if isinstance(item, ast.FunctionDef) and item.name.startswith("test")
    ]  # fmt: skip


def run_file(path, results):
    """In the child process: run each method and write a JSON line about it as soon as it is done."""
    import tensorflow as tf

    for name, modern in [("assertItemsEqual", "assertCountEqual"), ("assertEquals", "assertEqual"),
                         ("assertRaisesRegexp", "assertRaisesRegex")]:  # fmt: skip
        if not hasattr(unittest.TestCase, name):
            setattr(unittest.TestCase, name, getattr(unittest.TestCase, modern))
    tf.test.main = lambda *args, **kwargs: None  # the file itself would run the tests at its end
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    module.__file__ = str(path)
    with results.open("a", buffering=1) as out:
        try:
            exec(
                compile(path.read_text(encoding="utf-8-sig"), str(path), "exec", dont_inherit=True),
                module.__dict__,
            )
        except BaseException as error:
            out.write(json.dumps({"method": "*", **_describe("error", error, path)}) + "\n")
            os._exit(1)
        for case in _cases(module, tf.test.TestCase):
            out.write(
                json.dumps({"method": case.id().removeprefix("__main__."), "outcome": "started"}) + "\n"
            )
            outcome = _run_case(case, path)
            out.write(json.dumps({"method": case.id().removeprefix("__main__."), **outcome}) + "\n")
    os._exit(0)  # threads of a test that failed may still be waiting


def _cases(module, base):
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, unittest.TestCase)]
    for kind in classes:
        for name in unittest.defaultTestLoader.getTestCaseNames(kind):
            if not hasattr(base, name):  # TestCase.test_session looks like a test
                yield kind(name)


class TookTooLong(BaseException):
    """A method that passed its limit; not an `Exception`, so that tests do not swallow it."""


def _stop(signum, frame):
    raise TookTooLong(f"more than {METHOD_SECONDS} s")


def _run_case(case, path):
    found = {"outcome": "pass"}

    class Result(unittest.TestResult):
        def addFailure(self, test, err):
            found.update(_describe("fail", err[1], path))

        def addError(self, test, err):
            found.update(_describe("error", err[1], path))

        def addSkip(self, test, reason):
            found.update(outcome="skip", message=reason)

        def addSubTest(self, test, subtest, err):
            if err is not None:
                found.update(_describe("fail", err[1], path))

    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(METHOD_SECONDS)
    try:
        unittest.TestSuite([case]).run(Result())
    except TookTooLong as error:
        found.update(_describe("limit", error, path))
    finally:
        signal.alarm(0)
    return found


def _describe(outcome, error, path):
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if frame.filename == str(path)]
    last = frames[-1] if frames else None
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    return {
        "outcome": outcome,
        "message": f"{type(error).__name__}: {lines[0]}"[:300],
        "line": f"{mine[-1].lineno}: {mine[-1].line}"[:160] if mine else "",
        "raised_in": f"{'/'.join(last.filename.split('/')[-3:])}:{last.lineno}" if last else "",
    }


def run_methods(folder, name, engine, python=sys.executable):
    """Run a file in a child process.

    Returns:
        dict: for each `Class.method` that the file defines or generates: `outcome` ("pass", "fail", "error",
        "skip", "limit", "crash", "not reached"), `message`, `line`, `raised_in`.
    """
    path = (Path(folder) / name).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        results, log = Path(scratch) / "results", Path(scratch) / "log"
        command = [python, str(HERE / "launch.py"), f"--engine={engine}", f"--results={results}", str(path)]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(HERE.parent.parent),
                       "PYTHONWARNINGS": "ignore", "TEST_TMPDIR": scratch, "TMPDIR": scratch}  # fmt: skip
        with log.open("wb") as out, contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, cwd=scratch, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                           env=environment, timeout=FILE_SECONDS, preexec_fn=_limits)  # fmt: skip
        records = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
        end = (log.read_text(errors="replace").strip().splitlines() or [""])[-1][:300]
    return _complete({record.pop("method"): record for record in records}, methods_of(path), end)


def _limits():
    resource.setrlimit(resource.RLIMIT_CPU, (FILE_SECONDS, FILE_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (12 << 30, 12 << 30))


def _complete(records, defined, end):
    """Add what did not report: methods after a crash; all of them where the file could not be imported."""
    whole = records.pop("*", None)
    for record in records.values():
        if record["outcome"] == "started":
            record.update(outcome="crash", message=end)
    missing = whole or {"outcome": "not reached", "message": end}
    for name in defined:
        if name not in records and not _inherited(records, name):
            records[name] = dict(missing)
    return records


def summary(folder, name, records):
    """The outcome of each method that the file defines; one that runs in several classes must pass in all."""
    outcomes = {}
    for method in methods_of(Path(folder) / name):
        own = [records[method]] if method in records else _inherited(records, method)
        failed = [record["outcome"] for record in own if record["outcome"] != "pass"]
        outcomes[method] = failed[0] if failed else "pass" if own else "not reached"
    return outcomes


def _inherited(records, method):
    """The records of a method of a class that is only a base of others, under the names of those."""
    kind, name = method.split(".")
    if any(reported.startswith(f"{kind}.") for reported in records):
        return []
    return [record for reported, record in records.items() if reported.endswith(f".{name}")]


def main():
    """Run the files of a folder, print a line for each, save the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=["minitf", "judge"], default="minitf")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has TensorFlow")
    parser.add_argument("--only", default="", help="only files whose path contains this")
    options = parser.parse_args()
    path = EXPECTED if options.engine == "judge" else RESULTS
    results = load(path)
    for name in find_files(options.folder):
        if options.only not in name:
            continue
        records = run_methods(options.folder, name, options.engine, options.python)
        outcomes = summary(options.folder, name, records)
        results[name] = outcomes if options.engine == "judge" else {"methods": outcomes, "records": records}
        save(path, results)
        passed = sum(outcome == "pass" for outcome in outcomes.values())
        print(f"{passed:3} of {len(outcomes):3}  {name}", flush=True)


if __name__ == "__main__":
    main()
