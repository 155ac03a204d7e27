"""Philox against the known-answer vectors of Random123 and a plain transcription of the paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella.ops.kernels.philox import philox_block, random_bits

MASK = 0xFFFFFFFF


def words(numbers: list[int]) -> tuple[Any, ...]:
    """Counter or key words as the kernel takes them."""
    return tuple(np.array([n], np.uint64) for n in numbers)


def paper(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x32-10 in Python's integers, written from section 4.3 of the paper."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return [c0, c1, c2, c3]


def stream(key: int, counter: int, count: int) -> list[int]:
    """The first `count` numbers of a stream, one block at a time."""
    numbers: list[int] = []
    while len(numbers) < count:
        numbers += paper([counter & MASK, counter >> 32, 0, 0], [key & MASK, key >> 32])
        counter = (counter + 1) % 2**64
    return numbers[:count]


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([MASK] * 4, [MASK] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_known_answers_of_random123(counter: list[int], key: list[int], expected: list[int]) -> None:
    given_counter, given_key = words(counter), words(key)
    assert [int(word[0]) for word in philox_block(given_counter, given_key)] == expected
    assert [int(word[0]) for word in (*given_counter, *given_key)] == counter + key


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 13))
def test_stream_follows_the_paper(key: int, counter: int, count: int) -> None:
    bits, after = random_bits(np.uint64(key), np.uint64(counter), shape=(count,))
    assert bits.dtype == np.uint32
    assert bits.tolist() == stream(key, counter, count)
    assert int(after) == (counter + -(-count // 4)) % 2**64


def test_counter_wraps_inside_a_draw() -> None:
    bits, after = random_bits(np.uint64(3), np.uint64(2**64 - 1), shape=(2, 4))
    assert bits.ravel().tolist() == stream(3, 2**64 - 1, 8)
    assert int(after) == 1
    assert isinstance(after, np.ndarray)


@pytest.mark.parametrize("lead", [(), (3,), (2, 2), (0,), (70_000,)])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (0,), (4, 0)])
def test_each_stream_of_a_batch_is_drawn_alone(lead: tuple[int, ...], shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    key = random.integers(0, 2**64, lead, dtype=np.uint64)
    counter = random.integers(0, 2**64, lead, dtype=np.uint64)
    bits, after = random_bits(key, counter, shape=shape)
    assert bits.shape == lead + shape
    assert np.shape(after) == lead
    assert after.dtype == np.uint64
    for place in list(np.ndindex(*lead))[:4]:
        one, one_after = random_bits(key[place], counter[place], shape=shape)
        np.testing.assert_array_equal(bits[place], one)
        assert after[place] == one_after


def test_draws_follow_each_other_without_a_gap() -> None:
    whole, end = random_bits(np.uint64(7), np.uint64(0), shape=(300_000,))
    first, middle = random_bits(np.uint64(7), np.uint64(0), shape=(100_000,))
    second, last = random_bits(np.uint64(7), middle, shape=(200_000,))
    np.testing.assert_array_equal(whole, np.concatenate([first, second]))
    assert end == last


def test_bits_are_balanced() -> None:
    bits, _ = random_bits(np.uint64(1), np.uint64(0), shape=(100_000,))
    ones = np.unpackbits(bits.view(np.uint8).reshape(-1, 4), axis=1).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(100_000)
