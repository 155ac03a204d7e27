"""The MLP's training step (see `_mlp`), eagerly."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _mlp


def lamella():
    step, x, y = _mlp.lamella_step()
    return (lambda: step(x, y)), lambda: [step(x, y).asnumpy()]


def torch():
    step = _mlp.torch_step()
    return step, lambda: [step().detach().numpy()]
