# ruff: noqa: E501 - a row a line
"""Complex tensors: made, shown, converted, saved, pickled, refused; arithmetic against NumPy in both precisions."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import lamella as ms
from lamella import Tensor, ir, load_checkpoint, ops, save_checkpoint

Z = np.array([[1 + 2j, 3 - 1j], [0, -2.5j]])
SPECIAL = np.array([0, -0.0, 1j, complex(np.inf, 1), complex(np.nan, 0), complex(-1, -0.0), complex(1e300, 1e300)])


@pytest.mark.parametrize("dtype", [ms.complex64, ms.complex128], ids=str)
def test_numbers_go_in_and_come_out(dtype, tmp_path):
    x = Tensor(Z, dtype)
    assert x.dtype is dtype and x.itemsize == dtype.itemsize
    for same in (
        x.asnumpy(),
        np.array(x.tolist()),
        pickle.loads(pickle.dumps(x)),
        copy.deepcopy(x),
        x.T.T,
        x[:, ::-1][:, ::-1],
    ):
        np.testing.assert_array_equal(np.asarray(same), Z)
    save_checkpoint({"x": x, "one": x[0, 0], "none": x[:0], "turned": x.T}, tmp_path / "x.ckpt")
    found = load_checkpoint(tmp_path / "x.ckpt")
    assert {name: (p.dtype, p.shape) for name, p in found.items()} == {
        "x": (dtype, (2, 2)), "one": (dtype, ()), "none": (dtype, (0, 2)), "turned": (dtype, (2, 2)),
    }  # fmt: skip
    np.testing.assert_array_equal(found["turned"].asnumpy(), Z.T)


def test_a_checkpoint_of_another_program_may_hold_complex_numbers(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    try:
        safetensors.save_file({"x": Z.astype(np.complex64)}, tmp_path / "x.safetensors")
    except KeyError:
        pytest.skip("this version of safetensors has no complex numbers")
    np.testing.assert_array_equal(load_checkpoint(str(tmp_path / "x.safetensors"))["x"].asnumpy(), Z)


def test_how_they_look():
    assert repr(Tensor(Z[0])) == "Tensor(shape=[2], dtype=complex128, value= [1+2j, 3-1j])"  # MindSpore's form
    assert repr(Tensor(1 - 0.5j)) == "Tensor(shape=[], dtype=complex128, value= 1-0.5j)"
    assert str(Tensor(Z)) == str(Z)


def test_python_numbers_as_operands():
    x, y, i = Tensor([1.0]), Tensor([1.0], "float64"), Tensor([1])
    assert [(t * 1j).dtype for t in (x, y, i, x * 1j, y * 1j)] == [
        ms.complex64,
        ms.complex128,
        ms.complex64,
        ms.complex64,
        ms.complex128,
    ]
    assert [(1j * t).dtype for t in (x, y)] == [ms.complex64, ms.complex128]
    z = Tensor(Z, "complex64")
    assert {(z * n).dtype for n in (True, 2, 2.5, 1j)} == {ms.complex64}
    assert Tensor(1j).item() == 1j and complex(Tensor([1j])) == 1j


REFUSED = [
    (lambda z: z < z, TypeError, r"ops.lt: got a complex128 tensor, expected an element type of kind"),
    (lambda z: z % 2, TypeError, r"ops.floor_mod: got a complex128 tensor"),
    (lambda z: z // 2, TypeError, r"ops.floor_div: got a complex128 tensor"),
    (lambda z: ops.maximum(z, 0), TypeError, r"ops.maximum: got a complex128 tensor"),
    (lambda z: ops.max(z), TypeError, r"got a complex128 tensor"),
    (lambda z: ops.argmax(z), TypeError, r"ops.argmax: got a complex128 tensor"),
    (lambda z: ops.sort(z), TypeError, r"ops.sort: got a complex128 tensor"),
    (lambda z: ops.floor(z), TypeError, r"ops.floor: got a complex128 tensor"),
    (lambda z: ops.erf(z), TypeError, r"ops.erf: got a complex128 tensor"),
    (lambda z: ops.softmax(z), TypeError, r"ops.softmax: got a complex128 tensor"),
    (lambda z: ops.linspace(z[0, 0], 2, 3), TypeError, r"implicit conversion: got a complex128 tensor for float32, .* Take .real\(\)"),
    (lambda z: ops.rfft(z), TypeError, r"ops.rfft: got a complex128 tensor, expected real numbers"),
    (lambda z: ops.ihfftn(z), TypeError, r"ops.ihfftn: got a complex128 tensor, expected real numbers"),
    (lambda z: ops.complex(z, 1.0), TypeError, r"ops.complex: got a complex128 tensor, expected real numbers"),
    (lambda z: ops.polar(1.0, z), TypeError, r"ops.polar: got a complex128 tensor, expected real numbers"),
    (lambda z: ops.orgqr(z, z[0]), TypeError, r"ops.orgqr: got a complex128 tensor, expected real numbers"),
    (lambda z: ops.geqrf(z), TypeError, r"ops.geqrf: got a complex128 tensor"),
    (lambda z: ops.masked_fill(z.real(), z == z, 1j), TypeError, r"ops.masked_fill: got a complex number"),
    (lambda z: ops.view_as_real(z.real()), TypeError, r"ops.view_as_real: got a float64 tensor, expected a complex"),
    (lambda z: ops.view_as_complex(z.real()[:, :1]), ValueError, r"ops.view_as_complex: got shape \(2, 1\), expected \(…, 2\)"),
    (lambda z: z[0].H, ValueError, r"Tensor.H: got shape \(2,\), expected a matrix"),
    (lambda z: ops.adjoint(z[0]), ValueError, r"ops.adjoint: got shape \(2,\), expected at least two axes"),
    (lambda z: ops.eig(z[:1]), ValueError, r"ops.eig: got shape \(1, 2\), expected square matrices"),
    (lambda z: ops.fft(z, 0), ValueError, r"ops.fft: got n=0, expected at least 1"),
    (lambda z: ops.fft(z, 2.5), TypeError, r"ops.fft: got n=2.5, expected ints"),
    (lambda z: ops.fft(z, None, 2), ValueError, r"ops.fft: got axis=2"),
    (lambda z: ops.fft(z, norm="unit"), ValueError, r"ops.fft: got norm='unit', expected None, 'backward'"),
    (lambda z: ops.fft(z[:0], None, 0), ValueError, r"ops.fft: got shape \(0, 2\), axes \(0,\), expected at least one element"),
    (lambda z: ops.fftn(z, (1, 2, 3)), ValueError, r"ops.fftn: got s=\(1, 2, 3\) for shape"),
    (lambda z: ops.fft2(z, (1,)), ValueError, r"ops.fft2: got s=\(1,\), dim=\(-2, -1\), expected a size for each axis"),
    (lambda z: ops.fft2(z, None, (0, 0)), ValueError, r"ops.fft2: got axis=\(0, 0\), expected each axis once"),
    (lambda z: ops.fftfreq(0), ValueError, r"ops.fftfreq: got n=0"),
    (lambda z: ops.rfftfreq(4, 0), ValueError, r"ops.rfftfreq: got d=0"),
    (lambda z: ops.stft(z, 2, 0), ValueError, r"ops.stft: got hop_length=0"),
    (lambda z: ops.stft(z, 2, win_length=3), ValueError, r"ops.stft: got win_length=3, expected at most n_fft=2"),
    (lambda z: ops.stft(z, 2, window=[1.0]), ValueError, r"ops.stft: got a window of shape \(1,\), expected \(2,\)"),
    (lambda z: ops.stft(z, 2, onesided=True), ValueError, r"ops.stft: got onesided=True of complex numbers"),
    (lambda z: ops.stft(z, 2, pad_mode="wrap"), ValueError, r"ops.stft: got pad_mode='wrap'"),
    (lambda z: ops.stft(z, 9, center=False), ValueError, r"ops.stft: got 2 elements along the last axis"),
    (lambda z: ops.FFTWithSize(4, False, True)(z), ValueError, r"ops.FFTWithSize: got signal_ndim=4"),
]  # fmt: skip


@pytest.mark.parametrize("staged", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize(("act", "error", "words"), REFUSED)
def test_what_they_cannot_do_is_worded(act, error, words, staged):
    with pytest.raises(error, match=words):
        (ir.staged(act) if staged else act)(Tensor(Z))


def test_numbers_that_would_lose_their_imaginary_part_are_refused():
    x = Tensor([1.0, 2.0])
    for act in (lambda: x.__setitem__(0, 1j), lambda: Tensor([1j], "float32"), lambda: float(Tensor(1j)), lambda: int(Tensor(1j)),
                lambda: ops.assign(x, Tensor([1j, 0]))):  # fmt: skip
        with pytest.raises(TypeError, match=r"complex"):
            act()
    assert Tensor(Z).astype("float32").dtype is ms.float32  # who asks for it gets the real part, as in MindSpore


UNARY = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "square": np.square,
    "reciprocal": np.reciprocal, "neg": np.negative, "conj": np.conj, "real": np.real, "imag": np.imag, "abs": np.abs,
    "angle": np.angle, "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "isreal": np.isreal,
    "logical_not": np.logical_not,
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_special_numbers_give_what_numpy_gives(name):
    with np.errstate(all="ignore"):
        found, expected = getattr(ops, name)(Tensor(SPECIAL)).asnumpy(), UNARY[name](SPECIAL)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


SHAPES = npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=6)


def _drawn(shape, seed):
    parts = np.random.default_rng(seed).standard_normal((2, *shape))
    return parts[0] + 1j * parts[1]


@settings(deadline=None)  # the first call imports SciPy
@given(shape=SHAPES, seed=st.integers(0, 99), data=st.data())
def test_transforms_of_any_size_are_numpys_and_are_undone(shape, seed, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = data.draw(st.none() | st.integers(1, 9))
    norm = data.draw(st.sampled_from([None, "backward", "ortho", "forward"]))
    z = _drawn(shape, seed)
    for name, operand in (("fft", z), ("ifft", z), ("hfft", z), ("rfft", z.real), ("ihfft", z.real), ("irfft", z)):
        if name in ("irfft", "hfft") and size is None and shape[axis] == 1:
            continue  # no element would come out
        found = getattr(ops, name)(Tensor(operand), size, axis, norm).asnumpy()
        np.testing.assert_allclose(found, getattr(np.fft, name)(operand, size, axis, norm), 1e-9, 1e-9)
    back = ops.ifftn(ops.fftn(Tensor(z), norm=norm), norm=norm).asnumpy()
    np.testing.assert_allclose(back, z, 1e-9, 1e-9)
    whole = ops.irfftn(ops.rfftn(Tensor(z.real), norm=norm), shape, norm=norm).asnumpy()
    np.testing.assert_allclose(whole, z.real, 1e-9, 1e-9)
    assert ops.ifftshift(ops.fftshift(Tensor(z))).tolist() == z.tolist()


@settings(deadline=None)
@given(seed=st.integers(0, 99), n=st.integers(1, 4))
def test_matrices_are_put_together_again(seed, n):
    a = Tensor(_drawn((2, n, n), seed))
    values, vectors = ops.eig(a)
    np.testing.assert_allclose((a @ vectors).asnumpy(), (vectors * values.reshape(2, 1, n)).asnumpy(), 1e-8, 1e-8)
    s, u, v = ops.svd(a)
    np.testing.assert_allclose((u * s.reshape(2, 1, n) @ v.mH).asnumpy(), a.asnumpy(), 1e-8, 1e-8)
    q, r = ops.qr(a)
    np.testing.assert_allclose((q @ r).asnumpy(), a.asnumpy(), 1e-8, 1e-8)
    factor = ops.cholesky(a @ a.mH + ops.eye(n))
    np.testing.assert_allclose((factor @ factor.mH - ops.eye(n)).asnumpy(), (a @ a.mH).asnumpy(), 1e-8, 1e-8)
    np.testing.assert_allclose((ops.pinv(a) @ a).asnumpy(), np.broadcast_to(np.eye(n), (2, n, n)), 1e-6, 1e-6)


@pytest.mark.parametrize("size", [0, 3], ids=["none", "some"])
def test_no_matrices_and_none_of_a_batch(size):
    a = Tensor(np.zeros((0, size, size), np.complex64))
    assert ops.eigvals(a).shape == (0, size) and ops.inverse(a).shape == a.shape and ops.det(a).shape == (0,)
    if size:
        assert ops.fft(a).shape == a.shape and ops.irfft(a).shape == (0, 3, 4) and ops.rfft(a.real()).shape == (0, 3, 2)
