"""What compiled functions record."""

import lamella as ms
from lamella import Tensor
from lamella.ops import prims
from lamella.recording import listening


def test_a_compiled_step_hands_out_what_it_records_in_order():
    def fn(x):
        total = x.sum()
        prims.record(total, kind="scalar", tag="sum")
        for i in range(2):
            if total > i:
                prims.record(x, total, kind="tensor", tag="positive")
            x = x + 1
        while x.max() < 10:
            x = x * 2
            prims.record(x.max(), kind="scalar", tag="most")
        return x

    def heard(run):
        seen = []
        with listening(lambda kind, tag, arrays: seen.append((kind, tag, *(a.tolist() for a in arrays)))):
            for start in (-1.0, 0.5):
                run(Tensor([start, 1.0]))
                ms.grad(run)(Tensor([start, 1.0]))
        return seen

    expected = heard(fn)
    assert heard(ms.jit(fn)) == expected
    assert {tag for _, tag, *_ in expected} == {"sum", "positive", "most"}
