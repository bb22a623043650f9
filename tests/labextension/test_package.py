"""What a student installs: one wheel with the package and the built extension."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = "minitf-{version}.data/data/share/jupyter/labextensions/minitf/"


@pytest.fixture(scope="module")
def version():
    return json.loads((ROOT / "package.json").read_text())["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel, opened."""
    pytest.importorskip("build", reason="the package `build` is not installed")
    pytest.importorskip("hatch_jupyter_builder", reason="the build tools are not installed")
    if not (ROOT / "minitf/_labextension/package.json").exists():
        pytest.skip("the extension is not built (make test builds it)")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("minitf-*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_has_the_package(wheel):
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "minitf").rglob("*.py")}
    assert modules <= set(wheel.namelist())


def test_the_wheel_has_the_built_extension_once(wheel, version):
    folder = SHARED.format(version=version)
    extension = json.loads(wheel.read(folder + "package.json"))
    assert folder + extension["jupyterlab"]["_build"]["load"] in wheel.namelist()
    assert json.loads(wheel.read(folder + "install.json"))["packageName"] == "minitf"
    assert not [name for name in wheel.namelist() if name.startswith("minitf/_labextension")]


def test_python_and_javascript_have_one_version(wheel, version):
    metadata = wheel.read(f"minitf-{version}.dist-info/METADATA").decode()
    assert f"\nVersion: {version}\n" in metadata
    assert json.loads((ROOT / "package-lock.json").read_text())["version"] == version


def test_the_lock_file_names_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in packages.items() if name)
