"""`Cell`: a part of a network, with parameters and other cells as its attributes."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lamella import context, ops, plugins, tree
from lamella.context import GRAPH_MODE
from lamella.dtypes import DType, as_dtype, bfloat16, float16, float32
from lamella.engine import cell_changes, place
from lamella.engine.conversion import converted, converter
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.nn.hooks import Hook, HookHandle, Hooks, call_hooked
from lamella.ops.functions.control import custom_derivative
from lamella.parameter import Parameter, ParameterTuple
from lamella.tensor import Tensor

_converter = converter.get


class Cell:
    """A part of a network: a function `construct` with parameters and other cells as its state.

    A subclass assigns parameters and cells to attributes in `__init__`, after `super().__init__()`, and computes in
    `construct`. Parameters are called after the attributes that lead to them, such as "conv.weight".

    A subclass may define `bprop(self, *inputs, out, dout)`, its derivative: it gets the inputs, what `construct`
    returned and the gradients of that, and returns a tuple with a gradient for each input.

    Args:
        auto_prefix: whether the attributes' names stand before the names of the parameters of cells below.
        flags: attributes to set to begin with.

    Attributes:
        training: whether layers such as Dropout work as in training; see `set_train`.
        requires_grad: what `set_grad` was given last.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> class Net(nn.Cell):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.scale = ms.Parameter(ms.Tensor(2.0))
        ...         self.relu = nn.ReLU()
        ...     def construct(self, x):
        ...         return self.relu(x) * self.scale
        >>> net = Net()
        >>> net(ms.Tensor([-1.0, 3.0])).asnumpy()
        array([0., 6.], dtype=float32)
        >>> net.trainable_params()
        [Parameter (name=scale, shape=(), dtype=float32, requires_grad=True)]
    """

    training: bool = False
    requires_grad: bool = False
    __hooks: Hooks | None = None
    __float_type: DType | None = None
    #: The part of a training step that the cell is; None: that of what calls it.
    _part: str | None = None
    __inputs: tuple[Any, ...] | None = None
    __plain: bool = True  # whether calling the cell is nothing but `construct`

    def __init__(self, auto_prefix: bool = True, flags: dict[str, Any] | None = None) -> None:
        self._params: OrderedDict[str, Parameter] = OrderedDict()
        self._cells: OrderedDict[str, Cell] = OrderedDict()
        self._auto_prefix = auto_prefix
        self._param_prefix = ""
        self.__flags: dict[str, Any] = {}
        self.cls_name = type(self).__name__
        if hasattr(self, "bprop"):
            self.__plain = False
        self.add_flags(**(flags or {}))

    # -- calling --

    def construct(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; defined by subclasses."""
        raise AttributeError(
            explain(
                type(self).__name__,
                given="a call of a cell without `construct`",
                expected="a method `construct(self, …)`, which computes the result",
            )
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result, with hooks and all else that belongs to the cell around `construct`."""
        # The one place where GRAPH_MODE begins: a call that no graph build surrounds is the compiler's.
        engine = current()
        if context.mode == GRAPH_MODE and not engine.builds:
            return plugins.compiler().call_cell(self, args, kwargs)
        outside = place.enter(self) if engine.locates else None
        try:
            if not self.__plain:
                return self.__run(args, kwargs)
            return (self.construct if _converter() is None else converted(self.construct))(*args, **kwargs)
        except TypeError as error:
            self.__explain_arguments(args, kwargs, error)
            raise
        finally:
            if outside is not None:
                place.leave(outside)

    def __run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`construct` with all that may surround it: input types, a derivative of its own, hooks."""

        def call(*inputs: Any) -> Any:
            if self.__float_type is not None:
                inputs = _as_float_type(inputs, self.__float_type)
            with self.__weights_as_float_type():
                if hasattr(self, "bprop"):
                    return self.__with_bprop(inputs, kwargs)
                return converted(self.construct)(*inputs, **kwargs)

        return call(*args) if self.__hooks is None else call_hooked(self, self.__hooks, call, args)

    def __with_bprop(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        at = [i for i, x in enumerate(args) if isinstance(x, Tensor)]

        def filled(tensors: tuple[Tensor, ...]) -> list[Any]:
            full = list(args)
            for i, x in zip(at, tensors, strict=True):
                full[i] = x
            return full

        def backward(*values: Any) -> tuple[Any, ...]:
            *tensors, out, dout = values
            grads = converted(self.bprop)(*filled(tuple(tensors)), out, dout)
            listed = grads if isinstance(grads, (tuple, list)) else (grads,)
            if len(listed) != len(args):
                raise TypeError(
                    explain(
                        f"{type(self).__name__}.bprop",
                        given=f"{len(listed)} gradients returned",
                        expected=f"one for each of {len(args)} inputs",
                    )
                )
            return tuple(listed[i] for i in at)

        return custom_derivative(
            lambda *tensors: converted(self.construct)(*filled(tensors), **kwargs), backward, *(args[i] for i in at)
        )

    def __explain_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any], error: TypeError) -> None:
        """Raise a worded error if `construct` does not take such arguments."""
        signature = inspect.signature(self.construct)
        try:
            signature.bind(*args, **kwargs)
        except TypeError as misfit:
            raise TypeError(
                explain(
                    f"{type(self).__name__}{signature}",
                    given=f"{len(args) + len(kwargs)} arguments",
                    expected="what `construct` takes",
                    remedy=f"{str(misfit).capitalize()}.",
                )
            ) from error

    def set_inputs(self, *inputs: Any) -> None:
        """Describe the arguments of the cell to a compiler, with open sizes.

        Args:
            inputs: for each argument of `construct` a tensor with its type and shape, such as
                `Tensor(shape=[None, 3], dtype=lamella.float32)`, where None leaves a size open; or nested ones.

        Examples:
            >>> import lamella as ms
            >>> net = ms.nn.Dense(3, 2)
            >>> net.set_inputs(ms.Tensor(shape=[None, 3], dtype=ms.float32))
            >>> len(net.get_inputs())
            1
        """
        self.__inputs = inputs

    def get_inputs(self) -> tuple[Any, ...] | None:
        """What `set_inputs` was given; None if it never was called."""
        return self.__inputs

    # -- attributes --

    def __setattr__(self, name: str, value: Any) -> None:
        state = vars(self)
        params, cells = state.get("_params"), state.get("_cells")
        if params is None or cells is None:
            if isinstance(value, (Parameter, ParameterTuple, Cell)):
                self.__refuse_uninitialized(f"assigning {name}")
            object.__setattr__(self, name, value)
        elif isinstance(value, Parameter):
            self.__adopt_parameter(name, value)
        elif isinstance(value, Cell):
            self.__adopt_cell(name, value)
        elif name in params:
            self.__replace_parameter(name, value)
        elif name in cells and value is not None:
            raise TypeError(
                explain(
                    f"{type(self).__name__}.{name}",
                    given=f"a {type(value).__name__} in place of a cell",
                    expected="a Cell, or None to take it away",
                )
            )
        else:
            if isinstance(value, ParameterTuple):
                for parameter in value:
                    params.setdefault(parameter.name, parameter)
            cells.pop(name, None)
            object.__setattr__(self, name, value)
        cell_changes.advance()

    def __adopt_parameter(self, name: str, parameter: Parameter) -> None:
        if name in self._cells:
            raise ValueError(
                explain(f"{type(self).__name__}.{name}", given="a Parameter in place of a cell", expected="a Cell")
            )
        if not parameter.is_named:
            parameter.name, parameter.is_named = _joined(self._param_prefix, name), True
        self._params[name] = parameter
        object.__setattr__(self, name, parameter)

    def __adopt_cell(self, name: str, cell: Cell) -> None:
        if name in self._params:
            raise ValueError(
                explain(f"{type(self).__name__}.{name}", given="a Cell in place of a parameter", expected="a Parameter")
            )
        if "_params" not in vars(cell):
            cell.__refuse_uninitialized("using it as an attribute")
        self._cells[name] = cell
        if self._auto_prefix:
            cell.update_parameters_name(f"{_joined(self._param_prefix, name)}.")
        object.__setattr__(self, name, cell)

    def __replace_parameter(self, name: str, value: Any) -> None:
        """What assigning something else to a parameter's attribute means: None removes it, a tensor is its value."""
        if value is None:
            del self._params[name]
            object.__setattr__(self, name, None)
        elif isinstance(value, Tensor):
            self._params[name].set_data(value)
        else:
            raise TypeError(
                explain(
                    f"{type(self).__name__}.{name}",
                    given=f"a {type(value).__name__} in place of a parameter",
                    expected="a Parameter, a Tensor for its value, or None to take it away",
                )
            )

    def __delattr__(self, name: str) -> None:
        self._params.pop(name, None)
        self._cells.pop(name, None)
        object.__delattr__(self, name)
        cell_changes.advance()

    def __getattr__(self, name: str) -> Any:
        if "_params" not in vars(self) and name in ("_params", "_cells", "_auto_prefix"):
            self.__refuse_uninitialized("using it")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __refuse_uninitialized(self, doing: str) -> None:
        raise AttributeError(
            explain(
                type(self).__name__,
                given="a cell that is not initialized",
                expected=f"super().__init__() before {doing}",
            )
        )

    def insert_param_to_cell(
        self, param_name: str, param: Parameter | None, check_name_contain_dot: bool = True
    ) -> None:
        """Add a parameter under a name.

        Args:
            param_name: name of the attribute.
            param: the parameter.
            check_name_contain_dot: whether to refuse names with a dot.

        Raises:
            TypeError: `param` is not a Parameter.
            ValueError: the name has a dot or is taken by something else.
        """
        if check_name_contain_dot and "." in param_name:
            raise ValueError(
                explain("Cell.insert_param_to_cell", given=f"the name {param_name!r}", expected="a name without a dot")
            )
        if param_name in vars(self) and param_name not in self._params:
            raise ValueError(
                explain("Cell.insert_param_to_cell", given=f"the name {param_name!r}", expected="a name that is free")
            )
        if not isinstance(param, Parameter):
            raise TypeError(
                explain("Cell.insert_param_to_cell", given=f"a {type(param).__name__}", expected="a Parameter")
            )
        setattr(self, param_name, param)

    def insert_child_to_cell(self, child_name: str, child_cell: Cell) -> None:
        """Add a cell under a name.

        Args:
            child_name: name of the attribute, which must be free.
            child_cell: the cell.

        Raises:
            TypeError: `child_cell` is not a Cell.
            ValueError: the name is taken.
        """
        if hasattr(self, child_name):
            raise ValueError(
                explain("Cell.insert_child_to_cell", given=f"the name {child_name!r}", expected="a name that is free")
            )
        if not isinstance(child_cell, Cell):
            raise TypeError(
                explain("Cell.insert_child_to_cell", given=f"a {type(child_cell).__name__}", expected="a Cell")
            )
        setattr(self, child_name, child_cell)

    # -- what is below --

    def cells_and_names(self, cells: set[int] | None = None, name_prefix: str = "") -> Iterator[tuple[str, Cell]]:
        """This cell and all below it, each once, with the names that lead to them.

        Args:
            cells: identities of cells to leave out; the ones that are found are added.
            name_prefix: the name of this cell.

        Examples:
            >>> from lamella import nn
            >>> [name for name, _ in nn.SequentialCell(nn.ReLU(), nn.Flatten()).cells_and_names()]
            ['', '0', '1']
        """
        seen = set() if cells is None else cells
        if id(self) in seen:
            return
        seen.add(id(self))
        yield name_prefix, self
        for name, cell in self._cells.items():
            yield from cell.cells_and_names(seen, _joined(name_prefix, name))

    def cells(self) -> Any:
        """The cells that are attributes of this one."""
        return self.name_cells().values()

    def name_cells(self) -> OrderedDict[str, Cell]:
        """The cells that are attributes of this one, by name, each once."""
        found: OrderedDict[str, Cell] = OrderedDict()
        for name, cell in self._cells.items():
            if not any(cell is other for other in found.values()):
                found[name] = cell
        return found

    def parameters_and_names(self, name_prefix: str = "", expand: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with the attributes that lead to them.

        Args:
            name_prefix: what stands before the names.
            expand: whether to include those of the cells below.
        """
        seen: set[int] = set()
        holders = self.cells_and_names(name_prefix=name_prefix) if expand else [(name_prefix, self)]
        for prefix, cell in holders:
            for name, parameter in cell._params.items():
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield _joined(prefix, name), parameter

    def get_parameters(self, expand: bool = True) -> Iterator[Parameter]:
        """All parameters, each once.

        Args:
            expand: whether to include those of the cells below.
        """
        for _, parameter in self.parameters_and_names(expand=expand):
            yield parameter

    def trainable_params(self, recurse: bool = True) -> list[Parameter]:
        """Parameters that training changes.

        Args:
            recurse: whether to include those of the cells below.
        """
        return [p for p in self.get_parameters(recurse) if p.requires_grad]

    def untrainable_params(self, recurse: bool = True) -> list[Parameter]:
        """Parameters that training leaves as they are.

        Args:
            recurse: whether to include those of the cells below.
        """
        return [p for p in self.get_parameters(recurse) if not p.requires_grad]

    def parameters_dict(self, recurse: bool = True) -> OrderedDict[str, Parameter]:
        """All parameters by name.

        Args:
            recurse: whether to include those of the cells below.
        """
        return OrderedDict((p.name, p) for p in self.get_parameters(recurse))

    def update_parameters_name(self, prefix: str = "", recurse: bool = True) -> None:
        """Name the parameters after the attributes that lead to them.

        Args:
            prefix: what stands before the names, with a dot at its end.
            recurse: whether to include those of the cells below.
        """
        if not prefix:
            return
        for name, parameter in self.parameters_and_names(expand=recurse):
            parameter.name, parameter.is_named = prefix + name, True
        for name, cell in self.cells_and_names(name_prefix=prefix.rstrip(".")):
            cell._param_prefix = name

    def check_names(self) -> None:
        """See to it that no two parameters have the same name.

        Raises:
            ValueError: two have.
        """
        names: set[str] = set()
        for parameter in self.get_parameters():
            if parameter.name in names:
                raise ValueError(
                    explain(
                        type(self).__name__,
                        given=f"two parameters called {parameter.name!r}",
                        expected="names that differ",
                        remedy="Leave naming to the cell, or give each a name of its own.",
                    )
                )
            names.add(parameter.name)

    @property
    def param_prefix(self) -> str:
        """The attributes that lead to this cell: what stands before the names of its parameters."""
        return self._param_prefix

    def init_parameters_data(self, auto_parallel_mode: bool = False) -> dict[Parameter, Parameter]:
        """Give parameters their first values. Here they have them from the start, so that nothing changes.

        Args:
            auto_parallel_mode: has no effect.

        Returns:
            Each parameter and what has taken its place: itself.
        """
        return {p: p for p in self.get_parameters()}

    def apply(self, fn: Callable[[Cell], Any]) -> Cell:
        """Call a function on every cell below this one, then on this one; returns the cell.

        Args:
            fn: takes a cell.
        """
        for cell in self.cells():
            cell.apply(fn)
        fn(self)
        return self

    # -- settings --

    def set_train(self, mode: bool = True) -> Cell:
        """Make this cell and all below it work as in training, or not; returns the cell.

        Args:
            mode: whether as in training.
        """
        self.training = mode
        self.__flags["training"] = mode
        for cell in self._cells.values():
            cell.set_train(mode)
        return self

    def set_grad(self, requires_grad: bool = True) -> Cell:
        """Note whether gradients are wanted; derivatives are taken where they are asked for, whatever this says.

        Args:
            requires_grad: whether they are wanted.
        """
        self.requires_grad = requires_grad
        return self

    def to_float(self, dst_type: Any) -> Cell:
        """Let this cell and all below it compute in a floating-point type; returns the cell.

        Inputs and trained parameters are converted at each call; the parameters themselves keep their type.

        Args:
            dst_type: float16, bfloat16 or float32.

        Raises:
            ValueError: another type.
        """
        dtype = as_dtype(dst_type, "Cell.to_float")
        if dtype not in (float16, bfloat16, float32):
            raise ValueError(explain("Cell.to_float", given=str(dtype), expected="float16, bfloat16 or float32"))
        for _, cell in self.cells_and_names():
            cell.__float_type = dtype
            cell.__plain = False
        return self

    @contextmanager
    def __weights_as_float_type(self) -> Iterator[None]:
        """Let the attributes of trained parameters be converted copies while `construct` runs."""
        dtype = self.__float_type
        own = {n: p for n, p in self._params.items() if p.requires_grad and p.dtype.is_float} if dtype else {}
        state = vars(self)
        state.update((name, ops.cast(parameter, dtype)) for name, parameter in own.items())
        try:
            yield
        finally:
            state.update(own)

    def add_flags(self, **flags: Any) -> Cell:
        """Set attributes, and remember them for `get_flags`; returns the cell.

        Args:
            flags: names and values.
        """
        self.__flags.update(flags)
        for name, value in flags.items():
            setattr(self, name, value)
        return self

    def add_flags_recursive(self, **flags: Any) -> Cell:
        """As `add_flags`, for this cell and all below it.

        Args:
            flags: names and values.
        """
        for _, cell in self.cells_and_names():
            cell.add_flags(**flags)
        return self

    def get_flags(self) -> dict[str, Any]:
        """What `add_flags` and `set_train` have set."""
        return self.__flags

    # -- hooks --

    def __hooked(self) -> Hooks:
        if self.__hooks is None:
            self.__hooks = Hooks()
            self.__plain = False
        return self.__hooks

    def register_forward_pre_hook(self, hook_fn: Hook) -> HookHandle:
        """Call a function before `construct`, in any mode.

        Args:
            hook_fn: takes the cell and the tuple of positional arguments; returns other arguments, or None.

        Raises:
            TypeError: `hook_fn` is not a function.
        """
        return HookHandle(self.__hooked().before, hook_fn)

    def register_forward_hook(self, hook_fn: Hook) -> HookHandle:
        """Call a function after `construct`, in any mode.

        Args:
            hook_fn: takes the cell, the tuple of positional arguments and the result; returns another result, or None.

        Raises:
            TypeError: `hook_fn` is not a function.
        """
        return HookHandle(self.__hooked().after, hook_fn)

    def register_backward_pre_hook(self, hook_fn: Hook) -> HookHandle:
        """Call a function when the gradients of the cell's results are known.

        Args:
            hook_fn: takes the cell and a tuple with the gradient of each floating-point tensor of the result; returns
                other gradients, or None.

        Raises:
            TypeError: `hook_fn` is not a function.
        """
        return HookHandle(self.__hooked().backward_before, hook_fn)

    def register_backward_hook(self, hook_fn: Hook) -> HookHandle:
        """Call a function when the gradients of the cell's inputs are known.

        Args:
            hook_fn: takes the cell, a tuple with the gradient of each floating-point tensor among the positional
                arguments, and a tuple with that of each in the result; returns other gradients of the arguments, or
                None.

        Raises:
            TypeError: `hook_fn` is not a function.
        """
        return HookHandle(self.__hooked().backward, hook_fn)

    # -- printing --

    def extend_repr(self) -> str:
        """Settings that `repr` shows; defined by subclasses."""
        return ""

    def __repr__(self) -> str:
        settings = self.extend_repr()
        if not self._cells:
            return f"{type(self).__name__}({settings})"
        lines = [settings] if settings else []
        lines += [f"({name}): {cell!r}" for name, cell in self._cells.items()]
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _as_float_type(inputs: tuple[Any, ...], dtype: DType) -> tuple[Any, ...]:
    """Inputs with their floating-point tensors in another type."""
    converted: tuple[Any, ...] = tree.map_leaves(
        lambda x: ops.cast(x, dtype) if isinstance(x, Tensor) and x.dtype.is_float else x, inputs
    )
    return converted
