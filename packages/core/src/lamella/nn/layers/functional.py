"""Layers that are functions of one tensor: made of the rows of `ops.classes` when they are first used."""

from __future__ import annotations

from functools import cache
from typing import Any

from lamella.nn.cell import Cell
from lamella.ops.classes.primitive import Row, as_method, bound
from lamella.tensor import Tensor


@cache
def layers() -> dict[str, Row]:
    """The rows by the names of their layers, read when they are first asked for."""
    from lamella.ops.classes.rows import ROWS

    return {row.layer: row for row in ROWS if row.layer}


@cache
def layer(name: str) -> type[Cell]:
    """The class of a layer.

    Args:
        name: one of `layers()`.
    """
    return _made(layers()[name], "lamella.nn")


def _made(row: Row, module: str) -> type[Cell]:
    name, function, settings, wanted = row.layer, row.function, tuple(row.init), row.settings()

    def init(self: Cell, *values: Any, **named: Any) -> None:
        Cell.__init__(self)
        for setting, value in bound(f"nn.{name}", wanted, values, named).arguments.items():
            setattr(self, setting, value)

    def construct(self: Cell, x: Tensor) -> Any:
        """Apply to a tensor."""
        return function(x, **{setting: getattr(self, setting) for setting in settings})

    as_method(init, "__init__", name, module, wanted)
    construct.__qualname__, construct.__module__ = f"{name}.construct", module
    body = {
        "__module__": module,
        "__qualname__": name,
        "__doc__": f"{row.summary()}\n\n`{name}{wanted}` is `ops.{function.__name__}` as a layer.",
        "__init__": init,
        "construct": construct,
    }
    return type(name, (Cell,), body)
