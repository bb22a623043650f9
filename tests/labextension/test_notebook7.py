"""The same extension in Notebook 7, which has one document a page: a story where it is installed."""

import os
import pathlib
import shutil

import nbformat
import pytest

from tests.labextension.test_graph_story import output_of, run_cell, serious_problems
from tests.labextension.test_jupyterlab import HOW_IT_ENDED, KERNEL_IS_READY

OWN = "Cannot read properties of undefined (reading 'schema')"  # Notebook 7.6 says it without any extension
TUTORIALS = pathlib.Path(__file__).parents[2] / "tutorials"
CELLS = [
    """
import minitf as tf
weights = tf.get_variable("layer/weights", [3, 2])
total = tf.reduce_sum(weights, name="total")
sess = tf.Session()
sess.run(tf.global_variables_initializer())
""",
    "tf.show_graph()",
    "tf.show(weights, sess)",
    "curves = tf.show_training()\nfor step in range(50): curves.add(step, loss=1 / (1 + step))",
]


def opened(notebook7, page, name):
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)) if str(error) != OWN else None)
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.goto(f"{notebook7.url}/notebooks/{name}")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)


@pytest.mark.browser
def test_all_views_and_the_panel(notebook7, page):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), notebook7.root / "views.ipynb"
    )
    opened(notebook7, page, "views.ipynb")
    for number in range(len(CELLS)):
        run_cell(page, number)
    graph = output_of(page, 1).locator(".minitf-graph")
    graph.locator("[role=treeitem]", has_text="total").first.click()
    graph.get_by_role("button", name="Show cell [1], line 3").press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.jp-Notebook .jp-Cell').classList.contains('minitf-origin')"
    )
    output_of(page, 2).locator(".minitf-tensor td[data-row='2']").first.wait_for()
    output_of(page, 3).locator(".minitf-training canvas").wait_for()

    page.locator("[data-command='minitf:toggle-panel']").first.click()
    panel = page.locator("#minitf-panel")
    panel.get_by_text("Values of session sess").wait_for()
    panel.get_by_title("Show the values of layer/weights").press("Enter")
    page.locator(".minitf-display .minitf-tensor td[data-row='2']").first.wait_for()
    page.keyboard.press("Control+Alt+P")
    panel.get_by_text("Values of session sess").wait_for()
    panel.get_by_role("button", name="Show graph").press("Enter")
    page.locator(".minitf-display .minitf-graph [role=treeitem]").first.wait_for()
    assert serious_problems(page, ".minitf-graph") == [] == serious_problems(page, ".minitf-view")
    assert page.complaints == []
    if os.environ.get("MINITF_PICTURES"):
        page.screenshot(path=f"{os.environ['MINITF_PICTURES']}/notebook7.png")


@pytest.mark.browser
def test_the_first_tutorial_runs(notebook7, page):
    shutil.copy(TUTORIALS / "01_graph_and_session.ipynb", notebook7.root)
    opened(notebook7, page, "01_graph_and_session.ipynb")
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    assert page.wait_for_function(HOW_IT_ENDED, timeout=240_000).json_value() == "every cell ran"
    graph = page.locator(".jp-OutputArea-output .minitf-graph").first
    graph.scroll_into_view_if_needed()
    graph.locator("[role=treeitem]").first.wait_for()
    assert page.complaints == []
    if os.environ.get("MINITF_PICTURES"):
        page.screenshot(path=f"{os.environ['MINITF_PICTURES']}/notebook7-tutorial.png")
