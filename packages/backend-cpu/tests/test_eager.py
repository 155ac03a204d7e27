"""What runs single ops: chosen by types and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamella.buffer import Buffer
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef
from lamella_cpu.backend import CpuBackend
from lamella_cpu.eager import EagerKernels


@pytest.mark.parametrize(
    ("op", "rows", "native"),
    [(prims.add, 200, False), (prims.neg, 200, False), (prims.add, 2000, True), (prims.exp, 200, True)],
)
def test_what_numpy_does_as_fast_is_not_compiled_for_each_shape(op: OpDef, rows: int, native: bool) -> None:
    backend = CpuBackend()
    operands = [backend.put(np.ones((rows, 256), np.float32)) for _ in range(2 if op is prims.add else 1)]
    assert (EagerKernels(backend).find(op, operands, {}) is not None) == native


@pytest.mark.parametrize("size", [8, 64])
def test_products_run_natively_by_how_many_multiplications_they_take(size: int) -> None:
    backend = CpuBackend()
    kernels = EagerKernels(backend)
    place = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    x, w, matrix = (
        backend.put(np.ones(shape, np.float32)) for shape in ((2, 3, size, size), (4, 3, 3, 3), (size, size))
    )
    y = backend.put(np.ones((2, 4, size, size), np.float32))
    calls: list[tuple[OpDef, list[Buffer], dict[str, Any]]] = [
        (prims.conv, [x, w], place),
        (prims.conv_input_grad, [y, w], {"shape": x.shape, **place}),
        (prims.conv_weight_grad, [x, y], {"shape": w.shape, **place}),
        (prims.dot_general, [matrix, matrix], {"contract": ((1,), (0,)), "batch": ((), ())}),
    ]
    for op, operands, attrs in calls:
        for _ in range(2):  # found, and found again
            assert (kernels.find(op, operands, attrs) is not None) == (size == 64)
