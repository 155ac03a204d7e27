"""Graphs in parts: open sizes, primitives that a backend lacks, and faults of its compiler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from plans import Machine, planned

from lamella import Tensor, ir, ops
from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer
from lamella.errors import InterruptedRun
from lamella.ir.parser import parse_type
from lamella.lowering import rules, segments
from lamella.lowering.segments import CompiledGraph, FallbackWarning


class Device(ReferenceBackend):
    """Runs plans on NumPy, and lacks some primitives."""

    name = "Device"
    lacks: Sequence[str] = ("sort",)

    def __init__(self) -> None:
        super().__init__()
        self.made: list[ir.Graph] = []

    def supports(self, op: str, version: int, types: Any, attrs: Any) -> bool:
        return op not in self.lacks

    def lower(self, graph: ir.Graph) -> ir.Graph:
        return ir.legalize(graph, self.supports, rules)

    def make(self, graph: ir.Graph, original: ir.Graph) -> Code:
        self.made.append(original)
        return Code(self, graph)

    def compile(self, graph: ir.Graph) -> CompiledGraph:
        return CompiledGraph(graph, self, self.lower, self.make)


class Code:
    """A plan, run on NumPy."""

    def __init__(self, device: Device, graph: ir.Graph) -> None:
        self.device = device
        self.plan = planned(graph)

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
        return [self.device.put(a) for a in Machine(self.plan, [b.plain() for b in buffers], bool(donated)).results()]


def called(compiled: CompiledGraph, *arrays: np.ndarray) -> list[np.ndarray]:
    return [b.plain() for b in compiled([ReferenceBackend().put(a) for a in arrays])]


def graph_of(fn: Callable[..., Any], type: str) -> ir.Graph:
    return ir.build(fn, parse_type(type))


def fn(x: Tensor) -> Tensor:
    return ops.tanh(ops.sort(ops.exp(x) * 2.0)[0] + 1.0)


X = np.array([0.5, -2.0, 1.0], np.float32)


def test_what_is_lacking_runs_on_the_host_one_primitive_at_a_time_and_is_counted() -> None:
    device = Device()
    compiled = device.compile(graph_of(fn, "float32[3]"))
    for times in (1, 2):
        np.testing.assert_allclose(called(compiled, X)[0], fn(Tensor(X)).asnumpy(), 1e-6)
        assert compiled.on_host == {"sort": times}
    assert len(device.made) == 2 and not compiled.is_native
    whole = device.compile(graph_of(lambda x: ops.softmax(x), "float32[3]"))
    called(whole, X)
    assert whole.is_native and not whole.on_host


def test_code_is_made_for_each_combination_of_sizes_and_that_used_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "_MOST_SIZES", 2)
    device = Device()
    compiled = device.compile(graph_of(lambda x: ops.exp(x) + x.shape[0], "float32[n]"))
    for size, made in ((3, 1), (4, 2), (3, 2), (5, 3), (3, 3), (4, 4)):
        x = np.ones(size, np.float32)
        np.testing.assert_allclose(called(compiled, x)[0], np.exp(x) + size, 1e-6)
        assert len(device.made) == made


def test_a_fault_of_the_compiler_is_told_with_the_users_line_and_the_graph_runs_on_the_host() -> None:
    class Broken(Device):
        def make(self, graph: ir.Graph, original: ir.Graph) -> Code:
            raise KeyError("a value")

    with pytest.warns(FallbackWarning, match=r"on the device Device: got KeyError: 'a value'.*test_segments\.py"):
        compiled = Broken().compile(graph_of(lambda x: ops.exp(x) + 1.0, "float32[3]"))
    np.testing.assert_allclose(called(compiled, X)[0], np.exp(X) + 1, 1e-6)
    assert compiled.on_host == {"exp": 1, "add": 1, "constant": 1}


def test_an_interrupt_after_a_part_was_computed_is_no_end_of_the_whole() -> None:
    class Interrupted(Code):
        def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as interrupt:
                raise InterruptedRun(super().run(buffers, donated)) from interrupt

    class Slow(Device):
        def make(self, graph: ir.Graph, original: ir.Graph) -> Code:
            return Interrupted(self, graph)

    with pytest.raises(KeyboardInterrupt):
        called(Slow().compile(graph_of(fn, "float32[3]")), X)
    with pytest.raises(InterruptedRun) as stopped:
        called(Slow().compile(graph_of(ops.exp, "float32[3]")), X)
    np.testing.assert_allclose(stopped.value.results[0].plain(), np.exp(X), 1e-6)


def test_an_error_of_a_kernel_on_the_host_names_the_users_line() -> None:
    class Lacking(Device):
        lacks = ("gather", "checked_index")

    compiled = Lacking().compile(graph_of(lambda x: ops.gather(ops.exp(x), Tensor([7]), 0), "float32[3]"))
    with pytest.raises(IndexError) as error:
        called(compiled, X)
    assert any("test_segments.py" in note for note in error.value.__notes__)
