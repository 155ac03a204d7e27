"""`GradOperation`: MindSpore's older form of `grad`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella import ops
from lamella.autodiff.compiling import outermost_compiles
from lamella.autodiff.gradients import vjp
from lamella.engine.conversion import converted
from lamella.errors import explain
from lamella.tensor import Tensor


class GradOperation:
    """Makes functions that give gradients of others.

    Args:
        get_all: whether to differentiate by all inputs rather than by the first.
        get_by_list: whether to differentiate by a list of parameters; with `get_all`, by the inputs too.
        sens_param: whether the gradient function takes, as its last argument, the cotangent of the output; default:
            ones.

    Raises:
        TypeError: an argument is not a bool.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.GradOperation(get_all=True)(lambda x, y: x * y)(Tensor(2.0), Tensor(3.0))[1].item()
        2.0
    """

    def __init__(self, get_all: bool = False, get_by_list: bool = False, sens_param: bool = False) -> None:
        for name, value in (("get_all", get_all), ("get_by_list", get_by_list), ("sens_param", sens_param)):
            if not isinstance(value, bool):
                raise TypeError(explain("ops.GradOperation", given=f"{name}={value!r}", expected="True or False"))
        self.get_all = get_all
        self.get_by_list = get_by_list
        self.sens_param = sens_param

    def __call__(self, fn: Callable[..., Any], weights: Any = None) -> Callable[..., Any]:
        """The gradient function of `fn`.

        Args:
            fn: a function or `Cell` of floating-point tensors.
            weights: the parameters, with `get_by_list`; default: those that `fn`, a `Cell`, trains.

        Returns:
            A function that takes what `fn` takes (and the cotangent, with `sens_param`) and returns the gradient by
            the first input, or a tuple by all inputs, or by the parameters, or a pair of these.
        """
        if self.get_by_list and weights is None:
            if not hasattr(fn, "trainable_params"):
                raise TypeError(
                    explain("ops.GradOperation", given="get_by_list without weights", expected="weights, or a Cell")
                )
            weights = fn.trainable_params()

        listed = [weights] if isinstance(weights, Tensor) else weights or []
        settings = self.get_all, self.get_by_list, self.sens_param, tuple(map(id, listed))

        @outermost_compiles(fn, "GradOperation", *settings)
        def gradient(*args: Any) -> Any:
            *inputs, sens = args if self.sens_param else (*args, None)
            floats = [x for x in inputs if isinstance(x, Tensor) and x.dtype.computes]
            positions = [i for i, x in enumerate(inputs) if any(x is f for f in floats)]

            def of_floats(*values: Any) -> Any:
                full = list(inputs)
                for position, value in zip(positions, values, strict=True):
                    full[position] = value
                return converted(fn)(*full)

            output, pull = vjp(of_floats, *(inputs[i] for i in positions), weights=weights if self.get_by_list else ())
            seed = sens if self.sens_param else _ones(output)
            by_input, by_weight = pull(seed)
            every = [ops.zeros_like(x) if isinstance(x, Tensor) else x for x in inputs]
            for position, g in zip(positions, by_input, strict=True):
                every[position] = g
            chosen = tuple(every) if self.get_all else every[0] if every else ()
            if not self.get_by_list:
                return chosen
            return (chosen, by_weight) if self.get_all else by_weight

        return gradient


def _ones(output: Any) -> Any:
    return tuple(map(ops.ones_like, output)) if isinstance(output, tuple) else ops.ones_like(output)
