"""Memory for what lives from one step to another: one piece, in which values take each other's place."""

from __future__ import annotations

_ALIGNMENT = 64


class Arena:
    """Hands out memory for values that live from one step to another.

    Attributes:
        size: how many bytes are needed in all.
    """

    def __init__(self) -> None:
        self.size = 0
        self._free: list[tuple[int, int]] = []  # (offset, bytes), by offset

    def take_new(self, amount: int) -> int:
        """The offset of so many bytes that were never handed out before, and that are all zeros when a run begins."""
        at = self.size
        self.size += _rounded(amount)
        return at

    def take(self, amount: int) -> int:
        """The offset of so many bytes, at the smallest gap that has them."""
        amount = _rounded(amount)
        fitting = [(n, at) for at, n in self._free if n >= amount]
        if fitting:
            n, at = min(fitting)
            self._free.remove((at, n))
            if n > amount:
                self.give(at + amount, n - amount)
            return at
        if self._free and sum(self._free[-1]) == self.size:  # the last gap grows
            at, _ = self._free.pop()
        else:
            at = self.size
        self.size = at + amount
        return at

    def give(self, offset: int, amount: int) -> None:
        """Take memory back."""
        amount = _rounded(amount)
        self._free.append((offset, amount))
        self._free.sort()
        merged: list[tuple[int, int]] = []
        for at, n in self._free:
            if merged and sum(merged[-1]) == at:
                merged[-1] = merged[-1][0], merged[-1][1] + n
            else:
                merged.append((at, n))
        self._free = merged


def _rounded(amount: int) -> int:
    return max(amount + _ALIGNMENT - 1, _ALIGNMENT) // _ALIGNMENT * _ALIGNMENT
