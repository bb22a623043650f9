"""`tf.app`: start a program, with its flags read from the command line."""

import sys

from minitf import flags as flags
from minitf.flags import FLAGS, Error


def run(main=None, argv=None):
    """tf.app.run: read the flags, call `main(argv)` with the words that are no flags, and leave the program.

    `main` defaults to the function `main` of the program.  Wrong flags end the program with a message.
    """
    argv = sys.argv if argv is None else argv
    if {"--help", "-h", "-help", "--helpfull"} & set(argv[1:]) and "help" not in FLAGS:
        print(f"usage: {argv[0]} [flags]\n\nflags:\n{FLAGS.get_help()}")
        sys.exit(1)
    try:
        rest = FLAGS(argv)
    except Error as error:
        print(f"FATAL Flags parsing error: {error}", file=sys.stderr)
        print("Pass --help to see help on flags.", file=sys.stderr)
        sys.exit(1)
    main = main or sys.modules["__main__"].main
    sys.exit(main(rest))
