"""A writer of LLVM IR: functions as text, in the form that needs no optimizer after it.

Values are names with types; a method writes one instruction and gives its value. Types are LLVM's own words: "float",
"<16 x float>", "i64", "ptr". Text rather than objects, because LLVM reads text faster than Python builds objects.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

INDEX = "i64"


class Register(NamedTuple):
    """A register or constant.

    Attributes:
        type: LLVM's word for its type.
        name: how instructions refer to it.
    """

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


#: What takes the place of a number of type i64: a value or a Python int.
Int = Register | int


def _only_lane(mask: Register) -> int | None:
    """The one lane of a known mask that is set; None for any other mask."""
    bits = mask.name.strip("<>").split(", ") if mask.name.startswith("<") else []
    return bits.index("i1 1") if bits.count("i1 1") == 1 else None


def vector(type: str, lanes: int) -> str:
    """The type of `lanes` elements side by side; the element's own for 0 lanes."""
    return f"<{lanes} x {type}>" if lanes else type


def element(type: str) -> str:
    """The element type of a vector type; a scalar type is its own."""
    return type[type.index("x") + 2 : -1] if type[0] == "<" else type


def lanes(type: str) -> int:
    """How many elements a vector type has; 0 for a scalar type."""
    return int(type[1 : type.index("x")]) if type[0] == "<" else 0


def constant(type: str, number: float) -> Register:
    """A number, in every lane of a vector type."""
    kind = element(type)
    if kind in ("float", "double"):
        exact = number if kind == "double" else struct.unpack("f", struct.pack("f", number))[0]
        text = "0x" + struct.pack(">d", exact).hex().upper()
    elif kind == "half":
        text = "0xH" + struct.pack(">e", number).hex().upper()
    elif kind == "bfloat":
        text = "0xR" + struct.pack(">f", number).hex()[:4].upper()
    elif kind == "i1":
        text = "true" if number else "false"
    else:
        text = str(int(number))
    return Register(type, f"splat ({kind} {text})" if type[0] == "<" else text)


def first_lanes(count: int, lanes: int) -> Register:
    """A mask in which the first lanes are set."""
    return Register(vector("i1", lanes), "<" + ", ".join(f"i1 {str(i < count).lower()}" for i in range(lanes)) + ">")


def zero(type: str) -> Register:
    """Zero, of any type."""
    return Register(type, "zeroinitializer") if type[0] == "<" else constant(type, 0) if type != "ptr" else NULL


NULL = Register("ptr", "null")


def suffix(type: str) -> str:
    """How the names of intrinsics spell a type: "v16f32" for "<16 x float>"."""
    short = {"float": "f32", "double": "f64", "half": "f16", "bfloat": "bf16", "ptr": "p0"}
    kind = element(type)
    count = lanes(type)
    return (f"v{count}" if count else "") + short.get(kind, kind)


class Module:
    """A unit of code: functions, global data, and the intrinsics and library functions that they call.

    Args:
        name: for people.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._globals: dict[str, str] = {}

    def declare(self, name: str, result: str, parameters: Sequence[str], variadic: bool = False) -> None:
        """Make a function from outside known."""
        parts = [*parameters, "..."] if variadic else parameters
        self._declared.setdefault(name, f"declare {result} @{name}({', '.join(parts)})")

    def add_global(self, name: str, text: str) -> Register:
        """Global data, by its text after the equals sign."""
        self._globals[name] = f"@{name} = {text}"
        return Register("ptr", f"@{name}")

    def __str__(self) -> str:
        parts = [*self._globals.values(), *self._declared.values(), *self.functions.values()]
        parts += [
            'attributes #0 = { nounwind "frame-pointer"="none" }',
            'attributes #1 = { nounwind alwaysinline "frame-pointer"="none" }',
            "!0 = !{i32 1}",
            '!1 = !{!"branch_weights", i32 1, i32 100000}',
        ]
        return "\n".join(parts) + "\n"


class Loop:
    """A loop that is being written; see `Function.loop`."""

    def __init__(self, index: Register, carried: list[Register]) -> None:
        self.index = index
        self.carried = carried
        self.results: list[Register] = []
        self.next: list[Register] = []

    def yields(self, *values: Register) -> None:
        """What the carried values are in the next iteration."""
        self.next = list(values)


class Function:
    """Writes one function; `finish` puts it into its module.

    Args:
        module: where it belongs.
        name: its name, unique in the module.
        parameters: types of the parameters, with attributes if any ("ptr noalias").
        result: type of the result.
        external: whether it is seen from outside the module.
        inline: whether each call of it is to be replaced by its body.
    """

    def __init__(
        self,
        module: Module,
        name: str,
        parameters: Sequence[str],
        result: str = "void",
        external: bool = False,
        inline: bool = False,
    ) -> None:
        self.module = module
        self.name = name
        self.result = result
        self.parameters = [Register(p.split()[0] if p[0] != "<" else p, f"%p{i}") for i, p in enumerate(parameters)]
        head = ", ".join(f"{p} %p{i}" for i, p in enumerate(parameters))
        linkage = "" if external else "internal "
        self._head = f"define {linkage}{result} ", f"({head}) #{int(inline)} {{\nentry:"
        self._entry: list[str] = []
        self._lines: list[str] = []
        self._count = 0
        self.block = "body"

    # -- text --

    def register(self, type: str) -> Register:
        """A new name."""
        self._count += 1
        return Register(type, f"%v{self._count}")

    def write(self, line: str) -> None:
        """An instruction without a result."""
        self._lines.append("  " + line)

    def emit(self, type: str, text: str) -> Register:
        """An instruction with a result of a type."""
        value = self.register(type)
        self._lines.append(f"  {value.name} = {text}")
        return value

    def label(self) -> str:
        """A new name for a block."""
        self._count += 1
        return f"b{self._count}"

    def start(self, label: str) -> None:
        """Begin a block; the one before must have ended."""
        self._lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str) -> None:
        """End the block by going to another."""
        self.write(f"br label %{label}")

    def branch(self, condition: Register, then: str, otherwise: str, rarely: bool = False) -> None:
        """End the block by going to one of two others; `rarely` says that the condition hardly ever holds."""
        odds = ", !prof !1" if rarely else ""
        self.write(f"br i1 {condition.name}, label %{then}, label %{otherwise}{odds}")

    def phi(self, type: str, *sources: tuple[Register, str]) -> Register:
        """The value of the block that control came from."""
        return self.emit(type, f"phi {type} " + ", ".join(f"[ {v.name}, %{block} ]" for v, block in sources))

    def ret(self, value: Register | None = None) -> None:
        """End the function's last block."""
        self.write("ret void" if value is None else f"ret {value}")

    @property
    def text(self) -> str:
        """All but its name."""
        return "\n".join([*self._head[1:], *self._entry, "  br label %body", "body:", *self._lines, "}"])

    def finish(self) -> Register:
        """Put the function into its module; gives its address."""
        self.module.functions[self.name] = f"{self._head[0]}@{self.name}{self.text}"
        return Register("ptr", f"@{self.name}")

    # -- arithmetic --

    def binary(self, word: str, x: Register, y: Register) -> Register:
        """An instruction of two operands of one type."""
        return self.emit(x.type, f"{word} {x.type} {x.name}, {y.name}")

    def fadd(self, x: Register, y: Register) -> Register:
        """Sum of floats."""
        return self.binary("fadd", x, y)

    def fsub(self, x: Register, y: Register) -> Register:
        """Difference of floats."""
        return self.binary("fsub", x, y)

    def fmul(self, x: Register, y: Register) -> Register:
        """Product of floats."""
        return self.binary("fmul", x, y)

    def fdiv(self, x: Register, y: Register) -> Register:
        """Quotient of floats."""
        return self.binary("fdiv", x, y)

    def fneg(self, x: Register) -> Register:
        """A float with the other sign."""
        return self.emit(x.type, f"fneg {x}")

    def fma(self, x: Register, y: Register, z: Register) -> Register:
        """The sum x * y + z, rounded once."""
        return self.intrinsic("fma", x, y, z)

    def add(self, x: Int, y: Int) -> Register:
        """Sum of integers; folded where both are known."""
        x, y = self._ints(x, y)
        if x.name == "0":
            return y
        if y.name == "0":
            return x
        if _known(x) and _known(y):
            return constant(x.type, int(x.name) + int(y.name))
        return self.binary("add", x, y)

    def sub(self, x: Int, y: Int) -> Register:
        """Difference of integers."""
        x, y = self._ints(x, y)
        if y.name == "0":
            return x
        if _known(x) and _known(y):
            return constant(x.type, int(x.name) - int(y.name))
        return self.binary("sub", x, y)

    def mul(self, x: Int, y: Int) -> Register:
        """Product of integers; folded where both are known."""
        x, y = self._ints(x, y)
        if x.name == "1" or y.name == "0":
            return y
        if y.name == "1" or x.name == "0":
            return x
        if _known(x) and _known(y):
            return constant(x.type, int(x.name) * int(y.name))
        return self.binary("mul", x, y)

    def udiv(self, x: Int, y: Int) -> Register:
        """Quotient of integers of at least 0."""
        x, y = self._ints(x, y)
        if y.name == "1":
            return x
        return self.binary("udiv", x, y)

    def urem(self, x: Int, y: Int) -> Register:
        """Remainder of integers of at least 0."""
        x, y = self._ints(x, y)
        return constant(x.type, 0) if y.name == "1" else self.binary("urem", x, y)

    def smin(self, x: Int, y: Int) -> Register:
        """The smaller integer."""
        x, y = self._ints(x, y)
        return self.intrinsic("smin", x, y)

    def _ints(self, x: Int, y: Int) -> tuple[Register, Register]:
        kind = x.type if isinstance(x, Register) else y.type if isinstance(y, Register) else INDEX
        return (
            x if isinstance(x, Register) else constant(kind, x),
            y if isinstance(y, Register) else constant(kind, y),
        )

    def intrinsic(self, name: str, *operands: Register) -> Register:
        """An intrinsic whose operands all have the type of its result, such as "sqrt" or "smax"."""
        kind = operands[0].type
        full = f"llvm.{name}.{suffix(kind)}"
        self.module.declare(full, kind, [kind] * len(operands))
        return self.emit(kind, f"call {kind} @{full}({', '.join(map(str, operands))})")

    def compare(self, predicate: str, x: Register, y: Register) -> Register:
        """A bool for each lane: predicates of integers (eq, slt, ult, …) or of floats (oeq, olt, une, uno, …)."""
        floats = element(x.type) in ("float", "double", "half", "bfloat")
        word = "fcmp" if floats else "icmp"
        return self.emit(vector("i1", lanes(x.type)), f"{word} {predicate} {x.type} {x.name}, {y.name}")

    def select(self, condition: Register, x: Register, y: Register) -> Register:
        """The lanes of x where the condition holds, those of y elsewhere."""
        return self.emit(x.type, f"select {condition}, {x}, {y}")

    def convert(self, word: str, x: Register, type: str) -> Register:
        """A conversion instruction: "bitcast", "sitofp", "fptosi", "zext", "fpext" and so on."""
        return self.emit(type, f"{word} {x} to {type}")

    def splat(self, x: Register, count: int) -> Register:
        """A scalar in every lane."""
        if not count:
            return x
        kind = vector(x.type, count)
        if not x.name.startswith("%"):
            return Register(kind, f"splat ({x})")
        first = self.emit(kind, f"insertelement {kind} poison, {x}, i64 0")
        return self.emit(kind, f"shufflevector {first}, {kind} poison, <{count} x i32> zeroinitializer")

    def extract(self, x: Register, lane: Int) -> Register:
        """One lane of a vector."""
        return self.emit(element(x.type), f"extractelement {x}, i64 {_name(lane)}")

    def insert(self, x: Register, number: Register, lane: Int) -> Register:
        """A vector with one lane replaced."""
        return self.emit(x.type, f"insertelement {x}, {number}, i64 {_name(lane)}")

    def reduce(self, word: str, x: Register) -> Register:
        """All lanes as one: by "fadd" or "fmul", in any order, by "add", "smax", "or" and so on."""
        kind = element(x.type)
        name = f"llvm.vector.reduce.{word}.{suffix(x.type)}"
        first = {"fadd": -0.0, "fmul": 1.0}.get(word)
        start = [] if first is None else [constant(kind, first)]
        self.module.declare(name, kind, [*(v.type for v in start), x.type])
        flag = "" if first is None else "reassoc "
        return self.emit(kind, f"call {flag}{kind} @{name}({', '.join(map(str, [*start, x]))})")

    def shuffle(self, x: Register, y: Register | None, order: Sequence[int]) -> Register:
        """Lanes of two vectors in a given order; numbers count on from the first vector into the second."""
        kind = vector(element(x.type), len(order))
        mask = ", ".join(f"i32 {i}" for i in order)
        other = f"{x.type} poison" if y is None else str(y)
        return self.emit(kind, f"shufflevector {x}, {other}, <{len(order)} x i32> <{mask}>")

    def call(self, result: str, name: str, *arguments: Register) -> Register:
        """Call a function of this module or a declared one."""
        text = f"call {result} @{name}({', '.join(map(str, arguments))})"
        if result == "void":
            self.write(text)
            return NULL
        return self.emit(result, text)

    # -- memory --

    def local(self, type: str, count: int = 1, align: int = 64, value: Register | None = None) -> Register:
        """Memory of this call: freed when the function returns. `value` is a register that is to have its address."""
        value = value or self.register("ptr")
        self._entry.append(f"  {value.name} = alloca {type}, i64 {count}, align {align}")
        return value

    def at(self, pointer: Register, type: str, offset: Int) -> Register:
        """The address `offset` elements of a type further on."""
        if isinstance(offset, int):
            offset = constant(INDEX, offset)
        if offset.name == "0":
            return pointer
        return self.emit("ptr", f"getelementptr {element(type)}, {pointer}, {offset}")

    def load(self, type: str, pointer: Register, align: int | None = None) -> Register:
        """Read; by default aligned for one element."""
        return self.emit(type, f"load {type}, {pointer}, align {align or size(element(type))}")

    def store(self, value: Register, pointer: Register, align: int | None = None, streaming: bool = False) -> None:
        """Write; by default aligned for one element. `streaming` goes past the caches, and wants full alignment."""
        tail = ", !nontemporal !0" if streaming else ""
        self.write(f"store {value}, {pointer}, align {align or size(element(value.type))}{tail}")

    def masked_load(self, type: str, pointer: Register, mask: Register) -> Register:
        """Read the lanes whose mask is set; the others are 0 and their memory is not touched."""
        name = f"llvm.masked.load.{suffix(type)}.p0"
        self.module.declare(name, type, ["ptr", "i32", mask.type, type])
        align = size(element(type))
        return self.emit(type, f"call {type} @{name}({pointer}, i32 {align}, {mask}, {type} zeroinitializer)")

    def masked_store(self, value: Register, pointer: Register, mask: Register) -> None:
        """Write the lanes whose mask is set."""
        if (lane := _only_lane(mask)) is not None:
            # LLVM 22 makes one store of it, and where the value has just been narrowed, one of the wide number.
            self.store(self.extract(value, lane), self.at(pointer, element(value.type), lane))
            return
        name = f"llvm.masked.store.{suffix(value.type)}.p0"
        self.module.declare(name, "void", [value.type, "ptr", "i32", mask.type])
        self.write(f"call void @{name}({value}, {pointer}, i32 {size(element(value.type))}, {mask})")

    def clear(self, pointer: Register, bytes: int) -> None:
        """Write zeros."""
        name = "llvm.memset.p0.i64"
        self.module.declare(name, "void", ["ptr", "i8", INDEX, "i1"])
        self.call("void", name, pointer, constant("i8", 0), constant(INDEX, bytes), constant("i1", 0))

    # -- control flow --

    @contextmanager
    def loop(self, start: Int, stop: Int, step: Int = 1, carried: Sequence[Register] = ()) -> Iterator[Loop]:
        """Write a loop: the body is what is written inside the `with` block.

        Args:
            start: first value of the index.
            stop: the index stays below it.
            step: what is added each time, positive.
            carried: values handed from iteration to iteration; the body names the next ones by `Loop.yields`, and
                after the block `Loop.results` holds the last.
        """
        start, stop = self._ints(start, stop)
        head, done, before = self.label(), self.label(), self.block
        surely = _known(start) and _known(stop) and int(start.name) < int(stop.name)
        if surely:
            self.jump(head)
        else:
            self.branch(self.compare("slt", start, stop), head, done)
        self.start(head)
        index = self.register(start.type)
        state = [self.register(v.type) for v in carried]
        place = len(self._lines)
        self._lines += [""] * (1 + len(state))
        loop = Loop(index, state)
        yield loop
        following = self.add(index, step)
        more = self.compare("slt", following, stop)
        latch = self.block
        self.branch(more, head, done)
        for offset, (value, first, after) in enumerate(
            zip([index, *state], [start, *carried], [following, *loop.next], strict=True)
        ):
            self._lines[place + offset] = (
                f"  {value.name} = phi {value.type} [ {first.name}, %{before} ], [ {after.name}, %{latch} ]"
            )
        self.start(done)
        if surely:
            loop.results = list(loop.next)
        else:
            loop.results = [
                self.phi(v.type, (first, before), (after, latch))
                for v, first, after in zip(state, carried, loop.next, strict=True)
            ]

    @contextmanager
    def when(self, condition: Register) -> Iterator[None]:
        """Write what happens only if a condition holds."""
        then, after = self.label(), self.label()
        self.branch(condition, then, after)
        self.start(then)
        yield
        self.jump(after)
        self.start(after)

    def either(self, condition: Register, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Write two ways of which one is taken."""
        yes, no, after = self.label(), self.label(), self.label()
        self.branch(condition, yes, no)
        for label, body in ((yes, then), (no, otherwise)):
            self.start(label)
            body()
            self.jump(after)
        self.start(after)

    def by_size(self, index: Register, count: int, whole: int, last: int, body: Callable[[int], None]) -> None:
        """The code for whole parts of something, and for the last one if that is smaller.

        Args:
            index: which part.
            count: how many there are.
            whole: the size of a part.
            last: that of the last one.
            body: writes the code for a part of a size.
        """
        if count == 1 or last == whole:
            body(last)
        else:
            is_last = self.compare("eq", index, constant(index.type, count - 1))
            self.either(is_last, lambda: body(last), lambda: body(whole))


def size(type: str) -> int:
    """Bytes that an element takes in memory."""
    sizes = {"float": 4, "double": 8, "half": 2, "bfloat": 2, "ptr": 8, "i1": 1}
    return sizes[type] if type in sizes else int(type[1:]) // 8


def _name(number: Int) -> str:
    return number.name if isinstance(number, Register) else str(number)


def _known(x: Register) -> bool:
    return x.name.lstrip("-").isdigit()
