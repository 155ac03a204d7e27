"""How a contraction is cut: into chunks for threads, blocks for the caches, tiles for the registers."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod
from typing import NamedTuple

from lamella.codegen.llvm import size
from lamella_cpu.host import Host

Axis = tuple[int, int, int]

# A cache finds a number's place by the lowest bits of its address: lines this far apart take each other's place. It
# holds a few of them at a time.
_PAGE = 4096
_WAYS = 8
_LINE = 64


class Contraction(NamedTuple):
    """What a kernel computes: C[rows, columns] = or += sum of A[rows, depth] * B[depth, columns].

    Attributes:
        dtype: LLVM's word for the numbers, "float" or "double".
        rows: axes as (extent, stride in A, stride in C), outermost first.
        columns: how many; neighbours in B and in C.
        depth: axes as (extent, stride in A, stride in B), outermost first; they are summed over.
        accumulate: whether the sums are added to what is in C.
    """

    dtype: str
    rows: tuple[Axis, ...]
    columns: int
    depth: tuple[Axis, ...]
    accumulate: bool = False


class Tiling(NamedTuple):
    """How rows and columns are cut into tiles.

    Attributes:
        axis: which of the rows' axes is cut; those inside it are whole in each tile.
        step: how many of its places a tile has.
        height: rows of a tile.
        width: vectors of columns of a tile.
    """

    axis: int
    step: int
    height: int
    width: int


def tile(spec: Contraction, host: Host) -> tuple[int, int]:
    """The size of a tile: rows, and vectors of columns.

    Examples:
        >>> from dataclasses import replace
        >>> from lamella_cpu.host import host
        >>> wide = replace(host(), vector_bits=512, registers=32)
        >>> tile(Contraction("float", ((512, 784, 64),), 64, ((784, 1, 64),)), wide)
        (6, 4)
    """
    tiling = best_tiling(spec, host)
    return tiling.height, tiling.width


def best_tiling(spec: Contraction, host: Host) -> Tiling:
    """The cut into tiles that takes the least time, by a simple count of instructions."""
    rows, lanes = merged(spec.rows), host.lanes(spec.dtype)
    vectors = -(-spec.columns // lanes)
    depth = prod(extent for extent, _, _ in spec.depth)
    best = Tiling(len(rows) - 1, 1, 1, 1)
    least = float("inf")
    for axis in reversed(range(len(rows))):
        extent, inside = rows[axis][0], prod(e for e, _, _ in rows[axis + 1 :])
        for width in range(1, min(vectors, 4) + 1):
            # Beside the sums, registers hold the vectors of B and a number of A. More sums than 24 gain nothing.
            sums = min(host.registers - width - 1, 24)
            for step in range(1, min(extent, sums // (width * inside)) + 1):
                tiling = Tiling(axis, step, step * inside, width)
                streams = _together(step, rows[axis][1] * size(spec.dtype))
                cost = _cost(tiling, extent, inside, vectors, depth) + (float("inf") if streams > 1 else 0)
                if cost < least:
                    best, least = tiling, cost
    return best


def _cost(tiling: Tiling, extent: int, inside: int, vectors: int, depth: int) -> float:
    """Time for all tiles, in vector instructions per step of depth."""
    total = 0.0
    for tiles, step in ((extent // tiling.step, tiling.step), (1, extent % tiling.step)):
        for groups, width in ((vectors // tiling.width, tiling.width), (1, vectors % tiling.width)):
            height = step * inside
            if tiles and groups and height and width:
                # Eight sums hide the latency of the multiply-adds. Reading costs less than multiplying, but counts;
                # so do the stores at the end, which should not come in long bursts, and each kind of tile is code.
                step_time = max(height * width, height + width, 8) + 0.2 * (height + width) + 0.5
                burst = height * width * (2 + height * width / 8)
                total += tiles * groups * (step_time + burst / (depth + 1)) + 0.1
    return total


def _together(count: int, stride: int) -> float:
    """How much of what one place of the first cache holds is taken by lines a stride apart; 1 for all."""
    return count / (_PAGE // gcd(stride, _PAGE) * (_WAYS - 2)) if stride else 0.0


def depth_block(spec: Contraction, host: Host, tiling: Tiling) -> int:
    """How long depth may be for what is read again to stay in a cache.

    That is a group of columns of B, and the second-level cache, as long as a step has enough products to wait for it.
    With few registers it has not: then neighbouring rows of A, each on the cache lines of the one before, must stay in
    the first.
    """
    block = host.l2_bytes // 4 // (tiling.width * host.vector_bits // 8)
    if 1 < tiling.height * tiling.width < 16 and merged(spec.rows)[-1][1] == 1:
        block = min(block, host.l1_bytes // 4 // _LINE)
    return max(block, 64)


def merged(axes: Sequence[Axis]) -> list[Axis]:
    """The same places by fewer axes, where two go on like one."""
    result: list[Axis] = []
    for axis in axes:
        if axis[0] == 1:
            continue
        if result and result[-1][1] == axis[0] * axis[1] and result[-1][2] == axis[0] * axis[2]:
            result[-1] = (result[-1][0] * axis[0], axis[1], axis[2])
        else:
            result.append(axis)
    return result or [(1, 0, 0)]
