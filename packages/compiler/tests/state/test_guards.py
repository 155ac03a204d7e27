"""A graph is never used for what it was not built for: whatever a function reads, a change of it is seen."""

from __future__ import annotations

import dataclasses
import enum
import math
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Parameter, Tensor, nn, ops
from lamella_compiler.state.values import fingerprint, same

ONE = Tensor(1.0)
SCALE = 2.0
TABLE = [1.0, 2.0]


def misses(fn) -> int:
    return ms.jit_cache_info(fn).misses


def agrees(run, fn, *args) -> None:
    """The compiled function gives what the function gives now."""
    np.testing.assert_allclose(run(*args).asnumpy(), np.asarray(fn(*args)), 1e-6)


# -- names --


def test_globals(monkeypatch):
    def fn(x):
        return x * SCALE

    run = ms.jit(fn)
    for value in (2.0, 3.0, 3.0, 2.0):
        monkeypatch.setitem(globals(), "SCALE", value)
        agrees(run, fn, ONE)
    assert misses(run) == 2
    assert ms.jit_cache_info(run).reasons == ("global SCALE: 2.0 became 3.0",)


def test_globals_that_are_functions(monkeypatch):
    def fn(x):
        return helper(x)

    run = ms.jit(fn)
    for other in (lambda x: x + 1, lambda x: x * 10):
        monkeypatch.setitem(globals(), "helper", other)
        agrees(run, fn, ONE)


def helper(x):
    return x


def test_code_of_functions_that_are_changed_in_place(monkeypatch):
    def inner(x):
        return x + 1

    def other(x):
        return x * 10

    monkeypatch.setitem(globals(), "helper", inner)

    def fn(x):
        return helper(x)

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    inner.__code__ = other.__code__  # as reloading in a notebook does
    agrees(run, fn, ONE)


def test_closure_variables():
    scale = 2.0

    def fn(x):
        return x * scale

    run = ms.jit(fn)
    for scale in (2.0, 3.0, 2.0):  # noqa: B007 - the function reads it
        agrees(run, fn, ONE)
    assert misses(run) == 2


def test_closure_variables_of_called_functions():
    scale = 2.0

    def inner(x):
        return x * scale

    def fn(x):
        return inner(x) + 1

    run = ms.jit(fn)
    for scale in (2.0, 5.0):  # noqa: B007
        agrees(run, fn, ONE)


def test_tensors_from_around_are_read_each_time_and_others_in_their_place_seen():
    w = Tensor(2.0)

    def fn(x):
        return x * w

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    w.assign_value(3.0)
    agrees(run, fn, ONE)
    assert misses(run) == 1
    w = Tensor(4.0)
    agrees(run, fn, ONE)
    w = Tensor([4.0, 5.0])
    agrees(run, fn, ONE)


def test_a_parameter_of_another_shape():
    w = Parameter(Tensor([1.0]), name="w")
    run = ms.jit(lambda x: x + w)
    assert run(ONE).shape == (1,)
    w.set_data(Tensor([1.0, 2.0]), slice_shape=True)
    assert run(ONE).tolist() == [2.0, 3.0]
    assert "around the function" in ms.jit_cache_info(run).reasons[0]


# -- objects and containers --


def test_attributes_of_objects():
    settings = types.SimpleNamespace(rate=2.0, inner=types.SimpleNamespace(flag=True))

    def fn(x):
        return x * settings.rate if settings.inner.flag else x

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    settings.rate = 3.0
    agrees(run, fn, ONE)
    settings.inner.flag = False
    agrees(run, fn, ONE)
    settings.inner = types.SimpleNamespace(flag=True)
    agrees(run, fn, ONE)
    del settings.rate
    with pytest.raises(AttributeError):
        run(ONE)


def test_attributes_of_classes_and_dataclasses():
    class Config:
        rate = 2.0

    @dataclasses.dataclass
    class Data:
        rate: float = 5.0

    config, data = Config(), Data()

    def fn(x):
        return x * config.rate + data.rate

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    Config.rate = 3.0
    agrees(run, fn, ONE)
    config.rate = 4.0
    agrees(run, fn, ONE)
    data.rate = 6.0
    agrees(run, fn, ONE)


def test_methods_of_objects_and_classes():
    class Base:
        scale = 2.0

        def act(self, x):
            return x * self.scale

        @staticmethod
        def shift(x):
            return x + 1

        @classmethod
        def scaled(cls, x):
            return x * cls.scale

        @property
        def bias(self):
            return 0.5

    class Derived(Base):
        def act(self, x):
            return super().act(x) + 1

    def check(thing, fn):
        run = ms.jit(fn)
        changes = [
            lambda: setattr(Base, "act", lambda self, x: x * 3),
            lambda: setattr(Base, "shift", staticmethod(lambda x: x - 1)),
            lambda: setattr(Base, "scaled", classmethod(lambda cls, x: x - 2)),
            lambda: setattr(Base, "bias", property(lambda self: 7.0)),
            lambda: setattr(Derived, "act", lambda self, x: x - 5),
            lambda: setattr(Derived, "shift", staticmethod(lambda x: x * 11)),
            lambda: setattr(thing, "act", lambda x: x * 13),  # of its own, in place of its class's
            lambda: setattr(thing, "shift", lambda x: x * 17),
            lambda: delattr(thing, "act"),
        ]
        agrees(run, fn, ONE)
        for change in changes:
            change()
            agrees(run, fn, ONE)
            agrees(run, fn, ONE)
        assert misses(run) == 1 + len(changes)

    originals = {name: vars(Base)[name] for name in ("act", "shift", "scaled", "bias")}
    derived = Derived.act
    thing = Derived()
    check(thing, lambda x: thing.act(x) + thing.shift(x) + thing.scaled(x) + thing.bias + Derived.shift(x))

    for name, value in originals.items():
        setattr(Base, name, value)
    Derived.act = derived
    del Derived.shift

    class Network(Derived, nn.Cell):
        def construct(self, x):
            return self.act(x) + self.shift(x) + self.scaled(x) + self.bias

    network = Network()
    check(network, lambda x: network(x))


def test_containers_and_arrays_that_are_defaults():
    table, array = {"k": [1.0]}, np.ones(2, np.float32)

    def inner(x, table=table, *, array=array):
        return x * table["k"][0] + array

    def fn(x):
        return inner(x)

    run, run_inner = ms.jit(fn), ms.jit(inner)
    for change in (lambda: None, lambda: table["k"].append(2.0), lambda: table["k"].pop(0), lambda: array.fill(5.0)):
        change()
        agrees(run, fn, ONE)
        agrees(run_inner, inner, ONE)


def test_objects_that_are_arguments():
    settings = types.SimpleNamespace(rate=2.0)

    def fn(x, s):
        return x * s.rate

    run = ms.jit(fn)
    agrees(run, fn, ONE, settings)
    settings.rate = 3.0
    agrees(run, fn, ONE, settings)
    agrees(run, fn, ONE, types.SimpleNamespace(rate=4.0))


def test_elements_of_lists_dicts_and_sets():
    listed, table, chosen, deep = [1.0, 2.0], {"a": 1.0}, {"x"}, {"k": [1.0, [2.0]]}

    def fn(x):
        total = x * listed[0] + len(listed)
        for value in listed:
            total = total + value
        if "x" in chosen:
            total = total * 2
        for name, value in table.items():
            total = total + value * len(name)
        return total + deep["k"][1][0]

    run = ms.jit(fn)
    changes = [
        lambda: listed.__setitem__(0, 5.0),
        lambda: listed.append(7.0),
        lambda: table.__setitem__("a", 2.0),
        lambda: table.__setitem__("bb", 2.0),
        lambda: chosen.discard("x"),
        lambda: deep["k"][1].__setitem__(0, 9.0),
        lambda: deep.__setitem__("k", [0.0, [1.0]]),
    ]
    agrees(run, fn, ONE)
    for change in changes:
        change()
        agrees(run, fn, ONE)
        agrees(run, fn, ONE)
    assert misses(run) == 1 + len(changes)


def test_elements_of_numpy_arrays():
    table = np.array([1.0, np.nan], np.float32)

    def fn(x):
        return x + table

    run = ms.jit(fn)
    for _ in range(2):
        agrees(run, fn, ONE)
    assert misses(run) == 1
    table[1] = 3.0
    agrees(run, fn, ONE)


def test_what_the_function_itself_changes_is_changed_each_time():
    calls = []
    counter = types.SimpleNamespace(n=0)

    def fn(x):
        calls.append(1)
        counter.n += 1
        return x * counter.n

    run = ms.jit(fn)
    assert [run(ONE).item() for _ in range(3)] == [1.0, 2.0, 3.0] and len(calls) == 3


def test_the_kind_of_a_number_counts():
    value = 0.0

    def fn(x):
        return 1 / (x * value)

    run = ms.jit(fn)
    results = []
    for value in (0.0, -0.0, 0, False):  # noqa: B007
        results.append(run(ONE).item())  # noqa: PERF401
    assert results == [math.inf, -math.inf, math.inf, math.inf] and misses(run) == 4
    value = float("nan")
    for _ in range(3):
        run(ONE)
    assert misses(run) == 5


# -- cells --


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 3)
        self.dropout = nn.Dropout(p=0.5)
        self.layers = nn.SequentialCell(nn.ReLU(), nn.Dense(3, 3))
        self.scale = 2.0
        self.sizes = [1.0, 2.0]
        self.seen = 0

    def construct(self, x):
        x = self.dropout(self.layers(self.dense(x))) * self.scale
        for size in self.sizes:
            x = x + size
        return x


def compared(net):
    """A check that the compiled network gives what the network gives; and how often it has been compiled."""
    run = ms.jit(net)
    x = Tensor(np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32))

    def check() -> int:
        ms.set_seed(1)
        expected = net(x).asnumpy()
        ms.set_seed(1)
        np.testing.assert_allclose(run(x).asnumpy(), expected, 1e-5, 1e-6)
        return misses(run)

    return check


CHANGES = {
    "training": lambda net: net.set_train(not net.training),
    "an attribute": lambda net: setattr(net, "scale", 3.0),
    "a list": lambda net: net.sizes.append(5.0),
    "another cell": lambda net: setattr(net, "dense", nn.Dense(3, 3)),
    "a cell that is taken away": lambda net: setattr(net, "dropout", nn.ReLU()),
    "a layer added": lambda net: net.layers.append(nn.Tanh()),
    "a layer removed": lambda net: net.layers.__delitem__(0),
    "a layer replaced": lambda net: net.layers.__setitem__(0, nn.Tanh()),
    "a setting of a layer": lambda net: setattr(net.dropout, "p", 0.1) or setattr(net.dropout, "keep_prob", 0.9),
    "an activation": lambda net: setattr(net.dense, "activation", nn.ReLU()),
    "a forward hook": lambda net: net.dense.register_forward_hook(lambda cell, x, y: y * 2) and None,
    "a forward pre hook": lambda net: net.layers.register_forward_pre_hook(lambda cell, x: (x[0] + 1,)) and None,
    "another type": lambda net: net.to_float(ms.float16),
    "another parameter": lambda net: setattr(net.dense, "weight", Parameter(ops.ones((3, 3)), name="w")),
    "another construct": lambda net: setattr(net, "construct", lambda x: x + 7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_cells(name):
    net = Net()
    check = compared(net)
    assert check() == 1 and check() == 1
    CHANGES[name](net)
    assert check() == 2, "it was compiled again"
    assert check() == 2, "and then found"


def test_changes_of_methods_of_a_class():
    net = Net()
    check = compared(net)
    check()
    before = Net.construct
    try:
        Net.construct = lambda self, x: x + 7
        check()
    finally:
        Net.construct = before
    check()


def test_a_hook_that_is_removed():
    net = Net()
    check = compared(net)
    handle = net.dense.register_forward_hook(lambda cell, x, y: y * 2)
    check()
    handle.remove()
    assert check() == 2


def test_what_a_users_cell_does_not_read_does_not_matter():
    net = Net()
    check = compared(net)
    check()
    net.seen = 5
    net.note = "new"
    assert check() == 1


def test_values_of_parameters_do_not_matter():
    net = Net()
    check = compared(net)
    check()
    net.dense.weight.set_data(net.dense.weight * 2)
    ms.load_param_into_net(net, {p.name: Parameter(p * 0.5, name=p.name) for p in net.get_parameters()})
    assert check() == 1


def test_going_back_and_forth_compiles_twice():
    net = Net()
    check = compared(net)
    for training in (True, False) * 4:
        net.set_train(training)
        check()
    assert check() == 2


def test_other_cells_that_change_do_not_matter():
    net, other = Net(), Net()
    check = compared(net)
    check()
    for _ in range(3):
        other.set_train()
        other.scale = 5.0
    assert check() == 1


def test_whether_parameters_are_trained():
    net = nn.Dense(2, 2)

    def fn(x):
        return ms.grad(lambda x: net(x).sum(), None, net.trainable_params())(x)

    run = ms.jit(fn)
    assert len(run(ops.ones((1, 2)))) == 2
    net.bias.requires_grad = False
    assert len(run(ops.ones((1, 2)))) == 1


def test_a_cell_that_is_only_looked_at():
    class Outer(nn.Cell):
        def __init__(self):
            super().__init__()
            self.inner = nn.Dense(2, 2)

        def construct(self, x):
            return ops.matmul(x, self.inner.weight.T) + (self.inner.bias if self.inner.has_bias else 0)

    net = Outer()
    check = ms.jit(net)
    x = ops.ones((1, 2))
    np.testing.assert_allclose(check(x).asnumpy(), net(x).asnumpy())
    net.inner.has_bias = False
    np.testing.assert_allclose(check(x).asnumpy(), net(x).asnumpy())
    net.inner = nn.Dense(2, 2)
    np.testing.assert_allclose(check(x).asnumpy(), net(x).asnumpy())


def test_optimizers():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    optimizer = nn.SGD([w], 0.5)
    run = ms.jit(lambda g: optimizer((g,)))
    run(Tensor([1.0, 1.0]))
    assert w.tolist() == [0.5, 1.5]
    optimizer.learning_rate.set_data(Tensor(1.0)) if isinstance(optimizer.learning_rate, Tensor) else None
    optimizer.loss_scale = 2.0
    run(Tensor([1.0, 1.0]))
    assert w.tolist() != [0.5, 1.5] and misses(run) == 2


# -- when values are the same --


class Color(enum.Enum):
    RED = 1


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=2) | st.binary(max_size=2)
    | st.sampled_from([0.0, -0.0, float("nan"), Color.RED, np.float32(1), np.int64(1), ONE]),
    lambda inner: st.tuples(inner, inner),
    max_leaves=4,
)  # fmt: skip


def described(value):
    """What distinguishes values, written down another way."""
    if isinstance(value, tuple):
        return tuple, [described(part) for part in value]
    if value is None or isinstance(value, (bool, int, str, bytes)):
        return type(value), repr(value)
    if isinstance(value, (float, np.generic)):
        return type(value), float(value).hex()
    return type(value), id(value)


@settings(max_examples=300, deadline=None)
@given(values, values)
def test_same_and_fingerprint_tell_apart_what_differs(first, second):
    expected = described(first) == described(second)
    assert same(first, second) == expected
    assert (fingerprint(first) == fingerprint(second)) == expected
    assert same(first, first) and fingerprint(first) == fingerprint(first)


def test_an_attribute_that_is_a_function():
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.act = ops.relu

        def construct(self, x):
            return self.act(x)

    net = Net()
    run = ms.jit(net)
    assert run(Tensor(-1.0)).item() == 0.0
    net.act = ops.neg
    assert run(Tensor(-1.0)).item() == 1.0


def test_an_attribute_that_was_asked_for_and_not_there():
    settings = types.SimpleNamespace()

    def fn(x):
        return x * 2 if hasattr(settings, "fast") else x * getattr(settings, "rate", 5)

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    agrees(run, fn, ONE)
    assert misses(run) == 1
    settings.rate = 6.0
    agrees(run, fn, ONE)
    settings.fast = True
    agrees(run, fn, ONE)


def test_functions_as_attributes_of_objects_and_modules():
    settings = types.SimpleNamespace(act=ops.relu)
    module = types.ModuleType("a_users_module")
    module.scale = lambda x: x * 2

    def fn(x):
        return settings.act(x) + module.scale(x)

    run = ms.jit(fn)
    agrees(run, fn, Tensor(-1.0))
    agrees(run, fn, Tensor(-1.0))
    assert misses(run) == 1
    settings.act = ops.neg
    agrees(run, fn, Tensor(-1.0))
    module.scale = lambda x: x * 5
    agrees(run, fn, Tensor(-1.0))


def test_methods_that_are_replaced_in_their_class():
    class Helper:
        def apply(self, x):
            return x * 2

        @classmethod
        def shift(cls, x):
            return x + 1

    helper = Helper()

    def fn(x):
        return helper.apply(x) + Helper.shift(x)

    run = ms.jit(fn)
    agrees(run, fn, ONE)
    agrees(run, fn, ONE)
    assert misses(run) == 1
    Helper.apply = lambda self, x: x * 7
    agrees(run, fn, ONE)


@pytest.mark.parametrize("text", ["1.5", "-0.0", "nan", "inf"])
def test_equal_numbers_that_are_two_objects_are_the_same(text):
    first, second = float(text), float(text)
    assert same(first, second) and fingerprint(first) == fingerprint(second)
    assert same((1, first), (1, second)) and not same(first, np.float32(text))


def test_a_changed_setting_of_an_object_of_ops_is_seen():
    softmax = ops.Softmax()

    @ms.jit
    def f(x):
        return softmax(x)

    x = Tensor(np.arange(6, dtype=np.float32).reshape(2, 3))
    before = f(x).asnumpy()
    np.testing.assert_allclose(before, ops.softmax(x, 1).asnumpy(), 1e-6)
    softmax.add_prim_attr("axis", 0)
    np.testing.assert_allclose(f(x).asnumpy(), ops.softmax(x, 0).asnumpy(), 1e-6)
    softmax.del_prim_attr("axis")
    np.testing.assert_allclose(f(x).asnumpy(), before)
