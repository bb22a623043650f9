"""From the table of accesses to findings: races, and what memory costs.

*Races.*  Two threads touch the same bytes, at least one writes, and nothing orders them.  Within a warp `syncwarp`
orders, within a block the barrier, between blocks nothing does.  So the same question is asked three times, of
lanes, of warps and of blocks.  Threads that only write, and all the same value, do no harm.  (The order that only
the values of atomic operations or a fence give is not seen.)

*Cost.*  A warp's access to global memory moves sectors of 32 bytes; the ideal is as many as its bytes fill.  Shared
memory has 32 banks, each of which gives one 4-byte word at a time; lanes that want different words of one bank wait
for each other.  See the CUDA C++ Best Practices Guide, "Coalesced Access to Global Memory" and "Shared Memory".
The lanes' n-th accesses at one place of the source between two barriers count as one access of the warp.
"""

import dataclasses

import numpy as np

from minitf.kernels.cuda.simulator.arrays import ATOMIC, READ, WRITE
from minitf.kernels.cuda.simulator.threads import WARP

SECTOR, BANKS, WORD = 32, 32, 4
SHOWN = 64  # races with different pairs of places that are looked at


@dataclasses.dataclass
class Cost:
    """What the accesses at one place in the source cost, summed over all warps.

    units    sectors of global memory, or turns of the banks of shared memory
    ideal    the least that would do for these bytes
    """

    site: int
    array: int
    kind: int
    accesses: int
    lanes: int
    possible: int
    units: int
    ideal: int


def numbered(*columns):
    """The rows of the columns as one number each, equal where the rows are equal."""
    result = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, codes = np.unique(column, return_inverse=True)
        result = np.unique(result * len(values) + codes, return_inverse=True)[1]
    return result


def rank(keys):
    """For each row how many rows before it have the same key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else np.empty(0, int)
    result = np.empty(len(keys), np.int64)
    result[order] = np.arange(len(keys)) - np.repeat(first, np.diff(np.r_[first, len(keys)]))
    return result


# -- races -----------------------------------------------------------------------------------------------------


def races(accesses, regions, is_shared):
    """Pairs of rows that race, one pair for each pair of places in the source, with the number of elements.

    accesses   a table without 128-bit rows
    regions    for each array a number that is the same for arrays in the same memory
    is_shared  for each array whether it lies in shared memory
    """
    region, shared = regions[accesses.array], is_shared[accesses.array]
    found = {}
    # Shared memory is another in each block.
    address = numbered(region, accesses.offset, np.where(shared, accesses.block, -1))
    among_warps = numbered(address, accesses.block, accesses.interval)
    among_lanes = numbered(among_warps, accesses.warp, accesses.phase)
    for keys, who in (
        (among_lanes, accesses.thread),
        (among_warps, accesses.warp),
        (address, accesses.block),
    ):
        for pair in _conflicts(keys, who, accesses.kind, accesses.value):
            sites = tuple(int(s) for s in accesses.site[list(pair)])
            first, count = found.get(sites, (pair, 0))
            found[sites] = first, count + 1
    return [(*pair, count) for pair, count in found.values()]


def _conflicts(keys, who, kind, value):
    """For each key that two of `who` use, and one writes: a row that writes, and a row of another."""
    count = int(keys.max(initial=-1)) + 1
    kinds = np.zeros((count, 3), bool)
    kinds[keys, kind] = True
    writes = kind == WRITE
    mixed = kinds.sum(axis=1) > 1
    bad = _differ(keys, who, count) & (mixed | _differ(keys[writes], value[writes], count))
    rows = np.flatnonzero(bad[keys])
    rows = rows[np.argsort(keys[rows], kind="stable")]
    for group in np.split(rows, np.flatnonzero(np.diff(keys[rows])) + 1)[: SHOWN * 16] if len(rows) else []:
        strongest = WRITE if (kind[group] == WRITE).any() else ATOMIC
        writer = group[kind[group] == strongest][0]
        others = group[who[group] != who[writer]]
        if strongest == ATOMIC:
            others = others[kind[others] == READ] if (kind[others] == READ).any() else others
        yield int(writer), int(others[0])


def _differ(keys, values, count):
    """For each key whether its rows have different values."""
    lowest, highest = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(lowest, keys, values)
    np.maximum.at(highest, keys, values)
    return lowest < highest


# -- cost ------------------------------------------------------------------------------------------------------


def costs(accesses, sizes, is_shared, block_threads):
    """A `Cost` for each place in the source and kind of access, in the order of the source."""
    if not len(accesses):
        return []
    thread = numbered(accesses.block, accesses.interval, accesses.thread)
    turn = rank(numbered(thread, accesses.site, accesses.kind))
    group = numbered(accesses.block, accesses.interval, accesses.warp, accesses.site, accesses.kind, turn)
    size = sizes[accesses.array] * accesses.count
    shared = is_shared[accesses.array]
    units, ideal = np.zeros(group.max() + 1, int), np.zeros(group.max() + 1, int)
    for count_units, chosen in ((_sectors, ~shared), (_bank_turns, shared)):
        if chosen.any():
            table = accesses.where(chosen)
            own, least = count_units(group[chosen], table.offset, size[chosen], table.lane)
            units[: len(own)] += own
            ideal[: len(least)] += least
    return _summed(accesses, group, units, ideal, block_threads)


def _sectors(group, offset, size, lane):
    """For each group the sectors it touches, and the fewest that its bytes fill."""
    pairs = numbered(group, offset // SECTOR)
    sectors = _distinct(group, pairs)
    elements = numbered(group, offset)
    _, first = np.unique(elements, return_index=True)
    wanted = np.bincount(group[first], weights=size[first])
    return sectors, -(-wanted.astype(int) // SECTOR)


def _bank_turns(group, offset, size, lane):
    """For each group the turns that the banks need, and the turns without any conflict.

    As many lanes take part in a turn as have 128 bytes together: 32 with 4 bytes each, 8 with 16.
    """
    together = BANKS * WORD // np.maximum(size, WORD)
    part = numbered(group, lane // together)
    words = np.maximum(size // WORD, 1)
    repeat = np.repeat(np.arange(len(group)), words)
    word = offset[repeat] // WORD + np.arange(len(repeat)) - np.repeat(np.cumsum(words) - words, words)
    _, first = np.unique(numbered(part[repeat], word), return_index=True)
    bank = numbered(part[repeat][first], word[first] % BANKS)
    _, where, lanes = np.unique(bank, return_index=True, return_counts=True)
    turns = np.zeros(part.max() + 1, int)
    np.maximum.at(turns, part[repeat][first][where], lanes)
    parts, one = np.unique(part, return_index=True)
    owner = group[one]
    return np.bincount(owner, weights=turns[parts]).astype(int), np.bincount(owner).astype(int)


def _distinct(group, keys):
    _, first = np.unique(keys, return_index=True)
    return np.bincount(group[first])


def _summed(accesses, group, units, ideal, block_threads):
    """The groups of one site, array and kind together."""
    _, first, lanes = np.unique(group, return_index=True, return_counts=True)
    one = accesses.where(first)
    possible = np.minimum(WARP, block_threads - one.warp * WARP)
    place = numbered(one.site, one.array, one.kind)
    _, example = np.unique(place, return_index=True)
    total = [np.bincount(place, weights=w).astype(int) for w in (lanes, possible, units, ideal)]
    counts = np.bincount(place)
    return [
        Cost(int(one.site[e]), int(one.array[e]), int(one.kind[e]), int(counts[n]), *(int(t[n]) for t in total))
        for n, e in enumerate(example)
    ]
