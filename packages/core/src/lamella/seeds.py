"""MindSpore's names for what the common generator of random numbers does."""

from __future__ import annotations

from lamella.ops.functions.random import Generator, default_generator, set_seed
from lamella.tensor import Tensor


def manual_seed(seed: int) -> Generator:
    """Start the stream of that name, as `set_seed`; returns the common generator.

    Args:
        seed: an int from 0 to 2**64 - 1.

    Raises:
        TypeError: it is no int.
        ValueError: it is out of range.

    Examples:
        >>> import lamella as ms
        >>> ms.manual_seed(3).initial_seed()
        3
    """
    set_seed(seed)
    return default_generator


def seed() -> int:
    """Start a stream that nobody has seen; returns its name.

    Examples:
        >>> import lamella as ms
        >>> ms.seed() == ms.initial_seed()
        True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """The name of the common stream.

    Examples:
        >>> import lamella as ms
        >>> ms.set_seed(5)
        >>> ms.initial_seed()
        5
    """
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the common stream stands.

    Examples:
        >>> import lamella as ms
        >>> state = ms.get_rng_state()
        >>> first = ms.ops.rand(1).item()
        >>> ms.set_rng_state(state)
        >>> ms.ops.rand(1).item() == first
        True
    """
    return default_generator.get_state()


def set_rng_state(state: Tensor) -> None:
    """Go on from where `get_rng_state` was called.

    Args:
        state: what it gave.

    Raises:
        ValueError: it is something else.

    Examples:
        >>> import lamella as ms
        >>> ms.set_rng_state(ms.get_rng_state())
    """
    default_generator.set_state(state)
