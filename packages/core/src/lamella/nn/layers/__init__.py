"""Layers."""

#: Modules that are loaded when one of their layers is first used; `nn/later.py` knows their names.
LATER = ("attention", "combined", "functional", "losses", "volumes")
