"""Optimizers and learning rates."""

#: Modules that are loaded when one of their optimizers is first used; `nn/later.py` knows their names.
LATER = ("layerwise", "proximal", "relatives", "steps")
