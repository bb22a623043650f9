"""`tf.logging`: messages of the logger 'tensorflow', shown on the standard error output."""

import logging as _logging
import sys as _sys
from logging import DEBUG, ERROR, FATAL, INFO, WARN

__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "WARN"]


class _ToStandardError(_logging.StreamHandler):
    """Looks `sys.stderr` up at each message: notebooks and tests replace it."""

    @property
    def stream(self):
        return _sys.stderr

    @stream.setter
    def stream(self, value):
        pass


def _make_logger():
    logger = _logging.getLogger("tensorflow")
    if not any(isinstance(h, _ToStandardError) for h in logger.handlers):
        handler = _ToStandardError()
        handler.setFormatter(_logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
        if logger.level == _logging.NOTSET:
            logger.setLevel(WARN)
    return logger


_logger = _make_logger()
_counts = {}


def set_verbosity(v):
    """tf.logging.set_verbosity: show messages of level `v` and above: DEBUG, INFO, WARN, ERROR or FATAL."""
    _logger.setLevel(v)


def get_verbosity():
    """tf.logging.get_verbosity: the level from which on messages are shown."""
    return _logger.getEffectiveLevel()


def log(level, msg, *args, **kwargs):
    """tf.logging.log: a message `msg % args` of this level."""
    _logger.log(level, msg, *args, **kwargs)


def vlog(level, msg, *args, **kwargs):
    """tf.logging.vlog: the same."""
    _logger.log(level, msg, *args, **kwargs)


def debug(msg, *args, **kwargs):
    """tf.logging.debug: shown after `set_verbosity(tf.logging.DEBUG)`."""
    _logger.debug(msg, *args, **kwargs)


def info(msg, *args, **kwargs):
    """tf.logging.info: shown after `set_verbosity(tf.logging.INFO)`."""
    _logger.info(msg, *args, **kwargs)


def warning(msg, *args, **kwargs):
    """tf.logging.warning: shown unless `set_verbosity` asked for less."""
    _logger.warning(msg, *args, **kwargs)


warn = warning


def error(msg, *args, **kwargs):
    """tf.logging.error: shown unless `set_verbosity` asked for less."""
    _logger.error(msg, *args, **kwargs)


def fatal(msg, *args, **kwargs):
    """tf.logging.fatal: always shown; the program goes on."""
    _logger.critical(msg, *args, **kwargs)


def log_if(level, msg, condition, *args):
    """tf.logging.log_if: only where `condition` holds."""
    if condition:
        log(level, msg, *args)


def _times_seen(msg):
    _counts[msg] = _counts.get(msg, -1) + 1
    return _counts[msg]


def log_first_n(level, msg, n, *args):
    """tf.logging.log_first_n: only the first `n` times."""
    log_if(level, msg, _times_seen(msg) < n, *args)


def log_every_n(level, msg, n, *args):
    """tf.logging.log_every_n: the first time, and every `n`-th after it."""
    log_if(level, msg, _times_seen(msg) % n == 0, *args)


def flush():
    """tf.logging.flush: what is not written yet is written."""
    for handler in _logger.handlers:
        handler.flush()


def TaskLevelStatusMessage(msg):
    """tf.logging.TaskLevelStatusMessage: an error."""
    error(msg)
