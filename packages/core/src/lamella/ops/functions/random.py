"""Random numbers: generators and distributions.

A generator is a key and a counter (Philox 4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
2011). A draw reads the numbers at the counter and moves it on, so a stream is the same on every backend and in both
modes; under vmap each example has a key of its own.
"""

from __future__ import annotations

import math
import os
from threading import RLock
from typing import Any

import numpy as np

from lamella import context
from lamella.buffer import Buffer
from lamella.dims import DimSize, Shape, product
from lamella.dtypes import DType, as_dtype, float32, float64, int32, int64, uint32, uint64
from lamella.engine.eager import EAGER
from lamella.engine.stack import current, entered
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.define.constants import scalar
from lamella.ops.functions.effects import check_parts
from lamella.ops.functions.elementwise import add, cos, div, less, log, log1p, mul, neg, sin, sqrt, sub
from lamella.ops.functions.limits import clamp
from lamella.ops.functions.sort import searchsorted
from lamella.tensor import Tensor, wrap
from lamella.turns import taken

__all__ = [
    "Generator",
    "bernoulli",
    "default_generator",
    "get_seed",
    "multinomial",
    "normal",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "set_seed",
    "standard_normal",
    "uniform",
]

_making = RLock()


class Generator:
    """A stream of random numbers.

    Args:
        seed: names the stream, 0 or more; default: a new one each time.

    Raises:
        TypeError: `seed` is not an int.
        ValueError: `seed` is negative or needs more than 64 bits.

    Examples:
        >>> from lamella import Generator, ops
        >>> a = ops.rand(2, generator=Generator(7))
        >>> b = ops.rand(2, generator=Generator(7))
        >>> (a == b).asnumpy()
        array([ True,  True])
    """

    def __init__(self, seed: int | None = None) -> None:
        self._tensors: tuple[Tensor, Tensor] | None = None
        self._seed = _checked(int.from_bytes(os.urandom(7)) if seed is None else seed)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of that name; returns the generator."""
        self._seed = _checked(seed)
        if self._tensors is not None:
            self._set(np.array([self._seed, 0], np.uint64))
        return self

    @property
    def state(self) -> tuple[Tensor, Tensor]:
        """Key and counter, uint64 tensors without axes, on the present device; changed in place by every draw."""
        if self._tensors is None:  # made on first use, so that importing Lamella loads no backend
            with _making, entered(EAGER):
                self._tensors = self._tensors or (Tensor(np.uint64(self._seed)), Tensor(np.uint64(0)))
        for x in self._tensors:
            value = x._value
            if isinstance(value, Buffer) and (value.backend is not context.backend or value.ordinal != context.ordinal):
                with entered(EAGER):
                    x.assign_value(Tensor(x.asnumpy()))
        return self._tensors

    def seed(self) -> int:
        """Start a stream at random; returns its name."""
        self.manual_seed(int.from_bytes(os.urandom(7)))
        return self._seed

    def initial_seed(self) -> int:
        """The name of the stream."""
        return self._seed

    def get_state(self) -> Tensor:
        """Where the stream stands: key and counter, uint64 of shape (2,)."""
        return Tensor(np.array([x.item() for x in self.state], np.uint64))

    def set_state(self, state: Tensor) -> None:
        """Go on from where `get_state` was called.

        Raises:
            ValueError: `state` is not two uint64 numbers.
        """
        if not isinstance(state, Tensor) or state.dtype is not uint64 or state.shape != (2,):
            raise ValueError(explain("Generator.set_state", given=repr(state), expected="what get_state returned"))
        self._set(state.asnumpy())

    def _set(self, state: np.ndarray[Any, Any]) -> None:
        for x, number in zip(self.state, state, strict=True):
            x.assign_value(Tensor(number))

    def bits(self, shape: Shape) -> Tensor:
        """The next numbers of the stream: uint32, each as likely as any other.

        Args:
            shape: shape of the result.
        """
        key, counter = self.state
        engine = current()
        if engine.builds:
            bits, advanced = prims.random_bits(key, counter, shape=shape)
            engine.write(counter, engine.read(advanced))
        else:  # no other thread may draw the same numbers
            with taken(counter, "a draw of random numbers") as (now, values):
                bits, advanced = prims.random_bits(key, wrap(now), shape=shape)
                values.append(engine.read(advanced))
        result: Tensor = bits
        return result


def _checked(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(explain("seed", given=repr(seed), expected="an int"))
    if not 0 <= seed < 2**64:
        raise ValueError(explain("seed", given=str(seed), expected="an int from 0 to 2**64 - 1"))
    return int(seed)


#: The generator of everything that is not given another.
default_generator = Generator()
_seed: int | None = None


def set_seed(seed: int) -> None:
    """Make everything random repeatable: weights, dropout, shuffling.

    Args:
        seed: an int from 0 to 2**64 - 1.

    Examples:
        >>> import lamella as ms
        >>> ms.set_seed(1)
        >>> first = ms.ops.rand(1).item()
        >>> ms.set_seed(1)
        >>> ms.ops.rand(1).item() == first
        True
    """
    global _seed
    default_generator.manual_seed(seed)
    _seed = int(seed)


def get_seed() -> int | None:
    """What `set_seed` was last given; None if it never was."""
    return _seed


# How many random bits a float of each type takes: as many as make every result exact and below 1.
_MANTISSA = {"float16": 11, "bfloat16": 8, "float32": 24}


def unit(shape: Shape, dtype: DType, generator: Generator | None = None) -> Tensor:
    """Numbers from [0, 1), each multiple of the type's resolution equally likely.

    Args:
        shape: shape of the result.
        dtype: a floating-point type.
        generator: the stream; default: the common one.
    """
    source = generator or default_generator
    if dtype is float64:
        words = source.bits((2, *shape))
        high = cast(prims.shift_right(words[0], scalar(5, uint32)), float64)
        low = cast(prims.shift_right(words[1], scalar(6, uint32)), float64)
        return (high * 2.0**26 + low) * 2.0**-53
    kept = _MANTISSA[dtype.name]
    whole = prims.shift_right(source.bits(shape), scalar(32 - kept, uint32))
    return mul(cast(whole, dtype), scalar(2.0**-kept, dtype))


def gaussian(shape: Shape, dtype: DType, generator: Generator | None = None) -> Tensor:
    """Numbers from the standard normal distribution (Box and Muller, 1958).

    Args:
        shape: shape of the result.
        dtype: a floating-point type; 16-bit ones are computed in float32.
        generator: the stream; default: the common one.
    """
    wide = dtype if dtype is float64 else float32
    n = product(shape)
    half: DimSize = (n + 1) // 2
    u = unit((2, half), wide, generator)
    radius = sqrt(mul(log(sub(1.0, u[0])), scalar(-2.0, wide)))  # 1 - u is in (0, 1]: its logarithm is finite
    angle = mul(u[1], scalar(2 * math.pi, wide))
    both = prims.concat(mul(radius, cos(angle)), mul(radius, sin(angle)), axis=0)
    return cast(prims.reshape(prims.narrow(both, 0, 0, n), shape=shape), dtype)


def _float_type(subject: str, dtype: Any, default: DType = float32) -> DType:
    chosen = default if dtype is None else as_dtype(dtype, f"{subject}(dtype=…)")
    if not chosen.is_float:
        raise TypeError(explain(subject, given=f"dtype={chosen}", expected="a floating-point type"))
    return chosen


def _seeded(seed: int | None, generator: Generator | None = None) -> Generator | None:
    return generator if seed is None else Generator(seed)


def rand(*size: Any, dtype: Any = None, seed: int | None = None, generator: Generator | None = None) -> Tensor:
    """Numbers from the uniform distribution over [0, 1).

    Args:
        size: the shape, as ints or one tuple.
        dtype: a floating-point type; default float32.
        seed: an int for a stream of its own, which gives the same numbers every time.
        generator: the stream to draw from; default: the common one.

    Raises:
        TypeError: `dtype` is not a floating-point type.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.rand(2, 3).shape
        (2, 3)
    """
    shape = known_sizes("ops.rand", size[0] if len(size) == 1 else size)
    return unit(shape, _float_type("ops.rand", dtype), _seeded(seed, generator))


def randn(*size: Any, dtype: Any = None, seed: int | None = None, generator: Generator | None = None) -> Tensor:
    """Numbers from the standard normal distribution.

    Args:
        size: the shape, as ints or one tuple.
        dtype: a floating-point type; default float32.
        seed: an int for a stream of its own, which gives the same numbers every time.
        generator: the stream to draw from; default: the common one.

    Raises:
        TypeError: `dtype` is not a floating-point type.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.randn((2, 3)).shape
        (2, 3)
    """
    shape = known_sizes("ops.randn", size[0] if len(size) == 1 else size)
    return gaussian(shape, _float_type("ops.randn", dtype), _seeded(seed, generator))


def rand_like(input: Tensor, seed: int | None = None, *, dtype: Any = None) -> Tensor:
    """Numbers from the uniform distribution over [0, 1), in the shape of another tensor.

    Args:
        input: any tensor.
        seed: an int for a stream of its own, which gives the same numbers every time.
        dtype: a floating-point type; default: that of `input`.

    Raises:
        TypeError: the type is not a floating-point type.

    Examples:
        >>> from lamella import ops
        >>> ops.rand_like(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return rand(input.shape, dtype=input.dtype if dtype is None else dtype, seed=seed)


def randn_like(input: Tensor, seed: int | None = None, *, dtype: Any = None) -> Tensor:
    """Numbers from the standard normal distribution, in the shape of another tensor.

    Args:
        input: any tensor.
        seed: an int for a stream of its own, which gives the same numbers every time.
        dtype: a floating-point type; default: that of `input`.

    Raises:
        TypeError: the type is not a floating-point type.

    Examples:
        >>> from lamella import ops
        >>> ops.randn_like(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return randn(input.shape, dtype=input.dtype if dtype is None else dtype, seed=seed)


def standard_normal(shape: Any, seed: int | None = None) -> Tensor:
    """float32 numbers from the standard normal distribution.

    Args:
        shape: shape of the result.
        seed: an int for a stream of its own, which gives the same numbers every time.

    Examples:
        >>> from lamella import ops
        >>> ops.standard_normal((4,)).dtype
        float32
    """
    return randn(shape, seed=seed)


def normal(shape: Any, mean: Any, stddev: Any, seed: int | None = None) -> Tensor:
    """float32 numbers from a normal distribution.

    Args:
        shape: shape of the result, before broadcasting with the others.
        mean: mean: a number or a tensor.
        stddev: standard deviation: a number or a tensor.
        seed: an int for a stream of its own, which gives the same numbers every time.

    Examples:
        >>> from lamella import ops
        >>> ops.normal((3,), 5.0, 0.0).asnumpy()
        array([5., 5., 5.], dtype=float32)
    """
    return add(mul(randn(shape, seed=seed), stddev), mean)


def uniform(shape: Any, minval: Any, maxval: Any, seed: int | None = None, dtype: Any = None) -> Tensor:
    """Numbers from the uniform distribution over [minval, maxval).

    Args:
        shape: shape of the result, before broadcasting with the others.
        minval: lower bound, included: a number or a tensor.
        maxval: upper bound, excluded (rounding may reach it): a number or a tensor.
        seed: an int for a stream of its own, which gives the same numbers every time.
        dtype: float32 (default), another floating-point type, int32 or int64.

    Raises:
        TypeError: another dtype.
        ValueError: there is no integer from `minval` to below `maxval`.

    Examples:
        >>> from lamella import ops
        >>> ops.uniform((2,), 3.0, 3.0).asnumpy()
        array([3., 3.], dtype=float32)
    """
    chosen = float32 if dtype is None else as_dtype(dtype, "ops.uniform(dtype=…)")
    sizes = known_sizes("ops.uniform", shape)
    if chosen in (int32, int64):
        if isinstance(minval, int) and isinstance(maxval, int) and not minval < maxval:
            raise ValueError(
                explain(
                    "ops.uniform", given=f"minval={minval}, maxval={maxval}", expected="minval < maxval for integers"
                )
            )
        return _integers(sizes, minval, maxval, chosen, _seeded(seed))
    low, high = as_tensor(minval, chosen), as_tensor(maxval, chosen)
    return cast(add(mul(unit(sizes, _float_type("ops.uniform", chosen), _seeded(seed)), sub(high, low)), low), chosen)


def _integers(shape: Shape, low: Any, high: Any, dtype: DType, generator: Generator | None) -> Tensor:
    first, last = (cast(as_tensor(bound, int64), int64) for bound in (low, high))
    words = (generator or default_generator).bits((2, *shape))
    wide = cast(words[0], uint64) * scalar(2**32, uint64) + cast(words[1], uint64)
    span = cast(sub(last, first), uint64)
    # 64 random bits modulo the span: no number is likelier than another by more than span / 2**64.
    return cast(add(cast(prims.floor_mod(wide, span), int64), first), dtype)


def randint(
    low: int, high: int, size: Any, dtype: Any = None, seed: int | None = None, generator: Generator | None = None
) -> Tensor:
    """Integers from [low, high), each as likely as any other.

    Args:
        low: the smallest.
        high: one past the largest.
        size: the shape.
        dtype: an integer type; default int64.
        seed: an int for a stream of its own, which gives the same numbers every time.
        generator: the stream to draw from; default: the common one.

    Raises:
        ValueError: there is no integer from `low` to below `high`.

    Examples:
        >>> from lamella import ops
        >>> ops.randint(3, 4, (2,)).asnumpy()
        array([3, 3])
    """
    if not low < high:
        raise ValueError(explain("ops.randint", given=f"low={low}, high={high}", expected="low < high"))
    chosen = int64 if dtype is None else as_dtype(dtype, "ops.randint(dtype=…)")
    return _integers(known_sizes("ops.randint", size), low, high, chosen, _seeded(seed, generator))


def randperm(n: int, seed: int | None = None, dtype: Any = None, generator: Generator | None = None) -> Tensor:
    """The integers from 0 to n - 1 in a random order.

    Args:
        n: how many, 0 or more.
        seed: an int for a stream of its own, which gives the same order every time.
        dtype: type of the result; default int64.
        generator: the stream to draw from; default: the common one.

    Raises:
        ValueError: `n` is negative.

    Examples:
        >>> from lamella import ops
        >>> sorted(ops.randperm(4).tolist())
        [0, 1, 2, 3]
    """
    if isinstance(n, int) and n < 0:
        raise ValueError(explain("ops.randperm", given=f"n={n}", expected="0 or more"))
    words = (_seeded(seed, generator) or default_generator).bits((2, n))
    keys = cast(words[0], uint64) * scalar(2**32, uint64) + cast(words[1], uint64)
    _, order = prims.sort(keys, axis=0, descending=False)
    return cast(order, int64 if dtype is None else as_dtype(dtype, "ops.randperm(dtype=…)"))


def bernoulli(input: Tensor, p: Any = 0.5, seed: int | None = None) -> Tensor:
    """1 with a probability, else 0, for each element of a tensor of some shape.

    Args:
        input: gives shape and type.
        p: the probability of 1: a number or a tensor that broadcasts to the shape.
        seed: an int for a stream of its own, which gives the same numbers every time.

    Raises:
        AssertionError: a number of the tensor `p` is not in [0, 1].
        ValueError: the number `p` is not in [0, 1].

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bernoulli(Tensor([5, 5]), 1.0).asnumpy()
        array([1, 1])
    """
    check_parts("ops.bernoulli", "p", p)
    return cast(less(unit(input.shape, float32, _seeded(seed)), p), input.dtype)


def multinomial(input: Tensor, num_samples: int, replacement: bool = True, seed: int | None = None) -> Tensor:
    """Indices drawn with given weights.

    Args:
        input: weights of at least 0, of shape (n,), or (rows, n) for draws of their own; their sum need not be 1.
        num_samples: how many to draw.
        replacement: whether an index can be drawn twice. If not, weights are those among the indices that are left
            (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
        seed: an int for a stream of its own, which gives the same indices every time.

    Returns:
        int64 indices of shape (num_samples,) or (rows, num_samples).

    Raises:
        AssertionError: weights are negative or not finite, or too few are above 0.
        ValueError: `input` has another number of axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.multinomial(Tensor([0.0, 1.0, 0.0]), 2).asnumpy()
        array([1, 1])
    """
    weights = cast(as_tensor(input, None, "ops.multinomial"), float64)
    if weights.ndim not in (1, 2):
        raise ValueError(
            explain("ops.multinomial", given=f"weights of shape {weights.shape}", expected="(n,) or (rows, n)")
        )
    (count,) = known_sizes("ops.multinomial", num_samples)
    axis, zero = weights.ndim - 1, scalar(0, float64)
    usable = prims.bitwise_and(prims.ge(weights, zero), prims.isfinite(weights))
    prims.check(usable, message="ops.multinomial: weights must be finite and at least 0.")
    positive = prims.reduce_sum(cast(prims.gt(weights, zero), int64), axes=(axis,))
    needed = prims.size_tensor(1 if replacement else count)
    prims.check(prims.ge(positive, needed), message="ops.multinomial: fewer weights are above 0 than are to be drawn.")
    generator = _seeded(seed)
    if not replacement:
        waiting = div(neg(log1p(neg(unit(weights.shape, float64, generator)))), weights)
        _, order = prims.sort(waiting, axis=axis, descending=False)
        drawn: Tensor = prims.narrow(order, axis, 0, count)
        return drawn
    reached = prims.cumsum(weights, axis=axis, reverse=False)
    total = prims.narrow(reached, axis, weights.shape[axis] - 1, weights.shape[axis])
    height = mul(unit((*weights.shape[:axis], count), float64, generator), total)
    last = weights.shape[axis] - 1
    return clamp(searchsorted(reached, height, right=True), None, last)
