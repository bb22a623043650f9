"""Which operations a run needs, in which order.

A plan knows no shapes: it is the answer to "what must run for these fetches, when these tensors are
fed?".  The order is that in which the program made the operations, unless inputs were changed later.
"""

from minitf import errors
from minitf.graph.operation import Tensor
from minitf.ops.op import Op


class Plan:
    """The operations that `fetches` (tensors and operations) need when the tensors in `fed` are given.

    Every tensor has a slot number; `slots` maps one to the other.  Where nobody looks on (`seen` is False), those in
    `idle` need not compute: others wait for them, but nobody takes what they make.
    """

    def __init__(self, fetches, fed, seen=True):
        self.fetches, self.fed = tuple(fetches), tuple(fed)
        self.ops = _needed(self.fetches, set(self.fed))
        _refuse_to_write(self.ops, self.fed)
        self.idle = set() if seen else set(self.ops) - _used(self.ops, self.fetches)
        self.slots = {}
        for tensor in self.fed:
            self._slot(tensor)
        for op in self.ops:
            for tensor in (*op.inputs, *op.outputs):
                self._slot(tensor)
        self.fetch_slots = [self._slot(f) if isinstance(f, Tensor) else None for f in self.fetches]
        self.fed_slots = [self.slots[t] for t in self.fed]
        busy = [op for op in self.ops if op not in self.idle]
        self.fresh_uses = _uses_that_wait_for_writes(busy)
        self.aliased_reads = _reads_before_writes(busy, self.fetches, self.fresh_uses)
        self.deaths = self._deaths()

    def _slot(self, tensor):
        return self.slots.setdefault(tensor, len(self.slots))

    def _deaths(self):
        """{position of an op: slots whose memory nobody looks at after it}; fetched values never die.

        A view (`reshape`) shares its source's memory, which lives as long as any view of it.
        """
        source, last = {}, {}
        for i, op in enumerate(self.ops):
            if op in self.idle:
                continue
            for tensor in (*op.inputs, *op.outputs):
                slot = self.slots[tensor]
                last[source.get(slot, slot)] = i
            if op.definition.alias:
                slot = self.slots[op.inputs[0]]
                source[self.slots[op.outputs[0]]] = source.get(slot, slot)
        kept = {source.get(s, s) for s in self.fetch_slots}
        deaths = {}
        for slot, i in last.items():
            if slot not in kept and slot not in source:
                deaths.setdefault(i, []).append(slot)
        return deaths

    def __repr__(self):
        lines = (f"{i:4d}  {op}" for i, op in enumerate(self.ops))
        return "\n".join([f"<Plan of {len(self.ops)} operations>", *lines])


def _needed(fetches, fed):
    fed_ops = {t.op for t in fed}
    found, pending = set(), [f for f in fetches if f not in fed]
    while pending:
        item = pending.pop()
        op = item.op if isinstance(item, Tensor) else item
        if op in found:
            continue
        found.add(op)
        pending.extend(t for t in op.inputs if t not in fed)
        # a control input from outside the branch that `op` stands in ran before the branch was entered
        pending.extend(c for c in op.control_inputs if c.context is op.context)
    if fed_ops & found:
        found = {op for op in found if not _all_fed(op, fed, fetches)}
    return _in_order(found, fed)


def _refuse_to_write(ops, fed):
    for tensor in fed:
        if not tensor.dtype._is_ref_dtype:
            continue
        for op in ops:
            if any(op.inputs[i] is tensor for i in op.definition.reference):
                raise errors.InvalidArgumentError(
                    None, op, f"'{op.name}' changes the variable {tensor.name}, but this run was fed a value for it"
                )


def _used(ops, fetches):
    """Those whose effect, error or outputs somebody sees."""
    used = {f.op if isinstance(f, Tensor) else f for f in fetches}
    for op in reversed(ops):
        if op in used or not _only_computes(op):
            used.add(op)
            used.update(t.op for t in op.inputs)
    return used


def _only_computes(op):
    """True where nobody could tell that `op` did not run, unless by its outputs, or because shapes do not fit.

    The gradients of a network's input are such operations: `tf.tuple` lets the others wait for them.
    """
    definition = op.definition
    plain = definition.explain is Op.explain and not definition.stateful and not definition.reference
    kernel = definition.cpu is not None and definition.measure is None
    return plain and definition.state is None and (kernel or definition.alias)


def _all_fed(op, fed, fetches):
    return bool(op.outputs) and all(t in fed for t in op.outputs) and op not in fetches


def _in_order(ops, fed):
    """Order of making; where a later change of inputs broke that, a depth-first order."""
    ordered = sorted(ops, key=lambda op: op.id)
    place = {op: i for i, op in enumerate(ordered)}
    if all(
        place.get(before, -1) < i
        for i, op in enumerate(ordered)
        for before in (*(t.op for t in op.inputs if t not in fed), *op.control_inputs)
    ):
        return ordered
    return _depth_first(ordered, place, fed)


def _depth_first(ops, members, fed):
    order, state = [], {}
    for root in ops:
        stack = [(root, False)]
        while stack:
            op, expanded = stack.pop()
            if expanded:
                state[op] = "done"
                order.append(op)
                continue
            if state.get(op) == "done":
                continue
            if state.get(op) == "open":
                raise errors.InvalidArgumentError(None, op, f"The graph has a cycle through '{op.name}'")
            state[op] = "open"
            stack.append((op, True))
            before = [t.op for t in op.inputs if t not in fed] + op.control_inputs
            for b in reversed(before):
                if b in members and state.get(b) != "done":
                    stack.append((b, False))
    return order


def _uses_that_wait_for_writes(ops):
    """{(op, tensor): variable}: uses of a read (`v/read`) by an op that waits for a write of that variable.

    Such a use sees the new value, although the read stands before the write: an average that is updated
    after the step (`with control_dependencies([step])`) averages what the step has made.
    """
    writes, reads, behind, found = {}, {}, {}, {}
    for op in ops:
        mask = 0  # bit n: the op waits, directly or through others, for write number n
        for before in (*(t.op for t in op.inputs), *op.control_inputs):
            mask |= behind.get(before, 0)
        for tensor in op.inputs:
            variable = reads.get(tensor)
            if variable is not None and mask & writes.get(variable, 0):
                found[op, tensor] = variable
        if op.type == "Identity" and op.inputs[0].dtype._is_ref_dtype:
            reads[op.outputs[0]] = _variable_of(op.inputs[0])
        for position in op.definition.reference:
            bit = 1 << len(behind)
            variable = _variable_of(op.inputs[position])
            writes[variable] = writes.get(variable, 0) | bit
            mask |= bit
        behind[op] = mask
    return found


def _reads_before_writes(ops, fetches, fresh_uses):
    """Reads of a variable (`v/read`) whose every user runs before anything writes the variable.

    These need no copy: they may look at the variable's own memory.  Whoever fetches comes last; uses that
    wait for the write look there anyway.
    """
    first_write, users = {}, {f: [len(ops)] for f in fetches if isinstance(f, Tensor)}
    for i, op in enumerate(ops):
        for position in op.definition.reference:
            first_write.setdefault(_variable_of(op.inputs[position]), i)
        for tensor in op.inputs:
            if (op, tensor) not in fresh_uses:
                users.setdefault(tensor, []).append(i)
    place = {op: i for i, op in enumerate(ops)}
    safe = set()
    for op in ops:
        if op.definition.alias and op.inputs and op.inputs[0].dtype._is_ref_dtype:
            limit = first_write.get(_variable_of(op.inputs[0]))
            if limit is None or (_last_use(op.outputs[0], users, ops) < limit and place[op] < limit):
                safe.add(op)
    return safe


def _variable_of(tensor):
    while tensor.op.definition.reference and tensor.dtype._is_ref_dtype:
        tensor = tensor.op.inputs[0]
    return tensor


def _last_use(tensor, users, ops):
    """The last position at which `tensor`, or another view of its memory, is used."""
    last, views = -1, [tensor]
    while views:
        view = views.pop()
        for i in users.get(view, ()):
            last = max(last, i)
            if i < len(ops) and ops[i].definition.alias and ops[i].inputs[0] is view:
                views.append(ops[i].outputs[0])
    return last
