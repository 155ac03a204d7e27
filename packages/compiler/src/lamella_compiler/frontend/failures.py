"""Errors that leave a build, worded so that they name the user's line and say what to do."""

from __future__ import annotations

import re

from lamella.context import get_context
from lamella.errors import ConcretizationError
from lamella_compiler.frontend.errors import Place, compile_error, place_in, raised_in
from lamella_compiler.frontend.runtime.variables import reasons

#: By the identity of a function's code: why its source is not to be found.
without_source: dict[int, str] = {}


def reword(error: Exception) -> None:
    """Raise an error that names the user's line in place of one that does not, or note the line at it.

    Args:
        error: what has left a build.

    Raises:
        CompileError: the user's code cannot be compiled.
    """
    found = raised_in(error.__traceback__)
    if found is None:
        return
    code, place = found[0], place_in(*found)
    if isinstance(error, ConcretizationError):
        if id(code) in without_source:
            raise compile_error(
                f"a tensor decides in {code.co_qualname}, whose source is not to be found: {without_source[id(code)]}.",
                "Define the function in a file or a notebook cell; run the file again if it has changed.",
                Place(code.co_filename, code.co_firstlineno, code.co_name),
            ) from error
        raise compile_error(str(error), place=place) from error
    if isinstance(error, RecursionError):
        raise compile_error(
            f"calls nest deeper than max_call_depth = {get_context('max_call_depth')} allows.",
            "Where a recursion ends must not depend on a tensor: write it as a loop. For a deep recursion with a known "
            "end, increase it with lamella.set_context(max_call_depth=…).",
            place,
        ) from None
    if isinstance(error, NameError):
        for name in re.findall(r"'(\w+)'", str(error)):
            reason = reasons.get().get((place.file, name))
            if reason is not None:
                remedy = "Give it a value of the same structure, shape and type on every path."
                raise compile_error(reason, remedy, place) from error
    error.add_note(f"in {place.function}, {place.file}:{place.line}: {place.text}")
