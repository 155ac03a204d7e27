"""When a convolution is computed by Winograd's minimal filtering (`winograd.py`), and how it is then cut."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from lamella.ir import Node
from lamella.lowering.products import Form
from lamella.ops import prims
from lamella_cpu.host import SCRATCH_BYTES, Host

#: Pixels of a window along an axis, of the result that a tile has, and of the data that a tile depends on.
WINDOW, TILE, REACH = 3, 2, 4
POSITIONS = REACH * REACH

_ENOUGH = 16  # with fewer chunks than this, many threads would have little to do
_ROOM = SCRATCH_BYTES - (32 << 10)  # for what lies in scratch memory, without the gaps between its parts


def applies(node: Node) -> bool:
    """Whether a convolution can be computed so: if a line of its tiles fits into scratch memory."""
    data, weights, results = _shapes(node)
    if node.outputs[0].dtype.name != "float32" or weights[2:] != (WINDOW, WINDOW):
        return False
    if {*node.attrs["strides"], *node.attrs["dilation"], node.attrs.get("groups", 1)} != {1}:
        return False
    return _bytes(-(-results[3] // TILE), data[1], min(results[1], 64)) <= _ROOM


def pays(node: Node) -> bool:
    """Whether a convolution takes less time so; by shapes only.

    Counted are multiplications for each pair of channels, and for each number that is transformed about as many as
    take the time of reading, adding and writing it: 80 for a channel of a tile, 130 where both operands are data; 100
    for a weight, 400 where the 16 positions of all take more than a cache holds. It has to gain 30 % by this count,
    and measured, that is 20 % at least. Small images lose by being rounded up to whole tiles, few images by their
    weights.
    """
    if not applies(node):
        return False
    data, _, results = _shapes(node)
    images, pixels = results[0], results[2:]
    tiles, pairs = images * prod(-(-n // TILE) for n in pixels), data[1] * results[1]
    both = node.op is prims.conv_weight_grad
    transforms = (130 if both else 80) * (1 / data[1] + 1 / results[1])
    weights = 400 if both or 4 * POSITIONS * pairs > 1 << 20 else 100
    gains = WINDOW * WINDOW * images * prod(pixels) > 1.3 * (tiles * (POSITIONS + transforms) + weights)
    return gains and min(data[1], results[1]) >= 16


def _shapes(node: Node) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Shapes of data, weights and result: of the convolution, or of the one that its gradient in the data is."""
    first, second, third = *(v.shape for v in node.operands), node.outputs[0].shape
    return (first, third, second) if node.op is prims.conv_weight_grad else (first, second, third)


def margins(node: Node) -> list[int]:
    """How far the first window of a convolution reaches over the low edges of its data."""
    low = [before for before, _ in node.attrs["padding"]]
    return [WINDOW - 1 - n for n in low] if node.op is prims.conv_input_grad else low


def reach(node: Node) -> list[tuple[int, int]]:
    """How far whole tiles reach over the edges of the data."""
    results = node.operands[1] if node.op is prims.conv_weight_grad else node.outputs[0]
    sizes = zip(node.operands[0].shape[2:], results.shape[2:], margins(node), strict=True)
    return [(max(0, low), max(0, -(-m // TILE) * TILE + REACH - TILE - low - n)) for n, m, low in sizes]


def _bytes(tiles: int, data: int, columns: int) -> int:
    """Scratch memory for tiles: a row of positions of their data, all of those of their results, and their pixels."""
    return 4 * tiles * (REACH * data + (POSITIONS + TILE * TILE) * columns)


def cut(form: Form, host: Host) -> tuple[Form, tuple[int, int]]:
    """How a convolution is cut into blocks, by shapes only.

    Args:
        form: the convolution; its rows are images, lines and pixels of a line.
        host: the processor.

    Returns:
        The contraction, whose first row axis is cut: images, or the lines of an image; and how many indices of that,
        and how many columns, a block has.
    """
    images, lines, pixels = form.rows
    data, columns = form.depth[0].extent, form.columns.extent
    wide, high = -(-pixels.extent // TILE), -(-lines.extent // TILE)
    limit = min(host.l2_bytes // 2, _ROOM)
    block = columns
    while block > 64 and (block > 128 or _bytes(max(wide, 32), data, block) > limit):
        block = -(-block // 2 // 64) * 64
    fit = limit // _bytes(1, data, block)
    parts = -(-columns // block)
    if wide * high <= fit and images.extent * parts >= _ENOUGH:
        most = min(fit // (wide * high), images.extent * parts // _ENOUGH)
        return form, (_even(images.extent, most), block)
    most = min(max(fit // wide, 1), max(high * images.extent * parts // _ENOUGH, 1))
    return form._replace(outer=[images], rows=[lines, pixels]), (TILE * _even(high, most), block)


def cut_weights(form: Form, host: Host) -> tuple[Form, tuple[int, int]]:
    """How the last step of a gradient in weights is cut into blocks, by shapes only: the channels of the data are."""
    rows, columns = form.rows[0].extent, form.columns.extent
    fit = min(host.l2_bytes // 4, _ROOM // 2) // (4 * WINDOW * WINDOW * columns)
    return form, (_even(rows, min(fit, -(-rows // _ENOUGH))), columns)


class Shares(NamedTuple):
    """How the sums of a gradient in weights are cut.

    Attributes:
        channels: of the data, in a block.
        columns: of the result, in a block.
        tiles: images, lines of tiles in an image and tiles in a line that are transformed together.
        times: how many times as many there are.
        parts: into how many sums those are shared out.
    """

    channels: int
    columns: int
    tiles: tuple[int, int, int]
    times: int
    parts: int


def shares(data: Sequence[int], results: Sequence[int], host: Host) -> Shares:
    """How the sums of a gradient in weights are cut, by shapes only.

    Where blocks of channels alone make too few chunks, chunks sum parts of the images.

    Args:
        data: shape of the convolution's data.
        results: shape of its result.
        host: the processor.
    """
    images, high, wide = results[0], -(-results[2] // TILE), -(-results[3] // TILE)
    channels, columns = _even(data[1], 128), _even(results[1], 128)
    wanted = -(-_ENOUGH // (REACH * -(-data[1] // channels) * -(-results[1] // columns)))
    fit = min(host.l2_bytes // 8, _ROOM) // (4 * REACH * (channels + columns))
    fit = min(fit, -(-images * high * wide // wanted))
    tiles = _divisor(images, fit // (high * wide)), _divisor(high, fit // wide), wide
    times = images * high // (tiles[0] * tiles[1])
    return Shares(channels, columns, tiles, times, -(-times // _even(times, -(-times // wanted))))


def _divisor(n: int, most: int) -> int:
    """The largest divisor that is at most so large; 1 at least."""
    return next((i for i in range(min(n, most), 0, -1) if n % i == 0), 1)


def _even(count: int, most: int) -> int:
    """How many of so many go into each part that has at most so many, for parts of about the same size."""
    return -(-count // -(-count // max(most, 1)))
