"""The linear transforms of Winograd's minimal filtering (`winograd.py`), in vectors of channels.

The matrices are data: one function writes the sum of values times the numbers of a row, and all transforms are made of
that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from math import prod

from lamella.codegen.llvm import INDEX, Function, Int, Register, constant, lanes
from lamella_cpu.host import Host
from lamella_cpu.kernels.contraction import Piece, in_vectors
from lamella_cpu.kernels.functions import Functions
from lamella_cpu.kernels.winograd_plan import TILE

Matrix = tuple[tuple[float, ...], ...]

KIND = "float"

# The last rows of Bᵀ and A have the other sign than in the literature, which changes nothing: so the rows of both are
# one entry, or the sum or difference of two.
DATA: Matrix = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))  # Bᵀ
WEIGHT: Matrix = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))  # G
RESULT: Matrix = ((1, 1, 1, 0), (0, 1, -1, 1))  # Aᵀ


def transposed(matrix: Matrix) -> Matrix:
    """A matrix with rows for columns."""
    return tuple(zip(*matrix, strict=True))


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


def _along(f: Function, count: int, host: Host, unroll: int, body: Callable[[Int, Piece], None]) -> None:
    """The code for so many neighbouring numbers, in vectors; some vectors in each turn of a loop."""
    step = unroll * host.lanes(KIND)
    whole = count // step * step
    if whole:
        with f.loop(0, whole, step) as loop:
            for piece in in_vectors(KIND, step, host):
                body(f.add(loop.index, piece.offset), piece)
    for piece in in_vectors(KIND, count - whole, host):
        body(whole + piece.offset, piece)


def transform(
    f: Function,
    matrix: Matrix,
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
        starts, end = [f.at(place, KIND, at) for place in from_], f.at(to, KIND, at)

        def element(offset: int) -> Register:
            return reduce(f.fadd, [piece.load(f, f.at(start, KIND, offset)) for start in starts])

        values = [[element(offset) for offset in line] for line in offsets]
        for value, target in zip(_sandwich(f, matrix, values), targets, strict=True):
            piece.store(f, value, f.at(end, KIND, target))

    _along(f, count, host, 1, one)


@contextmanager
def walk_tiles(f: Function, tiles: Sequence[int], strides: Sequence[int]) -> Iterator[tuple[Register, Register]]:
    """The loop over images, lines of tiles and tiles: how far off the first pixel lies, and which tile it is."""
    with f.loop(0, tiles[0]) as image, f.loop(0, tiles[1]) as row, f.loop(0, tiles[2]) as column:
        line = f.add(f.mul(image.index, strides[0]), f.mul(row.index, TILE * strides[1]))
        number = f.add(f.mul(f.add(f.mul(image.index, tiles[1]), row.index), tiles[2]), column.index)
        yield f.add(line, f.mul(column.index, TILE * strides[2])), number


def grid(size: int, stride: int) -> list[list[int]]:
    """The elements of a square matrix, a stride apart."""
    return [[(size * i + j) * stride for j in range(size)] for i in range(size)]


def pitch_of(count: int) -> int:
    """How far positions with so many numbers each lie apart: not by a multiple of what caches tell places by."""
    return -(-count // 16) * 16 + 16


class Rows:
    """Writes M d Mᵀ at a row of positions, for all tiles: each row of M is one entry, or two.

    Args:
        w: the module's functions.
        f: the function that wants it.
        matrix: M.
        tiles: how many images, and tiles along each axis of one.
        strides: those of the pixels: image, line, pixel.
        channels: how many lie side by side in a pixel.

    Attributes:
        pitch: how far apart the positions lie, each [tiles, channels].
    """

    def __init__(
        self,
        w: Functions,
        f: Function,
        matrix: Matrix,
        tiles: Sequence[int],
        strides: Sequence[int],
        channels: int,
    ) -> None:
        self.pitch = pitch_of(prod(tiles) * channels)
        self._f = f
        shape = matrix, tuple(tiles), tuple(strides), channels
        self._function = w.function(("rows", shape), "rows", lambda name: _emit_row(w, name, *shape))
        pairs = [_pair(row) for row in matrix]
        self._lines = _table(w, INDEX, [i * strides[1] for first, second, _ in pairs for i in (first, second)])
        self._factors = _table(w, KIND, [factor for _, _, factor in pairs])

    def write(self, row: Register, pixels: Register, to: Register) -> None:
        """A row of positions, of pixels that begin somewhere."""
        f = self._f
        lines = [f.load(INDEX, f.at(self._lines, INDEX, f.add(f.mul(row, 2), i))) for i in range(2)]
        factor = f.load(KIND, f.at(self._factors, KIND, row))
        f.call("void", self._function, *(f.at(pixels, KIND, line) for line in lines), factor, to)


def _pair(row: Sequence[float]) -> tuple[int, int, float]:
    """A row of a matrix as one entry, which is 1, and another, which may be 0."""
    first = row.index(1)
    return next(((first, i, c) for i, c in enumerate(row) if c and i != first), (first, first, 0.0))


def _table(w: Functions, kind: str, numbers: Sequence[float]) -> Register:
    """Known numbers in memory; once for all that need the same."""
    text = f"internal constant [{len(numbers)} x {kind}] [{', '.join(str(constant(kind, n)) for n in numbers)}]"
    return Register("ptr", "@" + w.function(("table", text), "table", lambda name: w.module.add_global(name, text)))


def _emit_row(
    w: Functions,
    name: str,
    matrix: Matrix,
    tiles: Sequence[int],
    strides: Sequence[int],
    channels: int,
) -> None:
    """The function `void(ptr line, ptr other, float factor, ptr to)`: (line + factor * other) Mᵀ for all tiles."""
    f = Function(w.module, name, ["ptr noalias readonly"] * 2 + [KIND, "ptr noalias"])
    first, second, factor, to = f.parameters
    pitch = pitch_of(prod(tiles) * channels)
    with walk_tiles(f, tiles, strides) as (pixel, tile):
        line, other = f.at(first, KIND, pixel), f.at(second, KIND, pixel)
        end = f.at(to, KIND, f.mul(tile, channels))

        def one(at: Int, piece: Piece) -> None:
            spread, sums = f.splat(factor, lanes(piece.type)), []
            for i in range(len(matrix[0])):
                x, y = (piece.load(f, f.at(f.at(p, KIND, at), KIND, i * strides[2])) for p in (line, other))
                sums.append(f.fma(spread, y, x))
            for i, coefficients in enumerate(matrix):
                piece.store(f, _combined(f, coefficients, sums), f.at(f.at(end, KIND, at), KIND, i * pitch))

        _along(f, channels, w.host, 2, one)
    f.ret()
    f.finish()
