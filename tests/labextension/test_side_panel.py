"""JupyterLab's own places for minitf: the side panel, and files opened from the file browser."""

import nbformat
import pytest

import minitf as tf
from tests.labextension.test_graph_story import output_of, picture, run_cell, serious_problems
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


def opened(jupyterlab, page, name, cells):
    made = [nbformat.v4.new_code_cell(source.strip()) for source in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    nbformat.write(notebook, jupyterlab.root / f"{name}.ipynb")
    open_lab(page, f"{jupyterlab.url}/lab/tree/{name}.ipynb")
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)


@pytest.mark.browser
def test_the_side_panel_follows_the_notebook(jupyterlab, page):
    opened(jupyterlab, page, "panel", (MODEL, NAN))
    page.locator(".jp-NotebookPanel-toolbar [data-command='minitf:toggle-panel']").click()
    panel = page.locator("#minitf-panel")
    panel.get_by_text("has not imported minitf yet").wait_for()
    run_cell(page, 0)
    panel.get_by_text("1 … 1, mean 1").wait_for()
    assert panel.locator("h2").inner_text() == "panel.ipynb"
    assert panel.locator(".minitf-workspace-session").inner_text() == "Values of session sess"
    assert "1 variable" in panel.locator("summary", has_text="Not trained").inner_text()
    run_cell(page, 1)
    panel.get_by_text("1 NaN or infinite").wait_for()
    counts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert counts == ["[1]:", "[2]:"]  # the panel's questions left no trace

    # by the keyboard: the graph, an operation in it, the values of a variable
    panel.get_by_role("button", name="Show graph").press("Enter")
    graph = page.locator(".minitf-display .minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()
    panel.locator("summary", has_text="Newest operations").press("Enter")
    panel.get_by_role("button", name="Assign", exact=False).first.press("Enter")
    assert "Assign" in graph.locator(".minitf-panel h4").inner_text()
    panel.get_by_role("button", name="Show net/weights in the graph").press("Enter")
    assert graph.locator(".minitf-panel h4").inner_text() == "net/weights"
    assert serious_problems(page, "#minitf-panel") == []
    picture(page, page.locator("#minitf-panel"), "side-panel")
    panel.get_by_title("Show the values of net/weights").press("Enter")
    tensor = page.locator(".minitf-display .minitf-tensor")
    tensor.locator("td[data-row='0']").first.wait_for()
    assert "net/weights:0 (3, 2) float32" in tensor.locator("figcaption").inner_text()


SESSIONS = (
    "() => jupyterapp.serviceManager.sessions.refreshRunning().then(() => "
    "[...jupyterapp.serviceManager.sessions.running()].filter(s => s.path.startsWith('minitf-documents')).length)"
)
LOOP = """
import time
curves = tf.show_training(total=4000)
for step in range(4000):
    value = sess.run(steps.assign_add(1))
    sess.run(weights.assign_add(tf_step))
    curves.add(step, loss=1 / (1 + step))
    time.sleep(0.002)
"""


@pytest.mark.browser
def test_the_side_panel_is_live_while_a_long_cell_runs(jupyterlab, page):
    opened(
        jupyterlab,
        page,
        "running",
        (
            MODEL + "tf_step = tf.ones([3, 2], name='step')",
            LOOP,
            "import minitf.notebook.panel as p; print(p.BaseSession.run is p._plain_run)",
        ),
    )
    page.locator(".jp-NotebookPanel-toolbar [data-command='minitf:toggle-panel']").click()
    run_cell(page, 0)
    panel = page.locator("#minitf-panel")
    panel.get_by_text("Values of session sess").wait_for()
    page.evaluate(
        "() => { const {content} = jupyterapp.shell.currentWidget; content.activeCellIndex = 1;"
        " jupyterapp.commands.execute('notebook:run-cell'); }"
    )
    panel.get_by_text("A cell is running.").wait_for()
    value = panel.get_by_title("Show the values of net/weights").locator(".minitf-workspace-value")
    panel.locator(".minitf-sparkline").wait_for()
    seen = set()
    while panel.get_by_text("A cell is running.").count() and len(seen) < 4:
        seen.add(value.inner_text())
        page.wait_for_timeout(300)
    assert len(seen) == 4 and all("mean" in each for each in seen)
    assert "of 4,000 steps" in panel.locator("summary", has_text="Training").inner_text()
    picture(page, panel, "side-panel-running")

    # a panel that nobody sees costs nothing
    page.evaluate("() => jupyterapp.commands.execute('kernelmenu:interrupt').then(() => null)")
    panel.get_by_text("A cell is running.").wait_for(state="hidden")
    run_cell(page, 2)
    assert output_of(page, 2).inner_text().strip() == "False"
    page.locator(".jp-NotebookPanel-toolbar [data-command='minitf:toggle-panel']").click()
    panel.wait_for(state="hidden")
    run_cell(page, 2)
    assert output_of(page, 2).inner_text().strip() == "True"


@pytest.mark.browser
def test_the_cell_that_imports_minitf_is_live(jupyterlab, page):
    opened(jupyterlab, page, "first", [MODEL + "tf_step = tf.ones([3, 2], name='step')" + LOOP])
    page.locator(".jp-NotebookPanel-toolbar [data-command='minitf:toggle-panel']").click()
    panel = page.locator("#minitf-panel")
    panel.get_by_text("has not imported minitf yet").wait_for()
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
    panel.get_by_title("Show the values of net/weights").wait_for()
    assert panel.get_by_text("A cell is running.").count() == 1
    page.evaluate("() => jupyterapp.commands.execute('kernelmenu:interrupt').then(() => null)")
    panel.get_by_text("A cell is running.").wait_for(state="hidden")


@pytest.mark.browser
def test_a_click_on_an_origin_leads_to_the_cell_and_its_line(jupyterlab, page):
    cells = (MODEL, *["print('between')\n" * 30] * 3, "tf.show_graph()")
    opened(jupyterlab, page, "origin", cells)
    for number in (0, 4):
        run_cell(page, number)
    graph = output_of(page, 4).locator(".minitf-graph")
    graph.scroll_into_view_if_needed()
    graph.locator("[role=treeitem]", has_text="steps").first.click()
    graph.get_by_role("button", name="Show cell [1], line 4").press("Enter")
    cell = page.locator(".jp-Notebook .jp-Cell").first
    page.wait_for_function(
        "() => document.querySelector('.jp-Notebook .jp-Cell').classList.contains('minitf-origin')"
    )
    line = cell.locator(".cm-line").nth(3)
    assert line.inner_text().startswith("steps = ")
    box, room = line.bounding_box(), page.locator(".jp-WindowedPanel-outer").bounding_box()
    assert room["y"] <= box["y"] < room["y"] + room["height"]
    assert page.evaluate("() => window.getSelection().toString()") == line.inner_text()


@pytest.mark.browser
def test_a_checkpoint_opens_live_beside_a_notebook(jupyterlab, page):
    """The reader's kernel is not the notebook's: its views must find their own channel."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("layer/kernel", [3, 2])
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(jupyterlab.root / "files/model"))
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened(jupyterlab, page, "beside", ["import minitf as tf"])
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'files/model.index'}) }")
    view = page.locator(".minitf-document .minitf-checkpoint")
    view.wait_for()
    view.locator("tr", has_text="kernel").press("Enter")
    tensor = view.locator(".minitf-tensor")
    tensor.locator("td[data-row='2'][data-column='1']").wait_for()
    view.get_by_role("button", name="Health check").press("Enter")
    view.get_by_text("Nothing is wrong with any tensor.").wait_for()
    assert serious_problems(page, ".minitf-document") == []
    assert complaints == []
    picture(page, page.locator(".minitf-document"), "document-checkpoint")


@pytest.mark.browser
def test_an_event_file_opens_live(jupyterlab, page):
    with tf.Graph().as_default():
        writer = tf.summary.FileWriter(str(jupyterlab.root / "logs"))
        for step in range(50):
            value = tf.Summary.Value(tag="loss", simple_value=1 / (1 + step))
            writer.add_summary(tf.Summary(value=[value]), step)
        writer.close()
    (file,) = (jupyterlab.root / "logs").iterdir()
    open_lab(page, f"{jupyterlab.url}/lab")
    page.evaluate("path => { jupyterapp.commands.execute('docmanager:open', {path}) }", f"logs/{file.name}")
    view = page.locator(".minitf-document .minitf-training")
    view.locator("canvas").wait_for()
    view.locator("canvas").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    view.locator("[role=status]", has_text="step").first.wait_for()
    assert serious_problems(page, ".minitf-document") == []


@pytest.mark.browser
def test_a_graph_file_opens_without_a_notebook(jupyterlab, page):
    with tf.Graph().as_default() as graph:
        tf.square(tf.placeholder(tf.float32, name="x"), name="y")
        tf.train.write_graph(graph, str(jupyterlab.root / "files"), "graph.pb", as_text=False)
    open_lab(page, f"{jupyterlab.url}/lab")
    none = f"async () => (await ({SESSIONS})()) === 0"
    page.wait_for_function(none)  # a page that was closed with its documents has ended its kernel
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'files/graph.pb'}) }")
    page.locator(".minitf-document .minitf-graph [role=treeitem]").first.wait_for()
    assert serious_problems(page, ".minitf-document") == []
    assert page.evaluate(SESSIONS) == 1
    page.evaluate("() => jupyterapp.shell.currentWidget.close()")
    page.wait_for_function(none)
