"""The classes of `ops`: a row each, by families, and those that are more."""

from __future__ import annotations

from typing import Any

from lamella.ops.classes import (
    acting,
    arranging,
    composite,
    custom,
    elementwise,
    networks,
    optimizing,
    recurrent,
    reducing,
    transforming,
    vision,
)
from lamella.ops.classes.primitive import described, made

FAMILIES = (elementwise, reducing, arranging, networks, recurrent, vision, optimizing, acting, transforming)

ROWS = tuple(row for family in FAMILIES for row in family.ROWS)

BY_NAME = {row.name: row for row in ROWS}

#: The classes that are more than a row.
WRITTEN = {name: getattr(module, name) for module in (composite, custom) for name in module.__all__}


#: Classes of MindSpore's that are not here, and why.
LEFT_OUT = {
    **dict.fromkeys(
        ("ApplyRotaryPosEmb", "GroupTopk", "GroupedMatmul", "PagedAttention", "PagedAttentionMask", "ReshapeAndCache"),
        "belongs to the Ascend's engine for serving language models",
    ),
    **dict.fromkeys(("Pull", "Push"), "needs servers of parameters"),
    **dict.fromkeys(("GetNext", "TBERegOp", "AiCPURegOp", "CustomRegOp"), "describes kernels of MindSpore's own"),
}


def found(name: str, module: str) -> Any:
    """The class of a name, made if it is one of a row; None if there is none.

    Args:
        name: its name.
        module: the module that has it as an attribute.

    Raises:
        AttributeError: it is one of MindSpore's that is left out.
    """
    if name in LEFT_OUT:
        raise AttributeError(f"Lamella has no {name}: it {LEFT_OUT[name]}.")
    return made(BY_NAME[name], module) if name in BY_NAME else WRITTEN.get(name)


def __getattr__(name: str) -> Any:
    """`__test__`: where doctest finds the examples of classes, which are made when they are first used."""
    if name == "__test__":
        return {row.name: described(row) for row in ROWS}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
