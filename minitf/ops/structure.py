"""Nested Python structures of tensors: flatten, pack, map (`tf.nest` in later versions)."""

import collections.abc


def is_nested(value):
    return isinstance(value, (list, tuple, collections.abc.Mapping))


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
    if not is_nested(flat):
        raise TypeError(f"flat_sequence must be a sequence, not {type(flat).__name__}")
    flat = list(flat)
    if not is_nested(structure) and len(flat) != 1:
        raise ValueError(f"Structure is a scalar but len(flat_sequence) == {len(flat)} > 1")
    count = len(flatten(structure))
    if count != len(flat):
        raise ValueError(f"Structure had {count} elements, but flat sequence had {len(flat)}: {structure}")
    return _pack(structure, iter(flat))


def _pack(structure, leaves):
    if not is_nested(structure):
        return next(leaves)
    children, build = _children(structure)
    return build([_pack(child, leaves) for child in children])


def map_structure(function, *structures, check_types=True):
    """The structure of the first, with `function` of the corresponding leaves of all."""
    if not callable(function):
        raise TypeError(f"func must be callable, got: {function}")
    if not structures:
        raise ValueError("Must provide at least one structure")
    for other in structures[1:]:
        assert_same_structure(structures[0], other, check_types)
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


def flatten_up_to(shallow, structure, check_types=True):
    """The parts of `structure` at the leaves of `shallow`.  Raises as `assert_shallow_structure` does."""
    assert_shallow_structure(shallow, structure, check_types)
    if not is_nested(shallow):
        return [structure]
    pairs = zip(_children(shallow)[0], _children(structure)[0], strict=True)
    return [part for a, b in pairs for part in flatten_up_to(a, b, check_types)]


def assert_shallow_structure(shallow, structure, check_types=True):
    """Raises TypeError or ValueError where `structure` does not begin as `shallow` does."""
    if not is_nested(shallow):
        return
    if not is_nested(structure):
        raise TypeError(
            f"If shallow structure is a sequence, input must also be a sequence, but is {type(structure)}"
        )
    if check_types and type(shallow) is not type(structure):
        raise TypeError(
            f"The two structures don't have the same sequence type: {type(structure)}, shallow {type(shallow)}"
        )
    first, second = _children(shallow)[0], _children(structure)[0]
    if len(first) != len(second):
        raise ValueError(
            f"The two structures don't have the same length: {len(second)}, shallow {len(first)}"
        )
    for a, b in zip(first, second, strict=True):
        assert_shallow_structure(a, b, check_types)


def map_structure_up_to(shallow, function, *structures):
    """The structure of `shallow`, with `function` of the corresponding parts of all structures."""
    columns = zip(*(flatten_up_to(shallow, s) for s in structures), strict=True)
    return pack_sequence_as(shallow, [function(*parts) for parts in columns])


def flatten_dict_items(dictionary):
    """{leaf of a key: leaf of its value} of a dictionary with nested keys and values."""
    flat = {}
    for key, value in dictionary.items():
        keys, values = flatten(key), flatten(value)
        if len(keys) != len(values):
            raise ValueError(
                f"Could not flatten dictionary: key had {len(keys)} elements, value had {len(values)}"
            )
        if any(k in flat for k in keys):
            raise ValueError(f"Could not flatten dictionary: key {key} is not unique")
        flat.update(zip(keys, values, strict=True))
    return flat
