"""Learning rates as cells that take the step."""

from __future__ import annotations

from typing import Any

from lamella.nn.cell import Cell


class LearningRateSchedule(Cell):
    """Base of learning rates that depend on the step: `construct(global_step)` returns the rate.

    Examples:
        >>> from lamella import Tensor, nn
        >>> class Halving(nn.LearningRateSchedule):
        ...     def construct(self, global_step):
        ...         return 0.1 / (global_step + 1)
        >>> round(Halving()(Tensor(1)).item(), 4)
        0.05
    """

    def construct(self, global_step: Any) -> Any:
        """The rate of a step; defined by subclasses."""
        return super().construct(global_step)
