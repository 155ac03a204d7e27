"""Cells that give gradients, or change what is done with them."""

from __future__ import annotations

from typing import Any

from lamella.autodiff.grad_operation import GradOperation
from lamella.autodiff.gradients import jvp, vjp
from lamella.engine.conversion import converted
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.layers.basic import positive_int
from lamella.nn.wrap import WithLossCell
from lamella.ops.functions.join_split import split
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = ["DistributedGradReducer", "Jvp", "MicroBatchInterleaved", "ParameterUpdate", "Vjp", "WithGradCell"]


class WithGradCell(Cell):
    """The gradients of a network's loss by its trainable parameters.

    Args:
        network: takes the data; with `loss_fn` None, it returns the loss.
        loss_fn: takes what the network returns, and the labels; or None.
        sens: the cotangent of the loss; default: ones.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn, ops
        >>> gradients = nn.WithGradCell(nn.Dense(2, 1), nn.MSELoss())(ops.ones((4, 2)), ops.ones((4, 1)))
        >>> [g.shape for g in gradients]
        [(1, 2), (1,)]
    """

    def __init__(self, network: Cell, loss_fn: Any = None, sens: Any = None) -> None:
        super().__init__(auto_prefix=False)
        self.network = network
        self.loss_fn = loss_fn
        self.weights = tuple(network.trainable_params())
        self.sens = sens
        self.network_with_loss = network if loss_fn is None else WithLossCell(network, loss_fn)
        self.network_with_loss.set_train()
        self.grad = GradOperation(get_by_list=True, sens_param=sens is not None)

    def construct(self, *inputs: Any) -> Any:
        """The gradients for a batch."""
        cotangent = () if self.sens is None else (self.sens,)
        return self.grad(self.network_with_loss, list(self.weights))(*inputs, *cotangent)


class ParameterUpdate(Cell):
    """Gives a parameter another value.

    Args:
        param: the parameter.

    Raises:
        TypeError: it is not a parameter.

    Examples:
        >>> from lamella import Parameter, Tensor, nn
        >>> w = Parameter(Tensor([1.0]), name="w")
        >>> _ = nn.ParameterUpdate(w)(Tensor([2.0]))
        >>> w.asnumpy()
        array([2.], dtype=float32)
    """

    def __init__(self, param: Any) -> None:
        super().__init__(auto_prefix=False)
        if not isinstance(param, Parameter):
            given = f"a {type(param).__name__}"
            raise TypeError(explain("nn.ParameterUpdate", given=given, expected="a Parameter"))
        self._param = param

    def construct(self, x: Tensor) -> Tensor:
        """Set the value, of the parameter's shape and type."""
        self._param.assign_value(x)
        return self._param


class DistributedGradReducer(Cell):
    """Gradients averaged, or added up, over the processes of a group; in one process they stay as they are.

    Args:
        parameters: the parameters of the gradients.
        mean: whether gradients are divided by `degree`.
        degree: the number of processes.
        fusion_type: has no effect.
        group: the name of the group.

    Raises:
        ValueError: `degree` is not an int of at least 1.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.DistributedGradReducer([])((Tensor([1.0]),))[0].item()
        1.0
    """

    def __init__(
        self,
        parameters: Any,
        mean: bool | None = None,
        degree: int | None = None,
        fusion_type: int = 1,
        group: str = "hccl_world_group",
    ) -> None:
        super().__init__(auto_prefix=False)
        if degree is not None and (isinstance(degree, bool) or not isinstance(degree, int) or degree < 1):
            raise ValueError(
                explain("nn.DistributedGradReducer", given=f"degree={degree!r}", expected="an int of at least 1")
            )
        self.mean = bool(mean)
        self.degree = 1 if degree is None else degree
        self.group = group

    def construct(self, grads: Any) -> Any:
        """The gradients that all processes agree on."""
        if not self.mean or self.degree == 1:
            return grads
        return tuple(g * (1 / self.degree) for g in grads)


class MicroBatchInterleaved(Cell):
    """A network called with parts of a batch one after the other; what it gives is added up.

    Args:
        network: the network.
        interleave_num: number of parts, a divisor of the batch.

    Raises:
        TypeError: `interleave_num` is not an int.
        ValueError: it is not positive, or does not divide the batch.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.MicroBatchInterleaved(nn.MAELoss(), 2)(ops.ones((4, 1)), ops.zeros((4, 1))).item()
        2.0
    """

    def __init__(self, network: Cell, interleave_num: int = 2) -> None:
        super().__init__(auto_prefix=False)
        self.network = network
        self.interleave_num = positive_int("nn.MicroBatchInterleaved", "interleave_num", interleave_num)

    def construct(self, *inputs: Any) -> Any:
        """The sum over the parts."""
        parts = []
        for x in inputs:
            if x.shape[0] % self.interleave_num:
                raise ValueError(
                    explain(
                        "nn.MicroBatchInterleaved",
                        given=f"a batch of {x.shape[0]}",
                        expected=f"a multiple of {self.interleave_num}",
                    )
                )
            parts.append(split(x, x.shape[0] // self.interleave_num, 0))
        result = None
        for values in zip(*parts, strict=True):
            one = self.network(*values)
            result = one if result is None else result + one
        return result


class Jvp(Cell):
    """A function's value, and its derivative in a direction.

    Args:
        fn: a function or cell of floating-point tensors.

    Examples:
        >>> from lamella import Tensor, nn
        >>> [y.item() for y in nn.Jvp(lambda x: x * x)(Tensor(3.0), Tensor(1.0))]
        [9.0, 6.0]
    """

    def __init__(self, fn: Any) -> None:
        super().__init__(auto_prefix=False)
        self.fn = fn

    def construct(self, *args: Any) -> Any:
        """The value and the derivative; the last argument is the direction: a tensor, or a tuple of them."""
        *inputs, direction = args
        directions = tuple(direction) if isinstance(direction, (tuple, list)) else (direction,)
        return jvp(converted(self.fn), tuple(inputs), directions)


class Vjp(Cell):
    """A function's value, and a cotangent pulled back to its inputs.

    Args:
        fn: a function or cell of floating-point tensors.

    Examples:
        >>> from lamella import Tensor, nn
        >>> value, slope = nn.Vjp(lambda x: x * x)(Tensor(3.0), Tensor(1.0))
        >>> value.item(), slope.item()
        (9.0, 6.0)
    """

    def __init__(self, fn: Any) -> None:
        super().__init__(auto_prefix=False)
        self.fn = fn

    def construct(self, *args: Any) -> Any:
        """The value, and the gradient by the input or inputs; the last argument is the cotangent of the value."""
        *inputs, cotangent = args
        value, pull = vjp(converted(self.fn), *inputs)
        gradients = pull(cotangent)
        return value, gradients[0] if len(inputs) == 1 else gradients
