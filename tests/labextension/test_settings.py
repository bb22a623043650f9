"""The settings of minitf and its keyboard shortcuts, in a real JupyterLab."""

import json

import nbformat
import pytest

from tests.labextension.test_jupyterlab import KERNEL_IS_READY, open_lab

THREE = "import minitf as tf\na = tf.constant(3.0)\nb = tf.constant(4.0)\nc = a * b"
COUNT = "print(len(tf.get_default_graph().get_operations()), 'operations')"
LARGE = """
for i in range(400):
    tf.constant(float(i), name=f"{i**5 * 7919:x}")
tf.show_graph()
"""


def save_settings(jupyterlab, page, **values):
    """As a reader does in the settings editor: the server keeps them, a page that loads later has them."""
    page.request.put(
        f"{jupyterlab.url}/lab/api/settings/minitf:panel",
        data=json.dumps({"raw": json.dumps(values)}),
        headers={"Content-Type": "application/json"},
    )


@pytest.fixture
def opened(jupyterlab, page, request):
    """A function that saves settings, then opens a notebook with these cells."""

    def open_notebook(cells, **values):
        save_settings(jupyterlab, page, **values)
        name = f"{request.node.name}.ipynb"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        made = [nbformat.v4.new_code_cell(source.strip()) for source in cells]
        nbformat.write(
            nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), jupyterlab.root / name
        )
        open_lab(page, f"{jupyterlab.url}/lab/tree/{name}")
        page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
        page.evaluate(KERNEL_IS_READY)
        return page

    yield open_notebook
    save_settings(jupyterlab, page)


def run_cell(page, number):
    page.evaluate(
        "async number => { const {content} = jupyterapp.shell.currentWidget; content.activeCellIndex = number;"
        " await jupyterapp.commands.execute('notebook:run-cell'); }",
        number,
    )


def output(page, number):
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea")


@pytest.mark.browser
@pytest.mark.parametrize(("policy", "operations"), [("replace", 3), ("accumulate", 6)])
def test_the_setting_of_running_a_cell_again_reaches_the_kernel(opened, policy, operations):
    page = opened([THREE, COUNT], rerun=policy)
    for number in (0, 0, 1):
        run_cell(page, number)
    output(page, 1).get_by_text(f"{operations} operations").wait_for()


@pytest.mark.browser
def test_what_the_program_chooses_stands_above_the_setting(opened):
    page = opened([THREE + "\ntf.notebook.rerun_policy('accumulate')", COUNT], rerun="replace")
    for number in (0, 0, 1):
        run_cell(page, number)
    output(page, 1).get_by_text("6 operations").wait_for()


@pytest.mark.browser
def test_a_restarted_kernel_hears_the_settings_again(opened):
    page = opened([THREE, COUNT], rerun="accumulate")
    run_cell(page, 0)
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.evaluate(KERNEL_IS_READY)
    for number in (0, 0, 1):
        run_cell(page, number)
    output(page, 1).get_by_text("6 operations").wait_for()


@pytest.mark.browser
def test_the_setting_of_sizes_caps_what_the_notebook_keeps(opened):
    page = opened(["import minitf as tf", LARGE], graphLimit=10)
    run_cell(page, 0)
    run_cell(page, 1)
    output(page, 1).get_by_text("are shown").first.wait_for()
    size = "() => JSON.stringify(jupyterapp.shell.currentWidget.content.widgets[1].model.toJSON().outputs).length"
    assert page.evaluate(size) < 16_000
    assert "400 operations" in output(page, 1).locator("figcaption").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "light"), [("auto", True), ("light", True), ("dark", False)])
def test_the_setting_of_the_theme_holds_for_our_views_alone(opened, theme, light):
    page = opened([THREE + "\ntf.show_graph()"], theme=theme)
    run_cell(page, 0)
    graph = output(page, 0).locator(".minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()
    ink = graph.locator(".minitf-name").first.evaluate("el => getComputedStyle(el).fill")
    assert (
        sum(float(n) for n in ink[ink.index("(") + 1 :].rstrip(")").replace(",", " ").split()[:3]) < 300
    ) is light
    assert page.evaluate("() => document.body.dataset.jpThemeLight") == "true"


@pytest.mark.browser
def test_keyboard_shortcuts(opened):
    page = opened([THREE])
    run_cell(page, 0)
    panel = page.locator("#minitf-panel")
    page.keyboard.press("Control+Alt+P")
    panel.get_by_text("3 operations").wait_for()
    page.keyboard.press("Control+Alt+P")
    panel.wait_for(state="hidden")
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    page.keyboard.press("Control+Alt+G")
    graph = page.locator(".minitf-display .minitf-graph")
    graph.locator("[role=treeitem]").first.wait_for()

    # a line of a cell shows what it made
    page.locator(".jp-Notebook .cm-line", has_text="b = tf.constant").click()
    page.keyboard.press("Control+Alt+L")
    page.get_by_text("This line made 1 operation.").wait_for()
    assert graph.locator(".minitf-search-count").inner_text() == "1 found"
