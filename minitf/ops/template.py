"""`tf.make_template`: a function that makes its variables in the first call and shares them in later ones."""

import functools

from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.ops.variable_scope import variable_scope


class Template:
    """Calls `function` in a variable scope of its own."""

    def __init__(self, name, function, unique_name=None, custom_getter=None, create_scope_now=False):
        self._name, self._function, self._unique_name = name, function, unique_name
        self._custom_getter, self._called, self._scope = custom_getter, False, None
        if create_scope_now:
            with self._new_scope(auxiliary_name_scope=False) as scope:
                self._scope = scope

    def _new_scope(self, **settings):
        return variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter, **settings)

    def __call__(self, *args, **kwargs):
        made_before = self._scope is not None
        with variable_scope(self._scope, reuse=self._called) if made_before else self._new_scope() as scope:
            self._scope = self._scope or scope
            before = len(get_default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES))
            result = self._function(*args, **kwargs)
            made = len(get_default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES)) - before
        if self._called and made:
            raise ValueError(
                f"New trainable variable created when calling template {self._name} after the first time, "
                "perhaps you used tf.Variable when you meant tf.get_variable."
            )
        self._called = True
        return result

    @property
    def name(self):
        return self._name

    @property
    def func(self):
        return self._function

    @property
    def variable_scope(self):
        return self._scope

    var_scope = variable_scope

    @property
    def variable_scope_name(self):
        return None if self._scope is None else self._scope.name

    @property
    def trainable_variables(self):
        return self._scope.trainable_variables() if self._called else []

    @property
    def global_variables(self):
        return self._scope.global_variables() if self._called else []

    @property
    def local_variables(self):
        return self._scope.local_variables() if self._called else []

    @property
    def variables(self):
        return self.global_variables + self.local_variables

    weights = variables
    trainable_weights = trainable_variables


def make_template(name_, func_, create_scope_now_=False, unique_name_=None, custom_getter_=None, **kwargs):
    """tf.make_template: `func_` with `kwargs`, sharing its variables among calls.

    The variables live in a scope `name_`, made unique at the first call (or now); `unique_name_` is taken
    as it is.  Raises ValueError where a later call makes a new variable.
    """
    function = functools.partial(func_, **kwargs) if kwargs else func_
    return Template(name_, function, unique_name_, custom_getter_, create_scope_now_)
