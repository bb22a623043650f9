"""What a student sees of a graph, in a real JupyterLab: one story, from the first cell to the saved notebook.

`MINITF_PICTURES=docs/pictures pytest tests/labextension/test_graph_story.py` writes the pictures of the docs.
"""

import base64
import os
import pathlib
import re

import nbformat
import pytest

from tests.labextension.test_jupyterlab import KERNEL_IS_READY, open_lab

AXE = pathlib.Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
MODEL = """import minitf as tf

x = tf.placeholder(tf.float32, [None, 64], name="x")
digit = tf.placeholder(tf.int64, [None], name="digit")
hidden = tf.layers.dense(x, 32, tf.nn.relu, name="hidden")
logits = tf.layers.dense(hidden, 10, name="logits")
with tf.name_scope("loss"):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=digit, logits=logits)
    loss = tf.reduce_mean(losses)
train = tf.train.AdamOptimizer(0.01).minimize(loss)
init = tf.global_variables_initializer()"""
THREE = 'a = tf.constant(3.0, name="a")\nb = tf.constant(4.0, name="b")\nc = tf.multiply(a, b, name="c")'
LOOK = """async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const colours = new Set();
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) {
        colours.add(data[i] * 65536 + data[i + 1] * 256 + data[i + 2]);
        dark += data[i + 3] > 200 && data[i] + data[i + 1] + data[i + 2] < 500;
    }
    return [image.width, image.height, colours.size, dark / (data.length / 4)];
}"""  # size, number of colours, share of dark points
CELLS = [MODEL, THREE, "tf.show_graph()", "tf.show_scopes()", "tf.show_graph(fetches=loss, feed_dict=[x, digit])"]


def run_cell(page, number):
    """Run one cell and wait until its kernel has answered."""
    page.evaluate(
        "async number => { const {content} = jupyterapp.shell.currentWidget; content.activeCellIndex = number;"
        " await jupyterapp.commands.execute('notebook:run-cell'); }",
        number,
    )


def output_of(page, number):
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea")


def serious_problems(page, place):
    """[rule] that axe-core finds broken in the elements of a selector, serious or critical."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("place => axe.run(place).then(found => found.violations)", place)
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]


def picture(page, output, name):
    folder = os.environ.get("MINITF_PICTURES")
    if folder:
        output.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        output.screenshot(path=f"{folder}/{name}.png")


def wear(page, theme):
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


@pytest.fixture
def notebook(jupyterlab, page, request):
    """A notebook with `CELLS`, open, with its kernel ready."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, jupyterlab.root / f"{request.node.name}.ipynb")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    open_lab(page, f"{jupyterlab.url}/lab/tree/{request.node.name}.ipynb")
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area').then(() => null)")
    return page


@pytest.mark.browser
def test_the_story_of_a_graph(notebook):
    page = notebook
    for number in (0, 1, 2):
        run_cell(page, number)
    graph = output_of(page, 2).locator(".minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()
    assert "operations in" in graph.locator("figcaption").inner_text()

    # a scope opens and closes, by mouse and by key
    scope = graph.get_by_role("treeitem", name="logits: ")
    assert scope.get_attribute("aria-expanded") == "true"
    scope.locator(".minitf-knob").first.click()
    assert scope.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowRight")
    assert scope.get_attribute("aria-expanded") == "true"

    # a letter is the picture's, not JupyterLab's, which would insert a cell
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.keyboard.press("a")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert graph.locator("[role=treeitem].minitf-faded").count() > 0
    page.keyboard.press("a")

    # the panel tells cell and line, and its links lead on
    graph.get_by_role("treeitem", name="Relu: Relu").click()
    panel = graph.locator(".minitf-panel")
    assert "cell [1], line 5" in panel.inner_text()
    panel.get_by_role("button", name="Go to hidden/BiasAdd").click()
    assert panel.locator("h4").inner_text() == "hidden/BiasAdd"

    # search
    graph.locator("input[type=search]").fill("op:MatMul AND name:^hidden")
    assert graph.locator(".minitf-search-count").inner_text() == "1 found"
    picture(page, graph, "graph-search")
    graph.locator("input[type=search]").fill("")
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Close").click()
    assert serious_problems(page, ".minitf-graph") == []
    picture(page, graph, "graph")
    assert page.problems == []


@pytest.mark.browser
def test_a_cell_that_runs_again_replaces_its_nodes(notebook):
    page = notebook
    for number in (0, 1, 2, 1):
        run_cell(page, number)
    banner = output_of(page, 1).locator(".minitf-banner")
    banner.wait_for()
    assert banner.inner_text() == "replaced 3 nodes of this cell's earlier run"
    graph = output_of(page, 2).locator(".minitf-graph")
    before = graph.locator("figcaption").inner_text()
    graph.get_by_role("button", name="Close all name scopes").click()
    closed = graph.locator("[role=treeitem]").count()
    run_cell(page, 2)  # and what stood open stays open, what was closed closed
    page.wait_for_function(
        "count => document.querySelectorAll('.minitf-graph [role=treeitem]').length === count", arg=closed
    )
    assert graph.locator("figcaption").inner_text() == before
    run_cell(page, 0)
    text = output_of(page, 0).locator(".minitf-banner").inner_text()
    assert text.startswith("replaced ") and "kept" not in text


@pytest.mark.browser
def test_the_story_of_name_scopes_and_of_a_run(notebook):
    page = notebook
    for number in (0, 3, 4):
        run_cell(page, number)
    scopes = output_of(page, 3).locator(".minitf-scopes")
    scopes.locator("tbody tr").first.wait_for()
    assert "2,410 trained" in scopes.locator("figcaption").inner_text()
    picture(page, scopes, "scopes")
    graph = output_of(page, 4).locator(".minitf-graph")
    graph.get_by_role("treeitem", name="gradients").wait_for()
    assert "will not run" in graph.get_by_role("treeitem", name="gradients").get_attribute("aria-label")
    graph.get_by_role("treeitem", name="x: Placeholder").click()
    assert "cut by feed" in graph.locator(".minitf-panel").inner_text()
    assert serious_problems(page, ".minitf-scopes") == [] and serious_problems(page, ".minitf-graph") == []
    picture(page, graph, "graph-run")


@pytest.mark.browser
def test_dark_and_narrow(notebook):
    page = notebook
    for number in (0, 2):
        run_cell(page, number)
    graph = output_of(page, 2).locator(".minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()
    wear(page, "JupyterLab Dark")
    page.wait_for_timeout(500)
    ink = graph.locator(".minitf-name").first.evaluate("el => getComputedStyle(el).fill")
    assert min(map(float, re.findall(r"[\d.]+", ink)[:3])) > 150
    assert serious_problems(page, ".minitf-graph") == []
    picture(page, graph, "graph-dark")
    page.set_viewport_size({"width": 620, "height": 900})
    page.wait_for_timeout(500)
    width = graph.evaluate("el => [el.clientWidth, el.scrollWidth]")
    assert width[0] < 520 and width[1] <= width[0] + 1
    picture(page, graph, "graph-narrow")
    wear(page, "JupyterLab Light")  # the server keeps it for the tests that follow


@pytest.mark.browser
def test_expansion_and_selection_are_kept_in_the_saved_notebook(notebook, jupyterlab, request):
    page = notebook
    for number in (0, 2):
        run_cell(page, number)
    graph = output_of(page, 2).locator(".minitf-graph")
    graph.get_by_role("button", name="Close all name scopes").press("Enter")
    graph.get_by_role("treeitem", name="hidden: ").click()
    closed = graph.locator("[role=treeitem]").count()
    page.wait_for_timeout(1000)  # the view lets the notebook keep it when the reader rests
    page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
    path = jupyterlab.root / f"{request.node.name}.ipynb"
    (output,) = nbformat.read(path, 4).cells[2].outputs
    kept = output.metadata["application/vnd.minitf.graph+json"]
    assert kept["open"] == [] and kept["selected"] == "hidden/"
    assert "hidden/BiasAdd" not in output.data["image/svg+xml"] and "hidden" in output.data["image/svg+xml"]

    # another page, no kernel: the same picture
    saved = nbformat.read(path, 4)
    saved.metadata["kernelspec"] = {"name": "none-such", "display_name": "none", "language": "python"}
    nbformat.write(saved, jupyterlab.root / "reopened.ipynb")
    open_lab(page, f"{jupyterlab.url}/lab")
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'reopened.ipynb', kernel: null}); }")
    again = page.locator(".minitf-graph")
    again.locator("[role=treeitem]").first.wait_for()
    assert again.locator("[role=treeitem]").count() == closed
    assert again.locator(".minitf-panel h4").inner_text() == "hidden"


@pytest.mark.browser
def test_export_svg_png_and_html(notebook, browser, tmp_path):
    page = notebook
    for number in (0, 2):
        run_cell(page, number)
    graph = output_of(page, 2).locator(".minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()
    box = [float(n) for n in graph.locator(".minitf-graph-svg").get_attribute("viewBox").split()]
    for kind in ("SVG", "PNG", "HTML"):
        with page.expect_download() as saving:
            graph.get_by_role("button", name=f"Save the picture as {kind}").press("Enter")
        saving.value.save_as(tmp_path / f"graph.{kind.lower()}")
        assert saving.value.suggested_filename == f"graph.{kind.lower()}"

    # each file stands alone: another browser page without JupyterLab draws it, with ink on paper
    alone = browser.new_page()
    for kind, scale in (("svg", 1), ("png", 2)):
        alone.goto("about:blank")
        data = base64.b64encode((tmp_path / f"graph.{kind}").read_bytes()).decode()
        mime = {"svg": "svg+xml", "png": "png"}[kind]
        width, height, colours, ink = alone.evaluate(LOOK, f"data:image/{mime};base64,{data}")
        assert (width, height) == pytest.approx((scale * box[2], scale * box[3]), abs=2)
        assert colours > 20 and 0.005 < ink < 0.5
    alone.goto(f"file://{tmp_path / 'graph.html'}")
    assert alone.locator("svg [role=treeitem]").count() == graph.locator("[role=treeitem]").count()
    assert "logits" in alone.locator("pre").inner_text()
    assert alone.locator("svg").bounding_box()["width"] > 300
    alone.close()

    page.evaluate("() => document.body.classList.add('minitf-theme-dark')")
    shares = []
    for modifiers in ([], ["Shift"]):
        with page.expect_download() as saving:
            graph.get_by_role("button", name="Save the picture as SVG").click(modifiers=modifiers)
        data = base64.b64encode(pathlib.Path(saving.value.path()).read_bytes()).decode()
        shares.append(page.evaluate(LOOK, f"data:image/svg+xml;base64,{data}")[3])
    assert shares[0] > 0.9 and shares[1] < 0.5  # dark as the page, and on paper
    assert "minitf-theme-dark" in page.evaluate("() => document.body.className")
