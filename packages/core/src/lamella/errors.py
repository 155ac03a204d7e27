"""Errors, and the one way their messages are worded.

Bad arguments raise the built-in `TypeError`, `ValueError` and `IndexError`, as MindSpore's do; the classes here
are for situations that a caller may want to tell apart. Every message says what was called, what it was given,
what it expected and what to do.
"""

from collections.abc import Sequence
from typing import Any


def explain(subject: str, *, given: str, expected: str, remedy: str = "") -> str:
    """Word an error message.

    Args:
        subject: the op, function or setting that failed, as its user writes it.
        given: what it got.
        expected: what it takes.
        remedy: what to do about it; empty where `expected` says it all.

    Returns:
        The message, one line.

    Examples:
        >>> explain("ops.add", given="shapes (2, 3) and (4,)", expected="shapes that broadcast")
        'ops.add: got shapes (2, 3) and (4,), expected shapes that broadcast.'
    """
    message = f"{subject}: got {given}, expected {expected}."
    return f"{message} {remedy}" if remedy else message


class LamellaError(RuntimeError):
    """Base of the errors that have a class of their own."""


class LeakedValueError(LamellaError):
    """A value of a finished transform or graph build was used outside it."""


class PoisonedError(LamellaError):
    """A tensor was read whose memory a step has taken over that failed, or that is still running around the reader."""


class StepTimeoutError(LamellaError, TimeoutError):
    """A tensor that a step in another thread is changing was waited for too long."""


class InterruptedRun(BaseException):
    """An executable had computed everything when something, such as an interrupt, kept it from returning.

    Raised with that as its cause. Who called the executable uses the results or drops them, and raises `interrupt`.

    Args:
        results: what would have been returned.
    """

    def __init__(self, results: Sequence[Any]) -> None:
        super().__init__("interrupted when everything was computed")
        self.results = results

    @property
    def interrupt(self) -> BaseException:
        """What came in between."""
        return self.__cause__ or KeyboardInterrupt()


class GraphError(LamellaError):
    """A graph is malformed: the verifier, the printer's parser or a pass found it so."""


class ConcretizationError(LamellaError, TypeError):
    """Python asked for the number inside a tensor while a graph was being built.

    Attributes:
        value: what the tensor held.
    """

    value: object = None


class CompileError(LamellaError, TypeError):
    """A function cannot become a graph; the message says where in it, why, and what to do."""


class PluginError(LamellaError):
    """Base of what can go wrong with a plugin."""


class MissingPluginError(PluginError, ImportError):
    """Nothing installed provides what was asked for."""


class IncompatiblePluginError(PluginError, ImportError):
    """A plugin asks for another version of lamella-core than the installed one."""


class BrokenPluginError(PluginError, ImportError):
    """A plugin raised while it was loaded."""


class CheckpointError(LamellaError, ValueError):
    """A checkpoint file is damaged, incomplete or does not fit."""
