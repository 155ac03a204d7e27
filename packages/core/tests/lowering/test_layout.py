from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamella.lowering.layout import Layout, dense, plain


def elements(layout: Layout, memory: np.ndarray) -> np.ndarray:
    """What a layout shows of memory."""
    strides = [s * memory.itemsize for s in layout.strides]
    return np.lib.stride_tricks.as_strided(memory[layout.offset :], layout.shape, strides)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 5), max_size=4)))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    shape = draw(shapes())
    halo = [(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape]
    return dense(shape, draw(st.permutations(range(len(shape)))), halo)


@given(layouts(), st.data())
def test_views_show_what_numpy_shows(layout: Layout, data: st.DataObject) -> None:
    memory = np.arange(layout.size)
    array = elements(layout, memory)
    order = data.draw(st.permutations(range(array.ndim)))
    np.testing.assert_array_equal(elements(layout.transposed(order), memory), array.transpose(order))
    flipped = data.draw(st.sets(st.sampled_from(range(array.ndim)))) if array.ndim else set()
    np.testing.assert_array_equal(elements(layout.flipped(tuple(flipped)), memory), np.flip(array, tuple(flipped)))
    wide = (3, *(n if n > 1 else 4 for n in array.shape))
    np.testing.assert_array_equal(elements(layout.broadcast(wide), memory), np.broadcast_to(array, wide))
    starts = [data.draw(st.integers(0, n)) for n in array.shape]
    stops = [data.draw(st.integers(a, n)) for a, n in zip(starts, array.shape, strict=True)]
    steps = [data.draw(st.integers(1, 3)) for _ in array.shape]
    part = array[tuple(slice(a, b, c) for a, b, c in zip(starts, stops, steps, strict=True))]
    sliced = layout.sliced(starts, stops, steps)
    assert sliced.shape == part.shape
    if part.size:
        np.testing.assert_array_equal(elements(sliced, memory), part)


@given(layouts(), st.data())
def test_reshaped_gives_numpys_elements_or_nothing(layout: Layout, data: st.DataObject) -> None:
    array = elements(layout, np.arange(layout.size))
    factors = [f for n in array.shape for f in ((2, n // 2) if n == 4 else (n,))]
    split = data.draw(st.permutations(factors)) if data.draw(st.booleans()) else factors
    found = layout.reshaped(split)
    if found is not None:
        np.testing.assert_array_equal(elements(found, np.arange(layout.size)), array.reshape(split))
    if layout.is_plain:
        assert found is not None


def test_reshaping_to_where_elements_would_have_to_move_gives_nothing() -> None:
    assert plain((2, 3)).transposed((1, 0)).reshaped((6,)) is None
    assert plain((4, 6)).transposed((1, 0)).reshaped((3, 2, 4)) == plain((4, 3, 2)).transposed((1, 2, 0))


def test_a_halo_lies_around() -> None:
    layout = dense((2, 3), (0, 1), ((1, 1), (2, 0)))
    assert layout == Layout((2, 3), (5, 1), 7, 20)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2)])
def test_shapes_without_axes_or_elements(shape: tuple[int, ...]) -> None:
    layout = plain(shape)
    assert layout.size == int(np.prod(shape))
    assert layout.reshaped((*shape, 1)) is not None
