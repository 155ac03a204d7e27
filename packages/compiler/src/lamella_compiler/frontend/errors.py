"""How an error names the user's file, line and text."""

from __future__ import annotations

import linecache
import sys
from types import CodeType, FrameType, TracebackType
from typing import NamedTuple

from lamella.engine.conversion import in_library
from lamella.errors import CompileError


class Place(NamedTuple):
    """A line of a user's function.

    Attributes:
        file: path of the source file.
        line: its number, from 1.
        function: name of the function.
    """

    file: str
    line: int
    function: str

    @property
    def text(self) -> str:
        """The line without indentation; empty where there is no source."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}, in {self.function}"


def here() -> Place | None:
    """The innermost line on the stack that is a user's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and in_library(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else place_in(frame.f_code, frame.f_lineno)


def raised_in(trace: TracebackType | None) -> tuple[CodeType, int] | None:
    """The code and the line of the innermost frame of a traceback that is a user's."""
    found: tuple[CodeType, int] | None = None
    while trace is not None:
        if not in_library(trace.tb_frame.f_code.co_filename):
            found = trace.tb_frame.f_code, trace.tb_lineno
        trace = trace.tb_next
    return found


def place_in(code: CodeType, line: int) -> Place:
    """A line of a code, in the function that it belongs to."""
    comprehension = code.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
    names = [name for name in code.co_qualname.split(".") if name != "<locals>"]
    return Place(code.co_filename, line, names[-2] if comprehension and len(names) > 1 else code.co_name)


def compile_error(reason: str, remedy: str = "", place: Place | None = None) -> CompileError:
    """An error that names the line at fault: `place`, by default the innermost line of a user."""
    place = place or here()
    start = f"{place}: {reason}" if place is not None else reason
    source = f"\n    {place.text}" if place is not None and place.text else ""
    return CompileError(f"{start}{source}" + (f"\n{remedy}" if remedy else ""))
