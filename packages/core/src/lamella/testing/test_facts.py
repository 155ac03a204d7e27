"""What is said of each primitive (`kind`, `total`, `shares`), against what it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import context, ir
from lamella.dtypes import BY_NUMPY, DType
from lamella.ops.define.opdef import Kind
from lamella.testing.cases import Case, all_cases
from lamella.testing.test_primitives import assert_close, expected_of, results_of
from lamella.types import TensorType

CASES = all_cases()


def of_kind(kind: Kind) -> list[Case]:
    return [case for case in CASES if case.op.kind is kind]


def random_bits(case: Case, dtype: DType) -> list[Any]:
    """Operands of any bits: NaN, infinities, the least integers and all others."""
    rng = np.random.default_rng(0)
    return [any_bits(rng, a) for a in case.draw(dtype)]


def any_bits(rng: np.random.Generator, like: Any) -> Any:
    dtype = BY_NUMPY[like.dtype]
    if dtype.bits < 8 * dtype.itemsize:  # of a byte, only some bits count
        least, most = dtype.limits
        return rng.integers(least, most + 1, like.shape).astype(like.dtype)
    if dtype.kind == "bool":
        return rng.random(like.shape) < 0.5
    return np.frombuffer(rng.bytes(like.nbytes), like.dtype).reshape(like.shape)


def elements(array: Any) -> list[bytes]:
    return [element.tobytes() for element in array.reshape(-1)]


def types_of(arrays: list[Any]) -> list[TensorType]:
    return [TensorType(ms.Tensor(a).dtype, a.shape) for a in arrays]


@pytest.mark.parametrize("case", of_kind(Kind.ELEMENTWISE), ids=str)
def test_an_element_of_an_elementwise_result_follows_from_the_elements_at_its_place(case: Case) -> None:
    for dtype in case.dtypes:
        arrays, attrs = case.draw(dtype), case.attributes()
        (whole,) = results_of(case, arrays, attrs)
        stretched = [np.broadcast_to(a, whole.shape) for a in arrays]
        for place in [*np.ndindex(whole.shape)][:: max(1, whole.size // 4)]:
            found = results_of(case, [a[place].copy() for a in stretched], attrs)
            assert_close(found, [np.asarray(whole[place])])


@pytest.mark.parametrize("case", of_kind(Kind.VIEW), ids=str)
def test_a_view_gives_bits_of_its_operand(case: Case) -> None:
    for dtype in case.dtypes:
        (x,), attrs = random_bits(case, dtype), case.attributes()
        (found,) = results_of(case, [x], attrs)
        assert set(elements(found)) <= set(elements(x))


@pytest.mark.parametrize("case", [case for case in CASES if case.op.total is not False], ids=str)
def test_a_total_primitive_runs_through_on_any_bits(case: Case) -> None:
    attrs = case.attributes()
    for dtype in case.dtypes:
        arrays = random_bits(case, dtype)
        types = types_of(arrays)
        if not case.op.is_total(types, attrs):
            continue
        results_of(case, arrays, attrs)
        graph = ir.build(lambda *xs: case.op(*xs, **attrs), *types)
        for buffer in context.backend.compile(graph)([context.backend.put(a.copy()) for a in arrays]):
            buffer.plain()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_only_views_and_control_flow_share_memory_with_their_operands(case: Case) -> None:
    arrays = case.draw(case.dtypes[0])
    results = expected_of(case, arrays, case.attributes())
    assert case.op.shares or not any(np.shares_memory(x, y) for x in arrays for y in results)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_given_needs_no_operands(case: Case) -> None:
    assert (case.op.kind is Kind.GIVEN) == (not case.operands)


@pytest.mark.parametrize(
    ("op", "attrs", "number", "error"),
    [
        (ms.ops.prims.checked_index, {"size": 4, "ignore": None}, 4, IndexError),
        (ms.ops.prims.checked_index, {"size": 4, "ignore": None}, -1, IndexError),
        (ms.ops.prims.checked_index, {"size": 4, "ignore": -100}, -1, IndexError),
        (ms.ops.prims.checked_divisor, {}, 0, ZeroDivisionError),
    ],
)
def test_checks_refuse_what_they_are_for(op: Any, attrs: dict[str, Any], number: int, error: type[Exception]) -> None:
    for dtype in ("int32", "int64"):
        x = ms.Tensor([1, number, 2], dtype)
        for run in (lambda x: op(x, **attrs), ir.staged(lambda x: op(x, **attrs))):
            with pytest.raises(error):
                run(x).asnumpy()
