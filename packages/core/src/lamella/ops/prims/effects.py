"""Primitives that act on the world. The building engine gives them tokens, which keep them in order and alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella import printing, recording
from lamella.dims import DimSize
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, register
from lamella.ops.define.rules import ZERO, check_kind, fail
from lamella.tensor import Tensor
from lamella.types import TensorType


def _infer_none(*types: TensorType, **_: Any) -> tuple[TensorType, ...]:
    return ()


class _Shown:
    """An array in a template, as a tensor shows itself in an f-string."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array

    def __format__(self, spec: str) -> str:
        return format(self._array.item(), spec) if spec else printing.format_value(self._array)


def _print_kernel(*arrays: np.ndarray[Any, Any], template: str) -> tuple[()]:
    print(template.format(*map(_Shown, arrays)), flush=True)
    return ()


def _batch_effect(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """The whole batch at once."""
    op(*operands, **attrs)
    return [], []


#: Prints the attribute `template` with its {}, or {:format} for single numbers, filled by the operands.
print_: OpDef = register(
    OpDef("print", _infer_none, _print_kernel, ZERO, _batch_effect, multiple=True, kind=Kind.EFFECT, stored=True),
)


def _infer_check(condition: TensorType, *_: TensorType, message: str) -> tuple[TensorType, ...]:
    check_kind("check", condition.dtype, ("bool",))
    if not isinstance(message, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise fail("check", f"message={message!r}", "text", kind=TypeError)
    return ()


def _check_kernel(condition: np.ndarray[Any, Any], *values: np.ndarray[Any, Any], message: str) -> tuple[()]:
    if not condition.all():
        raise AssertionError(message.format(*map(_Shown, values)))
    return ()


#: Raises AssertionError with the attribute `message`, its {} filled by the operands, unless all of the first is true.
check: OpDef = register(
    OpDef("check", _infer_check, _check_kernel, ZERO, _batch_effect, multiple=True, kind=Kind.EFFECT, stored=True),
)


def _infer_record(*types: TensorType, kind: str, tag: str) -> tuple[TensorType, ...]:
    if not types:
        raise fail("record", "no operands", "at least one", kind=TypeError)
    for name, text in (("kind", kind), ("tag", tag)):
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise fail("record", f"{name}={text!r}", "text", kind=TypeError)
    return ()


def _record_kernel(*arrays: np.ndarray[Any, Any], kind: str, tag: str) -> tuple[()]:
    if recording.is_heard():  # copies: the memory may be taken for something else when this has run
        recording.hand_out(kind, tag, [np.array(array) for array in arrays])
    return ()


#: Gives the operands to all who listen (`lamella.recording`), under the attributes `kind` and `tag`. In a compiled
#: function they become results of the graph (`ir.records`).
record: OpDef = register(
    OpDef("record", _infer_record, _record_kernel, ZERO, _batch_effect, multiple=True, kind=Kind.EFFECT, stored=True),
)
