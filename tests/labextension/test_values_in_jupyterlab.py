"""Tensors, training curves and checkpoints in a real JupyterLab and a real browser: a story for each view.

With MINITF_PICTURES=FOLDER each story leaves its picture there.
"""

import json
import os
import pathlib
import re

import nbclient
import nbconvert
import nbformat
import pytest

from tests.labextension.test_jupyterlab import HOW_IT_ENDED, KERNEL_IS_READY, open_lab, output_of

AXE = pathlib.Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
HOSTILE = "<img src=x onerror='window.hijacked = true'><script>window.hijacked = true</script>"

ONE_FRAME = "() => new Promise(done => requestAnimationFrame(() => done(null)))"

TENSORS = [
    """
import numpy as np, minitf as tf
generator = np.random.default_rng(0)
x = tf.constant(generator.normal(size=(6, 8)).astype("float32"), name="x")
w = tf.Variable(generator.normal(size=(8, 10)).astype("float32"), name="w")
scores = tf.matmul(x, w, name="scores")
session = tf.Session()
session.run(tf.global_variables_initializer())
tf.show(scores, session)
""",
    "tf.show(generator.normal(size=(100_000, 1000)).astype('float32'), name='large')",
    "tf.show(np.arange(9 * 8 * 8).reshape(9, 8, 8) % 64 / 63, name='pictures')",
    f"tf.show(np.array([{HOSTILE!r}, 'two'], object), name={HOSTILE!r})",
    "scores",
]
TRAINING = [
    """
import math, time, minitf as tf
curves = tf.show_training(smoothing=0.6, total=10_000, title="Two learning rates")
for step in range(5000):
    for run, rate in (("slow", 3000), ("fast", 900)):
        wave = 0.1 * math.sin(step * 12.9898 + rate) if step else 0
        share = math.exp(-step / rate)
        kept = {"weights": [[step, 1.0], [2.0, 3.0]]} if step % 1000 == 0 else None
        saved = f"model-{step}" if kept else None
        curves.add(step, run, kept, saved, loss=math.log(10) * share + wave, accuracy=1 - share)
    if step % 20 == 0:
        time.sleep(0.02)
""",
    f"""
lost = tf.show_training()
for step in range(100):
    lost.add(step, loss=1.0 if step < 87 else math.nan, when_nan=lambda: "xent/Log", run={HOSTILE!r})
""",
    "for step in tf.progress(range(30), label='epochs'): time.sleep(0.01)",
]
CHECKPOINTS = [
    """
import numpy as np, minitf as tf
with tf.Graph().as_default(), tf.Session() as session:
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    hidden = tf.layers.dense(x, 6, tf.nn.relu, name="hidden")
    loss = tf.reduce_mean(tf.square(tf.layers.dense(hidden, 2, name="scores")))
    tf.get_variable("frozen/table", [5, 2])
    train = tf.train.AdamOptimizer(0.01).minimize(loss, tf.train.get_or_create_global_step())
    session.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    for step in range(4):
        session.run(train, {x: np.random.default_rng(step).random((8, 4))})
        saver.save(session, "saved/model", step)
tf.show_checkpoint("saved")
""",
    "tf.diff_checkpoints('saved/model-0', 'saved/model-3')",
    """
x = tf.placeholder(tf.float32, [None, 4], name="x")
tf.layers.dense(tf.layers.dense(x, 6, name="hidden_1"), 3, name="scores")
rehearsal = tf.rehearse_restore("saved")
rehearsal
""",
    "session",
]


def notebook_of(cells):
    made = [nbformat.v4.new_code_cell(source.strip()) for source in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


def opened(jupyterlab, page, name, cells):
    """A new notebook with these cells in front, its kernel ready."""
    page.complaints = []
    if os.environ.get("MINITF_PICTURES"):
        page.set_viewport_size({"width": 1280, "height": 1500})
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    nbformat.write(notebook_of(cells), jupyterlab.root / f"{name}.ipynb")
    open_lab(page, f"{jupyterlab.url}/lab/tree/{name}.ipynb")
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.content?.widgets")
    page.evaluate(KERNEL_IS_READY)


def run_all(page):
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    assert page.wait_for_function(HOW_IT_ENDED, timeout=120_000).json_value() == "every cell ran"


def serious_findings(page):
    """What axe-core says of our views, serious and critical only."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run('.minitf-view')).violations")
    return [
        (each["id"], each["nodes"][0]["html"][:120]) for each in found if each["impact"] in ("serious", "critical")
    ]


def picture(page, name, output=None):
    """Of the whole page, or of one output; only where a folder was named."""
    folder = os.environ.get("MINITF_PICTURES")
    if folder:
        page.wait_for_timeout(800)
        (page if output is None else output).screenshot(path=f"{folder}/{name}.png")


def theme(page, name):
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)", name)
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)


@pytest.mark.browser
def test_tensor_values(jupyterlab, page):
    opened(jupyterlab, page, "tensors", TENSORS)
    run_all(page)
    scores, large, pictures, hostile, symbol = (
        output_of(page, source).locator(".minitf-tensor")
        for source in ("tf.show(scores", "name='large'", "name='pictures'", "onerror", "scores")
    )

    # contribution view: a row of x and a column of w
    scores.scroll_into_view_if_needed()
    scores.locator("td[data-row='2'][data-column='3']").click()
    made = scores.locator(".minitf-contribution")
    made.wait_for()
    assert "was made by MatMul (cell [1], line 5)" in made.inner_text()
    assert made.locator("code").all_inner_texts() == ["x:0[2, :]", "w/read:0[:, 3]"]
    picture(page, "tensor-contribution", scores)
    scores.get_by_role("tab", name="Why this shape").click()
    assert "10 is axis 1 of w:0 (8, 10), set by VariableV2 in cell [1], line 4" in scores.inner_text()

    # a large tensor: tiles come as they are needed, by the keyboard as well
    large.scroll_into_view_if_needed()
    large.locator(".minitf-table").press("Control+End")
    large.locator("td[data-row='99999'][data-column='999']").wait_for()
    page.wait_for_function("() => ![...document.querySelectorAll('.minitf-missing')].some(e => e.textContent === '…')")
    assert large.locator("[role=status]").inner_text().startswith("large[99999, 999] = ")

    # pictures side by side, and sliders
    pictures.scroll_into_view_if_needed()
    assert pictures.locator("canvas").count() == 9
    pictures.locator("input[type=range]").press("ArrowRight")
    pictures.locator("figcaption", has_text="[8]").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.minitf-gallery canvas').length === 8")

    assert hostile.locator("td").first.text_content().startswith("<img src=x onerror=")
    assert hostile.locator("figcaption b").text_content() == HOSTILE and page.evaluate("window.hijacked") is None
    assert symbol.count() > 0 and page.complaints == []
    assert serious_findings(page) == []
    picture(page, "tensor-pictures", pictures)


@pytest.mark.browser
def test_training_curves(jupyterlab, page):
    opened(jupyterlab, page, "training", TRAINING)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    view = output_of(page, "Two learning rates").locator(".minitf-training")
    view.locator("canvas").nth(1).wait_for()

    # ten thousand updates in one cell: the page answers, and the view keeps its height
    heights, frames = set(), 0
    while view.locator(".minitf-progress").inner_text().find("done in") < 0:
        heights.add(view.locator(".minitf-panels").evaluate("e => e.offsetHeight"))
        page.evaluate(ONE_FRAME)
        frames += 1
    assert len(heights) == 1 and frames > 2
    assert page.wait_for_function(HOW_IT_ENDED, timeout=60_000).json_value() == "every cell ran"
    assert "2.303 = ln 10: the network predicts 10 classes uniformly" in view.inner_text()

    # hover, zoom, choose a step
    canvas = view.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    canvas.hover(position={"x": 250, "y": 60})
    assert re.match(r"step \d+ · loss \(slow\) [\d.]+, smoothed", view.locator("[role=status]").first.inner_text())
    canvas.click(position={"x": 250, "y": 60})
    view.locator(".minitf-record .minitf-tensor").wait_for()
    assert re.search(r"Recorded at step \d000:\s*model-\d000", view.locator(".minitf-record").inner_text())
    picture(page, "training-curves", view)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 220, box["y"] + 60, steps=4)
    page.mouse.up()
    canvas.hover(position={"x": 200, "y": 60})
    picture(page, "training-zoomed", view)

    lost = output_of(page, "lost = tf.show_training").locator(".minitf-training")
    assert "first NaN at step 87 from xent/Log" in lost.inner_text()
    bar = output_of(page, "label='epochs'").locator(".minitf-training")
    assert "epochs: 30 of 30 steps" in bar.inner_text()
    assert page.evaluate("window.hijacked") is None and page.complaints == []
    assert serious_findings(page) == []


@pytest.mark.browser
def test_checkpoints(jupyterlab, page):
    opened(jupyterlab, page, "checkpoints", CHECKPOINTS)
    run_all(page)
    browse, changed, rehearsal = (
        output_of(page, source).locator(".minitf-checkpoint")
        for source in ("tf.show_checkpoint", "tf.diff_checkpoints", "tf.rehearse_restore")
    )

    # search, open a tensor, follow it through the folder
    browse.locator("[type=search]").fill("hidden weight")
    browse.locator("tr", has_text="weight").click()
    browse.locator(".minitf-opened .minitf-tensor").wait_for()
    slider = browse.locator(".minitf-scrub input")
    slider.press("ArrowLeft")
    assert browse.locator(".minitf-scrub output").inner_text() == "model-2"
    browse.get_by_role("button", name="Health check").click()
    browse.locator("[type=search]").fill("")
    browse.locator("[role=status]", has_text="1 of 16 tensors is worth a look").wait_for()
    browse.get_by_role("button", name="1 ill").click()
    assert "untouched by training" in browse.inner_text()
    picture(page, "checkpoint-browser", browse)

    changed.scroll_into_view_if_needed()
    row = changed.locator("tr", has_text="frozen/")
    row.focus()
    row.press("ArrowRight")
    assert "trainable but unchanged" in changed.locator("tr", has_text="table").inner_text()
    picture(page, "checkpoint-difference", changed)

    # a rehearsal is edited
    rehearsal.scroll_into_view_if_needed()
    choice = rehearsal.get_by_label("Tensor for hidden_1/kernel")
    assert choice.input_value() == "hidden/kernel"
    picture(page, "checkpoint-rehearsal", rehearsal)
    choice.select_option("")
    page.wait_for_function("() => document.querySelector('[aria-label=\"Tensor for hidden_1/kernel\"]').value === ''")
    assert "(6, 3) here, (6, 2) in the checkpoint" in rehearsal.inner_text()
    assert page.complaints == []
    assert serious_findings(page) == []


@pytest.mark.browser
def test_dark_theme_and_narrow_cells(jupyterlab, page):
    opened(jupyterlab, page, "narrow", [TENSORS[0], TRAINING[0].replace("range(5000)", "range(200)"), CHECKPOINTS[0]])
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area').then(() => null)")
    theme(page, "JupyterLab Dark")
    run_all(page)
    for view in page.locator(".minitf-view").all():
        view.scroll_into_view_if_needed()
        assert view.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
        picture(page, f"{view.get_attribute('class').split('-')[-1]}-dark-narrow", view)
        assert 400 < view.evaluate("e => e.clientWidth") <= 560
    assert serious_findings(page) == []
    theme(page, "JupyterLab Light")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """What the cells leave in a notebook, run without a browser."""
    training = TRAINING[1].replace("lost =", "import math\nlost =", 1)
    notebook = notebook_of([TENSORS[0], TENSORS[3], training, *CHECKPOINTS[:2]])
    folder = tmp_path_factory.mktemp("run")
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


@pytest.mark.browser
def test_a_saved_notebook_shows_its_last_state_untrusted_and_without_a_kernel(jupyterlab, page, executed):
    saved = nbformat.from_dict(json.loads(nbformat.writes(executed)))
    saved.metadata["kernelspec"] = {"name": "none-such", "display_name": "none", "language": "python"}
    saved.metadata.pop("widgets", None)
    nbformat.write(saved, jupyterlab.root / "kept.ipynb")
    open_lab(page, f"{jupyterlab.url}/lab")
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'kept.ipynb', kernel: null}); }")
    page.locator(".minitf-checkpoint").first.wait_for()
    dialog = page.locator(".jp-Dialog button", has_text="No Kernel")
    if dialog.count():
        dialog.first.click()
    assert page.locator(".minitf-tensor").count() == 2 and page.locator(".minitf-training canvas").count() == 1
    assert page.locator(".minitf-tensor td[data-row='5']").first.is_visible()
    assert "first NaN at step 87" in page.locator(".minitf-training").inner_text()
    assert page.locator(".minitf-checkpoint tr", has_text="hidden/").first.is_visible()
    assert page.evaluate("window.hijacked") is None


def test_an_exported_notebook_shows_the_fallbacks(executed):
    page, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    body = page.partition("<body")[2]
    assert "scores:0</b> (6, 10) float32" in body and "<td>" in body
    assert "<polyline" in body or "image/svg+xml" in body
    assert "hidden/kernel/Adam" in body
    assert "<img src=x onerror" not in body


def test_widget_state_holds_no_arrays(executed):
    (kept,) = executed.metadata["widgets"].values()
    models = [model for model in kept["state"].values() if model["model_module"] == "minitf"]
    assert len(models) == 5
    assert all("buffers" not in model and len(json.dumps(model)) < 1000 for model in models)
