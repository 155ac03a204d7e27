"""Random bits by counting: the generator Philox 4x32-10.

Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. A block of four 32-bit
numbers is a fixed function of a 128-bit counter and a 64-bit key, so any part of a stream can be computed on its own,
and every backend computes the same stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from lamella.ops.kernels.precision import Array

_ROUNDS = 10
_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
_KEY_STEPS = np.array([0x9E3779B9, 0xBB67AE85], np.uint64)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)

# Blocks computed together: few enough for their intermediate values to stay in the second-level cache.
_CHUNK = 16384


def random_bits(key: Array, counter: Array, *, shape: Sequence[int]) -> tuple[Array, Array]:
    """The next random 32-bit numbers of each stream, and the counters after them.

    Args:
        key: uint64 `[*L]`, which stream.
        counter: uint64 `[*L]`, the block of the stream to begin with.
        shape: shape of the numbers taken from each stream.

    Returns:
        uint32 bits `[*L, *shape]`, and the counters `[*L]` advanced by the blocks used, modulo 2**64: a block left
        over in part is not used again.

    Examples:
        >>> bits, counter = random_bits(np.uint64(0), np.uint64(0), shape=(5,))
        >>> hex(bits[0]), int(counter)
        ('0x6627e8d5', 2)
    """
    key, counter = np.asarray(key, np.uint64), np.asarray(counter, np.uint64)
    streams, count = key.size, prod(shape)
    blocks = -(-count // 4)
    keys, firsts = key.reshape(streams, 1), counter.reshape(streams, 1)
    bits = np.empty((streams, blocks, 4), np.uint32)
    step = max(_CHUNK // max(streams, 1), 1)
    for start in range(0, blocks, step):
        counters = firsts + np.arange(start, min(start + step, blocks), dtype=np.uint64)
        zero = np.zeros_like(counters)
        words = philox_block((counters & _LOW, counters >> _HALF, zero, zero), (keys & _LOW, keys >> _HALF))
        for i, word in enumerate(words):
            bits[:, start : start + step, i] = word
    taken = bits.reshape(streams, blocks * 4)[:, :count].reshape((*key.shape, *shape))
    return taken, np.asarray(counter + np.uint64(blocks))


def philox_block(
    counter: tuple[Array, Array, Array, Array], key: tuple[Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Philox 4x32-10 itself.

    Args:
        counter: the four words of each counter, lowest first: 32-bit numbers in uint64 arrays.
        key: the two words of each key, lowest first, of shapes that broadcast to those of the counters.

    Returns:
        The four words of each block, 32-bit numbers in uint64 arrays.
    """
    # The two halves of a round differ only in their constants, and swap: both are computed at once.
    pairs = (2,) + (1,) * counter[0].ndim
    even, odd = np.stack(counter[::2]), np.stack(counter[1::2])
    keys, steps = np.stack(key), _KEY_STEPS.reshape(pairs)
    products = np.empty_like(even)
    swapped = products[::-1]
    for _ in range(_ROUNDS):
        np.multiply(even, _MULTIPLIERS.reshape(pairs), out=products)
        np.right_shift(swapped, _HALF, out=even)
        even ^= odd
        even ^= keys
        np.bitwise_and(swapped, _LOW, out=odd)
        keys = (keys + steps) & _LOW
    return even[0], odd[0], even[1], odd[1]
