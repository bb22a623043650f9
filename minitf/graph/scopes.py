"""What is open while operations are made: names, control dependencies, devices, contexts; for each thread its own."""

import contextlib
import re
import threading

from minitf.graph.operation import Tensor

_VALID_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_VALID_SCOPE = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")


class Scopes:
    """The half of a `Graph` that says where and how the next operation is made."""

    def __init__(self):
        self._lock = threading.RLock()
        self._names = {}  # lower-case name -> how often it was asked for
        self._local = threading.local()

    def _open(self, kind, default):
        return self._local.__dict__.setdefault(kind, default)

    @contextlib.contextmanager
    def _with(self, kind, value):
        before = self._local.__dict__.get(kind)
        self._local.__dict__[kind] = value
        try:
            yield
        finally:
            self._local.__dict__[kind] = before

    @property
    def scope(self):
        """The open name scope, without a slash at the end; '' at the top."""
        return self._open("scope", "") or ""

    @property
    def context(self):
        """The `while_loop` or `cond` branch that is being built, or None."""
        return self._open("context", None)

    @property
    def device_stack(self):
        return self._open("devices", ()) or ()

    @contextlib.contextmanager
    def name_scope(self, name):
        """Open a scope for names; yields it with a slash at the end.

        A name that ends in a slash re-enters that scope as it stands; None or '' leads to the top.
        """
        if name:
            if not isinstance(name, str):
                raise TypeError(f"name for name_scope must be a string, got {name!r}.")
            if not self._is_valid(name):
                raise ValueError(f"'{name}' is not a valid scope name")
        if not name:
            scope = ""
        elif name[-1] == "/":
            scope = name[:-1]
        else:
            scope = self.unique_name(name)
        with self._with("scope", scope):
            yield scope + "/" if scope else ""

    def _is_valid(self, name):
        return (_VALID_SCOPE if self.scope else _VALID_NAME).match(name) is not None

    def get_name_scope(self):
        return self.scope

    def unique_name(self, name, mark_as_used=True):
        """`name` in the open scope, with `_1`, `_2` ... behind it where it is taken."""
        if self.scope:
            name = f"{self.scope}/{name}"
        with self._lock:
            key = name.lower()
            count = self._names.get(key, 0)
            if mark_as_used:
                self._names[key] = count + 1
            if count == 0:
                return name
            taken, number = key, count
            while taken in self._names:
                taken = f"{key}_{number}"
                number += 1
            if mark_as_used:
                self._names[taken] = 1
            return f"{name}_{number - 1}"

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs):
        """Operations made inside run after all of `control_inputs`; None forgets the outer ones."""
        if control_inputs is None:
            with self._with("controls", ()), self._with("context", None):
                yield
            return
        ops = []
        for item in control_inputs:
            if isinstance(item, _IndexedSlicesLike):
                item = item.values
            element = self.as_graph_element(item)
            op = element.op if isinstance(element, Tensor) else element
            if op not in ops:
                ops.append(op)
        frame = (ops, set())  # set: operations made inside, which carry the dependency on
        with self._with("controls", (*(self._open("controls", ()) or ()), frame)):
            yield

    def _current_controls(self, inputs):
        input_ops = {t.op for t in inputs}
        found = []
        for ops, made in self._open("controls", ()) or ():
            if not input_ops & made:
                found.extend(op for op in ops if op not in input_ops and op not in found)
        return found

    @contextlib.contextmanager
    def device(self, device):
        """Operations made inside are placed on `device`: a string, a function of the operation, or None."""
        with self._with("devices", (*self.device_stack, device)):
            yield

    @contextlib.contextmanager
    def colocate_with(self, op, ignore_existing=False):
        """Operations made inside are placed where `op` is."""
        op = getattr(op, "op", op)
        with self._with("colocated", op), self._with("devices", (op.device,) if op is not None else ()):
            yield

    @contextlib.contextmanager
    def in_context(self, context):
        """Build inside a `while_loop` or `cond` branch; None builds outside all of them."""
        with self._with("context", context):
            yield

    @contextlib.contextmanager
    def outside(self):
        """Build outside all control flow and control dependencies: where variables are made."""
        with self._with("context", None), self._with("controls", ()):
            yield

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map):
        """Inside, ops of type K take the gradient registered as V, for {K: V}."""
        with self._with("overrides", {**(self._open("overrides", {}) or {}), **op_type_map}):
            yield

    @contextlib.contextmanager
    def container(self, name):
        """Queues and variables made inside say that they belong to the container `name`."""
        with self._with("container", name):
            yield name

    @property
    def open_container(self):
        return self._open("container", "") or ""

    def _device_for(self, op):
        device = ""
        for entry in self.device_stack:
            if entry is None:
                device = ""
                continue
            text = entry(op) if callable(entry) else entry
            device = merge_devices(device, str(text) if text else "")
        return device


class _IndexedSlicesLike:
    """Marks values that stand for several tensors, of which `values` is the one that is waited for."""


def merge_devices(outer, inner):
    """`inner` completes or overrides the parts ('/job:', '/device:') of `outer`."""
    parts = {}
    for text in (outer, inner):
        for part in filter(None, text.split("/")):
            kind, _, rest = part.partition(":")
            if kind.lower() in ("cpu", "gpu"):
                kind, rest = "device", f"{kind.upper()}:{rest or '0'}"
            elif kind.lower() == "device":
                kind = "device"
                rest = rest.upper() if ":" in rest else f"{rest.upper()}:0"
            parts[kind] = rest
    order = ("job", "replica", "task", "device")
    return "".join(f"/{kind}:{parts[kind]}" for kind in order if kind in parts)
