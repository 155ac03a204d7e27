"""Functions that change how elements are arranged: types, shapes, axes, repeating."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.promote import as_tensor, axis_tuple, known_sizes, one_axis, sizes
from lamella.ops.promote import cast as converted
from lamella.tensor import Tensor


def _view(result: Tensor, of: str) -> Tensor:
    """Mark a result that NumPy would let share memory, so that a change in place, which nobody would see, raises."""
    result._view_of = f"ops.{of}"
    return result


def _an_int(subject: str, name: str, value: Any) -> int:
    if isinstance(value, (bool, Tensor)) or not isinstance(value, (int, np.integer)):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected="an int"))
    return int(value)


# -- type and shape --


def cast(input: Any, dtype: Any) -> Tensor:
    """Convert to another element type.

    Floats become ints by dropping the fraction; anything but 0 becomes True.

    Args:
        input: tensor or number.
        dtype: the type.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `dtype` is no type that tensors can have.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cast(Tensor([1.7, -1.7]), "int32").asnumpy()
        array([ 1, -1], dtype=int32)
    """
    x = as_tensor(input, None, "ops.cast")
    result = converted(x, as_dtype(dtype, "ops.cast"))
    return x.copy() if result is x else result


def identity(x: Any) -> Any:
    """What it is given; for a tensor, one of its own with the same value.

    Args:
        x: anything.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.identity(Tensor([1, 2])).asnumpy()
        array([1, 2])
    """
    return x.copy() if isinstance(x, Tensor) else x


def stop_gradient(value: Any) -> Tensor:
    """The same value, through which no derivative passes.

    Args:
        value: any tensor.

    Examples:
        >>> from lamella import Tensor, grad, ops
        >>> grad(lambda x: x * ops.stop_gradient(x))(Tensor(3.0)).item()
        3.0
    """
    result: Tensor = prims.stop_gradient(as_tensor(value, None, "ops.stop_gradient"))
    return result


def shape(input_x: Tensor) -> tuple[int, ...]:
    """Size of each axis.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.shape(ops.zeros((2, 3)))
        (2, 3)
    """
    return as_tensor(input_x, None, "ops.shape").shape


def size(input_x: Tensor) -> int:
    """Number of elements.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.size(ops.zeros((2, 3)))
        6
    """
    return as_tensor(input_x, None, "ops.size").size


def rank(input_x: Tensor) -> int:
    """Number of axes.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.rank(ops.zeros((2, 3)))
        2
    """
    return as_tensor(input_x, None, "ops.rank").ndim


numel = size


def reshape(input: Any, shape: Any) -> Tensor:
    """The same elements, in the same order, in another shape.

    Args:
        input: any tensor.
        shape: the shape; one size may be -1, which stands for what is left.

    Returns:
        A tensor of that shape.

    Raises:
        TypeError: a size is not an int.
        ValueError: the numbers of elements differ, or -1 stands twice.

    Examples:
        >>> from lamella import ops
        >>> ops.reshape(ops.arange(6), (2, -1)).asnumpy()
        array([[0, 1, 2],
               [3, 4, 5]])
    """
    x = as_tensor(input, None, "ops.reshape")
    wanted = sizes("ops.reshape", shape)
    open_axes = [i for i, n in enumerate(wanted) if isinstance(n, int) and n == -1]
    if open_axes:
        rest = product(tuple(n for i, n in enumerate(wanted) if i not in open_axes))
        if len(open_axes) > 1 or rest == 0:
            raise ValueError(
                explain("ops.reshape", given=f"shape {x.shape} to {wanted}", expected="one -1, beside sizes above 0")
            )
        left = product(x.shape) // rest
        if left * rest != product(x.shape):
            given = f"{product(x.shape)} elements of shape {x.shape}"
            raise ValueError(explain("ops.reshape", given=given, expected=f"a multiple of {rest} for {wanted}"))
        wanted = tuple(left if i in open_axes else n for i, n in enumerate(wanted))
    return _view(prims.reshape(x, shape=wanted), "reshape")


def flatten(input: Any, order: str = "C", *, start_dim: int = 1, end_dim: int = -1) -> Tensor:
    """Merge neighbouring axes into one.

    Args:
        input: any tensor; one without axes gets one.
        order: "C": the last axis runs fastest; "F": the first.
        start_dim: first axis of those to merge.
        end_dim: last axis of those to merge.

    Returns:
        A tensor with the axes from `start_dim` to `end_dim` merged.

    Raises:
        ValueError: an axis is out of range, `start_dim` comes after `end_dim`, or `order` is something else.

    Examples:
        >>> from lamella import ops
        >>> ops.flatten(ops.zeros((2, 3, 4))).shape
        (2, 12)
    """
    x = as_tensor(input, None, "ops.flatten")
    if order not in ("C", "F"):
        raise ValueError(explain("ops.flatten", given=f"order={order!r}", expected="'C' or 'F'"))
    if x.ndim <= 1:
        if x.ndim == 1 and start_dim not in (-1, 0, 1):
            one_axis("ops.flatten", start_dim, x.ndim)
        return _view(prims.reshape(x, shape=(x.size,)), "flatten")
    start, end = (one_axis("ops.flatten", axis, x.ndim) for axis in (start_dim, end_dim))
    if start > end:
        raise ValueError(
            explain("ops.flatten", given=f"start_dim {start_dim}, end_dim {end_dim}", expected="start_dim <= end_dim")
        )
    if order == "F":
        x = prims.transpose(x, permutation=tuple(reversed(builtins.range(x.ndim))))
        start, end = x.ndim - 1 - end, x.ndim - 1 - start
    flat = prims.reshape(x, shape=(*x.shape[:start], product(x.shape[start : end + 1]), *x.shape[end + 1 :]))
    if order == "F":
        flat = prims.transpose(flat, permutation=tuple(reversed(builtins.range(flat.ndim))))
    return _view(flat, "flatten")


def ravel(input: Any) -> Tensor:
    """All axes merged into one.

    Args:
        input: any tensor.

    Returns:
        A tensor of shape (number of elements,).

    Examples:
        >>> from lamella import ops
        >>> ops.ravel(ops.zeros((2, 3))).shape
        (6,)
    """
    x = as_tensor(input, None, "ops.ravel")
    return _view(prims.reshape(x, shape=(product(x.shape),)), "ravel")


def squeeze(input: Any, axis: Any = None) -> Tensor:
    """Drop axes of size 1.

    Args:
        input: any tensor.
        axis: the axes to drop; default: all of size 1. Axes of open size stay.

    Returns:
        A tensor without those axes.

    Raises:
        ValueError: an axis is out of range, or has another size.

    Examples:
        >>> from lamella import ops
        >>> ops.squeeze(ops.zeros((1, 2, 1))).shape
        (2,)
    """
    x = as_tensor(input, None, "ops.squeeze")
    if axis is None:
        axes = tuple(i for i, n in enumerate(x.shape) if n == 1)
    else:
        axes = axis_tuple("ops.squeeze", axis, x.ndim) if axis != () else ()
        for i in axes:
            if x.shape[i] != 1:
                raise ValueError(
                    explain("ops.squeeze", given=f"axis {i} of shape {x.shape}", expected="an axis of size 1")
                )
    kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    return _view(prims.reshape(x, shape=kept), "squeeze")


def expand_dims(input_x: Any, axis: int) -> Tensor:
    """Add an axis of size 1.

    Args:
        input_x: any tensor.
        axis: where it is in the result; negative counts from the result's end.

    Returns:
        A tensor with one more axis.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.expand_dims(ops.zeros((2, 3)), -1).shape
        (2, 3, 1)
    """
    return _expanded("expand_dims", input_x, axis)


def unsqueeze(input: Any, dim: int) -> Tensor:
    """Add an axis of size 1; as `expand_dims`.

    Args:
        input: any tensor.
        dim: where it is in the result; negative counts from the result's end.

    Returns:
        A tensor with one more axis.

    Raises:
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.unsqueeze(ops.zeros((2, 3)), 0).shape
        (1, 2, 3)
    """
    return _expanded("unsqueeze", input, dim)


def _expanded(name: str, input: Any, axis: int) -> Tensor:
    x = as_tensor(input, None, f"ops.{name}")
    at = one_axis(f"ops.{name}", axis, x.ndim + 1)
    return _view(prims.reshape(x, shape=(*x.shape[:at], 1, *x.shape[at:])), name)


# -- order of axes --


def transpose(input: Any, input_perm: Sequence[int]) -> Tensor:
    """The axes in another order.

    Args:
        input: any tensor.
        input_perm: for each axis of the result, the axis of `input` that it is.

    Returns:
        A tensor with the axes in that order.

    Raises:
        ValueError: not each axis stands once.

    Examples:
        >>> from lamella import ops
        >>> ops.transpose(ops.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return _permuted("transpose", input, input_perm)


def permute(input: Any, axis: Sequence[int]) -> Tensor:
    """The axes in another order; as `transpose`.

    Args:
        input: any tensor.
        axis: for each axis of the result, the axis of `input` that it is.

    Returns:
        A tensor with the axes in that order.

    Raises:
        ValueError: not each axis stands once.

    Examples:
        >>> from lamella import ops
        >>> ops.permute(ops.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return _permuted("permute", input, axis)


def _permuted(name: str, input: Any, axes: Any) -> Tensor:
    x = as_tensor(input, None, f"ops.{name}")
    if not isinstance(axes, (tuple, list)):
        raise TypeError(explain(f"ops.{name}", given=f"axes {axes!r}", expected="a tuple of ints"))
    order = axis_tuple(f"ops.{name}", axes, x.ndim) if axes else ()
    if len(order) != x.ndim:
        raise ValueError(explain(f"ops.{name}", given=f"axes {axes} of shape {x.shape}", expected="each axis once"))
    return _view(prims.transpose(x, permutation=order), name)


def swapaxes(input: Any, axis0: int, axis1: int) -> Tensor:
    """Two axes exchanged.

    Args:
        input: any tensor.
        axis0: one axis.
        axis1: the other.

    Returns:
        A tensor with the two exchanged.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.swapaxes(ops.zeros((2, 3, 4)), 0, 2).shape
        (4, 3, 2)
    """
    x = as_tensor(input, None, "ops.swapaxes")
    a, b = (one_axis("ops.swapaxes", axis, x.ndim) for axis in (axis0, axis1))
    order = list(builtins.range(x.ndim))
    order[a], order[b] = b, a
    return _view(prims.transpose(x, permutation=tuple(order)), "swapaxes")


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places; the rest keep their order.

    Args:
        x: any tensor.
        source: an axis or a tuple of axes.
        destination: where each goes in the result.

    Returns:
        A tensor with the axes moved.

    Raises:
        ValueError: an axis is out of range or named twice, or there are not as many destinations as sources.

    Examples:
        >>> from lamella import ops
        >>> ops.moveaxis(ops.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    tensor = as_tensor(x, None, "ops.moveaxis")
    start, end = (axis_tuple("ops.moveaxis", axis, tensor.ndim) if axis != () else () for axis in (source, destination))
    if len(start) != len(end):
        raise ValueError(
            explain("ops.moveaxis", given=f"{source} to {destination}", expected="a destination for each source")
        )
    order = [axis for axis in builtins.range(tensor.ndim) if axis not in start]
    for to, axis in sorted(zip(end, start, strict=True)):
        order.insert(to, axis)
    return _view(prims.transpose(tensor, permutation=tuple(order)), "moveaxis")


movedim = moveaxis
swapdims = swapaxes

# -- repeating --


def broadcast_to(input: Any, shape: Any) -> Tensor:
    """Repeat along axes of size 1, and along new leading axes.

    Args:
        input: any tensor.
        shape: the shape; -1 keeps the size of an axis.

    Returns:
        A tensor of that shape.

    Raises:
        ValueError: an axis that is not 1 has another size.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.broadcast_to(Tensor([1, 2]), (2, -1)).asnumpy()
        array([[1, 2],
               [1, 2]])
    """
    x = as_tensor(input, None, "ops.broadcast_to")
    wanted = list(sizes("ops.broadcast_to", shape))
    lead = len(wanted) - x.ndim
    for i, n in enumerate(wanted):
        if isinstance(n, int) and n == -1:
            if i < lead or lead < 0:
                raise ValueError(
                    explain("ops.broadcast_to", given=f"-1 for a new axis in {shape}", expected="its size")
                )
            wanted[i] = x.shape[i - lead]
    return _view(prims.broadcast_to(x, shape=tuple(wanted)), "broadcast_to")


def tile(input: Any, multiples: Any) -> Tensor:
    """Repeat the whole tensor along its axes.

    Args:
        input: any tensor.
        multiples: how often along each axis; more of them than axes add axes in front.

    Returns:
        A tensor whose sizes are those of `input` times `multiples`.

    Raises:
        ValueError: a multiple is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tile(Tensor([1, 2]), (2, 2)).asnumpy()
        array([[1, 2, 1, 2],
               [1, 2, 1, 2]])
    """
    x = as_tensor(input, None, "ops.tile")
    counts = known_sizes("ops.tile", multiples)
    counts = (1,) * (x.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - x.ndim) + tuple(x.shape)
    apart = tuple(n for size in shape for n in (1, size))
    spread = tuple(n for pair in zip(counts, shape, strict=True) for n in pair)
    repeated = prims.broadcast_to(prims.reshape(x, shape=apart), shape=spread)
    result: Tensor = prims.reshape(repeated, shape=tuple(n * m for n, m in zip(counts, shape, strict=True)))
    return result


def repeat_interleave(input: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeat each element.

    Args:
        input: any tensor.
        repeats: how often: an int, or one for each element along the axis.
        axis: the axis along which to repeat; default: the flattened tensor.

    Returns:
        A tensor that is longer along the axis.

    Raises:
        TypeError: a repeat is not an int.
        ValueError: a repeat is negative, or there are not as many as elements.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.repeat_interleave(Tensor([1, 2]), 2).asnumpy()
        array([1, 1, 2, 2])
    """
    return _repeated("ops.repeat_interleave", input, repeats, axis)


def repeat_elements(x: Any, rep: int, axis: int = 0) -> Tensor:
    """Repeat each element along an axis, as NumPy's `repeat` does.

    Args:
        x: any tensor.
        rep: how often.
        axis: the axis along which to repeat.

    Returns:
        A tensor that is `rep` times as long along the axis.

    Raises:
        TypeError: `rep` is not an int.
        ValueError: `rep` is negative, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.repeat_elements(Tensor([[1, 2]]), 2, 1).asnumpy()
        array([[1, 1, 2, 2]])
    """
    return _repeated("ops.repeat_elements", x, rep, axis)


def _repeated(subject: str, input: Any, repeats: Any, axis: int | None) -> Tensor:
    x = as_tensor(input, None, subject)
    if axis is None:
        x, at = prims.reshape(x, shape=(product(x.shape),)), 0
    else:
        at = one_axis(subject, axis, x.ndim)
    counts = known_sizes(subject, repeats)
    if len(counts) == 1:
        count = counts[0]
        apart = prims.reshape(x, shape=(*x.shape[: at + 1], 1, *x.shape[at + 1 :]))
        spread = prims.broadcast_to(apart, shape=(*x.shape[: at + 1], count, *x.shape[at + 1 :]))
        result: Tensor = prims.reshape(spread, shape=(*x.shape[:at], x.shape[at] * count, *x.shape[at + 1 :]))
        return result
    if len(counts) != x.shape[at]:
        raise ValueError(
            explain(subject, given=f"{len(counts)} repeats for {x.shape[at]} elements", expected="one for each")
        )
    index = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    gathered: Tensor = prims.gather(x, as_tensor(index), axis=at)
    return gathered
