"""Eigenvalues and eigenvectors of matrices that need not be symmetric: they are complex."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import floating
from lamella.tensor import Tensor

__all__ = ["eig", "eigvals"]


def _square(subject: str, operand: Any) -> Tensor:
    (x,) = floating(subject, operand)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="square matrices, [..., n, n]"))
    return x


def eig(A: Any) -> tuple[Tensor, Tensor]:  # noqa: N803 - MindSpore's name
    """Eigenvalues and eigenvectors of square matrices.

    Args:
        A: tensor [..., n, n]; ints and bools are converted to float32.

    Returns:
        Complex values [..., n], and vectors of length 1, the columns of [..., n, n]. Which direction in the complex
        plane a vector has is arbitrary: only what does not depend on that has a derivative.

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.
        ValueError: `A` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.eig(Tensor([[0.0, -1.0], [1.0, 0.0]]))[0].asnumpy()
        array([0.+1.j, 0.-1.j], dtype=complex64)
    """
    values, vectors = prims.eig(_square("ops.eig", A))
    return values, vectors


def eigvals(A: Any) -> Tensor:  # noqa: N803 - MindSpore's name
    """Eigenvalues of square matrices.

    Args:
        A: tensor [..., n, n]; ints and bools are converted to float32.

    Returns:
        Complex values [..., n].

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.
        ValueError: `A` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.eigvals(Tensor([[2.0, 1.0], [0.0, 3.0]])).asnumpy()
        array([2.+0.j, 3.+0.j], dtype=complex64)
    """
    values: Tensor = prims.eig(_square("ops.eigvals", A))[0]
    return values
