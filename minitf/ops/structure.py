"""Nested Python structures of tensors: flatten, pack, map (`tf.nest` in later versions)."""

import collections.abc


def is_nested(value):
    return isinstance(value, (list, tuple)) or isinstance(value, collections.abc.Mapping)


def _children(structure):
    """(values of the children in a fixed order, function that builds the same structure of new ones)."""
    if isinstance(structure, collections.abc.Mapping):
        keys = sorted(structure)
        kind = type(structure)

        def build(values):
            found = dict(zip(keys, values, strict=True))
            ordered = {k: found[k] for k in structure}
            return kind(ordered) if kind is not dict else ordered

        return [structure[k] for k in keys], build
    if hasattr(structure, "_fields"):
        return list(structure), lambda values: type(structure)(*values)
    return list(structure), lambda values: type(structure)(values)


def flatten(structure):
    """The leaves, depth first; dictionaries in the order of their sorted keys."""
    if not is_nested(structure):
        return [structure]
    return [leaf for child in _children(structure)[0] for leaf in flatten(child)]


def pack_sequence_as(structure, flat):
    """A structure like `structure` whose leaves are `flat`.  Raises ValueError for a wrong number."""
    flat = list(flat)
    count = len(flatten(structure))
    if count != len(flat):
        raise ValueError(f"Structure had {count} elements, but flat sequence had {len(flat)}: {structure}")
    return _pack(structure, iter(flat))


def _pack(structure, leaves):
    if not is_nested(structure):
        return next(leaves)
    children, build = _children(structure)
    return build([_pack(child, leaves) for child in children])


def map_structure(function, *structures):
    """The structure of the first, with `function` of the corresponding leaves of all."""
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    columns = zip(*(flatten(s) for s in structures), strict=True)
    return pack_sequence_as(structures[0], [function(*leaves) for leaves in columns])


def assert_same_structure(a, b, check_types=True):
    """Raises ValueError where the nesting differs, TypeError where kinds of sequence differ."""
    if is_nested(a) != is_nested(b):
        raise ValueError(f"The two structures don't have the same nested structure: {a} and {b}")
    if not is_nested(a):
        return
    if check_types and type(a) is not type(b):
        raise TypeError(f"The two structures don't have the same sequence type: {type(a)} and {type(b)}")
    first, second = _children(a)[0], _children(b)[0]
    if len(first) != len(second):
        raise ValueError(f"The two structures don't have the same number of elements: {a} and {b}")
    for x, y in zip(first, second, strict=True):
        assert_same_structure(x, y, check_types)
