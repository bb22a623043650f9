"""The child process of the runners: one program, or one file of tests, on minitf or on the judge.

The judge is TensorFlow itself: `import tensorflow` gives `tensorflow.compat.v1` with version 2 switched
off. Both see the same seeds, the same digits in place of MNIST and the same stand-ins for packages that
are not there.
"""

import argparse
import random
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

HERE = Path(__file__).resolve().parent
MINITF = HERE.parent.parent / "minitf"
MNIST = "tensorflow.examples.tutorials.mnist"


def main():
    """Read the command line and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["minitf", "judge"], required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shake", action="store_true", help="change each variable's first value by its last place")
    parser.add_argument("--results", help="run the methods of a test file; write a JSON line for each here")
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    sys.path.append(str(HERE / "stand_ins"))
    tf = switch_to_judge() if options.engine == "judge" else switch_to_minitf()
    from minitf.compat import era, program

    era.restore_names()
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        np.set_printoptions(legacy="1.25")  # the programs' authors saw 1.0, not np.float64(1.0)
    if options.results:
        import methods

        methods.run_file(options.file, Path(options.results))
        return 0
    if options.shake:
        shake(tf)
    random.seed(options.seed)
    np.random.seed(options.seed)
    tf.set_random_seed(options.seed)
    return program.execute(options.file, list(program.read_blocks(options.file)))


def switch_to_minitf():
    """`import tensorflow` is minitf from here on."""
    from minitf import compat

    return compat.install()


def switch_to_judge():
    """`import tensorflow` is TensorFlow 2's version 1 interface; minitf serves nothing but MNIST."""
    import tensorflow

    v1 = tensorflow.compat.v1
    v1.disable_v2_behavior()
    v1.logging.set_verbosity(v1.logging.ERROR)
    sys.modules["tensorflow"] = v1
    package = sys.modules["minitf"] = ModuleType("minitf")  # the root without what it imports
    package.__path__ = [str(MINITF)]
    from minitf.compat import mnist

    parts = MNIST.split(".")
    for length in range(2, len(parts) + 1):
        sys.modules[".".join(parts[:length])] = ModuleType(".".join(parts[:length]))
    sys.modules[MNIST].input_data = sys.modules[f"{MNIST}.input_data"] = mnist
    return v1


def shake(tf):
    """After an initializer has run, every floating variable is moved by one unit in the last place."""
    run = tf.Session.run

    def run_and_move(self, fetches, *arguments, **named):
        found = run(self, fetches, *arguments, **named)
        if isinstance(fetches, tf.Operation) and fetches.name.startswith("init"):
            for variable in tf.global_variables():
                value = run(self, variable)
                if isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f":
                    variable.load(np.nextafter(value, value.dtype.type(np.inf)), self)
        return found

    tf.Session.run = run_and_move


if __name__ == "__main__":
    sys.exit(main())
