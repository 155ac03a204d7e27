"""The networks of the digit cases, in each library, with equal weights and data.

`mlp` is 784-512-10 with plain SGD; `cnn` has two convolutions with pooling (1-32-64), 3136-128-10 and Adam. Batches of
64, cross-entropy, the whole training step; or one image, forward only.
"""

from __future__ import annotations

import numpy as np

SGD_RATE, ADAM_RATE = 0.1, 0.001
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8

_rng = np.random.default_rng(0)


def _weight(*shape: int) -> np.ndarray:
    fan_in = int(np.prod(shape[1:]))
    return (_rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)


def _zeros(n: int) -> np.ndarray:
    return np.zeros(n, np.float32)


#: Weights, each followed by its bias: [out, in] of dense layers, [out, in, height, width] of convolutions.
WEIGHTS = {
    "mlp": [_weight(512, 784), _zeros(512), _weight(10, 512), _zeros(10)],
    "cnn": [
        *(_weight(32, 1, 3, 3), _zeros(32)),
        *(_weight(64, 32, 3, 3), _zeros(64)),
        *(_weight(128, 3136), _zeros(128)),
        *(_weight(10, 128), _zeros(10)),
    ],
}


def data(network: str, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels."""
    rng = np.random.default_rng(1)
    shape = (batch, 784) if network == "mlp" else (batch, 1, 28, 28)
    return rng.standard_normal(shape).astype(np.float32), rng.integers(0, 10, batch)


# -- Lamella --


def lamella_network(network: str):
    """The network on the CPU backend."""
    import lamella as ms
    from lamella import Tensor, nn

    ms.set_context(device_target="CPU")
    if network == "mlp":
        net = nn.SequentialCell(nn.Dense(784, 512), nn.ReLU(), nn.Dense(512, 10))
    else:
        net = nn.SequentialCell(
            nn.Conv2d(1, 32, 3, pad_mode="pad", padding=1, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(32, 64, 3, pad_mode="pad", padding=1, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Dense(3136, 128),
            nn.ReLU(),
            nn.Dense(128, 10),
        )
    for parameter, weight in zip(net.trainable_params(), WEIGHTS[network], strict=True):
        parameter.set_data(Tensor(weight))
    return net


def lamella_training(network: str, compiled: bool):
    """The training step, as one compiled function or op by op."""
    import lamella as ms
    from lamella import Tensor, nn

    net, loss_fn = lamella_network(network), nn.CrossEntropyLoss()
    parameters = net.trainable_params()
    optimizer = nn.SGD(parameters, SGD_RATE) if network == "mlp" else nn.Adam(parameters, ADAM_RATE)
    gradients_of = ms.value_and_grad(lambda x, y: loss_fn(net(x), y), None, optimizer.parameters)

    def step(x, y):
        loss, gradients = gradients_of(x, y)
        optimizer(gradients)
        return loss

    run = ms.jit(step) if compiled else step
    x, y = map(Tensor, data(network, 64))
    return (lambda: run(x, y)), lambda: [run(x, y).asnumpy()]


def lamella_inference(network: str):
    """One image, compiled."""
    import lamella as ms
    from lamella import Tensor

    run = ms.jit(lamella_network(network))
    x = Tensor(data(network, 1)[0])
    return (lambda: run(x)), lambda: [run(x).asnumpy()]


# -- torch --


def torch_network(network: str):
    """The network."""
    import torch
    from torch import nn

    torch.set_num_threads(2)
    if network == "mlp":
        net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
    else:
        net = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(3136, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )
    with torch.no_grad():
        for parameter, weight in zip(net.parameters(), WEIGHTS[network], strict=True):
            parameter.copy_(torch.from_numpy(weight))
    return net


def torch_training(network: str, compiled: bool):
    """The training step; compiled, the forward and backward pass are, and the optimizer's step."""
    import torch

    net = torch_network(network)
    kind = torch.optim.SGD if network == "mlp" else torch.optim.Adam
    optimizer = kind(net.parameters(), lr=SGD_RATE if network == "mlp" else ADAM_RATE)
    x, y = map(torch.from_numpy, data(network, 64))

    def forward(x, y):
        return torch.nn.functional.cross_entropy(net(x), y)

    loss_of, update = (torch.compile(forward), torch.compile(optimizer.step)) if compiled else (forward, optimizer.step)

    def step():
        optimizer.zero_grad()
        loss = loss_of(x, y)
        loss.backward()
        update()
        return loss

    return step, lambda: [step().detach().numpy()]


def torch_inference(network: str, compiled: bool):
    """One image."""
    import torch

    net = torch_network(network).eval()
    run = torch.compile(net) if compiled else net
    x = torch.from_numpy(data(network, 1)[0])

    def call():
        with torch.inference_mode():
            return run(x)

    return call, lambda: [call().numpy()]


# -- JAX --


def _jax_forward(network: str):
    import jax
    import jax.numpy as jnp
    from jax import lax

    def pooled(x):
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def conv(x, w, b):
        return jax.nn.relu(lax.conv_general_dilated(x, w, (1, 1), ((1, 1), (1, 1))) + b[None, :, None, None])

    def forward(p, x):
        if network == "cnn":
            x = pooled(conv(pooled(conv(x, p[0], p[1])), p[2], p[3])).reshape(x.shape[0], -1)
        w1, b1, w2, b2 = p[-4:]
        return jax.nn.relu(x @ w1.T + b1) @ w2.T + b2

    return forward


def jax_training(network: str):
    """The training step, with its state donated."""
    import jax
    import jax.numpy as jnp

    forward = _jax_forward(network)

    def loss_of(p, x, y):
        logits = forward(p, x)
        return -jnp.mean(jax.nn.log_softmax(logits)[jnp.arange(x.shape[0]), y])

    def step(state, x, y):
        p, m, v, t = state
        loss, g = jax.value_and_grad(loss_of)(p, x, y)
        if network == "mlp":
            return loss, ([a - SGD_RATE * b for a, b in zip(p, g, strict=True)], m, v, t)
        t = t + 1
        m = [BETA1 * a + (1 - BETA1) * b for a, b in zip(m, g, strict=True)]
        v = [BETA2 * a + (1 - BETA2) * b * b for a, b in zip(v, g, strict=True)]
        rate = ADAM_RATE * jnp.sqrt(1 - BETA2**t) / (1 - BETA1**t)
        return loss, ([a - rate * b / (jnp.sqrt(c) + EPS) for a, b, c in zip(p, m, v, strict=True)], m, v, t)

    compiled = jax.jit(step, donate_argnums=0)
    x, y = map(jnp.asarray, data(network, 64))
    p = [jnp.asarray(w) for w in WEIGHTS[network]]
    moments = [] if network == "mlp" else [jnp.zeros_like(w) for w in p]
    state = [(p, moments, [jnp.copy(w) for w in moments], jnp.float32(0))]

    def call():
        loss, state[0] = compiled(state[0], x, y)
        return jax.block_until_ready(loss)

    return call, lambda: [np.asarray(call())]


def jax_inference(network: str):
    """One image, compiled."""
    import jax
    import jax.numpy as jnp

    run, p, x = jax.jit(_jax_forward(network)), [jnp.asarray(w) for w in WEIGHTS[network]], data(network, 1)[0]
    return (lambda: jax.block_until_ready(run(p, x))), lambda: [np.asarray(run(p, x))]


# -- MindSpore --


def _mindspore_network(network: str):
    import mindspore as ms
    from mindspore import Tensor, nn

    if network == "mlp":
        net = nn.SequentialCell(nn.Dense(784, 512), nn.ReLU(), nn.Dense(512, 10))
    else:
        net = nn.SequentialCell(
            nn.Conv2d(1, 32, 3, pad_mode="pad", padding=1, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(32, 64, 3, pad_mode="pad", padding=1, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Dense(3136, 128),
            nn.ReLU(),
            nn.Dense(128, 10),
        )
    for parameter, weight in zip(net.trainable_params(), WEIGHTS[network], strict=True):
        parameter.set_data(Tensor(weight, ms.float32))
    return net


def mindspore_training(network: str, compiled: bool):
    """The training step in GRAPH_MODE or PYNATIVE_MODE."""
    import mindspore as ms
    from mindspore import Tensor, nn

    ms.set_context(mode=ms.GRAPH_MODE if compiled else ms.PYNATIVE_MODE, device_target="CPU")
    net = nn.WithLossCell(_mindspore_network(network), nn.CrossEntropyLoss())
    parameters = net.trainable_params()
    optimizer = nn.SGD(parameters, SGD_RATE) if network == "mlp" else nn.Adam(parameters, ADAM_RATE)
    step = nn.TrainOneStepCell(net, optimizer)
    step.set_train()
    x, y = data(network, 64)
    x, y = Tensor(x), Tensor(y.astype(np.int32))
    return (lambda: step(x, y).asnumpy()), lambda: [step(x, y).asnumpy()]


def mindspore_inference(network: str):
    """One image in GRAPH_MODE."""
    import mindspore as ms
    from mindspore import Tensor

    ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")
    net, x = _mindspore_network(network), Tensor(data(network, 1)[0])
    net.set_train(False)
    return (lambda: net(x).asnumpy()), lambda: [net(x).asnumpy()]
