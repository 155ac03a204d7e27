"""Matrix products and convolutions as contractions: which operand is read how, and what memory order that asks for.

Every product is C[rows, columns] = sum over depth of A[rows, depth] * B[depth, columns], with the columns side by side
in B and C. Which operand of a matrix product plays A is free; a weight in its natural [out, in] order makes a good A,
which needs no packing at all. Convolutions run channels-last: the columns are channels, the rows pixels. Some have a
way to do with fewer multiplications, which a backend may have: then B is what its transforms made of the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.ir import Node
from lamella.lowering.layout import Halo, Layout
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef


class Term(NamedTuple):
    """An axis of a product.

    Attributes:
        extent: its size.
        a: stride in A; 0 where A does not have it.
        b: stride in B.
        axis: the axis of the result; None for what is summed over.
        target: for an axis of the result that is walked in steps: (first index, step).
    """

    extent: int
    a: int
    b: int
    axis: int | None = None
    target: tuple[int, int] = (0, 1)


class Form(NamedTuple):
    """A product as a contraction.

    Attributes:
        a_offset: element of A that the first row and depth start from.
        b_offset: likewise of B.
        outer: axes of the result that both operands or only B have; a block is computed for each index.
        rows: axes of the result that only A has, outermost first.
        columns: the axis of the result that lies side by side in B.
        depth: what is summed over, outermost first.
    """

    a_offset: int
    b_offset: int
    outer: list[Term]
    rows: list[Term]
    columns: Term
    depth: list[Term]


class Choice(NamedTuple):
    """A way to compute a product.

    Attributes:
        left: the operand that plays A, by position; the other one plays B.
        columns: the axis of the result that is walked in vectors.
        a: the memory order that A has to have, outermost axis first; None if any is good.
        b: likewise for B.
        halos: zeros that A and B need around them.
        minimal: whether a convolution is computed by minimal filtering.
    """

    left: int
    columns: int
    a: tuple[int, ...] | None
    b: tuple[int, ...] | None
    halos: tuple[Halo | None, Halo | None] = (None, None)
    minimal: bool = False


def choices(node: Node, layouts: Sequence[Layout]) -> list[Choice]:
    """The ways to compute a product whose operands have these layouts, each with what has to be moved for it."""
    if node.op is not prims.dot_general:
        return [_convolution_choice(node)]
    found: list[Choice] = []
    for left in (0, 1):
        right = 1 - left
        free = _free(node, right)
        if not free:
            continue
        best = next((i for i in reversed(free) if layouts[right].strides[i] == 1), None)
        contract, batch = node.attrs["contract"][right], node.attrs["batch"][right]
        order: tuple[int, ...] | None = None
        if best is None:
            # Packed: what is summed over outermost, so that columns come side by side.
            order = (*batch, *contract, *free)
            best = free[-1]
        found.append(Choice(left, _result_axis(node, right, best), None, order))
    return found


def _free(node: Node, operand: int) -> list[int]:
    """The axes of an operand of a matrix product that only it has."""
    used = {*node.attrs["contract"][operand], *node.attrs["batch"][operand]}
    shape = node.operands[operand].shape
    return [i for i in range(len(shape)) if i not in used and shape[i] != 1]


def _result_axis(node: Node, operand: int, axis: int) -> int:
    """Where an axis of an operand is in the result: axes in parallel first, then those of x, then those of y."""
    batch = node.attrs["batch"]
    if axis in batch[operand]:
        return int(batch[operand].index(axis))
    used = {*node.attrs["contract"][operand], *batch[operand]}
    before = sum(1 for i in range(axis) if i not in used)
    if operand == 1:
        others = {*node.attrs["contract"][0], *batch[0]}
        before += len(node.operands[0].shape) - len(others)
    return len(batch[0]) + before


def forms(node: Node, choice: Choice, a: Layout, b: Layout) -> list[Form]:
    """The contractions of a product; several where a stride divides the result into interleaved parts.

    Args:
        node: the product.
        choice: how.
        a: layout of the left operand, in the order that was asked for.
        b: layout of the right one.
    """
    if node.op is prims.dot_general:
        return [_matrix_form(node, choice, a, b)]
    return _CONVOLUTIONS[node.op](node, a, b)


def _matrix_form(node: Node, choice: Choice, a: Layout, b: Layout) -> Form:
    left, right = choice.left, 1 - choice.left
    contract, batch = node.attrs["contract"], node.attrs["batch"]
    outer = [
        Term(a.shape[i], a.strides[i], b.strides[j], _result_axis(node, left, i))
        for i, j in zip(batch[left], batch[right], strict=True)
        if a.shape[i] != 1
    ]
    rows = [Term(a.shape[i], a.strides[i], 0, _result_axis(node, left, i)) for i in _free(node, left)]
    columns: Term | None = None
    for i in _free(node, right):
        term = Term(b.shape[i], 0, b.strides[i], _result_axis(node, right, i))
        if term.axis == choice.columns:
            columns = term
        else:
            outer.append(term)
    depth = [
        Term(a.shape[i], a.strides[i], b.strides[j])
        for i, j in zip(contract[left], contract[right], strict=True)
        if a.shape[i] != 1
    ]
    assert columns is not None and columns.b == 1, "columns lie side by side"
    rows.sort(key=lambda t: -abs(t.a))
    depth.sort(key=lambda t: -abs(t.b))
    return Form(a.offset, b.offset, outer, rows, columns, depth)


# -- convolutions: x[n, c, *s], w[o, c, *k], y[n, o, *t]; data lie channels-last, with zeros around them --


def _place(node: Node) -> tuple[Sequence[int], Sequence[int], Sequence[tuple[int, int]], Sequence[int]]:
    """Window, strides, padding and dilation of a convolution."""
    attrs: dict[str, Any] = dict(node.attrs)
    weight = attrs["shape"] if node.op is prims.conv_weight_grad else node.operands[1].shape
    return weight[2:], attrs["strides"], attrs["padding"], attrs["dilation"]


def _convolution_choice(node: Node) -> Choice:
    window, strides, padding, dilation = _place(node)
    spatial = len(window)
    last: tuple[int, ...] = (0, *range(2, 2 + spatial), 1)  # channels-last
    around: Halo = ((0, 0), (0, 0), *((lo, hi) for lo, hi in padding))
    if node.op is prims.conv:
        x = node.operands[0].shape
        y = node.outputs[0].shape
        around = ((0, 0), (0, 0), *_reach(window, strides, padding, dilation, x[2:], y[2:]))
        return Choice(0, 1, last, (*range(2, 2 + spatial), 1, 0), (around, None))
    if node.op is prims.conv_weight_grad:
        x = node.operands[0].shape
        y = node.operands[1].shape
        around = ((0, 0), (0, 0), *_reach(window, strides, padding, dilation, x[2:], y[2:]))
        return Choice(0, 0, last, last, (around, None))
    y, x = node.operands[0].shape, node.attrs["shape"]
    halo: list[tuple[int, int]] = []
    for k, s, (low, _), d, n, m in zip(window, strides, padding, dilation, x[2:], y[2:], strict=True):
        first = -((k - 1) * d - low) // s  # the lowest and highest index of y that any tap asks for
        final = (n - 1 + low) // s
        halo.append((max(0, -first), max(0, final - (m - 1))))
    return Choice(0, 1, last, (*range(2, 2 + spatial), 0, 1), (((0, 0), (0, 0), *halo), None))


def _reach(
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    dilation: Sequence[int],
    inputs: Sequence[int],
    outputs: Sequence[int],
) -> list[tuple[int, int]]:
    """How far windows reach over the edges of the data."""
    return [
        (low, max(0, (m - 1) * s + (k - 1) * d - low - (n - 1)))
        for k, s, (low, _), d, n, m in zip(window, strides, padding, dilation, inputs, outputs, strict=True)
    ]


def _conv(node: Node, x: Layout, w: Layout) -> list[Form]:
    window, strides, padding, dilation = _place(node)
    y = node.outputs[0].shape
    offset = x.offset - sum(low * x.strides[2 + i] for i, (low, _) in enumerate(padding))
    rows = [Term(y[2 + i], s * x.strides[2 + i], 0, 2 + i) for i, s in enumerate(strides)]
    depth = [Term(k, dilation[i] * x.strides[2 + i], w.strides[2 + i]) for i, k in enumerate(window)]
    depth.append(Term(x.shape[1], x.strides[1], w.strides[1]))
    outer = [Term(y[0], x.strides[0], 0, 0)]
    return [_pruned(Form(offset, w.offset, outer, rows, Term(y[1], 0, 1, 1), depth))]


def _conv_weight_grad(node: Node, x: Layout, g: Layout) -> list[Form]:
    window, strides, padding, dilation = _place(node)
    shape = node.attrs["shape"]
    offset = x.offset - sum(low * x.strides[2 + i] for i, (low, _) in enumerate(padding))
    rows = [Term(k, dilation[i] * x.strides[2 + i], 0, 2 + i) for i, k in enumerate(window)]
    rows.append(Term(shape[1], x.strides[1], 0, 1))
    depth = [Term(g.shape[0], x.strides[0], g.strides[0])]
    depth += [Term(g.shape[2 + i], s * x.strides[2 + i], g.strides[2 + i]) for i, s in enumerate(strides)]
    return [_pruned(Form(offset, g.offset, [], rows, Term(shape[0], 0, 1, 0), depth))]


def _conv_input_grad(node: Node, g: Layout, w: Layout) -> list[Form]:
    """For each remainder that a pixel's index can have by the stride: a convolution by the taps that reach it."""
    window, strides, padding, dilation = _place(node)
    shape = node.attrs["shape"]
    per_axis: list[list[tuple[Term, Term | None, int, int]]] = []
    for i, (k, s, (low, _), d) in enumerate(zip(window, strides, padding, dilation, strict=True)):
        size, at = shape[2 + i], g.strides[2 + i]
        classes: list[tuple[Term, Term | None, int, int]] = []
        for first in range(min(s, size)):
            taps = [t for t in range(k) if (first + low - t * d) % s == 0]
            count = -(-(size - first) // s)
            rows = Term(count, at, 0, 2 + i, (first, s))
            if not taps:
                classes.append((rows, None, 0, 0))
                continue
            step = taps[1] - taps[0] if len(taps) > 1 else 1
            start = (first + low - taps[0] * d) // s
            depth = Term(len(taps), -step * d // s * at, step * w.strides[2 + i])
            classes.append((rows, depth, start * at, taps[0] * w.strides[2 + i]))
        per_axis.append(classes)
    found: list[Form] = []
    for parts in _combinations(per_axis):
        kernel: list[Term] = [depth for _, depth, _, _ in parts if depth is not None]
        pixels: list[Term] = [part[0] for part in parts]
        if len(kernel) < len(parts):
            channels = Term(0, g.strides[1], w.strides[0])  # no tap reaches these pixels: their sum is empty
        else:
            channels = Term(g.shape[1], g.strides[1], w.strides[0])
        found.append(
            _pruned(
                Form(
                    g.offset + sum(part[2] for part in parts),
                    w.offset + sum(part[3] for part in parts),
                    [Term(shape[0], g.strides[0], 0, 0)],
                    pixels,
                    Term(shape[1], 0, 1, 1),
                    [*kernel, channels],
                )
            )
        )
    return found


_CONVOLUTIONS: Mapping[OpDef, Callable[[Node, Layout, Layout], list[Form]]] = {
    prims.conv: _conv,
    prims.conv_input_grad: _conv_input_grad,
    prims.conv_weight_grad: _conv_weight_grad,
}


def _combinations(lists: Sequence[list[Any]]) -> list[tuple[Any, ...]]:
    result: list[tuple[Any, ...]] = [()]
    for items in lists:
        result = [(*before, item) for before in result for item in items]
    return result


def _pruned(form: Form) -> Form:
    """Without axes of one index."""
    return form._replace(
        outer=[t for t in form.outer if t.extent != 1 or t.target != (0, 1)],
        rows=[t for t in form.rows if t.extent != 1 or t.target != (0, 1)],
        depth=[t for t in form.depth if t.extent != 1],
    )


def satisfies(layout: Layout, order: Sequence[int] | None, halo: Halo | None, has: Halo | None) -> bool:
    """Whether memory with this layout, surrounded by the zeros `has`, can be read as a choice asks.

    Args:
        layout: the layout.
        order: the order of axes that is asked for; None for any.
        halo: the zeros that are asked for.
        has: the zeros that there are.
    """
    for asked, there in zip(halo or (), has or ((0, 0),) * len(layout.shape), strict=False):
        if asked[0] > there[0] or asked[1] > there[1]:
            return False
    if order is None:
        return True
    last = next((i for i in reversed(order) if layout.shape[i] != 1), None)
    return last is None or layout.strides[last] == 1
