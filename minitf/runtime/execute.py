"""The one executor.  `Session.run` drains it; the debugger takes it one step at a time.

`execute` is a generator over the segments of a program.  A grouped program yields nothing on its
way; an ungrouped one yields a `Pause` before and after every operation, those inside a loop's body
or a taken branch included.
"""

import contextlib
from typing import NamedTuple

import numpy as np

from minitf import errors
from minitf.graph.operation import Operation, Tensor
from minitf.kernels.cuda.arrays import on_host
from minitf.kernels.machine import Stretch
from minitf.ops.op import MACHINE_TYPES
from minitf.runtime.shelves import Version
from minitf.runtime.variables import VariableState


class Pause(NamedTuple):
    """Where a stepped run stands: `when` is "before" or "after" operation `op` of `frame`."""

    when: str
    op: Operation
    frame: "Frame"


class Frame:
    """The values of one run, by slot; `session` gives programs for bodies, `program` is what runs.

    `copies` holds, by slot, arrays that were copied to a GPU in this run.
    """

    __slots__ = ("copies", "depth", "loop", "program", "segment", "session", "values")

    def __init__(self, session, program, fed_values, depth=0, loop=None):
        self.session, self.program, self.depth, self.loop = session, program, depth, loop
        self.values = [None] * len(program.plan.slots)
        self.segment, self.copies = None, {}
        for slot, value in zip(program.plan.fed_slots, fed_values, strict=True):
            self.values[slot] = value

    def value(self, tensor):
        """The present value of a tensor of this run's plan; None where it has none yet."""
        slot = self.program.plan.slots.get(tensor)
        value = None if slot is None else self.values[slot]
        return on_host(value.value if isinstance(value, VariableState) else value)

    def override(self, tensor, value):
        """Go on with another value.

        Raises ValueError where its dtype or shape can't fit, and where the tensor is no part of this frame: inside
        of a loop or branch only what is computed there can be replaced.
        """
        if tensor not in self.program.plan.slots:
            raise ValueError(f"{tensor.name} is not computed where the run stands, so it can't be replaced here")
        value = np.array(value, tensor.dtype.as_numpy_dtype, order="C")
        if not tensor.shape.is_compatible_with(value.shape):
            raise ValueError(
                f"{tensor.name} has shape {tensor.shape}; a value of shape {value.shape} can't replace it"
            )
        self.values[self.program.plan.slots[tensor]] = value
        self.copies.pop(self.program.plan.slots[tensor], None)
        if self.segment is not None:
            self.program.override(self.segment, tensor, value)

    def fetched(self):
        """The values of the plan's fetches, as arrays that belong to the caller."""
        return [self._fetch(f, s) for f, s in zip(self.program.plan.fetches, self.program.plan.fetch_slots)]

    def _fetch(self, fetch, slot):
        if not isinstance(fetch, Tensor):
            return None
        value = self.values[slot]
        if isinstance(value, VariableState):
            value = _initialized(value, fetch)
        return value.copy() if isinstance(value, np.ndarray) else on_host(value)


def execute(frame):
    """Run a frame's program to its end.  See the module's docstring for what it yields."""
    program, values = frame.program, frame.values
    stepping = not program.grouped
    segment = program.first(values)
    while segment is not None:
        frame.segment = segment
        op = segment.op if stepping else None
        if op is not None:
            yield Pause("before", op, frame)
        for slot, home in segment.entries:
            np.copyto(home, values[slot])
        if segment.loop is not frame.loop:
            segment.load_fixed(values, frame.loop)
        if segment.stretch is not None:
            failed = segment.run(program.state)
            if failed >= 0:
                fail(segment, failed, program.plan.slots)
        for slot, array in segment.results:
            values[slot] = array
        if segment.on_device is not None:
            _call_device(frame, segment)
        elif segment.call is not None:
            yield from _call(frame, segment.call)
        if op is not None:
            yield Pause("after", op, frame)
        segment = program.next(segment, values)


def fail(segment, position, slots):
    """Raise the error of the operation whose kernel, launch number `position`, gave up."""
    op = segment.launch_ops[position]
    found = [slots[t] for t in op.inputs]  # an input that was folded has no memory, but a known value
    arrays = [segment.homes[s] if s in segment.homes else segment.facts[s].value for s in found]
    arrays = [a.value if isinstance(a, (VariableState, Version)) else a for a in arrays]
    raise op.definition.explain(op, *arrays).at(op)


def _call(frame, op):
    """Run one operation in Python and put its outputs into the frame."""
    definition, slots = op.definition, frame.program.plan.slots
    state = frame.session.state
    try:
        inputs = [_input(frame, op, i, t) for i, t in enumerate(op.inputs)]
        if definition.enter is not None:
            outputs = yield from definition.enter(op, _Body(frame), *inputs)
            # a loop of no turns hands its inputs on; their memory may serve others after this
            outputs = [
                o.copy() if any(o is i for i in inputs) and isinstance(o, np.ndarray) else o for o in outputs
            ]
        elif getattr(definition, "variable", False):
            outputs = [state.variable(op)]
        elif definition.run is not None:
            outputs = definition.run(op, state, *inputs)
        elif definition.reference:
            with state.writing if op.attrs.get("use_locking") else contextlib.nullcontext():
                outputs = _write(op, inputs)
        else:
            if definition.state is not None:
                inputs.insert(0, state.hidden(op).writable())
            outputs = _measured(op, inputs) if definition.measure is not None else definition.evaluate(op, inputs)
            if definition.alias:
                outputs = [o.copy() if isinstance(o, np.ndarray) else o for o in outputs]
    except errors.OpError as error:
        raise error.at(op) from error.__cause__
    except (ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise errors.InvalidArgumentError(None, op, str(error)) from error
    except MemoryError as error:
        raise errors.ResourceExhaustedError(None, op, str(error)) from error
    for tensor, value in zip(op.outputs, outputs, strict=True):
        frame.values[slots[tensor]] = value


def _measured(op, inputs):
    """The outputs of an op whose kernel can run only now: the values of its inputs tell how much it will write."""
    definition = op.definition
    if any(a.size == 0 or a.dtype not in MACHINE_TYPES for a in inputs):
        return definition.evaluate(op, inputs)
    shapes = definition.measure(op, *inputs)
    if shapes is None:
        return definition.evaluate(op, inputs)
    outputs = [np.empty(s, t.dtype.as_numpy_dtype) for s, t in zip(shapes, op.outputs, strict=True)]
    if all(o.size for o in outputs):
        Stretch(definition.cpu(op, *inputs, *outputs)).run()
    return outputs


def _call_device(frame, segment):
    """Run one operation on the GPU; then forget values that nobody looks at any more, so that their memory is free."""
    op, plan, values = segment.call, frame.program.plan, frame.values
    inputs = []
    for position, tensor in enumerate(op.inputs):
        tensor = plan.fresh_uses.get((op, tensor), tensor)
        slot = plan.slots[tensor]
        value = values[slot]
        if value is None and tensor.dtype._is_ref_dtype:
            value = frame.program._state_of(tensor)
        elif isinstance(value, np.ndarray) and segment.on_device.copies(position):
            if slot not in frame.copies:
                frame.copies[slot] = segment.on_device.upload(value)
            value = frame.copies[slot]
        inputs.append(value)
    for tensor, value in zip(op.outputs, segment.on_device.run(inputs), strict=True):
        values[plan.slots[tensor]] = value
    if frame.program.grouped:
        for slot in plan.deaths.get(segment.end - 1, ()):
            values[slot] = None
            frame.copies.pop(slot, None)


def _input(frame, op, position, tensor):
    tensor = frame.program.plan.fresh_uses.get((op, tensor), tensor)
    value = frame.values[frame.program.plan.slots[tensor]]
    if value is None and tensor.dtype._is_ref_dtype:
        value = frame.program._state_of(tensor)
    if not isinstance(value, VariableState):
        value = on_host(value)
        if op.definition.run is not None and isinstance(value, np.ndarray):
            return (
                value.copy()
            )  # what Python keeps (a queue, a user's function) must not change with the next run
        return value
    if position in op.definition.reference:
        if not getattr(op.definition, "initializes", False):
            _initialized(value, tensor)
        value.bring_home()
        return value
    return _initialized(value, tensor)


def _initialized(state, tensor):
    if state.value is None and tensor.shape.num_elements() == 0:
        return np.zeros(tensor.shape.sizes, tensor.dtype.as_numpy_dtype)  # there is nothing to initialize
    if state.value is None:
        raise errors.FailedPreconditionError(
            None, tensor.op, f"Attempting to use uninitialized value {state.name}. Run its initializer, "
            "or tf.global_variables_initializer(), in this session first."
        )  # fmt: skip
    return on_host(state.value)


def _write(op, inputs):
    """An operation that writes variables, by its NumPy twin: it returns their new values."""
    states = [inputs[i] for i in op.definition.reference]
    arrays = [i.value if isinstance(i, VariableState) else i for i in inputs]
    new = op.definition.numpy(op, *arrays)
    new = new if isinstance(new, (list, tuple)) else [new]
    for state, array in zip(states, new, strict=True):
        dtype = state.value.dtype if state.value is not None else None
        state.set(np.asarray(array, dtype))
    return [states[0]] * len(op.outputs)


class _Body:
    """What a `while_loop` or `cond` uses to run the part of the graph that it owns."""

    def __init__(self, frame):
        self._frame = frame

    @property
    def state(self):
        return self._frame.session.state

    def __call__(self, fetches, feeds):
        """A generator that runs `fetches` with `feeds` {tensor: value} and returns their values."""
        with self.turns(fetches, feeds, ()) as turn:
            return (yield from turn(list(feeds.values())))

    def turns(self, fetches, fed, fixed):
        """What runs `fetches` again and again: see `loops.py`."""
        from minitf.runtime.loops import Turns  # a turn is an execution itself

        return Turns(self._frame, fetches, tuple(fed), fixed)
