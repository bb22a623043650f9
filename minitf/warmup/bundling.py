"""`python -m minitf.warmup.bundling`: put the standard kernels, compiled, into the package (see `kernels/bundle.py`).

One bundle for each level of x86-64 that this machine can run.  What is in the cache, or in the bundle that was there,
is not compiled again.
"""

import os
import subprocess
import sys

from minitf.kernels import bundle, objects
from minitf.kernels.processors import LEVELS, level, processor
from minitf.warmup.command import warm_up


def main():
    """Make the bundle of the level that NUMBA_CPU_NAME names, or one after the other those of all levels."""
    if not bundle.serves():
        print("Bundles are made on Linux, for x86-64.")
        return 1
    if processor() in LEVELS and "NUMBA_CPU_NAME" in os.environ:
        return make()
    best = list(LEVELS).index(level(objects.binding.get_host_cpu_features()))
    for each in list(LEVELS)[best:]:
        target = {"NUMBA_CPU_NAME": each.name, "NUMBA_CPU_FEATURES": each.features, "MINITF_WARMUP": "off"}
        environment = os.environ | target
        subprocess.run([sys.executable, "-m", "minitf.warmup.bundling"], env=environment, check=True)
    return 0


def make():
    """Make the bundle for `processor()`."""
    target, found = bundle.path(processor()), {}
    for name in warm_up():
        code = bundle.find(target, name) or objects.read(os.path.join(objects.folder(processor()), f"{name}.o"))
        if code is not None:  # what needs Numba at run time is compiled where it is needed
            found[name] = code
    bundle.write(target, found)
    print(f"{target.name}: {len(found)} kernels, {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
