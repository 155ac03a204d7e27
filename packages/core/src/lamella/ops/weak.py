"""Python numbers whose values are inputs of a graph: they combine with tensors as the numbers themselves do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.buffer import Buffer
from lamella.dtypes import DType, float64, int64
from lamella.errors import ConcretizationError
from lamella.ops import prims
from lamella.ops.constants import scalar
from lamella.tensor import Tensor, wrap

_TYPES: dict[type, DType] = {float: float64, int: int64}


class NumberNeededError(ConcretizationError):
    """Python asked for the value of a number that is an input of the graph under construction.

    Attributes:
        origins: which inputs the number was computed from.
    """

    def __init__(self, message: str, origins: frozenset[int]) -> None:
        super().__init__(message)
        self.origins = origins


class WeakNumber(Tensor):
    """A Python float or int whose value is not known while a graph is built.

    It holds a 0-d float64 or int64 value. Among numbers it computes as Python does; beside a tensor it takes the
    tensor's type as a Python number does (`promote.as_tensor`).

    Args:
        value: the value, of type float64 or int64.
        kind: what it stands for: `float` or `int`.
        origins: which inputs of the graph it is computed from.
    """

    __slots__ = ("_stands_for", "origins")

    _stands_for: type[int | float]

    def __init__(self, value: Any, kind: type[int | float], origins: frozenset[int]) -> None:
        self._value = value
        self._view_of = None
        self._stands_for = kind
        self.origins = origins

    @property  # type: ignore[misc]  # it is only read
    def __class__(self) -> Any:
        """What `isinstance` sees besides the real class: the type of the number."""
        return self._stands_for

    def strong(self, dtype: DType) -> Tensor:
        """The number as a tensor of an element type."""
        plain = wrap(self._value)
        result: Tensor = plain if dtype is _TYPES[self._stands_for] else prims.cast(plain, dtype=dtype.name)
        return result

    def _buffer(self, asked: str) -> Buffer:
        raise NumberNeededError(
            f"{asked}: the value of a {self._stands_for.__name__} argument is needed while the graph is built.",
            self.origins,
        )

    def __hash__(self) -> int:
        self._buffer("a hash")
        return 0

    def __neg__(self) -> Any:
        return self._like(prims.neg(wrap(self._value)))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self._like(prims.abs(wrap(self._value)))

    def _like(self, value: Tensor) -> WeakNumber:
        return WeakNumber(value._value, self._stands_for, self.origins)


def _operator(name: str, op: Callable[..., Tensor], result: type | None, reverse: bool) -> Callable[..., Any]:
    """A method that computes with numbers as Python does, and with tensors as tensors do."""
    among_tensors: Callable[..., Any] = getattr(Tensor, name)

    def method(self: WeakNumber, other: Any) -> Any:
        if type(other) is WeakNumber:
            other_kind, origins = other._stands_for, self.origins | other.origins
        elif type(other) in _TYPES:
            other_kind, origins = type(other), self.origins
        else:
            return among_tensors(self, other)
        kind = float if float in (self._stands_for, other_kind) or result is float else int
        if op is prims.pow and kind is int:  # an int or a float, depending on the sign of the exponent
            self._buffer("a power")
        mine = self.strong(_TYPES[kind])
        theirs = other.strong(_TYPES[kind]) if type(other) is WeakNumber else scalar(other, _TYPES[kind])
        value = op(theirs, mine) if reverse else op(mine, theirs)
        return value if result is bool else WeakNumber(value._value, kind, origins)

    return method


# Method, primitive, and the type of the result where it is not that of the operands.
_BINARY: tuple[tuple[str, Any, type | None], ...] = (
    ("add", prims.add, None),
    ("sub", prims.sub, None),
    ("mul", prims.mul, None),
    ("truediv", prims.div, float),
    ("floordiv", prims.floor_div, None),
    ("mod", prims.floor_mod, None),
    ("pow", prims.pow, None),
)
_COMPARISONS: tuple[tuple[str, Any], ...] = (
    ("eq", prims.eq),
    ("ne", prims.ne),
    ("lt", prims.lt),
    ("le", prims.le),
    ("gt", prims.gt),
    ("ge", prims.ge),
)
for _name, _op, _result in _BINARY:
    setattr(WeakNumber, f"__{_name}__", _operator(f"__{_name}__", _op, _result, reverse=False))
    setattr(WeakNumber, f"__r{_name}__", _operator(f"__r{_name}__", _op, _result, reverse=True))
for _name, _op in _COMPARISONS:
    setattr(WeakNumber, f"__{_name}__", _operator(f"__{_name}__", _op, bool, reverse=False))
