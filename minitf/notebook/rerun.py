"""A cell that runs again replaces what it made before, so that a graph is what its notebook says.

TensorFlow's graphs only grow: run a cell twice, and there are `add` and `add_1`, and a checkpoint no longer
matches.  Here, before a cell runs, what its last run made is taken out of the graph; names, collections and,
in a graph's last cell, random seeds are then those of a first run.  What operations of other cells still need stays
and makes way: it is called `earlier_run_3/add`, and a line under the cell says so.  A replaced variable is a new
variable: open sessions must initialize it.

Only a notebook tells which cell runs; everywhere else graphs only grow.  `rerun_policy("accumulate")` is
TensorFlow's behaviour in notebooks, too.
"""

import html
import sys

from minitf.graph import graph as graphs
from minitf.graph.graph import Graph, get_default_graph
from minitf.graph.replacement import EMPTY, Made, mark, remove, replace, unneeded
from minitf.notebook.view import kernel_shell
from minitf.observe.graph_diff import GraphDiff, graph_diff
from minitf.observe.provenance import mark_stale, stale
from minitf.observe.roles import is_variable

POLICIES = ("replace", "accumulate")


class Run:
    """One run of a cell: how much each graph held before, and what each had got at the end."""

    def __init__(self, cell):
        self.cell = cell
        self.before = {graph: mark(graph) for graph in _plain_graphs()}
        self.made = None

    def end(self):
        self.made = [Made(graph, self.before.get(graph, EMPTY)) for graph in _plain_graphs()]
        self.made = [made for made in self.made if made.ops or made.names or any(made.items.values())]
        self.before = None
        for made in self.made:
            mark_stale(made.graph(), [])

    @property
    def count(self):
        """The n of `In [n]`, as the operations tell it; '' where only functions in files made some."""
        made = (op.origin.cell for made in self.made for op in made.ops)
        return next((cell for cell in made if cell is not None), "")

    def ops(self, graph):
        """The operations that this run made in `graph`, so far or at all."""
        if self.made is None:
            return Made(graph, self.before.get(graph, EMPTY)).ops
        return next((made.ops for made in self.made if made.graph() is graph), [])


def _plain_graphs():
    return [graph for graph in list(graphs.living) if type(graph) is Graph]


class Notebook:
    """What the cells of one IPython shell made; its two methods are called before and after each cell."""

    def __init__(self, shell):
        self.shell, self._chosen = shell, None
        self.runs = {}  # cell id -> its last run
        self.open = []  # runs that have not ended; one inside another where a cell runs a cell
        self.replaced = {}  # cell id -> its run before the last

    @property
    def policy(self):
        """What the program has chosen, else what the settings of its JupyterLab say."""
        return self._chosen or _preferred["rerun"]

    @policy.setter
    def policy(self, policy):
        self._chosen = policy

    def before_cell(self, info):
        cell = getattr(info, "cell_id", None)
        if cell is not None and info.store_history:
            self.begin(cell)

    def begin(self, cell):
        last = self.runs.pop(cell, None)
        if last is not None:
            self.replaced[cell] = last
            for made in last.made:
                self._supersede(made, last)
        self.open.append(Run(cell))

    def after_cell(self, result):
        cell = getattr(getattr(result, "info", None), "cell_id", None)
        if self.open and cell in (self.open[-1].cell, None):
            run = self.open.pop()
            run.end()
            self.runs[run.cell] = run

    def _supersede(self, made, run):
        graph = made.graph()
        if graph is None or graph.finalized:
            return
        if self.policy == "accumulate":
            mark_stale(graph, made.ops)
            return
        why = f" It was replaced when its cell [{run.count}] ran again: run the cells that use it again."
        had_values = [op for op in made.ops if is_variable(op) and _has_value(graph, op)]
        removed, kept = replace(graph, made, f"earlier_run_{run.count}/", why)
        mark_stale(graph, kept)
        pruned = prune(graph)
        if removed or kept:
            _say(_banner(len(removed), [op for op in kept if op.graph is graph], had_values, pruned))

    def last_changes(self, graph):
        """`GraphDiff` between the two last runs of the cell that ran, or runs, last; None where it ran once."""
        run = self.open[-1] if self.open else next(reversed(self.runs.values()), None)
        before = None if run is None else self.replaced.get(run.cell)
        return None if before is None else graph_diff(before.ops(graph), run.ops(graph))


def _has_value(graph, op):
    states = (session.state.variables.get(op.name) for session in graph.sessions)
    return any(state is not None and state.value is not None for state in states)


def _banner(removed, kept, had_values, pruned):
    sentences = [f"replaced {_nodes(removed + len(kept))} of this cell's earlier run"]
    if kept:
        users = sorted({
            user.origin.cell for op in kept for tensor in op.outputs for user in tensor.consumers()
            if user.origin.cell is not None and user not in kept
        })  # fmt: skip
        cells = " and ".join(f"[{n}]" for n in users) or "other cells"
        sentences.append(f"kept {_nodes(len(kept))} of it that {cells} still used: run these cells again")
    if had_values:
        sentences.append("initialize its variables again")
    if pruned > removed:
        sentences.append(f"dropped {_nodes(pruned)} that nothing uses any more")
    return "; ".join(sentences)


def _nodes(count):
    return f"{count} node{'s' * (count != 1)}"


class _Line:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        style = "color:var(--jp-ui-font-color2,#666);font-size:var(--jp-ui-font-size1,13px)"
        return f'<div class="minitf-banner" style="{style}">{html.escape(self.text)}</div>'


def _say(text):
    sys.modules["IPython"].display.display(_Line(text))


def prune(graph=None):
    """tf.notebook.prune: drop stale operations that nothing uses any more; returns how many."""
    graph = get_default_graph() if graph is None else graph
    gone = unneeded(graph, stale(graph))
    remove(graph, gone, " It was stale, and pruned.")
    return len(gone)


_notebooks = []
_preferred = {"rerun": POLICIES[0]}


def rerun_policy(policy=None):
    """tf.notebook.rerun_policy: what a cell that runs again does: "replace" its earlier nodes, or "accumulate".

    Sets the policy where one is given, and returns the present one.  Outside notebooks graphs always
    accumulate.  Raises ValueError for another word.
    """
    if policy is not None:
        _check(policy)
        for notebook in _notebooks:
            notebook.policy = policy
    return _notebooks[-1].policy if _notebooks else "accumulate"


def prefer_policy(policy):
    """The policy of notebooks whose program chooses none.  Raises ValueError for a word that is no policy."""
    _check(policy)
    _preferred["rerun"] = policy


def _check(policy):
    if policy not in POLICIES:
        raise ValueError(f"policy must be one of {', '.join(POLICIES)}, got {policy!r}")


def changes(graph=None):
    """tf.notebook.changes: what the last run of a cell changed against its run before, as a `GraphDiff`.

    A new number in a name is no change.  Empty where the cell ran only once.
    """
    graph = get_default_graph() if graph is None else graph
    found = _notebooks[-1].last_changes(graph) if _notebooks else None
    return GraphDiff([], [], [], []) if found is None else found


def running_cell():
    """The id of the cell that runs now, '' outside of cells."""
    running = [notebook.open[-1].cell for notebook in _notebooks if notebook.open]
    return running[-1] if running else ""


def watch(shell):
    """Be told of the cells of `shell` from now on, the running one included."""
    notebook = Notebook(shell)
    shell.events.register("pre_run_cell", notebook.before_cell)
    shell.events.register("post_run_cell", notebook.after_cell)
    _notebooks.append(notebook)
    return notebook


def watch_this_notebook():
    """`watch` the shell of a Jupyter kernel, if this is one; the cell that imports minitf counts already."""
    shell = kernel_shell()
    if shell is None or _notebooks:
        return
    notebook = watch(shell)
    cell = shell.kernel.get_parent().get("metadata", {}).get("cellId")
    if cell is not None:
        notebook.begin(cell)
