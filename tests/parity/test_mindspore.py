"""The same programs in Lamella and in MindSpore: equal types, shapes and numbers.

MindSpore has a Python of its own, which LAMELLA_ORACLE names (`nox -s parity` sets it). The names that programs use
for inputs are in `program.py`.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from comparing import OracleError, Run, assert_agree

OPS = """
    ops.softsign(x)
    ops.selu(x)
    ops.celu(x, 2.0)
    ops.hardshrink(x)
    ops.softshrink(x, 0.3)
    ops.hardtanh(x, -0.5, 0.7)
    ops.tanhshrink(x)
    ops.threshold(x, 0.1, 5.0)
    ops.prelu(x, v)
    ops.glu(x, 1)
    ops.fast_gelu(x)
    ops.logit(p)
    ops.logit(p, 0.3)
    ops.softmin(x, 0)
    ops.kl_div(x, p)
    ops.kl_div(x, p, "batchmean")
    ops.bias_add(img, v)
    ops.lrn(img, 2, 1.0, 2.0, 0.75)
    ops.adaptive_avg_pool2d(img, (4, 3))
    ops.max_pool3d(vol, 2, 1, 1)
    ops.avg_pool3d(vol, 2, 2, 1, True, False)
    ops.pixel_shuffle(img, 2)
    ops.pixel_unshuffle(img[:, :, :8], 2)
    ops.reverse_sequence(x, Tensor([1, 2, 3], ms.int32), 1)
    ops.unsorted_segment_sum(x, Tensor([1, 0, 1], ms.int32), 3)
    ops.unsorted_segment_prod(x, Tensor([1, 0, 1], ms.int32), 2)
    ops.tensor_scatter_sub(x, Tensor([[1], [1]], ms.int32), y[:2])
    ops.tensor_scatter_max(x, Tensor([[1], [1]], ms.int32), y[:2])
    ops.scatter_nd_add(ms.Parameter(x + 0), Tensor([[1], [1]], ms.int32), y[:2])
    ops.index_add(ms.Parameter(x + 0), Tensor([1, 1], ms.int32), y[:, :2], 1)
    ops.iou(ops.abs(x) + Tensor([0.0, 0, 5, 5]), ops.abs(y) + Tensor([0.0, 0, 5, 5]))
    ops.crop_and_resize(img, p, Tensor([0, 1, 1], ms.int32), (3, 2))
    ops.ctc_loss(ops.log_softmax(seq), Tensor([[1, 2], [2, 2]]), Tensor([5, 4]), Tensor([2, 1]), reduction="none")
    ops.interpolate(img, size=(5, 3))
    ops.interpolate(img, size=(5, 13), mode="bilinear")
    ops.interpolate(img, size=(5, 13), mode="bilinear", align_corners=True)
    ops.interpolate(img, scale_factor=(1.7, 0.6), mode="bilinear", recompute_scale_factor=True)
    ops.interpolate(img, size=(15, 3), mode="area")
    ops.interpolate(img, size=(5, 3), mode="nearest-exact")
    ops.interpolate(wave, size=7, mode="linear")
    ops.interpolate(vol, size=(3, 8, 9), mode="trilinear")
    ops.cosine_similarity(x, y)
    ops.top_k(x, 2)
    ops.fmod(i, j)
    ops.remainder(i, j)
    ops.fmax(x, y)
    ops.heaviside(x, y)
    ops.hypot(x, y)
    ops.logaddexp(x, y)
    ops.xlogy(x, p)
    ops.xdivy(x, p)
    ops.truncate_div(i, j)
    ops.truncate_mod(i, j)
    ops.bitwise_left_shift(i, j)
    ops.bitwise_right_shift(i, j)
    ops.tuple_to_array((1, 2))
    ops.make_range(1, 7, 2)
    ops.mixed_precision_cast(ms.float16, (x, i))
    x.type()
    x.mT
    x.itemset((1, 2), 7.0)
    (x + 0).index_add(1, Tensor([1, 1], ms.int32), y[:, :2])
    (x + 0).index_add(Tensor([1, 1], ms.int32), y[:, :2], 1)
    x.scatter(1, Tensor([[0], [1], [2]]), y[:, :1])
    x.masked_scatter(m, y)
    x.index_fill(1, Tensor([0, 2], ms.int32), 7.0)
    x.index_put((Tensor([0]), Tensor([1])), Tensor([9.0]))
    x.fill_diagonal(7.0)
    x.stride()
    list(x.strides)
    x.short()
    x.double()
    ops.add(input=x, other=y)
    ops.sub(x, 2)
    ops.mul(i, 1.5)
    ops.mul(m, i)
    ops.div(input=x, other=y, rounding_mode="floor")
    ops.div(i, j, rounding_mode="trunc")
    ops.div(i, j)
    ops.floor_divide(input=i, other=j)
    ops.floor_mod(i, j)
    ops.pow(p, 3)
    ops.maximum(input=x, other=0.5)
    ops.minimum(x, y)
    ops.atan2(input=x, other=y)
    ops.logical_and(input=m, other=x > 0)
    ops.logical_xor(m, x > 0)
    ops.bitwise_xor(input=i, other=j)
    ops.equal(input=i, other=j)
    ops.isclose(x, x + 1e-6, rtol=1e-3, atol=1e-8, equal_nan=False)
    ops.abs(input=x)
    ops.exp(input=x)
    ops.expm1(x)
    ops.log(p)
    ops.log1p(input=p)
    ops.log2(p)
    ops.log10(p)
    ops.rsqrt(input=p)
    ops.round(input=x * 3)
    ops.trunc(x * 3)
    ops.sign(x)
    ops.erf(x)
    ops.asinh(x)
    ops.atanh(p)
    ops.reciprocal(p)
    ops.square(input=x)
    ops.lerp(input=x, end=y, weight=0.3)
    ops.addcmul(input=x, tensor1=x, tensor2=y, value=2)
    ops.addcdiv(input=x, tensor1=x, tensor2=p, value=2)
    ops.addn(x=[x, y, x])
    ops.clamp(input=x, min=-0.5, max=0.5)
    ops.clip_by_value(x, clip_value_min=-0.5, clip_value_max=0.5)
    ops.nan_to_num(Tensor([float("nan"), float("inf"), 1.0]), nan=1.0, posinf=2.0, neginf=3.0)
    ops.sum(input=x, dim=1, keepdim=True)
    ops.sum(x)
    ops.mean(x=x, axis=0, keep_dims=True)
    ops.mean(x, axis=(0, 1))
    ops.prod(x, axis=1, keep_dims=False)
    ops.var(input=x, axis=1, ddof=1, keepdims=True)
    ops.std(input=x, axis=0, ddof=0)
    ops.amax(input=x, axis=1, keepdims=True)
    ops.amin(x, axis=0)
    ops.max(input=x, axis=1, keepdims=True)
    ops.min(x)
    ops.argmax(input=x, dim=1, keepdim=True)
    ops.all(input=m, axis=1, keep_dims=True)
    ops.any(m, axis=0)
    ops.cumsum(x=x, axis=1)
    ops.cumprod(input=x, dim=1)
    ops.logsumexp(x, 1)
    ops.count_nonzero(x=i, axis=1, keep_dims=True)
    ops.norm(A=x, ord=2.0, dim=1, keepdim=True)
    ops.norm(x)
    ops.diff(x=x, n=1, axis=1)
    ops.reshape(input=x, shape=(4, -1))
    ops.transpose(b, (2, 0, 1))
    ops.permute(input=b, axis=(2, 0, 1))
    ops.swapaxes(input=b, axis0=0, axis1=2)
    ops.expand_dims(input_x=x, axis=1)
    ops.squeeze(ops.expand_dims(x, 1), axis=1)
    ops.flatten(input=b, start_dim=1)
    ops.tile(x, (2, 1, 3))
    ops.repeat_interleave(input=x, repeats=2, axis=1)
    ops.broadcast_to(input=v, shape=(3, 4))
    ops.concat(tensors=(x, y), axis=1)
    ops.stack(tensors=[x, y], axis=2)
    ops.split(tensor=x, split_size_or_sections=2, axis=1)
    ops.split(x, [1, 3], axis=1)
    ops.chunk(input=x, chunks=2, axis=1)
    ops.unstack(input_x=x, axis=1)
    ops.unbind(input=x, dim=1)
    ops.flip(input=x, dims=(0, 1))
    ops.pad(input_x=b, padding=(1, 2), mode="constant", value=0.5)
    ops.pad(b, (1, 1), mode="reflect")
    ops.pad(b, (2, 1), mode="replicate")
    ops.where(m, x, y)
    ops.select(m, x, y)
    ops.masked_fill(input_x=x, mask=m, value=9.0)
    ops.masked_select(input=x, mask=m)
    ops.nonzero(m)
    ops.tril(input=x, diagonal=1)
    ops.triu(input=x, diagonal=-1)
    ops.diag(input=v)
    ops.diagonal(input=b, offset=1, dim1=1, dim2=2)
    ops.trace(x)
    ops.gather(input_params=x, input_indices=t[:2], axis=0)
    ops.gather_elements(input=x, dim=0, index=n)
    ops.gather_d(x=x, dim=0, index=n)
    ops.gather_nd(input_x=x, indices=Tensor([[0, 1], [2, 3]]))
    ops.index_select(input=x, axis=1, index=t)
    ops.scatter_nd(indices=Tensor([[0], [2]]), updates=x[:2], shape=(4, 4))
    ops.tensor_scatter_add(input_x=x, indices=Tensor([[0, 1], [0, 1]]), updates=Tensor([1.0, 2.0]))
    ops.tensor_scatter_update(x, Tensor([[0, 1], [2, 2]]), Tensor([1.0, 2.0]))
    ops.tensor_scatter_elements(input_x=x, indices=n[:1], updates=y[:1], axis=0)
    ops.unique(input=Tensor([3, 1, 3, 2]))
    ops.searchsorted(sorted_sequence=Tensor([1.0, 2.0, 3.0]), values=Tensor([2.0, 9.0]), right=True)
    ops.one_hot(indices=t, depth=5, on_value=Tensor(1.0), off_value=Tensor(0.0), axis=-1)
    ops.matmul(input=b, other=c)
    ops.matmul(v, c)
    ops.bmm(input_x=b, mat2=c)
    ops.addmm(input=x, mat1=x, mat2=ops.ones((4, 4), ms.float32), beta=2, alpha=3)
    ops.baddbmm(input=ops.ones((2, 3, 5), ms.float32), batch1=b, batch2=c, beta=2, alpha=3)
    ops.outer(input=v, vec2=v)
    ops.tensor_dot(x1=b, x2=c, axes=((0, 2), (0, 1)))
    ops.dense(input=x, weight=y, bias=v[:3])
    ops.meshgrid(v, v[:2], indexing="xy")
    ops.arange(start=1, end=7, step=2)
    ops.arange(0.0, 1.0, 0.25)
    ops.linspace(start=0.0, end=1.0, steps=5)
    ops.eye(n=3, m=4, dtype=ms.float32)
    ops.full(size=(2, 2), fill_value=3.5, dtype=ms.float32)
    ops.full_like(input=x, fill_value=2)
    ops.zeros_like(input=i)
    ops.softmax(input=x, axis=0)
    ops.log_softmax(logits=x, axis=1)
    ops.relu(input=x)
    ops.relu6(x=x * 9)
    ops.elu(input_x=x)
    ops.gelu(input=x, approximate="none")
    ops.gelu(input=x, approximate="tanh")
    ops.silu(input=x)
    ops.mish(x=x)
    ops.softplus(input=x)
    ops.leaky_relu(input=x, alpha=0.1)
    ops.hardswish(input=x * 3)
    ops.hardsigmoid(input=x * 3)
    ops.logsigmoid(x=x)
    ops.cross_entropy(input=x, target=t, label_smoothing=0.1)
    ops.cross_entropy(input=x, target=t, weight=ops.abs(v), ignore_index=0, reduction="sum")
    ops.cross_entropy(x, ops.softmax(y))
    ops.nll_loss(inputs=x, target=t, reduction="none")
    ops.mse_loss(input=x, target=y, reduction="sum")
    ops.l1_loss(input=x, target=y)
    ops.smooth_l1_loss(input=x, target=y, beta=0.5, reduction="mean")
    ops.binary_cross_entropy(logits=p, labels=ops.sigmoid(x), weight=p, reduction="mean")
    ops.conv2d(input=img, weight=img[:1, :, :3, :2], stride=2, pad_mode="pad", padding=1)
    ops.conv2d(img, img[:, :, :3, :3], pad_mode="same", dilation=2)
    ops.max_pool2d(x=img, kernel_size=3, stride=2, padding=1)
    ops.avg_pool2d(input_x=img, kernel_size=2, stride=2)
    ops.clip_by_global_norm(x=(x, y), clip_norm=1.0)
    ops.cast(input=x * 3, dtype=ms.int32)
    x[1], x[:, 1:3], x[..., None], x[t[:2]], x[m], b[:, ::2, -1]
    x[Tensor([0, -1])]
    (x > 0) * 2, 2 - x, 2 / p, 7 // j, j % 2, -x, x @ ops.transpose(y, (1, 0)), ~m
    x.astype(ms.float16) + 1, i + x, m + 1, x.astype(ms.float64) * x, i.astype(ms.int8) + i
    x.view(2, 6), x.sum(axis=0), x.mean(1), x.max(), x.reshape((2, 6)), x.flatten(), x.T
    ms.grad(lambda a: (ops.tanh(a) ** 2 / (1 + a * a)).sum())(x)
    ms.grad(lambda a: ops.softmax(a, 1)[:, 1].sum())(x)
    ms.grad(lambda a, b: ops.matmul(a, b).sum(), grad_position=(0, 1))(b, c)
    ms.value_and_grad(lambda a: ops.sort(a, 1)[0][:, 0].sum())(x)
    ms.grad(lambda a: ops.amax(a, 1).sum() + ops.cumsum(a, 0).mean() + ops.norm(a))(x)
    ms.grad(lambda a: ops.gather(a, n, 0).sum() + (a[1:, t] ** 2).sum())(x)
    ms.grad(lambda a: ops.where(a > 0, a * 2, a ** 3).sum())(x)
    ms.grad(lambda a: ops.clamp(a, -0.5, 0.5).sum() + ops.abs(a).sum())(x)
    ms.vmap(ops.matmul, in_axes=(0, None))(b, c[0])
    ms.jvp(ops.sin, x, y)
    ms.vjp(ops.sin, x)[1](y)
"""

# A layer or loss with fixed weights, the inputs that it is called with, and whether it is differentiated.
# `z` is complex.
COMPLEX = """
    z + x
    z * z / (z + 2)
    z - x
    z.astype(ms.complex128) + x
    z + y.astype(ms.float64)
    z == z
    z != ops.Complex()(x, x)
    ops.pow(z, 2)
    ops.pow(z, z)
    ops.exp(z)
    ops.log(z)
    ops.sqrt(z)
    ops.rsqrt(z)
    ops.reciprocal(z)
    ops.square(z)
    ops.sin(z)
    ops.cosh(z)
    ops.tan(z)
    ops.tanh(z)
    ops.asin(z)
    ops.acosh(z)
    ops.sigmoid(z)
    ops.expm1(z)
    ops.log1p(z)
    ops.sgn(z)
    ops.sign(z)
    z.sum(1)
    z.mean()
    ops.prod(z, 1)
    ops.cumsum(z, 0)
    ops.cumprod(z, 1)
    ops.matmul(z, z.T)
    ops.where(m, z, z * 2)
    z[1:, ::2]
    z.astype(ms.float32)
    z.astype(ms.int32)
    z.astype(ms.bool_)
    x.astype(ms.complex64)
    z.real()
    z.imag()
    z.conj()
    z.angle()
    z.H
    z.is_complex()
    z.isreal()
    ops.real(x)
    ops.imag(x)
    ops.conj(x)
    ops.adjoint(z)
    ops.polar(p, x)
    ops.view_as_real(z)
    ops.ComplexAbs()(z)
    ops.Polar()(p, y)
    ops.fft(z)
    ops.fft(i, 7, 0, "ortho")
    ops.ifft(x.astype(ms.float64))
    ops.rfft(x, 3)
    ops.irfft(z)
    ops.irfft(x, 5)
    ops.hfft(z)
    ops.ihfft(x)
    ops.fft2(z, (2, 5))
    ops.irfft2(z)
    ops.fftn(x, (2,))
    ops.irfftn(z, norm="forward")
    ops.hfftn(z)
    ops.ihfftn(x)
    ops.fftshift(x, 1)
    ops.ifftshift(z)
    ops.fftfreq(5, 0.5)
    ops.rfftfreq(6)
    ops.stft(b.reshape(-1), 8, return_complex=True)
    ops.stft(b.reshape(2, 12), 4, 2, 3, p[0, :3], pad_mode="CONSTANT", normalized=True)
    ops.stft(b.reshape(-1), 8, center=False, onesided=False)
    ops.FFTWithSize(1, False, True)(x)
    ops.FFTWithSize(2, True, True, "ortho", signal_sizes=(3, 7))(z)
    ops.FFTWithSize(1, True, True, onesided=False)(z)
    ops.inverse(z[:, :3])
    ops.det(z[:, :3])
    ops.slogdet(z[:, :3])[0]
    ops.logdet(z[:, :3])
    ops.matrix_solve(z[:, :3], z)
    ops.eigvals(z[:, :3]).sum()
    ops.Eig()(x[:, :3])[0].sum()
    ms.grad(lambda a: ops.real(ops.log(a)).sum())(z)
    ms.grad(lambda a: ops.imag(ops.exp(a)).sum())(z)
    ms.grad(lambda a: ops.ComplexAbs()(a).sum())(z)
    ms.grad(lambda a: ops.angle(a).sum())(z)
    ms.grad(lambda a: ops.real(ops.matmul(a, z.T)).sum())(z * 2)
    ms.grad(lambda a: ops.real(a / z).sum())(z * 2)
    ms.grad(lambda a: ops.irfft(a).sum())(z)
    ms.grad(lambda a: ops.real(ops.rfft(a)).sum())(x)
    ms.grad(lambda a: ops.real(ops.polar(p, a)).sum())(x)
    ms.grad(lambda a: a)(z)
"""

# `o` is bool, as `m`.
BOOLS = """
    m + o
    m - o
    m * o
    m // o
    m & o
    m ^ o
    m < o
    m == o
    m - True
    m * True
    m / True
    m + 1
    1 - m
    m * 2.5
    m // 2
    m % 2
    m ** 2
    +m
    abs(m)
    ops.maximum(m, o)
    ops.floor_div(m, o)
    ops.relu(m)
    ops.sqrt(m)
    m.sum(1)
    m.prod()
    ops.cumprod(m, 1)
"""

# Functions of `a`, and where.
SLOPES_OF_INTEGERS = """
    a * a | i
    (a * 2.5).sum() | i
    a ** 3 | i
    a.astype(ms.float32).sum() | i
    a.astype(ms.int32) * 2 | x
    a.astype(ms.int32).astype(ms.float32) * a | x
    a * i | x
    a | m
    a * x | m
    a // 2 | i
    a % 2 | i
    ops.floor(a) | x
    a > 1 | x
    a.argmax() | x
    ops.abs(a) | i
    ops.gather(v, a, 0) | t
    ops.gather(a, t[:2], 0) * 3 | i
    ops.relu(a) | i
    ops.maximum(a, j) | i
    ops.minimum(a, 2) | i
    ops.where(a > 1, a, a * 2) | i
    a.max() | j[0, :1]
    a.prod() | j
    ops.cumsum(a, 1) | i
    a.reshape(2, 6) * 2 | i
    ops.concat((a, j)) * 2 | i
    ops.square(a) | i
    ops.clamp(a, 0, 1) | i
    ops.matmul(a, a.T) | i
    a.astype(ms.bool_).astype(ms.float32) * x | i
    ops.round(a) * 2 | x
    ms.grad(lambda b: b * b * b)(a) | i
"""

LAYERS = """
    nn.Dense(4, 5, activation="relu") | x
    nn.Conv1d(4, 6, 3, pad_mode="same", has_bias=True) | wave
    nn.Conv1d(4, 6, 3, stride=2, pad_mode="pad", padding=2) | wave
    nn.Conv2d(4, 6, 3) | img
    nn.Conv2d(4, 6, 3, stride=2, has_bias=True) | img
    nn.Conv2d(4, 6, (3, 2), stride=(2, 1), pad_mode="valid", dilation=2) | img
    nn.Conv2d(4, 6, 3, pad_mode="pad", padding=(1, 2, 0, 1), group=2) | img
    nn.Conv2dTranspose(4, 6, 3, stride=2, pad_mode="pad", padding=1, has_bias=True) | img
    nn.Conv2dTranspose(4, 6, 3, stride=2) | img
    nn.Conv2dTranspose(4, 6, 3, pad_mode="valid") | img
    nn.Conv3d(2, 3, 3) | vol
    nn.Embedding(7, 5) | t
    nn.LayerNorm((4,)) | x
    nn.LayerNorm((3, 4), begin_norm_axis=1, begin_params_axis=1, epsilon=1e-3) | b
    nn.GroupNorm(2, 4) | img
    nn.BatchNorm1d(4) | x
    nn.BatchNorm2d(4, eps=1e-3) | img
    nn.BatchNorm3d(2) | vol
    nn.PReLU(4) | img
    nn.MaxPool1d(3, 2) | wave
    nn.MaxPool2d(3, 2) | img
    nn.MaxPool2d(3, 2, pad_mode="same") | img
    nn.MaxPool2d(2, 2, pad_mode="pad", padding=1) | img
    nn.AvgPool1d(3, 2) | wave
    nn.AvgPool2d(3, 2, pad_mode="same") | img
    nn.AvgPool2d(3, 2) | img
    nn.RNN(3, 4, batch_first=False) | seq
    nn.GRU(3, 4, num_layers=2, bidirectional=True) | seq
    nn.LSTM(3, 4, bidirectional=True) | seq
    nn.LSTM(3, 4, has_bias=False, batch_first=True) | seq
    nn.RNNCell(3, 4) | seq[0], ops.ones((2, 4), ms.float32)
    nn.GRUCell(3, 4) | seq[0], ops.ones((2, 4), ms.float32)
    nn.LSTMCell(3, 4) | seq[0], (ops.ones((2, 4), ms.float32), ops.ones((2, 4), ms.float32))
    nn.SequentialCell(nn.Dense(4, 5), nn.Tanh(), nn.Dense(5, 2)) | x
    nn.CellList([nn.Dense(4, 4), nn.Tanh()])[0] | x
    nn.ELU() | x
    nn.GELU() | x
    nn.GELU(approximate=False) | x
    nn.HSigmoid() | x
    nn.HSwish() | x
    nn.LeakyReLU() | x
    nn.LogSigmoid() | x
    nn.LogSoftmax() | x
    nn.Mish() | x
    nn.ReLU6() | x
    nn.SiLU() | x
    nn.Softmax() | x
    nn.Flatten() | img
    nn.OneHot(depth=4) | t
    nn.Pad(((1, 1), (2, 2)), mode="SYMMETRIC") | x
    nn.Dropout(p=0.5).set_train(False) | x
    nn.L1Loss() | x, y
    nn.MSELoss() | x, y
    nn.MAELoss(reduction="sum") | x, y
    nn.RMSELoss() | x, y
    nn.SmoothL1Loss() | x, y
    nn.SmoothL1Loss(beta=0.5, reduction="mean") | x, y
    nn.BCELoss() | p, ops.sigmoid(x)
    nn.BCELoss(reduction="none") | p, ops.sigmoid(x)
    nn.BCEWithLogitsLoss() | x, p
    nn.CrossEntropyLoss() | x, t
    nn.CrossEntropyLoss(label_smoothing=0.2, ignore_index=2) | x, t
    nn.NLLLoss() | x, t
    nn.SoftmaxCrossEntropyWithLogits() | x, ops.softmax(y)
    nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean") | x, t
    nn.WithLossCell(nn.Dense(4, 4), nn.CrossEntropyLoss()) | x, t
"""

LAYER = """
def weighted(result):
    parts = [part for item in result for part in (item if isinstance(item, (tuple, list)) else [item])]
    return sum((part * ops.cos(ops.arange(part.size).astype(part.dtype)).reshape(part.shape)).sum() for part in parts)

layer = {layer}
random = np.random.RandomState(1)
named = list(layer.parameters_and_names())
for name, parameter in named:
    value = random.uniform(0.5, 1, parameter.shape) if "var" in name else random.uniform(-1, 1, parameter.shape)
    parameter.set_data(Tensor(value.astype(np.float32)))
{train}
result = layer({inputs})
after = [parameter.asnumpy().copy() for _, parameter in named]
weights = ms.ParameterTuple(layer.trainable_params())
def loss(*inputs):
    result = layer(*inputs)
    return weighted(result if isinstance(result, tuple) else (result,))
[name for name, _ in named], result, after, ms.grad(loss, {position}, weights)({inputs}) if len(weights) else {instead}
"""

OPTIMIZERS = """
    nn.SGD(ps, 0.1)
    nn.SGD(ps, 0.1, momentum=0.9, dampening=0.2, weight_decay=0.01)
    nn.SGD(ps, 0.1, momentum=0.9, nesterov=True)
    nn.Momentum(ps, learning_rate=0.1, momentum=0.9, weight_decay=0.01, loss_scale=2.0)
    nn.Adam(ps, learning_rate=0.1)
    nn.Adam(ps, 0.1, beta1=0.8, beta2=0.9, eps=1e-6, weight_decay=0.1)
    nn.Adam(ps, 0.1, use_nesterov=True)
    nn.AdamWeightDecay(ps, 0.1, weight_decay=0.1)
    nn.Adagrad(ps, learning_rate=0.1)
    nn.RMSProp(ps, learning_rate=0.1, momentum=0.5)
    nn.RMSProp(ps, 0.1, centered=True, weight_decay=0.1)
    nn.Momentum(ps, nn.ExponentialDecayLR(0.1, 0.5, 2), 0.9)
    nn.Momentum(ps, [0.3, 0.2, 0.1, *[0.05] * 47], 0.9)
    nn.Adam(ps, nn.CosineDecayLR(0.01, 0.1, 4))
    nn.LazyAdam(ps, 0.1, use_nesterov=True, weight_decay=0.1)
    nn.AdamOffload(ps, 0.1)
    nn.AdaMax(ps, 0.1, beta1=0.7, eps=1e-2, weight_decay=0.1)
    nn.Adadelta(ps)
    nn.Adadelta(ps, 0.5, rho=0.7, epsilon=1e-3, weight_decay=0.1)
    nn.FTRL(ps, learning_rate=0.1, l2=0.2, lr_power=-0.3, initial_accum=0.2, weight_decay=0.1)
    nn.ProximalAdagrad(ps, learning_rate=0.1, l1=0.1, l2=0.2, accum=0.5)
    nn.ASGD(ps)
    nn.ASGD(ps, 0.2, lambd=0.1, alpha=0.5, t0=2.0, weight_decay=0.1)
    nn.Rprop(ps)
    nn.Rprop(ps, 0.2, etas=(0.4, 1.5), step_sizes=(1e-2, 0.3))
    nn.AdaFactor(ps)
    nn.AdaFactor(ps, warmup_init=True)
    nn.AdaFactor(ps, 0.1, relative_step=False, scale_parameter=False, weight_decay=0.1)
    nn.Momentum([{"params": [ps[0]], "weight_decay": 0.1}, {"params": [ps[1]], "lr": 0.01}], 0.1, 0.9)
    nn.Momentum([{"params": [ps[1]]}, {"params": [ps[0]], "lr": 0.5}, {"order_params": ps}], 0.1, 0.9)
"""

OPTIMIZER = """
ps = [ms.Parameter(x.copy(), name="bulk.weight"), ms.Parameter(v.copy(), name="edge.bias")]
optimizer = {optimizer}
for step in range(50):
    scale = (1.0, 0.5, -2.0, 0.7, 1.5)[step % 5]
    optimizer((y * scale, v * scale))
[p.asnumpy() for p in ps]
"""

SCHEDULES = """
    [nn.ExponentialDecayLR(0.1, 0.9, 4, is_stair=True)(Tensor(s, ms.int32)) for s in range(9)]
    [nn.NaturalExpDecayLR(0.1, 0.9, 4)(Tensor(s, ms.int32)) for s in range(9)]
    [nn.InverseDecayLR(0.1, 0.9, 4)(Tensor(s, ms.int32)) for s in range(9)]
    [nn.CosineDecayLR(0.01, 0.1, 4)(Tensor(s, ms.int32)) for s in range(9)]
    [nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5)(Tensor(s, ms.int32)) for s in range(9)]
    [nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5, update_decay_steps=True)(Tensor(s, ms.int32)) for s in range(1, 9)]
    [nn.WarmUpLR(0.1, 4)(Tensor(s, ms.int32)) for s in range(9)]
    np.array(nn.exponential_decay_lr(0.1, 0.9, 6, 2, 1))
    np.array(nn.natural_exp_decay_lr(0.1, 0.9, 6, 2, 2, is_stair=True))
    np.array(nn.inverse_decay_lr(0.1, 0.5, 6, 1, 1, True))
    np.array(nn.cosine_decay_lr(0.01, 0.1, 6, 2, 2))
    np.array(nn.polynomial_decay_lr(0.1, 0.01, 6, 2, 2, 0.5))
    np.array(nn.warmup_lr(0.1, 12, 2, 3))
    np.array(nn.piecewise_constant_lr([2, 5, 10], [0.1, 0.05, 0.01]))
"""

# Random numbers differ, so that these are compared by mean, deviation and range.
INITIALIZERS = """
    "normal"
    "uniform"
    "ones"
    "xavier_uniform"
    "he_normal"
    init.Constant(0.5)
    init.Normal(0.3, 1.0)
    init.Uniform(0.2)
    init.TruncatedNormal(0.5, 0.0, -1.0, 1.0)
    init.HeUniform(1.0, "fan_out", "leaky_relu")
    init.HeNormal(mode="fan_out", nonlinearity="relu")
    init.XavierUniform(2.0)
    init.XavierNormal()
    init.VarianceScaling(2.0, "fan_avg", "uniform")
    init.VarianceScaling()
    init.Orthogonal(2.0)
    init.Sparse(0.1, 0.5)
    init.Identity()
"""

INITIALIZER = """
values = init.initializer({initializer}, [400, 300], ms.float32)
values = (values.init_data() if hasattr(values, "init_data") else values).asnumpy()
np.array([values.mean(), values.std(), (values == 0).mean()]), values.min(), values.max()
"""

METRICS = """
    train.Accuracy("classification") | x, t
    train.Accuracy("multilabel") | m.astype(ms.int32), (x > 0).astype(ms.int32)
    train.F1() | x, t
    train.Fbeta(2.0) | x, t
    train.Precision("classification") | x, t
    train.Recall("classification") | x, t
    train.Top1CategoricalAccuracy() | x, t
    train.TopKCategoricalAccuracy(2) | x, t
    train.MAE() | x, y
    train.MSE() | x, y
    train.Loss() | x.sum()
    train.ConfusionMatrix(4) | x, t
    train.get_metric_fn("precision", eval_type="multilabel") | m.astype(ms.int32), (x > 0).astype(ms.int32)
"""

METRIC = """
metric = {metric}
metric.clear()
metric.update({inputs})
metric.update({inputs})
np.array(metric.eval())
"""

# Control flow, as MindSpore compiles it from Python and as ours is written.
CONTROL = {
    "if": (
        """
        @ms.jit
        def f(x):
            if x.sum() > 0:
                y = x * x
            else:
                y = ops.exp(x)
            return y.sum()
        """,
        """
        def f(x):
            return ops.cond(x.sum() > 0, lambda x: x * x, ops.exp, x).sum()
        """,
    ),
    "while": (
        """
        @ms.jit
        def f(x):
            while x.sum() < 20:
                x = x * x + 1
            return x.sum()
        """,
        """
        def f(x):
            return ops.while_loop(lambda x: x.sum() < 20, lambda x: x * x + 1, x).sum()
        """,
    ),
    "while with a counter": (
        """
        @ms.jit
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 5:
                y = ops.sin(y) * x
                i = i + 1
            return y.sum()
        """,
        """
        def f(x):
            def body(state):
                i, y = state
                return i + 1, ops.sin(y) * x
            return ops.while_loop(lambda state: state[0] < 5, body, (Tensor(0, ms.int32), x))[1].sum()
        """,
    ),
    "if in while": (
        """
        @ms.jit
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 6:
                if i % 2 == 0:
                    y = y * x
                else:
                    y = ops.cos(y) + x
                i = i + 1
            return y.sum()
        """,
        """
        def f(x):
            def body(state):
                i, y = state
                return i + 1, ops.cond(i % 2 == 0, lambda y: y * x, lambda y: ops.cos(y) + x, y)
            return ops.while_loop(lambda state: state[0] < 6, body, (Tensor(0, ms.int32), x))[1].sum()
        """,
    ),
    "while in while": (
        """
        @ms.jit
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 3:
                j = Tensor(0, ms.int32)
                while j < i + 1:
                    y = ops.sin(y) + x
                    j = j + 1
                i = i + 1
            return y.sum()
        """,
        """
        def f(x):
            def inner(state):
                j, y = state
                return j + 1, ops.sin(y) + x
            def outer(state):
                i, y = state
                return i + 1, ops.while_loop(lambda s: s[0] < i + 1, inner, (Tensor(0, ms.int32), y))[1]
            return ops.while_loop(lambda state: state[0] < 3, outer, (Tensor(0, ms.int32), x))[1].sum()
        """,
    ),
    "for": (
        """
        @ms.jit
        def f(x):
            y = x
            for k in range(4):
                y = y * x + k
            return y.sum()
        """,
        """
        def f(x):
            return ops.fori_loop(0, 4, lambda k, y: y * x + k, x).sum()
        """,
    ),
}  # fmt: skip

CONTROL_RESULTS = """
ms.set_context(mode=ms.{mode})
f(x), ms.grad(f)(x), f(-x), ms.grad(f)(-x), ms.value_and_grad(f)(x * 0.1)
"""


def rows(table: str) -> list[str]:
    """The lines of a table."""
    return [line.strip() for line in table.strip().splitlines()]


@pytest.mark.parametrize("program", rows(OPS))
def test_op(lamella: Run, mindspore: Run, program: str) -> None:
    assert_agree(lamella(program), mindspore(program))


@pytest.mark.parametrize("program", rows(COMPLEX))
def test_complex_numbers(lamella: Run, mindspore: Run, program: str) -> None:
    text = f"z = ops.Complex()(x, y)\n{program}"
    assert_agree(lamella(text), mindspore(text), 1e-4)


@pytest.mark.parametrize("program", rows(BOOLS))
def test_bools(lamella: Run, mindspore: Run, program: str) -> None:
    text = f"o = x > 0\n{program}"
    assert_agree(lamella(text), mindspore(text))


@pytest.mark.parametrize("row", rows(SLOPES_OF_INTEGERS))
def test_slopes_of_integers(lamella: Run, mindspore: Run, row: str) -> None:
    program = "ms.grad(lambda a: {})({})".format(*row.split(" | "))
    assert_agree(lamella(program), mindspore(program))


@pytest.mark.parametrize("row", rows(LAYERS))
def test_layer_with_the_same_weights_in_training_and_its_gradients(lamella: Run, mindspore: Run, row: str) -> None:
    layer, inputs = row.split(" | ")
    differentiable = inputs != "t"
    program = LAYER.format(
        layer=layer,
        inputs=inputs,
        train="" if "set_train" in layer else "layer.set_train()",
        position="0" if differentiable else "None",
        instead=f"ms.grad(loss)({inputs})" if differentiable else "None",
    )
    assert_agree(lamella(program), mindspore(program), 1e-4)


@pytest.mark.parametrize("row", rows(OPTIMIZERS))
def test_fifty_steps_of_an_optimizer(lamella: Run, mindspore: Run, row: str) -> None:
    program = OPTIMIZER.format(optimizer=row)
    assert_agree(lamella(program), mindspore(program))


@pytest.mark.parametrize("row", rows(SCHEDULES))
def test_schedule(lamella: Run, mindspore: Run, row: str) -> None:
    assert_agree(lamella(row), mindspore(row))


@pytest.mark.parametrize("row", rows(INITIALIZERS))
def test_initializer(lamella: Run, mindspore: Run, row: str) -> None:
    program = INITIALIZER.format(initializer=row)
    (mine, low, high), (other, their_low, their_high) = lamella(program), mindspore(program)
    assert_agree(mine, other, 0.01)
    assert_agree([low, high], [their_low, their_high], 0.3)  # extremes of 120,000 draws


@pytest.mark.parametrize("row", rows(METRICS))
def test_metric(lamella: Run, mindspore: Run, row: str) -> None:
    metric, inputs = row.split(" | ")
    program = METRIC.format(metric=metric, inputs=inputs)
    assert_agree(lamella(program), mindspore(program))


@pytest.mark.parametrize("name", CONTROL)
def test_control_flow_and_its_gradients(lamella: Run, mindspore: Run, name: str) -> None:
    theirs, ours = (dedent(text).strip() for text in CONTROL[name])
    their_result = mindspore(theirs + CONTROL_RESULTS.format(mode="GRAPH_MODE"))
    mindspore("ms.set_context(mode=ms.PYNATIVE_MODE)\nNone")
    assert_agree(lamella(ours + CONTROL_RESULTS.format(mode="PYNATIVE_MODE")), their_result, 1e-4)


def documented() -> list[tuple[str, str, str]]:
    """The rows of the first table of documented differences: program, MindSpore's result, ours."""
    text = (Path(__file__).parents[2] / "docs" / "ideas" / "differences.md").read_text()
    table = text.partition("|---|---|---|---|---|\n")[2].partition("\n\n")[0]
    cells = [line.split(" | ") for line in table.splitlines()]
    return [(row[1].strip("`"), row[2].strip("`"), row[3].strip("`")) for row in cells]


def shown(run: Run, program: str) -> str:
    """A result as the table shows it, or the class of the error."""
    setting = 'w, one = ms.Parameter(Tensor([1.0]), name="w"), Tensor([1.0])\n'
    try:
        result = run(setting + program)
    except OracleError as error:
        return str(error).partition(":")[0]
    except Exception as error:
        return type(error).__name__
    return str(_values(result))


def _values(result: Any) -> Any:
    if isinstance(result, list):
        return [_values(item) for item in result]
    if not isinstance(result, dict):
        return result
    values = [round(value, 4) for value in result["values"]]
    return values if result["shape"] else values[0]


@pytest.mark.parametrize(("program", "theirs", "ours"), documented())
def test_documented_difference(lamella: Run, mindspore: Run, program: str, theirs: str, ours: str) -> None:
    assert (shown(mindspore, program), shown(lamella, program)) == (theirs, ours)
