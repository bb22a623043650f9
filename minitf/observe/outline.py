"""What of a graph is shown: which name scopes stand open, which are one box, and the edges between boxes.

A training graph has hundreds of operations, of which a dozen are the learner's idea.  So the outline
opens name scopes from the outside in while the picture stays small, and keeps closed

* a variable, with its initial value, its assignment and its slots: one box;
* an operation with the constants made for it: one box (`mul` and its `mul/y`);
* what differentiation and optimizers add (`gradients`, `Adam`): one box each.

What only serves these, or the start and the end of a program (`init`, `save`), is named and not drawn.
"""

from typing import NamedTuple

from minitf.observe.roles import BACKSTAGE, GRADIENTS, is_variable
from minitf.ops.op import SHAPE_OPS

ROOMY = 24  # boxes that a picture may have before it stops opening scopes by itself
MOST = 100  # boxes in any picture: layouts of more take seconds, and nobody reads them


class Box:
    """One thing in the picture: an operation, or a closed name scope with all its operations.

    `kind` is "operation", "variable", "constant", "placeholder", "scope", "training" or "outside".
    """

    def __init__(self, name, kind, ops, scope, main=None):
        self.name, self.kind, self.ops, self.scope = name, kind, ops, scope
        self.main = main  # the operation it stands for; None for a scope

    @property
    def label(self):
        return self.name.rpartition("/")[2]

    def __repr__(self):
        return f"<Box {self.name} ({self.kind}, {len(self.ops)} operations)>"


class Edge(NamedTuple):
    """What flows from one box to another: the tensors, or none where the target only waits."""

    source: Box
    target: Box
    tensors: list


class Outline(NamedTuple):
    """`boxes` in order of making, `edges`, the paths of the open scopes, and the names not drawn."""

    boxes: list
    edges: list
    open_scopes: list
    hidden: list


class Scope:
    """A name scope: the operations and scopes directly in it, and the operation of the same name."""

    def __init__(self, path):
        self.path, self.owner = path, None
        self.ops, self.scopes = [], {}

    @property
    def label(self):
        return self.path.rpartition("/")[2]

    def all_ops(self):
        found = [] if self.owner is None else [self.owner]
        for scope in self.scopes.values():
            found.extend(scope.all_ops())
        return sorted(found + self.ops, key=lambda op: op.id)

    def size(self):
        return len(self.ops) + len(self.scopes)

    def is_training(self):
        updates = any(name.startswith("update_") for name in self.scopes)
        return updates or bool(GRADIENTS.match(self.label))

    def is_one_thing(self):
        """True for a variable or an operation with its constants: no picture inside."""
        if self.owner is None:
            return False
        others = [op for op in self.all_ops() if op is not self.owner]
        return is_variable(self.owner) or all(op.type == "Const" for op in others)

    def is_backstage(self):
        return bool(BACKSTAGE.match(self.label))


def scope_tree(ops):
    """{path: Scope} of all name scopes; the top is ''."""
    scopes = {"": Scope("")}
    for op in ops:
        _scope(scopes, op.name.rpartition("/")[0])
    for op in ops:
        if op.name in scopes:
            scopes[op.name].owner = op
        else:
            scopes[op.name.rpartition("/")[0]].ops.append(op)
    return scopes


def _scope(scopes, path):
    found = scopes.get(path)
    if found is None:
        found = scopes[path] = Scope(path)
        parent, _, label = path.rpartition("/")
        _scope(scopes, parent).scopes[label] = found
    return found


def outline(graph, scope="", depth=None):
    """The outline of `graph`, or of its name scope `scope`.

    `depth` opens that many levels of scopes; None opens what fits.  Raises KeyError where there is no
    such scope, ValueError for a negative depth.
    """
    if depth is not None and depth < 0:
        raise ValueError(f"depth must be 0 or more, got {depth}")
    scopes = scope_tree(graph.get_operations())
    path = scope.rstrip("/")
    if path not in scopes:
        raise KeyError(f"There is no name scope {path!r}, only {', '.join(sorted(filter(None, scopes)))}")
    root = scopes[path]
    opened = _opened(root, depth)
    boxes = _boxes(root, opened)
    home = {op: box for box in boxes for op in box.ops}
    kept = [box for box in boxes if not _only_serves_training(box, home)]
    edges = _edges(kept, root)
    outside = [e.source for e in edges if e.source.kind == "outside"]
    hidden = [box.name for box in boxes if box not in kept and box.kind != "constant"]
    hidden += [s.path for s in opened for s in s.scopes.values() if s.is_backstage()]
    hidden += [op.name for s in opened for op in s.ops if BACKSTAGE.match(op.name.rpartition("/")[2])]
    return Outline([*dict.fromkeys(outside), *kept], edges, [s.path for s in opened if s is not root], hidden)


def _opened(root, depth):
    """The scopes that stand open, outer ones first."""
    opened, level, drawn = [root], [root], root.size()
    while level and depth != 0:
        candidates = [child for scope in level for child in scope.scopes.values() if not child.is_one_thing()]
        level = []
        for scope in sorted(candidates, key=Scope.size):
            if depth is None and (scope.is_training() or scope.size() < 3 or drawn + scope.size() > ROOMY):
                continue
            if scope.is_backstage() or drawn + scope.size() > MOST:
                continue
            drawn += scope.size() - 1
            opened.append(scope)
            level.append(scope)
        depth = None if depth is None else depth - 1
    return opened


def _boxes(root, opened):
    boxes = []
    for scope in opened:
        if scope.owner is not None:
            boxes.append(Box(scope.owner.name, _kind(scope.owner), [scope.owner], scope.path, scope.owner))
        for op in scope.ops:
            if not BACKSTAGE.match(op.name.rpartition("/")[2]):
                boxes.append(Box(op.name, _kind(op), [op], scope.path, op))
        for child in scope.scopes.values():
            if child not in opened and not child.is_backstage():
                boxes.append(_closed(child, scope.path))
    boxes.sort(key=lambda box: box.ops[0].id)
    if len(boxes) > MOST:
        rest = [op for box in boxes[MOST:] for op in box.ops]
        boxes[MOST:] = [Box("and more", "scope", rest, root.path)]
    return boxes


def _closed(scope, path):
    if scope.is_one_thing():
        return Box(scope.path, _kind(scope.owner), scope.all_ops(), path, scope.owner)
    return Box(scope.path, "training" if scope.is_training() else "scope", scope.all_ops(), path)


def _kind(op):
    if is_variable(op):
        return "variable"
    kinds = {"Const": "constant", "Placeholder": "placeholder", "PlaceholderWithDefault": "placeholder"}
    return kinds.get(op.type, "operation")


def _only_serves_training(box, home):
    """True for what only the training boxes take, and for constants that only say how: an axis, a shape."""
    if box.kind not in ("constant", "variable") and (box.main is None or box.main.type not in SHAPE_OPS):
        return False
    users = [
        (home.get(user), position in user.definition.static)
        for op in box.ops for tensor in op.outputs for user in tensor.consumers()
        for position, taken in enumerate(user.inputs) if taken is tensor
    ]  # fmt: skip
    users = [(user, says_how) for user, says_how in users if user not in (box, None)]
    if not users:
        return box.kind == "operation"
    return all(user.kind == "training" or (says_how and box.kind == "constant") for user, says_how in users)


def _edges(boxes, root):
    """All edges; but into a training box only those from others, and from the last thing it takes."""
    edges = _all_edges(boxes, root)
    last = {}
    for edge in edges:
        if edge.target.kind == "training" and edge.source.kind != "variable":
            before = last.setdefault(edge.target, edge.source)
            if edge.source.ops[-1].id > before.ops[-1].id:
                last[edge.target] = edge.source
    return [
        e for e in edges
        if e.target.kind != "training" or e.source.kind == "training" or e.source is last.get(e.target)
    ]  # fmt: skip


def _all_edges(boxes, root):
    home = {op: box for box in boxes for op in box.ops}
    outside, found = {}, {}
    for box in boxes:
        for op in box.ops:
            for tensor in op.inputs:
                source = home.get(tensor.op) or _outside(tensor.op, root, outside)
                if source is not None and source is not box:
                    found.setdefault((source, box), {})[tensor] = None
            for before in op.control_inputs:
                source = home.get(before)
                if source is not None and source is not box:
                    found.setdefault((source, box), {})
    return [Edge(source, target, list(tensors)) for (source, target), tensors in found.items()]


def _outside(op, root, known):
    """The box of an operation that a picture of one scope takes something from."""
    if not root.path or op.name.startswith(root.path + "/") or op.name == root.path or op.type == "Const":
        return None
    name = op.name.removesuffix("/read")
    return known.setdefault(name, Box(name, "outside", [op], "", op))
