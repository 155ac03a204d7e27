"""Numbers of Python that a graph computes.

`i = 0` before a loop on tensors and `i += 1` in it make a number that the graph has to carry. A `Number` is a 0-d
tensor that goes on to behave as the number of Python would: beside a tensor it takes that tensor's type, beside numbers
it gives numbers. Ints are int64 and floats float64, as Python's are (nearly: a graph's ints have 64 bits).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from lamella import Tensor, ops
from lamella.dims import Dim
from lamella.dtypes import DType, bool_, float64, int64
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.tensor import wrap
from lamella_compiler.frontend.errors import compile_error

Kind: TypeAlias = "type[int | float]"

#: From the narrowest to the widest, with the types that they have in a graph.
KINDS: dict[Kind, DType] = {bool: bool_, int: int64, float: float64}
_WIDTH = list(KINDS)


def kind_of(value: Any) -> Kind | None:
    """The kind of number that a value is, known, open or computed by a graph; None for anything else."""
    if isinstance(value, Number):
        return value._number_kind
    if isinstance(value, Dim):
        return int
    kind = type(value)
    return kind if kind in KINDS else None


def wider(first: Kind, second: Kind) -> Kind:
    """The kind that holds numbers of both."""
    return max(first, second, key=_WIDTH.index)


def number(value: Any, kind: Kind) -> Number:
    """A number of Python, a `Number` or a 0-d tensor as a `Number` of a kind."""
    tensor = prims_tensor(value, KINDS[kind])
    result = Number.__new__(Number)
    result._value, result._view_of, result._number_kind = tensor._value, None, kind
    return result


def prims_tensor(value: Any, dtype: DType) -> Tensor:
    """A number or tensor as an ordinary tensor of a type."""
    if isinstance(value, Number):
        value = wrap(value._value)
    return cast(as_tensor(value, dtype), dtype)


def _arithmetic(name: str, operation: Callable[..., Tensor], result: Callable[[Kind], Kind]) -> tuple[Any, Any]:
    """The methods `x.__name__(y)` and `x.__rname__(y)`."""

    def apply(left: Any, right: Any) -> Number:
        kind = result(wider(_kind(left), _kind(right)))
        computing = KINDS[wider(kind, wider(_kind(left), _kind(right)))]
        return number(operation(prims_tensor(left, computing), prims_tensor(right, computing)), kind)

    def method(self: Number, other: Any) -> Any:
        if kind_of(other) is None:
            return _of_tensors(self, other, f"__{name}__")
        return apply(self, other)

    def reflected(self: Number, other: Any) -> Any:
        if kind_of(other) is None:
            return _of_tensors(self, other, f"__r{name}__")
        return apply(other, self)

    return method, reflected


def _of_tensors(value: Number, other: Any, method: str) -> Any:
    """An operation with something that is no number of Python."""
    if isinstance(other, (str, bytes, list, tuple)):  # to a tensor a list is numbers, to a number it is to be repeated
        raise compile_error(
            f"a {type(other).__name__} is combined with a number that only the graph knows.",
            "Use a number that depends on no tensor, or a tensor in place of the sequence.",
        )
    return getattr(Tensor, method)(value, other)


def _kind(value: Any) -> Kind:
    kind = kind_of(value)
    assert kind is not None
    return kind


def _comparison(name: str, operation: Callable[..., Tensor]) -> Any:
    def method(self: Number, other: Any) -> Any:
        if kind_of(other) is None:
            return getattr(Tensor, f"__{name}__")(self, other)
        dtype = KINDS[wider(_kind(self), _kind(other))]
        return number(operation(prims_tensor(self, dtype), prims_tensor(other, dtype)), bool)

    return method


def _power(self: Number, other: Any) -> Any:
    if kind_of(other) is None:
        return _of_tensors(self, other, "__pow__")
    if isinstance(other, Number) and wider(_kind(self), _kind(other)) is not float:
        raise compile_error(
            "an int to the power of an int that the graph computes: in Python the result is an int or a float, "
            "depending on the sign of the exponent.",
            "Make the base a float, as in `2.0 ** i`.",
        )
    whole = _kind(self) is not float and kind_of(other) is not float and not isinstance(other, Number) and other >= 0
    kind: Kind = int if whole else float
    return number(ops.pow(prims_tensor(self, KINDS[kind]), prims_tensor(other, KINDS[kind])), kind)


def _reflected_power(self: Number, other: Any) -> Any:
    return Tensor.__rpow__(self, other) if kind_of(other) is None else _power(number(other, _kind(other)), self)


def _at_least_int(kind: Kind) -> Kind:
    return wider(kind, int)


class Number(Tensor):
    """A number of Python that a graph computes: a 0-d tensor of the type in `KINDS`, of the kind `_number_kind`."""

    __slots__ = ("_number_kind",)
    __hash__ = object.__hash__
    _number_kind: Kind

    __add__, __radd__ = _arithmetic("add", ops.add, _at_least_int)
    __sub__, __rsub__ = _arithmetic("sub", ops.sub, _at_least_int)
    __mul__, __rmul__ = _arithmetic("mul", ops.mul, _at_least_int)
    __truediv__, __rtruediv__ = _arithmetic("truediv", ops.div, lambda kind: float)
    __floordiv__, __rfloordiv__ = _arithmetic("floordiv", ops.floor_div, _at_least_int)
    __mod__, __rmod__ = _arithmetic("mod", ops.floor_mod, _at_least_int)
    __and__, __rand__ = _arithmetic("and", ops.bitwise_and, lambda kind: kind)
    __or__, __ror__ = _arithmetic("or", ops.bitwise_or, lambda kind: kind)
    __xor__, __rxor__ = _arithmetic("xor", ops.bitwise_xor, lambda kind: kind)
    __pow__, __rpow__ = _power, _reflected_power
    __lt__ = _comparison("lt", ops.less)
    __le__ = _comparison("le", ops.less_equal)
    __gt__ = _comparison("gt", ops.greater)
    __ge__ = _comparison("ge", ops.greater_equal)
    __eq__ = _comparison("eq", ops.equal)
    __ne__ = _comparison("ne", ops.not_equal)

    def __neg__(self) -> Number:
        return 0 - self

    def __pos__(self) -> Number:
        return number(self, wider(self._number_kind, int))

    def __abs__(self) -> Number:
        kind = wider(self._number_kind, int)
        return number(prims.abs(prims_tensor(self, KINDS[kind])), kind)

    def __invert__(self) -> Number:
        return -1 - self

    def copy(self) -> Number:
        """A number of its own with the same value."""
        return number(self, self._number_kind)
