"""A plan bound to shapes: what the machine runs, and where Python steps in between.

A program is a tree of *segments*.  A segment is a stretch of machine instructions, then at most one
*call*: an operation that runs in Python (an effect, a decision, a result whose shape only shows when
it is there).  What follows a call depends on the shapes it returned, so segments are kept by shape:
the second run with the same shapes binds nothing.

While binding, integer arithmetic on shapes and constants is done once and for all (*folded*).

The grouped program makes stretches as long as they can be; the ungrouped one, for stepping, makes
one operation a segment.  Both decide op by op in the same way, so their numbers are equal bit for bit.
"""

import numpy as np

from minitf import errors
from minitf.graph.shape import TensorShape, as_shape
from minitf.kernels import copying
from minitf.kernels.chunks import CHUNK
from minitf.kernels.cuda.arrays import ARRAYS
from minitf.kernels.machine import Stretch
from minitf.ops.op import MACHINE_TYPES, SHAPE_OPS, Spec, can_fold, ghost
from minitf.runtime import check as checking
from minitf.runtime import shelves
from minitf.runtime.group import Group
from minitf.runtime.memory import Memory
from minitf.runtime.segment import Segment
from minitf.runtime.variables import VariableState

_KEPT_SHAPES = 32  # segments kept per place: beyond, the shapes keep changing and memory would grow


class Program:
    """One plan's segments, with their memory: used by one run at a time.

    The last `fixed` of the plan's fed tensors keep their values for all turns of a loop.
    """

    def __init__(self, plan, state, grouped, fixed=0):
        self.plan, self.state, self.grouped = plan, state, grouped
        self._fixed = set(plan.fed_slots[len(plan.fed_slots) - fixed :]) if grouped else set()
        self.straight = None  # the short way through the last run, if it has one: see `straight.py`
        self._first = {}
        self._called_or_fetched = {s for s in plan.fetch_slots if s is not None}

    def first(self, values):
        """The segment to start with, given the fed values."""
        plan = self.plan
        key = _signature(values, plan.fed_slots)
        segment = self._first.get(key)
        if segment is None or not segment.still_holds():
            facts = {
                s: Spec(_shape_of(values[s]), t.dtype.base_dtype) for t, s in zip(plan.fed, plan.fed_slots)
            }
            segment = _keep(self._first, key, self._bind(0, facts, shelves.given(plan.fed_slots, values), Memory()))
        return segment

    def next(self, segment, values):
        """The segment after `segment`, given what its call returned; None at the end."""
        if segment.end == len(self.plan.ops):
            return None
        outputs = [self.plan.slots[t] for t in segment.call.outputs] if segment.call is not None else []
        key = _signature(values, outputs)
        following = segment.following.get(key)
        if following is None or not following.still_holds():
            facts = dict(segment.facts)
            if segment.call is not None:
                self._learn(facts, segment.call, values)
            homes = dict(segment.homes) if self.grouped else {}
            found = self._bind(segment.end, facts, homes, Memory(segment.memory))
            following = _keep(segment.following, key, found)
        return following

    def override(self, segment, tensor, array):
        """After a value was changed by hand: nothing may be concluded from the old one."""
        slot = self.plan.slots[tensor]
        segment.facts[slot] = Spec(_shape_of(array), tensor.dtype.base_dtype)
        segment.following.clear()

    def _learn(self, facts, op, values):
        for tensor in op.outputs:
            slot = self.plan.slots[tensor]
            if slot not in facts or facts[slot].value is None:
                value = values[slot]
                shape = _shape_of(value.value if isinstance(value, VariableState) else value)
                facts[slot] = Spec(shape, tensor.dtype.base_dtype)

    def memories(self):
        """The `Memory` of every way that runs have taken through the program, at its end."""
        pending, found = list(self._first.values()), []
        while pending:
            segment = pending.pop()
            pending.extend(segment.following.values())
            if not segment.following:
                found.append(segment.memory)
        return found

    # -- binding ---------------------------------------------------------------------------------------------

    def _bind(self, start, facts, homes, memory):
        segment, known = Segment(start, facts, homes, memory), len(homes)
        ops = self.plan.ops
        while segment.end < len(ops):
            op = ops[segment.end]
            try:
                found = self._bind_op(segment, op)
            except (ValueError, TypeError) as error:
                if segment.launches or segment.group.ops:
                    break  # what stands before it runs first; then this op is met again and fails
                raise errors.InvalidArgumentError(None, op, str(error)) from error
            except MemoryError as error:
                raise errors.ResourceExhaustedError(None, op, str(error)) from error
            if found is None:
                self._settle(segment)
            elif found:
                self._settle(segment)
                self._append(segment, [op], found)
            self._bury(segment)
            segment.end += 1
            if found is None:
                segment.call = op
            if found is None or not self.grouped:
                break
        self._settle(segment)
        moved = segment.memory.settle()
        for slot in list(homes)[known:]:
            homes[slot] = moved(homes[slot])
        if segment.launches:
            segment.stretch = Stretch([launch.on(moved) for launch in segment.launches], self.state.threads)
        segment.launches = segment.group = None
        wanted = self._wanted(segment)
        segment.results = [(s, a) for s, a in segment.homes.items() if s in wanted]
        if checking.WANTED:
            checking.check(self.plan, segment)
        return segment

    def _append(self, segment, ops, launches):
        segment.launches.extend(launches)
        segment.launch_ops.extend([ops[0]] * len(launches))
        if len(ops) > 1:
            segment.joined[len(segment.launch_ops) - 1] = tuple(ops)

    def _settle(self, segment):
        """End the group of pointwise operations that is being collected: see `group.py`."""
        group = segment.group
        if group.ops:
            segment.group = Group()
            launches, homes = group.settle(lambda slot, spec: self._new(segment, slot, spec))
            segment.homes.update(homes)
            self._append(segment, group.ops, launches)
            for slot in group.temporaries:
                del segment.homes[slot]
            for slot in group.dying:
                segment.memory.give_back(slot)

    def _bury(self, segment):
        """Give the memory of values that nobody looks at after this op to later ones, or when its group ends."""
        if self.grouped:
            dead = self.plan.deaths.get(segment.end, ())
            if segment.group.ops:
                segment.group.dying.extend(dead)
            else:
                for slot in dead:
                    segment.memory.give_back(slot)

    def _new(self, segment, slot, spec):
        """Memory for the value of `slot`, which a kernel of this segment writes."""
        dtype = np.dtype(spec.dtype.as_numpy_dtype)
        if not self.grouped:
            return np.empty(spec.shape.sizes, dtype)
        return segment.memory.take(slot, spec.shape.sizes, dtype)

    def _wanted(self, segment):
        """Slots whose arrays must be seen outside the machine: fetched, or taken by this call."""
        if not self.grouped:
            return {self.plan.slots[t] for op in segment.launch_ops for t in op.outputs}
        wanted = set(self._called_or_fetched)
        if segment.call is not None:
            wanted.update(self.plan.slots[t] for t in segment.call.inputs)
        return wanted

    def _bind_op(self, segment, op):
        """Launches of `op` ([] where there is nothing to run), or None where Python must run it."""
        definition, slots = op.definition, self.plan.slots
        facts, homes = segment.facts, segment.homes
        if getattr(definition, "variable", False):
            state = self.state.variable(op)
            facts[slots[op.outputs[0]]] = Spec(_shape_of(state.value), op.attrs["dtype"])
            homes[slots[op.outputs[0]]] = state
            return [] if self.grouped else None
        inputs = [self._fact(segment, op, i, t) for i, t in enumerate(op.inputs)]
        if inputs and any(spec is None for spec in inputs):
            return None  # an uninitialized variable: the call finds out and says so
        if definition.run is not None or definition.enter is not None or (self.grouped and _takes_over(op)):
            return None
        outputs = [Spec(as_shape(shape), dtype.base_dtype) for shape, dtype in definition.infer(op, *inputs)]
        for tensor, spec in zip(op.outputs, outputs, strict=True):
            facts[slots[tensor]] = spec
        if self.grouped and any(map(shelves.is_list, op.inputs)):
            return shelves.bind(self, segment, op, inputs)
        known = all(s.value is not None for s in inputs)
        if known and can_fold(op):
            return self._fold(segment, op, inputs, outputs)
        if op.type in SHAPE_OPS and all(s.shape.is_fully_defined() for s in inputs):
            return self._fold(segment, op, [Spec(s.shape, s.dtype, ghost(s.shape)) for s in inputs], outputs)
        if op in self.plan.idle:
            return []  # that its shapes fit is all that must be known of it
        if self.state.placer is not None and self._bind_to_device(segment, op, inputs, outputs):
            return None
        if known and op.type == "Const":
            return self._fold(segment, op, inputs, outputs)
        if not all(s.shape.is_fully_defined() for s in outputs):
            return None
        if definition.alias:
            return self._bind_alias(segment, op, outputs[0])
        return self._bind_launches(segment, op, inputs, outputs)

    def _bind_to_device(self, segment, op, inputs, outputs):
        """True where the operation goes to a GPU: it then ends the segment, as a call."""
        if not all(s.shape.is_fully_defined() for s in (*inputs, *outputs)):
            return False
        segment.on_device = self.state.placer.bind(op, inputs, outputs, self.plan)
        return segment.on_device is not None

    def _fact(self, segment, op, position, tensor):
        slot = self.plan.slots[tensor]
        home = segment.homes.get(slot)
        spec = segment.facts[slot]
        if isinstance(home, VariableState) or self._is_variable(tensor):
            home = home if home is not None else self._state_of(tensor)
            if home.value is None:
                return None
            spec = Spec(_shape_of(home.value), spec.dtype)
        return spec

    def _is_variable(self, tensor):
        """Whether what stands for `tensor` is a variable's own value: not where this run is fed another."""
        return tensor.dtype._is_ref_dtype and tensor not in self.plan.fed

    def _state_of(self, tensor):
        while tensor.op.definition.reference:
            tensor = tensor.op.inputs[0]
        return self.state.variable(tensor.op)

    def _fold(self, segment, op, inputs, outputs):
        arrays = op.definition.evaluate(op, [s.value for s in inputs])
        for tensor, spec, array in zip(op.outputs, outputs, arrays, strict=True):
            slot = self.plan.slots[tensor]
            segment.facts[slot] = Spec(spec.shape, spec.dtype, array)
            if self.grouped:
                segment.homes[slot] = array
        return [] if self.grouped else None

    def _bind_alias(self, segment, op, output):
        source = op.inputs[0]
        slot = self.plan.slots[op.outputs[0]]
        if not self.grouped:
            return None
        if not _machine_type(output.dtype):
            return None
        if segment.group.holds(self.plan.slots[source]):
            self._settle(segment)
        array = self._array(segment, op, 0, source)
        if self._is_variable(source) and op not in self.plan.aliased_reads:
            segment.homes[slot] = self._new(segment, slot, output)
            return [copying.copy_launch(array, segment.homes[slot])] if array.size else []
        segment.homes[slot] = array.reshape(output.shape.sizes)
        return []

    def _bind_launches(self, segment, op, inputs, outputs):
        definition, slots = op.definition, self.plan.slots
        if definition.cpu is None or not all(_machine_type(s.dtype) for s in (*inputs, *outputs)):
            return None
        if any(inputs[i].value is None for i in definition.static):
            return None
        written = definition.reference
        if getattr(definition, "initializes", False) and any(s.shape != inputs[written[0]].shape for s in inputs):
            return None  # an assignment that changes the shape
        sizes = [s.shape.num_elements() for s in outputs]
        taken = [s for i, s in enumerate(inputs) if i not in definition.static]
        if not definition.takes_empty and (any(s.shape.num_elements() == 0 for s in taken) or 0 in sizes):
            return None  # kernels need not think of empty arrays
        if self.grouped and definition.joins and self._join(segment, op, inputs, outputs[0]):
            return []
        self._settle(segment)
        arrays = self._arrays(segment, op, inputs)
        made = [] if written else [self._new(segment, slots[t], s) for t, s in zip(op.outputs, outputs)]
        hidden = [] if definition.state is None else [self._hidden(segment, op)]
        launches = definition.cpu(op, *hidden, *arrays, *made)
        if launches is None:
            return None
        for tensor, array in zip(op.outputs, made, strict=False):
            segment.homes[slots[tensor]] = array
        for tensor in op.outputs if written else ():
            segment.homes[slots[tensor]] = self._state_of(op.inputs[written[0]])
        return launches

    def _join(self, segment, op, inputs, output):
        """True where `op` has joined the operations before it, or is the first of a new group."""
        if output.shape.num_elements() <= CHUNK:
            return False
        slot = self.plan.slots[op.outputs[0]]
        while True:
            group, array = segment.group, segment.group.lend(slot, output)
            launches = op.definition.cpu(op, *self._arrays(segment, op, inputs), array)
            if launches and group.accepts(launches):
                group.join(op, launches)
                segment.homes[slot] = array
                return True
            group.take_back(slot)
            if not group.ops:
                return False
            self._settle(segment)

    def _arrays(self, segment, op, inputs):
        static = op.definition.static
        return [inputs[i].value if i in static else self._array(segment, op, i, t) for i, t in enumerate(op.inputs)]

    def _hidden(self, segment, op):
        state = self.state.hidden(op)
        segment.writes.append(state)
        segment.assumptions[state] = state.writable()
        return state.value

    def _array(self, segment, op, position, tensor):
        """The array at a fixed address that holds input `position` of `op`."""
        tensor = self.plan.fresh_uses.get((op, tensor), tensor)
        slot = self.plan.slots[tensor]
        home = segment.homes.get(slot)
        if self._is_variable(tensor):
            state = home if isinstance(home, VariableState) else self._state_of(tensor)
            if position in op.definition.reference:
                segment.writes.append(state)
                segment.locks |= bool(op.attrs.get("use_locking"))
                state.bring_home()
                state.writable()
            segment.assumptions[state] = state.bring_home()
            return state.value
        if home is None:
            spec = segment.facts[slot]
            home = segment.homes[slot] = np.empty(spec.shape.sizes, spec.dtype.as_numpy_dtype)
            (segment.fixed if slot in self._fixed else segment.entries).append((slot, home))
        return home


def _takes_over(op):
    """Whether `op` assigns what Python has just made, such as a restored array: the machine would copy it twice."""
    return op.type == "Assign" and op.inputs[1].op.definition.run is not None


def _machine_type(dtype):
    return np.dtype(dtype.as_numpy_dtype) in MACHINE_TYPES


def _signature(values, slots):
    return tuple([_shape_and_type(values[s]) for s in slots])


def _shape_and_type(value):
    if isinstance(value, ARRAYS):
        return value.shape, value.dtype.num
    return value if isinstance(value, shelves.Listed) else None


def _shape_of(value):
    return TensorShape(value.shape if isinstance(value, ARRAYS) else None)


def _keep(segments, key, segment):
    if len(segments) >= _KEPT_SHAPES:
        segments.clear()
    segments[key] = segment
    return segment
