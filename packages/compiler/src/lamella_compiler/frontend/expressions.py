"""Transformation of expressions: what could depend on a tensor, or read something from outside, becomes a call."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lamella_compiler.frontend.nodes import at
from lamella_compiler.frontend.scopes import parameters, uses
from lamella_compiler.frontend.source import Function
from lamella_compiler.state.journal import BLIND

#: The name under which transformed code finds the runtime.
RUNTIME = "lamella_"

#: Builtins that look at the frame that calls them, and so must be called from the user's code itself.
_FRAMES = {"locals", "globals", "vars", "dir", "eval", "exec", "super"}

#: Those of them that run code.
_RUNS = {"eval", "exec"}

#: Those of them that look at an object instead, if they are given one.
_OF_OBJECTS = {"vars", "dir"}

#: Reads of values from outside, and those that read only a part of them.
_PARTS = {
    "attr": "attr_part",
    "global_": "global_part",
    "closure": "closure_part",
    "item_of": "item_part",
    "outside": "outside_part",
}

#: Those of them whose value may be a container that is changed without being read.
_TARGETS = {"attr", "global_", "closure", "item_of"}

#: Where evaluating both sides costs little and cannot fail, `and` and `or` of tensors need no control flow.
_PLAIN = (ast.Name, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp)
_PLAIN_OPERATORS = (ast.Add, ast.Sub, ast.Mult)


class Scope:
    """A function that is being transformed.

    Attributes:
        parent: the function around it, if that is transformed too.
        local: its own variables.
        first: the name of its first parameter; None if it has none.
        binders: variables that `:=` binds in expressions which became functions.
    """

    def __init__(self, parent: Scope | None, local: set[str], first: str | None) -> None:
        self.parent = parent
        self.local = local
        self.first = first
        self.binders: set[str] = set()


class Expressions(ast.NodeTransformer):
    """Transforms the expressions of a function.

    Args:
        free: the variables of functions around it that are not transformed.
        names: the names of its module.
        owner: the class in whose body it stands, for private names; None if in none.
    """

    def __init__(self, free: frozenset[str], names: dict[str, Any], owner: str | None) -> None:
        self._free = free
        self._names = names
        self.owner = owner
        self.scope = Scope(None, set(), None)
        self._inner: list[set[str]] = []  # of comprehensions and lambdas around the expression at hand
        self._thunks = 0
        self._bound_in_thunks: set[str] = set()

    # -- making nodes --

    def call(self, function: str, place: ast.AST, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        """A call of a function of the runtime."""
        callee = at(ast.Attribute(ast.Name(RUNTIME, ast.Load()), function, ast.Load()), place)
        # Python takes the end of a callee for the place of the call; it must not lie before its beginning.
        callee.end_lineno, callee.end_col_offset = callee.lineno, callee.col_offset
        listed = [ast.keyword(name, value) for name, value in keywords.items()]
        return at(ast.Call(callee, list(args), listed), place)

    def mangled(self, name: str) -> str:
        """A private name of a class as Python stores it."""
        if self.owner is None or not name.startswith("__") or name.endswith("__"):
            return name
        return f"_{self.owner.lstrip('_')}{name}"

    def _thunk(self, node: ast.expr) -> ast.expr:
        """An expression as a function without arguments, to be evaluated or not."""
        self._thunks += 1
        body = self.visit(node)
        self._thunks -= 1
        return at(ast.Lambda(ast.arguments([], [], None, [], [], None, []), body), node)

    def _branching(self, function: str, place: ast.AST, *args: ast.expr) -> ast.Call:
        """A call with thunks; it is told of variables that they bind, which control flow on tensors must refuse."""
        found = ", ".join(sorted(self._bound_in_thunks))
        if not self._thunks:
            self._bound_in_thunks = set()
        binds = {"binds": ast.Constant(found)} if found else {}
        return self.call(function, place, *args, **binds)

    # -- names and attributes --

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if not isinstance(node.ctx, ast.Load) or name.startswith(RUNTIME) or any(name in i for i in self._inner):
            return node
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.local:
                return node
            scope = scope.parent
        if name in self._free:
            return self.call("closure", node, ast.Constant(name), node)
        if name not in self._names and hasattr(builtins, name):
            return node
        return self.call("global_", node, ast.Constant(self.mangled(name)), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if _is_runtime(node):
            return node
        value = self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            node.value = value
            return node
        return self.call("attr", node, value, ast.Constant(self.mangled(node.attr)))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            node.value, node.slice = self.visit(node.value), self.key(node.slice)
            return node
        # Of a container from outside only the item is read.
        value, key = self.visit(node.value), self.key(node.slice)
        match value:
            case ast.Call(func=ast.Attribute(attr=read) as callee) if read in _PARTS and _is_runtime(callee):
                callee.attr = _PARTS[read]
                return self.call("item_of", node, value, key)
        return self.call("item", node, value, key)

    def key(self, node: ast.expr) -> ast.expr:
        """What stands between brackets, as an expression."""
        if isinstance(node, ast.Slice):
            parts = [ast.Constant(None) if p is None else self.visit(p) for p in (node.lower, node.upper, node.step)]
            return self.call("slice", node, *parts)
        if isinstance(node, ast.Tuple):
            node.elts = [self.key(part) for part in node.elts]
            return node
        return self.visit(node)

    # -- calls --

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in _FRAMES - (_OF_OBJECTS if node.args else set()):
            if node.func.id == "super" and not node.args and self.scope.first is not None:
                node.args = [
                    at(ast.Name("__class__", ast.Load()), node),
                    at(ast.Name(self.scope.first, ast.Load()), node),
                ]
                return node
            self.generic_visit(node)
            if node.func.id == "globals":
                return self.call("outside", node, node)
            if node.func.id in _RUNS:  # `watch()` is None
                return at(ast.BoolOp(ast.Or(), [self.call("watch", node), node]), node)
            return node
        if _is_runtime(node.func):
            self.generic_visit(node)
            return node
        callee = self.visit(node.func)
        match callee:
            case ast.Call(func=ast.Attribute(attr="attr"), args=[owner, ast.Constant(value=name)]) if name in BLIND:
                as_target(owner)
        node.args = [self.visit(arg) for arg in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        node.func = self.call("call", node.func, callee)
        return node

    # -- truth --

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        function = "and_" if isinstance(node.op, ast.And) else "or_"
        if all(map(_plain, node.values)):
            function = "all_" if function == "and_" else "any_"
        first, *rest = node.values
        return self._branching(function, node, self.visit(first), *map(self._thunk, rest))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        node.operand = self.visit(node.operand)
        return self.call("not_", node, node.operand) if isinstance(node.op, ast.Not) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        return self._branching("choose", node, test, self._thunk(node.body), self._thunk(node.orelse))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1:
            signs = ast.Tuple([ast.Constant(type(op).__name__) for op in node.ops], ast.Load())
            first, second, *rest = node.left, *node.comparators
            thunks = map(self._thunk, rest)
            function = "chain_all" if all(map(_plain, (first, second, *rest))) else "chain"
            return self._branching(function, node, signs, self.visit(first), self.visit(second), *thunks)
        self.generic_visit(node)
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            found = self.call("contains", node, node.left, node.comparators[0])
            return found if isinstance(node.ops[0], ast.In) else self.call("not_", node, found)
        return node

    # -- scopes and binding --

    @contextmanager
    def _with_names(self, names: set[str]) -> Iterator[None]:
        self._inner.append(names)
        yield
        self._inner.pop()

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.defaults(node)
        with self._with_names(set(parameters(node.args))):
            node.body = self.visit(node.body)
        return node

    def defaults(self, node: Function | ast.AsyncFunctionDef) -> None:
        """Transform the default values of parameters."""
        node.args.defaults = [self.visit(default) for default in node.args.defaults]
        node.args.kw_defaults = [d if d is None else self.visit(d) for d in node.args.kw_defaults]

    def _comprehension(self, node: ast.expr) -> ast.expr:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        first = generators[0]
        first.iter, hidden = self.visit(first.iter), first.iter
        names = uses([generator.target for generator in generators]).binds
        with self._with_names(names):
            source, first.iter = first.iter, at(ast.Constant(None), hidden)
            self.generic_visit(node)
            first.iter = source
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.visit(node.value)
        if not self._thunks:
            return node
        self.scope.binders.add(node.target.id)
        self._bound_in_thunks.add(node.target.id)
        return at(ast.Call(ast.Name(f"{RUNTIME}set_{node.target.id}", ast.Load()), [node.value], []), node)

    # -- text --

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        parts: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                form = ast.Constant("") if part.format_spec is None else self.visit(part.format_spec)
                parts.append(self.call("shown", part, self.visit(part.value), ast.Constant(part.conversion), form))
            else:
                parts.append(part)
        return self.call("f_string", node, *parts)


def as_target(node: ast.expr) -> None:
    """Let an expression give a container that is changed, whatever it holds."""
    match node:
        case ast.Call(func=ast.Attribute(attr=read) as callee) if read in _TARGETS and _is_runtime(callee):
            callee.attr = f"{read.rstrip('_')}_target"


def _is_runtime(node: ast.expr) -> bool:
    """Whether a node is a function of the runtime."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == RUNTIME


def _plain(node: ast.expr) -> bool:
    return all(
        isinstance(item, _PLAIN) and (not isinstance(item, ast.BinOp) or isinstance(item.op, _PLAIN_OPERATORS))
        for item in ast.walk(node)
        if isinstance(item, ast.expr)
    )
