"""Run public TensorFlow 1 programs on minitf and compare what they print with what they print on TensorFlow.

    python tests/compat/programs.py FOLDER [--engine judge --python PATH] [--only TEXT]

FOLDER holds the programs (`owner+name/path/in/the/repository`); they are not part of minitf. `--engine
judge` runs them on TensorFlow (`--python`: an interpreter that has it) and records the numbers in
`expected/programs.json`; otherwise they run on minitf and the results go to `results/programs.json`, from
which `report.py` writes the page. How outputs are compared: `outputs.py`.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from outputs import compare, digest, record

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected" / "programs.json"
RESULTS = HERE / "results" / "programs.json"
LIMIT = int(os.environ.get("MINITF_PROGRAM_SECONDS", "60"))  # of CPU time


def find_programs(folder):
    """Every `.py` and `.ipynb` below a folder, by its path relative to the folder."""
    return sorted(
        str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.suffix in (".py", ".ipynb")
    )


def run_program(folder, name, engine, python=sys.executable, seed=1, limit=LIMIT, shake=False):
    """Run one program in a copy of its folder.

    Returns:
        dict: `status` ("ran", "limit" or "error"), `lines` of standard output, `error` (the last line of the
        traceback), `place` (the program's line that failed), `cpu` seconds.
    """
    source = Path(folder) / name
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "program"
        work.mkdir()
        for path in source.parent.iterdir():
            if path.is_file():
                shutil.copy(path, work)
        command = [python, "-u", str(HERE / "launch.py"), f"--engine={engine}", f"--seed={seed}", *["--shake"] * shake,
                   source.name]  # fmt: skip
        with open(Path(scratch) / "out", "w+b") as out, open(Path(scratch) / "err", "w+b") as err:
            before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            try:
                status = subprocess.run(
                    command, cwd=work, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=_environment(),
                    timeout=4 * limit, preexec_fn=partial(_limit_cpu, limit),
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired:
                status = "wall"
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            text = [_read(stream) for stream in (out, err)]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    word = {0: "ran", -24: "limit", -9: "limit", "wall": "hung"}.get(status, "error")
    failure = _failure(text[1], source.name) if word == "error" else {}
    return {"status": word, "cpu": round(cpu, 1), "wall": round(time.monotonic() - begin, 1),
            "lines": text[0].splitlines(), **failure}  # fmt: skip


def _limit_cpu(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def _environment():
    return {
        **os.environ, "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(HERE.parent.parent),
        "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore", "PYTHONHASHSEED": "0",
    }  # fmt: skip


def _read(stream):
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def _failure(stderr, program):
    """What went wrong, and the program's own line on which it did."""
    lines = stderr.rstrip().splitlines() or ["(no message)"]
    messages = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(:|$)", line)]
    places = [line.strip() for line in lines if line.strip().startswith("File ") and program in line]
    message = messages[-1] if messages else lines[-1]
    return {
        "error": message[:300],
        "place": re.sub(r'File ".*/?(?=line)|File "', "", places[-1]) if places else "",
    }


def judge(folder, name, python):
    """Run a program on TensorFlow four times and return the record."""
    first = run_program(folder, name, "judge", python, seed=1)
    if first["status"] not in ("ran", "limit"):
        return {"status": first["status"], "error": first.get("error", ""), "regular": False, "lines": []}
    limit = LIMIT if first["status"] == "ran" else LIMIT // 2  # a part is enough of one that never ends
    others = [run_program(folder, name, "judge", python, seed, limit, shake)
              for seed, shake in ((1, False), (2, False), (1, True))]  # fmt: skip
    digests = [digest(run["lines"]) for run in (first, *others)]
    return {"status": first["status"], "cpu": first["cpu"], **record(*digests)}


def check(folder, name, expected):
    """Run a program on minitf and judge it by the record.

    Returns:
        dict: what `run_program` and `compare` found, and `passes`.
    """
    run = run_program(folder, name, "minitf")
    digested = digest(run.pop("lines"))
    if expected is None or expected["status"] not in ("ran", "limit"):
        return {**run, "passes": run["status"] in ("ran", "limit"), "unjudged": True}
    complete = run["status"] == "ran" and expected["status"] == "ran"
    found = compare(expected, digested, complete)
    agrees = found["lines"] == "same" and found["fixed"] == found["fixed_equal"]
    return {**run, **found, "passes": run["status"] in ("ran", "limit") and agrees}


def load(path):
    """The content of a JSON file, or an empty dict."""
    return json.loads(path.read_text()) if path.exists() else {}


def save(path, content):
    """Write a JSON file: sorted, an entry a line."""
    path.parent.mkdir(exist_ok=True)
    entries = (f"{json.dumps(key)}: {json.dumps(content[key])}" for key in sorted(content))
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n")


def main():
    """Run the programs of a folder, print a line for each, save the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=["minitf", "judge"], default="minitf")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has TensorFlow")
    parser.add_argument("--only", default="", help="only programs whose path contains this")
    options = parser.parse_args()
    path = EXPECTED if options.engine == "judge" else RESULTS
    expected, results = load(EXPECTED), load(path)
    for name in find_programs(options.folder):
        if options.only not in name:
            continue
        if options.engine == "judge":
            found = judge(options.folder, name, options.python)
        else:
            found = check(options.folder, name, expected.get(name))
        results[name] = found
        save(path, results)
        print({k: v for k, v in found.items() if k != "lines" or isinstance(v, str)}, name, flush=True)


if __name__ == "__main__":
    main()
