"""Functions that make tensors: of one number, of running numbers, of patterns."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from lamella.dims import Dim, DimSize, Shape
from lamella.dtypes import DType, as_dtype, bool_, float32, int64, promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, one_axis, unified
from lamella.ops.define.constants import constant, scalar
from lamella.tensor import Tensor

__all__ = [
    "arange",
    "eye",
    "fill",
    "full",
    "full_like",
    "is_tensor",
    "linspace",
    "meshgrid",
    "one_hot",
    "ones",
    "ones_like",
    "range",
    "scalar_to_tensor",
    "tensor",
    "zeros",
    "zeros_like",
]


def _filled(value: float, shape: Shape, dtype: DType) -> Tensor:
    result: Tensor = prims.broadcast_to(scalar(value, dtype), shape=shape)
    return result


def tensor(input_data: Any = None, dtype: Any = None, shape: Any = None, init: Any = None) -> Tensor:
    """A new tensor; the same as `Tensor(...)`.

    Args:
        input_data: numbers, nested sequences of them, a NumPy array or a tensor; copied.
        dtype: type of the elements; default: as the data, Python floats as float32 and ints as int64.
        shape: with `init`, the shape to fill.
        init: an initializer that fills `shape`.

    Raises:
        TypeError: the data are not numbers or bools.
        ValueError: rows of unequal length.

    Examples:
        >>> from lamella import ops
        >>> ops.tensor([1, 2], dtype="float32").asnumpy()
        array([1., 2.], dtype=float32)
    """
    return Tensor(input_data, dtype, shape, init)


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor.

    Args:
        obj: anything.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.is_tensor(Tensor(1)), ops.is_tensor(1)
        (True, False)
    """
    return isinstance(obj, Tensor)


def scalar_to_tensor(input_x: Any, dtype: Any = float32) -> Tensor:
    """A number as a 0-d tensor.

    Args:
        input_x: a Python number.
        dtype: type of the element.

    Raises:
        TypeError: `input_x` is no number.

    Examples:
        >>> from lamella import ops
        >>> ops.scalar_to_tensor(3).dtype
        float32
    """
    if isinstance(input_x, Dim):
        return cast(prims.size_tensor(input_x), as_dtype(dtype, "ops.scalar_to_tensor"))
    if not isinstance(input_x, (bool, int, float)):
        raise TypeError(explain("ops.scalar_to_tensor", given=f"a {type(input_x).__name__}", expected="a number"))
    return scalar(input_x, as_dtype(dtype, "ops.scalar_to_tensor"))


def zeros(size: Any, dtype: Any = None) -> Tensor:
    """Zeros.

    Args:
        size: shape, an int or a tuple of ints.
        dtype: type of the elements; default float32.

    Returns:
        A tensor of the shape.

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 2)).asnumpy()
        array([[0., 0.],
               [0., 0.]], dtype=float32)
    """
    return _filled(0, known_sizes("ops.zeros", size), float32 if dtype is None else as_dtype(dtype, "ops.zeros"))


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Ones.

    Args:
        shape: an int or a tuple of ints.
        dtype: type of the elements; default float32.

    Returns:
        A tensor of the shape.

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.ones(3, "int32").asnumpy()
        array([1, 1, 1], dtype=int32)
    """
    return _filled(1, known_sizes("ops.ones", shape), float32 if dtype is None else as_dtype(dtype, "ops.ones"))


def full(size: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """One number everywhere.

    Args:
        size: shape, an int or a tuple of ints.
        fill_value: the number, or a 0-d tensor.
        dtype: type of the elements; default: that of `fill_value`, Python floats as float32 and ints as int64.

    Returns:
        A tensor of the shape.

    Raises:
        TypeError: `fill_value` is no number, or a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.full((2,), 1.5).asnumpy()
        array([1.5, 1.5], dtype=float32)
    """
    wanted = None if dtype is None else as_dtype(dtype, "ops.full")
    return _spread("ops.full", fill_value, known_sizes("ops.full", size), wanted)


def _spread(subject: str, value: Any, shape: Shape, dtype: DType | None) -> Tensor:
    source = as_tensor(value, None, subject)
    if source.ndim:
        raise TypeError(explain(subject, given=f"a fill value of shape {source.shape}", expected="one number"))
    result: Tensor = prims.broadcast_to(source if dtype is None else cast(source, dtype), shape=shape)
    return result


def fill(type: Any, shape: Any, value: Any) -> Tensor:
    """One number everywhere, with the type in front.

    Args:
        type: type of the elements.
        shape: an int or a tuple of ints.
        value: the number.

    Returns:
        A tensor of the shape.

    Raises:
        TypeError: `value` is no number, or a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> import lamella as ms
        >>> ms.ops.fill(ms.float32, (2,), 3).asnumpy()
        array([3., 3.], dtype=float32)
    """
    return _spread("ops.fill", value, known_sizes("ops.fill", shape), as_dtype(type, "ops.fill"))


def zeros_like(input: Any, *, dtype: Any = None) -> Tensor:
    """Zeros of the shape of another tensor.

    Args:
        input: any tensor.
        dtype: type of the elements; default: that of `input`.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.zeros_like(Tensor([1, 2])).asnumpy()
        array([0, 0])
    """
    return _like("ops.zeros_like", input, 0, dtype)


def ones_like(input: Any, *, dtype: Any = None) -> Tensor:
    """Ones of the shape of another tensor.

    Args:
        input: any tensor.
        dtype: type of the elements; default: that of `input`.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.ones_like(Tensor([1, 2])).asnumpy()
        array([1, 1])
    """
    return _like("ops.ones_like", input, 1, dtype)


def full_like(input: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """One number everywhere, in the shape of another tensor.

    Args:
        input: any tensor.
        fill_value: the number, or a 0-d tensor.
        dtype: type of the elements; default: that of `input`.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `fill_value` is no number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.full_like(Tensor([1.0, 2.0]), 7).asnumpy()
        array([7., 7.], dtype=float32)
    """
    return _like("ops.full_like", input, fill_value, dtype)


def _like(subject: str, input: Any, value: Any, dtype: Any) -> Tensor:
    x = as_tensor(input, None, subject)
    return _spread(subject, value, x.shape, x.dtype if dtype is None else as_dtype(dtype, subject))


def arange(start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Any = None) -> Tensor:
    """Numbers from `start` up to but without `end`.

    Args:
        start: the first number; if it is the only argument it is `end`, and the first number is 0.
        end: where to stop; not reached. May be an open size if the start is an int and the step 1.
        step: distance of neighbours, not 0.
        dtype: type of the elements; default: int64 if all are ints, else float32.

    Returns:
        A tensor of shape (ceil((end - start) / step),).

    Raises:
        TypeError: an argument is no number.
        ValueError: `step` is 0, or leads away from `end`.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(5).asnumpy(), ops.arange(1, 2, 0.5).asnumpy()
        (array([0, 1, 2, 3, 4]), array([1. , 1.5], dtype=float32))
    """
    if end is None:
        start, end = 0, start
    bounds = [_plain("ops.arange", value) for value in (start, end, step)]
    start, end, step = bounds
    if dtype is not None:
        wanted = as_dtype(dtype, "ops.arange")
    else:
        wanted = float32 if any(isinstance(value, float) for value in bounds) else int64
    if any(isinstance(bound, Dim) for bound in bounds) and (
        step != 1 or isinstance(start, float) or isinstance(end, float)
    ):
        start, end, step = bounds = [int(bound) if isinstance(bound, Dim) else bound for bound in bounds]
    if isinstance(start, Dim) or isinstance(end, Dim):
        count: DimSize = end - start
        numbers = prims.iota(size=count, dtype="int64")
        shifted = numbers if start == 0 else prims.add(numbers, prims.size_tensor(start))
        return cast(shifted, wanted)
    if step == 0:
        raise ValueError(explain("ops.arange", given="step 0", expected="a step other than 0"))
    if (end - start) * step < 0:
        raise ValueError(
            explain("ops.arange", given=f"start {start}, end {end}, step {step}", expected="a step towards the end")
        )
    if start == 0 and step == 1 and isinstance(end, int):
        plain: Tensor = prims.iota(size=end, dtype=(wanted if wanted is not bool_ else int64).name)
        return cast(plain, wanted)
    # As NumPy: the count from the bounds, then start + i * step, so that errors do not add up.
    number = max(0, math.ceil((end - start) / step))
    exact = np.float64 if any(isinstance(value, float) for value in bounds) else np.int64
    return constant((start + np.arange(number, dtype=exact) * step).astype(wanted.numpy))


def _plain(subject: str, value: Any) -> Any:
    """A bound of a range as a Python number or an open size."""
    if isinstance(value, Tensor):
        value = value.item()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, Dim)):
        raise TypeError(explain(subject, given=f"{value!r}", expected="numbers"))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(explain(subject, given=f"{value}", expected="finite numbers"))
    return value


def range(start: Any, end: Any, step: Any) -> Tensor:
    """Numbers from `start` up to but without `end`, as `arange` with all bounds given.

    Args:
        start: the first number.
        end: where to stop; not reached.
        step: distance of neighbours, not 0.

    Returns:
        A tensor of shape (ceil((end - start) / step),), in the type of the bounds.

    Raises:
        TypeError: an argument is no number.
        ValueError: `step` is 0, or leads away from `end`.

    Examples:
        >>> from lamella import ops
        >>> ops.range(0, 10, 4).asnumpy()
        array([0, 4, 8])
    """
    given = [value.dtype for value in (start, end, step) if isinstance(value, Tensor)]
    dtype: DType | None = None
    for item in given:
        dtype = item if dtype is None else promote(dtype, item)
    return arange(start, end, step, dtype=dtype)


def linspace(start: Any, end: Any, steps: int) -> Tensor:
    """Evenly spaced numbers from `start` to `end`, both included.

    Args:
        start: the first, a number or a 0-d tensor.
        end: the last, a number or a 0-d tensor.
        steps: how many, at least 1.

    Returns:
        A floating-point tensor of shape (steps,).

    Raises:
        TypeError: `steps` is not an int.
        ValueError: `steps` is less than 1.

    Examples:
        >>> from lamella import ops
        >>> ops.linspace(1, 2, 3).asnumpy()
        array([1. , 1.5, 2. ], dtype=float32)
    """
    (count,) = known_sizes("ops.linspace", steps)
    if not count >= 1:
        raise ValueError(explain("ops.linspace", given=f"steps={steps}", expected="at least 1"))
    first, last = (as_tensor(value, None, "ops.linspace") for value in (start, end))
    first, last = unified("ops.linspace", first, last)
    dtype = first.dtype if first.dtype.is_float else float32
    first, last = cast(first, dtype), cast(last, dtype)
    index = prims.iota(size=count, dtype="int64")
    # Counted from the nearer end, so that both ends are exact.
    total = prims.maximum(prims.size_tensor(count - 1), scalar(1, int64))
    step = prims.div(prims.sub(last, first), cast(total, dtype))
    ascending = prims.add(first, prims.mul(cast(index, dtype), step))
    descending = prims.sub(last, prims.mul(cast(prims.sub(prims.size_tensor(count - 1), index), dtype), step))
    near = prims.lt(prims.mul(index, scalar(2, int64)), prims.size_tensor(count))
    result: Tensor = prims.select(near, ascending, descending)
    return result


def eye(n: Any, m: Any = None, dtype: Any = None) -> Tensor:
    """Ones on the diagonal, zeros elsewhere.

    Args:
        n: number of rows.
        m: number of columns; default `n`.
        dtype: type of the elements; default float32.

    Returns:
        A tensor of shape (n, m).

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.eye(2).asnumpy()
        array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    rows, columns = known_sizes("ops.eye", (n, n if m is None else m))
    on_diagonal: Tensor = prims.eq(*_row_and_column(rows, columns))
    return cast(on_diagonal, float32 if dtype is None else as_dtype(dtype, "ops.eye"))


def _row_and_column(rows: DimSize, columns: DimSize) -> tuple[Tensor, Tensor]:
    """Numbers of the rows as a column and of the columns as a row, to be compared with each other."""
    row = prims.reshape(prims.iota(size=rows, dtype="int64"), shape=(rows, 1))
    return row, prims.iota(size=columns, dtype="int64")


def meshgrid(*inputs: Any, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Grids of coordinates.

    Args:
        inputs: tensors with at most one axis.
        indexing: "xy": the first tensor runs along axis 1 and the second along axis 0; "ij": in order.

    Returns:
        One tensor for each input, all of the grid's shape.

    Raises:
        TypeError: there are no inputs.
        ValueError: an input has more than one axis, or `indexing` is something else.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x, y = ops.meshgrid(Tensor([1, 2]), Tensor([3, 4, 5]))
        >>> x.asnumpy()
        array([[1, 2],
               [1, 2],
               [1, 2]])
    """
    given = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], (tuple, list)) else inputs
    if not given:
        raise TypeError(explain("ops.meshgrid", given="no tensor", expected="at least one"))
    if indexing not in ("xy", "ij"):
        raise ValueError(explain("ops.meshgrid", given=f"indexing={indexing!r}", expected="'xy' or 'ij'"))
    tensors = [as_tensor(x, None, "ops.meshgrid") for x in given]
    if any(x.ndim > 1 for x in tensors):
        shapes = [x.shape for x in tensors]
        raise ValueError(explain("ops.meshgrid", given=f"shapes {shapes}", expected="at most one axis each"))
    axes = list(builtins.range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        axes[0], axes[1] = 1, 0
    counts = [x.shape[0] if x.ndim else 1 for x in tensors]
    grid = [counts[axis] for axis in axes]
    return tuple(
        prims.broadcast_to(
            prims.reshape(x, shape=tuple(count if i == axis else 1 for i in builtins.range(len(axes)))),
            shape=tuple(grid),
        )
        for x, axis, count in zip(tensors, axes, counts, strict=True)
    )


def one_hot(indices: Tensor, depth: Any, on_value: Any = 1, off_value: Any = 0, axis: int = -1) -> Tensor:
    """A new axis that has `on_value` at the index and `off_value` elsewhere.

    Args:
        indices: integer tensor; an index outside [0, depth) gives `off_value` everywhere.
        depth: size of the new axis.
        on_value: number or 0-d tensor.
        off_value: number or 0-d tensor.
        axis: where the new axis goes; -1 is last.

    Returns:
        A tensor with one more axis, in the type of the two values.

    Raises:
        TypeError: `indices` are not integers.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.one_hot(Tensor([0, 2]), 3, 1.0, 0.0).asnumpy()
        array([[1., 0., 0.],
               [0., 0., 1.]], dtype=float32)
    """
    x = as_tensor(indices, None, "ops.one_hot")
    if not x.dtype.is_integer:
        raise TypeError(explain("ops.one_hot", given=f"{x.dtype} indices", expected="integers"))
    (count,) = known_sizes("ops.one_hot", depth)
    at = one_axis("ops.one_hot", axis, x.ndim + 1)
    on, off = unified("ops.one_hot", on_value, off_value)
    spread = prims.reshape(cast(x, int64), shape=(*x.shape[:at], 1, *x.shape[at:]))
    places = tuple(count if i == at else 1 for i in builtins.range(x.ndim + 1))
    hit = prims.eq(spread, prims.reshape(prims.iota(size=count, dtype="int64"), shape=places))
    result: Tensor = prims.select(hit, on, off)
    return result
