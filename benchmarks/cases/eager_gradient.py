"""Tape overhead: value and gradient of forty small elementwise ops, eagerly."""

import numpy as np

X = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)


def chain(x):
    for _ in range(20):
        x = x * x + x * 0.5
    return x.sum()


def lamella():
    import lamella as ms

    ms.set_context(device_target="reference")
    x = ms.Tensor(X)
    step = ms.value_and_grad(chain)
    return (lambda: step(x)), lambda: [part.asnumpy() for part in step(x)]


def torch():
    import torch

    def step():
        x = torch.from_numpy(X).requires_grad_()
        value = chain(x)
        value.backward()
        return value.detach().numpy(), x.grad.numpy()

    return step, step


def jax():
    import jax

    step = jax.value_and_grad(chain)
    x = jax.numpy.asarray(X)
    return (lambda: jax.block_until_ready(step(x))), lambda: [np.asarray(part) for part in step(x)]


def mindspore():
    import mindspore as ms

    ms.set_context(mode=ms.PYNATIVE_MODE)
    step = ms.value_and_grad(chain)
    x = ms.Tensor(X)

    def call():
        return [part.asnumpy() for part in step(x)]

    return call, call
