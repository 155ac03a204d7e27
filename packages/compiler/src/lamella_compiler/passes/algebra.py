"""Identities of arithmetic: nodes whose result is an operand, a constant, or found with fewer nodes.

Only what gives the same bits, for NaN, infinities and both zeros too: `x + 0.0` stays (it makes 0.0 of -0.0),
`x + -0.0` goes. The one exception is `x**2`, of which `x * x` is the exactly rounded result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from lamella.dtypes import DType
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rule, Rules, constant_of, maker, rewritten
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

BOOL: Final = ("bool",)
INTEGER: Final = ("int", "uint")
FLOAT: Final = ("float",)
NUMBER: Final = (*INTEGER, *FLOAT)
BITS: Final = (*BOOL, *INTEGER)


class _Special(NamedTuple):
    """A row of the table of special operands.

    Attributes:
        op: the primitive.
        kinds: the kinds of element type for which it holds.
        value: the special operand: a number, or a name of one that depends on the type.
        side: where it has to stand: 0, 1, or None for either.
        result: what comes out: "other" for the other operand, "itself" for the special one.
    """

    op: OpDef
    kinds: Sequence[str]
    value: float | str
    side: int | None
    result: str


_SPECIAL: Final = (
    _Special(prims.add, FLOAT, -0.0, None, "other"),
    _Special(prims.add, INTEGER, 0, None, "other"),
    _Special(prims.sub, FLOAT, 0.0, 1, "other"),
    _Special(prims.sub, INTEGER, 0, 1, "other"),
    _Special(prims.mul, NUMBER, 1, None, "other"),
    _Special(prims.mul, INTEGER, 0, None, "itself"),
    _Special(prims.div, FLOAT, 1, 1, "other"),
    _Special(prims.floor_div, INTEGER, 1, 1, "other"),
    _Special(prims.pow, NUMBER, 1, 1, "other"),
    _Special(prims.maximum, FLOAT, -math.inf, None, "other"),
    _Special(prims.minimum, FLOAT, math.inf, None, "other"),
    _Special(prims.maximum, INTEGER, "least", None, "other"),
    _Special(prims.minimum, INTEGER, "greatest", None, "other"),
    _Special(prims.bitwise_or, BITS, 0, None, "other"),
    _Special(prims.bitwise_xor, BITS, 0, None, "other"),
    _Special(prims.bitwise_and, BITS, 0, None, "itself"),
    _Special(prims.bitwise_and, BOOL, 1, None, "other"),
    _Special(prims.bitwise_or, BOOL, 1, None, "itself"),
    _Special(prims.shift_left, INTEGER, 0, 1, "other"),
    _Special(prims.shift_right, INTEGER, 0, 1, "other"),
)

#: f(x, x) == x
_SAME: Final = (prims.maximum, prims.minimum, prims.bitwise_and, prims.bitwise_or)
#: f(f(x)) == f(x)
_IDEMPOTENT: Final = (prims.floor, prims.ceil, prims.round, prims.sign, prims.abs)
#: f(f(x)) == x
_INVOLUTIONS: Final = (prims.neg, prims.bitwise_not, prims.conj)
#: f(x, -y) == g(x, y)
_OF_NEGATIVE: Final = ((prims.add, prims.sub), (prims.sub, prims.add))
#: f(-x, -y) == f(x, y)
_OF_NEGATIVES: Final = (prims.mul, prims.div)


def simplify(graph: Graph) -> Graph:
    """Apply the identities."""
    return rewritten(graph, RULES)


# -- operands that are one number all over --


def uniform(value: Value) -> Any:
    """The number that all elements of a value are known to be, as a NumPy scalar; None if they are not known to be."""
    stretched = maker(value, prims.broadcast_to)
    array = constant_of(value if stretched is None else stretched.operands[0])
    if array is None or array.size == 0:
        return None
    first = array.reshape(-1)[0]
    return first if array.size == 1 or _all_equal(array, first) else None


def _all_equal(array: np.ndarray[Any, Any], first: Any) -> bool:
    return array.tobytes() == first.tobytes() * array.size


def _number(name: float | str, dtype: DType) -> Any:
    if isinstance(name, str):
        limits = np.iinfo(dtype.numpy)
        name = limits.min if name == "least" else limits.max
    return np.array(name, dtype.numpy)[()]


def as_result(rewriting: Rewriting, value: Value, node: Node) -> Sequence[Value] | None:
    """A value in the place of a node's only output: stretched to its shape, if it is of its element type."""
    wanted = node.outputs[0].type
    if value.type == wanted:
        return [value]
    if value.dtype is not wanted.dtype:
        return None
    return [rewriting.one(prims.broadcast_to, value, shape=wanted.shape)]


def _special_rule(row: _Special) -> Rule:
    def rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
        dtype = node.operands[0].dtype
        if dtype.kind not in row.kinds:
            return None
        for side in (0, 1) if row.side is None else (row.side,):
            special = uniform(node.operands[side])
            if special is not None and special.tobytes() == _number(row.value, dtype).tobytes():
                chosen = node.operands[1 - side] if row.result == "other" else node.operands[side]
                return as_result(rewriting, chosen, node)
        return None

    return rule


# -- repeated and negated operands --


def _same_rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return [node.operands[0]] if node.operands[0] is node.operands[1] else None


def _idempotent_rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return [node.operands[0]] if maker(node.operands[0], node.op) is not None else None


def _involution_rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    inner = maker(node.operands[0], node.op)
    return None if inner is None else inner.operands


def _of_negative_rule(instead: OpDef) -> Rule:
    def rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
        negated = maker(node.operands[1], prims.neg)
        return None if negated is None else rewriting.emit(instead, (node.operands[0], negated.operands[0]))

    return rule


def _of_negatives_rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    x, y = maker(node.operands[0], prims.neg), maker(node.operands[1], prims.neg)
    return None if x is None or y is None else rewriting.emit(node.op, (x.operands[0], y.operands[0]))


def _abs_of_negative(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    negated = maker(node.operands[0], prims.neg)
    return None if negated is None else rewriting.emit(prims.abs, negated.operands)


# -- multiplication and division by particular numbers --


def _times_minus_one(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    for factor, x in (node.operands, node.operands[::-1]):
        if x.type == node.outputs[0].type and x.dtype.kind in ("int", "float") and uniform(factor) == -1:
            return rewriting.emit(prims.neg, (x,))
    return None


def _divide_by_power_of_two(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """X / 2**k is x * 2**-k, if that is a number of the type: both round the same exact value once."""
    x, y = node.operands
    divisor = uniform(y) if y.dtype.is_float else None
    if divisor is None or not np.isfinite(divisor) or abs(math.frexp(float(divisor))[0]) != 0.5:
        return None
    with np.errstate(over="ignore"):
        factor = np.array(1 / float(divisor), y.dtype.numpy)
    if float(factor) * float(divisor) != 1:
        return None
    scale = rewriting.constant(factor)
    return as_result(rewriting, rewriting.one(prims.mul, x, scale), node)


def _square(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    x = node.operands[0]
    if x.type == node.outputs[0].type and uniform(node.operands[1]) == 2:
        return rewriting.emit(prims.mul, (x, x))
    return None


# -- select --


def _select(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    condition, x, y = node.operands
    if x is y:
        return as_result(rewriting, x, node)
    known = uniform(condition)
    if known is not None:
        return as_result(rewriting, x if known else y, node)
    inverted = maker(condition, prims.bitwise_not)
    return None if inverted is None else rewriting.emit(prims.select, (inverted.operands[0], y, x))


def _compare_with_itself(holds: bool) -> Rule:
    def rule(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
        x, y = node.operands
        if x is not y or x.dtype.is_inexact:  # NaN differs from itself
            return None
        return as_result(rewriting, rewriting.constant(np.array(holds)), node)

    return rule


def _zero_of_itself(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    x, y = node.operands
    if x is not y or x.dtype.is_inexact:
        return None
    return as_result(rewriting, rewriting.constant(np.zeros((), x.dtype.numpy)), node)


#: The identities.
RULES: Final = Rules(
    *((row.op, _special_rule(row)) for row in _SPECIAL),
    *((op, _same_rule) for op in _SAME),
    *((op, _idempotent_rule) for op in _IDEMPOTENT),
    *((op, _involution_rule) for op in _INVOLUTIONS),
    *((op, _of_negative_rule(instead)) for op, instead in _OF_NEGATIVE),
    *((op, _of_negatives_rule) for op in _OF_NEGATIVES),
    (prims.abs, _abs_of_negative),
    (prims.mul, _times_minus_one),
    (prims.div, _divide_by_power_of_two),
    (prims.pow, _square),
    (prims.select, _select),
    *((op, _compare_with_itself(True)) for op in (prims.eq, prims.le, prims.ge)),
    *((op, _compare_with_itself(False)) for op in (prims.ne, prims.lt, prims.gt)),
    *((op, _zero_of_itself) for op in (prims.sub, prims.bitwise_xor)),
)
