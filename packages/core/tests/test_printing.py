"""Printed tensors against what MindSpore prints."""
# ruff: noqa: E501 - recorded lines are as long as they are.

from __future__ import annotations

import time

import ml_dtypes
import numpy as np
import pytest

from lamella.printing import format_tensor, format_value

# Recorded with `repr(Tensor(array, dtype))` of mindspore 2.10.0, without the blanks that it leaves at line ends.
RECORDED = [
    (np.array(3.5), "float32", """Tensor(shape=[], dtype=Float32, value= 3.5)"""),
    (np.array(3), "int64", """Tensor(shape=[], dtype=Int64, value= 3)"""),
    (np.array(True), "bool_", """Tensor(shape=[], dtype=Bool, value= True)"""),
    (np.array(0.1), "float16", """Tensor(shape=[], dtype=Float16, value= 0.0999756)"""),
    (np.array(0.1), "bfloat16", """Tensor(shape=[], dtype=BFloat16, value= 0.100098)"""),
    (np.array(np.nan), "float32", """Tensor(shape=[], dtype=Float32, value= nan)"""),
    (np.array(1e20), "float32", """Tensor(shape=[], dtype=Float32, value= 1e+20)"""),
    (np.array(-0.0), "float32", """Tensor(shape=[], dtype=Float32, value= -0)"""),
    (np.array(1 / 3), "float64", """Tensor(shape=[], dtype=Float64, value= 0.333333)"""),
    (np.array(1e-30), "float32", """Tensor(shape=[], dtype=Float32, value= 1e-30)"""),
    (np.array(-5), "int8", """Tensor(shape=[], dtype=Int8, value= -5)"""),
    (np.zeros((0,)), "float32", """Tensor(shape=[0], dtype=Float32, value= )"""),
    (
        np.zeros((2, 0, 3)),
        "float32",
        """Tensor(shape=[2, 0, 3], dtype=Float32, value=
)""",
    ),
    (
        np.zeros((0, 3)),
        "int32",
        """Tensor(shape=[0, 3], dtype=Int32, value=
)""",
    ),
    (
        np.array([1.0, 2.5, -3.25]),
        "float32",
        """Tensor(shape=[3], dtype=Float32, value= [ 1.00000000e+00,  2.50000000e+00, -3.25000000e+00])""",
    ),
    (
        np.array([1e-5, 1.0, 1e5]),
        "float32",
        """Tensor(shape=[3], dtype=Float32, value= [ 9.99999975e-06,  1.00000000e+00,  1.00000000e+05])""",
    ),
    (
        np.array([1 / 3, 2 / 3, -1]),
        "float64",
        """Tensor(shape=[3], dtype=Float64, value= [ 3.33333333e-01,  6.66666667e-01, -1.00000000e+00])""",
    ),
    (
        np.arange(6.0).reshape(2, 3),
        "float32",
        """Tensor(shape=[2, 3], dtype=Float32, value=
[[ 0.00000000e+00,  1.00000000e+00,  2.00000000e+00],
 [ 3.00000000e+00,  4.00000000e+00,  5.00000000e+00]])""",
    ),
    (
        np.arange(12.0).reshape(2, 2, 3) / 7,
        "float32",
        """Tensor(shape=[2, 2, 3], dtype=Float32, value=
[[[ 0.00000000e+00,  1.42857149e-01,  2.85714298e-01],
  [ 4.28571433e-01,  5.71428597e-01,  7.14285731e-01]],
 [[ 8.57142866e-01,  1.00000000e+00,  1.14285719e+00],
  [ 1.28571427e+00,  1.42857146e+00,  1.57142854e+00]]])""",
    ),
    (
        np.zeros((1, 2, 1, 2)),
        "float32",
        """Tensor(shape=[1, 2, 1, 2], dtype=Float32, value=
[[[[ 0.00000000e+00,  0.00000000e+00]],
  [[ 0.00000000e+00,  0.00000000e+00]]]])""",
    ),
    (
        np.array([[True, False], [False, False]]),
        "bool_",
        """Tensor(shape=[2, 2], dtype=Bool, value=
[[ True, False],
 [False, False]])""",
    ),
    (
        np.array([[1, -20], [300, 4]]),
        "int32",
        """Tensor(shape=[2, 2], dtype=Int32, value=
[[  1, -20],
 [300,   4]])""",
    ),
    (np.array([1, 200]), "uint8", """Tensor(shape=[2], dtype=UInt8, value= [  1, 200])"""),
    (
        np.array([2**62, -1]),
        "int64",
        """Tensor(shape=[2], dtype=Int64, value= [4611686018427387904,                  -1])""",
    ),
    (
        np.array([np.nan, 1.5, np.inf, -np.inf]),
        "float32",
        """Tensor(shape=[4], dtype=Float32, value= [            nan,  1.50000000e+00,             inf,            -inf])""",
    ),
    (
        np.array([np.nan, np.inf]),
        "float32",
        """Tensor(shape=[2], dtype=Float32, value= [            nan,             inf])""",
    ),
    (
        np.array([0.1, 1.5, 65504]),
        "float16",
        """Tensor(shape=[3], dtype=Float16, value= [ 9.9976e-02,  1.5000e+00,  6.5504e+04])""",
    ),
    (
        np.array([[0.1, -2], [3, 4]]),
        "float16",
        """Tensor(shape=[2, 2], dtype=Float16, value=
[[ 9.9976e-02, -2.0000e+00],
 [ 3.0000e+00,  4.0000e+00]])""",
    ),
    (
        np.array([0.1, 1.5, -3e38]),
        "bfloat16",
        """Tensor(shape=[3], dtype=BFloat16, value= [    0.100098,          1.5, -3.00406e+38])""",
    ),
    (
        np.array([[0.1, -2], [3, 4]]),
        "bfloat16",
        """Tensor(shape=[2, 2], dtype=BFloat16, value=
[[0.100098,       -2],
 [       3,        4]])""",
    ),
    (
        np.array([np.nan, np.inf, -np.inf, 1]),
        "bfloat16",
        """Tensor(shape=[4], dtype=BFloat16, value= [ nan,  inf, -inf,    1])""",
    ),
    (
        np.array([-0.0, 0.0]),
        "float32",
        """Tensor(shape=[2], dtype=Float32, value= [-0.00000000e+00,  0.00000000e+00])""",
    ),
    (np.arange(2000), "int32", """Tensor(shape=[2000], dtype=Int32, value= [   0,    1,    2 ... 1997, 1998, 1999])"""),
    (
        np.arange(2000) / 3,
        "float32",
        """Tensor(shape=[2000], dtype=Float32, value= [ 0.00000000e+00,  3.33333343e-01,  6.66666687e-01 ...  6.65666687e+02,  6.66000000e+02,  6.66333313e+02])""",
    ),
    (
        np.arange(2000) % 3 == 0,
        "bool_",
        """Tensor(shape=[2000], dtype=Bool, value= [ True, False, False ... False,  True, False])""",
    ),
    (
        np.arange(2000) / 3,
        "bfloat16",
        """Tensor(shape=[2000], dtype=BFloat16, value= [       0, 0.333984, 0.667969 ...      664,      664,      668])""",
    ),
    (
        np.arange(2000) / 3,
        "float16",
        """Tensor(shape=[2000], dtype=Float16, value= [ 0.0000e+00,  3.3325e-01,  6.6650e-01 ...  6.6550e+02,  6.6600e+02,  6.6650e+02])""",
    ),
    (
        np.arange(100 * 100).reshape(100, 100),
        "float32",
        """Tensor(shape=[100, 100], dtype=Float32, value=
[[ 0.00000000e+00,  1.00000000e+00,  2.00000000e+00 ...  9.70000000e+01,  9.80000000e+01,  9.90000000e+01],
 [ 1.00000000e+02,  1.01000000e+02,  1.02000000e+02 ...  1.97000000e+02,  1.98000000e+02,  1.99000000e+02],
 [ 2.00000000e+02,  2.01000000e+02,  2.02000000e+02 ...  2.97000000e+02,  2.98000000e+02,  2.99000000e+02],
 ...
 [ 9.70000000e+03,  9.70100000e+03,  9.70200000e+03 ...  9.79700000e+03,  9.79800000e+03,  9.79900000e+03],
 [ 9.80000000e+03,  9.80100000e+03,  9.80200000e+03 ...  9.89700000e+03,  9.89800000e+03,  9.89900000e+03],
 [ 9.90000000e+03,  9.90100000e+03,  9.90200000e+03 ...  9.99700000e+03,  9.99800000e+03,  9.99900000e+03]])""",
    ),
    (
        np.arange(40) / 3,
        "float32",
        """Tensor(shape=[40], dtype=Float32, value= [ 0.00000000e+00,  3.33333343e-01,  6.66666687e-01,  1.00000000e+00,  1.33333337e+00,  1.66666663e+00,  2.00000000e+00,  2.33333325e+00,  2.66666675e+00,  3.00000000e+00,  3.33333325e+00,  3.66666675e+00,
  4.00000000e+00,  4.33333349e+00,  4.66666651e+00,  5.00000000e+00,  5.33333349e+00,  5.66666651e+00,  6.00000000e+00,  6.33333349e+00,  6.66666651e+00,  7.00000000e+00,  7.33333349e+00,  7.66666651e+00,
  8.00000000e+00,  8.33333302e+00,  8.66666698e+00,  9.00000000e+00,  9.33333302e+00,  9.66666698e+00,  1.00000000e+01,  1.03333330e+01,  1.06666670e+01,  1.10000000e+01,  1.13333330e+01,  1.16666670e+01,
  1.20000000e+01,  1.23333330e+01,  1.26666670e+01,  1.30000000e+01])""",
    ),
    (np.array([True, True]), "bool_", """Tensor(shape=[2], dtype=Bool, value= [ True,  True])"""),
    (np.array([5]), "int64", """Tensor(shape=[1], dtype=Int64, value= [5])"""),
    (
        np.where(np.arange(2000) == 1000, 123456, 0),
        "int64",
        """Tensor(shape=[2000], dtype=Int64, value= [0, 0, 0 ... 0, 0, 0])""",
    ),
    (
        np.arange(1200).reshape(2, 600),
        "int64",
        """Tensor(shape=[2, 600], dtype=Int64, value=
[[   0,    1,    2 ...  597,  598,  599],
 [ 600,  601,  602 ... 1197, 1198, 1199]])""",
    ),
    (
        np.arange(1200).reshape(600, 2),
        "int64",
        """Tensor(shape=[600, 2], dtype=Int64, value=
[[   0,    1],
 [   2,    3],
 [   4,    5],
 ...
 [1194, 1195],
 [1196, 1197],
 [1198, 1199]])""",
    ),
    (
        np.arange(60.0).reshape(2, 30) / 7,
        "float32",
        """Tensor(shape=[2, 30], dtype=Float32, value=
[[ 0.00000000e+00,  1.42857149e-01,  2.85714298e-01 ...  3.85714293e+00,  4.00000000e+00,  4.14285707e+00],
 [ 4.28571415e+00,  4.42857122e+00,  4.57142878e+00 ...  8.14285755e+00,  8.28571415e+00,  8.42857170e+00]])""",
    ),
    (
        np.arange(25),
        "int64",
        """Tensor(shape=[25], dtype=Int64, value= [ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
 24])""",
    ),
    (
        np.arange(30) % 3 == 0,
        "bool_",
        """Tensor(shape=[30], dtype=Bool, value= [ True, False, False,  True, False, False,  True, False, False,  True, False, False,
  True, False, False,  True, False, False,  True, False, False,  True, False, False,
  True, False, False,  True, False, False])""",
    ),
    (
        np.arange(30) / 3,
        "bfloat16",
        """Tensor(shape=[30], dtype=BFloat16, value= [       0, 0.333984, 0.667969,        1,  1.33594,  1.66406,        2,  2.32812,  2.67188,        3,  3.32812,  3.67188,        4,  4.34375,  4.65625,        5,  5.34375,  5.65625,        6,  6.34375,  6.65625,        7,  7.34375,  7.65625,
        8,   8.3125,   8.6875,        9,   9.3125,   9.6875])""",
    ),
    (
        np.array([2**64 - 1, 1], dtype=np.uint64),
        "uint64",
        """Tensor(shape=[2], dtype=UInt64, value= [18446744073709551615,                    1])""",
    ),
    (np.array([-128, 1]), "int8", """Tensor(shape=[2], dtype=Int8, value= [-128,    1])"""),
    (
        np.arange(8 * 3 * 50).reshape(8, 3, 50),
        "int64",
        """Tensor(shape=[8, 3, 50], dtype=Int64, value=
[[[   0,    1,    2 ...   47,   48,   49],
  [  50,   51,   52 ...   97,   98,   99],
  [ 100,  101,  102 ...  147,  148,  149]],
 [[ 150,  151,  152 ...  197,  198,  199],
  [ 200,  201,  202 ...  247,  248,  249],
  [ 250,  251,  252 ...  297,  298,  299]],
 [[ 300,  301,  302 ...  347,  348,  349],
  [ 350,  351,  352 ...  397,  398,  399],
  [ 400,  401,  402 ...  447,  448,  449]],
 ...
 [[ 750,  751,  752 ...  797,  798,  799],
  [ 800,  801,  802 ...  847,  848,  849],
  [ 850,  851,  852 ...  897,  898,  899]],
 [[ 900,  901,  902 ...  947,  948,  949],
  [ 950,  951,  952 ...  997,  998,  999],
  [1000, 1001, 1002 ... 1047, 1048, 1049]],
 [[1050, 1051, 1052 ... 1097, 1098, 1099],
  [1100, 1101, 1102 ... 1147, 1148, 1149],
  [1150, 1151, 1152 ... 1197, 1198, 1199]]])""",
    ),
    (
        np.zeros((2, 1, 2, 1, 2)),
        "int8",
        """Tensor(shape=[2, 1, 2, 1, 2], dtype=Int8, value=
[[[[[0, 0]],
   [[0, 0]]]],
 [[[[0, 0]],
   [[0, 0]]]]])""",
    ),
    (
        np.array([1e-40, 1.0]),
        "float32",
        """Tensor(shape=[2], dtype=Float32, value= [ 9.99994610e-41,  1.00000000e+00])""",
    ),
]
NAMES = {"bool_": "Bool", "bfloat16": "BFloat16", "uint8": "UInt8", "uint64": "UInt64"}


@pytest.mark.parametrize(("array", "dtype", "expected"), RECORDED)
def test_repr_is_that_of_mindspore(array: np.ndarray, dtype: str, expected: str) -> None:
    numpy_type = ml_dtypes.bfloat16 if dtype == "bfloat16" else getattr(np, dtype)
    printed = format_tensor(array.astype(numpy_type), NAMES.get(dtype, dtype.capitalize()))
    assert printed == expected


def test_thousand_numbers_are_the_longest_list_shown_in_full() -> None:
    assert "..." not in format_tensor(np.arange(1000), "Int64")
    assert format_tensor(np.arange(1001), "Int64").endswith("value= [   0,    1,    2 ...  998,  999, 1000])")


def test_longer_numbers_widen_the_column() -> None:
    printed = format_tensor(np.array([-1e-300, 1.0]), "Float64")
    assert printed.endswith("value= [-1.00000000e-300,   1.00000000e+00])")


def test_layout_in_memory_does_not_show() -> None:
    x = np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1)[::-1]
    assert format_tensor(x, "Float64") == format_tensor(x.copy(), "Float64")


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array(3.5, np.float32), "3.5"),
        (np.array(0.1, np.float16), "0.1"),
        (np.zeros((2, 0, 3)), "[]"),
        (np.array([[1, -20], [300, 4]]), "[[  1 -20]\n [300   4]]"),
        (np.array([True, False]), "[ True False]"),
        (np.array([np.nan, 1.5, np.inf]), "[nan 1.5 inf]"),
        (np.array([0.1, 1.5]).astype(ml_dtypes.bfloat16), "[0.100098 1.5]"),
        (np.arange(2000), "[   0    1    2 ... 1997 1998 1999]"),
    ],
)
def test_str_shows_the_numbers_alone(array: np.ndarray, expected: str) -> None:
    assert format_value(array) == expected


@pytest.mark.parametrize("dtype", [np.float32, ml_dtypes.bfloat16, np.int8])
@pytest.mark.parametrize("shape", [(10**8,), (10**4, 10**4)])
def test_huge_arrays_print_at_once(dtype: type, shape: tuple[int, ...]) -> None:
    huge = np.broadcast_to(np.zeros((), dtype), shape)
    start = time.perf_counter()
    assert len(format_tensor(huge, "Type")) < 1000
    assert len(format_value(huge)) < 1000
    assert time.perf_counter() - start < 1
