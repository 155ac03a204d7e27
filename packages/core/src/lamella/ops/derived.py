"""Elementwise functions of several primitives: limits, tolerances, combinations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lamella.dtypes import bool_
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.constants import scalar
from lamella.ops.elementwise import abs, add, div, equal, log, maximum, minimum, mul, sub
from lamella.ops.promote import as_tensor, cast, floating, unified, wide
from lamella.ops.reduction import all, norm
from lamella.tensor import Tensor

# -- one operand --


def isinf(input: Any) -> Tensor:
    """Whether infinite.

    Args:
        input: tensor or number.

    Returns:
        A bool tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isinf(Tensor([1.0, float("-inf")])).asnumpy()
        array([False,  True])
    """
    x = as_tensor(input, None, "ops.isinf")
    if not x.dtype.is_float:
        none: Tensor = prims.broadcast_to(scalar(False, bool_), shape=x.shape)
        return none
    return equal(abs(x), math.inf)


def log2(input: Any) -> Tensor:
    """Logarithm to base 2; NaN below 0.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.log2(Tensor([1.0, 8.0])).asnumpy()
        array([0., 3.], dtype=float32)
    """
    return div(log(input), math.log(2.0))


def log10(input: Any) -> Tensor:
    """Logarithm to base 10; NaN below 0.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.log10(Tensor([1.0, 100.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """
    return div(log(input), math.log(10.0))


def exp2(input: Any) -> Tensor:
    """2 to the power of each element.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.exp2(Tensor([0.0, 3.0])).asnumpy()
        array([1., 8.], dtype=float32)
    """
    (x,) = floating("ops.exp2", input)
    result: Tensor = prims.pow(scalar(2, x.dtype), x)
    return result


def trunc(input: Any) -> Tensor:
    """The integer part: the fraction dropped.

    Args:
        input: tensor or number.

    Returns:
        A tensor of the shape and type of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.trunc(Tensor([1.7, -1.7])).asnumpy()
        array([ 1., -1.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.trunc")
    if not x.dtype.is_float:
        return x.copy()
    result: Tensor = prims.select(prims.lt(x, scalar(0, x.dtype)), prims.ceil(x), prims.floor(x))
    return result


def deg2rad(x: Any) -> Tensor:
    """An angle in degrees as one in radians.

    Args:
        x: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.deg2rad(Tensor(180.0)).item()
        3.1415927410125732
    """
    return mul(floating("ops.deg2rad", x)[0], math.pi / 180.0)


def rad2deg(x: Any) -> Tensor:
    """An angle in radians as one in degrees.

    Args:
        x: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.rad2deg(Tensor(0.0)).item()
        0.0
    """
    return mul(floating("ops.rad2deg", x)[0], 180.0 / math.pi)


def nan_to_num(
    input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN and infinities replaced by numbers.

    Args:
        input: tensor or number.
        nan: for NaN; default 0.
        posinf: for infinity; default: the largest number of the type.
        neginf: for minus infinity; default: the smallest number of the type.

    Returns:
        A tensor of the shape and type of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nan_to_num(Tensor([1.0, float("nan")]), nan=7.0).asnumpy()
        array([1., 7.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.nan_to_num")
    if not x.dtype.is_float:
        return x.copy()
    from ml_dtypes import finfo

    limits: Any = finfo(x.dtype.numpy)  # type: ignore[no-untyped-call]
    high = scalar(float(limits.max) if posinf is None else posinf, x.dtype)
    low = scalar(float(limits.min) if neginf is None else neginf, x.dtype)
    result: Tensor = prims.select(prims.isnan(x), scalar(0.0 if nan is None else nan, x.dtype), x)
    result = prims.select(prims.eq(x, scalar(math.inf, x.dtype)), high, result)
    return prims.select(prims.eq(x, scalar(-math.inf, x.dtype)), low, result)


# -- several operands --


def addn(x: Sequence[Any]) -> Tensor:
    """Sum of several tensors of one shape.

    Args:
        x: at least one tensor.

    Returns:
        A tensor of that shape.

    Raises:
        TypeError: `x` is no sequence.
        ValueError: there are none, or the shapes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addn([Tensor([1, 2]), Tensor([3, 4]), Tensor([5, 6])]).asnumpy()
        array([ 9, 12])
    """
    if not isinstance(x, (tuple, list)):
        raise TypeError(explain("ops.addn", given=f"a {type(x).__name__}", expected="a tuple or list of tensors"))
    tensors = unified("ops.addn", *x) if x else []
    if not tensors or any(t.shape != tensors[0].shape for t in tensors):
        raise ValueError(explain("ops.addn", given=f"shapes {[t.shape for t in tensors]}", expected="one shape"))
    if len(tensors) == 1:
        return tensors[0].copy()
    total = wide(tensors[0])
    for tensor in tensors[1:]:
        total = prims.add(total, wide(tensor))
    return cast(total, tensors[0].dtype)


def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """Input + weight * (end - input).

    Args:
        input: tensor or number.
        end: tensor or number.
        weight: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lerp(Tensor([0.0, 10.0]), Tensor([10.0, 20.0]), 0.5).asnumpy()
        array([ 5., 15.], dtype=float32)
    """
    x, y, w = floating("ops.lerp", input, end, weight)
    return add(x, mul(w, sub(y, x)))


def addcmul(input: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> Tensor:
    """Input + value * tensor1 * tensor2.

    Args:
        input: tensor or number.
        tensor1: tensor or number.
        tensor2: tensor or number.
        value: number or tensor; all broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addcmul(Tensor([1.0]), Tensor([2.0]), Tensor([3.0]), 0.5).asnumpy()
        array([4.], dtype=float32)
    """
    return add(input, mul(mul(tensor1, tensor2), value))


def addcdiv(input: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> Tensor:
    """Input + value * tensor1 / tensor2.

    Args:
        input: tensor or number.
        tensor1: tensor or number.
        tensor2: tensor or number.
        value: number or tensor; all broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addcdiv(Tensor([1.0]), Tensor([3.0]), Tensor([2.0]), 2.0).asnumpy()
        array([4.], dtype=float32)
    """
    return add(input, mul(div(tensor1, tensor2), value))


# -- tolerances --


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether all elements of two tensors are close: abs(input - other) <= atol + rtol * abs(other).

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Returns:
        A 0-d bool tensor.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.allclose(Tensor([1.0]), Tensor([1.0 + 1e-7])).item()
        True
    """
    return all(isclose(input, other, rtol, atol, equal_nan))


def isclose(x1: Any, x2: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Which elements of two tensors are close: abs(x1 - x2) <= atol + rtol * abs(x2).

    Args:
        x1: tensor or number.
        x2: tensor or number; shapes broadcast.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Returns:
        A bool tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isclose(Tensor([1.0, 2.0]), Tensor([1.0, 2.1])).asnumpy()
        array([ True, False])
    """
    x, y = floating("ops.isclose", x1, x2)
    near = abs(sub(x, y)) <= add(mul(abs(y), float(rtol)), float(atol))
    # An infinite bound would let everything pass: infinities are close to themselves only.
    close = prims.bitwise_or(equal(x, y), prims.bitwise_and(near, prims.isfinite(y)))
    if equal_nan:
        close = prims.bitwise_or(close, prims.bitwise_and(prims.isnan(x), prims.isnan(y)))
    result: Tensor = close
    return result


# -- limits --


def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """Each element, or the limit that it lies beyond.

    The derivative is 1 between the limits and on them, 0 beyond.

    Args:
        input: tensor or number, or a tuple or list of tensors.
        min: lower limit, a number or tensor; None for no limit.
        max: upper limit, a number or tensor; None for no limit. If it is below `min` the result is `max`.

    Returns:
        A tensor of the broadcast shape (a tuple or list of them for one).

    Raises:
        ValueError: there is no limit, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.clamp(Tensor([-1.0, 0.5, 2.0]), 0, 1).asnumpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return _limited("ops.clamp", input, min, max, _at_least, _at_most)


def clip(x: Any, min: Any = None, max: Any = None) -> Tensor:
    """As `clamp`.

    Args:
        x: tensor or number, or a tuple or list of tensors.
        min: lower limit, a number or tensor; None for no limit.
        max: upper limit, a number or tensor; None for no limit.

    Returns:
        A tensor of the broadcast shape (a tuple or list of them for one).

    Raises:
        ValueError: there is no limit, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.clip(Tensor([-1.0, 0.5, 2.0]), max=1).asnumpy()
        array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return _limited("ops.clip", x, min, max, _at_least, _at_most)


def clip_by_value(x: Any, clip_value_min: Any = None, clip_value_max: Any = None) -> Any:
    """As `clamp`, by minimum and maximum: on a limit the derivative is shared half and half with it.

    Args:
        x: tensor or number, or a tuple or list of tensors.
        clip_value_min: lower limit, a number or tensor; None for no limit.
        clip_value_max: upper limit, a number or tensor; None for no limit.

    Returns:
        A tensor of the broadcast shape (a tuple or list of them for one).

    Raises:
        ValueError: there is no limit, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.clip_by_value(Tensor([-1.0, 0.5, 2.0]), 0, 1).asnumpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return _limited("ops.clip_by_value", x, clip_value_min, clip_value_max, maximum, minimum)


def _limited(subject: str, x: Any, low: Any, high: Any, raised: Callable[..., Any], lowered: Callable[..., Any]) -> Any:
    if low is None and high is None:
        raise ValueError(explain(subject, given="no limit", expected="a lower or an upper limit"))
    if isinstance(x, (tuple, list)) and any(isinstance(item, Tensor) for item in x):
        return type(x)(_limited(subject, item, low, high, raised, lowered) for item in x)
    result = as_tensor(x, None, subject)
    if low is not None:
        result = raised(result, low)
    return result if high is None else lowered(result, high)


def _at_least(input: Any, limit: Any) -> Tensor:
    """The larger of the two with the whole derivative for the input where they are equal; NaN stays."""
    x, y = unified("ops.clamp", input, limit)
    result: Tensor = prims.select(prims.lt(x, y), y, x)
    return result


def _at_most(input: Any, limit: Any) -> Tensor:
    x, y = unified("ops.clamp", input, limit)
    result: Tensor = prims.select(prims.gt(x, y), y, x)
    return result


def clip_by_norm(x: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Any:
    """Scale tensors down together until their common norm is at most a limit.

    Args:
        x: floating-point tensor, or a tuple or list of them.
        max_norm: the limit.
        norm_type: the p of the p-norm, of all elements of all tensors as one vector.
        error_if_nonfinite: whether an infinite or NaN norm raises; only outside graphs.

    Returns:
        A tensor, or a tuple or list of them, as `x`.

    Raises:
        RuntimeError: the norm is not finite, and `error_if_nonfinite` is true.
        ValueError: there are no tensors.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.clip_by_norm(Tensor([3.0, 4.0]), 10.0).asnumpy()
        array([3., 4.], dtype=float32)
    """
    tensors = list(x) if isinstance(x, (tuple, list)) else [x]
    total = _total_norm("ops.clip_by_norm", tensors, norm_type)
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(explain("ops.clip_by_norm", given=f"a norm of {total.item()}", expected="a finite norm"))
    # 1e-6 keeps a norm of 0 from dividing by zero, as torch.nn.utils.clip_grad_norm_ documents.
    factor = minimum(div(float(max_norm), add(total, 1e-6)), 1.0)
    scaled = [mul(tensor, cast(factor, tensor.dtype)) for tensor in tensors]
    return type(x)(scaled) if isinstance(x, (tuple, list)) else scaled[0]


def _total_norm(subject: str, tensors: Sequence[Any], order: float) -> Tensor:
    """Norm of all elements as one vector, in float32 or wider."""
    if not tensors:
        raise ValueError(explain(subject, given="no tensor", expected="at least one"))
    norms = []
    for tensor in tensors:
        if not isinstance(tensor, Tensor) or not tensor.dtype.is_float:
            given = f"a {tensor.dtype} tensor" if isinstance(tensor, Tensor) else f"a {type(tensor).__name__}"
            raise TypeError(explain(subject, given=given, expected="floating-point tensors"))
        norms.append(norm(prims.reshape(wide(tensor), shape=(tensor.size,)), float(order), 0))
    norms = [prims.reshape(n, shape=(1,)) for n in unified(subject, *norms)]
    return prims.reshape(norms[0], shape=()) if len(norms) == 1 else norm(prims.concat(*norms, axis=0), float(order), 0)


def clip_by_global_norm(x: Sequence[Tensor], clip_norm: float = 1.0, use_norm: None = None) -> tuple[Tensor, ...]:
    """Scale tensors down together until the 2-norm of all their elements is at most a limit.

    Each becomes x * clip_norm / max(norm, clip_norm).

    Args:
        x: floating-point tensors.
        clip_norm: the limit, above 0.
        use_norm: None; MindSpore takes nothing else either.

    Returns:
        As many tensors.

    Raises:
        TypeError: `x` is no tuple or list of floating-point tensors.
        ValueError: there are none, `clip_norm` is not positive, or `use_norm` is given.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [y.asnumpy() for y in ops.clip_by_global_norm((Tensor([3.0]), Tensor([4.0])), 1.0)]
        [array([0.6], dtype=float32), array([0.8], dtype=float32)]
    """
    if not isinstance(x, (tuple, list)):
        raise TypeError(
            explain("ops.clip_by_global_norm", given=f"a {type(x).__name__}", expected="a tuple or list of tensors")
        )
    if use_norm is not None or not clip_norm > 0:
        raise ValueError(
            explain(
                "ops.clip_by_global_norm",
                given=f"clip_norm={clip_norm}, use_norm={use_norm}",
                expected="clip_norm above 0, use_norm None",
            )
        )
    total = _total_norm("ops.clip_by_global_norm", x, 2.0)
    factor = div(float(clip_norm), maximum(total, float(clip_norm)))
    return tuple(mul(tensor, cast(factor, tensor.dtype)) for tensor in x)
