"""From a code object to its source: the function in the syntax tree of its file, found by where it stands.

A function is found by its own code, never by its name, so that decorated, replaced and nameless functions are what
runs. Files, notebook cells and all else that `linecache` knows have source.
"""

from __future__ import annotations

import ast
import linecache
from contextlib import suppress
from types import CodeType, FunctionType
from typing import NamedTuple, TypeAlias

from lamella_compiler.frontend.errors import Place, compile_error

Function: TypeAlias = "ast.FunctionDef | ast.Lambda"


class NoSourceError(Exception):
    """A function has no source that could be read; the message says why."""


class _Definition(NamedTuple):
    """Where a function stands in its file.

    Attributes:
        kind: the class of its node.
        where: line and column of its beginning.
        body: of a lambda, lines and columns of the beginning and end of its body.
        last: its last line.
        parameters: how many there are by position and by name only, and the names of the former.
        lines: the first and the last line of the statement that it is or is a part of.
    """

    kind: type[ast.AST]
    where: tuple[int, int]
    body: tuple[tuple[int, int], tuple[int, int]]
    last: int
    parameters: tuple[int, int, list[str]]
    lines: tuple[int, int]


class _File:
    """A source file, or a part of one: its functions by name and first line.

    Args:
        lines: the lines of the file.
        tree: the syntax tree.
    """

    def __init__(self, lines: list[str], tree: ast.Module) -> None:
        self.lines = lines
        self.functions: dict[tuple[str, int], list[_Definition]] = {}
        for statement in tree.body:
            self._visit(statement, statement)

    def _visit(self, node: ast.AST, statement: ast.stmt) -> None:
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            line = node.lineno if isinstance(node, ast.Lambda) else first
            self.functions.setdefault((name, line), []).append(_definition(node, first, statement))
        for child in ast.iter_child_nodes(node):
            self._visit(child, statement)


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, first: int, statement: ast.stmt
) -> _Definition:
    body = node.body if isinstance(node, ast.Lambda) else node
    listed = [*node.args.posonlyargs, *node.args.args]
    return _Definition(
        type(node),
        (node.lineno, node.col_offset),
        ((body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)),
        node.end_lineno or 0,
        (len(listed), len(node.args.kwonlyargs), [argument.arg for argument in listed]),
        (first, statement.end_lineno or statement.lineno),
    )


_files: dict[str, _File] = {}


def _file(fn: FunctionType) -> _File:
    filename = fn.__code__.co_filename
    lines = linecache.getlines(filename, fn.__globals__)
    if not lines:
        raise NoSourceError(f"no source is known for {filename!r}")
    known = _files.get(filename)
    if known is None or (known.lines is not lines and known.lines != lines):
        try:
            tree = ast.parse("".join(lines), filename)
        except (SyntaxError, ValueError) as error:
            return _File(lines, _block(lines, fn.__code__, error))
        known = _files[filename] = _File(lines, tree)
    return known


def _block(lines: list[str], code: CodeType, error: Exception) -> ast.Module:
    """The syntax tree of the lines of a function, in a file that is no Python as a whole, such as a document."""
    first, last = code.co_firstlineno, _last_line(code)
    for end in range(last, min(last + _LONGEST_TAIL, len(lines)) + 1):
        with suppress(SyntaxError):
            return _parsed(lines, first, end, code.co_filename)
    raise NoSourceError(f"{code.co_filename} is not valid Python any more: {error}") from error


#: How many lines of a function may follow the last one that has code.
_LONGEST_TAIL = 20


def _last_line(code: CodeType) -> int:
    own = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    return max([own, *(_last_line(part) for part in code.co_consts if isinstance(part, CodeType))])


def _parsed(lines: list[str], first: int, last: int, filename: str) -> ast.Module:
    """The syntax tree of some lines, which stay where they are in the file, and indented: every position is right."""
    indented = lines[first - 1][:1] in " \t"
    start = "\n" * (first - 2) + "if 1:\n" if indented else "\n" * (first - 1)
    return ast.parse(start + "".join(lines[first - 1 : last]), filename)


def function_of(fn: FunctionType) -> Function:
    """The syntax tree of a function, fresh, at its place in its file.

    Raises:
        NoSourceError: there is no source, or it is not that of the function any more.
        CompileError: the function is asynchronous.
    """
    code = fn.__code__
    file = _file(fn)
    found = [d for d in file.functions.get((code.co_name, code.co_firstlineno), ()) if _fits(code, d)]
    if len(found) > 1:  # several lambdas in a line
        positions = _positions(code)
        found = sorted((d for d in found if _spans(d.body, positions)), key=lambda d: d.where)[-1:]
    if not found:
        raise NoSourceError(
            f"line {code.co_firstlineno} of {code.co_filename} is not {code.co_qualname} (any more): "
            "the file has changed since it was imported"
        )
    if found[0].kind is ast.AsyncFunctionDef:
        raise compile_error(
            "an asynchronous function cannot become part of a graph.",
            "Make it an ordinary function.",
            Place(code.co_filename, code.co_firstlineno, code.co_name),
        )
    return _parsed_again(file, found[0], code.co_filename)


def _fits(code: CodeType, definition: _Definition) -> bool:
    count, by_name, names = definition.parameters
    lines = [line for _, _, line in code.co_lines() if line]
    return (
        (count, by_name) == (code.co_argcount, code.co_kwonlyargcount)
        and all(given.endswith(name) for given, name in zip(code.co_varnames, names, strict=False))  # private names
        and (not lines or max(lines) <= definition.last)
    )


def _positions(code: CodeType) -> list[tuple[int, int, int, int]]:
    found = [
        (line, column, end, last)
        for line, end, column, last in code.co_positions()
        if line is not None and end is not None and column is not None and last is not None and last > 0
    ]
    if not found:
        raise NoSourceError(
            f"line {code.co_firstlineno} of {code.co_filename} has several lambdas and the code does not tell which "
            "is which (Python runs without positions in code): put each in a line of its own"
        )
    return found


def _spans(body: tuple[tuple[int, int], tuple[int, int]], positions: list[tuple[int, int, int, int]]) -> bool:
    return all(body[0] <= (a, b) and (c, d) <= body[1] for a, b, c, d in positions)


def _parsed_again(file: _File, definition: _Definition, filename: str) -> Function:
    """A tree of its own, for transforming it changes it; parsing a few lines again is quicker than copying."""
    try:
        tree = _parsed(file.lines, *definition.lines, filename)
    except SyntaxError:  # the statement is not the first of its line: `else: f = lambda: 0`
        tree = ast.parse("".join(file.lines), filename)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.Lambda))
            and type(node) is definition.kind
            and (node.lineno, node.col_offset) == definition.where
        ):
            return node
    raise AssertionError(f"line {definition.where[0]} of {filename} is not found again")
