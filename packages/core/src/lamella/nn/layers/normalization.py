"""Normalization: by the statistics of a batch, of each example, of groups of channels."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.initializer import initializer
from lamella.nn.cell import Cell
from lamella.nn.layers.basic import positive_int
from lamella.nn.layers.conv import check_format
from lamella.ops import prims
from lamella.ops.convert import one_axis
from lamella.ops.nn.normalization import batch_norm, normalized, scaled
from lamella.parameter import Parameter
from lamella.tensor import Tensor


class _BatchNorm(Cell):
    """Normalization of each channel over the batch."""

    axes: tuple[int, ...]  # how many axes inputs may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        affine: bool = True,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        moving_mean_init: Any = "zeros",
        moving_var_init: Any = "ones",
        use_batch_statistics: bool | None = None,
        data_format: str = "NCHW",
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        self.num_features = positive_int(name, "num_features", num_features)
        if not 0 <= momentum <= 1:
            raise ValueError(explain(name, given=f"momentum={momentum}", expected="a number from 0 to 1"))
        if not eps >= 0:
            raise ValueError(explain(name, given=f"eps={eps}", expected="at least 0"))
        check_format(name, data_format, "NCHW")
        self.eps = eps
        self.momentum = momentum
        self.use_batch_statistics = use_batch_statistics
        shape = (num_features,)
        # Their names are MindSpore's; as part of another cell they are called after the attributes, as all are.
        self.moving_mean = Parameter(initializer(moving_mean_init, shape, dtype), name="mean", requires_grad=False)
        self.moving_variance = Parameter(
            initializer(moving_var_init, shape, dtype), name="variance", requires_grad=False
        )
        self.gamma = Parameter(initializer(gamma_init, shape, dtype), name="gamma", requires_grad=affine)
        self.beta = Parameter(initializer(beta_init, shape, dtype), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, num_features, …]."""
        if x.ndim not in self.axes or x.shape[1] != self.num_features:
            counts = " or ".join(map(str, self.axes))
            raise ValueError(
                explain(
                    f"nn.{type(self).__name__}",
                    given=f"input {x._type}",
                    expected=f"{counts} axes, the second of size {self.num_features}",
                )
            )
        batch = self.training if self.use_batch_statistics is None else self.use_batch_statistics
        return batch_norm(
            x,
            self.moving_mean,
            self.moving_variance,
            self.gamma,
            self.beta,
            training=batch,
            momentum=1 - self.momentum,
            eps=self.eps,
        )

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"num_features={self.num_features}, eps={self.eps}, momentum={self.momentum}, gamma={self.gamma!r}, "
            f"beta={self.beta!r}, moving_mean={self.moving_mean!r}, moving_variance={self.moving_variance!r}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalizes each channel over the batch (Ioffe and Szegedy, 2015): (x - mean) / sqrt(var + eps) * gamma + beta.

    While training, mean and variance are those of the batch, and the moving ones follow them in place; otherwise the
    moving ones are used.

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: how much of the moving values stays at each step.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        moving_mean_init: initializer of the moving mean.
        moving_var_init: initializer of the moving variance.
        use_batch_statistics: True to use the batch's always, False never; None: while training.
        data_format: "NCHW".
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import Tensor, nn
        >>> norm = nn.BatchNorm1d(1, eps=0.0).set_train()
        >>> norm(Tensor([[1.0], [3.0]])).asnumpy()
        array([[-1.],
               [ 1.]], dtype=float32)
        >>> round(norm.moving_mean.item(), 4)
        0.2
    """

    axes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalizes each channel of images over the batch; as `BatchNorm1d`, for x[n, channels, height, width].

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: how much of the moving values stays at each step.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        moving_mean_init: initializer of the moving mean.
        moving_var_init: initializer of the moving variance.
        use_batch_statistics: True to use the batch's always, False never; None: while training.
        data_format: "NCHW".
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.BatchNorm2d(3)(ops.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    axes = (4,)


class BatchNorm3d(Cell):
    """Normalizes each channel of volumes over the batch; as `BatchNorm1d`, for x[n, channels, depth, height, width].

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: how much of the moving values stays at each step.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        moving_mean_init: initializer of the moving mean.
        moving_var_init: initializer of the moving variance.
        use_batch_statistics: True to use the batch's always, False never; None: while training.
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.BatchNorm3d(3)(ops.ones((2, 3, 4, 4, 4))).shape
        (2, 3, 4, 4, 4)
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        affine: bool = True,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        moving_mean_init: Any = "zeros",
        moving_var_init: Any = "ones",
        use_batch_statistics: bool | None = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        # A cell inside, as in MindSpore, so that checkpoints name the parameters alike.
        self.bn2d = BatchNorm2d(
            num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init,
            use_batch_statistics, dtype=dtype,
        )  # fmt: skip

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, num_features, depth, height, width]."""
        if x.ndim != 5:
            raise ValueError(explain("nn.BatchNorm3d", given=f"input {x._type}", expected="5 axes"))
        n, channels, depth, height, width = x.shape
        y = self.bn2d(prims.reshape(x, shape=(n, channels, depth, height * width)))
        result: Tensor = prims.reshape(y, shape=x.shape)
        return result


class SyncBatchNorm(_BatchNorm):
    """Normalizes each channel over the batches of all processes of a group; in one process as `BatchNorm2d`.

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: how much of the moving values stays at each step.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        moving_mean_init: initializer of the moving mean.
        moving_var_init: initializer of the moving variance.
        use_batch_statistics: True to use the batch's always, False never; None: while training.
        process_groups: lists of the ranks that share statistics; default: all do. This process is the only one, of
            rank 0, so that no other rank may be named.
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int, or `process_groups` not a list of lists.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.SyncBatchNorm(3)(ops.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    axes = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        affine: bool = True,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        moving_mean_init: Any = "zeros",
        moving_var_init: Any = "ones",
        use_batch_statistics: bool | None = None,
        process_groups: Any = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init,
            use_batch_statistics, dtype=dtype,
        )  # fmt: skip
        if process_groups is not None:
            if not isinstance(process_groups, list) or not all(isinstance(group, list) for group in process_groups):
                given = f"process_groups={process_groups!r}"
                raise TypeError(explain("nn.SyncBatchNorm", given=given, expected="a list of lists of ranks"))
            if any(group != [0] for group in process_groups):
                raise ValueError(
                    explain("nn.SyncBatchNorm", given=f"process_groups={process_groups}", expected="[[0]]")
                )


class _InstanceNorm(Cell):
    """Normalization of each channel of each example."""

    axes: int  # how many axes inputs have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        self.num_features = positive_int(name, "num_features", num_features)
        if not 0 <= momentum <= 1:
            raise ValueError(explain(name, given=f"momentum={momentum}", expected="a number from 0 to 1"))
        if not eps >= 0:
            raise ValueError(explain(name, given=f"eps={eps}", expected="at least 0"))
        self.eps = eps
        self.momentum = momentum
        shape = (num_features,)
        self.moving_mean = Parameter(initializer("zeros", shape, dtype), name="mean", requires_grad=False)
        self.moving_variance = Parameter(initializer("ones", shape, dtype), name="variance", requires_grad=False)
        self.gamma = Parameter(initializer(gamma_init, shape, dtype), name="gamma", requires_grad=affine)
        self.beta = Parameter(initializer(beta_init, shape, dtype), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, num_features, …]."""
        if x.ndim != self.axes or x.shape[1] != self.num_features:
            expected = f"{self.axes} axes, the second of size {self.num_features}"
            raise ValueError(explain(f"nn.{type(self).__name__}", given=f"input {x._type}", expected=expected))
        normal = normalized(x, tuple(range(2, x.ndim)), self.eps)
        aligned = (self.num_features, *(1,) * (x.ndim - 2))
        gamma, beta = (prims.reshape(p, shape=aligned) for p in (self.gamma, self.beta))
        return scaled(normal, gamma, beta, x.dtype)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"num_features={self.num_features}, eps={self.eps}, momentum={self.momentum}, gamma={self.gamma!r}, "
            f"beta={self.beta!r}, moving_mean={self.moving_mean!r}, moving_variance={self.moving_variance!r}"
        )


class InstanceNorm1d(_InstanceNorm):
    """Normalizes each channel of each example (Ulyanov et al., 2016): (x - mean) / sqrt(var + eps) * gamma + beta.

    Mean and variance are those of the example in training and evaluation alike; the moving ones are kept for
    checkpoints, and not used.

    Args:
        num_features: number of channels, the second axis of x[n, channels, length].
        eps: added to the variance.
        momentum: from 0 to 1; has no effect.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.InstanceNorm1d(1, eps=0.0)(Tensor([[[1.0, 3.0]]])).asnumpy()
        array([[[-1.,  1.]]], dtype=float32)
    """

    axes = 3


class InstanceNorm2d(_InstanceNorm):
    """Normalizes each channel of each image; as `InstanceNorm1d`, for x[n, channels, height, width].

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: from 0 to 1; has no effect.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.InstanceNorm2d(3)(ops.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    axes = 4


class InstanceNorm3d(_InstanceNorm):
    """Normalizes each channel of each volume; as `InstanceNorm1d`, for x[n, channels, depth, height, width].

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance.
        momentum: from 0 to 1; has no effect.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        dtype: type of the parameters.

    Raises:
        TypeError: `num_features` is not an int.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.InstanceNorm3d(3)(ops.ones((2, 3, 4, 4, 4))).shape
        (2, 3, 4, 4, 4)
    """

    axes = 5


class LayerNorm(Cell):
    """Normalizes each example over its last axes: (x - mean) / sqrt(variance + eps) * gamma + beta (Ba et al., 2016).

    Args:
        normalized_shape: sizes of the axes from `begin_params_axis`, and shape of gamma and beta: a tuple.
        begin_norm_axis: the first axis over which mean and variance are taken.
        begin_params_axis: the first axis of gamma and beta.
        gamma_init: initializer of the scale.
        beta_init: initializer of the shift.
        epsilon: added to the variance.
        dtype: type of the parameters.

    Raises:
        TypeError: `normalized_shape` is not a tuple or list.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.LayerNorm((2,))(Tensor([[1.0, 3.0]])).asnumpy().round(4)
        array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: Any,
        begin_norm_axis: int = -1,
        begin_params_axis: int = -1,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        epsilon: float = 1e-7,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        if not isinstance(normalized_shape, (tuple, list)):
            raise TypeError(
                explain("nn.LayerNorm", given=f"normalized_shape={normalized_shape!r}", expected="a tuple of ints")
            )
        self.normalized_shape = tuple(normalized_shape)
        self.begin_norm_axis = begin_norm_axis
        self.begin_params_axis = begin_params_axis
        self.epsilon = epsilon
        self.gamma = Parameter(initializer(gamma_init, self.normalized_shape, dtype), name="gamma")
        self.beta = Parameter(initializer(beta_init, self.normalized_shape, dtype), name="beta")

    def construct(self, x: Tensor) -> Tensor:
        """Apply to ``x[…, *normalized_shape]``."""
        if x.shape[one_axis("nn.LayerNorm", self.begin_params_axis, x.ndim) :] != self.normalized_shape:
            raise ValueError(
                explain(
                    "nn.LayerNorm",
                    given=f"input {x._type}",
                    expected=f"axes {self.normalized_shape} from axis {self.begin_params_axis}",
                )
            )
        first = one_axis("nn.LayerNorm", self.begin_norm_axis, x.ndim)
        normal = normalized(x, tuple(range(first, x.ndim)), self.epsilon)
        return scaled(normal, self.gamma, self.beta, x.dtype)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"normalized_shape={self.normalized_shape}, begin_norm_axis={self.begin_norm_axis}, "
            f"begin_params_axis={self.begin_params_axis}, gamma={self.gamma!r}, beta={self.beta!r}"
        )


class GroupNorm(Cell):
    """Normalizes groups of channels of each example (Wu and He, 2018).

    Args:
        num_groups: number of groups.
        num_channels: number of channels, the second axis; a multiple of the groups.
        eps: added to the variance.
        affine: whether gamma and beta are trained.
        gamma_init: initializer of the scale, of shape (num_channels,).
        beta_init: initializer of the shift, of shape (num_channels,).
        dtype: type of the parameters.

    Raises:
        TypeError: numbers that are not ints.
        ValueError: the groups do not divide the channels.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.GroupNorm(2, 4)(ops.ones((1, 4, 3, 3))).shape
        (1, 4, 3, 3)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        self.num_groups = positive_int("nn.GroupNorm", "num_groups", num_groups)
        self.num_channels = positive_int("nn.GroupNorm", "num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(
                explain(
                    "nn.GroupNorm",
                    given=f"{num_groups} groups of {num_channels} channels",
                    expected="a divisor of them",
                )
            )
        self.eps = eps
        self.gamma = Parameter(initializer(gamma_init, (num_channels,), dtype), name="gamma", requires_grad=affine)
        self.beta = Parameter(initializer(beta_init, (num_channels,), dtype), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, num_channels, …]."""
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                explain("nn.GroupNorm", given=f"input {x._type}", expected=f"shape [n, {self.num_channels}, …]")
            )
        grouped: Tensor = prims.reshape(
            x, shape=(x.shape[0], self.num_groups, self.num_channels // self.num_groups, *x.shape[2:])
        )
        normal = prims.reshape(normalized(grouped, tuple(range(2, grouped.ndim)), self.eps), shape=x.shape)
        aligned = (self.num_channels, *(1,) * (x.ndim - 2))
        gamma, beta = (prims.reshape(p, shape=aligned) for p in (self.gamma, self.beta))
        return scaled(normal, gamma, beta, x.dtype)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"num_groups={self.num_groups}, num_channels={self.num_channels}"
