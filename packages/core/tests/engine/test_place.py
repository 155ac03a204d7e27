"""Where the nodes of a graph come from: line, path of cells, part of a training step."""

import pytest

import lamella as ms
from lamella import ir, nn, ops
from lamella.ir import Location
from lamella.ops.prims.regions import call

F = ir.TensorType(ms.float32, (2, 3))
PARTS = ("forward", "backward", "update")


class Block(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 3)
        self.relu = nn.ReLU()

    def construct(self, x):
        return self.relu(self.dense(x)) + x


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.blocks = nn.CellList([Block(), Block()])
        self.tail = nn.SequentialCell(nn.Tanh(), Block())
        self.loose = [nn.Sigmoid()]  # no attribute leads to it

    def construct(self, x):
        for block in self.blocks:
            x = block(x)
        return self.loose[0](self.tail(x))


class Cube(nn.Cell):
    def construct(self, x):
        return x * x * x

    def bprop(self, x, out, dout):
        return (3 * x * x * dout,)


def places(graph):
    return [(node.op.name, node.location) for _, node in graph.walk()]


def test_the_scope_is_the_path_of_the_cells_that_are_called():
    net = Net()
    scopes = [(name, place.scope) for name, place in places(ir.build(lambda x: net(x) * 2, F)) if name != "constant"]
    block = ["dot_general", "add", "le", "select", "add"]

    def rows(path):
        return list(zip(block, [f"{path}.dense"] * 2 + [f"{path}.relu"] * 2 + [path], strict=True))

    assert scopes == [
        *rows("Net.blocks.0"),
        *rows("Net.blocks.1"),
        ("tanh", "Net.tail.0"),
        *rows("Net.tail.1"),
        ("sigmoid", "Net.Sigmoid"),
        ("mul", ""),
    ]


def test_the_scope_ends_with_the_call_even_if_it_fails():
    relu = nn.ReLU()

    def fn(x):
        with pytest.raises(TypeError):
            relu(x, x)
        return x * 2

    assert {place.scope for _, place in places(ir.build(fn, F))} == {""}


def gradient_of(net):
    params = net.trainable_params()
    return ir.build(lambda x: ms.grad(lambda x: net(x).sum(), 0, params or None)(x), F)


def test_the_derivative_of_an_op_has_its_line_and_scope_and_is_backward():
    nodes = places(gradient_of(Net()))
    backward = {place.scope for _, place in nodes if place.part == "backward"}
    forward = {place.scope for _, place in nodes if place.part == "forward"}
    assert {"Net.blocks.0.dense", "Net.blocks.1.relu", "Net.tail.0", "Net.Sigmoid"} <= backward <= forward | {""}
    lines = {part: {p.line for _, p in nodes if p.scope == "Net.tail.0" and p.part == part} for part in PARTS}
    assert lines["backward"] == lines["forward"] != set() and not lines["update"]


def test_a_derivative_that_a_user_wrote_has_its_own_lines():
    nodes = places(gradient_of(Cube()))
    first = Cube.bprop.__code__.co_firstlineno
    written = [p for _, p in nodes if p.line == first + 1]
    assert written and {(p.scope, p.part) for p in written} == {("Cube", "backward")}


def test_second_derivatives_stay_backward():
    graph = ir.build(lambda x: ms.grad(lambda x: ms.grad(lambda x: ops.sin(x).sum())(x).sum())(x), F)
    assert {p.part for name, p in places(graph) if name in ("neg", "mul")} == {"backward"}


def test_derivatives_inside_loops_and_branches_keep_places():
    net = Block()

    def fn(x):
        def body(carry, _):
            return ops.cond(carry.sum() > 0, net, lambda x: x * 2, carry), None

        return ops.scan(body, x, None, length=3)[0].sum()

    graph = ir.build(ms.grad(fn), F)
    inner = [(node.op.name, node.location) for g, node in graph.walk() if g is not graph]
    assert {(p.scope, p.part) for name, p in inner if name == "dot_general"} >= {
        ("Block.dense", "forward"),
        ("Block.dense", "backward"),
    }
    assert {p.file for _, p in inner} == {__file__}


@pytest.mark.parametrize("transform", [lambda f: f, ms.vmap], ids=["plain", "vmap"])
def test_a_graph_inside_a_graph_keeps_places(transform):
    inner = ir.build(ops.tanh, ir.TensorType(ms.float32, (3,)))  # this line
    line = inner.nodes[-1].location.line
    graph = ir.build(transform(lambda x: call(inner, [x])[0]), F if transform is ms.vmap else inner.params[0].type)
    assert {p.line for name, p in places(graph) if name == "tanh"} == {line}


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Momentum, nn.Adam])
def test_what_an_optimizer_does_is_update(optimizer):
    net = nn.Dense(3, 1)
    extra = {"momentum": 0.9} if optimizer is nn.Momentum else {}
    opt = optimizer(net.trainable_params(), learning_rate=0.1, **extra)
    gradients = [ops.ones_like(p) for p in opt.parameters]
    inside = ir.build(lambda: opt(tuple(gradients)))
    opt(tuple(gradients))  # its own graph, in PyNative mode
    (program,) = opt._graph[1]._programs.values()
    for graph in (inside, program.graph):
        found = {(p.scope, p.part) for name, p in places(graph) if name == "mul"}
        assert found == {(optimizer.__name__, "update")}


def test_locations_compare_and_default_as_before():
    assert Location("a.py", 3) == Location("a.py", 3, "", "forward")
