"""Graph mode for Lamella: the front end, passes and fusion. Nothing is in it yet: see the README."""

from importlib.metadata import version

__version__ = version("lamella-compiler")
