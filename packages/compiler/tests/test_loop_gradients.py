"""Derivatives of loops of unknown length whose variables are mostly numbers of Python: the same in both modes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ops

V = np.array([1.0, 2.0], np.float32)


def damped(x):
    step = 8.0
    while step * ops.abs(x).sum() > 1:
        step /= 3
    return (x * step).sum()


def damped_square(x):
    step = 8.0
    while step * ops.abs(x).sum() > 1:
        step /= 3
    return (x * x * step).sum()


def backtracking(x):
    def f(y):
        return (y**4).sum() + (y * y).sum()

    g = ms.grad(f)(x)
    t = 1.0
    while f(x - t * g) > f(x) - 0.3 * t * (g * g).sum():
        t *= 0.5
    return f(x - t * g)


def counter(x):
    n = 0
    while x.abs().sum() * n < 10:
        n += 1
    return (x * n * x).sum()


def two_numbers_and_a_branch(x):
    a, b = 1.0, 2.0
    while a * x.abs().sum() < b:
        a, b = a + 0.3, b - 0.1
    return (x * x * a).sum() if a > b else (x * b).sum()


def nested(x):
    step = 8.0
    while step * ops.abs(x).sum() > 1:
        k = 1.0
        while k * step > 0.7:
            k *= 0.5
        step = step * 0.6 + k * 0.01
    return (x * x * step).sum()


def nested_in_a_tensor(x):
    y, s = x, 1.0
    while y.abs().sum() > 0.1:
        t = 4.0
        while t * y.abs().sum() > 0.3:
            t /= 2
        y = y * 0.25 * t
        s = s * 0.9
    return (y * x).sum() * s


def linear(x):
    y = x
    while y.abs().sum() > 0.1:
        y = y * 0.5
    return (y * x).sum()


def ignored(x):
    n = 4
    while n > x.sum():
        n -= 1
    return x.sum() * x.sum()


def slope(f):
    return ms.grad(f)


def second(f):
    return ms.grad(lambda x: (ms.grad(f)(x) * Tensor(V)).sum())


def third(f):
    return ms.grad(lambda x: second(f)(x).sum())


def several(x):
    return ops.stack([x, x * 0.5, x * 2])


def one_by_one(f) -> Callable:
    return lambda x: ops.stack([f(row) for row in several(x)])


#: A derivative, and the same without control flow that depends on a batch.
DERIVATIVES = {
    "slope": (slope, slope),
    "second": (second, second),
    "third": (third, third),
    "vjp": (lambda f: lambda x: ms.vjp(f, x)[1](Tensor(1.0))[0], slope),
    "jvp": (lambda f: lambda x: ms.jvp(f, x, Tensor(V))[1], lambda f: lambda x: (slope(f)(x) * Tensor(V)).sum()),
    "slope under vmap": (lambda f: lambda x: ms.vmap(slope(f))(several(x)), lambda f: one_by_one(slope(f))),
    "second under vmap": (lambda f: lambda x: ms.vmap(second(f))(several(x)), lambda f: one_by_one(second(f))),
    "slope of vmap": (
        lambda f: slope(lambda x: ms.vmap(f)(several(x)).sum()),
        lambda f: slope(lambda x: one_by_one(f)(x).sum()),
    ),
}


@pytest.mark.parametrize("name", DERIVATIVES)
@pytest.mark.parametrize(
    "fn",
    [
        damped,
        damped_square,
        backtracking,
        counter,
        two_numbers_and_a_branch,
        nested,
        nested_in_a_tensor,
        linear,
        ignored,
    ],
    ids=lambda fn: fn.__name__,
)
def test_derivatives_of_loops_of_numbers(fn, name):
    compiled, plain = DERIVATIVES[name]
    for start in ([0.5, -0.25], [1.5, 2.0]):
        x = Tensor(start)
        expected = plain(fn)(x).asnumpy()
        np.testing.assert_allclose(ms.jit(compiled(fn))(x).asnumpy(), expected, 1e-4, 1e-5)
