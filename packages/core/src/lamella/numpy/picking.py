"""Elements picked by places and conditions, and functions of lines."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from lamella import ops
from lamella.dims import product
from lamella.errors import explain
from lamella.numpy.arrays import operand, tensor_of
from lamella.numpy.shapes import expand_dims
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, one_axis, unified
from lamella.ops.define.constants import scalar
from lamella.tensor import Tensor

__all__ = [
    "apply_along_axis",
    "apply_over_axes",
    "diag",
    "diagflat",
    "diagonal",
    "piecewise",
    "select",
    "take",
    "take_along_axis",
    "tril",
    "triu",
    "vander",
    "where",
]

# -- picking --


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """One of two numbers for each element, by a condition.

    Args:
        condition: bools, or numbers that count as true where they are not 0.
        x: what stands where it is true.
        y: what stands where it is false; with neither `x` nor `y`, where the condition is true is returned.

    Returns:
        A tensor of the broadcast shape, or a tuple of int64 indices, one for each axis.

    Raises:
        ValueError: one of `x` and `y` is missing.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.where([True, False], 1, 2).tolist()
        [1, 2]
    """
    subject = "numpy.where"
    chosen = tensor_of(condition, subject)
    if x is None and y is None:
        return tuple(ops.unbind(ops.nonzero(chosen), 1))
    if x is None or y is None:
        raise ValueError(explain(subject, given="one of x and y", expected="both or neither"))
    first, second = operand(x, subject), operand(y, subject)
    if not isinstance(first, Tensor) and not isinstance(second, Tensor):
        first, second = tensor_of(first, subject), tensor_of(second, subject)
    return ops.where(cast(chosen, ops.ones((), "bool").dtype), first, second)


def take(a: Any, indices: Any, axis: int | None = None, mode: str = "clip") -> Tensor:
    """Elements at indices along an axis.

    Args:
        a: a tensor, or sequences of numbers.
        indices: integers.
        axis: the axis; default: the flattened tensor.
        mode: for indices out of range: "clip" takes the nearest, "wrap" counts on from the other end, "raise" refuses.

    Returns:
        A tensor.

    Raises:
        IndexError: an index is out of range, with "raise".
        ValueError: another mode, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.take([1, 2, 3], [0, 9]).tolist()
        [1, 3]
    """
    subject = "numpy.take"
    x, at = tensor_of(a, subject), tensor_of(indices, subject)
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    axis = one_axis(subject, axis, x.ndim)
    result: Tensor = prims.gather(x, _inside(subject, at, x.shape[axis], mode), axis=axis)
    return result


def _inside(subject: str, at: Tensor, n: Any, mode: str) -> Tensor:
    """Indices brought into [0, n) as a mode says."""
    if not at.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{at.dtype} indices", expected="integers"))
    at = cast(at, ops.arange(0).dtype)
    if mode == "clip":
        low = prims.maximum(at, scalar(0, at.dtype))
        return prims.minimum(low, prims.sub(prims.size_tensor(n), scalar(1, at.dtype)))
    if mode == "wrap":
        return prims.floor_mod(at, prims.size_tensor(n))
    if mode != "raise":
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected="'clip', 'wrap' or 'raise'"))
    return prims.flat_index(at, sizes=(n,))


def take_along_axis(arr: Any, indices: Any, axis: int | None) -> Tensor:
    """Elements at indices that differ along an axis.

    Args:
        arr: a tensor, or sequences of numbers.
        indices: integers; other axes broadcast against those of `arr`.
        axis: the axis; None: the flattened tensor.

    Returns:
        A tensor.

    Raises:
        IndexError: an index is out of range.
        ValueError: shapes do not fit, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.take_along_axis([[1, 2], [3, 4]], [[1], [0]], 1).tolist()
        [[2], [3]]
    """
    subject = "numpy.take_along_axis"
    x, at = tensor_of(arr, subject), tensor_of(indices, subject)
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    axis = one_axis(subject, axis, x.ndim)
    if at.ndim != x.ndim:
        raise ValueError(explain(subject, given=f"shapes {x.shape}, {at.shape}", expected="as many axes"))
    shape = tuple(
        n if i == axis else m if n == 1 else n for i, (n, m) in enumerate(zip(at.shape, x.shape, strict=True))
    )
    at = prims.broadcast_to(at, shape=shape)
    x = prims.broadcast_to(
        x, shape=tuple(m if i == axis else n for i, (n, m) in enumerate(zip(shape, x.shape, strict=True)))
    )
    at = prims.flat_index(at, sizes=(x.shape[axis],))
    return prims.take_along_axis(x, at, axis)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Tensor:
    """For each element the first of several numbers whose condition is true.

    Args:
        condlist: conditions, bools.
        choicelist: a tensor or number for each.
        default: what stands where none is true.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: there is none, or the lists differ in length.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.select([[True, False], [True, True]], [1, 2], 0).tolist()
        [1, 2]
    """
    subject = "numpy.select"
    conditions, choices = list(condlist), list(choicelist)
    if not conditions or len(conditions) != len(choices):
        raise ValueError(
            explain(
                subject, given=f"{len(conditions)} conditions, {len(choices)} choices", expected="as many, not none"
            )
        )
    *numbers, result = unified(subject, *(tensor_of(x, subject) for x in choices), operand(default, subject))
    for condition, choice in zip(reversed(conditions), reversed(numbers), strict=True):
        result = ops.where(tensor_of(condition, subject), choice, result)
    return result


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Tensor:
    """For each element the function whose condition is true, the last of several.

    Args:
        x: a tensor, or sequences of numbers.
        condlist: conditions, bools.
        funclist: a function of tensors or a number for each; one more for where none is true, else that is 0.
        args: what else the functions get.
        kw: what else the functions get, by name.

    Returns:
        A tensor in the shape and type of `x`.

    Raises:
        ValueError: the lists do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> x = mnp.array([-1.0, 2.0])
        >>> mnp.piecewise(x, [x < 0], [lambda t: -t, 7.0]).tolist()
        [1.0, 7.0]
    """
    subject = "numpy.piecewise"
    tensor = tensor_of(x, subject)
    conditions = [condlist] if isinstance(condlist, Tensor) else list(condlist)
    conditions = [tensor_of(c, subject) for c in conditions]
    functions = list(funclist)
    if len(functions) == len(conditions) + 1:
        rest = functions.pop()
    elif len(functions) == len(conditions):
        rest = 0
    else:
        raise ValueError(
            explain(
                subject,
                given=f"{len(conditions)} and {len(functions)} of them",
                expected="as many, or one more",
            )
        )

    def value(function: Any) -> Tensor:
        result = function(tensor, *args, **kw) if callable(function) else function
        return cast(as_tensor(result, tensor.dtype, subject), tensor.dtype)

    result: Tensor = prims.broadcast_to(value(rest), shape=tensor.shape)
    for condition, function in zip(conditions, functions, strict=True):
        result = ops.where(condition, value(function), result)
    return result


def diag(v: Any, k: int = 0) -> Tensor:
    """A matrix with numbers on a diagonal, or the diagonal of a matrix.

    Args:
        v: a tensor of one axis or two.
        k: which diagonal; 0 is the main one.

    Returns:
        A tensor of two axes or one.

    Raises:
        ValueError: `v` has another number of axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.diag([1, 2]).tolist(), mnp.diag([[1, 2], [3, 4]]).tolist()
        ([[1, 0], [0, 2]], [1, 4])
    """
    x = tensor_of(v, "numpy.diag")
    if x.ndim == 1:
        return ops.diagflat(x, k)
    if x.ndim != 2:
        raise ValueError(explain("numpy.diag", given=f"a tensor of shape {x.shape}", expected="one axis or two"))
    return ops.diagonal(x, k)


def diagflat(v: Any, k: int = 0) -> Tensor:
    """A matrix with the elements of a tensor on a diagonal.

    Args:
        v: a tensor, or sequences of numbers.
        k: which diagonal; 0 is the main one.

    Returns:
        A tensor of two axes.

    Raises:
        TypeError: `k` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.diagflat([[1], [2]]).tolist()
        [[1, 0], [0, 2]]
    """
    return ops.diagflat(tensor_of(v, "numpy.diagflat"), k)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonal over two axes.

    Args:
        a: a tensor of at least two axes.
        offset: which diagonal; 0 is the main one.
        axis1: the axis of the rows.
        axis2: the axis of the columns.

    Returns:
        A tensor without the two axes, and with the diagonal as the last.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.diagonal([[1, 2], [3, 4]]).tolist()
        [1, 4]
    """
    return ops.diagonal(tensor_of(a, "numpy.diagonal"), offset, axis1, axis2)


def tril(m: Any, k: int = 0) -> Tensor:
    """The lower triangle of matrices, zeros above.

    Args:
        m: a tensor of at least two axes.
        k: which diagonal it ends at.

    Returns:
        A tensor.

    Raises:
        ValueError: `m` has fewer axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.tril([[1, 2], [3, 4]]).tolist()
        [[1, 0], [3, 4]]
    """
    return ops.tril(tensor_of(m, "numpy.tril"), k)


def triu(m: Any, k: int = 0) -> Tensor:
    """The upper triangle of matrices, zeros below.

    Args:
        m: a tensor of at least two axes.
        k: which diagonal it begins at.

    Returns:
        A tensor.

    Raises:
        ValueError: `m` has fewer axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.triu([[1, 2], [3, 4]]).tolist()
        [[1, 2], [0, 4]]
    """
    return ops.triu(tensor_of(m, "numpy.triu"), k)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803 - NumPy's name
    """Vandermonde's matrix: powers of each number.

    Args:
        x: a tensor of one axis.
        N: how many powers; default: as many as numbers.
        increasing: whether the lowest comes first.

    Returns:
        A tensor of shape (numbers, N).

    Raises:
        ValueError: `x` has not one axis.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.vander([1, 2, 3], 2, True).tolist()
        [[1, 1], [1, 2], [1, 3]]
    """
    result = ops.vander(tensor_of(x, "numpy.vander"), N)
    return ops.flip(result, (1,)) if increasing else result


# -- functions along axes --


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Tensor:
    """A function of each line along an axis.

    Args:
        func1d: takes a tensor of one axis, and gives a tensor.
        axis: the axis.
        arr: a tensor, or sequences of numbers.
        args: what else the function gets.
        kwargs: what else the function gets, by name.

    Returns:
        A tensor with the axes of the function's result in place of the axis.

    Raises:
        ValueError: `axis` is out of range, or there is no line.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.apply_along_axis(lambda line: line.sum(), 1, [[1, 2], [3, 4]]).tolist()
        [3, 7]
    """
    subject = "numpy.apply_along_axis"
    x = tensor_of(arr, subject)
    at = one_axis(subject, axis, x.ndim)
    order = (*(i for i in builtins.range(x.ndim) if i != at), at)
    moved = prims.transpose(x, permutation=order)
    lead = moved.shape[:-1]
    count = int(product(lead))
    if count == 0:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least one line"))
    lines = prims.reshape(moved, shape=(count, x.shape[at]))
    results = [tensor_of(func1d(line, *args, **kwargs), subject) for line in ops.unbind(lines)]
    stacked = ops.stack(results)
    shaped = prims.reshape(stacked, shape=(*lead, *stacked.shape[1:]))
    inner = tuple(builtins.range(len(lead), shaped.ndim))
    outer = tuple(builtins.range(len(lead)))
    result: Tensor = prims.transpose(shaped, permutation=(*outer[:at], *inner, *outer[at:]))
    return result


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Tensor:
    """A function along one axis after another.

    Args:
        func: takes a tensor and an axis, and gives a tensor with or without the axis.
        a: a tensor, or sequences of numbers.
        axes: the axes, an int or a tuple.

    Returns:
        A tensor of as many axes.

    Raises:
        ValueError: an axis is out of range, or the function drops another number of axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.apply_over_axes(mnp.sum, [[1, 2], [3, 4]], (0, 1)).tolist()
        [[10]]
    """
    subject = "numpy.apply_over_axes"
    x = tensor_of(a, subject)
    for axis in axis_tuple(subject, axes, x.ndim):
        result = tensor_of(func(x, axis), subject)
        if result.ndim == x.ndim - 1:
            result = expand_dims(result, axis)
        if result.ndim != x.ndim:
            raise ValueError(
                explain(subject, given=f"a result of shape {result.shape}", expected="the axis kept or gone")
            )
        x = result
    return x
