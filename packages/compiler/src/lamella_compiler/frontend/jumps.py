"""Lowering of `return`, `break` and `continue` to variables, so that every statement runs to its end.

    while x < 9:                       stop = False
        if a: break          -->       while not stop and x < 9:
        x = x + 1                          if a: stop = True
                                           else: x = x + 1

What follows a branch that always jumps moves into the other branch. Where only a part of a branch jumps, what follows
is put under `if not <variable>`, a *guard*. The variables are bools of Python wherever the jump is decided by Python.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from lamella_compiler.frontend.errors import Place, compile_error
from lamella_compiler.frontend.nodes import at
from lamella_compiler.frontend.scopes import own, statements

RESULT = "lamella_result"
RETURNED = "lamella_returned"
SKIP = "lamella_skip"

_JUMPS = (ast.Return, ast.Break, ast.Continue)
_LOOPS = (ast.While, ast.For)
Block: TypeAlias = "list[ast.stmt]"


class Guard(ast.If):
    """An `if not <variable>` that this module made; `variable` is known to be true where the body is left out."""

    variable: str


class StoppableFor(ast.For):
    """A `for` that ends once `stop`, the name of a variable, is true."""

    stop: str


class _Loop:
    """A loop around a jump: the variables that say to skip the rest of its body, and to stop it.

    Attributes:
        skips: whether the first is read.
        stops: whether the second is set.
    """

    def __init__(self, number: int) -> None:
        self.skip = f"{SKIP}_{number}"
        self.stop = f"lamella_stop_{number}"
        self.skips = self.stops = False


def lower(body: Block, filename: str, function: str) -> Block:
    """The body of a function without jumps, except for one `return` at its end.

    Args:
        body: statements, which are changed.
        filename: of the source, for errors.
        function: name of the function, for errors.
    """
    body = _without_walrus_tests(body)
    returns = [node for node in statements(body) if isinstance(node, ast.Return)]
    lowering = _Lowering(filename, function)
    if not returns:
        return lowering.block(body, [])
    if len(returns) == 1 and body[-1] is returns[0]:
        return [*lowering.block(body[:-1], []), body[-1]]
    last = max(returns, key=lambda node: node.lineno)
    return [_assign(RETURNED, ast.Constant(False), body[0]), *lowering.block(body, []), _end(last)]


def _end(node: ast.AST) -> ast.Return:
    """`return lamella_.result(lambda: <result>, <returned>)`."""
    read = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Name(RESULT, ast.Load()))
    call = ast.Call(
        ast.Attribute(ast.Name("lamella_", ast.Load()), "result", ast.Load()),
        [read, ast.Name(RETURNED, ast.Load())],
        [],
    )
    return at(ast.Return(call), node)


class _Lowering:
    def __init__(self, filename: str, function: str) -> None:
        self._filename = filename
        self._function = function
        self._count = 0

    def block(self, statements: Block, loops: list[_Loop]) -> Block:
        done: Block = []
        for position, statement in enumerate(statements):
            rest = statements[position + 1 :]
            if isinstance(statement, _JUMPS):
                return [*done, *_jump(statement, loops)]
            if isinstance(statement, ast.If) and rest and jumps(statement):
                if _ends(statement.body):
                    statement.orelse, rest = [*statement.orelse, *rest], []
                elif _ends(statement.orelse):
                    statement.body, rest = [*statement.body, *rest], []
            leaves, endless = jumps(statement), _is_endless(statement)
            done += self._statement(statement, loops)
            if endless and leaves:  # it is left by `return` only
                names = [RETURNED, *_all_flags(loops)]
                return [*done, *(_assign(name, ast.Constant(True), statement) for name in names)]
            if isinstance(statement, ast.Raise) or endless or (leaves and not rest):
                return done
            if leaves:
                return [*done, *self._guarded(rest, loops)]
        return done

    def _guarded(self, rest: Block, loops: list[_Loop]) -> Block:
        body = self.block(rest, loops)
        if loops and body:
            loops[-1].skips = True
        return [_guard(loops[-1].skip if loops else RETURNED, body)] if body else []

    def _statement(self, statement: ast.stmt, loops: list[_Loop]) -> Block:
        if isinstance(statement, _LOOPS):
            return self._loop(statement, loops)
        if isinstance(statement, (ast.Try, ast.TryStar)):
            for node in statements(statement.finalbody):
                if isinstance(node, _JUMPS):
                    raise compile_error(
                        "a jump out of `finally` cannot be compiled, because it would swallow the error.",
                        "Move it behind the `try` statement.",
                        Place(self._filename, node.lineno, self._function),
                    )
            if statement.orelse and any(map(jumps, statement.body)):
                statement.orelse = self._guarded(statement.orelse, loops)
            for handler in statement.handlers:
                handler.body = self.block(handler.body, loops)
        if isinstance(statement, ast.Match):
            for case in statement.cases:
                case.body = self.block(case.body, loops)
        if isinstance(statement, (ast.If, ast.With, ast.Try, ast.TryStar)):
            statement.body = self.block(statement.body, loops)
        if isinstance(statement, (ast.If, ast.Try, ast.TryStar)):
            statement.orelse = self.block(statement.orelse, loops)
        return [statement]

    def _loop(self, statement: ast.While | ast.For, loops: list[_Loop]) -> Block:
        self._count += 1
        inner = _Loop(self._count)
        orelse, statement.orelse = self.block(statement.orelse, loops), []
        body = self.block(statement.body, [*loops, inner])
        clear = _assign(inner.skip, ast.Constant(False), body[0])
        body = [clear, *body] if inner.skips else _without(body, inner.skip)
        statement.body = body or [at(ast.Pass(), statement)]
        if not inner.stops:
            return [statement, *orelse]
        before = _assign(inner.stop, ast.Constant(False), statement)
        if isinstance(statement, ast.For):
            loop: ast.stmt = StoppableFor(statement.target, statement.iter, statement.body, [])
            loop.stop = inner.stop  # type: ignore[attr-defined]
        else:
            going = _not(inner.stop)
            test = going if _is_true(statement.test) else ast.BoolOp(ast.And(), [going, statement.test])
            loop = ast.While(test, statement.body, [])
        done = [before, at(loop, statement)]
        return [*done, _guard(inner.stop, orelse)] if orelse else done


def _guard(variable: str, body: Block) -> Guard:
    guard = Guard(test=_not(variable), body=body, orelse=[])
    guard.variable = variable
    return at(guard, body[0])


def _not(variable: str) -> ast.expr:
    return ast.UnaryOp(ast.Not(), ast.Name(variable, ast.Load()))


def jumps(statement: ast.stmt) -> bool:
    """Whether a jump leaves a statement."""
    return _leaves(statement, False)


def _leaves(node: ast.AST, in_loop: bool) -> bool:
    if isinstance(node, ast.Return):
        return True
    if isinstance(node, (ast.Break, ast.Continue)):
        return not in_loop
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
        return False
    if isinstance(node, _LOOPS):
        return any(_leaves(n, True) for n in node.body) or any(_leaves(n, in_loop) for n in node.orelse)
    return any(_leaves(child, in_loop) for child in ast.iter_child_nodes(node))


def _ends(block: Block) -> bool:
    """Whether a block always jumps or raises, and never reaches its end."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, (*_JUMPS, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return _is_endless(last) or (isinstance(last, ast.With) and _ends(last.body))


def _is_endless(statement: ast.stmt) -> bool:
    """Whether a statement is a `while True` without a `break`."""
    if not isinstance(statement, ast.While) or not _is_true(statement.test):
        return False
    return not any(isinstance(node, ast.Break) for node in _in_loop(statement.body))


def _is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _in_loop(block: Block) -> Iterator[ast.AST]:
    """The statements of a loop's body that are not in a loop or function inside it."""
    for statement in block:
        yield statement
        if isinstance(statement, _LOOPS):
            yield from _in_loop(statement.orelse)
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            parts = [statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
            for part in parts:
                for field in ("body", "orelse", "finalbody"):
                    yield from _in_loop(getattr(part, field, []))


def _jump(statement: ast.stmt, loops: list[_Loop]) -> Block:
    names: list[str] = []
    done: Block = []
    if isinstance(statement, ast.Return):
        done.append(_assign(RESULT, statement.value or ast.Constant(None), statement))
        names = [RETURNED, *_all_flags(loops)]
    elif isinstance(statement, ast.Break):
        names = _all_flags(loops[-1:])
    else:
        names = [loops[-1].skip]
    return [*done, *(_assign(name, ast.Constant(True), statement) for name in names)]


def _all_flags(loops: list[_Loop]) -> list[str]:
    """The variables to set where loops are left."""
    for loop in loops:
        loop.stops = True
    return [name for loop in loops for name in (loop.stop, loop.skip)]


def _without(block: Block, name: str) -> Block:
    """A block without assignments to a variable that nothing reads."""
    kept: Block = []
    for statement in block:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                continue
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            if isinstance(inner, list) and not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                setattr(
                    statement, field, _without(inner, name) or ([at(ast.Pass(), statement)] if field == "body" else [])
                )
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            part.body = _without(part.body, name) or [at(ast.Pass(), statement)]
        kept.append(statement)
    return kept


def _without_walrus_tests(body: Block) -> Block:
    """Loops whose test binds a name as loops that begin with a `break`: the body needs what the test has bound."""
    for node in statements(body):
        if isinstance(node, ast.While) and any(isinstance(n, ast.NamedExpr) for n in own([node.test])):
            leave = ast.If(ast.UnaryOp(ast.Not(), node.test), [*node.orelse, at(ast.Break(), node)], [])
            node.test, node.body, node.orelse = ast.Constant(True), [leave, *node.body], []
            at(node.test, node), at(leave, node)
    return body


def _assign(name: str, value: ast.expr, place: ast.AST) -> ast.stmt:
    return at(ast.Assign([ast.Name(name, ast.Store())], value), place)
