"""Hooks of cells: functions that see, and may replace, what goes through a cell and the gradients that come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from lamella import tree
from lamella.dtypes import int64
from lamella.engine import cell_changes
from lamella.engine.building import Building
from lamella.engine.conversion import converted
from lamella.engine.eager import Eager
from lamella.engine.stack import current
from lamella.engine.tape import Tape
from lamella.errors import explain
from lamella.ops.define.constants import scalar
from lamella.ops.functions.control import custom_derivative
from lamella.ops.functions.create import zeros_like
from lamella.ops.functions.elementwise import cast, stop_gradient
from lamella.ops.functions.reduce import sum
from lamella.ops.functions.select import where
from lamella.ops.prims.shape import filled
from lamella.tensor import Tensor

if TYPE_CHECKING:
    from lamella.nn.cell import Cell

Hook: TypeAlias = Callable[..., Any]

_next_number = count().__next__


class HookHandle:
    """What registering a hook returns.

    Examples:
        >>> from lamella import Tensor, nn
        >>> relu = nn.ReLU()
        >>> handle = relu.register_forward_hook(lambda cell, inputs, output: output + 1)
        >>> relu(Tensor(1.0)).item()
        2.0
        >>> handle.remove()
        >>> relu(Tensor(1.0)).item()
        1.0
    """

    def __init__(self, hooks: dict[int, Hook], hook: Hook) -> None:
        if not callable(hook):
            raise TypeError(explain("hook", given=f"a {type(hook).__name__}", expected="a function"))
        self._hooks = hooks
        self._number = _next_number()
        hooks[self._number] = hook
        cell_changes.advance()

    def remove(self) -> None:
        """Take the hook away; doing so twice is no error."""
        self._hooks.pop(self._number, None)
        cell_changes.advance()


class Hooks:
    """The hooks of a cell, each kind in the order in which they run."""

    def __init__(self) -> None:
        self.before: dict[int, Hook] = {}
        self.after: dict[int, Hook] = {}
        self.backward_before: dict[int, Hook] = {}
        self.backward: dict[int, Hook] = {}


def call_hooked(cell: Cell, hooks: Hooks, call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Call `call(*args)`, the cell's own computation, with the cell's hooks around it."""
    for hook in list(hooks.before.values()):
        replaced = converted(hook)(cell, args)
        if replaced is not None:
            args = replaced if isinstance(replaced, tuple) else (replaced,)

    def forward(*inputs: Any) -> Any:
        output = call(*inputs)
        for hook in list(hooks.after.values()):
            replaced = converted(hook)(cell, inputs, output)
            output = output if replaced is None else replaced
        return output

    if hooks.backward or hooks.backward_before:
        return _with_backward_hooks(cell, hooks, forward, args)
    return forward(*args)


def _with_backward_hooks(cell: Cell, hooks: Hooks, forward: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Put the inputs and the outputs through identities whose derivatives are the hooks.

    The derivative of the inputs' identity needs the gradients of the outputs too. Eagerly those of the outputs'
    identity are kept until it comes, a moment later. In a graph or under vmap they have to travel as values: the
    inputs' identity gives, besides the inputs, a zero for each output ("carriers"), which the outputs' identity
    takes; their cotangents bring the gradients. The parameters are operands of the inputs' identity so that its
    derivative runs also where no derivative by an input is wanted.
    """
    engine = current()
    if isinstance(engine, Eager):
        return forward(*args)  # it is not being differentiated
    while isinstance(engine, Tape):
        engine = engine.parent
    inputs = _Floats(args)
    parameters = [p for p in cell.get_parameters() if p.requires_grad and not any(p is x for x in inputs.tensors)]
    carriers = [] if isinstance(engine, Eager) else _output_zeros(forward, args)
    arrived: list[tuple[Tensor, ...]] = []
    n, unchanged = len(inputs.tensors), (*carriers, *parameters)
    k = n + len(carriers)

    def on_inputs(*values: Any) -> tuple[Tensor | None, ...]:
        grad_input, grad_output = values[-1][:n], values[-1][n:]
        if not carriers:  # nothing has arrived if only the inputs of the outputs' identity were used
            grad_output = arrived.pop() if arrived else tuple(map(zeros_like, outputs.tensors))
        for hook in list(hooks.backward.values()):
            grad_input = _replaced("backward hook", converted(hook)(cell, grad_input, grad_output), grad_input)
        return *grad_input, *(None for _ in unchanged)

    def on_outputs(*values: Any) -> tuple[Tensor, ...]:
        grads: tuple[Tensor, ...] = values[-1]
        for hook in list(hooks.backward_before.values()):
            grads = _replaced("backward pre hook", converted(hook)(cell, grads), grads)
        if carriers:
            return *grads, *grads
        arrived.append(grads)
        return grads

    entered = custom_derivative(lambda *xs: xs[:k], on_inputs, *inputs.tensors, *unchanged)
    output = forward(*inputs.with_tensors(entered[:n]))
    outputs = _Floats(output)
    m = len(outputs.tensors)
    left = custom_derivative(lambda *ys: ys[:m], on_outputs, *outputs.tensors, *entered[n:])
    return outputs.with_tensors(left)


class _Floats:
    """The floating-point tensors in nested containers."""

    def __init__(self, data: Any) -> None:
        self._leaves, self._spec = tree.flatten(data)
        self._at = [i for i, leaf in enumerate(self._leaves) if isinstance(leaf, Tensor) and leaf.dtype.is_inexact]
        self.tensors: list[Tensor] = [self._leaves[i] for i in self._at]

    def with_tensors(self, tensors: Sequence[Tensor]) -> Any:
        leaves = list(self._leaves)
        for i, tensor in zip(self._at, tensors, strict=True):
            leaves[i] = tensor
        return tree.unflatten(self._spec, leaves)


def _output_zeros(forward: Callable[..., Any], args: tuple[Any, ...]) -> list[Tensor]:
    """A zero like each floating-point output, found by tracing the computation and throwing the trace away."""
    probe = Building("probe")
    leaves, spec = tree.flatten(args)
    with probe.recording():
        params = [probe.param(x._type) if isinstance(x, Tensor) else x for x in leaves]
        types = [y._type for y in _Floats(forward(*tree.unflatten(spec, params))).tensors]
    # Under vmap, now or later, the outputs have a batch axis if an input has. So must the zeros: they are made to
    # depend on the inputs.
    nothing = scalar(0, int64)
    for x in leaves:
        if isinstance(x, Tensor):
            nothing = nothing + cast(sum(where(False, x, zeros_like(x))), int64)
    return [stop_gradient(filled(t) + cast(nothing, t.dtype)) for t in types]


def _replaced(subject: str, given: Any, old: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What a hook returned in place of gradients, or the gradients if it returned None."""
    if given is None:
        return old
    new = given if isinstance(given, tuple) else (given,)
    if len(new) != len(old):
        raise ValueError(explain(subject, given=f"{len(new)} gradients returned", expected=f"{len(old)}, or None"))
    return new
