"""Layers that are functions with settings: made of the rows of `rows` when they are first used."""

from __future__ import annotations

from typing import Any

from lamella.nn.cell import Cell
from lamella.nn.layers.rows import ROWS
from lamella.nn.loss import LossBase
from lamella.ops.classes.primitive import REQUIRED, Row, as_method, bound

MODULE = "lamella.nn"


def __getattr__(name: str) -> Any:
    """The class of a row, made when it is first asked for."""
    if name not in ROWS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = made(ROWS[name])
    return value


def made(row: Row) -> type[Cell]:
    """The class of a row; a loss that reduces is a `LossBase`.

    Args:
        row: the row.
    """
    name, function, settings = row.name, row.function, tuple(row.init)
    wanted, operands = row.settings(), row.operands()
    base = LossBase if "reduction" in row.init else Cell
    most = len(operands.parameters)
    least = sum(parameter.default is REQUIRED for parameter in operands.parameters.values())

    def init(self: Any, *values: Any, **named: Any) -> None:
        chosen = bound(f"nn.{name}", wanted, values, named).arguments
        if base is LossBase:
            LossBase.__init__(self, chosen["reduction"])
        else:
            Cell.__init__(self)
        for setting, value in chosen.items():
            setattr(self, setting, value)

    def construct(self: Cell, *values: Any, **named: Any) -> Any:
        if named or not least <= len(values) <= most:
            values = bound(f"nn.{name}", operands, values, named).args
        return function(*values, **{setting: getattr(self, setting) for setting in settings})

    as_method(init, "__init__", name, MODULE, wanted)
    as_method(construct, "construct", name, MODULE, operands)
    construct.__doc__ = row.summary()
    body = {
        "__module__": MODULE,
        "__qualname__": name,
        "__doc__": f"{row.summary()}\n\n`{name}{wanted}`, called with `{operands}`.",
        "__init__": init,
        "construct": construct,
    }
    return type(name, (base,), body)


__all__ = list(ROWS)
