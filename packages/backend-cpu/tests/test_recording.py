"""A step that records is one native function that takes the memory of its state over."""

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, nn, ops
from lamella.ops import prims
from lamella.recording import listening


@pytest.fixture(autouse=True)
def on_cpu():
    before = ms.context.backend.name
    ms.set_context(device_target="CPU")
    yield
    ms.set_context(device_target=before)


X = np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)


def make_step(record):
    ms.set_seed(1)
    net = nn.SequentialCell(nn.Dense(4, 16), nn.ReLU(), nn.Dense(16, 4))
    optimizer = nn.Momentum(net.trainable_params(), 0.05, 0.9)

    def loss_of(x):
        y = net(x)
        if record:
            prims.record(y, kind="histogram", tag="activation")
        return ((y - x) ** 2).mean()

    gradient = ms.value_and_grad(loss_of, None, optimizer.parameters)

    @ir.staged
    def step(x):
        loss, grads = gradient(x)
        optimizer(grads)
        if record:
            prims.record(loss, kind="scalar", tag="loss")
            prims.record(*grads, kind="histogram", tag="gradients")
            prims.record(optimizer.parameters[0], kind="histogram", tag="weight")
            ops.cond(loss > 0.1, lambda: (prims.record(loss, kind="scalar", tag="high"), loss)[1], lambda: loss)
        return loss

    return step, net


def test_it_is_native_donates_and_computes_the_same_bits():
    heard = []
    (plain, other), (step, net) = make_step(False), make_step(True)
    with listening(lambda kind, tag, arrays: heard.append((tag, [a.copy() for a in arrays]))):
        losses = [step(Tensor(X)).asnumpy() for _ in range(4)]
    assert [plain(Tensor(X)).asnumpy() for _ in range(4)] == losses
    for p, q in zip(net.get_parameters(), other.get_parameters(), strict=True):
        np.testing.assert_array_equal(p.asnumpy(), q.asnumpy())
    assert [values[0] for tag, values in heard if tag == "loss"] == losses
    assert [values[0] for tag, values in heard if tag == "high"] == [x for x in losses if x > 0.1]
    (program,) = step._programs.values()
    assert program._execute.is_native
    taken = [sum(over >= 0 for *_, over in native_graph(run)._types) for run in (plain, step)]
    assert taken[0] == taken[1] == 9  # four weights, four moments and the number of the step


def native_graph(run):
    (program,) = run._programs.values()
    return program._execute._segmented[()].whole


@pytest.mark.parametrize("length", [1, 5])
def test_loops_that_record_are_native(length):
    def fn(x):
        def body(carry, _):
            prims.record(carry.sum(), kind="scalar", tag="sum")
            return ops.tanh(carry * 2), None

        return ops.scan(body, x, None, length=length)[0]

    run = ir.staged(fn)
    sums = []
    with listening(lambda kind, tag, arrays: sums.append(arrays[0].item())):
        run(Tensor(X))
        assert len(sums) == length
        fn(Tensor(X))
    np.testing.assert_allclose(sums[:length], sums[length:], atol=1e-5)
    (program,) = run._programs.values()
    assert program._execute.is_native
