"""Classes of recurrent layers, whose weights are operands."""

from __future__ import annotations

from typing import Any

from lamella.dims import Shape
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import Row
from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions import create, elementwise
from lamella.ops.functions.control import scan
from lamella.ops.functions.products import matmul
from lamella.ops.functions.select import where
from lamella.tensor import Tensor


def _settings(subject: str, **given: tuple[Any, tuple[Any, ...]]) -> None:
    """Refuse settings that are none of those there are."""
    for name, (value, known) in given.items():
        if value not in known:
            raise ValueError(
                explain(subject, given=f"{name}={value!r}", expected=" or ".join(repr(item) for item in known))
            )


def _shaped(subject: str, name: str, given: Any, shape: Shape) -> Tensor:
    tensor = as_tensor(given, None, subject)
    if tensor.shape != shape:
        raise ValueError(explain(subject, given=f"{name} of shape {tensor.shape}", expected=f"shape {shape}"))
    return tensor


def _sequence(subject: str, x: Any) -> Tensor:
    tensor = as_tensor(x, None, subject)
    if not tensor.dtype.is_float:
        raise TypeError(explain(subject, given=f"a {tensor.dtype} tensor", expected="a floating-point tensor"))
    if tensor.ndim != 3:
        raise ValueError(explain(subject, given=f"x of shape {tensor.shape}", expected="[length, n, inputs]"))
    return tensor


def _gates(x: Tensor, count: int) -> list[Tensor]:
    size = x.shape[-1] // count
    return [prims.narrow(x, x.ndim - 1, k * size, (k + 1) * size) for k in range(count)]


def _dynamic_rnn(
    x: Any,
    w: Any,
    b: Any,
    seq_length: Any = None,
    init_h: Any = None,
    init_c: Any = None,
    *,
    cell_type: str,
    direction: str,
    cell_depth: int,
    use_peephole: bool,
    keep_prob: float,
    cell_clip: float,
    num_proj: int,
    time_major: bool,
    activation: str,
    forget_bias: float,
    is_training: bool,
) -> tuple[Tensor, ...]:
    """Long short-term memory over x[length, n, inputs]: results, states, and what each gate gave.

    The weight [inputs + units, 4 units] and the bias [4 units] are of input, new, forget and output gate.
    """
    subject = "ops.DynamicRNN"
    _settings(
        subject,
        cell_type=(cell_type, ("LSTM",)),
        direction=(direction, ("UNIDIRECTIONAL",)),
        cell_depth=(cell_depth, (1,)),
        use_peephole=(use_peephole, (False,)),
        keep_prob=(keep_prob, (1.0,)),
        num_proj=(num_proj, (0,)),
        time_major=(time_major, (True,)),
        activation=(activation, ("tanh",)),
    )
    steps = _sequence(subject, x)
    length, n, inputs = steps.shape
    weight, bias = as_tensor(w, steps.dtype, subject), as_tensor(b, steps.dtype, subject)
    units = weight.shape[-1] // 4
    _shaped(subject, "w", weight, (inputs + units, 4 * units))
    _shaped(subject, "b", bias, (4 * units,))
    first = []
    for name, state in (("init_h", init_h), ("init_c", init_c)):
        given = create.zeros((1, n, units), steps.dtype) if state is None else state
        first.append(prims.reshape(_shaped(subject, name, given, (1, n, units)), shape=(n, units)))
    lengths = None if seq_length is None else _shaped(subject, "seq_length", seq_length, (n,))

    def step(state: tuple[Tensor, Tensor], item: tuple[Tensor, Tensor]) -> tuple[Any, Any]:
        (h, c), (now, at) = state, item
        i, j, f, o = _gates(matmul(prims.concat(now, h, axis=1), weight) + bias, 4)
        i, j, f, o = (
            elementwise.sigmoid(i),
            elementwise.tanh(j),
            elementwise.sigmoid(f + forget_bias),
            elementwise.sigmoid(o),
        )
        new = c * f + i * j
        if cell_clip > 0:
            new = elementwise.minimum(elementwise.maximum(new, -cell_clip), cell_clip)
        bent = elementwise.tanh(new)
        out = bent * o
        if lengths is not None:
            on = prims.reshape(prims.gt(cast(lengths, int64), at), shape=(n, 1))
            new, h, out = where(on, new, c), where(on, out, h), where(on, out, out * 0)
        else:
            h = out
        return (h, new), (out, h, new, i, j, f, o, bent)

    _, results = scan(step, (first[0], first[1]), (steps, prims.iota(size=length, dtype="int64")))
    return tuple(results)


def _dynamic_gru(
    x: Any,
    weight_input: Any,
    weight_hidden: Any,
    bias_input: Any,
    bias_hidden: Any,
    seq_length: Any,
    init_h: Any,
    *,
    direction: str,
    cell_depth: int,
    keep_prob: float,
    cell_clip: float,
    num_proj: int,
    time_major: bool,
    activation: str,
    gate_order: str,
    reset_after: bool,
    is_training: bool,
) -> tuple[Tensor, ...]:
    """Gated recurrent unit over x[length, n, inputs]: results, states, and what each gate gave.

    The weights [inputs, 3 units] and [units, 3 units] and the biases [3 units] are of the gates in the order that is
    set: reset ("r"), update ("z") and new ("h").
    """
    subject = "ops.DynamicGRUV2"
    _settings(
        subject,
        direction=(direction, ("UNIDIRECTIONAL",)),
        cell_depth=(cell_depth, (1,)),
        keep_prob=(keep_prob, (1.0,)),
        num_proj=(num_proj, (0,)),
        time_major=(time_major, (True,)),
        activation=(activation, ("tanh",)),
        gate_order=(gate_order, ("rzh", "zrh")),
    )
    steps = _sequence(subject, x)
    length, n, inputs = steps.shape
    start = as_tensor(init_h, None, subject)
    units = start.shape[-1] if start.ndim else 0
    _shaped(subject, "init_h", start, (n, units))
    w, u = (
        _shaped(subject, name, given, (rows, 3 * units))
        for name, given, rows in (("weight_input", weight_input, inputs), ("weight_hidden", weight_hidden, units))
    )
    none = create.zeros((3 * units,), steps.dtype)
    b, d = (
        none if given is None else _shaped(subject, name, given, (3 * units,))
        for name, given in (("bias_input", bias_input), ("bias_hidden", bias_hidden))
    )
    lengths = None if seq_length is None else _shaped(subject, "seq_length", seq_length, (n,))

    def step(h: Tensor, item: tuple[Tensor, Tensor]) -> tuple[Tensor, Any]:
        now, at = item
        own = dict(zip(gate_order, _gates(matmul(now, w) + b, 3), strict=True))
        past = dict(zip(gate_order, _gates(matmul(h, u) + d, 3), strict=True))
        reset, update = (elementwise.sigmoid(own[gate] + past[gate]) for gate in "rz")
        hidden = past["h"]
        if not reset_after:
            at_h = gate_order.index("h") * units
            part = prims.narrow(u, 1, at_h, at_h + units)
            hidden = matmul(h * reset, part) + prims.narrow(d, 0, at_h, at_h + units)
        new = elementwise.tanh(own["h"] + (hidden * reset if reset_after else hidden))
        out = (1.0 - update) * new + update * h
        kept = out
        if lengths is not None:
            on = prims.reshape(prims.gt(cast(lengths, int64), at), shape=(n, 1))
            kept, out = where(on, out, h), where(on, out, out * 0)
        return kept, (out, kept, update, reset, new, hidden)

    _, results = scan(step, cast(start, steps.dtype), (steps, prims.iota(size=length, dtype="int64")))
    return tuple(results)


_COMMON = {"keep_prob": 1.0, "cell_clip": -1.0, "num_proj": 0, "time_major": True, "activation": "tanh"}

ROWS = (
    Row(
        "DynamicRNN",
        _dynamic_rnn,
        init={
            "cell_type": "LSTM",
            "direction": "UNIDIRECTIONAL",
            "cell_depth": 1,
            "use_peephole": False,
            **_COMMON,
            "forget_bias": 0.0,
            "is_training": True,
        },
    ),
    Row(
        "DynamicGRUV2",
        _dynamic_gru,
        init={
            "direction": "UNIDIRECTIONAL",
            "cell_depth": 1,
            **_COMMON,
            "gate_order": "rzh",
            "reset_after": True,
            "is_training": True,
        },
    ),
)
