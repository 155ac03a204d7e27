"""Settings of windows that slide over the last axes of ``x[n, c, *spatial]``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dims import Shape
from lamella.errors import explain


def per_axis(subject: str, name: str, value: Any, axes: int, least: int = 1) -> tuple[int, ...]:
    """One int for each spatial axis, from an int or a tuple.

    Raises:
        TypeError: not ints.
        ValueError: another number of them, or one too small.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) == axes + 2 and values[:2] == (1, 1):  # MindSpore also takes one for each axis of x
        values = values[2:]
    if any(isinstance(v, bool) or not isinstance(v, (int, np.integer)) for v in values):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected=f"an int or {axes} ints"))
    if len(values) != axes or min(values) < least:
        raise ValueError(
            explain(subject, given=f"{name}={value!r}", expected=f"an int or {axes} ints, {least} or more")
        )
    return tuple(int(v) for v in values)


def window_padding(
    subject: str,
    pad_mode: str,
    padding: Any,
    spatial: Shape,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    """Padding before and after each spatial axis.

    Args:
        subject: who asks, for the error message.
        pad_mode: "valid" for none, "same" for as much as makes the result ceil(size / stride) long, with the odd one
            after, "pad" for `padding`.
        padding: with "pad", an int, one for each axis, or a pair for each axis in a row.
        spatial: sizes of the axes.
        window: sizes of the window.
        strides: its steps.
        dilation: distances between its elements.

    Raises:
        ValueError: another mode, another number of paddings, or padding with a mode that has none.
    """
    axes = len(spatial)
    if pad_mode == "pad":
        if isinstance(padding, (tuple, list)) and len(padding) == 2 * axes:
            flat = per_axis(subject, "padding", padding, 2 * axes, 0)
            return tuple(zip(flat[::2], flat[1::2], strict=True))
        return tuple((p, p) for p in per_axis(subject, "padding", padding, axes, 0))
    given = padding if isinstance(padding, (tuple, list)) else (padding,)
    if any(p != 0 for p in given):
        raise ValueError(
            explain(subject, given=f"padding={padding!r} with pad_mode={pad_mode!r}", expected='0, or pad_mode="pad"')
        )
    if pad_mode == "valid":
        return ((0, 0),) * axes
    if pad_mode != "same":
        raise ValueError(explain(subject, given=f"pad_mode={pad_mode!r}", expected='"same", "valid" or "pad"'))
    result: list[tuple[int, int]] = []
    for size, k, s, d in zip(spatial, window, strides, dilation, strict=True):
        beyond = next(r for r in range(s) if size % s <= r)  # of an open size, that is decided and noted
        total = max((k - 1) * d + 1 - (beyond or s), 0)
        result.append((total // 2, total - total // 2))
    return tuple(result)
