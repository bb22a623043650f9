"""TensorFlow 1's branches as functions: `Switch` and `Merge` become `If`.

There, `Switch` sends a value to one of two outputs; what needs the other one does not run, and `Merge` takes the
value that arrives.  Here the `Merge` nodes of one decision become one `If` node; what lies between them and the
`Switch` nodes becomes its two functions.  What several decisions need (gradients need values of the branch) is
computed in each of them.
"""

from minitf.ops.old_nodes import Part
from minitf.ops.trust import malformed


def functions_for_branches(net, given=(), results=(), otherwise=None):
    """Rewrite the branches of a `Net` without loops; `given` are names that its nodes may use.

    Returns `results`, which are texts, as they are called then.  `otherwise` {index of a result: text} is what a result
    is where the branch that computes it is not taken.
    """
    if not any(n.op in ("Switch", "Merge") for n in net.nodes.values()):
        return list(results)
    branches = _Branches(net, set(given), list(results))
    for i, text in (otherwise or {}).items():
        branches.complete(i, text)
    branches.run()
    return branches.results


class _Decision:
    """Merge nodes that take their values by one decision, made inside of the branches `around`."""

    def __init__(self, around, pred):
        self.around, self.pred, self.merges, self.bit = around, pred, [], 0


class _Branches:
    def __init__(self, net, given, results):
        from minitf.ops.importing import in_order

        self.net, self.given, self.results = net, given, results
        self.around = {}  # name -> the branches it stands in: ((predicate, 0 or 1), ...)
        self.behind = {}  # name -> the decisions it depends on, as bits
        self.decisions, self.ways = [], {}  # Merge -> {0 or 1: input}
        for node in in_order(net.nodes, given):
            self._visit(node)

    def complete(self, index, otherwise):
        """Let a result that stands in branches be `otherwise` where they are not taken."""
        while self._around_text(self.results[index]):
            text = self.results[index]
            name = self.net.add("Merge", f"{self.net.name(text)}/merged", [text, otherwise])
            self._visit(self.net.nodes[name])
            self.results[index] = name

    def run(self):
        for decision in sorted(self.decisions, key=lambda d: -len(d.around)):
            self._build(decision)
        used = {self.net.name(t) for t in self.results}
        for name in [n for n, node in self.net.nodes.items() if self.around.get(n) or node.op == "Switch"]:
            if name in used:
                malformed(f"Node '{name}' stands in a branch, but is used outside of it")
            del self.net.nodes[name]
        for node in self.net.nodes.values():
            for text in node.input:
                if not text.startswith("^") and self.net.name(text) not in self.net.nodes and text not in self.given:
                    malformed(f"Node '{node.name}' uses '{text}' from a branch that may not be taken")
            node.input[:] = [t for t in node.input if not t.startswith("^") or t[1:] in self.net.nodes]

    # -- where nodes stand -----------------------------------------------------------------------------------

    def _pred(self, text):
        for _ in range(len(self.net.nodes) + 1):
            node = self.net.nodes.get(self.net.name(text))
            if node is None or node.op != "Identity":
                return text
            text = node.input[0]
        malformed(f"'{text}' decides on itself")

    def _around_text(self, text):
        name, _, index = text.removeprefix("^").partition(":")
        node = self.net.nodes.get(name)
        around = self.around.get(name, ())
        if node is None or node.op != "Switch" or text.startswith("^"):
            return around
        way = self._pred(node.input[1]), int(index == "1")
        return around if way in around else (*around, way)

    def _visit(self, node):
        name, data = node.name, [t for t in node.input if not t.startswith("^")]
        self.behind[name] = 0
        for text in node.input:
            self.behind[name] |= self.behind.get(self.net.name(text), 0)
        if node.op == "Merge":
            self._visit_merge(node, data)
        else:
            self.around[name] = max(map(self._around_text, node.input), key=len, default=())

    def _visit_merge(self, node, data):
        found = [self._around_text(t) for t in data]
        longest = max(found, key=len, default=())
        if len(data) != 2 or not longest:
            malformed(f"Node '{node.name}' (Merge) joins no two branches")
        (pred, way), around = longest[-1], longest[:-1]
        first = found.index(longest)
        self.ways[node.name] = {way: data[first], 1 - way: data[1 - first]}
        self.around[node.name] = around
        for decision in self.decisions:
            if (decision.around, decision.pred) == (around, pred) and not self.behind[node.name] & decision.bit:
                break
        else:
            decision = _Decision(around, pred)
            decision.bit = 1 << len(self.decisions)
            self.decisions.append(decision)
        decision.merges.append(node.name)
        self.behind[node.name] |= decision.bit

    # -- a decision becomes a node ------------------------------------------------------------------------------

    def _build(self, decision):
        net, captured, parts = self.net, {}, {}
        for way in (1, 0):
            here = (*decision.around, (decision.pred, way))

            def given(text, here=here):
                node = net.nodes.get(net.name(text))
                if node is not None and node.op == "Switch" and self._around_text(text) == here:
                    text = node.input[0]
                elif self._around_text(text)[: len(here)] == here:
                    return None
                return captured.setdefault(text, f"captured_{len(captured)}")

            def inside(name, here=here):
                node = net.nodes.get(name)
                return node is not None and node.op != "Switch" and self.around.get(name, ())[: len(here)] == here

            part = Part(net, given, inside)
            parts[way] = part, [part.take(self.ways[m][way]) for m in decision.merges]
        scope = decision.merges[0].rpartition("/")[0] or "branch"
        name = net.free_name(f"{scope}/If")
        functions = {}
        for way, key in ((1, "then_branch"), (0, "else_branch")):
            part, results = parts[way]
            label = f"{name.replace('/', '_')}_{key}"
            functions[key] = net.function(label, captured.values(), part.nodes.values(), results)
        waits = {t for part, _ in parts.values() for t in part.waits if self._is_outer(t, decision.around)}
        net.add("If", name, [decision.pred, *captured], sorted(waits), **functions)
        self.around[name] = decision.around
        for i, merge in enumerate(decision.merges):
            node = net.nodes[merge]
            node.op, node.input[:] = "Identity", [f"{name}:{i}".removesuffix(":0")]
            node.attr.clear()

    def _is_outer(self, text, around):
        node = self.net.nodes.get(text[1:])
        return node is not None and node.op != "Switch" and self.around.get(text[1:], ()) == around
