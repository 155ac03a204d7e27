"""The classes of `ops`, a row each: name, function, settings at construction, operands at the call."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, one_axis
from lamella.ops.functions.create import fill, one_hot, ones, zeros, zeros_like
from lamella.ops.functions.elementwise import (
    abs,
    add,
    cast,
    cos,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    identity,
    less,
    log,
    logical_and,
    logical_not,
    maximum,
    minimum,
    mul,
    neg,
    not_equal,
    pow,
    reciprocal,
    sigmoid,
    sin,
    sqrt,
    square,
    sub,
    tanh,
)
from lamella.ops.functions.extremes import reduce_max, reduce_min
from lamella.ops.functions.gather_scatter import gather, gather_nd
from lamella.ops.functions.join_split import chunk, concat
from lamella.ops.functions.products import matmul
from lamella.ops.functions.rearrange import swapaxes, tile, transpose
from lamella.ops.functions.reduce import reduce_mean, reduce_prod, reduce_sum
from lamella.ops.functions.select import select
from lamella.ops.functions.shape import broadcast_to, expand_dims, reshape, shape, squeeze
from lamella.ops.nn.activation import log_softmax, relu, softmax
from lamella.tensor import Tensor


def _turned(x: Any, turn: bool) -> Tensor:
    return swapaxes(x, -1, -2) if turn else as_tensor(x)


def _product(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of matrices, the operands transposed if so set."""
    return matmul(_turned(x, transpose_a), _turned(y, transpose_b))


def _mat_mul(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of two matrices, each transposed if so set."""
    left, right = as_tensor(x), as_tensor(y)
    if left.ndim != 2 or right.ndim != 2:
        shapes = f"shapes {left.shape} and {right.shape}"
        raise ValueError(explain("ops.MatMul", given=shapes, expected="two matrices", remedy="Use ops.BatchMatMul."))
    return _product(left, right, transpose_a, transpose_b)


def _squeeze(input: Any, axis: Any) -> Tensor:
    """The tensor without the axes of size 1, or without those that are set."""
    return squeeze(input, None if axis == () else axis)


def _sum(x: Any, axis: Any = (), keep_dims: bool = False, skip_mode: bool = False) -> Tensor:
    """The sum along axes: along all if none is named, or, if so set, along none."""
    return as_tensor(x, None, "ops.ReduceSum") if skip_mode and axis == () else reduce_sum(x, axis, keep_dims)


def _split(input_x: Any, axis: int, output_num: int) -> tuple[Tensor, ...]:
    """The tensor in parts of equal size along an axis."""
    x = as_tensor(input_x, None, "ops.Split")
    size = x.shape[one_axis("ops.Split", axis, x.ndim)]
    if output_num < 1 or size % output_num:
        raise ValueError(
            explain("ops.Split", given=f"size {size} in {output_num} parts", expected="a number that divides the size")
        )
    return chunk(x, output_num, axis)


_KEEP = {"keep_dims": False}
_TURNS = {"transpose_a": False, "transpose_b": False}

#: The most used first.
ROWS = (
    Row("Cast", cast, call=("input_x", "dtype")),
    Row("Concat", concat, init={"axis": 0}),
    Row("Reshape", reshape),
    Row("ReduceSum", _sum, init={**_KEEP, "skip_mode": False}),
    Row("Transpose", transpose, call=("input", "dims")),
    Row("ExpandDims", expand_dims),
    Row("ReduceMean", reduce_mean, init=_KEEP),
    Row("Shape", shape, call=("x",)),
    Row("Mul", mul),
    Row("Add", add),
    Row("Squeeze", _squeeze, init={"axis": ()}),
    Row("Tile", tile, call=("input", "dims")),
    Row("OneHot", one_hot, init={"axis": -1}),
    Row("ReLU", relu),
    Row("Sigmoid", sigmoid),
    Row("Softmax", softmax, init={"axis": -1}),
    Row("Split", _split, init={"axis": 0, "output_num": 1}),
    Row("Select", select, call=("condition", "input", "other")),
    Row("BatchMatMul", _product, init=_TURNS),
    Row("MatMul", _mat_mul, init=_TURNS, call=("input", "mat2")),
    Row("Zeros", zeros),
    Row("Fill", fill, call=("dtype", "dims", "x")),
    Row("Sqrt", sqrt, call=("x",)),
    Row("Equal", equal),
    Row("Greater", greater),
    Row("Gather", gather, init={"batch_dims": 0}),
    Row("Exp", exp),
    Row("Pow", pow, call=("input", "exponent")),
    Row("ZerosLike", zeros_like, call=("x",)),
    Row("GatherNd", gather_nd),
    Row("Log", log),
    Row("Sub", sub),
    Row("Maximum", maximum),
    Row("Ones", ones),
    Row("Minimum", minimum),
    Row("Reciprocal", reciprocal),
    Row("Square", square),
    Row("LogicalAnd", logical_and, call=("x", "y")),
    Row("Less", less),
    Row("NotEqual", not_equal),
    Row("BroadcastTo", broadcast_to, init={"shape": REQUIRED}),
    Row("Identity", identity, call=("input_x",)),
    Row("Tanh", tanh),
    Row("GreaterEqual", greater_equal),
    Row("ReduceMax", reduce_max, init=_KEEP),
    Row("Abs", abs),
    Row("LogSoftmax", log_softmax, init={"axis": -1}),
    Row("Sin", sin),
    Row("Floor", floor),
    Row("Cos", cos),
    Row("Neg", neg),
    Row("LogicalNot", logical_not),
    Row("ReduceMin", reduce_min, init=_KEEP),
    Row("ReduceProd", reduce_prod, init=_KEEP),
)

BY_NAME = {row.name: row for row in ROWS}
