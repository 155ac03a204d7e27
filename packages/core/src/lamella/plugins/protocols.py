"""What core asks of a backend."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from lamella.buffer import Buffer
    from lamella.ir.graph import Graph
    from lamella.nn.cell import Cell
    from lamella.ops.define.opdef import OpDef
    from lamella.plugins.target import Target
    from lamella.types import TensorType


class Executable(Protocol):
    """A compiled graph."""

    def __call__(self, buffers: Sequence[Buffer], donated: frozenset[int] = frozenset(), /) -> Sequence[Buffer]:
        """Run.

        Args:
            buffers: one for each parameter of the graph that is not a token.
            donated: positions among them whose memory may be taken over (see `ir.stateful_call`). If the run fails
                after the first of them was overwritten, all of them are poisoned; if it fails when it has long
                returned, its results raise at each read.

        Returns:
            One buffer for each result that is not a token.

        Raises:
            InterruptedRun: an interrupt came when everything was computed; it has the results.
        """
        ...


class Memory(NamedTuple):
    """Memory of a device that a backend has taken, in bytes; 0 for what does not apply or is not counted.

    Attributes:
        live: held by buffers.
        idle: kept for buffers to come.
        arena: held by compiled graphs for what is between their steps.
        peak: the most that has been live at once.
    """

    live: int = 0
    idle: int = 0
    arena: int = 0
    peak: int = 0


@runtime_checkable
class Backend(Protocol):
    """Runs ops and compiled graphs on the devices of one kind, which are numbered from 0.

    Operands of an op, and inputs of a graph, are all on the same device, where the results are to be. What core gives
    to a backend is its own, except where both are `on_host`.

    A backend may compute while the program goes on. Then it says so of nothing: a buffer's type is known from the
    start, and what asks for its numbers waits (`wait`, `get`). Errors that depend on numbers, such as an index out of
    range, may come at the call or from then on at each read of a result. Those that depend on types come at the call.

    Who derives a class from this one gets what a simple device answers: that there is one, that to wait is to read,
    that memory is never taken over and not counted.
    """

    @property
    def name(self) -> str:
        """The kind of device, as `set_context(device_target=...)` names it."""
        ...

    @property
    def device_count(self) -> int:
        """How many devices there are."""
        return 1

    @property
    def on_host(self) -> bool:
        """Whether the data of its buffers are NumPy arrays, so that `put` and `get` cost nothing.

        Tensors of such devices may be mixed: they are moved to where they are needed.
        """
        ...

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any], /) -> bool:
        """Whether this backend has a kernel of its own for an op on operands of these types, with these attributes.

        Where it has none, core runs the op's reference kernel or its decomposition.
        """
        ...

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], ordinal: int = 0, /) -> list[Buffer]:
        """Run one op: the operands' buffers in, the results' buffers out.

        Args:
            op: the op.
            buffers: its operands.
            attrs: its attributes.
            ordinal: the device.
        """
        ...

    def compile(self, graph: Graph, ordinal: int = 0, /) -> Executable:
        """Turn any verified graph into a function from the buffers of its inputs to those of its outputs.

        Numbers that are given in it (constants without axes, too) may be written into the code or handed over at each
        run: nothing relies on either.

        Args:
            graph: the graph.
            ordinal: the device.
        """
        ...

    def put(self, array: np.ndarray[Any, Any], ordinal: int = 0, /) -> Buffer:
        """Copy an array to a device.

        Args:
            array: the array; it is not changed from now on.
            ordinal: the device.
        """
        ...

    def get(self, buffer: Buffer, /) -> np.ndarray[Any, Any]:
        """The content of a buffer as an array, waited for; read-only where it shares memory with the buffer.

        Raises:
            Exception: as `wait`.
        """
        ...

    def wait(self, buffer: Buffer, /) -> None:
        """Return when a buffer's data are there.

        Raises:
            Exception: what went wrong while they were computed, with a note that names the user's line
                (`engine.place.here` knows it while the op is called, `engine.place.note` words it; the backend says
                `engine.conversion.add_library` for lines that are its own), at each call.
        """
        self.get(buffer)

    def sole_owners(self, buffers: Sequence[Buffer], /) -> bool:
        """Whether each of some buffers is all that sees the memory of its data.

        Whether anything but the buffers refers to the data: other buffers, views, arrays that were given out. Core
        asks before a run, of buffers that nothing else refers to; of those that it then calls `donated`, the memory
        may be taken over. A backend that never takes memory over says no.
        """
        return False

    def memory(self, ordinal: int = 0, /) -> Memory:
        """How much memory of a device is taken."""
        return Memory()

    def target(self) -> Target:
        """Describe the device."""
        ...


@runtime_checkable
class Exchanging(Protocol):
    """A backend whose tensors other libraries can take by DLPack without a copy, and which takes theirs.

    What comes from elsewhere is seen by its owner too: such a buffer is no sole owner.
    """

    def dlpack_device(self, ordinal: int = 0, /) -> tuple[int, int]:
        """What DLPack calls a device: its type and number."""
        ...

    def to_dlpack(self, buffer: Buffer, /, **options: Any) -> Any:
        """What `__dlpack__` of a tensor gives: a capsule.

        Args:
            buffer: the tensor's.
            options: the arguments of `__dlpack__`: `stream`, which waits for the data and is then the consumer's to
                read them on; `max_version`, `dl_device`, `copy`.

        Raises:
            BufferError: it cannot be given as asked.
        """
        ...

    def from_dlpack(self, source: Any, /) -> Buffer:
        """A buffer over the memory of a tensor of another library that says to be on such a device.

        Raises:
            BufferError: it cannot be had.
        """
        ...


class Artifact(NamedTuple):
    """A graph as code for some device, to be linked and called without Lamella.

    The entry is the C function `void entry(void **table)`. The table has, in this order, the addresses of the inputs,
    the outputs, an arena, three 64-bit words of status (0 before; the first is not 0 afterwards if a number was bad,
    such as an index, and then the outputs have no meaning) and the constants, and then room for the code itself, up to
    `table_entries`. Elements lie row-major; memory begins at multiples of 64 bytes.

    Attributes:
        format: what `code` is: "object" for an object file of the target's platform.
        code: the code.
        entry: the name of its function.
        needs: names of functions that it calls and that have to be linked with it, beside those of C's library.
        table_entries: how many entries the table has.
        arena_bytes: bytes of the arena.
        constants: the numbers of the constants.
        inputs: types of the inputs.
        outputs: types of the outputs.
        takes_over: for an output, by position: the input whose memory it may have, by position.
    """

    format: str
    code: bytes
    entry: str
    needs: tuple[str, ...]
    table_entries: int
    arena_bytes: int
    constants: tuple[np.ndarray[Any, Any], ...]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    takes_over: Mapping[int, int]


@runtime_checkable
class Generator(Protocol):
    """A backend that also writes code for machines that are not this one."""

    def targets(self) -> Sequence[str]:
        """Names of platforms that it knows, such as "aarch64-linux-gnu"."""
        ...

    def emit(self, graph: Graph, target: str, /, cpu: str = "", features: str = "") -> Artifact:
        """Write a graph for a platform.

        Args:
            graph: a verified graph of known sizes, without effects.
            target: the platform.
            cpu: the kind of processor, as LLVM calls it; default: any of the platform.
            features: what it has besides, such as "+avx2,+fma".

        Raises:
            ValueError: the target is not known; a size is open; a primitive has no code of its own.
        """
        ...


@runtime_checkable
class Compiler(Protocol):
    """Turns Python functions into graphs and runs them as such."""

    def graph(self, fn: Callable[..., Any], args: Sequence[Any], optimized: bool = True) -> Graph:
        """The graph that a function is compiled to.

        Args:
            fn: the function or cell.
            args: its positional arguments; a `TensorType` stands for a tensor.
            optimized: whether the passes have run.
        """
        ...

    def optimized(self, graph: Graph, /) -> Graph:
        """A graph after the passes."""
        ...

    def call_cell(self, cell: Cell, args: tuple[Any, ...], kwargs: dict[str, Any], /) -> Any:
        """Call a cell as a graph."""
        ...

    def call_transformed(
        self,
        of: Callable[..., Any],
        settings: tuple[Hashable, ...],
        transformed: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        /,
    ) -> Any:
        """Call what a transform made of a function, as a graph.

        Args:
            of: the function that was transformed; it holds the graphs, so that transforming it again makes no new ones.
            settings: what else decides what came of it.
            transformed: what came of it.
            args: its positional arguments.
            kwargs: its arguments by keyword.
        """
        ...
