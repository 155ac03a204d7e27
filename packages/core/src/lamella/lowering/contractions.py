"""Steps of products: which operand is read how, what is copied for that, and what follows on the result's elements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from lamella.ir import Graph, Node, Value
from lamella.lowering import products
from lamella.lowering.axes import SAME
from lamella.lowering.elementwise import Reading
from lamella.lowering.groups import Group
from lamella.lowering.layout import NO_HALO, Halo, Layout, dense, plain
from lamella.lowering.memory import Base, Memory
from lamella.lowering.plan import Access, Product
from lamella.lowering.products import Choice, Form
from lamella.ops import prims
from lamella.ops.define.opdef import Kind

#: About how many cycles an element takes that has to be read or written by itself.
_STRAY = 1.5


class Minimal(Protocol):
    """A backend's way to compute some convolutions with fewer multiplications."""

    def choice(self, node: Node, /) -> Choice | None:
        """How a convolution is computed so; None where that does not pay. `Choice.minimal` is set."""
        ...

    def prepare(self, m: Memory, node: Node, a: Access, b: Access, /) -> tuple[Access, Access, list[Base]]:
        """Plan the steps before the one that computes the result.

        Args:
            m: where values lie.
            node: the convolution.
            a: its left operand, as the choice asks for it.
            b: its right one.

        Returns:
            What the last step has for operands, and memory that is in no use after it.
        """
        ...

    def forms(self, node: Node, a: Layout, b: Layout, /) -> list[Form]:
        """The contractions of the last step, by the layouts of its operands."""
        ...


def plan_product(m: Memory, group: Group, outputs: Sequence[Value], minimal: Minimal | None) -> None:
    """The steps of a product and the elementwise nodes on its result."""
    node = group.product
    assert node is not None
    reading = Reading(m, group)
    choice, a, b = _chosen(m, group, reading, outputs, minimal)
    held: list[Base] = []
    if choice.minimal:
        assert minimal is not None
        a, b, held = minimal.prepare(m, node, a, b)
        forms = minimal.forms(node, a.layout, b.layout)
    else:
        forms = products.forms(node, choice, a.layout, b.layout)
    terms = [*forms[0].outer, *forms[0].rows, forms[0].columns]
    axes = group.axes[node.outputs[0]]
    named = [axis for t in terms if t.axis is not None and (axis := axes[t.axis]) is not None]
    order = [*(a for a in range(len(group.extents)) if a not in named), *named]
    bases = {v: m.base_for(v, group, order) for v in outputs}
    m.add(
        Product(group, order, None, reading.operands, list(outputs), choice, forms),
        [a, b, *reading.accesses],
        [base.place for base in bases.values()],
    )
    m.give_back(held)
    m.bases.update(bases)


def halos(graph: Graph, minimal: Minimal | None) -> dict[Value, Halo]:
    """The zeros that convolutions want around values that they read."""
    found: dict[Value, Halo] = {}
    for node in graph.nodes:
        if node.op.kind is not Kind.PRODUCT or node.op is prims.dot_general:
            continue
        (choice,) = _options(node, [plain(v.shape) for v in node.operands], minimal)
        for value, halo in zip(node.operands, choice.halos, strict=True):
            base = value
            while base.node is not None and base.node.op in SAME:
                base = base.node.operands[0]
            if halo is None or not any(any(pair) for pair in halo):
                continue
            old = found.get(base, halo)
            found[base] = tuple((max(x[0], y[0]), max(x[1], y[1])) for x, y in zip(old, halo, strict=True))
    return found


def _options(node: Node, layouts: Sequence[Layout], minimal: Minimal | None) -> list[Choice]:
    choice = None if minimal is None or node.op is prims.dot_general else minimal.choice(node)
    return products.choices(node, layouts) if choice is None else [choice]


def _chosen(
    m: Memory, group: Group, reading: Reading, outputs: Sequence[Value], minimal: Minimal | None
) -> tuple[Choice, Access, Access]:
    """The cheapest way to compute a product, with its operands laid out for it."""
    node = group.product
    assert node is not None
    views = [m.view(v) for v in node.operands]
    options = _options(node, [layout for _, layout in views], minimal)
    choice = min(options, key=lambda c: _cost(m, group, reading, c, outputs))
    places: list[Access] = []
    for role, position in enumerate((choice.left, 1 - choice.left)):
        order, halo = (choice.a, choice.b)[role], choice.halos[role]
        operand, (base, layout) = node.operands[position], views[position]
        own = base.halo if operand in m.bases else NO_HALO
        if products.satisfies(layout, order, halo, own or None):
            places.append(base.place._replace(layout=layout))
        else:
            wanted = order or tuple(range(len(layout.shape)))
            places.append(m.copied(operand, dense(layout.shape, wanted, halo), halo or NO_HALO).place)
    return choice, places[0], places[1]


def _cost(m: Memory, group: Group, reading: Reading, choice: Choice, outputs: Sequence[Value]) -> float:
    """About how many cycles a choice takes beside the multiplications that any takes."""
    node = group.product
    assert node is not None
    result = node.outputs[0]
    axes = group.axes[result]
    lanes = max(m.target.vector_bits // (8 * result.dtype.itemsize), 1)
    contracted = node.attrs["contract"][0] if node.op is prims.dot_general else ()
    work = math.prod(result.shape) * math.prod(node.operands[0].shape[i] for i in contracted)
    columns = result.shape[choice.columns]
    cost = (-(-columns // lanes) * lanes / columns - 1) * work / lanes  # lanes that compute nothing
    if choice.b is not None and choice.a is None:
        cost += math.prod(node.operands[1 - choice.left].shape)  # elements to be packed
    # What the nodes behind it read or write in another order than the block has takes single elements.
    for strides in reading.strides(outputs):
        axis = axes[choice.columns]
        if axis in strides and strides[axis] != 1 and 1 in strides.values():
            cost += _STRAY * math.prod(group.extents[a] for a in strides)
    return cost
