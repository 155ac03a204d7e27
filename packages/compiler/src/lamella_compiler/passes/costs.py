"""What is known of primitives that passes decide by: which can fail, which are dear."""

from __future__ import annotations

from typing import Final

from lamella.ir.graph import Node
from lamella.ir.rewriting import has_effect
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef
from lamella_compiler.passes.broadcasts import is_elementwise

# Primitives that run through on any numbers, besides the elementwise ones.
_TOTAL: Final = frozenset({
    prims.argmax, prims.argmin, prims.broadcast_to, prims.concat, prims.conv, prims.conv_input_grad,
    prims.conv_weight_grad, prims.cumprod, prims.cumsum, prims.dot_general, prims.flip, prims.iota, prims.literal,
    prims.log_softmax, prims.pad, prims.random_bits, prims.reduce_max, prims.reduce_min, prims.reduce_prod,
    prims.reduce_sum, prims.reshape, prims.slice_, prims.softmax, prims.sort, prims.transpose, prims.window_max,
    prims.window_sum, prims.window_sum_grad,
})  # fmt: skip

# Elementwise primitives that cost about as much as reading their operands.
_CHEAP: Final = frozenset({
    prims.abs, prims.add, prims.alias, prims.bitwise_and, prims.bitwise_not, prims.bitwise_or, prims.bitwise_xor,
    prims.cast, prims.ceil, prims.eq, prims.floor, prims.ge, prims.gt, prims.isfinite, prims.isnan, prims.le, prims.lt,
    prims.maximum, prims.minimum, prims.mul, prims.ne, prims.neg, prims.round, prims.select, prims.shift_left,
    prims.shift_right, prims.sign, prims.stop_gradient, prims.sub,
})  # fmt: skip


def cannot_fail(node: Node) -> bool:
    """Whether a node runs through on any numbers, so that it may run where it otherwise would not have."""
    if has_effect(node):
        return False
    if node.op in (prims.pow, prims.floor_div, prims.floor_mod):  # of integers: negative powers, division by 0
        return all(v.dtype.is_float for v in node.operands)
    return node.op in _TOTAL or is_elementwise(node.op)


def is_dear(op: OpDef) -> bool:
    """Whether keeping a primitive's result costs less than computing it again."""
    return op not in _CHEAP and not op.view and op not in (prims.literal, prims.iota)
