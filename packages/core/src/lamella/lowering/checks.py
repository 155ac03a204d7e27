"""What may stop a run: checks of indices and divisors, put in front of what would go wrong without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lamella.ir import Node, Value
from lamella.ir.analysis import is_total
from lamella.lowering.axes import source
from lamella.ops import prims
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Kind, OpDef
from lamella.tensor import Tensor

#: What may stop a run in the middle of a loop.
CHECKS = frozenset([prims.checked_index, prims.checked_divisor])

#: What cannot stop a run although it is not total: `rule` has put checks in front, or makes sure that none is
#: needed; and the derivative of a window's maximum compares places, where the reference kernel would use them.
_CHECKED = frozenset([prims.gather, prims.floor_div, prims.floor_mod, prims.window_max_grad])


def may_stop(node: Node) -> bool:
    """Whether a node, or one in its regions, may stop the run."""
    if node.op.kind is Kind.CONTROL:
        return any(map(may_stop, (n for region in node.regions().values() for n in region.nodes)))
    return not is_total(node) and node.op not in _CHECKED


def rule(node: Node) -> Callable[..., Any] | None:
    """How a node that may stop a run is written, with a check in front; None if it needs none, or has one."""
    if node.op is prims.gather and (index := node.operands[1].node) is not None and index.op is prims.checked_index:
        return None
    if node.op in (prims.floor_div, prims.floor_mod) and not _needs_check(node.operands[1]):
        return None
    return _RULES.get(node.op)


def _by_checked(op: OpDef) -> Callable[..., Tensor]:
    return lambda x, y: op(x, prims.checked_divisor(y))


def _gather(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    result: Tensor = prims.gather(x, prims.checked_index(indices, size=x.shape[axis], ignore=None), axis=axis)
    return result


def _flat_index(*indices: Tensor, sizes: tuple[int, ...]) -> Tensor:
    flat: Tensor | None = None
    for index, size in zip(indices, sizes, strict=True):
        wide = prims.cast(index, dtype="int64")
        wrapped = prims.select(prims.lt(wide, scalar(0, wide.dtype)), prims.add(wide, scalar(size, wide.dtype)), wide)
        part = prims.checked_index(wrapped, size=size, ignore=None)
        flat = part if flat is None else prims.add(prims.mul(flat, scalar(size, wide.dtype)), part)
    assert flat is not None, "there is at least one index"
    return flat


_RULES: Mapping[OpDef, Callable[..., Any]] = {
    prims.flat_index: _flat_index,
    prims.floor_div: _by_checked(prims.floor_div),
    prims.floor_mod: _by_checked(prims.floor_mod),
    prims.gather: _gather,
}


def _needs_check(divisor: Value) -> bool:
    """Whether a divisor may be a 0 for which there is no check yet."""
    node = source(divisor).node
    if divisor.dtype.is_float or (node is not None and node.op is prims.checked_divisor):
        return False
    return node is None or node.op is not prims.constant or not np.all(node.attrs["value"])
