"""Which variables are needed after each statement, in a function without jumps (see `jumps`).

Control flow on tensors passes on only what is needed: a variable that one branch sets and nothing reads afterwards may
be whatever it likes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from lamella_compiler.frontend.scopes import bound, captured_inside, loaded, outside, rebound_inside

_Names = frozenset[str]


class Liveness:
    """What is needed after, and in loops before, the statements of a function.

    Args:
        body: the function's statements, without jumps.

    Attributes:
        after: for each `if` and loop, the names that may be read when it has run.
        head: for each loop, the names that may be read when an iteration begins.
    """

    def __init__(self, body: list[ast.stmt]) -> None:
        # What nested functions see may be read whenever they are called.
        self._always = frozenset(captured_inside(body) | rebound_inside(body))
        self._flows: dict[ast.stmt, tuple[_Names, _Names]] = {}
        self.after: dict[ast.stmt, _Names] = {}
        self.head: dict[ast.stmt, _Names] = {}
        self._mark(body, self._always)

    def _mark(self, block: list[ast.stmt], after: _Names) -> None:
        """Note what is needed after each statement of a block, given what is needed after the block."""
        for statement in reversed(block):
            match statement:
                case ast.If():
                    self.after[statement] = after
                    self._mark(statement.body, after)
                    self._mark(statement.orelse, after)
                case ast.While() | ast.For():
                    self.after[statement] = after
                    first = loaded(statement.test) if isinstance(statement, ast.While) else set()
                    self.head[statement] = again = after | first | self._flow(statement)[0] | self._always
                    self._mark(statement.body, again)
                case ast.With():
                    self._mark(statement.body, after)
                case ast.Match():
                    for case in statement.cases:
                        self._mark(case.body, after)
                case ast.Try() | ast.TryStar():
                    final = self._before(statement.finalbody, after)
                    handlers = frozenset[str]().union(*(self._before(h.body, final) for h in statement.handlers))
                    self._mark(statement.finalbody, after)
                    self._mark(statement.orelse, final | handlers)
                    for handler in statement.handlers:
                        self._mark(handler.body, final)
                    self._mark(statement.body, self._before(statement.orelse, final) | handlers | final)
            after = self._through(statement, after)

    def _before(self, block: Iterable[ast.stmt], after: _Names) -> _Names:
        reads, kills = self._block_flow(block)
        return reads | (after - kills)

    def _through(self, statement: ast.stmt, after: _Names) -> _Names:
        reads, kills = self._flow(statement)
        return reads | (after - kills) | self._always

    def _block_flow(self, block: Iterable[ast.stmt]) -> tuple[_Names, _Names]:
        """What a block reads before it binds it, and what it binds in any case."""
        reads: _Names = frozenset()
        kills: _Names = frozenset()
        for statement in block:
            inner_reads, inner_kills = self._flow(statement)
            reads |= inner_reads - kills
            kills |= inner_kills
        return reads, kills

    def _flow(self, statement: ast.stmt) -> tuple[_Names, _Names]:
        known = self._flows.get(statement)
        if known is None:
            known = self._flows[statement] = self._compute_flow(statement)
        return known

    def _compute_flow(self, statement: ast.stmt) -> tuple[_Names, _Names]:
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                return self._either(test, [body, orelse])
            case ast.While(test=test, body=body):
                reads, _ = self._block_flow(body)
                return frozenset(loaded(test)) | (reads - bound(test)), frozenset(bound(test))
            case ast.For(target=target, iter=items, body=body):
                reads, _ = self._block_flow(body)
                stop = {statement.stop} if hasattr(statement, "stop") else set()
                return frozenset(loaded(items) | loaded(target)) | (reads - bound(target)) | stop, frozenset(
                    bound(items)
                )
            case ast.With(items=items, body=body):
                reads, kills = self._block_flow(body)
                first = frozenset(bound(items))
                return frozenset(loaded(items)) | (reads - first), kills | first
            case ast.Match(subject=subject, cases=cases):
                parts = [self._block_flow(case.body) for case in cases]
                tests = [case.pattern for case in cases] + [case.guard for case in cases if case.guard]
                names = frozenset(bound([case.pattern for case in cases]))
                reads = frozenset[str]().union(loaded(tests), *(r for r, _ in parts)) - names
                return frozenset(loaded(subject)) | reads, frozenset()
            case (
                ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody)
                | ast.TryStar(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody)
            ):
                blocks = [body, orelse, finalbody, *(handler.body for handler in handlers)]
                types = loaded([handler.type for handler in handlers if handler.type is not None])
                return frozenset(types).union(*(self._block_flow(b)[0] for b in blocks)), self._block_flow(finalbody)[1]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return frozenset(loaded(outside(statement)) | captured_inside([statement])), frozenset({statement.name})
            case ast.Delete():
                return frozenset(loaded(statement)), frozenset()
            case ast.AugAssign(target=ast.Name(id=name)):
                return frozenset(loaded(statement)) | {name}, frozenset({name})
        return frozenset(loaded(statement)), frozenset(bound(statement))

    def _either(self, test: ast.expr, blocks: list[list[ast.stmt]]) -> tuple[_Names, _Names]:
        flows = [self._block_flow(block) for block in blocks]
        first = frozenset(bound(test))
        reads = frozenset[str]().union(*(reads for reads, _ in flows)) - first
        return frozenset(loaded(test)) | reads, first | frozenset.intersection(*(kills for _, kills in flows))
