"""The switch: while it is on, `import tensorflow` and everything below it resolves to minitf's namespaces.

Python asks each entry of `sys.meta_path` for a module it has not seen. `TensorFlowFinder` answers for names
that begin with `tensorflow` and hands out a `Namespace`: a module without contents of its own that looks its
names up in the places listed in `names.py`.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from minitf.compat.names import ENGINE, PLACES

TOP = "tensorflow"
MISSING = object()


class Namespace(ModuleType):
    """A module of TensorFlow's name whose contents are minitf's."""

    def __init__(self, name: str, places: Sequence[Any]):
        super().__init__(name, f"minitf under the name {name}")
        self.__dict__["_places"] = places

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [public for public in dir(self) if not public.startswith("_")]
        child = f"{self.__name__}.{name}"
        if child in PLACES:  # before `minitf.nn`, which does not know what `tensorflow.nn` once had
            return importlib.import_module(child)
        if not name.startswith("__") or name.endswith("version__"):
            for place in self._places:
                value = _public(place, name)
                if value is not MISSING:
                    return self.__dict__.setdefault(name, value)
            if places_of(child) is not None:
                return importlib.import_module(child)
        raise AttributeError(f"minitf has no {self.__name__}.{name}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *(name for place in self._places for name in dir(place))})


class TensorFlowFinder(MetaPathFinder, Loader):
    """Finds `tensorflow` and the modules below it, or says which one minitf lacks."""

    def find_spec(self, fullname, path=None, target=None):
        """The spec of a module of TensorFlow's name; None for any other module.

        Raises:
            ModuleNotFoundError: minitf has nothing of that name.
        """
        if fullname != TOP and not fullname.startswith(f"{TOP}."):
            return None
        if places_of(fullname) is None:
            raise ModuleNotFoundError(f"minitf has no {fullname}", name=fullname)
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        """An empty-handed `Namespace`; names are looked up when they are asked for."""
        return Namespace(spec.name, places_of(spec.name))

    def exec_module(self, module):
        """Nothing to execute."""


def install() -> ModuleType:
    """Turn the switch on and return what `import tensorflow` now gives. Turning it on twice is harmless.

    Raises:
        ImportError: the real TensorFlow is loaded already; its modules and minitf's must not be mixed.
    """
    present = sys.modules.get(TOP)
    if present is not None and not isinstance(present, Namespace):
        raise ImportError("tensorflow itself is already imported: restart Python, then switch", name=TOP)
    if not any(isinstance(finder, TensorFlowFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, TensorFlowFinder())
    return importlib.import_module(TOP)


def uninstall() -> None:
    """Turn the switch off and forget the modules it made. Programs that hold them keep them."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, TensorFlowFinder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, Namespace)]:
        del sys.modules[name]


def places_of(fullname: str) -> list[Any] | None:
    """Where the names of a TensorFlow module are looked up; None if minitf has no such module."""
    if fullname in PLACES:
        present = [_resolve(place) for place in PLACES[fullname]]
        return [place for place in present if place is not None]
    _, *parts = fullname.split(".")
    public = None if parts[0] in ENGINE else _resolve(".".join(["minitf", *parts]))
    return [public] if isinstance(public, ModuleType) else None


def _resolve(dotted: str) -> Any | None:
    """The module or namespace `minitf.a.b`, or None."""
    first, *rest = dotted.split(".")
    found = importlib.import_module(first)
    for part in rest:
        name = f"{getattr(found, '__name__', '')}.{part}"
        found = getattr(found, part, None) or _import_if_present(name)
        if found is None:
            return None
    return found


def _import_if_present(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.startswith(error.name):
            return None
        raise


def _public(place: Any, name: str) -> Any:
    """What `place` offers under `name`, unless that is a package of the engine; `tf.newaxis` is None."""
    if getattr(place, "__name__", "") == "minitf" and name in ENGINE:
        return MISSING
    return getattr(place, name, MISSING)
