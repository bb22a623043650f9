"""The extension in a real JupyterLab and a real browser."""

import os
import pathlib
import shutil
import subprocess
import sys

import nbformat
import pytest

import minitf as tf
from minitf.observe.describe import describe

GRAPH_MIME = "application/vnd.minitf.graph+json"
FIRST_TUTORIAL = "01_graph_and_session.ipynb"
TUTORIALS = pathlib.Path(__file__).parents[2] / "tutorials"

KERNEL_IS_READY = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
}"""
HOW_IT_ENDED = """() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code');
    for (const { model } of cells.filter(cell => !cell.model.getMetadata('tags')?.includes('raises-exception'))) {
        const error = model.outputs.toJSON().find(output => output.output_type === 'error');
        if (error) {
            return `${error.ename}: ${error.evalue}`;
        }
    }
    return cells.every(cell => cell.model.executionCount !== null) && 'every cell ran';
}"""

EVIL = '<img src=x onerror="window.hijacked = true">'


def graph_with_hostile_names():
    """What `describe` would send if names could hold anything."""
    with tf.Graph().as_default() as graph, tf.name_scope("loss"):
        tf.square(tf.placeholder(tf.float32, [None], name="x"), name="squared")
    found = describe(graph, notes=[EVIL])
    strings = found["table"]["strings"]
    found["table"]["strings"] = [EVIL if text == "squared" else text for text in strings]
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>window.hijacked = true</script></svg>'
    return found | {"svg": svg, "text": EVIL}


def test_jupyterlab_lists_the_extension_as_enabled(installed_extension):
    listing = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"], capture_output=True, text=True, check=True
    )
    (line,) = [line for line in (listing.stdout + listing.stderr).splitlines() if " minitf v" in line]
    assert "enabled" in line
    assert "OK" in line


@pytest.mark.browser
def test_hostile_names_in_a_saved_untrusted_notebook_never_run(jupyterlab, page):
    graph = graph_with_hostile_names()
    write_notebook(jupyterlab.root / "saved.ipynb", {GRAPH_MIME: graph, "text/plain": "<Graph>"})
    open_lab(page, f"{jupyterlab.url}/lab/tree/saved.ipynb")

    drawing = page.locator(".jp-OutputArea-output .minitf-graph")
    assert drawing.locator("figcaption").inner_text() == "2 operations in 1 name scope"
    drawing.locator("[role=treeitem]", has_text="loss").dblclick()
    drawing.locator("[role=treeitem]", has_text="<img").last.click()
    drawing.locator("summary").press("Enter")  # a click could miss it while the picture grows
    drawing.locator("pre").filter(has_text="onerror").wait_for()
    assert page.evaluate("window.hijacked") is None
    assert drawing.locator("script, img, [onclick], [onerror]").count() == 0
    # the style sheet came along
    assert drawing.locator(".minitf-graph-drawing").evaluate("el => getComputedStyle(el).overflow") == "hidden"


@pytest.mark.browser
def test_the_launcher_card_opens_the_first_tutorial(jupyterlab, page):
    (jupyterlab.root / "tutorials").mkdir()
    write_notebook(jupyterlab.root / "tutorials" / FIRST_TUTORIAL)
    open_lab(page, f"{jupyterlab.url}/lab")

    page.locator(".jp-LauncherCard", has_text="minitf tutorial").click()
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook")
    assert page.evaluate("jupyterapp.shell.currentWidget.context.path") == f"tutorials/{FIRST_TUTORIAL}"


@pytest.mark.browser
def test_the_first_tutorial_runs_with_its_graph_and_curve_inline(jupyterlab, page):
    shutil.copy(TUTORIALS / FIRST_TUTORIAL, jupyterlab.root)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    open_lab(page, f"{jupyterlab.url}/lab/tree/{FIRST_TUTORIAL}")
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    assert page.wait_for_function(HOW_IT_ENDED, timeout=240_000).json_value() == "every cell ran"

    graph = output_of(page, "initialize = tf.global").locator(".minitf-graph")
    graph.scroll_into_view_if_needed()
    graph.locator("[role=treeitem]", has_text="gradients").click()
    assert "gradients" in graph.locator(".minitf-panel h4").inner_text()
    graph.locator("[role=treeitem]", has_text="digit").click()
    assert "Placeholder" in graph.locator(".minitf-panel").inner_text()
    assert "cell [" in graph.locator(".minitf-panel").inner_text()
    curve = output_of(page, "tf.notebook.Curves").locator("img")
    curve.scroll_into_view_if_needed()
    assert curve.evaluate("image => image.naturalWidth") > 600
    assert complaints == []
    take_picture(page)


def output_of(place, source):
    """The output area of the code cell that contains `source`."""
    return place.locator(".jp-CodeCell").filter(has_text=source).first.locator(".jp-OutputArea")


def take_picture(page):
    """For the README, where $MINITF_PICTURE names a file: the graph on the left, the curve on the right."""
    path = os.environ.get("MINITF_PICTURE")
    if not path:
        return
    graph = output_of(page, "initialize = tf.global").locator(".minitf-graph")
    graph.locator(".minitf-panel").get_by_role("button", name="Close").click()
    page.set_viewport_size({"width": 1760, "height": 1000})
    page.evaluate("() => jupyterapp.commands.execute('notebook:clear-cell-selection').catch(() => null)")
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area').then(() => null)")
    page.evaluate("() => jupyterapp.commands.execute('docmanager:clone').then(() => null)")
    page.wait_for_timeout(3000)
    for place, source in enumerate(("initialize = tf.global", "tf.notebook.Curves")):
        panel = page.locator(".jp-NotebookPanel").nth(place)
        for _ in range(3):  # cells that come into view change the height of the others
            output_of(panel, source).evaluate("output => output.scrollIntoView({block: 'end'})")
            page.wait_for_timeout(1000)
    page.screenshot(path=path)


@pytest.mark.browser
def test_nothing_is_loaded_from_elsewhere(jupyterlab, page):
    write_notebook(jupyterlab.root / "local.ipynb", {GRAPH_MIME: graph_with_hostile_names()})
    open_lab(page, f"{jupyterlab.url}/lab/tree/local.ipynb")
    page.wait_for_selector(".minitf-graph svg")
    own = (jupyterlab.url, jupyterlab.url.replace("http", "ws"), "data:", "blob:")
    assert [address for address in page.requested if not address.startswith(own)] == []


def write_notebook(path, output=None):
    cell = nbformat.v4.new_code_cell("tf.get_default_graph()")
    if output is not None:
        cell.outputs = [nbformat.v4.new_output("display_data", output)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)


def open_lab(page, address):
    page.goto(f"{address}?reset")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => jupyterapp.restored.then(() => null)")
