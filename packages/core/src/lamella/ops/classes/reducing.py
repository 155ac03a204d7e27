"""Classes of functions that combine the elements along axes, or put them in order."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import as_dtype, int32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, axis_tuple, cast, floating, one_axis
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise, extremes, older, reduce, sort
from lamella.tensor import Tensor


def _sum(x: Any, axis: Any = (), keep_dims: bool = False, skip_mode: bool = False) -> Tensor:
    """The sum along axes: along all if none is named, or, if so set, along none."""
    return as_tensor(x, None, "ops.ReduceSum") if skip_mode and axis == () else reduce.reduce_sum(x, axis, keep_dims)


def _arg_max_with_value(input: Any, axis: int, keep_dims: bool) -> tuple[Tensor, Tensor]:
    """The index of the largest element along an axis, and the element."""
    return _index_first("ops.ArgMaxWithValue", extremes.max, input, axis, keep_dims)


def _arg_min_with_value(input: Any, axis: int, keep_dims: bool) -> tuple[Tensor, Tensor]:
    """The index of the smallest element along an axis, and the element."""
    return _index_first("ops.ArgMinWithValue", extremes.min, input, axis, keep_dims)


def _index_first(subject: str, function: Any, input: Any, axis: int, keep_dims: bool) -> tuple[Tensor, Tensor]:
    x = as_tensor(input, None, subject)
    one_axis(subject, axis, x.ndim)
    values, indices = function(x, axis, keep_dims)
    return indices, values


def _argmax(input_x: Any, axis: int, output_type: Any) -> Tensor:
    """The index of the largest element along an axis."""
    return cast(extremes.argmax(input_x, axis), _index_type("ops.Argmax", output_type))


def _argmin(x: Any, axis: int, output_type: Any) -> Tensor:
    """The index of the smallest element along an axis."""
    return cast(extremes.argmin(x, axis), _index_type("ops.Argmin", output_type))


def _index_type(subject: str, given: Any) -> Any:
    dtype = as_dtype(given, subject)
    if dtype not in (int32, int64):
        raise TypeError(explain(subject, given=f"{dtype} indices", expected="int32 or int64"))
    return dtype


def _std(x: Any, axis: Any, unbiased: bool, keep_dims: bool) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean along axes."""
    return reduce.std_mean(x, tuple(axis) if isinstance(axis, list) else axis, int(unbiased), keep_dims)


def _count_non_zero(x: Any, dims: Any) -> Tensor:
    """How many elements along axes are not 0."""
    return reduce.count_nonzero(x, () if dims is None else dims, dtype=int64)


def _cum_sum(input: Any, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """Sums of the elements up to each place along an axis."""
    return _running("ops.CumSum", prims.cumsum, 0, input, axis, exclusive, reverse)


def _cum_prod(x: Any, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """Products of the elements up to each place along an axis."""
    return _running("ops.CumProd", prims.cumprod, 1, x, axis, exclusive, reverse)


def _running(subject: str, primitive: Any, first: int, x: Any, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """`exclusive` leaves out the element at each place itself: all move on by one, and the first is of nothing."""
    tensor = as_tensor(x, None, subject)
    at = one_axis(subject, axis, tensor.ndim)
    size = tensor.shape[at]
    if exclusive and size != 0:
        zeros = (0,) * tensor.ndim
        ends = (0, 1) if reverse else (1, 0)
        low, high = ((*zeros[:at], end, *zeros[at + 1 :]) for end in ends)
        kept = prims.narrow(tensor, at, 1, size) if reverse else prims.narrow(tensor, at, 0, size - 1)
        tensor = prims.pad(kept, scalar(first, tensor.dtype), low=low, high=high, interior=zeros)
    result: Tensor = primitive(tensor, axis=at, reverse=reverse)
    return result


def _l2_normalize(input_x: Any, axis: Any, epsilon: float) -> Tensor:
    """The tensor divided by its Euclidean norm along axes, the square of which counts as `epsilon` at least."""
    (x,) = floating("ops.L2Normalize", input_x)
    square = reduce.reduce_sum(elementwise.square(x), tuple(axis) if isinstance(axis, list) else axis, True)
    return elementwise.mul(x, elementwise.rsqrt(elementwise.maximum(square, epsilon)))


def _lp_norm(x: Any, axis: Any, p: int, keep_dims: bool, epsilon: float) -> Tensor:
    """The p-th root of the sum of abs(x) ** p along axes; `epsilon` at least."""
    (tensor,) = floating("ops.LpNorm", x)
    if isinstance(p, bool) or not isinstance(p, int) or p < 0:
        raise ValueError(explain("ops.LpNorm", given=f"p={p!r}", expected="an int, 0 or more"))
    axes = axis_tuple("ops.LpNorm", axis, tensor.ndim)
    if p == 0:
        return cast(reduce.count_nonzero(tensor, axes, keep_dims), tensor.dtype)
    total = reduce.reduce_sum(elementwise.pow(elementwise.abs(tensor), p), axes, keep_dims)
    return elementwise.maximum(elementwise.pow(total, 1 / p), epsilon)


def _euclidean_norm(x: Any, axes: Any, keep_dims: bool) -> Tensor:
    """The square root of the sum of squares along axes."""
    at = axes.tolist() if isinstance(axes, Tensor) else axes
    return elementwise.sqrt(reduce.reduce_sum(elementwise.square(x), at, keep_dims))


def _l2_loss(input_x: Any) -> Tensor:
    """Half the sum of squares."""
    (x,) = floating("ops.L2Loss", input_x)
    return elementwise.mul(reduce.reduce_sum(elementwise.square(x)), 0.5)


def _sort(x: Any, axis: int, descending: bool) -> tuple[Tensor, Tensor]:
    """The elements along an axis in order, and their int32 indices."""
    values, indices = sort.sort(x, axis, descending)
    return values, cast(indices, int32)


def _search_sorted(sorted_sequence: Any, values: Any, sorter: Any = None, *, dtype: Any, right: bool) -> Tensor:
    """Where values would go in sequences that are sorted, or that are so in the order of `sorter`."""
    sequence = as_tensor(sorted_sequence, None, "ops.SearchSorted")
    if sorter is not None:
        order = cast(as_tensor(sorter, None, "ops.SearchSorted"), int64)
        sequence = prims.take_along_axis(sequence, order, sequence.ndim - 1)
    return cast(sort.searchsorted(sequence, values, right=right), _index_type("ops.SearchSorted", dtype))


def _bucketize(input: Any, boundaries: Any) -> Tensor:
    """Between which boundaries each element is, as an int32 number."""
    return cast(sort.searchsorted(cast(as_tensor(list(boundaries)), as_tensor(input).dtype), input, right=True), int32)


def _unique(x: Any) -> tuple[Tensor, Tensor]:
    """The different elements in the order of their first places, and for each element which of them it is."""
    return sort.unique(x)


_KEEP = {"keep_dims": False}
_MAXIMA = {"axis": 0, "keep_dims": False}
_INDEX = {"axis": -1, "output_type": int32}
_RUNNING = {"exclusive": False, "reverse": False}

ROWS = (
    Row("ReduceSum", _sum, init={**_KEEP, "skip_mode": False}),
    Row("ReduceMean", reduce.reduce_mean, init=_KEEP),
    Row("ReduceMax", extremes.reduce_max, init=_KEEP),
    Row("ReduceMin", extremes.reduce_min, init=_KEEP),
    Row("ReduceProd", reduce.reduce_prod, init=_KEEP),
    Row("ReduceAny", reduce.any, init=_KEEP, call=("x", "axis")),
    Row("ReduceAll", reduce.all, init=_KEEP),
    Row("ReduceStd", _std, init={"axis": [], "unbiased": True, "keep_dims": False}),
    Row("CountNonZero", _count_non_zero, init={"dims": None}),
    Row("EuclideanNorm", _euclidean_norm, init=_KEEP),
    Row("LpNorm", _lp_norm, init={"axis": REQUIRED, "p": 2, "keep_dims": False, "epsilon": 1e-12}),
    Row("L2Normalize", _l2_normalize, init={"axis": 0, "epsilon": 1e-4}),
    Row("L2Loss", _l2_loss),
    Row("ArgMaxWithValue", _arg_max_with_value, init=_MAXIMA),
    Row("ArgMinWithValue", _arg_min_with_value, init=_MAXIMA),
    Row("Argmax", _argmax, init=_INDEX),
    Row("Argmin", _argmin, init=_INDEX),
    Row("CumSum", _cum_sum, init=_RUNNING),
    Row("CumProd", _cum_prod, init=_RUNNING),
    Row("Sort", _sort, init={"axis": -1, "descending": False}),
    Row("TopK", older.top_k, init={"sorted": True}),
    Row("Unique", _unique),
    Row("SearchSorted", _search_sorted, init={"dtype": int64, "right": False}),
    Row("Bucketize", _bucketize, init={"boundaries": REQUIRED}),
)
