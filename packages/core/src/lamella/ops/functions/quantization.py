"""Numbers in few bits, with a scale: `quantize` and `dequantize`."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import as_dtype, float32, int8, int32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis
from lamella.tensor import Tensor

__all__ = ["dequantize", "quantize"]


def quantize(
    input: Tensor,
    scale: Any,
    zero_point: Any = 0,
    dtype: Any = int8,
    axis: int | None = None,
    group_size: int | None = None,
) -> Tensor:
    """Numbers in few bits: `round(input / scale) + zero_point`, by the nearest numbers that the type has.

    Halves are rounded to even; NaN becomes the zero point. To a floating-point type of 8 bits it is
    `input / scale + zero_point`, rounded to that type; numbers out of its range become its greatest; NaN stays.

    The result is constant wherever it is smooth, so its derivative is zero, as that of `ops.round`. To train through
    it, write the composition below, whose derivative is that of `input` itself.

    Args:
        input: floating-point tensor of any shape.
        scale: what a step of the result is worth: a number or a tensor without axes; with `axis`, a tensor of that
            axis's size; with `group_size` too, one of the shape of `input` whose size of `axis` is that many
            times smaller.
        zero_point: what 0 becomes: an int, or an integer tensor of the shape of `scale`.
        dtype: int8, uint8, int4, uint4, float8_e4m3fn or float8_e5m2.
        axis: the axis along which scales differ. Default: there is one for all.
        group_size: how many neighbours along `axis` share a scale. Default: each place on the axis has its own.

    Returns:
        A tensor of the shape of `input` and the type `dtype`.

    Raises:
        TypeError: `input` is not floating-point, `zero_point` not integer or `dtype` not one of these.
        ValueError: the shapes do not fit.

    Examples:
        >>> import lamella as ms
        >>> from lamella import Tensor, ops
        >>> weight = Tensor([[0.5, -1.0], [3.0, 20.0]])
        >>> ops.quantize(weight, 0.25).tolist()
        [[2, -4], [12, 80]]
        >>> ops.quantize(weight, Tensor([0.25, 4.0]), dtype=ms.int4, axis=0).tolist()
        [[2, -4], [1, 5]]
        >>> def rounded(x, scale):  # as quantized in the forward direction, as x itself in the other
        ...     return x + ops.stop_gradient(ops.dequantize(ops.quantize(x, scale), scale) - x)
        >>> ms.grad(lambda x: (rounded(x, 0.25) ** 2).sum())(Tensor([0.3, 1.0])).tolist()
        [0.5, 2.0]
    """
    x = as_tensor(input, None, "ops.quantize")
    if not x.dtype.is_float:
        raise TypeError(explain("ops.quantize", given=f"a {x.dtype} tensor", expected="a floating-point tensor"))
    factor, zero = _of_blocks(
        "ops.quantize", x, as_tensor(scale, x.dtype, "ops.quantize"), zero_point, axis, group_size
    )
    result: Tensor = prims.quantize(x, cast(factor, x.dtype), zero, dtype=as_dtype(dtype, "ops.quantize(dtype=…)").name)
    return result


def dequantize(
    input: Tensor, scale: Any, zero_point: Any = 0, axis: int | None = None, group_size: int | None = None
) -> Tensor:
    """The numbers that quantized ones stand for: `(input - zero_point) * scale`.

    Linear in `scale`, for which it has a derivative; `input` and `zero_point` have none.

    Args:
        input: tensor of a type that `quantize` gives, of any shape.
        scale: as for `quantize`; its type is the result's, of a Python number float32.
        zero_point: as for `quantize`.
        axis: as for `quantize`.
        group_size: as for `quantize`.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `input` is of another type, `scale` not floating-point or `zero_point` not integer.
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dequantize(Tensor([2, -4, 127], "int8"), 0.25, 1).tolist()
        [0.25, -1.25, 31.5]
    """
    x = as_tensor(input, None, "ops.dequantize")
    factor = as_tensor(scale, float32, "ops.dequantize")
    result: Tensor = prims.dequantize(x, *_of_blocks("ops.dequantize", x, factor, zero_point, axis, group_size))
    return result


def _of_blocks(
    subject: str, x: Tensor, scale: Tensor, zero_point: Any, axis: int | None, group_size: int | None
) -> tuple[Tensor, Tensor]:
    """Scale and zero point as the primitives take them."""
    zero = as_tensor(zero_point, int32, subject)
    if not zero.dtype.is_integer:
        raise TypeError(explain(subject, given=f"a zero point of {zero.dtype}", expected="an int or an integer tensor"))
    zero = cast(zero, int32)
    if axis is None:
        expected: tuple[Any, ...] = ()
        shape = expected
    else:
        place = one_axis(subject, axis, x.ndim)
        size: Any = x.shape[place]
        if group_size is None:
            expected = (size,)
            shape = tuple(size if i == place else 1 for i in range(x.ndim))
        else:
            if type(group_size) is not int or group_size < 1 or not isinstance(size, int) or size % group_size:
                raise ValueError(
                    explain(subject, given=f"group_size={group_size} for size {size}", expected="a divisor of the size")
                )
            expected = shape = (*x.shape[:place], size // group_size, *x.shape[place + 1 :])
    if scale.shape != expected or zero.shape not in ((), expected):
        raise ValueError(
            explain(
                subject,
                given=f"scale {scale.shape} and zero point {zero.shape} for {x.shape} with {axis=}, {group_size=}",
                expected=f"the shape {expected}",
            )
        )
    if not zero.shape and shape:
        zero = prims.broadcast_to(zero, shape=shape)
    if scale.shape != shape:
        scale = prims.reshape(scale, shape=shape)
    return scale, zero if zero.shape == shape else prims.reshape(zero, shape=shape)
