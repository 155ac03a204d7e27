from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, ir, nn, ops
from lamella.ops.define.opdef import OpDef, Vjp


def test_positions_and_weights_shape_the_gradient():
    w, v = Parameter(Tensor(2.0), name="w"), Parameter(Tensor(3.0), name="v")
    x, y = Tensor(5.0), Tensor(7.0)

    def fn(x, y):
        return x * w + y * v

    assert ms.grad(fn)(x, y).item() == 2.0
    assert [g.item() for g in ms.grad(fn, (0, 1))(x, y)] == [2.0, 3.0]
    assert [g.item() for g in ms.grad(fn, (1,))(x, y)] == [3.0]
    assert ms.grad(fn, None, w)(x, y).item() == 5.0
    assert [g.item() for g in ms.grad(fn, None, [w, v])(x, y)] == [5.0, 7.0]
    dx, (dw, dv) = ms.grad(fn, 1, [w, v])(x, y)
    assert (dx.item(), dw.item(), dv.item()) == (3.0, 5.0, 7.0)


def test_what_does_not_matter_has_gradient_zero():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    dx, dw = ms.grad(lambda x, y: y * 1, 0, w)(Tensor([3.0]), Tensor([1.0]))
    assert dx.tolist() == [0.0] and dw.tolist() == [0.0, 0.0]


def test_auxiliary_results_are_passed_on():
    def fn(x):
        return x * x, x + 1, "label"

    gradient, aux = ms.grad(fn, has_aux=True)(Tensor(3.0))
    assert gradient.item() == 6.0 and aux[0].item() == 4.0 and aux[1] == "label"
    (value, *_), gradient = ms.value_and_grad(fn, has_aux=True)(Tensor(3.0))
    assert value.item() == 9.0 and gradient.item() == 6.0


def test_gradients_of_nested_arguments_have_their_structure():
    result = ms.grad(lambda d: d["a"] * d["b"][0])({"a": Tensor(2.0), "b": [Tensor(3.0), None]})
    assert result["a"].item() == 3.0 and result["b"][0].item() == 2.0 and result["b"][1] is None


def test_several_outputs_are_summed():
    assert ms.grad(lambda x: (x * 2, x * x))(Tensor([3.0])).tolist() == [8.0]


@pytest.mark.parametrize(
    ("make", "kind", "what"),
    [
        (lambda: ms.grad(lambda x: x)(Tensor(1).astype("int4")), TypeError, "only stored"),
        (lambda: ms.grad(lambda x: x.astype("int4"))(Tensor(1.0)), TypeError, "returns int4"),
        (lambda: ms.grad(lambda x: None)(Tensor(1.0)), TypeError, "returns nothing"),
        (lambda: ms.grad(lambda x: x, 1)(Tensor(1.0)), ValueError, "grad_position=1"),
        (lambda: ms.grad(lambda x: x, "0")(Tensor(1.0)), TypeError, "grad_position='0'"),
        (lambda: ms.grad(lambda x: x, None), ValueError, "neither"),
        (lambda: ms.grad(lambda x: x, None, [3]), TypeError, "Parameters"),
        (lambda: ms.vmap(lambda x: x)(Tensor(1.0)), ValueError, "axis 0"),
        (lambda: ms.vmap(lambda x, y: x)(Tensor([1.0]), Tensor([1.0, 2.0])), ValueError, "batch sizes"),
        (lambda: ms.vmap(lambda x: x, in_axes=None)(Tensor([1.0])), ValueError, "at least one"),
        (lambda: ms.vmap(lambda x: x, in_axes="0")(Tensor([1.0])), TypeError, "'0'"),
        (lambda: ms.vmap(lambda x: x, out_axes=None)(Tensor([1.0])), ValueError, "differs"),
        (lambda: ms.jvp(lambda x: x, Tensor(1.0), Tensor([1.0])), ValueError, "direction"),
        (lambda: ms.vjp(lambda x: x, Tensor(1.0))[1](Tensor([1.0])), ValueError, "a shape that broadcasts"),
        (lambda: ms.vjp(lambda x: x, Tensor(1.0))[1](Tensor(1.0), Tensor(1.0)), ValueError, "2 cotangents"),
    ],
)
def test_bad_use_says_what_was_given(make, kind, what):
    with pytest.raises(kind, match=what):
        make()


def test_a_function_that_fails_leaves_parameters_and_engines_alone():
    w = Parameter(Tensor(2.0), name="w")
    before = w._value

    def fn(x):
        raise RuntimeError("mine")

    for transform in (
        lambda: ms.grad(fn, 0, w)(Tensor(1.0)),
        lambda: ms.vmap(fn)(Tensor([1.0])),
        lambda: ms.ir.staged(fn)(Tensor(1.0)),
    ):
        with pytest.raises(RuntimeError, match="mine"):
            transform()
    assert w._value is before and (w + 1).item() == 3.0


def test_a_parameter_changed_in_the_function_keeps_the_change():
    w = Parameter(Tensor(2.0), name="w")

    def fn(x):
        y = x * w
        w.assign_value(w * 10)
        return y

    assert ms.grad(fn, None, w)(Tensor(3.0)).item() == 3.0
    assert w.item() == 20.0


def test_vmap_moves_axes():
    x = np.arange(24.0).reshape(2, 3, 4)
    out = ms.vmap(lambda r: r.sum(axis=0), in_axes=1, out_axes=1)(Tensor(x))
    np.testing.assert_array_equal(out.asnumpy(), x.sum(0).T)
    out = ms.vmap(lambda a, b: a * b["k"], in_axes=(0, {"k": None}))(Tensor(x), {"k": Tensor(2.0)})
    np.testing.assert_array_equal(out.asnumpy(), x * 2)


def test_vmap_nests():
    x = np.arange(6.0).reshape(2, 3)
    out = ms.vmap(ms.vmap(lambda a, b: a * b, (0, None)), (None, 0))(Tensor(x[0]), Tensor(x[1]))
    np.testing.assert_array_equal(out.asnumpy(), np.multiply.outer(x[1], x[0]))


def test_jacobians_of_several_arguments():
    def fn(x, y):
        return ops.concat((x * y, x))

    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    for jac in (ms.jacrev, ms.jacfwd):
        jx, jy = jac(fn, (0, 1))(x, y)
        np.testing.assert_array_equal(jx.asnumpy(), [[3, 0], [0, 4], [1, 0], [0, 1]])
        np.testing.assert_array_equal(jy.asnumpy(), [[1, 0], [0, 2], [0, 0], [0, 0]])
        jacobian, aux = jac(lambda x: (x * 2, "more"), has_aux=True)(x)
        assert jacobian.shape == (2, 2) and aux == ("more",)


def test_grad_operation_in_all_forms():
    w = Parameter(Tensor(2.0), name="w")

    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.w = w

        def construct(self, x, y):
            return x * y * self.w

    net, x, y = Net(), Tensor(3.0), Tensor(5.0)
    assert ms.GradOperation()(net)(x, y).item() == 10.0
    assert [g.item() for g in ms.GradOperation(get_all=True)(net)(x, y)] == [10.0, 6.0]
    assert [g.item() for g in ms.GradOperation(get_by_list=True)(net)(x, y)] == [15.0]
    inputs, weights = ms.GradOperation(get_all=True, get_by_list=True)(net, [w])(x, y)
    assert [g.item() for g in inputs] == [10.0, 6.0] and weights[0].item() == 15.0
    assert ms.GradOperation(sens_param=True)(net)(x, y, Tensor(2.0)).item() == 20.0
    with pytest.raises(TypeError, match="get_all=1"):
        ms.GradOperation(get_all=1)


def test_a_position_or_weight_is_differentiated_by_once():
    w = ms.Parameter(Tensor(2.0), name="w")
    with pytest.raises(ValueError, match="each position once"):
        ms.grad(lambda x: x * w, (0, 0))(Tensor(1.0))
    with pytest.raises(ValueError, match="a parameter twice in weights"):
        ms.grad(lambda x: x * w, None, [w, w])


def test_a_rule_whose_cotangent_has_another_shape_than_its_operand_is_found_out():
    double = OpDef("double", lambda x: x, lambda x: x * 2, Vjp(lambda c, g: [g[:1]]))
    with pytest.raises(ValueError, match=r"derivative of ops.double: got a cotangent of shape \(1,\)"):
        ms.grad(lambda x: double(x).sum())(Tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"derivative of ops.double: got a cotangent of shape \(1,\)"):
        ir.staged(ms.grad(lambda x: double(x).sum()))(Tensor([1.0, 2.0]))


@pytest.mark.parametrize("cotangent", [2.0, [2.0], [[2.0]], [2.0, 3.0, 4.0], [[2.0], [5.0]]])
def test_a_cotangent_is_stretched_to_the_shape_of_the_output(cotangent):
    x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    expected = 2 * x.asnumpy() * np.asarray(cotangent, np.float32)
    (found,) = ms.vjp(lambda x: x * x, x)[1](Tensor(cotangent))
    np.testing.assert_array_equal(found.asnumpy(), expected)
    found = ops.GradOperation(sens_param=True)(lambda x: x * x)(x, Tensor(cotangent))
    np.testing.assert_array_equal(found.asnumpy(), expected)
    for wrong in (ops.ones((1, 2, 3)), ops.ones((2,)), ops.ones((2, 3), ms.float64)):
        with pytest.raises(ValueError, match="or a shape that broadcasts to its shape"):
            ms.vjp(lambda x: x * x, x)[1](wrong)
