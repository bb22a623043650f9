"""One operation whose inputs and attributes come from a file: added to a graph if they fit its definition."""

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.trust import malformed


def add_operation(graph, definition, name, inputs, attrs):
    """An operation of these inputs, whose number and dtypes are those that the definition wants."""
    attrs = {**definition.attrs, **attrs}
    for key, default in definition.attrs.items():
        if not _alike(default, attrs[key]):
            malformed(f"Node '{name[:-1]}': attribute {key} can't be {str(attrs[key])[:80]!r}")
    kinds = _kinds(definition, len(inputs))
    found = {}
    for i, (kind, tensor) in enumerate(zip(kinds, inputs, strict=True)):
        dtype = tensor.dtype.base_dtype
        wanted = found.setdefault(kind, dtype) if kind in definition.types else None
        if wanted is None and kind != "any":
            wanted = dtypes.as_dtype(kind)
        if wanted is not None and dtype is not wanted:
            malformed(f"Node '{name[:-1]}': input {i} has dtype {dtype.name}, not {wanted.name}")
        if i in definition.reference and not tensor.dtype._is_ref_dtype:
            malformed(f"Node '{name[:-1]}': input {i} is not a variable")
    for letter, dtype in found.items():
        allowed = definition.types[letter]
        if allowed and dtype.name not in allowed:
            malformed(f"Node '{name[:-1]}': {definition.type} does not take {dtype.name}")
        if attrs.get(letter, dtype) not in (dtype, None):
            malformed(f"Node '{name[:-1]}': attribute {letter} says {attrs[letter]!r}, but its input is {dtype!r}")
        attrs[letter] = dtype
    for letter in definition.types:
        attrs.setdefault(letter, None)
    shape = attrs.get("shape", ())
    if shape is None:
        attrs["shape"] = TensorShape(None)
    elif shape != () and not isinstance(shape, TensorShape):
        malformed(f"Node '{name[:-1]}': attribute shape can't be {str(shape)[:80]!r}")
    return graph.add(definition, inputs, attrs, name)


def _alike(default, value):
    """True where a file may give `value` for an attribute that has this default."""
    for kinds in (bool, (int, float), str):
        if isinstance(default, kinds):
            return isinstance(value, kinds) and isinstance(value, bool) == isinstance(default, bool)
    return True


def _kinds(definition, count):
    """The kind of each of `count` inputs; a label with a star stands for any number of them."""
    labels = list(definition.inputs.items())
    stars = [i for i, (label, _) in enumerate(labels) if label.startswith("*")]
    if len(stars) > 1:
        return ["any"] * count
    if count < len(labels) - len(stars) or (not stars and count > len(labels)):
        malformed(f"{definition.type} takes {len(labels)} inputs, not {count}")
    kinds = [kind for _, kind in labels]
    if stars:
        at = stars[0]
        kinds[at : at + 1] = [kinds[at]] * (count - len(labels) + 1)
    return kinds
