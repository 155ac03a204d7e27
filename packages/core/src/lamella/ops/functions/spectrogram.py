"""The short-time Fourier transform: transforms of windows that move along a signal."""

from __future__ import annotations

from typing import Any

from lamella.dims import DimSize
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating
from lamella.ops.define.constants import scalar
from lamella.ops.functions.complexes import view_as_real
from lamella.ops.functions.pad import pad
from lamella.tensor import Tensor

__all__ = ["stft"]

_MODES = {"REFLECT": "reflect", "CONSTANT": "constant"}


def stft(
    x: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "REFLECT",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
) -> Tensor:
    """Discrete Fourier transforms of pieces of a signal, each times a window.

    Args:
        x: real or complex tensor of shape (length,) or (batch, length).
        n_fft: how many elements a piece has.
        hop_length: how far a piece starts from the one before; default n_fft // 4.
        win_length: how many elements the window has, at most `n_fft`; zeros are put around it.
        window: a tensor of shape (win_length,); default: ones.
        center: whether pieces are centred at multiples of `hop_length`; the signal is then padded by n_fft // 2.
        pad_mode: "REFLECT" or "CONSTANT", how it is padded.
        normalized: whether the result is divided by the root of `n_fft`.
        onesided: whether only n_fft // 2 + 1 frequencies are given; default: if `x` and `window` are real.
        return_complex: whether the result is complex; otherwise its parts stand along a last axis. Default: whether
            `x` or `window` is complex.

    Returns:
        A tensor of shape ([batch,] frequencies, pieces[, 2]).

    Raises:
        TypeError: a length is not an int.
        ValueError: a length is out of range, `x` has other axes, `window` another length, `pad_mode` is another, or
            `onesided` is asked of complex numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.stft(Tensor([1.0, 2.0, 3.0, 4.0]), 2, center=False)[..., 0].asnumpy()
        array([[ 3.,  5.,  7.],
               [-1., -1., -1.]], dtype=float32)
    """
    subject = "ops.stft"
    (signal,) = floating(subject, x)
    if signal.ndim not in (1, 2):
        raise ValueError(explain(subject, given=f"shape {signal.shape}", expected="(length,) or (batch, length)"))
    size = _length(subject, "n_fft", n_fft)
    hop = max(size // 4, 1) if hop_length is None else _length(subject, "hop_length", hop_length)
    width = size if win_length is None else _length(subject, "win_length", win_length)
    if width > size:
        raise ValueError(explain(subject, given=f"win_length={width}", expected=f"at most n_fft={size}"))
    signal = cast(signal, signal.dtype.complex if signal.dtype.is_complex else signal.dtype.complex.real)
    frame = None if window is None else _window(subject, window, width, size)
    of_complex = signal.dtype.is_complex or (frame is not None and frame.dtype.is_complex)
    if onesided and of_complex:
        raise ValueError(explain(subject, given="onesided=True of complex numbers", expected="real numbers"))
    if center:
        if pad_mode not in _MODES:
            raise ValueError(explain(subject, given=f"pad_mode={pad_mode!r}", expected="'REFLECT' or 'CONSTANT'"))
        signal = pad(signal, (size // 2, size // 2), mode=_MODES[pad_mode])
    if not signal.shape[-1] >= size:
        expected = f"at least n_fft={size} elements"
        raise ValueError(explain(subject, given=f"{signal.shape[-1]} elements along the last axis", expected=expected))
    pieces = _pieces(signal, size, hop)
    if frame is not None:
        common = signal.dtype.complex if of_complex else signal.dtype
        pieces = prims.mul(cast(pieces, common), cast(frame, common))
    axis = pieces.ndim - 1
    if of_complex or onesided is False:
        result: Tensor = prims.fft(cast(pieces, pieces.dtype.complex), axes=(axis,), inverse=False)
    else:
        result = prims.rfft(pieces, axis=axis)
    if normalized:
        result = prims.mul(result, scalar(size**-0.5, result.dtype))
    result = prims.transpose(result, permutation=(*range(axis - 1), axis, axis - 1))
    return result if (of_complex if return_complex is None else return_complex) else view_as_real(result)


def _length(subject: str, name: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(explain(subject, given=f"{name}={given!r}", expected="an int"))
    if given < 1:
        raise ValueError(explain(subject, given=f"{name}={given}", expected="at least 1"))
    return given


def _window(subject: str, window: Any, width: int, size: int) -> Tensor:
    """The window in the middle of a piece."""
    (frame,) = floating(subject, as_tensor(window, None, subject))
    if frame.shape != (width,):
        raise ValueError(explain(subject, given=f"a window of shape {frame.shape}", expected=f"({width},)"))
    before = (size - width) // 2
    return pad(frame, (before, size - width - before))


def _pieces(signal: Tensor, size: int, hop: int) -> Tensor:
    """The pieces of a signal along a last axis more."""
    count: DimSize = (signal.shape[-1] - size) // hop + 1
    starts = prims.mul(prims.iota(size=count, dtype="int64"), prims.size_tensor(hop))
    places = prims.add(prims.reshape(starts, shape=(count, 1)), prims.iota(size=size, dtype="int64"))
    result: Tensor = prims.gather(signal, places, axis=signal.ndim - 1)
    return result
