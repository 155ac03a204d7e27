"""Which variables are needed after each statement, in a function without jumps (see `jumps`).

Control flow on tensors passes on only what is needed: a variable that one branch sets and nothing reads afterwards may
be whatever it likes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from lamella_compiler.frontend.scopes import rebound_inside, uses

Names: TypeAlias = frozenset[str]
_NONE: Names = frozenset()

#: Builtins that see all variables.
_ALL_SEEING = {"locals", "vars", "dir", "eval", "exec"}


class _Flow(NamedTuple):
    """What a statement does to variables.

    Attributes:
        reads: those that it reads before it binds them.
        kills: those that it binds in any case.
        binds: those that it binds at all.
        captured: those that functions in it see.
    """

    reads: Names
    kills: Names
    binds: Names
    captured: Names

    @staticmethod
    def of(*nodes: ast.AST | None) -> _Flow:
        """That of expressions, or of a statement without others in it."""
        reads, binds, captured = uses([node for node in nodes if node is not None])
        return _Flow(frozenset(reads), frozenset(binds), frozenset(binds), frozenset(captured))

    def then(self, later: _Flow) -> _Flow:
        """That of this and what follows it."""
        return _Flow(
            self.reads | (later.reads - self.kills),
            self.kills | later.kills,
            self.binds | later.binds,
            self.captured | later.captured,
        )

    def perhaps(self) -> _Flow:
        """That of this if it may run or not."""
        return self._replace(kills=_NONE)


_NOTHING = _Flow(_NONE, _NONE, _NONE, _NONE)


class Liveness:
    """What is needed after, and in loops before, the statements of a function.

    Args:
        body: the function's statements, without jumps.
        shared: variables that it declares nonlocal or global, which others may read.

    Attributes:
        binds: the variables that the function binds.
        rebound: the variables from around them that functions in it bind.
        after: for each `if` and loop, the names that may be read when it has run.
        head: for each loop, the names that may be read when an iteration begins.
    """

    def __init__(self, body: list[ast.stmt], shared: Iterable[str] = ()) -> None:
        self._flows: dict[ast.stmt, _Flow] = {}
        whole = self._block_flow(body)
        self.binds = whole.binds
        self.rebound = rebound_inside(body) if whole.captured else set()
        # What nested functions see may be read whenever they are called.
        self._always = whole.captured | self.rebound | frozenset(shared)
        if not whole.reads.isdisjoint(_ALL_SEEING):
            self._always |= self.binds
        self.after: dict[ast.stmt, Names] = {}
        self.head: dict[ast.stmt, Names] = {}
        self._mark(body, self._always)

    def bound(self, block: Iterable[ast.stmt]) -> set[str]:
        """The variables that a block binds."""
        return {name for statement in block for name in self._flow(statement).binds}

    def _mark(self, block: list[ast.stmt], after: Names) -> None:
        """Note what is needed after each statement of a block, given what is needed after the block."""
        for statement in reversed(block):
            match statement:
                case ast.If():
                    self.after[statement] = after
                    self._mark(statement.body, after)
                    self._mark(statement.orelse, after)
                case ast.While() | ast.For():
                    self.after[statement] = after
                    self.head[statement] = again = after | self._flow(statement).reads | self._always
                    self._mark(statement.body, again)
                case ast.With():
                    self._mark(statement.body, after)
                case ast.Match():
                    for case in statement.cases:
                        self._mark(case.body, after)
                case ast.Try() | ast.TryStar():
                    final = self._before(statement.finalbody, after)
                    handlers = _NONE.union(*(self._before(h.body, final) for h in statement.handlers))
                    self._mark(statement.finalbody, after)
                    self._mark(statement.orelse, final | handlers)
                    for handler in statement.handlers:
                        self._mark(handler.body, final)
                    self._mark(statement.body, self._before(statement.orelse, final) | handlers | final)
            after = self._before([statement], after) | self._always

    def _before(self, block: Iterable[ast.stmt], after: Names) -> Names:
        flow = self._block_flow(block)
        return flow.reads | (after - flow.kills)

    def _block_flow(self, block: Iterable[ast.stmt]) -> _Flow:
        flow = _NOTHING
        for statement in block:
            flow = flow.then(self._flow(statement))
        return flow

    def _flow(self, statement: ast.stmt) -> _Flow:
        known = self._flows.get(statement)
        if known is None:
            known = self._flows[statement] = self._compute_flow(statement)
        return known

    def _compute_flow(self, statement: ast.stmt) -> _Flow:
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                return _Flow.of(test).then(_either([self._block_flow(body), self._block_flow(orelse)]))
            case ast.While(test=test, body=body):
                return _Flow.of(test).then(self._block_flow(body).perhaps())
            case ast.For(target=target, iter=items, body=body):
                stop = getattr(statement, "stop", None)
                first = _Flow.of(items)._replace(kills=_NONE)
                each = _Flow.of(target).then(self._block_flow(body)).perhaps()
                flow = first.then(each)
                return flow if stop is None else flow._replace(reads=flow.reads | {stop})
            case ast.With(items=items, body=body):
                return _Flow.of(*items).then(self._block_flow(body))
            case ast.Match(subject=subject, cases=cases):
                flows = [_Flow.of(c.pattern, c.guard).then(self._block_flow(c.body)) for c in cases]
                return _Flow.of(subject).then(_either([*flows, _NOTHING]))
            case ast.Try() | ast.TryStar():
                blocks = [statement.body, statement.orelse, *(handler.body for handler in statement.handlers)]
                flow = _Flow.of(*(handler.type for handler in statement.handlers))
                flow = _either([flow, *map(self._block_flow, blocks), _NOTHING])
                names = {handler.name for handler in statement.handlers if handler.name is not None}
                flow = flow._replace(binds=flow.binds | names)
                final = self._block_flow(statement.finalbody)
                return flow.then(final)._replace(reads=flow.reads | final.reads)
            case ast.Delete():
                return _Flow.of(statement).perhaps()
            case ast.AugAssign(target=ast.Name(id=name)):
                flow = _Flow.of(statement)
                return flow._replace(reads=flow.reads | {name})
        return _Flow.of(statement)


def _either(flows: list[_Flow]) -> _Flow:
    """That of one of several."""
    return _Flow(
        _NONE.union(*(flow.reads for flow in flows)),
        frozenset.intersection(*(flow.kills for flow in flows)),
        _NONE.union(*(flow.binds for flow in flows)),
        _NONE.union(*(flow.captured for flow in flows)),
    )
