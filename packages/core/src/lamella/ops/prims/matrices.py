"""Primitives of linear algebra: factors of matrices in the last two axes, and what is solved by them.

Derivatives: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation",
2008; Murray, "Differentiation of the Cholesky decomposition", 2016; Roberts and Roberts, "QR and LQ decomposition
matrix backpropagation algorithms for square, wide, and deep matrices", 2020; Townsend, "Differentiating the singular
value decomposition", 2016.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dims import DimSize
from lamella.dtypes import int32
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, INEXACT, check_kind, fail, same_dtype
from lamella.ops.kernels import matrices as kernels
from lamella.ops.prims.complexes import complex, conjugate, imag, real_part
from lamella.ops.prims.elementwise import add, convert, div, eq, ge, gt, lt, mul, neg, select, sub
from lamella.ops.prims.given import iota
from lamella.ops.prims.linear import dot_general
from lamella.ops.prims.pieces import concat, narrow
from lamella.ops.prims.shape import batch_stacked, broadcast_to, reshape, transpose
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- small algebra for the rules --


def swapped(x: Tensor) -> Tensor:
    """Matrices transposed."""
    result: Tensor = transpose(x, permutation=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
    return result


def adjoint(x: Tensor) -> Tensor:
    """Matrices transposed and conjugated."""
    return conjugate(swapped(x))


def product(x: Tensor, y: Tensor) -> Tensor:
    """Products of matrices of equal first axes."""
    lead = tuple(range(x.ndim - 2))
    result: Tensor = dot_general(x, y, contract=((x.ndim - 1,), (y.ndim - 2,)), batch=(lead, lead))
    return result


def _grid(rows: DimSize, columns: DimSize) -> tuple[Tensor, Tensor]:
    return (
        reshape(iota(size=rows, dtype="int64"), shape=(rows, 1)),
        reshape(iota(size=columns, dtype="int64"), shape=(1, columns)),
    )


def triangle(x: Tensor, *, lower: bool, strict: bool = False) -> Tensor:
    """A triangle of matrices, with zeros elsewhere."""
    row, column = _grid(*x.shape[-2:])
    compare = (gt if strict else ge) if lower else (lt if strict else _le)
    result: Tensor = select(compare(row, column), x, scalar(0, x.dtype))
    return result


def _le(x: Tensor, y: Tensor) -> Tensor:
    result: Tensor = ge(y, x)
    return result


def _on_diagonal(x: Tensor) -> Tensor:
    """Matrices with the numbers along the last axis on their diagonals."""
    n = x.shape[-1]
    row, column = _grid(n, n)
    result: Tensor = select(eq(row, column), reshape(x, shape=(*x.shape, 1)), scalar(0, x.dtype))
    return result


def identity_like(x: Tensor) -> Tensor:
    """Unit matrices of the shape of square ones."""
    n = x.shape[-1]
    row, column = _grid(n, n)
    one = select(eq(row, column), scalar(1, x.dtype), scalar(0, x.dtype))
    result: Tensor = broadcast_to(one, shape=x.shape)
    return result


def _times_columns(x: Tensor, numbers: Tensor) -> Tensor:
    """Each column of matrices times a number."""
    numbers = convert(numbers, x.dtype)
    result: Tensor = mul(x, reshape(numbers, shape=(*numbers.shape[:-1], 1, numbers.shape[-1])))
    return result


def _or_zero(g: Tensor | None, like: TensorType) -> Tensor:
    if g is not None:
        return g
    zeros: Tensor = broadcast_to(scalar(0, like.dtype), shape=like.shape)
    return zeros


# -- definitions --


def _matrix(name: str, x: TensorType, *, square: bool = False) -> None:
    check_kind(name, x.dtype, INEXACT)
    if x.ndim < 2:
        raise fail(name, f"a tensor of shape {x.shape}", "matrices, [..., m, n]")
    if square and x.shape[-1] != x.shape[-2]:
        raise fail(name, f"a tensor of shape {x.shape}", "square matrices, [..., n, n]")


def _square(name: str) -> Callable[[TensorType], TensorType]:
    def infer(x: TensorType) -> TensorType:
        _matrix(name, x, square=True)
        return x

    return infer


def _stacked(op: OpDef, size: DimSize, *operands: Tensor, **attrs: Any) -> Any:
    return op(*operands, **attrs)


def _define(
    name: str, infer: Callable[..., Any], kernel: Callable[..., Any], vjp: Vjp | None, *, multiple: bool = False
) -> OpDef:
    return register(OpDef(name, infer, kernel, vjp, batch_stacked(_stacked), multiple=multiple, expensive=True))


# -- solving --


def _infer_right(name: str) -> Callable[..., TensorType]:
    def infer(a: TensorType, b: TensorType, **_: Any) -> TensorType:
        same_dtype(name, (a, b))
        _matrix(name, a, square=True)
        _matrix(name, b)
        if a.shape[:-1] != b.shape[:-1]:
            raise fail(name, f"shapes {a.shape} and {b.shape}", "[..., n, n] and [..., n, k]")
        return b

    return infer


def _triangular_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    lower, turned, unit = c.attrs["lower"], c.attrs["transpose"], c.attrs["unit"]
    right = solve_triangular(c.x, g, lower=lower, transpose=not turned, unit=unit)
    if not c.needs[0]:
        return [None, right]
    outer = product(c.out, swapped(right)) if turned else product(right, swapped(c.out))
    return [neg(triangle(outer, lower=lower, strict=unit)), right]


solve_triangular: OpDef = _define(
    "solve_triangular",
    _infer_right("solve_triangular"),
    kernels.solve_triangular,
    Vjp(_triangular_vjp, saves=(0,), saves_outputs=(0,), conjugates=True),
)


def _solve_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    right = solve(swapped(c.x), g)
    return [neg(product(right, swapped(c.out))) if c.needs[0] else None, right]


solve: OpDef = _define(
    "solve",
    _infer_right("solve"),
    kernels.solve,
    Vjp(_solve_vjp, saves=(0,), saves_outputs=(0,), conjugates=True),
)

# -- triangular factors --


def _cholesky_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """L^-H P L^-1 with P the lower triangle of L^H G, its diagonal halved; made Hermitian."""
    factor = c.out
    inner = triangle(product(adjoint(factor), g), lower=True)
    row, column = _grid(*inner.shape[-2:])
    inner = select(eq(row, column), inner * 0.5, inner)
    settings = {"lower": True, "transpose": True, "unit": False}
    left = solve_triangular(conjugate(factor), inner, **settings)
    both = swapped(solve_triangular(factor, swapped(left), **settings))
    return [(both + adjoint(both)) * 0.5]


cholesky: OpDef = _define("cholesky", _square("cholesky"), kernels.cholesky, Vjp(_cholesky_vjp, saves_outputs=(0,)))


def _infer_lu(a: TensorType) -> tuple[TensorType, TensorType, TensorType]:
    _matrix("lu", a)
    rows, columns = a.shape[-2:]
    least = rows if rows == columns or rows <= columns else columns
    return a, TensorType(int32, (*a.shape[:-2], least)), TensorType(int32, (*a.shape[:-2], rows))


def _lu_vjp(c: Residuals, g: Tensor | None, *_: Tensor | None) -> list[Tensor | None]:
    if g is None:
        return [None]
    packed = c.output(0)
    if packed.shape[-1] != packed.shape[-2]:
        raise fail(
            "lu", f"a derivative of matrices of shape {packed.shape}", "square matrices", kind=NotImplementedError
        )
    upper = triangle(packed, lower=False)
    lower = add(triangle(packed, lower=True, strict=True), identity_like(packed))
    inner = add(
        triangle(product(swapped(lower), triangle(g, lower=True, strict=True)), lower=True, strict=True),
        triangle(product(triangle(g, lower=False), swapped(upper)), lower=False),
    )
    left = solve_triangular(packed, inner, lower=True, transpose=True, unit=True)
    both = swapped(solve_triangular(packed, swapped(left), lower=False, transpose=False, unit=False))
    # Rows go back to where they were: row i of what was factored is row order[i].
    order = c.output(2)
    return [product(_exchange(order, packed), both)]


def _exchange(order: Tensor, like: Tensor) -> Tensor:
    """Matrices P with P @ x[order] = x, in the type of others."""
    n = order.shape[-1]
    row = reshape(iota(size=n, dtype="int32"), shape=(n, 1))
    same = eq(row, reshape(order, shape=(*order.shape[:-1], 1, n)))
    result: Tensor = select(same, scalar(1, like.dtype), scalar(0, like.dtype))
    return result


lu: OpDef = _define("lu", _infer_lu, kernels.lu, Vjp(_lu_vjp, saves_outputs=(0, 2), conjugates=True), multiple=True)

# -- determinants --


def _infer_det(a: TensorType) -> TensorType:
    _matrix("det", a, square=True)
    return TensorType(a.dtype, a.shape[:-2])


def _det_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    factor = mul(g, c.out)
    inverse = solve(swapped(c.x), identity_like(c.x))
    return [mul(reshape(factor, shape=(*factor.shape, 1, 1)), inverse)]


det: OpDef = _define("det", _infer_det, kernels.det, Vjp(_det_vjp, saves=(0,), saves_outputs=(0,), conjugates=True))


def _infer_slogdet(a: TensorType) -> tuple[TensorType, TensorType]:
    _matrix("slogdet", a, square=True)
    return TensorType(a.dtype, a.shape[:-2]), TensorType(a.dtype.real, a.shape[:-2])


def _slogdet_vjp(c: Residuals, gs: Tensor | None, g: Tensor | None) -> list[Tensor | None]:
    """A^-H times g, and times 1j and the cotangent of the determinant's angle, which the sign of complex ones has."""
    dtype = c.types[0].dtype
    if gs is not None and dtype.is_complex:
        turn = imag(mul(gs, conjugate(c.output(0))))
        g = complex(_or_zero(g, c.out_types[1]), turn)
    if g is None:
        return [None]
    inverse = solve(adjoint(c.x), identity_like(c.x))
    return [mul(reshape(convert(g, dtype), shape=(*g.shape, 1, 1)), inverse)]


slogdet: OpDef = _define(
    "slogdet", _infer_slogdet, kernels.slogdet, Vjp(_slogdet_vjp, saves=(0,), saves_outputs=(0,)), multiple=True
)

# -- orthogonal factors --


def _least(rows: DimSize, columns: DimSize) -> DimSize:
    return rows if rows == columns or rows <= columns else columns


def _infer_qr(a: TensorType, *, complete: bool) -> tuple[TensorType, TensorType]:
    _matrix("qr", a)
    rows, columns = a.shape[-2:]
    least = rows if complete else _least(rows, columns)
    return (
        TensorType(a.dtype, (*a.shape[:-2], rows, least)),
        TensorType(a.dtype, (*a.shape[:-2], least, columns)),
    )


def _qr_vjp(c: Residuals, gq: Tensor | None, gr: Tensor | None) -> list[Tensor | None]:
    q, r = c.output(0), c.output(1)
    gq, gr = _or_zero(gq, c.out_types[0]), _or_zero(gr, c.out_types[1])
    rows, columns = c.types[0].shape[-2:]
    if c.attrs["complete"] and not rows <= columns:
        raise fail(
            "qr",
            f"a derivative of complete factors of matrices of shape {c.types[0].shape}",
            "reduced factors, because the other columns of Q may be any",
            kind=NotImplementedError,
        )
    axis = r.ndim - 1
    if rows == columns or not rows <= columns:
        return [_qr_square(q, r, gq, gr)]
    # Wide matrices: the first columns are factored, the others are Q @ V.
    u, v = narrow(r, axis, 0, rows), narrow(r, axis, rows, columns)
    gu, gv = narrow(gr, axis, 0, rows), narrow(gr, axis, rows, columns)
    # The last columns are Q @ V, so Q's cotangent gets theirs times V.
    gq = add(gq, product(product(q, v), adjoint(gv)))
    return [concat(_qr_square(q, u, gq, gu), product(q, gv), axis=axis)]


def _qr_square(q: Tensor, r: Tensor, gq: Tensor, gr: Tensor) -> Tensor:
    """The cotangent where R is square."""
    gr = triangle(gr, lower=False)
    inner = sub(product(r, adjoint(gr)), product(adjoint(gq), q))
    low = triangle(inner, lower=True, strict=True)
    row, column = _grid(*inner.shape[-2:])
    diagonal = select(eq(row, column), convert(real_part(inner), inner.dtype), scalar(0, inner.dtype))
    symmetric = add(add(low, adjoint(low)), diagonal)
    right = add(gq, product(q, symmetric))
    return adjoint(solve_triangular(r, adjoint(right), lower=False, transpose=False, unit=False))


qr: OpDef = _define("qr", _infer_qr, kernels.qr, Vjp(_qr_vjp, saves_outputs=(0, 1)), multiple=True)


def _infer_geqrf(a: TensorType) -> tuple[TensorType, TensorType]:
    check_kind("geqrf", a.dtype, FLOAT)
    _matrix("geqrf", a)
    return a, TensorType(a.dtype, (*a.shape[:-2], _least(*a.shape[-2:])))


geqrf: OpDef = _define("geqrf", _infer_geqrf, kernels.geqrf, None, multiple=True)

# -- eigenvalues and singular values --


def _infer_eigh(a: TensorType) -> tuple[TensorType, TensorType]:
    _matrix("eigh", a, square=True)
    return TensorType(a.dtype.real, a.shape[:-1]), a


def _gaps(values: Tensor) -> Tensor:
    """1 / (values[j] - values[i]) for each i and j, 0 where they are equal.

    Vectors of equal values may turn among themselves; what does not depend on that has no cotangent there.
    """
    n = values.shape[-1]
    difference = sub(
        reshape(values, shape=(*values.shape[:-1], 1, n)), reshape(values, shape=(*values.shape[:-1], n, 1))
    )
    zero = scalar(0, values.dtype)
    same = eq(difference, zero)
    result: Tensor = select(same, zero, div(scalar(1, values.dtype), select(same, scalar(1, values.dtype), difference)))
    return result


def _eigh_vjp(c: Residuals, gw: Tensor | None, gv: Tensor | None) -> list[Tensor | None]:
    w, v = c.output(0), c.output(1)
    inner = None if gw is None else _on_diagonal(convert(gw, v.dtype))
    if gv is not None:
        turned = mul(convert(_gaps(w), v.dtype), product(adjoint(v), gv))
        inner = turned if inner is None else add(inner, turned)
    if inner is None:
        return [None]
    result = product(product(v, inner), adjoint(v))
    return [(result + adjoint(result)) * 0.5]


# The whole of the matrix counts: its Hermitian part is what is decomposed, as far as derivatives are concerned.
eigh: OpDef = _define("eigh", _infer_eigh, kernels.eigh, Vjp(_eigh_vjp, saves_outputs=(0, 1)), multiple=True)


def _infer_svd(a: TensorType, *, full: bool) -> tuple[TensorType, TensorType, TensorType]:
    _matrix("svd", a)
    lead = a.shape[:-2]
    rows, columns = a.shape[-2:]
    least = _least(rows, columns)
    return (
        TensorType(a.dtype.real, (*lead, least)),
        TensorType(a.dtype, (*lead, rows, rows if full else least)),
        TensorType(a.dtype, (*lead, columns, columns if full else least)),
    )


def _svd_vjp(c: Residuals, gs: Tensor | None, gu: Tensor | None, gv: Tensor | None) -> list[Tensor | None]:
    s, u, v = c.output(0), c.output(1), c.output(2)
    rows, columns = c.types[0].shape[-2:]
    least = s.shape[-1]
    if gu is None and gv is None:
        if gs is None:
            return [None]
        u, v = narrow(u, u.ndim - 1, 0, least), narrow(v, v.ndim - 1, 0, least)
        return [product(_times_columns(u, gs), adjoint(v))]
    if c.attrs["full"] and rows != columns:
        raise fail(
            "svd",
            f"a derivative of full factors of matrices of shape {c.types[0].shape}",
            "full_matrices=False, because the other columns may be any",
            kind=NotImplementedError,
        )
    gaps = convert(_gaps(mul(s, s)), u.dtype)
    zero, one = scalar(0, s.dtype), scalar(1, s.dtype)
    nothing = eq(s, zero)
    inverse = select(nothing, zero, div(one, select(nothing, one, s)))
    inner = _on_diagonal(convert(_or_zero(gs, c.out_types[0]), u.dtype))
    total = None
    if gu is not None:
        turned = product(adjoint(u), gu)
        skew = sub(turned, adjoint(turned))
        inner = add(inner, _times_columns(mul(gaps, skew), s))
        if skew.dtype.is_complex:  # columns of U and V may turn together; what V's cotangent tells of that, U's does
            inner = add(inner, mul(_times_columns(skew, inverse), identity_like(skew)) * 0.5)
        if not rows <= columns:
            outside = sub(gu, product(u, turned))
            total = product(_times_columns(outside, inverse), adjoint(v))
    if gv is not None:
        turned = product(adjoint(v), gv)
        part = mul(gaps, sub(turned, adjoint(turned)))
        inner = add(inner, mul(reshape(convert(s, u.dtype), shape=(*s.shape, 1)), part))
        if not columns <= rows:
            outside = sub(gv, product(v, turned))
            rest = product(_times_columns(u, inverse), adjoint(outside))
            total = rest if total is None else add(total, rest)
    result = product(product(u, inner), adjoint(v))
    return [result if total is None else add(result, total)]


svd: OpDef = _define("svd", _infer_svd, kernels.svd, Vjp(_svd_vjp, saves_outputs=(0, 1, 2)), multiple=True)

# -- eigenvalues of any matrix --


def _infer_eig(a: TensorType) -> tuple[TensorType, TensorType]:
    _matrix("eig", a, square=True)
    dtype = a.dtype.complex
    return TensorType(dtype, a.shape[:-1]), TensorType(dtype, a.shape)


def _eig_vjp(c: Residuals, gw: Tensor | None, gv: Tensor | None) -> list[Tensor | None]:
    """V^-H X V^H with gw on the diagonal of X, and the cotangent of vectors of length 1 over the gaps elsewhere."""
    w, v = c.output(0), c.output(1)
    back = adjoint(v)
    inner = None if gw is None else _on_diagonal(gw)
    if gv is not None:
        turned = product(back, gv)
        ones = identity_like(turned)
        stretch = convert(real_part(mul(turned, ones)), v.dtype)
        turned = mul(conjugate(_gaps(w)), sub(turned, product(product(back, v), stretch)))
        inner = turned if inner is None else add(inner, turned)
    if inner is None:
        return [None]
    result = product(solve(back, inner), back)
    return [convert(result, c.types[0].dtype)]


eig: OpDef = _define("eig", _infer_eig, kernels.eig, Vjp(_eig_vjp, saves_outputs=(0, 1)), multiple=True)

# -- the exponential --


def _matrix_exp_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """The upper right block of the exponential of [[A^T, G], [0, A^T]] (Najfeld and Havel, 1995)."""
    a = swapped(c.x)
    n, axis = a.shape[-1], a.ndim - 1
    zeros = broadcast_to(scalar(0, a.dtype), shape=a.shape)
    whole = concat(concat(a, g, axis=axis), concat(zeros, a, axis=axis), axis=axis - 1)
    result = matrix_exp(whole)
    return [narrow(narrow(result, axis - 1, 0, n), axis, n, n + n)]


matrix_exp: OpDef = _define(
    "matrix_exp",
    _square("matrix_exp"),
    kernels.matrix_exp,
    Vjp(_matrix_exp_vjp, saves=(0,), conjugates=True),
)
