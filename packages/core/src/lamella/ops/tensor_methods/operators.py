"""What tensors do by operators, indexing and assignment; attached to `Tensor` as its methods are."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions import elementwise, subscript
from lamella.ops.functions.products import matmul
from lamella.ops.functions.rearrange import swapaxes, transpose
from lamella.ops.prims.complexes import conjugate
from lamella.tensor import Tensor


def _matrices(subject: str, x: Tensor) -> Tensor:
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="at least two axes"))
    return x


class Operators:
    """Operators of tensors, by their special methods."""

    __slots__ = ()

    @property
    def data(self: Any) -> Tensor:
        """The tensor itself."""
        itself: Tensor = self
        return itself

    @property
    def strides(self: Any) -> tuple[int, ...]:
        """How many bytes neighbours along each axis are apart in row-major order."""
        steps = [self.itemsize]
        for size in reversed(self.shape[1:]):
            steps.insert(0, steps[0] * size)
        return tuple(steps[: self.ndim])

    @property
    def T(self: Any) -> Tensor:  # noqa: N802 - NumPy's name
        """The tensor with its axes in reverse order."""
        return transpose(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802 - NumPy's name
        """Matrices in the last two axes transposed."""
        return swapaxes(_matrices("Tensor.mT", self), -2, -1)

    @property
    def mH(self: Any) -> Tensor:  # noqa: N802 - torch's name
        """Matrices in the last two axes transposed, with their conjugates."""
        return conjugate(swapaxes(_matrices("Tensor.mH", self), -2, -1))

    @property
    def H(self: Any) -> Tensor:  # noqa: N802 - MindSpore's name
        """A matrix transposed, with its conjugates."""
        if self.ndim != 2:
            raise ValueError(explain("Tensor.H", given=f"shape {self.shape}", expected="a matrix"))
        return self.mH

    def __getitem__(self: Any, index: Any) -> Tensor:
        return subscript.select(self, index)

    def __setitem__(self: Any, index: Any, value: Any) -> None:
        self._assign(subscript.updated(self, index, value), "x[i] = …")

    def assign_value(self: Any, value: Any) -> Tensor:
        """Replace the value by another of the same shape, converted to this tensor's dtype; returns the tensor.

        Raises:
            ValueError: the shapes differ.
        """
        source = as_tensor(value, self.dtype)
        if source.shape != self.shape:
            raise ValueError(
                explain("Tensor.assign_value", given=f"shape {source.shape}", expected=f"shape {self.shape}")
            )
        return self._assign(cast(source, self.dtype), "Tensor.assign_value")

    def __neg__(self) -> Tensor:
        return elementwise.neg(self)

    def __pos__(self: Any) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return elementwise.abs(self)

    def __invert__(self: Any) -> Tensor:
        return elementwise.logical_not(self) if self.dtype.kind == "bool" else elementwise.bitwise_not(self)

    def __add__(self, other: Any) -> Tensor:
        return elementwise.add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return elementwise.add(other, self)

    def __sub__(self, other: Any) -> Tensor:
        return elementwise.sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return elementwise.sub(other, self)

    def __mul__(self, other: Any) -> Tensor:
        return elementwise.mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return elementwise.mul(other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return elementwise.div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return elementwise.div(other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return elementwise.floor_div(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return elementwise.floor_div(other, self)

    def __mod__(self, other: Any) -> Tensor:
        return elementwise.floor_mod(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return elementwise.floor_mod(other, self)

    def __pow__(self, other: Any) -> Tensor:
        return elementwise.pow(self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return elementwise.pow(other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return matmul(other, self)

    def __and__(self, other: Any) -> Tensor:
        return elementwise.bitwise_and(self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Tensor:
        return elementwise.bitwise_or(self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Tensor:
        return elementwise.bitwise_xor(self, other)

    __rxor__ = __xor__

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return NotImplemented if other is None or isinstance(other, str) else elementwise.equal(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return NotImplemented if other is None or isinstance(other, str) else elementwise.not_equal(self, other)

    def __lt__(self, other: Any) -> Tensor:
        return elementwise.less(self, other)

    def __le__(self, other: Any) -> Tensor:
        return elementwise.less_equal(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return elementwise.greater(self, other)

    def __ge__(self, other: Any) -> Tensor:
        return elementwise.greater_equal(self, other)
