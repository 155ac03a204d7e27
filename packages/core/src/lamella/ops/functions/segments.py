"""Elements combined by the segment they belong to; equal neighbours; masks and places from numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dims import Dim, product
from lamella.dtypes import DType, bool_, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, one_axis
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.distances import renorm
from lamella.ops.functions.gather_scatter import _checked, _indices
from lamella.ops.functions.random import randperm
from lamella.ops.functions.select import _numbers
from lamella.ops.functions.shape import _an_int
from lamella.ops.functions.sort import sort
from lamella.tensor import Tensor

__all__ = [
    "embedding",
    "index_fill",
    "intopk",
    "msort",
    "sequence_mask",
    "shuffle",
    "unique_consecutive",
    "unique_with_pad",
    "unsorted_segment_max",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sum",
]

# -- segments --


def _lowest(dtype: DType) -> float | int | bool:
    if dtype is bool_:
        return False
    return float(-np.finfo(dtype.numpy).max) if dtype.is_float else int(np.iinfo(dtype.numpy).min)


def _highest(dtype: DType) -> float | int | bool:
    if dtype is bool_:
        return True
    return float(np.finfo(dtype.numpy).max) if dtype.is_float else int(np.iinfo(dtype.numpy).max)


def _segments(name: str, input: Any, segment_ids: Any, num_segments: Any, mode: str, start: Any) -> Tensor:
    """Slices along the first axes, combined by the number of their segment; negative numbers are left out."""
    subject = f"ops.{name}"
    x, ids = as_tensor(input, None, subject), _indices(subject, segment_ids)
    count = num_segments
    if not isinstance(count, Dim):
        count = _an_int(subject, "num_segments", count.item() if isinstance(count, Tensor) else count)
        if count < 1:
            raise ValueError(explain(subject, given=f"num_segments={count}", expected="at least 1"))
    if not ids.ndim or ids.shape != x.shape[: ids.ndim]:
        raise ValueError(
            explain(subject, given=f"segment_ids {ids._type} for {x._type}", expected="the first axes of the input")
        )
    rest = x.shape[ids.ndim :]
    rows = prims.reshape(x, shape=(product(ids.shape), *rest))
    places = prims.reshape(cast(ids, int64), shape=(product(ids.shape),))
    # One segment more takes what is left out.
    chosen = prims.select(prims.lt(places, scalar(0, int64)), prims.size_tensor(count), places)
    chosen = prims.checked_index(chosen, size=count + 1, ignore=None)
    empty = prims.broadcast_to(scalar(start(x.dtype), x.dtype), shape=(count + 1, *rest))
    result = prims.scatter(empty, chosen, rows, axis=0, mode=mode)
    kept: Tensor = prims.narrow(result, 0, 0, count)
    return kept


def unsorted_segment_sum(input_x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    """Sums of the slices of each segment; 0 for segments without any.

    Args:
        input_x: tensor of numbers.
        segment_ids: the segment of each slice along the first axes, integers; negative ones are left out.
        num_segments: how many segments there are.

    Returns:
        A tensor of `num_segments` rows, each of the shape of the axes behind those of `segment_ids`.

    Raises:
        IndexError: a segment is `num_segments` or above.
        TypeError: `segment_ids` are not integers.
        ValueError: `num_segments` is not positive, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.unsorted_segment_sum(Tensor([1.0, 2.0, 4.0]), Tensor([0, 0, 2]), 3).asnumpy()
        array([3., 0., 4.], dtype=float32)
    """
    return _segments("unsorted_segment_sum", input_x, segment_ids, num_segments, "add", lambda _: 0)


def unsorted_segment_prod(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    """Products of the slices of each segment; 1 for segments without any.

    Args:
        x: tensor of numbers.
        segment_ids: the segment of each slice along the first axes, integers; negative ones are left out.
        num_segments: how many segments there are.

    Returns:
        A tensor of `num_segments` rows, each of the shape of the axes behind those of `segment_ids`.

    Raises:
        IndexError: a segment is `num_segments` or above.
        TypeError: `segment_ids` are not integers.
        ValueError: `num_segments` is not positive, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.unsorted_segment_prod(Tensor([2.0, 3.0, 4.0]), Tensor([0, 0, 2]), 3).asnumpy()
        array([6., 1., 4.], dtype=float32)
    """
    return _segments("unsorted_segment_prod", x, segment_ids, num_segments, "mul", lambda _: 1)


def unsorted_segment_max(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    """Maxima of the slices of each segment; the lowest finite number for segments without any.

    Args:
        x: tensor of numbers.
        segment_ids: the segment of each slice along the first axes, integers; negative ones are left out.
        num_segments: how many segments there are.

    Returns:
        A tensor of `num_segments` rows, each of the shape of the axes behind those of `segment_ids`.

    Raises:
        IndexError: a segment is `num_segments` or above.
        TypeError: `segment_ids` are not integers.
        ValueError: `num_segments` is not positive, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.unsorted_segment_max(Tensor([1.0, 2.0, 4.0]), Tensor([0, 0, 1]), 2).asnumpy()
        array([2., 4.], dtype=float32)
    """
    return _segments("unsorted_segment_max", x, segment_ids, num_segments, "max", _lowest)


def unsorted_segment_min(x: Any, segment_ids: Any, num_segments: int) -> Tensor:
    """Minima of the slices of each segment; the highest finite number for segments without any.

    Args:
        x: tensor of numbers.
        segment_ids: the segment of each slice along the first axes, integers; negative ones are left out.
        num_segments: how many segments there are.

    Returns:
        A tensor of `num_segments` rows, each of the shape of the axes behind those of `segment_ids`.

    Raises:
        IndexError: a segment is `num_segments` or above.
        TypeError: `segment_ids` are not integers.
        ValueError: `num_segments` is not positive, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.unsorted_segment_min(Tensor([1.0, 2.0, 4.0]), Tensor([0, 0, 1]), 2).asnumpy()
        array([1., 4.], dtype=float32)
    """
    return _segments("unsorted_segment_min", x, segment_ids, num_segments, "min", _highest)


# -- order and equal neighbours --


def msort(input: Any) -> Tensor:
    """A tensor sorted along axis 0.

    Args:
        input: tensor with at least one axis.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: `input` has no axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.msort(Tensor([[3, 1], [2, 4]])).asnumpy()
        array([[2, 1],
               [3, 4]])
    """
    return sort(input, 0)[0]


def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The first of each run of equal elements.

    Args:
        input: any tensor.
        return_inverse: whether to return, too, the run of each element.
        return_counts: whether to return, too, how long each run is.
        dim: the axis along which slices are compared; default: the flattened tensor.

    Returns:
        A tensor, or a tuple of it and int64 tensors of runs and lengths.

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.tolist() for x in ops.unique_consecutive(Tensor([1, 1, 2, 1]), True, True)]
        [[1, 2, 1], [0, 0, 1, 2], [2, 1, 1]]
    """
    subject = "ops.unique_consecutive"
    x = as_tensor(input, None, subject)
    numbers = _numbers(subject, x)
    at = 0 if dim is None else one_axis(subject, dim, x.ndim)
    slices = numbers.reshape(-1, 1) if dim is None else np.moveaxis(numbers, at, 0).reshape(numbers.shape[at], -1)
    changes = np.ones(len(slices), bool)
    changes[1:] = (slices[1:] != slices[:-1]).any(1)
    first = np.flatnonzero(changes)
    flat = prims.reshape(x, shape=(product(x.shape),)) if dim is None else x
    result: list[Tensor] = [prims.gather(flat, constant(first), axis=at)]
    if return_inverse:
        runs = np.cumsum(changes) - 1
        result.append(constant((runs.reshape(x.shape) if dim is None else runs).astype(np.int64)))
    if return_counts:
        result.append(constant(np.diff(np.append(first, len(slices))).astype(np.int64)))
    return result[0] if len(result) == 1 else tuple(result)


def unique_with_pad(x: Any, pad_num: Any) -> tuple[Tensor, Tensor]:
    """The different elements in the order in which they first appear, filled up to the size of the input.

    Args:
        x: tensor of one axis.
        pad_num: what fills the rest.

    Returns:
        A tensor of the shape of `x`, and the int64 place in it of each element.

    Raises:
        ValueError: `x` has not one axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, places = ops.unique_with_pad(Tensor([4, 4, 2]), 0)
        >>> values.tolist(), places.tolist()
        ([4, 2, 0], [0, 0, 1])
    """
    subject = "ops.unique_with_pad"
    x = as_tensor(x, None, subject)
    if x.ndim != 1:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="one axis"))
    filler = cast(as_tensor(pad_num, x.dtype, subject), x.dtype)
    size = x.shape[0]
    if size == 0:
        return x, prims.iota(size=0, dtype="int64")
    # Where each element first stands; those places, counted, are the places in the result.
    same = prims.eq(prims.reshape(x, shape=(size, 1)), prims.reshape(x, shape=(1, size)))
    first = prims.argmax(same, axis=1)
    leads = prims.eq(first, prims.iota(size=size, dtype="int64"))
    number = prims.sub(prims.cumsum(cast(leads, int64), axis=0, reverse=False), scalar(1, int64))
    places = prims.gather(number, first, axis=0)
    result: Tensor = prims.scatter(prims.broadcast_to(filler, shape=x.shape), places, x, axis=0, mode="set")
    return result, places


def intopk(x1: Any, x2: Any, k: Any) -> Tensor:
    """Whether each label is among the k highest scores of its row.

    Args:
        x1: floating-point scores of shape (n, classes).
        x2: integer labels of shape (n,).
        k: how many.

    Returns:
        A bool tensor of shape (n,), true where fewer than `k` scores are above the label's.

    Raises:
        TypeError: `x2` are not integers, or `k` is not an int.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.intopk(Tensor([[1.0, 3.0, 2.0]]), Tensor([2]), 2).asnumpy()
        array([ True])
    """
    subject = "ops.intopk"
    scores, labels = as_tensor(x1, None, subject), _indices(subject, x2)
    count = _an_int(subject, "k", k.item() if isinstance(k, Tensor) else k)
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError(
            explain(subject, given=f"shapes {scores.shape}, {labels.shape}", expected="(n, classes) and (n,)")
        )
    classes = scores.shape[1]
    places = cast(labels, int64)
    valid = prims.bitwise_and(prims.ge(places, scalar(0, int64)), prims.lt(places, prims.size_tensor(classes)))
    chosen = prims.reshape(prims.select(valid, places, scalar(0, int64)), shape=(*labels.shape, 1))
    own = prims.take_along_axis(scores, chosen, 1)
    higher = prims.reduce_sum(cast(prims.gt(scores, own), int64), axes=(1,))
    inside = prims.bitwise_and(prims.lt(higher, scalar(count, int64)), valid)
    finite = prims.isfinite(prims.reshape(own, shape=labels.shape)) if scores.dtype.is_float else inside
    result: Tensor = prims.bitwise_and(inside, finite)
    return result


# -- masks, chance, tables --


def sequence_mask(lengths: Any, maxlen: Any = None) -> Tensor:
    """Which places of a sequence lie before its length.

    Args:
        lengths: integer tensor.
        maxlen: how many places; default: the largest length.

    Returns:
        A bool tensor of shape ``(*lengths.shape, maxlen)``.

    Raises:
        ConcretizationError: while a graph is built without `maxlen`: it depends on numbers.
        TypeError: `lengths` are not integers.
        ValueError: `maxlen` is not positive.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.sequence_mask(Tensor([1, 3])).asnumpy()
        array([[ True, False, False],
               [ True,  True,  True]])
    """
    subject = "ops.sequence_mask"
    x = _indices(subject, lengths)
    if maxlen is None:
        numbers = _numbers(subject, x)
        size = int(numbers.max()) if numbers.size else 0
    else:
        size = _an_int(subject, "maxlen", maxlen.item() if isinstance(maxlen, Tensor) else maxlen)
        if size < 1:
            raise ValueError(explain(subject, given=f"maxlen={maxlen}", expected="at least 1"))
    ends = prims.reshape(cast(x, int64), shape=(*x.shape, 1))
    result: Tensor = prims.lt(prims.iota(size=max(size, 0), dtype="int64"), ends)
    return result


def shuffle(x: Any, seed: int | None = None) -> Tensor:
    """Slices along axis 0 in random order.

    Args:
        x: tensor.
        seed: an int for a stream of its own, which gives the same order every time.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        TypeError: `seed` is not an int.

    Examples:
        >>> from lamella import Tensor, ops
        >>> sorted(ops.shuffle(Tensor([3, 1, 2])).tolist())
        [1, 2, 3]
    """
    x = as_tensor(x, None, "ops.shuffle")
    if not x.ndim:
        return x
    order = randperm(x.shape[0], seed=seed)
    result: Tensor = prims.gather(x, order, axis=0)
    return result


def index_fill(x: Any, axis: int, index: Any, value: Any) -> Tensor:
    """A tensor with one number at some places along an axis.

    Args:
        x: tensor.
        axis: the axis.
        index: integers of at most one axis; negative ones count from the end.
        value: the number, or a tensor of one.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        IndexError: an index is out of range.
        TypeError: `index` are not integers.
        ValueError: `index` has several axes, `value` has any, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.index_fill(Tensor([[1, 2], [3, 4]]), 1, Tensor([0]), 9).asnumpy()
        array([[9, 2],
               [9, 4]])
    """
    subject = "ops.index_fill"
    x, places = as_tensor(x, None, subject), _indices(subject, index)
    filler = as_tensor(value, x.dtype, subject)
    if places.ndim > 1 or filler.ndim:
        raise ValueError(
            explain(subject, given=f"index {places._type}, value {filler._type}", expected="one axis and none")
        )
    axis_tuple(subject, axis, x.ndim)
    at = one_axis(subject, axis, x.ndim)
    places = places if places.ndim else prims.reshape(places, shape=(1,))
    shape = (*x.shape[:at], *places.shape, *x.shape[at + 1 :])
    many = prims.broadcast_to(cast(filler, x.dtype), shape=shape)
    result: Tensor = prims.scatter(x, _checked(places, x.shape[at]), many, axis=at, mode="set")
    return result


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    """Rows of a table.

    Args:
        input: integers: which rows.
        weight: the table, of shape (rows, size).
        padding_idx: a row whose derivative is 0.
        max_norm: rows that are read and whose norm is larger are made so short first, in the table itself if it is a
            tensor that can be changed.
        norm_type: degree of that norm.
        scale_grad_by_freq: whether the derivative of a row is divided by how often it is read.

    Returns:
        A tensor of shape ``(*input.shape, size)``.

    Raises:
        IndexError: a row is out of range.
        TypeError: `input` are not integers.
        ValueError: `weight` is no matrix, or `padding_idx` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.embedding(Tensor([2, 0]), Tensor([[1.0], [2.0], [3.0]])).asnumpy()
        array([[3.],
               [1.]], dtype=float32)
    """
    subject = "ops.embedding"
    places, table = _indices(subject, input), as_tensor(weight, None, subject)
    if table.ndim != 2:
        raise ValueError(explain(subject, given=f"weight of shape {table.shape}", expected="(rows, size)"))
    rows = table.shape[0]
    at = prims.checked_index(cast(places, int64), size=rows, ignore=None)
    if max_norm is not None:
        if isinstance(max_norm, bool) or not isinstance(max_norm, (int, float)):
            raise TypeError(explain(subject, given=f"max_norm={max_norm!r}", expected="a number or None"))
        limited = _limited(prims.stop_gradient(table), at, float(max_norm), float(norm_type))
        # The numbers of the shortened rows, with the derivative of the table.
        table = prims.add(table, prims.stop_gradient(prims.sub(limited, table)))
        if isinstance(weight, Tensor):
            weight.assign_value(prims.stop_gradient(table))
    if padding_idx is not None:
        silent = _an_int(subject, "padding_idx", padding_idx)
        if not -rows <= silent < rows:
            raise ValueError(explain(subject, given=f"padding_idx={padding_idx}", expected=f"a row of {rows}"))
        silent = silent + rows if silent < 0 else silent
        fixed = prims.eq(prims.iota(size=rows, dtype="int64"), prims.size_tensor(silent))
        table = prims.select(prims.reshape(fixed, shape=(rows, 1)), prims.stop_gradient(table), table)
    if scale_grad_by_freq:
        count = prims.scatter(
            prims.broadcast_to(scalar(0, table.dtype), shape=(rows,)),
            prims.reshape(at, shape=(product(at.shape),)),
            prims.broadcast_to(scalar(1, table.dtype), shape=(product(at.shape),)),
            axis=0,
            mode="add",
        )
        share = prims.div(scalar(1, table.dtype), prims.maximum(count, scalar(1, table.dtype)))
        part = prims.mul(table, prims.reshape(share, shape=(rows, 1)))
        # The numbers of the table, with the derivative of the part.
        table = prims.add(part, prims.stop_gradient(prims.sub(table, part)))
    result: Tensor = prims.gather(table, at, axis=0)
    return result


def _limited(table: Tensor, at: Tensor, limit: float, degree: float) -> Tensor:
    """A table whose rows at some places are at most so long."""
    short = renorm(table, degree, 0, limit)
    flat = prims.reshape(at, shape=(product(at.shape),))
    used = prims.scatter(
        prims.broadcast_to(scalar(0, int64), shape=(table.shape[0],)),
        flat,
        prims.broadcast_to(scalar(1, int64), shape=flat.shape),
        axis=0,
        mode="max",
    )
    read = prims.reshape(prims.gt(used, scalar(0, int64)), shape=(table.shape[0], 1))
    result: Tensor = prims.select(read, short, table)
    return result
