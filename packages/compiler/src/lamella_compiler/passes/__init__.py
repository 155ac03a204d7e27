"""What is done to every graph before a device gets it.

Most of it is rules for single nodes, in tables; one walk over the graph applies all of them (`simplify`).

algebra      identities of arithmetic         folding     constants
broadcasts   stretching that is not needed    movement    reshapes, transpositions, conversions
unwrapping   aliases, custom derivatives, known branches
dead         what is not read                 invariant   what a loop computes the same each time
pooling      rectifying after pooling
residuals    what the derivative of a loop or branch keeps rather than computes again
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from lamella.ir import pipeline
from lamella.ir.graph import Graph
from lamella.ir.pipeline import Pass
from lamella.ir.registry import registry
from lamella.ir.rewriting import Rules, rewritten
from lamella_compiler.passes import algebra, broadcasts, folding, invariant, movement, unwrapping
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.pooling import rectify_after_pooling
from lamella_compiler.passes.residuals import keep_residuals

RULES: Final = unwrapping.RULES + algebra.RULES + broadcasts.RULES + movement.RULES + folding.RULES + invariant.RULES


def simplify(graph: Graph) -> Graph:
    """Apply all rules for single nodes, and make equal nodes one."""
    return rewritten(graph, _rules())


@cache
def _rules() -> Rules:
    """The rules here and those of plugins."""
    return RULES + registry().rules


#: The passes, in order.
PASSES: Final[Sequence[Pass]] = (simplify, rectify_after_pooling, prune, keep_residuals)
#: How often they are run at most.
ROUNDS: Final = 4


def optimized(graph: Graph) -> Graph:
    """A graph after these passes and those of plugins."""
    return pipeline.run(graph, registry().passes(PASSES), "graph", ROUNDS)
