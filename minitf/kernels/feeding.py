"""Feeding: the values of a run go from Python's objects into the machine's memory, and the machine runs, in one call.

A small network's step takes less time than Python needs to look at two fed arrays and to copy them.  So machine
code does it: it goes through the feed_dict, compares each key with the one that is expected, the type of each
value, for an array the element type and the shape as well, and takes the numbers from where Python keeps them.  A
large array is not copied at all: for this one run the records of the kernels that read it point to its memory.

That needs to know how CPython and NumPy lay out a float and an array.  (Fixed by the header files
`floatobject.h` and `ndarraytypes.h`; `understood` tries it out.)  Where a value is anything else, or the layout
is another one, the caller takes the way through Python: see `runtime/straight.py`.
"""

import ctypes
import functools

import numpy as np
from llvmlite import binding, ir

from minitf.kernels import objects
from minitf.kernels.atomics import address_of, call_entry, copy_bytes, load, store
from minitf.kernels.compile import c_address, cached, record_words
from minitf.kernels.functions import Instruction, inline, types
from minitf.kernels.machine import run_instructions

DECLINED = -2
LARGE = 1 << 15  # bytes: copying takes longer than pointing

# Where things are in a Python object, in bytes.
_TYPE, _NUMBER = 8, 16
_DATA, _RANK, _SIZES, _ELEMENT, _FLAGS = 16, 24, 32, 56, 64
_PLAIN = 0x101  # flags of an array: C-contiguous, and its numbers at addresses that are multiples of their size

# The table of a feeding: addresses, the stretch, the pool, room for PyDict_Next, then for each fed value 11 words.
_FEED, _GO, _HOLD, _NEXT, _NOTHING, _DICT, _VALUES, _PROGRAM, _COUNT, _POOL, _LIMIT = range(11)
_AT, _KEY, _VALUE, _FIRST = range(11, 15)
_TENSOR, _GIVEN, _KIND, _EXPECTED, _HOME, _BYTES, _DTYPE, _NDIM, _SHAPE, _PLACES, _MANY, _WORDS = range(12)
_UNREAD, _FLOAT64, _FLOAT32, _COPIED, _POINTED = range(5)


@Instruction
def _put_number(context, target, source, narrow):
    """Copy the float64 at one address to another, as a float32 if `narrow`."""
    signature = types.void(types.int64, types.int64, types.int64)

    def generate(context, builder, signature, args):
        target, source, narrow = args
        number = builder.load(builder.inttoptr(source, ir.DoubleType().as_pointer()))
        with builder.if_else(builder.icmp_signed("!=", narrow, ir.Constant(ir.IntType(64), 0))) as (yes, no):
            with yes:
                short = builder.fptrunc(number, ir.FloatType())
                builder.store(short, builder.inttoptr(target, ir.FloatType().as_pointer()))
            with no:
                builder.store(number, builder.inttoptr(target, ir.DoubleType().as_pointer()))
        return context.get_dummy_value()

    return signature, generate


@inline
def _word(feed, index):
    return load(feed + 8 * index)


@inline
def _fits(feed, array):
    """Whether an array has the element type and the shape that a feed expects, and lies in one piece."""
    rank = _word(feed, _NDIM)
    if load(array + _ELEMENT) != _word(feed, _DTYPE) or load(array + _RANK) & 0xFFFFFFFF != rank:
        return False
    sizes, expected = load(array + _SIZES), _word(feed, _SHAPE)
    for d in range(rank):
        if load(sizes + 8 * d) != load(expected + 8 * d):
            return False
    return load(array + _FLAGS) & _PLAIN == _PLAIN


@inline
def _point(feed, memory):
    """Let every record that reads a feed's home read the same at the address `memory`."""
    places = _word(feed, _PLACES)
    for n in range(_word(feed, _MANY)):
        store(load(places + 16 * n), memory + load(places + 16 * n + 8))


@inline
def _next(table, given):
    """Put the next key and value of a dict where the table has room for them; False at its end."""
    room = table + 8 * _AT
    return call_entry(_word(table, _NEXT), given, room, room + 8, room + 16) & 0xFFFFFFFF != 0


@inline
def _is_expected(feed, key, value):
    kind = _word(feed, _KIND)
    if key != _word(feed, _TENSOR):
        return False
    if kind == _UNREAD:
        return True
    return load(value + _TYPE) == _word(feed, _EXPECTED) and (kind < _COPIED or _fits(feed, value))


@inline
def _take(feed):
    """Bring a value that is as expected to its home, or the other way round."""
    kind, value = _word(feed, _KIND), _word(feed, _GIVEN)
    if kind == _COPIED:
        copy_bytes(_word(feed, _HOME), load(value + _DATA), _word(feed, _BYTES))
    elif kind == _POINTED:
        _point(feed, load(value + _DATA))
    elif kind != _UNREAD:
        _put_number(_word(feed, _HOME), value + _NUMBER, kind == _FLOAT32)


@cached
def _feed(table, given):
    """Take a feed_dict (the address of Python's object); 0, or 1 where it is not what is expected."""
    count = _word(table, _VALUES)
    if given == _word(table, _NOTHING):
        return 0 if count == 0 else 1
    if load(given + _TYPE) != _word(table, _DICT):
        return 1
    store(table + 8 * _AT, 0)
    for i in range(count):
        feed = table + 8 * (_FIRST + _WORDS * i)
        if not _next(table, given) or not _is_expected(feed, _word(table, _KEY), _word(table, _VALUE)):
            return 1
        store(feed + 8 * _GIVEN, _word(table, _VALUE))
    if _next(table, given):
        return 1
    for i in range(count):
        _take(table + 8 * (_FIRST + _WORDS * i))
    return 0


@cached
def _go(table):
    """Run the stretch; then all records point home again."""
    failed = run_instructions(
        _word(table, _PROGRAM), _word(table, _COUNT), _word(table, _POOL), _word(table, _LIMIT)
    )
    for i in range(_word(table, _VALUES)):
        feed = table + 8 * (_FIRST + _WORDS * i)
        if _word(feed, _KIND) == _POINTED:
            _point(feed, _word(feed, _HOME))
    return failed


class Feeding:
    """A stretch with the arrays `homes` (None: nobody reads it) that the values of the `fed` tensors belong in.

    `run(feed_dict)` returns what running the stretch returns, or `DECLINED`, and then nothing has happened.
    `kept` are arrays that are looked at after the run: a home that is part of one is copied into.
    """

    def __init__(self, stretch, fed, homes, kept):
        self._stretch = stretch
        program, count, limit = stretch.instructions()
        words = [0] * _FIRST
        words[_FEED], words[_GO] = _addresses()
        words[_NEXT] = ctypes.cast(ctypes.pythonapi.PyDict_Next, ctypes.c_void_p).value
        words[_NOTHING], words[_DICT], words[_VALUES] = id(None), id(dict), len(homes)
        words[_PROGRAM], words[_COUNT], words[_LIMIT] = program, count, limit
        self._alive = [fed]  # what the table has the addresses of
        for tensor, home in zip(fed, homes, strict=True):
            words += [id(tensor), 0, *(self._words(home, kept) if home is not None else [_UNREAD] + [0] * 8)]
        words[_HOLD] = _POINTED in words[_FIRST + _KIND :: _WORDS]
        self._table = np.array(words, np.int64)
        self._call = _caller(address_of(self._table))
        self.run = self._call if limit == 1 else self._run_shared

    def _run_shared(self, feed_dict):
        self._table[_POOL] = self._stretch.wake_pool().address
        return self._call(feed_dict)

    def _words(self, home, kept):
        if home.ndim == 0 and home.dtype.char in "fd":
            kind = _FLOAT32 if home.dtype.char == "f" else _FLOAT64
            return [kind, id(float), address_of(home), *[0] * 6]
        copied = home.nbytes < LARGE or any(_inside(a, home) or _inside(home, a) for a in kept if a is not None)
        shape = np.array([*home.shape, 0], np.int64)
        places = np.array(() if copied else places_of(home, self._stretch), np.int64)
        self._alive += [shape, places, home.dtype]
        return [
            _COPIED if copied else _POINTED, id(np.ndarray), address_of(home), home.nbytes, id(home.dtype),
            home.ndim, address_of(shape), address_of(places), places.size // 2,
        ]  # fmt: skip


def places_of(home, stretch):
    """[address of a word of a record, bytes from the beginning of `home`, ...] of all that read `home`."""
    found = []
    for launch, record in zip(stretch.launches, stretch.records, strict=True):
        found += _places(launch.arguments, home, address_of(record))
        if launch.parts:  # each thread has records of its own: see `chunks.py`
            for mine in launch.arguments[2]:
                arguments = [a for part in launch.parts for a in part.arguments]
                found += _places(arguments, home, address_of(mine))
    return found


def _places(arguments, home, at):
    found = []
    for argument in arguments:
        if _inside(argument, home):
            found += [at, address_of(argument) - address_of(home)]
        at += 8 * len(record_words(argument))
    return found


def _inside(array, home):
    address = address_of(array)
    return address is not None and 0 <= address - address_of(home) < home.nbytes


@functools.cache
def understood():
    """Whether Python's floats and NumPy's arrays look in memory as this module thinks."""
    try:
        number, array = 1.5, np.arange(6, dtype=np.float64).reshape(2, 3)
        words = (ctypes.c_int64 * 9).from_address(id(array))
        sizes = (ctypes.c_int64 * 2).from_address(words[_SIZES // 8])
        return (
            ctypes.c_int64.from_address(id(number) + _TYPE).value == id(float)
            and ctypes.c_double.from_address(id(number) + _NUMBER).value == number
            and (words[_TYPE // 8], words[_DATA // 8], words[_ELEMENT // 8])
            == (id(np.ndarray), address_of(array), id(array.dtype))
            and (words[_RANK // 8] & 0xFFFFFFFF, *sizes, words[_FLAGS // 8] & _PLAIN) == (2, 2, 3, _PLAIN)
        )
    except (OSError, ValueError):
        return False


# -- a function of Python that calls `_feed`, and then `_go` without the global lock -------------------------------
#
# Without that lock another thread may empty the feed_dict: where the kernels read the caller's arrays, a list of
# them (PyDict_Values) keeps them alive.

_CALL = """
declare i64 @PyLong_AsLongLong(i8*)
declare i8* @PyLong_FromLongLong(i64)
declare i8* @PyEval_SaveThread()
declare void @PyEval_RestoreThread(i8*)
declare i8* @PyDict_Values(i8*)
declare void @Py_DecRef(i8*)
declare i8* @PyErr_Occurred()

define i8* @call_fed(i8* %self, i8* %feed_dict) {
  %table = call i64 @PyLong_AsLongLong(i8* %self)
  %words = inttoptr i64 %table to i64*
  %feed_word = load i64, i64* %words
  %feed = inttoptr i64 %feed_word to i64 (i64, i64)*
  %given = ptrtoint i8* %feed_dict to i64
  %declined = call i64 %feed(i64 %table, i64 %given)
  %taken = icmp eq i64 %declined, 0
  br i1 %taken, label %go, label %end
go:
  %third = getelementptr i64, i64* %words, i64 2
  %hold = load i64, i64* %third
  %reads = icmp ne i64 %hold, 0
  br i1 %reads, label %keep, label %run_it
keep:
  %values = call i8* @PyDict_Values(i8* %feed_dict)
  br label %run_it
run_it:
  %held = phi i8* [null, %go], [%values, %keep]
  %second = getelementptr i64, i64* %words, i64 1
  %run_word = load i64, i64* %second
  %run = inttoptr i64 %run_word to i64 (i64)*
  %state = call i8* @PyEval_SaveThread()
  %failed = call i64 %run(i64 %table)
  call void @PyEval_RestoreThread(i8* %state)
  call void @Py_DecRef(i8* %held)
  %raised = call i8* @PyErr_Occurred()
  %well = icmp eq i8* %raised, null
  br i1 %well, label %end, label %raise
raise:
  ret i8* null
end:
  %found = phi i64 [-2, %0], [%failed, %run_it]
  %result = call i8* @PyLong_FromLongLong(i64 %found)
  ret i8* %result
}
"""


@functools.cache
def _addresses():
    return c_address(_feed, ["int64"] * 2, "int64"), c_address(_go, ["int64"], "int64")


@functools.cache
def _method():
    engine = objects.engine_of_process()
    engine.add_module(binding.parse_assembly(_CALL))
    engine.finalize_object()
    return objects.Method(b"run", engine.get_function_address("call_fed"), 0x8, None)  # METH_O


def _caller(table):
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return new(ctypes.byref(_method()), table, None)
