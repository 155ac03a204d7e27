"""The reference backend: NumPy kernels, for every primitive and every graph. Other backends are measured against it."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.buffer import Buffer
from lamella.dtypes import BY_NUMPY
from lamella.errors import LamellaError
from lamella.ir.execute import add_location, runner
from lamella.ir.graph import Graph
from lamella.ops.define.opdef import Kind
from lamella.plugins import hookimpl
from lamella.types import TOKEN, TensorType

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef
    from lamella.plugins.target import Target


# To look a member up in its class takes as long as a small kernel's call.
_EFFECT = Kind.EFFECT

# Signatures remembered before starting over: bounds the memory of programs whose shapes keep changing.
_MOST_CHECKED = 100_000


class ReferenceBackend:
    """Runs primitives and graphs with NumPy.

    Attributes:
        name: "reference".
    """

    name = "reference"
    on_host = True

    def __init__(self) -> None:
        self._checked: set[Any] = set()
        self._known_ufuncs: set[Any] = set()

    @staticmethod
    @hookimpl
    def create_backend() -> ReferenceBackend:
        """Make the backend for the plugin manager."""
        return ReferenceBackend()

    def target(self) -> Target:
        """A device that gains nothing from fusion."""
        from lamella.plugins.target import Target

        return Target(device=self.name)

    def put(self, array: np.ndarray[Any, Any]) -> Buffer:
        """A buffer with the array's elements; the array becomes the buffer's and is not changed by anybody else."""
        return Buffer(array, self)

    def get(self, buffer: Buffer) -> np.ndarray[Any, Any]:
        """A buffer's data as a NumPy array that shares its memory."""
        array: np.ndarray[Any, Any] = buffer.data[...]
        return array

    def supports(self, op: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Every primitive: each brings a reference kernel along."""
        return True

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any]) -> list[Buffer]:
        """Run one primitive.

        Raises:
            TypeError: operand types do not fit.
            ValueError: shapes or attributes do not fit.
        """
        arrays = [buffer.data for buffer in buffers]
        try:
            if op.multiple or op.kind is _EFFECT:  # may call back into Lamella, and a context cannot be entered twice
                self._check(op, arrays, attrs)
                with np.errstate(all="ignore"):
                    return [Buffer(np.asarray(array), self) for array in op.kernel(*arrays, **attrs)]
            # The common cases, written out: to call with `*` or `**` costs as much as a small kernel.
            if not arrays or (op, arrays[0].dtype, arrays[-1].dtype) not in self._known_ufuncs:
                self._check(op, arrays, attrs)
            if attrs or len(arrays) > 2 or not arrays:
                result = _quiet.run(op.kernel, *arrays, **attrs)
            elif len(arrays) == 2:
                result = _quiet.run(op.kernel, arrays[0], arrays[1])
            else:
                result = _quiet.run(op.kernel, arrays[0])
        except (LamellaError, AssertionError):
            raise
        except Exception:
            op.result_types([buffer.type for buffer in buffers], attrs)  # words the error, if the types do not fit
            raise
        return [Buffer(result if type(result) is np.ndarray else np.asarray(result), self)]

    def _check(self, op: OpDef, arrays: Sequence[Any], attrs: dict[str, Any]) -> None:
        """Hold a call against the type rule, once for each combination of types and attributes.

        Kernels do not check their operands, and NumPy would take some that the rule refuses. Of ufuncs it checks the
        shapes itself, so it is enough to have asked the rule about their element types.
        """
        if type(op.kernel) is np.ufunc and len(arrays) <= 2:
            self._ask(op, arrays, attrs)
            self._known_ufuncs.add((op, arrays[0].dtype, arrays[-1].dtype))
            return
        key: Any = (op, *attrs.values(), *[(array.dtype, array.shape) for array in arrays])
        if op.multiple and any(isinstance(value, Graph) for value in attrs.values()):
            return  # regions are made for the call, from operands of these types
        try:
            if key in self._checked:
                return
        except TypeError:  # an attribute that cannot be a key, such as an array
            key = None
        self._ask(op, arrays, attrs)
        if key is not None:
            if len(self._checked) > _MOST_CHECKED:
                self._checked.clear()
            self._checked.add(key)

    def _ask(self, op: OpDef, arrays: Sequence[Any], attrs: dict[str, Any]) -> None:
        op.result_types([TensorType(BY_NUMPY[array.dtype], array.shape) for array in arrays], attrs)

    def compile(self, graph: Graph) -> Callable[..., Sequence[Buffer]]:
        """Make a graph callable."""
        return Executable(graph, self)


class Executable:
    """A compiled graph.

    Args:
        graph: any verified graph.
        backend: the backend whose buffers it takes and gives.
    """

    def __init__(self, graph: Graph, backend: ReferenceBackend) -> None:
        self.graph = graph
        self._backend = backend
        self._results = sum(r.type != TOKEN for r in graph.results)

    def __call__(self, buffers: Sequence[Buffer], donated: frozenset[int] = frozenset()) -> list[Buffer]:
        """Run.

        Args:
            buffers: one for each parameter that is not a token.
            donated: positions among them whose memory may be taken over. If the run fails after the first of them
                was overwritten, all of them are poisoned.

        Returns:
            One buffer for each result that is not a token.
        """
        arrays = [buffer.data for buffer in buffers]
        began: list[bool] = []
        try:
            with np.errstate(all="ignore"):
                results = runner(self.graph, arrays, donated)(*arrays, began=began)
        except BaseException as error:
            if began:
                for position in donated:
                    buffers[position].poison(f"the graph {self.graph.name}")
            add_location(error)
            raise
        return [Buffer(np.asarray(result), self._backend) for result in results]


class _Quiet(threading.local):
    """For each thread, a context in which NumPy warns of nothing: infinities and NaN are ordinary results here.

    `Context.run` costs a fifth of what `np.errstate` does.
    """

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.run: Callable[..., Any] = context.run


_quiet = _Quiet()
