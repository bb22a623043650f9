"""What an operation is there for, and which operation it differentiates or updates.

A training graph is three graphs in one: *forward* computes, *backward* (what `tf.gradients` made) goes back
through it, *update* (what an optimizer made) changes the variables.  Around them stands the *auxiliary*: what
initializes, saves, counts and reports.  The names tell, as TensorFlow gives them, so graphs read from a file
have roles too.
"""

import re

FORWARD, BACKWARD, UPDATE, AUXILIARY = range(4)
ROLES = ("forward", "backward", "update", "auxiliary")

BACKSTAGE = re.compile(r"^(init|save|report_uninitialized_variables|group_deps_init)(_\d+)?$")
GRADIENTS = re.compile(r"^gradients(_\d+)?$")
_OF = re.compile(r"_grad(_\d+)?$")
_UPDATES = re.compile(r"^(Resource)?(Sparse)?Apply[A-Z]")


def roles(ops):
    """{operation: FORWARD, BACKWARD, UPDATE or AUXILIARY}."""
    updating = _updating_scopes(ops)
    slots = _slots(ops)
    found = {op: _role(op, updating, slots) for op in ops}
    for op in ops:
        if op.type == "Const" and found[op] == FORWARD:
            found[op] = _role_of_constant(op, found)
    return found


def _role_of_constant(op, found):
    """A constant serves whoever takes it; one that only says how (an axis, a shape) is auxiliary."""
    users = op.outputs[0].consumers()
    taken = {found.get(user, FORWARD) for user in users}
    forward = [user for user in users if found.get(user) == FORWARD]
    if forward and all(user.inputs.index(op.outputs[0]) in user.definition.static for user in forward):
        return AUXILIARY
    if not users:
        return FORWARD
    return taken.pop() if len(taken) == 1 else FORWARD


def _role(op, updating, slots):
    path = op.name.split("/")
    if any(map(BACKSTAGE.match, path)) or "Summary" in op.type:
        return AUXILIARY
    if any(map(GRADIENTS.match, path)):
        return BACKWARD
    prefixes = {"/".join(path[:n]) for n in range(1, len(path) + 1)}
    return UPDATE if prefixes & updating or prefixes & slots or _UPDATES.match(op.type) else FORWARD


def _updating_scopes(ops):
    """The scopes of optimizers: they have an `update_...` inside."""
    found = set()
    for op in ops:
        before, inside, _ = op.name.partition("/update_")
        if inside and before:
            found.add(before)
    return found


def _slots(ops):
    """Variables that only optimizers use: moments, powers of the decay rates."""
    found = set()
    for op in ops:
        if _UPDATES.match(op.type):
            found.update(variable_of(tensor).name for tensor in op.inputs[1:] if variable_of(tensor))
    return found


def variable_of(tensor):
    """The variable operation that `tensor` is, or reads; else None."""
    op = tensor.op
    while op.inputs and op.type in ("Identity", "ReadVariableOp") and not is_variable(op):
        op = op.inputs[0].op
    return op if is_variable(op) else None


def is_variable(op):
    return getattr(op.definition, "variable", False)


def partners(ops):
    """{operation: the forward operation it differentiates, or the variable it updates}.

    `gradients/dense/MatMul_grad/MatMul_1` belongs to `dense/MatMul`.  A sum of gradients belongs to the
    operation whose output they are the gradients of; what starts the walk belongs to the end of the loss.
    """
    by_name = {op.name: op for op in ops}
    found = {}
    rest = []
    for op in ops:
        if _UPDATES.match(op.type):
            variable = variable_of(op.inputs[0])
            if variable is not None:
                found[op] = variable
        elif (rule := _rule_scope(op.name)) is not None:
            forward = by_name.get(rule)
            if forward is not None:
                found[op] = forward
            else:
                rest.append(op)
    for op in reversed(rest):  # a start of the walk is made before what uses it
        partner = _common_source(op, found) or _partner_of_a_user(op, found)
        if partner is not None:
            found[op] = partner
    return found


def _rule_scope(name):
    """The forward name that `name`, in a scope of gradients, tells; '' where it tells none; else None."""
    path = name.split("/")
    for place, part in enumerate(path[:-1]):
        if GRADIENTS.match(part):
            rest = path[place + 1 :]
            for end, inner in enumerate(rest[:-1]):
                if _OF.search(inner):
                    return "/".join([*rest[:end], _OF.sub("", inner)])
            return ""
    return None


def _common_source(op, found):
    """For a sum of gradients: who made the tensor that all the differentiated operations took."""
    forwards = [found.get(t.op) for t in op.inputs]
    if not forwards or None in forwards:
        return None
    common = set(forwards[0].inputs).intersection(*(set(f.inputs) for f in forwards[1:]))
    return min(common, key=lambda t: t.op.id).op if common else forwards[0]


def _partner_of_a_user(op, found):
    users = [user for tensor in op.outputs for user in tensor.consumers() if user in found]
    return found[users[0]] if users else None
