"""`Layer`: a part of a network that makes its variables when it first sees an input.

A layer opens a variable scope of its own: `dense`, `dense_1` ... or the name it was given.  Its variables
are `dense/kernel` and the like, its operations stand in the name scope of the same name.
"""

import inspect
import re

import numpy as np

from minitf.graph.collections import GraphKeys
from minitf.graph.dtypes import as_dtype
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import shape_of
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.variable_scope import get_variable, variable_scope


class InputSpec:
    """What a layer expects of its input: dtype, rank (ndim, min_ndim, max_ndim), sizes of axes ({axis:
    size}).
    """

    def __init__(self, dtype=None, shape=None, ndim=None, max_ndim=None, min_ndim=None, axes=None):
        self.dtype, self.shape = dtype, shape
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim, self.min_ndim, self.axes = max_ndim, min_ndim, axes or {}

    def check(self, tensor, layer_name):
        """Raises ValueError where `tensor` is not what the layer takes."""
        ndims = tensor.shape.ndims
        if ndims is None:
            if self.ndim or self.min_ndim or self.max_ndim:
                raise ValueError(f"Input 0 of layer {layer_name} is incompatible: its rank is undefined.")
            return
        wanted = [
            (self.ndim is not None and ndims != self.ndim, f"ndim={self.ndim}"),
            (self.max_ndim is not None and ndims > self.max_ndim, f"max_ndim={self.max_ndim}"),
            (self.min_ndim is not None and ndims < self.min_ndim, f"min_ndim={self.min_ndim}"),
        ]
        for is_wrong, text in wanted:
            if is_wrong:
                raise ValueError(
                    f"Input 0 of layer {layer_name} is incompatible with the layer: expected {text}, "
                    f"found ndim={ndims}. Full shape received: {tensor.shape}"
                )
        for axis, size in self.axes.items():
            if tensor.shape.sizes[axis] not in (None, size):
                raise ValueError(
                    f"Input 0 of layer {layer_name} is incompatible with the layer: expected axis {axis} of input "
                    f"shape to have value {size} but received input with shape {tensor.shape}"
                )


def snake_case(name):
    """Conv2DTranspose -> conv2d_transpose"""
    name = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class Layer:
    """Derive from it, make variables in `build(input_shape)`, compute in `call(inputs)`.

    trainable: whether the variables are in the collection TRAINABLE_VARIABLES; name: of the scope; dtype:
    of the variables, that of the first input by default.  `_scope` (a name or a VariableScope) and
    `_reuse` are what the functions of tf.layers pass: a scope named exactly so, whose variables may exist.
    """

    def __init__(self, trainable=True, name=None, dtype=None, **kwargs):
        scope, self._reuse = kwargs.pop("_scope", None), kwargs.pop("_reuse", None)
        self._regularize_activity = kwargs.pop("activity_regularizer", None)
        if kwargs:
            raise TypeError(f"Keyword argument not understood: {sorted(kwargs)}")
        self.trainable, self.built = trainable, False
        self._base_name = name or snake_case(type(self).__name__)
        self._name, self._dtype = name, None if dtype is None else as_dtype(dtype).name
        self._trainable_weights, self._other_weights = [], []
        self._losses, self._updates = [], []
        self.input_spec, self._scope, self._graph = None, None, get_default_graph()
        if scope is not None:
            with variable_scope(scope) as opened:
                self._scope = opened

    # -- what a layer fills in ---------------------------------------------------------------------------------

    def build(self, input_shape):
        """Make the variables.  `input_shape` is the TensorShape of the input, or a list of them."""
        self.built = True

    def call(self, inputs, **kwargs):
        """The outputs, made of ops."""
        return inputs

    def compute_output_shape(self, input_shape):
        """The shape of the output for an input of this shape."""
        raise NotImplementedError

    # -- calling -------------------------------------------------------------------------------------------------

    def __call__(self, inputs, *args, **kwargs):
        """Build if this is the first call, then `call`.  Raises ValueError for an input that does not
        fit.
        """
        self._open_scope(kwargs.pop("scope", None))
        inputs = _as_tensors(inputs)
        first = _first(inputs)
        if self._dtype is None and first is not None:
            self._dtype = first.dtype.base_dtype.name
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._check_input(inputs)
            with name_scope(scope.original_name_scope or None):
                if not self.built:
                    self.build(_shapes(inputs))
                    self.built = True
                outputs = self.call(inputs, *args, **kwargs)
                self._add_activity_loss(inputs, outputs)
        self._last_input, self._last_output = inputs, outputs
        return outputs

    def apply(self, inputs, *args, **kwargs):
        """`layer(inputs)`."""
        return self(inputs, *args, **kwargs)

    def _open_scope(self, scope=None):
        """At the first call: the layer gets its name, `dense` or, where that is taken, `dense_1` (`variable_scope`)."""
        if self._scope is not None:
            return
        given = scope if scope is not None else self._base_name if self._reuse else None
        with variable_scope(given, default_name=None if given is not None else self._base_name) as opened:
            self._scope = opened

    def _check_input(self, inputs):
        if self.input_spec is not None and not isinstance(inputs, (list, tuple)):
            self.input_spec.check(inputs, self.name)

    def _add_activity_loss(self, inputs, outputs):
        if self._regularize_activity is None:
            return
        for output in outputs if isinstance(outputs, (list, tuple)) else [outputs]:
            with name_scope("ActivityRegularizer"):
                loss = self._regularize_activity(output)
                batch_size = cast(shape_of(output)[0], loss.dtype)
                self.add_loss(loss / batch_size, inputs)

    # -- variables, losses, updates ------------------------------------------------------------------------------

    def add_weight(
        self,
        name,
        shape,
        dtype=None,
        initializer=None,
        regularizer=None,
        trainable=None,
        constraint=None,
        use_resource=None,
        synchronization=None,
        aggregation=None,
        partitioner=None,
    ):
        """A variable of this layer, by `tf.get_variable`.  Its regularizer makes a loss when it is new."""
        self._open_scope()
        trainable = self.trainable if trainable is None else trainable and self.trainable
        before = len(get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES))
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False):
            variable = get_variable(
                name,
                shape,
                dtype or self._dtype,
                initializer=initializer,
                regularizer=regularizer,
                trainable=trainable,
                constraint=constraint,
                partitioner=partitioner,
            )
        losses = get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES)
        self._losses.extend(losses[before:])
        (self._trainable_weights if trainable else self._other_weights).append(variable)
        return variable

    add_variable = add_weight

    def add_loss(self, losses, inputs=None):
        """Add losses (tensors) to this layer and to the collection REGULARIZATION_LOSSES."""
        self._add(losses, self._losses, GraphKeys.REGULARIZATION_LOSSES)

    def add_update(self, updates, inputs=None):
        """Add operations to run with each training step, also to the collection UPDATE_OPS."""
        self._add(updates, self._updates, GraphKeys.UPDATE_OPS)

    def _add(self, items, own, collection):
        for item in items if isinstance(items, (list, tuple)) else [items]:
            own.append(item)
            get_default_graph().add_to_collection(collection, item)

    @property
    def losses(self):
        return list(self._losses)

    @property
    def updates(self):
        return list(self._updates) if self.trainable else []

    def get_losses_for(self, inputs):
        """Losses that depend on `inputs`; with None, those that depend on none."""
        regularize = [loss for loss in self._losses if "/Regularizer" in loss.name]
        return regularize if inputs is None else [loss for loss in self._losses if loss not in regularize]

    def get_updates_for(self, inputs):
        """Updates that depend on `inputs`."""
        return [] if inputs is None else self.updates

    @property
    def trainable_variables(self):
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_variables(self):
        return list(self._other_weights) if self.trainable else self.variables

    @property
    def variables(self):
        return self._trainable_weights + self._other_weights

    weights, trainable_weights, non_trainable_weights = (
        variables,
        trainable_variables,
        non_trainable_variables,
    )

    def count_params(self):
        """The number of elements of all variables.  Raises ValueError before the first call."""
        if not self.built:
            raise ValueError(f"You tried to call `count_params` on {self.name}, but the layer isn't built.")
        return sum(int(np.prod(v.shape.as_list(), dtype=np.int64)) for v in self.variables)

    @property
    def name(self):
        return self._name or (self._scope.name.split("/")[-1] if self._scope is not None else self._base_name)

    @property
    def scope_name(self):
        """The name of the variable scope.  Raises ValueError before there is one."""
        if self._scope is None:
            raise ValueError(
                f'No name available for layer scope because the layer "{self.name}" has not been used yet.'
            )
        return self._scope.name

    @property
    def dtype(self):
        return self._dtype

    @property
    def graph(self):
        return self._graph

    @property
    def activity_regularizer(self):
        return self._regularize_activity

    @property
    def input(self):
        return self._last("_last_input")

    @property
    def output(self):
        return self._last("_last_output")

    @property
    def input_shape(self):
        return tuple(self.input.shape.as_list())

    @property
    def output_shape(self):
        return tuple(self.output.shape.as_list())

    def _last(self, what):
        if not hasattr(self, what):
            raise AttributeError(f"Layer {self.name} is not connected, no {what[6:]} to return.")
        return getattr(self, what)


def _as_tensors(inputs):
    if isinstance(inputs, (list, tuple)):
        return inputs
    return convert_to_tensor(inputs) if isinstance(inputs, (np.ndarray, float, int)) else inputs


def _first(inputs):
    flat = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    return next((x for x in flat if hasattr(x, "dtype")), None)


def _shapes(inputs):
    if isinstance(inputs, (list, tuple)):
        return [_shapes(x) for x in inputs]
    return TensorShape(getattr(inputs, "shape", None))


def functional(layer_class, name, has_variables=True):
    """The function form of a layer: `name(inputs, <arguments of the class>, name=None, reuse=None)`."""
    given = list(inspect.signature(layer_class.__init__).parameters.values())[1:]
    given = [p for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
    of_call = list(inspect.signature(layer_class.call).parameters.values())[2:]
    first = next(i for i, p in enumerate(given) if p.name in ("trainable", "name"))
    inputs = inspect.Parameter("inputs", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    reuse = [inspect.Parameter("reuse", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)]
    signature = inspect.Signature(
        [inputs, *given[:first], *of_call, *given[first:], *(reuse if has_variables else [])]
    )

    def function(*args, **kwargs):
        bound = signature.bind(*args, **kwargs).arguments
        inputs, reuse = bound.pop("inputs"), bound.pop("reuse", None)
        call = {p.name: bound.pop(p.name) for p in of_call if p.name in bound}
        layer = layer_class(**bound, _scope=bound.get("name"), _reuse=reuse)
        return layer(inputs, **call)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = signature
    function.__doc__ = (
        f"tf.layers.{name}: `{layer_class.__name__}` made and applied to `inputs`.\n\n"
        f"Arguments are those of the class; `name` is the variable scope, `reuse` says whether its variables exist."
    )
    return function
