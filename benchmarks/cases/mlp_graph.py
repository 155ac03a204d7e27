"""The MLP's training step (see `_mlp`) as a built graph on the reference backend, beside its NumPy calls."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _mlp
import numpy as np


def lamella():
    from lamella import ir

    step, x, y = _mlp.lamella_step()
    run = ir.staged(step)
    return (lambda: run(x, y)), lambda: [run(x, y).asnumpy()]


def numpy():
    parameters = [p.copy() for p in _mlp.PARAMETERS]
    return (lambda: _mlp.numpy_step(parameters)), lambda: [np.asarray(_mlp.numpy_step(parameters))]
