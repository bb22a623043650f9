"""What a power cut may leave behind: a model of a disk, fed with what a real save did.

Adversarial, as journals with delayed allocation can be: the content of a file is sure only after `sync`, and is
whole, half or empty before, or zeros where room was reserved; a change of names is sure only after `sync_folder`, and
before that any subset of the changes may have happened.
"""

import itertools
import os

from minitf.checkpoint.disk import Disk


class RecordingDisk(Disk):
    """The real disk, which takes notes: [(what, path, ...)]."""

    def __init__(self):
        self.log = []

    def create(self, path):
        self.log.append(("create", path))
        return super().create(path)

    def reserve(self, file, size):
        self.log.append(("reserve", file.name, size))
        super().reserve(file, size)

    def write(self, file, content):
        self.log.append(("write", file.name, bytes(content)))
        super().write(file, content)

    def sync(self, file):
        self.log.append(("sync", file.name))
        super().sync(file)

    def rename(self, old, new):
        self.log.append(("rename", old, new))
        super().rename(old, new)

    def link(self, old, new):
        self.log.append(("link", old, new))
        super().link(old, new)

    def remove(self, path):
        super().remove(path)
        self.log.append(("remove", path))

    def sync_folder(self, path):
        self.log.append(("sync_folder", path))
        super().sync_folder(path)


class _Model:
    """Names and contents as the running system sees them, and what of them is sure."""

    def __init__(self, files):
        self.contents = dict(enumerate(files.values()))  # file number -> bytes
        self.unsure = set()  # file numbers whose content is not on the disk
        self.reserved = {}  # file number -> bytes that are zeros before they are on the disk
        self.seen = {name: number for number, name in enumerate(files)}
        self.sure = dict(self.seen)
        self.pending = []  # [(folder, {name: file number or None})]

    def _change(self, names):
        for name, number in names.items():
            if number is None:
                del self.seen[name]
            else:
                self.seen[name] = number
        last = list(names)[-1]
        self.pending.append((os.path.dirname(last), names))

    def do(self, what, path, *more):
        if what == "create":
            number = len(self.contents)
            self.contents[number] = b""
            self._change({path: number})
        elif what == "reserve":
            self.reserved[self.seen[path]] = more[0]
            self.unsure.add(self.seen[path])
        elif what == "write":
            self.contents[self.seen[path]] += more[0]
            self.unsure.add(self.seen[path])
        elif what == "sync":
            self.unsure.discard(self.seen[path])
        elif what == "rename":
            self._change({path: None, more[0]: self.seen[path]} if path != more[0] else {})
        elif what == "link":
            self._change({more[0]: self.seen[path]})
        elif what == "remove":
            self._change({path: None})
        else:
            self._sync_folder(path)

    def _sync_folder(self, folder):
        for _, names in (p for p in self.pending if p[0] == folder):
            _apply(self.sure, names)
        self.pending = [p for p in self.pending if p[0] != folder]

    def cuts(self):
        """Every {name: content} that a cut now may leave."""
        for kept in _subsets(self.pending):
            names = dict(self.sure)
            for _, change in kept:
                _apply(names, change)
            unsure = sorted(self.unsure & set(names.values()))
            for parts in itertools.product((0.0, 0.5, 1.0), repeat=len(unsure)):
                share = dict(zip(unsure, parts, strict=True))
                yield {name: self._part(n, share.get(n, 1.0)) for name, n in names.items()}

    def _part(self, number, share):
        content = self.contents[number]
        return content[: int(len(content) * share)].ljust(self.reserved.get(number, 0), b"\0")


def _apply(names, change):
    for name, number in change.items():
        if number is None:
            names.pop(name, None)
        else:
            names[name] = number


def _subsets(items):
    return itertools.chain.from_iterable(itertools.combinations(items, n) for n in range(len(items) + 1))


def crash_states(files, log):
    """Yield ({name: content}, True if the whole log was done) for every cut; each state once.

    `files` is what there was before, {path: content}, `log` what was done since.
    """
    model, seen = _Model(files), set()
    for done in range(len(log) + 1):
        for state in model.cuts():
            key = (frozenset(state.items()), done == len(log))
            if key not in seen:
                seen.add(key)
                yield state, done == len(log)
        if done < len(log):
            model.do(*log[done])


def read_tree(folder):
    """{path: content} of all files below a folder."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            with open(path, "rb") as file:
                found[path] = file.read()
    return found
