"""Complex numbers: of parts, of sizes and angles, their parts, conjugates and signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, floating
from lamella.ops.define.constants import scalar
from lamella.ops.functions import pointwise
from lamella.ops.prims.complexes import direction
from lamella.ops.prims.elementwise import convert
from lamella.ops.prims.matrices import adjoint as _adjoint
from lamella.tensor import Tensor

__all__ = [
    "adjoint",
    "angle",
    "complex",
    "conj",
    "imag",
    "is_complex",
    "isreal",
    "polar",
    "real",
    "sgn",
    "view_as_complex",
    "view_as_real",
]

_Z = "Tensor([1 + 2j, 3 - 1j])"


def _unary(name: str, compute: Callable[[Tensor], Tensor], what: str, example: str, gives: str) -> pointwise.Unary:
    def function(input: Any) -> Tensor:
        return compute(as_tensor(input, None, f"ops.{name}"))

    return pointwise.documented(
        __name__,
        function,
        name,
        what,
        example,
        "        input: tensor or number.",
        gives,
        "TypeError: `input` is not a tensor or number.",
    )


def _zeros(x: Tensor) -> Tensor:
    result: Tensor = prims.broadcast_to(scalar(0, x.dtype), shape=x.shape)
    return result


real = _unary(
    "real",
    lambda x: prims.real(x) if x.dtype.is_complex else x.copy(),
    "The real part; of a real number the number.",
    f"real({_Z}).asnumpy()\narray([1., 3.])",
    "A tensor of the type of the parts.",
)
imag = _unary(
    "imag",
    lambda x: prims.imag(x) if x.dtype.is_complex else _zeros(x),
    "The imaginary part; of a real number 0.",
    f"imag({_Z}).asnumpy()\narray([ 2., -1.])",
    "A tensor of the type of the parts.",
)
conj = _unary(
    "conj",
    lambda x: prims.conj(x) if x.dtype.is_complex else x.copy(),
    "The conjugate: the imaginary part with its sign changed.",
    f"conj({_Z}).asnumpy()\narray([1.-2.j, 3.+1.j])",
    "A tensor like `input`.",
)
isreal = _unary(
    "isreal",
    lambda x: prims.eq(_zeros(real(x)), imag(x)),
    "Whether the imaginary part is 0.",
    "isreal(Tensor([1 + 2j, 3 + 0j])).asnumpy()\narray([False,  True])",
    "A bool tensor of the shape of `input`.",
)
sgn = pointwise.unary(
    __name__,
    "sgn",
    direction,
    "The number divided by its size, 0 for 0; of a real number its sign.",
    "sgn(Tensor([3 + 4j, 0j])).asnumpy()\narray([0.6+0.8j, 0. +0.j ])",
    floats=False,
)


def angle(input: Any) -> Tensor:
    """The angle of a number in the plane, in radians from -pi to pi.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the type of the parts: 0 or pi for real numbers, by their sign; NaN for NaN.

    Raises:
        TypeError: `input` is not a tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.angle(Tensor([1j, -1 + 0j])).asnumpy()
        array([1.57079633, 3.14159265])
    """
    (x,) = floating("ops.angle", input)
    result: Tensor = prims.atan2(imag(x), real(x))
    return result


def complex(real: Any, imag: Any) -> Tensor:
    """Complex numbers of their parts.

    Args:
        real: tensor or number, the real parts.
        imag: tensor or number, the imaginary parts; shapes broadcast.

    Returns:
        A complex128 tensor of float64 parts, else a complex64 one.

    Raises:
        TypeError: a part is complex itself, or not numbers.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.complex(Tensor([1.0, 2.0]), 3.0).asnumpy()
        array([1.+3.j, 2.+3.j], dtype=complex64)
    """
    x, y = _parts("ops.complex", real, imag)
    result: Tensor = prims.complex(x, y)
    return result


def polar(abs: Any, angle: Any) -> Tensor:
    """Complex numbers of their sizes and angles.

    Args:
        abs: tensor or number, the sizes.
        angle: tensor or number, the angles in radians; shapes broadcast.

    Returns:
        A complex128 tensor of float64 numbers, else a complex64 one.

    Raises:
        TypeError: an operand is complex, or not numbers.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.polar(Tensor([2.0]), 0.0).asnumpy()
        array([2.+0.j], dtype=complex64)
    """
    size, turn = _parts("ops.polar", abs, angle)
    result: Tensor = prims.complex(prims.mul(size, prims.cos(turn)), prims.mul(size, prims.sin(turn)))
    return result


def _parts(subject: str, x: Any, y: Any) -> list[Tensor]:
    """Two operands in float32 or float64."""
    tensors = floating(subject, x, y)
    dtype = tensors[0].dtype
    if dtype.is_complex:
        raise TypeError(explain(subject, given=f"a {dtype} tensor", expected="real numbers"))
    return [convert(t, dtype.complex.real) for t in tensors]


def is_complex(input: Any) -> bool:
    """Whether a tensor has a complex type.

    Args:
        input: tensor or number.

    Returns:
        A bool.

    Raises:
        TypeError: `input` is not a tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.is_complex(Tensor([1j])), ops.is_complex(Tensor([1.0]))
        (True, False)
    """
    return as_tensor(input, None, "ops.is_complex").dtype.is_complex


def view_as_real(input: Any) -> Tensor:
    """Complex numbers as pairs of parts, along a last axis more.

    Args:
        input: complex tensor of any shape.

    Returns:
        A real tensor of shape ``(*input.shape, 2)``.

    Raises:
        TypeError: `input` is not complex.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.view_as_real(Tensor([1 + 2j])).asnumpy()
        array([[1., 2.]])
    """
    x = as_tensor(input, None, "ops.view_as_real")
    if not x.dtype.is_complex:
        raise TypeError(explain("ops.view_as_real", given=f"a {x.dtype} tensor", expected="a complex tensor"))
    parts = (prims.reshape(part(x), shape=(*x.shape, 1)) for part in (prims.real, prims.imag))
    result: Tensor = prims.concat(*parts, axis=x.ndim)
    return result


def view_as_complex(input: Any) -> Tensor:
    """Pairs of parts along the last axis as complex numbers.

    Args:
        input: real tensor of shape (…, 2).

    Returns:
        A complex tensor without the last axis.

    Raises:
        TypeError: `input` is complex.
        ValueError: the last axis has another size than 2.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.view_as_complex(Tensor([[1.0, 2.0]])).asnumpy()
        array([1.+2.j], dtype=complex64)
    """
    x = as_tensor(input, None, "ops.view_as_complex")
    if not x.ndim or x.shape[-1] != 2:
        raise ValueError(explain("ops.view_as_complex", given=f"shape {x.shape}", expected="(…, 2)"))
    axis = x.ndim - 1
    parts = (prims.reshape(prims.narrow(x, axis, i, i + 1), shape=x.shape[:-1]) for i in range(2))
    return complex(*parts)


def adjoint(x: Any) -> Tensor:
    """Matrices transposed, with their conjugates.

    Args:
        x: tensor of at least two axes; matrices stand in the last two.

    Returns:
        A tensor with the last two axes exchanged.

    Raises:
        ValueError: there are fewer than two axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.adjoint(Tensor([[1 + 2j, 3j]])).asnumpy()
        array([[1.-2.j],
               [0.-3.j]])
    """
    tensor = as_tensor(x, None, "ops.adjoint")
    if tensor.ndim < 2:
        raise ValueError(explain("ops.adjoint", given=f"shape {tensor.shape}", expected="at least two axes"))
    return _adjoint(tensor)
