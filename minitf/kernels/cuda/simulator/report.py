"""What a simulated launch has shown: findings, the cost of memory, and who touched what."""

import dataclasses
import html

import numpy as np

from minitf.kernels.cuda.simulator.analysis import SECTOR, costs, races
from minitf.kernels.cuda.simulator.arrays import ATOMIC, READ, WRITE

KINDS = {READ: "read", WRITE: "write", ATOMIC: "atomic"}
KIND_NUMBERS = {name: number for number, name in KINDS.items()}
POOR = 2  # this many times the ideal is worth a finding,
SMALL = 0.05  # but not where less of the kernel's work is done


class KernelError(Exception):
    """A kernel does what no kernel may do; the message names its line."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One fault of a kernel, or one piece of advice.

    kind      "race", "divergent barrier", "negative index", "out of bounds", "uninitialised", "bad shuffle",
              "misaligned", "exception"; as advice "uncoalesced", "bank conflict", "divergence"
    serious   whether the kernel is wrong, not only slow
    line      the line in `file`, whose text is `source`
    """

    kind: str
    message: str
    file: str
    line: int
    source: str
    serious: bool = True

    def __str__(self):
        return f"{self.kind}, line {self.line}: {self.source}\n    {self.message}"


@dataclasses.dataclass(frozen=True)
class Access:
    """One thread's access to one element: `array[index]`, in the n-th interval between barriers."""

    kind: str
    array: str
    index: tuple
    line: int
    interval: int


class Report:
    """What one launch has shown.  Prints as a table, and shows as one in a notebook.

    findings  faults first, then advice
    memory    a row for each place in the source that touches global or shared memory
    """

    def __init__(self, name, grid, block, recorder, regions, fault=None):
        self.name, self.grid, self.block = name, grid, block
        self._recorder, self._accesses = recorder, recorder.accesses()
        self._sizes = np.array([a.dtype.itemsize for a in recorder.arrays], int)
        self._is_shared = np.array([a.space == "shared" for a in recorder.arrays], bool)
        self.costs = costs(self._accesses, self._sizes, self._is_shared, int(np.prod(block)))
        faults = [fault] if fault else []
        faults += self._races(regions) + self._unwritten()
        total = sum(cost.units for cost in self.costs)
        advice = [a for cost in self.costs if cost.units >= SMALL * total for a in self._advice(cost)]
        # One line may touch several arrays.
        self.findings = faults + [*{(a.kind, a.file, a.line): a for a in reversed(advice)}.values()][::-1]

    @property
    def ok(self):
        """Whether the kernel did nothing wrong; it may still be slow."""
        return not any(finding.serious for finding in self.findings)

    def check(self):
        """Raise KernelError with the first fault, if there is one."""
        if not self.ok:
            raise KernelError(f"{self.name}: {self.findings[0]}")
        return self

    @property
    def traffic(self):
        """Bytes that go to and from global memory, in whole sectors, if no cache helps."""
        return SECTOR * sum(cost.units for cost in self.costs if not self._is_shared[cost.array])

    def touched(self, array, kind="read"):
        """How often each element of an argument was touched: "read", "write" or "atomic".  Raises KeyError."""
        number, table = self._argument(array), self._accesses
        values = self._recorder.arrays[number].values
        table = table.where((table.array == number) & (table.kind == KIND_NUMBERS[kind])).single(self._sizes)
        counts = np.zeros(values.shape, int)
        if len(table):
            steps = [table.offset // s % n if s else 0 * table.offset for s, n in zip(values.strides, values.shape)]
            np.add.at(counts, tuple(steps), 1)
        return counts

    def of(self, thread, block=(0, 0, 0)):
        """The accesses of one thread, in order: what it read and wrote.

        thread, block   threadIdx and blockIdx, as tuples (x, y, z) or shorter
        """
        table, (x, y, z), (i, j, k) = self._accesses, _triple(thread), _triple(block)
        number = x + self.block[0] * (y + self.block[1] * z)
        rank = i + self.grid[0] * (j + self.grid[1] * k)
        rows = table.where((table.thread == number) & (table.block == rank)).single(self._sizes)
        return [self._access(rows, n) for n in range(len(rows))]

    def threads_of(self, array, index):
        """The threads that touched an element of an argument, as (blockIdx, threadIdx, kind), each once."""
        number = self._argument(array)
        offset = sum(i * stride for i, stride in zip(index, self._recorder.arrays[number].strides, strict=True))
        table = self._accesses.where(self._accesses.array == number).single(self._sizes)
        table = table.where(table.offset == offset)
        rows = dict.fromkeys(zip(table.block.tolist(), table.thread.tolist(), table.kind.tolist()))
        return [(self._place(b, self.grid), self._place(t, self.block), KINDS[k]) for b, t, k in rows]

    def _argument(self, name):
        """The number of an argument.  Raises KeyError."""
        return {a.name: n for n, a in enumerate(self._recorder.arrays) if a.space == "global"}[name]

    def _access(self, rows, n):
        array = self._recorder.arrays[rows.array[n]]
        index = _index(array, rows.offset[n])
        line = self._recorder.sites[rows.site[n]].line
        return Access(KINDS[rows.kind[n]], array.name, index, line, int(rows.interval[n]))

    # -- findings ----------------------------------------------------------------------------------------------

    def _finding(self, kind, site, message, serious=True):
        site = self._recorder.sites[site]
        return Finding(kind, message, site.file, site.line, site.source, serious)

    def _unwritten(self):
        return [
            self._finding(
                "uninitialised",
                site,
                f"thread {thread} reads {name}{_brackets(place)}, which nobody has written"
                + (f" ({times} such reads)" if times > 1 else ""),
            )
            for (site, name), (thread, place, times) in self._recorder.unwritten_reads.items()
        ]

    def _races(self, regions):
        table = self._accesses.single(self._sizes)
        found = races(table, np.array(regions, int), self._is_shared)
        return [self._race(table, *race) for race in found]

    def _race(self, table, writer, other, count):
        first, second = self._access(table, writer), self._access(table, other)
        space = "shared" if self._is_shared[table.array[writer]] else "global"
        across = table.block[writer] != table.block[other]
        verb = {"read": "reads", "write": "writes", "atomic": "changes"}
        who = [self._thread(table, row) + (self._block(table, row) if across else "") for row in (writer, other)]
        between = "blocks run in any order" if across else "no barrier stands between"
        where = "here too" if first.line == second.line else f"on line {second.line}"
        return self._finding(
            "race",
            table.site[writer],
            f"{space} memory: {who[0]} {verb[first.kind]} {first.array}{_brackets(first.index)} here, "
            f"{who[1]} {verb[second.kind]} it {where}, and {between}"
            + (f" ({count} elements)" if count > 1 else ""),
        )

    def _advice(self, cost):
        shared, name = self._is_shared[cost.array], self._name(cost.array)
        if cost.units >= POOR * cost.ideal:
            if shared:
                yield self._finding(
                    "bank conflict",
                    cost.site,
                    f"lanes of a warp want different words of one bank of {name}: "
                    f"{cost.units} turns where {cost.ideal} would do",
                    serious=False,
                )
            elif cost.units > cost.ideal + cost.accesses:  # one sector more may be due to where the array begins
                yield self._finding(
                    "uncoalesced",
                    cost.site,
                    f"lanes of a warp {KINDS[cost.kind]} {name} far apart: {cost.units} sectors of 32 bytes "
                    f"where {cost.ideal} would do",
                    serious=False,
                )
        if cost.lanes * POOR <= cost.possible:
            yield self._finding(
                "divergence",
                cost.site,
                f"only {cost.lanes / cost.accesses:.3g} of {cost.possible / cost.accesses:.3g} lanes take part",
                serious=False,
            )

    def _name(self, array):
        return self._recorder.arrays[array].name

    def _thread(self, table, row):
        return f"thread {self._place(table.thread[row], self.block)}"

    def _block(self, table, row):
        return f" of block {self._place(table.block[row], self.grid)}"

    @staticmethod
    def _place(number, shape):
        return tuple(int(n) for n in np.unravel_index(number, shape[::-1])[::-1])

    # -- tables ------------------------------------------------------------------------------------------------

    HEAD = ("line", "access", "kind", "memory", "warp accesses", "lanes", "cost", "ideal", "efficiency")

    @property
    def memory(self):
        """The rows of the table of memory, as tuples under `HEAD`."""
        rows = []
        for cost in sorted(self.costs, key=lambda c: (self._recorder.sites[c.site].key, c.array)):
            site, array = self._recorder.sites[cost.site], self._recorder.arrays[cost.array]
            unit = "turns" if array.space == "shared" else "sectors"
            lanes, efficiency = f"{cost.lanes / cost.accesses:.3g}", f"{cost.ideal / cost.units:.0%}"
            kind = KINDS[cost.kind]
            rows.append((site.line, site.expression, kind, array.space, cost.accesses, lanes,
                         f"{cost.units} {unit}", cost.ideal, efficiency))  # fmt: skip
        return rows

    def _title(self):
        return f"{self.name}: {_many(self.grid, 'block')} of {_many(self.block, 'thread')}"

    def __str__(self):
        rows = [self.HEAD, *self.memory]
        widths = [max(len(str(row[c])) for row in rows) for c in range(len(self.HEAD))]
        lines = ["  ".join(str(cell).ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows]
        found = [str(finding) for finding in self.findings] or ["nothing found"]
        return "\n".join([self._title(), *found, "", *lines])

    __repr__ = __str__

    def _repr_html_(self):
        def cells(row, tag="td"):
            return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in row) + "</tr>"

        found = "".join(
            f"<li><b>{'' if f.serious else 'slow: '}{f.kind}</b>, line {f.line}: "
            f"<code>{html.escape(f.source)}</code><br>{html.escape(f.message)}</li>"
            for f in self.findings
        )
        table = cells(self.HEAD, "th") + "".join(map(cells, self.memory))
        found = f"<ul>{found}</ul>" if found else "<p>nothing found</p>"
        return f"<p><b>{html.escape(self._title())}</b></p>{found}<table>{table}</table>"


def _many(shape, noun):
    sizes = " x ".join(str(n) for n in shape if n > 1)
    return f"{sizes} {noun}s" if sizes else f"1 {noun}"


def _triple(place):
    place = tuple(place) if isinstance(place, tuple | list) else (place,)
    return (*place, 0, 0)[:3]


def _index(array, offset):
    """The index of the element that lies `offset` bytes after the first one."""
    index = []
    for stride, size in zip(array.values.strides, array.shape):
        index.append(int(offset // stride % size) if stride else 0)
    return tuple(index)


def _brackets(index):
    return "[" + ", ".join(str(int(i)) for i in index) + "]"
