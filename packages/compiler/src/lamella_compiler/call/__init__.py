"""Calling a compiled function: its arguments, its graphs, and which of them fits; see the README beside this file."""
