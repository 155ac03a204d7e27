"""Axes of open size: functions and their gradients give for every size what they give op by op."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, context, ir, tree
from lamella.dims import Dim
from lamella.dtypes import float32
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import Traced
from lamella.testing.cases import Case, all_cases
from lamella.testing.functions import FUNCTIONS, SIZES, OpenFunction
from lamella.testing.modes import MODES
from lamella.testing.test_primitives import assert_close, results_of
from lamella.types import TensorType

CASES = [case for case in all_cases() if "n" in str(case.attrs) or any("n" in o.shape for o in case.operands)]


def compiled(graph: ir.Graph, arrays: list[Any]) -> list[Any]:
    """What the device gives for a graph, which must be in order."""
    backend = context.backend
    return [b.plain() for b in backend.compile(ir.verify(graph))([backend.put(a.copy()) for a in arrays])]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_primitive_with_an_open_size(case: Case) -> None:
    dtype = float32 if float32 in case.dtypes else case.dtypes[0]
    n = Dim.symbol("n")
    types = [TensorType(Tensor(a).dtype, s) for a, s in zip(case.draw(dtype), case.open_shapes, strict=True)]
    # The first parameter is there to read the size off, where no operand has it.
    graph = ir.build(lambda _, *xs: case.op(*xs, **case.attributes(n)), TensorType(float32, (n,)), *types)
    run = context.backend.compile(ir.verify(ir.parse_graph(ir.print_graph(ir.verify(graph)))))
    for size in (3, 5, 2, 17, 3):
        arrays, attrs = case.draw(dtype, size), case.attributes(size)
        inputs = [context.backend.put(a.copy()) for a in (np.zeros(size, np.float32), *arrays)]
        assert_close([b.plain() for b in run(inputs)], results_of(case, arrays, attrs), slack=4)


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_graph_of_a_primitive_without_elements_or_with_one(case: Case, n: int) -> None:
    dtype = float32 if float32 in case.dtypes else case.dtypes[0]
    arrays, attrs = case.draw(dtype, n), case.attributes(n)
    types = [TensorType(Tensor(a).dtype, a.shape) for a in arrays]
    try:
        expected = results_of(case, arrays, attrs)
    except (IndexError, ValueError):  # not every primitive has a result for nothing
        with pytest.raises((IndexError, ValueError)):
            compiled(ir.build(lambda *xs: case.op(*xs, **attrs), *types), arrays)
        return
    assert_close(compiled(ir.build(lambda *xs: case.op(*xs, **attrs), *types), arrays), expected, slack=4)
    # … and with elementwise nodes and a reduction around it.
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]

    def around(*xs: Tensor) -> Any:
        out = case.op(*[x * 2 if i in floats else x for i, x in enumerate(xs)], **attrs)
        parts = out if isinstance(out, tuple) else (out,)
        return [part * 2 + 1 if part.dtype.is_float else part for part in parts], [
            part.sum() for part in parts if part.dtype.is_float
        ]

    expected = [t.asnumpy() for t in tree.flatten(around(*map(Tensor, arrays)))[0]]
    assert_close(compiled(ir.build(around, *types), arrays), expected, slack=8)


def with_gradients(function: OpenFunction) -> Any:
    """A function that gives the function's value and its gradients."""
    floats = tuple(i for i, operand in enumerate(function.operands) if not operand.dtype)

    def both(*xs: Tensor) -> Any:
        result = function.fn(*xs)
        return result, ms.grad(lambda *ys: (function.fn(*ys) * 1.0).sum(), floats)(*xs) if floats else ()

    return both


def numbers(result: Any) -> list[Any]:
    return [leaf.asnumpy() for leaf in tree.flatten(result)[0]]


def same(found: list[Any], expected: list[Any], n: int) -> None:
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == theirs.dtype and mine.shape == theirs.shape, n
        np.testing.assert_allclose(mine, theirs, 2e-4, 2e-5, err_msg=f"for the size {n}")


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_with_an_open_size(function: OpenFunction) -> None:
    both = with_gradients(function)
    both(*function.draw(7))  # makes the layer that it may have
    run = MODES["compiled"](both, dynamic=1) if "compiled" in MODES else ir.staged(both)
    for n in SIZES:
        if n >= function.least:
            inputs = function.draw(n)
            same(numbers(run(*inputs)), numbers(both(*inputs)), n)
    if "compiled" in MODES:
        assert ms.jit_cache_info(run).misses <= function.graphs


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.graphs <= 4], ids=str)
def test_a_graph_of_a_function_with_an_open_size(function: OpenFunction) -> None:
    both = with_gradients(function)
    inputs = function.draw(7)
    both(*inputs)  # makes the layer that it may have
    shapes = [tuple(Dim.symbol("n") if n == "n" else n for n in operand.shape) for operand in function.operands]
    traced = Traced(both, [TensorType(x.dtype, shape) for x, shape in zip(inputs, shapes, strict=True)], function.name)
    run = StatefulCall(traced, context.backend, ordinal=context.ordinal)
    for n in (7, 2, 33):
        inputs = function.draw(max(n, function.least))
        same(numbers(run.run(inputs)), numbers(both(*inputs)), n)
