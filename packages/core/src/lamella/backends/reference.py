"""The reference backend: NumPy kernels, for every primitive and every graph. Other backends are measured against it."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.backends.host import sole_owners, type_of
from lamella.buffer import Buffer
from lamella.errors import LamellaError
from lamella.ir.execute import add_location, runner
from lamella.ir.graph import Graph
from lamella.ops.define.opdef import Kind
from lamella.plugins import Memory, hookimpl
from lamella.types import TensorType, interned

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef
    from lamella.plugins.target import Target


# To look a member up in its class takes as long as a small kernel's call.
_EFFECT = Kind.EFFECT

# Combinations remembered before starting over: bounds the memory of programs whose shapes keep changing.
_MOST_TYPES = 100_000


class ReferenceBackend:
    """Runs primitives and graphs with NumPy.

    Attributes:
        name: "reference".
    """

    name = "reference"
    on_host = True
    device_count = 1

    def __init__(self) -> None:
        #: By primitive, operand types and attributes: the type of the result.
        self._types: dict[Any, Any] = {}

    @staticmethod
    @hookimpl
    def create_backend() -> ReferenceBackend:
        """Make the backend for the plugin manager."""
        return ReferenceBackend()

    def target(self) -> Target:
        """A device that gains nothing from fusion."""
        from lamella.plugins.target import Target

        return Target(device=self.name)

    def put(self, array: np.ndarray[Any, Any], ordinal: int = 0) -> Buffer:
        """A buffer with the array's elements; the array becomes the buffer's and is not changed elsewhere."""
        return Buffer(array, type_of(array), self)

    def get(self, buffer: Buffer) -> np.ndarray[Any, Any]:
        """A buffer's data as a NumPy array that shares its memory."""
        array: np.ndarray[Any, Any] = buffer.data[...]
        return array

    def wait(self, buffer: Buffer) -> None:
        """Data are always there."""

    def memory(self, ordinal: int = 0) -> Memory:
        """NumPy does not count."""
        return Memory()

    def sole_owners(self, buffers: Sequence[Buffer]) -> bool:
        """Whether nothing else sees the memory of the buffers' data."""
        return sole_owners(buffers)

    def supports(self, op: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Every primitive: each brings a reference kernel along."""
        return True

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], ordinal: int = 0) -> list[Buffer]:
        """Run one primitive.

        Raises:
            TypeError: operand types do not fit.
            ValueError: shapes or attributes do not fit.
        """
        # Written out for the common cases: to call with `*` or `**` costs as much as a small kernel.
        count = len(buffers)
        if count == 2 and not attrs:
            key: Any = (op, buffers[0].type, buffers[1].type)
        else:
            key = (op, *[buffer.type for buffer in buffers], *attrs.items())
        try:
            try:
                type_ = self._types[key]
            except KeyError:
                type_ = self._type(op, buffers, attrs, key)
            except TypeError:  # an attribute that cannot be a key, such as an array
                type_ = self._type(op, buffers, attrs, None)
            if op.multiple or op.kind is _EFFECT:  # may call back into Lamella, and a context cannot be entered twice
                with np.errstate(all="ignore"):
                    result = op.kernel(*[buffer.data for buffer in buffers], **attrs)
            elif attrs or count > 2 or not count:
                result = _quiet.run(op.kernel, *[buffer.data for buffer in buffers], **attrs)
            elif count == 2:
                result = _quiet.run(op.kernel, buffers[0].data, buffers[1].data)
            else:
                result = _quiet.run(op.kernel, buffers[0].data)
        except (LamellaError, AssertionError):
            raise
        except Exception:
            op.result_types([buffer.type for buffer in buffers], attrs)  # words the error, if the types do not fit
            raise
        if op.multiple:
            return [Buffer(array, type_of(array), self) for array in map(np.asarray, result)]
        return [Buffer(result if type(result) is np.ndarray else np.asarray(result), type_, self)]

    def _type(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], key: Any) -> Any:
        """Hold a call against the type rule; the result's type, if there is one result.

        Kernels do not check their operands, and NumPy would take some that the rule refuses.
        """
        if op.multiple and any(isinstance(value, Graph) for value in attrs.values()):
            return None  # regions are made for the call, from operands of these types
        types = op.result_types([buffer.type for buffer in buffers], attrs)
        found = None if op.multiple else interned(types[0].dtype, types[0].shape)
        if key is not None:
            if len(self._types) > _MOST_TYPES:
                self._types.clear()
            self._types[key] = found
        return found

    def compile(self, graph: Graph, ordinal: int = 0) -> Callable[..., Sequence[Buffer]]:
        """Make a graph callable."""
        return NumpyExecutable(graph, self)


class NumpyExecutable:
    """A compiled graph.

    Args:
        graph: any verified graph.
        backend: the backend whose buffers it takes and gives.
    """

    def __init__(self, graph: Graph, backend: ReferenceBackend) -> None:
        self.graph = graph
        self._backend = backend

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
        return [Buffer(array, type_of(array), self._backend) for array in map(np.asarray, results)]


class _Quiet(threading.local):
    """For each thread, a context in which NumPy warns of nothing: infinities and NaN are ordinary results here.

    `Context.run` costs a fifth of what `np.errstate` does.
    """

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.run: Callable[..., Any] = context.run


_quiet = _Quiet()
