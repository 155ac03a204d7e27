"""Graphs as object files for other machines: linked with a program in C, and run by an emulator."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import lamella as ms
from lamella import ir, nn, ops, plugins
from lamella.ir.execute import execute

# By platform: a C compiler for it, and what runs its programs here.
TOOLS = {
    f"{platform.machine()}-linux-gnu": (["cc"], []),
    "aarch64-linux-gnu": (["aarch64-linux-gnu-gcc", "-static"], ["qemu-aarch64"]),
}
FEATURES = {"x86_64-linux-gnu": "+avx2,+fma,+f16c"}

MAIN = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void run(void **table);

/* What the graph needs: work in parts, here one after the other. */
void lamella_parallel(void (*body)(void *, int64_t, void *), void *data, int64_t chunks) {
    static char *scratch;
    if (!scratch) scratch = aligned_alloc(64, 1 << 20);
    for (int64_t i = 0; i < chunks; i++) body(data, i, scratch);
}

/* A word that stops loops when it is not 0. */
int64_t *lamella_pool_aborted(void) {
    static int64_t word;
    return &word;
}

static void *memory(int64_t bytes) {
    return memset(aligned_alloc(64, (bytes + 127) / 64 * 64), 0, (bytes + 127) / 64 * 64);
}

int main(int argc, char **argv) {
    int64_t sizes[] = {SIZES}; /* of the inputs, outputs, arena, status and constants, in bytes */
    int inputs = INPUTS, outputs = OUTPUTS, entries = ENTRIES, count = sizeof sizes / sizeof *sizes;
    void **table = memory(8 * entries);
    for (int i = 0; i < count; i++) table[i] = memory(sizes[i]);
    FILE *in = fopen("in.bin", "rb"), *out = fopen("out.bin", "wb");
    for (int i = 0; i < count; i++)
        if (i < inputs || i >= inputs + outputs + 2)
            if (fread(table[i], 1, sizes[i], in) != (size_t)sizes[i]) return 2;
    run(table);
    if (*(int64_t *)table[inputs + outputs + 1]) return 3;
    for (int i = inputs; i < inputs + outputs; i++) fwrite(table[i], 1, sizes[i], out);
    return fclose(out);
}
"""

network = nn.SequentialCell(
    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten(), nn.Dense(4 * 4 * 4, 10)
)


def classified(x: ms.Tensor) -> tuple[ms.Tensor, ms.Tensor]:
    logits = network(x)
    return ops.softmax(logits), ops.argmax(logits, 1)


def looped(x: ms.Tensor) -> ms.Tensor:
    return ops.while_loop(lambda y: y.sum() < 1000, lambda y: ops.exp(y * 0.25) + y, x)


def narrow(x: ms.Tensor) -> ms.Tensor:
    return ops.tanh(x.astype(ms.float16) * 3).sum(0) + ops.sort(x, 0)[0][0].astype(ms.float16)


def found(table: ms.Tensor, places: ms.Tensor) -> ms.Tensor:
    return ops.gather(table, places, 0) // 3


PROGRAMS = {
    "network": (classified, [np.random.default_rng(0).standard_normal((2, 1, 8, 8)).astype(np.float32)]),
    "loop": (looped, [np.linspace(0, 1, 33, dtype=np.float64)]),
    "floats of 16 bits": (narrow, [np.random.default_rng(1).standard_normal((40, 7)).astype(np.float32)]),
    "integers": (found, [np.arange(50, dtype=np.int32), np.array([3, 49, 0])]),
    "a bad index": (found, [np.arange(50, dtype=np.int32), np.array([3, 50, 0])]),
}


def run_elsewhere(
    folder: Path, artifact: plugins.Artifact, arrays: Sequence[np.ndarray], tools: tuple[list[str], list[str]]
) -> tuple[int, list[np.ndarray]]:
    """Link an artifact with the program above and run it: its exit code, and the outputs."""
    given = [*arrays, *artifact.constants]
    types = [(t.dtype.numpy, t.shape) for t in artifact.outputs]
    empty = [np.zeros(shape, dtype) for dtype, shape in types]
    blocks = [*arrays, *empty, np.zeros(artifact.arena_bytes, np.uint8), np.zeros(3, np.int64), *artifact.constants]
    values = {
        "SIZES": ", ".join(str(block.nbytes) for block in blocks),
        "INPUTS": len(arrays),
        "OUTPUTS": len(empty),
        "ENTRIES": artifact.table_entries,
    }
    text = MAIN
    for name, value in values.items():
        text = text.replace(name, str(value))
    (folder / "main.c").write_text(text)
    (folder / "graph.o").write_bytes(artifact.code)
    (folder / "in.bin").write_bytes(b"".join(np.ascontiguousarray(x).tobytes() for x in given))
    compiler, emulator = tools
    subprocess.run([*compiler, "main.c", "graph.o", "-o", "program", "-lm"], cwd=folder, check=True, timeout=120)
    code = subprocess.run([*emulator, "./program"], cwd=folder, check=False, timeout=120).returncode
    content = (folder / "out.bin").read_bytes()
    results = []
    for block in empty if not code else []:
        results.append(np.frombuffer(content[: block.nbytes], block.dtype).reshape(block.shape))
        content = content[block.nbytes :]
    return code, results


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("target", TOOLS)
def test_a_graph_runs_on_another_machine(target: str, name: str, tmp_path: Path) -> None:
    tools = TOOLS[target]
    missing = [tool for tool in (tools[0][0], *tools[1]) if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    fn, arrays = PROGRAMS[name]
    network.set_train(False)
    graph = ir.build(fn, *[ir.TensorType(ms.Tensor(x).dtype, x.shape) for x in arrays])
    around = graph.params[len(arrays) :]  # the network's parameters
    weights = [p.asnumpy() for p in network.get_parameters()] if around else []
    by_shape = {w.shape: w for w in weights}
    arrays = [*arrays, *[by_shape[p.type.shape] for p in around]]
    artifact = plugins.backend("CPU").emit(graph, target, features=FEATURES.get(target, ""))
    assert set(artifact.needs) <= {"lamella_parallel", "lamella_pool_aborted"}
    code, results = run_elsewhere(tmp_path, artifact, arrays, tools)
    if name == "a bad index":
        assert code == 3
        return
    assert code == 0
    for mine, theirs in zip(results, execute(graph, arrays), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-3 if theirs.dtype == np.float16 else 2e-6, atol=1e-6)


def test_what_cannot_be_written_is_refused_by_name() -> None:
    emit = plugins.backend("CPU").emit
    type = ir.TensorType(ms.float32, (3,))
    with pytest.raises(ValueError, match=r"'riscv64-linux-gnu', expected one of x86_64-linux-gnu, aarch64-linux-gnu"):
        emit(ir.build(ops.exp, type), "riscv64-linux-gnu")
    with pytest.raises(ValueError, match="known sizes"):
        emit(ir.build(ops.exp, ir.TensorType(ms.float32, (ir.Dim.symbol("n"),))), "aarch64-linux-gnu")
    with pytest.raises(ValueError, match="the primitives print"):
        emit(ir.build(lambda x: ops.print_("x", x) or x, type), "aarch64-linux-gnu")
