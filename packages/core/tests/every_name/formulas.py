"""What rows may call on both sides: formulas, and ways to use what is no function of tensors."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import linalg

from lamella import Parameter, Tensor, grad, nn, ops, recording

_random = np.random.default_rng(11)


def _normal(*shape: int) -> np.ndarray[Any, Any]:
    return _random.standard_normal(shape).astype(np.float32)


def _uniform(*shape: int) -> np.ndarray[Any, Any]:
    return _random.uniform(0.1, 0.9, shape).astype(np.float32)


INPUTS = {
    "x": _normal(3, 4),
    "y": _normal(3, 4),
    "p": _uniform(3, 4),  # in (0, 1)
    "q": _uniform(3, 4),
    "v": _normal(4),
    "w": _normal(4),
    "s": _normal(4, 4),
    "b": _normal(2, 3, 4),
    "c": _normal(2, 4, 5),
    "i": _random.integers(-5, 6, (3, 4)).astype(np.int32),
    "j": _random.integers(1, 4, (3, 4)).astype(np.int32),
    "k": np.array([2, 0, 3]),  # indices of an axis of 4, and labels
    "n": _random.integers(0, 3, (3, 4)),  # indices of axes of 3 and of 4
    "m": _normal(3, 4) > 0,
    "o": _normal(3, 4) > 0,
    "e": np.array([1.0, np.nan, np.inf, -np.inf], np.float32),
    "image": _normal(2, 3, 6, 5),
    "line": _normal(2, 3, 7),
    "block": _normal(2, 3, 4, 5, 4),
    "kernel": _normal(2, 3, 3, 2),
    "kernel1": _normal(2, 3, 3),
    "kernel3": _normal(2, 3, 2, 2, 3),
    "steps": _normal(5, 2, 3),
    "dense": _normal(2, 4),
    "h": _normal(2, 4),
    "h2": _normal(2, 4),
    "boxes": np.array([[0, 0, 4, 4], [1, 2, 8, 7], [3, 3, 9, 5]], np.float32),  # x1, y1, x2, y2
    "boxes2": np.array([[1, 0, 4, 3], [2, 2, 7, 9], [0, 3, 9, 6]], np.float32),
    "rois": np.array([[0, 1, 2, 6, 7], [0, 3, 1, 8, 5]], np.float32),
    "plane": (2.0 * np.arange(6)[:, None] - 3.0 * np.arange(7)).astype(np.float32),  # see `on_plane`
    "chances": _normal(5, 2, 3),  # steps, examples, classes
}

# A matrix's triangular factors and pivots, and the reflections of its first columns, as LAPACK gives them.
factors = linalg.lu_factor(INPUTS["s"])
mirrors = linalg.lapack.sgeqrf(INPUTS["x"].T)[:2]

# The weights of a recurrent cell of 3 inputs and 4 units with one, three or four gates.
cell1, cell3, cell4 = ((_normal(4 * n, 3), _normal(4 * n, 4), _normal(4 * n), _normal(4 * n)) for n in (1, 3, 4))


# -- using --


def given(layer: nn.Cell, *values: Any) -> nn.Cell:
    """A layer whose parameters have these values."""
    for parameter, value in zip(layer.get_parameters(), values, strict=True):
        parameter.set_data(Tensor(value))
    return layer


def uniform(layer: nn.Cell, value: float) -> nn.Cell:
    """A layer whose parameters are all of one number."""
    for parameter in layer.get_parameters():
        parameter.set_data(ops.full_like(parameter, value))
    return layer.set_train(False)


def after(kind: Any, act: Callable[[Any], Any], value: Any) -> Any:
    """A parameter's value after something was done to it; `kind` is the name that the row is about."""
    parameter = Parameter(Tensor(value), name="w")
    act(parameter)
    return parameter


def changed(method: Any, value: Any, *arguments: Any) -> Any:
    """A tensor that a method has changed in place, if that gives the tensor itself."""
    tensor = Tensor(value)
    assert method(tensor, *arguments) is tensor
    return tensor


def printed(function: Any, *arguments: Any) -> str:
    """What a function prints."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        function(*arguments)
    return text.getvalue()


def raised(function: Any, *arguments: Any) -> tuple[str, str]:
    """The class and message of an error."""
    try:
        function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)
    return "", ""


def moments(sample: Any) -> tuple[float, float]:
    """Mean and variance of random numbers."""
    numbers = np.asarray(sample.asnumpy(), np.float64)
    return float(numbers.mean()), float(numbers.var())


def stepped(kind: Any, **options: Any) -> Any:
    """Weights 1 and -2 after a step of an optimizer with the gradients 0.5 and -4."""
    weight = Parameter(Tensor([1.0, -2.0]), name="w")
    kind([weight], **options)((Tensor([0.5, -4.0]),))
    return weight


def descended(kind: Any, rate: float, **options: Any) -> Any:
    """As `stepped`, of what changes what another optimizer does."""
    weight = Parameter(Tensor([1.0, -2.0]), name="w")
    kind(nn.SGD([weight], rate), **options)((Tensor([0.5, -4.0]),))
    return weight


def weight(value: Any) -> Parameter:
    """A parameter."""
    return Parameter(Tensor(value), name="w")


def descend(optimizer: nn.Optimizer, gradients: Any) -> Any:
    """A step down the slope of an optimizer's only parameter."""
    (parameter,) = optimizer.parameters
    return parameter.assign_value(parameter - optimizer.get_lr() * gradients[0])


def trained(kind: Any, value: Any, slope: Any) -> Any:
    """A parameter after a step at rate 0.1 with this slope."""
    network = subclass(nn.Cell, construct=lambda self, a: (self.w * a).sum())()
    network.w = weight(value)
    kind(network, nn.SGD(network.trainable_params(), 0.1))(Tensor(slope))
    return network.w


def scaled(kind: Any, value: Any, slope: Any) -> Any:
    """As `trained`, with a loss scale."""
    network = subclass(nn.Cell, construct=lambda self, a: (self.w * a).sum())()
    network.w = weight(value)
    kind(network, nn.SGD(network.trainable_params(), 0.1), 8.0)(Tensor(slope))
    return network.w


def hooked(kind: Any, x: Any) -> Any:
    """What a layer gives with a hook that doubles its result, and without it again."""
    layer = nn.Identity()
    handle = layer.register_forward_hook(lambda cell, inputs, output: output * 2)
    assert isinstance(handle, kind)
    with_hook = layer(x)
    handle.remove()
    return with_hook, layer(x)


def exported(method: Any, x: Any) -> Any:
    """An array that shares a tensor's memory."""
    return np.from_dlpack(x)


def recorded(function: Any, *arguments: Any) -> tuple[str, str, Any]:
    """The only thing that a function records."""
    heard: list[Any] = []
    with recording.listening(lambda kind, tag, arrays: heard.append((kind, tag, *arrays))):
        function(*arguments)
    (only,) = heard
    return only


def overloaded(graph: Any) -> Any:
    """A `MultitypeFuncGraph` with a body for a tensor and a number, and one for two tensors."""
    graph.register("Tensor", "Tensor")(lambda x, y: x - y)
    graph.register("Tensor", "Number")(lambda x, y: x * y)
    return graph


def registered(decorator: Any) -> Any:
    """What `prim_attr_register` makes of an argument with a default."""

    class Own(ops.Primitive):
        @decorator
        def __init__(self, axis: int = 3) -> None:
            pass

    return Own().axis


def watched(method: Any, x: Any) -> Any:
    """The derivative of a sum through a tensor whose hook multiplies gradients by 10."""

    def total(value: Any) -> Any:
        copied = value * 1.0
        method(copied, lambda gradient: gradient * 10)
        return copied.sum()

    return grad(total)(x)


def subclass(base: Any, **methods: Any) -> Any:
    """An object of a class that defines some methods."""
    return type("Own", (base,), methods)


# -- formulas --


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / sum(exp(x))."""
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return np.log1p(np.exp(x))


def huber(d: Any) -> Any:
    """d**2 / 2 up to 1, then |d| - 1/2."""
    return np.where(np.abs(d) < 1, d * d / 2, np.abs(d) - 0.5)


def entropy(p: Any, q: Any) -> Any:
    """Binary cross entropy of probabilities p with labels q."""
    return -(q * np.log(p) + (1 - q) * np.log(1 - p))


def latest(x: Any, combine: Any, indices: Any = np.int64) -> tuple[Any, Any]:
    """The running extremes of rows, and the latest place of each."""
    values = combine.accumulate(x, 1)
    places = [
        [max(i for i in range(j + 1) if row[i] == v[j]) for j in range(len(row))]
        for row, v in zip(x, values, strict=True)
    ]
    return values, np.array(places, indices)


def cosine(x: Any, y: Any) -> Any:
    """The cosine between rows."""
    return (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)


def apart(cosines: Any, target: Any, margin: float) -> Any:
    """What pairs cost that should be alike (1) or not (-1)."""
    return np.where(target == 1, 1 - cosines, np.maximum(0, cosines - margin))


def hinges(x: Any, labels: Any, p: int) -> Any:
    """The mean over classes of how far scores come near the label's, to the power p."""
    rows = [
        sum(max(0, 1 - row[label] + row[other]) ** p for other in range(len(row)) if other != label) / len(row)
        for row, label in zip(x, labels, strict=True)
    ]
    return np.array(rows, x.dtype)


def hinges_of(scores: Any, chosen: Any) -> Any:
    """The mean over classes of how far the scores of others come near those of the chosen ones."""
    others = np.delete(scores, chosen)
    return np.maximum(1 - scores[chosen][:, None] + others, 0).sum() / scores.size


def nearer(anchor: Any, near: Any, far: Any) -> Any:
    """How much more than 1 less the first distance is not than the second."""
    return np.maximum(1 + np.linalg.norm(anchor - near, axis=1) - np.linalg.norm(anchor - far, axis=1), 0)


def normalized(x: Any, axes: Any, eps: float = 1e-5) -> Any:
    """(x - mean) / sqrt(variance + eps)."""
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def correlated(x: Any, w: Any) -> Any:
    """x[n, c, *s] with w[o, c, *k], windows inside x only."""
    axes = tuple(range(2, x.ndim))
    windows = sliding_window_view(x, w.shape[2:], axes)  # n, c, *s, *k
    last = tuple(range(2 + len(axes), windows.ndim))
    return np.moveaxis(np.tensordot(windows, w, ((1, *last), tuple(range(1, w.ndim)))), -1, 1)


def transposed(x: Any, w: Any) -> Any:
    """The adjoint of `correlated`, by its definition: x[n, o, *s] spread with w[o, c, *k]."""
    result = np.zeros((x.shape[0], w.shape[1], x.shape[2] + w.shape[2] - 1, x.shape[3] + w.shape[3] - 1), x.dtype)
    for r in range(w.shape[2]):
        for t in range(w.shape[3]):
            part = np.tensordot(x, w[:, :, r, t], ((1,), (0,)))
            result[:, :, r : r + x.shape[2], t : t + x.shape[3]] += np.moveaxis(part, -1, 1)
    return result


def pooled(x: Any, size: tuple[int, ...], how: Any) -> Any:
    """`how` over windows of x[n, c, *s] that stand side by side."""
    axes = tuple(range(2, x.ndim))
    windows = sliding_window_view(x, size, axes)[
        (..., *(slice(None, None, k) for k in size), *[slice(None)] * len(size))
    ]
    return how(windows, tuple(range(x.ndim, windows.ndim)))


def scattered(x: Any, index: Any, update: Any, add: bool) -> Any:
    """x with updates set or added at positions."""
    result = x.copy()
    (np.add.at if add else lambda a, at, u: a.__setitem__(at, u))(result, index, update)
    return result


def combined(function: Any, x: Any, index: Any, update: Any) -> Any:
    """x with updates combined with its elements at positions, one after the other."""
    result = x.copy()
    function.at(result, index, update)
    return result


def halfway(x: Any) -> Any:
    """A last axis of 5 and, between its elements, their means."""
    means = (x[..., :-1] + x[..., 1:]) / 2
    return np.stack([(x if at % 2 == 0 else means)[..., at // 2] for at in range(9)], -1)


def spread(x: Any) -> Any:
    """1 / sqrt(mean of squares) of each row."""
    return 1 / np.sqrt((x * x).mean(1, keepdims=True) + 1e-6)


def rnn_step(x: Any, h: Any, wi: Any, wh: Any, bi: Any, bh: Any) -> Any:
    """The next state of a plain recurrent cell."""
    return np.tanh(x @ wi.T + bi + h @ wh.T + bh)


def gru_step(x: Any, h: Any, wi: Any, wh: Any, bi: Any, bh: Any) -> Any:
    """The next state of a gated recurrent unit."""
    (ri, zi, ni), (rh, zh, nh) = np.split(x @ wi.T + bi, 3, 1), np.split(h @ wh.T + bh, 3, 1)
    z = sigmoid(zi + zh)
    return (1 - z) * np.tanh(ni + sigmoid(ri + rh) * nh) + z * h


def lstm_step(x: Any, state: Any, wi: Any, wh: Any, bi: Any, bh: Any) -> Any:
    """The next (h, c) of a long short-term memory."""
    h, c = state
    i, f, g, o = np.split(x @ wi.T + bi + h @ wh.T + bh, 4, 1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def changes(primitive: Any, *operands: Any) -> Any:
    """What becomes of the tensors among the first four operands of a primitive."""
    given = [weight(x) if isinstance(x, Tensor) else x for x in operands]
    first = [x for x in given[:4] if isinstance(x, Parameter)]
    primitive(*given)
    return tuple(x.value() for x in first)


def states(primitive: Any, values: Any, arguments: Any) -> Any:
    """What becomes of some operands of a primitive, which are put among others."""
    parameters = [weight(x) for x in values]
    primitive(*arguments(*parameters))
    return tuple(x.value() for x in parameters)


def adam(x: Any, m: Any, v: Any, rate: float, g: Any) -> Any:
    """Weights and moments after a step of Adam with the factors 0.8 and 0.7 and 1e-3 beside the root."""
    m, v = 0.8 * m + 0.2 * g, 0.7 * v + 0.3 * g * g
    return x - rate * m / (np.sqrt(v) + 1e-3), m, v


def shrunk(x: Any, rate: Any) -> Any:
    """The minimum of (z - x)**2 / 2 + rate (2 |z| + 3 z**2 / 2)."""
    return np.sign(x) * np.maximum(np.abs(x) - rate * 2, 0) / (1 + rate * 3)


def ftrl(x: Any, n: Any, z: Any, g: Any) -> Any:
    """Weights after a step of FTRL (McMahan et al., 2013) at rate 0.1 with l1 = 0.2, l2 = 0.3."""
    z = z + g - (np.sqrt(n + g * g) - np.sqrt(n)) / 0.1 * x
    return np.where(np.abs(z) > 0.2, -(z - np.sign(z) * 0.2) / (np.sqrt(n + g * g) / 0.1 + 0.6), 0)


def shared(a: Any, b: Any, foreground: bool = False) -> Any:
    """The pixels that two boxes have in common, by those of either, or by those of the second."""
    first, second = (
        {(x, y) for x in range(int(box[0]), int(box[2]) + 1) for y in range(int(box[1]), int(box[3]) + 1)}
        for box in (a, b)
    )
    return len(first & second) / len(second if foreground else first | second)


def encoded(a: Any, b: Any) -> Any:
    """Differences of the centres of boxes by the sizes of the first, and logarithms of quotients of sizes."""
    sizes, others = (box[:, 2:] - box[:, :2] + 1 for box in (a, b))
    centres, theirs = ((box[:, 2:] + box[:, :2]) / 2 for box in (a, b))
    return np.concatenate(((theirs - centres) / sizes, np.log(others / sizes)), 1)


def decoded(a: Any, d: Any, size: int) -> Any:
    """The boxes that `encoded` gives differences of, cut at a size."""
    centres, sizes = (a[:, 2:] + a[:, :2]) / 2, a[:, 2:] - a[:, :2] + 1
    middle, half = centres + d[:, :2] * sizes, sizes * np.exp(d[:, 2:]) / 2
    return np.clip(np.concatenate((middle - half + 0.5, middle + half - 0.5), 1), 0, size)


def on_plane(y: Any, x: Any) -> Any:
    """The number of `plane` at rows y[m, :] and columns x[m, :]."""
    return 2 * y[:, :, None] - 3 * x[:, None, :]


def grid(first: Any, last: Any, count: int) -> Any:
    """So many places from the first to the last, both included."""
    return np.stack([first + (last - first) * at / (count - 1) for at in range(count)], 1)


def middles(first: Any, last: Any, count: int) -> Any:
    """The middles of so many parts from half the first up to half of what follows the last."""
    length = (last + 1 - first) / 2
    return np.stack([first / 2 + length * (at + 0.5) / count for at in range(count)], 1)


def neighbours(x: Any) -> Any:
    """The sum over each channel and the two beside it."""
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)))
    return padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]


def labelled(logits: Any, labels: Any, blank: int) -> Any:
    """Minus the logarithm of how likely labels are: the sum over all sequences of classes that stand for them."""
    p, total = softmax(logits), 0.0
    for way in itertools.product(range(3), repeat=len(p)):
        merged = [c for c, _ in itertools.groupby(way)]
        if tuple(c for c in merged if c != blank) == labels:
            total += np.prod([row[c] for row, c in zip(p, way, strict=True)])
    return np.float32(-np.log(total))


def moved(right: float, factor: float, taps: int, *out: int) -> Tensor:
    """Offsets that move all elements of windows to the right, and multiply them."""
    return Tensor(
        np.repeat(np.array([right, 0, factor], np.float32), taps)[:, None, None] * np.ones((2, 1, *out), np.float32)
    )


def to_left(x: Any) -> Any:
    """The columns of images moved to the left, with zeros behind."""
    return np.pad(x[..., 1:], ((0, 0),) * 3 + ((0, 1),))


def recurrent(cell: Any, order: str) -> Any:
    """The weights and biases of a cell, transposed, with the gates in another order."""
    turned = []
    for x in cell:
        gates = np.split(x, len(order))
        turned.append(Tensor(np.concatenate([gates[int(at)] for at in order]).T))
    return turned


def joined(cell: Any, order: str) -> Any:
    """The weights of a cell one below the other, and the sum of its biases, with the gates in another order."""
    inner, outer, first, second = recurrent(cell, order)
    return Tensor(np.concatenate((inner.asnumpy(), outer.asnumpy()))), first + second


def run(step: Any, steps: Any, state: Any, *weights: Any) -> Any:
    """The states that a recurrent step goes through, from `state` on: of pairs the first."""
    seen = []
    for x in steps:
        state = step(x, state, *weights)
        seen.append(state[0] if isinstance(state, tuple) else state)
    return np.stack(seen)


def focal(p: Any) -> Any:
    """Cross-entropy, less where the probability of the class is high."""
    return -((1 - p) ** 2) * np.log(p)


def likeness(a: Any, b: Any, size: int) -> Any:
    """Structural similarity of each channel of images."""
    places = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(places[:, None] ** 2 + places**2) / (2 * 1.5**2))
    bell /= bell.sum()

    def blurred(x: Any) -> Any:
        return (sliding_window_view(x.astype(np.float64), (size, size), (2, 3)) * bell).sum((4, 5))

    ma, mb = blurred(a), blurred(b)
    light = (2 * ma * mb + 1e-4) / (ma**2 + mb**2 + 1e-4)
    contrast = (2 * (blurred(a * b) - ma * mb) + 9e-4) / (blurred(a * a) - ma**2 + blurred(b * b) - mb**2 + 9e-4)
    return (light * contrast).mean((2, 3)).astype(np.float32)


def ftrl_step(x: Any, g: Any, rate: float) -> Any:
    """The first step of FTRL from squares of 0.1."""
    grown = np.sqrt(0.1 + g * g)
    return -(g - (grown - np.sqrt(0.1)) / rate * x) * rate / grown


def shrunk_step(x: Any, g: Any, rate: float) -> Any:
    """The first step of Adagrad from squares of 0.1, and a proximal step of the square."""
    own = rate / np.sqrt(0.1 + g * g)
    return (x - own * g) / (1 + own)
