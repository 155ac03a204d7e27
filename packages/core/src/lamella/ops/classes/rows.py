"""The classes of `ops`, a row each: name, function, settings at construction, operands at the call."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, one_axis
from lamella.ops.functions import (
    create,
    elementwise,
    extremes,
    gather_scatter,
    join_split,
    products,
    rearrange,
    reduce,
    select,
)
from lamella.ops.functions import shape as shapes
from lamella.ops.nn import activation
from lamella.tensor import Tensor


def _turned(x: Any, turn: bool) -> Tensor:
    return rearrange.swapaxes(x, -1, -2) if turn else as_tensor(x)


def _product(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of matrices, the operands transposed if so set."""
    return products.matmul(_turned(x, transpose_a), _turned(y, transpose_b))


def _mat_mul(x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Product of two matrices, each transposed if so set."""
    left, right = as_tensor(x), as_tensor(y)
    if left.ndim != 2 or right.ndim != 2:
        given = f"shapes {left.shape} and {right.shape}"
        raise ValueError(explain("ops.MatMul", given=given, expected="two matrices", remedy="Use ops.BatchMatMul."))
    return _product(left, right, transpose_a, transpose_b)


def _squeeze(input: Any, axis: Any) -> Tensor:
    """The tensor without the axes of size 1, or without those that are set."""
    return shapes.squeeze(input, None if axis == () else axis)


def _sum(x: Any, axis: Any = (), keep_dims: bool = False, skip_mode: bool = False) -> Tensor:
    """The sum along axes: along all if none is named, or, if so set, along none."""
    return as_tensor(x, None, "ops.ReduceSum") if skip_mode and axis == () else reduce.reduce_sum(x, axis, keep_dims)


def _split(input_x: Any, axis: int, output_num: int) -> tuple[Tensor, ...]:
    """The tensor in parts of equal size along an axis."""
    x = as_tensor(input_x, None, "ops.Split")
    size = x.shape[one_axis("ops.Split", axis, x.ndim)]
    if output_num < 1 or size % output_num:
        raise ValueError(
            explain("ops.Split", given=f"size {size} in {output_num} parts", expected="a number that divides the size")
        )
    return join_split.chunk(x, output_num, axis)


_KEEP = {"keep_dims": False}
_TURNS = {"transpose_a": False, "transpose_b": False}

#: The most used first.
ROWS = (
    Row("Cast", elementwise.cast, call=("input_x", "dtype")),
    Row("Concat", join_split.concat, init={"axis": 0}),
    Row("Reshape", shapes.reshape),
    Row("ReduceSum", _sum, init={**_KEEP, "skip_mode": False}),
    Row("Transpose", rearrange.transpose, call=("input", "dims")),
    Row("ExpandDims", shapes.expand_dims),
    Row("ReduceMean", reduce.reduce_mean, init=_KEEP),
    Row("Shape", shapes.shape, call=("x",)),
    Row("Mul", elementwise.mul),
    Row("Add", elementwise.add),
    Row("Squeeze", _squeeze, init={"axis": ()}),
    Row("Tile", rearrange.tile, call=("input", "dims")),
    Row("OneHot", create.one_hot, init={"axis": -1}),
    Row("ReLU", activation.relu, layer="ReLU"),
    Row("Sigmoid", elementwise.sigmoid, layer="Sigmoid"),
    Row("Softmax", activation.softmax, init={"axis": -1}, layer="Softmax"),
    Row("Split", _split, init={"axis": 0, "output_num": 1}),
    Row("Select", select.select, call=("condition", "input", "other")),
    Row("BatchMatMul", _product, init=_TURNS),
    Row("MatMul", _mat_mul, init=_TURNS, call=("input", "mat2")),
    Row("Zeros", create.zeros),
    Row("Fill", create.fill, call=("dtype", "dims", "x")),
    Row("Sqrt", elementwise.sqrt, call=("x",)),
    Row("Equal", elementwise.equal),
    Row("Greater", elementwise.greater),
    Row("Gather", gather_scatter.gather, init={"batch_dims": 0}),
    Row("Exp", elementwise.exp),
    Row("Pow", elementwise.pow, call=("input", "exponent")),
    Row("ZerosLike", create.zeros_like, call=("x",)),
    Row("GatherNd", gather_scatter.gather_nd),
    Row("Log", elementwise.log),
    Row("Sub", elementwise.sub),
    Row("Maximum", elementwise.maximum),
    Row("Ones", create.ones),
    Row("Minimum", elementwise.minimum),
    Row("Reciprocal", elementwise.reciprocal),
    Row("Square", elementwise.square),
    Row("LogicalAnd", elementwise.logical_and, call=("x", "y")),
    Row("Less", elementwise.less),
    Row("NotEqual", elementwise.not_equal),
    Row("BroadcastTo", shapes.broadcast_to, init={"shape": REQUIRED}),
    Row("Identity", elementwise.identity, call=("input_x",)),
    Row("Tanh", elementwise.tanh, layer="Tanh"),
    Row("GreaterEqual", elementwise.greater_equal),
    Row("ReduceMax", extremes.reduce_max, init=_KEEP),
    Row("Abs", elementwise.abs),
    Row("LogSoftmax", activation.log_softmax, init={"axis": -1}, layer="LogSoftmax"),
    Row("Sin", elementwise.sin),
    Row("Floor", elementwise.floor),
    Row("Cos", elementwise.cos),
    Row("Neg", elementwise.neg),
    Row("LogicalNot", elementwise.logical_not),
    Row("ReduceMin", extremes.reduce_min, init=_KEEP),
    Row("ReduceProd", reduce.reduce_prod, init=_KEEP),
    Row("ReLU6", activation.relu6, call=("x",), layer="ReLU6"),
    Row("Elu", activation.elu, init={"alpha": 1.0}, layer="ELU"),
    Row("HSigmoid", activation.hardsigmoid, layer="HSigmoid"),
    Row("HSwish", activation.hardswish, layer="HSwish"),
    Row("Mish", activation.mish, layer="Mish"),
)

BY_NAME = {row.name: row for row in ROWS}
