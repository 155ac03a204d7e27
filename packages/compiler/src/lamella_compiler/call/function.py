"""A function that runs as compiled graphs: one for each way that it is called and each state of what it reads."""

from __future__ import annotations

import copy
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import update_wrapper
from threading import RLock
from types import MethodType
from typing import Any, NamedTuple

from lamella import context, plugins
from lamella.dims import Dim
from lamella.engine.conversion import converter
from lamella.engine.eager import EAGER
from lamella.engine.stack import current
from lamella.errors import LamellaError
from lamella.ir import pipeline
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import name_of
from lamella.plugins import Backend
from lamella.tensor import Tensor
from lamella.turns import move
from lamella.types import TensorType
from lamella_compiler.call.arguments import Arguments, numbers_needed, sorted_arguments
from lamella_compiler.call.forms import held_form
from lamella_compiler.call.open_sizes import admits, differing_axes, opened
from lamella_compiler.call.signature import Signature
from lamella_compiler.call.statistics import CacheInfo
from lamella_compiler.call.tracing import trace
from lamella_compiler.frontend import convert
from lamella_compiler.passes import optimized
from lamella_compiler.state.effects import Effects
from lamella_compiler.state.guards import Guards
from lamella_compiler.state.journal import Journal

#: Graphs of one function that are kept; those that have not been used for longest go.
MOST_ENTRIES = 64
#: After so many compilations of one function there is a warning, and again after as many more.
WARN_AFTER = 32


class RecompilationWarning(UserWarning):
    """A function is compiled again and again."""


class Options(NamedTuple):
    """How a function is compiled.

    Attributes:
        backend: name of the device; "" for the current one.
        dynamic: whether sizes in which calls differ are left open.
        signature: what the arguments must be, if that was said.
    """

    backend: str = ""
    dynamic: bool = False
    signature: Signature | None = None


DEFAULTS = Options()


class Entry(NamedTuple):
    """A graph and what it is for."""

    arguments: Arguments
    types: list[TensorType]
    open: bool
    guards: Guards
    program: StatefulCall
    effects: Effects | None

    def takes(self, types: list[TensorType]) -> bool:
        """Whether inputs of these types fit."""
        return self.types == types or (self.open and admits(self.types, self.program.graph.guards, types))


class Compiled:
    """A function that runs as compiled graphs.

    While a graph is built around it, it becomes a part of that.

    Args:
        fn: the function, method or cell.
        name: what the graphs are called.
        options: how it is compiled.
    """

    def __init__(self, fn: Callable[..., Any], name: str = "", options: Options = DEFAULTS) -> None:
        self._fn = fn
        self._name = name or name_of(fn)
        self._options = options
        self._entries: list[Entry] = []
        self._fixed: frozenset[Any] = frozenset()
        self._compiling = RLock()
        self._hits = self._misses = 0
        self._unrepeatable: set[str] = set()
        self._reasons: deque[str] = deque(maxlen=WARN_AFTER)
        self._seconds: deque[float] = deque(maxlen=WARN_AFTER)
        update_wrapper(self, fn, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, by a graph that fits or a new one."""
        engine = current()
        if engine.builds:
            return (converter.get() or convert)(self._fn)(*args, **kwargs)
        arguments = sorted_arguments(args, kwargs, self._device, self._fixed)
        tensors = arguments.tensors
        if engine is EAGER:
            values: list[Any] = [x._value for x in tensors]
            types = [value.type for value in values]
            backend, ordinal = self._device()
            for x, value in zip(tensors, values, strict=True):
                if value.backend is not backend or value.ordinal != ordinal:
                    move([x], backend, ordinal, f"compiled function {self._name}")
        else:
            types = [x._type for x in tensors]
        entry = self._find(arguments, types)
        if entry is None:
            entry, tensors = self._compile(args, kwargs)
        else:
            self._hits += 1
        result = entry.program.run(tensors)
        return result if entry.effects is None else entry.effects.happen(result)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: compiled for each object, which holds what was compiled for it."""
        if instance is None:
            return self
        method = MethodType(self._fn, instance)
        state = getattr(instance, "__dict__", None)
        if state is None:  # it has no place for it: the object is an argument
            return MethodType(self, instance)
        return held_form(state, self, lambda: Compiled(method, self._name, self._options))

    def __deepcopy__(self, memo: dict[int, Any]) -> Compiled:
        return Compiled(copy.deepcopy(self._fn, memo), self._name, self._options)

    def __reduce__(self) -> Any:
        return Compiled, (self._fn, self._name, self._options)

    def cache_info(self) -> CacheInfo:
        """What has happened so far."""
        return CacheInfo(self._hits, self._misses, len(self._entries), tuple(self._reasons), tuple(self._seconds))

    def _device(self) -> tuple[Backend, int]:
        return plugins.device(self._options.backend) if self._options.backend else (context.backend, context.ordinal)

    def _find(self, arguments: Arguments, types: list[TensorType]) -> Entry | None:
        backend, ordinal = self._device()
        for entry in self._entries:
            if (
                entry.takes(types)
                and entry.arguments.key == arguments.key
                and entry.arguments.spec == arguments.spec
                and entry.program.backend is backend
                and entry.program.ordinal == ordinal
                and entry.guards.hold()
                and entry.program.fits()
            ):
                if entry is not self._entries[0]:
                    self._entries = [entry, *(other for other in self._entries if other is not entry)]
                return entry
        return None

    def _compile(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Entry, Sequence[Tensor]]:
        """Build a graph for a call, unless another thread just has."""
        with self._compiling:
            while True:
                arguments = sorted_arguments(args, kwargs, self._device, self._fixed)
                given = [x._type for x in arguments.tensors]
                entry = self._find(arguments, given)
                if entry is not None:
                    return entry, arguments.tensors
                types = self._opened(arguments, given)
                start = time.perf_counter()
                known = Journal()
                try:
                    entry = self._entry(arguments, types, known)
                    if not entry.takes(given):  # the function assumed something of the open sizes that does not hold
                        entry = self._entry(arguments, given, known := Journal())
                except Exception as error:
                    needed = numbers_needed(arguments, error) if isinstance(error, (TypeError, ValueError)) else ()
                    if not needed:
                        if not isinstance(error, LamellaError):  # raised by the function, as it would be op by op
                            known.redo_what_has_no_tensors()
                        raise
                    self._fixed |= {(arguments.spec, position) for position in needed}  # constants from now on
                else:
                    break
            seconds = time.perf_counter() - start
            reason = self._note_miss(arguments, types, seconds)
            pipeline.tell(pipeline.Compilation(self._name, reason, entry.program.graph, seconds))
            changed = entry.effects.once if entry.effects is not None else ""
            unwatched = changed or known.unwatched or entry.guards.broken()
            if unwatched:
                self._warn_once(unwatched)
            else:
                self._entries = [entry, *self._entries[: MOST_ENTRIES - 1]]
            return entry, arguments.tensors

    def _warn_once(self, reason: str) -> None:
        """Say why the function is built anew at each call."""
        if reason not in self._unrepeatable:
            self._unrepeatable.add(reason)
            warnings.warn(
                f"{self._name} is built again at every call, because it reads or changes what cannot be compared or "
                f"changed without running it: {reason}. Do that outside the function.",
                RecompilationWarning,
                stacklevel=4,
            )

    def _opened(self, arguments: Arguments, types: list[TensorType]) -> list[TensorType]:
        """The types to build a graph for."""
        if self._options.signature is not None:
            return opened(types, self._options.signature.open_axes(types))
        if self._options.dynamic:
            for entry in self._entries:
                if entry.arguments.key == arguments.key and entry.arguments.spec == arguments.spec:
                    axes = differing_axes(entry.types, types)
                    if axes is not None:
                        return opened(types, axes)
        return types

    def _entry(self, arguments: Arguments, types: list[TensorType], known: Journal) -> Entry:
        traced, guards, effects = trace(self._fn, arguments, types, self._name, known)
        graph = optimized(traced.graph)
        is_open = any(isinstance(size, Dim) for t in types for size in t.shape)
        backend, ordinal = self._device()
        program = StatefulCall(traced, backend, graph, ordinal)
        return Entry(arguments.kept(), types, is_open, guards, program, effects)

    def _note_miss(self, arguments: Arguments, types: list[TensorType], seconds: float) -> str:
        """Count a compilation; why no graph fitted the call."""
        self._misses += 1
        self._seconds.append(seconds)
        reason = "the first call"
        if self._entries:
            reason = self._difference(self._entries[0], arguments, types)
            self._reasons.append(reason)
        elif self._unrepeatable:
            reason = f"built again at every call: {'; '.join(sorted(self._unrepeatable))}"
        if self._misses % WARN_AFTER == 0:
            counted = Counter(self._reasons).most_common(5)
            listed = "; ".join(f"{reason} ({times}x)" if times > 1 else reason for reason, times in counted)
            warnings.warn(
                f"{self._name} has been compiled {self._misses} times. Why the last graphs did not fit: {listed}. "
                "Pass what varies as a tensor, float or mutable int, or leave sizes open (jit(dynamic=True)).",
                RecompilationWarning,
                stacklevel=4,
            )
        return reason

    def _difference(self, entry: Entry, arguments: Arguments, types: list[TensorType]) -> str:
        """Why a graph did not fit a call, in words."""
        before, now = (entry.program.backend, entry.program.ordinal), self._device()
        if before != now:
            return f"device: {plugins.device_name(*before)} became {plugins.device_name(*now)}"
        if entry.arguments.spec != arguments.spec:
            return "arguments: another structure"
        inputs = iter(zip(entry.types, types, strict=False))  # they agree up to where the keys differ
        for position, (before, now) in enumerate(zip(entry.arguments.key, arguments.key, strict=True)):
            if before != now:
                return f"{arguments.path(position)}: another value"
            if isinstance(now, str):
                was, is_ = next(inputs)
                if was != is_:
                    return f"{arguments.path(position)}: {was} became {is_}"
        return entry.guards.broken() or "the types of tensors around the function"
