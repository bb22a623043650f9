"""tf.quantization: numbers rounded to what a few bits can hold."""

from minitf.ops.fake_quantization import fake_quant_with_min_max_args as fake_quant_with_min_max_args
from minitf.ops.fake_quantization import (
    fake_quant_with_min_max_args_gradient as fake_quant_with_min_max_args_gradient,
)
from minitf.ops.fake_quantization import fake_quant_with_min_max_vars as fake_quant_with_min_max_vars
from minitf.ops.fake_quantization import (
    fake_quant_with_min_max_vars_gradient as fake_quant_with_min_max_vars_gradient,
)
from minitf.ops.fake_quantization import (
    fake_quant_with_min_max_vars_per_channel as fake_quant_with_min_max_vars_per_channel,
)
from minitf.ops.fake_quantization import (
    fake_quant_with_min_max_vars_per_channel_gradient as fake_quant_with_min_max_vars_per_channel_gradient,
)
