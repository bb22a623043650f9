"""What is noted while a block runs, and where in the source it happened."""

import dis
import functools
import linecache

import numpy as np

from minitf.kernels.cuda.simulator.threads import WARP

COLUMNS = ("block", "interval", "thread", "phase", "site", "array", "offset", "kind", "count", "value")


@functools.lru_cache(maxsize=4096)
def position(code, instruction):
    """The place in the source of an instruction: file, first and last line, first and last column.

    A place is known by it and not by the number of its instruction, which differs by some bytes once Python has
    found a faster way to do the same.
    """
    return (code.co_filename, *list(code.co_positions())[instruction // 2])


class Site:
    """One place in a kernel's source that touches memory or waits: a file, a line, and the expression there."""

    def __init__(self, file, line, last, start, end):
        self.file, self.line = file, line
        text = linecache.getline(self.file, self.line)
        whole = last == self.line and end is not None
        # Columns count bytes of UTF-8.
        self.expression = text.encode()[start:end].decode() if whole else text.strip()
        self.source = text.strip()

    @property
    def key(self):
        return self.file, self.line


class Accesses:
    """Accesses to memory as a table of whole numbers, a row for each; `table.thread` is its column.

    Of a value that was written stands its hash there: enough to know whether two are equal.
    """

    def __init__(self, rows):
        self.rows = rows

    def __getattr__(self, name):
        return self.rows[:, COLUMNS.index(name)]

    def __len__(self):
        return len(self.rows)

    @property
    def warp(self):
        return self.thread // WARP

    @property
    def lane(self):
        return self.thread % WARP

    def where(self, condition):
        return Accesses(self.rows[condition])

    def single(self, size_of):
        """With a row for each element, where a 128-bit access touches four of `size_of[array]` bytes."""
        if not len(self) or self.count.max() == 1:
            return self
        rows = np.repeat(self.rows, self.count, axis=0)
        first = np.repeat(np.cumsum(self.count) - self.count, self.count)
        rows[:, COLUMNS.index("offset")] += (np.arange(len(rows)) - first) * size_of[Accesses(rows).array]
        return Accesses(rows)


class Recorder:
    """Notes accesses by block and by interval between barriers; `accesses()` is the table of all."""

    def __init__(self):
        self.sites, self._site_numbers, self._place_numbers = [], {}, {}
        self.arrays, self._array_numbers = [], {}
        self.unwritten_reads = {}  # (site, name of the array) -> (thread, place, how many)
        self.block = self.interval = 0
        self.scheduler = None  # the running block's
        self._noted, self._tables = [], []

    def add(self, array, key):
        """Makes an array known and returns its number: the same for a shared array's copies in other blocks."""
        if key not in self._array_numbers:
            self._array_numbers[key] = len(self.arrays)
            self.arrays.append(array)
        return self._array_numbers[key]

    def site(self, frame):
        """The number of the place where `frame` stands."""
        key = id(frame.f_code), frame.f_lasti
        number = self._site_numbers.get(key)
        if number is None:
            place = position(frame.f_code, frame.f_lasti)
            number = self._site_numbers[key] = self._place_numbers.setdefault(place, len(self.sites))
            if number == len(self.sites):
                self.sites.append(Site(*place))
        return number

    def note(self, frame, array, offset, kind, count, value):
        thread = self.scheduler.current
        self._noted.append((thread.number, thread.phase, self.site(frame), array, offset, kind, count, value))

    def unwritten(self, frame, array, place):
        key = self.site(frame), array.name
        thread, first, times = self.unwritten_reads.get(key, (self.scheduler.current.place, place, 0))
        self.unwritten_reads[key] = thread, first, times + 1

    def begin(self, scheduler):
        """A block begins."""
        self.scheduler = scheduler

    def synchronised(self):
        """All threads of the block have come to a barrier: what was before it is visible after it."""
        self._close()
        self.interval += 1

    def end(self):
        """The block has ended."""
        self._close()
        self.block, self.interval, self.scheduler = self.block + 1, 0, None

    def _close(self):
        if self._noted:
            noted = np.array(self._noted, np.int64)
            head = np.broadcast_to([self.block, self.interval], (len(noted), 2))
            self._tables.append(np.concatenate([head, noted], axis=1))
            self._noted = []

    def accesses(self):
        return Accesses(np.concatenate([np.empty((0, len(COLUMNS)), np.int64), *self._tables]))


@functools.lru_cache(maxsize=1024)
def assigned_name(code, instruction):
    """The variable to which the result of a call is assigned: what the kernel calls a shared array."""
    after = (i for i in dis.get_instructions(code) if i.offset > instruction)
    return next((i.argval for i in after if i.opname == "STORE_FAST"), "array")
