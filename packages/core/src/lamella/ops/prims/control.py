"""Control flow as primitives: their bodies are graphs in attributes (regions), closed over nothing.

Operands that a body reads from around it come as operands of the primitive. What is differentiable:

- `cond`: the derivative is a `cond` over the branches' derivatives, each of which runs its branch again.
- `scan`: a tape runs it with `save`, which makes it give the carry before each iteration as extra outputs; the
  derivative is a scan the other way round, which runs the body again from those.
- `while_loop`: likewise; how often it runs is known only then, so the saved carries have an open size named by the
  attribute `save`. The derivative is a scan over them, so derivatives of any order need nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.dims import Dim, DimSize
from lamella.errors import explain
from lamella.ir.execute import execute
from lamella.ir.graph import Graph
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import fail
from lamella.ops.prims.elementwise import add, convert, select, wide
from lamella.ops.prims.reduce import reduce_max
from lamella.ops.prims.shape import reshape, transpose, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

if TYPE_CHECKING:
    pass
from lamella.ops.prims.regions import (
    batched_call,
    batched_region,
    batched_types,
    call,
    check_region,
    differentiable,
    params_of,
    region_vjp,
    result_flags,
    results_of,
    spread,
    trace,
)
from lamella.ops.prims.shape import filled

# -- cond: (pred, operands...) --


def _infer_cond(pred: TensorType, *operands: TensorType, then: Graph, orelse: Graph) -> tuple[TensorType, ...]:
    if pred.dtype.kind != "bool" or pred.shape:
        raise fail("cond", f"a predicate of type {pred}", "bool[]", kind=TypeError)
    check_region("cond", "then", then, operands)
    check_region("cond", "orelse", orelse, operands)
    if results_of(then) != results_of(orelse):
        raise fail(
            "cond",
            f"branches giving {list(results_of(then))} and {list(results_of(orelse))}",
            "branches that give the same types",
            kind=TypeError,
        )
    return results_of(then)


def _cond_kernel(pred: np.ndarray[Any, Any], *operands: Any, then: Graph, orelse: Graph) -> tuple[Any, ...]:
    return execute(then if pred else orelse, operands)


def _cond_vjp(c: Residuals, *cotangents: Tensor | None) -> list[Tensor | None]:
    operands = [c.input(i) for i in range(1, len(c.types))]
    wanted = differentiable(c.types[1:], c.needs[1:])
    given = [g for g in cotangents if g is not None]
    positions = [i for i, g in enumerate(cotangents) if g is not None]

    def derivative(region: Graph) -> Graph:
        def body(*values: Tensor) -> list[Tensor]:
            gs = spread(positions, values[len(operands) :], len(cotangents))
            return region_vjp(region, values[: len(operands)], gs, wanted)

        return trace(body, [*c.types[1:], *(c.out_types[i] for i in positions)], f"{region.name}_vjp")

    grads = cond(c.x, *operands, *given, then=derivative(c.attrs["then"]), orelse=derivative(c.attrs["orelse"]))
    return spread(wanted, grads, len(c.types), 1)


def _batch_cond(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    (pred, *rest), flags = operands, batched[1:]
    then, orelse = attrs["then"], attrs["orelse"]
    if not batched[0]:
        both = zip(result_flags(then, size, flags), result_flags(orelse, size, flags), strict=True)
        forced = [a or b for a, b in both]
        branches = {name: batched_region(attrs[name], size, flags, forced) for name in ("then", "orelse")}
        return cond(pred, *rest, **branches), forced
    if then.effects or orelse.effects:
        raise TypeError(
            explain(
                "ops.cond under vmap",
                given="a predicate for each example and a branch with effects (print, assert)",
                expected="branches without effects: both run for all examples",
                remedy="Move the effect out of the branch.",
            )
        )
    chosen: list[Tensor] = []
    parts = zip(batched_call(then, size, rest, flags), batched_call(orelse, size, rest, flags), strict=True)
    for (x, x_flag), (y, y_flag) in parts:
        x, y = with_batch(x, x_flag, size), with_batch(y, y_flag, size)
        chosen.append(select(reshape(pred, shape=(size, *(1,) * (x.ndim - 1))), x, y))
    return chosen, [True] * len(chosen)


#: Runs `then` or `orelse` on the operands after the predicate.
cond: OpDef = register(
    OpDef(
        "cond",
        _infer_cond,
        _cond_kernel,
        Vjp(_cond_vjp, saves=None, saves_outputs=()),
        _batch_cond,
        multiple=True,
        kind=Kind.CONTROL,
        stored=True,
    )
)

# -- scan: (consts..., carry..., xs...) to (carry..., ys...[, carries...]) --


def _scan_parts(attrs: dict[str, Any], total: int) -> tuple[slice, slice, slice]:
    a, b = attrs["consts"], attrs["consts"] + attrs["carry"]
    return slice(0, a), slice(a, b), slice(b, total)


def _infer_scan(
    *operands: TensorType, body: Graph, consts: int, carry: int, length: DimSize, reverse: bool, save: bool
) -> tuple[TensorType, ...]:
    first, middle, last = _scan_parts({"consts": consts, "carry": carry}, len(operands))
    for x in operands[last]:
        if not x.shape or x.shape[0] != length:
            raise fail("scan", f"an operand {x} to iterate over", f"first axis of size {length}")
    slices = [x.with_shape(x.shape[1:]) for x in operands[last]]
    check_region("scan", "body", body, [*operands[first], *operands[middle], *slices])
    results = results_of(body)
    if results[:carry] != operands[middle]:
        raise fail(
            "scan",
            f"a carry of types {list(operands[middle])} that becomes {list(results[:carry])}",
            "a carry that keeps its types",
            kind=TypeError,
        )
    stacked = [y.with_shape((length, *y.shape)) for y in results[carry:]]
    saved = [x.with_shape((length, *x.shape)) for x in operands[middle]] if save else []
    return (*operands[middle], *stacked, *saved)


def _scan_kernel(
    *operands: Any, body: Graph, consts: int, carry: int, length: int, reverse: bool, save: bool
) -> tuple[Any, ...]:
    fixed, state, xs = operands[:consts], operands[consts : consts + carry], operands[consts + carry :]
    types = results_of(body)
    outs = [np.empty((length, *t.shape), t.dtype.numpy) for t in types[carry:]]
    saved = [np.empty((length, *t.shape), t.dtype.numpy) for t in types[:carry]] if save else []
    for i in reversed(range(length)) if reverse else range(length):
        for stack, value in zip(saved, state, strict=False):
            stack[i] = value
        results = execute(body, (*fixed, *state, *(x[i] for x in xs)))
        state = results[:carry]
        for out, value in zip(outs, results[carry:], strict=True):
            out[i] = value
    return (*state, *outs, *saved)


def _augment_scan(attrs: dict[str, Any]) -> tuple[dict[str, Any], int]:
    return ({**attrs, "save": True}, attrs["carry"]) if not attrs["save"] else (attrs, 0)


def _scan_vjp(c: Residuals, *cotangents: Tensor | None) -> list[Tensor | None]:
    attrs = c.attrs
    first, middle, last = _scan_parts(attrs, len(c.types))
    n_carry, n_out = attrs["carry"], len(results_of(attrs["body"]))
    saved = [c.output(i) for i in range(n_out, n_out + n_carry)]
    return _loop_vjp(
        c,
        cotangents,
        body=attrs["body"],
        parts=(first, middle, last),
        saved=saved,
        ys=list(range(n_carry, n_out)),
        saved_cotangents=list(cotangents[n_out:]) or [None] * n_carry,
        length=attrs["length"],
        reverse=not attrs["reverse"],
        active=None,
    )


def _loop_vjp(
    c: Residuals,
    cotangents: Sequence[Tensor | None],
    *,
    body: Graph,
    parts: tuple[slice, slice, slice],
    saved: Sequence[Tensor],
    ys: Sequence[int],
    saved_cotangents: Sequence[Tensor | None],
    length: DimSize,
    reverse: bool,
    active: Graph | None,
) -> list[Tensor | None]:
    """The derivative of a loop: a scan over its saved carries, the other way round.

    It carries the cotangents of the loop's carry and the sums of those of its constants. `active`, if given, tells
    from (constants, carry) whether an iteration took place for the example at hand: under vmap a `while_loop` goes on
    until the last example is done.
    """
    first, middle, last = parts
    types = list(c.types)
    consts, n_consts = [c.input(i) for i in range(first.stop)], first.stop
    xs = [c.input(i) for i in range(last.start, len(types))] if last.stop else []
    n_carry = middle.stop - middle.start
    want_consts = differentiable(types[first], c.needs[first])
    # On the way, anything in the carry may come to depend on what is differentiated by. Counters are left out, unless
    # integers are among that.
    whole = any(n and t.dtype.is_integer for t, n in zip(types, c.needs, strict=True))
    want_carry = [i for i, t in enumerate(types[middle]) if t.dtype.is_inexact or (whole and t.dtype.is_integer)]
    want_xs = differentiable(types[last], c.needs[last])
    wanted = [*want_consts, *(n_consts + i for i in want_carry), *(n_consts + n_carry + i for i in want_xs)]
    carry_g = [g if (g := cotangents[i]) is not None else filled(types[middle][i]) for i in want_carry]
    sums = [wide(filled(types[i])) for i in want_consts]
    given_ys = [i for i in ys if cotangents[i] is not None]
    given_saved = [i for i in want_carry if saved_cotangents[i] is not None]

    def step(*values: Tensor) -> list[Tensor]:
        stream = iter(values)

        def take(n: int) -> list[Tensor]:
            return [next(stream) for _ in range(n)]

        fixed, g_carry, totals = take(n_consts), take(len(want_carry)), take(len(want_consts))
        state, items, g_ys, g_saved = take(n_carry), take(len(xs)), take(len(given_ys)), take(len(given_saved))
        gs = spread([*want_carry, *given_ys], [*g_carry, *g_ys], n_carry + len(ys))
        grads = region_vjp(body, [*fixed, *state, *items], gs, wanted)
        if active is not None:
            (on,) = call(active, [*fixed, *state])
            idle = [*map(filled, (types[i] for i in want_consts)), *g_carry]
            grads = [select(on, g, other) for g, other in zip(grads, idle, strict=True)]
        k, m = len(want_consts), len(want_carry)
        g_state = grads[k : k + m]
        for i, g in zip(given_saved, g_saved, strict=True):
            at = want_carry.index(i)
            g_state[at] = add(g_state[at], g)
        return [*g_state, *map(add, totals, map(wide, grads[:k])), *grads[k + m :]]

    streams = [*saved, *xs, *(cotangents[i] for i in given_ys), *(saved_cotangents[i] for i in given_saved)]
    operands: list[Tensor] = [*consts, *carry_g, *sums, *(s for s in streams if s is not None)]
    n_state = len(carry_g) + len(sums)
    each = [x._type for x in operands]
    slices = [t.with_shape(t.shape[1:]) if i >= n_consts + n_state else t for i, t in enumerate(each)]
    results = scan(
        *operands,
        body=trace(step, slices, f"{body.name}_vjp"),
        consts=n_consts,
        carry=n_state,
        length=length,
        reverse=reverse,
        save=False,
    )
    k, m = len(want_carry), len(want_consts)
    totals = [convert(x, types[i].dtype) for i, x in zip(want_consts, results[k : k + m], strict=True)]
    result = spread(want_consts, totals, len(types))
    for i, g in zip(want_carry, results[:k], strict=True):
        result[middle.start + i] = g
    for i, g in zip(want_xs, results[k + m :], strict=True):
        result[last.start + i] = g
    return result


def _front(x: Tensor, axis: int) -> Tensor:
    """Exchange the first axis and another."""
    order = list(range(x.ndim))
    order[0], order[axis] = order[axis], order[0]
    result: Tensor = transpose(x, permutation=tuple(order))
    return result


def _batch_scan(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    _, middle, last = _scan_parts(attrs, len(operands))
    body, n_carry = attrs["body"], attrs["carry"]
    flags = list(batched)
    while True:
        out_flags = result_flags(body, size, flags)
        if all(flag or not out for flag, out in zip(flags[middle], out_flags, strict=False)):
            break
        flags[middle] = [flag or out for flag, out in zip(flags[middle], out_flags, strict=False)]
    forced = [*flags[middle], *out_flags[n_carry:]]
    inputs = [
        _front(x, 1) if i >= last.start and was else with_batch(x, was, size) if now else x
        for i, (x, was, now) in enumerate(zip(operands, batched, flags, strict=True))
    ]
    results = list(scan(*inputs, **{**attrs, "body": batched_region(body, size, flags, forced)}))
    out = [*forced, *(forced[:n_carry] if attrs["save"] else [])]
    return [
        _front(x, 1) if flag and i >= n_carry else x for i, (x, flag) in enumerate(zip(results, out, strict=True))
    ], out


#: Runs `body` once for each element of the last operands' first axis, passing the carry on.
scan: OpDef = register(
    OpDef(
        "scan",
        _infer_scan,
        _scan_kernel,
        Vjp(_scan_vjp, saves=None, saves_outputs=None),
        _batch_scan,
        multiple=True,
        kind=Kind.CONTROL,
        stored=True,
        augment=_augment_scan,
    )
)

# -- while_loop: (consts..., carry...) to (carry...[, carries...]) --

_trips = count(1)


def _infer_while(*operands: TensorType, test: Graph, body: Graph, consts: int, save: str) -> tuple[TensorType, ...]:
    check_region("while_loop", "test", test, operands)
    check_region("while_loop", "body", body, operands)
    carry = operands[consts:]
    if len(results_of(test)) != 1 or results_of(test)[0].dtype.kind != "bool" or results_of(test)[0].shape:
        raise fail("while_loop", f"a test giving {list(results_of(test))}", "a test that gives bool[]", kind=TypeError)
    if results_of(body) != carry:
        raise fail(
            "while_loop",
            f"a carry of types {list(carry)} that becomes {list(results_of(body))}",
            "a carry that keeps its types",
            kind=TypeError,
        )
    saved = [x.with_shape((Dim.symbol(save), *x.shape)) for x in carry] if save else []
    return (*carry, *saved)


def _while_kernel(*operands: Any, test: Graph, body: Graph, consts: int, save: str) -> tuple[Any, ...]:
    fixed, state = operands[:consts], operands[consts:]
    saved: list[list[Any]] = [[] for _ in state]
    while execute(test, (*fixed, *state))[0]:
        if save:
            for stack, value in zip(saved, state, strict=True):
                stack.append(value)
        state = execute(body, (*fixed, *state))
    if not save:
        return tuple(state)
    return (
        *state,
        *(np.stack(s) if s else np.empty((0, *x.shape), x.dtype) for s, x in zip(saved, state, strict=True)),
    )


def _augment_while(attrs: dict[str, Any]) -> tuple[dict[str, Any], int]:
    if attrs["save"]:
        return attrs, 0
    return {**attrs, "save": f"trips{next(_trips)}"}, len(results_of(attrs["body"]))


def _while_vjp(c: Residuals, *cotangents: Tensor | None) -> list[Tensor | None]:
    consts, n = c.attrs["consts"], len(c.types) - c.attrs["consts"]
    saved = [c.output(i) for i in range(n, 2 * n)]
    return _loop_vjp(
        c,
        cotangents,
        body=c.attrs["body"],
        parts=(slice(0, consts), slice(consts, consts + n), slice(consts + n, consts + n)),
        saved=saved,
        ys=[],
        saved_cotangents=list(cotangents[n:]) or [None] * n,
        length=saved[0].shape[0],
        reverse=True,
        active=c.attrs["test"],
    )


def _batch_while(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    consts, test, body, save = attrs["consts"], attrs["test"], attrs["body"], attrs["save"]
    flags = list(batched)
    while True:
        carry_flags = result_flags(body, size, flags)
        (each_decides,) = result_flags(test, size, flags)
        grown = [flag or out or each_decides for flag, out in zip(flags[consts:], carry_flags, strict=True)]
        if grown == flags[consts:]:
            break
        flags[consts:] = grown
    carry_flags = flags[consts:]
    types = batched_types(params_of(body), flags, size)
    if each_decides:
        if body.effects or test.effects:
            raise TypeError(
                explain(
                    "ops.while_loop under vmap",
                    given="a condition for each example and a body with effects (print, assert)",
                    expected="a body without effects: it runs for all examples until the last is done",
                    remedy="Move the effect out of the loop.",
                )
            )

        def test_any(*values: Tensor) -> list[Tensor]:
            ((on, _),) = batched_call(test, size, values, flags)
            return [reduce_max(on, axes=(0,))]

        def body_masked(*values: Tensor) -> list[Tensor]:
            ((on, _),) = batched_call(test, size, values, flags)
            new = [with_batch(x, flag, size) for x, flag in batched_call(body, size, values, flags)]
            return [
                select(reshape(on, shape=(size, *(1,) * (x.ndim - 1))), x, old)
                for x, old in zip(new, values[consts:], strict=True)
            ]

        regions = {"test": trace(test_any, types, test.name), "body": trace(body_masked, types, body.name)}
    else:
        regions = {
            "test": batched_region(test, size, flags, [False]),
            "body": batched_region(body, size, flags, carry_flags),
        }
    inputs = [with_batch(x, was, size) if now else x for x, was, now in zip(operands, batched, flags, strict=True)]
    results = list(while_loop(*inputs, **regions, consts=consts, save=save))
    n = len(carry_flags)
    out = [*carry_flags, *carry_flags] if save else carry_flags
    return [_front(x, 1) if flag and i >= n else x for i, (x, flag) in enumerate(zip(results, out, strict=True))], out


#: Runs `body` on the carry for as long as `test` of it is true.
while_loop: OpDef = register(
    OpDef(
        "while_loop",
        _infer_while,
        _while_kernel,
        Vjp(_while_vjp, saves=None, saves_outputs=None),
        _batch_while,
        multiple=True,
        kind=Kind.CONTROL,
        stored=True,
        augment=_augment_while,
    )
)
