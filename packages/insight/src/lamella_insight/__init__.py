"""Recording, profiling and visualisation for Lamella. Nothing is in it yet: see the README."""

from importlib.metadata import version

__version__ = version("lamella-insight")
