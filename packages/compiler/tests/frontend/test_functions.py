"""What users' functions look like: closures, methods, decorators, arguments, generators, classes."""

from __future__ import annotations

import dataclasses
import functools
import operator
import re

import numpy as np
import pytest
from frontend_helpers import Compiled, agree

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.errors import CompileError
from lamella_compiler.frontend import convert

SIGNS = pytest.mark.parametrize("x", [[1.0, 2.0], [-1.0, -3.0]])


def branch(x):
    if x.sum() > 0:
        return x * 2
    return x - 1


@SIGNS
def test_functions_that_call_functions(x):
    def inner(x, scale=3.0, *rest, bias, **named):
        y = branch(x) * scale + bias
        for r in rest:
            y = y + r
        return y + named.get("extra", 0)

    def fn(x):
        return inner(x, bias=1) + inner(x, 2.0, 1, 2, bias=x, extra=x)

    agree(fn, x, grad=True)


@SIGNS
def test_closures_share_their_variables(x):
    def fn(x):
        total = x

        def add(value):
            nonlocal total
            total = total + value

        add(x * 2)
        if x.sum() > 0:
            add(5.0)
        for i in range(3):
            add(i)
        return total

    agree(fn, x, grad=True)


def test_a_closure_sees_later_values():
    def fn(x):
        n = 1
        if x is not None:
            n = 2
            get = lambda: n  # noqa: E731
        n = 7
        return x * get()

    agree(fn, [1.0])


@SIGNS
def test_a_variable_that_only_a_closure_reads(x):
    def fn(x):
        y = x

        def get():
            return y

        later = lambda: y * 2  # noqa: E731
        if x.sum() > 0:
            y = x * 3
        return get() + later()

    agree(fn, x, grad=True)


def test_nonlocal_of_a_function_that_is_not_transformed():
    calls = 0

    def fn(x):
        nonlocal calls
        calls += 1
        return branch(x) * calls

    Compiled(fn)(Tensor([1.0]))
    assert calls == 1


@SIGNS
def test_functions_that_are_made_in_a_loop(x):
    fns = [lambda x, k=k: x * k if x.sum() > 0 else x + k for k in range(3)]
    for fn in fns:
        agree(fn, x)


# fmt: off
one, two, three = lambda x: x + 1 if x.sum() > 0 else x, lambda x: x * 2 if x.sum() > 0 else x, (lambda x: (lambda x: x - 3 if x.sum() > 0 else x)(x))  # noqa: E501
# fmt: on


@SIGNS
@pytest.mark.parametrize("fn", [one, two, three])
def test_several_lambdas_in_a_line(x, fn):
    agree(fn, x)


def doubled(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs) * 2

    return wrapper


@doubled
@doubled
def decorated(x):
    if x.sum() > 0:
        return x
    return -x


@SIGNS
def test_decorated_functions_and_partial(x):
    agree(decorated, x)
    agree(functools.partial(lambda a, x: branch(x) + a, 3), x)


class Scale(nn.Cell):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor
        self.__private = 2.0
        self.w = ms.Parameter(Tensor([1.0, 2.0]))

    @property
    def limit(self):
        return self.w.sum() if self.w[0] > 0 else self.w[0]

    @staticmethod
    def shifted(x):
        return x + 1 if x.sum() > 0 else x - 1

    @classmethod
    def name(cls):
        return cls.__name__

    def construct(self, x):
        if x.sum() > self.limit:
            x = x * self.factor
        __hidden = x
        if x.sum() < 0:
            __hidden = __hidden * 3
        return self.shifted(__hidden) * self.__private + len(self.name()) * self.w


class Deeper(Scale):
    def construct(self, x):
        if x.sum() > 0:
            x = super().construct(x)
        for _ in range(2):
            x = x + super(Deeper, self).construct(x)
        return x


@SIGNS
@pytest.mark.parametrize("cell", [Scale(3.0), Deeper(2.0)])
def test_cells_with_inheritance_private_names_and_properties(x, cell):
    agree(cell, x, grad=True)


@SIGNS
def test_cells_in_containers_and_in_cells(x):
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.layers = nn.CellList([Scale(2.0), Deeper(0.5)])
            self.row = nn.SequentialCell(Scale(1.5), nn.ReLU())

        def construct(self, x):
            for i, layer in enumerate(self.layers):
                x = layer(x) * (i + 1)
                if self.training:
                    x = x + 1
            return self.row(x)

    agree(Net(), x, grad=True)
    agree(Net().set_train(), x, grad=True)


@SIGNS
def test_a_method_that_is_replaced_on_the_object_or_class(x):
    class Net(Scale):
        pass

    net = Net(1.0)
    net.construct = lambda x: x * 9 if x.sum() > 0 else x
    agree(net, x)

    def other(self, x):
        if x.sum() > 0:
            return x * self.factor
        return x

    Net.construct = other
    agree(Net(4.0), x)


@dataclasses.dataclass
class Point:
    x: Tensor
    y: float = 2.0

    def norm(self):
        return self.x * self.y if self.x.sum() > 0 else self.x


class Matrix:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, index):
        row = self.rows[index]
        return row if row.sum() > 0 else -row

    def __len__(self):
        return len(self.rows)

    def __call__(self, x):
        if x.sum() > 0:
            return x + self[0]
        return x

    def __add__(self, other):
        return Matrix([r + other for r in self.rows])

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    def __iter__(self):
        return iter(self.rows)


@SIGNS
def test_objects_of_users(x):
    def fn(x):
        point = Point(x)
        matrix = Matrix([x, x * 2, x * -1]) + 1
        with matrix as m:
            y = m[1] + m(x)
        for row in matrix:
            y = y + row
        return point.norm() + y + len(matrix)

    agree(fn, x, grad=True)


@SIGNS
def test_a_class_in_a_function(x):
    def fn(x):
        class Box:
            size = 2

            def __init__(self, value):
                self.__value = value

            def get(self):
                if self.__value.sum() > 0:
                    return self.__value * self.size
                return self.__value + x

        return Box(x).get() + Box(x + 5).get()

    agree(fn, x)


def test_generators_run_in_python():
    def pairs(x, n):
        for i in range(n):
            if i == 1:
                continue
            yield i, branch(x * i)

    def fn(x):
        total = x
        for i, y in pairs(x, 4):
            total = total + y * i
        return total + sum(row for row in x) + next(pairs(x, 1))[1]

    agree(fn, [1.0, 2.0], grad=True)


def test_try_with_and_match_of_what_is_known():
    def fn(x, mode):
        log = []
        try:
            match mode:
                case "a" | "b":
                    y = x * 2
                case [first, *rest] if len(rest) > 1:
                    y = x * first
                    if x.sum() > 0:
                        y = y + rest[0]
                case {"k": k}:
                    y = x + k
                case Point(y=z):
                    return x * z
                case _:
                    raise ValueError(mode)
            log.append("ran")
        except ValueError as error:
            y = x - len(str(error))
        else:
            y = y * 10
        finally:
            log.append("end")
        return y + len(log)

    for mode in ("a", "c", [2, 3, 4], {"k": 5}, Point(None, 3.0)):
        compiled = convert(lambda x, mode=mode: fn(x, mode))
        agree(compiled, [1.0, 2.0])
        assert Compiled(compiled)(Tensor([1.0, 2.0])).tolist() == fn(Tensor([1.0, 2.0]), mode).tolist()


@SIGNS
def test_a_return_inside_try_and_with(x):
    def fn(x):
        try:
            if x.sum() > 0:
                return x * 2
            with Matrix([x]) as m:
                if x[0] > -2:
                    return m.rows[0] * 3
            y = x
        finally:
            x = x + 1
        return y + x

    agree(fn, x)


@SIGNS
def test_assignments_of_all_kinds(x):
    def fn(x):
        a, (b, *c), *d = x, (x + 1, x + 2, x + 3), x + 4, x + 5
        values, named = [x, x, x], {}
        values[0], named["k"] = x * 2, x * 3
        values[1:] = [x * 4, x * 5]
        values[0] += 1
        e = f = x
        e += 1
        g: Tensor = f * 2
        del values[1]
        first, second = x * 1
        box = Point(x)
        box.x, box.y = box.x * 2, 3
        box.y += 1
        if (n := x.sum()) > 0:
            n = n * 2
        return a + b + c[1] + d[0] + values[0] + values[1] + named["k"] + e + f + g + first + second + box.x * box.y + n

    agree(fn, x, grad=True)


@SIGNS
def test_in_place_on_a_copy_of_the_argument(x):
    def fn(x):
        y = x.copy()
        y[0] = 5.0
        y[1:] += 2
        if x.sum() > 0:
            y[0] *= 3
        return y

    agree(fn, x, grad=True)


def test_recursion_with_an_end_and_without():
    def power(x, n):
        return x if n == 0 else power(x * 2, n - 1) + (1 if x.sum() > 0 else 0)

    agree(lambda x: power(x, 5), [1.0, 2.0])

    def endless(x):
        return endless(x + 1)

    with pytest.raises(CompileError, match="calls nest deeper than max_call_depth = 1000"):
        Compiled(endless)(Tensor([1.0]))


def factorial(x, n):
    return x if n <= 1 else x * n * factorial(x, n - 1)


def powers(x, n):
    yield x
    if n > 0:
        yield from powers(x * 2, n - 1)


def traced(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args)

    return wrapper


@traced
def fibonacci(x, n):
    return x * n if n < 2 else fibonacci(x, n - 1) + fibonacci(x, n - 2)


@functools.cache
def cached(n):
    return 1 if n == 0 else 2 * cached(n - 1)


def even(x, n):
    return x if n == 0 else odd(x * 2, n - 1)


def odd(x, n):
    return -x if n == 0 else even(x * 3, n - 1)


def inner_of_the_same_name(x, n):
    def inner_of_the_same_name(y):
        return y if n == 0 else y * 3 + outer(y, n - 1)

    return inner_of_the_same_name(x)


outer = inner_of_the_same_name


def read_only(x):
    return x * (2 if read_only.__name__ == "read_only" else 3)


class SameName:
    """A class, a method and a function inside that all call themselves."""

    def SameName(self, x, n):  # noqa: N802
        return x if n == 0 else self.SameName(x * 2, n - 1)

    @staticmethod
    def counted(x, n):
        return x if n == 0 else SameName.counted(x + 1, n - 1)

    def depth(self, x, n):
        def go(x, n):
            return x if n == 0 else go(x * 2, n - 1) + SameName().SameName(x, n)

        return go(x, n)


@pytest.mark.parametrize(
    "fn",
    [
        factorial,
        lambda x, n: sum(powers(x, n)),
        fibonacci,
        lambda x, n: x * cached(n),
        even,
        inner_of_the_same_name,
        lambda x, n: read_only(x) * n,
        SameName().SameName,
        SameName.counted,
        SameName().depth,
    ],
)
def test_functions_that_call_themselves(fn):
    for n in (0, 1, 4):
        agree(lambda x, n=n: fn(x, n), [1.0, -2.0], grad=True)


def doubled(x):
    return x if x.sum() > 100 else doubled(x * 2)


def doubled_by_statement(x):
    if x.sum() > 100:
        return x
    return doubled_by_statement(x * 2)


def to_and(x):
    return x if x.sum() > 100 else fro(x * 2)


def fro(x):
    while x.sum() < 100:
        x = to_and(x * 3)
    return x


@pytest.mark.parametrize(
    ("fn", "line"),
    [
        (doubled, "return x if x.sum() > 100 else doubled(x * 2)"),
        (doubled_by_statement, "if x.sum() > 100:"),
        (to_and, "return x if x.sum() > 100 else fro(x * 2)|while x.sum() < 100:"),
    ],
)
def test_a_recursion_that_a_tensor_ends_is_refused_by_name(fn, line):
    with pytest.raises(CompileError, match="a recursion goes on where a tensor decides") as raised:
        Compiled(fn)(Tensor([1.0]))
    message = str(raised.value)
    assert any(f"\n    {text}\n" in message for text in line.split("|"))
    assert re.match(rf"{re.escape(__file__)}:\d+, in ", message)


@SIGNS
def test_map_filter_sorted_reduce(x):
    def fn(x):
        parts = map(branch, [x, x * 2, -x])
        chosen = filter(lambda pair: pair[0] > 0, [(0, x), (1, x * 2)])
        ordered = sorted([3, 1, 2], key=lambda n: -n)
        return functools.reduce(lambda a, b: a + b if a.sum() > 0 else b, parts) + next(iter(chosen))[1] * ordered[0]

    agree(fn, x)


@SIGNS
def test_gradients_inside(x):
    def fn(x):
        def loss(w, x):
            y = w * x
            while y.sum() < 20:
                y = y * 2 + x.abs()
            return y.sum() if y[0] > 0 else (y * 3).sum()

        value, gradient = ms.value_and_grad(loss, (0, 1))(x + 5, x.abs() + 1)
        _, pull = ms.vjp(branch, x)
        return value, gradient, pull(x)

    agree(fn, x)


def test_vmap_inside():
    found = Compiled(lambda x: ms.vmap(branch)(x))(Tensor([[1.0, 2.0], [-1.0, -3.0]]))
    assert found.tolist() == [[2.0, 4.0], [-2.0, -4.0]]


@SIGNS
def test_control_flow_functions_of_ops_take_users_functions(x):
    def fn(x):
        y = ops.cond(x.sum() > 0, branch, lambda v: branch(-v), x)
        z = ops.while_loop(lambda v: v.sum() < 9, lambda v: branch(v) + 5, x)
        return y + z + ops.fori_loop(0, 3, lambda i, v: branch(v) + i, x)

    def same(x):
        y, z, v = branch(x) if x.sum() > 0 else branch(-x), x, x
        while z.sum() < 9:
            z = branch(z) + 5
        for i in range(3):
            v = branch(v) + i
        return y + z + v

    np.testing.assert_allclose(Compiled(fn)(Tensor(x)).asnumpy(), same(Tensor(x)).asnumpy())


@SIGNS
def test_hooks_and_bprop(x):
    class Net(nn.Cell):
        def construct(self, x):
            return branch(x)

        def bprop(self, x, out, dout):
            if x.sum() > 0:
                return (dout * 100,)
            return (dout * 7,)

    net = Net()
    agree(net, x, grad=True)
    net.register_forward_hook(lambda cell, inputs, output: output + (1 if output.sum() > 0 else 2))
    agree(net, x, grad=True)


def test_functions_of_libraries_are_returned_as_they_are():
    for fn in (np.sum, ops.relu, operator.add, len, functools.reduce, dataclasses.replace, nn.Dense, ms.grad):
        assert convert(fn) is fn
    relu = nn.ReLU()
    assert convert(relu)(Tensor(-1.0)).item() == 0.0


def test_the_signature_and_name_stay():
    import inspect

    def fn(a: int, b=2, *args, c, **kwargs) -> int:
        """What it does."""
        return a

    for found in (convert(fn), convert(fn).__wrapped__):
        assert inspect.signature(found) == inspect.signature(fn)
        assert (found.__name__, found.__doc__) == ("fn", "What it does.")


def test_outside_a_build_it_is_python():
    seen = []

    def fn(x):
        for row in x:
            if row > 1:
                seen.append(row.item())
                break
        print(f"row {row.item():.1f}")
        return int(row), float(row), [int(r) for r in x if r > 0]

    assert convert(fn)(Tensor([0.5, 2.0, 3.0])) == (2, 2.0, [0, 2, 3])
    assert seen == [2.0]
    with pytest.raises(ValueError, match="one element"):
        convert(branch_of_many)(Tensor([1.0, 2.0]))


def branch_of_many(x):
    return 1 if x > 0 else 2


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="convert: got a int"):
        convert(3)


def test_locals_and_globals():
    def fn(x):
        y = x * 2
        return y * len(locals()) if "branch" in globals() else y

    agree(fn, [1.0])


def test_frames_of_errors_point_at_the_user_s_lines():
    def fn(x):
        y = x + 1
        if x is not None:
            return y @ Tensor([[1.0, 2.0, 3.0]])
        return y

    with pytest.raises(Exception) as caught:
        Compiled(fn)(Tensor([1.0, 2.0]))
    lines = [(t.path.name if hasattr(t.path, "name") else "", t.lineno + 1) for t in caught.traceback]
    assert ("test_functions.py", fn.__code__.co_firstlineno + 3) in lines
    assert any("return y @" in note for note in caught.value.__notes__)
    assert not isinstance(caught.value, CompileError)
