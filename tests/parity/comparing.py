"""How results of two frameworks are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Run = Callable[[str], Any]


class OracleError(Exception):
    """An error in MindSpore: its class and message."""


def assert_agree(ours: Any, theirs: Any, tolerance: float = 2e-5) -> None:
    """Equal structures, types, shapes and numbers."""
    if isinstance(theirs, list):
        assert isinstance(ours, list) and len(ours) == len(theirs), (ours, theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_agree(mine, other, tolerance)
    elif isinstance(theirs, dict):
        assert ours["shape"] == theirs["shape"], (ours, theirs)
        assert ours["dtype"] == theirs["dtype"], (ours["dtype"], theirs["dtype"])
        np.testing.assert_allclose(ours["values"], theirs["values"], tolerance, tolerance)
    else:
        assert ours == theirs
