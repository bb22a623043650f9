"""Looks at a graph and a run without changing the engine.

Reading order:

* `roles.py`       forward, backward, update, auxiliary; and which operation a gradient belongs to
* `outline.py`     what of a graph is shown: open scopes, closed ones, and edges between the boxes
* `drawing.py`     an outline as SVG, by Graphviz
* `provenance.py`  which notebook cell made an operation, and which ones a later run replaced
* `limits.py`      how large a display may become in a notebook
* `columns.py`     thousands of operations in a few kilobytes
* `describe.py`    a graph as JSON and as text: the contract with the JupyterLab extension
* `scopes.py`      the tree of name scopes, with parameters and bytes
* `run_slice.py`   which operations a run will execute, and why the others stand still
* `graph_diff.py`  what changed between two builds of a graph
* `workspace.py`   a program's default graph, session and variables, for the side panel
* `values.py`      an array in one line, and its histogram
* `tiles.py`       the parts of an array that a view draws
* `shape_rules.py` why a tensor has its shape
* `contributions.py` which input elements made an output element
* `describe_tensor.py` an array as JSON, as HTML and as text
* `runs.py`        what was recorded while training: runs, tags, points
* `captions.py`    what a curve means, in a sentence
* `describe_training.py` curves as JSON, as SVG and as text
* `checkpoints.py` what a checkpoint holds, and how it fits a graph or another checkpoint
* `describe_checkpoint.py` tables of named tensors as JSON, HTML and text
* `kernel_source.py` the code that an operation runs, in four languages
* `costs.py`       the bytes and the arithmetic that an operation takes
* `roofline.py`    how fast this machine can be
* `measuring.py`   a program with a clock in it
* `explain.py`     the plan of a run as a table, with times
* `timeline.py`    when each operation of a traced run ran, for Chrome's trace viewer
"""
