"""One small primitive, eagerly, without a gradient: the sum of two 4x4 tensors."""

import numpy as np

X = np.arange(16, dtype=np.float32).reshape(4, 4)


def lamella():
    import lamella as ms

    ms.set_context(device_target="reference")
    x, y = ms.Tensor(X), ms.Tensor(X)
    return (lambda: x + y), lambda: [(x + y).asnumpy()]


def numpy():
    return (lambda: X + X), lambda: [X + X]


def torch():
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(X.copy())
    return (lambda: x + y), lambda: [(x + y).numpy()]


def jax():
    import jax.numpy as jnp

    x, y = jnp.asarray(X), jnp.asarray(X)
    return (lambda: (x + y).block_until_ready()), lambda: [np.asarray(x + y)]


def mindspore():
    import mindspore as ms

    ms.set_context(mode=ms.PYNATIVE_MODE)
    x, y = ms.Tensor(X), ms.Tensor(X)

    def call():
        z = x + y
        z.asnumpy()
        return z

    return call, lambda: [(x + y).asnumpy()]
