"""CUDA kernels beside cuBLAS and PyTorch, on a machine with a GPU: `python -m benchmarks.on_gpu`.

Each row is the median time of a launch, the device being waited for before and after a batch of launches, and what that
is in TFLOP/s or GB/s.  PyTorch's column (and cuBLAS's, which it calls) is empty where PyTorch is not installed.
"""

import functools
import statistics
import sys
import time

import numpy as np

from minitf.kernels.cuda import convolution, devices, elementwise, matmul, reduction, softmax, transposing
from minitf.runtime.gpu import Launches

ROUNDS, REPEATS = 7, 20


def main():
    gpu = devices.find("") if devices.missing() is None else None
    if gpu is None:
        sys.exit(f"No GPU to measure: {devices.missing()}")
    print(gpu.description)
    print(f"{'workload':32}{'minitf':>12}{'torch':>12}   of the work")
    for name, arrays, launches, on_torch, work, unit in workloads():
        bound, copies = Launches.over(gpu, launches, arrays), [gpu.upload(a) for a in arrays]
        ours = measure(functools.partial(bound.run, copies), gpu.synchronize)
        theirs = torch_time(on_torch, arrays)
        beside = f"{theirs * 1e6:10.1f}us" if theirs else " " * 12
        print(f"{name:32}{ours * 1e6:10.1f}us{beside}   {work / ours / 1e9:.1f} {unit}")


def workloads():
    """(name, arrays, launches, the same in PyTorch, work, its unit): the last array is the result."""
    for n in (512, 2048, 4096):
        a, b, out = (np.ones((n, n), np.float32) for _ in range(3))
        own = matmul.launch(a, b, False, False, out)
        own.product = None  # our kernel, also where cuBLAS is installed
        yield f"matmul {n}", (a, b, out), [own], lambda torch, x, y, _: x @ y, 2 * n**3, "GFLOP/s"
    x, y, out = (np.ones(1 << 24, np.float32) for _ in range(3))
    plus = [elementwise.launch(_plus, [x, y], out)]
    yield "add 2^24", (x, y, out), plus, lambda torch, x, y, _: x + y, 3 * x.nbytes, "GB/s"
    x, out = np.ones((4096, 4096), np.float32), np.ones(4096, np.float32)
    for name, axis in (("row sums 4096^2", 1), ("column sums 4096^2", 0)):
        sums = reduction.launches(_plus, 0, x, {axis}, out)
        yield name, (x, out), sums, lambda torch, x, _, axis=axis: x.sum(axis), x.nbytes, "GB/s"
    out = np.ones_like(x)
    rows = [softmax.launch(softmax.softmax, x, out)]
    yield "softmax 4096^2", (x, out), rows, lambda torch, x, _: torch.softmax(x, 1), 2 * x.nbytes, "GB/s"
    turned = transposing.launches(x[None], out[None])
    yield "transpose 4096^2", (x, out), turned, lambda torch, x, _: x.T.contiguous(), 2 * x.nbytes, "GB/s"
    yield convolved()


def convolved():
    x, f = np.ones((64, 28, 28, 64), np.float32), np.ones((3, 3, 64, 64), np.float32)
    out = np.ones((64, 28, 28, 64), np.float32)
    launches = convolution.conv2d_launches(x, f, (1, 1), (1, 1, 1, 1), (1, 1), out)

    def on_torch(torch, x, f, _):
        x, f = x.permute(0, 3, 1, 2), f.permute(3, 2, 0, 1)
        return torch.nn.functional.conv2d(x, f, padding=1)

    return "conv2d 3x3, 64 to 64", (x, f, out), launches, on_torch, 2 * out.size * 9 * 64, "GFLOP/s"


def _plus(x, y):
    return x + y


def measure(run, wait):
    """Seconds of one run: the median of ROUNDS batches."""
    times = []
    for _ in range(ROUNDS + 1):  # the first one compiles
        wait()
        begin = time.perf_counter()
        for _ in range(REPEATS):
            run()
        wait()
        times.append((time.perf_counter() - begin) / REPEATS)
    return statistics.median(times[1:])


def torch_time(function, arrays):
    """The same in PyTorch, without TF32; None where there is no PyTorch with a GPU."""
    try:
        import torch
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    tensors = [torch.from_numpy(a).cuda() for a in arrays]
    return measure(lambda: function(torch, *tensors), torch.cuda.synchronize)


if __name__ == "__main__":
    main()
