"""Images at other sizes, and at places that a tensor says."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from lamella.dims import Dim
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import cast, floating, wide
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.shape import _an_int
from lamella.ops.nn.adaptive import averaged
from lamella.ops.nn.resizing import linear, nearest, positions
from lamella.tensor import Tensor

__all__ = ["affine_grid", "grid_sample", "interpolate", "upsample"]

_AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact")


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """A tensor at another size.

    Args:
        input: floating-point tensor ``[n, c, *spatial]`` of one, two or three spatial axes of known size.
        size: the new size: an int, or one for each spatial axis.
        scale_factor: instead of `size`, by what to multiply it: a number, or one for each axis.
        mode: "nearest" (the element before each place), "nearest-exact" (the nearest one), "linear", "bilinear",
            "trilinear" (between neighbours; for one, two, three axes), "bicubic" (Keys, "Cubic convolution
            interpolation", 1981, with a = -0.75; for two axes) or "area" (the mean of what each place covers).
        align_corners: whether first and last elements stay where they are, rather than the outer borders; for
            "linear", "bilinear", "bicubic" and "trilinear".
        recompute_scale_factor: whether places follow from the size that comes out, rather than from `scale_factor`.

    Returns:
        A tensor ``[n, c, *size]``.

    Raises:
        TypeError: a setting has a wrong type.
        ValueError: not one of `size` and `scale_factor`, an unknown mode, or one that does not fit the axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.interpolate(Tensor([[[0.0, 1.0, 2.0]]]), size=5, mode="linear", align_corners=True).asnumpy()
        array([[[0. , 0.5, 1. , 1.5, 2. ]]], dtype=float32)
    """
    return _interpolated("ops.interpolate", input, size, scale_factor, mode, align_corners, recompute_scale_factor)


def upsample(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """A tensor at another size; as `interpolate`.

    Args:
        input: floating-point tensor ``[n, c, *spatial]`` of one, two or three spatial axes of known size.
        size: the new size: an int, or one for each spatial axis.
        scale_factor: instead of `size`, by what to multiply it.
        mode: as for `interpolate`.
        align_corners: as for `interpolate`.
        recompute_scale_factor: as for `interpolate`.

    Returns:
        A tensor ``[n, c, *size]``.

    Raises:
        TypeError: a setting has a wrong type.
        ValueError: not one of `size` and `scale_factor`, an unknown mode, or one that does not fit the axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.upsample(Tensor([[[1.0, 2.0]]]), scale_factor=2).asnumpy()
        array([[[1., 1., 2., 2.]]], dtype=float32)
    """
    return _interpolated("ops.upsample", input, size, scale_factor, mode, align_corners, recompute_scale_factor)


def _interpolated(
    subject: str, input: Any, size: Any, scale: Any, mode: str, align_corners: bool | None, recompute: bool | None
) -> Tensor:
    (x,) = floating(subject, input)
    axes = x.ndim - 2
    if not 1 <= axes <= 3:
        raise ValueError(
            explain(subject, given=f"a tensor of shape {x.shape}", expected="[n, c, *spatial], 3 to 5 axes")
        )
    if mode not in _MODES:
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected=", ".join(_MODES)))
    if _AXES.get(mode, axes) != axes:
        raise ValueError(
            explain(subject, given=f"mode={mode!r} of {axes} spatial axes", expected=f"{_AXES[mode]} axes")
        )
    for name, value in (("align_corners", align_corners), ("recompute_scale_factor", recompute)):
        if value not in (None, True, False):
            raise TypeError(explain(subject, given=f"{name}={value!r}", expected="True, False or None"))
    if align_corners and mode not in _AXES:
        raise ValueError(explain(subject, given=f"align_corners=True with mode={mode!r}", expected="an interpolation"))
    spatial = _sizes(subject, x)
    sizes, scales = _new_sizes(subject, spatial, size, scale, bool(recompute))
    if mode == "area":
        return averaged(x, sizes)
    dtype, x = x.dtype, wide(x)
    for i, (old, new) in enumerate(zip(spatial, sizes, strict=True)):
        x = _resized(x, i + 2, old, new, scales[i], mode, bool(align_corners))
    return cast(x, dtype)


def _sizes(subject: str, x: Tensor) -> tuple[int, ...]:
    """Known sizes of the spatial axes, none of them 0."""
    spatial = x.shape[2:]
    if any(isinstance(n, Dim) for n in spatial):
        raise TypeError(explain(subject, given=f"open sizes {spatial}", expected="known sizes of the spatial axes"))
    if 0 in spatial:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least one element"))
    return tuple(int(n) for n in spatial)


def _new_sizes(
    subject: str, spatial: tuple[int, ...], size: Any, scale: Any, recompute: bool
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The new sizes, and how far apart new places are in the old tensor."""
    axes = len(spatial)
    if (size is None) == (scale is None):
        raise ValueError(explain(subject, given=f"size={size}, scale_factor={scale}", expected="one of the two"))
    if size is not None and recompute:
        raise ValueError(explain(subject, given="recompute_scale_factor with size", expected="scale_factor"))
    given = size if scale is None else scale
    if isinstance(given, Tensor):
        given = given.tolist()
    many = tuple(given) if isinstance(given, (tuple, list)) else (given,) * axes
    if len(many) != axes:
        name = "size" if scale is None else "scale_factor"
        raise ValueError(explain(subject, given=f"{name}={given}", expected=f"a number, or {axes}"))
    if scale is None:
        sizes = tuple(_an_int(subject, "size", n) for n in many)
    else:
        for n in many:
            if isinstance(n, bool) or not isinstance(n, (int, float, np.number)):
                raise TypeError(explain(subject, given=f"scale_factor={scale!r}", expected="numbers"))
        sizes = tuple(math.floor(old * n) for old, n in zip(spatial, many, strict=True))
    if min(sizes) < 1:
        raise ValueError(explain(subject, given=f"a new size of {sizes}", expected="at least 1"))
    if scale is None or recompute:
        return sizes, tuple(old / new for old, new in zip(spatial, sizes, strict=True))
    return sizes, tuple(1 / n for n in many)


def _resized(x: Tensor, axis: int, old: int, new: int, step: float, mode: str, corners: bool) -> Tensor:
    """One axis at another size: a sum of weighted elements for each new place."""
    if mode in ("nearest", "nearest-exact"):
        # In float32, as in the field: other roundings would choose other elements.
        half = np.float32(0.5 if mode == "nearest-exact" else 0)
        return nearest(x, axis, (np.arange(new, dtype=np.float32) + half) * np.float32(step), rounded=False)
    at = positions(old, new, corners, centers=True, scale=step)
    if mode != "bicubic":
        return linear(x, axis, at)
    low = np.floor(at)
    total: Tensor | None = None
    for tap, factor in zip(range(-1, 3), _cubic(at - low), strict=True):
        part = prims.mul(nearest(x, axis, low + tap, rounded=False), _along(factor, x, axis))
        total = part if total is None else prims.add(total, part)
    assert total is not None, "there are four taps"
    return total


def _cubic(t: Any) -> list[Any]:
    """Weights of the four neighbours of a place that lies `t` behind the second."""
    a = -0.75

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return ((d - 5) * d + 8) * d * a - 4 * a

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _along(numbers: np.ndarray[Any, Any], x: Tensor, axis: int) -> Tensor:
    """Numbers along one axis of a tensor of as many axes."""
    shape = tuple(-1 if i == axis else 1 for i in range(x.ndim))
    return constant(numbers.astype(x.dtype.numpy).reshape(shape))


# -- places that a tensor says --


def affine_grid(theta: Any, size: Any, align_corners: bool = False) -> Tensor:
    """Places for `grid_sample` that an affine map sends the places of a result to.

    Args:
        theta: floating-point tensor [n, 2, 3] or [n, 3, 4]: the maps.
        size: the size of the result, (n, c, h, w) or (n, c, d, h, w).
        align_corners: whether -1 and 1 are the middles of the outer elements, rather than the outer borders.

    Returns:
        A tensor [n, h, w, 2] or [n, d, h, w, 3] of places, x first.

    Raises:
        TypeError: `size` is no tuple of ints.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.affine_grid(Tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2)).asnumpy()
        array([[[[-0.5,  0. ],
                 [ 0.5,  0. ]]]], dtype=float32)
    """
    subject = "ops.affine_grid"
    (maps,) = floating(subject, theta)
    if not isinstance(size, (tuple, list)):
        raise TypeError(explain(subject, given=f"size={size!r}", expected="a tuple of ints"))
    sizes = tuple(_an_int(subject, "size", n) for n in size)
    axes = len(sizes) - 2
    if axes not in (2, 3) or min(sizes) < 1 or maps.shape != (sizes[0], axes, axes + 1):
        raise ValueError(
            explain(subject, given=f"theta {maps._type} for size {sizes}", expected="[n, 2, 3] for (n, c, h, w)")
        )
    lines = []
    for n in sizes[2:]:
        if align_corners:
            lines.append(np.linspace(-1, 1, n) if n > 1 else np.zeros(1))
        else:
            lines.append((np.arange(n) * 2 + 1) / n - 1)
    grids = np.meshgrid(*lines, indexing="ij")
    places = np.stack([*reversed(grids), np.ones_like(grids[0])], -1).reshape(-1, axes + 1)
    at = constant(places.astype(maps.dtype.numpy))
    result = prims.dot_general(maps, at, contract=((2,), (1,)), batch=((), ()))  # [n, axes, places]
    shaped: Tensor = prims.reshape(prims.transpose(result, permutation=(0, 2, 1)), shape=(sizes[0], *sizes[2:], axes))
    return shaped


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """A tensor at the places of a grid.

    Args:
        input: floating-point tensor [n, c, h, w] or [n, c, d, h, w], of known h, w and d.
        grid: places [n, h2, w2, 2] or [n, d2, h2, w2, 3], x first, from -1 to 1 inside.
        mode: "bilinear", "nearest", or "bicubic" (two spatial axes).
        padding_mode: what stands outside: "zeros", "border" (the nearest element) or "reflection".
        align_corners: whether -1 and 1 are the middles of the outer elements, rather than the outer borders.

    Returns:
        A tensor [n, c, h2, w2] or [n, c, d2, h2, w2].

    Raises:
        ValueError: shapes do not fit, or an unknown mode.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
        >>> ops.grid_sample(x, Tensor([[[[0.0, 0.0], [1.0, 1.0]]]]), align_corners=True).asnumpy()
        array([[[[1.5, 3. ]]]], dtype=float32)
    """
    subject = "ops.grid_sample"
    x, places = floating(subject, input, grid)
    axes = x.ndim - 2
    modes = ("bilinear", "nearest", "bicubic") if axes == 2 else ("bilinear", "nearest")
    if axes not in (2, 3) or places.ndim != x.ndim or places.shape[-1] != axes or places.shape[0] != x.shape[0]:
        raise ValueError(
            explain(subject, given=f"input {x._type}, grid {places._type}", expected="[n, c, h, w] and [n, h2, w2, 2]")
        )
    if mode not in modes:
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected=" or ".join(modes)))
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            explain(subject, given=f"padding_mode={padding_mode!r}", expected="'zeros', 'border' or 'reflection'")
        )
    spatial = _sizes(subject, x)
    dtype, x, places = x.dtype, wide(x), wide(places)
    corners = bool(align_corners)
    at = []
    for i, n in enumerate(spatial):
        one = prims.reshape(prims.narrow(places, axes + 1, axes - 1 - i, axes - i), shape=places.shape[:-1])
        at.append((one + 1.0) * ((n - 1) / 2) if corners else ((one + 1.0) * n - 1.0) / 2.0)
    sampler = _Sampler(x, spatial, padding_mode, corners)
    if mode != "bicubic":
        at = [sampler.inside(one, i) for i, one in enumerate(at)]
    if mode == "nearest":
        result = sampler.at([prims.round(one) for one in at])
    else:
        lows = [prims.floor(one) for one in at]
        offs = [prims.sub(one, low) for one, low in zip(at, lows, strict=True)]
        taps = range(-1, 3) if mode == "bicubic" else range(2)
        factors = [_cubic(off) if mode == "bicubic" else [1.0 - off, off] for off in offs]
        total: Tensor | None = None
        for chosen in itertools.product(range(len(taps)), repeat=axes):
            spots = [prims.add(low, scalar(taps[k], low.dtype)) for low, k in zip(lows, chosen, strict=True)]
            if mode == "bicubic":
                spots = [sampler.inside(spot, i) for i, spot in enumerate(spots)]
            weight = factors[0][chosen[0]]
            for i in range(1, axes):
                weight = prims.mul(weight, factors[i][chosen[i]])
            part = prims.mul(sampler.at(spots), prims.reshape(weight, shape=(*weight.shape, 1)))
            total = part if total is None else prims.add(total, part)
        assert total is not None, "there are at least four neighbours"
        result = total
    moved: Tensor = prims.transpose(result, permutation=(0, axes + 1, *range(1, axes + 1)))
    return cast(moved, dtype)


class _Sampler:
    """Reads elements of ``x[n, c, *spatial]`` at whole places, as [n, ..., c]."""

    def __init__(self, x: Tensor, spatial: tuple[int, ...], padding: str, corners: bool) -> None:
        rows = prims.transpose(x, permutation=(0, *range(2, x.ndim), 1))
        self._rows: Tensor = prims.reshape(rows, shape=(x.shape[0] * math.prod(spatial), x.shape[1]))
        self._examples = x.shape[0]
        self._spatial = spatial
        self._padding = padding
        self._corners = corners

    def inside(self, at: Tensor, axis: int) -> Tensor:
        """Places along an axis brought inside, as the padding mode says; with "zeros" as they are."""
        n = self._spatial[axis]
        if self._padding == "zeros":
            return at
        if self._padding == "reflection":
            low, span = (0.0, float(n - 1)) if self._corners else (-0.5, float(n))
            if span == 0:
                at = prims.mul(at, scalar(0, at.dtype))
            else:
                off = prims.abs(at - low)
                turns = prims.floor(off / span)
                rest = prims.sub(off, turns * span)
                odd = prims.ne(prims.sub(turns, prims.floor(turns / 2.0) * 2.0), scalar(0, at.dtype))
                at = prims.select(odd, prims.sub(scalar(span, at.dtype), rest), rest) + low
        upper = scalar(n - 1, at.dtype)
        zero = scalar(0, at.dtype)
        # `select` and not `minimum`: the derivative beyond the border is 0, and NaN goes to the first element.
        at = prims.select(prims.gt(at, zero), at, zero)
        result: Tensor = prims.select(prims.lt(at, upper), at, upper)
        return result

    def at(self, places: list[Tensor]) -> Tensor:
        """The elements at places that are whole numbers; zeros at those outside."""
        valid: Tensor | None = None
        flat: Tensor | None = None
        for one, n in zip(places, self._spatial, strict=True):
            upper, zero = scalar(n - 1, one.dtype), scalar(0, one.dtype)
            within = prims.bitwise_and(prims.ge(one, zero), prims.le(one, upper))
            spot = cast(prims.select(within, one, zero), int64)
            valid = within if valid is None else prims.bitwise_and(valid, within)
            flat = spot if flat is None else prims.add(prims.mul(flat, scalar(n, spot.dtype)), spot)
        assert flat is not None and valid is not None, "there are two or three axes"
        example = prims.iota(size=self._examples, dtype="int64")
        start = prims.mul(example, scalar(math.prod(self._spatial), example.dtype))
        flat = prims.add(flat, prims.reshape(start, shape=(self._examples, *(1,) * (flat.ndim - 1))))
        taken = prims.gather(self._rows, flat, axis=0)
        if self._padding != "zeros":
            return taken
        kept: Tensor = prims.select(prims.reshape(valid, shape=(*valid.shape, 1)), taken, scalar(0, taken.dtype))
        return kept
