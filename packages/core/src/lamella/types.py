"""Types of values: what is known of a tensor without its data."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from lamella.dims import DimSize, Shape, parse_dim, product
from lamella.dtypes import BY_NAME, DType
from lamella.errors import GraphError


class TensorType:
    """Element type and shape of a tensor, in text `float32[n, 784]`.

    Attributes:
        dtype: type of the elements.
        shape: one size for each axis: an int, or a `Dim` where a graph leaves it open.
    """

    __slots__ = ("_hash", "dtype", "shape")

    _hash: int

    def __init__(self, dtype: DType, shape: Shape) -> None:
        self.dtype = dtype
        self.shape = shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> DimSize:
        """Number of elements."""
        return product(self.shape)

    def with_shape(self, shape: Shape) -> TensorType:
        """The same type with another shape."""
        return TensorType(self.dtype, shape)

    def with_dtype(self, dtype: DType) -> TensorType:
        """The same type with another element type."""
        return TensorType(dtype, self.shape)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, TensorType) and self.dtype is other.dtype and self.shape == other.shape
        )

    def __hash__(self) -> int:
        try:
            return self._hash  # devices look up what they know of ops on such types
        except AttributeError:
            self._hash = hash((self.dtype, self.shape))
            return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorType, (self.dtype, self.shape)

    def __repr__(self) -> str:
        return f"{self.dtype.name}[{', '.join(map(str, self.shape))}]"


class TokenType:
    """The type of the tokens that keep effects in order."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TokenType)

    def __hash__(self) -> int:
        return hash(TokenType)

    def __repr__(self) -> str:
        return "token"


TOKEN = TokenType()
Type: TypeAlias = TensorType | TokenType

_MOST_INTERNED = 100_000
_interned: dict[tuple[DType, Shape], TensorType] = {}


def interned(dtype: DType, shape: Shape) -> TensorType:
    """The type with this element type and shape, as the same object each time: comparing such types costs little."""
    key = dtype, shape
    found = _interned.get(key)
    if found is None:
        if len(_interned) > _MOST_INTERNED:
            _interned.clear()
        found = _interned.setdefault(key, TensorType(dtype, shape))
    return found


_TYPE = re.compile(r"\s*(\w+)\[(.*)\]\s*$")


def parse_type(text: str) -> Type:
    """Read a type as `repr` writes it.

    Raises:
        GraphError: `text` is no type.

    Examples:
        >>> parse_type("float32[n, 784]")
        float32[n, 784]
    """
    if text.strip() == "token":
        return TOKEN
    match = _TYPE.match(text)
    if match is None or match[1] not in BY_NAME:
        raise GraphError(f"{text!r} is not a type such as float32[2, n].")
    sizes = [size for size in match[2].split(",") if size.strip()]
    return TensorType(BY_NAME[match[1]], tuple(parse_dim(size.strip()) for size in sizes))
