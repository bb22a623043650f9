"""`python -m minitf run program.py [arguments]`: a TensorFlow 1 program or notebook on minitf, unchanged."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, do what it says, return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m minitf", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run = commands.add_parser("run", help="run a .py or .ipynb with `import tensorflow` meaning minitf")
    run.add_argument("program", help="the file to run")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program finds in sys.argv")
    options = parser.parse_args(arguments)
    from minitf.compat import run_program

    try:
        return run_program(options.program, options.arguments)
    except FileNotFoundError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
