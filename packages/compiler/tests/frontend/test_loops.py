from __future__ import annotations

import numpy as np
import pytest
from frontend_helpers import Compiled, agree

import lamella as ms
from lamella import Parameter, Tensor, ops
from lamella.errors import CompileError


def kinds(fn, *args):
    """The names of the control flow primitives in a function's graph."""
    return [n.op.name for n in Compiled(fn).traced(*args).graph.nodes if n.op.name in ("cond", "while_loop", "scan")]


@pytest.mark.parametrize("x", [[1.0, 2.0], [60.0, 70.0]])
def test_while_with_a_counter(x):
    def fn(x):
        i = 0
        while x.sum() < 100:
            x = x * 2
            i += 1
        return x, i

    agree(fn, x)
    agree(lambda x: fn(x)[0], x, grad=True)


@pytest.mark.parametrize("x", [3.0, 200.0])
def test_while_with_break_continue_and_else(x):
    def fn(x):
        n = 0
        while x > 1:
            n += 1
            if n == 3:
                continue
            if x > 100:
                break
            x = x / 2
        else:
            x = x + 1000
        return x, n

    agree(fn, x)


def test_while_true():
    def fn(x):
        while True:
            x = x * 2
            if x > 50:
                return x + 1
            x = x + 1

    agree(fn, 1.0, grad=True)
    agree(fn, 100.0, grad=True)


def test_return_from_nested_loops():
    def fn(x):
        i = 0
        while i < x.sum():
            j = 0
            while j < 3:
                if x[0] * i + j > 5:
                    return x * 10 + i + j
                j += 1
            i = i + 1
        return x - 1

    for x in ([1.0, 8.0], [0.1, 2.0], [9.0, 9.0]):
        agree(fn, x, grad=True)


def test_an_int_that_becomes_a_float_in_a_loop():
    def fn(x):
        total = 0
        i = 0
        while i < x:
            total = total + 0.5
            i += 1
        return total * x

    agree(fn, 3.0)


def test_a_number_that_becomes_a_tensor_in_a_loop():
    def fn(x):
        total = 0
        i = 0
        while i < 3 and total < x * 100:
            total = total + x
            i += 1
        return total

    agree(fn, 3.0, grad=True)


def test_numbers_in_loops_combine_weakly():
    def fn(x, n):
        k, f = 1, 0.5
        while k < n:
            x = x * k + f
            k, f = k + 1, f * 2
        return x

    for dtype in (np.float16, np.float32, np.int32):
        expected = agree(fn, Tensor(np.array([1, 2], dtype)).astype(ms.float16), Tensor(4))
        assert expected.dtype is ms.float16


def test_a_temporary_that_is_set_before_and_in_a_loop_with_other_types():
    def fn(x):
        tmp = None
        while x.sum() < 10:
            tmp = x * 2
            x = x + tmp
        return x

    agree(fn, [1.0, 2.0], grad=True)


def test_a_variable_that_is_known_to_python_stays_so_in_a_loop():
    def fn(x):
        axis = 0
        while x.sum() < 10:
            axis = 0
            x = x + x.sum(axis)
        return x.sum(axis)

    agree(fn, [1.0, 2.0])


def test_for_over_a_tensor_is_a_scan():
    def fn(x):
        total = ops.zeros((2,))
        for row in x:
            total = total * 0.5 + row
        return total

    agree(fn, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], grad=True)
    assert kinds(fn, Tensor(np.ones((3, 2), np.float32))) == ["scan"]


def test_for_over_a_tensor_where_the_first_iteration_gives_the_variable_its_type():
    def fn(x):
        total, last = 0.0, None
        for row in x:
            if last is not None:
                total = total + last * row
            last = row
        return total + last

    agree(fn, np.arange(10.0).reshape(5, 2) / 7, grad=True)


def test_for_over_rows_with_break_and_continue():
    def fn(x):
        total = x[0] * 0
        for row in x:
            if row.sum() > 9:
                break
            if row[0] < 0:
                continue
            total = total + row
        else:
            total = total + 100
        return total

    for x in ([[1.0, 2.0], [-3.0, 4.0], [5.0, 1.0]], [[1.0, 2.0], [8.0, 4.0], [5.0, 1.0]]):
        agree(fn, x, grad=True)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_for_over_a_range_of_a_tensor(n):
    def fn(x, n):
        for i in range(n):
            x = x + i
        for i in range(1, n, 2):
            x = x * i
        for i in range(n, 0, -1):
            x = x - i
        return x

    agree(fn, [1.0, 2.0], Tensor(n))
    agree(lambda x: fn(x, Tensor(n)), [1.0, 2.0], grad=True)


def test_a_short_range_is_unrolled_and_a_long_one_is_a_loop():
    def fn(x, n):
        for i in range(n):
            x = x * 0.9 + i
        return x

    agree(fn, [1.0, 2.0], 7, grad=True)
    agree(fn, [1.0, 2.0], 100, grad=True)
    one = Tensor([1.0])
    assert kinds(fn, one, 64) == [] and kinds(fn, one, 65) == ["scan"]


def test_a_long_range_whose_numbers_python_needs_is_unrolled():
    factors = [float(i % 3) for i in range(100)]

    def fn(x):
        for i in range(100):
            x = x * 0.5 + factors[i]
        return x

    agree(fn, [1.0, 2.0])
    assert kinds(fn, Tensor([1.0])) == []


def test_a_list_that_grows_in_a_long_loop_is_unrolled():
    def fn(x):
        values = []
        for i in range(70):
            x = x * 0.5 + i
            values.append(x)
        return ops.stack(values)

    agree(fn, [1.0, 2.0], grad=True)


def test_a_break_in_an_unrolled_loop_that_depends_on_a_tensor():
    def fn(x):
        for i in range(20):
            x = x * 2
            if x.sum() > 50:
                break
        return x, i

    agree(fn, [1.0, 2.0])
    agree(fn, [100.0, 2.0])
    agree(fn, [0.0, 0.0])
    agree(lambda x: fn(x)[0], [1.0, 2.0], grad=True)


def test_a_break_in_a_loop_over_a_list_that_depends_on_a_tensor():
    def fn(x):
        for name, factor in [("a", 2.0), ("bb", 3.0), ("ccc", 4.0)]:
            x = x * factor + len(name)
            if x.sum() > 30:
                break
            if x[0] < 0:
                return x
        else:
            x = x + 0.5
        return x

    for x in ([1.0, 2.0], [10.0, 2.0], [0.0, 0.0], [-9.0, 1.0]):
        agree(fn, x, grad=True)


def test_enumerate_zip_and_reversed_of_tensors():
    def fn(x, y):
        total = x[0] * 0
        for i, row in enumerate(x):
            total = total + row * i
        for a, b in zip(x, y):
            total = total + a * b
        for i, (a, b) in enumerate(zip(x, y), 3):
            total = total * 0.5 + a * i - b
        for row in reversed(x):
            total = total * 0.5 + row
        for i, row in reversed(list(enumerate(x))):
            total = total + row * i
        return total

    agree(fn, np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2) + 1, grad=True)


def test_the_loop_variable_after_the_loop():
    def fn(x, n):
        for row in x:
            pass
        for i in range(100):
            pass
        return row * i

    agree(fn, [[1.0, 2.0], [3.0, 4.0]], 3)


def test_the_loop_variable_after_a_loop_that_may_not_run_is_refused():
    def fn(x, n):
        for i in range(n):
            x = x + i
        return x * i

    with pytest.raises(CompileError, match="`i` has a value only inside the loop"):
        Compiled(fn)(Tensor([1.0]), Tensor(3))


def test_a_shape_that_changes_round_a_loop_is_refused():
    def fn(x):
        while x.sum() < 10:
            x = ops.concat([x, x])
        return x

    with pytest.raises(CompileError, match=r"test_loops.py:\d+, in fn: .*`x`.*float32\[2\].*float32\[4\]"):
        Compiled(fn)(Tensor([1.0, 2.0]))


def test_a_type_that_changes_round_a_loop_is_refused():
    def fn(x):
        y = Tensor([1, 2])
        while y.sum() < 10:
            y = y * x
        return y

    with pytest.raises(CompileError, match=r"`y`.*int64\[2\].*float32\[2\]"):
        Compiled(fn)(Tensor([1.0, 2.0]))


def test_state_that_is_changed_in_a_loop():
    w = Parameter(Tensor(0.0), name="w")

    def fn(x):
        for row in x:
            w.assign_value(w + row.sum())
            if row.sum() > 5:
                x[0] = w
        while w < 100:
            w.assign_value(w * 2)
        return x * w

    def run(call):
        w.assign_value(0.0)
        x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        return call(x).tolist(), x.tolist(), w.item()

    assert run(Compiled(fn)) == run(fn)


def test_a_comprehension_over_a_tensor_is_unrolled():
    def fn(x):
        rows = [row * i for i, row in enumerate(x) if i != 1]
        return ops.stack(rows), sum(row.sum() for row in x), {i: r for i, r in enumerate(x)}[0]

    agree(fn, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], grad=False)


def test_walrus_in_the_condition_of_a_loop():
    def fn(x):
        n = 0
        while (y := x * 2).sum() < 50:
            x = x + y
            n += 1
        return x, y, n

    agree(fn, [1.0, 2.0])
    agree(fn, [100.0, 2.0])


def test_open_sizes():
    def fn(x):
        total = x[0] * 0
        for row in x:
            total = total * 0.5 + row
        for i in range(x.shape[0]):
            total = total + i
        return total

    from lamella import ir
    from lamella_compiler.frontend import convert

    graph = ir.build(convert(fn), ir.TensorType(ms.float32, (ir.Dim.symbol("n"), 2)))
    for n in (1, 4):
        x = np.arange(2.0 * n, dtype=np.float32).reshape(n, 2)
        (found,) = ms.context.backend.compile(graph)([ms.context.backend.put(x)])
        np.testing.assert_allclose(found.plain(), fn(Tensor(x)).asnumpy(), rtol=1e-6)


def test_nested_loops_with_counters():
    def fn(x):
        total, i = 0.0, 0
        while i < x[0]:
            j = 0
            while j < x[1]:
                k = 0
                while k < 2:
                    total = total + x.sum() * k
                    k += 1
                    if total > 1000:
                        break
                j += 1
            i += 1
        return total, i

    agree(fn, [2.0, 3.0])


def test_a_loop_whose_condition_never_depends_on_a_tensor_and_never_ends_is_refused():
    def fn(x):
        while True:
            x = x + 1

    with pytest.raises(CompileError, match="more than 1000 iterations"):
        Compiled(fn)(Tensor(1.0))


def test_series_in_python_code():
    def fn(x):
        pairs = list(zip(x, reversed(x)))
        counted = enumerate(x, 2)
        first = next(iter(counted))
        return pairs[0][0] * pairs[2][1] + first[1] * first[0] + list(counted)[1][1] * len(counted), reversed(x)[0]

    def same(x):
        return x[0] * x[0] + x[0] * 2 + x[1] * 3, x[2]

    x = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    for mine, theirs in zip(Compiled(fn)(x), same(x)):
        assert mine.tolist() == theirs.tolist()


def test_ranges_with_bounds_and_steps_of_all_signs():
    def fn(x, a, b, c):
        total, count = x * 0, 0
        for i in range(a, b, c):
            total = total * 0.5 + i
            count += 1
        return total, count

    for a, b, c in ((0, 5, 1), (0, 5, 2), (5, 0, -1), (5, 0, -2), (3, 3, 1), (0, 5, -1), (-3, 4, 3), (4, -5, -3)):
        agree(fn, 1.0, Tensor(a), Tensor(b), Tensor(c))
        agree(fn, 1.0, Tensor(a), b, c)
        agree(fn, 1.0, a, Tensor(b), c)


def test_loops_over_several_series_of_unknown_length():
    def fn(x, n):
        total = x[0] * 0
        for i, j in zip(range(n), range(1, n + 1)):
            total = total + x[i] * j
        for k, i in enumerate(reversed(range(n)), 3):
            total = total * 0.5 + x[i] * k
        return total

    agree(fn, np.arange(10.0).reshape(5, 2), Tensor(4))


def last(x, n):
    total = 0.0
    for row, i in zip(x, range(n)):
        total = total + row * i
    return total


def test_series_of_other_lengths():
    def fn(x, y, n):
        total = 0.0
        for a, b in zip(x, y):
            total = total + a * b
        for a, i in zip(x, range(2)):
            total = total + a * i
        return total

    agree(fn, [1.0, 2.0, 3.0], [4.0, 5.0], Tensor(2))
    for n in (1, 9):
        agree(lambda x, n: fn(x, x, n) + last(x, n), [1.0, 2.0, 3.0], Tensor(n))
    with pytest.raises(ValueError, match=r"zip\(\) arguments"):
        Compiled(lambda x, y: list(zip(x, y, strict=True)))(Tensor([1.0]), Tensor([1.0, 2.0]))


def test_what_cannot_be_gone_through():
    for items in (lambda x: x.sum(), lambda x: 3 if x.sum() > 0 else 4):
        with pytest.raises(TypeError, match=r"iterat|iterable"):
            Compiled(lambda x, items=items: [y for y in items(x)])(Tensor([1.0]))

        def loop(x, items=items):
            for y in items(x):
                x = x + y
            return x

        with pytest.raises(TypeError, match=r"iterat|iterable"):
            Compiled(loop)(Tensor([1.0]))


def test_a_long_loop_that_is_neither_a_loop_of_the_graph_nor_short_is_refused():
    def fn(x):
        values = []
        for row in x:
            values.append(row)
        return ops.stack(values)

    with pytest.raises(CompileError, match=r"2000 iterations, too many to unroll, .*a list changes in it"):
        Compiled(fn)(Tensor(np.ones(2000, np.float32)))


def test_a_break_before_the_first_iteration_that_the_graph_runs():
    def fn(x, stop):
        total = 0.0
        for row in x:
            total = total + row
            if stop:
                break
        return total

    agree(lambda x: fn(x, True), np.ones((100, 2)))
    agree(lambda x: fn(x, False), np.ones((100, 2)))


def test_a_generator_with_a_break_that_depends_on_a_tensor():
    def fn(x):
        for i in (k * 2 for k in range(5)):
            x = x + i
            if x.sum() > 10:
                break
        return x

    agree(fn, [1.0, 2.0], grad=True)


def test_a_global_that_a_loop_changes_is_refused():
    def fn(x):
        global TOTAL
        for row in x:
            TOTAL = TOTAL + row
        return TOTAL

    with pytest.raises(CompileError, match="it changes the variable `TOTAL` from outside"):
        Compiled(fn)(Tensor(np.ones(2000, np.float32)))
    assert TOTAL == 0.0


TOTAL = 0.0


def test_variables_that_are_deleted():
    def fn(x):
        y, z = x * 2, x * 3
        for row in x:
            tmp = row * 2
            y = y + tmp
            del tmp
        if x.sum() > 0:
            del z
        return y

    agree(fn, [1.0, 2.0])
