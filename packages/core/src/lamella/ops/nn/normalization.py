"""Normalization: by the statistics of a batch, or of each example. Those of 16-bit tensors are taken in float32."""

from __future__ import annotations

from typing import Any

from lamella.dims import product
from lamella.dtypes import DType, promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, wide
from lamella.ops.functions import elementwise
from lamella.tensor import Tensor

__all__ = ["batch_norm", "layer_norm", "lrn", "rms_norm"]


def layer_norm(input: Tensor, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes (Ba et al., 2016).

    Args:
        input: floating-point tensor.
        normalized_shape: sizes of the axes over which mean and variance are taken: an int or a tuple.
        weight: scale of that shape, or None.
        bias: shift of that shape, or None.
        eps: added to the variance.

    Raises:
        ValueError: `input` does not end in that shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.layer_norm(Tensor([[1.0, 3.0]]), (2,), eps=0.0).asnumpy()
        array([[-1.,  1.]], dtype=float32)
    """
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ValueError(explain("ops.layer_norm", given=f"input {input._type}", expected=f"shape (…, {shape})"))
    return scaled(normalized(input, tuple(range(input.ndim - len(shape), input.ndim)), eps), weight, bias, input.dtype)


def rms_norm(x: Any, gamma: Any, epsilon: float = 1e-6) -> tuple[Tensor, Tensor]:
    """X / sqrt(mean(x * x) + epsilon) * gamma over the last axes (Zhang and Sennrich, 2019).

    Args:
        x: floating-point tensor.
        gamma: scale, of the shape of the axes over which the mean is taken.
        epsilon: added to the mean.

    Returns:
        The result, and 1 / sqrt(mean + epsilon), in which those axes have size 1: float32 of a tensor of 16 bits.

    Raises:
        TypeError: `x` is of integers.
        ValueError: `x` does not end in the shape of `gamma`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.rms_norm(Tensor([[1.0, 7.0]]), Tensor([5.0, 5.0]), 0.0)[0].asnumpy()
        array([[1., 7.]], dtype=float32)
    """
    tensor, scale = as_tensor(x, None, "ops.rms_norm"), as_tensor(gamma, None, "ops.rms_norm")
    if not tensor.dtype.is_float:
        raise TypeError(explain("ops.rms_norm", given=f"a {tensor.dtype} tensor", expected="a floating-point tensor"))
    if not scale.ndim or tensor.shape[-scale.ndim :] != scale.shape:
        given = f"x {tensor._type}, gamma {scale._type}"
        raise ValueError(explain("ops.rms_norm", given=given, expected="x that ends in the shape of gamma"))
    axes = tuple(range(tensor.ndim - scale.ndim, tensor.ndim))
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(tensor.shape))
    full = wide(tensor)
    count = cast(prims.size_tensor(product(scale.shape)), full.dtype)
    square = prims.reshape(prims.reduce_sum(elementwise.square(full), axes=axes), shape=kept) / count
    factor = elementwise.rsqrt(square + epsilon)
    return scaled(full * factor, scale, None, tensor.dtype), factor


def lrn(
    x: Any,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    norm_region: str = "ACROSS_CHANNELS",
) -> Tensor:
    """Each x by (bias + alpha * sum of squares of neighbouring channels) ** beta (Krizhevsky et al., 2012).

    Args:
        x: floating-point tensor [n, c, h, w].
        depth_radius: how far neighbours are, at most.
        bias: what is added to the sum.
        alpha: its factor.
        beta: the exponent.
        norm_region: "ACROSS_CHANNELS".

    Raises:
        TypeError: `x` is of integers.
        ValueError: another shape, or settings out of their range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lrn(Tensor([[[[3.0]], [[4.0]]]]), depth_radius=1, bias=0.0).asnumpy().ravel()
        array([0.6, 0.8], dtype=float32)
    """
    tensor = as_tensor(x, None, "ops.lrn")
    if not tensor.dtype.is_float:
        raise TypeError(explain("ops.lrn", given=f"a {tensor.dtype} tensor", expected="a floating-point tensor"))
    if tensor.ndim != 4:
        raise ValueError(explain("ops.lrn", given=f"shape {tensor.shape}", expected="x[n, c, h, w]"))
    if norm_region != "ACROSS_CHANNELS":
        raise ValueError(explain("ops.lrn", given=f"norm_region={norm_region!r}", expected="'ACROSS_CHANNELS'"))
    if isinstance(depth_radius, bool) or not isinstance(depth_radius, int) or depth_radius < 0:
        raise ValueError(explain("ops.lrn", given=f"depth_radius={depth_radius!r}", expected="an int, 0 or more"))
    squares = prims.transpose(elementwise.square(wide(tensor)), permutation=(0, 2, 3, 1))
    place = {"strides": (1,), "padding": ((depth_radius, depth_radius),), "dilation": (1,)}
    near = prims.transpose(prims.window_sum(squares, window=(2 * depth_radius + 1,), **place), permutation=(0, 3, 1, 2))
    return cast(wide(tensor) * elementwise.pow(near * alpha + bias, -beta), tensor.dtype)


def normalized(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """(x - mean) / sqrt(variance + eps) over axes; of a tensor of 16 bits in float32.

    Args:
        x: floating-point tensor.
        axes: axes, from 0.
        eps: added to the variance.

    Examples:
        >>> from lamella import Tensor
        >>> normalized(Tensor([1.0, 3.0]), (0,), 0.0).asnumpy()
        array([-1.,  1.], dtype=float32)
    """
    mean, variance = moments(x, axes)
    return (x - mean) * elementwise.rsqrt(variance + eps)


def scaled(x: Tensor, weight: Any, bias: Any, dtype: DType) -> Tensor:
    """X * weight + bias, rounded once: to a type that holds numbers of `dtype`, weight and bias.

    Args:
        x: what `normalized` gives.
        weight: a tensor or array that broadcasts with it, or None.
        bias: a tensor or array that broadcasts with it, or None.
        dtype: type of what was normalized.

    Examples:
        >>> from lamella import Tensor
        >>> scaled(Tensor([1.0, 3.0]), Tensor([2.0]), None, Tensor([1.0]).dtype).asnumpy()
        array([2., 6.], dtype=float32)
    """
    if weight is not None:
        weight = as_tensor(weight, dtype, "weight")
        dtype, x = promote(dtype, weight.dtype), x * weight
    if bias is not None:
        bias = as_tensor(bias, dtype, "bias")
        dtype, x = promote(dtype, bias.dtype), x + bias
    return cast(x, dtype)


def moments(x: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
    """Mean and (population) variance over axes, which stay with size 1; of a tensor of 16 bits in float32.

    Args:
        x: floating-point tensor.
        axes: an int or a tuple of ints.

    Examples:
        >>> from lamella import Tensor
        >>> [t.item() for t in moments(Tensor([1.0, 3.0]), 0)]
        [2.0, 1.0]
    """
    over = axis_tuple("moments", axes, x.ndim)
    x = wide(x)
    kept = tuple(1 if axis in over else size for axis, size in enumerate(x.shape))
    count = cast(prims.size_tensor(product(tuple(x.shape[axis] for axis in over))), x.dtype)
    mean = prims.reshape(prims.reduce_sum(x, axes=over), shape=kept) / count
    variance = prims.reshape(prims.reduce_sum(elementwise.square(x - mean), axes=over), shape=kept) / count
    return mean, variance


def batch_norm(
    input_x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Any,
    bias: Any,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel (Ioffe and Szegedy, 2015).

    While training, mean and variance are those of the batch, and the running ones move towards them in place, by
    `momentum`, the variance with the unbiased estimate. A batch of nothing leaves them as they are.

    Args:
        input_x: floating-point tensor [n, c] or [n, c, …].
        running_mean: mean that is used when not training, [c].
        running_var: variance that is used when not training, [c].
        weight: scale [c].
        bias: shift [c].
        training: whether to use the batch's.
        momentum: weight of the batch in the running values.
        eps: added to the variance.

    Raises:
        ValueError: shapes that do not fit, or one value for a channel while training.

    Examples:
        >>> from lamella import Tensor, ops
        >>> zero, one = Tensor([0.0]), Tensor([1.0])
        >>> ops.batch_norm(Tensor([[1.0], [3.0]]), zero, one, one, zero, training=True, eps=0.0).asnumpy()
        array([[-1.],
               [ 1.]], dtype=float32)
    """
    x = input_x
    if x.ndim < 2 or running_mean.shape != (x.shape[1],):
        raise ValueError(
            explain(
                "ops.batch_norm",
                given=f"input {x._type}, running_mean {running_mean._type}",
                expected="x[n, c, …], mean[c]",
            )
        )
    over = tuple(axis for axis in range(x.ndim) if axis != 1)
    aligned = (x.shape[1], *(1,) * (x.ndim - 2))

    def spread(t: Any) -> Tensor:
        result: Tensor = prims.reshape(as_tensor(t, x.dtype), shape=aligned)
        return result

    scale, shift = spread(weight), spread(bias)  # read before the running values change: they may be the same tensors
    count = product(tuple(x.shape[axis] for axis in over))
    if training and count >= 1:
        if count == 1:
            raise ValueError(
                explain(
                    "ops.batch_norm", given=f"input {x._type} while training", expected="more than one value a channel"
                )
            )
        mean, variance = moments(x, over)
        flat_mean, flat_variance = (prims.reshape(t, shape=(x.shape[1],)) for t in (mean, variance))
        n = cast(prims.size_tensor(count), variance.dtype)
        unbiased = flat_variance * (n / (n - 1.0))
        for running, new in ((running_mean, flat_mean), (running_var, unbiased)):
            kept = cast(prims.stop_gradient(new), running.dtype)
            running.assign_value(running * (1 - momentum) + kept * momentum)
    else:
        mean, variance = spread(running_mean), spread(running_var)
    result = (wide(x) - mean) * (elementwise.rsqrt(wide(variance) + eps) * scale) + shift
    return cast(result, promote(x.dtype, promote(scale.dtype, shift.dtype)))
