"""MindSpore's module of types, and the names at the top that are found when they are first used."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ops
from lamella import dtype as mstype
from lamella.dtypes import ALL


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_types_and_their_classes(dtype):
    assert getattr(mstype, dtype.name if dtype.name != "bool" else "bool_") is dtype
    assert np.dtype(ms.dtype_to_nptype(dtype)) == dtype.numpy
    kind = ms.dtype_to_pytype(dtype)
    assert kind is {"b": bool, "i": int, "u": int, "f": float, "V": float, "c": complex}[dtype.numpy.kind]
    assert mstype.pytype_to_dtype(ms.dtype_to_nptype(dtype)) is dtype
    assert ms.get_py_obj_dtype(ops.zeros(1, dtype)) is dtype


def test_groups_and_other_names():
    assert mstype.number_type == tuple(dtype for dtype in ALL if dtype.name != "bool")
    assert {*mstype.int_type, *mstype.uint_type, *mstype.float_type} <= {*mstype.number_type}
    assert ms.uint8 not in mstype.signed_type and ms.float16 in mstype.signed_type
    assert (ms.half, ms.double, ms.short, ms.intp, ms.ubyte) == (ms.float16, ms.float64, ms.int16, ms.int64, ms.uint8)
    assert isinstance(ms.int32, ms.Type) and ms.dtype is mstype is importlib.import_module("lamella.dtype")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: ms.dtype_to_nptype("float32"), "dtype_to_nptype: got 'float32', expected an element type"),
        (lambda: ms.dtype_to_pytype(3), "dtype_to_pytype: got 3"),
        (lambda: ms.pytype_to_dtype(3), "pytype_to_dtype: got 3, expected a class"),
        (lambda: ms.pytype_to_dtype(str), "pytype_to_dtype: got str, expected a class of numbers"),
        (lambda: ms.get_py_obj_dtype("text"), "pytype_to_dtype: got str"),
        (lambda: ms.manual_seed("a"), "seed: got 'a'"),
    ],
)
def test_errors(wrong, message):
    with pytest.raises(TypeError, match=message):
        wrong()


def test_the_module_of_tensors_is_the_function_too():
    assert ms.tensor([1, 2], ms.float16).dtype is ms.float16 and ms.tensor.Tensor is Tensor
    assert ms.is_tensor(ms.tensor(3)) and ms.constexpr is ops.constexpr


def test_states_of_the_common_stream():
    assert ms.manual_seed(7) is ms.default_generator and ms.initial_seed() == ms.get_seed() == 7
    state = ms.get_rng_state()
    first = ops.rand(3).tolist()
    ms.set_rng_state(state)
    assert ops.rand(3).tolist() == first
    assert ms.seed() == ms.initial_seed() != 7


def test_names_are_found_when_they_are_used():
    program = "import lamella, sys; assert 'lamella.dtype' not in sys.modules; assert lamella.half is lamella.float16"
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError, match="hald"):
        _ = ms.hald
