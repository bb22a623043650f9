"""`minitf run program.py [arguments]`: a TensorFlow 1 program or notebook on minitf, unchanged.

`minitf warmup`: compile the standard kernels for this machine, where they have not come compiled.
`python -m minitf` does the same as `minitf`.
"""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, do what it says, return the exit status."""
    parser = argparse.ArgumentParser(
        prog="minitf", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run = commands.add_parser("run", help="run a .py or .ipynb with `import tensorflow` meaning minitf")
    run.add_argument("program", help="the file to run")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program finds in sys.argv")
    warmup = commands.add_parser("warmup", help="compile the standard kernels for this machine")
    warmup.add_argument("--processes", type=int, help="how many at once; by default one a processor")
    warmup.add_argument("--quiet", action="store_true", help="say nothing")
    options = parser.parse_args(arguments)
    if options.command == "warmup":
        from minitf.warmup.command import warm_up

        return int(not warm_up(options.processes, None if options.quiet else sys.stderr))
    from minitf.compat import run_program

    try:
        return run_program(options.program, options.arguments)
    except FileNotFoundError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
