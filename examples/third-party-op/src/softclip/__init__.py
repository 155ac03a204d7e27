"""`softclip(x, limit)` = limit * x / sqrt(limit**2 + x**2): x for small x, ±limit for large x, smooth between."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella import Tensor, ops
from lamella.ops.define.opdef import Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, check_kind, fail
from lamella.ops.prims.elementwise import convert, wide
from lamella.ops.prims.shape import batch_elementwise
from lamella.plugins import hookimpl
from lamella.types import TensorType

__version__ = "0.1.0"


def _infer(x: TensorType, *, limit: float) -> TensorType:
    check_kind("softclip", x.dtype, FLOAT)
    if not limit > 0:
        raise fail("softclip", f"limit={limit}", "a number above 0")
    return x


def _kernel(x: np.ndarray[Any, Any], *, limit: float) -> np.ndarray[Any, Any]:
    wide = x.astype(np.result_type(x.dtype, np.float32)) / limit
    return (limit * wide / np.sqrt(1 + wide * wide)).astype(x.dtype)


def _vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    ratio = c.x / c.attrs["limit"]
    return [g * (ratio * ratio + 1) ** -1.5]


def _decompose(x: Tensor, *, limit: float) -> Tensor:
    ratio = wide(x) / limit
    return convert(limit * ratio / ops.sqrt(ratio * ratio + 1), x.dtype)


primitive = register(
    OpDef(
        "softclip",
        _infer,
        _kernel,
        Vjp(_vjp, saves=(0,)),
        batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
        decompose=_decompose,
    )
)


def softclip(x: Tensor, limit: float = 1.0) -> Tensor:
    """Keep numbers softly between -limit and limit.

    Args:
        x: floating-point tensor of any shape.
        limit: what large numbers approach, above 0.

    Raises:
        TypeError: `x` is not floating-point.
        ValueError: `limit` is not positive.

    Examples:
        >>> softclip(Tensor([0.0, 1e9])).asnumpy()
        array([0., 1.], dtype=float32)
    """
    result: Tensor = primitive(ops.as_tensor(x), limit=float(limit))
    return result


@hookimpl
def register_ops(registry: Any) -> None:
    """Nothing is left to do: importing this module has registered the primitive."""
