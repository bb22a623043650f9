"""Reverse-mode differentiation: walk back through the graph, asking each op for its rule.

Reading order:

* `registry.py`         rules under names of their own (`tf.RegisterGradient`)
* `accumulation.py`     the sum of the gradients that reach one tensor
* `gradients.py`        `tf.gradients`
* `control_flow.py`     the gradients of `cond` and `while_loop`
* `custom.py`           `tf.custom_gradient`
* `hessians.py`         `tf.hessians`
"""

from minitf.autodiff import control_flow as control_flow
