"""Conformance of a device: every primitive, control flow, state and random programs, against the reference kernels.

The author of a device installs it and runs

    LAMELLA_DEVICE=name pytest --pyargs lamella.testing

(or `name:1` for the second of several), which needs pytest and hypothesis. What it judges it reads first, so that
errors that depend on numbers may come at the call or at the read. `cases` is the table of what is tried with each
primitive; a package that defines primitives adds its own with `cases.add`.
"""
