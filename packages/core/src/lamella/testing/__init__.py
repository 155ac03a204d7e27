"""Conformance of a device: every primitive, control flow, state and random programs, against the reference kernels.

The author of a device installs it and runs

    LAMELLA_DEVICE=name pytest --pyargs lamella.testing

which needs pytest and hypothesis. `cases` is the table of what is tried with each primitive; a package that defines
primitives adds its own with `cases.add`.
"""
