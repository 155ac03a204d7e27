"""Input signatures: descriptions of the arguments of a compiled function, with open sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella import tree
from lamella.dims import Dim
from lamella.errors import explain
from lamella.tensor import Tensor
from lamella.types import TensorType


class Signature:
    """What a function's tensor arguments must be.

    Args:
        subject: who asked for it, for messages.
        inputs: for each argument a tensor with its type and shape (`Tensor(shape=[None, 3], dtype=lamella.float32)`,
            where None leaves a size open), or nested ones; something else for an argument that is no tensor.

    Raises:
        TypeError: there is no tensor in it.
    """

    def __init__(self, subject: str, inputs: Any) -> None:
        listed = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
        self._subject = subject
        self._types: list[TensorType] = [x._type for x in tree.flatten(listed)[0] if isinstance(x, Tensor)]
        if not self._types:
            raise TypeError(
                explain(
                    subject,
                    given=repr(inputs),
                    expected="tensors that describe the arguments",
                    remedy="Write Tensor(shape=[None, 3], dtype=lamella.float32); None leaves a size open.",
                )
            )

    def open_axes(self, types: Sequence[TensorType]) -> list[frozenset[int]]:
        """The axes that it leaves open.

        Raises:
            TypeError: arguments of these types are not what it describes.
        """
        fits = len(types) == len(self._types) and all(
            wanted.dtype is given.dtype
            and wanted.ndim == given.ndim
            and all(isinstance(m, Dim) or m == n for m, n in zip(wanted.shape, given.shape, strict=True))
            for wanted, given in zip(self._types, types, strict=True)
        )
        if not fits:
            raise TypeError(
                explain(
                    self._subject,
                    given=f"arguments of types {', '.join(map(str, types))}",
                    expected=", ".join(map(str, self._types)),
                )
            )
        return [frozenset(i for i, n in enumerate(t.shape) if isinstance(n, Dim)) for t in self._types]
