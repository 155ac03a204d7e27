"""Initializers: how parameters get their first values.

Random ones draw from the common generator, so `set_seed` makes networks repeatable. Where a formula speaks of units,
a weight of shape ``(out, in, *window)`` has fan_in = in * prod(window) and fan_out = out * prod(window).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.dtypes import DType, as_dtype, float32, float64
from lamella.errors import explain
from lamella.ops.convert import cast
from lamella.ops.functions.random import gaussian, randperm, unit
from lamella.tensor import Tensor

Array = np.ndarray[Any, Any]


class Initializer:
    """Fills tensors.

    One of your own is a subclass that defines `_initialize(array)`, which writes the values into a NumPy array.

    Args:
        kwargs: the settings of a subclass, to be shown by `repr`.

    Examples:
        >>> from lamella.initializer import Initializer, initializer
        >>> class Counting(Initializer):
        ...     def _initialize(self, array):
        ...         array[...] = range(array.size)
        >>> initializer(Counting(), [3]).asnumpy()
        array([0., 1., 2.], dtype=float32)
    """

    def __init__(self, **kwargs: Any) -> None:
        self._settings = kwargs

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in self._settings.items())})"

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor.

        Args:
            shape: its shape.
            dtype: its type.

        Raises:
            ValueError: the initializer does not do such shapes.
        """
        array = np.zeros(shape, np.float64)
        self._initialize(array)
        return Tensor(array, dtype)

    def _initialize(self, array: Array) -> None:
        raise NotImplementedError(
            explain(type(self).__name__, given="no method _initialize(array)", expected="one that fills the array")
        )

    def _refuse(self, given: str, expected: str) -> ValueError:
        return ValueError(explain(f"initializer {type(self).__name__}", given=given, expected=expected))


def _chosen(subject: str, name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(explain(subject, given=f"{name}={value!r}", expected=f"one of {', '.join(choices)}"))
    return value


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Input and output units of a weight of that shape.

    Raises:
        ValueError: the shape has fewer than two axes.

    Examples:
        >>> fans((8, 4, 3, 3))
        (36, 72)
    """
    if len(shape) < 2:
        raise ValueError(explain("fan_in and fan_out", given=f"shape {shape}", expected="at least two axes"))
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


#: By how much an activation changes the scale of what goes through it (He et al., 2015; LeCun et al., 1998).
_GAINS = {
    "sigmoid": 1.0, "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0,
    "tanh": 5 / 3, "relu": math.sqrt(2),
}  # fmt: skip


def _gain(subject: str, nonlinearity: str, negative_slope: float) -> float:
    _chosen(subject, "nonlinearity", nonlinearity, (*_GAINS, "leaky_relu"))
    return _GAINS.get(nonlinearity) or math.sqrt(2 / (1 + negative_slope**2))


def _uniform(shape: tuple[int, ...], dtype: DType, bound: float) -> Tensor:
    wide = dtype if dtype.is_float else float32
    return cast(unit(shape, wide) * (2 * bound) - bound, dtype)


def _normal(shape: tuple[int, ...], dtype: DType, sigma: float, mean: float = 0.0) -> Tensor:
    wide = dtype if dtype.is_float else float32
    drawn = gaussian(shape, wide) * sigma
    return cast(drawn + mean if mean else drawn, dtype)


class Constant(Initializer):
    """One number everywhere.

    Args:
        value: the number.

    Examples:
        >>> from lamella.initializer import Constant, initializer
        >>> initializer(Constant(3), [2]).asnumpy()
        array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any) -> None:
        super().__init__(value=value)
        self.value = value

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return Tensor(np.full(shape, self.value, dtype.numpy))


class Zero(Constant):
    """0 everywhere; by name: "zeros".

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("zeros", [2]).asnumpy()
        array([0., 0.], dtype=float32)
    """

    def __init__(self) -> None:
        super().__init__(0)


class One(Constant):
    """1 everywhere; by name: "ones".

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("ones", [2]).asnumpy()
        array([1., 1.], dtype=float32)
    """

    def __init__(self) -> None:
        super().__init__(1)


class Normal(Initializer):
    """Numbers from a normal distribution.

    Args:
        sigma: standard deviation.
        mean: mean.

    Examples:
        >>> from lamella.initializer import Normal, initializer
        >>> initializer(Normal(sigma=0.0, mean=2.0), [2]).asnumpy()
        array([2., 2.], dtype=float32)
    """

    def __init__(self, sigma: float = 0.01, mean: float = 0.0) -> None:
        super().__init__(sigma=sigma, mean=mean)
        self.sigma = sigma
        self.mean = mean

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _normal(shape, dtype, self.sigma, self.mean)


class Uniform(Initializer):
    """Numbers from the uniform distribution over [-scale, scale).

    Args:
        scale: the bound.

    Examples:
        >>> from lamella.initializer import Uniform, initializer
        >>> abs(initializer(Uniform(0.5), [1]).item()) <= 0.5
        True
    """

    def __init__(self, scale: float = 0.07) -> None:
        super().__init__(scale=scale)
        self.scale = scale

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _uniform(shape, dtype, self.scale)


class TruncatedNormal(Initializer):
    """Numbers from a normal distribution, of those within bounds.

    Args:
        sigma: standard deviation before the cut.
        mean: mean before the cut.
        a: lower bound; default: mean - 2 sigma.
        b: upper bound; default: mean + 2 sigma.

    Raises:
        ValueError: `sigma` is not positive, or `a` is not below `b`.

    Examples:
        >>> from lamella.initializer import TruncatedNormal, initializer
        >>> abs(initializer(TruncatedNormal(0.5), [1]).item()) <= 1.0
        True
    """

    def __init__(self, sigma: float = 0.01, mean: float = 0.0, a: float | None = None, b: float | None = None) -> None:
        super().__init__(sigma=sigma, mean=mean, a=a, b=b)
        self.sigma = sigma
        self.mean = mean
        self.a = mean - 2 * sigma if a is None else a
        self.b = mean + 2 * sigma if b is None else b
        if not sigma > 0 or not self.a < self.b:
            raise self._refuse(f"sigma={sigma}, a={self.a}, b={self.b}", "sigma above 0 and a below b")

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        from scipy.special import ndtr, ndtri

        # The inverse distribution function, on the side where both bounds have small tails: there it is exact.
        low, high = (self.a - self.mean) / self.sigma, (self.b - self.mean) / self.sigma
        side = -1.0 if low > 0 else 1.0
        first, last = sorted((side * low, side * high))
        u = unit(shape, float64).asnumpy() * (ndtr(last) - ndtr(first)) + ndtr(first)
        values = np.clip(side * ndtri(u) * self.sigma + self.mean, self.a, self.b)
        return Tensor(values, dtype)


class XavierUniform(Initializer):
    """Uniform with bound gain * sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010); by name: "xavier_uniform".

    Args:
        gain: scale.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("xavier_uniform", [2, 4]).shape
        (2, 4)
    """

    def __init__(self, gain: float = 1) -> None:
        super().__init__(gain=gain)
        self.gain = gain

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _uniform(shape, dtype, self.gain * math.sqrt(6 / max(sum(fans(shape)), 1)))


class XavierNormal(Initializer):
    """Normal with sigma = gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010); by name: "xavier_normal".

    Args:
        gain: scale.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("xavier_normal", [2, 4]).shape
        (2, 4)
    """

    def __init__(self, gain: float = 1) -> None:
        super().__init__(gain=gain)
        self.gain = gain

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _normal(shape, dtype, self.gain * math.sqrt(2 / max(sum(fans(shape)), 1)))


class _He(Initializer):
    """Scale that keeps the size of what goes through layers with an activation (He et al., 2015)."""

    def __init__(self, negative_slope: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> None:
        super().__init__(negative_slope=negative_slope, mode=mode, nonlinearity=nonlinearity)
        subject = type(self).__name__
        self._at = ("fan_in", "fan_out").index(_chosen(subject, "mode", mode, ("fan_in", "fan_out")))
        self._gain = _gain(subject, nonlinearity, negative_slope)

    def _sigma(self, shape: tuple[int, ...]) -> float:
        return self._gain / math.sqrt(max(fans(shape)[self._at], 1))


class HeUniform(_He):
    """Uniform with bound gain * sqrt(3 / fan) (He et al., 2015); by name: "he_uniform".

    Args:
        negative_slope: slope of the negative part of a leaky_relu after the layer.
        mode: "fan_in" keeps the scale of activations, "fan_out" that of gradients.
        nonlinearity: the activation after the layer: relu, leaky_relu, tanh, sigmoid or linear.

    Raises:
        ValueError: another mode or nonlinearity.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("he_uniform", [2, 6]).shape
        (2, 6)
    """

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _uniform(shape, dtype, math.sqrt(3) * self._sigma(shape))


class HeNormal(_He):
    """Normal with sigma = gain / sqrt(fan) (He et al., 2015); by name: "he_normal".

    Args:
        negative_slope: slope of the negative part of a leaky_relu after the layer.
        mode: "fan_in" keeps the scale of activations, "fan_out" that of gradients.
        nonlinearity: the activation after the layer: relu, leaky_relu, tanh, sigmoid or linear.

    Raises:
        ValueError: another mode or nonlinearity.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("he_normal", [2, 6]).shape
        (2, 6)
    """

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        return _normal(shape, dtype, self._sigma(shape))


class VarianceScaling(Initializer):
    """Numbers of mean 0 and variance scale / fan.

    Args:
        scale: scale, above 0.
        mode: "fan_in", "fan_out" or "fan_avg", the mean of both.
        distribution: "truncated_normal" (cut at two standard deviations), "untruncated_normal" or "uniform".

    Raises:
        ValueError: another mode or distribution, or `scale` is not positive.

    Examples:
        >>> from lamella.initializer import VarianceScaling, initializer
        >>> initializer(VarianceScaling(distribution="uniform"), [2, 6]).shape
        (2, 6)
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal") -> None:
        super().__init__(scale=scale, mode=mode, distribution=distribution)
        if not scale > 0:
            raise self._refuse(f"scale={scale}", "a number above 0")
        self.scale = scale
        self.mode = _chosen("VarianceScaling", "mode", mode, ("fan_in", "fan_out", "fan_avg"))
        self.distribution = _chosen(
            "VarianceScaling", "distribution", distribution, ("truncated_normal", "untruncated_normal", "uniform")
        )

    def tensor(self, shape: tuple[int, ...], dtype: DType = float32) -> Tensor:
        """A new tensor."""
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        sigma = math.sqrt(self.scale / max(n, 1))
        if self.distribution == "uniform":
            return _uniform(shape, dtype, math.sqrt(3) * sigma)
        if self.distribution == "untruncated_normal":
            return _normal(shape, dtype, sigma)
        # What is left of a standard normal distribution within two standard deviations deviates by 0.87962566.
        return TruncatedNormal(sigma / 0.87962566103423978).tensor(shape, dtype)


class Identity(Initializer):
    """1 on the main diagonal of a matrix, 0 elsewhere.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("identity", [2, 3]).asnumpy()
        array([[1., 0., 0.],
               [0., 1., 0.]], dtype=float32)
    """

    def __init__(self) -> None:
        super().__init__()

    def _initialize(self, array: Array) -> None:
        if array.ndim != 2:
            raise self._refuse(f"shape {array.shape}", "two axes")
        np.fill_diagonal(array, 1)


class Dirac(Initializer):
    """Weights of a convolution that passes as many channels through unchanged as it can.

    Args:
        groups: number of groups of the convolution.

    Raises:
        ValueError: `groups` is not positive.

    Examples:
        >>> from lamella.initializer import Dirac, initializer
        >>> initializer(Dirac(), [2, 2, 3]).asnumpy()[0]
        array([[0., 1., 0.],
               [0., 0., 0.]], dtype=float32)
    """

    def __init__(self, groups: int = 1) -> None:
        super().__init__(groups=groups)
        if groups < 1:
            raise self._refuse(f"groups={groups}", "1 or more")
        self.groups = groups

    def _initialize(self, array: Array) -> None:
        if not 3 <= array.ndim <= 5 or array.shape[0] % self.groups:
            raise self._refuse(
                f"shape {array.shape}, {self.groups} groups", "3 to 5 axes, the first a multiple of the groups"
            )
        each = array.shape[0] // self.groups
        centre = tuple(size // 2 for size in array.shape[2:])
        for group in range(self.groups):
            for channel in range(min(each, array.shape[1])):
                array[(group * each + channel, channel, *centre)] = 1


class Orthogonal(Initializer):
    """Rows, or columns if there are more rows, that are orthogonal to each other (Saxe et al., 2013).

    Args:
        gain: their length.

    Examples:
        >>> from lamella.initializer import initializer
        >>> q = initializer("orthogonal", [2, 3, 4]).reshape(2, 12)
        >>> abs((q @ q.T).asnumpy().round(4)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__(gain=gain)
        self.gain = gain

    def _initialize(self, array: Array) -> None:
        if array.ndim < 2:
            raise self._refuse(f"shape {array.shape}", "at least two axes")
        rows, columns = array.shape[0], math.prod(array.shape[1:])
        tall = gaussian((max(rows, columns), min(rows, columns)), float64).asnumpy()
        q, r = np.linalg.qr(tall)
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # with this choice of signs every orthogonal matrix is as likely
        array[...] = (self.gain * (q if rows >= columns else q.T)).reshape(array.shape)


class Sparse(Initializer):
    """A matrix of normally distributed numbers, a part of which in each column is 0 (Martens, 2010).

    Args:
        sparsity: the part of zeros, from 0 to 1; rounded up to whole numbers of rows.
        sigma: standard deviation of the others.

    Raises:
        ValueError: `sparsity` is not in [0, 1].

    Examples:
        >>> from lamella.initializer import Sparse, initializer
        >>> (initializer(Sparse(0.3), [10, 3]).asnumpy() == 0).sum(0)
        array([3, 3, 3])
    """

    def __init__(self, sparsity: float, sigma: float = 0.01) -> None:
        super().__init__(sparsity=sparsity, sigma=sigma)
        if not 0 <= sparsity <= 1:
            raise self._refuse(f"sparsity={sparsity}", "a number from 0 to 1")
        self.sparsity = sparsity
        self.sigma = sigma

    def _initialize(self, array: Array) -> None:
        if array.ndim != 2:
            raise self._refuse(f"shape {array.shape}", "two axes")
        rows, columns = array.shape
        array[...] = gaussian((rows, columns), float64).asnumpy() * self.sigma
        for column in range(columns):
            array[randperm(rows).asnumpy()[: math.ceil(self.sparsity * rows)], column] = 0


_ALIASES: dict[str, type[Initializer]] = {
    "zeros": Zero, "ones": One, "xavier_uniform": XavierUniform, "xavier_normal": XavierNormal,
    "he_uniform": HeUniform, "he_normal": HeNormal, "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
}  # fmt: skip
_BY_NAME: dict[str, type[Initializer]] = _ALIASES | {
    kind.__name__.lower(): kind
    for kind in (
        Zero, One, Normal, Uniform, TruncatedNormal, XavierUniform, XavierNormal, HeUniform, HeNormal,
        VarianceScaling, Identity, Dirac, Orthogonal,
    )
}  # fmt: skip


def initializer(init: Any, shape: Any = None, dtype: Any = float32) -> Tensor:
    """A tensor for a parameter to start with.

    Args:
        init: an `Initializer`, the name of one in upper or lower case, a number, or a tensor of the right shape.
        shape: shape of the tensor: an int or a sequence; may be left out where `init` is a tensor.
        dtype: type of the elements; default float32.

    Raises:
        TypeError: `init` is none of these.
        ValueError: there is no such name, `shape` is missing or negative, or it is not that of the tensor `init`.

    Examples:
        >>> from lamella.initializer import initializer
        >>> initializer("ones", [2], "int32").asnumpy()
        array([1, 1], dtype=int32)
    """
    kind = as_dtype(dtype, "initializer(dtype=…)")
    sizes = None if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if isinstance(init, Tensor):
        if sizes is not None and init.shape != sizes:
            raise ValueError(explain("initializer", given=f"a tensor of shape {init.shape}", expected=f"shape {sizes}"))
        return cast(init, kind)
    if sizes is None or any(isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0 for n in sizes):
        raise ValueError(explain("initializer", given=f"shape={shape!r}", expected="ints of at least 0"))
    if isinstance(init, str):
        if init.lower() not in _BY_NAME:
            raise ValueError(
                explain("initializer", given=f"the name {init!r}", expected=f"one of {', '.join(sorted(_BY_NAME))}")
            )
        init = _BY_NAME[init.lower()]()
    elif isinstance(init, (int, float, np.number)):
        init = Constant(init)
    if not isinstance(init, Initializer):
        raise TypeError(
            explain(
                "initializer", given=f"a {type(init).__name__}", expected="an Initializer, a name, a number or a Tensor"
            )
        )
    return init.tensor(sizes, kind)
