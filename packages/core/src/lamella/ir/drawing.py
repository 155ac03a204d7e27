"""A graph as a drawing: text for Graphviz or Mermaid, which turn it into a picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from lamella.ir.graph import Graph, Node, Value


class _Box(NamedTuple):
    """A node, parameter or result as it is drawn."""

    name: str
    label: str
    place: Graph


class _Edge(NamedTuple):
    source: str
    target: str
    label: str


def to_dot(graph: Graph) -> str:
    """A graph in Graphviz's language; `dot -Tsvg` draws it.

    Examples:
        >>> import lamella as ms
        >>> print(to_dot(ms.ir.build(lambda x: -x, ms.ir.TensorType(ms.float32, (2,)))))
        digraph "lambda" {
          node [shape=box];
          b0 [label="input 0"];
          b1 [label="neg"];
          b2 [label="results"];
          b0 -> b1 [label="float32[2]"];
          b1 -> b2 [label="float32[2]"];
        }
    """
    boxes, edges = _laid_out(graph)
    lines = [f'digraph "{graph.name}" {{', "  node [shape=box];"]

    def draw(place: Graph, indent: str) -> None:
        lines.extend(f'{indent}{box.name} [label="{_escaped(box.label)}"];' for box in boxes if box.place is place)
        for node in place.nodes:
            for name, region in node.regions().items():
                title = _escaped(f"{name} of {node.op.name}")
                lines.append(f'{indent}subgraph cluster_{_first(region, boxes)} {{ label="{title}";')
                draw(region, indent + "  ")
                lines.append(f"{indent}}}")

    draw(graph, "  ")
    lines += [f'  {edge.source} -> {edge.target} [label="{_escaped(edge.label)}"];' for edge in edges]
    return "\n".join([*lines, "}"])


def to_mermaid(graph: Graph) -> str:
    """A graph in Mermaid's language, which GitHub and many editors draw.

    Examples:
        >>> import lamella as ms
        >>> print(to_mermaid(ms.ir.build(lambda x: -x, ms.ir.TensorType(ms.float32, (2,)))))
        flowchart TD
          b0["input 0"]
          b1["neg"]
          b2["results"]
          b0 -->|"float32[2]"| b1
          b1 -->|"float32[2]"| b2
    """
    boxes, edges = _laid_out(graph)
    lines = ["flowchart TD"]

    def draw(place: Graph, indent: str) -> None:
        lines.extend(
            f'{indent}{box.name}["{box.label.replace(chr(34), chr(39))}"]' for box in boxes if box.place is place
        )
        for node in place.nodes:
            for name, region in node.regions().items():
                lines.append(f'{indent}subgraph g{_first(region, boxes)}["{name} of {node.op.name}"]')
                draw(region, indent + "  ")
                lines.append(f"{indent}end")

    draw(graph, "  ")
    lines += [f'  {edge.source} -->|"{edge.label}"| {edge.target}' for edge in edges]
    return "\n".join(lines)


def _laid_out(graph: Graph) -> tuple[list[_Box], list[_Edge]]:
    numbers = count()
    boxes: list[_Box] = []
    edges: list[_Edge] = []
    home: dict[Value, str] = {}

    def box(label: str, place: Graph) -> str:
        boxes.append(_Box(f"b{next(numbers)}", label, place))
        return boxes[-1].name

    def lay(place: Graph) -> None:
        for i, param in enumerate(place.params):
            home[param] = box(f"input {i}", place)
        for node in place.nodes:
            name = box(_label(node), place)
            edges.extend(_Edge(home[v], name, str(v.type)) for v in node.operands)
            home.update(dict.fromkeys(node.outputs, name))
            for region in node.regions().values():
                lay(region)
        name = box("results", place)
        edges.extend(_Edge(home[v], name, str(v.type)) for v in place.results)

    lay(graph)
    return boxes, edges


def _label(node: Node) -> str:
    return " ".join([node.op.name, *_attributes(node)])


def _attributes(node: Node) -> Iterator[str]:
    for name, value in node.attrs.items():
        if isinstance(value, np.ndarray):
            yield str(value.item()) if value.size == 1 else f"{value.dtype}{list(value.shape)}"
        elif not isinstance(value, Graph):
            yield f"{name}={value}"


def _first(region: Graph, boxes: list[_Box]) -> str:
    """A name for a region: that of its first box."""
    return next(box.name for box in boxes if box.place is region)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
