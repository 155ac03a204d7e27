"""`Optimizer`: what changes parameters by their gradients: groups, learning rates, weight decay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, wraps
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lamella.dtypes import bool_, float32, int32
from lamella.engine import place
from lamella.engine.eager import EAGER
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ir.staging import Staged
from lamella.nn.cell import Cell
from lamella.nn.optim.checks import check_not_negative, check_positive
from lamella.nn.optim.schedules import LearningRateSchedule
from lamella.ops.convert import as_tensor
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import minimum
from lamella.ops.functions.reduce import mean
from lamella.parameter import Parameter, ParameterTuple
from lamella.tensor import Tensor

_Construct: TypeAlias = "Callable[[Any, Sequence[Tensor]], Tensor]"

_GROUP_KEYS = ("params", "lr", "weight_decay", "grad_centralization", "order_params")


class _Settings(NamedTuple):
    """How one parameter is updated."""

    rate: int  # which of the optimizer's learning rates
    weight_decay: float | Cell
    centralize: bool


def as_graph(construct: _Construct) -> _Construct:
    """Let an optimizer's `construct` run as one compiled graph even where ops run one by one.

    Its Python then runs at the first call only, and again after a plain attribute (a number, a text) has changed; what
    cells that a user wrote give for the step is computed before. An update of many small steps is several times as fast
    so.
    """

    def update(self: Optimizer, gradients: Sequence[Tensor], at_step: Sequence[Tensor]) -> Tensor:
        self._given.update(zip(map(id, self._users_cells()), at_step, strict=True))
        outside = place.enter(self)
        try:
            return construct(self, gradients)
        finally:
            place.leave(outside)
            self._given.clear()

    @wraps(construct)
    def run(self: Optimizer, gradients: Sequence[Tensor]) -> Tensor:
        if current() is not EAGER:
            return construct(self, gradients)
        settings = self._plain_attributes()
        if self._graph is None or self._graph[0] != settings:
            self._graph = settings, Staged(partial(update, self))
        at_step = tuple(as_tensor(cell(self._step()), float32) for cell in self._users_cells())
        result: Tensor = self._graph[1](tuple(gradients), at_step)
        return result

    return run


class Optimizer(Cell):
    """Base of optimizers: cells that take gradients and change parameters.

    A subclass defines `construct(gradients)`, with the methods here to help. State belongs in parameters (see
    `state_like`), so that checkpoints hold it. The optimizers of this package run as compiled graphs in both modes.

    Args:
        learning_rate: a number; a list or 1-d tensor with the rate of each step (after its end the last one stays);
            or a `LearningRateSchedule`.
        parameters: parameters, or groups: dicts of "params" and optionally "lr", "weight_decay" and
            "grad_centralization" (whether the mean over all but the first axis is subtracted from gradients of
            convolution weights; Yong et al., 2020). A last dict with only "order_params" sets their order.
        weight_decay: how much of a parameter is added to its gradient: a number, or a cell that takes the step. If
            there are no groups, parameters with "beta" or "gamma" in their names are left out.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: no parameters, negative settings, a parameter twice, an unknown key in a group.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> class Descent(nn.Optimizer):
        ...     def construct(self, gradients):
        ...         return self.update_each(gradients, lambda p, g, rate: p.assign_value(p - rate * g))
        >>> w = ms.Parameter(ms.Tensor([1.0, 2.0]), name="w")
        >>> optimizer = Descent(0.5, [w])
        >>> done = optimizer((ms.Tensor([1.0, 1.0]),))
        >>> w.asnumpy()
        array([0.5, 1.5], dtype=float32)
    """

    _part = "update"

    def __init__(self, learning_rate: Any, parameters: Any, weight_decay: Any = 0.0, loss_scale: float = 1.0) -> None:
        super().__init__(auto_prefix=False)
        self._subject = f"nn.{type(self).__name__}"
        check_positive(self._subject, loss_scale=loss_scale)
        self.loss_scale = float(loss_scale)
        self.global_step = Parameter(Tensor(np.zeros(1, np.int32)), name="global_step", requires_grad=False)
        self.learning_rate = self._rate(learning_rate, "learning_rate")
        self.weight_decay = self._decay(weight_decay)
        self._rates: list[Any] = [self.learning_rate]
        listed = list(parameters) if isinstance(parameters, Iterable) else [parameters]
        if not listed:
            raise ValueError(explain(self._subject, given="no parameters", expected="at least one"))
        self.is_group = isinstance(listed[0], dict)
        ordered = self._grouped(listed) if self.is_group else self._ungrouped(listed)
        self.is_group_lr = len(self._rates) > 1
        self.parameters = ParameterTuple(parameter for parameter, _ in ordered)
        self._settings = [settings for _, settings in ordered]
        self._states: list[ParameterTuple] = []
        self._graph: tuple[Any, Staged] | None = None
        self._given: dict[int, Tensor] = {}  # what cells give for the present step, by their identity

    def _plain_attributes(self) -> list[tuple[str, Any]]:
        """What the graph was built for: attributes that are constants in it, of schedules too."""
        return [
            item
            for _, cell in self.cells_and_names()
            for item in vars(cell).items()
            if isinstance(item[1], (bool, int, float, str))
        ]

    def _users_cells(self) -> list[Cell]:
        """The schedules, of learning rates and weight decay, in which there is Python that a user wrote."""
        cells = [*self._rates, *(settings.weight_decay for settings in self._settings)]
        return [
            cell
            for cell in {id(cell): cell for cell in cells if isinstance(cell, Cell)}.values()
            if any(not type(inner).__module__.startswith("lamella.") for _, inner in cell.cells_and_names())
        ]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_graph": None}  # copies and pickles build their own

    # -- settings --

    def _rate(self, given: Any, name: str) -> Any:
        """A learning rate as a parameter (one number, or one for each step) or a schedule."""
        if isinstance(given, LearningRateSchedule):
            return given
        if isinstance(given, (bool, str)) or not isinstance(given, (int, float, np.number, Iterable)):
            raise TypeError(
                explain(self._subject, given=f"{name}={given!r}", expected="a number, a list of them or a schedule")
            )
        if isinstance(given, Iterable) and not isinstance(given, (Tensor, np.ndarray)):
            given = list(given)
        rates = np.asarray(given.asnumpy() if isinstance(given, Tensor) else given, np.float32)
        if rates.ndim > 1 or not rates.size or not (rates >= 0).all():
            raise ValueError(
                explain(self._subject, given=f"{name}={given!r}", expected="numbers of at least 0, in one axis at most")
            )
        return Parameter(Tensor(rates), name=name, requires_grad=False)

    def _decay(self, given: Any) -> float | Cell:
        if isinstance(given, Cell):
            return given
        check_not_negative(self._subject, weight_decay=given)
        return float(given)

    def _ungrouped(self, parameters: Sequence[Any]) -> list[tuple[Parameter, _Settings]]:
        self._check_parameters(parameters)
        return [
            (p, _Settings(0, 0.0 if "beta" in p.name or "gamma" in p.name else self.weight_decay, False))
            for p in parameters
        ]

    def _grouped(self, groups: Sequence[Any]) -> list[tuple[Parameter, _Settings]]:
        result: list[tuple[Parameter, _Settings]] = []
        order: list[Parameter] | None = None
        for i, group in enumerate(groups):
            self._check_group(group)
            if "order_params" in group:
                order = list(group["order_params"])
                continue
            rate = 0
            if "lr" in group:
                rate = len(self._rates)
                name = f"learning_rate_group_{i}"
                setattr(self, name, self._rate(group["lr"], name))
                self._rates.append(getattr(self, name))
            decay = self._decay(group["weight_decay"]) if "weight_decay" in group else self.weight_decay
            settings = _Settings(rate, decay, bool(group.get("grad_centralization", False)))
            result += [(p, settings) for p in group["params"]]
        self._check_parameters([p for p, _ in result])
        if order is None:
            return result
        by_identity = {id(p): (p, settings) for p, settings in result}
        if {id(p) for p in order} != set(by_identity) or len(order) != len(result):
            raise ValueError(
                explain(
                    self._subject,
                    given=f"order_params with {len(order)} parameters",
                    expected=f"each of the {len(result)} in the groups once",
                )
            )
        return [by_identity[id(p)] for p in order]

    def _check_group(self, group: Any) -> None:
        if not isinstance(group, dict):
            raise TypeError(
                explain(self._subject, given=f"a {type(group).__name__} among groups", expected="dicts only")
            )
        if set(group) - set(_GROUP_KEYS) or not {"params", "order_params"} & set(group):
            raise ValueError(
                explain(
                    self._subject,
                    given=f"a group with the keys {', '.join(map(str, group))}",
                    expected=f"params, and others of {', '.join(_GROUP_KEYS)}",
                )
            )

    def _check_parameters(self, parameters: Sequence[Any]) -> None:
        names: set[str] = set()
        for parameter in parameters:
            if not isinstance(parameter, Parameter):
                raise TypeError(
                    explain(
                        self._subject,
                        given=f"a {type(parameter).__name__} among the parameters",
                        expected="Parameters, or groups (dicts) of them",
                        remedy="Pass net.trainable_params().",
                    )
                )
            if parameter.name in names:
                raise ValueError(
                    explain(
                        self._subject,
                        given=f"two parameters called {parameter.name!r}",
                        expected="each once, with a name of its own",
                    )
                )
            names.add(parameter.name)

    # -- for subclasses --

    def state_like(self, prefix: str, init: Any = "zeros") -> ParameterTuple:
        """State with the shapes of the parameters, which `update_each` passes on.

        Args:
            prefix: what stands before the parameters' names, such as "moments".
            init: initializer of the first values.
        """
        state = self.parameters.clone(prefix, init)
        for parameter in state:
            parameter.requires_grad = False
        self._states.append(state)
        return state

    def construct(self, gradients: Sequence[Tensor]) -> Any:
        """Change the parameters; defined by subclasses.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        return super().construct(gradients)

    def update_each(
        self,
        gradients: Sequence[Tensor],
        update: Callable[..., Any],
        factor: Tensor | None = None,
        decoupled: bool = False,
    ) -> Tensor:
        """Call a function that changes one parameter for each of them, and count the step.

        Args:
            gradients: one for each of `parameters`, in their order.
            update: takes a parameter, its gradient (unscaled, with weight decay), the learning rate, and the
                parameter's part of each state, in the order of the `state_like` calls.
            factor: by what learning rates are multiplied.
            decoupled: whether `update` does the weight decay itself: gradients come without, and after the learning
                rate comes the weight decay, None for none.

        Returns:
            A bool, true.

        Raises:
            TypeError: a gradient is not a tensor of floats.
            ValueError: there are more or fewer gradients than parameters, or one has not its parameter's shape.
        """
        if len(gradients) != len(self.parameters):
            raise ValueError(
                explain(
                    self._subject,
                    given=f"{len(gradients)} gradients",
                    expected=f"{len(self.parameters)}, one for each parameter",
                )
            )
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            self._check_gradient(parameter, gradient)
        prepared = self.gradients_centralization(self.scale_grad(gradients))
        if not decoupled:
            prepared = self.decay_weight(prepared)
        rates = self._current_rates()
        if factor is not None:
            rates = [rate * factor for rate in rates]
        for i, (parameter, gradient, settings) in enumerate(
            zip(self.parameters, prepared, self._settings, strict=True)
        ):
            decay = (None if settings.weight_decay == 0 else self._at_step(settings.weight_decay),) if decoupled else ()
            update(parameter, gradient, rates[settings.rate], *decay, *(state[i] for state in self._states))
        self.global_step.assign_value(self.global_step + 1)
        return scalar(True, bool_)

    def _check_gradient(self, parameter: Parameter, gradient: Any) -> None:
        if not isinstance(gradient, Tensor) or not gradient.dtype.is_float:
            given = gradient._type if isinstance(gradient, Tensor) else f"a {type(gradient).__name__}"
            raise TypeError(
                explain(self._subject, given=f"{given} as the gradient of {parameter.name}", expected="a float tensor")
            )
        if gradient.shape != parameter.shape:
            raise ValueError(
                explain(
                    self._subject,
                    given=f"a gradient of shape {gradient.shape} for {parameter.name}",
                    expected=f"its shape, {parameter.shape}",
                )
            )

    def scale_grad(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        """Divide gradients by the loss scale.

        Args:
            gradients: one for each parameter.
        """
        if self.loss_scale == 1:
            return gradients
        return [g * (1 / self.loss_scale) for g in gradients]

    def gradients_centralization(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        """Subtract the mean from gradients of convolution weights in groups with `grad_centralization`.

        Args:
            gradients: one for each parameter.
        """
        return [
            g - mean(g, tuple(range(1, g.ndim)), True) if s.centralize and g.ndim > 2 else g
            for g, s in zip(gradients, self._settings, strict=True)
        ]

    def decay_weight(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        """Add weight decay to gradients.

        Args:
            gradients: one for each parameter.
        """
        return [
            g if s.weight_decay == 0 else g + p * self._at_step(s.weight_decay)
            for g, p, s in zip(gradients, self.parameters, self._settings, strict=True)
        ]

    def _at_step(self, value: Any) -> Any:
        """A number, or what a cell gives for the present step."""
        if not isinstance(value, Cell):
            return value
        return self._given[id(value)] if id(value) in self._given else value(self._step())

    def _step(self) -> Tensor:
        return self.global_step[0]

    def _current_rates(self) -> list[Any]:
        return [self._current(rate) for rate in self._rates]

    def _current(self, rate: Any) -> Any:
        if isinstance(rate, Cell) or not rate.ndim:
            return self._at_step(rate)
        return rate[minimum(self._step(), scalar(rate.shape[0] - 1, int32))]

    def get_lr(self) -> Any:
        """The learning rate of the present step; a tuple with that of each parameter if there are groups."""
        rates = self._current_rates()
        return tuple(rates[s.rate] for s in self._settings) if self.is_group else rates[0]

    def get_lr_parameter(self, param: Any) -> Any:
        """What holds the learning rate of a parameter: a Parameter, or a schedule.

        Args:
            param: one of the optimizer's parameters, or a list of them.

        Raises:
            ValueError: it is not one of the optimizer's.
        """
        if isinstance(param, (list, tuple)):
            return [self.get_lr_parameter(p) for p in param]
        for mine, settings in zip(self.parameters, self._settings, strict=True):
            if mine is param:
                return self._rates[settings.rate]
        raise ValueError(explain(self._subject, given=f"{param!r}", expected="one of the optimizer's parameters"))

    def get_weight_decay(self) -> Any:
        """The weight decay of the present step; a tuple with that of each parameter if there are groups."""
        if self.is_group:
            return tuple(self._at_step(s.weight_decay) for s in self._settings)
        return self._at_step(self.weight_decay)
