"""Compiled CPU execution for Lamella: see the README."""

from importlib.metadata import version

__version__ = version("lamella-backend-cpu")
