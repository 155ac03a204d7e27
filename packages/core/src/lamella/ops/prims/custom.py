"""Functions with a derivative of their own: how engines meet them, and the primitive that graphs have for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lamella.engine.building import Building
from lamella.engine.place import own_lines
from lamella.engine.stack import current, entered
from lamella.errors import explain
from lamella.ir.execute import execute
from lamella.ir.graph import Graph
from lamella.ops.define.opdef import Kind, OpDef, register
from lamella.ops.define.rules import ZERO, fail
from lamella.ops.prims.regions import call, check_region, params_of, results_of, spread
from lamella.ops.prims.shape import filled
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN, TensorType

if TYPE_CHECKING:
    from lamella.engine.base import AnyValue, Body, Engine


@dataclass(frozen=True, slots=True)
class Custom:
    """A function with a derivative of its own.

    Attributes:
        forward: the function: tensors in, tensors out.
        backward: takes operands, results and the results' cotangents, and gives the operands' cotangents, None where
            there is none.
    """

    forward: Body
    backward: Body

    def with_bodies(self, forward: Body, backward: Body) -> Custom:
        """The same with other bodies."""
        return Custom(forward, backward)

    def run(self, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        """Run the function on the engine that is current."""
        engine = current()
        return [engine.read(x) for x in self.forward(*map(wrap, values))]

    def record(self, building: Building, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        """Write both bodies down as a node of a graph."""
        types = [v.type for v in values]
        inner = Building("forward")
        with inner.recording():
            results = self.forward(*map(inner.param, types))
            inner.finish(results)
        out_types = list(results_of(inner.graph))
        back = Building("backward")
        with back.recording(), own_lines("backward"):
            grads = self.backward(*map(back.param, [*types, *out_types, *out_types]))
            back.finish(
                [filled(t) if g is None else g for g, t in zip(grads, types, strict=True) if t.dtype.is_inexact]
            )
        # Both regions take the same extra operands: what either reads from around it.
        outer: dict[int, AnyValue] = {v.uid: v for v in (*inner.captures, *back.captures)}
        extra = list(outer.values())
        for part, position in ((inner, len(types)), (back, len(types))):
            lifted = [part.lift(v) for v in extra]
            tokens = [p for p in part.graph.params if p.type == TOKEN]
            own = [p for p in part.graph.params if p not in lifted and p.type != TOKEN]
            part.graph.params = [*tokens, *own[:position], *lifted, *own[position:]]
        zeros = [t for t in (v.type for v in extra) if t.dtype.is_inexact]
        if zeros:
            with back.recording():
                back.graph.results += [back.lift(back.read(filled(t))) for t in zeros]
        attrs = {"forward": inner.graph, "backward": back.graph}
        outputs = building.run(custom_vjp, [*values, *extra], attrs)
        for handle, _ in inner.changed:
            raise TypeError(
                explain(
                    "custom derivative",
                    given=f"a forward function that changes a tensor from outside ({handle.dtype}{handle.shape})",
                    expected="one that only returns values",
                    remedy="Move the change out of the function.",
                )
            )
        return outputs


def _infer_custom(*operands: TensorType, forward: Graph, backward: Graph) -> tuple[TensorType, ...]:
    check_region("custom_vjp", "forward", forward, operands)
    results = results_of(forward)
    check_region("custom_vjp", "backward", backward, [*operands, *results, *results])
    floats = tuple(t for t in operands if t.dtype.is_inexact)
    if results_of(backward) != floats:
        raise fail(
            "custom_vjp",
            f"a derivative giving {list(results_of(backward))}",
            f"a cotangent for each floating-point operand, {list(floats)}",
            kind=TypeError,
        )
    return results


def _custom_kernel(*operands: Any, forward: Graph, backward: Graph) -> tuple[Any, ...]:
    return execute(forward, operands)


def _run_custom(engine: Engine, operands: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
    """Run a node on an engine: its regions as the bodies of a `Custom`."""
    forward, backward = attrs["forward"], attrs["backward"]

    def derivative(*values: Tensor) -> list[Tensor | None]:
        floats = [i for i, t in enumerate(params_of(forward)) if t.dtype.is_inexact]
        return spread(floats, call(backward, values), len(operands))

    with entered(engine):
        return engine.custom(Custom(lambda *values: call(forward, values), derivative), operands)


custom_vjp: OpDef = register(
    OpDef(
        "custom_vjp",
        _infer_custom,
        _custom_kernel,
        ZERO,
        multiple=True,
        kind=Kind.CONTROL,
        stored=True,
        run=_run_custom,
    )
)
