"""`python -m benchmarks`: see the package's docstring."""

import argparse
import pathlib
import sys
import tempfile

from benchmarks.driver import Engine, is_installed, measure, measure_first_step
from benchmarks.table import page, table
from benchmarks.worker import ENGINES
from benchmarks.workloads import WORKLOADS

RESULTS = pathlib.Path(__file__).parent / "results.md"


def main(arguments=None):
    options = parse(arguments)
    engines = [engine for engine in options.engines.split(",") if is_installed(engine)]
    beginnings = tuple(options.only.split(","))
    names = [name for name in WORKLOADS if name.startswith(beginnings)]
    if not names:
        sys.exit(f"There is no workload {options.only}, only {', '.join(WORKLOADS)}")
    clock = "cpu" if options.cpu else "wall"
    results = collect(names, engines, options, clock)
    if options.output:
        options.output.write_text(page(results, engines, clock, options.rounds), encoding="utf-8")
        print(f"written to {options.output}")
    return results


def collect(names, engines, options, clock):
    results = {}
    with tempfile.TemporaryFile("w+") as log:
        workers = [Engine(engine, log) for engine in engines]
        try:
            for name in names:
                if name == "W10":
                    results[name] = measure_first_step(engines, options.rounds)
                else:
                    results[name] = measure(name, workers, options.rounds, options.seconds)
                print(table({name: results[name]}, engines, clock).splitlines()[-1], flush=True)
        finally:
            for worker in workers:
                worker.close()
    return results


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="minitf beside its peers.")
    parser.add_argument("--only", default="", help="workloads, or beginnings of their names: W1,W4-adam")
    parser.add_argument("--engines", default=",".join(ENGINES), help="those of %(default)s to run")
    parser.add_argument("--rounds", type=int, default=7, help="batches a workload and engine (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a batch (%(default)s)")
    parser.add_argument("--cpu", action="store_true", help="CPU time, for a machine with other work")
    parser.add_argument("--output", type=pathlib.Path, default=RESULTS, help="the table (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
