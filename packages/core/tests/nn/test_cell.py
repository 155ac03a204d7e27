"""Cells: names, attributes, calling, settings. Names and printed forms are those of mindspore 2.10.0."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from helpers import assert_near, assert_same

import lamella as ms
from lamella import Parameter, ParameterTuple, Tensor, context, nn, ops


class Scale(nn.Cell):
    def __init__(self, value=2.0, name="custom"):
        super().__init__()
        self.v = Parameter(Tensor([value, value]), name=name)

    def construct(self, x):
        return x * self.v


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.bn = nn.BatchNorm2d(4)
        self.seq = nn.SequentialCell(nn.Dense(4, 5, activation="relu"), nn.ReLU())
        self.list = nn.CellList([nn.Dense(2, 3), nn.Dropout(p=0.3)])
        self.w = Parameter(Tensor([1.0, 2.0]))
        self.inner = Scale()

    def construct(self, x):
        return x * self.w


NAMES = [
    "w", "conv.weight", "bn.moving_mean", "bn.moving_variance", "bn.gamma", "bn.beta", "seq.0.weight", "seq.0.bias",
    "list.0.weight", "list.0.bias", "inner.v",
]  # fmt: skip


def test_parameters_are_named_after_the_attributes_that_lead_to_them():
    net = Net()
    assert [p.name for p in net.get_parameters()] == NAMES
    assert [name for name, _ in net.parameters_and_names()] == NAMES
    assert list(net.parameters_dict()) == NAMES
    assert [p.name for p in net.untrainable_params()] == ["bn.moving_mean", "bn.moving_variance"]
    assert len(net.trainable_params()) == len(NAMES) - 2
    assert [p.name for p in net.get_parameters(expand=False)] == ["w"]
    assert [p.name for p in net.trainable_params(recurse=False)] == ["w"]


def test_a_name_that_was_given_stays_in_the_cell_that_holds_the_parameter():
    assert [p.name for p in Scale().get_parameters()] == ["custom"]
    assert [name for name, _ in Scale().parameters_and_names()] == ["v"]
    assert next(iter(Scale().parameters_and_names("net")))[0] == "net.v"


def test_deeper_nesting_puts_more_names_in_front():
    class Outer(nn.Cell):
        def __init__(self):
            super().__init__()
            self.net = Net()

    assert [p.name for p in Outer().get_parameters()] == [f"net.{name}" for name in NAMES]
    assert Outer().net.seq[0].param_prefix == "net.seq.0"


def test_without_auto_prefix_names_stay():
    class Wrapper(nn.Cell):
        def __init__(self, net):
            super().__init__(auto_prefix=False)
            self.net = net

    assert [p.name for p in Wrapper(Net()).get_parameters()] == NAMES


def test_what_is_added_to_a_nested_cell_is_named_in_full():
    net = Net()
    net.inner.more = Parameter(Tensor(1.0))
    net.inner.dense = nn.Dense(2, 2)
    net.list.append(nn.Dense(2, 2))
    assert net.inner.more.name == "inner.more"
    assert net.inner.dense.bias.name == "inner.dense.bias"
    assert net.list[2].weight.name == "list.2.weight"


def test_a_shared_cell_counts_once():
    class Shared(nn.Cell):
        def __init__(self):
            super().__init__()
            self.a = Scale()
            self.b = self.a
            self.t = self.a.v

    net = Shared()
    assert [name for name, _ in net.cells_and_names()] == ["", "a"]
    assert list(net.name_cells()) == ["a"]
    assert len(list(net.cells())) == 1
    assert len(list(net.get_parameters())) == 1


def test_a_shared_parameter_counts_once():
    class Tied(nn.Cell):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(4, 3)
            self.head = nn.Dense(3, 4, has_bias=False)
            self.head.weight = self.embedding.embedding_table

    assert [p.name for p in Tied().get_parameters()] == ["embedding.embedding_table"]


def test_cells_and_names_go_down():
    names = [name for name, _ in Net().cells_and_names()]
    assert names == ["", "conv", "bn", "seq", "seq.0", "seq.0.activation", "seq.1", "list", "list.0", "list.1", "inner"]


def test_update_parameters_name_puts_a_prefix_in_front():
    net = Scale()
    net.update_parameters_name("student.")
    assert net.v.name == "student.v"
    net.update_parameters_name()
    assert net.v.name == "student.v"


def test_check_names_finds_doubles():
    class Twice(nn.Cell):
        def __init__(self):
            super().__init__()
            self.a = Parameter(Tensor(1.0), name="x")
            self.b = Parameter(Tensor(1.0), name="x")

    Net().check_names()
    with pytest.raises(ValueError, match="two parameters called 'x'"):
        Twice().check_names()


def test_a_parameter_tuple_registers_its_parameters_under_their_names():
    class Many(nn.Cell):
        def __init__(self):
            super().__init__()
            self.all = ParameterTuple([Parameter(Tensor(1.0), name="a"), Parameter(Tensor(2.0), name="b")])

    assert [name for name, _ in Many().parameters_and_names()] == ["a", "b"]


# -- attributes --


def test_assigning_a_tensor_to_a_parameter_sets_its_value():
    net = Scale()
    parameter = net.v
    net.v = Tensor([5.0, 6.0])
    assert net.v is parameter
    assert_same(parameter, Tensor([5.0, 6.0]))


def test_assigning_none_takes_parameters_and_cells_away():
    net = Net()
    net.w = None
    net.conv = None
    assert net.w is None
    assert net.conv is None
    assert [p.name for p in net.get_parameters()] == NAMES[2:]


def test_attributes_can_be_deleted_and_replaced():
    net = Net()
    del net.w
    del net.conv
    assert [p.name for p in net.get_parameters()] == NAMES[2:]
    assert not hasattr(net, "conv")
    net.seq = nn.Dense(1, 1)
    assert [p.name for p in net.get_parameters()][4:6] == ["seq.weight", "seq.bias"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda net: setattr(net, "w", 3), TypeError),
        (lambda net: setattr(net, "conv", 3), TypeError),
        (lambda net: setattr(net, "conv", Parameter(Tensor(1.0))), ValueError),
        (lambda net: setattr(net, "w", nn.ReLU()), ValueError),
        (lambda net: net.insert_param_to_cell("a.b", Parameter(Tensor(1.0))), ValueError),
        (lambda net: net.insert_param_to_cell("conv", Parameter(Tensor(1.0))), ValueError),
        (lambda net: net.insert_param_to_cell("new", Tensor(1.0)), TypeError),
        (lambda net: net.insert_child_to_cell("conv", nn.ReLU()), ValueError),
        (lambda net: net.insert_child_to_cell("new", 3), TypeError),
    ],
)
def test_attributes_that_do_not_fit_are_refused(change, error):
    with pytest.raises(error, match="expected"):
        change(Net())


def test_inserting_adds_attributes():
    net = Scale()
    net.insert_param_to_cell("q", Parameter(Tensor(1.0), name="given"))
    net.insert_param_to_cell("r.s", Parameter(Tensor(1.0)), check_name_contain_dot=False)
    net.insert_child_to_cell("relu", nn.ReLU())
    assert [name for name, _ in net.parameters_and_names()] == ["v", "q", "r.s"]
    assert [p.name for p in net.get_parameters()] == ["custom", "given", "r.s"]
    assert isinstance(net.relu, nn.ReLU)


def test_a_missing_attribute_is_named():
    with pytest.raises(AttributeError, match="'Scale' object has no attribute 'nope'"):
        _ = Scale().nope


def test_assigning_before_init_says_what_is_missing():
    class Early(nn.Cell):
        def __init__(self):
            self.w = Parameter(Tensor(1.0))

    class Never(nn.Cell):
        def __init__(self):
            self.n = 3

    with pytest.raises(AttributeError, match=r"super\(\).__init__\(\) before assigning w"):
        Early()
    with pytest.raises(AttributeError, match=r"expected super\(\).__init__\(\)"):
        list(Never().get_parameters())
    with pytest.raises(AttributeError, match=r"expected super\(\).__init__\(\)"):
        nn.SequentialCell(Never())


# -- calling --


def test_a_cell_without_construct_says_so():
    with pytest.raises(AttributeError, match="without `construct`"):
        nn.Cell()(Tensor(1.0))


@pytest.mark.parametrize("args", [(), (Tensor(1.0), Tensor(1.0))])
def test_a_wrong_number_of_arguments_is_explained(args):
    with pytest.raises(TypeError, match=rf"Scale\(x\): got {len(args)} arguments"):
        Scale()(*args)


def test_an_inner_type_error_stays_as_it_is():
    class Wrong(nn.Cell):
        def construct(self, x):
            return x + object()

    with pytest.raises(TypeError, match="object"):
        Wrong()(Tensor(1.0))


def test_keyword_arguments_and_structures_pass_through():
    class Pair(nn.Cell):
        def construct(self, pair, *, flip=False):
            return {"a": pair[1]} if flip else pair[0]

    assert Pair()((1, 2)) == 1
    assert Pair()((1, 2), flip=True) == {"a": 2}


def test_grad_by_weights_and_inputs():
    net = Scale(3.0)
    by_input, by_weight = ms.grad(net, 0, net.trainable_params())(Tensor([1.0, 4.0]))
    assert_same(by_input, Tensor([3.0, 3.0]))
    assert_same(by_weight[0], Tensor([1.0, 4.0]))


def test_vmap_of_a_cell_and_of_its_gradient():
    net = nn.Dense(3, 2)
    x = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    assert_near(ms.vmap(net)(Tensor(x)), net(Tensor(x)).asnumpy())
    gradients = ms.vmap(ms.grad(lambda row: ops.sum(net(row) * net(row))))(Tensor(x))
    w, b = net.weight.asnumpy(), net.bias.asnumpy()
    assert_near(gradients, 2 * (x @ w.T + b) @ w)


def test_a_cell_in_a_graph_reads_parameters_at_each_call():
    net = Scale(3.0)
    run = ms.ir.staged(net)
    assert_same(run(Tensor([1.0, 2.0])), Tensor([3.0, 6.0]))
    net.v.set_data(Tensor([5.0, 5.0]))
    assert_same(run(Tensor([1.0, 2.0])), Tensor([5.0, 10.0]))


def test_graph_mode_hands_the_outermost_call_to_the_compiler(monkeypatch):
    calls = []

    class Compiler:
        def call_cell(self, cell, args, kwargs):
            calls.append(type(cell).__name__)
            return ms.ir.staged(lambda *inputs: cell(*inputs, **kwargs))(*args)

    monkeypatch.setattr(context, "mode", context.GRAPH_MODE)
    monkeypatch.setattr(ms.plugins, "compiler", Compiler)
    net = nn.SequentialCell(Scale(3.0), nn.ReLU())
    assert_same(net(Tensor([1.0, -2.0])), Tensor([3.0, 0.0]))
    assert calls == ["SequentialCell"]


# -- settings --


def test_set_train_goes_down():
    net = Net()
    assert not net.training
    assert net.set_train() is net
    assert all(cell.training for _, cell in net.cells_and_names())
    assert net.get_flags() == {"training": True}
    net.set_train(False)
    assert not net.list[1].training


def test_flags_are_attributes():
    net = nn.SequentialCell(nn.ReLU())
    assert net.add_flags(fast=True).fast
    net.add_flags_recursive(deep=2)
    assert net[0].deep == 2
    assert net.get_flags() == {"fast": True, "deep": 2}
    assert nn.Cell(flags={"x": 1}).x == 1


def test_set_grad_is_noted():
    assert Net().set_grad().requires_grad


def test_apply_goes_from_below_to_above():
    seen = []
    net = nn.SequentialCell(nn.Dense(1, 1, activation="relu"), nn.Tanh())
    assert net.apply(lambda cell: seen.append(type(cell).__name__)) is net
    assert seen == ["ReLU", "Dense", "Tanh", "SequentialCell"]


def test_init_parameters_data_leaves_parameters_as_they_are():
    net = Scale()
    assert net.init_parameters_data() == {net.v: net.v}


@pytest.mark.parametrize("dtype", [ms.float16, ms.bfloat16])
def test_to_float_computes_in_another_type_and_keeps_the_parameters(dtype):
    net = nn.SequentialCell(nn.Dense(3, 2), nn.Tanh()).to_float(dtype)
    y = net(ops.ones((1, 3)))
    assert y.dtype is dtype
    assert net[0].weight.dtype is ms.float32
    assert isinstance(net[0].weight, Parameter)
    gradients = ms.grad(lambda x: ops.sum(net(x)), None, net.trainable_params())(ops.ones((1, 3)))
    assert [g.dtype for g in gradients] == [ms.float32, ms.float32]


def test_to_float_leaves_integers_and_state_alone():
    norm = nn.BatchNorm1d(2).to_float(ms.float16).set_train()
    norm(Tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert norm.moving_mean.dtype is ms.float32
    assert_near(norm.moving_mean, [0.2, 0.3], 1e-3)
    assert nn.Identity().to_float(ms.float16)(Tensor([1])).dtype is ms.int64


def test_to_float_restores_parameters_after_an_error():
    net = nn.Dense(3, 2).to_float(ms.float16)
    with pytest.raises(ValueError, match="expected"):
        net(ops.ones((1, 4)))
    assert isinstance(net.weight, Parameter)


def test_to_float_refuses_other_types():
    with pytest.raises(ValueError, match="float64"):
        nn.ReLU().to_float(ms.float64)


# -- bprop --


class Product(nn.Cell):
    def construct(self, x, y):
        return x * y

    def bprop(self, x, y, out, dout):
        return dout * 10 + out * 0, dout * 100 + x * 0


def test_bprop_is_the_derivative():
    by_x, by_y = ms.grad(Product(), (0, 1))(Tensor(2.0), Tensor(3.0))
    assert (by_x.item(), by_y.item()) == (10.0, 100.0)


def test_bprop_in_a_graph_and_in_a_graph_that_is_differentiated():
    inside = ms.ir.staged(ms.grad(Product()))
    assert inside(Tensor(2.0), Tensor(3.0)).item() == 10.0
    outside = ms.grad(ms.ir.staged(Product()))
    assert outside(Tensor(2.0), Tensor(3.0)).item() == 10.0


def test_bprop_of_a_cell_inside_another_and_with_what_is_no_tensor():
    class Times(nn.Cell):
        def construct(self, x, n):
            return x * n

        def bprop(self, x, n, out, dout):
            return dout * n * 7, None

    class Outer(nn.Cell):
        def __init__(self):
            super().__init__()
            self.times = Times()

        def construct(self, x):
            return self.times(x * 2.0, 3)

    assert ms.grad(Outer())(Tensor(1.0)).item() == 42.0


def test_bprop_that_returns_too_few_gradients_is_refused():
    class Few(Product):
        def bprop(self, x, y, out, dout):
            return dout

    with pytest.raises(TypeError, match=r"Few\.bprop: got 1 gradients returned, expected one for each of 2 inputs"):
        ms.grad(Few())(Tensor(2.0), Tensor(3.0))


# -- copies and printing --


def test_deepcopy_is_independent_and_keeps_sharing():
    net = Net().set_train()
    net.tied = net.inner.v
    twin = copy.deepcopy(net)
    assert [p.name for p in twin.get_parameters()] == [p.name for p in net.get_parameters()]
    assert twin.tied is twin.inner.v
    assert twin.seq[0] is next(iter(twin.seq.cells()))
    assert twin.training
    twin.w.set_data(Tensor([9.0, 9.0]))
    assert_same(net.w, Tensor([1.0, 2.0]))


def test_pickle_round_trip():
    net = nn.SequentialCell(nn.Dense(3, 2), nn.BatchNorm1d(2))
    twin = pickle.loads(pickle.dumps(net))
    x = Tensor(np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32))
    assert_same(twin(x), net(x))
    assert [p.name for p in twin.get_parameters()] == [p.name for p in net.get_parameters()]


def test_repr_shows_settings_and_what_is_below():
    class Show(nn.Cell):
        def __init__(self):
            super().__init__()
            self.seq = nn.SequentialCell(nn.Dense(4, 5, activation="relu"), nn.ReLU())
            self.list = nn.CellList([nn.Dense(2, 3), nn.Dropout(p=0.3)])
            self.pool = nn.MaxPool2d(2, 2)

    # Printed by mindspore 2.10.0 for the same network.
    assert repr(Show()) == (
        "Show(\n"
        "  (seq): SequentialCell(\n"
        "    (0): Dense(\n"
        "      input_channels=4, output_channels=5, has_bias=True, activation=ReLU()\n"
        "      (activation): ReLU()\n"
        "    )\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (list): CellList(\n"
        "    (0): Dense(input_channels=2, output_channels=3, has_bias=True)\n"
        "    (1): Dropout(p=0.3)\n"
        "  )\n"
        "  (pool): MaxPool2d(kernel_size=2, stride=2, pad_mode=VALID)\n"
        ")"
    )
    assert repr(nn.Cell()) == "Cell()"
