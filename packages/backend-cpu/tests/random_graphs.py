"""Random functions of many primitives, shapes and types, whose numbers can be compared.

Floats begin as multiples of 1/4, and of each value it is known whether it still lies on such a grid, so that all ways
of computing it give the same bits, or is only near. What jumps (comparisons, rounding, indices) takes the former only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import lamella as ms
from lamella import Tensor, ops
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

Array = np.ndarray[Any, Any]

_SIZES = (1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 100)
_DTYPES = (
    ("float32",) * 6
    + ("float64",) * 2
    + ("int32", "int64", "bool", "int8", "uint8", "int16", "uint16", "uint32", "uint64")
)
_MANTISSA = {"float32": 23, "float64": 52}

#: The largest inexact number: what may be larger is drawn nearer to 0.
_BOUND = 30.0


class Known(NamedTuple):
    """A value, and what is known of its numbers.

    Attributes:
        tensor: the value.
        grid: it is a multiple of 2**-grid; None if it is a float that was rounded.
        size: no number is further from 0.
    """

    tensor: Tensor
    grid: int | None
    size: float

    @property
    def name(self) -> str:
        """Its element type."""
        return self.tensor.dtype.name

    @property
    def is_float(self) -> bool:
        """Whether it has floats."""
        return self.tensor.dtype.is_float


class RandomFunction:
    """A random function, by seed. Its first call, without arguments, finds the arguments that it takes.

    Args:
        seed: which one.
        steps: how many primitives it has, about.
        limit: most elements of a value.
        smooth: whether its derivative does not jump where numbers are rounded differently.
        depth: how many more regions may be nested.
    """

    def __init__(self, seed: int, steps: int = 8, limit: int = 3000, *, smooth: bool = False) -> None:
        self.seed = seed
        self.steps = steps
        self.limit = limit
        self.smooth = smooth
        self.arrays: list[Array] = []
        self.grids: list[bool] = []  # for each result, whether all bits are certain
        self._given: list[Tensor] | None = None
        self()

    def __call__(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Its results, on the operands `arrays`, or others of their types."""
        self.rng = np.random.default_rng(self.seed)
        self._given = list(given) if given else None
        self._taken = 0
        values = [self.fresh() for _ in range(int(self.rng.integers(1, 4)))]
        self.block(values, self.steps, depth=2)
        count = int(self.rng.integers(1, 4))
        chosen = [values[-1], *(values[self.number(len(values))] for _ in range(count))]
        self.grids = [v.grid is not None for v in chosen]
        return tuple(v.tensor for v in chosen)

    def block(self, values: list[Known], steps: int, depth: int) -> None:
        """Add values computed from others."""
        for _ in range(steps):
            names = list(_STEPS if depth else _FLAT)
            found = _STEPS[names[self.number(len(names))]](self, values, depth)
            if found is not None and found.tensor.size <= self.limit:
                values.append(self.bounded(found))

    # -- drawing --

    def number(self, below: int) -> int:
        """An int from 0 on."""
        return int(self.rng.integers(below))

    def chance(self, p: float = 0.5) -> bool:
        """True now and then."""
        return bool(self.rng.random() < p)

    def pick(self, values: list[Known], fits: Callable[[Known], bool] = lambda v: True) -> Known | None:
        """One of the values that fit, the later the likelier."""
        fitting = [v for v in values if fits(v)]
        if not fitting:
            return None
        return fitting[len(fitting) - 1 - min(self.number(len(fitting)), self.number(len(fitting)))]

    def shape(self) -> tuple[int, ...]:
        """A shape of few elements."""
        while True:
            found = tuple(_SIZES[self.number(len(_SIZES))] for _ in range(self.number(5)))
            if math.prod(found) <= self.limit:
                return found

    def fresh(self, shape: tuple[int, ...] | None = None, name: str | None = None, below: int = 0) -> Known:
        """Another argument."""
        shape = self.shape() if shape is None else shape
        name = _DTYPES[self.number(len(_DTYPES))] if name is None else name
        dtype = ms.dtypes.BY_NAME[name]
        seed = self.number(2**31)
        numbers = np.random.default_rng(seed)
        if self._given is None:
            array: Array
            if below:
                array = numbers.integers(below, size=shape)
            elif name == "bool":
                array = numbers.random(shape) < 0.5
            elif dtype.is_float:
                array = numbers.integers(-12, 13, shape) / 4
            else:
                array = numbers.integers(0 if name[0] == "u" else -9, 10, shape)
            self.arrays.append(np.asarray(array, dtype.numpy))
            tensor = Tensor(self.arrays[-1])
        else:
            tensor = self._given[self._taken]
            self._taken += 1
        return Known(tensor, 2 if dtype.is_float else 0, float(below or 9))

    def _inside(self, shape: tuple[int, ...] | None = None, name: str | None = None, below: int = 0) -> Known:
        """What stands for another argument in a region: a constant."""
        shape = self.shape() if shape is None else shape
        name = _DTYPES[self.number(len(_DTYPES))] if name is None else name
        numbers = np.random.default_rng(self.number(2**31))
        array = numbers.integers(below or 2, size=shape)
        dtype = ms.dtypes.BY_NAME[name]
        return Known(Tensor(np.asarray(array, dtype.numpy)), 0, float(below or 2))

    def bounded(self, value: Known) -> Known:
        """A value whose numbers stay comparable."""
        tensor, grid, size = value
        if not value.is_float:
            return value
        if grid is not None and grid + math.log2(max(size, 1)) > _MANTISSA[value.name] - 1:
            grid = None
        if grid is None and size > _BOUND:
            return Known(ops.tanh(tensor * (1 / size)), None, 1.0)
        return Known(tensor, grid, size)

    def like(self, values: list[Known], value: Known) -> Known:
        """Another operand that `value` can be combined with, stretched or not."""

        def stretches(other: Known) -> bool:
            if other.name != value.name:
                return False
            pairs = zip(reversed(other.tensor.shape), reversed(value.tensor.shape), strict=False)
            return all(n == m or 1 in (n, m) for n, m in pairs)

        other = self.pick(values, stretches)
        if other is not None and self.chance(0.8):
            return other
        shape = [1 if self.chance(0.3) else n for n in value.tensor.shape]
        return self.fresh(tuple(shape[self.number(len(shape) + 1) if self.chance(0.3) else 0 :]), value.name)

    def constant(self, value: float, like: Known) -> Tensor:
        """A number of a value's type."""
        return Tensor(np.asarray(value, like.tensor.dtype.numpy))

    def indices(self, values: list[Known], shape: tuple[int, ...] | None, below: int) -> Tensor:
        """Numbers of elements: an argument, or computed."""
        value = self.pick(values, lambda v: v.name in ("int32", "int64") and v.tensor.ndim <= 2 and v.tensor.size < 200)
        if value is not None and self.chance() and (shape is None or value.tensor.shape == shape):
            mask = prims.bitwise_and(value.tensor, self.constant((1 << below.bit_length()) - 1, value))
            return prims.minimum(mask, self.constant(below - 1, value))
        if shape is None:
            shape = tuple(_SIZES[self.number(9)] for _ in range(self.number(3)))
        return self.fresh(shape, "int64" if self.chance(0.7) else "int32", below).tensor


# -- steps: each gives another value, or None where it fits nothing --


def _each(step: Callable[[OpDef], Known], ops_: Sequence[OpDef]) -> list[Callable[[], Known]]:
    """A step for each of some primitives."""
    return [partial(step, op) for op in ops_]


def _unary(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values)
    if v is None:
        return None
    x = v.tensor
    if v.name == "bool":
        return Known(prims.bitwise_not(x), 0, 1)
    table: list[Callable[[], Known]] = [lambda: Known(prims.neg(x), v.grid, v.size)]
    if not (f.smooth and v.grid is None):
        table.append(lambda: Known(prims.abs(x), v.grid, v.size))
    if v.grid is not None:
        table.append(lambda: Known(prims.sign(x), 0, 1))
    if not v.is_float:
        table.append(lambda: Known(prims.bitwise_not(x), 0, 9))
        return table[f.number(len(table))]()
    one = f.constant(1, v)
    positive = prims.add(prims.mul(x, x), one)
    table += _each(
        lambda op: Known(op(x), None, 30.0),
        (prims.sin, prims.cos, prims.tanh, prims.sigmoid, prims.erf, prims.atan, prims.asinh),
    )
    table += [
        lambda: Known(prims.sqrt(positive), None, v.size + 1),
        lambda: Known(prims.rsqrt(positive), None, 1),
        lambda: Known(prims.log(positive), None, 30),
        lambda: Known(prims.log1p(prims.mul(x, x)), None, 30),
        lambda: Known(prims.exp(prims.neg(prims.mul(x, x))), None, 1),
        lambda: Known(prims.exp(prims.tanh(x)), None, 3),
        lambda: Known(prims.expm1(prims.tanh(x)), None, 3),
        lambda: Known(prims.stop_gradient(x), v.grid, v.size),
        lambda: Known(prims.alias(x), v.grid, v.size),
    ]
    if v.grid is not None:
        table += _each(lambda op: Known(op(x), 0, v.size + 1), (prims.floor, prims.ceil, prims.round))
        table += _each(lambda op: Known(op(x), 0, 1), (prims.isnan, prims.isfinite))
    return table[f.number(len(table))]()


def _binary(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values)
    if v is None:
        return None
    w = f.like(values, v)
    if f.chance():
        v, w = w, v
    x, y = v.tensor, w.tensor
    grids = None if v.grid is None or w.grid is None else (v.grid, w.grid)
    larger = max(v.size, w.size)
    grid = max(grids) if grids else None
    table: list[Callable[[], Known]] = []
    if v.name == "bool":
        table += _each(
            lambda op: Known(op(x, y), 0, 1),
            (prims.bitwise_and, prims.bitwise_or, prims.bitwise_xor, prims.eq, prims.lt, prims.ge),
        )
        return table[f.number(len(table))]()
    table += [
        lambda: Known(prims.add(x, y), grid, v.size + w.size),
        lambda: Known(prims.sub(x, y), grid, v.size + w.size),
        lambda: Known(prims.mul(x, y), sum(grids) if grids else None, v.size * w.size),
    ]
    if grids or not f.smooth:
        table += [
            lambda: Known(prims.maximum(x, y), grid, larger),
            lambda: Known(prims.minimum(x, y), grid, larger),
        ]
    if grids:
        table += _each(lambda op: Known(op(x, y), 0, 1), (prims.eq, prims.ne, prims.lt, prims.le, prims.gt, prims.ge))
    if v.is_float:
        base = prims.add(prims.mul(y, y), f.constant(1, w))
        table += [
            lambda: Known(prims.div(x, base), None, v.size),
            lambda: Known(prims.atan2(x, base), None, 4),
            lambda: Known(prims.pow(base, prims.tanh(x)), None, w.size**2 + 1),
        ]
    else:
        odd = prims.bitwise_or(y, f.constant(1, w))
        few = prims.bitwise_and(y, f.constant(15, w))
        table += _each(lambda op: Known(op(x, y), 0, 9), (prims.bitwise_and, prims.bitwise_or, prims.bitwise_xor))
        table += [
            lambda: Known(prims.shift_left(x, few), 0, 9),
            lambda: Known(prims.shift_right(x, few), 0, 9),
        ]
        if f.chance(0.2):
            table += [
                lambda: Known(prims.floor_div(x, odd), 0, 9),
                lambda: Known(prims.floor_mod(x, odd), 0, 9),
            ]
    return table[f.number(len(table))]()


def _select(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values)
    if v is None:
        return None
    w = f.like(values, v)
    shape = np.broadcast_shapes(v.tensor.shape, w.tensor.shape)
    mask = f.pick(values, lambda m: m.name == "bool" and _stretches(m.tensor.shape, shape))
    if mask is None:
        mask = f.fresh(tuple(1 if f.chance(0.3) else n for n in shape), "bool")
    grid = None if v.grid is None or w.grid is None else max(v.grid, w.grid)
    return Known(prims.select(mask.tensor, v.tensor, w.tensor), grid, max(v.size, w.size))


def _stretches(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == tuple(target)
    except ValueError:
        return False


def _cast(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    target = _DTYPES[f.number(len(_DTYPES))]
    dtype = ms.dtypes.BY_NAME[target]
    v = f.pick(values, lambda v: v.grid is not None or dtype.is_float)
    if v is None:
        return None
    x = v.tensor
    if target == "bool":
        return Known(prims.cast(x, dtype=target), 0, 1)
    if v.is_float and not dtype.is_float:
        low, high = f.constant(0 if target[0] == "u" else -99, v), f.constant(99, v)
        return Known(prims.cast(prims.minimum(prims.maximum(x, low), high), dtype=target), 0, 99)
    if not v.is_float and dtype.is_float:
        small = x if v.name == "bool" else prims.bitwise_and(x, f.constant(15, v))
        return Known(prims.cast(small, dtype=target), 0, 15)
    return Known(prims.cast(x, dtype=target), v.grid, v.size)


def _move(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values)
    if v is None:
        return None
    x, shape = v.tensor, v.tensor.shape
    rank = len(shape)

    def known(t: Tensor) -> Known:
        return Known(t, v.grid, v.size)

    def reshaped() -> Known:
        primes: list[int] = []
        rest = x.size
        for p in (2, 3, 5, 7, 11, 31):
            while rest % p == 0:
                primes.append(p)
                rest //= p
        parts = [*primes, rest, 1]
        if f.chance():
            parts = [parts[i] for i in f.rng.permutation(len(parts))]
        sizes: list[int] = []
        for p in parts:
            if sizes and (f.chance(0.6) or len(sizes) == 5):
                sizes[-1] *= p
            else:
                sizes.append(p)
        return known(prims.reshape(x, shape=tuple(sizes)))

    def split_or_merged() -> Known:
        sizes = list(shape)
        at = f.number(max(rank, 1))
        if f.chance() and rank > 1 and at + 1 < rank:
            sizes[at : at + 2] = [sizes[at] * sizes[at + 1]]
        elif rank:
            divisors = [d for d in range(1, sizes[at] + 1) if sizes[at] % d == 0]
            d = divisors[f.number(len(divisors))]
            sizes[at : at + 1] = [d, sizes[at] // d]
        return known(prims.reshape(x, shape=tuple(sizes)))

    def squeezed() -> Known:
        sizes = [n for n in shape if n != 1 or f.chance()]
        for _ in range(f.number(3)):
            sizes.insert(f.number(len(sizes) + 1), 1)
        return known(prims.reshape(x, shape=tuple(sizes)))

    def transposed() -> Known:
        return known(prims.transpose(x, permutation=tuple(int(i) for i in f.rng.permutation(rank))))

    def stretched() -> Known:
        sizes = [_SIZES[f.number(9)] if n == 1 else n for n in shape]
        lead = [_SIZES[f.number(6)] for _ in range(f.number(2))]
        target = (*lead, *sizes)
        return known(prims.broadcast_to(x, shape=target)) if math.prod(target) <= f.limit else known(x)

    def sliced() -> Known:
        starts = tuple(f.number(n) for n in shape)
        stops = tuple(s + 1 + f.number(n - s) for s, n in zip(starts, shape, strict=True))
        strides = tuple(1 + f.number(3) * f.number(2) for _ in shape)
        return known(prims.slice_(x, starts=starts, stops=stops, strides=strides))

    def flipped() -> Known:
        return known(prims.flip(x, axes=tuple(i for i in range(rank) if f.chance())))

    def padded() -> Known:
        low = tuple(f.number(4) - 1 for _ in shape)
        high = tuple(f.number(4) - 1 for _ in shape)
        interior = tuple(f.number(3) * f.number(2) for _ in shape)
        new = [n + a + b + (n - 1) * i for n, a, b, i in zip(shape, low, high, interior, strict=True)]
        if min(new, default=1) < 1:
            return known(x)
        return known(prims.pad(x, f.constant(1 if f.chance() else 0, v), low=low, high=high, interior=interior))

    def joined() -> Known:
        if not rank:
            return known(x)
        axis = f.number(rank)
        others = [v, v]
        for _ in range(f.number(3)):
            fits = f.pick(
                values,
                lambda w: (
                    w.name == v.name
                    and w.tensor.ndim == rank
                    and all(i == axis or n == m for i, (n, m) in enumerate(zip(w.tensor.shape, shape, strict=True)))
                ),
            )
            if fits is not None:
                others.append(fits)
        chosen = [others[i] for i in f.rng.permutation(len(others))]
        grids = [w.grid for w in chosen]
        grid = None if None in grids else max(g for g in grids if g is not None)
        return Known(prims.concat(*(w.tensor for w in chosen), axis=axis), grid, max(w.size for w in chosen))

    table = (reshaped, split_or_merged, squeezed, transposed, transposed, stretched, sliced, flipped, padded, joined)
    return table[f.number(len(table))]()


def _reduce(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.tensor.ndim > 0 and v.name != "bool")
    if v is None:
        return None
    x = v.tensor
    axes = tuple(i for i in range(x.ndim) if f.chance(0.6))
    count = math.prod(x.shape[i] for i in axes)
    table: list[Callable[[], Known]] = [lambda: Known(prims.reduce_sum(x, axes=axes), v.grid, v.size * count)] * 3
    if v.grid is not None or not f.smooth:
        table += [
            lambda: Known(prims.reduce_max(x, axes=axes), v.grid, v.size),
            lambda: Known(prims.reduce_min(x, axes=axes), v.grid, v.size),
        ]
    if not v.is_float:
        table.append(lambda: Known(prims.reduce_prod(x, axes=axes), 0, 9))
    elif count <= 8 and v.size <= 4:
        table.append(lambda: Known(prims.reduce_prod(x, axes=axes), None, v.size**count))
    found = table[f.number(len(table))]()
    if f.chance(0.4):  # kept axes, as layers have them
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        found = Known(prims.reshape(found.tensor, shape=kept), found.grid, found.size)
        if v.is_float and f.chance():
            found = f.bounded(found)
            grid = None if v.grid is None or found.grid is None else max(v.grid, found.grid)
            found = Known(prims.sub(x, found.tensor), grid, v.size + found.size)
    return found


def _along(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.tensor.ndim > 0 and v.name != "bool")
    if v is None:
        return None
    x = v.tensor
    axis = f.number(x.ndim)
    n = x.shape[axis]
    reverse = f.chance()
    table: list[Callable[[], Known]] = [
        lambda: Known(prims.cumsum(x, axis=axis, reverse=reverse), v.grid, v.size * n),
    ]
    if not v.is_float:
        table.append(lambda: Known(prims.cumprod(x, axis=axis, reverse=reverse), 0, 9))
    if v.grid is not None or not f.smooth:
        table.append(lambda: Known(prims.sort(x, axis=axis, descending=reverse)[0], v.grid, v.size))
    if v.grid is not None:
        table += [
            lambda: Known(prims.argmax(x, axis=axis), 0, 9),
            lambda: Known(prims.argmin(x, axis=axis), 0, 9),
            lambda: Known(prims.sort(x, axis=axis, descending=reverse)[1], 0, 9),
        ]
    if v.is_float:
        table += [
            lambda: Known(prims.softmax(x, axis=axis), None, 1),
            lambda: Known(prims.log_softmax(x, axis=axis), None, 2 * v.size + 8),
        ] * 2
    return table[f.number(len(table))]()


def _gather(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.tensor.ndim > 0)
    if v is None:
        return None
    axis = f.number(v.tensor.ndim)
    found = prims.gather(v.tensor, f.indices(values, None, v.tensor.shape[axis]), axis=axis)
    return Known(found, v.grid, v.size)


def _scatter(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.tensor.ndim > 0 and v.name != "bool")
    if v is None:
        return None
    x = v.tensor
    axis = f.number(x.ndim)
    count = _SIZES[f.number(9)]
    indices = f.indices(values, (count,), x.shape[axis])
    updates = f.fresh((*x.shape[:axis], count, *x.shape[axis + 1 :]), v.name)
    modes = ["add", "max", "min"] if not f.smooth else ["add"]
    if x.dtype.is_integer:
        modes.append("mul")
    mode = modes[f.number(len(modes))]
    grid = None if v.grid is None else max(v.grid, 2)
    return Known(prims.scatter(x, indices, updates.tensor, axis=axis, mode=mode), grid, v.size + 9.0 * count)


def _product(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.is_float)
    if v is None:
        return None
    x = v.tensor
    axes = [int(i) for i in f.rng.permutation(x.ndim)]
    batch = axes[: f.number(min(len(axes), 2) + 1)]
    contract = axes[len(batch) : len(batch) + 1 + f.number(2)]
    free = [_SIZES[f.number(12)] for _ in range(f.number(3))]
    labels = [("b", i) for i in batch] + [("c", i) for i in contract] + [("f", i) for i in range(len(free))]
    labels = [labels[i] for i in f.rng.permutation(len(labels))]
    shape = tuple(free[i] if kind == "f" else x.shape[i] for kind, i in labels)
    result = math.prod(n for i, n in enumerate(x.shape) if i not in contract) * math.prod(free)
    if math.prod(shape) > f.limit or result > f.limit:
        return None
    w = f.pick(values, lambda w: w.name == v.name and w.tensor.shape == shape) or f.fresh(shape, v.name)
    at = {label: i for i, label in enumerate(labels)}
    place = {
        "contract": (tuple(contract), tuple(at["c", i] for i in contract)),
        "batch": (tuple(batch), tuple(at["b", i] for i in batch)),
    }
    operands = (v, w)
    if f.chance(0.3):
        operands = (w, v)
        place = {key: (pair[1], pair[0]) for key, pair in place.items()}
    count = math.prod(x.shape[i] for i in contract)
    grid = None if v.grid is None or w.grid is None else v.grid + w.grid
    found = prims.dot_general(operands[0].tensor, operands[1].tensor, **place)
    return Known(found, grid, v.size * w.size * count)


def _convolution(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.is_float and 3 <= v.tensor.ndim <= 4)
    if v is None:
        if f.chance(0.7):
            return None
        dims = 1 + f.number(2)
        sizes = [_SIZES[f.number(9)] for _ in range(2)] + [3 + f.number(10) for _ in range(dims)]
        v = f.fresh(tuple(sizes), "float32" if f.chance(0.8) else "float64")
    x = v.tensor
    spatial = x.shape[2:]
    window = tuple(1 + f.number(min(n, 3)) for n in spatial)
    dilation = tuple(1 + f.number(2) * f.number(2) for _ in spatial)
    strides = tuple(1 + f.number(2) * f.number(3) for _ in spatial)
    padding = tuple((f.number(3) * f.number(2), f.number(3) * f.number(2)) for _ in spatial)
    groups = x.shape[1] if f.chance(0.1) else 1
    out = (1, 2, 3, 8, 17)[f.number(5)] * groups
    for n, k, d, (a, b) in zip(spatial, window, dilation, padding, strict=True):
        if n + a + b < (k - 1) * d + 1:
            return None
    place: dict[str, Any] = {"strides": strides, "padding": padding, "dilation": dilation}
    kind = f.number(5)
    count = math.prod(window)
    if kind == 0:
        return Known(prims.window_sum(x, window=window, **place), v.grid, v.size * count)
    if kind == 1:
        if any(a + b >= k for k, (a, b) in zip(window, padding, strict=True)) or (f.smooth and v.grid is None):
            return None
        maximum, index = prims.window_max(x, window=window, **place)
        return Known(index, 0, 9) if v.grid is not None and f.chance(0.3) else Known(maximum, v.grid, v.size)
    shape = (out, x.shape[1] // groups, *window)
    if math.prod(shape) > f.limit:
        return None
    w = f.fresh(shape, v.name)
    grid = None if v.grid is None else v.grid + 2
    return Known(prims.conv(x, w.tensor, groups=groups, **place), grid, v.size * 3 * count * shape[1])


def _iota(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.tensor.ndim > 0 and v.name != "bool")
    if v is None:
        return None
    n = v.tensor.shape[-1]
    return Known(prims.add(v.tensor, prims.iota(size=n, dtype=v.name)), v.grid, v.size + n)


def _norm(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.is_float and v.tensor.ndim > 0)
    if v is None:
        return None
    x = v.tensor
    axes = tuple(i for i in range(x.ndim) if f.chance())
    mean = x.mean(axes, keep_dims=True) if axes else x * 0.5
    centred = x - mean
    scale = ops.rsqrt((centred * centred).mean(axes, keep_dims=True) + 1) if axes else 1.0
    return Known(centred * scale, None, 2 * v.size)


def _cross_entropy(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    v = f.pick(values, lambda v: v.is_float and v.tensor.ndim > 0)
    if v is None:
        return None
    x = v.tensor
    labels = f.fresh(x.shape[:-1], "int64", below=x.shape[-1]).tensor
    return Known(prims.softmax_cross_entropy(x, labels, ignore=-100), None, 2 * v.size + 8)


def _region(f: RandomFunction, values: list[Known], depth: int) -> Known | None:
    exact = f.pick(values, lambda v: v.grid is not None and v.name != "bool")
    v = f.pick(values, lambda v: v.is_float)
    if exact is None or v is None:
        return None
    seeds = [f.number(2**31), f.number(2**31)]
    steps = 1 + f.number(3)
    outer = [w for w in values if f.chance(0.5)]
    shape, name = v.tensor.shape, v.name

    def body(seed: int, *given: Tensor) -> Tensor:
        saved, saved_fresh = f.rng, f.fresh
        f.rng = np.random.default_rng(seed)
        f.fresh = f._inside  # type: ignore[method-assign]
        try:
            inner = [*outer, *(Known(t, None, 30.0) for t in given)]
            f.block(inner, steps, depth - 1)
            fits = [w for w in inner[::-1] if w.is_float]
            found = fits[0].tensor
            total = ops.tanh(prims.reduce_sum(found, axes=tuple(range(found.ndim))) * (1 / found.size))
            return ops.tanh(prims.cast(total, dtype=name) + given[0])
        finally:
            f.rng, f.fresh = saved, saved_fresh  # type: ignore[method-assign]

    kind = f.number(3)
    flat = exact.tensor
    if kind == 0:
        at = prims.reduce_max(flat, axes=tuple(range(flat.ndim)))
        found = ops.cond(at > 3, lambda t: body(seeds[0], t), lambda t: body(seeds[1], t), v.tensor)
    elif kind == 1:
        turns = f.number(4)
        found = ops.while_loop(
            lambda c: c[0] < turns, lambda c: (c[0] + 1, body(seeds[0], c[1])), (Tensor(0), v.tensor)
        )[1]
    else:
        if not shape:
            return None
        first = prims.reshape(prims.narrow(v.tensor, 0, 0, 1), shape=shape[1:])
        last, ys = ops.scan(lambda c, r: ((t := body(seeds[0], c, r)), t * r), first, v.tensor)
        found = ys if f.chance() else last
        return Known(found, None, 30.0)
    assert found.shape == shape
    return Known(found, None, 30.0)


_FLAT: dict[str, Callable[[RandomFunction, list[Known], int], Known | None]] = {
    "unary": _unary, "unary2": _unary, "binary": _binary, "binary2": _binary, "binary3": _binary, "select": _select,
    "cast": _cast, "move": _move, "move2": _move, "move3": _move, "reduce": _reduce, "reduce2": _reduce,
    "along": _along, "gather": _gather, "scatter": _scatter, "product": _product, "product2": _product,
    "convolution": _convolution, "iota": _iota, "norm": _norm, "cross entropy": _cross_entropy,
}  # fmt: skip
_STEPS = {**_FLAT, "region": _region}
