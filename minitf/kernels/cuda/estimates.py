"""How fast a kernel can be, on paper: how many of its blocks fit a multiprocessor, and which limit it meets first.

*Occupancy.*  A multiprocessor (SM) hides the time that memory takes by turning to other warps, so it should hold many.
Registers, shared memory and slots for warps and blocks limit how many; each is handed out in units.  The limits are
those of the table "Technical Specifications per Compute Capability" in the CUDA C++ Programming Guide, the units those
of NVIDIA's occupancy calculator.

*Roofline.*  A kernel that does `intensity` operations per byte of memory traffic can't do more than
`min(peak, intensity * bandwidth)` of them a second (Williams, Waterman and Patterson, "Roofline: an insightful
visual performance model for multicore architectures", CACM 52(4), 2009).
"""

import dataclasses

WARP = 32


@dataclasses.dataclass(frozen=True)
class Gpu:
    """What one GPU has.

    warps, blocks       the most that one multiprocessor holds
    registers           of 32 bits, of a multiprocessor
    shared, reserved    bytes of shared memory of a multiprocessor; of these for the system, per block
    flops, bandwidth    float32 operations, and bytes of memory, per second, from NVIDIA's data sheet
    """

    name: str
    architecture: str
    multiprocessors: int
    warps: int
    blocks: int
    registers: int
    shared: int
    reserved: int
    flops: float
    bandwidth: float


GPUS = {
    "sm_80": Gpu("A100 SXM 80 GB", "sm_80", 108, 64, 32, 65536, 164 * 1024, 1024, 19.5e12, 2.039e12),
    "sm_90a": Gpu("H100 SXM", "sm_90a", 132, 64, 32, 65536, 228 * 1024, 1024, 67e12, 3.35e12),
}
REGISTER_UNIT = 256  # registers are given to a warp in units of this many,
WARP_UNIT = 4  # warps to a multiprocessor's four parts evenly,
SHARED_UNIT = 128  # and shared memory in units of this many bytes


@dataclasses.dataclass(frozen=True)
class Occupancy:
    """How many blocks a multiprocessor holds, the share of its warps that is, and what limits them."""

    blocks: int
    share: float
    limit: str


def occupancy(gpu, threads, registers, shared):
    """The occupancy by blocks of `threads` threads with so many registers each, and bytes of shared memory together."""
    warps = _up(threads, WARP) // WARP
    per_warp = _up(max(registers, 1) * WARP, REGISTER_UNIT)
    by = {
        "registers": gpu.registers // per_warp // WARP_UNIT * WARP_UNIT // warps,
        "shared memory": gpu.shared // _up(shared + gpu.reserved, SHARED_UNIT),
        "warps": gpu.warps // warps,
        "blocks": gpu.blocks,
    }
    limit = min(by, key=lambda name: (by[name], name != "warps"))
    return Occupancy(by[limit], by[limit] * warps / gpu.warps, limit)


def roofline(gpu, intensity):
    """The most float32 operations a second with so many of them per byte, and whether memory or arithmetic limits."""
    by_memory = intensity * gpu.bandwidth
    return min(gpu.flops, by_memory), "memory" if by_memory < gpu.flops else "arithmetic"


def _up(number, unit):
    return -(-number // unit) * unit
