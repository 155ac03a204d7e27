"""The random generator against core's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_helpers import HOSTS, guarded, loaded

from lamella.codegen.llvm import INDEX, Module
from lamella.codegen.philox import emit_random_bits
from lamella.ops.kernels.philox import random_bits

GENERATORS = {}
for _name, _host in HOSTS.items():
    _module = Module("philox")
    emit_random_bits(_module, "draw", _host.lanes(INDEX))
    GENERATORS[_name] = loaded(_module, "draw", _host)


def draw(name: str, key: int, counter: int, start: int, count: int) -> np.ndarray:
    whole, out = guarded(np.zeros(count, np.uint32), 7)
    GENERATORS[name](np.array([key], np.uint64), np.array([counter], np.uint64), start, count, out)
    assert (whole[:16] == 7).all()
    assert (whole[16 + count :] == 7).all()
    return out


@settings(deadline=None)
@given(
    st.sampled_from(list(HOSTS)),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 1000),
    st.integers(0, 200),
)
def test_the_stream_is_the_reference_kernels(name: str, key: int, counter: int, start: int, count: int) -> None:
    expected, _ = random_bits(np.uint64(key), np.uint64((counter + start) % 2**64), shape=(count,))
    np.testing.assert_array_equal(draw(name, key, counter, start, count), expected)


@pytest.mark.parametrize("name", list(HOSTS))
@pytest.mark.parametrize("counter", [0, 2**32 - 3, 2**64 - 3])
def test_chunks_join_without_a_seam(name: str, counter: int) -> None:
    expected, _ = random_bits(np.uint64(5), np.uint64(counter), shape=(1001,))
    parts = [draw(name, 5, counter, block, min(100, 1001 - 4 * block)) for block in range(0, 251, 25)]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
