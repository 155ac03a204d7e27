"""Steps that copy elements between layouts."""

from __future__ import annotations

import math

from lamella.codegen.scalars import MEMORY
from lamella.lowering.elementwise import MOST_CHUNKS, WORTH_A_CHUNK
from lamella.lowering.plan import Step
from lamella_cpu.codegen.steps import Steps
from lamella_cpu.kernels import transpose


def write_copy(w: Steps, step: Step) -> None:
    """Elements from one place to another of the same shape, in chunks along the axis that is outermost there."""
    (from_,), (to,) = step.reads, step.writes
    f = w.step("copy")
    kind = MEMORY[to.dtype.name]
    axes = sorted(
        (
            (n, source_stride, target_stride)
            for n, source_stride, target_stride in zip(
                to.layout.shape, from_.layout.strides, to.layout.strides, strict=True
            )
            if n != 1
        ),
        key=lambda axis: -axis[2],
    ) or [(1, 0, 0)]  # fmt: skip
    (extent, source_stride, target_stride), *inner = axes
    total = math.prod(n for n, _, _ in axes)
    wanted = max(1, min(MOST_CHUNKS, total // WORTH_A_CHUNK))
    grain = w.host.lanes(kind) if source_stride == 1 else 1  # of what is transposed, whole squares
    block = min(extent, max(1, -(-extent // wanted // grain) * grain))
    chunks = -(-extent // block) if extent else 1
    first = f.mul(f.parameters[1], block)
    read = f.at(w.address(f, from_), kind, f.mul(first, source_stride))
    write = f.at(w.address(f, to), kind, f.mul(first, target_stride))

    def part(size: int) -> None:
        f.call("void", _copier(w, kind, ((size, source_stride, target_stride), *inner)), read, write)

    f.by_size(f.parameters[1], chunks, block, extent - (chunks - 1) * block, part)
    w.run(f, chunks)


def _copier(w: Steps, kind: str, axes: tuple[tuple[int, int, int], ...]) -> str:
    """The function of a copy; one for all places that need the same."""
    return w.function((kind, axes), "copy", lambda name: transpose.emit_copy(w.module, name, kind, axes, w.host))
