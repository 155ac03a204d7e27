"""Settings of the data pipelines: the seed.

Examples:
    >>> import lamella_data as data
    >>> data.config.set_seed(3)
    >>> data.config.get_seed()
    3
    >>> data.config.set_seed(None)
"""

from __future__ import annotations

from typing import Any

import lamella
from lamella_data._checks import check_int

__all__ = ["get_seed", "set_seed"]

_DEFAULT = 5489
_seed: int | None = None


def set_seed(seed: int | None) -> None:
    """Set the seed of everything random in pipelines: shuffling, and samplers that shuffle.

    An iterator takes the seed when it is created. Each of its epochs is shuffled by the seed and the number of the
    epoch together.

    Args:
        seed: from 0 to 2**32 - 1; None goes back to the framework's seed.

    Raises:
        TypeError: `seed` is not an int.
        ValueError: `seed` is out of range.

    Examples:
        >>> import lamella_data as data
        >>> data.config.set_seed(1)
        >>> data.config.set_seed(None)
    """
    global _seed
    _seed = None if seed is None else check_int("config.set_seed: seed", seed, 0, 2**32 - 1)


def get_seed() -> int:
    """The seed of pipelines: that of `set_seed`, else that of `lamella.set_seed`, else 5489 (MindSpore's default).

    Examples:
        >>> import lamella_data as data
        >>> data.config.set_seed(7)
        >>> data.config.get_seed()
        7
        >>> data.config.set_seed(None)
    """
    if _seed is not None:
        return _seed
    framework: Any = getattr(lamella, "get_seed", lambda: None)()
    return _DEFAULT if framework is None else int(framework)
