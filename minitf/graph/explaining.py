"""What a failed shape rule says: the rule in TensorFlow's words, the operation, its shapes, the user's line."""

import re

_SHAPE = r"(\([^()]*\)|<unknown>)"
_RANK = re.compile(rf"Shape {_SHAPE} must have rank (at least |at most |)(\d+)")
_SHAPES = re.compile(rf"Shapes {_SHAPE} and {_SHAPE} are (?:incompatible|not compatible)")
_SIZES = re.compile(r"Dimensions (\d+) and (\d+) are not compatible")


def explain(error, op):
    """The message for the user of an error that the shape rule of `op` raised."""
    text = _SIZES.sub(r"Dimensions must be equal, but are \1 and \2", str(error))
    text = _SHAPES.sub(_two_shapes, _RANK.sub(_wrong_rank, text)).replace("None", "?")
    shapes = ", ".join("?" if t.shape.ndims is None else str(t.shape.as_list()) for t in op.inputs)
    shapes = shapes.replace("None", "?")
    return f"{text} for '{op.name}' (op: '{op.type}') with input shapes: {shapes}. Made at {op.origin}."


def _sizes(shape):
    return [size for size in shape.strip("()").replace(" ", "").split(",") if size]


def _wrong_rank(match):
    shape, bound, rank = match.groups()
    return f"Shape must be {bound}rank {rank} but is rank {len(_sizes(shape))}"


def _two_shapes(match):
    first, second = map(_sizes, match.groups())
    if len(first) != len(second):
        return f"Shapes must be equal rank, but are {len(first)} and {len(second)}"
    place = next((i for i, pair in enumerate(zip(first, second, strict=True)) if _differ(*pair)), None)
    if place is None:
        return match.group()
    shown = " and ".join(f"[{','.join(sizes)}]" for sizes in (first, second))
    return (
        f"Dimension {place} in both shapes must be equal, but are {first[place]} and {second[place]}. "
        f"Shapes are {shown}."
    )


def _differ(a, b):
    return a != b and not {a, b} & {"?", "None"}
