"""Types that numbers are only stored in: int4, uint4 and the floats of 8 bits."""

from __future__ import annotations

import copy
import math
import pickle

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Parameter, Tensor, dtypes, ir, ops
from lamella.dtypes import ALL, BY_NAME, STORAGE, promote
from lamella.train import load_checkpoint, save_checkpoint

NUMBERS = {"int4": [-8, -1, 0, 7], "uint4": [0, 1, 8, 15]}
MODES = {"eager": lambda fn: fn, "graph": ir.staged}


def sample(dtype):
    return np.array(NUMBERS.get(dtype.name, [-1.5, 0.0, 0.25, 448.0])).reshape(2, 2)


each = pytest.mark.parametrize("dtype", STORAGE, ids=str)


def test_rows_say_what_the_types_are():
    told = {d.name: (d.kind, d.bits, d.itemsize, d.computes, d.is_float, d.is_integer) for d in STORAGE}
    assert told == {
        "int4": ("int", 4, 1, False, False, False),
        "uint4": ("uint", 4, 1, False, False, False),
        "float8_e4m3fn": ("float", 8, 1, False, False, False),
        "float8_e5m2": ("float", 8, 1, False, False, False),
    }
    assert all(d.computes and d.bits == 8 * d.itemsize for d in ALL)
    assert [ms.int4.limits, ms.uint4.limits, ms.int8.limits] == [(-8, 7), (0, 15), (-128, 127)]
    for d in dtypes.INTEGERS:
        assert d.limits == (np.iinfo(d.numpy).min, np.iinfo(d.numpy).max)


@each
def test_tensors_are_made_shown_compared_and_kept(dtype, tmp_path):
    numbers = sample(dtype)
    x = Tensor(numbers.tolist(), dtype)
    assert x.dtype is dtype and x.asnumpy().dtype == dtype.numpy and not x.asnumpy().flags.writeable
    assert x.tolist() == numbers.tolist() and [Tensor(n, dtype).item() for n in numbers.flat] == [*numbers.flat]
    np.testing.assert_array_equal(x.asnumpy().astype(np.float64), numbers)
    assert Tensor(x.asnumpy()).dtype is dtype and Tensor.from_numpy(x.asnumpy()).tolist() == x.tolist()
    for copied in (
        x.copy(),
        copy.deepcopy(x),
        pickle.loads(pickle.dumps(x)),
        Parameter(x, name="p"),
        x.to("reference"),
    ):
        assert copied.dtype is dtype and copied.tolist() == x.tolist()
    save_checkpoint({"x": x, "scalar": Tensor(1, dtype), "empty": Tensor(numbers[:0], dtype)}, tmp_path / "a.ckpt")
    found = load_checkpoint(tmp_path / "a.ckpt")
    assert [p.dtype for p in found.values()] == [dtype] * 3 and [p.shape for p in found.values()] == [
        (2, 2),
        (),
        (0, 2),
    ]
    assert found["x"].asnumpy().tobytes() == x.asnumpy().tobytes()


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [
        ("int4", "Tensor(shape=[2, 2], dtype=int4, value=\n[[-8, -1],\n [ 0,  7]])"),
        ("uint4", "Tensor(shape=[2, 2], dtype=uint4, value=\n[[ 0,  1],\n [ 8, 15]])"),
        ("float8_e4m3fn", "Tensor(shape=[2, 2], dtype=float8_e4m3fn, value=\n[[-1.5,    0],\n [0.25,  448]])"),
        ("float8_e5m2", "Tensor(shape=[2, 2], dtype=float8_e5m2, value=\n[[-1.5,    0],\n [0.25,  448]])"),
    ],
)
def test_printing(dtype, shown):
    assert repr(Tensor(sample(BY_NAME[dtype]), dtype)) == shown


def test_python_numbers_that_do_not_fit_are_refused():
    for dtype, number in (("int4", 8), ("int4", -9), ("uint4", 16), ("uint4", -1)):
        with pytest.raises(ValueError, match=f"numbers from {number} to {number} for {dtype}, expected numbers from"):
            Tensor([number], dtype)


REFUSED = {
    "x + x": lambda x: x + x, "x + 1": lambda x: x + 1, "1.5 * x": lambda x: 1.5 * x, "-x": lambda x: -x,
    "x == x": lambda x: x == x, "x < 1": lambda x: x < 1, "exp": ops.exp, "round": ops.round, "isnan": ops.isnan,
    "sum": lambda x: x.sum(), "mean": lambda x: x.mean(), "max": lambda x: x.max(), "argmax": lambda x: x.argmax(),
    "matmul": lambda x: x @ x, "index": lambda x: x[0], "reshape": lambda x: x.reshape(4), "T": lambda x: x.T,
    "concat": lambda x: ops.concat((x, x)), "where": lambda x: ops.where(Tensor(True), x, x), "relu": ops.relu,
    "softmax": ops.softmax, "gather": lambda x: ops.gather(Tensor([1.0, 2.0]), x, 0), "sort": lambda x: ops.sort(x),
    "cumsum": lambda x: ops.cumsum(x, 0), "zeros_like": ops.zeros_like, "with float32": lambda x: x + Tensor(1.5),
    "all": lambda x: x.all(), "put": lambda x: x.__setitem__(0, 1), "one_hot": lambda x: ops.one_hot(x, 2),
}  # fmt: skip


@each
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("use", REFUSED)
def test_everything_but_conversion_is_refused_with_what_to_do(dtype, mode, use):
    x = Tensor(sample(dtype), dtype)
    with pytest.raises(TypeError, match=f"{dtype}") as raised:
        MODES[mode](REFUSED[use])(x)
    assert "only stored" in str(raised.value) or use in ("gather", "one_hot", "put")


def test_implicit_conversion_has_no_place_for_them():
    for x in STORAGE:
        assert promote(x, x) is x
        for y in (*ALL, *(d for d in STORAGE if d is not x)):
            for pair in ((x, y), (y, x)):
                with pytest.raises(TypeError, match=r"implicit conversion: .*only stored.*\.astype"):
                    promote(*pair)


# -- casts --


FLOATS = st.lists(st.floats(width=32) | st.sampled_from([0.5, 2.5, -8.5, 7.5, 448, 464, 1e30, 2**-9, -0.0]), max_size=8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", ["float8_e4m3fn", "float8_e5m2"])
@settings(deadline=None)
@given(numbers=FLOATS)
def test_floats_become_what_ml_dtypes_says(mode, target, numbers):
    x = np.array(numbers, np.float32)
    with np.errstate(all="ignore"):
        expected = x.astype(getattr(ml_dtypes, target))
    found = MODES[mode](lambda x: ops.cast(x, target))(Tensor(x))
    np.testing.assert_array_equal(found.asnumpy().view(np.uint8) & 0x7F, expected.view(np.uint8) & 0x7F)
    np.testing.assert_array_equal(found.astype(ms.float64).asnumpy(), expected.astype(np.float64))


@pytest.mark.parametrize("target", [ms.int4, ms.uint4], ids=str)
@settings(deadline=None)
@given(numbers=FLOATS)
def test_floats_become_the_nearest_integer_of_4_bits_towards_zero(target, numbers):
    x = np.array(numbers, np.float32)
    expected = np.clip(np.trunc(np.where(np.isnan(x), 0, x)), *target.limits)
    np.testing.assert_array_equal(Tensor(x).astype(target).astype(ms.int32).asnumpy(), expected)


@pytest.mark.parametrize("source", dtypes.INTEGERS, ids=str)
def test_integers_keep_their_lowest_bits(source):
    x = np.arange(-100, 100).astype(source.numpy)
    low = x.astype(np.int64) & 15
    assert Tensor(x).astype("uint4").tolist() == low.tolist()
    assert Tensor(x).astype("int4").tolist() == np.where(low > 7, low - 16, low).tolist()


def wrapped(number, target):
    """A whole number by its lowest bits."""
    low, high = target.limits
    return (number - low) % (high - low + 1) + low


def nearest(number, target):
    """A float as an integer: cut off, and the nearest that there is."""
    low, high = target.limits
    return 0 if math.isnan(number) else int(min(max(math.trunc(min(max(number, -1e30), 1e30)), low), high))


@pytest.mark.parametrize("target", BY_NAME.values(), ids=str)
@each
def test_every_number_of_them_is_read(dtype, target):
    if dtype.kind == "float":
        x = np.arange(256).astype(np.uint8).view(dtype.numpy)
    else:
        x = np.arange(dtype.limits[0], dtype.limits[1] + 1).astype(dtype.numpy)
    found = Tensor(x).astype(target).asnumpy()
    numbers = x.tolist()
    if target.kind == "bool":
        assert found.tolist() == [number != 0 for number in numbers]
    elif target.kind == "float":
        np.testing.assert_array_equal(
            found.astype(float), np.array(numbers, np.float32).astype(target.numpy).astype(float)
        )
    elif target.kind == "complex":
        np.testing.assert_array_equal(found, np.array(numbers, np.float32))
    else:
        assert found.tolist() == [(nearest if dtype.kind == "float" else wrapped)(n, target) for n in numbers]
