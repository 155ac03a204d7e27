"""Steps as functions, and the function of the graph that runs them.

A step is a function `void(ptr frame, i64 chunk, ptr scratch)`, run by the thread pool for each of its chunks. The frame
has the addresses that the step uses, so that steps that do the same in other places are one function. How a step is cut
depends on shapes only, so results are the same bits for any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from lamella.codegen.llvm import INDEX, Function, Module, Register, constant
from lamella.lowering.plan import Access, Table
from lamella_cpu.host import Host
from lamella_cpu.kernels.contraction import Contraction, emit

#: The words of the status: 1 for a bad index or divisor; 1 when everything is computed; 1 from when state is written.
STATUS_WORDS = 3
FAILED, DONE, WRITING = range(STATUS_WORDS)


class Steps:
    """Writes the functions of steps, and the calls of them.

    Args:
        name: of the graph.
        table: the entries by which code finds memory.
        host: the processor.

    Attributes:
        module: where everything is written.
        main: the function that runs the steps.
    """

    def __init__(self, name: str, table: Table, host: Host) -> None:
        self.table = table
        self.host = host
        self.module = Module(name)
        self.main = Function(self.module, "run", ["ptr"], external=True)
        self._arena = self._entry(table.arena)
        self._frame = self.main.register("ptr")
        self._frame_size = 1
        self._count = 0
        self._pointers: dict[Function, dict[tuple[int, int], int]] = {}  # for each step, what its frame has where
        self._functions: dict[Hashable, str] = {}  # names of functions, by what they do
        self.module.declare("lamella_parallel", "void", ["ptr", "ptr", INDEX])

    def finish(self) -> str:
        """End the function of the graph; gives the text of everything."""
        self.note(DONE)
        self.main.jump("stop")
        self.main.start("stop")
        self.main.ret()
        self.main.local("ptr", self._frame_size, value=self._frame)
        self.main.finish()
        return str(self.module)

    # -- steps --

    def step(self, name: str) -> Function:
        """The function of a new step: its parameters are its frame, the chunk and scratch memory."""
        self._count += 1
        f = Function(self.module, f"s{self._count}_{name}", ["ptr noalias", INDEX, "ptr noalias"])
        self._pointers[f] = {}
        return f

    def run(self, f: Function, chunks: int) -> None:
        """End a step's function and call it."""
        f.ret()
        main, frame = self.main, self._pointers.pop(f)
        self._frame_size = max(self._frame_size, len(frame))
        for (slot, offset), i in frame.items():
            entry = self._arena if slot == self.table.arena else self._entry(slot)
            main.store(main.at(entry, "i8", offset), main.at(self._frame, "ptr", i))
        key = "step", f.text
        if key not in self._functions:
            self._functions[key] = f.name
            f.finish()
        step = Register("ptr", f"@{self._functions[key]}")
        main.call("void", "lamella_parallel", step, self._frame, constant(INDEX, chunks))
        following = main.label()  # short blocks: LLVM takes time with long ones
        main.jump(following)
        main.start(following)

    def address(self, f: Function, access: Access) -> Register:
        """The address of the element of an access whose indices are all 0."""
        return self._pointer(f, access.slot, access.start)

    # -- functions that steps call --

    def function(self, key: Hashable, name: str, write: Callable[[str], object]) -> str:
        """The name of a function, or other part of the module, that does something; one for all that need the same."""
        if key not in self._functions:
            self._functions[key] = name = f"{name}{len(self._functions)}"
            write(name)
        return self._functions[key]

    def contraction(self, spec: Contraction) -> str:
        """The function `void(ptr A, ptr B, ptr C)` of a contraction."""
        return self.function(spec, "contraction", lambda name: emit(self.module, name, spec, self.host))

    # -- what goes wrong --

    def status(self, f: Function) -> Register:
        """The address of the status: its first word is the one for a bad index or divisor."""
        return self._pointer(f, self.table.status, 0)

    def note(self, word: int) -> None:
        """Set a word of the status."""
        f = self.main
        f.write(f"store atomic i64 1, {f.at(self.status(f), INDEX, word)} release, align 8")

    def stop_if_aborted(self) -> None:
        """Leave a loop that would not end by itself when the pool runs no more chunks."""
        self.module.declare("lamella_pool_aborted", "ptr", [])
        self._stop_if(self.main.load(INDEX, self.main.call("ptr", "lamella_pool_aborted")))

    def stop_if_failed(self) -> None:
        """End the run after a step that has met a bad index or divisor."""
        self._stop_if(self.main.load(INDEX, self.main.at(self.status(self.main), INDEX, FAILED)))

    def _stop_if(self, word: Register) -> None:
        f = self.main
        with f.when(f.compare("ne", word, constant(INDEX, 0))):
            f.jump("stop")
            f.start(f.label())  # nothing gets here

    # -- the table --

    def _entry(self, slot: int) -> Register:
        return self.main.load("ptr", self.main.at(self.main.parameters[0], "ptr", slot))

    def _pointer(self, f: Function, slot: int, offset: int) -> Register:
        """The address so many bytes after what an entry of the table says."""
        if f is self.main:
            return f.at(self._entry(slot), "i8", offset)
        frame = self._pointers[f]
        return f.load("ptr", f.at(f.parameters[0], "ptr", frame.setdefault((slot, offset), len(frame))))
