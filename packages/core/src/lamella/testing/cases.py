"""What is tried with each primitive: operands, attributes, and which of them have derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamella.dims import Dim
from lamella.dtypes import ALL, BY_NAME, COMPLEX, FLOATS, INTEGERS, ORDERED, STORAGE, DType
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Operand:
    """An operand to be drawn.

    Attributes:
        shape: its shape; a size named "n" is the one that is left open where open sizes are tried.
        low: smallest number.
        high: one past the largest.
        dtype: its type, where it is not the case's.
        distinct: whether all numbers differ by enough that small changes keep their order.
    """

    shape: tuple[Any, ...]
    low: float = -2.0
    high: float = 2.0
    dtype: str = ""
    distinct: bool = False

    def draw(self, rng: np.random.Generator, dtype: DType, n: int = 3) -> Array:
        """Numbers for it."""
        shape = tuple(n if size == "n" else size for size in self.shape)
        chosen = BY_NAME[self.dtype] if self.dtype else dtype
        count = int(np.prod(shape))
        if chosen.kind == "bool":
            return np.asarray(rng.random(shape) < 0.5)
        low = max(self.low, 0) if chosen.kind == "uint" else self.low
        if self.distinct:
            numbers = rng.permutation(np.linspace(low, self.high, max(count, 1)))[:count].reshape(shape)
        else:
            numbers = rng.uniform(low, self.high, shape)
        if chosen.is_complex:  # the other way round, so that the parts differ; as a turn, sizes stay within the range
            return np.asarray(numbers * np.exp(0.4j * np.sign(numbers)), chosen.numpy)
        if chosen.kind in ("int", "uint"):
            numbers = np.floor(numbers * (1 if self.dtype else 4))
        return np.asarray(numbers, chosen.numpy)


@dataclass(frozen=True)
class Case:
    """One use of a primitive.

    Attributes:
        op: the primitive.
        operands: its operands.
        attrs: its attributes; a size "n" stands for the open one.
        dtypes: the types that it is tried with.
        smooth: whether derivatives are compared with finite differences.
    """

    op: OpDef
    operands: tuple[Operand, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    dtypes: tuple[DType, ...] = FLOATS
    smooth: bool = True

    def draw(self, dtype: DType, n: int = 3, seed: int = 0) -> list[Array]:
        """Operands with numbers."""
        rng = np.random.default_rng(seed)
        return [operand.draw(rng, dtype, n) for operand in self.operands]

    def attributes(self, n: Any = 3) -> dict[str, Any]:
        """Attributes for a size of the open axis: an int or a `Dim`."""

        def fill(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(map(fill, value))
            if isinstance(value, str) and value in ("n", "2n", "3n", "n-1", "n+2"):
                return {"n": n, "2n": n * 2, "3n": n * 3, "n-1": n - 1, "n+2": n + 2}[value]
            return value

        return {key: fill(value) for key, value in self.attrs.items()}

    @property
    def open_shapes(self) -> list[tuple[Any, ...]]:
        """Shapes of the operands with the open size as a `Dim`."""
        n = Dim.symbol("n")
        return [tuple(n if size == "n" else size for size in operand.shape) for operand in self.operands]

    def __str__(self) -> str:
        shapes = "x".join("_".join(map(str, operand.shape)) or "scalar" for operand in self.operands)
        return f"{self.op.name}-{shapes}"


_NUMBERS = (*INTEGERS, *FLOATS)
_INEXACT = (*FLOATS, *COMPLEX)
_FIELDS = (*INTEGERS, *_INEXACT)
_cases: list[Case] = []


def add(*cases: Case) -> None:
    """Add cases, for primitives from outside."""
    _cases.extend(cases)


def all_cases() -> Sequence[Case]:
    """All cases there are now."""
    return tuple(_cases)


def _pair(op: OpDef, dtypes: tuple[DType, ...], smooth: bool, **numbers: Any) -> None:
    a = Operand(("n", 4), distinct=True, **numbers)
    b = Operand(
        (4,),
        distinct=True,
        **{**numbers, "low": numbers.get("low", -2.0) + 0.013, "high": numbers.get("high", 2.0) - 0.017},
    )
    add(
        Case(op, (a, b), {}, dtypes, smooth),
        Case(op, (Operand(("n", 1), **numbers), Operand(("n", 2), **numbers)), {}, dtypes, smooth),
    )
    add(Case(op, (Operand((), **numbers), Operand((0,), **numbers)), {}, dtypes, False))


def _single(op: OpDef, dtypes: tuple[DType, ...] = FLOATS, smooth: bool = True, **numbers: Any) -> None:
    add(
        Case(op, (Operand(("n", 4), **numbers),), {}, dtypes, smooth),
        Case(op, (Operand((), **numbers),), {}, dtypes, smooth),
    )
    add(Case(op, (Operand((0, 2), **numbers),), {}, dtypes, False))


for _op in (prims.add, prims.sub, prims.mul):
    _pair(_op, _FIELDS, True)
for _op in (prims.maximum, prims.minimum):
    _pair(_op, _NUMBERS, True)
_pair(prims.div, _INEXACT, True, low=0.5)
_pair(prims.atan2, FLOATS, True, low=0.5)
_pair(prims.pow, _INEXACT, True, low=0.5)
_pair(prims.complex, (BY_NAME["float32"], BY_NAME["float64"]), True)
for _op in (prims.real, prims.imag, prims.conj):
    _single(_op, COMPLEX)
for _op in (prims.floor_div, prims.floor_mod):
    _pair(_op, _NUMBERS, False, low=1.0, high=9.0)
for _op in (prims.eq, prims.ne):
    _pair(_op, ALL, False)
for _op in (prims.lt, prims.le, prims.gt, prims.ge):
    _pair(_op, ORDERED, False)
for _op in (prims.bitwise_and, prims.bitwise_or, prims.bitwise_xor):
    _pair(_op, (BY_NAME["bool"], *INTEGERS), False)
for _op in (prims.shift_left, prims.shift_right):
    _pair(_op, INTEGERS, False, low=0.0, high=1.5)
for _op in (prims.exp, prims.expm1, prims.sin, prims.cos, prims.sinh, prims.cosh, prims.tanh, prims.asinh, prims.atan,
            prims.sigmoid):  # fmt: skip
    _single(_op, _INEXACT)
_single(prims.erf)
for _op in (prims.log, prims.log1p, prims.sqrt, prims.rsqrt):
    _single(_op, _INEXACT, low=0.3, high=3.0)
for _op in (prims.tan, prims.asin, prims.acos, prims.atanh):
    _single(_op, _INEXACT, low=-0.9, high=0.9)
_single(prims.acosh, _INEXACT, low=1.2, high=3.0)
_single(prims.abs, _NUMBERS, low=0.1)
_single(prims.neg, _FIELDS)
_single(prims.sign, _NUMBERS, False)
for _op in (prims.floor, prims.ceil, prims.round):
    _single(_op, FLOATS, False)
for _op in (prims.isfinite, prims.isnan):
    _single(_op, _INEXACT, False)
for _op in (prims.erfc, prims.bessel_i0, prims.bessel_i0e, prims.bessel_i1, prims.bessel_i1e, prims.bessel_j0,
            prims.bessel_j1):  # fmt: skip
    _single(_op)
for _op in (prims.bessel_y0, prims.bessel_y1, prims.bessel_k0, prims.bessel_k0e, prims.bessel_k1, prims.bessel_k1e,
            prims.lgamma, prims.digamma):  # fmt: skip
    _single(_op, low=0.5, high=4.0)
_single(prims.erfinv, low=-0.9, high=0.9)
_single(prims.population_count, INTEGERS, False)
add(Case(prims.polygamma, (Operand(("n", 4), 0.5, 4.0),), {"n": 2}))
for _op in (prims.zeta, prims.igamma, prims.igammac, prims.igamma_slope):
    _pair(_op, FLOATS, False, low=1.2, high=4.0)  # not smooth in both operands, or not twice
_pair(prims.copysign, FLOATS, True)
_pair(prims.hypot, FLOATS, True)
_pair(prims.fmod, _NUMBERS, False, low=1.0, high=9.0)
_pair(prims.gcd, INTEGERS, False)
_pair(prims.nextafter, FLOATS, False)
_single(prims.bitwise_not, (BY_NAME["bool"], *INTEGERS), False)
for _op in (prims.alias, prims.stop_gradient):
    _single(_op, ALL, _op is prims.alias)
for _target in ("float32", "int32", "bool", "float64", "complex64", *(dtype.name for dtype in STORAGE)):
    add(Case(prims.cast, (Operand(("n", 4)),), {"dtype": _target}, (*ALL, *STORAGE), False))
_mask = Operand(("n", 1), dtype="bool")
add(Case(prims.select, (_mask, Operand(("n", 4)), Operand((4,))), {}, ALL))

# -- shape --

_x = Operand(("n", 4))
add(
    Case(prims.reshape, (_x,), {"shape": ("2n", 2)}, ALL),
    Case(prims.reshape, (Operand((1, 1)),), {"shape": ()}, ALL),
    Case(prims.transpose, (Operand(("n", 2, 4)),), {"permutation": (2, 0, 1)}, ALL),
    Case(prims.broadcast_to, (Operand((4,)),), {"shape": ("n", 4)}, ALL),
    Case(prims.broadcast_to, (Operand(("n", 1)),), {"shape": (2, "n", 5)}, ALL),
    Case(prims.concat, (_x, Operand((2, 4))), {"axis": 0}, ALL),
    Case(prims.concat, (_x, _x, Operand(("n", 1))), {"axis": 1}, ALL),
    Case(prims.slice_, (_x,), {"starts": (0, 1), "stops": ("n-1", 4), "strides": (1, 2)}, ALL),
    Case(prims.pad, (_x, Operand(())), {"low": (1, 0), "high": (0, 2), "interior": (0, 1)}, ALL),
    Case(prims.pad, (_x, Operand(())), {"low": (-1, 0), "high": (2, -1), "interior": (1, 0)}, ALL),
    Case(prims.flip, (_x,), {"axes": (0, 1)}, ALL),
    Case(prims.iota, (), {"size": "n", "dtype": "int32"}, (BY_NAME["int32"],), False),
    Case(prims.dim_value, (), {"dim": "3n"}, (BY_NAME["int64"],), False),
    Case(prims.constant, (), {"value": np.array([1.0, -2.0], np.float32)}, (BY_NAME["float32"],), False),
)

# -- along axes --

_d = Operand(("n", 4, 2), distinct=True)
for _axes in ((0,), (1, 2), (0, 1, 2), ()):
    add(
        *(
            Case(op, (_d,), {"axes": _axes}, dtypes)
            for op, dtypes in (
                (prims.reduce_sum, _FIELDS),
                (prims.reduce_prod, _FIELDS),
                (prims.reduce_max, _NUMBERS),
                (prims.reduce_min, _NUMBERS),
            )
        )
    )
add(Case(prims.reduce_sum, (Operand((0, 3)),), {"axes": (0,)}, _FIELDS, False))
for _axis in (0, 2):
    add(*(Case(op, (_d,), {"axis": _axis}, ORDERED, False) for op in (prims.argmax, prims.argmin)))
    add(*(Case(op, (_d,), {"axis": _axis}, _NUMBERS) for op in (prims.cummax, prims.cummin)))
    for _reverse in (False, True):
        add(Case(prims.logcumsumexp, (_d,), {"axis": _axis, "reverse": _reverse}))
        add(*(Case(op, (_d,), {"axis": _axis, "reverse": _reverse}, _FIELDS) for op in (prims.cumsum, prims.cumprod)))
        add(Case(prims.sort, (_d,), {"axis": _axis, "descending": _reverse}, _NUMBERS))
    add(*(Case(op, (_d,), {"axis": _axis}) for op in (prims.softmax, prims.log_softmax)))
add(*(Case(op, (Operand(("n", 0)),), {"axis": 1}, FLOATS, False) for op in (prims.softmax, prims.log_softmax)))
_classes = Operand(("n",), 0, 4, "int64")
add(
    Case(prims.softmax_cross_entropy, (_x, _classes), {"ignore": -100}),
    Case(prims.softmax_cross_entropy, (_x, _classes), {"ignore": 2}),
    Case(prims.softmax_cross_entropy_grad, (_x, _classes, Operand(("n",))), {"ignore": -100}),
    Case(prims.softmax_cross_entropy_grad, (_x, _classes, Operand(("n",))), {"ignore": 2}),
)
_q, _k = Operand((2, "n", 3)), Operand((2, 4, 3))
add(
    Case(prims.attention, (_q, _k, Operand((2, 4, 5))), {"scale": 0.5}),
    Case(prims.attention, (_q, _k, _k, Operand((2, "n", 4))), {"scale": 1.0}),
    Case(prims.attention, (_q, _k, _k, Operand((1, "n", 4))), {"scale": 1.0}),
)

# -- at positions --

_i = Operand((2, 3), 0, 4, "int64")
add(
    Case(
        prims.flat_index,
        (Operand((2, 3), -2, 4, "int64"), Operand((3,), -3, 5, "int32")),
        {"sizes": (4, 5)},
        (BY_NAME["int64"],),
        False,
    ),
    Case(prims.gather, (_x, _i), {"axis": 1}, ALL),
    Case(prims.gather, (Operand((4, "n")), _i), {"axis": 0}, ALL),
)
for _mode in ("set", "add", "mul", "max", "min"):
    _places = (
        Operand((4, "n"), 0.5, distinct=True),
        Operand((3,), 0, 4, "int64"),
        Operand((3, "n"), 0.6, 2.1, distinct=True),
    )
    add(Case(prims.scatter, _places, {"axis": 0, "mode": _mode}, _NUMBERS if _mode in ("max", "min") else _FIELDS))

add(
    Case(prims.checked_index, (Operand(("n", 4), 0.0, 1.0),), {"size": 4, "ignore": None}, INTEGERS, False),
    Case(prims.checked_index, (Operand(("n", 4), 0.0, 1.0),), {"size": 4, "ignore": 3}, INTEGERS, False),
    Case(prims.checked_divisor, (Operand(("n", 4), 0.25),), {}, INTEGERS, False),
)

# -- contractions and windows --

_one = {"contract": ((1,), (0,)), "batch": ((), ())}
add(
    Case(prims.dot_general, (_x, Operand((4, 5))), _one, _FIELDS),
    Case(
        prims.dot_general,
        (Operand(("n", 2, 4)), Operand(("n", 4, 3))),
        {"contract": ((2,), (1,)), "batch": ((0,), (0,))},
    ),
    Case(
        prims.dot_general,
        (Operand((2, "n", 4, 3)), Operand((3, 5, 2, 4))),
        {"contract": ((3, 2), (0, 3)), "batch": ((0,), (2,))},
    ),
    Case(prims.dot_general, (Operand((4,)), Operand((4,))), {"contract": ((0,), (0,)), "batch": ((), ())}),
)
_conv1 = {"strides": (2,), "padding": ((1, 0),), "dilation": (2,), "groups": 1}
_conv2 = {"strides": (1, 2), "padding": ((1, 1), (0, 1)), "dilation": (1, 1), "groups": 2}
_SMALL = (BY_NAME["float32"], BY_NAME["float64"], BY_NAME["bfloat16"])
add(
    Case(prims.conv, (Operand(("n", 2, 7)), Operand((3, 2, 3))), _conv1, (*_SMALL, *COMPLEX)),
    Case(prims.conv, (Operand(("n", 4, 5, 6)), Operand((2, 2, 3, 2))), _conv2, _SMALL),
    Case(prims.conv_input_grad, (Operand(("n", 3, 2)), Operand((3, 2, 3))), {**_conv1, "shape": ("n", 2, 7)}, _SMALL),
    Case(prims.conv_weight_grad, (Operand(("n", 2, 7)), Operand(("n", 3, 2))), {**_conv1, "shape": (3, 2, 3)}, _SMALL),
    Case(
        prims.conv_input_grad,
        (Operand(("n", 2, 5, 3)), Operand((2, 2, 3, 2))),
        {**_conv2, "shape": ("n", 4, 5, 6)},
        _SMALL,
    ),
    Case(
        prims.conv_weight_grad,
        (Operand(("n", 4, 5, 6)), Operand(("n", 2, 5, 3))),
        {**_conv2, "shape": (2, 2, 3, 2)},
        _SMALL,
    ),
)
# More places than the operand has would fit into the result: what lies behind them gets nothing.
_beyond1 = {"strides": (1,), "padding": ((0, 0),), "dilation": (3,), "groups": 1, "shape": ("n", 2, 7)}
_beyond2 = {"strides": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (3, 2), "groups": 2, "shape": ("n", 2, 6, 6)}
add(
    Case(prims.conv_input_grad, (Operand(("n", 3, 2)), Operand((3, 2, 2))), _beyond1, _SMALL),
    Case(prims.conv_input_grad, (Operand(("n", 4, 2, 3)), Operand((4, 1, 2, 2))), _beyond2, _SMALL),
)
_window = {"window": (2, 3), "strides": (2, 1), "padding": ((0, 1), (1, 1)), "dilation": (1, 1)}
_image = Operand(("n", 2, 5, 4), distinct=True)
add(
    Case(prims.window_sum, (_image,), _window, _SMALL),
    Case(prims.window_sum_grad, (Operand(("n", 2, 3, 4)),), {**_window, "shape": ("n", 2, 5, 4)}, _SMALL),
    Case(prims.window_max, (_image,), _window, _SMALL),
    Case(  # one window that is the whole image, so that any index lies in it
        prims.window_max_grad,
        (Operand(("n", 2, 1, 1)), Operand(("n", 2, 1, 1), 0, 6, "int64")),
        {"window": (2, 3), "strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "shape": ("n", 2, 2, 3)},
        _SMALL,
    ),
)

# -- linear algebra --

_square = Operand(("n", 3, 3))
_REALS = (BY_NAME["float32"], BY_NAME["float64"])
_WIDE = (*_REALS, *COMPLEX)
add(
    *(
        Case(prims.solve_triangular, (Operand(("n", 3, 3), 0.5), Operand(("n", 3, 2))), settings, _WIDE)
        for settings in (
            {"lower": True, "transpose": False, "unit": False},
            {"lower": False, "transpose": True, "unit": False},
            {"lower": False, "transpose": False, "unit": True},
        )
    ),
    Case(prims.solve, (_square, Operand(("n", 3, 2))), {}, _WIDE),
    Case(prims.det, (_square,), {}, _WIDE),
    Case(prims.slogdet, (_square,), {}, _WIDE),
    Case(prims.lu, (_square,), {}, _WIDE),
    Case(prims.lu, (Operand((2, 4)),), {}, _WIDE, False),
    Case(prims.qr, (_square,), {"complete": True}, _WIDE),
    Case(prims.qr, (Operand(("n", 4, 2)),), {"complete": False}, _WIDE),
    Case(prims.qr, (Operand(("n", 2, 4)),), {"complete": False}, _WIDE),
    Case(prims.geqrf, (Operand(("n", 4, 2)),), {}, _REALS, False),
    Case(prims.svd, (Operand(("n", 2, 4)),), {"full": False}, _REALS),
    Case(prims.svd, (Operand(("n", 4, 2)),), {"full": False}, COMPLEX, False),  # columns may turn in the plane
    Case(prims.svd, (Operand(("n", 3, 2)),), {"full": True}, _WIDE, False),
    Case(prims.matrix_exp, (_square,), {}, _WIDE),
    Case(prims.eig, (_square,), {}, _WIDE, False),
    # Only a triangle is read: derivatives are those in symmetric matrices.
    Case(prims.eigh, (_square,), {}, _WIDE, False),
    Case(prims.cholesky, (Operand(("n", 1, 1), 0.5),), {}, _WIDE),
)

# -- Fourier transforms --

_spectrum = Operand(("n", 3))
add(
    *(Case(prims.fft, (_d,), {"axes": (0, 1), "inverse": inverse}, COMPLEX) for inverse in (False, True)),
    *(Case(prims.rfft, (Operand((2, size)),), {"axis": 1}, _REALS) for size in (4, 5, 1)),
    Case(prims.rfft, (_x,), {"axis": 0}, _REALS),
    *(Case(prims.irfft, (_spectrum,), {"axis": 1, "size": size}, COMPLEX) for size in (4, 5)),
)

# -- quantization --

for _scale in ((), (1, 4), ("n", 1), ("n", 2)):
    _step, _zero = Operand(_scale, 0.05, 0.3), Operand(_scale, -3, 4, "int32")
    for _target in ("int8", "uint8", "int4", "float8_e4m3fn"):
        add(Case(prims.quantize, (_x, _step, _zero), {"dtype": _target}, FLOATS, False))
        add(Case(prims.dequantize, (Operand(("n", 4), -8, 8, _target), _step, _zero)))
add(
    Case(
        prims.quantize,
        (Operand((0, 2)), Operand((1, 2)), Operand((1, 2), -3, 4, "int32")),
        {"dtype": "int8"},
        FLOATS,
        False,
    )
)

# -- random bits --

_word: dict[str, Any] = {"low": 0, "high": 2**31, "dtype": "uint64"}
add(
    Case(
        prims.random_bits,
        (Operand((), **_word), Operand((), **_word)),
        {"shape": ("n", 3)},
        (BY_NAME["uint64"],),
        False,
    ),
    Case(
        prims.random_bits,
        (Operand((2,), **_word), Operand((2,), **_word)),
        {"shape": (5,)},
        (BY_NAME["uint64"],),
        False,
    ),
)

#: Primitives whose operands include graphs, or that only act: `test_state_and_control` tries those.
ELSEWHERE: frozenset[OpDef] = frozenset(
    [
        prims.cond,
        prims.while_loop,
        prims.scan,
        prims.custom_vjp,
        prims.print_,
        prims.check,
        prims.record,
        prims.host_call,
    ]
)
