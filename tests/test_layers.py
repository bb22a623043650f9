"""The house: imports point down, and every package's map is complete."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent / "minitf"
LAYERS = {
    "graph": 0, "errors": 0, "kernels": 1, "checkpoint": 1, "ops": 2, "autodiff": 3, "runtime": 4,
    "training": 5, "observe": 6, "notebook": 7,
}  # fmt: skip
MODULES = sorted(ROOT.rglob("*.py"))
PACKAGES = sorted(p for p in ROOT.rglob("__init__.py") if p.parent.name in LAYERS)
FORBIDDEN_NAMES = {"utils", "util", "common", "core", "misc", "helpers"}


def layer(path):
    return LAYERS.get(path.relative_to(ROOT).parts[0].removesuffix(".py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "minitf":
            if node.module == "minitf":
                yield from (f"minitf.{alias.name}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "minitf")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    own = layer(path)
    if own is None:
        return
    for name in imported(path):
        assert name != "minitf", f"{path.relative_to(ROOT)} imports the root package"
        target = name.split(".")[1]
        assert target in LAYERS, f"{path.relative_to(ROOT)} imports {name}, which stands above the engine"
        assert LAYERS[target] <= own, f"{path.relative_to(ROOT)} imports up: {name}"


@pytest.mark.parametrize("path", PACKAGES, ids=lambda p: str(p.parent.relative_to(ROOT)))
def test_the_map_is_complete(path):
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    for module in sorted(path.parent.glob("*.py")):
        if module.name != "__init__.py":
            assert f"`{module.name}`" in text, f"{path.parent.name}/__init__.py does not list {module.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_names_say_something(path):
    assert path.stem not in FORBIDDEN_NAMES and path.parent.name not in FORBIDDEN_NAMES
