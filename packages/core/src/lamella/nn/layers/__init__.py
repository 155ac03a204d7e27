"""Layers: cells that are parts of most networks."""
