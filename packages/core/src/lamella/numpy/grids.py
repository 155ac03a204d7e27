"""Matrices of ones, places in matrices, and grids of coordinates."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella import ops
from lamella.dtypes import as_dtype, float32, int32
from lamella.errors import explain
from lamella.numpy.arrays import shape_of, tensor_of
from lamella.numpy.series import arange, linspace
from lamella.ops import prims
from lamella.ops.convert import cast
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor

__all__ = [
    "diag_indices",
    "eye",
    "identity",
    "indices",
    "ix_",
    "meshgrid",
    "mgrid",
    "ogrid",
    "tri",
    "tril_indices",
    "tril_indices_from",
    "triu_indices",
    "triu_indices_from",
]

# -- matrices --


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = float32) -> Tensor:  # noqa: N803 - NumPy's names
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: how many rows.
        M: how many columns; default: as many.
        k: which diagonal; 0 is the main one.
        dtype: type of the result.

    Returns:
        A tensor of shape (N, M).

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.eye(2, k=1).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    rows, columns = shape_of((N, N if M is None else M), "numpy.eye")
    return cast(constant(np.eye(rows, columns, k, dtype=np.int32)), as_dtype(dtype, "numpy.eye(dtype=…)"))


def identity(n: int, dtype: Any = float32) -> Tensor:
    """A unit matrix.

    Args:
        n: how many rows and columns.
        dtype: type of the result.

    Returns:
        A tensor of shape (n, n).

    Raises:
        TypeError: `n` is not an int.
        ValueError: `n` is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.identity(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = float32) -> Tensor:  # noqa: N803 - NumPy's names
    """Ones on and below a diagonal, zeros above.

    Args:
        N: how many rows.
        M: how many columns; default: as many.
        k: which diagonal; 0 is the main one.
        dtype: type of the result.

    Returns:
        A tensor of shape (N, M).

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.tri(2).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    rows, columns = shape_of((N, N if M is None else M), "numpy.tri")
    return cast(constant(np.tri(rows, columns, k, dtype=np.int32)), as_dtype(dtype, "numpy.tri(dtype=…)"))


def _places(arrays: Sequence[np.ndarray[Any, Any]]) -> tuple[Tensor, ...]:
    return tuple(constant(a.astype(np.int32)) for a in arrays)


def diag_indices(n: int, ndim: int = 2) -> tuple[Tensor, ...]:
    """Where the elements of a main diagonal stand.

    Args:
        n: how many there are.
        ndim: how many axes the tensor has.

    Returns:
        A tuple of int32 tensors, one for each axis.

    Raises:
        TypeError: an argument is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.diag_indices(2)]
        [[0, 1], [0, 1]]
    """
    (count, axes) = shape_of((n, ndim), "numpy.diag_indices")
    return _places([np.arange(count)] * axes)


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Tensor, ...]:
    """Where the elements of a lower triangle stand.

    Args:
        n: how many rows.
        k: which diagonal it ends at.
        m: how many columns; default: as many.

    Returns:
        Two int32 tensors, rows and columns.

    Raises:
        TypeError: an argument is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.tril_indices(2)]
        [[0, 1, 1], [0, 0, 1]]
    """
    rows, columns = shape_of((n, n if m is None else m), "numpy.tril_indices")
    return _places(np.tril_indices(rows, k, columns))


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Tensor, ...]:
    """Where the elements of an upper triangle stand.

    Args:
        n: how many rows.
        k: which diagonal it begins at.
        m: how many columns; default: as many.

    Returns:
        Two int32 tensors, rows and columns.

    Raises:
        TypeError: an argument is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.triu_indices(2)]
        [[0, 0, 1], [0, 1, 1]]
    """
    rows, columns = shape_of((n, n if m is None else m), "numpy.triu_indices")
    return _places(np.triu_indices(rows, k, columns))


def _matrix_sizes(arr: Any, subject: str) -> tuple[Any, Any]:
    x = tensor_of(arr, subject)
    if x.ndim != 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="two axes"))
    return x.shape[0], x.shape[1]


def tril_indices_from(arr: Any, k: int = 0) -> tuple[Tensor, ...]:
    """Where the elements of a matrix's lower triangle stand.

    Args:
        arr: the matrix.
        k: which diagonal it ends at.

    Returns:
        Two int32 tensors, rows and columns.

    Raises:
        ValueError: `arr` has not two axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.tril_indices_from(mnp.ones((2, 2)))]
        [[0, 1, 1], [0, 0, 1]]
    """
    rows, columns = _matrix_sizes(arr, "numpy.tril_indices_from")
    return tril_indices(rows, k, columns)


def triu_indices_from(arr: Any, k: int = 0) -> tuple[Tensor, ...]:
    """Where the elements of a matrix's upper triangle stand.

    Args:
        arr: the matrix.
        k: which diagonal it begins at.

    Returns:
        Two int32 tensors, rows and columns.

    Raises:
        ValueError: `arr` has not two axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.triu_indices_from(mnp.ones((2, 2)))]
        [[0, 0, 1], [0, 1, 1]]
    """
    rows, columns = _matrix_sizes(arr, "numpy.triu_indices_from")
    return triu_indices(rows, k, columns)


# -- grids --


def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> tuple[Tensor, ...]:
    """The coordinates of a grid, from those along each axis.

    Args:
        xi: the coordinates along each axis; more than one axis is flattened.
        sparse: whether each tensor stretches along its own axis alone.
        indexing: "xy" exchanges the first two axes, "ij" does not.

    Returns:
        A tensor for each of `xi`.

    Raises:
        ValueError: `indexing` is neither.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.meshgrid([1, 2], [3, 4])]
        [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    subject = "numpy.meshgrid"
    if indexing not in ("xy", "ij"):
        raise ValueError(explain(subject, given=f"indexing={indexing!r}", expected="'xy' or 'ij'"))
    lines = [ops.reshape(tensor_of(x, subject), (-1,)) for x in xi]
    order = list(builtins.range(len(lines)))
    if indexing == "xy" and len(lines) > 1:
        order[0], order[1] = 1, 0
    shape = tuple(lines[i].shape[0] for i in order)
    grids = []
    for i, line in enumerate(lines):
        at = order.index(i)
        thin = prims.reshape(line, shape=tuple(line.shape[0] if j == at else 1 for j in builtins.range(len(lines))))
        grids.append(thin if sparse else prims.broadcast_to(thin, shape=shape))
    return tuple(grids)


def indices(dimensions: Any, dtype: Any = int32, sparse: bool = False) -> tuple[Tensor, ...]:
    """The place of each element along each axis.

    Args:
        dimensions: the shape.
        dtype: type of the result.
        sparse: whether each tensor stretches along its own axis alone.

    Returns:
        A tensor for each axis.

    Raises:
        TypeError: a size is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.indices((2, 2))]
        [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    """
    lines = [arange(n, dtype=dtype) for n in shape_of(dimensions, "numpy.indices")]
    return meshgrid(*lines, sparse=sparse, indexing="ij")


def ix_(*args: Any) -> tuple[Tensor, ...]:
    """Tensors that index the product of sequences.

    Args:
        args: sequences of integers, or of bools for where they are true.

    Returns:
        A tensor for each, stretched along its own axis alone.

    Raises:
        ValueError: one has not one axis.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.shape for x in mnp.ix_([0, 1], [2, 3, 4])]
        [(2, 1), (1, 3)]
    """
    lines = []
    for arg in args:
        x = tensor_of(arg, "numpy.ix_")
        if x.ndim != 1:
            raise ValueError(explain("numpy.ix_", given=f"a tensor of shape {x.shape}", expected="one axis"))
        lines.append(ops.reshape(ops.nonzero(x), (-1,)) if x.dtype.kind == "bool" else x)
    return meshgrid(*lines, sparse=True, indexing="ij")


class _Grid:
    """Makes a grid of what it is indexed with: `start:stop:step`, a step of `5j` for five numbers with both ends."""

    def __init__(self, sparse: bool) -> None:
        self._sparse = sparse

    def __getitem__(self, keys: Any) -> Any:
        subject = "numpy.ogrid" if self._sparse else "numpy.mgrid"
        one = not isinstance(keys, tuple)
        lines = []
        for key in (keys,) if one else keys:
            if not isinstance(key, slice):
                raise TypeError(explain(subject, given=f"{key!r}", expected="slices, as start:stop:step"))
            start, step = key.start or 0, 1 if key.step is None else key.step
            if isinstance(step, complex):
                lines.append(linspace(start, key.stop, int(abs(step))))
            else:
                lines.append(arange(start, key.stop, step))
        if one:
            return lines[0]
        lines = [cast(line, float32) for line in lines] if any(x.dtype.is_inexact for x in lines) else lines
        grids = meshgrid(*lines, sparse=self._sparse, indexing="ij")
        return grids if self._sparse else ops.stack(grids)


#: A grid of coordinates, with an axis in front for each axis: `mgrid[0:3, 0:2]`.
mgrid = _Grid(sparse=False)
#: As `mgrid`, a tuple of tensors that each stretch along their own axis alone.
ogrid = _Grid(sparse=True)
