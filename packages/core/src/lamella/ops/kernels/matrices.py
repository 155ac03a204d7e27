"""Kernels of linear algebra: LAPACK's routines by NumPy and SciPy, in float32 where operands have 16 bits.

Each takes stacks of matrices in the last two axes. What cannot be computed raises `numpy.linalg.LinAlgError`, a
ValueError, that says which matrix of the stack it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops.kernels.precision import Array, widen


def _narrowed(like: Array, *results: Any) -> Any:
    """Results in the type of an operand, real ones of a complex operand in that of its parts, as a tuple."""
    kinds = (like.real.dtype if like.dtype.kind == "c" and x.dtype.kind != "c" else like.dtype for x in results)
    return tuple(
        np.ascontiguousarray(np.asarray(x).astype(kind, copy=False)) for x, kind in zip(results, kinds, strict=True)
    )


def _each(subject: str, expected: str, routine: Callable[..., Any], *stacks: Array) -> Iterator[tuple[Any, Any]]:
    """The routine on each matrix of stacks, with its place; its failure says which matrix it was."""
    for place in np.ndindex(stacks[0].shape[:-2]):
        try:
            yield place, routine(*(stack[place] for stack in stacks))
        except (np.linalg.LinAlgError, ValueError) as error:
            where = f"the matrix at {place}" if place else "a matrix"
            raise np.linalg.LinAlgError(explain(subject, given=f"{where}: {error}", expected=expected)) from None


def cholesky(a: Array) -> Array:
    """The lower triangular matrix L with L @ L^H = a; only the lower triangle of `a` is read.

    Raises:
        numpy.linalg.LinAlgError: a matrix is not positive definite.

    Examples:
        >>> cholesky(np.array([[4.0, 0.0], [2.0, 5.0]]))
        array([[2., 0.],
               [1., 2.]])
    """
    wide = widen(a)
    result = np.empty_like(wide)
    expected = "positive definite matrices"
    for place, matrix in _each("ops.cholesky", expected, np.linalg.cholesky, wide):
        result[place] = matrix
    return np.asarray(_narrowed(a, result)[0])


def solve_triangular(a: Array, b: Array, *, lower: bool, transpose: bool, unit: bool) -> Array:
    """The solution of a @ x = b, of a triangular `a`, whose other triangle is not read.

    Args:
        a: matrices [..., n, n].
        b: right-hand sides [..., n, k].
        lower: whether `a` is the lower triangle.
        transpose: solve a.T @ x = b instead.
        unit: whether the diagonal counts as ones and is not read.

    Returns:
        An array like `b`; infinite or NaN where a diagonal element is 0.

    Examples:
        >>> a, b = np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([[2.0], [5.0]])
        >>> solve_triangular(a, b, lower=True, transpose=False, unit=False)
        array([[1.],
               [1.]])
    """
    from scipy.linalg import get_blas_funcs  # takes long to import, and few programs need it

    left, right = widen(a), widen(b)
    result = np.empty_like(right)
    if right.size:
        trsm: Any = get_blas_funcs("trsm", (left, right))
        for place in np.ndindex(left.shape[:-2]):
            result[place] = trsm(1.0, left[place], right[place], lower=lower, trans_a=int(transpose), diag=int(unit))
    return np.asarray(_narrowed(b, result)[0])


def solve(a: Array, b: Array) -> Array:
    """The solution of a @ x = b.

    Args:
        a: matrices [..., n, n].
        b: right-hand sides [..., n, k].

    Raises:
        numpy.linalg.LinAlgError: a matrix has no inverse.

    Examples:
        >>> solve(np.array([[0.0, 2.0], [1.0, 0.0]]), np.array([[4.0], [3.0]]))
        array([[3.],
               [2.]])
    """
    left, right = widen(a), widen(b)
    result = np.empty_like(right)
    for place, x in _each("ops.solve", "matrices that have an inverse", np.linalg.solve, left, right):
        result[place] = x
    return np.asarray(_narrowed(b, result)[0])


def lu(a: Array) -> tuple[Array, Array, Array]:
    """Factors of matrices with rows exchanged: a[order] = L @ U (LAPACK's getrf).

    Args:
        a: matrices [..., m, n].

    Returns:
        L below the diagonal and U above, packed as `a`; int32 pivots [..., min(m, n)] from 0: with which row each was
        exchanged; and the int32 order of rows [..., m].

    Examples:
        >>> packed, pivots, order = lu(np.array([[1.0, 2.0], [4.0, 4.0]]))
        >>> packed.tolist(), pivots.tolist(), order.tolist()
        ([[4.0, 4.0], [0.25, 1.0]], [1, 1], [1, 0])
    """
    from scipy.linalg import get_lapack_funcs

    wide = widen(a)
    packed = np.empty_like(wide)
    rows, columns = a.shape[-2:]
    pivots = np.zeros((*a.shape[:-2], min(rows, columns)), np.int32)
    order = np.broadcast_to(np.arange(rows, dtype=np.int32), (*a.shape[:-2], rows)).copy()
    if not a.size:
        return a.copy(), pivots, order
    getrf: Any = get_lapack_funcs("getrf", (wide,))
    for place in np.ndindex(a.shape[:-2]):
        packed[place], pivots[place], _ = getrf(wide[place])
        for i, j in enumerate(pivots[place]):
            order[place][[i, j]] = order[place][[j, i]]
    return _narrowed(a, packed)[0], pivots, order


def det(a: Array) -> Array:
    """Determinants of matrices [..., n, n].

    Examples:
        >>> det(np.array([[2.0, 1.0], [0.0, 3.0]])).round(6)
        np.float64(6.0)
    """
    return np.asarray(np.linalg.det(widen(a))).astype(a.dtype, copy=False)


def slogdet(a: Array) -> tuple[Array, Array]:
    """Signs of determinants, and logarithms of their absolute values; 0 and -inf of matrices without inverse.

    Examples:
        >>> sign, log = slogdet(np.array([[0.0, 1.0], [1.0, 0.0]]))
        >>> float(sign), float(log)
        (-1.0, 0.0)
    """
    sign, log = np.linalg.slogdet(widen(a))
    first, second = _narrowed(a, sign, log)
    return first.reshape(a.shape[:-2]), second.reshape(a.shape[:-2])


def qr(a: Array, *, complete: bool) -> tuple[Array, Array]:
    """Orthogonal Q and upper triangular R with Q @ R = a (LAPACK's geqrf and orgqr).

    Args:
        a: matrices [..., m, n].
        complete: Q as [..., m, m] and R as [..., m, n], rather than min(m, n) columns and rows.

    Examples:
        >>> q, r = qr(np.array([[3.0], [4.0]]), complete=False)
        >>> np.abs(r).round(6)
        array([[5.]])
    """
    q, r = np.linalg.qr(widen(a), "complete" if complete else "reduced")
    first, second = _narrowed(a, q, r)
    return first, second


def geqrf(a: Array) -> tuple[Array, Array]:
    """R and the vectors of reflections whose product is Q, packed, and the reflections' factors (LAPACK's geqrf).

    Args:
        a: matrices [..., m, n].

    Returns:
        An array like `a`, and factors [..., min(m, n)].
    """
    from scipy.linalg import get_lapack_funcs

    wide = widen(a)
    packed = np.empty_like(wide)
    factors = np.zeros((*a.shape[:-2], min(a.shape[-2:])), wide.dtype)
    if a.size:
        routine: Any = get_lapack_funcs("geqrf", (wide,))
        for place in np.ndindex(a.shape[:-2]):
            packed[place], factors[place] = routine(wide[place])[:2]
    first, second = _narrowed(a, packed, factors)
    return first, second


def eigh(a: Array) -> tuple[Array, Array]:
    """Eigenvalues in ascending order and orthonormal eigenvectors of symmetric matrices; the lower triangle is read.

    Args:
        a: matrices [..., n, n].

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.

    Examples:
        >>> values, vectors = eigh(np.array([[2.0, 0.0], [1.0, 2.0]]))
        >>> values.round(6)
        array([1., 3.])
    """
    wide = widen(a)
    values, vectors = np.empty(a.shape[:-1], wide.real.dtype), np.empty_like(wide)
    for place, (w, v) in _each("ops.eigh", "matrices of finite numbers", np.linalg.eigh, wide):
        values[place], vectors[place] = w, v
    first, second = _narrowed(a, values, vectors)
    return first, second


def eig(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of length 1 of matrices, complex.

    Args:
        a: matrices [..., n, n].

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.

    Examples:
        >>> eig(np.array([[0.0, -1.0], [1.0, 0.0]]))[0]
        array([0.+1.j, 0.-1.j])
    """
    wide = widen(a)
    dtype = np.result_type(wide.dtype, np.complex64)
    values, vectors = np.empty(a.shape[:-1], dtype), np.empty(a.shape, dtype)
    for place, (w, v) in _each("ops.eig", "matrices of finite numbers", np.linalg.eig, wide):
        values[place], vectors[place] = w, v
    return values, vectors


def svd(a: Array, *, full: bool) -> tuple[Array, Array, Array]:
    """Singular values in descending order, and U and V with U @ diag(s) @ V.T = a.

    Args:
        a: matrices [..., m, n].
        full: U as [..., m, m] and V as [..., n, n], rather than of min(m, n) columns.

    Raises:
        numpy.linalg.LinAlgError: a matrix has NaN or an infinity.

    Examples:
        >>> s, u, v = svd(np.array([[3.0, 0.0], [0.0, 4.0]]), full=False)
        >>> s
        array([4., 3.])
    """
    wide = widen(a)
    rows, columns = a.shape[-2:]
    least = min(rows, columns)
    lead = a.shape[:-2]
    s = np.empty((*lead, least), wide.real.dtype)
    u = np.empty((*lead, rows, rows if full else least), wide.dtype)
    v = np.empty((*lead, columns, columns if full else least), wide.dtype)

    def routine(matrix: Array) -> Any:
        return np.linalg.svd(matrix, full_matrices=full)

    for place, (left, values, right) in _each("ops.svd", "matrices of finite numbers", routine, wide):
        s[place], u[place], v[place] = values, left, right.swapaxes(-1, -2).conj()
    s, u, v = _narrowed(a, s, u, v)
    return s, u, v


def matrix_exp(a: Array) -> Array:
    """Exponentials of matrices [..., n, n] (Al-Mohy and Higham, "A new scaling and squaring algorithm", 2009).

    Examples:
        >>> matrix_exp(np.array([[0.0, 1.0], [0.0, 0.0]]))
        array([[1., 1.],
               [0., 1.]])
    """
    from scipy.linalg import expm

    wide = widen(a)
    return np.asarray(_narrowed(a, expm(wide) if wide.size else wide)[0])
