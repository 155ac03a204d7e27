"""The tape: reverse-mode differentiation on top of any engine.

A tape does not wrap values. It knows by number which values depend on the ones a derivative is wanted for, records
each primitive applied to them, and passes the work down. Its backward pass runs the primitives' rules on the engine
below: on an eager engine they compute, on a building engine they are recorded (so the derivative of a graph is a
graph), on another tape they are differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.dtypes import bool_
from lamella.engine.base import AnyValue, Custom, Engine
from lamella.engine.place import at_derivative, here, leave, own_lines
from lamella.engine.stack import entered
from lamella.errors import explain
from lamella.ops.define.opdef import OpDef, Residuals, Vjp
from lamella.ops.define.rules import ZERO
from lamella.ops.prims.elementwise import add, bitwise_or
from lamella.ops.prims.shape import alias, filled
from lamella.tensor import wrap

if TYPE_CHECKING:
    from lamella.dims import Shape
    from lamella.ir.graph import Location
    from lamella.tensor import Tensor


class _Entry:
    """One recorded call: what its derivative needs."""

    __slots__ = (
        *("attrs", "conjugates", "in_uids", "inputs", "name", "out_types", "out_uids", "outputs", "place", "rule"),
        "types",
    )

    def __init__(
        self,
        name: str,
        vjp: Vjp,
        attrs: dict[str, Any],
        values: Sequence[AnyValue],
        results: Sequence[AnyValue],
        visible: int,
        place: Location | None,
    ) -> None:
        self.name = name
        self.place = place
        self.rule = vjp.rule
        self.conjugates = vjp.conjugates
        self.attrs = attrs
        self.in_uids = [v.uid for v in values]
        self.out_uids = [v.uid for v in results[:visible]]
        self.types = [v.type for v in values]
        self.out_types = [v.type for v in results]
        self.inputs = _kept(values, vjp.saves)
        self.outputs = _kept(results, vjp.saves_outputs)


def _kept(values: Sequence[AnyValue], positions: tuple[int, ...] | None) -> Sequence[AnyValue | None]:
    if positions is None:
        return values
    return [value if i in positions else None for i, value in enumerate(values)] if positions else (None,) * len(values)


class Tape(Engine):
    """Records what derivatives need.

    Args:
        parent: the engine below.

    Attributes:
        tracked: numbers of the values that depend on what is watched.
    """

    __slots__ = ("_values", "builds", "entries", "locates", "parent", "tracked", "watches")

    def __init__(self, parent: Engine) -> None:
        self.parent: Engine = parent
        self.watches = parent.watches
        self.builds = parent.builds
        self.locates = parent.locates
        self.tracked: set[int] = set()
        self.entries: list[_Entry] = []
        self._values: dict[int, AnyValue] = {}

    def substitute(self, handle: Tensor, value: AnyValue) -> None:
        """Let `handle` have another value under this tape, until it is changed; other threads do not see it."""
        self._values[id(handle)] = value
        self.watches = True

    def watch(self, value: AnyValue) -> None:
        """Track everything computed from `value`."""
        self.tracked.add(value.uid)

    # -- the engine --

    def run(self, op: OpDef, values: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        tracked = self.tracked
        for value in values:
            if value.uid in tracked:
                break
        else:
            return self.parent.run(op, values, attrs)
        vjp = op.vjp
        if vjp is ZERO:
            return self.parent.run(op, values, attrs)
        extra = 0
        if op.augment is not None:
            attrs, extra = op.augment(attrs)
        results = self.parent.run(op, values, attrs)
        visible = len(results) - extra
        place = _place(results) if self.locates else None
        entry = _Entry(op.name, Vjp(_refuse(op)) if vjp is None else vjp, attrs, values, results, visible, place)
        self.entries.append(entry)
        tracked.update(entry.out_uids)
        return results[:visible]

    def constant(self, array: np.ndarray[Any, Any]) -> AnyValue:
        return self.parent.constant(array)

    def read(self, handle: Tensor) -> AnyValue:
        return self._values.get(id(handle)) or self.parent.read(handle)

    def peek(self, handle: Tensor) -> AnyValue:
        return self._values.get(id(handle)) or self.parent.peek(handle)

    def write(self, handle: Tensor, value: AnyValue) -> None:
        self._values.pop(id(handle), None)
        self.parent.write(handle, value)

    def custom(self, function: Custom, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        with entered(self.parent):
            results = self.parent.custom(function, values)
        if any(value.uid in self.tracked for value in values):

            def rule(c: Residuals, *cotangents: Tensor | None) -> Sequence[Tensor | None]:
                whole = [filled(t) if g is None else g for g, t in zip(cotangents, c.out_types, strict=True)]
                inputs = [c.input(i) for i in range(len(c.types))]
                outputs = [c.output(i) for i in range(len(c.out_types))]
                with own_lines("backward"):
                    return function.backward(*inputs, *outputs, *whole)

            # An output that is an operand itself must get a number of its own, or its cotangents would be taken for
            # the operand's.
            results = [self._fresh(r) if any(r.uid == v.uid for v in values) else r for r in results]
            place = _place(results) if self.locates else None
            entry = _Entry("", Vjp(rule, None, None), {}, values, results, len(results), place)
            self.entries.append(entry)
            self.tracked.update(entry.out_uids)
        return results

    def _fresh(self, value: AnyValue) -> AnyValue:
        return self.parent.run(alias, [value], {})[0]

    # -- the backward pass --

    def gradients(
        self,
        outputs: Sequence[AnyValue],
        cotangents: Sequence[Tensor | None],
        sources: Sequence[AnyValue],
        *,
        engine: Engine | None = None,
        keep: bool = False,
    ) -> list[Tensor | None]:
        """Cotangents of `sources` for given cotangents of `outputs`; None where they do not depend.

        Args:
            outputs: values computed under this tape.
            cotangents: one for each of `outputs`, of its type; None is zero.
            sources: watched values.
            engine: where the derivatives run; default: the engine below the tape.
            keep: whether the tape can be run backwards again; otherwise it is used up on the way, which frees memory.
        """
        held: dict[int, Tensor] = {}
        with entered(engine or self.parent):
            for output, cotangent in zip(outputs, cotangents, strict=True):
                if cotangent is not None and output.uid in self.tracked:
                    held[output.uid] = _sum(held[output.uid], cotangent) if output.uid in held else cotangent
            for entry in reversed(self.entries) if keep else self._consumed():
                if entry.place is None:
                    self._step(entry, held)
                else:
                    token = at_derivative(entry.place)
                    try:
                        self._step(entry, held)
                    finally:
                        leave(token)
        return [held.get(source.uid) for source in sources]

    def _consumed(self) -> Iterator[_Entry]:
        while self.entries:
            yield self.entries.pop()

    def _step(self, entry: _Entry, held: dict[int, Tensor]) -> None:
        arriving = [held.pop(uid, None) for uid in entry.out_uids]
        if all(g is None for g in arriving):
            return
        tracked = self.tracked
        needs = [uid in tracked for uid in entry.in_uids]
        residuals = Residuals(
            [None if v is None else wrap(v) for v in entry.inputs],
            [None if v is None else wrap(v) for v in entry.outputs],
            entry.types,
            entry.out_types,
            needs,
            entry.attrs,
            entry.conjugates,
        )
        grads = entry.rule(residuals, *arriving)
        for uid, needed, g, type in zip(entry.in_uids, needs, grads, entry.types, strict=True):
            if needed and g is not None:
                if g._value.shape != type.shape:
                    raise _misfit(entry, g.shape, type)
                held[uid] = _sum(held[uid], g) if uid in held else g


def _sum(x: Tensor, y: Tensor) -> Tensor:
    result: Tensor = bitwise_or(x, y) if x._value.dtype is bool_ else add(x, y)
    return result


def _place(results: Sequence[AnyValue]) -> Location | None:
    """The place of the op that has just given results."""
    node = getattr(results[0], "node", None) if results else None  # a graph knows
    return here() if node is None else node.location


def _misfit(entry: _Entry, given: Shape, operand: Any) -> ValueError:
    return ValueError(
        explain(
            f"derivative of ops.{entry.name}" if entry.name else "custom derivative",
            given=f"a cotangent of shape {given} for an operand of type {operand}",
            expected="the operand's shape",
            remedy="The rule of the derivative is wrong; if it is not yours, report it.",
        )
    )


def _refuse(op: OpDef) -> Callable[..., Any]:
    def rule(*_: Any) -> Any:
        raise TypeError(
            explain(
                f"derivative of ops.{op.name}",
                given="a primitive that has none",
                expected="a primitive with a `vjp`",
                remedy="Keep it out of the differentiated function, or wrap it in ops.stop_gradient.",
            )
        )

    return rule
