"""Functions that change how elements are arranged: shapes, axes, joining, splitting, repeating, choosing."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import Dim, DimSize, Shape, product
from lamella.dtypes import as_dtype, bool_, promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.promote import as_tensor, axis_tuple, known_sizes, one_axis, sizes, unified
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


def identity(x: Any) -> Tensor:
    """A tensor of its own with the same value.

    Args:
        x: tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.identity(Tensor([1, 2])).asnumpy()
        array([1, 2])
    """
    return as_tensor(x, None, "ops.identity").copy()


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


# -- joining and splitting --


def concat(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along an axis.

    Args:
        tensors: at least one; equal sizes on the other axes. Types follow MindSpore's implicit conversion table.
        axis: the axis.

    Returns:
        A tensor as long along the axis as all together.

    Raises:
        TypeError: `tensors` is no sequence of tensors.
        ValueError: there are none, the shapes do not fit, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.concat((Tensor([1, 2]), Tensor([3]))).asnumpy()
        array([1, 2, 3])
    """
    parts = _sequence("ops.concat", tensors)
    result: Tensor = prims.concat(*parts, axis=one_axis("ops.concat", axis, parts[0].ndim))
    return result


cat = concat


def _sequence(subject: str, tensors: Any) -> list[Tensor]:
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(explain(subject, given=f"a {type(tensors).__name__}", expected="a tuple or list of tensors"))
    if not tensors:
        raise ValueError(explain(subject, given="no tensor", expected="at least one"))
    return unified(subject, *tensors)


def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along a new axis.

    Args:
        tensors: at least one, of equal shapes.
        axis: where the new axis is in the result.

    Returns:
        A tensor with one more axis.

    Raises:
        TypeError: `tensors` is no sequence of tensors.
        ValueError: there are none, the shapes differ, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.stack((Tensor([1, 2]), Tensor([3, 4])), axis=1).asnumpy()
        array([[1, 3],
               [2, 4]])
    """
    parts = _sequence("ops.stack", tensors)
    shape = parts[0].shape
    if any(x.shape != shape for x in parts):
        raise ValueError(explain("ops.stack", given=f"shapes {[x.shape for x in parts]}", expected="equal shapes"))
    at = one_axis("ops.stack", axis, len(shape) + 1)
    result: Tensor = prims.concat(*(prims.reshape(x, shape=(*shape[:at], 1, *shape[at:])) for x in parts), axis=at)
    return result


def vstack(inputs: Sequence[Any]) -> Tensor:
    """Join tensors along axis 0; one with a single axis is a row.

    Args:
        inputs: at least one tensor.

    Returns:
        A tensor of at least two axes.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.vstack((Tensor([1, 2]), Tensor([3, 4]))).asnumpy()
        array([[1, 2],
               [3, 4]])
    """
    parts = [
        x if x.ndim > 1 else prims.reshape(x, shape=(1, product(x.shape))) for x in _sequence("ops.vstack", inputs)
    ]
    result: Tensor = prims.concat(*parts, axis=0)
    return result


def hstack(tensors: Sequence[Any]) -> Tensor:
    """Join tensors along axis 1; along axis 0 if they have no other.

    Args:
        tensors: at least one tensor.

    Returns:
        A tensor of at least one axis.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hstack((Tensor([1, 2]), Tensor([3]))).asnumpy()
        array([1, 2, 3])
    """
    parts = [x if x.ndim else prims.reshape(x, shape=(1,)) for x in _sequence("ops.hstack", tensors)]
    result: Tensor = prims.concat(*parts, axis=min(1, parts[0].ndim - 1))
    return result


def split(tensor: Any, split_size_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor into parts along an axis.

    Args:
        tensor: any tensor.
        split_size_or_sections: the size of each part (the last may be smaller), or a list of the sizes.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is not positive, or the sizes do not add up.

    Examples:
        >>> from lamella import ops
        >>> [part.tolist() for part in ops.split(ops.arange(5), 2)]
        [[0, 1], [2, 3], [4]]
    """
    x = as_tensor(tensor, None, "ops.split")
    at = one_axis("ops.split", axis, x.ndim)
    if isinstance(split_size_or_sections, (tuple, list)):
        counts = known_sizes("ops.split", split_size_or_sections)
        if sum(counts) != x.shape[at]:
            raise ValueError(
                explain("ops.split", given=f"sizes {counts}", expected=f"sizes that add up to {x.shape[at]}")
            )
        return _parts("split", x, counts, at)
    return _parts("split", x, _equal_parts("ops.split", x, split_size_or_sections, at), at)


def _equal_parts(subject: str, x: Tensor, each: Any, axis: int) -> Shape:
    """Sizes of parts of `each`, the last one smaller if it must."""
    count = each if isinstance(each, Dim) else _an_int(subject, "size", each)
    total = x.shape[axis]
    if not count >= 1:
        raise ValueError(explain(subject, given=f"parts of size {each}", expected="at least 1"))
    number = total // count
    if not isinstance(number, int):
        raise ValueError(
            explain(
                subject,
                given=f"parts of {each} of an axis of open size {total}",
                expected="a known number of parts",
                remedy="Give a list of sizes.",
            )
        )
    rest = total - number * count
    return (count,) * number + ((rest,) if rest != 0 or number == 0 else ())


def _parts(name: str, x: Tensor, counts: Shape, axis: int) -> tuple[Tensor, ...]:
    start: DimSize = 0
    result: list[Tensor] = []
    for count in counts:
        result.append(_view(prims.narrow(x, axis, start, start + count), name))
        start = start + count
    return tuple(result)


def chunk(input: Any, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor into at most that many parts along an axis, all of one size but for the last.

    Args:
        input: any tensor.
        chunks: how many parts, at least 1; fewer come out if they would be empty.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        TypeError: `chunks` is not an int.
        ValueError: `chunks` is not positive, or `axis` is out of range.

    Examples:
        >>> from lamella import ops
        >>> [part.tolist() for part in ops.chunk(ops.arange(5), 3)]
        [[0, 1], [2, 3], [4]]
    """
    x = as_tensor(input, None, "ops.chunk")
    at = one_axis("ops.chunk", axis, x.ndim)
    number = _an_int("ops.chunk", "chunks", chunks)
    if number < 1:
        raise ValueError(explain("ops.chunk", given=f"chunks={chunks}", expected="at least 1"))
    total: DimSize = x.shape[at]
    if isinstance(total, Dim):
        each: DimSize = total // number
        if each * number != total:
            raise ValueError(
                explain(
                    "ops.chunk", given=f"{number} parts of open size {total}", expected="a size that divides evenly"
                )
            )
        return _parts("chunk", x, (each,) * number, at)
    each = max(1, -(-total // number))
    return _parts("chunk", x, _equal_parts("ops.chunk", x, each, at), at)


def unstack(input_x: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis.

    Args:
        input_x: any tensor.
        axis: the axis; its size is known.

    Returns:
        As many tensors as the axis is long.

    Raises:
        ValueError: `axis` is out of range, or of open size.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.tolist() for x in ops.unstack(Tensor([[1, 2], [3, 4]]))]
        [[1, 2], [3, 4]]
    """
    return _unstacked("unstack", input_x, axis)


def unbind(input: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis; as `unstack`.

    Args:
        input: any tensor.
        dim: the axis; its size is known.

    Returns:
        As many tensors as the axis is long.

    Raises:
        ValueError: `dim` is out of range, or of open size.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.tolist() for x in ops.unbind(Tensor([[1, 2], [3, 4]]), 1)]
        [[1, 3], [2, 4]]
    """
    return _unstacked("unbind", input, dim)


def _unstacked(name: str, input: Any, axis: int) -> tuple[Tensor, ...]:
    x = as_tensor(input, None, f"ops.{name}")
    at = one_axis(f"ops.{name}", axis, x.ndim)
    count: DimSize = x.shape[at]
    rest = (*x.shape[:at], *x.shape[at + 1 :])
    if isinstance(count, Dim):
        raise ValueError(explain(f"ops.{name}", given=f"an axis of open size {count}", expected="a known size"))
    return tuple(_view(prims.reshape(prims.narrow(x, at, i, i + 1), shape=rest), name) for i in builtins.range(count))


# -- moving elements --


def flip(input: Any, dims: Any) -> Tensor:
    """The elements in reverse order along axes.

    Args:
        input: any tensor.
        dims: an axis or a tuple of axes.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.flip(Tensor([1, 2, 3]), 0).asnumpy()
        array([3, 2, 1])
    """
    x = as_tensor(input, None, "ops.flip")
    axes = axis_tuple("ops.flip", dims, x.ndim) if dims != () else ()
    return _view(prims.flip(x, axes=axes), "flip")


def roll(input: Any, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved along axes; what falls off one end comes in at the other.

    Args:
        input: any tensor.
        shifts: how far; an int, or one for each of `dims`.
        dims: an axis or a tuple of axes; default: the flattened tensor.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: a shift is not an int.
        ValueError: an axis is out of range, or there are not as many shifts as axes.

    Examples:
        >>> from lamella import ops
        >>> ops.roll(ops.arange(5), 2).asnumpy()
        array([3, 4, 0, 1, 2])
    """
    x = as_tensor(input, None, "ops.roll")
    moves = [_an_int("ops.roll", "shifts", s) for s in (shifts if isinstance(shifts, (tuple, list)) else (shifts,))]
    if dims is None:
        if len(moves) != 1:
            raise ValueError(explain("ops.roll", given=f"shifts {shifts} and no dims", expected="one shift"))
        flat = _rolled(prims.reshape(x, shape=(product(x.shape),)), moves[0], 0)
        result: Tensor = prims.reshape(flat, shape=x.shape)
        return result
    axes = [one_axis("ops.roll", axis, x.ndim) for axis in (dims if isinstance(dims, (tuple, list)) else (dims,))]
    if len(moves) != len(axes):
        raise ValueError(explain("ops.roll", given=f"shifts {shifts}, dims {dims}", expected="a shift for each axis"))
    for shift, axis in zip(moves, axes, strict=True):
        x = _rolled(x, shift, axis)
    return x if axes else x.copy()


def _rolled(x: Tensor, shift: int, axis: int) -> Tensor:
    size = x.shape[axis]
    if size == 0:
        return x.copy()
    cut: DimSize = (size - shift) % size if isinstance(size, int) else (-shift if shift < 0 else size - shift)
    before, after = prims.narrow(x, axis, 0, cut), prims.narrow(x, axis, cut, size)
    result: Tensor = prims.concat(after, before, axis=axis)
    return result


def pad(input_x: Any, padding: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """Add elements at the ends of axes.

    Args:
        input_x: any tensor.
        padding: (before, after) of the last axis, then of the one before it, and so on; negative crops in "constant".
        mode: "constant": with `value`; "reflect": mirrored without repeating the edge; "replicate": the edge;
            "circular": from the other end.
        value: number for "constant"; default 0.

    Returns:
        A tensor with larger axes.

    Raises:
        TypeError: `padding` is not ints.
        ValueError: `padding` is no list of pairs or has too many, `mode` is something else, or more is asked for
            than there is to mirror.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.pad(Tensor([1, 2, 3]), (1, 2)).asnumpy()
        array([0, 1, 2, 3, 0, 0])
        >>> ops.pad(Tensor([1, 2, 3]), (2, 1), mode="reflect").asnumpy()
        array([3, 2, 1, 2, 3, 2])
    """
    x = as_tensor(input_x, None, "ops.pad")
    given = padding.tolist() if isinstance(padding, Tensor) else padding
    if not isinstance(given, (tuple, list)):
        raise TypeError(explain("ops.pad", given=f"padding={padding!r}", expected="a tuple of ints"))
    amounts = [n if isinstance(n, Dim) else _an_int("ops.pad", "padding", n) for n in given]
    if len(amounts) % 2 or len(amounts) > 2 * x.ndim:
        raise ValueError(
            explain(
                "ops.pad", given=f"padding={padding!r} of shape {x.shape}", expected="a pair for each of the last axes"
            )
        )
    pairs = {x.ndim - 1 - i: (amounts[2 * i], amounts[2 * i + 1]) for i in builtins.range(len(amounts) // 2)}
    if mode == "constant":
        low = tuple(pairs.get(axis, (0, 0))[0] for axis in builtins.range(x.ndim))
        high = tuple(pairs.get(axis, (0, 0))[1] for axis in builtins.range(x.ndim))
        fill = as_tensor(0 if value is None else value, x.dtype, "ops.pad")
        kind = promote(x.dtype, fill.dtype)
        result: Tensor = prims.pad(
            converted(x, kind), converted(fill, kind), low=low, high=high, interior=(0,) * x.ndim
        )
        return result
    if mode not in _MODES:
        expected = "'constant', 'reflect', 'replicate' or 'circular'"
        raise ValueError(explain("ops.pad", given=f"mode={mode!r}", expected=expected))
    if value is not None:
        raise ValueError(explain("ops.pad", given=f"value={value!r} with mode={mode!r}", expected="no value"))
    for axis, (before, after) in pairs.items():
        if before != 0 or after != 0:
            x = _MODES[mode](x, axis, before, after)
    return x if x is not input_x else x.copy()


def _check_pad(x: Tensor, axis: int, before: DimSize, after: DimSize, most: DimSize) -> None:
    if not (before >= 0 and after >= 0 and before <= most and after <= most):
        raise ValueError(
            explain("ops.pad", given=f"padding {(before, after)} of size {x.shape[axis]}", expected=f"0 to {most}")
        )


def _pad_reflect(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    _check_pad(x, axis, before, after, size - 1)
    left = prims.flip(prims.narrow(x, axis, 1, 1 + before), axes=(axis,))
    right = prims.flip(prims.narrow(x, axis, size - 1 - after, size - 1), axes=(axis,))
    result: Tensor = prims.concat(left, x, right, axis=axis)
    return result


def _pad_replicate(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    if size == 0 or not (before >= 0 and after >= 0):
        raise ValueError(
            explain("ops.pad", given=f"padding {(before, after)} of size {size}", expected="0 or more, of an edge")
        )

    def edge(at: DimSize, count: DimSize) -> Tensor:
        shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
        result: Tensor = prims.broadcast_to(prims.narrow(x, axis, at, at + 1), shape=shape)
        return result

    result: Tensor = prims.concat(edge(0, before), x, edge(size - 1, after), axis=axis)
    return result


def _pad_circular(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    _check_pad(x, axis, before, after, size)
    left, right = prims.narrow(x, axis, size - before, size), prims.narrow(x, axis, 0, after)
    result: Tensor = prims.concat(left, x, right, axis=axis)
    return result


_MODES = {"reflect": _pad_reflect, "replicate": _pad_replicate, "circular": _pad_circular}

# -- choosing --


def where(condition: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere.

    Args:
        condition: bool tensor; of numbers, what is not 0 counts as true.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([-1.0, 2.0])
        >>> ops.where(x > 0, x, 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    return _chosen("ops.where", condition, x, y)


def select(cond: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere; as `where`.

    Args:
        cond: bool tensor.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.select(Tensor([True, False]), Tensor([1, 2]), Tensor([3, 4])).asnumpy()
        array([1, 4])
    """
    return _chosen("ops.select", cond, x, y)


def _chosen(subject: str, condition: Any, x: Any, y: Any) -> Tensor:
    chosen = converted(as_tensor(condition, None, subject), bool_)
    first, second = unified(subject, x, y)
    result: Tensor = prims.select(chosen, first, second)
    return result


def masked_fill(input_x: Any, mask: Any, value: Any) -> Tensor:
    """One number where a mask is true, the tensor's elements elsewhere.

    Args:
        input_x: any tensor.
        mask: bool tensor; broadcasts with `input_x`.
        value: number or 0-d tensor, converted to the type of `input_x`.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: `mask` is not bool, or `value` is a float and `input_x` has none.
        ValueError: the shapes do not broadcast, or `value` is not one number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.masked_fill(Tensor([1.0, 2.0]), Tensor([True, False]), 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    x = as_tensor(input_x, None, "ops.masked_fill")
    chosen = as_tensor(mask, None, "ops.masked_fill")
    if chosen.dtype is not bool_:
        raise TypeError(explain("ops.masked_fill", given=f"a {chosen.dtype} mask", expected="a bool tensor"))
    number = as_tensor(value, x.dtype, "ops.masked_fill")
    if number.ndim:
        raise ValueError(explain("ops.masked_fill", given=f"a value of shape {number.shape}", expected="one number"))
    if number.dtype.is_float and not x.dtype.is_float:
        raise TypeError(explain("ops.masked_fill", given=f"a float for a {x.dtype} tensor", expected="an integer"))
    result: Tensor = prims.select(chosen, converted(number, x.dtype), x)
    return result


# -- slices --


def slice(input_x: Any, begin: Any, size: Any) -> Tensor:
    """A box of elements.

    Args:
        input_x: any tensor.
        begin: for each axis, where it begins.
        size: for each axis, how long it is; -1 is to the end.

    Returns:
        A tensor of shape `size`.

    Raises:
        ValueError: the box does not lie in the tensor, or an axis has no begin or size.

    Examples:
        >>> from lamella import ops
        >>> ops.slice(ops.reshape(ops.arange(6), (2, 3)), (0, 1), (2, -1)).asnumpy()
        array([[1, 2],
               [4, 5]])
    """
    x = as_tensor(input_x, None, "ops.slice")
    starts, counts = known_sizes("ops.slice", begin), sizes("ops.slice", size)
    if not len(starts) == len(counts) == x.ndim:
        raise ValueError(
            explain(
                "ops.slice", given=f"begin {begin}, size {size} of shape {x.shape}", expected="one of each per axis"
            )
        )
    stops = tuple(
        n if isinstance(count, int) and count == -1 else start + count
        for start, count, n in zip(starts, counts, x.shape, strict=True)
    )
    return _view(prims.slice_(x, starts=starts, stops=stops, strides=(1,) * x.ndim), "slice")


def strided_slice(
    input_x: Any,
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Tensor:
    """`x[begin:end:strides]`, an index for each axis; masks say by their bits what an item means instead.

    Args:
        input_x: any tensor.
        begin: for each axis, the first index.
        end: for each axis, the index before which to stop.
        strides: for each axis, the step.
        begin_mask: bits of the items whose `begin` is left out.
        end_mask: bits of the items whose `end` is left out.
        ellipsis_mask: the bit of the item that stands for all axes not named.
        new_axis_mask: bits of the items that add an axis of size 1.
        shrink_axis_mask: bits of the items that are the index `begin`, which drops the axis.

    Returns:
        The slice.

    Raises:
        IndexError: there are more items than axes.
        ValueError: a stride is 0, or there are not as many of each.

    Examples:
        >>> from lamella import ops
        >>> ops.strided_slice(ops.arange(6), (1,), (6,), (2,)).asnumpy()
        array([1, 3, 5])
    """
    x = as_tensor(input_x, None, "ops.strided_slice")
    if not len(begin) == len(end) == len(strides):
        raise ValueError(
            explain(
                "ops.strided_slice", given=f"begin {begin}, end {end}, strides {strides}", expected="as many of each"
            )
        )
    index: list[Any] = []
    for i, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            index.append(Ellipsis)
        elif new_axis_mask & bit:
            index.append(None)
        elif shrink_axis_mask & bit:
            index.append(start)
        else:
            low, high = (None if begin_mask & bit else start), (None if end_mask & bit else stop)
            index.append(builtins.slice(low, high, step))
    return x[tuple(index)]


def narrow(input: Any, axis: int, start: int, length: int) -> Tensor:
    """A part of one axis.

    Args:
        input: any tensor.
        axis: the axis.
        start: where the part begins.
        length: how long it is.

    Returns:
        A tensor of size `length` along the axis.

    Raises:
        ValueError: the part does not lie in the axis.

    Examples:
        >>> from lamella import ops
        >>> ops.narrow(ops.arange(6), 0, 2, 3).asnumpy()
        array([2, 3, 4])
    """
    x = as_tensor(input, None, "ops.narrow")
    at = one_axis("ops.narrow", axis, x.ndim)
    first, count = known_sizes("ops.narrow", (start, length))
    return _view(prims.narrow(x, at, first, first + count), "narrow")
