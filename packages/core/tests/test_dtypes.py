"""Data types: their table of implicit conversions against MindSpore's, and how they are named."""

from __future__ import annotations

import copy
import pickle
from itertools import product

import ml_dtypes
import numpy as np
import pytest

from lamella import dtypes
from lamella.dtypes import as_dtype, promote

# The dtype of x + y for one-dimensional tensors of the row's and the column's type, recorded with mindspore 2.10.0
# on CPU in PYNATIVE mode; "--" where it raises TypeError.
MINDSPORE = """
      b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8 c4 c8
    b1 b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8 c4 c8
    i1 i1 i1 i2 i4 i8 i2 -- -- -- f2 bf f4 f8 c4 c8
    i2 i2 i2 i2 i4 i8 i2 -- -- -- f2 bf f4 f8 c4 c8
    i4 i4 i4 i4 i4 i8 i4 -- -- -- f2 bf f4 f8 c4 c8
    i8 i8 i8 i8 i8 i8 i8 -- -- -- f2 bf f4 f8 c4 c8
    u1 u1 i2 i2 i4 i8 u1 -- -- -- f2 bf f4 f8 c4 c8
    u2 u2 -- -- -- -- -- u2 -- -- -- -- -- -- -- --
    u4 u4 -- -- -- -- -- -- u4 -- -- -- -- -- -- --
    u8 u8 -- -- -- -- -- -- -- u8 -- -- -- -- -- --
    f2 f2 f2 f2 f2 f2 f2 -- -- -- f2 f4 f4 f8 c4 c8
    bf bf bf bf bf bf bf -- -- -- f4 bf f4 f8 c4 c8
    f4 f4 f4 f4 f4 f4 f4 -- -- -- f4 f4 f4 f8 c4 c8
    f8 f8 f8 f8 f8 f8 f8 -- -- -- f8 f8 f8 f8 c8 c8
    c4 c4 c4 c4 c4 c4 c4 -- -- -- c4 c4 c4 c8 c4 c8
    c8 c8 c8 c8 c8 c8 c8 -- -- -- c8 c8 c8 c8 c8 c8
"""
SHORT = {
    "b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16",
    "u4": "uint32", "u8": "uint64", "f2": "float16", "bf": "bfloat16", "f4": "float32", "f8": "float64",
    "c4": "complex64", "c8": "complex128",
}  # fmt: skip


def recorded() -> dict[tuple[str, str], str | None]:
    """MindSpore's table, None where it raises."""
    header, *rows = [line.split() for line in MINDSPORE.strip().splitlines()]
    cells = {(row[0], column): cell for row in rows for column, cell in zip(header, row[1:], strict=True)}
    return {(SHORT[x], SHORT[y]): SHORT.get(cell) for (x, y), cell in cells.items()}


def test_promotion_is_mindspores_wherever_that_has_one() -> None:
    table = recorded()
    assert len(table) == 15 * 15
    differing = {
        (x, y): (promote(as_dtype(x), as_dtype(y)).name, expected)
        for (x, y), expected in table.items()
        if expected is not None and promote(as_dtype(x), as_dtype(y)).name != expected
    }
    assert not differing


def test_pairs_that_mindspore_refuses_involve_a_wide_unsigned_type() -> None:
    wide = {"uint16", "uint32", "uint64"}
    refused = {pair for pair, expected in recorded().items() if expected is None}
    assert all(wide & set(pair) for pair in refused)


def test_promotion_is_commutative_and_idempotent() -> None:
    for x, y in product(dtypes.ALL, repeat=2):
        if {x.kind, y.kind} == {"int", "uint"} and dtypes.uint64 in (x, y):
            for pair in ((x, y), (y, x)):
                with pytest.raises(TypeError, match=r"implicit conversion: got .*uint64.*\.astype"):
                    promote(*pair)
        else:
            assert promote(x, y) is promote(y, x)
            assert promote(x, promote(x, y)) is promote(x, y)


def test_promoted_integers_hold_both_types() -> None:
    for x, y in product(dtypes.INTEGERS, repeat=2):
        if {x.kind, y.kind} != {"int", "uint"} or dtypes.uint64 not in (x, y):
            limits = np.iinfo(promote(x, y).numpy)
            for part in (np.iinfo(x.numpy), np.iinfo(y.numpy)):
                assert limits.min <= part.min <= part.max <= limits.max


@pytest.mark.parametrize("dtype", dtypes.BY_NAME.values(), ids=repr)
def test_every_name_of_a_type_leads_to_its_object(dtype: dtypes.DType) -> None:
    for given in (dtype, dtype.name, dtype.numpy, dtype.numpy.type):
        assert as_dtype(given) is dtype
    assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert copy.deepcopy(dtype) is dtype
    assert repr(dtype) == dtype.name
    assert dtype.itemsize == np.zeros(1, dtype.numpy).nbytes


def test_python_types_stand_for_tensor_types() -> None:
    assert (as_dtype(bool), as_dtype(int), as_dtype(float)) == (dtypes.bool_, dtypes.int64, dtypes.float32)
    assert as_dtype(ml_dtypes.bfloat16) is dtypes.bfloat16


@pytest.mark.parametrize(
    "given", ["complex32", "no such type", np.clongdouble, object(), 3, [], {}, str, "datetime64[s]"]
)
def test_what_names_no_type_is_an_error(given: object) -> None:
    with pytest.raises(TypeError, match=r"^Tensor: got .*, expected one of bool, int8, .*float8_e5m2\.$"):
        as_dtype(given, "Tensor")


def test_kinds() -> None:
    assert [d.name for d in dtypes.FLOATS] == ["float16", "bfloat16", "float32", "float64"]
    assert [d.name for d in dtypes.COMPLEX] == ["complex64", "complex128"]
    assert all(d.is_float + d.is_integer + d.is_complex == 1 for d in dtypes.ALL if d is not dtypes.bool_)
    assert [d for d in dtypes.ALL if d.is_inexact] == [*dtypes.FLOATS, *dtypes.COMPLEX]
    assert {d: (d.real, d.complex) for d in (dtypes.int8, dtypes.float64, *dtypes.COMPLEX)} == {
        dtypes.int8: (dtypes.int8, dtypes.complex64),
        dtypes.float64: (dtypes.float64, dtypes.complex128),
        dtypes.complex64: (dtypes.float32, dtypes.complex64),
        dtypes.complex128: (dtypes.float64, dtypes.complex128),
    }
    assert not dtypes.bool_.is_float
    assert not dtypes.bool_.is_integer
