"""`Parameter`: a tensor with a name that training changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lamella.engine import cell_changes
from lamella.errors import explain
from lamella.ops.convert import as_tensor, cast
from lamella.tensor import Tensor


class Parameter(Tensor):
    """A tensor that belongs to a `Cell` and is trained or kept as its state.

    Args:
        default_input: the first value: a tensor, numbers or a NumPy array; copied.
        name: its name; a `Cell` puts its own name in front when the parameter becomes its attribute. Default: the
            attribute's.
        requires_grad: whether training changes it.
        layerwise_parallel: whether its gradient stays on its device in data-parallel training.
        parallel_optimizer: whether its optimizer state may be divided between devices.

    Raises:
        TypeError: the value is not numbers; `name` is not a text.

    Examples:
        >>> from lamella import Parameter, Tensor
        >>> w = Parameter(Tensor([1.0, 2.0]), name="w")
        >>> w.set_data(w * 2)
        Parameter (name=w, shape=(2,), dtype=float32, requires_grad=True)
        >>> w.asnumpy()
        array([2., 4.], dtype=float32)
    """

    def __init__(
        self,
        default_input: Any,
        name: str | None = None,
        requires_grad: bool = True,
        layerwise_parallel: bool = False,
        parallel_optimizer: bool = True,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(explain("Parameter", given=f"name={name!r}", expected="a text or None"))
        super().__init__(default_input)
        self.name = name or "Parameter"
        self.requires_grad = requires_grad
        self.layerwise_parallel = layerwise_parallel
        self.parallel_optimizer = parallel_optimizer
        #: Whether the name was given, rather than left to the cell.
        self.is_named = name is not None

    def value(self) -> Tensor:
        """The present value, as a tensor of its own."""
        return self.copy()

    @property
    def requires_grad(self) -> bool:
        """Whether training changes it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self._requires_grad = value
        cell_changes.advance()

    @property
    def data(self) -> Parameter:
        """The parameter itself, as in MindSpore."""
        return self

    def set_data(self, data: Any, slice_shape: bool = False) -> Parameter:
        """Replace the value, also by one of another shape; returns the parameter.

        Args:
            data: the new value: a tensor or numbers.
            slice_shape: whether the shape may change.

        Raises:
            TypeError: `data` has floats and the parameter integers.
            ValueError: the shape differs, and `slice_shape` is False.
        """
        source = as_tensor(data, self.dtype, "Parameter.set_data")
        if source.dtype.is_float and not self.dtype.is_float:
            raise TypeError(
                explain(
                    "Parameter.set_data", given=f"{source.dtype} data for {self.name}", expected=f"{self.dtype} data"
                )
            )
        if source.shape != self.shape and not slice_shape:
            raise ValueError(
                explain(
                    "Parameter.set_data",
                    given=f"shape {source.shape} for {self.name}",
                    expected=f"shape {self.shape}",
                    remedy="Pass slice_shape=True to change it.",
                )
            )
        self._assign(cast(source, self.dtype), "Parameter.set_data")
        return self

    def clone(self, init: Any = "same") -> Parameter:
        """A parameter of its own.

        Args:
            init: "same" for the same value, or an initializer (or its name, or a number) for a new one of the shape.
        """
        if isinstance(init, str) and init == "same":
            value: Any = self.copy()
        else:
            from lamella.initializer import initializer

            value = initializer(init, self.shape, self.dtype)
        twin = Parameter(value, self.name, self.requires_grad, self.layerwise_parallel, self.parallel_optimizer)
        twin.is_named = self.is_named
        return twin

    def __copy__(self) -> Parameter:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        memo[id(self)] = twin = self.clone()
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        settings = (self.name, self.requires_grad, self.layerwise_parallel, self.parallel_optimizer, self.is_named)
        return _restore, (np.array(self.asnumpy()), *settings)

    def __repr__(self) -> str:
        return (
            f"Parameter (name={self.name}, shape={self.shape}, dtype={self.dtype}, requires_grad={self.requires_grad})"
        )


def _restore(array: np.ndarray[Any, Any], *settings: Any) -> Parameter:
    *given, is_named = settings
    parameter = Parameter(array, *given)
    parameter.is_named = is_named
    return parameter


class ParameterTuple(tuple[Parameter, ...]):
    """A tuple of parameters.

    Examples:
        >>> from lamella import Parameter, ParameterTuple, Tensor
        >>> len(ParameterTuple([Parameter(Tensor(1.0), name="a"), Parameter(Tensor(2.0), name="b")]))
        2
    """

    def __new__(cls, iterable: Iterable[Parameter]) -> ParameterTuple:
        """Check the items and make the tuple."""
        parameters = tuple(iterable)
        for item in parameters:
            if not isinstance(item, Parameter):
                raise TypeError(explain("ParameterTuple", given=f"a {type(item).__name__}", expected="Parameters"))
        return super().__new__(cls, parameters)

    def clone(self, prefix: str, init: Any = "same") -> ParameterTuple:
        """Parameters of their own, with names that start with a prefix.

        Args:
            prefix: what stands before the names, with a dot.
            init: as for `Parameter.clone`.
        """
        clones: list[Parameter] = []
        for parameter in self:
            twin = parameter.clone(init)
            twin.name = f"{prefix}.{parameter.name}"
            twin.is_named = True
            clones.append(twin)
        return ParameterTuple(clones)
