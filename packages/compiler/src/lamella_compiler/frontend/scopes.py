"""Which names a piece of a function binds and reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from lamella_compiler.frontend.nodes import children

Nodes: TypeAlias = "Iterable[ast.AST]"

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NESTED = (*FUNCTIONS, ast.ClassDef)


class Uses(NamedTuple):
    """The names that a piece uses in its own scope.

    Attributes:
        reads: those that it reads, or functions in it do.
        binds: those that it binds; a comprehension's own are not among them.
        captured: those that functions, classes and lambdas in it read or bind.
    """

    reads: set[str]
    binds: set[str]
    captured: set[str]


def own(nodes: Nodes) -> Iterator[ast.AST]:
    """All nodes of pieces that run in their own scope: nested functions, classes and lambdas as single nodes."""
    todo = list(nodes)
    while todo:
        item = todo.pop()
        yield item
        todo += outside(item) if isinstance(item, _NESTED) else children(item)


def outside(node: ast.AST) -> Sequence[ast.AST]:
    """The parts of a nested function or class that run in the scope around it."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    assert isinstance(node, FUNCTIONS)
    defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    return defaults if isinstance(node, ast.Lambda) else [*node.decorator_list, *defaults]


def uses(nodes: Nodes) -> Uses:
    """The names that pieces use."""
    reads: set[str] = set()
    binds: set[str] = set()
    seen: set[str] = set()
    todo = list(nodes)
    while todo:
        item = todo.pop()
        if isinstance(item, ast.Name):
            (binds if isinstance(item.ctx, ast.Store) else reads).add(item.id)
            if isinstance(item.ctx, ast.Del):
                binds.add(item.id)
        elif isinstance(item, _NESTED):
            seen |= captured(item)
            if not isinstance(item, ast.Lambda):
                binds.add(item.name)
            todo += outside(item)
        elif isinstance(item, _COMPREHENSIONS):
            parts = list(own(children(item)))
            local = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
            around = {part.target.id for part in parts if isinstance(part, ast.NamedExpr)}
            inner = uses(children(item))
            reads |= inner.reads - (local - around)
            seen |= inner.captured - (local - around)
            binds |= around
        else:
            name = _bound_by(item)
            if name is not None:
                binds.add(name)
            todo += children(item)
    return Uses(reads | seen, binds, seen)


def _bound_by(node: ast.AST) -> str | None:
    """The name that a node binds by a text rather than by a node."""
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name
    if isinstance(node, ast.MatchMapping):
        return node.rest
    if isinstance(node, ast.alias):
        return node.asname or node.name.partition(".")[0]
    return None


def declared(body: Nodes, kind: type[ast.Global | ast.Nonlocal]) -> set[str]:
    """The names that a function's body declares global, or nonlocal."""
    return {name for item in statements(body) if isinstance(item, kind) for name in item.names}


def statements(body: Nodes) -> Iterator[ast.stmt]:
    """All statements of a function's body that are not in a function or class inside it."""
    for item in body:
        if isinstance(item, ast.stmt):
            yield item
            if isinstance(item, _NESTED):
                continue
            for field in ("body", "orelse", "handlers", "finalbody", "cases"):
                yield from statements(getattr(item, field, ()))
        elif isinstance(item, (ast.ExceptHandler, ast.match_case)):
            yield from statements(item.body)


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters."""
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star is not None]
    return [argument.arg for argument in (*listed, *stars)]


def captured(node: ast.AST) -> set[str]:
    """The names that a nested function or class reads, or binds by `nonlocal`, from around it."""
    if isinstance(node, ast.ClassDef):
        return uses(node.body).reads
    if isinstance(node, ast.Lambda):
        return uses([node.body]).reads - set(parameters(node.args))
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    inner, nonlocals = uses(node.body), declared(node.body, ast.Nonlocal)
    local = (inner.binds | set(parameters(node.args))) - nonlocals - declared(node.body, ast.Global)
    return (inner.reads | nonlocals) - local


def rebound_inside(body: Nodes) -> set[str]:
    """The names from around them that functions nested in a body bind by `nonlocal`, at any depth."""
    names: set[str] = set()
    for item in statements(body):
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            nonlocals, inner = declared(item.body, ast.Nonlocal), rebound_inside(item.body)
            if inner:
                inner -= (uses(item.body).binds | set(parameters(item.args))) - nonlocals
            names |= nonlocals | inner
        elif isinstance(item, ast.ClassDef):
            names |= rebound_inside(item.body)
    return names


def yields(body: Nodes) -> bool:
    """Whether a function with this body is a generator."""
    return any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in own(body))
