"""`tf.errors`: one class per kind of mistake that a run can meet.

Building a graph raises Python's own ValueError and TypeError, as TensorFlow does; what goes wrong
inside `session.run` raises an `OpError`, which names the operation and the line that made it.
The codes are those of the canonical status codes (OK 0 ... UNAUTHENTICATED 16).
"""

OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS = range(7)
PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE = range(7, 12)
UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED = range(12, 17)


class OpError(Exception):
    """A run failed.  `op` is the operation, `message` what it met, `error_code` the kind."""

    error_code = UNKNOWN

    def __init__(self, node_def, op, message, error_code=None):
        super().__init__()
        self._node_def, self._op, self._message = node_def, op, message
        if error_code is not None:
            self.error_code = error_code

    @property
    def op(self):
        return self._op

    @property
    def node_def(self):
        return self._node_def

    @property
    def message(self):
        return self._message

    def at(self, op):
        """The same error, known to have happened in `op`; the innermost op stays."""
        if self._op is None:
            self._op = op
        return self

    def __str__(self):
        if self._op is None:
            return self._message
        op = self._op
        inputs = ", ".join(f"{t.name} {t.shape}" for t in op.inputs)
        inputs = f" ({inputs})" if inputs else ""
        return f"{self._message}\n\t [[{op.type} node '{op.name}'{inputs} made at {op.origin}]]"


def _kind(name, code, doc):
    def __init__(self, node_def, op, message):
        OpError.__init__(self, node_def, op, message)

    return type(
        name, (OpError,), {"__init__": __init__, "__doc__": doc, "error_code": code, "__module__": __name__}
    )


CancelledError = _kind(
    "CancelledError", CANCELLED, "The operation was cancelled: its queue or session was closed."
)
UnknownError = _kind(
    "UnknownError", UNKNOWN, "An error of no other kind, such as one raised inside tf.py_func."
)
InvalidArgumentError = _kind(
    "InvalidArgumentError", INVALID_ARGUMENT, "An operation received a value it can't take."
)
DeadlineExceededError = _kind("DeadlineExceededError", DEADLINE_EXCEEDED, "Time ran out.")
NotFoundError = _kind("NotFoundError", NOT_FOUND, "A file or an entry does not exist.")
AlreadyExistsError = _kind("AlreadyExistsError", ALREADY_EXISTS, "What was to be made exists already.")
PermissionDeniedError = _kind("PermissionDeniedError", PERMISSION_DENIED, "The caller may not do this.")
ResourceExhaustedError = _kind("ResourceExhaustedError", RESOURCE_EXHAUSTED, "Memory or disk ran out.")
FailedPreconditionError = _kind(
    "FailedPreconditionError",
    FAILED_PRECONDITION,
    "The system is not in the state needed: an uninitialized variable.",
)
AbortedError = _kind("AbortedError", ABORTED, "The operation was aborted.")
OutOfRangeError = _kind("OutOfRangeError", OUT_OF_RANGE, "The end of the data, or of a closed queue.")
UnimplementedError = _kind("UnimplementedError", UNIMPLEMENTED, "This op can't do that.")
InternalError = _kind("InternalError", INTERNAL, "minitf itself is broken.")
UnavailableError = _kind("UnavailableError", UNAVAILABLE, "A service is not available.")
DataLossError = _kind("DataLossError", DATA_LOSS, "A file is damaged.")
UnauthenticatedError = _kind("UnauthenticatedError", UNAUTHENTICATED, "The caller is not known.")


class MalformedGraphError(DataLossError, ValueError):
    """A graph from a file that is none; a ValueError, too, which is what TensorFlow raises."""


class UnreadableFileError(DataLossError, OSError):
    """A file that does not hold the message it should; an IOError, too, which is what TensorFlow raises."""


_classes = {
    c.error_code: c
    for c in list(globals().values())
    if isinstance(c, type) and OpError in c.__bases__
}


def exception_type_from_error_code(code):
    """tf.errors.exception_type_from_error_code: the class of a code.  Raises KeyError for other numbers."""
    return _classes[code]


def error_code_from_exception_type(cls):
    """tf.errors.error_code_from_exception_type: the code of a class."""
    return cls.error_code
