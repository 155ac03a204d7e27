"""Classes of functions that act: that print, check, change parameters, and draw random numbers."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import as_dtype, int32, int64
from lamella.errors import explain
from lamella.ops.classes.networks import seed_of
from lamella.ops.classes.primitive import Row
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.functions import effects, random
from lamella.ops.functions.effects import assert_ as assert_that
from lamella.tensor import Tensor


def _print(*input_x: Any) -> None:
    """Print tensors and other values, when the graph runs."""
    effects.print_(*input_x)


def _assert(condition: Any, input_data: Any, summarize: int) -> None:
    """Raise, with the given tensors, if a condition is false when the graph runs."""
    assert_that(condition, "the condition is false:", *input_data)


def _uniform_real(shape: Any, seed: int, seed2: int) -> Tensor:
    """Random numbers from [0, 1), each equally likely."""
    stream = seed_of("ops.UniformReal", seed, seed2)
    return random.rand(*known_sizes("ops.UniformReal", shape), seed=stream)


def _uniform_int(shape: Any, minval: Any, maxval: Any, seed: int, seed2: int) -> Tensor:
    """Random int32 numbers from a least up to, but without, a largest."""
    sizes = known_sizes("ops.UniformInt", shape)
    low, high = (as_tensor(value, None, "ops.UniformInt") for value in (minval, maxval))
    if low.dtype is not int32 or high.dtype is not int32:
        low, high = cast(low, int32), cast(high, int32)
    return random.uniform(sizes, low, high, seed_of("ops.UniformInt", seed, seed2), int32)


def _standard_normal(shape: Any, seed: int, seed2: int) -> Tensor:
    """Normally distributed random numbers with mean 0 and variance 1."""
    return random.standard_normal(known_sizes("ops.StandardNormal", shape), seed_of("ops.StandardNormal", seed, seed2))


def _bernoulli(x: Any, p: Any, seed: int, offset: int) -> Tensor:
    """1 with a probability, else 0, for each element of a tensor of some shape."""
    tensor = as_tensor(x, None, "ops.Bernoulli")
    return random.bernoulli(tensor, p, None if seed == -1 else seed_of("ops.Bernoulli", seed, offset))


def _multinomial(x: Any, num_samples: int, seed: int, seed2: int, dtype: Any) -> Tensor:
    """Indices drawn with given weights, each as often as it comes."""
    kind = as_dtype(dtype, "ops.Multinomial")
    if kind not in (int32, int64):
        raise TypeError(explain("ops.Multinomial", given=f"dtype={kind}", expected="int32 or int64"))
    return cast(random.multinomial(x, num_samples, True, seed_of("ops.Multinomial", seed, seed2)), kind)


def _randperm_v2(n: Any, seed: int, offset: int, dtype: Any) -> Tensor:
    """The numbers below n in random order."""
    return random.randperm(int(n), seed_of("ops.RandpermV2", seed, offset), dtype)


_SEEDS = {"seed": 0, "seed2": 0}

ROWS = (
    Row("Print", _print),
    Row("Assert", _assert, init={"summarize": 3}),
    Row("Assign", effects.assign),
    Row("AssignAdd", effects.assign_add),
    Row("AssignSub", effects.assign_sub),
    Row("UniformReal", _uniform_real, init=_SEEDS),
    Row("UniformInt", _uniform_int, init=_SEEDS),
    Row("StandardNormal", _standard_normal, init=_SEEDS),
    Row("Bernoulli", _bernoulli, init={"seed": -1, "offset": 0}),
    Row("Multinomial", _multinomial, init={**_SEEDS, "dtype": int32}),
    Row("RandpermV2", _randperm_v2, init={"seed": 0, "offset": 0, "dtype": int64}),
)
