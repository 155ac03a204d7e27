"""Random bits by counting: the generator Philox 4x32-10, the same stream as core's `lamella.ops.kernels.philox`.

Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. A block of four numbers
depends on the key and the block's number only, so vectors hold the same word of several blocks, each in a 64-bit lane,
where the products of a round have room.
"""

from __future__ import annotations

from lamella.codegen.llvm import INDEX, Function, Module, Register, constant, vector

_ROUNDS = 10
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_LOW = 0xFFFFFFFF


def emit_random_bits(module: Module, name: str, blocks: int) -> Register:
    """Write the generator.

    Args:
        module: where the function goes.
        name: of the function.
        blocks: how many blocks are computed together: as many as a vector has 64-bit lanes.

    Returns:
        The function, `void(ptr key, ptr counter, i64 start, i64 count, ptr out)`. Key and counter point at one 64-bit
        number each. It writes `count` 32-bit numbers, the first of which is the first of the block `counter + start`.
    """
    f = Function(module, name, ["ptr", "ptr", INDEX, INDEX, "ptr noalias"])
    key, counter, start, count, out = f.parameters
    writer = _Writer(f, f.load(INDEX, key), blocks)
    first = f.add(f.load(INDEX, counter), start)
    numbers = 4 * blocks
    whole = f.mul(f.udiv(count, numbers), numbers)
    with f.loop(0, whole, numbers) as loop:
        writer.write(f.add(first, f.udiv(loop.index, 4)), f.at(out, "i32", loop.index))
    rest = f.sub(count, whole)
    with f.when(f.compare("ne", rest, constant(INDEX, 0))):
        last = f.local("i32", numbers)
        writer.write(f.add(first, f.udiv(whole, 4)), last)
        with f.loop(0, rest) as loop:
            f.store(f.load("i32", f.at(last, "i32", loop.index)), f.at(out, "i32", f.add(whole, loop.index)))
    f.ret()
    return f.finish()


class _Writer:
    """Writes the computation of as many blocks as a vector has lanes."""

    def __init__(self, f: Function, key: Register, blocks: int) -> None:
        self.f = f
        self.blocks = blocks
        self.type = vector(INDEX, blocks)
        words = f.binary("and", key, constant(INDEX, _LOW)), f.binary("lshr", key, constant(INDEX, 32))
        self.keys = [
            [f.splat(f.add(word, turn * step), blocks) for word, step in zip(words, _KEY_STEPS, strict=True)]
            for turn in range(_ROUNDS)
        ]

    def write(self, block: Register, out: Register) -> None:
        """Compute the blocks from a number on, and store them."""
        f = self.f
        lanes = ", ".join(f"{INDEX} {lane}" for lane in range(self.blocks))
        counter = f.add(f.splat(block, self.blocks), Register(self.type, f"<{lanes}>"))
        # Of each word only the lower half of the lane counts; what is above is left over from products.
        zero = constant(self.type, 0)
        words = [counter, self._high(counter), zero, zero]
        for keys in self.keys:
            left, right = self._product(words[0], _MULTIPLIERS[0]), self._product(words[2], _MULTIPLIERS[1])
            words = [self._mixed(right, words[1], keys[0]), right, self._mixed(left, words[3], keys[1]), left]
        first, second = (
            f.binary("or", f.binary("and", low, constant(self.type, _LOW)), f.binary("shl", high, self._half))
            for low, high in (words[:2], words[2:])
        )
        order = [lane // 2 + lane % 2 * self.blocks for lane in range(2 * self.blocks)]
        for part in range(2):
            numbers = f.shuffle(first, second, order[part * self.blocks : (part + 1) * self.blocks])
            f.store(numbers, f.at(out, INDEX, part * self.blocks), align=4)

    @property
    def _half(self) -> Register:
        return constant(self.type, 32)

    def _high(self, x: Register) -> Register:
        return self.f.binary("lshr", x, self._half)

    def _product(self, x: Register, factor: int) -> Register:
        return self.f.mul(self.f.binary("and", x, constant(self.type, _LOW)), constant(self.type, factor))

    def _mixed(self, product: Register, word: Register, key: Register) -> Register:
        return self.f.binary("xor", self.f.binary("xor", self._high(product), word), key)
