"""How things show themselves in a notebook.

Reading order:

* `view.py`        what all views share: a display, and answers to its questions
* `rerun.py`       a cell that runs again replaces what it made before
* `graph_view.py`  a graph in a cell: our JupyterLab view, else a drawing, else text
* `scopes_view.py` the tree of name scopes
* `static.py`      drawings for papers and slides
* `tensor_view.py` the values of a tensor
* `curves.py`      training curves and progress bars, live
* `plots.py`       curves and histograms for papers
* `checkpoint_view.py` what checkpoints hold, whether they fit, what changed
* `stepper.py`     buttons for a run that is taken step by step
* `documents.py`   files shown as they lie on the disk
* `workspace.py`   what the side panel shows: graph, session, variables, curves
* `panel.py`       the side panel while a cell runs: after a run, what it shows is sent anew
* `preferences.py` what JupyterLab's settings say
* `short_tracebacks.py` tracebacks without minitf's own lines
"""

from minitf.notebook.checkpoint_view import CheckpointView as CheckpointView
from minitf.notebook.checkpoint_view import check_checkpoint as check_checkpoint
from minitf.notebook.checkpoint_view import diff_checkpoints as diff_checkpoints
from minitf.notebook.checkpoint_view import rehearse_restore as rehearse_restore
from minitf.notebook.checkpoint_view import show_checkpoint as show_checkpoint
from minitf.notebook.curves import Training as Training
from minitf.notebook.curves import first_nan as first_nan
from minitf.notebook.curves import progress as progress
from minitf.notebook.curves import show_training as show_training
from minitf.notebook.documents import open_file as open_file
from minitf.notebook.graph_view import GraphView as GraphView
from minitf.notebook.graph_view import show_graph as show_graph
from minitf.notebook.panel import serve_panels as _serve_panels
from minitf.notebook.plots import Curves as Curves
from minitf.notebook.plots import plot_curves as plot_curves
from minitf.notebook.plots import plot_histogram as plot_histogram
from minitf.notebook.preferences import prefer as prefer
from minitf.notebook.rerun import changes as changes
from minitf.notebook.rerun import prune as prune
from minitf.notebook.rerun import rerun_policy as rerun_policy
from minitf.notebook.rerun import watch_this_notebook as _watch
from minitf.notebook.scopes_view import ScopesView as ScopesView
from minitf.notebook.scopes_view import show_scopes as show_scopes
from minitf.notebook.short_tracebacks import shorten_this_notebook as _shorten
from minitf.notebook.short_tracebacks import tracebacks as tracebacks
from minitf.notebook.static import to_graphviz as to_graphviz
from minitf.notebook.stepper import Stepper as Stepper
from minitf.notebook.tensor_view import TensorView as TensorView
from minitf.notebook.tensor_view import contributions as contributions
from minitf.notebook.tensor_view import show as show
from minitf.notebook.workspace import show_variable as show_variable
from minitf.notebook.workspace import workspace as workspace
from minitf.observe.explain import Explanation as Explanation
from minitf.observe.explain import explain as explain
from minitf.observe.kernel_source import kernel_source as kernel_source
from minitf.observe.shape_rules import explain_shape as explain_shape

_watch()
_serve_panels()
_shorten()
