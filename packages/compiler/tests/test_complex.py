"""Compiled functions of complex numbers give what they give op by op, and what passes say of floats holds of them."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ops

Z = np.array([1 + 2j, complex(np.nan, 1), -3.5j, complex(np.inf, -1)], np.complex64)

FUNCTIONS = {
    "divided by 2": lambda z: z / 2,
    "divided by a power of 1j": lambda z: z / 4j,
    "less itself": lambda z: z - z,
    "equal to itself": lambda z: z == z,
    "conjugate twice": lambda z: ops.conj(ops.conj(z)),
    "wider and back": lambda z: z.astype("complex128").astype("complex64"),
    "by way of reals": lambda z: z.astype("float32").astype("complex64"),
    "reals by way of complex numbers": lambda z: z.real().astype("complex64").astype("float32"),
    "with a number": lambda z: (z + 1j) * (2 - 1j),
    "between loops of floats": lambda z: ops.real(z).exp() * ops.abs(z) + ops.imag(z),
    "transformed": lambda z: ops.abs(ops.fft(ops.where(ops.isfinite(z), z, 0))).sum(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_compiled_is_as_op_by_op(name):
    function = FUNCTIONS[name]
    found, expected = ms.jit(function)(Tensor(Z)), function(Tensor(Z))
    assert found.dtype is expected.dtype
    np.testing.assert_allclose(found.asnumpy(), expected.asnumpy(), 1e-6, 1e-6)


def test_a_loop_of_python_over_complex_numbers_is_compiled_with_its_slope():
    def escaped(z):
        w = z
        while ops.abs(w).max() < 4:
            w = w * w + z
        return ops.real(w).sum()

    z = Tensor([0.4 + 0.3j, 0.1 - 0.8j])
    np.testing.assert_allclose(ms.jit(escaped)(z).item(), escaped(z).item(), 1e-12)
    np.testing.assert_allclose(ms.jit(ms.grad(escaped))(z).asnumpy(), ms.grad(escaped)(z).asnumpy(), 1e-12)
