"""Reading graphs that `printer` wrote. Runs no code from the text, whatever it holds."""

from __future__ import annotations

import ast
import base64
import binascii
import re
from typing import Any, NoReturn

import numpy as np

from lamella.dims import parse_dim
from lamella.dtypes import BY_NAME
from lamella.errors import GraphError
from lamella.ir.graph import Graph, Location, Value
from lamella.ops.define.opdef import lookup
from lamella.types import Type, parse_type

_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\n\s*)*(?P<token>
        b64'[A-Za-z0-9+/=]*'            # bytes
      | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*"   # text
      | <[^<>]*>                        # open size
      | %\d+                            # value
      | [A-Za-z_][A-Za-z0-9_.]*
      | -?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)
      | -> | [-@(){}\[\]:,=+*/%]
      | >=
    )""",
    re.VERBOSE,
)

_REGION = re.compile(r"\s*(?:#[^\n]*\n\s*)*\w+ = graph ")


def parse_graph(text: str) -> Graph:
    """Read a graph.

    Args:
        text: what `print_graph` wrote, perhaps edited.

    Returns:
        The graph. It has the types that the text states; `verify` tells whether they are right.

    Raises:
        GraphError: the text is not a graph; names the line.

    Examples:
        >>> import lamella as ms
        >>> ms.ir.parse_graph("graph twice(%0: float32[n]) -> float32[n] { %1: float32[n] = add(%0, %0) return %1 }")
        <graph twice(float32[n]) -> (float32[n]), 1 nodes>
    """
    parser = _Parser(text)
    graph = parser.graph()
    if parser.peek() is not None:
        parser.fail("the end of the text")
    return graph


class _Parser:
    """A recursive-descent parser over the tokens of the text."""

    def __init__(self, text: str) -> None:
        self.text = text + "\n"
        self.position = 0
        self.values: dict[str, Value] = {}

    def peek(self) -> str | None:
        match = _TOKEN.match(self.text, self.position)
        if match is None and self.text[self.position :].strip():
            rest = re.sub(r"\A(\s*#[^\n]*\n)*\s*", "", self.text[self.position :])
            if rest:
                self.fail("a graph")
        return None if match is None else match["token"]

    def take(self, expected: str | None = None) -> str:
        match = _TOKEN.match(self.text, self.position)
        if match is None or (expected is not None and match["token"] != expected):
            self.fail(repr(expected) if expected else "more text")
        self.position = match.end()
        return match["token"]

    def accept(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.take()
        return True

    def fail(self, expected: str) -> NoReturn:
        line = self.text.count("\n", 0, self.position) + 1
        found = self.text[self.position :].strip().split("\n")[0][:40]
        raise GraphError(f"graph text, line {line}: got {found!r}, expected {expected}.")

    def graph(self) -> Graph:
        self.take("graph")
        graph = Graph(self.take())
        self.take("(")
        while not self.accept(")"):
            name = self.take()
            self.take(":")
            self.define(name, graph.add_param(self.type()))
            self.accept(",")
        self.take("->")
        self.until("{")
        while not self.accept("return"):
            if self.accept("guard"):
                line = self.line().rstrip()
                relation = "!= 0" if line.endswith("!= 0") else ">= 0"
                dim = parse_dim(line.removesuffix(relation).strip())
                graph.guards.append((dim, relation))  # type: ignore[arg-type]
            else:
                self.node(graph)
        while not self.accept("}"):
            graph.results.append(self.use(self.take()))
            self.accept(",")
        return graph

    def node(self, graph: Graph) -> None:
        names: list[str] = []
        types: list[Type] = []
        while (self.peek() or "").startswith("%"):
            names.append(self.take())
            self.take(":")
            types.append(self.type())
            self.accept(",")
        if names:
            self.take("=")
        op_name = self.take()
        try:
            op = lookup(op_name)
        except KeyError as error:
            raise GraphError(error.args[0]) from None
        version = int(self.take()) if self.accept("@") else 1
        if version != op.version:
            raise GraphError(f"{op_name} is written in version {version}, and version {op.version} is installed.")
        self.take("(")
        operands: list[Value] = []
        while not self.accept(")"):
            operands.append(self.use(self.take()))
            self.accept(",")
        attrs: dict[str, Any] = {}
        if self.accept("{"):
            while not self.accept("}"):
                key = self.take()
                self.take("=")
                attrs[key] = self.attribute()
                self.accept(",")
        location = self.location() if self.accept("at") else None
        while self.at_region():
            key = self.take()
            self.take("=")
            attrs[key] = self.graph()
        outputs = graph.add_node(op, operands, attrs, types, location)
        for name, value in zip(names, outputs, strict=True):
            self.define(name, value)

    def location(self) -> Location:
        given = self.attribute()
        if not isinstance(given, tuple) or [type(x) for x in given] != [str, int, str, str]:
            self.fail("a location before this: (file, line, scope, part)")
        return Location(*given)

    def at_region(self) -> bool:
        return _REGION.match(self.text, self.position) is not None

    def define(self, name: str, value: Value) -> None:
        if name in self.values:
            self.fail(f"a new name instead of {name}")
        self.values[name] = value

    def use(self, name: str) -> Value:
        if name not in self.values:
            self.fail(f"a value that is defined before, not {name}")
        return self.values[name]

    def until(self, end: str) -> str:
        stop = self.text.find(end, self.position)
        if stop < 0:
            self.fail(repr(end))
        found = self.text[self.position : stop]
        self.position = stop + len(end)
        return found

    def line(self) -> str:
        return self.until("\n")

    def type(self) -> Type:
        name = self.take()
        if name == "token":
            return parse_type(name)
        self.take("[")
        return parse_type(f"{name}[{self.until(']')}]")

    def attribute(self) -> Any:
        token = self.take()
        if token == "(":
            items: list[Any] = []
            while not self.accept(")"):
                items.append(self.attribute())
                self.accept(",")
            return tuple(items)
        if token.startswith("<"):
            return parse_dim(token[1:-1])
        if token in BY_NAME:
            return self.array(token)
        if token in ("inf", "-inf", "nan"):
            return float(token)
        try:
            return ast.literal_eval(token)
        except (ValueError, SyntaxError):
            self.fail("a number, a text, a tuple or an array")

    def array(self, dtype_name: str) -> np.ndarray[Any, Any]:
        dtype = BY_NAME[dtype_name].numpy
        self.take("[")
        shape = tuple(int(n) for n in self.until("]").split(",") if n.strip())
        self.take("(")
        if (self.peek() or "").startswith("b64'"):
            try:
                data = base64.b64decode(self.take()[4:-1], validate=True)
                array = np.frombuffer(data, dtype).reshape(shape)
            except (binascii.Error, ValueError) as error:
                raise GraphError(f"graph text: damaged data of an array {dtype_name}{list(shape)}.") from error
            self.take(")")
            return array
        numbers: list[Any] = []
        while not self.accept(")"):
            numbers.append(self.attribute())
            self.accept(",")
        try:
            return np.array(numbers, BY_NAME[dtype_name].real.numpy).view(dtype).reshape(shape)
        except (ValueError, OverflowError) as error:
            raise GraphError(f"graph text: {numbers} is no array {dtype_name}{list(shape)}.") from error
