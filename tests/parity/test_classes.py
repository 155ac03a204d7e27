"""The classes of `ops` in Lamella and in MindSpore: equal parameters, types, shapes and numbers."""

from __future__ import annotations

import pytest
from comparing import Run, assert_agree

from lamella.ops.classes.rows import ROWS

CLASSES = """
    ops.Cast()(input_x=x, dtype=ms.int32)
    ops.Concat()((x, y))
    ops.Concat(axis=1)(tensors=(x, y))
    ops.Reshape()(input=x, shape=(2, -1))
    ops.ReduceSum()(x)
    ops.ReduceSum(keep_dims=True)(x=x, axis=1)
    ops.ReduceSum(skip_mode=True)(x, 1)
    ops.ReduceSum(True, True)(x, 0)
    ops.Transpose()(x, (1, 0))
    ops.ExpandDims()(input_x=x, axis=0)
    ops.ReduceMean(True)(x, (0, 1))
    ops.Shape()(x)
    ops.Mul()(input=x, other=y)
    ops.Add()(x, 1.5)
    ops.Squeeze()(x[:1])
    ops.Squeeze(0)(input=x[:1])
    ops.Tile()(x, (2, 3))
    ops.OneHot()(n, 3, Tensor(1.0, ms.float32), Tensor(0.0, ms.float32))
    ops.OneHot(axis=0)(indices=t, depth=4, on_value=Tensor(2.0, ms.float32), off_value=Tensor(-1.0, ms.float32))
    ops.ReLU()(input=x)
    ops.Sigmoid()(input=x)
    ops.Softmax()(x)
    ops.Softmax(axis=0)(input=x)
    ops.Split(axis=1, output_num=2)(input_x=x)
    ops.Select()(condition=m, input=x, other=y)
    ops.BatchMatMul(transpose_b=True)(x=b, y=b)
    ops.MatMul()(x, y.T)
    ops.MatMul(transpose_a=True)(input=x, mat2=y)
    ops.Zeros()((2, 3), ms.float32)
    ops.Fill()(ms.float32, (2, 3), 1.5)
    ops.Sqrt()(x=p)
    ops.Equal()(input=i, other=j)
    ops.Greater()(x, y)
    ops.Gather()(input_params=x, input_indices=t, axis=1)
    ops.Gather(batch_dims=1)(x, n, 1)
    ops.Exp()(input=x)
    ops.Pow()(input=p, exponent=3.0)
    ops.ZerosLike()(x=x)
    ops.GatherNd()(input_x=x, indices=n[:2, :2])
    ops.Log()(input=p)
    ops.Sub()(x, y)
    ops.Maximum()(input=x, other=y)
    ops.Ones()(shape=(2,), dtype=ms.int32)
    ops.Minimum()(x, y)
    ops.Reciprocal()(p)
    ops.Square()(input=x)
    ops.LogicalAnd()(x=m, y=x > 0)
    ops.Less()(input=x, other=y)
    ops.NotEqual()(i, j)
    ops.BroadcastTo((2, 3, 4))(input=x)
    ops.BroadcastTo(shape=(3, 4))(v)
    ops.Identity()(x)
    ops.Tanh()(input=x)
    ops.GreaterEqual()(input=x, other=y)
    ops.ReduceMax()(x)
    ops.ReduceMax(keep_dims=True)(x=x, axis=0)
    ops.Abs()(input=x)
    ops.LogSoftmax()(logits=x)
    ops.LogSoftmax(axis=0)(x)
    ops.Sin()(input=x)
    ops.Floor()(input=x * 3)
    ops.Cos()(input=x)
    ops.Neg()(input=x)
    ops.LogicalNot()(input=m)
    ops.ReduceMin()(x=x, axis=1)
    ops.ReduceProd(keep_dims=True)(x=x, axis=1)
    ops.ReLU6()(x=x * 9)
    ops.Elu()(input_x=x)
    ops.HSigmoid()(input=x * 4)
    ops.HSwish()(input=x * 4)
    ops.Mish()(x)
"""

PROGRAMS = [line.strip() for line in CLASSES.strip().splitlines()]

# The parameters of the constructor and of the call, without `self`, with the constructor's defaults.
PARAMETERS = """
import inspect
kind = ops.{name}
own = list(inspect.signature(kind.__init__).parameters.values())[1:]
[[p.name for p in own], [repr(p.default) for p in own], list(inspect.signature(kind.__call__).parameters)[1:]]
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_object_of_a_class(lamella: Run, mindspore: Run, program: str) -> None:
    assert_agree(lamella(program), mindspore(program))


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_parameters(lamella: Run, mindspore: Run, name: str) -> None:
    theirs = mindspore(PARAMETERS.format(name=name))
    if theirs[2] == ["args"]:  # MindSpore does not say them
        theirs[2] = lamella(PARAMETERS.format(name=name))[2]
    assert lamella(PARAMETERS.format(name=name)) == theirs


def test_every_class_has_a_program() -> None:
    assert {row.name for row in ROWS} == {program.partition("(")[0].removeprefix("ops.") for program in PROGRAMS}
