"""Give a function or a cell a derivative of its own, and compare it with the one that is found for it."""

from __future__ import annotations

import numpy as np

import lamella as ms
from lamella import nn, ops


class Softplus(nn.Cell):
    """log(1 + exp(x)), whose derivative stays finite where exp(x) does not."""

    def construct(self, x: ms.Tensor) -> ms.Tensor:
        """Compute the value without overflow."""
        return ops.maximum(x, 0.0) + ops.log1p(ops.exp(-ops.abs(x)))

    def bprop(self, x: ms.Tensor, out: ms.Tensor, dout: ms.Tensor) -> tuple[ms.Tensor]:
        """The gradient of x: sigmoid(x) times that of the result."""
        return (dout * ops.sigmoid(x),)


def round_straight_through(x: ms.Tensor) -> ms.Tensor:
    """Round, and let gradients pass as if nothing had happened: a network can be trained through it."""
    return ops.custom_derivative(ops.round, lambda x, out, dout: (dout,), x)


def naive_softplus(x: ms.Tensor) -> ms.Tensor:
    """The textbook formula."""
    return ops.log(1.0 + ops.exp(x))


def main() -> None:
    """Compare."""
    x = ms.Tensor(np.linspace(-3, 3, 7, dtype=np.float32))
    softplus = Softplus()
    ours, found = ms.grad(softplus)(x), ms.grad(naive_softplus)(x)
    print(f"own derivative   {ours}\nfound derivative {found}")
    assert np.allclose(ours.asnumpy(), found.asnumpy(), atol=1e-6)

    large = ms.Tensor([200.0])
    print(f"at 200: own {ms.grad(softplus)(large).item()}, found {ms.grad(naive_softplus)(large).item()}")
    assert ms.grad(softplus)(large).item() == 1.0

    slope = ms.grad(ops.round)(x), ms.grad(round_straight_through)(x)
    print(f"derivative of rounding {slope[0].tolist()}, straight through {slope[1].tolist()}")
    assert slope[0].tolist() == [0.0] * 7
    assert slope[1].tolist() == [1.0] * 7


if __name__ == "__main__":
    main()
