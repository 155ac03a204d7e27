"""Classes of complex numbers: their parts, Fourier transforms, eigenvalues."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor
from lamella.ops.functions import complexes, eigenvalues, elementwise, fourier
from lamella.tensor import Tensor


def _transformed(
    x: Any, signal_ndim: int, inverse: bool, real: bool, norm: str, onesided: bool, signal_sizes: Any
) -> Tensor:
    """The Fourier transform along the last axes, or its inverse; of real numbers to or from half of it."""
    if signal_ndim not in (1, 2, 3):
        raise ValueError(explain("ops.FFTWithSize", given=f"signal_ndim={signal_ndim!r}", expected="1, 2 or 3"))
    axes = tuple(range(-signal_ndim, 0))
    if not real:
        return (fourier.ifftn if inverse else fourier.fftn)(x, None, axes, norm)
    if not inverse:
        return (fourier.rfftn if onesided else fourier.fftn)(x, None, axes, norm)
    if not onesided:
        return complexes.real(fourier.ifftn(x, None, axes, norm))
    given = tuple(signal_sizes)
    tensor = as_tensor(x, None, "ops.FFTWithSize")
    whole = tensor.shape[-1] * 2 - 2
    if given and (len(given) != signal_ndim or given[-1] not in (whole, whole + 1)):
        expected = f"{signal_ndim} sizes of which the last is {whole} or {whole + 1}"
        raise ValueError(explain("ops.FFTWithSize", given=f"signal_sizes={given}", expected=expected))
    return fourier.irfftn(x, given or None, axes, norm)


def _eig(x: Any, compute_v: bool) -> tuple[Tensor, Tensor]:
    """Eigenvalues, and eigenvectors if they are asked for."""
    values, vectors = eigenvalues.eig(x)
    return values, vectors if compute_v else as_tensor(0.0).astype(values.dtype)


_FFT = {
    "signal_ndim": REQUIRED,
    "inverse": REQUIRED,
    "real": REQUIRED,
    "norm": "backward",
    "onesided": True,
    "signal_sizes": (),
}

ROWS = (
    Row("Complex", complexes.complex),
    Row("Real", complexes.real),
    Row("Imag", complexes.imag),
    Row("Conj", complexes.conj),
    Row("Angle", complexes.angle),
    Row("ComplexAbs", elementwise.abs, call=("x",)),
    Row("Polar", complexes.polar),
    Row("FFTWithSize", _transformed, init=_FFT),
    Row("Eig", _eig, init={"compute_v": False}),
)
