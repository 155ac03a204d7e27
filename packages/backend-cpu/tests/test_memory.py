"""Memory that results give back: used again, but never while anybody looks at it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, ir, ops
from lamella_cpu.runtime import memory

FLOAT = np.dtype(np.float32)
LARGE = (300, 100)  # more bytes than `memory.SMALLEST`


@pytest.fixture(autouse=True)
def on_the_cpu_with_nothing_idle() -> Iterator[None]:
    ms.set_context(device_target="CPU")
    gc.collect()
    memory.release_idle()
    yield
    memory.release_idle()
    ms.set_context(device_target="reference")


def test_a_block_is_used_again_when_its_array_is_gone() -> None:
    array, address = memory.empty(LARGE, FLOAT)
    assert memory.idle_bytes() == 0
    del array
    assert memory.idle_bytes() >= 300 * 100 * 4
    assert memory.empty((100, 300), FLOAT)[1] == address
    other, there = memory.empty((1000, 1000), FLOAT)
    assert there != address
    assert other.shape == (1000, 1000)


@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", "int64", "float64"])
def test_arrays_are_aligned_writable_and_of_the_type(dtype: str) -> None:
    array, address = memory.empty((70_000, 3), np.dtype(dtype))
    assert address == array.ctypes.data
    assert address % 64 == 0
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    array[...] = 1
    assert (array == 1).all()


def test_small_and_empty_arrays_and_unknown_types_are_numpys_own() -> None:
    bfloat16 = ms.bfloat16.numpy
    for shape, dtype in (((), FLOAT), ((0, 1_000_000), FLOAT), ((10,), FLOAT), (LARGE, bfloat16)):
        array, _ = memory.empty(shape, dtype)
        assert array.dtype == dtype
        assert array.shape == shape
        assert array.base is None


def test_a_view_keeps_its_block() -> None:
    array, address = memory.empty(LARGE, FLOAT)
    view = array[3:, ::2].T
    array[...] = 7
    del array
    again, there = memory.empty(LARGE, FLOAT)
    assert there != address
    again[...] = 8
    assert (view == 7).all()
    del view
    assert memory.empty(LARGE, FLOAT)[1] == address


def test_a_result_that_is_looked_at_is_not_written_over() -> None:
    x = Tensor(np.full(LARGE, 0.5, np.float32))
    exported = ops.tanh(x).asnumpy()
    viewed = ops.transpose(ops.exp(x), (1, 0))
    for _ in range(5):
        ops.sin(x)
    np.testing.assert_allclose(exported, np.tanh(np.float32(0.5)), 1e-6)
    np.testing.assert_allclose(viewed.asnumpy(), np.exp(np.float32(0.5)), 1e-6)


def test_a_parameter_with_such_memory_is_updated_in_place() -> None:
    w = Parameter(ops.exp(Tensor(np.zeros(LARGE, np.float32))), name="w")

    def fn(x: Tensor) -> Tensor:
        w.assign_value(w + x)
        return x

    run = ir.staged(fn)
    run(Tensor(1.0))
    before = w._value.data.ctypes.data
    kept = w.asnumpy()
    run(Tensor(1.0))
    assert w._value.data.ctypes.data != before  # `kept` looks at it
    np.testing.assert_array_equal(kept, 2)
    before = w._value.data.ctypes.data
    run(Tensor(1.0))
    assert w._value.data.ctypes.data == before
    np.testing.assert_array_equal(w.asnumpy(), 4)


def test_the_device_says_how_much_memory_is_taken() -> None:
    device = ms.plugins.backend("CPU")
    gc.collect()
    before = device.memory()
    x = ops.exp(Tensor(np.zeros(LARGE, np.float32)))
    taken = device.memory()
    assert 0 <= taken.live - before.live - 300 * 100 * 4 < 64 << 10 and taken.idle == before.idle == 0
    del x
    assert device.memory().live == before.live and device.memory().idle == taken.live - before.live
    big = ir.staged(lambda x: (ops.cumsum(ops.sin(x), 0) @ x.T).sum(0).sum())
    big(Tensor(np.zeros(LARGE, np.float32)))
    assert device.memory().arena > before.arena
    del big
    gc.collect()
    assert device.memory().arena == before.arena


def test_too_much_that_is_idle_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_IDLE", 1 << 20)
    held = [memory.empty(LARGE, FLOAT)[0] for _ in range(20)]
    del held
    assert memory.idle_bytes() <= 1 << 20


def test_what_is_idle_is_given_back_before_memory_is_said_to_be_short(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.empty(LARGE, FLOAT)
    assert memory.idle_bytes()
    real, seen = np.empty, []

    def empty(shape: Any, dtype: Any) -> Any:
        seen.append(memory.idle_bytes())
        if memory.idle_bytes():
            raise MemoryError
        return real(shape, dtype)

    monkeypatch.setattr(memory.np, "empty", empty)
    assert memory.empty((1000, 1000), FLOAT)[0].shape == (1000, 1000)
    assert seen[-1] == 0


def test_threads_never_share_a_block() -> None:
    wrong: list[float] = []

    def work(number: float) -> None:
        for i in range(200):
            array, _ = memory.empty((300 + i % 3, 100), FLOAT)
            array[...] = number
            if not (array == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_donated_memory_is_really_taken_over() -> None:
    backend = ms.plugins.backend("CPU")
    graph = ir.build(lambda p, g: p - g, *(ir.TensorType(ms.float32, (100,)),) * 2)
    run = backend.compile(graph)
    p, g = backend.put(np.ones(100, np.float32)), backend.put(np.ones(100, np.float32))
    memory = p.data
    (result,) = run([p, g], frozenset([0]))
    assert result.data is memory
    np.testing.assert_array_equal(memory, 0)
    (kept,) = run([result, g])
    assert kept.data is not memory
