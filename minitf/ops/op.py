"""What an op must say about itself.  Subclass `Op`, fill in, done.

A class that derives from `Op` is the *definition* of an op (unless it is `abstract`); each use of it in a graph is an
`Operation`.  The class holds everything there is to know, in this order:

    class MatMul(Op):
        '''One line: the mathematics.'''
        inputs = {"a": "T", "b": "T"}            # names (TensorFlow's) and types of the inputs
        types = {"T": NUMBERS}                   # what the type letters may stand for
        examples = [example(normal(2, 3), normal(3, 4), transpose_a=False, transpose_b=False)]

        def infer(op, a, b): ...                 # shapes and dtypes of the outputs
        def cpu(op, a, b, out): ...              # the launches (Numba kernels) that compute them
        def numpy(op, a, b): ...                 # what the kernels must equal
        def gradient(op, dy): ...                # one tensor (or None) per input, made of ops

None of these methods takes `self`: `op` is the operation.  Read next: `elementwise.py`.
"""

import numpy as np

from minitf import errors
from minitf.graph.graph import get_default_graph
from minitf.graph.shape import TensorShape
from minitf.ops.inputs import graph_of, to_inputs

HALVES = ("float16", "bfloat16")
FLOATS = ("float16", "bfloat16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
INTS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
REALS = FLOATS + INTS
NUMBERS = REALS + COMPLEX
INDICES = ("int32", "int64")

# What Numba compiles; other element types (halves, strings) are served by the NumPy twin.
MACHINE_TYPES = frozenset(
    np.dtype(n)
    for n in ("float32", "float64", "bool", *INTS, *COMPLEX)
)  # fmt: skip

registry = {}  # op type -> class, filled as modules are imported

_PLAIN = ("infer", "cpu", "measure", "numpy", "run", "enter", "gradient", "scalar", "state", "explain", "combine",
          "write")  # fmt: skip


class Op:
    """The definition of an op.  See the module's docstring."""

    type = None  # TensorFlow's name of the op; the class name unless said otherwise
    default_name = None  # the name an operation gets when the user gives none
    inputs = {}
    types = {}
    attrs = {}  # default attribute values
    static = ()  # inputs whose *values* choose the kernel or the shape: a `perm`, an `axis`
    alias = False  # the output is the input's memory in another shape: nothing to compute
    foldable = True  # computed once, when planning, where integers and all inputs are known
    joins = False  # its launches may have pieces (see `kernels/machine.py`): then it may join a group
    takes_empty = False  # its kernels serve arrays without elements, too
    stateful = False  # has an effect or a memory: runs every time, and is not folded
    type_list = None  # the attribute that lists the types of the inputs behind a star
    reference = ()  # inputs that are variables themselves, to be written: (0,)
    reaches = ""  # what it reaches outside the graph ("reads files"): see `trust.py`
    examples = []

    def __init_subclass__(cls, abstract=False, **keywords):
        super().__init_subclass__(**keywords)
        for name in _PLAIN:
            function = cls.__dict__.get(name)
            if function is not None and not isinstance(function, (staticmethod, classmethod)):
                setattr(cls, name, staticmethod(function))
        if "type" not in cls.__dict__:
            cls.type = cls.__name__
        if "default_name" not in cls.__dict__:
            cls.default_name = cls.type
        if not (abstract or cls.__name__.startswith("_")):
            registry[cls.type] = cls

    # -- what a definition fills in --------------------------------------------------------------------

    def infer(op, *inputs):
        """[(shape, dtype), ...] of the outputs.  An input is a `Spec`: shape, dtype, value where known.

        Raises ValueError where the shapes do not fit.
        """
        raise NotImplementedError(op.type)

    def gradient(op, *output_gradients):
        """One tensor or None per input.  `gradient = None` says that none flows."""
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")

    def numpy(op, *arrays):
        """The outputs by NumPy: what the kernels must equal."""
        raise errors.UnimplementedError(None, op, f"{op.type} is not implemented for {_types(arrays)}")

    cpu = None  # cpu(op, *inputs, *outputs) -> launches, or None where no kernel serves this case
    measure = None  # measure(op, *inputs) -> shapes of the outputs, where only their values tell them; None: by NumPy
    run = None  # run(op, state, *inputs) -> outputs: an effect, in Python
    enter = None  # enter(op, run_body, *inputs): a generator that runs other parts of the graph
    write = None  # write(op, writer): its nodes in a GraphDef, where it is not one node of its own type
    state = None  # state(op) -> array: a hidden variable of the op, given to `cpu` before the inputs

    def explain(op, *arrays):
        """The error to raise when a kernel gave up on these inputs."""
        return errors.InvalidArgumentError(None, op, f"{op.type} received data that it can't take.")

    # -- making operations -----------------------------------------------------------------------------

    @classmethod
    def make(cls, *values, name=None, **attrs):
        """Add an operation to the graph: inputs become tensors, the name is made unique.

        Returns the Operation.  Raises TypeError for a wrong dtype, ValueError for shapes that do not fit.
        """
        graph = get_default_graph()
        if graph.captures is None:
            graph = graph_of(values) or graph
        with graph.as_default(), graph.name_scope(name or cls.default_name) as scope:
            attrs = {**cls.attrs, **attrs}
            tensors = to_inputs(cls, values, attrs, scope)
            return graph.add(cls, tensors, attrs, scope)

    @classmethod
    def apply(cls, *values, name=None, **attrs):
        """`make`, and return what users want: the output, a list of several, or the operation itself."""
        op = cls.make(*values, name=name, **attrs)
        if not op.outputs:
            return op
        return op.outputs[0] if len(op.outputs) == 1 else list(op.outputs)

    # -- what the engine asks ----------------------------------------------------------------------------

    @classmethod
    def infer_outputs(cls, op):
        return cls.infer(op, *(Spec.of(t) for t in op.inputs))

    @classmethod
    def evaluate(cls, op, arrays):
        """The outputs by the NumPy twin, as a list of arrays of the declared dtypes."""
        out = cls.numpy(op, *arrays)
        one = not isinstance(out, (list, tuple)) or (isinstance(out, tuple) and op.outputs[0].dtype.name == "variant")
        out = [out] if one else out
        return [as_array(value, t.dtype) for value, t in zip(out, op.outputs, strict=True)]


def as_array(value, dtype):
    """`value` as a C-contiguous array of `dtype`; a variant (a list of arrays, say) stays what it is."""
    if not dtype.is_numpy_compatible:
        return value
    return np.ascontiguousarray(value, dtype.as_numpy_dtype).reshape(np.shape(value))


class Spec:
    """What is known of a value before it exists: shape, dtype, and the value itself where constant."""

    __slots__ = ("_tensor", "_value", "dtype", "shape")

    def __init__(self, shape, dtype, value=None):
        self.shape, self.dtype, self._value = shape, dtype, value
        self._tensor = None

    @classmethod
    def of(cls, tensor):
        spec = cls(tensor.shape, tensor.dtype.base_dtype)
        spec._tensor = tensor
        return spec

    @property
    def value(self):
        if self._value is None and self._tensor is not None:
            self._value = constant_value(self._tensor)
        return self._value

    def sizes(self):
        """The value of an integer vector, read as a shape: None for sizes not known."""
        if self._tensor is not None and self._value is None:
            return constant_value_as_shape(self._tensor)
        return None if self._value is None else TensorShape(_unknown_where_negative(self._value))


def _unknown_where_negative(values):
    return [None if v < 0 else int(v) for v in np.asarray(values).reshape(-1)]


def constant_value(tensor, partial=False):
    """The value of `tensor` as an array where the graph alone decides it, else None.

    Constants, shapes, and integer arithmetic on them are followed; floating point is not.
    """
    op = tensor.op
    cached = op.attrs.get("_constant")
    if cached is None:
        cached = op.attrs["_constant"] = _fold(op) or ()
    return cached[tensor.value_index] if cached else None


SHAPE_OPS = frozenset(("Shape", "ShapeN", "Size", "Rank"))  # they look at the shapes of their inputs only


def ghost(shape):
    """An array of that shape without memory of its own."""
    return np.broadcast_to(np.int8(0), shape.sizes)


def _fold(op):
    definition = op.definition
    if "value" in op.attrs and definition.type == "Const":
        return [op.attrs["value"]]
    if definition.type in SHAPE_OPS and all(t.shape.is_fully_defined() for t in op.inputs):
        return definition.evaluate(op, [ghost(t.shape) for t in op.inputs])
    if definition.type == "Cast" and (op.inputs[0].shape.num_elements() or 0) <= 1:
        value = constant_value(op.inputs[0])  # the ends of a range, say
        return None if value is None else definition.evaluate(op, [value])
    if definition.type == "Rank" and op.inputs[0].shape.ndims is not None:
        return [np.array(op.inputs[0].shape.ndims, np.int32)]
    if not can_fold(op) or not op.inputs:
        return None
    values = [constant_value(t) for t in op.inputs]
    if any(v is None for v in values):
        return None
    return definition.evaluate(op, values)


_FOLD_LIMIT = 1 << 16  # elements: larger constants are cheaper to compute than to keep


def can_fold(op):
    """True where planning may compute the op by its NumPy twin: exact, small and without effect."""
    definition = op.definition
    return (
        definition.foldable
        and not definition.stateful
        and definition.enter is None
        and definition.run is None
        and not definition.reference
        and bool(op.outputs)
        and all((t.dtype.is_integer or t.dtype.is_bool) for t in op.outputs)
        and all((t.shape.num_elements() or 0) <= _FOLD_LIMIT for t in op.outputs)
        and all(not t.dtype._is_ref_dtype for t in op.inputs)
    )


def constant_value_as_shape(tensor):
    """A shape read from an integer vector of which only some elements may be known."""
    value = constant_value(tensor)
    if value is not None:
        return TensorShape(_unknown_where_negative(value))
    op = tensor.op
    if op.type == "Shape":
        return op.inputs[0].shape
    if op.type == "Pack" and tensor.shape.ndims == 1:
        return TensorShape(_unknown_where_negative([-1 if v is None else v for v in map(constant_value, op.inputs)]))
    if op.type == "ConcatV2":
        parts = [constant_value_as_shape(t) for t in op.inputs[:-1]]
        joined = TensorShape([])
        for part in parts:
            joined = joined.concatenate(part)
        return joined
    if op.type in ("Cast", "Identity", "StopGradient"):
        return constant_value_as_shape(op.inputs[0])
    if op.type == "StridedSlice" and tensor.shape.ndims == 1:
        found = _slice_of_shape(op)
        if found is not None:
            return found
    length = tensor.shape.sizes[0] if tensor.shape.ndims == 1 else None
    return TensorShape(None if length is None else [None] * length)


def _slice_of_shape(op):
    whole = constant_value_as_shape(op.inputs[0])
    begin, end, strides = (constant_value(t) for t in op.inputs[1:4])
    if whole.ndims is None or begin is None or end is None or strides is None or len(begin) != 1:
        return None
    attrs = op.attrs
    first = None if attrs.get("begin_mask", 0) & 1 else int(begin[0])
    last = None if attrs.get("end_mask", 0) & 1 else int(end[0])
    return TensorShape(whole.sizes[slice(first, last, int(strides[0]))])


def _types(arrays):
    return ", ".join(f"{a.dtype} {list(a.shape)}" if isinstance(a, np.ndarray) else type(a).__name__ for a in arrays)
