"""Classes of functions that ask for shapes, make tensors, and move, pick and write elements."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import as_dtype, float32, int32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast, known_sizes, one_axis, sizes
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions import (
    create,
    elementwise,
    gather_scatter,
    join_split,
    linalg,
    older,
    pad,
    rearrange,
    segments,
    select,
    static,
    updates,
)
from lamella.ops.functions import shape as shapes
from lamella.tensor import Tensor

# -- shapes --


def _squeeze(input: Any, axis: Any) -> Tensor:
    """The tensor without the axes of size 1, or without those that are set."""
    return shapes.squeeze(input, None if axis == () else axis)


def _d_type(x: Any) -> Any:
    """The type of the elements."""
    return as_tensor(x, None, "ops.DType").dtype


def _tensor_shape(input_x: Any) -> Tensor:
    """The size of each axis, as an int64 tensor."""
    found = [prims.size_tensor(size) for size in as_tensor(input_x, None, "ops.TensorShape").shape]
    return join_split.stack(found) if found else constant(np.zeros(0, np.int64))


def _flatten(input_x: Any) -> Tensor:
    """The tensor with all axes but the first as one."""
    return shapes.flatten(input_x)


def _broadcast_to(input: Any, shape: Any) -> Tensor:
    """The tensor repeated to a shape; -1 keeps the size of an axis."""
    return shapes.broadcast_to(input, shape)


def _expand(x: Any, shape: Any) -> Tensor:
    """The tensor repeated to a shape."""
    return shapes.broadcast_to(x, tuple(sizes("ops.Expand", shape)))


# -- joining and cutting --


def _split(input_x: Any, axis: int, output_num: int) -> tuple[Tensor, ...]:
    """The tensor in parts of equal size along an axis."""
    x = as_tensor(input_x, None, "ops.Split")
    size = x.shape[one_axis("ops.Split", axis, x.ndim)]
    if output_num < 1 or size % output_num:
        raise ValueError(
            explain("ops.Split", given=f"size {size} in {output_num} parts", expected="a number that divides the size")
        )
    return join_split.chunk(x, output_num, axis)


def _split_v(input_x: Any, size_splits: Sequence[int], split_dim: int, num_split: int) -> tuple[Tensor, ...]:
    """The tensor in parts of given sizes along an axis; one size may be -1, what the others leave."""
    x, parts = as_tensor(input_x, None, "ops.SplitV"), list(size_splits)
    size = x.shape[one_axis("ops.SplitV", split_dim, x.ndim)]
    rest = size - sum(part for part in parts if part != -1)
    if len(parts) != num_split or parts.count(-1) > 1 or any(part < -1 for part in parts) or rest < 0:
        given = f"size_splits={size_splits}, num_split={num_split} of size {size}"
        raise ValueError(explain("ops.SplitV", given=given, expected="sizes that add up, at most one of them -1"))
    return join_split.split(x, [rest if part == -1 else part for part in parts], split_dim)


def _unstack(input_x: Any, axis: int = 0, num: int | None = None) -> tuple[Tensor, ...]:
    """The slices of a tensor along an axis, which they lack."""
    parts = join_split.unstack(input_x, axis)
    if num is not None and num != len(parts):
        raise ValueError(explain("ops.Unstack", given=f"num={num} of size {len(parts)}", expected="the size"))
    return parts


def _meshgrid(inputs: Any, indexing: str) -> tuple[Tensor, ...]:
    """Grids of coordinates, of tensors with one axis."""
    return create.meshgrid(*inputs, indexing=indexing)


def _identity_n(x: Any) -> tuple[Tensor, ...]:
    """The same tensors."""
    return tuple(as_tensor(item, None, "ops.IdentityN").copy() for item in x)


# -- ends of axes --


def _pad(input_x: Any, paddings: Any) -> Tensor:
    """The tensor with zeros before and after each axis; negative numbers take elements away."""
    x = as_tensor(input_x, None, "ops.Pad")
    return pad.pad(x, _pairs("ops.Pad", paddings, x.ndim))


def _pairs(subject: str, paddings: Any, ndim: int) -> tuple[int, ...]:
    """Pairs for each axis, as `ops.pad` takes them: in a row, those of the last axis first."""
    given = paddings.tolist() if isinstance(paddings, Tensor) else paddings
    if not isinstance(given, (tuple, list)) or len(given) != ndim or any(len(pair) != 2 for pair in given):
        raise ValueError(explain(subject, given=f"paddings={paddings!r}", expected=f"{ndim} pairs (before, after)"))
    return tuple(int(number) for pair in reversed(given) for number in pair)


def _mirror_pad(input_x: Any, paddings: Any, mode: str) -> Tensor:
    """The tensor with itself mirrored at the ends of each axis: "REFLECT" without, "SYMMETRIC" with the edge again."""
    if mode not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(explain("ops.MirrorPad", given=f"mode={mode!r}", expected="'REFLECT' or 'SYMMETRIC'"))
    x = as_tensor(input_x, None, "ops.MirrorPad")
    pairs = _pairs("ops.MirrorPad", paddings, x.ndim)
    if mode == "REFLECT":
        return pad.pad(x, pairs, mode="reflect")
    for axis, (before, after) in enumerate(zip(pairs[-2::-2], pairs[::-2], strict=True)):
        size = x.shape[axis]
        if not (0 <= before <= size and 0 <= after <= size):
            raise ValueError(
                explain("ops.MirrorPad", given=f"padding {(before, after)} of size {size}", expected=f"0 to {size}")
            )
        ends = (
            prims.flip(prims.narrow(x, axis, start, stop), axes=(axis,))
            for start, stop in ((0, before), (size - after, size))
        )
        left, right = ends
        x = prims.concat(left, x, right, axis=axis)
    return x


def _pad_v3(
    x: Any, paddings: Any, constant_value: Any = None, mode: str = "constant", paddings_contiguous: bool = True
) -> Tensor:
    """The tensor with elements added at the ends of its last axes: a number, or by "reflect", "edge" or "circular"."""
    given = paddings.tolist() if isinstance(paddings, Tensor) else list(paddings)
    if not paddings_contiguous:  # all befores, then all afters
        half = len(given) // 2
        given = [number for pair in zip(given[:half], given[half:], strict=True) for number in pair]
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "circular": "circular"}
    if mode not in modes:
        raise ValueError(explain("ops.PadV3", given=f"mode={mode!r}", expected=f"one of {', '.join(modes)}"))
    return pad.pad(x, given, modes[mode], constant_value)


# -- moving and picking --


def _gather(input_params: Any, input_indices: Any, axis: int) -> Tensor:
    """Slices of a tensor along an axis."""
    return gather_scatter.gather(input_params, input_indices, axis)


def _reverse(input: Any, axis: Any) -> Tensor:
    """The tensor with the elements along axes in the opposite order."""
    return rearrange.flip(input, axis)


def _roll(input: Any, shifts: Any, dims: Any) -> Tensor:
    """The tensor with its elements moved along axes, those at the end to the front."""
    shifts, dims = (tuple(given) if isinstance(given, list) else given for given in (shifts, dims))
    return rearrange.roll(input, shifts, dims)


def _tril(x: Any, diagonal: int) -> Tensor:
    """The lower triangle of matrices, with zeros above."""
    return linalg.tril(x, diagonal)


def _diag_part(x: Any) -> Tensor:
    """The elements x[i, …, i, …] of a tensor whose first axes are as its last."""
    tensor = as_tensor(x, None, "ops.DiagPart")
    half = tensor.ndim // 2
    shape = tensor.shape[:half]
    if tensor.ndim % 2 or not half or tensor.shape[half:] != shape:
        raise ValueError(explain("ops.DiagPart", given=f"shape {tensor.shape}", expected="a shape twice in a row"))
    size = product(shape)
    flat = linalg.diagonal(prims.reshape(tensor, shape=(size, size)))
    result: Tensor = prims.reshape(flat, shape=shape)
    return result


def _trace(input: Any) -> Tensor:
    """The sum of the diagonal of a matrix, in its type."""
    x = as_tensor(input, None, "ops.Trace")
    return cast(linalg.trace(x), x.dtype)


def _channel_shuffle(x: Any, group: int) -> Tensor:
    """x[n, c, …] with its channels, taken as rows of `group`, transposed (Zhang et al., "ShuffleNet", 2017)."""
    tensor = as_tensor(x, None, "ops.ChannelShuffle")
    if tensor.ndim < 3 or group < 1 or tensor.shape[1] % group:
        given = f"group={group} of shape {tensor.shape}"
        raise ValueError(explain("ops.ChannelShuffle", given=given, expected="x[n, c, …] with c a multiple of group"))
    n, c, *rest = tensor.shape
    split = prims.reshape(tensor, shape=(n, group, c // group, *rest))
    turned = prims.transpose(split, permutation=(0, 2, 1, *builtins.range(3, split.ndim)))
    result: Tensor = prims.reshape(turned, shape=tensor.shape)
    return result


def _invert_permutation(input_x: Any) -> Any:
    """Where each number of a permutation stands in it."""
    order = list(input_x)
    if sorted(order) != list(builtins.range(len(order))):
        raise ValueError(explain("ops.InvertPermutation", given=repr(input_x), expected="each of 0, 1, … once"))
    return tuple(order.index(number) for number in builtins.range(len(order)))


def _unravel_index(indices: Any, dims: Any) -> Tensor:
    """Row-major positions as an index for each axis, along a last axis."""
    flat = as_tensor(indices, None, "ops.UnravelIndex")
    shape = [int(size) for size in (dims.tolist() if isinstance(dims, Tensor) else dims)]
    place, found = prims.flat_index(flat, sizes=(product(tuple(shape)),)), []
    for size in reversed(shape):
        found.append(prims.floor_mod(place, scalar(size, int64)))
        place = prims.floor_div(place, scalar(size, int64))
    return cast(join_split.stack(found[::-1], axis=flat.ndim and -1), flat.dtype)


# -- making --


def _linear(start: Any, stop: Any, num: int) -> Tensor:
    """Evenly spaced numbers."""
    return create.linspace(start, stop, num)


def _log_space(start: Any, end: Any, steps: int, base: int, dtype: Any) -> Tensor:
    """Powers of a base, the exponents evenly spaced."""
    return cast(elementwise.pow(float(base), create.linspace(start, end, steps)), as_dtype(dtype, "ops.LogSpace"))


def _range(start: Any, end: Any, step: Any, maxlen: int) -> Tensor:
    """Numbers from a start up to but without an end, `maxlen` at most."""
    result = create.range(start, end, step)
    if not result.shape[0] <= maxlen:
        raise ValueError(explain("ops.Range", given=f"{result.shape[0]} numbers", expected=f"maxlen={maxlen} at most"))
    return result


def _fill_v2(shape: Any, value: Any) -> Tensor:
    """A tensor of a shape, filled with a number."""
    return create.full(shape, value, dtype=as_tensor(value).dtype)


def _fills(x: Any, value: Any) -> Tensor:
    """A tensor of the shape and type of another, filled with a number."""
    return create.full_like(x, value)


def _triangle(subject: str, keep: Any, row: int, col: int, offset: int, dtype: Any) -> Tensor:
    n, m = known_sizes(subject, (row, col))
    kind = as_dtype(dtype, subject)
    if kind not in (int32, int64):
        raise TypeError(explain(subject, given=f"dtype={kind}", expected="int32 or int64"))
    return constant(np.array(keep(n, offset, m), kind.numpy))


def _tril_indices(row: int, col: int, offset: int, dtype: Any) -> Tensor:
    """Rows and columns of the elements of a lower triangle."""
    return _triangle("ops.TrilIndices", np.tril_indices, row, col, offset, dtype)


def _triu_indices(row: int, col: int, offset: int, dtype: Any) -> Tensor:
    """Rows and columns of the elements of an upper triangle."""
    return _triangle("ops.TriuIndices", np.triu_indices, row, col, offset, dtype)


def _tensor_to_tuple(x: Any) -> tuple[Any, ...]:
    """The numbers of a tensor with one axis."""
    return tuple(as_tensor(x, None, "ops.TensorToTuple").tolist())


_INDICES = {"row": REQUIRED, "col": REQUIRED, "offset": 0, "dtype": int32}
_MASKS = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}

ROWS = (
    Row("Shape", shapes.shape, call=("x",)),
    Row("TensorShape", _tensor_shape),
    Row("Size", shapes.size),
    Row("Rank", shapes.rank, call=("x",)),
    Row("DType", _d_type),
    Row("Reshape", shapes.reshape),
    Row("Flatten", _flatten),
    Row("ExpandDims", shapes.expand_dims),
    Row("Squeeze", _squeeze, init={"axis": ()}),
    Row("BroadcastTo", _broadcast_to, init={"shape": REQUIRED}),
    Row("Expand", _expand),
    Row("Concat", join_split.concat, init={"axis": 0}),
    Row("Stack", join_split.stack, init={"axis": 0}, call=("input_x",)),
    Row("Pack", join_split.stack, init={"axis": 0}, call=("input_x",)),
    Row("Split", _split, init={"axis": 0, "output_num": 1}),
    Row("SplitV", _split_v, init={"size_splits": REQUIRED, "split_dim": REQUIRED, "num_split": REQUIRED}),
    Row("Unstack", _unstack, init={"axis": 0, "num": None}),
    Row("Unpack", join_split.unstack, init={"axis": 0}),
    Row("Meshgrid", _meshgrid, init={"indexing": "xy"}),
    Row("IdentityN", _identity_n),
    Row("Pad", _pad, init={"paddings": REQUIRED}),
    Row("MirrorPad", _mirror_pad, init={"mode": "REFLECT"}),
    Row("PadV3", _pad_v3, init={"mode": "constant", "paddings_contiguous": True}),
    Row("Transpose", rearrange.transpose, call=("input", "dims")),
    Row("Tile", rearrange.tile, call=("input", "dims")),
    Row("ReverseV2", _reverse, init={"axis": REQUIRED}),
    Row("Roll", _roll, init={"shifts": REQUIRED, "dims": None}),
    Row("ChannelShuffle", _channel_shuffle, init={"group": REQUIRED}),
    Row("Tril", _tril, init={"diagonal": 0}),
    Row("Triu", linalg.triu, init={"diagonal": 0}),
    Row("Diag", linalg.diag),
    Row("DiagPart", _diag_part),
    Row("Trace", _trace),
    Row("InvertPermutation", _invert_permutation),
    Row("UnravelIndex", _unravel_index),
    Row("Slice", select.slice, call=("input", "begin", "size")),
    Row("StridedSlice", select.strided_slice, init=_MASKS),
    Row("Select", select.select, call=("condition", "input", "other")),
    Row("MaskedFill", select.masked_fill),
    Row("MaskedSelect", select.masked_select),
    Row("NonZero", select.nonzero),
    Row("Gather", gather_scatter.gather, init={"batch_dims": 0}),
    Row("GatherV2", _gather),
    Row("GatherD", gather_scatter.gather_d),
    Row("GatherNd", gather_scatter.gather_nd),
    Row("ScatterNd", gather_scatter.scatter_nd),
    Row("TensorScatterUpdate", gather_scatter.tensor_scatter_update),
    Row("TensorScatterAdd", gather_scatter.tensor_scatter_add),
    Row("TensorScatterSub", updates.tensor_scatter_sub),
    Row("TensorScatterMul", updates.tensor_scatter_mul),
    Row("TensorScatterDiv", updates.tensor_scatter_div),
    Row("TensorScatterMax", updates.tensor_scatter_max),
    Row("TensorScatterMin", updates.tensor_scatter_min),
    Row(
        "TensorScatterElements",
        gather_scatter.tensor_scatter_elements,
        init={"axis": 0, "reduction": "none"},
        call=("data", "indices", "updates"),
    ),
    Row("UnsortedSegmentSum", segments.unsorted_segment_sum),
    Row("UnsortedSegmentProd", segments.unsorted_segment_prod),
    Row("UnsortedSegmentMax", segments.unsorted_segment_max),
    Row("UnsortedSegmentMin", segments.unsorted_segment_min),
    Row("OneHot", create.one_hot, init={"axis": -1}),
    Row("Zeros", create.zeros),
    Row("Ones", create.ones),
    Row("ZerosLike", create.zeros_like, call=("x",)),
    Row("OnesLike", create.ones_like, call=("x",)),
    Row("Fill", create.fill, call=("dtype", "dims", "x")),
    Row("FillV2", _fill_v2),
    Row("Fills", _fills),
    Row("Eye", create.eye),
    Row("Range", _range, init={"maxlen": 1000000}),
    Row("LinSpace", _linear),
    Row("LogSpace", _log_space, init={"steps": 10, "base": 10, "dtype": float32}),
    Row("TrilIndices", _tril_indices, init=_INDICES),
    Row("TriuIndices", _triu_indices, init=_INDICES),
    Row("ScalarToTensor", create.scalar_to_tensor, call=("x", "dtype")),
    Row("ScalarToArray", older.scalar_to_array),
    Row("TupleToArray", static.tuple_to_array),
    Row("TensorToTuple", _tensor_to_tuple),
)
