"""JupyterLab's own places for minitf: the side panel, and files opened from the file browser."""

import nbformat
import pytest

import minitf as tf
from tests.labextension.test_jupyterlab import KERNEL_IS_READY, open_lab

MODEL = """
import minitf as tf
with tf.name_scope("net"):
    weights = tf.Variable(tf.ones([3, 2]), name="weights")
steps = tf.Variable(0, trainable=False, name="steps")
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""
NAN = "sess.run(weights.assign([[float('nan'), 1], [1, 1], [1, 1]]))"


def run_cell(page, number):
    page.evaluate(
        "async number => { const {content} = jupyterapp.shell.currentWidget; content.activeCellIndex = number;"
        " await jupyterapp.commands.execute('notebook:run-cell'); }",
        number,
    )


@pytest.mark.browser
def test_the_side_panel_follows_the_notebook(jupyterlab, page):
    cells = [nbformat.v4.new_code_cell(source) for source in (MODEL, NAN)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, jupyterlab.root / "panel.ipynb")
    open_lab(page, f"{jupyterlab.url}/lab/tree/panel.ipynb")
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)

    page.locator(".jp-NotebookPanel-toolbar [data-command='minitf:toggle-panel']").click()
    panel = page.locator("#minitf-panel")
    panel.get_by_text("has not imported minitf yet").wait_for()
    run_cell(page, 0)
    panel.get_by_text("1 … 1, mean 1").wait_for()
    assert panel.locator("h2").inner_text() == "panel.ipynb"
    assert panel.locator(".minitf-workspace-session").inner_text() == "Values of session sess"
    assert panel.get_by_text("Not trained (1 variable)").is_visible()
    run_cell(page, 1)
    panel.get_by_text("1 NaN or infinite").wait_for()
    counts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert counts == ["[1]:", "[2]:"]  # the panel's questions left no trace

    panel.get_by_role("button", name="Show graph").click()
    page.locator(".minitf-display .minitf-graph").wait_for()


@pytest.mark.browser
def test_a_graph_file_opens_without_a_notebook(jupyterlab, page):
    with tf.Graph().as_default() as graph:
        tf.square(tf.placeholder(tf.float32, name="x"), name="y")
        tf.train.write_graph(graph, str(jupyterlab.root / "files"), "graph.pb", as_text=False)
    open_lab(page, f"{jupyterlab.url}/lab")
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'files/graph.pb'}) }")
    page.locator(".minitf-document .minitf-graph").wait_for()
    sessions = (
        "() => jupyterapp.serviceManager.sessions.refreshRunning().then(() => "
        "[...jupyterapp.serviceManager.sessions.running()].filter(s => s.path.startsWith('minitf-documents')).length)"
    )
    assert page.evaluate(sessions) == 1
    page.evaluate("() => jupyterapp.shell.currentWidget.close()")
    page.wait_for_function(f"async () => (await ({sessions})()) === 0")
