"""What is done to every graph before a device gets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lamella.ir.pipeline import Pass

#: The passes, in order.
PASSES: Final[Sequence[Pass]] = ()
#: How often they are run at most.
ROUNDS: Final = 4
