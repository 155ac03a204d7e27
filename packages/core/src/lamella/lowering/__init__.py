"""What every compiled backend decides alike, from a graph to a plan that says what is computed when, and where.

Backends load it; nothing else does.
"""

from lamella.lowering.decompositions import rules
from lamella.lowering.plan import Access, Plan, Step
from lamella.lowering.planning import plan

__all__ = ["Access", "Plan", "Step", "plan", "rules"]
