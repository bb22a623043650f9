"""How many frames a second a million points give while a reader pans, zooms, and while points come.

    python -m benchmarks.curves_view

One curve of noise, on a page of its own, in headless Chromium without a GPU.  It needs `npm run build`.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from benchmarks.graph_view import FLAGS, ROOT

ENTRY = """
import {{ TrainingModel }} from '{root}/labextension/lib/curves/model.js';
import {{ render }} from '{root}/labextension/lib/curves/view.js';
Object.assign(window, {{ TrainingModel, render }});
"""
SHOW = """([points, smoothing]) => {
    const model = new TrainingModel({version: 1, kind: 'training', title: '', series: [], omitted: 0,
        captions: [], progress: null, smoothing, log: false, widget: '', text: ''});
    const channel = {ask: () => new Promise(() => {}), listen: heard => { window.push = heard; return () => {}; }};
    model.connect(channel);
    window.model = model;
    window.send = (from, count) => {
        const columns = [i => i, i => i / 100, i => Math.exp(-i / 3e5) + Math.sin(i * 12.9898) * 0.3];
        const numbers = of => Float64Array.from({length: count}, (_, i) => of(from + i));
        const buffers = columns.map(of => new DataView(numbers(of).buffer));
        push({push: 'points', series: [{run: '', tag: 'loss', from}], progress: null, captions: null}, buffers);
    };
    render({model, el: document.getElementById('view')});
    send(0, points);
}"""
FRAMES = """async act => {
    const step = {
        pan: i => model.set({view: [5e4 + 4e4 * Math.sin(i / 9), 9.5e5 + 4e4 * Math.sin(i / 9)]}),
        zoom: i => model.set({view: [0, 1e6 * (0.55 + 0.45 * Math.cos(i / 12))]}),
        grow: i => send(model.series[0].length, 200)
    }[act];
    const times = [];
    for (let i = 0; i < 90; i++) {
        step(i);
        times.push(await new Promise(requestAnimationFrame));
    }
    return times.slice(1).map((time, i) => time - times[i]);
}"""


def bundle(folder):
    (folder / "entry.js").write_text(ENTRY.format(root=ROOT))
    command = ["npx", "rolldown", str(folder / "entry.js"), "--format", "iife", "--file", str(folder / "all.js")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return (folder / "all.js").read_text()


def frame_times(browser, script, points, smoothing, repeats):
    """{what the reader does: [milliseconds of a frame]}"""
    style = "".join((ROOT / f"labextension/style/{name}.css").read_text() for name in ("controls", "values"))
    found = {}
    for _ in range(repeats):
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.set_content(f"<style>{style}</style><div id=view></div>")
        page.add_script_tag(content=script)
        page.evaluate(SHOW, [points, smoothing])
        page.wait_for_timeout(500)
        for act in ("pan", "zoom", "grow"):
            found.setdefault(act, []).extend(page.evaluate(FRAMES, act))
        page.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
        script = bundle(pathlib.Path(folder))
        for smoothing in (0, 0.9):
            for act, times in frame_times(browser, script, options.points, smoothing, options.repeats).items():
                median, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
                spread = f"(median {median:.1f} ms, 95% below {slow:.1f} ms)"
                print(f"smoothing {smoothing}, {act}: {1000 / median:.0f} frames/s {spread}")
        browser.close()


if __name__ == "__main__":
    main()
