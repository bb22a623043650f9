"""A JupyterLab of our own, with nothing of the user's, and a Chromium that looks at it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
NEWS = "@jupyterlab/apputils-extension:announcements"
CHECKOUT = Path(__file__).parents[2]
BUILT = CHECKOUT / "minitf/_labextension"


@pytest.fixture(scope="session")
def installed_extension():
    """The folder from which JupyterLab serves the extension: what was built in this checkout."""
    if not BUILT.exists():
        pytest.skip("the extension is not built (make test builds it)")
    return BUILT


@pytest.fixture(scope="session")
def jupyterlab(installed_extension, tmp_path_factory):
    """A running JupyterLab: its `url` and the folder `root` that it shows."""
    yield from running("jupyterlab", tmp_path_factory)


@pytest.fixture(scope="session")
def notebook7(installed_extension, tmp_path_factory):
    """A running Notebook 7, as `jupyterlab`."""
    pytest.importorskip("notebook", minversion="7", reason="Notebook 7 is not installed")
    yield from running("notebook", tmp_path_factory)


def running(app, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("jupyter")
    with (home / "server.log").open("wb") as log:
        url = f"http://127.0.0.1:{free_port()}/user/ada"  # as behind JupyterHub's proxy
        environment = server_environment(home)
        server = subprocess.Popen(server_command(app, url, root), env=environment, stdout=log, stderr=log)
        try:
            wait_until_up(url, server, home / "server.log")
            yield SimpleNamespace(url=url, root=root)
        finally:
            stop(server, url)


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, jupyterlab):
    """An empty page that remembers, in `requested`, every address it asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    yield page
    context.close()


def server_command(app, url, root):
    name = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}[app]
    quiet = [
        "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]  # fmt: skip
    return [
        sys.executable, "-m", app, "--no-browser", "--allow-root",
        "--ip=127.0.0.1", f"--port={urlsplit(url).port}", f"--ServerApp.base_url={urlsplit(url).path}/",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={root}", f"--{name}.expose_app_in_browser=True", *(quiet if app == "jupyterlab" else []),
    ]  # fmt: skip


def server_environment(home):
    """Settings, workspaces and trust of this test run alone; no question about news in the way."""
    folders = ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"]
    own = {f"JUPYTER_{name}": str(home / name.lower()) for name in folders}
    own |= {f"JUPYTERLAB_{name}": str(home / name.lower()) for name in ["SETTINGS_DIR", "WORKSPACES_DIR"]}
    own["JUPYTER_PREFER_ENV_PATH"] = "0"  # else what is installed would hide what was built here
    own["PYTHONPATH"] = str(CHECKOUT)  # kernels import the minitf that is tested
    own["JUPYTER_PATH"] = str(home / "checkout")  # this comes before what is installed in the environment
    (home / "checkout/labextensions").mkdir(parents=True)
    (home / "checkout/labextensions/minitf").symlink_to(BUILT, target_is_directory=True)
    page_config = home / "config_dir/labconfig/page_config.json"
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    return os.environ | own


def wait_until_up(url, server, log, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/api", timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


def stop(server, url):
    """End the kernels, then the server, which would wait for them."""
    try:
        with urllib.request.urlopen(f"{url}/api/kernels", timeout=5) as answer:
            kernels = [kernel["id"] for kernel in json.load(answer)]
        for kernel in kernels:
            request = urllib.request.Request(f"{url}/api/kernels/{kernel}", method="DELETE")
            urllib.request.urlopen(request, timeout=20).close()
        server.terminate()
        server.wait(20)
    except (OSError, subprocess.TimeoutExpired):
        server.kill()
        server.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
