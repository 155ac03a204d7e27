"""Training with a scaled loss, so that small gradients are not lost in 16 bits (Micikevicius et al., 2017)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lamella.dtypes import bool_, float32, int32
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.optim.checks import check_positive
from lamella.nn.wrap import TrainOneStepCell
from lamella.ops import prims
from lamella.ops.classes.composite import HyperMap
from lamella.ops.convert import as_tensor
from lamella.ops.functions.control import cond
from lamella.ops.functions.create import zeros
from lamella.ops.functions.elementwise import cast, logical_and, logical_not, maximum
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import reshape
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = ["DynamicLossScaleUpdateCell", "FixedLossScaleUpdateCell", "TrainOneStepWithLossScaleCell"]


def all_finite(inputs: Iterable[Any]) -> Tensor:
    """Whether all numbers are finite.

    Args:
        inputs: tensors of any shapes; those that are not floating-point count as finite.

    Returns:
        A bool tensor of shape ().

    Raises:
        TypeError: `inputs` is not several tensors.

    Examples:
        >>> from lamella import Tensor, amp
        >>> amp.all_finite((Tensor([1.0]), Tensor([float("inf")]))).item()
        False
    """
    if isinstance(inputs, Tensor) or not hasattr(inputs, "__iter__"):
        given = f"a {type(inputs).__name__}"
        raise TypeError(explain("amp.all_finite", given=given, expected="a tuple or list of tensors"))
    result: Tensor = as_tensor(True, bool_)
    for x in inputs:
        if not isinstance(x, Tensor):
            given = f"a {type(x).__name__} among the inputs"
            raise TypeError(explain("amp.all_finite", given=given, expected="tensors"))
        if x.dtype.is_float:
            finite = prims.isfinite(x)
            result = logical_and(result, prims.reduce_min(finite, axes=tuple(range(x.ndim))) if x.size else True)
    return result


class FixedLossScaleUpdateCell(Cell):
    """A loss scale that stays.

    Args:
        loss_scale_value: the scale, above 0.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not positive.

    Examples:
        >>> from lamella import Tensor, nn
        >>> update = nn.FixedLossScaleUpdateCell(1024.0)
        >>> update.get_loss_scale(), update(Tensor(1024.0), Tensor(True)).item()
        (1024.0, True)
    """

    def __init__(self, loss_scale_value: float) -> None:
        super().__init__()
        check_positive("nn.FixedLossScaleUpdateCell", loss_scale_value=loss_scale_value)
        self.loss_scale_value = loss_scale_value

    def get_loss_scale(self) -> float:
        """The scale."""
        return self.loss_scale_value

    def construct(self, loss_scale: Tensor, overflow: Any) -> Any:
        """Give back whether there was an overflow.

        Args:
            loss_scale: the scale.
            overflow: whether numbers were not finite.
        """
        return overflow


class DynamicLossScaleUpdateCell(Cell):
    """A loss scale that becomes smaller when numbers are not finite, and larger after many steps in which they are.

    Args:
        loss_scale_value: the first scale, above 0.
        scale_factor: by what it is divided, down to 1, and multiplied.
        scale_window: after how many steps without an overflow it is multiplied.

    Raises:
        TypeError: settings that are not numbers.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Parameter, Tensor, nn
        >>> update, scale = nn.DynamicLossScaleUpdateCell(1024.0, 2, 3), Parameter(Tensor(1024.0), name="scale")
        >>> _ = update(scale, Tensor(True))
        >>> scale.item()
        512.0
        >>> _ = [update(scale, Tensor(False)) for _ in range(3)]
        >>> scale.item()
        1024.0
    """

    def __init__(self, loss_scale_value: float, scale_factor: float, scale_window: int) -> None:
        super().__init__()
        name = "nn.DynamicLossScaleUpdateCell"
        check_positive(name, loss_scale_value=loss_scale_value, scale_factor=scale_factor, scale_window=scale_window)
        self.loss_scale_value = loss_scale_value
        self.scale_factor = scale_factor
        self.scale_window = scale_window
        self.last_overflow_iter = Parameter(Tensor(0, int32), name="last_overflow_iter", requires_grad=False)
        self.cur_iter = Parameter(Tensor(1, int32), name="current_iterator_step", requires_grad=False)

    def get_loss_scale(self) -> float:
        """The first scale."""
        return self.loss_scale_value

    def construct(self, loss_scale: Tensor, overflow: Any) -> Any:
        """Change the scale, and give back whether there was an overflow.

        Args:
            loss_scale: the scale: a parameter.
            overflow: whether numbers were not finite: a bool, or a tensor of one element.
        """
        bad = reshape(as_tensor(overflow, bool_), ())
        grows = logical_and(logical_not(bad), self.cur_iter - self.last_overflow_iter >= self.scale_window)
        smaller = maximum(loss_scale / self.scale_factor, 1.0)
        changed = where(bad, smaller, where(grows, loss_scale * self.scale_factor, loss_scale))
        loss_scale.assign_value(cast(changed, loss_scale.dtype))
        self.last_overflow_iter.assign_value(
            where(prims.bitwise_or(bad, grows), self.cur_iter, self.last_overflow_iter)
        )
        self.cur_iter.assign_value(self.cur_iter + 1)
        return overflow


class TrainOneStepWithLossScaleCell(TrainOneStepCell):
    """A step of training with a scaled loss: where numbers are not finite, the parameters stay.

    Derived classes whose `construct` is their own use the methods here, and the attributes of `TrainOneStepCell`.

    Args:
        network: returns the loss.
        optimizer: changes the parameters, by gradients of which the scale has been taken out.
        scale_sense: the scale: a number or tensor of one element, or a cell that changes it.

    Attributes:
        scale_sense: the scale, a parameter.
        loss_scaling_manager: the cell that changes it, or None.

    Raises:
        TypeError: `scale_sense` is something else.
        ValueError: `scale_sense` is a tensor of several elements.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> net = nn.WithLossCell(nn.Dense(2, 1), nn.MSELoss())
        >>> scale = nn.DynamicLossScaleUpdateCell(1024.0, 2, 100)
        >>> step = nn.TrainOneStepWithLossScaleCell(net, nn.SGD(net.trainable_params(), 0.1), scale)
        >>> loss, overflow, scale = step(ms.ops.ones((4, 2)), ms.ops.ones((4, 1)))
        >>> overflow.item(), scale.item()
        (False, 1024.0)
    """

    def __init__(self, network: Cell, optimizer: Any, scale_sense: Any) -> None:
        super().__init__(network, optimizer)
        name = "nn.TrainOneStepWithLossScaleCell"
        self.hyper_map = HyperMap()
        self.loss_scaling_manager = None
        if isinstance(scale_sense, Cell):
            self.loss_scaling_manager = scale_sense
            first: Any = scale_sense.get_loss_scale()
        elif isinstance(scale_sense, (int, float, np.number, Tensor)) and not isinstance(scale_sense, bool):
            first = scale_sense
        else:
            given = f"a {type(scale_sense).__name__} as scale_sense"
            raise TypeError(explain(name, given=given, expected="a number, a tensor or a cell"))
        scale = as_tensor(first, float32, name)
        if scale.shape not in ((), (1,)):
            raise ValueError(explain(name, given=f"scale_sense of shape {scale.shape}", expected="() or (1,)"))
        self.scale_sense = Parameter(scale, name="scale_sense", requires_grad=False)

    def construct(self, *inputs: Any) -> Any:
        """Train on a batch.

        Returns:
            The loss, whether there was an overflow, and the scale that was used.
        """
        scale = reshape(self.scale_sense, ()) * 1.0  # the number of now: the parameter changes
        loss, gradients = self._scaled(scale, inputs)
        by = 1 / scale
        gradients = self.grad_reducer(tuple(g * cast(by, g.dtype) for g in gradients))
        overflow = self.process_loss_scale(self.get_overflow_status(None, gradients))
        cond(reshape(as_tensor(overflow, bool_), ()), lambda: as_tensor(False, bool_), lambda: self._updated(gradients))
        return loss, overflow, scale

    def _updated(self, gradients: Any) -> Tensor:
        self.optimizer(gradients)
        return as_tensor(True, bool_)

    def set_sense_scale(self, sens: Any) -> None:
        """Set the scale.

        Args:
            sens: a number or tensor of one element.

        Raises:
            TypeError: it is neither.
        """
        if isinstance(sens, bool) or not isinstance(sens, (int, float, Tensor)):
            given = f"a {type(sens).__name__}"
            raise TypeError(
                explain("TrainOneStepWithLossScaleCell.set_sense_scale", given=given, expected="a number or a tensor")
            )
        self.scale_sense.set_data(reshape(as_tensor(sens, self.scale_sense.dtype), self.scale_sense.shape))

    def start_overflow_check(self, pre_cond: Any, compute_input: Any) -> tuple[Tensor, Any]:
        """What derived classes call before gradients are computed; overflows are found by the gradients alone.

        Args:
            pre_cond: what has to be done before.
            compute_input: what comes next.

        Returns:
            A status for `get_overflow_status`, and `compute_input`.
        """
        return zeros((8,), int32), compute_input

    def get_overflow_status(self, status: Any, compute_output: Any) -> Tensor:
        """Whether numbers are not finite.

        Args:
            status: what `start_overflow_check` gave.
            compute_output: the gradients.
        """
        listed = [compute_output] if isinstance(compute_output, Tensor) else compute_output
        return logical_not(all_finite(listed))

    def process_loss_scale(self, overflow: Any) -> Any:
        """Change the scale, if a cell does that.

        Args:
            overflow: whether there was an overflow.

        Returns:
            The same.
        """
        if self.loss_scaling_manager is not None:
            return self.loss_scaling_manager(self.scale_sense, overflow)
        return overflow
