"""Classes of functions that act: print, check, change parameters, record, communicate, and draw random numbers."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import as_dtype, float32, int32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.networks import seed_of
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast, known_sizes, one_axis
from lamella.ops.functions import create, effects, elementwise, random, reduce, static
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


# -- what was recorded, and whether numbers were finite --


def _summary(subject: str, kind: str, name: Any, value: Any) -> None:
    if not isinstance(name, str) or not name:
        raise TypeError(explain(subject, given=f"name={name!r}", expected="a text that is not empty"))
    prims.record(as_tensor(value, None, subject), kind=kind, tag=name)


def _scalar_summary(name: str, value: Any) -> None:
    """Record a number under a name."""
    number = as_tensor(value, None, "ops.ScalarSummary")
    if number.size != 1:
        raise ValueError(explain("ops.ScalarSummary", given=f"shape {number.shape}", expected="one number"))
    _summary("ops.ScalarSummary", "scalar", name, prims.reshape(number, shape=()))


def _tensor_summary(name: str, value: Any) -> None:
    """Record a tensor under a name."""
    _summary("ops.TensorSummary", "tensor", name, value)


def _image_summary(name: str, value: Any) -> None:
    """Record images [n, channels, h, w] under a name."""
    images = as_tensor(value, None, "ops.ImageSummary")
    if images.ndim != 4:
        raise ValueError(explain("ops.ImageSummary", given=f"shape {images.shape}", expected="[n, channels, h, w]"))
    _summary("ops.ImageSummary", "image", name, images)


def _histogram_summary(name: str, value: Any) -> None:
    """Record the distribution of a tensor's numbers under a name."""
    numbers = as_tensor(value, None, "ops.HistogramSummary")
    if not numbers.ndim:
        raise ValueError(explain("ops.HistogramSummary", given="a 0-d tensor", expected="at least one axis"))
    _summary("ops.HistogramSummary", "histogram", name, numbers)


def _float_status(x: Any) -> Tensor:
    """1.0 if a number is not finite, else 0.0, as a tensor of one element."""
    finite = reduce.all(elementwise.isfinite(x))
    return cast(prims.reshape(elementwise.logical_not(finite), shape=(1,)), float32)


def _alloc_float_status() -> Tensor:
    """Eight zeros, which stand for no overflow: `FloatStatus` looks at numbers themselves."""
    return create.zeros(8, float32)


def _get_float_status(x: Any) -> Tensor:
    """What `NPUAllocFloatStatus` gave, as zeros: no overflow is seen."""
    return create.zeros_like(x)


# -- communication, in a world of one process --


def _alone(subject: str, group: Any, op: str = "sum") -> None:
    if not isinstance(group, str):
        raise TypeError(explain(subject, given=f"group={group!r}", expected="the name of a group"))
    known = ("sum", "max", "min", "prod", "avg")
    if op not in known:
        raise ValueError(explain(subject, given=f"op={op!r}", expected=f"one of {', '.join(known)}"))


def _all_reduce(input_x: Any, op: str, group: str) -> Tensor:
    """What all processes have, combined: of one process, what it has."""
    _alone("ops.AllReduce", group, op)
    return as_tensor(input_x, None, "ops.AllReduce").copy()


def _all_gather(input_x: Any, group: str) -> Tensor:
    """What all processes have, one after the other: of one process, what it has."""
    _alone("ops.AllGather", group)
    return as_tensor(input_x, None, "ops.AllGather").copy()


def _reduce_scatter(input_x: Any, op: str, group: str) -> Tensor:
    """A part of what all processes have, combined: of one process, what it has."""
    _alone("ops.ReduceScatter", group, op)
    return as_tensor(input_x, None, "ops.ReduceScatter").copy()


def _broadcast(input_x: Any, root_rank: int, group: str) -> tuple[Tensor, ...]:
    """What one process has: of one process, what it has."""
    _alone("ops.Broadcast", group)
    if root_rank != 0 or isinstance(root_rank, bool):
        raise ValueError(explain("ops.Broadcast", given=f"root_rank={root_rank!r}", expected="0, the only process"))
    if not isinstance(input_x, (tuple, list)):
        raise TypeError(explain("ops.Broadcast", given=f"a {type(input_x).__name__}", expected="a tuple of tensors"))
    return tuple(as_tensor(x, None, "ops.Broadcast").copy() for x in input_x)


def _all_to_all(input_x: Any, split_count: int, split_dim: int, concat_dim: int, group: str) -> Tensor:
    """Parts that all processes have for each other: of one process, what it has."""
    _alone("ops.AlltoAll", group)
    x = as_tensor(input_x, None, "ops.AlltoAll")
    for axis in (split_dim, concat_dim):
        one_axis("ops.AlltoAll", axis, x.ndim)
    if split_count != 1:
        given = f"split_count={split_count!r}"
        raise ValueError(explain("ops.AlltoAll", given=given, expected="1, the number of processes"))
    return x.copy()


_GROUP = {"group": "hccl_world_group"}
_SEEDS = {"seed": 0, "seed2": 0}

ROWS = (
    Row("Print", _print),
    Row("Assert", _assert, init={"summarize": 3}),
    Row("Assign", effects.assign),
    Row("AssignAdd", effects.assign_add),
    Row("AssignSub", effects.assign_sub),
    Row("Depend", static.depend),
    Row("Partial", static.partial),
    Row("ScalarSummary", _scalar_summary),
    Row("TensorSummary", _tensor_summary),
    Row("ImageSummary", _image_summary),
    Row("HistogramSummary", _histogram_summary),
    Row("FloatStatus", _float_status),
    Row("NPUAllocFloatStatus", _alloc_float_status),
    Row("NPUGetFloatStatus", _get_float_status),
    Row("NPUClearFloatStatus", _get_float_status),
    Row("AllReduce", _all_reduce, init={"op": "sum", **_GROUP}),
    Row("AllGather", _all_gather, init=_GROUP),
    Row("ReduceScatter", _reduce_scatter, init={"op": "sum", **_GROUP}),
    Row("Broadcast", _broadcast, init={"root_rank": REQUIRED, **_GROUP}),
    Row(
        "AlltoAll", _all_to_all, init={"split_count": REQUIRED, "split_dim": REQUIRED, "concat_dim": REQUIRED, **_GROUP}
    ),
    Row("UniformReal", _uniform_real, init=_SEEDS),
    Row("UniformInt", _uniform_int, init=_SEEDS),
    Row("StandardNormal", _standard_normal, init=_SEEDS),
    Row("Bernoulli", _bernoulli, init={"seed": -1, "offset": 0}),
    Row("Multinomial", _multinomial, init={**_SEEDS, "dtype": int32}),
    Row("RandpermV2", _randperm_v2, init={"seed": 0, "offset": 0, "dtype": int64}),
)
