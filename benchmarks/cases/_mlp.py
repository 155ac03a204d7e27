"""The network of the MLP cases: 784-512-10, batch 64, cross-entropy, plain SGD, the whole training step."""

import numpy as np

RATE = 0.1
_rng = np.random.default_rng(0)
X = _rng.standard_normal((64, 784)).astype(np.float32)
Y = _rng.integers(0, 10, 64)
W1 = (_rng.standard_normal((512, 784)) * 0.03).astype(np.float32)
B1 = np.zeros(512, np.float32)
W2 = (_rng.standard_normal((10, 512)) * 0.03).astype(np.float32)
B2 = np.zeros(10, np.float32)
PARAMETERS = (W1, B1, W2, B2)


def numpy_step(parameters):
    """The step in NumPy, with in-place updates: the least that NumPy calls can cost."""
    w1, b1, w2, b2 = parameters
    h = X @ w1.T
    h += b1
    on = h > 0
    a = np.where(on, h, np.float32(0))
    z = a @ w2.T
    z += b2
    z -= z.max(1, keepdims=True)
    e = np.exp(z)
    total = e.sum(1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - z[np.arange(64), Y])
    g = e / total
    g[np.arange(64), Y] -= 1
    g *= np.float32(1 / 64)
    gw2, gb2 = g.T @ a, g.sum(0)
    ga = g @ w2
    gh = np.where(on, ga, np.float32(0))
    gw1, gb1 = gh.T @ X, gh.sum(0)
    for p, gp in zip(parameters, (gw1, gb1, gw2, gb2), strict=True):
        gp *= np.float32(RATE)
        p -= gp
    return loss


def lamella_step():
    """Parameters and step of Lamella."""
    import lamella as ms
    from lamella import Parameter, Tensor, ops

    ms.set_context(device_target="reference")
    w1, b1, w2, b2 = parameters = [Parameter(Tensor(p), name=f"p{i}") for i, p in enumerate(PARAMETERS)]

    def loss_of(x, y):
        h = ops.relu(ops.dense(x, w1, b1))
        return ops.cross_entropy(ops.dense(h, w2, b2), y)

    gradients_of = ms.value_and_grad(loss_of, None, parameters)

    def step(x, y):
        loss, gradients = gradients_of(x, y)
        for p, g in zip(parameters, gradients, strict=True):
            p.assign_value(p - g * RATE)
        return loss

    return step, Tensor(X), Tensor(Y)


def torch_step():
    """The step of torch, eager."""
    import torch

    torch.set_num_threads(2)
    parameters = [torch.from_numpy(p.copy()).requires_grad_() for p in PARAMETERS]
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def step():
        w1, b1, w2, b2 = parameters
        optimizer.zero_grad()
        h = torch.relu(torch.nn.functional.linear(x, w1, b1))
        loss = torch.nn.functional.cross_entropy(torch.nn.functional.linear(h, w2, b2), y)
        loss.backward()
        optimizer.step()
        return loss

    return step
