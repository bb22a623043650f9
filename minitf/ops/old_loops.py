"""TensorFlow 1's loops as functions: nodes that send values around become one `While`.

There, `Enter` brings a value into a frame, `Merge` takes what entered or what the last turn gave, `Switch` sends it
into the body or, by `Exit`, out, as `LoopCond` decides, and `NextIteration` sends it to the next turn (Yu and others,
Dynamic Control Flow in Large-Scale Machine Learning, 2018).  Here each frame, the innermost first, becomes a `While`
node with two functions, as TensorFlow 2 has it.  Stacks, which gradients use, are lists that go through the loop.
"""

from minitf import errors
from minitf.graph.messages import AttrValue
from minitf.graph.serialization import get_attr
from minitf.ops.old_arrays import lists_for_arrays
from minitf.ops.old_branches import functions_for_branches
from minitf.ops.old_nodes import Net, Part, kind_of
from minitf.ops.trust import malformed

_OLD = {"Enter", "Merge", "Switch", "Exit", "NextIteration", "LoopCond", "StackV2", "TensorArrayGradV3"}
_MOST_FRAMES = 1000
_MOST_WORK = 1 << 29  # nodes of control flow times nodes


def functions_for_control_flow(graph_def):
    """Rewrite the nodes of a GraphDef that are TensorFlow 1's control flow; others stay as they are.

    Raises MalformedGraphError where they do not make up loops and branches.
    """
    kinds = {kind_of(n) for n in graph_def.node}
    arrays = any(n.op == "TensorArrayWriteV3" and len(n.input) > 3 for n in graph_def.node)
    if not (kinds & _OLD or arrays or "TensorArrayScatterV3" in kinds):
        return
    if sum(n.op in _OLD for n in graph_def.node) * len(graph_def.node) > _MOST_WORK:
        malformed("The graph has too much control flow")
    net = Net(graph_def)
    try:
        lists_for_arrays(net)
        _Loops(net).run()
        functions_for_branches(net)
    except errors.MalformedGraphError:
        raise
    except Exception as error:  # what is not there, or of another kind, fails in many ways
        malformed(f"The control flow of the graph is broken: {type(error).__name__} {str(error)[:200]}")
    del graph_def.node[:]
    graph_def.node.extend(net.nodes.values())


class _Frame:
    def __init__(self, name, parent):
        self.name, self.parent = name, parent
        self.depth = 0 if parent is None else parent.depth + 1


class _Loops:
    """The frames of a `Net`, and what becomes of them."""

    def __init__(self, net):
        self.net, self.frames = net, {}
        self.frame_of = {}  # name of a node -> its _Frame, None outside all
        self._find_frames()

    def run(self):
        for frame in sorted(self.frames.values(), key=lambda f: -f.depth):
            _Loop(self, frame).build()
        names = set(self.net.nodes)
        for node in self.net.nodes.values():
            node.input[:] = [t for t in node.input if not t.startswith("^") or t[1:] in names]

    def _find_frames(self):
        for node in _forward_order(self.net):
            around = [self.frame_of.get(Net.name(t)) for t in node.input]
            deepest = max((f for f in around if f is not None), key=lambda f: f.depth, default=None)
            if node.op == "Enter":
                deepest = self._entered(node, deepest)
            elif node.op == "Exit":
                if deepest is None:
                    malformed(f"Node '{node.name}' (Exit) is in no loop")
                deepest = deepest.parent
            self.frame_of[node.name] = deepest

    def _entered(self, node, parent):
        key = parent, node.attr["frame_name"].s
        if key not in self.frames:
            if len(self.frames) >= _MOST_FRAMES:
                malformed(f"The graph has more than {_MOST_FRAMES} loops")
            self.frames[key] = _Frame(node.attr["frame_name"].s.decode("utf-8", "replace"), parent)
        return self.frames[key]


def _forward_order(net):
    """The nodes, each behind those it needs; what comes from the turn before counts as there."""
    waits, users, ready = {}, {}, []
    for node in net.nodes.values():
        needed = {Net.name(t) for t in node.input}
        needed = {n for n in needed if not (node.op == "Merge" and net.nodes[n].op == "NextIteration")}
        waits[node.name] = len(needed)
        for name in needed:
            users.setdefault(name, []).append(node.name)
        if not needed:
            ready.append(node.name)
    count = 0
    while ready:
        name = ready.pop()
        count += 1
        yield net.nodes[name]
        for user in users.get(name, ()):
            waits[user] -= 1
            if not waits[user]:
                ready.append(user)
    if count < len(net.nodes):
        stuck = next(name for name, left in waits.items() if left)
        malformed(f"Node '{stuck}' needs its own result: the graph has a cycle")


class _Loop:
    """One frame.  Its variables are (argument, initial value, value after a turn)."""

    def __init__(self, loops, frame):
        self.loops, self.net, self.frame = loops, loops.net, frame
        members = [n for n in self.net.nodes.values() if loops.frame_of.get(n.name) is frame]
        self.decisions = [n for n in members if n.op == "LoopCond"]
        if len(self.decisions) != 1:
            malformed(f"Loop '{frame.name}' has {len(self.decisions)} conditions")
        self.members, self.variables, self.names, self.shapes = members, [], {}, []
        self.effects, self.controls = set(), set()
        self.changed, self.pushed = [], []  # the places of lists that turns change, and of those they add to

    def build(self):
        self._find_variables()
        self._find_fixed()
        net, decision = self.net, self.decisions[0]
        arguments = [v[0] for v in self.variables]
        condition = Part(net, self._given, self._is_inside)
        result = condition.take(decision.input[0])
        scope = self.frame.name.removesuffix("/while_context").removesuffix("while_context") or "loop"
        name = net.free_name(f"{scope}/While")
        label = name.replace("/", "_")
        decide = self._function(f"{label}_cond", arguments, condition, [result])
        body = Part(net, self._given, self._is_inside)
        results = [argument if after is None else body.take(after) for argument, _, after in self.variables]
        for effect in sorted(self.effects):
            body.take_node(effect)
        turn = self._function(f"{label}_body", arguments, body, results, sorted(self.effects))
        waits = {t for t in self.controls | condition.waits | body.waits if self._stands_outside(t)}
        inputs = [initial for _, initial, _ in self.variables]
        net.add("While", name, inputs, sorted(waits), cond=decide, body=turn)
        self._set_shapes(net.nodes[name])
        self.loops.frame_of[name] = self.frame.parent
        self._leave(name)

    def _function(self, label, arguments, part, results, effects=()):
        inner = Net.__new__(Net)
        inner.library, inner.nodes = self.net.library, part.nodes
        unchanged = {i: arguments[i] for i in self.changed if len(results) == len(arguments)}
        results = functions_for_branches(inner, arguments, results, unchanged)
        effects = [e for e in effects if e in inner.nodes]
        return self.net.function(label, arguments, inner.nodes.values(), results, effects)

    def _is_inside(self, name):
        node = self.net.nodes.get(name)
        plain = node is not None and node.op not in _OLD and node.op != "Enter"
        return plain and self.loops.frame_of.get(name) is self.frame and name not in self.names

    def _stands_outside(self, text):
        return text[1:] in self.net.nodes and self.loops.frame_of.get(text[1:]) is self.frame.parent

    def _find_variables(self):
        for node in self.members:
            sources = [self.net.nodes[Net.name(t)] for t in node.input if not t.startswith("^")]
            if node.op == "Merge" and any(s.op == "NextIteration" for s in sources):
                around = sorted(sources, key=lambda s: s.op == "NextIteration")
                if len(sources) != 2 or around[0].op != "Enter" or around[1].op != "NextIteration":
                    malformed(f"Node '{node.name}' (Merge) does not begin a turn of loop '{self.frame.name}'")
                enter, following = around
                self.names[node.name] = f"variable_{len(self.variables)}"
                self._add_variable(self.names[node.name], enter, following.input[0])
                self.names[enter.name] = None
                self.effects |= {t[1:] for t in following.input if t.startswith("^") and self._is_inside(t[1:])}
                self.shapes.append(node.attr["_output_shapes"] if "_output_shapes" in node.attr else AttrValue())

    def _add_variable(self, argument, enter, after):
        self.variables.append((argument, enter.input[0], after))
        self.controls |= {t for t in enter.input if t.startswith("^")}

    def _find_fixed(self):
        consumers = self.net.consumers()
        for node in self.members:
            if node.op != "Enter" or node.name in self.names:
                continue
            argument = self.names[node.name] = f"fixed_{len(self.variables)}"
            self._add_variable(argument, node, self._changed(node.name, consumers))

    def _changed(self, text, consumers):
        """What becomes of the list `text` in a turn: the text of the list after it, None where nothing does."""
        name = Net.name(text)
        for other in (self.net.nodes[n] for n in consumers.get(name, ())):
            if text not in other.input:
                continue
            if other.op in ("StackPushV2", "StackPopV2") and other.input[0] == text:
                return self._push(other) if other.op == "StackPushV2" else self._pop(other)
            if other.op == "While" and other.attr["_stacks"].list.i:
                return self._updated(other, text)
            if other.op == "Switch" and Net.name(other.input[1]) != self.decisions[0].name:
                after = self._changed(other.name, consumers) or self._changed(f"{other.name}:1", consumers)
                if after is not None:  # in a branch; where another is taken, the list stays as it is
                    return after
        return None

    def _push(self, node):
        """The value passes; what the list is afterwards goes to the next turn, and to whoever pops from it."""
        element = [t for t in node.input if not t.startswith("^")][1]
        controls = [t for t in node.input if t.startswith("^")]
        name = self.net.add("TensorListPushBack", f"{node.name}/list", [node.input[0], element], controls)
        self.net.nodes[name].attr["element_dtype"].CopyFrom(node.attr["element_dtype"])
        node.op, node.input[:] = "Identity", [element, *controls]
        node.attr.clear()
        self.loops.frame_of[name] = self.frame
        self.changed.append(len(self.variables))
        self.pushed.append(len(self.variables))
        return name

    def _pop(self, node):
        controls = [t for t in node.input if t.startswith("^")]
        shape = self.net.constant(f"{node.name}/shape", -1)
        name = self.net.add("TensorListPopBack", f"{node.name}/list", [node.input[0], shape], controls)
        self.net.nodes[name].attr["element_dtype"].CopyFrom(node.attr["element_dtype"])
        node.op, node.input[:] = "Identity", [f"{name}:1"]
        node.attr.clear()
        self.loops.frame_of[name] = self.loops.frame_of[shape] = self.frame
        self.changed.append(len(self.variables))
        return name

    def _updated(self, loop, text):
        """What a loop inside leaves of a list that entered here."""
        for place in loop.attr["_stacks"].list.i:
            if loop.input[place] == text:
                self.changed.append(len(self.variables))
                if place in loop.attr["_pushed"].list.i:
                    self.pushed.append(len(self.variables))
                return f"{loop.name}:{place}"
        return None

    def _given(self, text):
        """What the outputs of a frame's own nodes are called in its functions."""
        name, _, index = text.partition(":")
        node = self.net.nodes[name]
        if self.names.get(name):
            if index:
                malformed(f"'{text}' is not the value of a variable of loop '{self.frame.name}'")
            return self.names[name]
        if node.op == "Switch" and Net.name(node.input[1]) == self.decisions[0].name:
            if index != "1":
                malformed(f"'{text}' is used in loop '{self.frame.name}', but is there only behind it")
            inner = self._given(node.input[0])
            return node.input[0] if inner is None else inner
        if node is self.decisions[0]:
            return self._given(node.input[0])
        return None

    def _set_shapes(self, node):
        found = [get_attr(s) if s.list.shape else None for s in self.shapes]
        if found and all(found) and len(found) == len(self.variables):
            node.attr["output_shapes"].list.shape.extend(s.list.shape[0] for s in self.shapes)
        node.attr["_stacks"].list.i.extend(self.changed)
        node.attr["_pushed"].list.i.extend(self.pushed)

    def _leave(self, loop):
        """What stands behind the loop takes its results; the frame's own nodes go."""
        place = {argument: i for i, (argument, _, _) in enumerate(self.variables)}
        left, behind = {}, set()
        for node in self.members:
            if node.op == "Switch" and Net.name(node.input[1]) == self.decisions[0].name:
                argument = self.names.get(Net.name(node.input[0]))
                if argument:
                    left[node.name] = f"{loop}:{place[argument]}".removesuffix(":0")
        consumers = self.net.consumers()
        waiting = list(left)
        while waiting:
            for name in consumers.get(waiting.pop(), ()):
                node = self.net.nodes[name]
                if name not in behind and self._comes_behind(node, left, behind):
                    behind.add(name)
                    if node.op != "Exit":
                        waiting.append(name)
        for name in behind:
            self._move(self.net.nodes[name], left)
        for i in self.pushed:
            source, after = self.variables[i][1], f"{loop}:{i}".removesuffix(":0")
            for node in self.net.nodes.values():
                if node.name != loop:
                    node.input[:] = [after if t == source else t for t in node.input]
        for node in self.members:
            if node.name not in behind:
                del self.net.nodes[node.name]
        for name in [n for n, f in self.loops.frame_of.items() if f is self.frame]:
            if name not in behind:
                self.net.nodes.pop(name, None)

    def _comes_behind(self, node, left, behind):
        return any(t in left or Net.name(t) in behind for t in node.input if not t.startswith("^"))

    def _move(self, node, left):
        node.input[:] = [left.get(t, t) for t in node.input if not t.startswith("^")]
        self.loops.frame_of[node.name] = self.frame.parent
        if node.op == "Exit":
            node.op = "Identity"
            node.attr.clear()
