"""Linear algebra: factors of matrices, what is solved by them, determinants, inverses and norms.

Matrices stand in the last two axes; axes before are a batch. Integers and bools are converted to float32.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, floating, wide
from lamella.ops.define.constants import scalar
from lamella.ops.define.rules import broadcast_shapes
from lamella.ops.functions.linalg import tril, triu
from lamella.ops.functions.products import matmul
from lamella.ops.functions.reduce import _norm, _vector_norm
from lamella.ops.functions.shape import _an_int
from lamella.ops.prims.complexes import conjugate
from lamella.ops.prims.matrices import adjoint as conjugate_transposed
from lamella.ops.prims.matrices import identity_like, swapped
from lamella.tensor import Tensor

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "det",
    "geqrf",
    "inverse",
    "log_matrix_determinant",
    "logdet",
    "lstsq",
    "lu_solve",
    "lu_unpack",
    "matrix_determinant",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_solve",
    "orgqr",
    "ormqr",
    "pinv",
    "qr",
    "slogdet",
    "svd",
    "vector_norm",
]


def _matrices(subject: str, *operands: Any) -> list[Tensor]:
    """Operands of one floating-point type, with at least two axes."""
    tensors = floating(subject, *operands)
    for x in tensors:
        if x.ndim < 2:
            raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="matrices, [..., m, n]"))
    return tensors


def _square(subject: str, operand: Any) -> Tensor:
    (x,) = _matrices(subject, operand)
    if x.shape[-1] != x.shape[-2]:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="square matrices"))
    return x


def _one_batch(subject: str, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Matrices and right-hand sides with equal first axes."""
    if a.shape[-2] != b.shape[-2]:
        raise ValueError(
            explain(subject, given=f"shapes {a.shape} and {b.shape}", expected="as many rows on both sides")
        )
    if a.shape[:-2] == b.shape[:-2]:
        return a, b
    lead = broadcast_shapes(subject, [a.shape[:-2], b.shape[:-2]])
    return tuple(prims.broadcast_to(x, shape=(*lead, *x.shape[-2:])) for x in (a, b))


# -- factors --


def cholesky(input_x: Any, upper: bool = False) -> Tensor:
    """Cholesky's factor of symmetric positive definite matrices.

    Args:
        input_x: tensor [..., n, n], of which the lower triangle is read.
        upper: whether the result is the upper factor U with U.T @ U = input_x, rather than L with L @ L.T = input_x.

    Returns:
        A triangular tensor [..., n, n].

    Raises:
        numpy.linalg.LinAlgError: a matrix is not positive definite.
        ValueError: `input_x` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]])).asnumpy()
        array([[2., 0.],
               [1., 2.]], dtype=float32)
    """
    factor: Tensor = prims.cholesky(_square("ops.cholesky", input_x))
    return conjugate_transposed(factor) if upper else factor


def qr(input: Any, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Orthogonal Q and upper triangular R with Q @ R = input.

    Args:
        input: tensor [..., m, n].
        mode: "reduced" for min(m, n) columns of Q, "complete" for m.

    Returns:
        Q and R.

    Raises:
        ValueError: `input` are no matrices, or another mode.

    Examples:
        >>> from lamella import Tensor, ops
        >>> q, r = ops.qr(Tensor([[3.0], [4.0]]))
        >>> abs(r.item())
        5.0
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(explain("ops.qr", given=f"mode={mode!r}", expected="'reduced' or 'complete'"))
    (x,) = _matrices("ops.qr", input)
    q, r = prims.qr(x, complete=mode == "complete")
    return q, r


def svd(input: Any, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """Singular values in descending order, and U and V with U @ diag(s) @ V.T = input.

    Args:
        input: tensor [..., m, n].
        full_matrices: whether U has m columns and V has n, rather than min(m, n) both.
        compute_uv: whether U and V are wanted.

    Returns:
        The values [..., min(m, n)], U and V; or the values alone.

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.
        ValueError: `input` are no matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.svd(Tensor([[3.0, 0.0], [0.0, 4.0]]), compute_uv=False).asnumpy()
        array([4., 3.], dtype=float32)
    """
    (x,) = _matrices("ops.svd", input)
    s, u, v = prims.svd(x, full=bool(full_matrices))
    return (s, u, v) if compute_uv else s


def geqrf(input: Any) -> tuple[Tensor, Tensor]:
    """R, with the vectors of the reflections whose product is Q below it, and their factors.

    Args:
        input: tensor [..., m, n].

    Returns:
        A tensor [..., m, n] and the factors [..., min(m, n)], for `orgqr`; they have no derivative.

    Raises:
        ValueError: `input` are no matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> packed, factors = ops.geqrf(Tensor([[3.0], [4.0]]))
        >>> abs(packed.asnumpy()[0, 0])
        np.float32(5.0)
    """
    (x,) = _matrices("ops.geqrf", input)
    packed, factors = prims.geqrf(x)
    return packed, factors


def orgqr(input: Any, input2: Any) -> Tensor:
    """The first columns of the product of reflections.

    Args:
        input: tensor [..., m, n], m >= n: the reflections' vectors below the diagonal, as `geqrf` gives them.
        input2: their factors [..., k], k <= n.

    Returns:
        A tensor [..., m, n] of orthonormal columns.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> q = ops.orgqr(*ops.geqrf(x))
        >>> (q.T @ q).asnumpy().round(4) + 0
        array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    packed, factors = _reflections("ops.orgqr", input, input2)
    rows, columns = packed.shape[-2:]
    if not columns <= rows:
        raise ValueError(
            explain("ops.orgqr", given=f"a tensor of shape {packed.shape}", expected="at least as many rows as columns")
        )
    square = prims.broadcast_to(scalar(0, packed.dtype), shape=(*packed.shape[:-1], rows))
    whole = _reflected(packed, factors, identity_like(square), transpose=False)
    result: Tensor = prims.narrow(whole, whole.ndim - 1, 0, columns)
    return result


def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False) -> Tensor:
    """The product of reflections times a matrix.

    Args:
        input: tensor [..., m, k]: the reflections' vectors below the diagonal, as `geqrf` gives them.
        tau: their factors [..., k].
        other: tensor [..., m, n], or [..., n, m] where the reflections stand right.
        left: whether the reflections stand left.
        transpose: whether they are transposed.

    Returns:
        A tensor like `other`.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([[3.0], [4.0]])
        >>> abs(ops.ormqr(*ops.geqrf(x), x, transpose=True).asnumpy().round(4))
        array([[5.],
               [0.]], dtype=float32)
    """
    packed, factors, x = floating("ops.ormqr", input, tau, other)
    packed, factors = _reflections("ops.ormqr", packed, factors)
    (x,) = _matrices("ops.ormqr", x)
    x = x if left else swapped(x)
    packed, x = _one_batch("ops.ormqr", packed, x)
    factors = prims.broadcast_to(factors, shape=(*packed.shape[:-2], factors.shape[-1]))
    result = _reflected(packed, factors, x, transpose=bool(transpose) is bool(left))
    return result if left else swapped(result)


def _reflections(subject: str, input: Any, factors: Any) -> tuple[Tensor, Tensor]:
    packed, taus = floating(subject, input, factors)
    if packed.dtype.is_complex:
        raise TypeError(explain(subject, given=f"a {packed.dtype} tensor", expected="real numbers"))
    if packed.ndim < 2 or taus.shape[:-1] != packed.shape[:-2] or not taus.shape[-1] <= packed.shape[-1]:
        raise ValueError(
            explain(subject, given=f"shapes {packed.shape} and {taus.shape}", expected="[..., m, n] and [..., k <= n]")
        )
    return packed, taus


def _reflected(packed: Tensor, factors: Tensor, x: Tensor, *, transpose: bool) -> Tensor:
    """Q @ x or Q.T @ x as x - V T (V.T x) (Schreiber and Van Loan, "A storage-efficient WY representation", 1989).

    T is the inverse of the upper triangle of V.T V with the inverses of the factors on its diagonal. A factor of 0 is
    no reflection: its vector counts as 0.
    """
    k = factors.shape[-1]
    vectors = tril(prims.narrow(packed, packed.ndim - 1, 0, k), -1)
    row = prims.reshape(prims.iota(size=vectors.shape[-2], dtype="int64"), shape=(vectors.shape[-2], 1))
    diagonal = prims.eq(row, prims.iota(size=k, dtype="int64"))
    vectors = prims.select(diagonal, scalar(1, vectors.dtype), vectors)
    none = prims.eq(factors, scalar(0, factors.dtype))
    by_column = prims.reshape(none, shape=(*none.shape[:-1], 1, k))
    vectors = prims.select(by_column, scalar(0, vectors.dtype), vectors)
    inverses = prims.div(scalar(1, factors.dtype), prims.select(none, scalar(1, factors.dtype), factors))
    corner = prims.eq(prims.reshape(prims.iota(size=k, dtype="int64"), shape=(k, 1)), prims.iota(size=k, dtype="int64"))
    inner = matmul(swapped(vectors), vectors)
    inner = prims.select(corner, prims.reshape(inverses, shape=(*inverses.shape, 1)), triu(inner, 1))
    right = matmul(swapped(vectors), x)
    middle = prims.solve_triangular(inner, right, lower=False, transpose=transpose, unit=False)
    result: Tensor = prims.sub(x, matmul(vectors, middle))
    return result


# -- solving --


def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False) -> Tensor:
    """The solution of matrix @ x = rhs.

    Args:
        matrix: tensor [..., n, n].
        rhs: tensor [..., n, k]; the first axes broadcast.
        adjoint: whether matrix.H @ x = rhs is solved instead.

    Returns:
        A tensor [..., n, k].

    Raises:
        numpy.linalg.LinAlgError: a matrix has no inverse.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_solve(Tensor([[0.0, 2.0], [1.0, 0.0]]), Tensor([[4.0], [3.0]])).asnumpy()
        array([[3.],
               [2.]], dtype=float32)
    """
    a, b = _matrices("ops.matrix_solve", matrix, rhs)
    a = _square("ops.matrix_solve", a)
    a, b = _one_batch("ops.matrix_solve", conjugate_transposed(a) if adjoint else a, b)
    result: Tensor = prims.solve(a, b)
    return result


def cholesky_solve(input: Any, input2: Any, upper: bool = False) -> Tensor:
    """The solution of A @ x = input, from Cholesky's factor of A.

    Args:
        input: tensor [..., n, k].
        input2: the factor [..., n, n].
        upper: whether it is the upper one.

    Returns:
        A tensor [..., n, k].

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cholesky_solve(Tensor([[4.0], [2.0]]), Tensor([[2.0, 0.0], [0.0, 1.0]])).asnumpy()
        array([[1.],
               [2.]], dtype=float32)
    """
    b, factor = _matrices("ops.cholesky_solve", input, input2)
    factor, b = _one_batch("ops.cholesky_solve", _square("ops.cholesky_solve", factor), b)
    turned = conjugate(factor)  # transposed, it is the other factor
    first = prims.solve_triangular(turned if upper else factor, b, lower=not upper, transpose=bool(upper), unit=False)
    result: Tensor = prims.solve_triangular(
        factor if upper else turned, first, lower=not upper, transpose=not upper, unit=False
    )
    return result


def cholesky_inverse(input_x: Any, upper: bool = False) -> Tensor:
    """The inverse of A, from Cholesky's factor of A.

    Args:
        input_x: the factor [..., n, n].
        upper: whether it is the upper one.

    Returns:
        A tensor [..., n, n].

    Raises:
        ValueError: `input_x` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cholesky_inverse(Tensor([[2.0, 0.0], [0.0, 1.0]])).asnumpy()
        array([[0.25, 0.  ],
               [0.  , 1.  ]], dtype=float32)
    """
    factor = _square("ops.cholesky_inverse", input_x)
    return cholesky_solve(identity_like(factor), factor, upper)


def lu_solve(b: Any, LU_data: Any, LU_pivots: Any) -> Tensor:  # noqa: N803 - MindSpore's names
    """The solution of A @ x = b, from the LU factors of A.

    Args:
        b: tensor [..., n, k].
        LU_data: L below the diagonal and U above, [..., n, n].
        LU_pivots: int32 [..., n]: with which row each was exchanged, counted from 1 as LAPACK does.

    Returns:
        A tensor [..., n, k].

    Raises:
        TypeError: `LU_pivots` are not integers.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lu_solve(Tensor([[4.0], [3.0]]), Tensor([[2.0, 0.0], [0.0, 1.0]]), Tensor([1, 2])).asnumpy()
        array([[2.],
               [3.]], dtype=float32)
    """
    subject = "ops.lu_solve"
    right, packed = _matrices(subject, b, LU_data)
    packed, right = _one_batch(subject, _square(subject, packed), right)
    order = _order(subject, LU_pivots, packed)
    rows = prims.reshape(order, shape=(*order.shape, 1))
    exchanged = prims.take_along_axis(right, prims.broadcast_to(rows, shape=right.shape), right.ndim - 2)
    first = prims.solve_triangular(packed, exchanged, lower=True, transpose=False, unit=True)
    result: Tensor = prims.solve_triangular(packed, first, lower=False, transpose=False, unit=False)
    return result


def _order(subject: str, pivots: Any, packed: Tensor) -> Tensor:
    """The order of rows that a series of exchanges leads to."""
    given = as_tensor(pivots, None, subject)
    if not given.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{given.dtype} pivots", expected="integers"))
    count = min(int(packed.shape[-2]), int(packed.shape[-1]))
    if given.shape[-1:] != (count,) or given.ndim != packed.ndim - 1:
        raise ValueError(explain(subject, given=f"pivots of shape {given.shape}", expected=f"[..., {count}]"))
    n = packed.shape[-2]
    order = prims.broadcast_to(prims.iota(size=n, dtype="int64"), shape=(*packed.shape[:-2], n))
    places = prims.sub(cast(given, order.dtype), scalar(1, order.dtype))
    places = prims.checked_index(places, size=n, ignore=None)
    places = prims.broadcast_to(places, shape=(*packed.shape[:-2], count))
    axis = order.ndim - 1
    each = prims.iota(size=n, dtype="int64")
    for i in builtins.range(count):
        other = prims.narrow(places, axis, i, i + 1)
        mine, theirs = prims.narrow(order, axis, i, i + 1), prims.take_along_axis(order, other, axis)
        order = prims.select(prims.eq(each, other), mine, order)
        order = prims.select(prims.eq(each, scalar(i, each.dtype)), theirs, order)
    return order


def lu_unpack(
    LU_data: Any,  # noqa: N803 - MindSpore's name
    LU_pivots: Any,  # noqa: N803
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> Any:
    """The factors of matrices with rows exchanged: P @ L @ U.

    Args:
        LU_data: L below the diagonal and U above, [..., m, n].
        LU_pivots: int32 [..., min(m, n)]: with which row each was exchanged, counted from 1 as LAPACK does.
        unpack_data: whether L and U are wanted.
        unpack_pivots: whether P is wanted.

    Returns:
        P [..., m, m], L [..., m, min(m, n)] and U [..., min(m, n), n]; None in place of what is not wanted.

    Raises:
        TypeError: `LU_pivots` are not integers.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> p, l, u = ops.lu_unpack(Tensor([[4.0, 4.0], [0.25, 1.0]]), Tensor([2, 2]))
        >>> (p @ l @ u).asnumpy()
        array([[1., 2.],
               [4., 4.]], dtype=float32)
    """
    subject = "ops.lu_unpack"
    (packed,) = _matrices(subject, LU_data)
    rows, columns = packed.shape[-2:]
    least = min(int(rows), int(columns))
    exchange = lower = upper = None
    if unpack_data:
        low = tril(prims.narrow(packed, packed.ndim - 1, 0, least), -1)
        row = prims.reshape(prims.iota(size=rows, dtype="int64"), shape=(rows, 1))
        diagonal = prims.eq(row, prims.iota(size=least, dtype="int64"))
        lower = prims.select(diagonal, scalar(1, low.dtype), low)
        upper = triu(prims.narrow(packed, packed.ndim - 2, 0, least))
    if unpack_pivots:
        order = _order(subject, LU_pivots, packed)
        place = prims.reshape(prims.iota(size=rows, dtype="int64"), shape=(rows, 1))
        same = prims.eq(place, prims.reshape(order, shape=(*order.shape[:-1], 1, rows)))
        exchange = cast(same, packed.dtype)
    return exchange, lower, upper


def lstsq(input: Any, A: Any) -> Tensor:  # noqa: N803 - MindSpore's name
    """The x that makes input @ x nearest to A; where there are several, the shortest.

    Args:
        input: tensor [m, n] of full rank.
        A: tensor [m, k] or [m].

    Returns:
        A tensor [n, k], or [n, 1] of an `A` of one axis.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x, y = Tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), Tensor([[1.0], [3.0], [5.0]])
        >>> ops.lstsq(x, y).asnumpy().round(4)
        array([[1.],
               [2.]], dtype=float32)
    """
    subject = "ops.lstsq"
    x, y = floating(subject, input, A)
    y = prims.reshape(y, shape=(*y.shape, 1)) if y.ndim == 1 else y
    if x.ndim != 2 or y.ndim != 2 or x.shape[0] != y.shape[0]:
        raise ValueError(explain(subject, given=f"shapes {x.shape}, {y.shape}", expected="[m, n] and [m, k] or [m]"))
    if x.shape[1] <= x.shape[0]:
        q, r = prims.qr(x, complete=False)
        right = matmul(conjugate_transposed(q), y)
        tall: Tensor = prims.solve_triangular(r, right, lower=False, transpose=False, unit=False)
        return tall
    q, r = prims.qr(conjugate_transposed(x), complete=False)
    return matmul(q, prims.solve_triangular(conjugate(r), y, lower=False, transpose=True, unit=False))


# -- inverses and determinants --


def inverse(input: Any) -> Tensor:
    """The inverse of matrices.

    Args:
        input: tensor [..., n, n].

    Returns:
        A tensor [..., n, n].

    Raises:
        numpy.linalg.LinAlgError: a matrix has no inverse.
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.inverse(Tensor([[2.0, 0.0], [0.0, 4.0]])).asnumpy()
        array([[0.5 , 0.  ],
               [0.  , 0.25]], dtype=float32)
    """
    x = _square("ops.inverse", input)
    result: Tensor = prims.solve(x, identity_like(x))
    return result


def pinv(x: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Tensor:
    """Moore and Penrose's inverse of matrices.

    Args:
        x: tensor [..., m, n].
        atol: singular values up to this count as 0; default: 0.
        rtol: as do those up to this part of the largest; default: max(m, n) times the type's resolution, or 0 if
            `atol` is above 0.
        hermitian: whether the matrices are Hermitian, which is quicker; their lower triangle is read.

    Returns:
        A tensor [..., n, m].

    Raises:
        ValueError: `x` are no matrices, or not square ones with `hermitian`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.pinv(Tensor([[2.0], [0.0]])).asnumpy()
        array([[0.5, 0. ]], dtype=float32)
    """
    subject = "ops.pinv"
    (a,) = _matrices(subject, x)
    rows, columns = a.shape[-2:]
    dtype = a.dtype.real
    if hermitian:
        values, vectors = prims.eigh(_square(subject, a))
        sizes, left, right = prims.abs(values), vectors, vectors
    else:
        values, left, right = prims.svd(a, full=False)
        sizes = values
    larger = rows if not rows <= columns else columns
    resolution = float(np.finfo(dtype.numpy).eps) if dtype.itemsize > 2 else float(np.finfo(np.float32).eps)
    absolute = scalar(0, dtype) if atol is None else cast(as_tensor(atol, dtype, subject), dtype)
    if rtol is not None:
        relative = cast(as_tensor(rtol, dtype, subject), dtype)
    else:
        usual = cast(prims.size_tensor(larger), dtype) * resolution
        relative = prims.select(prims.gt(absolute, scalar(0, dtype)), scalar(0, dtype), usual)
    greatest = prims.reduce_max(sizes, axes=(sizes.ndim - 1,)) if sizes.shape[-1] != 0 else scalar(0, dtype)
    absolute, relative = (prims.reshape(t, shape=(*t.shape, 1)) if t.ndim else t for t in (absolute, relative))
    greatest = prims.reshape(greatest, shape=(*greatest.shape, 1))
    kept = prims.gt(sizes, prims.maximum(absolute, prims.mul(relative, greatest)))
    inverses = prims.select(
        kept, prims.div(scalar(1, dtype), prims.select(kept, values, scalar(1, dtype))), scalar(0, dtype)
    )
    inverses = cast(inverses, a.dtype)
    scaled = prims.mul(right, prims.reshape(inverses, shape=(*inverses.shape[:-1], 1, inverses.shape[-1])))
    return matmul(scaled, conjugate_transposed(left))


def det(input: Any) -> Tensor:
    """Determinants of matrices.

    Args:
        input: tensor [..., n, n].

    Returns:
        A tensor of the first axes. Its derivative needs the inverse.

    Raises:
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.det(Tensor([[2.0, 1.0], [0.0, 3.0]])).item()
        6.0
    """
    result: Tensor = prims.det(_square("ops.det", input))
    return result


matrix_determinant = det


def slogdet(input: Any) -> tuple[Tensor, Tensor]:
    """Signs of determinants, and logarithms of their absolute values.

    Args:
        input: tensor [..., n, n].

    Returns:
        Two tensors of the first axes; 0 and -inf for matrices without inverse.

    Raises:
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.item() for x in ops.slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]]))]
        [-1.0, 0.0]
    """
    sign, log = prims.slogdet(_square("ops.slogdet", input))
    return sign, log


log_matrix_determinant = slogdet


def logdet(input: Any) -> Tensor:
    """Logarithms of determinants.

    Args:
        input: tensor [..., n, n].

    Returns:
        A tensor of the first axes; NaN where a real determinant is negative.

    Raises:
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logdet(Tensor([[1.0, 0.0], [0.0, 1.0]])).item()
        0.0
    """
    sign, log = prims.slogdet(_square("ops.logdet", input))
    if sign.dtype.is_complex:  # the sign's logarithm is its angle
        return prims.complex(log, prims.atan2(prims.imag(sign), prims.real(sign)))
    negative = prims.lt(sign, scalar(0, sign.dtype))
    result: Tensor = prims.select(negative, scalar(math.nan, log.dtype), log)
    return result


# -- functions and norms of matrices --


def matrix_exp(input: Any) -> Tensor:
    """The exponential of matrices, the sum of input ** k / k!.

    Args:
        input: tensor [..., n, n].

    Returns:
        A tensor [..., n, n].

    Raises:
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_exp(Tensor([[0.0, 1.0], [0.0, 0.0]])).asnumpy()
        array([[1., 1.],
               [0., 1.]], dtype=float32)
    """
    result: Tensor = prims.matrix_exp(_square("ops.matrix_exp", input))
    return result


def matrix_power(input: Any, n: int) -> Tensor:
    """The product of a matrix with itself, several times.

    Args:
        input: tensor [..., m, m].
        n: how often; 0 gives unit matrices, negative numbers powers of the inverse.

    Returns:
        A tensor [..., m, m].

    Raises:
        TypeError: `n` is not an int.
        ValueError: `input` are no square matrices.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_power(Tensor([[1.0, 1.0], [0.0, 1.0]]), 5).asnumpy()
        array([[1., 5.],
               [0., 1.]], dtype=float32)
    """
    x, count = _square("ops.matrix_power", input), _an_int("ops.matrix_power", "n", n)
    if count < 0:
        x, count = inverse(x), -count
    result: Tensor | None = None
    while count:
        if count % 2:
            result = x if result is None else matmul(result, x)
        count //= 2
        if count:
            x = matmul(x, x)
    return identity_like(x) if result is None else result


def vector_norm(x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False, *, dtype: Any = None) -> Tensor:
    """Norm of vectors along axes.

    Args:
        x: tensor; integers are converted to float32.
        ord: a number p, inf, -inf, or 0 for how many elements are not 0.
        axis: an axis or a tuple of axes, that together are one vector; default: all.
        keepdims: whether the axes stay, with size 1.
        dtype: type to compute in.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: `ord` is no number, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.vector_norm(Tensor([3.0, 4.0])).item()
        5.0
    """
    subject = "ops.vector_norm"
    (tensor,) = floating(subject, x)
    if dtype is not None:
        tensor = cast(tensor, as_dtype(dtype, subject))
    axes = axis_tuple(subject, axis, tensor.ndim)
    return cast(_vector_norm(wide(tensor), ord, axes, bool(keepdims)), tensor.dtype.real)


def matrix_norm(
    A: Any,  # noqa: N803 - MindSpore's name
    ord: Any = "fro",
    axis: Any = (-2, -1),
    keepdims: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Norm of matrices.

    Args:
        A: tensor of at least two axes; integers are converted to float32.
        ord: "fro", "nuc", 1, -1, 2, -2, inf or -inf, as for `norm`.
        axis: the axes of rows and of columns.
        keepdims: whether the axes stay, with size 1.
        dtype: type to compute in.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: `ord` is none of these, or `axis` are not two axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_norm(Tensor([[3.0, 0.0], [0.0, -4.0]]), "nuc").item()
        7.0
    """
    subject = "ops.matrix_norm"
    (tensor,) = _matrices(subject, A)
    if dtype is not None:
        tensor = cast(tensor, as_dtype(dtype, subject))
    if len(axis_tuple(subject, axis, tensor.ndim)) != 2:
        raise ValueError(explain(subject, given=f"axis={axis}", expected="two axes"))
    return cast(_norm(wide(tensor), ord, axis, bool(keepdims)), tensor.dtype.real)
