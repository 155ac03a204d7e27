"""Scales of losses: fixed ones, and ones that follow whether gradients are finite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from lamella import tree
from lamella.dtypes import bool_, float32, int32
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.loss_scaling import DynamicLossScaleUpdateCell, FixedLossScaleUpdateCell
from lamella.nn.loss_scaling import all_finite as _all_finite
from lamella.nn.optim.checks import check_positive
from lamella.ops.convert import as_tensor
from lamella.ops.functions.create import zeros
from lamella.ops.functions.elementwise import cast, logical_and, maximum
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import reshape
from lamella.parameter import Parameter
from lamella.tensor import Tensor


def all_finite(inputs: Iterable[Tensor], status: Any = None) -> Tensor:
    """Whether all numbers of several tensors are finite.

    Args:
        inputs: tensors of any shapes; those that are not floating-point count as finite.
        status: what `init_status` gave; has no effect.

    Returns:
        A bool tensor of shape ().

    Raises:
        TypeError: `inputs` is not several tensors.

    Examples:
        >>> from lamella import Tensor, amp
        >>> amp.all_finite((Tensor([1.0]), Tensor([float("inf")]))).item()
        False
    """
    return _all_finite(inputs)


def init_status() -> Tensor:
    """A status for `all_finite`, as older programs make it; nothing reads it.

    Examples:
        >>> from lamella import amp
        >>> amp.init_status().shape
        (8,)
    """
    return zeros((8,), int32)


# -- scales that a training loop of one's own uses --


class LossScaler(ABC):
    """The base of loss scales: multiplies losses, divides gradients.

    Examples:
        >>> from lamella import Tensor, amp
        >>> issubclass(amp.StaticLossScaler, amp.LossScaler)
        True
    """

    @abstractmethod
    def scale(self, inputs: Any) -> Any:
        """Multiply by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """

    @abstractmethod
    def unscale(self, inputs: Any) -> Any:
        """Divide by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """

    @abstractmethod
    def adjust(self, grads_finite: Any) -> Any:
        """Change the scale.

        Args:
            grads_finite: whether all gradients were finite.
        """


def _times(inputs: Any, factor: Any) -> Any:
    def product(x: Any) -> Any:
        return x * cast(factor, x.dtype) if isinstance(factor, Tensor) else x * factor

    return tree.map_leaves(product, inputs)


class StaticLossScaler(LossScaler):
    """A scale that stays.

    Args:
        scale_value: the scale, above 0.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not positive.

    Examples:
        >>> from lamella import Tensor, amp
        >>> scaler = amp.StaticLossScaler(8)
        >>> scaler.scale(Tensor(2.0)).item(), scaler.unscale((Tensor(2.0),))[0].item()
        (16.0, 0.25)
    """

    def __init__(self, scale_value: float) -> None:
        check_positive("amp.StaticLossScaler", scale_value=scale_value)
        self.scale_value = scale_value

    def scale(self, inputs: Any) -> Any:
        """Multiply by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """
        return _times(inputs, self.scale_value)

    def unscale(self, inputs: Any) -> Any:
        """Divide by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """
        return _times(inputs, 1 / self.scale_value)

    def adjust(self, grads_finite: Any) -> Any:
        """Leave the scale as it is.

        Args:
            grads_finite: whether all gradients were finite.
        """
        return False


class DynamicLossScaler(LossScaler):
    """A scale that becomes smaller when gradients are not finite, and larger after many steps in which they are.

    Args:
        scale_value: the first scale, above 0.
        scale_factor: by what it is divided, down to 1, and multiplied.
        scale_window: after how many steps with finite gradients it is multiplied.

    Attributes:
        scale_value: the scale, a parameter.
        counter: how many steps in a row had finite gradients, a parameter.

    Raises:
        TypeError: settings that are not numbers.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Tensor, amp
        >>> scaler = amp.DynamicLossScaler(1024, 2, 1)
        >>> _ = scaler.adjust(amp.all_finite((Tensor([float("nan")]),)))
        >>> scaler.scale_value.item()
        512.0
    """

    def __init__(self, scale_value: float, scale_factor: float, scale_window: int) -> None:
        settings = {"scale_value": scale_value, "scale_factor": scale_factor, "scale_window": scale_window}
        check_positive("amp.DynamicLossScaler", **settings)
        self.scale_value = Parameter(Tensor(float(scale_value), float32), name="scale_value", requires_grad=False)
        self.scale_factor = scale_factor
        self.scale_window = scale_window
        self.counter = Parameter(Tensor(0, int32), name="counter", requires_grad=False)

    def scale(self, inputs: Any) -> Any:
        """Multiply by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """
        return _times(inputs, self.scale_value)

    def unscale(self, inputs: Any) -> Any:
        """Divide by the scale.

        Args:
            inputs: a tensor, or nested tuples of tensors.
        """
        return _times(inputs, 1 / self.scale_value)

    def adjust(self, grads_finite: Any) -> Any:
        """Change the scale.

        Args:
            grads_finite: whether all gradients were finite: a bool, or a tensor of one element.

        Returns:
            A bool, true.
        """
        finite = reshape(as_tensor(grads_finite, bool_), ())
        counter = where(finite, self.counter + 1, 0)
        grows = logical_and(finite, counter >= self.scale_window)
        smaller = maximum(self.scale_value / self.scale_factor, 1.0)
        larger = where(grows, self.scale_value * self.scale_factor, self.scale_value)
        self.scale_value.assign_value(where(finite, larger, smaller))
        self.counter.assign_value(where(grows, 0, counter))
        return True


# -- managers, for `Model` --


class LossScaleManager:
    """The base of what says how `Model` scales a loss.

    Examples:
        >>> from lamella import amp
        >>> isinstance(amp.FixedLossScaleManager(), amp.LossScaleManager)
        True
    """

    def get_loss_scale(self) -> float:
        """The scale; derived classes say it.

        Raises:
            NotImplementedError: they do not.
        """
        raise NotImplementedError(explain(type(self).__name__, given="no get_loss_scale", expected="one of its own"))

    def update_loss_scale(self, overflow: bool) -> None:
        """Change the scale; derived classes may.

        Args:
            overflow: whether numbers were not finite.
        """

    def get_update_cell(self) -> Cell | None:
        """A cell that changes the scale while training, or None for steps that look for no overflow."""
        return None


class FixedLossScaleManager(LossScaleManager):
    """A scale that stays.

    Args:
        loss_scale: the scale, above 0.
        drop_overflow_update: whether steps in which numbers are not finite leave the parameters as they are. If not,
            the optimizer has to be given the same `loss_scale`.

    Raises:
        TypeError: settings of other types.
        ValueError: `loss_scale` is not positive.

    Examples:
        >>> from lamella import amp
        >>> amp.FixedLossScaleManager(1024.0).get_loss_scale()
        1024.0
    """

    def __init__(self, loss_scale: float = 128.0, drop_overflow_update: Any = True) -> None:
        check_positive("amp.FixedLossScaleManager", loss_scale=loss_scale)
        if not isinstance(drop_overflow_update, bool):
            given = f"drop_overflow_update={drop_overflow_update!r}"
            raise TypeError(explain("amp.FixedLossScaleManager", given=given, expected="True or False"))
        self._loss_scale = loss_scale
        self._drop_overflow_update: bool = drop_overflow_update

    def get_loss_scale(self) -> float:
        """The scale."""
        return self._loss_scale

    def get_drop_overflow_update(self) -> bool:
        """Whether steps with an overflow leave the parameters as they are."""
        return self._drop_overflow_update

    def get_update_cell(self) -> Cell | None:
        """A cell that keeps the scale, or None without `drop_overflow_update`."""
        return FixedLossScaleUpdateCell(self._loss_scale) if self._drop_overflow_update else None


class DynamicLossScaleManager(LossScaleManager):
    """A scale that becomes smaller when numbers are not finite, and larger after many steps in which they are.

    Args:
        init_loss_scale: the first scale, above 0.
        scale_factor: by what it is divided, down to 1, and multiplied.
        scale_window: after how many steps without an overflow it is multiplied.

    Raises:
        TypeError: settings that are not numbers.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import amp
        >>> manager = amp.DynamicLossScaleManager(1024.0, 2, 100)
        >>> manager.update_loss_scale(True)
        >>> manager.get_loss_scale()
        512.0
    """

    def __init__(self, init_loss_scale: float = 2**24, scale_factor: float = 2, scale_window: int = 2000) -> None:
        settings = {"init_loss_scale": init_loss_scale, "scale_factor": scale_factor, "scale_window": scale_window}
        check_positive("amp.DynamicLossScaleManager", **settings)
        self.loss_scale = init_loss_scale
        self.scale_factor = scale_factor
        self.scale_window = scale_window
        self._good_steps = 0

    def get_loss_scale(self) -> float:
        """The scale."""
        return self.loss_scale

    def update_loss_scale(self, overflow: bool) -> None:
        """Change the scale, in loops that do so in Python.

        Args:
            overflow: whether numbers were not finite.
        """
        self._good_steps = 0 if overflow else self._good_steps + 1
        if overflow:
            self.loss_scale = max(self.loss_scale / self.scale_factor, 1)
        elif self._good_steps >= self.scale_window:
            self.loss_scale, self._good_steps = self.loss_scale * self.scale_factor, 0

    def get_drop_overflow_update(self) -> bool:
        """Whether steps with an overflow leave the parameters as they are: they do."""
        return True

    def get_update_cell(self) -> Cell | None:
        """A cell that changes the scale while training."""
        return DynamicLossScaleUpdateCell(self.loss_scale, self.scale_factor, self.scale_window)
