"""The layers and losses that are functions with settings: a row each, of which `functional` makes the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import int32
from lamella.errors import explain
from lamella.nn.layers import class_losses, images
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast, floating, wide
from lamella.ops.functions import decompositions, elementwise, linalg, matrices, rearrange, reduce, special
from lamella.ops.functions.create import arange
from lamella.ops.functions.pad import pad
from lamella.ops.functions.products import matmul
from lamella.ops.functions.shape import reshape
from lamella.ops.nn import activation, adaptive, patches, sampling, thresholds
from lamella.ops.nn import margin as margin_losses
from lamella.ops.nn.normalization import lrn
from lamella.ops.nn.windows import window_padding
from lamella.tensor import Tensor

# -- what `ops` says with other names or settings --


def _threshold(x: Any, threshold: float, value: float) -> Tensor:
    """X where above the threshold, elsewhere a value, of any shape."""
    return thresholds.threshold(x, threshold, value)


def _softmax2d(x: Any) -> Tensor:
    """Softmax over the channels of images x[n, c, h, w] or x[c, h, w]."""
    image = as_tensor(x, None, "nn.Softmax2d")
    if image.ndim not in (3, 4):
        raise ValueError(explain("nn.Softmax2d", given=f"shape {image.shape}", expected="[n, c, h, w] or [c, h, w]"))
    return activation.softmax(image, -3)


def _norm(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """Euclidean norm over axes, all by default."""
    (x,) = floating("nn.Norm", x)
    y = wide(x)
    return cast(elementwise.sqrt(reduce.reduce_sum(y * y, axis, keep_dims)), x.dtype)


def _clip_by_norm(x: Any, clip_norm: Any, axis: Any = None) -> Tensor:
    """x, scaled down to a Euclidean norm over axes where it is longer."""
    dtype = as_tensor(x, None, "nn.ClipByNorm").dtype
    x, most = (wide(value) for value in floating("nn.ClipByNorm", x, clip_norm))
    squares = reduce.reduce_sum(x * x, () if axis is None else axis, True)
    some = squares > 0  # a norm of zero has no derivative
    length = elementwise.sqrt(elementwise.maximum(squares, 0.0) + (1.0 - cast(some, x.dtype))) * cast(some, x.dtype)
    return cast(x * most / elementwise.maximum(length, most), dtype)


def _moments(x: Any, axis: Any = None, keep_dims: bool | None = None) -> tuple[Tensor, Tensor]:
    """Mean and variance over axes, all by default."""
    variance, mean = reduce.var_mean(x, axis, 0, bool(keep_dims))
    return mean, variance


def _matmul(x1: Any, x2: Any, transpose_x1: bool = False, transpose_x2: bool = False) -> Tensor:
    """Matrix product, of the transposes if asked for."""
    a, b = (as_tensor(x, None, "nn.MatMul") for x in (x1, x2))
    return matmul(_swapped(a) if transpose_x1 else a, _swapped(b) if transpose_x2 else b)


def _swapped(x: Tensor) -> Tensor:
    return x if x.ndim < 2 else rearrange.swapaxes(x, -1, -2)


def _tril(x: Any, k: int = 0) -> Tensor:
    """Matrices without what is above the k-th diagonal."""
    return linalg.tril(x, k)


def _triu(x: Any, k: int = 0) -> Tensor:
    """Matrices without what is below the k-th diagonal."""
    return linalg.triu(x, k)


def _roll(x: Any, shift: Any, axis: Any) -> Tensor:
    """Elements moved along axes; those that leave one end come in at the other."""
    return rearrange.roll(x, shift, axis)


def _range(start: Any, limit: Any = None, delta: Any = 1) -> Tensor:
    """Numbers from a start to a limit, that is not among them, in steps."""
    numbers = arange(start, limit, delta) if limit is not None else arange(0, start, delta)
    return cast(numbers, int32) if numbers.dtype.is_integer else numbers


def _lbeta(x: Any, y: Any) -> Tensor:
    """Logarithm of the beta function, lgamma(x) + lgamma(y) - lgamma(x + y)."""
    x, y = floating("nn.LBeta", x, y)
    a, b = wide(x), wide(y)
    return cast(special.lgamma(a) + special.lgamma(b) - special.lgamma(a + b), x.dtype)


def _unflatten(input: Any, axis: int, unflattened_size: Any) -> Tensor:
    """An axis divided into several, of the sizes given."""
    x = as_tensor(input, None, "nn.Unflatten")
    if isinstance(axis, bool) or not isinstance(axis, int) or not -x.ndim <= axis < x.ndim:
        raise ValueError(explain("nn.Unflatten", given=f"axis={axis!r}", expected=f"an axis of {x._type}"))
    if not isinstance(unflattened_size, (tuple, list)):
        raise TypeError(
            explain("nn.Unflatten", given=f"unflattened_size={unflattened_size!r}", expected="a tuple of ints")
        )
    at = axis % x.ndim
    return reshape(x, (*x.shape[:at], *unflattened_size, *x.shape[at + 1 :]))


def _unfold(x: Any, ksizes: Any, strides: Any, rates: Any, padding: str = "valid") -> Tensor:
    """Patches of images [n, c, h, w] as channels, the places in a patch before the channels."""
    for name, given in (("ksizes", ksizes), ("strides", strides), ("rates", rates)):
        if not isinstance(given, (tuple, list)) or len(given) != 4 or given[0] != 1 or given[3] != 1:
            raise ValueError(explain("nn.Unfold", given=f"{name}={given!r}", expected="(1, rows, columns, 1)"))
    image = as_tensor(x, None, "nn.Unfold")
    if image.ndim != 4 or not isinstance(padding, str) or padding.lower() not in ("same", "valid"):
        raise ValueError(
            explain(
                "nn.Unfold", given=f"{image._type}, padding={padding!r}", expected='[n, c, h, w], "same" or "valid"'
            )
        )
    window, step, rate = (tuple(given[1:3]) for given in (ksizes, strides, rates))
    around = window_padding("nn.Unfold", padding.lower(), 0, image.shape[2:], window, step, rate)
    padded = pad(image, [n for pair in reversed(around) for n in pair])
    columns = patches.unfold(padded, window, rate, 0, step)
    counts = [(n - (k - 1) * r - 1) // s + 1 for n, k, r, s in zip(padded.shape[2:], window, rate, step, strict=True)]
    n, c = image.shape[:2]
    apart = rearrange.swapaxes(reshape(columns, (n, c, window[0] * window[1], *counts)), 1, 2)
    return reshape(apart, (n, c * window[0] * window[1], *counts))


def _triplet(
    x: Any,
    positive: Any,
    negative: Any,
    p: int = 2,
    swap: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
    margin: Any = 1.0,
) -> Tensor:
    """How much nearer than a margin the negative example is than the positive one."""
    return margin_losses.triplet_margin_loss(x, positive, negative, margin, p, eps, swap, reduction)


def _padding(name: str, axes: int, mode: str, summary: str) -> Callable[..., Tensor]:
    """A function that pads the last axes in a mode: `padding` is an int, or two for each axis, the last one first."""
    subject = f"nn.{name}"

    def padded(x: Any, padding: Any, *, value: Any = None) -> Tensor:
        tensor = as_tensor(x, None, subject)
        amounts = (padding,) * (2 * axes) if isinstance(padding, int) else padding
        if not isinstance(amounts, (tuple, list)):
            raise TypeError(explain(subject, given=f"padding={padding!r}", expected="an int or a tuple of ints"))
        if len(amounts) % 2 or len(amounts) > 2 * axes:
            raise ValueError(explain(subject, given=f"padding={padding!r}", expected=f"{axes} pairs at most"))
        if mode != "constant" and tensor.ndim not in (axes + 1, axes + 2):
            raise ValueError(explain(subject, given=f"{tensor._type}", expected=f"{axes + 1} or {axes + 2} axes"))
        return pad(tensor, amounts, mode, value)

    last = "the last axis" if axes == 1 else f"the last {axes} axes"
    padded.__doc__ = (
        f"{summary} at the ends of {last}: as many everywhere, or a pair for each axis, the last one first."
    )
    return padded


def _matrix_diag(x: Any) -> Tensor:
    """Matrices with these numbers on the diagonal, and zeros elsewhere."""
    return matrices.matrix_diag(x)


def _matrix_diag_part(x: Any) -> Tensor:
    """The diagonals of matrices."""
    return matrices.matrix_diag_part(x)


def _matrix_set_diag(x: Any, diagonal: Any) -> Tensor:
    """Matrices with other diagonals."""
    return matrices.matrix_set_diag(x, diagonal)


_FRACTIONAL = {
    "kernel_size": REQUIRED,
    "output_size": None,
    "output_ratio": None,
    "return_indices": False,
    "_random_samples": None,
}
_POWERS = {"norm_type": REQUIRED, "kernel_size": REQUIRED, "stride": None, "ceil_mode": False}
_UNPOOLED = ("x", "indices", "output_size")
_WINDOW = {"kernel_size": REQUIRED, "stride": None, "padding": 0}
_REDUCTION = {"reduction": "mean"}
_POOLED = {"output_size": REQUIRED}
_ONE = ("x",)
_LOSS = ("logits", "labels")
_PAIR = ("x", "y")


def _layer(name: str, function: Callable[..., Any], call: tuple[str, ...] = _ONE, /, **init: Any) -> Row:
    return Row(name, function, init, call)


LAYERS = (
    _layer("CELU", thresholds.celu, alpha=1.0),
    _layer("ELU", activation.elu, alpha=1.0),
    _layer("FastGelu", thresholds.fast_gelu),
    _layer("GLU", thresholds.glu, axis=-1),
    _layer("HShrink", thresholds.hardshrink, lambd=0.5),
    _layer("HSigmoid", activation.hardsigmoid),
    _layer("HSwish", activation.hardswish),
    _layer("Hardtanh", thresholds.hardtanh, min_val=-1.0, max_val=1.0),
    _layer("LogSoftmax", activation.log_softmax, axis=-1),
    _layer("Mish", activation.mish),
    _layer("RReLU", thresholds.rrelu, lower=1 / 8, upper=1 / 3),
    _layer("ReLU", activation.relu),
    _layer("ReLU6", activation.relu6),
    _layer("SeLU", thresholds.selu),
    _layer("Sigmoid", elementwise.sigmoid),
    _layer("SoftShrink", thresholds.softshrink, lambd=0.5),
    _layer("Softmax", activation.softmax, axis=-1),
    _layer("Softmax2d", _softmax2d),
    _layer("Softmin", thresholds.softmin, axis=-1),
    _layer("Softsign", thresholds.softsign),
    _layer("Tanh", elementwise.tanh),
    _layer("Tanhshrink", thresholds.tanhshrink),
    _layer("Threshold", _threshold, threshold=REQUIRED, value=REQUIRED),
)

POOLING = (
    _layer("AdaptiveAvgPool1d", adaptive.adaptive_avg_pool1d, **_POOLED),
    _layer("AdaptiveAvgPool2d", adaptive.adaptive_avg_pool2d, **_POOLED),
    _layer("AdaptiveAvgPool3d", adaptive.adaptive_avg_pool3d, **_POOLED),
    _layer("AdaptiveMaxPool1d", adaptive.adaptive_max_pool1d, **_POOLED),
    _layer("AdaptiveMaxPool2d", adaptive.adaptive_max_pool2d, **_POOLED, return_indices=False),
    _layer("AdaptiveMaxPool3d", adaptive.adaptive_max_pool3d, **_POOLED, return_indices=False),
    _layer("FractionalMaxPool2d", adaptive.fractional_max_pool2d, **_FRACTIONAL),
    _layer("FractionalMaxPool3d", adaptive.fractional_max_pool3d, **_FRACTIONAL),
    _layer("LPPool1d", adaptive.lp_pool1d, **_POWERS),
    _layer("LPPool2d", adaptive.lp_pool2d, **_POWERS),
    _layer("MaxUnpool1d", adaptive.max_unpool1d, _UNPOOLED, **_WINDOW),
    _layer("MaxUnpool2d", adaptive.max_unpool2d, _UNPOOLED, **_WINDOW),
    _layer("MaxUnpool3d", adaptive.max_unpool3d, _UNPOOLED, **_WINDOW),
)

MOVING = (
    _layer("ChannelShuffle", patches.channel_shuffle, groups=REQUIRED),
    _layer("PixelShuffle", patches.pixel_shuffle, upscale_factor=REQUIRED),
    _layer("PixelUnshuffle", patches.pixel_unshuffle, downscale_factor=REQUIRED),
    _layer("Roll", _roll, shift=REQUIRED, axis=REQUIRED),
    _layer("Tril", _tril, ("x", "k")),
    _layer("Triu", _triu, ("x", "k")),
    _layer("Unflatten", _unflatten, axis=REQUIRED, unflattened_size=REQUIRED),
    _layer("Unfold", _unfold, ksizes=REQUIRED, strides=REQUIRED, rates=REQUIRED, padding="valid"),
    _layer("ConstantPad1d", _padding("ConstantPad1d", 1, "constant", "A number"), padding=REQUIRED, value=REQUIRED),
    _layer("ConstantPad2d", _padding("ConstantPad2d", 2, "constant", "A number"), padding=REQUIRED, value=REQUIRED),
    _layer("ConstantPad3d", _padding("ConstantPad3d", 3, "constant", "A number"), padding=REQUIRED, value=REQUIRED),
    _layer("ZeroPad2d", _padding("ZeroPad2d", 2, "constant", "Zeros"), padding=REQUIRED),
    _layer("ReflectionPad1d", _padding("ReflectionPad1d", 1, "reflect", "Mirrored elements"), padding=REQUIRED),
    _layer("ReflectionPad2d", _padding("ReflectionPad2d", 2, "reflect", "Mirrored elements"), padding=REQUIRED),
    _layer("ReflectionPad3d", _padding("ReflectionPad3d", 3, "reflect", "Mirrored elements"), padding=REQUIRED),
    _layer(
        "ReplicationPad1d", _padding("ReplicationPad1d", 1, "replicate", "The outermost elements"), padding=REQUIRED
    ),
    _layer(
        "ReplicationPad2d", _padding("ReplicationPad2d", 2, "replicate", "The outermost elements"), padding=REQUIRED
    ),
    _layer(
        "ReplicationPad3d", _padding("ReplicationPad3d", 3, "replicate", "The outermost elements"), padding=REQUIRED
    ),
)

ARITHMETIC = (
    _layer("ClipByNorm", _clip_by_norm, ("x", "clip_norm"), axis=None),
    _layer("DiGamma", special.digamma),
    _layer("IGamma", special.igamma, ("a", "x")),
    _layer("LBeta", _lbeta, _PAIR),
    _layer("LGamma", special.lgamma),
    _layer("LRN", lrn, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, norm_region="ACROSS_CHANNELS"),
    _layer("MatDet", decompositions.det),
    _layer("MatInverse", decompositions.inverse),
    _layer("MatMul", _matmul, ("x1", "x2"), transpose_x1=False, transpose_x2=False),
    _layer("MatrixDiag", _matrix_diag),
    _layer("MatrixDiagPart", _matrix_diag_part),
    _layer("MatrixSetDiag", _matrix_set_diag, ("x", "diagonal")),
    _layer("Moments", _moments, axis=None, keep_dims=None),
    _layer("Norm", _norm, axis=(), keep_dims=False),
    _layer("Range", _range, (), start=REQUIRED, limit=None, delta=1),
    _layer("ReduceLogSumExp", reduce.logsumexp, axis=REQUIRED, keep_dims=False),
)

_WINDOWS = {"max_val": 1.0, "filter_size": 11, "filter_sigma": 1.5, "k1": 0.01, "k2": 0.03}
_SCALES = {"max_val": 1.0, "power_factors": (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)}
_SIZE = {"size": None, "scale_factor": None}

IMAGES = (
    _layer("CentralCrop", images.central_crop, ("image",), central_fraction=REQUIRED),
    _layer("ImageGradients", images.image_gradients, ("images",)),
    _layer("MSSSIM", images.ms_ssim, ("img1", "img2"), **_SCALES, **dict(list(_WINDOWS.items())[1:])),
    _layer("PSNR", images.psnr, ("img1", "img2"), max_val=1.0),
    _layer(
        "ResizeBilinear",
        images.resize_bilinear,
        ("x", "size", "scale_factor", "align_corners"),
        half_pixel_centers=False,
    ),
    _layer("SSIM", images.ssim, ("img1", "img2"), **_WINDOWS),
    _layer("Upsample", sampling.upsample, **_SIZE, mode="nearest", align_corners=None, recompute_scale_factor=None),
)

_TRIPLET = ("x", "positive", "negative")

LOSSES = (
    _layer(
        "CosineEmbeddingLoss",
        margin_losses.cosine_embedding_loss,
        ("logits_x1", "logits_x2", "labels"),
        margin=0.0,
        **_REDUCTION,
    ),
    _layer("DiceLoss", class_losses.dice_loss, _LOSS, smooth=1e-5),
    _layer("FocalLoss", class_losses.focal_loss, _LOSS, weight=None, gamma=2.0, **_REDUCTION),
    _layer(
        "GaussianNLLLoss",
        margin_losses.gaussian_nll_loss,
        ("logits", "labels", "var"),
        full=False,
        eps=1e-6,
        **_REDUCTION,
    ),
    _layer("HingeEmbeddingLoss", margin_losses.hinge_embedding_loss, _LOSS, margin=1.0, **_REDUCTION),
    _layer("HuberLoss", margin_losses.huber_loss, _LOSS, **_REDUCTION, delta=1.0),
    _layer("L1Regularizer", class_losses.l1_regularizer, ("weights",), scale=REQUIRED),
    _layer(
        "MarginRankingLoss", margin_losses.margin_ranking_loss, ("input1", "input2", "target"), margin=0.0, **_REDUCTION
    ),
    _layer(
        "MultiLabelSoftMarginLoss",
        margin_losses.multilabel_soft_margin_loss,
        ("x", "target"),
        weight=None,
        **_REDUCTION,
    ),
    _layer(
        "MultiMarginLoss", margin_losses.multi_margin_loss, ("x", "target"), p=1, margin=1.0, **_REDUCTION, weight=None
    ),
    _layer("MultilabelMarginLoss", margin_losses.multilabel_margin_loss, ("x", "target"), **_REDUCTION),
    _layer(
        "PoissonNLLLoss",
        class_losses.poisson_nll_loss,
        ("input", "target"),
        log_input=True,
        full=False,
        eps=1e-8,
        **_REDUCTION,
    ),
    _layer("SoftMarginLoss", margin_losses.soft_margin_loss, _LOSS, **_REDUCTION),
    _layer("TripletMarginLoss", _triplet, _TRIPLET, p=2, swap=False, eps=1e-6, **_REDUCTION, margin=1.0),
    _layer(
        "TripletMarginWithDistanceLoss",
        class_losses.triplet_with_distance,
        _TRIPLET,
        distance_function=None,
        swap=False,
        **_REDUCTION,
        margin=1.0,
    ),
)

ROWS = {row.name: row for row in (*LAYERS, *POOLING, *MOVING, *ARITHMETIC, *IMAGES, *LOSSES)}
