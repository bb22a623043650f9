"""Operations on a GPU: which go there, how they are bound to it, and how they run.

A session has a `Placer` where there is a device (`kernels/cuda/devices.py`).  While a program is bound, the placer is
asked about each operation (`bind`).  An operation that goes to the device becomes a call: it takes
what it gets (copying to the device what is not there yet), launches its kernels, and leaves arrays on the device,
where the next operation finds them.  Copies to the host happen where an operation of the CPU, or whoever fetches,
looks at such an array.  Launches do not wait for each other's end: the device does them in order, while Python is
already preparing the next ones.

What goes to the device: operations that compute with floating point numbers, unless `tf.device` keeps them on the CPU.
Whole numbers are mostly sizes and indices, which the host needs: they stay there, as in TensorFlow.
An operation without kernels for a GPU stays on the CPU, too, which is said once for each type.
"""

import logging

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.cuda.arrays import DeviceArray, on_host
from minitf.kernels.cuda.launching import STATUS, Late
from minitf.kernels.cuda.redirecting import OpForGpu, for_gpu

_logger = logging.getLogger("tensorflow")
_TYPES = frozenset(
    np.dtype(n) for n in ("float32", "float64", "bool", *(f"{u}int{b}" for u in ("", "u") for b in (8, 16, 32, 64)))
)


class Placer:
    """Decides which operations of a session run on `device`, and binds them."""

    def __init__(self, device, state, log=False):
        self.device, self._state, self._log = device, state, log
        self._told = set()  # types of which was said that they stay on the CPU

    def bind(self, op, inputs, outputs, plan):
        """What runs `op` on the device, or None where it stays on the CPU.

        inputs, outputs   Specs with fully known shapes
        """
        found = self._bind(op, inputs, outputs, plan) if self._wants(op, inputs, outputs) else None
        if self._log and found is not None:
            _logger.info("%s: (%s): %s", op.name, op.type, self.device.name)
        return found

    def _bind(self, op, inputs, outputs, plan):
        definition = op.definition
        if op.type == "Const":
            return _Constant(self.device, op.attrs["value"])
        if definition.alias:
            return _View(self.device, op, outputs[0].shape.sizes, plan)
        if definition.cpu is None or any(inputs[i].value is None for i in definition.static):
            return self._stays(op)
        taken = [s for i, s in enumerate(inputs) if i not in definition.static]
        if not definition.takes_empty and any(s.shape.num_elements() == 0 for s in (*taken, *outputs)):
            return None
        found = translate(op, inputs, outputs, self._hidden(op))
        return self._stays(op) if found is None else OnDevice(self.device, op, self._state, inputs, *found)

    def _wants(self, op, inputs, outputs):
        types = {np.dtype(s.dtype.as_numpy_dtype) for s in (*inputs, *outputs)}
        floating = any(t.kind == "f" for t in types)
        return floating and bool(outputs) and types <= _TYPES and "CPU" not in op.device.upper()

    def _hidden(self, op):
        return None if op.definition.state is None else self._state.hidden(op).value

    def _stays(self, op):
        if op.type not in self._told:
            self._told.add(op.type)
            _logger.info(
                "%s has no kernel for a GPU here: it runs on the CPU, its inputs and results are copied", op.type
            )


def translate(op, inputs, outputs, hidden):
    """(launches, places, hidden) of an op for a GPU, or None.  `places` {id of a memory: ("input", 0), ...}."""
    definition = op.definition
    static = definition.static
    arrays = [
        s.value if i in static else np.empty(s.shape.sizes, s.dtype.as_numpy_dtype) for i, s in enumerate(inputs)
    ]
    made = [] if definition.reference else [np.empty(s.shape.sizes, s.dtype.as_numpy_dtype) for s in outputs]
    state = [] if hidden is None else [np.zeros_like(hidden)]
    try:
        launches = for_gpu(definition.cpu)(OpForGpu(op), *state, *arrays, *made)
    except (ValueError, NotImplementedError):
        return None  # what is wrong with the data, the CPU's way will say
    launches = None if launches is None else list(_flat(launches))
    if launches is None or not all(hasattr(launch, "grid") for launch in launches):
        return None
    places = {id(memory_of(a)): ("input", i) for i, a in enumerate(arrays) if i not in static}
    places.update((id(memory_of(a)), ("output", i)) for i, a in enumerate(made))
    places[id(STATUS)] = ("status", 0)
    return launches, places, (arrays, made)


def _flat(launches):
    for launch in launches:
        if isinstance(launch, (list, tuple)):
            yield from _flat(launch)
        else:
            yield launch


def memory_of(array):
    """The array that owns the memory of a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


class Launches:
    """Launches bound to where the device will find their arguments.

    places   {id of a NumPy array that stands for memory: (which, number)}: "input" 0, "output" 1, "status" 0
    """

    def __init__(self, device, launches, places):
        self._device, self._constants = device, {}
        self._launches = [(launch, [self._place(a, places) for a in launch.arguments]) for launch in launches]
        found = (p for _, arguments in self._launches for p in arguments if type(p) is tuple)
        self.may_give_up = any(p[:2] == ("status", 0) for p in found)

    @classmethod
    def over(cls, device, launches, arrays):
        """Launches whose memory is that of `arrays`, the inputs."""
        places = {id(memory_of(a)): ("input", i) for i, a in enumerate(arrays)}
        return cls(device, launches, {**places, id(STATUS): ("status", 0)})

    def _place(self, argument, places):
        """Where the device finds an argument: (which, number, offset, shape, dtype), or the number itself."""
        if not isinstance(argument, np.ndarray):
            return argument
        memory = memory_of(argument)
        place = places.get(id(memory))
        if place is None:  # geometry, or scratch
            place = "constant", id(memory)
            if id(memory) not in self._constants:
                self._constants[id(memory)] = self._device.upload(memory), memory
        return (*place, address_of(argument) - address_of(memory), argument.shape, argument.dtype)

    def run(self, inputs, outputs=(), hidden=None):
        """`hidden` is the state of the operation's random stream, on the host."""
        arrays = {"input": inputs, "output": outputs, "status": [self._device.status]}
        for launch, places in self._launches:
            arguments = []
            for place in places:
                if type(place) is tuple:
                    which, number, offset, shape, dtype = place
                    array = self._constants[number][0] if which == "constant" else arrays[which][number]
                    arguments.append(array.view(offset, shape, dtype))
                else:
                    arguments.append(np.uint64(hidden.value[place.position]) if type(place) is Late else place)
            self._device.launch(launch, arguments)
            if launch.advances is not None:
                _advance(hidden.writable(), launch.advances[1])


class _Bound:
    """An operation bound to the device, for certain shapes: `run(values)` gives its outputs, on the device.

    values   of the inputs: DeviceArrays, states of variables, or arrays on the host, where `copies` says no
    """

    def __init__(self, device):
        self._device = device

    def upload(self, value):
        with self._device.lock:
            return self._device.upload(value)

    def copies(self, position):
        """Whether input number `position` must be on the device."""
        return False


class OnDevice(_Bound):
    """An operation that launches kernels."""

    def __init__(self, device, op, state, inputs, launches, places, arrays):
        super().__init__(device)
        self._op, self._state = op, state
        static = op.definition.static
        self._known = {  # inputs that are copied once; static ones have done their work
            i: None if i in static else device.upload(np.asarray(s.value))
            for i, s in enumerate(inputs)
            if i in static or (s.value is not None and i not in op.definition.reference)
        }
        self._outputs = [(a.shape, a.dtype) for a in arrays[1]]
        self._launches = Launches(device, launches, places)

    def copies(self, position):
        return position not in self._known

    def run(self, values):
        device, definition = self._device, self._op.definition
        with device.lock:
            inputs = [self._input(i, v) for i, v in enumerate(values)]
            outputs = [device.empty(*o) for o in self._outputs]
            hidden = None if definition.state is None else self._state.hidden(self._op)
            self._launches.run(inputs, outputs, hidden)
            if self._launches.may_give_up and device.gave_up():
                raise definition.explain(self._op, *(on_host(getattr(v, "value", v)) for v in values)).at(self._op)
        return [values[definition.reference[0]]] * len(self._op.outputs) if definition.reference else outputs

    def _input(self, position, value):
        if position in self._known:
            return self._known[position]
        if position in self._op.definition.reference:
            return written_on_device(value, self._device)
        return on_device(value, self._device)


def _advance(state, blocks):
    """Add `blocks` to the 128-bit counter of a random state (key, low, high)."""
    counter = (int(state[1]) | int(state[2]) << 64) + blocks
    state[1], state[2] = counter & (2**64 - 1), counter >> 64 & (2**64 - 1)


class _Constant(_Bound):
    """A constant, copied to the device once."""

    def __init__(self, device, value):
        super().__init__(device)
        self._array = device.upload(value)

    def run(self, values):
        return [self._array]


class _View(_Bound):
    """An operation whose output is its input in another shape.  A read of a variable may have to be a copy."""

    def __init__(self, device, op, shape, plan):
        super().__init__(device)
        self._shape = shape
        self._is_copy = op.inputs[0].dtype._is_ref_dtype and op not in plan.aliased_reads

    def copies(self, position):
        return position == 0

    def run(self, values):
        with self._device.lock:
            found = on_device(values[0], self._device).reshape(self._shape)
            return [found.copy() if self._is_copy else found]


# -- from one memory to the other ----------------------------------------------------------------------------------


def on_device(value, device):
    """`value` (an array, or the state of a variable) on the device; a variable stays there from then on."""
    if hasattr(value, "writable"):
        if not isinstance(value.value, DeviceArray):
            value.move(device.upload(value.value))
        return value.value
    return value if isinstance(value, DeviceArray) else device.upload(value)


def written_on_device(state, device):
    """The array of a variable, to be written in place."""
    on_device(state, device)
    return state.writable()
