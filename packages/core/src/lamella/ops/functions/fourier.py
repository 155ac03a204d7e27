"""Discrete Fourier transforms: of complex and real numbers, along one axis, two or several, and what goes with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize, product
from lamella.dtypes import as_dtype, float32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, floating, one_axis
from lamella.ops.define.constants import scalar
from lamella.ops.functions.rearrange import roll
from lamella.ops.prims.complexes import conjugate
from lamella.tensor import Tensor

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

#: By the norm, the power of the size by which a transform and its inverse are scaled.
_NORMS = {None: (0.0, -1.0), "backward": (0.0, -1.0), "ortho": (-0.5, -0.5), "forward": (-1.0, 0.0)}

# -- transforms that are not scaled: of a tensor, sizes along axes (None: as they are), axes --


def _sized(x: Tensor, size: DimSize | None, axis: int) -> Tensor:
    """`x` with a size along an axis: cut off, or with zeros behind."""
    if size is None or x.shape[axis] == size:
        return x
    low, none = (0,) * x.ndim, (0,) * x.ndim
    high = tuple(size - x.shape[axis] if i == axis else 0 for i in range(x.ndim))
    result: Tensor = prims.pad(x, scalar(0, x.dtype), low=low, high=high, interior=none)
    return result


def _complex(x: Tensor) -> Tensor:
    return cast(x, x.dtype.complex)


def _full(x: Tensor, sizes: Sequence[DimSize | None], axes: tuple[int, ...], *, inverse: bool) -> Tensor:
    for size, axis in zip(sizes, axes, strict=True):
        x = _sized(x, size, axis)
    result: Tensor = prims.fft(_complex(x), axes=tuple(sorted(axes)), inverse=inverse)
    return result


def _forward(x: Tensor, sizes: Sequence[DimSize | None], axes: tuple[int, ...]) -> Tensor:
    return _full(x, sizes, axes, inverse=False)


def _inverse(x: Tensor, sizes: Sequence[DimSize | None], axes: tuple[int, ...]) -> Tensor:
    return _full(x, sizes, axes, inverse=True)


def _half(x: Tensor, sizes: Sequence[DimSize | None], axes: tuple[int, ...]) -> Tensor:
    """Of real numbers: the first half along the last of the axes."""
    last = axes[-1]
    half: Tensor = prims.rfft(_sized(cast(x, x.dtype.complex.real), sizes[-1], last), axis=last)
    return _forward(half, sizes[:-1], axes[:-1]) if axes[:-1] else half


def _from_half(x: Tensor, sizes: Sequence[DimSize | None], axes: tuple[int, ...]) -> Tensor:
    """Real numbers from the first half along the last of the axes."""
    last = axes[-1]
    size = 2 * (x.shape[last] - 1) if sizes[-1] is None else sizes[-1]
    x = _sized(_complex(x), size // 2 + 1, last)
    x = _inverse(x, sizes[:-1], axes[:-1]) if axes[:-1] else x
    result: Tensor = prims.irfft(x, axis=last, size=size)
    return result


# -- the family: what a transform does, whether it counts as an inverse, and where its number of elements shows --


def _run(subject: str, kind: str, input: Any, sizes: Any, axes: tuple[int, ...], norm: Any) -> Tensor:
    (x,) = floating(subject, input)
    if norm not in _NORMS:
        raise ValueError(explain(subject, given=f"norm={norm!r}", expected="None, 'backward', 'ortho' or 'forward'"))
    if kind in ("rfft", "ihfft") and x.dtype.is_complex:
        raise TypeError(explain(subject, given=f"a {x.dtype} tensor", expected="real numbers"))
    inward = kind in ("ifft", "irfft", "ihfft")
    if kind == "hfft":  # an inverse of conjugates that is scaled as a transform
        y = _from_half(conjugate(x), sizes, axes)
    elif kind == "ihfft":
        y = _half(x, sizes, axes)
    else:
        y = {"fft": _forward, "ifft": _inverse, "rfft": _half, "irfft": _from_half}[kind](x, sizes, axes)
    long = y if kind in ("irfft", "hfft") else x
    count = product(tuple(long.shape[a] if n is None else n for n, a in zip(sizes, axes, strict=True)))
    scaled = _scaled(y, count, _NORMS[norm][inward])
    return conjugate(scaled) if kind == "ihfft" else scaled


def _scaled(x: Tensor, count: DimSize, power: float) -> Tensor:
    """`x` times a power of a number of elements."""
    if power == 0:
        return x
    if isinstance(count, int):
        factor = scalar(float(count) ** power, x.dtype)
    else:
        factor = prims.pow(cast(prims.size_tensor(count), x.dtype.real), scalar(power, x.dtype.real))
        factor = cast(factor, x.dtype)
    result: Tensor = prims.mul(x, factor)
    return result


def _size(subject: str, what: str, given: Any) -> DimSize:
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        raise TypeError(explain(subject, given=f"{what}={given!r}", expected="ints of at least 1"))
    size: DimSize = given if not isinstance(given, np.integer) else int(given)
    if not size >= 1:
        raise ValueError(explain(subject, given=f"{what}={given!r}", expected="at least 1"))
    return size


def _line(kind: str, what: str, example: str) -> Any:
    subject = f"ops.{kind}"

    def function(input: Any, n: Any = None, dim: Any = -1, norm: Any = None) -> Tensor:
        x = as_tensor(input, None, subject)
        axis = one_axis(subject, dim, x.ndim)
        return _run(subject, kind, x, [None if n is None else _size(subject, "n", n)], (axis,), norm)

    return _documented(
        function,
        kind,
        what,
        example,
        "        n: how many elements the longer side has along the axis: `input` is cut off, or gets zeros behind.\n"
        "        dim: the axis.\n",
    )


def _several(kind: str, suffix: str, what: str, example: str) -> Any:
    subject = f"ops.{kind}{suffix}"

    def run(input: Any, s: Any, dim: Any, norm: Any) -> Tensor:
        x = as_tensor(input, None, subject)
        given = None if s is None else tuple(s) if isinstance(s, (tuple, list)) else (s,)
        if dim is None:
            count = x.ndim if given is None else len(given)
            if count > x.ndim:
                raise ValueError(explain(subject, given=f"s={s} for shape {x.shape}", expected="as many axes"))
            axes = tuple(range(x.ndim - count, x.ndim))
        else:
            axes = axis_tuple(subject, dim, x.ndim)
        if not axes:
            raise ValueError(explain(subject, given=f"shape {x.shape}, dim={dim}", expected="at least one axis"))
        sizes = [None] * len(axes) if given is None else [_size(subject, "s", n) for n in given]
        if len(sizes) != len(axes):
            raise ValueError(explain(subject, given=f"s={s}, dim={dim}", expected="a size for each axis"))
        return _run(subject, kind, x, sizes, axes, norm)

    if suffix == "2":

        def function(input: Any, s: Any = None, dim: Any = (-2, -1), norm: Any = None) -> Tensor:
            return run(input, s, dim, norm)

        axes = "        dim: the axes.\n"
    else:

        def function(input: Any, s: Any = None, dim: Any = None, norm: Any = None) -> Tensor:
            return run(input, s, dim, norm)

        axes = "        dim: the axes; default: the last ones, as many as `s` has, or all.\n"
    sizes = "        s: a size for each axis: how many elements the longer side has there.\n"
    return _documented(function, f"{kind}{suffix}", what, example, sizes + axes)


def _documented(function: Any, name: str, what: str, example: str, more: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = f"""{what}

    Args:
        input: tensor of numbers; ints, bools and floats of 16 bits are converted to float32.
{more}        norm: "backward" (the default) scales inverse transforms by 1 / the number of elements, "forward" the
            others, "ortho" both by the root of that.

    Returns:
        A tensor; complex64 or float32, of 64-bit numbers complex128 or float64.

    Raises:
        TypeError: `input` is not numbers, or a size not an int.
        ValueError: an axis is out of range or has no element, a size is below 1, or `norm` is another.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.{example.replace(chr(10), chr(10) + "        ")}
    """
    return function


_REAL = "Tensor([1.0, 2.0, 3.0, 2.0])"
_PLANE = "Tensor([[1.0, 2.0], [3.0, 2.0]])"
fft = _line("fft", "Discrete Fourier transform along an axis.", f"fft({_REAL}).real().asnumpy()\n"
            "array([ 8., -2.,  0., -2.], dtype=float32)")  # fmt: skip
ifft = _line("ifft", "Inverse of `fft`.", f"ifft({_REAL}).real().asnumpy()\n"
             "array([ 2. , -0.5,  0. , -0.5], dtype=float32)")  # fmt: skip
rfft = _line("rfft", "Discrete Fourier transform of real numbers: the first half, of which the other is the conjugate.",
             f"rfft({_REAL}).asnumpy()\narray([ 8.+0.j, -2.+0.j,  0.+0.j], dtype=complex64)")  # fmt: skip
irfft = _line("irfft", "Inverse of `rfft`: real numbers, by default an even number of them.",
              "irfft(Tensor([8.0, -2.0, 0.0])).asnumpy()\narray([1., 2., 3., 2.], dtype=float32)")  # fmt: skip
hfft = _line("hfft", "Discrete Fourier transform of numbers of which only the first half is given, the other being its "
             "conjugate: real numbers.", "hfft(Tensor([2.0, -0.5, 0.0])).asnumpy()\n"
             "array([1., 2., 3., 2.], dtype=float32)")  # fmt: skip
ihfft = _line("ihfft", "Inverse of `hfft`: the first half of the inverse transform of real numbers.",
              f"ihfft({_REAL}).real().asnumpy()\narray([ 2. , -0.5,  0. ], dtype=float32)")  # fmt: skip
fft2 = _several("fft", "2", "Discrete Fourier transform along two axes.", f"fft2({_PLANE}).real().asnumpy()\n"
                "array([[ 8.,  0.],\n       [-2., -2.]], dtype=float32)")  # fmt: skip
ifft2 = _several("ifft", "2", "Inverse of `fft2`.", f"ifft2({_PLANE}).real().asnumpy()\n"
                 "array([[ 2. ,  0. ],\n       [-0.5, -0.5]], dtype=float32)")  # fmt: skip
rfft2 = _several("rfft", "2", "Discrete Fourier transform of real numbers along two axes: the first half along the "
                 "last.", f"rfft2({_PLANE}).shape\n(2, 2)")  # fmt: skip
irfft2 = _several("irfft", "2", "Inverse of `rfft2`.", f"irfft2(ops.rfft2({_PLANE})).asnumpy()\n"
                  "array([[1., 2.],\n       [3., 2.]], dtype=float32)")  # fmt: skip
hfft2 = _several("hfft", "2", "As `hfft`, along two axes: of the last only the first half is given.",
                 f"hfft2({_PLANE}).asnumpy()\narray([[ 8.,  0.],\n       [-2., -2.]], dtype=float32)")  # fmt: skip
ihfft2 = _several("ihfft", "2", "Inverse of `hfft2`.", f"hfft2(ops.ihfft2({_PLANE})).asnumpy()\n"
                  "array([[1., 2.],\n       [3., 2.]], dtype=float32)")  # fmt: skip
fftn = _several("fft", "n", "Discrete Fourier transform along axes.", f"fftn({_PLANE}).real().asnumpy()\n"
                "array([[ 8.,  0.],\n       [-2., -2.]], dtype=float32)")  # fmt: skip
ifftn = _several("ifft", "n", "Inverse of `fftn`.", f"ifftn({_PLANE}, dim=1).real().asnumpy()\n"
                 "array([[ 1.5, -0.5],\n       [ 2.5,  0.5]], dtype=float32)")  # fmt: skip
rfftn = _several("rfft", "n", "Discrete Fourier transform of real numbers along axes: the first half along the last.",
                 f"rfftn({_PLANE}).shape\n(2, 2)")  # fmt: skip
irfftn = _several("irfft", "n", "Inverse of `rfftn`.", f"irfftn(ops.rfftn({_PLANE})).asnumpy()\n"
                  "array([[1., 2.],\n       [3., 2.]], dtype=float32)")  # fmt: skip
hfftn = _several("hfft", "n", "As `hfft`, along axes: of the last only the first half is given.",
                 f"hfftn({_PLANE}).asnumpy()\narray([[ 8.,  0.],\n       [-2., -2.]], dtype=float32)")  # fmt: skip
ihfftn = _several("ihfft", "n", "Inverse of `hfftn`.", f"hfftn(ops.ihfftn({_PLANE})).asnumpy()\n"
                  "array([[1., 2.],\n       [3., 2.]], dtype=float32)")  # fmt: skip

# -- what goes with them --


def fftshift(input: Any, dim: Any = None) -> Tensor:
    """A transform with the frequency 0 in the middle of each axis.

    Args:
        input: tensor.
        dim: an axis or a tuple of axes; default: all.

    Returns:
        A tensor like `input`.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import ops
        >>> ops.fftshift(ops.fftfreq(5)).asnumpy()
        array([-0.4, -0.2,  0. ,  0.2,  0.4], dtype=float32)
    """
    return _shifted("ops.fftshift", input, dim, lambda size: size // 2)


def ifftshift(input: Any, dim: Any = None) -> Tensor:
    """Undo `fftshift`.

    Args:
        input: tensor.
        dim: an axis or a tuple of axes; default: all.

    Returns:
        A tensor like `input`.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.ifftshift(Tensor([-2, -1, 0, 1, 2])).asnumpy()
        array([ 0,  1,  2, -2, -1])
    """
    return _shifted("ops.ifftshift", input, dim, lambda size: -(size // 2))


def _shifted(subject: str, input: Any, dim: Any, by: Callable[[DimSize], DimSize]) -> Tensor:
    x = as_tensor(input, None, subject)
    axes = axis_tuple(subject, dim, x.ndim)
    return roll(x, tuple(by(x.shape[axis]) for axis in axes), axes) if axes else x.copy()


def fftfreq(n: Any, d: float = 1.0, dtype: Any = None) -> Tensor:
    """The frequencies that the elements of a transform belong to.

    Args:
        n: how many elements.
        d: the distance of two samples.
        dtype: type of the elements; default float32.

    Returns:
        A tensor of n numbers: 0, 1, … up to the middle, then negative ones, over n * d.

    Raises:
        TypeError: `n` is not an int.
        ValueError: `n` is below 1.

    Examples:
        >>> from lamella import ops
        >>> ops.fftfreq(4).asnumpy()
        array([ 0.  ,  0.25, -0.5 , -0.25], dtype=float32)
    """
    count = _size("ops.fftfreq", "n", n)
    place = prims.iota(size=count, dtype="int64")
    middle = prims.size_tensor((count + 1) // 2)
    wrapped = prims.select(prims.lt(place, middle), place, prims.sub(place, prims.size_tensor(count)))
    return _frequencies("ops.fftfreq", wrapped, count, d, dtype)


def rfftfreq(n: Any, d: float = 1.0, dtype: Any = None) -> Tensor:
    """The frequencies that the elements of `rfft` belong to.

    Args:
        n: how many elements are transformed.
        d: the distance of two samples.
        dtype: type of the elements; default float32.

    Returns:
        A tensor of n // 2 + 1 numbers.

    Raises:
        TypeError: `n` is not an int.
        ValueError: `n` is below 1.

    Examples:
        >>> from lamella import ops
        >>> ops.rfftfreq(4).asnumpy()
        array([0.  , 0.25, 0.5 ], dtype=float32)
    """
    count = _size("ops.rfftfreq", "n", n)
    return _frequencies("ops.rfftfreq", prims.iota(size=count // 2 + 1, dtype="int64"), count, d, dtype)


def _frequencies(subject: str, place: Tensor, count: DimSize, d: Any, dtype: Any) -> Tensor:
    if isinstance(d, bool) or not isinstance(d, (int, float)) or d == 0:
        raise ValueError(explain(subject, given=f"d={d!r}", expected="a number other than 0"))
    chosen = float32 if dtype is None else as_dtype(dtype, subject)
    length = prims.mul(cast(prims.size_tensor(count), chosen), scalar(float(d), chosen))
    result: Tensor = prims.div(cast(place, chosen), length)
    return result
