"""Classes of functions of neural networks."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast, floating, one_axis, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import create, elementwise, products, rearrange, reduce, special
from lamella.ops.nn import (
    activation,
    adaptive,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
    resizing,
    thresholds,
)
from lamella.tensor import Tensor

# -- products --


def _turned(x: Any, turn: bool) -> Tensor:
    return rearrange.swapaxes(x, -1, -2) if turn else as_tensor(x)


def _product(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of matrices, the operands transposed if so set."""
    return products.matmul(_turned(x, transpose_a), _turned(y, transpose_b))


def _mat_mul(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of two matrices, each transposed if so set."""
    left, right = as_tensor(x), as_tensor(y)
    if left.ndim != 2 or right.ndim != 2:
        given = f"shapes {left.shape} and {right.shape}"
        raise ValueError(explain("ops.MatMul", given=given, expected="two matrices", remedy="Use ops.BatchMatMul."))
    return _product(left, right, transpose_a, transpose_b)


def _einsum(x: Any, equation: str) -> Tensor:
    """Sums of products by an equation of axes."""
    return products.einsum(equation, *x)


# -- activations --


def _gelu(input: Any) -> Tensor:
    """X times about the standard normal distribution function at x, by tanh."""
    return activation.gelu(input, approximate="tanh")


def _softplus(input_x: Any) -> Tensor:
    """log(1 + exp(x)), a smooth `relu`."""
    return activation.softplus(input_x)


def _log_softmax_ext(input: Any, dim: int | None = None, dtype: Any = None) -> Tensor:
    """Logarithm of softmax along an axis, the last if none is named."""
    x = input if dtype is None else elementwise.cast(input, dtype)
    return activation.log_softmax(x, -1 if dim is None else dim)


def _logit(input: Any, eps: float) -> Tensor:
    """log(x / (1 - x)), the inverse of sigmoid."""
    return special.logit(input, eps)


# -- windows --


def _channels(subject: str, data_format: str, last: str) -> bool:
    """Whether channels are the last axis."""
    if data_format not in (f"NC{last}", f"N{last}C"):
        raise ValueError(explain(subject, given=f"data_format={data_format!r}", expected=f"'NC{last}' or 'N{last}C'"))
    return data_format != f"NC{last}"


def _with_channels_first(subject: str, data_format: str, x: Any, function: Callable[[Tensor], Tensor]) -> Tensor:
    """A function of ``x[n, c, *spatial]``, of x in the order of the format."""
    tensor = as_tensor(x, None, subject)
    last = "DHW"[5 - len(data_format) :]
    if not _channels(subject, data_format, last):
        return function(tensor)
    ndim = len(data_format)
    if tensor.ndim != ndim:
        raise ValueError(explain(subject, given=f"shape {tensor.shape}", expected=f"{ndim} axes, {data_format}"))
    first = prims.transpose(tensor, permutation=(0, ndim - 1, *builtins.range(1, ndim - 1)))
    result: Tensor = prims.transpose(function(first), permutation=(0, *builtins.range(2, ndim), 1))
    return result


def _convolution(axes: int) -> Callable[..., Tensor]:
    subject, function = f"ops.Conv{axes}D", (convolution.conv2d, convolution.conv3d)[axes - 2]

    def convolved(
        x: Any,
        weight: Any,
        out_channel: int,
        kernel_size: Any,
        mode: int,
        pad_mode: str,
        pad: Any,
        stride: Any,
        dilation: Any,
        group: int,
        data_format: str,
    ) -> Tensor:
        w = as_tensor(weight, None, subject)
        if mode != 1:
            raise ValueError(explain(subject, given=f"mode={mode!r}", expected="1"))
        window = (kernel_size,) * axes if isinstance(kernel_size, int) else tuple(kernel_size)

        def of(first: Tensor) -> Tensor:
            return function(first, kernel, None, stride, pad_mode.lower(), pad, dilation, group)

        turned = _channels(subject, data_format, "DHW"[3 - axes :])
        kernel = prims.transpose(w, permutation=(0, axes + 1, *builtins.range(1, axes + 1))) if turned else w
        if kernel.shape[0] != out_channel or kernel.shape[2:] != window:
            given = f"weight {w._type}"
            expected = f"out_channel={out_channel} windows of {window}"
            raise ValueError(explain(subject, given=given, expected=expected))
        return _with_channels_first(subject, data_format, x, of)

    convolved.__doc__ = f"{axes}-d convolution (cross-correlation)."
    return convolved


def _bias_add(input_x: Any, bias: Any, data_format: str) -> Tensor:
    """x[n, c, …] with a number added for each channel."""
    x, b = as_tensor(input_x, None, "ops.BiasAdd"), as_tensor(bias, None, "ops.BiasAdd")
    formats = {"NCHW": 1, "NCDHW": 1, "NHWC": x.ndim - 1}
    if data_format not in formats:
        given = f"data_format={data_format!r}"
        raise ValueError(explain("ops.BiasAdd", given=given, expected="'NCHW', 'NHWC' or 'NCDHW'"))
    axis = formats[data_format]
    if x.ndim < 2 or b.shape != (x.shape[axis],):
        given = f"shapes {x.shape} and {b.shape}"
        raise ValueError(explain("ops.BiasAdd", given=given, expected="x[n, c, …] and bias[c]"))
    return elementwise.add(x, prims.reshape(b, shape=(*b.shape, *(1,) * (x.ndim - axis - 1))))


def _max_pool(x: Any, kernel_size: Any, strides: Any, pad_mode: str, data_format: str) -> Tensor:
    """Maximum of each window of x[n, c, h, w]."""

    def of(first: Tensor) -> Tensor:
        values: Tensor = pooling.max_pool2d(first, kernel_size, strides, pad_mode=pad_mode.lower())
        return values

    return _with_channels_first("ops.MaxPool", data_format, x, of)


def _avg_pool(x: Any, kernel_size: Any, strides: Any, pad_mode: str, data_format: str) -> Tensor:
    """Mean of each window of x[n, c, h, w]; beyond the edge nothing counts."""

    def of(first: Tensor) -> Tensor:
        return pooling.avg_pool2d(first, kernel_size, strides, count_include_pad=False, pad_mode=pad_mode.lower())

    return _with_channels_first("ops.AvgPool", data_format, x, of)


def _adaptive_avg_pool(input_x: Any, output_size: Any) -> Tensor:
    """Means over windows that cut x[…, h, w] into so many."""
    return adaptive.adaptive_avg_pool2d(input_x, output_size)


def _resize_nearest(input_x: Any, size: Any, align_corners: bool, half_pixel_centers: bool) -> Tensor:
    """x[n, c, h, w] in another size, by the nearest elements."""
    return resizing.resized("ops.ResizeNearestNeighbor", input_x, size, align_corners, half_pixel_centers, "nearest")


def _resize_bilinear(x: Any, size: Any, align_corners: bool, half_pixel_centers: bool) -> Tensor:
    """x[n, c, h, w] in another size, on the lines between neighbours."""
    return resizing.resized("ops.ResizeBilinear", x, size, align_corners, half_pixel_centers, "linear")


def _resize_nearest_v2(image: Any, size: Any, align_corners: bool, half_pixel_centers: bool) -> Tensor:
    """x[n, c, h, w] in another size, by the nearest elements."""
    return resizing.resized("ops.ResizeNearestNeighborV2", image, size, align_corners, half_pixel_centers, "nearest")


def _resize_bilinear_v2(image: Any, size: Any, align_corners: bool, half_pixel_centers: bool) -> Tensor:
    """x[n, c, h, w] in another size, on the lines between neighbours."""
    return resizing.resized("ops.ResizeBilinearV2", image, size, align_corners, half_pixel_centers, "linear")


# -- dropout --


def _dropout(x: Any, keep_prob: float, Seed0: int, Seed1: int) -> tuple[Tensor, Tensor]:  # noqa: N803 - MindSpore's names
    """Elements dropped at random, and 1 for each that is kept."""
    tensor = as_tensor(x, None, "ops.Dropout")
    if isinstance(keep_prob, bool) or not isinstance(keep_prob, (int, float)) or not 0 < keep_prob <= 1:
        given = f"keep_prob={keep_prob!r}"
        raise ValueError(explain("ops.Dropout", given=given, expected="a probability above 0, 1 at most"))
    ones = prims.broadcast_to(scalar(1, tensor.dtype), shape=tensor.shape)
    kept = dropout.dropout(ones, 1 - keep_prob, seed=seed_of("ops.Dropout", Seed0, Seed1))
    zero = scalar(0, tensor.dtype)
    mask = prims.ne(kept, zero)
    return prims.select(mask, tensor / keep_prob, zero), cast(mask, tensor.dtype)


def seed_of(subject: str, seed: Any, second: Any) -> int | None:
    """The name of a stream by two numbers; None, for the common stream, if both are 0.

    Args:
        subject: who asks, for the error message.
        seed: the first number, 0 or more.
        second: the second.

    Examples:
        >>> seed_of("ops.UniformReal", 0, 0), seed_of("ops.UniformReal", 5, 0)
        (None, 5)
    """
    for number in (seed, second):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError(explain(subject, given=f"seed {number!r}", expected="an int, 0 or more"))
    return (second << 32) + seed or None


def _channel_dropout(axes: int) -> Callable[..., Any]:
    subject = f"ops.Dropout{axes}D"

    def dropped(x: Any, keep_prob: float) -> tuple[Tensor, Tensor]:
        tensor = as_tensor(x, None, subject)
        if tensor.ndim != axes + 2:
            raise ValueError(explain(subject, given=f"shape {tensor.shape}", expected=f"{axes + 2} axes"))
        if not 0 <= keep_prob <= 1:
            raise ValueError(explain(subject, given=f"keep_prob={keep_prob!r}", expected="a probability"))
        ones = prims.broadcast_to(scalar(1, float32), shape=(*tensor.shape[:2], *(1,) * axes))
        kept = elementwise.not_equal(dropout.dropout(ones, 1 - keep_prob), 0.0)
        mask = prims.broadcast_to(kept, shape=tensor.shape)
        scaled = tensor / keep_prob if keep_prob else tensor
        return prims.select(mask, scaled, scalar(0, tensor.dtype)), mask

    dropped.__doc__ = "Whole channels dropped at random, and which elements are kept."
    return dropped


# -- normalization --


def _layer_norm(
    input_x: Any, gamma: Any, beta: Any, begin_norm_axis: int, begin_params_axis: int, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta over the last axes, with mean and variance."""
    x = as_tensor(input_x, None, "ops.LayerNorm")
    first = one_axis("ops.LayerNorm", begin_norm_axis, x.ndim)
    given = one_axis("ops.LayerNorm", begin_params_axis, x.ndim)
    shapes = [as_tensor(t).shape for t in (gamma, beta)]
    if any(shape != x.shape[given:] for shape in shapes):
        raise ValueError(
            explain("ops.LayerNorm", given=f"gamma and beta of shapes {shapes}", expected=f"{x.shape[given:]} each")
        )
    axes = tuple(builtins.range(first, x.ndim))
    mean, variance = normalization.moments(x, axes)
    normal = (wide(x) - mean) * elementwise.rsqrt(variance + epsilon)
    result = normalization.scaled(normal, gamma, beta, x.dtype)
    return result, cast(mean, x.dtype), cast(variance, x.dtype)


def _batch_norm(
    input_x: Any,
    scale: Any,
    bias: Any,
    mean: Any,
    variance: Any,
    is_training: bool,
    epsilon: float,
    momentum: float,
    data_format: str,
) -> tuple[Tensor, ...]:
    """(x - mean) / sqrt(variance + epsilon) * scale + bias for each channel, with four tensors of its statistics."""
    statistics: list[Tensor] = [as_tensor(mean), as_tensor(variance)]

    def of(first: Tensor) -> Tensor:
        if is_training:
            axes = tuple(axis for axis in builtins.range(first.ndim) if axis != 1)
            found = normalization.moments(first, axes)
            statistics[:] = [prims.reshape(t, shape=(first.shape[1],)) for t in found]
        return normalization.batch_norm(first, mean, variance, scale, bias, is_training, momentum, epsilon)

    result = (
        _with_channels_first("ops.BatchNorm", data_format, input_x, of) if as_tensor(input_x).ndim == 4 else of(input_x)
    )
    return result, *statistics, *statistics


def _rms_norm(x: Any, gamma: Any, epsilon: float) -> tuple[Tensor, Tensor]:
    """X / sqrt(mean(x²) + epsilon) * gamma over the last axes, and the factor (Zhang and Sennrich, 2019)."""
    return normalization.rms_norm(x, gamma, epsilon)


# -- losses --


def _sigmoid_cross_entropy(logits: Any, label: Any) -> Tensor:
    """max(x, 0) - x y + log(1 + exp(-abs(x))) of logits x and labels y."""
    x, y = floating("ops.SigmoidCrossEntropyWithLogits", logits, label)
    if x.shape != y.shape:
        given = f"shapes {x.shape} and {y.shape}"
        raise ValueError(explain("ops.SigmoidCrossEntropyWithLogits", given=given, expected="one shape"))
    losses = activation.log_one_plus_exp(wide(x)) - wide(x) * wide(y)
    return cast(losses, x.dtype)


def _softmax_cross_entropy(logits: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """Cross-entropy of softmax(logits) with probabilities, and its derivative by the logits."""
    x, y = floating("ops.SoftmaxCrossEntropyWithLogits", logits, labels)
    if x.ndim != 2 or x.shape != y.shape:
        given = f"shapes {x.shape} and {y.shape}"
        raise ValueError(explain("ops.SoftmaxCrossEntropyWithLogits", given=given, expected="(n, classes) twice"))
    losses = -reduce.reduce_sum(activation.log_softmax(x) * y, 1)
    return losses, prims.stop_gradient(activation.softmax(x) - y)


def _sparse_softmax_cross_entropy(logits: Any, labels: Any, is_grad: bool) -> Tensor:
    """Mean cross-entropy of softmax(logits) with classes, or its derivative by the logits."""
    subject = "ops.SparseSoftmaxCrossEntropyWithLogits"
    x, classes = as_tensor(logits, None, subject), as_tensor(labels, None, subject)
    if x.ndim != 2 or classes.shape != x.shape[:1]:
        given = f"shapes {x.shape} and {classes.shape}"
        raise ValueError(explain(subject, given=given, expected="logits[n, classes] and labels[n]"))
    if not is_grad:
        return loss.cross_entropy(x, classes)
    count = cast(prims.size_tensor(x.shape[0]), x.dtype)
    return (activation.softmax(x) - create.one_hot(classes, x.shape[1], scalar(1, x.dtype), scalar(0, x.dtype))) / count


def _smooth_l1_loss(prediction: Any, target: Any, beta: float, reduction: str) -> Tensor:
    """Squared difference / (2 beta) below beta, absolute difference - beta / 2 above (Girshick, 2015)."""
    return loss.smooth_l1_loss(prediction, target, beta, reduction)


def _binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """-(y log(p) + (1 - y) log(1 - p)) of probabilities; logarithms are cut off at -100."""
    return loss.binary_cross_entropy(input, target, weight, reduction)


def _bce_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    posWeight: Any = None,  # noqa: N803 - MindSpore's
    reduction: str = "mean",
) -> Tensor:
    """Binary cross entropy of sigmoid(logits), without overflow."""
    return loss.binary_cross_entropy_with_logits(input, target, weight, posWeight, reduction)


def _nll_loss(logits: Any, labels: Any, weight: Any, reduction: str, ignore_index: int) -> tuple[Tensor, Tensor]:
    """The negative log-probability of each class, and the sum of the weights that count."""
    w = as_tensor(weight, None, "ops.NLLLoss")
    result = loss.nll_loss(logits, labels, w, ignore_index, reduction)
    classes = as_tensor(labels)
    ignored = elementwise.equal(classes, ignore_index)
    chosen = prims.select(ignored, scalar(0, classes.dtype), classes)
    factors = prims.select(ignored, scalar(0, w.dtype), prims.gather(w, chosen, axis=0))
    return result, reduce.reduce_sum(factors)


_KEEP_LAST = {"axis": -1}
_TURNS = {"transpose_a": False, "transpose_b": False}
_SIZED = {"align_corners": False, "half_pixel_centers": False}
_CONV = {
    "out_channel": REQUIRED,
    "kernel_size": REQUIRED,
    "mode": 1,
    "pad_mode": "valid",
    "pad": 0,
    "stride": 1,
    "dilation": 1,
    "group": 1,
}

ROWS = (
    Row("MatMul", _mat_mul, init=_TURNS, call=("input", "mat2")),
    Row("BatchMatMul", _product, init=_TURNS),
    Row("Dense", products.dense),
    Row("Ger", products.ger, call=("x1", "x2")),
    Row("Einsum", _einsum, init={"equation": REQUIRED}),
    Row("ReLU", activation.relu),
    Row("ReLU6", activation.relu6, call=("x",)),
    Row("Softmax", activation.softmax, init=_KEEP_LAST),
    Row("LogSoftmax", activation.log_softmax, init=_KEEP_LAST),
    Row("LogSoftmaxExt", _log_softmax_ext),
    Row("GeLU", _gelu),
    Row("Gelu", _gelu, call=("x",)),
    Row("FastGeLU", thresholds.fast_gelu),
    Row("FastGelu", thresholds.fast_gelu),
    Row("Elu", activation.elu, init={"alpha": 1.0}),
    Row("SeLU", thresholds.selu),
    Row("CeLU", thresholds.celu, init={"alpha": 1.0}),
    Row("PReLU", thresholds.prelu),
    Row("HSigmoid", activation.hardsigmoid),
    Row("HSwish", activation.hardswish),
    Row("HShrink", thresholds.hardshrink, init={"lambd": 0.5}, call=("input",)),
    Row("SoftShrink", thresholds.softshrink, init={"lambd": 0.5}),
    Row("Mish", activation.mish),
    Row("Softplus", _softplus),
    Row("Softsign", thresholds.softsign, call=("input_x",)),
    Row("GLU", thresholds.glu, init=_KEEP_LAST),
    Row("Logit", _logit, init={"eps": -1.0}),
    Row("Conv2D", _convolution(2), init={**_CONV, "data_format": "NCHW"}),
    Row("Conv3D", _convolution(3), init={**_CONV, "data_format": "NCDHW"}),
    Row("BiasAdd", _bias_add, init={"data_format": "NCHW"}),
    Row("MaxPool", _max_pool, init={"kernel_size": 1, "strides": 1, "pad_mode": "valid", "data_format": "NCHW"}),
    Row("AvgPool", _avg_pool, init={"kernel_size": 1, "strides": 1, "pad_mode": "VALID", "data_format": "NCHW"}),
    Row("AdaptiveAvgPool2D", _adaptive_avg_pool, init={"output_size": REQUIRED}),
    Row("ResizeNearestNeighbor", _resize_nearest, init={"size": REQUIRED, **_SIZED}),
    Row("ResizeNearestNeighborV2", _resize_nearest_v2, init=_SIZED),
    Row("ResizeBilinear", _resize_bilinear, init={"size": REQUIRED, **_SIZED}),
    Row("ResizeBilinearV2", _resize_bilinear_v2, init=_SIZED),
    Row("Dropout", _dropout, init={"keep_prob": 0.5, "Seed0": 0, "Seed1": 0}),
    Row("Dropout2D", _channel_dropout(2), init={"keep_prob": 0.5}),
    Row("Dropout3D", _channel_dropout(3), init={"keep_prob": 0.5}),
    Row("LayerNorm", _layer_norm, init={"begin_norm_axis": 1, "begin_params_axis": 1, "epsilon": 1e-7}),
    Row("BatchNorm", _batch_norm, init={"is_training": False, "epsilon": 1e-5, "momentum": 0.1, "data_format": "NCHW"}),
    Row("RmsNorm", _rms_norm, init={"epsilon": 1e-6}),
    Row("SigmoidCrossEntropyWithLogits", _sigmoid_cross_entropy),
    Row("SoftmaxCrossEntropyWithLogits", _softmax_cross_entropy),
    Row("SparseSoftmaxCrossEntropyWithLogits", _sparse_softmax_cross_entropy, init={"is_grad": False}),
    Row("SmoothL1Loss", _smooth_l1_loss, init={"beta": 1.0, "reduction": "none"}),
    Row("BinaryCrossEntropy", _binary_cross_entropy, init={"reduction": "mean"}),
    Row("BCEWithLogitsLoss", _bce_with_logits, init={"reduction": "mean"}),
    Row("NLLLoss", _nll_loss, init={"reduction": "mean", "ignore_index": -100}),
    Row("KLDivLoss", loss.kl_div, init={"reduction": "mean"}, call=("logits", "labels")),
)
