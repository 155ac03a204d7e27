"""Complex numbers, Fourier transforms and matrices of them against torch's, with derivatives, eagerly and compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

import lamella as ms
from lamella import Tensor, ops

_random = np.random.default_rng(4)


def _complex(*shape: int) -> np.ndarray[Any, Any]:
    return _random.standard_normal(shape) + 1j * _random.standard_normal(shape)


X, Y, V = _complex(3, 4), _complex(3, 4), _complex(4)
R = _random.standard_normal((3, 4))
A, B, TALL, WIDE = _complex(2, 3, 3), _complex(2, 3, 2), _complex(4, 2), _complex(2, 3)
REAL = _random.standard_normal((4, 4))
POSITIVE = A @ A.conj().swapaxes(1, 2) + np.eye(3)
ZEROS = np.array([0, 1 + 1j, 0, -2])
LINE = _random.standard_normal(40)
PLACES = np.array([2, 0, 2])

Row = tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...]]

# A name, our function, torch's, and the operands, all differentiated.
ROWS: list[Row] = [
    *((name, getattr(ops, name), getattr(torch, name), (X,)) for name in (
        "exp", "log", "sqrt", "rsqrt", "reciprocal", "square", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
        "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "expm1", "log1p", "neg", "abs", "angle", "real", "imag",
        "sgn", "log2", "log10",
    )),
    *((name, getattr(ops, name), getattr(torch, name), (X, Y)) for name in ("add", "sub", "mul", "div", "pow")),
    ("conj", ops.conj, lambda x: x.conj().resolve_conj(), (X,)),
    ("of a real number", lambda x, y: x * y, lambda x, y: x * y, (R, Y)),
    ("division by real numbers", lambda x, y: x / y, lambda x, y: x / y, (X, R)),
    ("stretched", lambda x, y: x * y, lambda x, y: x * y, (X, V)),
    ("with a number", lambda x: x * (2 - 1j) + 0.5, lambda x: x * (2 - 1j) + 0.5, (R,)),
    ("pow of a number", lambda x: x**3, lambda x: x**3, (X,)),
    ("pow of 0", lambda x: x**2, lambda x: x**2, (ZEROS,)),
    ("abs of 0", ops.abs, torch.abs, (ZEROS,)),
    ("sgn of 0", ops.sgn, torch.sgn, (ZEROS[1::2],)),
    ("polar", ops.polar, torch.polar, (np.abs(R), R)),
    ("complex", ops.complex, torch.complex, (R, R + 1)),
    ("view_as_real", ops.view_as_real, torch.view_as_real, (X,)),
    ("sum", lambda x: ops.sum(x, 1), lambda x: x.sum(1), (X,)),
    ("mean", ops.mean, torch.mean, (X,)),
    ("prod", lambda x: ops.prod(x, 1), lambda x: x.prod(1), (X,)),
    ("prod with 0", ops.prod, torch.prod, (ZEROS[1:],)),
    ("var", lambda x: ops.var(x, 1, 1), lambda x: x.var(1), (X,)),
    ("std", lambda x: ops.std(x, 0, 1), lambda x: x.std(0), (X,)),
    ("norm", ops.norm, torch.linalg.norm, (X,)),
    ("norm 3", lambda x: ops.norm(x, 3, 1), lambda x: torch.linalg.norm(x, 3, 1), (X,)),
    ("norm nuc", lambda x: ops.norm(x, "nuc", (0, 1)), lambda x: torch.linalg.norm(x, "nuc"), (X,)),
    ("cumsum", lambda x: ops.cumsum(x, 1), lambda x: x.cumsum(1), (X,)),
    ("cumprod", lambda x: ops.cumprod(x, 0), lambda x: x.cumprod(0), (X,)),
    ("matmul", lambda x, y: ops.matmul(x, y.T), lambda x, y: x @ y.T, (X, Y)),
    ("einsum", lambda x, y, v: ops.einsum("ij,kj,j->ki", x, y, v), lambda x, y, v: torch.einsum("ij,kj,j->ki", x, y, v),
     (X, Y, V)),
    ("real times complex", lambda x, y: ops.matmul(x, y.T), lambda x, y: x.to(y.dtype) @ y.T, (R, Y)),
    ("concat", lambda x, y: ops.concat((x, y), 1), lambda x, y: torch.cat((x, y), 1), (X, Y)),
    ("index", lambda x: x[1:, ::2], lambda x: x[1:, ::2], (X,)),
    ("gather", lambda x: ops.gather(x, Tensor(PLACES), 1), lambda x: x[:, PLACES], (X,)),
    ("where", lambda x, y: ops.where(Tensor(R > 0), x, y), lambda x, y: torch.where(torch.tensor(R > 0), x, y), (X, Y)),
    ("pad", lambda x: ops.pad(x, (1, 2)), lambda x: torch.nn.functional.pad(x, (1, 2)), (X,)),
    ("cast of a real", lambda x: x.astype("complex128") * 1j, lambda x: x.to(torch.complex128) * 1j, (R,)),
    ("H", lambda x: x.H, lambda x: x.mH.resolve_conj(), (X,)),
    # -- Fourier transforms --
    *((f"{name} {norm}", partial(getattr(ops, name), norm=norm), partial(getattr(torch.fft, name), norm=norm),
       (operand,))
      for names, operand in ((("fft", "ifft", "irfft", "hfft", "fft2", "ifft2", "irfft2", "hfft2", "fftn", "ifftn",
                               "irfftn", "hfftn"), X), (("rfft", "ihfft", "rfft2", "ihfft2", "rfftn", "ihfftn"), R))
      for name in names for norm in ("backward", "ortho", "forward")),
    ("fft longer", lambda x: ops.fft(x, 7, 0), lambda x: torch.fft.fft(x, 7, 0), (X,)),
    ("fft shorter", lambda x: ops.fft(x, 2), lambda x: torch.fft.fft(x, 2), (R,)),
    ("irfft odd", lambda x: ops.irfft(x, 5), lambda x: torch.fft.irfft(x, 5), (X,)),
    ("rfft odd", lambda x: ops.rfft(x, 5), lambda x: torch.fft.rfft(x, 5), (R,)),
    ("irfftn sizes", lambda x: ops.irfftn(x, (2, 7)), lambda x: torch.fft.irfftn(x, (2, 7)), (X,)),
    # -- matrices; of factors, what does not depend on the turn of their columns --
    ("inverse", ops.inverse, torch.linalg.inv, (A,)),
    ("solve", ops.matrix_solve, torch.linalg.solve, (A, B)),
    ("solve adjoint", lambda a, b: ops.matrix_solve(a, b, True), lambda a, b: torch.linalg.solve(a.mH, b), (A, B)),
    ("det", ops.det, torch.linalg.det, (A,)),
    ("slogdet", lambda a: ops.slogdet(a)[1], lambda a: torch.linalg.slogdet(a)[1], (A,)),
    ("sign of slogdet", lambda a: ops.slogdet(a)[0], lambda a: torch.linalg.slogdet(a)[0], (A,)),
    ("logdet", ops.logdet, torch.logdet, (A,)),
    ("cholesky", lambda a: ops.cholesky((a + a.mH) / 2), lambda a: torch.linalg.cholesky((a + a.mH) / 2), (POSITIVE,)),
    ("cholesky upper", lambda a: ops.cholesky((a + a.mH) / 2, True),
     lambda a: torch.linalg.cholesky((a + a.mH) / 2, upper=True), (POSITIVE,)),
    ("cholesky_solve", lambda b, a: ops.cholesky_solve(b, ops.tril(a)), lambda b, a: torch.cholesky_solve(b, a.tril()),
     (B, A)),
    ("cholesky_solve upper", lambda b, a: ops.cholesky_solve(b, ops.triu(a), True),
     lambda b, a: torch.cholesky_solve(b, a.triu(), True), (B, A)),
    ("qr", ops.qr, lambda a: tuple(torch.linalg.qr(a)), (TALL,)),
    ("r of qr", lambda a: ops.qr(a)[1], lambda a: torch.linalg.qr(a)[1], (A,)),
    ("qr wide", lambda a: ops.qr(a)[1], lambda a: torch.linalg.qr(a)[1], (WIDE,)),
    ("svd", lambda a: ops.svd(a, compute_uv=False), torch.linalg.svdvals, (TALL,)),
    *((f"factors of svd {name}", lambda a: _turned(*_ours_svd(a)), lambda a: _turned(*_their_svd(a)), (operand,))
      for name, operand in (("tall", TALL), ("wide", WIDE), ("square", A))),
    ("eig", lambda a: ops.eigvals(a).sum(-1) + (ops.eigvals(a) ** 3).sum(-1),
     lambda a: torch.linalg.eigvals(a).sum(-1) + (torch.linalg.eigvals(a) ** 3).sum(-1), (A,)),
    ("vectors of eig", lambda a: _sizes(*ops.eig(a)), lambda a: _sizes(*torch.linalg.eig(a)), (A,)),
    ("vectors of eig of reals", lambda a: _sizes(*ops.eig(a)), lambda a: _sizes(*torch.linalg.eig(a)), (REAL,)),
    ("matrix_exp", ops.matrix_exp, torch.linalg.matrix_exp, (A,)),
    ("matrix_power", lambda a: ops.matrix_power(a, -3), lambda a: torch.linalg.matrix_power(a, -3), (A,)),
    ("pinv", ops.pinv, torch.linalg.pinv, (TALL,)),
    ("pinv Hermitian", lambda a: ops.pinv((a + a.mH) / 2, hermitian=True),
     lambda a: torch.linalg.pinv((a + a.mH) / 2, hermitian=True), (A,)),
    ("lstsq", ops.lstsq, lambda a, b: torch.linalg.lstsq(a, b).solution, (TALL, _complex(4, 3))),
]  # fmt: skip


def _ours_svd(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    s, u, v = ops.svd(a)
    return s, u, v


def _their_svd(a: Any) -> tuple[Any, Any, Any]:
    u, s, vh = torch.linalg.svd(a, full_matrices=False)
    return s, u, vh.mH


def _turned(s: Any, u: Any, v: Any) -> Any:
    """The first columns' product, and the sizes of the others: the same however columns of U and V turn together."""
    return u[..., :, :1] @ v[..., :, :1].mH + abs(u[..., :1, 1:]).sum() * s.sum() + abs(v[..., 1:2, :1]).sum()


def _sizes(values: Any, vectors: Any) -> Any:
    """Sums over eigenvalues, in whatever order they come, of what the turn of vectors does not change."""
    inside = (abs(vectors) ** 4).sum(-2)
    return (values * inside).sum(-1)


def _weighted(value: Any, torches: bool) -> Any:
    """A real number that depends on every part of the first result."""
    first = value[0] if isinstance(value, tuple) else value
    shape = tuple(first.shape)
    count = int(np.prod(shape))
    weights = np.cos(np.arange(count)).reshape(shape)
    more = weights + 1j * np.sin(2.0 * np.arange(count) + 1).reshape(shape)
    if torches:
        product = first * torch.tensor(more if first.is_complex() else weights)
        return product.real.sum() if first.is_complex() else product.sum()
    if first.dtype.is_complex:
        return ops.real(first * Tensor(more)).sum()
    return (first * Tensor(weights)).sum()


def _arrays(value: Any) -> list[Any]:
    parts = value if isinstance(value, tuple) else (value,)
    return [part.asnumpy() if isinstance(part, Tensor) else part.detach().resolve_conj().numpy() for part in parts]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize(("name", "ours", "theirs", "operands"), ROWS, ids=[row[0] for row in ROWS])
def test_function(
    name: str, ours: Callable[..., Any], theirs: Callable[..., Any], operands: tuple[Any, ...], compiled: bool
) -> None:
    run = ms.jit(ours) if compiled else ours
    tensors = [torch.tensor(x, requires_grad=True) for x in operands]
    expected = theirs(*tensors)
    for mine, other in zip(_arrays(run(*map(Tensor, operands))), _arrays(expected), strict=True):
        assert mine.dtype == other.dtype
        np.testing.assert_allclose(mine, other, 1e-9, 1e-9)

    def slope(*xs: Any) -> Any:
        return ms.grad(lambda *ys: _weighted(ours(*ys), False), tuple(range(len(operands))))(*xs)

    total = _weighted(expected, True)
    wanted = torch.autograd.grad(total, tensors, create_graph=True, allow_unused=True)
    found = (ms.jit(slope) if compiled else slope)(*map(Tensor, operands))
    for mine, other, operand in zip(found, wanted, operands, strict=True):
        theirs_slope = np.zeros_like(operand) if other is None else other.detach().resolve_conj().numpy()
        assert mine.dtype.numpy == operand.dtype
        np.testing.assert_allclose(mine.asnumpy(), theirs_slope, 1e-8, 1e-8)


ROUGH = {"pow of 0", "abs of 0", "angle", "sgn of 0"}  # torch's own second derivative is NaN there, or refused


@pytest.mark.parametrize(("name", "ours", "theirs", "operands"), ROWS, ids=[row[0] for row in ROWS])
def test_second_derivative(
    name: str, ours: Callable[..., Any], theirs: Callable[..., Any], operands: tuple[Any, ...]
) -> None:
    if name in ROUGH:
        return
    tensors = [torch.tensor(x, requires_grad=True) for x in operands]

    def slopes(*xs: Any) -> Any:
        return ms.grad(lambda *ys: _weighted(ours(*ys), False), tuple(range(len(operands))))(*xs)

    def squared(*xs: Any) -> Any:
        return sum((abs(g) ** 2).sum() for g in slopes(*xs))

    first = torch.autograd.grad(_weighted(theirs(*tensors), True), tensors, create_graph=True, allow_unused=True)
    length = sum((g.abs() ** 2).sum() for g in first if g is not None)
    found = ms.grad(squared, tuple(range(len(operands))))(*map(Tensor, operands))
    if not isinstance(length, torch.Tensor) or not length.requires_grad:  # the slope is constant
        wanted: Any = [None] * len(operands)
    else:
        wanted = torch.autograd.grad(length, tensors, allow_unused=True)
    for mine, other, operand in zip(found, wanted, operands, strict=True):
        theirs_slope = np.zeros_like(operand) if other is None else other.resolve_conj().numpy()
        np.testing.assert_allclose(mine.asnumpy(), theirs_slope, 1e-6, 1e-6)
