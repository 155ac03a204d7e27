"""`x[index]` and `x[index] = value`, by NumPy's rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dims import Dim, DimSize, product
from lamella.dtypes import bool_
from lamella.errors import ConcretizationError, explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor, to_array


def select(x: Tensor, index: Any) -> Tensor:
    """`x[index]`.

    Args:
        x: any tensor.
        index: ints, slices, None, `...`, int tensors or arrays, bool tensors or arrays, or a tuple of them.

    Raises:
        IndexError: too many indices, or one out of range.
        TypeError: something else as an index.
    """
    x, parts = _parts(x, index)
    if not any(isinstance(part, Tensor) for part in parts):
        result = _select_basic(x, [part for part in parts if part is not Ellipsis])
        if result is x:
            result = x.copy()
        result._view_of = "indexing"
        return result
    return _select_advanced(x, parts)


def updated(x: Tensor, index: Any, value: Any) -> Tensor:
    """`x` with `x[index] = value` done.

    Args:
        x: any tensor.
        index: as for `select`.
        value: a tensor or number; broadcast to the shape of `x[index]` and converted to x's type.

    Raises:
        IndexError: too many indices, or one out of range.
        TypeError: something else as an index.
        ValueError: `value` does not broadcast to the shape of `x[index]`.
    """
    source = cast(as_tensor(value, x.dtype, "x[i] = …"), x.dtype)
    mask = _single_mask(x, index)
    if mask is not None and source.ndim == 0:
        aligned = prims.reshape(mask, shape=(*mask.shape, *(1,) * (x.ndim - mask.ndim)))
        chosen: Tensor = prims.select(aligned, source, x)
        return chosen
    size = product(x.shape)
    _, parts = _parts(x, index)
    if x.ndim and not any(isinstance(part, Tensor) for part in parts):
        positions = _basic_positions(x, [part for part in parts if part is not Ellipsis])
    else:  # index the positions as x would be indexed
        positions = select(prims.reshape(prims.iota(size=size, dtype="int64"), shape=x.shape), index)
    try:
        spread = prims.broadcast_to(_squeezed(source, positions.ndim), shape=positions.shape)
    except ValueError as error:
        raise ValueError(
            explain(
                "x[i] = …",
                given=f"a value of shape {source.shape}",
                expected=f"one that stretches to {positions.shape}",
            )
        ) from error
    flat = prims.reshape(x, shape=(size,))
    result: Tensor = prims.reshape(prims.scatter(flat, positions, spread, axis=0, mode="set"), shape=x.shape)
    return result


def _basic_positions(x: Tensor, parts: list[Any]) -> Tensor:
    """Row-major positions of what ints, slices and None select: one small index for each axis, broadcast together."""
    ndim = sum(not isinstance(part, int) for part in parts)
    indices: list[Tensor] = []
    at = 0  # axis of the result
    for part in parts:
        if part is None:
            at += 1
            continue
        axis, size = len(indices), x.shape[len(indices)]
        if isinstance(part, int):
            indices.append(prims.size_tensor(_wrapped(part, size, axis)))
            continue
        start, stop, stride, reverse = _slice_bounds(part, size)
        line = prims.iota(size=(stop - start + stride - 1) // stride, dtype="int64")
        if reverse:
            line = prims.flip(line, axes=(0,))
        line = line * stride + prims.size_tensor(start)
        indices.append(prims.reshape(line, shape=(*line.shape, *(1,) * (ndim - at - 1))))
        at += 1
    flat: Tensor = prims.flat_index(*indices, sizes=tuple(x.shape))
    shape = (*(1,) * (ndim - flat.ndim), *flat.shape)
    return flat if shape == flat.shape else prims.reshape(flat, shape=shape)


def _squeezed(x: Tensor, ndim: int) -> Tensor:
    """Drop leading axes of size 1 beyond `ndim`, as NumPy's assignment does."""
    extra = x.ndim - ndim
    if extra > 0 and all(size == 1 for size in x.shape[:extra]):
        result: Tensor = prims.reshape(x, shape=x.shape[extra:])
        return result
    return x


def _single_mask(x: Tensor, index: Any) -> Tensor | None:
    if isinstance(index, np.ndarray) and index.dtype == np.bool_:
        index = constant(index)
    if isinstance(index, Tensor) and index.dtype is bool_ and index.ndim and index.shape == x.shape[: index.ndim]:
        return index
    return None


def _parts(x: Tensor, index: Any) -> tuple[Tensor, list[Any]]:
    """The index with `...`, missing axes and masks spelled out: ints, slices, None and int tensors.

    A mask without axes asks for an axis that x does not have; the tensor returned has it.
    """
    given = [_checked(item) for item in (index if isinstance(index, tuple) else (index,))]
    takes = sum(_axes_taken(item) for item in given)
    if takes > x.ndim:
        raise IndexError(explain("x[…]", given=f"{takes} indices for {x.ndim} axes", expected=f"at most {x.ndim}"))
    dots = [i for i, item in enumerate(given) if item is Ellipsis]
    if len(dots) > 1:
        raise IndexError(explain("x[…]", given="more than one ...", expected="at most one"))
    at = dots[0] if dots else len(given)
    # An ellipsis that stands for no axis stays: NumPy counts the index tensors around it as separated.
    missing: list[Any] = [slice(None)] * (x.ndim - takes)
    given[at : at + 1] = missing or ([Ellipsis] if dots else [])
    parts: list[Any] = []
    axis = 0
    for item in given:
        n = _axes_taken(item)
        if not _is_mask(item):
            parts.append(item)
        elif n == 0:
            x = prims.reshape(x, shape=(*x.shape[:axis], 1, *x.shape[axis:]))
            parts.append(constant(np.zeros(int(_mask_numbers(item)), np.int64)))
            n = 1
        elif tuple(item.shape) != tuple(x.shape[axis : axis + n]):
            expected = f"shape {tuple(x.shape[axis : axis + n])}"
            raise IndexError(explain("x[mask]", given=f"a mask of shape {tuple(item.shape)}", expected=expected))
        else:
            parts += [constant(np.ascontiguousarray(places)) for places in np.nonzero(_mask_numbers(item))]
        axis += n
    return x, parts


def _is_mask(item: Any) -> bool:
    return isinstance(item, np.ndarray) or (isinstance(item, Tensor) and item.dtype is bool_)


def _axes_taken(item: Any) -> int:
    if _is_mask(item):
        ndim: int = item.ndim
        return ndim
    return int(item is not None and item is not Ellipsis)


def _checked(item: Any) -> Any:
    """One item of an index as an int, slice, None, `...`, int tensor, bool tensor or bool array."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (bool, np.bool_)):
        return np.array(item)
    if isinstance(item, (int, np.integer, Dim)):
        return int(item)
    if isinstance(item, (list, tuple, np.ndarray)):
        array = to_array(item, None, "x[…]") if np.size(item) or isinstance(item, np.ndarray) else np.zeros(0, np.int64)
        # A mask stays an array: its numbers are known, even while a graph is built.
        item = array if array.dtype == np.bool_ else constant(array)
    if _is_mask(item) or (isinstance(item, Tensor) and item.dtype.is_integer):
        return item
    kind = f"a {item.dtype} tensor" if isinstance(item, Tensor) else f"{item!r} of type {type(item).__name__}"
    raise TypeError(
        explain("x[…]", given=kind, expected="ints, slices, None, ..., int or bool tensors, or a tuple of these")
    )


def _mask_numbers(mask: Any) -> np.ndarray[Any, Any]:
    try:
        numbers: np.ndarray[Any, Any] = mask if isinstance(mask, np.ndarray) else mask.asnumpy()
    except ConcretizationError as error:
        raise ConcretizationError(
            explain(
                "x[mask]",
                given="a bool tensor whose number of true elements is not known while a graph is built",
                expected="a result of known shape",
                remedy="Use ops.where(mask, x, other), or x[mask] = number.",
            )
        ) from error
    return numbers


def _select_basic(x: Tensor, parts: list[Any]) -> Tensor:
    """Ints, slices and None: one slice, one flip, one reshape at most."""
    starts: list[DimSize] = []
    stops: list[DimSize] = []
    strides: list[int] = []
    flipped: list[int] = []
    shape: list[DimSize | None] = []  # of the result; None for a size that the slice decides
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        axis, size = len(starts), x.shape[len(starts)]
        if isinstance(part, int):
            start = _wrapped(part, size, axis)
            start, stop, stride = start, start + 1, 1
        else:
            start, stop, stride, reverse = _slice_bounds(part, size)
            shape.append(None)
            if reverse:
                flipped.append(axis)
        starts.append(start)
        stops.append(stop)
        strides.append(stride)
    result = x
    if any(a != 0 for a in starts) or tuple(stops) != x.shape or any(s != 1 for s in strides):
        result = prims.slice_(x, starts=tuple(starts), stops=tuple(stops), strides=tuple(strides))
    if flipped:
        result = prims.flip(result, axes=tuple(flipped))
    kept = iter(
        [
            size
            for size, part in zip(result.shape, [p for p in parts if p is not None], strict=True)
            if not isinstance(part, int)
        ]
    )
    final = tuple(next(kept) if size is None else size for size in shape)
    return result if final == result.shape else prims.reshape(result, shape=final)


def _wrapped(index: int, size: DimSize, axis: int) -> DimSize:
    if not (-size <= index and index + 1 <= size):  # of an open size, what is asked by <= is assumed
        raise IndexError(
            explain(
                "x[…]", given=f"index {index} for axis {axis} of size {size}", expected=f"-{size} <= index < {size}"
            )
        )
    return size + index if index < 0 else index


def _slice_bounds(part: slice, size: DimSize) -> tuple[DimSize, DimSize, int, bool]:
    """Start, stop and stride in the forward direction, and whether to flip."""
    step = 1 if part.step is None else _slice_int(part.step)
    if step == 0:
        raise ValueError(explain("x[a:b:c]", given="step 0", expected="a step other than 0"))
    first, past = (None if bound is None else _slice_int(bound) for bound in (part.start, part.stop))
    if isinstance(size, Dim) and (step > 0 or (step == -1 and first is None and past is None)):
        start: DimSize = 0 if first is None else _open_bound(first, size)
        stop: DimSize = size if past is None else _open_bound(past, size)
        if 0 <= start <= stop and stop <= size:
            return start, stop, abs(step), step < 0
    start_, stop_, step = slice(first, past, step).indices(int(size))
    count = len(range(start_, stop_, step))
    if count == 0:
        return 0, 0, 1, False
    if step > 0:
        return start_, start_ + (count - 1) * step + 1, step, False
    last = start_ + (count - 1) * step
    return last, start_ + 1, -step, True


def _open_bound(bound: int, size: Dim) -> DimSize:
    return size + bound if bound < 0 else bound


def _slice_int(bound: Any) -> int:
    try:
        return int(bound.__index__())
    except AttributeError:
        raise TypeError(
            explain("x[a:b:c]", given=f"{bound!r} of type {type(bound).__name__}", expected="ints")
        ) from None


def _select_advanced(x: Tensor, parts: list[Any]) -> Tensor:
    """Int tensors (and ints beside them): flatten the axes they index into one and gather along it."""
    where = [i for i, p in enumerate(parts) if isinstance(p, (Tensor, int))]
    adjacent = where == list(range(where[0], where[-1] + 1))
    parts = [p for p in parts if p is not Ellipsis]
    basic = [slice(None) if isinstance(p, (Tensor, int)) else p for p in parts]
    # Ranges of the indexed axes are kept whole by the basic part; ints count as 0-d tensors, as in NumPy.
    result = _select_basic(x, basic)
    axes = [i for i, p in enumerate(parts) if isinstance(p, (Tensor, int))]
    at = axes[0] if adjacent else 0
    others = [i for i in range(result.ndim) if i not in axes]
    order = (*others[:at], *axes, *others[at:])
    if order != tuple(range(result.ndim)):
        result = prims.transpose(result, permutation=order)
    sizes = tuple(result.shape[at : at + len(axes)])
    indices = [
        p if isinstance(p, Tensor) else constant(np.array(p, np.int64)) for p in parts if isinstance(p, (Tensor, int))
    ]
    try:
        position = prims.flat_index(*indices, sizes=sizes)
    except ValueError as error:
        raise IndexError(
            explain(
                "x[…]", given=f"index tensors of shapes {[i.shape for i in indices]}", expected="shapes that broadcast"
            )
        ) from error
    if len(axes) > 1:
        result = prims.reshape(result, shape=(*result.shape[:at], product(sizes), *result.shape[at + len(axes) :]))
    gathered: Tensor = prims.gather(result, position, axis=at)
    return gathered
