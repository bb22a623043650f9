"""How fast a large graph opens in a browser: minitf's view beside TensorBoard and Netron.

    python -m benchmarks.graph_view --tensorboard /path/to/env/bin/tensorboard --netron /path/to/env/bin/netron

The graph: a static LSTM of 100 steps with its gradients, Adam, summary and saver.  All views are measured in
the same headless Chromium, one after the other, several times; the table holds medians.  minitf's view is
measured on a page of its own, without JupyterLab, as the others are.  It needs `npm run build`.
"""

import argparse
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

import minitf as tf
from minitf.observe.describe import describe

ROOT = pathlib.Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
ENTRY = "import {{ open }} from '{root}/labextension/lib/graph/open.js'; window.openGraph = open;"
OPEN = """async data => {
    const start = performance.now();
    openGraph(data, '', document.getElementById('view'));
    while (!document.querySelector('.minitf-graph-svg')) await new Promise(requestAnimationFrame);
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - start;
}"""
EXPAND = """async title => {
    const item = [...document.querySelectorAll('[role=treeitem]')]
        .find(item => item.querySelector('title').textContent === title);
    const before = document.querySelectorAll('[role=treeitem]').length;
    const start = performance.now();
    item.dispatchEvent(new MouseEvent('dblclick', {bubbles: true}));
    while (document.querySelectorAll('[role=treeitem]').length === before) {
        await new Promise(requestAnimationFrame);
    }
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - start;
}"""
PAN = """async () => {
    const frame = document.querySelector('.minitf-graph-drawing');
    const send = (kind, x, y) => (kind === 'pointerdown' ? frame : window)
        .dispatchEvent(new PointerEvent(kind, {clientX: x, clientY: y, button: 0, bubbles: true}));
    send('pointerdown', 300, 200);
    const times = [];
    for (let i = 0; i < 120; i++) {
        send('pointermove', 300 + 200 * Math.sin(i / 10), 200 + 100 * Math.cos(i / 10));
        times.push(await new Promise(requestAnimationFrame));
    }
    send('pointerup', 0, 0);
    return times.slice(1).map((time, i) => time - times[i]);
}"""
SCOPES = ["rnn/basic_lstm_cell_*", "rnn/basic_lstm_cell_7/", "gradients/", "gradients/rnn/"]


def network(steps=100):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, steps, 28], name="x")
        y = tf.placeholder(tf.int64, [None], name="y")
        outputs, _ = tf.nn.static_rnn(
            tf.nn.rnn_cell.BasicLSTMCell(128), tf.unstack(x, steps, 1), dtype=tf.float32
        )
        logits = tf.layers.dense(outputs[-1], 10, name="logits")
        with tf.name_scope("loss"):
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tf.reduce_mean(losses)
        tf.train.AdamOptimizer().minimize(loss)
        tf.summary.scalar("loss_value", loss)
        tf.global_variables_initializer()
        tf.train.Saver()
    return graph


def minitf_times(browser, graph, repeats):
    """{what: milliseconds, one a repeat}; and frames a second while the opened picture is moved."""
    data = describe(graph)
    found = {"open": [], "frames": []} | {scope: [] for scope in SCOPES}
    with tempfile.TemporaryDirectory() as folder:
        script = bundle(pathlib.Path(folder))
    style = (ROOT / "labextension/style/graph.css").read_text()
    for _ in range(repeats):
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.set_content(f"<style>{style}</style><div id=view></div>")
        page.add_script_tag(content=script)
        found["open"].append(page.evaluate(OPEN, data))
        for scope in SCOPES:
            found[scope].append(page.evaluate(EXPAND, scope))
        found["frames"].append(1000 / statistics.median(page.evaluate(PAN)))
        page.close()
    return found, len(json.dumps(data))


def bundle(folder):
    (folder / "entry.js").write_text(ENTRY.format(root=ROOT))
    command = ["npx", "rolldown", str(folder / "entry.js"), "--format", "iife", "--file", str(folder / "all.js")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return (folder / "all.js").read_text()


def tensorboard_time(browser, program, folder, repeats):
    """Milliseconds until TensorBoard's graph page has drawn nodes; its server had read the file before."""
    port = free_port()
    server = start([program, "--logdir", str(folder), "--port", str(port), "--load_fast=false"])
    try:
        wait_for(f"http://127.0.0.1:{port}/data/plugin/graphs/info", lambda text: "run" in text or len(text) > 5)
        return [
            loaded(browser, f"http://127.0.0.1:{port}/#graphs", "g.node, g.nodeshape, .nodeshape")
            for _ in range(repeats)
        ]
    finally:
        stop(server)


def netron_time(browser, program, file, repeats, seconds):
    """Milliseconds until Netron has drawn nodes, or `None` where it has not within `seconds`."""
    port = free_port()
    server = start([program, str(file), "--port", str(port)])
    try:
        wait_for(f"http://127.0.0.1:{port}/", lambda text: "netron" in text.lower())
        address = f"http://127.0.0.1:{port}/"
        return [loaded(browser, address, "g.node", address, seconds) for _ in range(repeats)]
    finally:
        stop(server)


def loaded(browser, address, selector, cookie_for=None, seconds=120):
    from playwright.sync_api import TimeoutError as TooLate

    context = browser.new_context(viewport={"width": 1100, "height": 800})
    if cookie_for:
        context.add_cookies([{"name": "consent", "value": str(int(time.time())), "url": cookie_for}])
    page = context.new_page()
    page.set_default_timeout(1000 * seconds)
    start = time.perf_counter()
    try:
        page.goto(address)
        page.wait_for_selector(selector, state="attached")
        return 1000 * (time.perf_counter() - start)
    except TooLate:
        return None
    finally:
        context.close()


def start(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop(server):
    server.terminate()
    server.wait(20)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, is_ready, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if is_ready(answer.read().decode(errors="replace")):
                    return
        except OSError:
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{address} does not answer")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tensorboard", default=shutil.which("tensorboard"))
    parser.add_argument("--netron", default=shutil.which("netron"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=int, default=120, help="seconds that Netron may take")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    graph = network()
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        chromium = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        found, size = minitf_times(browser, graph, options.repeats)
        print(f"{len(graph.get_operations())} operations, {size} bytes in the notebook", flush=True)
        for what, values in found.items():
            spread = f"({min(values):.0f} ... {max(values):.0f})"
            print(f"minitf {what}: {statistics.median(values):.0f} {spread}", flush=True)
        tf.summary.FileWriter(folder, graph).close()
        tf.train.write_graph(graph, folder, "graph.pb", as_text=False)
        if options.tensorboard:
            times = tensorboard_time(browser, options.tensorboard, folder, options.repeats)
            print("TensorBoard:", [t and round(t) for t in times], flush=True)
        if options.netron:
            file = pathlib.Path(folder) / "graph.pb"
            times = netron_time(browser, options.netron, file, 1, options.patience)
            print("Netron:", [t and round(t) for t in times], flush=True)
        browser.close()


if __name__ == "__main__":
    main()
