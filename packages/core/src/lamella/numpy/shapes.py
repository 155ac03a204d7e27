"""Shapes changed, and elements in another order or repeated."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from lamella import ops
from lamella.errors import explain
from lamella.numpy.arrays import shape_of, tensor_of
from lamella.ops import prims
from lamella.ops.convert import axis_tuple, one_axis
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "moveaxis",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "rollaxis",
    "rot90",
    "size",
    "squeeze",
    "swapaxes",
    "tile",
    "transpose",
]

# -- shapes --


def reshape(x: Any, new_shape: Any) -> Tensor:
    """The elements in another shape.

    Args:
        x: a tensor, or sequences of numbers.
        new_shape: the shape; one size may be -1 and follows from the others.

    Returns:
        A tensor.

    Raises:
        ValueError: the numbers of elements differ.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.reshape([1, 2, 3, 4], (2, -1)).tolist()
        [[1, 2], [3, 4]]
    """
    return ops.reshape(tensor_of(x, "numpy.reshape"), new_shape)


def ravel(x: Any) -> Tensor:
    """The elements as one axis.

    Args:
        x: a tensor, or sequences of numbers.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: `x` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ravel([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]
    """
    return ops.reshape(tensor_of(x, "numpy.ravel"), (-1,))


def size(a: Any, axis: int | None = None) -> int:
    """How many elements there are, of all or along an axis.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: all.

    Returns:
        An int.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.size([[1, 2, 3]]), mnp.size([[1, 2, 3]], 0)
        (3, 1)
    """
    x = tensor_of(a, "numpy.size")
    count: int = x.size if axis is None else x.shape[one_axis("numpy.size", axis, x.ndim)]
    return count


def expand_dims(a: Any, axis: Any) -> Tensor:
    """A tensor with new axes of size 1.

    Args:
        a: a tensor, or sequences of numbers.
        axis: where the new axes are in the result, an int or a tuple.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.expand_dims([1, 2], (0, 2)).shape
        (1, 2, 1)
    """
    x = tensor_of(a, "numpy.expand_dims")
    many = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    places = axis_tuple("numpy.expand_dims", many, x.ndim + len(many)) if many else ()
    sizes = iter(x.shape)
    shape = tuple(1 if i in places else next(sizes) for i in builtins.range(x.ndim + len(places)))
    result: Tensor = prims.reshape(x, shape=shape)
    return result


def squeeze(a: Any, axis: Any = None) -> Tensor:
    """A tensor without axes of size 1.

    Args:
        a: a tensor, or sequences of numbers.
        axis: which of them, an int or a tuple; default: all.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis has another size or is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.squeeze([[[1], [2]]]).shape
        (2,)
    """
    return ops.squeeze(tensor_of(a, "numpy.squeeze"), axis)


def transpose(a: Any, axes: Any = None) -> Tensor:
    """A tensor with its axes in another order.

    Args:
        a: a tensor, or sequences of numbers.
        axes: the order; default: turned round.

    Returns:
        A tensor.

    Raises:
        ValueError: `axes` are not all of them once.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.transpose([[1, 2, 3]]).shape
        (3, 1)
    """
    x = tensor_of(a, "numpy.transpose")
    return ops.transpose(x, tuple(reversed(builtins.range(x.ndim))) if axes is None else axes)


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """A tensor with two axes exchanged.

    Args:
        x: a tensor, or sequences of numbers.
        axis1: an axis.
        axis2: the other.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.swapaxes([[1, 2, 3]], 0, 1).shape
        (3, 1)
    """
    return ops.swapaxes(tensor_of(x, "numpy.swapaxes"), axis1, axis2)


def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """A tensor with axes at other places; the others keep their order.

    Args:
        a: a tensor, or sequences of numbers.
        source: axes, an int or a tuple.
        destination: where they are in the result.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.moveaxis(mnp.ones((2, 3, 4)), 0, 2).shape
        (3, 4, 2)
    """
    return ops.moveaxis(tensor_of(a, "numpy.moveaxis"), source, destination)


def rollaxis(x: Any, axis: int, start: int = 0) -> Tensor:
    """A tensor with an axis moved in front of another.

    Args:
        x: a tensor, or sequences of numbers.
        axis: the axis.
        start: the axis that it stands in front of then; as many as there are: behind all.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.rollaxis(mnp.ones((2, 3, 4)), 2).shape
        (4, 2, 3)
    """
    tensor = tensor_of(x, "numpy.rollaxis")
    at = one_axis("numpy.rollaxis", axis, tensor.ndim)
    if not -tensor.ndim <= start <= tensor.ndim:
        raise ValueError(
            explain("numpy.rollaxis", given=f"start={start}", expected=f"from -{tensor.ndim} to {tensor.ndim}")
        )
    place = start + tensor.ndim if start < 0 else start
    return ops.moveaxis(tensor, at, place - 1 if at < place else place)


def broadcast_to(array: Any, shape: Any) -> Tensor:
    """A tensor stretched to a shape.

    Args:
        array: a tensor, or sequences of numbers.
        shape: the shape.

    Returns:
        A tensor.

    Raises:
        ValueError: it does not stretch to the shape.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.broadcast_to([1, 2], (2, 2)).tolist()
        [[1, 2], [1, 2]]
    """
    return ops.broadcast_to(tensor_of(array, "numpy.broadcast_to"), shape)


def broadcast_arrays(*args: Any) -> list[Tensor]:
    """Tensors stretched to one shape.

    Args:
        args: tensors, or sequences of numbers.

    Returns:
        A list of tensors.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.shape for x in mnp.broadcast_arrays([[1], [2]], [3, 4])]
        [(2, 2), (2, 2)]
    """
    from lamella.ops.define.rules import broadcast_shapes

    tensors = [tensor_of(x, "numpy.broadcast_arrays") for x in args]
    shape = broadcast_shapes("numpy.broadcast_arrays", [x.shape for x in tensors]) if tensors else ()
    return [prims.broadcast_to(x, shape=shape) for x in tensors]


def atleast_1d(*arys: Any) -> Any:
    """Tensors without axes get one.

    Args:
        arys: tensors, numbers, or sequences of numbers.

    Returns:
        A tensor, or a list of them.

    Raises:
        TypeError: one is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.atleast_1d(3).shape
        (1,)
    """
    return _each(ops.atleast_1d, arys, "numpy.atleast_1d")


def atleast_2d(*arys: Any) -> Any:
    """Tensors of fewer than two axes get axes of size 1 in front.

    Args:
        arys: tensors, numbers, or sequences of numbers.

    Returns:
        A tensor, or a list of them.

    Raises:
        TypeError: one is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.atleast_2d([3, 4]).shape
        (1, 2)
    """
    return _each(ops.atleast_2d, arys, "numpy.atleast_2d")


def atleast_3d(*arys: Any) -> Any:
    """Tensors of fewer than three axes get some.

    Args:
        arys: tensors, numbers, or sequences of numbers.

    Returns:
        A tensor, or a list of them.

    Raises:
        TypeError: one is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.atleast_3d([3, 4]).shape
        (1, 2, 1)
    """
    return _each(ops.atleast_3d, arys, "numpy.atleast_3d")


def _each(change: Callable[[Any], Any], arys: tuple[Any, ...], subject: str) -> Any:
    results = [change(tensor_of(x, subject)) for x in arys]
    return results[0] if len(results) == 1 else results


# -- order and repetition --


def flip(m: Any, axis: Any = None) -> Tensor:
    """A tensor with axes turned round.

    Args:
        m: a tensor, or sequences of numbers.
        axis: which, an int or a tuple; default: all.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.flip([[1, 2], [3, 4]]).tolist()
        [[4, 3], [2, 1]]
    """
    x = tensor_of(m, "numpy.flip")
    axes = axis_tuple("numpy.flip", axis, x.ndim)
    return ops.flip(x, axes) if axes else x


def fliplr(m: Any) -> Tensor:
    """A tensor with axis 1 turned round.

    Args:
        m: a tensor of at least two axes.

    Returns:
        A tensor.

    Raises:
        ValueError: `m` has fewer axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.fliplr([[1, 2]]).tolist()
        [[2, 1]]
    """
    return flip(m, 1)


def flipud(m: Any) -> Tensor:
    """A tensor with axis 0 turned round.

    Args:
        m: a tensor of at least one axis.

    Returns:
        A tensor.

    Raises:
        ValueError: `m` has no axis.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.flipud([1, 2]).tolist()
        [2, 1]
    """
    return flip(m, 0)


def rot90(a: Any, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    """A tensor turned by right angles in the plane of two axes.

    Args:
        a: a tensor of at least two axes.
        k: how many right angles, from the first axis towards the second.
        axes: the two axes.

    Returns:
        A tensor.

    Raises:
        ValueError: `axes` are not two different ones.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.rot90([[0, 1], [2, 3]]).tolist()
        [[1, 3], [0, 2]]
    """
    return ops.rot90(tensor_of(a, "numpy.rot90"), k, axes)


def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """A tensor with its elements moved along axes; what leaves at the end comes in at the front.

    Args:
        a: a tensor, or sequences of numbers.
        shift: by how many places, an int or a tuple.
        axis: the axes; default: the flattened tensor.

    Returns:
        A tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.roll([1, 2, 3], 1).tolist()
        [3, 1, 2]
    """
    return ops.roll(tensor_of(a, "numpy.roll"), shift, axis)


def tile(a: Any, reps: Any) -> Tensor:
    """A tensor several times, along axes.

    Args:
        a: a tensor, or sequences of numbers.
        reps: how often along each axis, an int or a tuple.

    Returns:
        A tensor.

    Raises:
        ValueError: a number is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.tile([1, 2], 2).tolist()
        [1, 2, 1, 2]
    """
    x = tensor_of(a, "numpy.tile")
    many = shape_of(reps, "numpy.tile")
    if len(many) < x.ndim:
        many = (1,) * (x.ndim - len(many)) + many
    return ops.tile(x, many)


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element several times.

    Args:
        a: a tensor, or sequences of numbers.
        repeats: how often, an int or one for each.
        axis: the axis; default: the flattened tensor.

    Returns:
        A tensor.

    Raises:
        ValueError: a number is negative, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.repeat([1, 2], 2).tolist()
        [1, 1, 2, 2]
    """
    subject = "numpy.repeat"
    x = tensor_of(a, subject)
    if not isinstance(repeats, (tuple, list)):
        return ops.repeat_interleave(x, repeats, axis)
    counts = shape_of(repeats, subject)
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    at = one_axis(subject, axis, x.ndim)
    n = int(x.shape[at])
    if len(counts) not in (1, n):
        raise ValueError(explain(subject, given=f"{len(counts)} numbers for {n} elements", expected=f"1 or {n}"))
    places = np.repeat(np.arange(n), counts if len(counts) == n else counts * n)
    result: Tensor = prims.gather(x, constant(places), axis=at)
    return result
