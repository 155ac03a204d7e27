"""What runs single ops: chosen by types and shapes."""

from __future__ import annotations

import numpy as np
import pytest

from lamella.ops import prims
from lamella.ops.opdef import OpDef
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
