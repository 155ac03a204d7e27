"""`Parameter`: a tensor with a name that training changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lamella.engine import cell_changes
from lamella.errors import explain
from lamella.ops.convert import as_tensor, cast
from lamella.ops.tensor_methods.hooks import TensorHookHandle
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

    _hooks: tuple[TensorHookHandle, ...] = ()
    #: What MindSpore keeps of a parameter for parallel training and caches, where one device needs none of it.
    key: int = -1
    comm_fusion: int = 1
    cache_enable: bool = False
    cache_shape: tuple[int, ...] = ()
    sliced: bool = False
    parallel_optimizer_comm_recompute: bool = False

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
        self.requires_grad = _a_bool("requires_grad", requires_grad)
        self.layerwise_parallel = layerwise_parallel
        self.parallel_optimizer = parallel_optimizer
        #: Whether the name was given, rather than left to the cell.
        self.is_named = name is not None

    @property
    def name(self) -> str:
        """Its name; in a cell, with the names of the cells around it in front.

        Raises:
            TypeError: a name to be set is no text.
            ValueError: it is empty.
        """
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(explain("Parameter.name", given=repr(value), expected="a text"))
        if not value:
            raise ValueError(explain("Parameter.name", given="''", expected="a text that is not empty"))
        self._name = value

    @property
    def layerwise_parallel(self) -> bool:
        """Whether its gradient stays on its device in data-parallel training."""
        return self._layerwise_parallel

    @layerwise_parallel.setter
    def layerwise_parallel(self, value: bool) -> None:
        self._layerwise_parallel = _a_bool("layerwise_parallel", value)

    @property
    def parallel_optimizer(self) -> bool:
        """Whether its optimizer state may be divided between devices."""
        return self._parallel_optimizer

    @parallel_optimizer.setter
    def parallel_optimizer(self, value: bool) -> None:
        self._parallel_optimizer = _a_bool("parallel_optimizer", value)

    @property
    def param_info(self) -> Parameter:
        """The parameter itself, which has what MindSpore keeps in an object of its own."""
        return self

    @property
    def inited_param(self) -> Parameter | None:
        """None: a parameter has its value from the beginning."""
        return None

    @property
    def is_init(self) -> bool:
        """False: no value is set on a server of parameters."""
        return False

    @property
    def has_init(self) -> bool:
        """False: a parameter has its value from the beginning, and no initializer that waits."""
        return False

    def init_data(self, layout: Any = None, set_sliced: bool = False) -> Parameter:
        """The parameter itself, which has its value from the beginning.

        Args:
            layout: how it is divided among devices; None on one.
            set_sliced: accepted for MindSpore's sake.

        Raises:
            ValueError: a layout is given.

        Examples:
            >>> from lamella import Parameter, Tensor
            >>> w = Parameter(Tensor([1.0]), name="w")
            >>> w.init_data() is w
            True
        """
        if layout is not None:
            raise ValueError(explain("Parameter.init_data", given=f"layout={layout!r}", expected="None, on one device"))
        return self

    def register_hook(self, hook: Callable[[Tensor], Any]) -> TensorHookHandle:
        """Call a function with the parameter's gradient whenever one is computed.

        Args:
            hook: takes the gradient; what it returns, unless None, is the gradient instead.

        Returns:
            A handle whose `remove` takes the hook away.

        Raises:
            TypeError: `hook` is no function.

        Examples:
            >>> from lamella import Parameter, Tensor, grad
            >>> w = Parameter(Tensor([1.0, 2.0]), name="w")
            >>> handle = w.register_hook(lambda gradient: gradient * 10)
            >>> grad(lambda x: (w * x).sum(), None, w)(Tensor([1.0, 2.0])).tolist()
            [10.0, 20.0]
        """
        if not callable(hook):
            raise TypeError(explain("Parameter.register_hook", given=f"a {type(hook).__name__}", expected="a function"))
        handle = TensorHookHandle(hook)
        self._hooks = (*self.gradient_hooks, handle)
        cell_changes.advance()
        return handle

    @property
    def gradient_hooks(self) -> tuple[TensorHookHandle, ...]:
        """The hooks of `register_hook` that have not been removed."""
        return tuple(handle for handle in self._hooks if handle.hook is not None)

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


def _a_bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(explain("Parameter", given=f"{name}={value!r}", expected="a bool"))
    return value


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
