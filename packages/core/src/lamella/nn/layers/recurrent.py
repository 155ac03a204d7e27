"""Recurrent networks: cells that take one step, and layers that take a whole sequence."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import float32, int64
from lamella.errors import explain
from lamella.initializer import Uniform, initializer
from lamella.nn.cell import Cell
from lamella.nn.layers.basic import Dropout, positive_int
from lamella.ops.functions import elementwise
from lamella.ops.functions.control import scan
from lamella.ops.functions.create import arange, zeros
from lamella.ops.functions.elementwise import cast
from lamella.ops.functions.join_split import concat, split, stack
from lamella.ops.functions.products import dense
from lamella.ops.functions.rearrange import swapaxes
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import expand_dims
from lamella.ops.nn import activation
from lamella.parameter import Parameter
from lamella.tensor import Tensor

# One step of each kind, from W_i x + b_i ("projected") and the state to the next state. Gates are in the order of
# the published formulas, which is MindSpore's.


def _plain_step(nonlinearity: str) -> Any:
    activate = elementwise.tanh if nonlinearity == "tanh" else activation.relu

    def step(projected: Tensor, h: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return activate(projected + dense(h, weight, bias))

    return step


def _gru_step(projected: Tensor, h: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Cho et al., 2014, with the reset gate after the product, as in cuDNN."""
    input_r, input_z, input_n = split(projected, projected.shape[-1] // 3, -1)
    hidden = dense(h, weight, bias)
    hidden_r, hidden_z, hidden_n = split(hidden, hidden.shape[-1] // 3, -1)
    z = elementwise.sigmoid(input_z + hidden_z)
    n = elementwise.tanh(input_n + elementwise.sigmoid(input_r + hidden_r) * hidden_n)
    return n + z * (h - n)


def _lstm_step(
    projected: Tensor, state: tuple[Tensor, Tensor], weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000."""
    h, c = state
    gates = projected + dense(h, weight, bias)
    i, f, g, o = split(gates, gates.shape[-1] // 4, -1)
    c = elementwise.sigmoid(f) * c + elementwise.sigmoid(i) * elementwise.tanh(g)
    return elementwise.sigmoid(o) * elementwise.tanh(c), c


def _nonlinearity(subject: str, name: str) -> str:
    if name not in ("tanh", "relu"):
        raise ValueError(explain(subject, given=f"nonlinearity={name!r}", expected='"tanh" or "relu"'))
    return name


class _StepCell(Cell):
    """Parameters of one step."""

    gates: int

    def __init__(self, input_size: int, hidden_size: int, has_bias: bool = True, dtype: Any = float32) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        self.input_size = positive_int(name, "input_size", input_size)
        self.hidden_size = positive_int(name, "hidden_size", hidden_size)
        self.has_bias = has_bias
        rows = self.gates * hidden_size
        init = Uniform(1 / math.sqrt(hidden_size))
        self.weight_ih = Parameter(initializer(init, (rows, input_size), dtype))
        self.weight_hh = Parameter(initializer(init, (rows, hidden_size), dtype))
        self.bias_ih = Parameter(initializer(init, (rows,), dtype)) if has_bias else None
        self.bias_hh = Parameter(initializer(init, (rows,), dtype)) if has_bias else None

    def _projected(self, x: Tensor, *states: Tensor) -> Tensor:
        """W_i x + b_i, after a look at the shapes."""
        if x.ndim != 2 or x.shape[1] != self.input_size:
            raise ValueError(
                explain(f"nn.{type(self).__name__}", given=f"x {x._type}", expected=f"shape [n, {self.input_size}]")
            )
        for state in states:
            if state.shape != (x.shape[0], self.hidden_size):
                raise ValueError(
                    explain(
                        f"nn.{type(self).__name__}",
                        given=f"x {x._type}, hx {state._type}",
                        expected=f"hx of shape [n, {self.hidden_size}]",
                    )
                )
        return dense(x, self.weight_ih, self.bias_ih)


class RNNCell(_StepCell):
    """One step of a plain recurrent network: tanh(W_i x + b_i + W_h h + b_h).

    Args:
        input_size: size of x.
        hidden_size: size of h.
        has_bias: whether there are biases.
        nonlinearity: "tanh" or "relu".
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes that are not positive, another nonlinearity.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.RNNCell(3, 4)(ops.ones((2, 3)), ops.zeros((2, 4))).shape
        (2, 4)
    """

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, has_bias: bool = True, nonlinearity: str = "tanh", dtype: Any = float32
    ) -> None:
        super().__init__(input_size, hidden_size, has_bias, dtype)
        self.nonlinearity = _nonlinearity("nn.RNNCell", nonlinearity)

    def construct(self, x: Tensor, hx: Tensor) -> Tensor:
        """The next h[n, hidden_size] from x[n, input_size] and h."""
        return _plain_step(self.nonlinearity)(self._projected(x, hx), hx, self.weight_hh, self.bias_hh)


class GRUCell(_StepCell):
    """One step of a gated recurrent unit (Cho et al., 2014).

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr), z = sigmoid(W_iz x + b_iz + W_hz h + b_hz),
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn)), h' = (1 - z) * n + z * h; the weights hold the rows of r, z and n.

    Args:
        input_size: size of x.
        hidden_size: size of h.
        has_bias: whether there are biases.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes that are not positive.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.GRUCell(3, 4)(ops.ones((2, 3)), ops.zeros((2, 4))).shape
        (2, 4)
    """

    gates = 3

    def construct(self, x: Tensor, hx: Tensor) -> Tensor:
        """The next h[n, hidden_size] from x[n, input_size] and h."""
        return _gru_step(self._projected(x, hx), hx, self.weight_hh, self.bias_hh)


class LSTMCell(_StepCell):
    """One step of a long short-term memory (Hochreiter and Schmidhuber, 1997).

    With i, f, g, o = W_i x + b_i + W_h h + b_h: c' = sigmoid(f) * c + sigmoid(i) * tanh(g), h' = sigmoid(o) * tanh(c').

    Args:
        input_size: size of x.
        hidden_size: size of h and c.
        has_bias: whether there are biases.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes that are not positive.

    Examples:
        >>> from lamella import nn, ops
        >>> h, c = nn.LSTMCell(3, 4)(ops.ones((2, 3)), (ops.zeros((2, 4)), ops.zeros((2, 4))))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    gates = 4

    def construct(self, x: Tensor, hx: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The next (h, c), each [n, hidden_size], from x[n, input_size] and (h, c)."""
        h, c = hx
        return _lstm_step(self._projected(x, h, c), (h, c), self.weight_hh, self.bias_hh)


class _Layers(Cell):
    """Layers of steps over a whole sequence, in one or both directions."""

    gates: int
    states = 1  # how many tensors the state has

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        has_bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        self._subject = f"nn.{type(self).__name__}"
        self.input_size = positive_int(self._subject, "input_size", input_size)
        self.hidden_size = positive_int(self._subject, "hidden_size", hidden_size)
        self.num_layers = positive_int(self._subject, "num_layers", num_layers)
        if not 0 <= dropout < 1:
            raise ValueError(explain(self._subject, given=f"dropout={dropout}", expected="at least 0 and below 1"))
        self.has_bias = has_bias
        self.batch_first = batch_first
        self.bidirectional = bidirectional
        self.dropout_op = Dropout(p=float(dropout))
        directions = ("", "_reverse") if bidirectional else ("",)
        self._runs = [f"l{layer}{way}" for layer in range(num_layers) for way in directions]
        rows, inner = self.gates * hidden_size, hidden_size * len(directions)
        init = Uniform(1 / math.sqrt(hidden_size))
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if has_bias else ("weight_ih", "weight_hh"):
            for run in self._runs:
                columns = hidden_size if kind == "weight_hh" else inner if not run.startswith("l0") else input_size
                shape = (rows,) if kind.startswith("bias") else (rows, columns)
                setattr(self, f"{kind}_{run}", Parameter(initializer(init, shape, dtype)))

    def _step(self, projected: Tensor, state: Any, weight: Tensor, bias: Tensor | None) -> Any:
        raise NotImplementedError

    def construct(self, x: Tensor, hx: Any = None, seq_length: Tensor | None = None) -> tuple[Tensor, Any]:
        """Apply to a batch of sequences.

        Args:
            x: [length, n, input_size], or [n, length, input_size] with `batch_first`.
            hx: the first state, [layers * directions, n, hidden_size], of an LSTM a pair of such; default: zeros.
            seq_length: how long each sequence is, [n]; beyond it results are 0 and the state stays. Default: all of x.

        Returns:
            The results [length, n, directions * hidden_size] (or batch first) and the last state, in the form of `hx`.
        """
        if x.ndim != 3 or x.shape[2] != self.input_size:
            raise ValueError(
                explain(self._subject, given=f"x {x._type}", expected=f"3 axes, the last of size {self.input_size}")
            )
        y = swapaxes(x, 0, 1) if self.batch_first else x
        length, n = y.shape[0], y.shape[1]
        first = self._first(hx, n, x)
        valid = None
        if seq_length is not None:
            steps = expand_dims(arange(length, dtype=int64), 1)
            valid = expand_dims(steps < expand_dims(cast(seq_length, int64), 0), 2)
        last: list[tuple[Tensor, ...]] = []
        each = 2 if self.bidirectional else 1
        for layer in range(self.num_layers):
            if layer:
                y = self.dropout_op(y)
            results = []
            for at in range(layer * each, (layer + 1) * each):
                out, state = self._along(self._runs[at], y, tuple(part[at] for part in first), valid)
                results.append(out)
                last.append(state)
            y = concat(results, -1) if each == 2 else results[0]
        states = tuple(stack(parts, 0) for parts in zip(*last, strict=True))
        return swapaxes(y, 0, 1) if self.batch_first else y, states if self.states > 1 else states[0]

    def _first(self, hx: Any, n: Any, x: Tensor) -> tuple[Tensor, ...]:
        shape = (len(self._runs), n, self.hidden_size)
        if hx is None:
            return (zeros(shape, x.dtype),) * self.states
        given = tuple(hx) if self.states > 1 else (hx,)
        if len(given) != self.states or any(part.shape != shape for part in given):
            raise ValueError(
                explain(
                    self._subject,
                    given=f"hx of shapes {', '.join(str(part.shape) for part in given)}",
                    expected=f"{self.states} of shape {shape}",
                )
            )
        return given

    def _along(self, run: str, x: Tensor, state: tuple[Tensor, ...], valid: Tensor | None) -> tuple[Tensor, Any]:
        """One direction of one layer: the results, and the last state as a tuple."""
        weight, bias = getattr(self, f"weight_hh_{run}"), getattr(self, f"bias_hh_{run}", None)
        projected = dense(x, getattr(self, f"weight_ih_{run}"), getattr(self, f"bias_ih_{run}", None))

        def step(old: tuple[Tensor, ...], item: tuple[Tensor, Tensor | None]) -> tuple[tuple[Tensor, ...], Tensor]:
            now, on = item
            new = self._step(now, old if self.states > 1 else old[0], weight, bias)
            new = new if self.states > 1 else (new,)
            if on is None:
                return new, new[0]
            return tuple(where(on, a, b) for a, b in zip(new, old, strict=True)), where(on, new[0], 0.0)

        last, out = scan(step, state, (projected, valid), reverse=run.endswith("_reverse"))
        return out, last


class RNN(_Layers):
    """Plain recurrent layers, see `RNNCell`.

    Args:
        input_size: size of the last axis of x.
        hidden_size: size of the state.
        num_layers: number of layers, each taking the results of the one before.
        nonlinearity: "tanh" or "relu".
        has_bias: whether there are biases.
        batch_first: whether the first axis of x is the batch.
        dropout: probability of zeroing an element between layers while training.
        bidirectional: whether each layer also goes backwards; the results of both are put together.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> y, h = nn.RNN(3, 4)(ops.ones((5, 2, 3)))
        >>> y.shape, h.shape
        ((5, 2, 4), (1, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        has_bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, has_bias, batch_first, dropout, bidirectional, dtype)
        self.nonlinearity = _nonlinearity("nn.RNN", nonlinearity)

    def _step(self, projected: Tensor, state: Any, weight: Tensor, bias: Tensor | None) -> Any:
        return _plain_step(self.nonlinearity)(projected, state, weight, bias)


class GRU(_Layers):
    """Layers of gated recurrent units, see `GRUCell`.

    Args:
        input_size: size of the last axis of x.
        hidden_size: size of the state.
        num_layers: number of layers, each taking the results of the one before.
        has_bias: whether there are biases.
        batch_first: whether the first axis of x is the batch.
        dropout: probability of zeroing an element between layers while training.
        bidirectional: whether each layer also goes backwards; the results of both are put together.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> y, h = nn.GRU(3, 4, num_layers=2, bidirectional=True)(ops.ones((5, 2, 3)))
        >>> y.shape, h.shape
        ((5, 2, 8), (4, 2, 4))
    """

    gates = 3

    def _step(self, projected: Tensor, state: Any, weight: Tensor, bias: Tensor | None) -> Any:
        return _gru_step(projected, state, weight, bias)


class LSTM(_Layers):
    """Layers of long short-term memories, see `LSTMCell`.

    Args:
        input_size: size of the last axis of x.
        hidden_size: size of the state.
        num_layers: number of layers, each taking the results of the one before.
        has_bias: whether there are biases.
        batch_first: whether the first axis of x is the batch.
        dropout: probability of zeroing an element between layers while training.
        bidirectional: whether each layer also goes backwards; the results of both are put together.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> y, (h, c) = nn.LSTM(3, 4, batch_first=True)(ops.ones((2, 5, 3)))
        >>> y.shape, h.shape, c.shape
        ((2, 5, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4
    states = 2

    def _step(self, projected: Tensor, state: Any, weight: Tensor, bias: Tensor | None) -> Any:
        return _lstm_step(projected, state, weight, bias)
