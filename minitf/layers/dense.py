"""Dense layers, dropout, and flattening."""

from minitf import initializers
from minitf.graph.shape import TensorShape
from minitf.layers.activations import activation as activation_of
from minitf.layers.layer import InputSpec, Layer, functional
from minitf.ops.array import identity, reshape, shape_of
from minitf.ops.bias import bias_add
from minitf.ops.contraction import tensordot
from minitf.ops.control_flow import smart_cond
from minitf.ops.dropout import dropout as drop
from minitf.ops.matmul import matmul
from minitf.ops.transposing import transpose


class Dense(Layer):
    """outputs = activation(inputs @ kernel + bias): every unit sees every input.

    units: the size of the last axis of the output; kernel (inputs, units) and bias (units,) are its
    variables. kernel_initializer: Glorot's uniform one by default; regularizers: functions from a
    variable to a loss. `activation` is a function or a name such as
    "relu". Raises ValueError where the last size of the inputs is not known.
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer=None,
        bias_initializer=initializers.zeros(),  # noqa: B008 - it has no state
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        trainable=True,
        name=None,
        **kwargs,
    ):
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.units, self.activation, self.use_bias = int(units), activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape):
        size = TensorShape(input_shape).sizes[-1]
        if size is None:
            raise ValueError("The last dimension of the inputs to `Dense` should be defined. Found `None`.")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})
        self.kernel = self.add_weight(
            "kernel",
            [size, self.units],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [self.units],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def call(self, inputs):
        if inputs.shape.ndims > 2:
            outputs = tensordot(inputs, self.kernel, [[inputs.shape.ndims - 1], [0]])
            outputs.set_shape(inputs.shape[:-1].concatenate([self.units]))
        else:
            outputs = matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape):
        return TensorShape(input_shape)[:-1].concatenate([self.units])


class Dropout(Layer):
    """In training, elements are zero with probability `rate` and the others are scaled up; else nothing
    happens.

    `training` is an argument of the call: a Python bool or a scalar bool tensor, such as a placeholder.
    """

    def __init__(self, rate=0.5, noise_shape=None, seed=None, name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs, training=False):
        def dropped():
            return drop(inputs, rate=self.rate, noise_shape=self.noise_shape, seed=self.seed)

        return smart_cond(training, dropped, lambda: identity(inputs))

    def compute_output_shape(self, input_shape):
        return TensorShape(input_shape)


class Flatten(Layer):
    """(batch, a, b, ...) becomes (batch, a * b * ...)."""

    def __init__(self, name=None, data_format="channels_last", **kwargs):
        super().__init__(name=name, **kwargs)
        self.data_format = "channels_last" if data_format is None else data_format
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs):
        ndims = inputs.shape.ndims
        if self.data_format == "channels_first" and ndims is not None and ndims > 1:
            inputs = transpose(inputs, [0, *range(2, ndims), 1])
        batch = inputs.shape.sizes[0]
        outputs = reshape(inputs, [shape_of(inputs)[0] if batch is None else batch, -1])
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs

    def compute_output_shape(self, input_shape):
        input_shape = TensorShape(input_shape)
        if input_shape.ndims == 1:
            return input_shape.concatenate([1])
        return input_shape[:1].concatenate([input_shape[1:].num_elements()])


dense = functional(Dense, "dense")
dropout = functional(Dropout, "dropout", has_variables=False)
flatten = functional(Flatten, "flatten", has_variables=False)
