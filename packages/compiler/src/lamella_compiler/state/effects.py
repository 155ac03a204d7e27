"""What a call of a compiled function does to Python's state besides computing, done again at each call.

The guards of a graph see to it that all that the function read is what it was; so what it then wrote is what it wrote.
Tensors among that are results of the graph. A list, dict or object that the function made is made anew at each call.
What cannot be made again, an iterator for example, can be put in its place once: a graph with it serves one call.
"""

from __future__ import annotations

import array
import copy
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lamella import tree
from lamella.dims import Dim
from lamella.ir.graph import Graph
from lamella.tensor import Tensor
from lamella_compiler.frontend.errors import compile_error
from lamella_compiler.frontend.origin import is_transformed
from lamella_compiler.state.holders import (
    ATTRIBUTES,
    CODE,
    PLAIN,
    Form,
    form_of,
    is_computed,
    is_made_plainly,
    tensors_in,
)
from lamella_compiler.state.journal import Change, Journal

_COPIED = (list, dict, OrderedDict, defaultdict, Counter, set, deque, bytearray, array.array, np.ndarray)


class _Call(NamedTuple):
    """What values are made of in one call.

    Attributes:
        tensors: the graph's results.
        made: what has been made, by the identity of what it stands for.
    """

    tensors: Sequence[Any]
    made: dict[int, Any]


Maker: TypeAlias = "Callable[[_Call], Any]"


class _Constant:
    """Makes always the same."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, call: _Call) -> Any:
        return self.value


class Effects:
    """The changes that a function makes to Python's state.

    Args:
        known: what the function did while it was built.
        changes: what of that is a change.
        result: what the function returned.
        graph: the graph that is being built.

    Raises:
        CompileError: a tensor is kept that has no number for the whole call, such as one under `vmap`.

    Attributes:
        tensors: those that changes need, as results of the graph besides the function's own.
        once: what can be put in its place once only, in words; "" if there is no such thing.
    """

    def __init__(self, known: Journal, changes: Sequence[Change], result: Any, graph: Graph) -> None:
        self.tensors: list[Any] = []
        self.once = ""
        self._known: Journal | None = known
        self._graph = graph
        leaves = tree.flatten(result)[0]
        self._results = len(leaves)
        self._positions = {id(leaf): i for i, leaf in enumerate(leaves) if isinstance(leaf, (Tensor, Dim))}
        self._unfilled: list[tuple[Tensor, int]] = []
        self._makers: set[int] = set()
        self._changes: list[tuple[Callable[[Any], Any], Maker]] = []
        for change in changes:
            before = self.once
            self._change = change
            holder = change.held.holder
            if change.operations is None:
                self._changes.append((partial(change.held.form.put, holder), self._state(change.after)))
            else:
                for method, args in change.operations:
                    self._changes.append((_operation(holder, method), self._maker(args)))
            if self.once != before:
                self.once = f"{change.name}: {self.once}"
        self._known = None
        del self._change, self._graph

    def happen(self, results: Any) -> Any:
        """Change Python's state.

        Args:
            results: what the function returned, and `tensors`.

        Returns:
            What the function returned.
        """
        result, extra = results
        call = _Call([*tree.flatten(result)[0], *extra], {})
        for placeholder, position in self._unfilled:
            placeholder._value = call.tensors[position]._value
        for change_by, maker in self._changes:
            change_by(maker(call))
        return result

    # -- how values are made --

    def _state(self, state: Any) -> Maker:
        """Makes what an object holds."""
        if isinstance(state, dict):
            return _joined(state, state.values(), lambda parts: dict(zip(state, parts, strict=True)), self._maker)
        if isinstance(state, (list, frozenset)):
            return _joined(state, state, type(state), self._maker)
        return _Constant(state)

    def _maker(self, value: Any) -> Maker:
        assert self._known is not None
        if isinstance(value, Dim) or is_computed(value):
            return self._computed(value)
        if isinstance(value, (*PLAIN, *CODE, Tensor)):
            return _Constant(value)
        if id(value) in self._makers:
            return lambda call: call.made[id(value)]
        if isinstance(value, tuple):
            return _joined(value, value, lambda parts: _tuple(type(value), parts), self._maker)
        if isinstance(value, MethodType):
            return _joined(value, [value.__self__], lambda parts: MethodType(value.__func__, parts[0]), self._maker)
        if isinstance(value, FunctionType):
            made_here = is_transformed(value.__code__) and value.__closure__ is not None
            return self._as_it_is(value, "a function") if made_here else _Constant(value)
        if type(value) is partial:
            parts = value.func, value.args, dict(value.keywords)
            return _joined(value, parts, lambda parts: partial(parts[0], *parts[1], **parts[2]), self._maker)
        form = form_of(value)
        if form is not None and self._known.holds(form, value):
            return _Constant(value)
        if type(value) in _COPIED and form is not None:
            return self._made(value, form, copy.copy(value))
        iterates = hasattr(value, "__next__")
        if self._known.is_fresh(value) or form is not None or iterates:
            if form is None and not iterates and is_made_plainly(type(value)):
                return self._made(value, ATTRIBUTES, None)
            return self._as_it_is(value, f"a {type(value).__name__}")
        return _Constant(value)

    def _computed(self, value: Any) -> Maker:
        """A tensor of the graph, or a number or size that it computes."""
        position = self._position(value)
        if type(value) is Tensor or isinstance(value, Dim) or value._number_kind is not None:
            return lambda call: call.tensors[position]
        return self._as_it_is(value, f"a {type(value).__name__}")

    def _position(self, value: Any) -> int:
        """Where a tensor of the graph is among the results."""
        known = self._positions.get(id(value))
        if known is not None:
            return known
        if isinstance(value, Tensor) and getattr(value._value, "graph", None) is not self._graph:
            raise compile_error(
                f"a tensor is kept ({self._change.name}) that has no number for the whole call, because it belongs to "
                "one row, branch or iteration.",
                "Return it from the function that is given to vmap, cond, scan, …, and keep what that gives.",
                self._change.held.place,
            )
        self._positions[id(value)] = self._results + len(self.tensors)
        self.tensors.append(value)
        return self._positions[id(value)]

    def _made(self, value: Any, form: Form, template: Any) -> Maker:
        """A container or object that the function made: another one at each call."""
        self._makers.add(id(value))
        state = form.take(value)
        if template is not None and isinstance(state, (dict, list, frozenset)):
            form.put(template, type(state)())  # what it holds comes with each call
        fill = self._state(state)
        kind = type(value)

        def make(call: _Call) -> Any:
            new = object.__new__(kind) if template is None else copy.copy(template)
            call.made[id(value)] = new
            form.put(new, fill(call))
            return new

        return make

    def _as_it_is(self, value: Any, what: str) -> Maker:
        """The very object; the tensors in it get their numbers when the graph has run."""
        self.once = self.once or f"{what}, made by the function, cannot be made again without running it"
        for tensor in tensors_in(value):
            self._unfilled.append((tensor, self._position(tensor)))
        return _Constant(value)


def _operation(holder: Any, method: str) -> Callable[[tuple[Any, ...]], Any]:
    """Calls a method of a container with arguments."""
    return lambda args: getattr(holder, method)(*args)


def _joined(
    value: Any, parts: Iterable[Any], join: Callable[[Sequence[Any]], Any], maker: Callable[[Any], Maker]
) -> Maker:
    """Makes a value of its parts; the same one always if they are always the same."""
    makers = [maker(part) for part in parts]
    if all(isinstance(part, _Constant) for part in makers):
        return _Constant(value)
    return lambda call: join([part(call) for part in makers])


def _tuple(kind: type, parts: Sequence[Any]) -> Any:
    return tuple.__new__(kind, parts)
