"""Cells around a network: with its loss, for evaluation, for a step of training."""

from __future__ import annotations

from typing import Any

from lamella.autodiff.grad_operation import GradOperation
from lamella.autodiff.gradients import value_and_grad, vjp
from lamella.dtypes import float32
from lamella.engine.conversion import converted
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.ops.functions.create import ones_like
from lamella.ops.functions.elementwise import cast, identity
from lamella.tensor import Tensor


class WithLossCell(Cell):
    """A network with its loss: takes data and labels, returns the loss.

    Args:
        backbone: takes the data.
        loss_fn: takes what the network returns, and the labels.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.WithLossCell(nn.ReLU(), nn.MSELoss())(Tensor([1.0]), Tensor([3.0])).item()
        4.0
    """

    def __init__(self, backbone: Cell, loss_fn: Any) -> None:
        super().__init__(auto_prefix=False)
        self._backbone = backbone
        self._loss_fn = loss_fn

    @property
    def backbone_network(self) -> Cell:
        """The network without the loss."""
        return self._backbone

    def construct(self, data: Any, label: Any) -> Any:
        """Compute the loss for data and labels."""
        return converted(self._loss_fn)(self._backbone(data), label)


class WithEvalCell(Cell):
    """A network for evaluation: takes data and labels, returns the loss, what the network gave, and the labels.

    Args:
        network: takes the data.
        loss_fn: takes what the network returns, and the labels.
        add_cast_fp32: whether to convert what the network returns to float32.

    Examples:
        >>> from lamella import Tensor, nn
        >>> loss, y, label = nn.WithEvalCell(nn.ReLU(), nn.MSELoss())(Tensor([1.0]), Tensor([3.0]))
        >>> loss.item(), y.item(), label.item()
        (4.0, 1.0, 3.0)
    """

    def __init__(self, network: Cell, loss_fn: Any, add_cast_fp32: bool = False) -> None:
        super().__init__(auto_prefix=False)
        self._network = network
        self._loss_fn = loss_fn
        self.add_cast_fp32 = add_cast_fp32

    def construct(self, data: Any, label: Any) -> tuple[Any, Any, Any]:
        """Compute the loss for data and labels."""
        outputs = self._network(data)
        if self.add_cast_fp32:
            outputs, label = cast(outputs, float32), cast(label, float32) if label.dtype.is_float else label
        return converted(self._loss_fn)(outputs, label), outputs, label


class TrainOneStepCell(Cell):
    """A step of training: takes what the network takes, changes the parameters, returns the loss.

    Args:
        network: returns the loss.
        optimizer: changes the parameters.
        sens: by what gradients are multiplied; an optimizer with `loss_scale` divides by the same.
        return_grad: whether to return, too, the gradients by the names of the parameters.

    Attributes:
        network: the network.
        optimizer: the optimizer.
        weights: the optimizer's parameters.
        grad: makes the gradient function of a network and weights, which takes the cotangent last.
        grad_no_sens: one that takes no cotangent.
        grad_reducer: what is done to gradients before the optimizer gets them: nothing in one process.
        reducer_flag: whether anything is.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> net = nn.WithLossCell(nn.Dense(2, 1), nn.MSELoss())
        >>> step = nn.TrainOneStepCell(net, nn.SGD(net.trainable_params(), 0.1))
        >>> x, y = ms.ops.ones((4, 2)), ms.ops.ones((4, 1))
        >>> losses = [step(x, y).item() for _ in range(20)]
        >>> losses[-1] < 0.01
        True
    """

    def __init__(self, network: Cell, optimizer: Any, sens: Any = 1.0, return_grad: bool = False) -> None:
        super().__init__(auto_prefix=False)
        self.network = network
        self.network.set_grad()
        self.optimizer = optimizer
        self.weights = optimizer.parameters
        self.sens = 1.0 if sens is None else sens
        self.return_grad = return_grad
        # What derived classes use, whose `construct` is their own.
        self.grad = GradOperation(get_by_list=True, sens_param=True)
        self.grad_no_sens = GradOperation(get_by_list=True)
        self.grad_reducer = identity
        self.reducer_flag = False
        self.parallel_mode = "stand_alone"

    def construct(self, *inputs: Any) -> Any:
        """Train on a batch."""
        if isinstance(self.sens, (int, float)) and self.sens == 1:
            loss, gradients = value_and_grad(self.network, None, self.weights)(*inputs)
        else:
            loss, gradients = self._scaled(self.sens, inputs)
        gradients = self.grad_reducer(gradients)
        self.optimizer(gradients)
        if self.return_grad:
            return loss, {weight.name: gradient for weight, gradient in zip(self.weights, gradients, strict=True)}
        return loss

    def _scaled(self, scale: Any, inputs: tuple[Any, ...]) -> tuple[Any, Any]:
        """The loss, and the gradients of `scale` times it."""

        def forward(*values: Any) -> tuple[Any, Any]:
            loss = self.network(*values)
            return loss * (cast(scale, loss.dtype) if isinstance(scale, Tensor) else scale), loss

        (_, loss), gradients = value_and_grad(forward, None, self.weights, has_aux=True)(*inputs)
        return loss, gradients


class ForwardValueAndGrad(Cell):
    """The value of a network and its gradient.

    Args:
        network: a cell or function of floating-point tensors.
        weights: the parameters to differentiate by, with `get_by_list`.
        get_all: whether to differentiate by all inputs rather than by the first.
        get_by_list: whether to differentiate by `weights`; with `get_all`, by the inputs too.
        sens_param: whether the last argument is the cotangent of the output; default: ones.

    Examples:
        >>> from lamella import Tensor, nn
        >>> value, gradient = nn.ForwardValueAndGrad(lambda x: x * x)(Tensor(3.0))
        >>> value.item(), gradient.item()
        (9.0, 6.0)
    """

    def __init__(
        self,
        network: Any,
        weights: Any = None,
        get_all: bool = False,
        get_by_list: bool = False,
        sens_param: bool = False,
    ) -> None:
        super().__init__(auto_prefix=False)
        if get_by_list and weights is None:
            raise TypeError(explain("nn.ForwardValueAndGrad", given="get_by_list without weights", expected="weights"))
        self.network = network
        self.weights = weights
        self.get_all = get_all
        self.get_by_list = get_by_list
        self.sens_param = sens_param

    def construct(self, *inputs: Any) -> tuple[Any, Any]:
        """Compute the value and the gradient; the last argument is the cotangent with `sens_param`."""
        *data, sens = inputs if self.sens_param else (*inputs, None)
        output, pull = vjp(self.network, *data, weights=self.weights if self.get_by_list else ())
        by_input, by_weight = pull(sens if self.sens_param else ones_like(output))
        chosen = by_input if self.get_all else by_input[0] if by_input else ()
        if not self.get_by_list:
            return output, chosen
        return output, (chosen, by_weight) if self.get_all else by_weight
