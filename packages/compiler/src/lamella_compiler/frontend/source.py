"""From a code object to its source: the function in the syntax tree of its file, found by where it stands.

A function is found by its own code, never by its name, so that decorated, replaced and nameless functions are what
runs. Files, notebook cells and all else that `linecache` knows have source.
"""

from __future__ import annotations

import ast
import linecache
from types import CodeType, FunctionType
from typing import NamedTuple, TypeAlias

from lamella_compiler.frontend.errors import Place, compile_error

Function: TypeAlias = "ast.FunctionDef | ast.Lambda"


class NoSourceError(Exception):
    """A function has no source that could be read; the message says why."""


class _Definition(NamedTuple):
    """A function in its file, and the lines of the statement that it is or is a part of."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    first: int
    last: int


class _File:
    """A source file that was parsed: its functions by name and first line."""

    def __init__(self, lines: list[str], filename: str) -> None:
        self.lines = lines
        self.functions: dict[tuple[str, int], list[_Definition]] = {}
        try:
            tree = ast.parse("".join(lines), filename)
        except (SyntaxError, ValueError) as error:
            raise NoSourceError(f"{filename} is not valid Python any more: {error}") from error
        for statement in tree.body:
            self._visit(statement, statement)

    def _visit(self, node: ast.AST, statement: ast.stmt) -> None:
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            line = node.lineno if isinstance(node, ast.Lambda) else first
            definition = _Definition(node, first, statement.end_lineno or statement.lineno)
            self.functions.setdefault((name, line), []).append(definition)
        for child in ast.iter_child_nodes(node):
            self._visit(child, statement)


_files: dict[str, _File] = {}


def _file(fn: FunctionType) -> _File:
    filename = fn.__code__.co_filename
    lines = linecache.getlines(filename, fn.__globals__)
    if not lines:
        raise NoSourceError(f"no source is known for {filename!r}")
    known = _files.get(filename)
    if known is None or (known.lines is not lines and known.lines != lines):
        known = _files[filename] = _File(lines, filename)
    return known


def function_of(fn: FunctionType) -> Function:
    """The syntax tree of a function, fresh, at its place in its file.

    Raises:
        NoSourceError: there is no source, or it is not that of the function any more.
        CompileError: the function is asynchronous.
    """
    code = fn.__code__
    file = _file(fn)
    found = [d for d in file.functions.get((code.co_name, code.co_firstlineno), ()) if _fits(code, d.node)]
    if len(found) > 1:  # several lambdas in a line
        positions = _positions(code)
        around = [d for d in found if isinstance(d.node, ast.Lambda) and _spans(d.node.body, positions)]
        found = sorted(around, key=lambda d: (d.node.lineno, d.node.col_offset))[-1:]
    if not found:
        raise NoSourceError(
            f"line {code.co_firstlineno} of {code.co_filename} is not {code.co_qualname} (any more): "
            "the file has changed since it was imported"
        )
    definition = found[0]
    if isinstance(definition.node, ast.AsyncFunctionDef):
        raise compile_error(
            "an asynchronous function cannot become part of a graph.",
            "Make it an ordinary function.",
            Place(code.co_filename, code.co_firstlineno, code.co_name),
        )
    return _parsed_again(file, definition, code.co_filename)


def _fits(code: CodeType, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    arguments = node.args
    count = len(arguments.posonlyargs) + len(arguments.args)
    lines = [line for _, _, line in code.co_lines() if line]
    return (
        (count, len(arguments.kwonlyargs)) == (code.co_argcount, code.co_kwonlyargcount)
        and all(
            name.endswith(given.arg)  # private names have the class in front
            for given, name in zip((*arguments.posonlyargs, *arguments.args), code.co_varnames, strict=False)
        )
        and (not lines or max(lines) <= (node.end_lineno or 0))
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


def _spans(body: ast.expr, positions: list[tuple[int, int, int, int]]) -> bool:
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    return all(start <= (a, b) and (c, d) <= end for a, b, c, d in positions)


def _parsed_again(file: _File, definition: _Definition, filename: str) -> Function:
    """A tree of its own, for transforming it changes it; parsing a few lines again is quicker than copying.

    The lines stay where they are in the file, and indented, so that every position is right.
    """
    lines = file.lines[definition.first - 1 : definition.last]
    indented = lines[0][:1] in " \t"
    start = "\n" * (definition.first - 2) + "if 1:\n" if indented else "\n" * (definition.first - 1)
    try:
        tree = ast.parse(start + "".join(lines), filename)
    except SyntaxError:  # the statement is not the first of its line: `else: f = lambda: 0`
        tree = ast.parse("".join(file.lines), filename)
    where = definition.node.lineno, definition.node.col_offset
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.Lambda))
            and isinstance(node, type(definition.node))
            and (node.lineno, node.col_offset) == where
        ):
            return node
    raise AssertionError(f"line {where[0]} of {filename} is not found again")
