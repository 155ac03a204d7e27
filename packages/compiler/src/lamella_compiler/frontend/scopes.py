"""Which names a piece of a function binds and reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Node: TypeAlias = "ast.AST | Iterable[ast.AST]"

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def own(node: Node) -> Iterator[ast.AST]:
    """All nodes of a piece that run in its own scope: nested functions, classes and lambdas as single nodes."""
    todo = [node] if isinstance(node, ast.AST) else list(node)
    while todo:
        item = todo.pop()
        yield item
        if not isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(item))
        else:  # decorators, defaults and bases run outside
            todo.extend(outside(item))


def outside(node: ast.AST) -> list[ast.expr]:
    """The parts of a nested function or class that run in the scope around it."""
    if isinstance(node, ast.Lambda):
        return [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        return [*node.decorator_list, *defaults]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    return []


def bound(node: Node) -> set[str]:
    """The names that a piece binds in its scope; a comprehension's own are not among them."""
    names: set[str] = set()
    todo = [node] if isinstance(node, ast.AST) else list(node)
    while todo:
        item = todo.pop()
        match item:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
            case ast.alias(name=name, asname=alias):
                names.add(alias or name.partition(".")[0])
        if isinstance(item, COMPREHENSIONS):  # only `:=` binds around it
            names |= {n.target.id for n in own(ast.iter_child_nodes(item)) if isinstance(n, ast.NamedExpr)}
        elif isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            todo.extend(outside(item))
        else:
            todo.extend(ast.iter_child_nodes(item))
    return names


def declared(node: Node, kind: type[ast.Global | ast.Nonlocal]) -> set[str]:
    """The names that a piece declares global, or nonlocal, in its own scope."""
    return {name for item in own(node) if isinstance(item, kind) for name in item.names}


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters."""
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star is not None]
    return [argument.arg for argument in (*listed, *stars)]


def loaded(node: Node) -> set[str]:
    """The names that a piece reads in its own scope, and those that functions in it read from there."""
    names: set[str] = set()
    for item in own(node):
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Store):
            names.add(item.id)
        elif isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            names |= captured(item)
    return names


def captured(node: ast.AST) -> set[str]:
    """The names that a nested function or class reads, or binds by `nonlocal`, from around it."""
    if isinstance(node, ast.ClassDef):
        return loaded(node.body)
    if isinstance(node, ast.Lambda):
        return loaded(node.body) - set(parameters(node.args))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        nonlocals = declared(node.body, ast.Nonlocal)
        local = (bound(node.body) | set(parameters(node.args))) - nonlocals - declared(node.body, ast.Global)
        return (loaded(node.body) | nonlocals) - local
    return set()


def rebound_inside(node: Node) -> set[str]:
    """The names from around them that functions nested in a piece bind by `nonlocal`, at any depth."""
    names: set[str] = set()
    for item in own(node):
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = declared(item.body, ast.Nonlocal) | rebound_inside(item.body)
            local = (bound(item.body) | set(parameters(item.args))) - declared(item.body, ast.Nonlocal)
            names |= declared(item.body, ast.Nonlocal) | (inner - local)
        elif isinstance(item, (ast.Lambda, ast.ClassDef)):
            names |= rebound_inside(item.body)
    return names


def captured_inside(node: Node) -> set[str]:
    """The names from its scope that functions, classes and lambdas nested in a piece read."""
    return {name for item in own(node) if isinstance(item, (*FUNCTIONS, ast.ClassDef)) for name in captured(item)}


def yields(node: Node) -> bool:
    """Whether a function with this body is a generator."""
    return any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in own(node))
