"""`arg_scope`: inside it, functions take other defaults for their arguments.

with arg_scope([conv2d, fully_connected], activation_fn=None):
    ...
"""

import contextlib
import contextvars
import functools
import inspect

_scopes = contextvars.ContextVar("arg_scope", default=({},))  # a stack of {function's name: defaults}
_known = {}  # name of a function that takes part -> the names of its arguments


def _key(function):
    return getattr(function, "_key_op", None) or f"{function.__module__}.{function.__qualname__}"


def add_arg_scope(function):
    """Decorator: `function` takes its defaults from the open arg_scope."""

    @functools.wraps(function)
    def with_defaults(*args, **kwargs):
        given = _scopes.get()[-1].get(with_defaults._key_op)
        return function(*args, **{**given, **kwargs} if given else kwargs)

    with_defaults._key_op = _key(function)
    _known[with_defaults._key_op] = tuple(
        name
        for name, p in inspect.signature(function).parameters.items()
        if p.default is not inspect.Parameter.empty
    )
    return with_defaults


def has_arg_scope(function):
    """True for functions that `add_arg_scope` decorated."""
    return _key(function) in _known


def arg_scoped_arguments(function):
    """The names of the arguments of `function` that an arg_scope may give."""
    if not has_arg_scope(function):
        raise AssertionError(f"{function} is not decorated with @add_arg_scope")
    return _known[_key(function)]


def current_arg_scope():
    """The defaults that are open: {key of a function: {argument: value}}."""
    return _scopes.get()[-1]


@contextlib.contextmanager
def arg_scope(list_ops_or_scope, **kwargs):
    """tf.contrib.framework.arg_scope: inside, the functions in the list take `kwargs` as defaults.

    A scope that was caught (`with arg_scope(...) as scope`) can be opened again.
    Raises ValueError for a function without `@add_arg_scope`, or keywords beside a scope; TypeError for no list.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError(
                "When attempting to re-use a scope by suppling a dictionary, kwargs must be empty."
            )
        scope = dict(list_ops_or_scope)
    elif not isinstance(list_ops_or_scope, (list, tuple)):
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    else:
        scope = dict(_scopes.get()[-1])
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                raise ValueError(f"{function} is not decorated with @add_arg_scope")
            scope[_key(function)] = {**scope.get(_key(function), {}), **kwargs}
    token = _scopes.set((*_scopes.get(), scope))
    try:
        yield scope
    finally:
        _scopes.reset(token)
