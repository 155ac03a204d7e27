"""Text with numbers in it that only the graph knows: f-strings, `print` and `assert`."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

from lamella import Tensor, tree
from lamella.dims import Dim
from lamella.engine.stack import current
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella_compiler.frontend.runtime.conditions import is_dynamic, truth
from lamella_compiler.frontend.runtime.regions import inside
from lamella_compiler.frontend.runtime.variables import Body

_CONVERSIONS: Final[dict[int, Callable[[Any], Any]]] = {
    ord("r"): repr,
    ord("s"): str,
    ord("a"): ascii,
    -1: lambda value: value,
}


class Text(str):
    """An f-string with tensors in it. `print` and `assert` put the numbers in when the graph runs.

    Attributes:
        template: the text with {} for each tensor.
        tensors: the tensors.
    """

    template: str
    tensors: list[Tensor]


def closed(value: Any) -> Any:
    """A value that is to become a text, with the numbers of open sizes in it: Python has to know those."""
    leaves, spec = tree.flatten(value)
    return (
        value
        if not any(isinstance(leaf, Dim) for leaf in leaves)
        else tree.unflatten(spec, [int(leaf) if isinstance(leaf, Dim) else leaf for leaf in leaves])
    )


class Shown:
    """A tensor in an f-string, and how it is to be shown."""

    def __init__(self, tensor: Tensor, form: str) -> None:
        self.tensor = tensor
        self.form = form


def shown(value: Any, conversion: int, form: str) -> str | Shown | Text:
    """A replacement field of an f-string.

    Args:
        value: what it shows.
        conversion: the code of the letter behind `!`, or -1.
        form: what stands behind `:`.
    """
    if is_dynamic(value) and conversion in (-1, ord("s")):
        return Shown(value, form)
    if isinstance(value, Text) and conversion in (-1, ord("s")) and not form:
        return value
    return format(_CONVERSIONS[conversion](closed(value)), form)


def f_string(*parts: str | Shown | Text) -> str:
    """An f-string from its parts."""
    if not any(isinstance(part, (Shown, Text)) for part in parts):
        return "".join(parts)  # type: ignore[arg-type]
    result = Text("".join(str(part.tensor) if isinstance(part, Shown) else part for part in parts))
    result.template, result.tensors = _joined(parts, "")
    return result


def _joined(parts: Any, separator: str) -> tuple[str, list[Tensor]]:
    templates: list[str] = []
    tensors: list[Tensor] = []
    for part in parts:
        if isinstance(part, Shown):
            templates.append(f"{{:{part.form}}}" if part.form else "{}")
            tensors.append(part.tensor)
        elif isinstance(part, Text):
            templates.append(part.template)
            tensors += part.tensors
        elif isinstance(part, (Tensor, Dim)):
            templates.append("{}")
            tensors.append(as_tensor(part, None, "print"))
        else:
            templates.append(str(closed(part)).replace("{", "{{").replace("}", "}}"))
    return separator.join(templates), tensors


def print_(*values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False) -> None:
    """`print`: when the graph runs, if one is being built."""
    if not current().builds or file is not None or end not in (None, "\n"):
        builtins.print(*values, sep=sep, end=end, file=file, flush=flush)
        return
    template, tensors = _joined(values, " " if sep is None else sep)
    prims.print_(*tensors, template=template)


def assert_(test: Any, message: Body | None) -> None:
    """`assert test, message()`: when the graph runs, if a tensor decides whether it holds or whether it runs."""
    dynamic = is_dynamic(test)
    if not dynamic and (test or not inside()):
        if not test:
            raise AssertionError(*(() if message is None else (message(),)))
        return
    template, tensors = ("the condition is false", []) if message is None else _joined((message(),), "")
    condition = truth(test) if dynamic else as_tensor(bool(test), None, "assert")
    prims.check(condition, *tensors, message=template)


def text_of(value: Any) -> str:
    """`str(value)`, which stays a text with tensors in it."""
    return f_string(shown(value, -1, "")) if is_dynamic(value) or isinstance(value, Text) else str(closed(value))
