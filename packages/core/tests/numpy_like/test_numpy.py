"""`lamella.numpy` is NumPy on tensors: each call gives what NumPy gives, and every name has a call."""

from __future__ import annotations

import ast
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from every_name import formulas

import lamella as ms
import lamella.numpy as mnp
from lamella import Tensor, ir
from numpy_like.rows import ROWS

CALLS = ROWS.strip().splitlines()
ARRAYS = {
    name: formulas.INPUTS[name] for name in ("x", "y", "p", "v", "w", "s", "b", "i", "j", "k", "n", "m", "o", "e")
}
ARRAYS |= {"t": ARRAYS["x"][:, :3], "u": ARRAYS["y"][:, :3]}
TENSORS = {name: Tensor(array) for name, array in ARRAYS.items()}

#: NumPy under the names that it has dropped, or keeps elsewhere.
NUMPY = SimpleNamespace(**vars(np))
NUMPY.norm, NUMPY.multi_dot, NUMPY.matrix_power = np.linalg.norm, np.linalg.multi_dot, np.linalg.matrix_power
NUMPY.trapz, NUMPY.sometrue, NUMPY.fix = np.trapezoid, np.any, np.trunc
NUMPY.asfarray = lambda a: np.asarray(a, float)
NUMPY.in1d = lambda a, b: np.isin(a, b).ravel()

#: Names without a call that NumPy has: random ones, types, and what has its own test below.
ELSEWHERE = {"rand", "randn", "randint", "promote_types", "result_type", "array_str", "mgrid", "ogrid", "newaxis"}
ELSEWHERE |= {name for name in mnp.__all__ if not callable(getattr(mnp, name))}


def arrays(value: Any) -> list[Any]:
    """The arrays of a result."""
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in arrays(item)]
    return [value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)]


@pytest.mark.parametrize("call", CALLS)
def test_call(call):
    with np.errstate(all="ignore"):
        theirs = arrays(eval(call, {**ARRAYS, "mnp": NUMPY}))
    ours = arrays(eval(call, {**TENSORS, "mnp": mnp}))
    if len(ours) != len(theirs):  # a tuple where NumPy stacks
        ours, theirs = ([np.stack(ours)], theirs) if len(theirs) == 1 else (ours, [np.stack(theirs)])
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape
        assert mine.dtype.kind == other.dtype.kind or {mine.dtype.kind, other.dtype.kind} <= set("iuf")
        np.testing.assert_allclose(mine, other, 2e-4, 2e-5)


#: What needs an order, which complex numbers have in NumPy alone (by real parts first), or rounds.
OF_ORDER = "amax amin argmax argmin around clip histogram maximum minimum nanmax nanmin piecewise ptp rint searchsorted"
OF_ORDER += " select histogram2d histogramdd histogram_bin_edges linspace"
COMPLEX = {
    name: (array + 1j * array[..., ::-1]).astype(np.complex64)
    if array.dtype.kind == "f" and name not in ("e", "p")
    else array
    for name, array in ARRAYS.items()
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.filterwarnings("ignore")
def test_call_of_complex_numbers(call):
    if any(f"mnp.{name}(" in call for name in OF_ORDER.split()) or '"m' in call:  # padding by a maximum, too
        return
    try:
        theirs = arrays(eval(call, {**COMPLEX, "mnp": NUMPY}))
    except (TypeError, ValueError):  # NumPy refuses them
        return
    if not any(array.dtype.kind == "c" for array in theirs):
        return
    ours = arrays(eval(call, {**{name: Tensor(array) for name, array in COMPLEX.items()}, "mnp": mnp}))
    ours = [np.stack(ours)] if len(theirs) == 1 < len(ours) else ours
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape and (mine.dtype.kind == "c") == (other.dtype.kind == "c")
        np.testing.assert_allclose(mine, other, 2e-4, 2e-4)


def test_every_name_has_a_call():
    called = {
        node.attr
        for call in CALLS
        for node in ast.walk(ast.parse(call))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mnp"
    }
    assert sorted(set(mnp.__all__) - called - ELSEWHERE) == []


SMOOTH = [call for call in CALLS if any(f"({name}" in call or f" {name}" in call for name in "xypvws")]
NEEDS_NUMBERS = ("argwhere", "in1d", "intersect1d", "setdiff1d", "unique", "where(m)", "array_str", "bincount")


@pytest.mark.parametrize("call", [call for call in CALLS if not any(name in call for name in NEEDS_NUMBERS)])
def test_graph_gives_the_same(call):
    names = sorted({node.id for node in ast.walk(ast.parse(call)) if isinstance(node, ast.Name)} & ARRAYS.keys())
    if not names:
        return

    def function(*tensors: Tensor) -> Any:
        result = eval(call, {**TENSORS, **dict(zip(names, tensors, strict=True)), "mnp": mnp})
        parts = result if isinstance(result, (tuple, list)) else (result,)
        return tuple(part for part in parts if isinstance(part, Tensor))

    operands = [TENSORS[name] for name in names]
    for mine, other in zip(arrays(ir.staged(function)(*operands)), arrays(function(*operands)), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: mnp.interp(x, mnp.array([-9.0, 0.0, 9.0]), mnp.array([5.0, 0.0, 1.0])),
        lambda x: mnp.convolve(x[0], x[1]),
        lambda x: mnp.nanvar(x, 1),
        lambda x: mnp.cov(x),
        lambda x: mnp.pad(x, 2, "reflect", reflect_type="odd"),
        lambda x: mnp.pad(x, 2, "mean"),
        lambda x: mnp.cbrt(x),
        lambda x: mnp.trapz(x, x * 2),
        lambda x: mnp.average(x, 1, mnp.exp(x)),
        lambda x: mnp.polyval(x[0], x[1]),
        lambda x: mnp.histogram(x, 3, weights=x * x)[0],
        lambda x: mnp.unwrap(x * 3),
        lambda x: mnp.gradient(x, axis=1),
        lambda x: mnp.linspace(x[0], x[1], 4),
        lambda x: mnp.apply_along_axis(lambda line: line * line.sum(), 0, x),
    ],
)
def test_derivative_equals_differences(function):
    at = ARRAYS["x"].astype(np.float64)
    way = np.random.default_rng(2).standard_normal(at.shape)
    weights = np.random.default_rng(3).standard_normal(function(Tensor(at)).shape)

    def total(x: Tensor) -> Tensor:
        return (function(x).astype("float64") * Tensor(weights)).sum()

    slope = (ms.grad(total)(Tensor(at)).asnumpy() * way).sum()
    step = 1e-5
    ends = [float(total(Tensor(at + sign * step * way)).asnumpy()) for sign in (1, -1)]
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-4)


def test_types_of_numbers():
    assert [mnp.array(value).dtype for value in (1, 1.5, True, np.float64(1), np.int64(1))] == [
        mnp.int32,
        mnp.float32,
        mnp.bool_,
        mnp.float32,
        mnp.int32,
    ]
    assert mnp.array(Tensor([1.0], ms.float64)).dtype is ms.float64
    assert mnp.add(Tensor([1], ms.int64), 1.5).dtype is ms.float32
    assert mnp.result_type([1], 2.5) is ms.float32
    assert mnp.promote_types(mnp.int32, "float64") is ms.float64
    assert mnp.mean([1, 2]).item() == 1.5
    assert mnp.array([Tensor(1.0), 2.0]).tolist() == [1.0, 2.0]
    assert mnp.array_str(mnp.arange(3)) == "[0 1 2]"


def test_grids():
    np.testing.assert_array_equal(mnp.mgrid[0:3, 0:2].asnumpy(), np.mgrid[0:3, 0:2])
    np.testing.assert_allclose(mnp.mgrid[-1:1:5j].asnumpy(), np.mgrid[-1:1:5j])
    for mine, other in zip(mnp.ogrid[0:3:2, -1:1:3j], np.ogrid[0:3:2, -1:1:3j], strict=True):
        np.testing.assert_allclose(mine.asnumpy(), other)


def test_random_numbers():
    assert mnp.rand(2, 3).shape == mnp.randn(2, 3).shape == (2, 3)
    drawn = mnp.randint(2, 5, (500,)).asnumpy()
    assert drawn.dtype == np.int32 and set(drawn) == {2, 3, 4}


WRONG = [
    (lambda: mnp.array("a"), TypeError, "numpy.array"),
    (lambda: mnp.array([[1], [1, 2]]), ValueError, "equal lengths"),
    (lambda: mnp.array([2**40]), ValueError, "int64"),
    (lambda: mnp.add("a", 1), TypeError, "numpy.add"),
    (lambda: mnp.linspace(0, 1, -1), ValueError, "num=-1"),
    (lambda: mnp.linspace(0, 1, 2.5), TypeError, "num=2.5"),
    (lambda: mnp.concatenate([]), ValueError, "no tensor"),
    (lambda: mnp.split([1, 2, 3], 2), ValueError, "array_split"),
    (lambda: mnp.pad([1], 1, "none"), ValueError, "mode='none'"),
    (lambda: mnp.pad([1], -1), ValueError, "at least 0"),
    (lambda: mnp.pad([1], ((1, 2), (3, 4))), ValueError, "pad_width"),
    (lambda: mnp.dot([1, 2], [1, 2, 3]), ValueError, "numpy.dot"),
    (lambda: mnp.cross([1.0], [2.0]), ValueError, "2 or 3"),
    (lambda: mnp.multi_dot([mnp.ones((2, 2))]), ValueError, "at least two"),
    (lambda: mnp.correlate([1.0], [], "full"), ValueError, "elements"),
    (lambda: mnp.where([True], 1), ValueError, "both or neither"),
    (lambda: mnp.take([1, 2], [5], mode="raise"), IndexError, "index 5"),
    (lambda: mnp.take([1, 2], [0.5]), TypeError, "integers"),
    (lambda: mnp.clip([1], None, None), ValueError, "no bound"),
    (lambda: mnp.select([], []), ValueError, "numpy.select"),
    (lambda: mnp.piecewise([1.0], [[True]], [1, 2, 3]), ValueError, "numpy.piecewise"),
    (lambda: mnp.histogram([1.0], 0), ValueError, "bins=0"),
    (lambda: mnp.searchsorted([[1]], 1), ValueError, "one axis"),
    (lambda: mnp.average([1.0, 2.0], weights=[1.0]), ValueError, "weights"),
    (lambda: mnp.polyder([1.0], -1), ValueError, "m=-1"),
    (lambda: mnp.matrix_power([[1]], -1), ValueError, "n=-1"),
    (lambda: mnp.interp([1.0], [1.0], [1.0, 2.0]), ValueError, "numpy.interp"),
    (lambda: mnp.gradient([1.0]), ValueError, "at least 2"),
    (lambda: mnp.rollaxis([1], 0, 5), ValueError, "start=5"),
    (lambda: mnp.mgrid[3], TypeError, "slices"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG)
def test_wrong_arguments(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_constants():
    assert (mnp.pi, mnp.e, mnp.inf) == (math.pi, math.e, math.inf) and math.isnan(mnp.nan) and mnp.newaxis is None
