"""Matrices by their diagonals, bands and blocks."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.dims import Dim, Shape, product
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis, unified
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.create import _row_and_column
from lamella.ops.functions.linalg import diagonal
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = [
    "block_diag",
    "diag_embed",
    "diagflat",
    "diagonal_scatter",
    "matrix_band_part",
    "matrix_diag",
    "matrix_diag_part",
    "matrix_set_diag",
]

# -- one diagonal --


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the last axis of a tensor on a diagonal, zeros elsewhere.

    Args:
        input: tensor with at least one axis.
        offset: how far above the main diagonal; negative is below.
        dim1: where the axis of rows is in the result.
        dim2: where the axis of columns is.

    Returns:
        A tensor with one more axis.

    Raises:
        TypeError: an argument is not an int.
        ValueError: an axis is out of range, or the two are one.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diag_embed(Tensor([1, 2])).asnumpy()
        array([[1, 0],
               [0, 2]])
    """
    subject = "ops.diag_embed"
    x = as_tensor(input, None, subject)
    if not x.ndim:
        raise ValueError(explain(subject, given="a 0-d tensor", expected="at least one axis"))
    off = _an_int(subject, "offset", offset)
    first, second = (one_axis(subject, axis, x.ndim + 1) for axis in (dim1, dim2))
    if first == second:
        raise ValueError(explain(subject, given=f"dim1={dim1}, dim2={dim2}", expected="two axes"))
    matrices = _on_diagonal(x, off)
    order = [i for i in builtins.range(x.ndim + 1) if i not in (first, second)]
    places = {axis: i for i, axis in enumerate([*order, first, second])}
    result: Tensor = prims.transpose(matrices, permutation=tuple(places[i] for i in builtins.range(x.ndim + 1)))
    return result


def _on_diagonal(x: Tensor, offset: int) -> Tensor:
    """Square matrices along two last axes, from the numbers along the last."""
    n = x.shape[-1] + abs(offset)
    row, column = _row_and_column(n, n)
    before = max(-offset, 0)
    after = max(offset, 0)
    low, high = (0,) * (x.ndim - 1) + (before,), (0,) * (x.ndim - 1) + (after,)
    padded = prims.pad(x, scalar(0, x.dtype), low=low, high=high, interior=(0,) * x.ndim)
    by_row = prims.reshape(padded, shape=(*x.shape[:-1], n, 1))
    kept = prims.eq(prims.add(row, scalar(offset, int64)), column)
    result: Tensor = prims.select(kept, by_row, scalar(0, x.dtype))
    return result


def diagflat(input: Any, offset: int = 0) -> Tensor:
    """A matrix with the elements of a tensor on a diagonal, zeros elsewhere.

    Args:
        input: any tensor.
        offset: how far above the main diagonal; negative is below.

    Returns:
        A tensor of two axes.

    Raises:
        TypeError: `offset` is not an int.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diagflat(Tensor([1, 2]), 1).asnumpy()
        array([[0, 1, 0],
               [0, 0, 2],
               [0, 0, 0]])
    """
    x = as_tensor(input, None, "ops.diagflat")
    return _on_diagonal(prims.reshape(x, shape=(product(x.shape),)), _an_int("ops.diagflat", "offset", offset))


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A tensor with other numbers on a diagonal.

    Args:
        input: tensor of at least two axes.
        src: the numbers, of the shape that `diagonal` gives.
        offset: how far above the main diagonal; negative is below.
        dim1: the axis of the rows.
        dim2: the axis of the columns.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: an axis is out of range, the two are one, or the shape of `src` does not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diagonal_scatter(ops.zeros((2, 2)), Tensor([1.0, 2.0])).asnumpy()
        array([[1., 0.],
               [0., 2.]], dtype=float32)
    """
    subject = "ops.diagonal_scatter"
    x, numbers = unified(subject, input, src)
    wanted = diagonal(x, offset, dim1, dim2).shape
    if numbers.shape != wanted:
        raise ValueError(explain(subject, given=f"src of shape {numbers.shape}", expected=f"shape {wanted}"))
    first, second = (one_axis(subject, axis, x.ndim) for axis in (dim1, dim2))
    rest = [i for i in builtins.range(x.ndim) if i not in (first, second)]
    order = (*rest, first, second)
    moved = prims.transpose(x, permutation=order)
    rows, columns = moved.shape[-2:]
    # The numbers by row: the diagonal begins in row `down` and may end before the last.
    down = max(-offset, 0)
    low, high = (0,) * len(rest) + (down,), (0,) * len(rest) + (rows - down - wanted[-1],)
    by_row = prims.pad(numbers, scalar(0, x.dtype), low=low, high=high, interior=(0,) * numbers.ndim)
    row, column = _row_and_column(rows, columns)
    kept = prims.eq(prims.add(row, scalar(offset, int64)), column)
    result = prims.select(kept, prims.reshape(by_row, shape=(*by_row.shape, 1)), moved)
    back: Tensor = prims.transpose(result, permutation=tuple(order.index(i) for i in builtins.range(x.ndim)))
    return back


# -- several diagonals, as tables of numbers --

_ALIGN = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def _diagonals(subject: str, k: Any, align: Any) -> tuple[int, int]:
    """The lowest and the highest diagonal."""
    if align not in _ALIGN:
        raise ValueError(explain(subject, given=f"align={align!r}", expected=" or ".join(_ALIGN)))
    if isinstance(k, Tensor):
        k = k.tolist()
    both = list(k) if isinstance(k, (tuple, list)) else [k]
    numbers = [_an_int(subject, "k", item) for item in both]
    if len(numbers) not in (1, 2) or numbers[0] > numbers[-1]:
        raise ValueError(explain(subject, given=f"k={k}", expected="a diagonal, or the lowest and the highest"))
    return numbers[0], numbers[-1]


def _table(rows: int, columns: int, low: int, high: int, align: str) -> np.ndarray[Any, Any]:
    """For each matrix element where it stands in the table of its diagonals, row by row; -1 where it has no place.

    The table has a row for each diagonal, the highest first, as long as the longest. `align` says for those above and
    those from the main one on down whether shorter ones stand left or right.
    """
    above, below = align.split("_")
    lengths = {d: min(rows + min(d, 0), columns - max(d, 0)) for d in builtins.range(low, high + 1)}
    longest = max(lengths.values())
    places = np.full((rows, columns), -1, np.int64)
    for line, d in enumerate(builtins.range(high, low - 1, -1)):
        # MindSpore's names say the side of the superdiagonals first: "RIGHT_LEFT" puts them right.
        right = (above if d >= 0 else below) == "RIGHT"
        start = longest - lengths[d] if right else 0
        for i in builtins.range(lengths[d]):
            places[i + max(-d, 0), i + max(d, 0)] = line * longest + start + i
    return places


def _known(subject: str, shape: Shape) -> tuple[int, ...]:
    if any(isinstance(size, Dim) for size in shape):
        raise TypeError(explain(subject, given=f"open sizes {shape}", expected="known sizes of the last axes"))
    return tuple(int(size) for size in shape)


def _in_range(subject: str, low: int, high: int, rows: int, columns: int) -> None:
    if not -rows < low <= high < columns:
        raise ValueError(
            explain(subject, given=f"diagonals {low} to {high}", expected=f"those of a {rows} by {columns} matrix")
        )


def matrix_diag_part(x: Any, k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT") -> Tensor:
    """The diagonals of matrices, from the highest to the lowest.

    Args:
        x: tensor of shape (..., rows, columns).
        k: which diagonal, 0 being the main one; or the lowest and the highest of several.
        padding_value: what fills the diagonals that are shorter than the longest.
        align: on which side those above and those below stand, then: "RIGHT_LEFT" puts those above to the right.

    Returns:
        A tensor of shape (..., longest), or (..., diagonals, longest) of several.

    Raises:
        ValueError: `x` has fewer than two axes, there is no such diagonal, or `align` is none of these.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_diag_part(Tensor([[1, 2], [3, 4]]), (0, 1)).asnumpy()
        array([[0, 2],
               [1, 4]])
    """
    subject = "ops.matrix_diag_part"
    x = as_tensor(x, None, subject)
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least two axes"))
    low, high = _diagonals(subject, k, align)
    rows, columns = _known(subject, x.shape[-2:])
    _in_range(subject, low, high, rows, columns)
    table = _table(rows, columns, low, high, align)
    lines = high - low + 1
    longest = max(min(rows + min(d, 0), columns - max(d, 0)) for d in builtins.range(low, high + 1))
    source = np.full(lines * longest, -1, np.int64)
    held = table.reshape(-1) >= 0
    source[table.reshape(-1)[held]] = np.flatnonzero(held)
    flat = prims.reshape(x, shape=(*x.shape[:-2], rows * columns))
    taken = prims.gather(flat, constant(np.maximum(source, 0)), axis=flat.ndim - 1)
    filler = cast(as_tensor(padding_value, x.dtype, subject), x.dtype)
    filled = prims.select(constant(source >= 0), taken, filler)
    shape = (*x.shape[:-2], longest) if low == high else (*x.shape[:-2], lines, longest)
    result: Tensor = prims.reshape(filled, shape=shape)
    return result


def _placed(subject: str, numbers: Tensor, base: Tensor, low: int, high: int, align: str) -> Tensor:
    """Matrices with their diagonals replaced by a table of numbers."""
    rows, columns = _known(subject, base.shape[-2:])
    _in_range(subject, low, high, rows, columns)
    table = _table(rows, columns, low, high, align)
    longest = max(min(rows + min(d, 0), columns - max(d, 0)) for d in builtins.range(low, high + 1))
    lines = high - low + 1
    wanted: tuple[Any, ...] = (longest,) if low == high else (lines, longest)
    lead = numbers.shape[: numbers.ndim - len(wanted)]
    if numbers.shape[numbers.ndim - len(wanted) :] != wanted:
        raise ValueError(
            explain(subject, given=f"diagonals of shape {numbers.shape}", expected=f"the last axes {wanted}")
        )
    flat = prims.reshape(numbers, shape=(*lead, lines * longest))
    spread = prims.gather(flat, constant(np.maximum(table, 0)), axis=flat.ndim - 1)
    result: Tensor = prims.select(constant(table >= 0), spread, base)
    return result


def matrix_set_diag(x: Any, diagonal: Any, k: Any = 0, align: str = "RIGHT_LEFT") -> Tensor:
    """Matrices with other numbers on their diagonals.

    Args:
        x: tensor of shape (..., rows, columns).
        diagonal: the numbers, as `matrix_diag_part` gives them.
        k: which diagonal, 0 being the main one; or the lowest and the highest of several.
        align: on which side those above and those below stand in `diagonal`.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ValueError: shapes do not fit, there is no such diagonal, or `align` is none of these.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_set_diag(Tensor([[1, 2], [3, 4]]), Tensor([8, 9])).asnumpy()
        array([[8, 2],
               [3, 9]])
    """
    subject = "ops.matrix_set_diag"
    base, numbers = unified(subject, x, diagonal)
    if base.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {base.shape}", expected="at least two axes"))
    low, high = _diagonals(subject, k, align)
    if numbers.shape[: numbers.ndim - (1 if low == high else 2)] != base.shape[:-2]:
        raise ValueError(
            explain(
                subject, given=f"diagonals of shape {numbers.shape} for {base.shape}", expected="the same first axes"
            )
        )
    return _placed(subject, numbers, base, low, high, align)


def matrix_diag(
    x: Any, k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Matrices with given diagonals.

    Args:
        x: the numbers, as `matrix_diag_part` gives them.
        k: which diagonal, 0 being the main one; or the lowest and the highest of several.
        num_rows: how many rows; -1: as few as hold the diagonals.
        num_cols: how many columns; -1: as few as hold the diagonals.
        padding_value: what stands elsewhere.
        align: on which side those above and those below stand in `x`.

    Returns:
        A tensor of shape (..., num_rows, num_cols).

    Raises:
        ValueError: shapes do not fit, there is no such diagonal, or `align` is none of these.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matrix_diag(Tensor([1, 2]), 1).asnumpy()
        array([[0, 1, 0],
               [0, 0, 2],
               [0, 0, 0]])
    """
    subject = "ops.matrix_diag"
    numbers = as_tensor(x, None, subject)
    low, high = _diagonals(subject, k, align)
    axes = 1 if low == high else 2
    if numbers.ndim < axes:
        raise ValueError(explain(subject, given=f"a tensor of shape {numbers.shape}", expected=f"{axes} axes or more"))
    (longest,) = _known(subject, numbers.shape[-1:])
    rows, columns = (
        _an_int(subject, name, n.item() if isinstance(n, Tensor) else n)
        for name, n in (("num_rows", num_rows), ("num_cols", num_cols))
    )
    least_rows, least_columns = longest - min(high, 0), longest + max(low, 0)
    if rows == -1 and columns == -1:
        rows = columns = max(least_rows, least_columns)
    elif rows == -1:
        rows = least_rows
    elif columns == -1:
        columns = least_columns
    lead = numbers.shape[: numbers.ndim - axes]
    filler = cast(as_tensor(padding_value, numbers.dtype, subject), numbers.dtype)
    return _placed(subject, numbers, prims.broadcast_to(filler, shape=(*lead, rows, columns)), low, high, align)


def matrix_band_part(x: Any, lower: Any, upper: Any) -> Tensor:
    """Matrices with zeros outside a band around the main diagonal.

    Args:
        x: tensor of shape (..., rows, columns).
        lower: how many diagonals below the main one stay; negative: all.
        upper: how many above stay; negative: all.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ValueError: `x` has fewer than two axes.

    Examples:
        >>> from lamella import ops
        >>> ops.matrix_band_part(ops.ones((3, 3)), 1, 0).asnumpy()
        array([[1., 0., 0.],
               [1., 1., 0.],
               [0., 1., 1.]], dtype=float32)
    """
    subject = "ops.matrix_band_part"
    x = as_tensor(x, None, subject)
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least two axes"))
    row, column = _row_and_column(*x.shape[-2:])
    right = prims.sub(column, row)
    zero = scalar(0, int64)
    below, above = (cast(as_tensor(n, None, subject), int64) for n in (lower, upper))
    kept = prims.bitwise_and(
        prims.bitwise_or(prims.lt(below, zero), prims.le(prims.neg(right), below)),
        prims.bitwise_or(prims.lt(above, zero), prims.le(right, above)),
    )
    result: Tensor = prims.select(kept, x, scalar(0, x.dtype))
    return result


def block_diag(*inputs: Any) -> Tensor:
    """A matrix with others along its diagonal, zeros elsewhere.

    Args:
        inputs: at least one tensor of at most two axes; one of fewer is a row.

    Returns:
        A tensor of two axes.

    Raises:
        ValueError: there is none, or one has more axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.block_diag(Tensor([[1, 2]]), Tensor(3)).asnumpy()
        array([[1, 2, 0],
               [0, 0, 3]])
    """
    if not inputs:
        raise ValueError(explain("ops.block_diag", given="no tensor", expected="at least one"))
    blocks = unified("ops.block_diag", *inputs)
    for x in blocks:
        if x.ndim > 2:
            raise ValueError(explain("ops.block_diag", given=f"a tensor of shape {x.shape}", expected="two axes"))
    blocks = [x if x.ndim == 2 else prims.reshape(x, shape=(1, product(x.shape))) for x in blocks]
    width = sum(x.shape[1] for x in blocks)
    before: Any = 0
    rows = []
    for x in blocks:
        after = width - before - x.shape[1]
        rows.append(prims.pad(x, scalar(0, x.dtype), low=(0, before), high=(0, after), interior=(0, 0)))
        before = before + x.shape[1]
    result: Tensor = prims.concat(*rows, axis=0)
    return result
