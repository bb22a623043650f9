"""Several launches over the same pieces, done chunk by chunk: what one writes is in the cache when the next reads it.

Each launch must have *pieces* (see `Launch`): single elements, or lines of pictures.  A value that only these launches
use never exists as a whole: it has a chunk of memory in each thread.  No new machine code is needed: a kernel over a
range finds piece i at address + i * bytes of a piece, so for the chunk that begins at piece `at` the record says
(address of the thread's chunk) - at * bytes of a piece.
"""

import numpy as np

from minitf.kernels.atomics import address_of, call_entry
from minitf.kernels.compile import record_words
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import scratch

CHUNK = 2048  # elements: a few such chunks fit the first-level cache
LARGEST = 16384  # elements of a piece: a few such pieces fit the second-level cache
_LINE = 64  # bytes of a cache line


@kernel
def run_chunks(begin, end, worker, chunk, calls, records, patches, homes):
    """for each chunk of begin..end: for each call: entry(record, chunk)

    calls (n, 3): address of an entry, place of its record, units of a piece.  records (threads, words): each
    thread's own.  patches (k, 3): a place in the records that is the address of a temporary, the temporary's place in
    homes (threads, bytes), bytes of its pieces.
    """
    mine, home = records[worker], homes[worker].ctypes.data
    for at in range(begin, end, chunk):
        last = min(end, at + chunk)
        for k in range(patches.shape[0]):
            mine[patches[k, 0]] = home + patches[k, 1] - at * patches[k, 2]
        for n in range(calls.shape[0]):
            units = calls[n, 2]
            call_entry(calls[n, 0], mine.ctypes.data + 8 * calls[n, 1], at * units, last * units, worker)


def chunked_launch(launches, temporaries):
    """One launch that does `launches` in turn on each chunk; of their numbers of pieces the least divides the others.

    `temporaries` {address: array}: what only these launches use; the arrays' own memory is not touched.
    """
    pieces = min(launch.pieces for launch in launches)
    chunk = max(1, CHUNK // (max(launch.arguments[-1].size for launch in launches) // pieces))
    addresses = [[address_of(a) for a in launch.arguments] for launch in launches]
    places, size = _homes(addresses, temporaries, chunk, pieces)
    words, calls, patches = [], [], []
    for launch, found in zip(launches, addresses, strict=True):
        calls.append((launch.entry(), len(words), launch.units // pieces))
        for argument, address in zip(launch.arguments, found, strict=True):
            if address in temporaries:
                patches.append((len(words), places[address], argument.nbytes // pieces))
            words.extend(record_words(argument))
    records = scratch(len(words), np.int64)
    records[:, : len(words)] = words
    grain = launches[0].grain * pieces // launches[0].units // len(launches)
    found = Launch(
        run_chunks, chunk, np.array(calls, np.int64), records, np.array(patches, np.int64).reshape(-1, 3),
        scratch(size, np.uint8), units=pieces, grain=max(chunk, grain // chunk * chunk),
    )  # fmt: skip
    found.parts = launches
    return found


def _homes(addresses, temporaries, chunk, pieces):
    """({address of a temporary: place of its chunk}, bytes they take); chunks whose values are dead serve again."""
    last = {a: n for n, found in enumerate(addresses) for a in found}
    width = chunk * max((t.nbytes // pieces for t in temporaries.values()), default=0)
    width += -width % _LINE
    places, free, count = {}, [], 0
    for n, found in enumerate(addresses):
        used = dict.fromkeys(a for a in found if a in temporaries)
        for address in used:
            if address not in places:
                if not free:
                    free, count = [count], count + 1
                places[address] = free.pop() * width
        free.extend(places[a] // width for a in used if last[a] == n)
    return places, count * width
