"""Convolutions with windows of 3 x 3 by fewer multiplications: Winograd's minimal filtering F(2x2, 3x3).

The result is computed in tiles of 2 x 2 pixels, each from 4 x 4 pixels of data: Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A, with
the 3 x 3 weights g, the data d, and small matrices of 0, ±1 and ±½. Summed over channels, the elementwise product ∘ is
16 contractions, one for each of the 4 x 4 *positions*, with 16 multiplications for a tile where the direct sum takes
36. The gradient in the data is the same with the weights turned round and the roles of the channels swapped; that in
the weights is Gᵀ [Σ (A y Aᵀ) ∘ (Bᵀ d B)] G with the sum over all tiles.

The rounding error is about that of the direct sum, but it belongs to a tile: it is relative to the largest of the data
that the tile reads. Infinities and NaN belong to tiles too: one in the data makes NaN of tiles that read its pixel in
their 4 x 4, where the direct sum has infinities (here ∞ - ∞), and only in the places whose windows cover it. Numbers
above a fourth of the largest float may overflow before anything is multiplied. `docs/numerics.md` has the details.

References: Winograd, "Arithmetic Complexity of Computations", 1980; Lavin, Gray, "Fast Algorithms for Convolutional
Neural Networks", 2016, arXiv:1509.09308.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from lamella.codegen.llvm import Function
from lamella.ir import Node
from lamella.lowering.layout import Halo, Layout
from lamella.lowering.memory import Base, Memory
from lamella.lowering.plan import Access, Step
from lamella.lowering.products import Choice, Form, Term
from lamella.ops import prims
from lamella_cpu.codegen.steps import Steps
from lamella_cpu.host import Host
from lamella_cpu.kernels import winograd_plan
from lamella_cpu.kernels.contraction import Contraction
from lamella_cpu.kernels.winograd_plan import POSITIONS, REACH, TILE, WINDOW, margins, shares
from lamella_cpu.kernels.winograd_transforms import (
    DATA,
    KIND,
    RESULT,
    WEIGHT,
    Rows,
    grid,
    pitch_of,
    transform,
    transposed,
    walk_tiles,
)


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a convolution are transformed: G g Gᵀ.

    Attributes:
        node: the convolution.
    """

    node: Node

    def __str__(self) -> str:
        return "winograd weights"


@dataclass(frozen=True, eq=False)
class Sums:
    """The products of a gradient in weights are summed: Σ (A y Aᵀ) ∘ (Bᵀ d B).

    Attributes:
        node: the gradient.
    """

    node: Node

    def __str__(self) -> str:
        return "winograd sums"


class Winograd:
    """Minimal filtering as `lamella.lowering` plans it: where it pays, and the steps before the last one.

    Args:
        host: the processor.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def choice(self, node: Node) -> Choice | None:
        """The data reach so far as whole tiles of the result do, and so does its gradient."""
        if not winograd_plan.pays(node):
            return None
        last, swapped = (0, 2, 3, 1), node.op is prims.conv_input_grad
        around = ((0, 0), (0, 0), *winograd_plan.reach(node))
        if node.op is prims.conv_weight_grad:
            y = node.operands[1].shape
            rest: Halo = ((0, 0), (0, 0), *((0, -n % TILE) for n in y[2:]))
            return Choice(0, 0, last, last, (around, rest), True)
        return Choice(0, 1, last, (2, 3, 0, 1) if swapped else (2, 3, 1, 0), (around, None), True)

    def prepare(self, m: Memory, node: Node, a: Access, b: Access) -> tuple[Access, Access, list[Base]]:
        """The step before the one that computes the result; weights are transformed once for all that use them."""
        if node.op is prims.conv_weight_grad:
            parts = shares(a.layout.shape, b.layout.shape, self._host).parts
            sums = m.allocate(_sums_layout(a.layout.shape[1], b.layout.shape[1], parts), a.dtype)
            m.add(Sums(node), [a, b], [sums.place])
            return sums.place, sums.place, [sums]

        def transformed() -> Base:
            *_, columns, data = _turned(node, b.layout)
            pitch = pitch_of(data * columns)
            layout = Layout((POSITIONS, data, columns), (pitch, columns, 1), 0, POSITIONS * pitch)
            base = m.allocate(layout, b.dtype)
            m.add(Weights(node), [b], [base.place])
            return base

        return a, m.derived(node.operands[1], (node.op, b), transformed).place, []

    def forms(self, node: Node, a: Layout, b: Layout) -> list[Form]:
        """The contraction of the last step; `b` is where the transformed weights, or the sums, lie."""
        if node.op is prims.conv_weight_grad:
            columns, channels, *window = node.attrs["shape"]
            depth = [Term(b.shape[0], 0, b.strides[0]), Term(channels, 0, b.strides[2])]
            rows = [Term(channels, 0, b.strides[2], 1), *(Term(k, 0, 0, 2 + i) for i, k in enumerate(window))]
            return [Form(0, b.offset, [], rows, Term(columns, 0, 1, 0), depth)]
        images, columns, *spatial = node.outputs[0].shape
        offset = a.offset - sum(low * s for low, s in zip(margins(node), a.strides[2:], strict=True))
        rows = [Term(n, a.strides[i], 0, i) for n, i in zip((images, *spatial), (0, 2, 3), strict=True)]
        depth = [Term(a.shape[1], a.strides[1], b.strides[1])]
        return [Form(offset, b.offset, [], rows, Term(columns, 0, 1, 1), depth)]


def _turned(node: Node, layout: Layout) -> tuple[int, int, int, int, int, int, int]:
    """How weights are read.

    Returns:
        The first number, the strides down and across the window and from column to column and channel to channel, and
        how many columns and channels of the data there are.
    """
    down, across, out, into = layout.strides[2], layout.strides[3], layout.strides[0], layout.strides[1]
    columns, data = layout.shape[:2]
    if node.op is not prims.conv_input_grad:
        return layout.offset, down, across, out, into, columns, data
    # Turned round, with the channels swapped.
    return layout.offset + (WINDOW - 1) * (down + across), -down, -across, into, out, data, columns


def write_weights(w: Steps, step: Step) -> None:
    """G g Gᵀ: the weights in 16 positions, each [channels of the data, columns]."""
    (packed,), (target,), work = step.reads, step.writes, step.work
    assert isinstance(work, Weights)
    offset, down, across, out, into, columns, data = _turned(work.node, packed.layout)
    assert out == 1 or columns == 1, "columns lie side by side"
    pitch = target.layout.strides[0]
    f = w.step("winograd_weights")
    block = -(-data // min(data, max(1, data * columns // 1024), 64))
    first = f.mul(f.parameters[1], block)
    start = f.at(w.address(f, packed.at(offset)), KIND, f.mul(first, into))
    end = f.at(w.address(f, target), KIND, f.mul(first, columns))
    with f.loop(0, f.smin(f.sub(data, first), block) if data % block else block) as loop:
        from_, to = (f.at(p, KIND, f.mul(loop.index, s)) for p, s in ((start, into), (end, columns)))
        taps = [[i * down + j * across for j in range(WINDOW)] for i in range(WINDOW)]
        transform(f, WEIGHT, columns, w.host, ([from_], taps), (to, [i * pitch for i in range(POSITIONS)]))
    w.run(f, -(-data // block))


def convolution(w: Steps, spec: Contraction) -> str:
    """The function `void(ptr data, ptr weights, ptr result)` of a block of a convolution.

    Args:
        w: writes steps.
        spec: the block; its rows are images, lines and pixels, of which the result has whole tiles, its depth is the
            channels. Behind the result lies scratch memory.
    """
    spec = spec._replace(rows=((1, 0, 0), *spec.rows)[-3:])
    return w.function(("winograd", spec), "winograd", lambda name: _emit_convolution(w, name, spec))


def _emit_convolution(w: Steps, name: str, spec: Contraction) -> None:
    f = Function(w.module, name, ["ptr noalias readonly", "ptr noalias readonly", "ptr noalias"])
    x, u, y = f.parameters
    columns, host = spec.columns, w.host
    ((data, _, in_u),) = spec.depth
    tiles = [spec.rows[0][0], *(-(-n // TILE) for n, _, _ in spec.rows[1:])]
    count = prod(tiles)
    pitch = pitch_of(count * columns)
    v = f.at(y, KIND, pitch_of(TILE * TILE * count * columns))
    contract = w.contraction(Contraction(KIND, ((count, data, columns),), columns, ((data, 1, in_u),)))
    rows = Rows(w, f, DATA, tiles, [s for _, s, _ in spec.rows], data)
    m = f.at(v, KIND, REACH * rows.pitch)
    with f.loop(0, REACH) as row:
        rows.write(row.index, x, v)
        with f.loop(0, REACH) as column:
            position = f.add(f.mul(row.index, REACH), column.index)
            from_, weights = f.mul(column.index, rows.pitch), f.mul(position, pitch_of(data * in_u))
            to = f.at(m, KIND, f.mul(position, pitch))
            f.call("void", contract, f.at(v, KIND, from_), f.at(u, KIND, weights), to)
    _, line, pixel = (s for _, _, s in spec.rows)
    positions = grid(REACH, pitch)
    pixels = [i * line + j * pixel for i in range(TILE) for j in range(TILE)]
    with walk_tiles(f, tiles, [s for _, _, s in spec.rows]) as (offset, tile):
        from_, to = f.at(m, KIND, f.mul(tile, columns)), f.at(y, KIND, offset)
        transform(f, RESULT, columns, host, ([from_], positions), (to, pixels))
    f.ret()
    f.finish()


def _sums_layout(data: int, columns: int, parts: int) -> Layout:
    """Where sums lie: [parts, positions, channels of the data, columns]."""
    pitch = pitch_of(data * columns)
    strides = POSITIONS * pitch, pitch, columns, 1
    return Layout((parts, POSITIONS, data, columns), strides, 0, parts * strides[0])


def write_sums(w: Steps, step: Step) -> None:
    """Σ (A y Aᵀ) ∘ (Bᵀ d B).

    A chunk is a row of positions of a block of channels and columns. It goes through all tiles, or, where there would
    be too few chunks, through a part of them, block by block.
    """
    (x, g), (sums,), work = step.reads, step.writes, step.work
    assert isinstance(work, Sums)
    data, columns = x.layout.shape[1], g.layout.shape[1]
    share = shares(x.layout.shape, g.layout.shape, w.host)
    parts, tiles = share.parts, share.tiles
    tall, broad = share.channels, share.columns
    down, across = -(-data // tall), -(-columns // broad)
    by_part, pitch, _, _ = sums.layout.strides
    f = w.step("winograd_sums")
    index, column = f.udiv(f.parameters[1], across), f.urem(f.parameters[1], across)
    index, channel = f.udiv(index, down), f.urem(index, down)
    part, row = f.udiv(index, REACH), f.urem(index, REACH)
    start = x.layout.offset - sum(low * s for low, s in zip(margins(work.node), x.layout.strides[2:], strict=True))
    from_x = f.at(w.address(f, x.at(start)), KIND, f.mul(channel, tall))
    from_g = f.at(w.address(f, g), KIND, f.mul(column, broad))
    to = f.at(w.address(f, sums), KIND, f.add(f.mul(part, by_part), f.mul(row, REACH * pitch)))
    to = f.at(to, KIND, f.add(f.mul(channel, tall * columns), f.mul(column, broad)))

    def block(height: int, width: int) -> None:
        count = prod(tiles)
        in_x, in_g = ([layout.strides[i] for i in (0, 2, 3)] for layout in (x.layout, g.layout))
        of_x = Rows(w, f, DATA, tiles, in_x, height)
        of_g = Rows(w, f, transposed(RESULT), tiles, in_g, width)
        a, b = f.parameters[2], f.at(f.parameters[2], KIND, REACH * of_x.pitch)
        spec = Contraction(KIND, ((height, 1, columns),), width, ((count, height, width),), accumulate=True)
        contract = w.contraction(spec)
        with f.loop(0, REACH) as position, f.loop(0, height) as each:
            place = f.add(f.mul(position.index, pitch), f.mul(each.index, columns))
            f.clear(f.at(to, KIND, place), width * x.dtype.itemsize)
        step, in_image = -(-share.times // parts), -(-g.layout.shape[2] // TILE) // tiles[1]
        first = f.mul(part, step)
        with f.loop(first, f.smin(f.add(first, step), share.times)) as loop:
            image = f.mul(f.udiv(loop.index, in_image), tiles[0])
            line = f.mul(f.urem(loop.index, in_image), TILE * tiles[1])
            for rows, from_, (by_image, by_line, _), v in ((of_x, from_x, in_x, a), (of_g, from_g, in_g, b)):
                rows.write(row, f.at(from_, KIND, f.add(f.mul(image, by_image), f.mul(line, by_line))), v)
            with f.loop(0, REACH) as position:
                v, d = (f.at(p, KIND, f.mul(position.index, r.pitch)) for p, r in ((a, of_x), (b, of_g)))
                f.call("void", contract, v, d, f.at(to, KIND, f.mul(position.index, pitch)))

    f.by_size(channel, down, tall, data - (down - 1) * tall,
              lambda height: f.by_size(column, across, broad, columns - (across - 1) * broad,
                                       lambda width: block(height, width)))  # fmt: skip
    w.run(f, REACH * parts * down * across)


def weight_grad(w: Steps, spec: Contraction) -> str:
    """The function `void(ptr, ptr sums, ptr result)` of a block of a gradient in weights: Gᵀ S G.

    Args:
        w: writes steps.
        spec: the block; its rows are channels of the data and places in a window, its depth says how the sums lie.
    """
    return w.function(("winograd weights", spec), "winograd", lambda name: _emit_weight_grad(w, name, spec))


def _emit_weight_grad(w: Steps, name: str, spec: Contraction) -> None:
    f = Function(w.module, name, ["ptr", "ptr noalias readonly", "ptr noalias"])
    _, sums, result = f.parameters
    (channels, _, by_channel), (_, _, down), (_, _, across) = spec.rows
    (parts, _, by_part), (data, _, columns) = spec.depth
    positions = grid(REACH, pitch_of(data * columns))
    places = [i * down + j * across for i in range(WINDOW) for j in range(WINDOW)]
    with f.loop(0, channels) as loop:
        from_ = f.at(sums, KIND, f.mul(loop.index, columns))
        to = f.at(result, KIND, f.mul(loop.index, by_channel))
        froms = [f.at(from_, KIND, i * by_part) for i in range(parts)]
        transform(f, transposed(WEIGHT), spec.columns, w.host, (froms, positions), (to, places))
    f.ret()
    f.finish()
