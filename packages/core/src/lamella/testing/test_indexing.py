"""Random indices of all kinds: reading, assigning, adding and their gradients, against NumPy, in every mode."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, tree
from lamella.testing.modes import MODES

COUNT = 5_000 if os.environ.get("LAMELLA_FULL") else 40
BLOCKS = 8

Array = np.ndarray[Any, Any]


class Place(int):
    """Stands in an index for a tensor among the arguments, by its position."""


class RandomIndex:
    """A tensor, an index into it, and a value to assign there, by seed.

    Attributes:
        x: the tensor's elements.
        index: the index for NumPy.
        mine: the index for tensors, with a `Place` for each tensor that is an argument.
        tensors: those.
        value: what is assigned: it broadcasts to the shape of `x[index]`.
    """

    def __init__(self, seed: int) -> None:
        self._rng = rng = np.random.default_rng(seed)
        most = int(rng.choice([3, 6, 20]))
        shape = tuple(int(n) for n in rng.integers(1, most, int(rng.integers(1, 5))))
        if rng.random() < 0.05:
            shape = (*shape[:-1], 0)
        dtype = rng.choice(["float32", "float64", "int32"], p=[0.5, 0.4, 0.1])
        self.x: Array = (rng.permutation(int(np.prod(shape))).reshape(shape) * 0.5).astype(dtype)
        self.tensors: list[Array] = []
        # What is indexed by arrays has one shape of indices, from which each takes some axes.
        self._shape = tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(1, 3))))
        parts: list[tuple[Any, Any]] = []
        axis = 0
        for _ in range(int(rng.integers(1, len(shape) + 1))):
            if axis < len(shape):
                taken, part, mine = self._part(shape[axis:])
                axis += taken
                parts.append((part, mine))
        for extra in (None, Ellipsis):
            if rng.random() < 0.2:
                parts.insert(int(rng.integers(len(parts) + 1)), (extra, extra))
        if any(part is Ellipsis for part, _ in parts):  # what follows one indexes the last axes
            at = next(i for i, (part, _) in enumerate(parts) if part is Ellipsis)
            parts = parts[: at + 1] + ([] if axis < len(shape) else parts[at + 1 :])
        whole, own = tuple(p for p, _ in parts), tuple(m for _, m in parts)
        single = len(parts) == 1 and rng.random() < 0.5
        self.index, self.mine = (whole[0], own[0]) if single else (whole, own)
        target = self.x[self.index].shape
        drop = int(rng.integers(len(target) + 1))
        kept = tuple(1 if rng.random() < 0.2 else n for n in target[drop:])
        self.value: Array = (rng.integers(-50, 50, kept) * 0.5).astype(dtype)

    def _part(self, left: tuple[int, ...]) -> tuple[int, Any, Any]:
        """How many axes a part of the index takes, the part, and how tensors are given it."""
        rng, n = self._rng, left[0]
        kind = rng.choice(["int", "slice", "list", "array", "tensor", "scalar", "mask"]) if n else "slice"
        if kind == "slice":
            bounds = [None if rng.random() < 0.3 else int(rng.integers(-n - 2, n + 3)) for _ in range(2)]
            step = None if rng.random() < 0.3 else int(rng.choice([1, 2, 3, -1, -2]))
            part = slice(*bounds, step)
            return 1, part, part
        if kind == "int":
            number = int(rng.integers(-n, n))
            return 1, number, np.int64(number) if rng.random() < 0.2 else number
        if kind == "mask":
            axes = int(rng.integers(1, len(left) + 1)) if rng.random() < 0.3 else 1
            mask = np.zeros(left[:axes], bool)
            picked = rng.permutation(mask.size)[: self._shape[-1]]
            mask.reshape(-1)[picked] = True  # as many as the arrays beside it have, where there are so many
            if len(picked) != self._shape[-1]:
                return 1, slice(None), slice(None)
            return axes, mask, mask.tolist() if rng.random() < 0.3 else mask
        shape = () if kind == "scalar" else self._shape[int(rng.integers(len(self._shape))) :]
        numbers = rng.integers(-n, n, shape)
        if kind == "list":
            return 1, numbers.tolist(), numbers.tolist()
        if kind == "array":
            return 1, numbers, numbers.astype(rng.choice(["int64", "int32", "int8"]))
        self.tensors.append(np.asarray(numbers, rng.choice(["int64", "int32", "int16"])))
        return 1, numbers, Place(len(self.tensors) - 1)

    def of(self, tensors: Any) -> Any:
        """The index with these tensors in it."""
        if isinstance(self.mine, tuple):
            return tuple(tensors[part] if isinstance(part, Place) else part for part in self.mine)
        return tensors[self.mine] if isinstance(self.mine, Place) else self.mine

    def weights(self) -> tuple[Array, Array]:
        """Cotangents of `x[index]` and of `x`."""
        rng = np.random.default_rng(0)
        return tuple(rng.standard_normal(a.shape).astype(self.x.dtype) for a in (self.x[self.index], self.x))  # type: ignore[return-value]

    def expected(self) -> list[Array]:
        """What NumPy gives for everything that `run` does."""
        assigned, added = self.x.copy(), self.x.copy()
        assigned[self.index] = self.value
        added[self.index] += self.value
        results = [np.asarray(self.x[self.index]), assigned, added]
        if self.x.dtype.kind != "f":
            return results
        read, whole = self.weights()
        of_read = np.zeros_like(self.x)
        np.add.at(of_read, self.index, read)
        untouched = whole.copy()
        untouched[self.index] = 0
        # Where one place is written several times, the last value stays, and only that has a gradient.
        writer = np.full(self.x.shape, -1)
        numbers = np.arange(read.size).reshape(read.shape)
        writer[self.index] = numbers
        stays = np.where(writer[self.index] == numbers, whole[self.index], 0)
        lead = stays.ndim - self.value.ndim
        of_value = stays.sum(tuple(range(lead))) if lead > 0 else stays
        kept = tuple(i for i, n in enumerate(self.value.shape) if n == 1)
        of_value = of_value.sum(kept, keepdims=True).reshape(self.value.shape)
        return [*results, of_read, untouched, of_value, whole, of_value]

    def run(self, x: Tensor, value: Tensor, *tensors: Tensor) -> Any:
        """Read, assign and add, with the gradients of each."""

        def assigned(x: Tensor, value: Tensor) -> Tensor:
            x = x * 1
            x[self.of(tensors)] = value
            return x

        def added(x: Tensor, value: Tensor) -> Tensor:
            x = x * 1
            x[self.of(tensors)] += value
            return x

        results = [x[self.of(tensors)], assigned(x, value), added(x, value)]
        if not x.dtype.is_float:
            return results
        read, whole = map(Tensor, self.weights())
        return [
            *results,
            ms.grad(lambda x: (x[self.of(tensors)] * read).sum())(x),
            *ms.grad(lambda x, v: (assigned(x, v) * whole).sum(), (0, 1))(x, value),
            *ms.grad(lambda x, v: (added(x, v) * whole).sum(), (0, 1))(x, value),
        ]


def check(seed: int, mode: str) -> None:
    given = RandomIndex(seed)
    try:
        found = MODES[mode](given.run)(*map(Tensor, (given.x, given.value, *given.tensors)))
        for number, (mine, theirs) in enumerate(zip(tree.flatten(found)[0], given.expected(), strict=True)):
            assert mine.shape == theirs.shape and mine.dtype.numpy == given.x.dtype, number
            if number < 3:
                np.testing.assert_array_equal(mine.asnumpy(), theirs, err_msg=f"result {number}")
            else:
                np.testing.assert_allclose(mine.asnumpy(), theirs, 1e-5, 1e-5, err_msg=f"result {number}")
    except Exception as error:
        error.add_note(f"index {seed}: shape {given.x.shape}, {given.index}, value {given.value.shape}")
        raise


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_indices_do_what_numpy_does(block: int, mode: str) -> None:
    for seed in range(block, COUNT, BLOCKS):
        check(seed, mode)
