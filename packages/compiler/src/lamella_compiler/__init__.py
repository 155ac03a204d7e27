"""Graph mode for Lamella: the source-transforming front end, passes and fusion. Nothing is in it yet: see the README."""

from importlib.metadata import version

__version__ = version("lamella-compiler")
