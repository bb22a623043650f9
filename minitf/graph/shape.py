"""`TensorShape`: the sizes of a tensor, where a size, or even their number, may be unknown."""


class Dimension:
    """One size: a number of 0 or more, or unknown (`value` is None).

    Arithmetic with an unknown size gives an unknown size; a comparison with one gives None.
    """

    __slots__ = ("_value",)

    def __init__(self, value):
        if isinstance(value, Dimension):
            value = value.value
        if value is not None:
            if isinstance(value, float) and not value.is_integer():
                raise ValueError(f"Ambiguous dimension: {value}")
            value = int(value)
            if value < 0:
                raise ValueError(f"Dimension {value} must be >= 0")
        self._value = value

    @property
    def value(self):
        return self._value

    def is_compatible_with(self, other):
        other = Dimension(other)
        return self._value is None or other._value is None or self._value == other._value

    def assert_is_compatible_with(self, other):
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {Dimension(other)} are not compatible")

    def merge_with(self, other):
        other = Dimension(other)
        self.assert_is_compatible_with(other)
        return other if self._value is None else self

    def _arithmetic(self, other, operation):
        other = Dimension(other)
        if self._value is None or other._value is None:
            return Dimension(None)
        return Dimension(operation(self._value, other._value))

    def __add__(self, other):
        return self._arithmetic(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._arithmetic(other, lambda a, b: a - b)

    def __rsub__(self, other):
        return Dimension(other) - self

    def __mul__(self, other):
        return self._arithmetic(other, lambda a, b: a * b)

    def __floordiv__(self, other):
        return self._arithmetic(other, lambda a, b: a // b)

    def __rfloordiv__(self, other):
        return Dimension(other) // self

    def __mod__(self, other):
        return self._arithmetic(other, lambda a, b: a % b)

    __radd__, __rmul__, __div__ = __add__, __mul__, __floordiv__

    def _comparison(self, other, operation):
        other = Dimension(other)
        if self._value is None or other._value is None:
            return None
        return operation(self._value, other._value)

    def __eq__(self, other):
        try:
            return self._comparison(other, lambda a, b: a == b)
        except (TypeError, ValueError):
            return NotImplemented

    def __ne__(self, other):
        equal = self == other
        return None if equal is None else not equal

    def __lt__(self, other):
        return self._comparison(other, lambda a, b: a < b)

    def __le__(self, other):
        return self._comparison(other, lambda a, b: a <= b)

    def __gt__(self, other):
        return self._comparison(other, lambda a, b: a > b)

    def __ge__(self, other):
        return self._comparison(other, lambda a, b: a >= b)

    def __hash__(self):
        return hash(self._value)

    def __int__(self):
        if self._value is None:
            raise TypeError("an unknown Dimension has no number")
        return self._value

    __index__ = __int__

    def __str__(self):
        return "?" if self._value is None else str(self._value)

    def __repr__(self):
        return f"Dimension({self._value})"


class TensorShape:
    """Sizes of a tensor: `TensorShape([None, 3])` is any number of rows of 3; `TensorShape(None)` is anything."""

    __slots__ = ("_sizes",)

    def __init__(self, dims):
        if dims is None:
            self._sizes = None
        elif isinstance(dims, TensorShape):
            self._sizes = dims._sizes
        elif hasattr(dims, "dim") and hasattr(dims, "unknown_rank"):  # a TensorShapeProto
            self._sizes = None if dims.unknown_rank else tuple(None if d.size == -1 else d.size for d in dims.dim)
        else:
            try:
                items = tuple(dims)
            except TypeError:
                items = (dims,)
            self._sizes = tuple(Dimension(d).value for d in items)

    @property
    def sizes(self):
        """A tuple of int or None; None where the rank is unknown."""
        return self._sizes

    @property
    def dims(self):
        return None if self._sizes is None else [Dimension(d) for d in self._sizes]

    @property
    def ndims(self):
        return None if self._sizes is None else len(self._sizes)

    rank = ndims

    def num_elements(self):
        """The product of the sizes, or None where one is unknown."""
        if not self.is_fully_defined():
            return None
        product = 1
        for d in self._sizes:
            product *= d
        return product

    def is_fully_defined(self):
        return self._sizes is not None and None not in self._sizes

    def assert_is_fully_defined(self):
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other):
        """True where some shape fits both."""
        a, b = self._sizes, as_shape(other)._sizes
        if a is None or b is None:
            return True
        return len(a) == len(b) and all(p is None or q is None or p == q for p, q in zip(a, b, strict=True))

    def assert_is_compatible_with(self, other):
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def assert_same_rank(self, other):
        other = as_shape(other)
        if None not in (self.ndims, other.ndims) and self.ndims != other.ndims:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def merge_with(self, other):
        """What both shapes say together.  Raises ValueError where they contradict each other."""
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._sizes is None:
            return other
        if other._sizes is None:
            return self
        return TensorShape([q if p is None else p for p, q in zip(self._sizes, other._sizes, strict=True)])

    def most_specific_compatible_shape(self, other):
        """The most that is true of both shapes: sizes in which they differ are unknown."""
        other = as_shape(other)
        if self._sizes is None or other._sizes is None or len(self._sizes) != len(other._sizes):
            return TensorShape(None)
        return TensorShape([p if p == q else None for p, q in zip(self._sizes, other._sizes, strict=True)])

    def concatenate(self, other):
        other = as_shape(other)
        if self._sizes is None or other._sizes is None:
            return TensorShape(None)
        return TensorShape(self._sizes + other._sizes)

    def with_rank(self, rank):
        """This shape, known to have `rank` sizes.  Raises ValueError where it has another number."""
        if self._sizes is None:
            return TensorShape([None] * rank)
        if len(self._sizes) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank):
        if self._sizes is not None and len(self._sizes) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank):
        if self._sizes is not None and len(self._sizes) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def as_list(self):
        if self._sizes is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._sizes)

    def __len__(self):
        if self._sizes is None:
            raise ValueError("Cannot take the length of Shape with unknown rank.")
        return len(self._sizes)

    def __bool__(self):
        return self._sizes is not None

    def __iter__(self):
        if self._sizes is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self.dims)

    def __getitem__(self, key):
        if self._sizes is None:
            return TensorShape(None) if isinstance(key, slice) else Dimension(None)
        return TensorShape(self._sizes[key]) if isinstance(key, slice) else Dimension(self._sizes[key])

    def __add__(self, other):
        return self.concatenate(other)

    def __eq__(self, other):
        try:
            other = as_shape(other)
        except (TypeError, ValueError):
            return NotImplemented
        return self._sizes == other._sizes

    def __ne__(self, other):
        equal = self == other
        return equal if equal is NotImplemented else not equal

    def __hash__(self):
        return hash(self._sizes)

    def __str__(self):
        if self._sizes is None:
            return "<unknown>"
        return f"({', '.join('?' if d is None else str(d) for d in self._sizes)}{',' * (len(self._sizes) == 1)})"

    def __repr__(self):
        return f"TensorShape({None if self._sizes is None else [Dimension(d) for d in self._sizes]})"


def as_shape(value):
    return value if isinstance(value, TensorShape) else TensorShape(value)


def unknown_shape(ndims=None):
    return TensorShape(None if ndims is None else [None] * ndims)


def broadcast(a, b):
    """The shape of an elementwise result of shapes `a` and `b`, by NumPy's rule.

    Raises ValueError where the shapes do not fit.
    """
    a, b = as_shape(a), as_shape(b)
    if a.sizes is None or b.sizes is None:
        return TensorShape(None)
    rank = max(len(a.sizes), len(b.sizes))
    p = (1,) * (rank - len(a.sizes)) + a.sizes
    q = (1,) * (rank - len(b.sizes)) + b.sizes
    return TensorShape([_broadcast_size(x, y, a, b) for x, y in zip(p, q, strict=True)])


def _broadcast_size(x, y, a, b):
    if x == y or y == 1:
        return x
    if x == 1:
        return y
    if x is None or y is None:
        return y if x is None else x  # an unknown size beside 5 can only be 1 or 5: the result is 5
    raise ValueError(f"Dimensions must be equal, but are {x} and {y}: shapes {a} and {b} can't be broadcast")
