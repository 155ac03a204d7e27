"""Passes keep where nodes come from."""

import lamella as ms
from lamella import nn, ops


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, pad_mode="valid")
        self.pool = nn.MaxPool2d(2, 2)
        self.drop = nn.Dropout(p=0.5)
        self.cell = nn.Dense(8, 8)
        self.head = nn.Dense(8, 2)

    def construct(self, x):
        x = ops.flatten(self.pool(ops.relu(self.conv(x))))
        for _ in range(3):
            x = ops.tanh(self.cell(self.drop(x)))
        steps = ops.scan(lambda carry, _: (ops.tanh(self.cell(carry)), carry.sum()), x, None, length=20)
        return self.head(steps[0])


def test_a_whole_step_keeps_scopes_and_parts():
    net = Net().set_train()
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    loss = nn.CrossEntropyLoss()
    gradient = ms.value_and_grad(lambda x, y: loss(net(x), y), None, optimizer.parameters)

    @ms.jit
    def step(x, y):
        value, grads = gradient(x, y)
        optimizer(grads)
        return value

    step(ops.ones((3, 1, 6, 6)), ms.Tensor([0, 1, 0], ms.int32))
    built, optimized = step._entries[0].program.graph, ms.plugins.compiler().optimized(step._entries[0].program.graph)
    assert len(list(optimized.walk())) < len(list(built.walk()))
    found = {node.location for _, node in optimized.walk()}
    assert found <= {node.location for _, node in built.walk()}
    seen = {(place.scope, place.part) for place in found}
    assert {(f"Net.{name}", part) for name in ("conv", "pool", "cell", "head") for part in ("forward", "backward")} <= (
        seen
    )
    assert {(scope, part) for scope, part in seen if part == "update"} == {("Momentum", "update")}
    assert ("CrossEntropyLoss", "forward") in seen
