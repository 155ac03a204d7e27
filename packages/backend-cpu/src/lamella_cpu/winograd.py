"""Convolutions with windows of 3 x 3 by fewer multiplications: Winograd's minimal filtering F(2x2, 3x3).

The result is computed in tiles of 2 x 2 pixels, each from 4 x 4 pixels of data: Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A, with
the 3 x 3 weights g, the data d, and small matrices of 0, ±1 and ±½. Summed over channels, the elementwise product ∘ is
16 contractions, one for each of the 4 x 4 *positions*, with 16 multiplications for a tile where the direct sum takes
36. The gradient in the data is the same with the weights turned round and the roles of the channels swapped; that in
the weights is Gᵀ [Σ (A y Aᵀ) ∘ (Bᵀ d B)] G with the sum over all tiles.

The rounding error is about that of the direct sum, but it belongs to a tile: relative to the largest of the data that a
tile reads. So do infinities and NaN: one in the data makes NaN of the whole 2 x 2 tiles that read its pixel in their
4 x 4 (∞ - ∞), where the direct sum has infinities, and only in the places whose window covers it; and numbers above a
fourth of the largest float overflow.

References: Winograd, "Arithmetic Complexity of Computations", 1980; Lavin, Gray, "Fast Algorithms for Convolutional
Neural Networks", 2016, arXiv:1509.09308.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from math import prod
from typing import TYPE_CHECKING

from lamella.ir import Node
from lamella_cpu.contraction import Contraction, Piece, in_vectors
from lamella_cpu.host import Host
from lamella_cpu.layout import Layout
from lamella_cpu.llvm import INDEX, Function, Int, constant, lanes
from lamella_cpu.llvm import Value as Register
from lamella_cpu.pool import SCRATCH_BYTES
from lamella_cpu.scalars import MEMORY

if TYPE_CHECKING:
    from lamella_cpu.plan import Base, Place
    from lamella_cpu.products import Plan
    from lamella_cpu.program import GraphWriter

Matrix = tuple[tuple[float, ...], ...]

WINDOW = 3
#: Pixels of the result that a tile has along an axis, and pixels of the data that they depend on.
TILE, REACH = 2, 4
POSITIONS = REACH * REACH

# The last rows of Bᵀ and A have the other sign than in the literature, which changes nothing: so the rows of both are
# one entry, or the sum or difference of two.
_DATA: Matrix = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))  # Bᵀ
_WEIGHT: Matrix = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))  # G
_RESULT: Matrix = ((1, 1, 1, 0), (0, 1, -1, 1))  # Aᵀ

_ENOUGH = 16  # with fewer chunks than this, many threads would have little to do


def transposed(matrix: Matrix) -> Matrix:
    """A matrix with rows for columns."""
    return tuple(zip(*matrix, strict=True))


# -- when, and in which chunks --


def pays(node: Node) -> bool:
    """Whether a convolution takes less time so; by shapes only.

    Time is counted in elementary operations on numbers: multiplications, and about as many for each transformed number
    as it takes to read, add and write it.
    """
    x, w, y = _shapes(node)
    if node.outputs[0].dtype.name != "float32" or w[2:] != (WINDOW, WINDOW):
        return False
    if {*node.attrs["strides"], *node.attrs["dilation"], node.attrs.get("groups", 1)} != {1}:
        return False
    if node.op.name == "conv_input_grad":
        x, y = y, x
    data, results, height, width = x[1], y[1], -(-y[2] // TILE), -(-y[3] // TILE)
    if min(data, results) < 16 or _bytes(width, data, min(results, 64)) > _ROOM:
        return False
    tiles = y[0] * height * width
    direct = prod(y) * data * WINDOW * WINDOW
    here = POSITIONS * tiles * data * results + tiles * (72 * data + 60 * results) + 50 * data * results
    return direct > 1.3 * here


def _shapes(node: Node) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Shapes of the data, the weights and the result of the convolution that a node is, or is a gradient of."""
    first, second, third = *(v.shape for v in node.operands), node.outputs[0].shape
    if node.op.name == "conv_input_grad":
        return third, second, first
    return (first, third, second) if node.op.name == "conv_weight_grad" else (first, second, third)


_ROOM = SCRATCH_BYTES - (32 << 10)  # for what lies in scratch memory, without the gaps between its parts


def margins(node: Node) -> list[int]:
    """How far the first window of a convolution reaches over the low edges of its data."""
    low = [before for before, _ in node.attrs["padding"]]
    return [WINDOW - 1 - n for n in low] if node.op.name == "conv_input_grad" else low


def reach(node: Node) -> list[tuple[int, int]]:
    """How far whole tiles reach over the edges of the data."""
    results = node.operands[1] if node.op.name == "conv_weight_grad" else node.outputs[0]
    sizes = zip(node.operands[0].shape[2:], results.shape[2:], margins(node), strict=True)
    return [(max(0, low), max(0, -(-m // TILE) * TILE + REACH - TILE - low - n)) for n, m, low in sizes]


def _bytes(tiles: int, data: int, columns: int) -> int:
    """Scratch memory for tiles: a row of positions of their data, all of those of their results, and their pixels."""
    return 4 * tiles * (REACH * data + (POSITIONS + TILE * TILE) * columns)


def cut(plan: Plan, host: Host) -> tuple[Plan, tuple[int, int]]:
    """How a convolution is cut into blocks, by shapes only.

    Args:
        plan: the convolution; its rows are images, lines and pixels of a line.
        host: the processor.

    Returns:
        The plan, whose first row axis is cut: images, or the lines of an image; and how many indices of that, and how
        many columns, a block has.
    """
    images, lines, pixels = plan.rows
    data, columns = plan.depth[0].extent, plan.columns.extent
    wide, high = -(-pixels.extent // TILE), -(-lines.extent // TILE)
    limit = min(host.l2_bytes // 2, _ROOM)
    block = columns
    while block > 64 and (block > 128 or _bytes(32, data, block) > limit):
        block = -(-block // 2 // 64) * 64
    fit = limit // _bytes(1, data, block)
    parts = -(-columns // block)
    if wide * high <= fit and images.extent * parts >= _ENOUGH:
        most = min(fit // (wide * high), images.extent * parts // _ENOUGH)
        return plan, (_even(images.extent, most), block)
    most = min(max(fit // wide, 1), max(high * images.extent * parts // _ENOUGH, 1))
    return plan._replace(outer=[images], rows=[lines, pixels]), (TILE * _even(high, most), block)


def cut_weights(plan: Plan, host: Host) -> tuple[Plan, tuple[int, int]]:
    """How the last step of a gradient in weights is cut into blocks, by shapes only: the channels of the data are."""
    rows, columns = plan.rows[0].extent, plan.columns.extent
    fit = min(host.l2_bytes // 4, _ROOM // 2) // (4 * WINDOW * WINDOW * columns)
    return plan, (_even(rows, min(fit, -(-rows // _ENOUGH))), columns)


def _even(count: int, most: int) -> int:
    """How many of so many go into each part that has at most so many, for parts of about the same size."""
    return -(-count // -(-count // max(most, 1)))


# -- linear combinations --


def _combined(f: Function, coefficients: Sequence[float], values: Sequence[Register]) -> Register:
    """The sum of values times known numbers, of which one at least is positive."""
    terms = sorted(((c, v) for c, v in zip(coefficients, values, strict=True) if c), key=lambda term: -term[0])
    (first, total), *rest = terms
    if first != 1:
        total = f.fmul(constant(total.type, first), total)
    for number, value in rest:
        if abs(number) == 1:
            total = f.fadd(total, value) if number > 0 else f.fsub(total, value)
        else:
            total = f.fma(constant(value.type, number), value, total)
    return total


def _sandwich(f: Function, matrix: Matrix, values: Sequence[Sequence[Register]]) -> list[Register]:
    """The elements of M V Mᵀ, row by row."""
    half = [[_combined(f, row, column) for row in matrix] for column in zip(*values, strict=True)]
    return [_combined(f, row, line) for line in zip(*half, strict=True) for row in matrix]


def _along(f: Function, kind: str, count: int, host: Host, unroll: int, body: Callable[[Int, Piece], None]) -> None:
    """The code for so many neighbouring numbers, in vectors; some vectors in each turn of a loop."""
    step = unroll * host.lanes(kind)
    whole = count // step * step
    if whole:
        with f.loop(0, whole, step) as loop:
            for piece in in_vectors(kind, step, host):
                body(f.add(loop.index, piece.offset), piece)
    for piece in in_vectors(kind, count - whole, host):
        body(whole + piece.offset, piece)


def _transform(
    f: Function,
    matrix: Matrix,
    kind: str,
    count: int,
    host: Host,
    read: tuple[Sequence[Register], Sequence[Sequence[int]]],
    write: tuple[Register, Sequence[int]],
) -> None:
    """M V Mᵀ for so many neighbouring V: where the first is, and where its elements lie from there.

    V may be a sum: then it is in several places.
    """

    def one(at: Int, piece: Piece) -> None:
        (from_, offsets), (to, targets) = read, write
        starts, end = [f.at(place, kind, at) for place in from_], f.at(to, kind, at)

        def element(offset: int) -> Register:
            return reduce(f.fadd, [piece.load(f, f.at(start, kind, offset)) for start in starts])

        values = [[element(offset) for offset in line] for line in offsets]
        for value, target in zip(_sandwich(f, matrix, values), targets, strict=True):
            piece.store(f, value, f.at(end, kind, target))

    _along(f, kind, count, host, 1, one)


def _grid(size: int, stride: int) -> list[list[int]]:
    """The elements of a square matrix, a stride apart."""
    return [[(size * i + j) * stride for j in range(size)] for i in range(size)]


def _pitch(count: int) -> int:
    """How far positions with so many numbers each lie apart: not by a multiple of what caches tell places by."""
    return -(-count // 16) * 16 + 16


# -- weights --


def transformed(w: GraphWriter, node: Node, a: Place, b: Place) -> tuple[Place, Place]:
    """The steps before the one that computes the result: what that one has for operands."""
    if node.op.name == "conv_weight_grad":
        sums = _summed(w, node, a, b)
        return sums, sums
    return a, _transformed_weights(w, node, b)


def _transformed_weights(w: GraphWriter, node: Node, packed: Place) -> Place:
    """The step for G g Gᵀ, unless there is one: the weights in 16 positions, each [channels of the data, columns]."""
    value, layout = node.operands[1], packed.layout
    down, across, out, into = layout.strides[2], layout.strides[3], layout.strides[0], layout.strides[1]
    offset, (columns, data) = layout.offset, layout.shape[:2]
    if node.op.name == "conv_input_grad":  # turned round, with the channels swapped
        offset, down, across = offset + (WINDOW - 1) * (down + across), -down, -across
        out, into, columns, data = into, out, data, columns
    assert out == 1, "columns lie side by side"
    pitch = _pitch(data * columns)
    target = Layout((POSITIONS, data, columns), (pitch, columns, 1), 0, POSITIONS * pitch)

    def write() -> Base:
        base = w.allocate(target, value.dtype)
        f, kind = w.step("winograd_weights"), MEMORY[value.dtype.name]
        block = -(-data // min(data, max(1, data * columns // 1024), 64))
        first = f.mul(f.parameters[1], block)
        read = f.at(w.address(f, packed._replace(layout=layout._replace(offset=offset))), kind, f.mul(first, into))
        write = f.at(w.address(f, base.place), kind, f.mul(first, columns))
        with f.loop(0, f.smin(f.sub(data, first), block) if data % block else block) as loop:
            from_, to = (f.at(p, kind, f.mul(loop.index, s)) for p, s in ((read, into), (write, columns)))
            taps = [[i * down + j * across for j in range(WINDOW)] for i in range(WINDOW)]
            _transform(f, _WEIGHT, kind, columns, w.host, ([from_], taps), (to, [i * pitch for i in range(POSITIONS)]))
        w.run(f, -(-data // block))
        return base

    return w.derived(value, (node.op.name, packed), write).place


# -- convolutions --


def convolution(w: GraphWriter, spec: Contraction) -> str:
    """The function `void(ptr data, ptr weights, ptr result)` of a block of a convolution.

    Args:
        w: the graph's writer.
        spec: the block; its rows are images, lines and pixels, of which the result has whole tiles, its depth is the
            channels. Behind the result lies scratch memory.
    """
    spec = spec._replace(rows=((1, 0, 0), *spec.rows)[-3:])
    return w.function(("winograd", spec), "winograd", lambda name: _emit_convolution(w, name, spec))


def _emit_convolution(w: GraphWriter, name: str, spec: Contraction) -> None:
    f = Function(w.module, name, ["ptr noalias readonly", "ptr noalias readonly", "ptr noalias"])
    x, u, y = f.parameters
    kind, columns, host = spec.dtype, spec.columns, w.host
    ((data, _, in_u),) = spec.depth
    images, high, wide = tiles = [spec.rows[0][0], *(-(-n // TILE) for n, _, _ in spec.rows[1:])]
    count = prod(tiles)
    pitch = _pitch(count * columns)
    v = f.at(y, kind, _pitch(TILE * TILE * count * columns))
    contract = w.contraction(Contraction(kind, ((count, data, columns),), columns, ((data, 1, in_u),)))
    strides = [s for _, s, _ in spec.rows]
    rows = _Rows(w, f, kind, _DATA, tiles, strides, data)
    m = f.at(v, kind, REACH * rows.pitch)
    with f.loop(0, REACH) as row:
        rows.write(row.index, x, v)
        with f.loop(0, REACH) as column:
            position = f.add(f.mul(row.index, REACH), column.index)
            from_, weights = f.mul(column.index, rows.pitch), f.mul(position, _pitch(data * in_u))
            to = f.at(m, kind, f.mul(position, pitch))
            f.call("void", contract, f.at(v, kind, from_), f.at(u, kind, weights), to)
    _, line, pixel = (s for _, _, s in spec.rows)
    positions = _grid(REACH, pitch)
    pixels = [i * line + j * pixel for i in range(TILE) for j in range(TILE)]
    with f.loop(0, images) as image, f.loop(0, high) as row, f.loop(0, wide) as column:
        tile = f.add(f.mul(f.add(f.mul(image.index, high), row.index), wide), column.index)
        to = f.at(y, kind, f.mul(image.index, spec.rows[0][2]))
        to = f.at(f.at(to, kind, f.mul(row.index, TILE * line)), kind, f.mul(column.index, TILE * pixel))
        from_ = f.at(m, kind, f.mul(tile, columns))
        _transform(f, _RESULT, kind, columns, host, ([from_], positions), (to, pixels))
    f.ret()
    f.finish()


def _summed(w: GraphWriter, node: Node, x: Place, g: Place) -> Place:
    """The step for Σ (A y Aᵀ) ∘ (Bᵀ d B): [parts, positions, channels of the data, columns].

    A chunk is a row of positions of a block of channels and columns. It goes through all tiles, or, where there would
    be too few chunks, through a part of them, block by block.
    """
    images, columns, lines, pixels = g.layout.shape
    data, kind, host = x.layout.shape[1], MEMORY[node.outputs[0].dtype.name], w.host
    high, wide = -(-lines // TILE), -(-pixels // TILE)
    tall, broad = _even(data, 128), _even(columns, 128)
    down, across = -(-data // tall), -(-columns // broad)
    wanted = -(-_ENOUGH // (REACH * down * across))
    fit = min(host.l2_bytes // 8, _ROOM) // (4 * REACH * (tall + broad))
    fit = min(fit, -(-images * high * wide // wanted))
    together = _divisor(images, max(fit // (high * wide), 1)), _divisor(high, max(fit // wide, 1)), wide
    blocks, in_image = images // together[0] * (high // together[1]), high // together[1]
    parts = -(-blocks // _even(blocks, -(-blocks // wanted)))
    pitch = _pitch(data * columns)
    strides = POSITIONS * pitch, pitch, columns, 1
    base = w.allocate(Layout((parts, POSITIONS, data, columns), strides, 0, parts * strides[0]), x.dtype)

    f = w.step("winograd_sums")
    index, column = f.udiv(f.parameters[1], across), f.urem(f.parameters[1], across)
    index, channel = f.udiv(index, down), f.urem(index, down)
    part, row = f.udiv(index, REACH), f.urem(index, REACH)
    start = x.layout.offset - sum(low * s for low, s in zip(margins(node), x.layout.strides[2:], strict=True))
    from_x = f.at(w.address(f, x._replace(layout=x.layout._replace(offset=start))), kind, f.mul(channel, tall))
    from_g = f.at(w.address(f, g), kind, f.mul(column, broad))
    to = f.at(w.address(f, base.place), kind, f.add(f.mul(part, strides[0]), f.mul(row, REACH * pitch)))
    to = f.at(to, kind, f.add(f.mul(channel, tall * columns), f.mul(column, broad)))

    def block(height: int, width: int) -> None:
        count = prod(together)
        in_x, in_g = ([layout.strides[i] for i in (0, 2, 3)] for layout in (x.layout, g.layout))
        of_x = _Rows(w, f, kind, _DATA, together, in_x, height)
        of_g = _Rows(w, f, kind, transposed(_RESULT), together, in_g, width)
        a, b = f.parameters[2], f.at(f.parameters[2], kind, REACH * of_x.pitch)
        spec = Contraction(kind, ((height, 1, columns),), width, ((count, height, width),), accumulate=True)
        contract = w.contraction(spec)
        with f.loop(0, REACH) as position, f.loop(0, height) as each:
            place = f.add(f.mul(position.index, pitch), f.mul(each.index, columns))
            f.clear(f.at(to, kind, place), width * x.dtype.itemsize)
        first, step = f.mul(part, -(-blocks // parts)), -(-blocks // parts)
        with f.loop(first, f.smin(f.add(first, step), blocks)) as loop:
            image = f.mul(f.udiv(loop.index, in_image), together[0])
            line = f.mul(f.urem(loop.index, in_image), TILE * together[1])
            for rows, from_, (by_image, by_line, _), v in ((of_x, from_x, in_x, a), (of_g, from_g, in_g, b)):
                rows.write(row, f.at(from_, kind, f.add(f.mul(image, by_image), f.mul(line, by_line))), v)
            with f.loop(0, REACH) as position:
                v, d = (f.at(p, kind, f.mul(position.index, r.pitch)) for p, r in ((a, of_x), (b, of_g)))
                f.call("void", contract, v, d, f.at(to, kind, f.mul(position.index, pitch)))

    f.by_size(channel, down, tall, data - (down - 1) * tall,
              lambda height: f.by_size(column, across, broad, columns - (across - 1) * broad,
                                       lambda width: block(height, width)))  # fmt: skip
    w.run(f, REACH * parts * down * across)
    return base.place


def _divisor(n: int, most: int) -> int:
    """The largest divisor that is at most so large."""
    return next(i for i in range(min(n, most), 0, -1) if n % i == 0)


def weight_grad(w: GraphWriter, spec: Contraction) -> str:
    """The function `void(ptr, ptr sums, ptr result)` of a block of a gradient in weights: Gᵀ S G.

    Args:
        w: the graph's writer.
        spec: the block; its rows are channels of the data and places in a window, its depth says how the sums lie.
    """
    return w.function(("winograd weights", spec), "winograd", lambda name: _emit_weight_grad(w, name, spec))


def _emit_weight_grad(w: GraphWriter, name: str, spec: Contraction) -> None:
    f = Function(w.module, name, ["ptr", "ptr noalias readonly", "ptr noalias"])
    _, sums, result = f.parameters
    (channels, _, by_channel), (_, _, down), (_, _, across) = spec.rows
    (parts, _, by_part), (data, _, columns) = spec.depth
    positions = _grid(REACH, _pitch(data * columns))
    places = [i * down + j * across for i in range(WINDOW) for j in range(WINDOW)]
    with f.loop(0, channels) as loop:
        from_ = f.at(sums, spec.dtype, f.mul(loop.index, columns))
        to = f.at(result, spec.dtype, f.mul(loop.index, by_channel))
        froms = [f.at(from_, spec.dtype, i * by_part) for i in range(parts)]
        _transform(f, transposed(_WEIGHT), spec.dtype, spec.columns, w.host, (froms, positions), (to, places))
    f.ret()
    f.finish()


class _Rows:
    """Writes M d Mᵀ at a row of positions, for all tiles: each row of M is one entry, or two.

    Args:
        w: the graph's writer.
        f: the function that wants it.
        kind: LLVM's word for the numbers.
        matrix: M.
        tiles: how many images, and tiles along each axis of one.
        strides: those of the pixels: image, line, pixel.
        channels: how many lie side by side in a pixel.

    Attributes:
        pitch: how far apart the positions lie, each [tiles, channels].
    """

    def __init__(
        self,
        w: GraphWriter,
        f: Function,
        kind: str,
        matrix: Matrix,
        tiles: Sequence[int],
        strides: Sequence[int],
        channels: int,
    ) -> None:
        self.pitch = _pitch(prod(tiles) * channels)
        self._f, self._kind = f, kind
        shape = matrix, tuple(tiles), tuple(strides), channels
        self._function = w.function(("rows", kind, shape), "rows", lambda name: _emit_row(w, name, kind, *shape))
        pairs = [_pair(row) for row in matrix]
        self._lines = _table(w, INDEX, [i * strides[1] for first, second, _ in pairs for i in (first, second)])
        self._factors = _table(w, kind, [factor for _, _, factor in pairs])

    def write(self, row: Register, pixels: Register, to: Register) -> None:
        """A row of positions, of pixels that begin somewhere."""
        f, kind = self._f, self._kind
        lines = [f.load(INDEX, f.at(self._lines, INDEX, f.add(f.mul(row, 2), i))) for i in range(2)]
        factor = f.load(kind, f.at(self._factors, kind, row))
        f.call("void", self._function, *(f.at(pixels, kind, line) for line in lines), factor, to)


def _pair(row: Sequence[float]) -> tuple[int, int, float]:
    """A row of a matrix as one entry, which is 1, and another, which may be 0."""
    first = row.index(1)
    return next(((first, i, c) for i, c in enumerate(row) if c and i != first), (first, first, 0.0))


def _table(w: GraphWriter, kind: str, numbers: Sequence[float]) -> Register:
    """Known numbers in memory; once for all who need the same."""
    text = f"internal constant [{len(numbers)} x {kind}] [{', '.join(str(constant(kind, n)) for n in numbers)}]"
    return Register("ptr", "@" + w.function(("table", text), "table", lambda name: w.module.add_global(name, text)))


def _emit_row(
    w: GraphWriter,
    name: str,
    kind: str,
    matrix: Matrix,
    tiles: Sequence[int],
    strides: Sequence[int],
    channels: int,
) -> None:
    """The function `void(ptr line, ptr other, float factor, ptr to)`: (line + factor * other) Mᵀ for all tiles."""
    f = Function(w.module, name, ["ptr noalias readonly"] * 2 + [kind, "ptr noalias"])
    first, second, factor, to = f.parameters
    pitch = _pitch(prod(tiles) * channels)
    with f.loop(0, tiles[0]) as image, f.loop(0, tiles[1]) as row, f.loop(0, tiles[2]) as column:
        pixel = f.add(f.mul(image.index, strides[0]), f.mul(row.index, TILE * strides[1]))
        pixel = f.add(pixel, f.mul(column.index, TILE * strides[2]))
        tile = f.add(f.mul(f.add(f.mul(image.index, tiles[1]), row.index), tiles[2]), column.index)
        line, other = f.at(first, kind, pixel), f.at(second, kind, pixel)
        end = f.at(to, kind, f.mul(tile, channels))

        def one(at: Int, piece: Piece) -> None:
            spread, sums = f.splat(factor, lanes(piece.type)), []
            for i in range(len(matrix[0])):
                x, y = (piece.load(f, f.at(f.at(p, kind, at), kind, i * strides[2])) for p in (line, other))
                sums.append(f.fma(spread, y, x))
            for i, coefficients in enumerate(matrix):
                piece.store(f, _combined(f, coefficients, sums), f.at(f.at(end, kind, at), kind, i * pitch))

        _along(f, kind, channels, w.host, 2, one)
    f.ret()
    f.finish()
