"""The front end: Python functions in a form that builds graphs; see the README in this folder."""

import os

from lamella.engine.conversion import add_library
from lamella_compiler.frontend.functions import convert, converting

__all__ = ["convert", "converting"]

add_library(os.path.dirname(os.path.dirname(__file__)))
