"""Functions and their derivatives against torch's, at ordinary numbers and at edges, eagerly and compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name

import lamella as ms
from lamella import Tensor, ops

_random = np.random.default_rng(3)
NAN, INF = np.nan, np.inf
X = _random.standard_normal((3, 5)).astype(np.float32)
Y = _random.standard_normal((3, 5)).astype(np.float32)
P = _random.uniform(0.05, 0.95, (3, 5)).astype(np.float32)
SIGNS = np.array([1, -1, 1], np.int64)
MANY = np.where(P > 0.5, 1, -1).astype(np.float32)
LABELS = np.array([4, 0, 2])
SETS = np.array([[3, 0, -1, 1, 2], [-1, 0, 1, 2, 3], [0, 1, 2, 3, 4]])
TIES = np.array([[1, 3, 3, 2, 3], [0, 0, -1, 0, -1]], np.float32)
HOLES = np.array([[1, NAN, 3, 0, 2], [NAN, NAN, NAN, NAN, NAN], [5, 4, 3, 2, 1]], np.float32)
EDGES = np.array([NAN, INF, -INF, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 90.0, -90.0], np.float32)

# A name, our function, torch's, and the operands; those of floats are differentiated.
ROWS: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = [
    ("median", lambda x: ops.median(x, 1), lambda x: tuple(x.median(1)), (X,)),
    ("median of ties", lambda x: ops.median(x, 1)[0], lambda x: x.median(1)[0], (TIES,)),
    ("median with NaN", lambda x: ops.median(x, 1)[0], lambda x: x.median(1)[0], (HOLES,)),
    ("nanmedian", lambda x: ops.nanmedian(x, 1)[0], lambda x: x.nanmedian(1)[0], (HOLES,)),
    ("median keepdims", lambda x: ops.median(x, 0, True)[0], lambda x: x.median(0, True)[0], (X,)),
    ("quantile", lambda x: ops.quantile(x, 0.3, 1), lambda x: x.quantile(0.3, 1), (X,)),
    ("quantile with NaN", lambda x: ops.quantile(x, 0.3, 1), lambda x: x.quantile(0.3, 1), (HOLES,)),
    ("nanquantile", lambda x: ops.nanquantile(x, 0.6, 1), lambda x: x.nanquantile(0.6, 1), (HOLES,)),
    ("quantile of all", lambda x: ops.quantile(x, 1.0), lambda x: x.quantile(1.0), (X,)),
    ("nansum", lambda x: ops.nansum(x, 1), lambda x: x.nansum(1), (HOLES,)),
    ("nanmean", lambda x: ops.nanmean(x, 1), lambda x: x.nanmean(1), (HOLES,)),
    ("cummax", lambda x: ops.cummax(x, 1), lambda x: tuple(x.cummax(1)), (TIES,)),
    ("cummax with NaN", lambda x: ops.cummax(x, 1), lambda x: tuple(x.cummax(1)), (HOLES,)),
    ("cummin", lambda x: ops.cummin(x, 0)[0], lambda x: x.cummin(0)[0], (TIES,)),
    ("logcumsumexp", lambda x: ops.logcumsumexp(x, 1), lambda x: x.logcumsumexp(1), (X * 30,)),
    ("logcumsumexp from -inf", lambda x: ops.logcumsumexp(x, 0), lambda x: x.logcumsumexp(0),
     (np.array([-INF, -INF, 0.5, -INF, 2], np.float32),)),
    ("histc", lambda x: ops.histc(x, 7), lambda x: x.histc(7), (X,)),
    ("histc in bounds", lambda x: ops.histc(x, 4, -1.0, 0.5), lambda x: x.histc(4, -1, 0.5), (X,)),
    ("histc of one number", lambda x: ops.histc(x, 4), lambda x: x.histc(4), (X[:1, :1],)),
    ("cov", lambda x: ops.cov(x, correction=0), lambda x: x.cov(correction=0), (X,)),
    ("cov weighted",
     lambda x, w: ops.cov(x, fweights=Tensor([1, 2, 0, 3, 1]), aweights=w),
     lambda x, w: x.cov(fweights=torch.tensor([1, 2, 0, 3, 1]), aweights=w), (X, P[0])),
    ("trapz", lambda y, x: ops.trapz(y, x, dim=0), lambda y, x: torch.trapz(y, x, dim=0), (X, Y)),
    ("celu", lambda x: ops.celu(x, 0.7), lambda x: F.celu(x, 0.7), (EDGES,)),
    ("selu", ops.selu, F.selu, (EDGES,)),
    ("softshrink", ops.softshrink, F.softshrink, (EDGES,)),
    ("hardshrink", ops.hardshrink, F.hardshrink, (EDGES,)),
    ("hardtanh", lambda x: ops.hardtanh(x, -0.7, 0.3), lambda x: F.hardtanh(x, -0.7, 0.3), (EDGES,)),
    ("threshold", lambda x: ops.threshold(x, 0.1, 4.0), lambda x: F.threshold(x, 0.1, 4.0), (EDGES,)),
    ("tanhshrink", ops.tanhshrink, F.tanhshrink, (X,)),
    ("softsign", ops.softsign, F.softsign, (EDGES[3:],)),
    ("softmin", lambda x: ops.softmin(x, 0), lambda x: F.softmin(x, 0), (X,)),
    ("glu", lambda x: ops.glu(x, 1), lambda x: F.glu(x, 1), (X[:, :4],)),
    ("prelu", ops.prelu, F.prelu, (X, Y[0])),
    ("prelu of one", ops.prelu, F.prelu, (EDGES[3:], Y[0, :1])),
    ("cosine_similarity", ops.cosine_similarity, F.cosine_similarity, (X, Y)),
    ("cosine_similarity of 0", ops.cosine_similarity, F.cosine_similarity, (X * 0, Y)),
    ("cosine_embedding_loss",
     lambda x, y: ops.cosine_embedding_loss(x, y, Tensor(SIGNS), 0.2),
     lambda x, y: F.cosine_embedding_loss(x, y, torch.tensor(SIGNS), 0.2), (X, Y)),
    ("margin_ranking_loss",
     lambda x, y: ops.margin_ranking_loss(x, y, Tensor(MANY), 0.3),
     lambda x, y: F.margin_ranking_loss(x, y, torch.tensor(MANY), 0.3), (X, Y)),
    ("hinge_embedding_loss",
     lambda x: ops.hinge_embedding_loss(x, Tensor(MANY), 0.4),
     lambda x: F.hinge_embedding_loss(x, torch.tensor(MANY), 0.4), (X,)),
    ("huber_loss", lambda x, y: ops.huber_loss(x, y, "sum", 0.6), lambda x, y: F.huber_loss(x, y, "sum", 0.6), (X, Y)),
    ("kl_div", lambda x, y: ops.kl_div(x, y, "batchmean"), lambda x, y: F.kl_div(x, y, reduction="batchmean"), (X, P)),
    ("kl_div of 0", lambda x: ops.kl_div(x, Tensor(P * 0), "none"),
     lambda x: F.kl_div(x, torch.tensor(P * 0), reduction="none"), (X,)),
    ("gaussian_nll_loss", lambda x, y, v: ops.gaussian_nll_loss(x, y, v, True),
     lambda x, y, v: F.gaussian_nll_loss(x, y, v, True), (X, Y, P)),
    ("gaussian_nll_loss with little variance", lambda x, y, v: ops.gaussian_nll_loss(x, y, v, eps=0.5),
     lambda x, y, v: F.gaussian_nll_loss(x, y, v, eps=0.5), (X, Y, P)),
    ("gaussian_nll_loss by row", lambda x, y, v: ops.gaussian_nll_loss(x, y, v),
     lambda x, y, v: F.gaussian_nll_loss(x, y, v), (X, Y, P[:, 0])),
    ("multi_margin_loss", lambda x: ops.multi_margin_loss(x, Tensor(LABELS), 2, 0.5, Tensor(P[0]), "none"),
     lambda x: F.multi_margin_loss(x, torch.tensor(LABELS), 2, 0.5, torch.tensor(P[0]), reduction="none"), (X,)),
    ("multi_margin_loss of one", lambda x: ops.multi_margin_loss(x, Tensor(2)),
     lambda x: F.multi_margin_loss(x, torch.tensor(2)), (X[0],)),
    ("multilabel_margin_loss", lambda x: ops.multilabel_margin_loss(x, Tensor(SETS), "none"),
     lambda x: F.multilabel_margin_loss(x, torch.tensor(SETS), reduction="none"), (X,)),
    ("multilabel_soft_margin_loss", lambda x: ops.multilabel_soft_margin_loss(x, Tensor(P), Tensor(P[0])),
     lambda x: F.multilabel_soft_margin_loss(x, torch.tensor(P), torch.tensor(P[0])), (X,)),
    ("soft_margin_loss", lambda x: ops.soft_margin_loss(x, Tensor(MANY)),
     lambda x: F.soft_margin_loss(x, torch.tensor(MANY)), (X * 20,)),
    ("triplet_margin_loss", lambda a, p, n: ops.triplet_margin_loss(a, p, n, 0.8, 3, swap=True),
     lambda a, p, n: F.triplet_margin_loss(a, p, n, 0.8, 3, swap=True), (X, Y, P)),
    ("triplet_margin_loss of equal ones", lambda a, p, n: ops.triplet_margin_loss(a, p, n),
     lambda a, p, n: F.triplet_margin_loss(a, p, n), (X, X, P)),
    ("xlogy", ops.xlogy, torch.xlogy, (np.array([0, 0, 1, 2], np.float32), np.array([2, 0.5, 3, 4], np.float32))),
    ("logaddexp", ops.logaddexp, torch.logaddexp, (X * 40, Y * 40)),
    ("logaddexp2", ops.logaddexp2, torch.logaddexp2, (X, Y)),
    ("hypot", ops.hypot, torch.hypot, (X, Y)),
    ("copysign", ops.copysign, torch.copysign, (np.array([0, -1, 2], np.float32), np.array([-1, 1, -0.0], np.float32))),
    ("fmod", ops.fmod, torch.fmod, (X * 5, P)),
    ("fmax", ops.fmax, torch.fmax, (HOLES[0], X[0])),
    ("sinc", ops.sinc, torch.sinc, (EDGES[3:],)),
    ("logit", lambda x: ops.logit(x, 0.2), lambda x: torch.logit(x, 0.2), (P,)),
    ("mvlgamma", lambda x: ops.mvlgamma(x, 3), lambda x: torch.mvlgamma(x, 3), (P + 1.5,)),
    ("i0", ops.i0, torch.i0, (X,)),
    ("igammac", lambda x: ops.igammac(Tensor(P), x), lambda x: torch.igammac(torch.tensor(P), x), (P,)),
    ("erfinv", ops.erfinv, torch.erfinv, (P,)),
    ("polygamma", lambda x: ops.polygamma(3, x), lambda x: torch.polygamma(3, x), (P,)),
]  # fmt: skip


IMAGE = _random.standard_normal((2, 3, 7, 6)).astype(np.float32)
VOLUME = _random.standard_normal((2, 2, 3, 4, 5)).astype(np.float32)
LINE = _random.standard_normal((2, 3, 9)).astype(np.float32)
PLACES = _random.uniform(-1.4, 1.4, (2, 4, 5, 2)).astype(np.float32)
PLACES3 = _random.uniform(-1.4, 1.4, (2, 2, 3, 4, 3)).astype(np.float32)
MAPS = _random.standard_normal((2, 2, 3)).astype(np.float32)
SAMPLES = _random.uniform(0, 1, (2, 3, 2)).astype(np.float32)
POINTS = _random.standard_normal((2, 5, 3)).astype(np.float32)
OTHERS = _random.standard_normal((2, 4, 3)).astype(np.float32)


def _resizings() -> list[Any]:
    """Every mode at sizes above and below, with and without corners, by size and by factor."""
    rows: list[Any] = []
    inputs = {"nearest": IMAGE, "nearest-exact": LINE, "linear": LINE, "bilinear": IMAGE, "bicubic": IMAGE,
              "trilinear": VOLUME, "area": IMAGE}  # fmt: skip
    for mode, x in inputs.items():
        for corners in (None, False, True) if "linear" in mode or mode == "bicubic" else (None,):
            for size, scale in ((5, None), (11, None), (None, 1.7), (None, 0.6), (1, None)):
                options = {"size": size, "scale_factor": scale, "mode": mode, "align_corners": corners}
                name = f"interpolate {mode} {size or scale} {corners}"
                rows.append(
                    (name, partial(ops.interpolate, **options), partial(F.interpolate, **options), (x,))  # type: ignore[arg-type]
                )
    return rows


def _samplings() -> list[Any]:
    """Every mode, padding and alignment."""
    rows: list[Any] = []
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for corners in (False, True):
                options = {"mode": mode, "padding_mode": padding, "align_corners": corners}
                ours, theirs = partial(ops.grid_sample, **options), partial(F.grid_sample, **options)  # type: ignore[arg-type]
                rows.append((f"grid_sample {mode} {padding} {corners}", ours, theirs, (IMAGE, PLACES)))
                if mode != "bicubic":
                    rows.append((f"grid_sample 3d {mode} {padding} {corners}", ours, theirs, (VOLUME, PLACES3)))
    return rows


def symmetric(x: Any) -> Any:
    """Symmetric positive definite matrices from any."""
    return x @ x.mT + eye(x) if isinstance(x, torch.Tensor) else x @ x.swapaxes(-1, -2) + Tensor(np.eye(4, dtype="f4"))


def eye(x: torch.Tensor) -> torch.Tensor:
    """The unit matrix."""
    return torch.eye(x.shape[-1])


def turned(u: Any, v: Any) -> Any:
    """What does not depend on the signs of singular vectors."""
    return u @ v.swapaxes(-1, -2)


SQUARE = _random.standard_normal((2, 4, 4)).astype(np.float32) + 2 * np.eye(4, dtype=np.float32)
SINGLE = _random.standard_normal((2, 3, 4)).astype(np.float32)
WIDER = _random.standard_normal((2, 4, 3)).astype(np.float32)
SIDES = _random.standard_normal((2, 4, 2)).astype(np.float32)

ROWS += [
    ("cholesky", lambda x: ops.cholesky(symmetric(x)), lambda x: torch.linalg.cholesky(symmetric(x)), (SQUARE,)),
    ("cholesky upper", lambda x: ops.cholesky(symmetric(x), True),
     lambda x: torch.linalg.cholesky(symmetric(x), upper=True), (SQUARE,)),
    ("cholesky_solve", lambda x, y: ops.cholesky_solve(y, ops.cholesky(symmetric(x))),
     lambda x, y: torch.cholesky_solve(y, torch.linalg.cholesky(symmetric(x))), (SQUARE, SIDES)),
    ("cholesky_inverse", lambda x: ops.cholesky_inverse(ops.cholesky(symmetric(x))),
     lambda x: torch.cholesky_inverse(torch.linalg.cholesky(symmetric(x))), (SQUARE,)),
    ("qr", ops.qr, lambda x: tuple(torch.linalg.qr(x)), (WIDER,)),
    ("qr of wide ones, R", lambda x: ops.qr(x)[1], lambda x: torch.linalg.qr(x)[1], (SINGLE,)),
    ("qr complete", lambda x: ops.qr(x, "complete")[1], lambda x: torch.linalg.qr(x, "complete")[1], (SQUARE,)),
    ("svd values", lambda x: ops.svd(x)[0], lambda x: torch.linalg.svd(x)[1], (SINGLE,)),
    ("svd vectors", lambda x: turned(*ops.svd(x)[1:]),
     lambda x: (lambda u, _, vh: turned(u, vh.mT))(*torch.linalg.svd(x, full_matrices=False)), (SINGLE,)),
    ("svd vectors of tall ones", lambda x: turned(*ops.svd(x)[1:]),
     lambda x: (lambda u, _, vh: turned(u, vh.mT))(*torch.linalg.svd(x, full_matrices=False)), (WIDER,)),
    ("inverse", ops.inverse, torch.linalg.inv, (SQUARE,)),
    ("pinv", ops.pinv, torch.linalg.pinv, (SINGLE,)),
    ("pinv of tall ones", ops.pinv, torch.linalg.pinv, (WIDER,)),
    ("pinv with a bound", lambda x: ops.pinv(x, rtol=1e-3), lambda x: torch.linalg.pinv(x, rtol=1e-3), (SINGLE,)),
    ("pinv hermitian", lambda x: ops.pinv(symmetric(x), hermitian=True),
     lambda x: torch.linalg.pinv(symmetric(x), hermitian=True), (SQUARE,)),
    ("det", ops.det, torch.linalg.det, (SQUARE,)),
    ("slogdet", ops.slogdet, lambda x: tuple(torch.linalg.slogdet(x)), (SQUARE,)),
    ("logdet", lambda x: ops.logdet(symmetric(x)), lambda x: torch.logdet(symmetric(x)), (SQUARE,)),
    ("matrix_solve", ops.matrix_solve, torch.linalg.solve, (SQUARE, SIDES)),
    ("matrix_solve of one matrix", lambda x, y: ops.matrix_solve(x[0], y, True),
     lambda x, y: torch.linalg.solve(x[0].mT, y), (SQUARE, SIDES)),
    ("lstsq", lambda x, y: ops.lstsq(x[0], y[0]),
     lambda x, y: torch.linalg.lstsq(x[0], y[0], driver="gels").solution, (WIDER, SIDES)),
    ("lstsq of wide ones", lambda x, y: ops.lstsq(x[0], y[0, :3]),
     lambda x, y: torch.linalg.lstsq(x[0], y[0, :3], driver="gels").solution, (SINGLE, SIDES)),
    ("matrix_exp", ops.matrix_exp, torch.linalg.matrix_exp, (SQUARE / 3,)),
    ("matrix_power", lambda x: ops.matrix_power(x, 5), lambda x: torch.linalg.matrix_power(x, 5), (SQUARE / 3,)),
    ("matrix_power below 0", lambda x: ops.matrix_power(x, -2),
     lambda x: torch.linalg.matrix_power(x, -2), (SQUARE,)),
    *((f"matrix_norm {p}", partial(ops.matrix_norm, ord=p), partial(torch.linalg.matrix_norm, ord=p), (SINGLE,))
      for p in ("fro", "nuc", 1, -1, 2, -2, INF, -INF)),
    *((f"vector_norm {p}", partial(ops.vector_norm, ord=p, axis=1),
       partial(torch.linalg.vector_norm, ord=p, dim=1), (SINGLE,)) for p in (0, 1, 2, 3.5, INF, -INF)),
    ("orgqr", lambda x: ops.orgqr(x, ops.ones((2, 3)) * 0.3),
     lambda x: torch.linalg.householder_product(x, torch.ones(2, 3) * 0.3), (WIDER,)),
    *((f"ormqr {left} {turn}", lambda x, y, at=left, t=turn: ops.ormqr(x, ops.ones((2, 3)) * 0.3, y, at, t),
       lambda x, y, at=left, t=turn: torch.ormqr(x, torch.ones(2, 3) * 0.3, y, at, t), (WIDER, SQUARE))
      for left in (True, False) for turn in (True, False)),
    ("lu_solve", lambda y: ops.lu_solve(y, *(Tensor(t.numpy()) for t in torch.linalg.lu_factor(torch.tensor(SQUARE)))),
     lambda y: torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.tensor(SQUARE)), y), (SIDES,)),
    *_resizings(),
    *_samplings(),
    *(
        (f"affine_grid {corners}", partial(ops.affine_grid, size=(2, 3, 4, 2), align_corners=corners),
         partial(F.affine_grid, size=[2, 3, 4, 2], align_corners=corners), (MAPS,))
        for corners in (False, True)
    ),
    ("unfold", lambda x: ops.unfold(x, (3, 2), (1, 2), (2, 1), (2, 1)),
     lambda x: F.unfold(x, (3, 2), (1, 2), (2, 1), (2, 1)), (IMAGE,)),
    ("fold", lambda x: ops.fold(x, (7, 6), (3, 2), (1, 2), (2, 1), (2, 1)),
     lambda x: F.fold(x, (7, 6), (3, 2), (1, 2), (2, 1), (2, 1)),
     (_random.standard_normal((2, 18, 30)).astype(np.float32),)),
    ("pixel_shuffle", lambda x: ops.pixel_shuffle(x, 2), lambda x: F.pixel_shuffle(x, 2),
     (_random.standard_normal((2, 8, 3, 2)).astype(np.float32),)),
    ("pixel_unshuffle", lambda x: ops.pixel_unshuffle(x, 3), lambda x: F.pixel_unshuffle(x, 3), (IMAGE[:, :, :6],)),
    ("adaptive_avg_pool1d", lambda x: ops.adaptive_avg_pool1d(x, 4), lambda x: F.adaptive_avg_pool1d(x, 4), (LINE,)),
    ("adaptive_avg_pool2d", lambda x: ops.adaptive_avg_pool2d(x, (3, None)),
     lambda x: F.adaptive_avg_pool2d(x, (3, None)), (IMAGE,)),
    ("adaptive_avg_pool2d larger", lambda x: ops.adaptive_avg_pool2d(x, 9),
     lambda x: F.adaptive_avg_pool2d(x, 9), (IMAGE,)),
    ("adaptive_avg_pool3d", lambda x: ops.adaptive_avg_pool3d(x, 2), lambda x: F.adaptive_avg_pool3d(x, 2), (VOLUME,)),
    ("adaptive_max_pool1d", lambda x: ops.adaptive_max_pool1d(x, 4), lambda x: F.adaptive_max_pool1d(x, 4), (LINE,)),
    ("adaptive_max_pool2d", lambda x: ops.adaptive_max_pool2d(x, (4, 2), True),
     lambda x: F.adaptive_max_pool2d(x, (4, 2), True), (IMAGE,)),
    ("fractional_max_pool2d",
     lambda x: ops.fractional_max_pool2d(x, 2, (3, 4), return_indices=True, _random_samples=Tensor(SAMPLES)),
     lambda x: F.fractional_max_pool2d(x, 2, (3, 4), return_indices=True, _random_samples=torch.tensor(SAMPLES)),
     (IMAGE,)),
    ("avg_pool1d", lambda x: ops.avg_pool1d(x, 3, 2, 1, True, False),
     lambda x: F.avg_pool1d(x, 3, 2, 1, True, False), (LINE,)),
    ("lp_pool1d", lambda x: ops.lp_pool1d(x, 2, 3, 2), lambda x: F.lp_pool1d(x, 2, 3, 2), (LINE,)),
    ("lp_pool2d", lambda x: ops.lp_pool2d(x, 3, 2), lambda x: F.lp_pool2d(x, 3, 2), (np.abs(IMAGE),)),
    ("max_unpool2d",
     lambda x: ops.max_unpool2d(*ops.max_pool2d(x, 2, return_indices=True), 2, output_size=(7, 6)),
     lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2, output_size=(7, 6)), (IMAGE,)),
    *((f"cdist {p}", partial(ops.cdist, p=p), partial(torch.cdist, p=p), (POINTS, OTHERS))
      for p in (0, 1, 2, 3.5, INF)),
    ("cdist of equal points", ops.cdist, torch.cdist, (POINTS, POINTS)),
    *((f"pdist {p}", partial(ops.pdist, p=p), partial(F.pdist, p=p), (POINTS[0],)) for p in (0, 1, 2, 3.5, INF)),
    ("dist", lambda x, y: ops.dist(x, y, 3), lambda x, y: torch.dist(x, y, 3), (X, Y)),
    ("renorm", lambda x: ops.renorm(x, 2, 1, 1.5), lambda x: torch.renorm(x, 2, 1, 1.5), (X,)),
    ("cross", lambda x, y: ops.cross(x, y, 0), lambda x, y: torch.linalg.cross(x, y, dim=0), (X, Y)),
    ("embedding", lambda w: ops.embedding(Tensor(SETS % 3), w, 1, None, 2.0, True),
     lambda w: F.embedding(torch.tensor(SETS % 3), w, 1, None, 2.0, True), (X,)),
    ("kron", ops.kron, torch.kron, (X, Y)),
    ("diag_embed", lambda x: ops.diag_embed(x, 1, 0, -1), lambda x: torch.diag_embed(x, 1, 0, -1), (POINTS,)),
    ("rot90", lambda x: ops.rot90(x, -1, (0, 2)), lambda x: torch.rot90(x, -1, (0, 2)), (POINTS,)),
    ("slice_scatter", lambda x, y: ops.slice_scatter(x, y[:, ::2], 1, -5, None, 2),
     lambda x, y: torch.slice_scatter(x, y[:, ::2], 1, -5, None, 2), (X, Y)),
    ("diagonal_scatter", lambda x, y: ops.diagonal_scatter(x, y[0, :3], 1),
     lambda x, y: torch.diagonal_scatter(x, y[0, :3], 1), (X, Y)),
    ("block_diag", ops.block_diag, torch.block_diag, (X, Y, X[0])),
]  # fmt: skip


def numbers(value: Any) -> list[Any]:
    """A result's arrays."""
    parts = value if isinstance(value, tuple) else (value,)
    return [part.asnumpy() if isinstance(part, Tensor) else part.detach().numpy() for part in parts]


def weighted(value: Any, multiply: Callable[[Any, Any], Any]) -> Any:
    """The first part of a result, summed up with weights."""
    first = value[0] if isinstance(value, tuple) else value
    return multiply(first, np.cos(np.arange(first.numel()).astype(np.float32)).reshape(tuple(first.shape))).sum()


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize(("name", "ours", "theirs", "operands"), ROWS, ids=[row[0] for row in ROWS])
def test_function(
    name: str, ours: Callable[..., Any], theirs: Callable[..., Any], operands: tuple[Any, ...], compiled: bool
) -> None:
    run = ms.jit(ours) if compiled else ours
    tensors = [torch.tensor(x, requires_grad=True) for x in operands]
    expected = theirs(*tensors)
    for mine, other in zip(numbers(run(*map(Tensor, operands))), numbers(expected), strict=True):
        np.testing.assert_allclose(mine, other, 2e-5, 2e-6)
    first = expected[0] if isinstance(expected, tuple) else expected
    if not first.requires_grad:
        return
    weighted(expected, lambda x, w: x * torch.tensor(w)).backward()
    slope = ms.grad(lambda *xs: weighted(ours(*xs), lambda x, w: x * Tensor(w)), tuple(range(len(operands))))
    slopes = (ms.jit(slope) if compiled else slope)(*map(Tensor, operands))
    for mine, tensor, operand in zip(slopes, tensors, operands, strict=True):
        theirs_slope = np.zeros_like(operand) if tensor.grad is None else tensor.grad.numpy()
        finite = np.isfinite(operand)  # a slope at NaN or an infinity means nothing
        np.testing.assert_allclose(mine.asnumpy()[finite], theirs_slope[finite], 5e-5, 5e-6)
