"""Writes `docs/ops.md`, the table of all operations, by a walk over the classes: `make docs`.

What stands in the table is asked of each class: its docstring is the mathematics, its rule the gradient,
its launches the kernel.  So it is never written twice.
"""

import importlib
import inspect
import pathlib
import pkgutil

import minitf.ops
from minitf.ops.op import Op, registry

PAGE = pathlib.Path(__file__).parent / "ops.md"
HEAD = """# Operations

Written by `python -m docs.generate_ops` (`make docs`) from the classes in `minitf/ops/`; {count} operations.

* **Gradient**: *yes* where the class has a rule; *none* where no gradient flows, by definition; empty where
  TensorFlow has a gradient or none, and minitf has none.
* **Runs as**: *kernel* for a loop compiled by Numba (element types without machine code, such as halves, are
  computed by NumPy); *NumPy* for an operation that NumPy computes; *Python* for an effect or a decision;
  *engine* for what the session does itself.
"""


def page():
    """The Markdown of the whole page."""
    names = [module.name for module in pkgutil.iter_modules(minitf.ops.__path__)]
    modules = [importlib.import_module(f"minitf.ops.{name}") for name in names]
    order = inspect.getdoc(minitf.ops)
    modules.sort(key=lambda module: order.find(f"`{module.__name__.rpartition('.')[2]}.py`"))
    found = [(module, definitions(module)) for module in modules]
    count = sum(len(classes) for _, classes in found)
    return HEAD.format(count=count) + "".join(section(m, classes) for m, classes in found if classes)


def definitions(module):
    """The op classes that `module` defines, in its order; not the bases, which others derive from."""
    own = [c for c in registry.values() if c.__module__ == module.__name__ and not c.__name__.startswith("_")]
    return [c for c in own if c.examples or not c.__subclasses__()]


def section(module, classes):
    name = module.__name__.rpartition(".")[2]
    title = inspect.getdoc(module).splitlines()[0].rstrip(".")
    head = f"\n## [{name}](../minitf/ops/{name}.py)\n\n{title}.\n\n"
    return head + "| operation | | gradient | runs as |\n|---|---|---|---|\n" + "".join(map(row, classes))


def row(definition):
    meaning = inspect.getdoc(definition).partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    return f"| `{definition.type}` | {meaning} | {gradient(definition)} | {way(definition)} |\n"


def gradient(definition):
    if definition.gradient is None:
        return "none"
    return "" if definition.gradient is Op.gradient else "yes"


def way(definition):
    if definition.run is not None or definition.enter is not None:
        return "Python"
    if getattr(definition, "variable", False) or definition.alias:
        return "engine"
    return "NumPy" if definition.cpu is None else "kernel"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
