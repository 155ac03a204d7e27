"""`record`: what programs give to listeners, the same in every mode."""

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ir.records import lifted
from lamella.ops import prims
from lamella.recording import listen, listening
from lamella.testing.test_records import PROGRAMS, X, branches, heard, loops, mixed, plain, printed, record, whiles

F = ir.TensorType(ms.float32, (3,))


@pytest.mark.parametrize(("fn", "pure"), [(f, f not in (whiles, mixed, printed)) for f in PROGRAMS], ids=str)
def test_lifted_graphs_are_well_formed_and_without_effects(fn, pure):
    graph = ir.build(fn, F)
    assert graph.effects
    result, items = lifted(graph)
    ir.verify(result)
    assert result.effects is not pure and bool(items) is (fn not in (whiles, mixed))
    assert any(n.op is prims.record for _, n in result.walk()) is (fn in (whiles, mixed))
    assert str(ir.parse_graph(str(graph))) == str(graph)


def test_a_graph_that_records_nothing_stays():
    graph = ir.build(lambda x: x * 2, F)
    assert lifted(graph) == (graph, ())


@pytest.mark.parametrize("fn", [plain, branches, loops, whiles], ids=lambda f: f.__name__)
@pytest.mark.parametrize("compiled", [False, True])
def test_under_grad_each_is_recorded_once(fn, compiled):
    def total(x):
        return sum(t.sum() for t in ms.tree.flatten(fn(x))[0])

    expected, _ = heard(fn, Tensor(X))
    gradient = ms.grad(total)
    found, slope = heard(ir.staged(gradient) if compiled else gradient, Tensor(X))
    assert found == expected
    with np.errstate(all="ignore"):
        for i in range(3):
            step = np.zeros(3, np.float32)
            step[i] = 1e-2
            rise = (total(Tensor(X + step)) - total(Tensor(X - step))).item() / 2e-2
            np.testing.assert_allclose(slope[i].item(), rise, rtol=2e-2, atol=1e-2)


@pytest.mark.parametrize("compiled", [False, True])
def test_under_vmap_the_batch_is_one_record(compiled):
    batch = Tensor(np.stack([X, -X]))
    fn = ms.vmap(lambda x: plain(x))
    found, _ = heard(ir.staged(fn) if compiled else fn, batch)
    x = np.stack([X, -X])
    assert found == [("first", [x.tolist(), (x * 2).tolist()]), ("second", [x.sum(1).tolist()])]


def test_open_sizes():
    n = ir.Dim.symbol("n")
    result, _ = lifted(ir.build(branches, ir.TensorType(ms.float32, (n,))))
    ir.verify(result)


def test_state_is_recorded_as_it_was_and_changed_all_the_same():
    p = ms.Parameter(Tensor(X), name="p")
    kept = []

    @ir.staged
    def step():
        record(p, tag="old")
        p.assign_value(p * 2)
        record(p, tag="new")
        return p.sum()

    with listening(lambda kind, tag, arrays: kept.append((kind, tag, arrays[0]))):
        for _ in range(3):
            step()
    np.testing.assert_array_equal(p.asnumpy(), X * 8)
    for i, (kind, tag, array) in enumerate(kept):  # what was handed out stays what it was
        assert (kind, tag) == ("tensor", ["old", "new"][i % 2])
        np.testing.assert_array_equal(array, X * 2 ** ((i + 1) // 2))
        assert not array.flags.writeable


def test_listeners_come_and_go_and_what_they_raise_comes_after_the_state():
    p = ms.Parameter(Tensor(1.0), name="p")

    @ir.staged
    def step():
        p.assign_value(p + 1)
        record(p)
        return p * 2

    counts = []
    ends = [listen(lambda *given: counts.append(given)) for _ in range(2)]
    step()
    ends[0]()
    ends[0]()
    step()
    ends[1]()
    step()
    assert len(counts) == 3

    def refuse(*given):
        raise OSError("disk full")

    with listening(refuse), pytest.raises(OSError, match="disk full"):
        step()
    assert p.item() == 5.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: prims.record(kind="scalar", tag="x"),
        lambda: prims.record(Tensor(1.0), kind=3, tag="x"),
        lambda: prims.record(Tensor(1.0), kind="scalar", tag=None),
    ],
)
def test_wrong_uses(call):
    with pytest.raises(TypeError, match="record"):
        call()


@pytest.mark.parametrize("compiled", [False, True])
def test_derivatives_do_not_print_again(compiled, capsys):
    def fn(x):
        def body(carry, _):
            ops.print_("carry", carry)
            return ops.cond(carry > 2, lambda c: (ops.print_("big"), c * 2)[1], lambda c: c + 1, carry), None

        return ops.scan(body, x, None, length=3)[0]

    gradient = ms.grad(fn)
    assert (ir.staged(gradient) if compiled else gradient)(Tensor(1.5)).item() == 4.0
    assert capsys.readouterr().out.split("\n")[:-1] == ["carry 1.5", "carry 2.5", "big", "carry 5.0", "big"]
