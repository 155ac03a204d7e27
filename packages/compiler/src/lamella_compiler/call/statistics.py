"""What has happened to a compiled function: calls that found a graph, calls that built one, and why."""

from __future__ import annotations

from typing import NamedTuple


class CacheInfo(NamedTuple):
    """The state of a compiled function.

    Attributes:
        hits: calls that ran a graph that was there.
        misses: calls that built one.
        entries: graphs that are kept.
        reasons: for each miss but the first, why no graph fitted; the last ones.
        compile_seconds: for each miss, how long it took; the last ones.
    """

    hits: int
    misses: int
    entries: int
    reasons: tuple[str, ...]
    compile_seconds: tuple[float, ...]
