"""Limits: of each element, of the norm of a tensor, of the norm of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, unified, wide
from lamella.ops.functions.elementwise import add, div, maximum, minimum, mul
from lamella.ops.functions.reduce import norm
from lamella.tensor import Tensor

__all__ = ["clamp", "clip", "clip_by_global_norm", "clip_by_norm", "clip_by_value"]

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
