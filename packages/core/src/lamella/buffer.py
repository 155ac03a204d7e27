"""Buffers: the immutable data of tensors, and who else may be looking at it.

A tensor is a handle on a buffer. A compiled step may *donate* a buffer: take its memory over for a result. It may do
so only while nothing else can see that memory. Whatever can holds a reference: handles, tapes and views inside the
framework, and the arrays that were given out (`Export`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lamella.dims import Shape
from lamella.dtypes import BY_NUMPY, DType
from lamella.errors import PoisonedError, explain
from lamella.types import TensorType, interned

if TYPE_CHECKING:
    from lamella.plugins.protocols import Backend

#: Numbers every value of every engine; a number is never used twice, so a tape can name values by it.
next_uid = count(1).__next__


class Buffer:
    """Immutable data on a backend.

    Attributes:
        uid: a number that no other value has.
        data: the backend's own array object; has `shape` and a NumPy `dtype`.
        backend: the backend that made it and alone can read it.
        address: where the elements begin, for a backend to note; 0 until then.
        known_type: its `type` once somebody has asked, else None.
    """

    __slots__ = ("__weakref__", "address", "backend", "data", "known_type", "uid")

    def __init__(self, data: Any, backend: Backend) -> None:
        self.uid = next_uid()
        self.data = data
        self.backend = backend
        self.address = 0
        self.known_type: TensorType | None = None

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        return BY_NUMPY[self.data.dtype]

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""
        shape: tuple[int, ...] = self.data.shape
        return shape

    @property
    def type(self) -> TensorType:
        """Element type and shape."""
        if self.known_type is None:
            self.known_type = interned(BY_NUMPY[self.data.dtype], self.data.shape)
        return self.known_type

    def plain(self) -> np.ndarray[Any, Any]:
        """The data as a NumPy array in the ordinary row-major meaning, whatever layout the backend keeps."""
        return self.backend.get(self)

    def poison(self, step: str) -> None:
        """Make every later read raise, naming the step that took the memory over and failed."""
        self.address = 0
        self.known_type = None
        self.data = _Poisoned(
            f"This tensor's memory had been handed to {step}, which failed halfway; its value is lost. "
            "Load it again, from a checkpoint for example."
        )


def on_backend(buffer: Buffer, backend: Backend, subject: str) -> Buffer:
    """A buffer as one of a backend: itself, or, where both keep their data in the memory of the host, the same data.

    Args:
        buffer: the buffer.
        backend: the backend.
        subject: what needs it there, for the error's words.

    Raises:
        ValueError: it would have to be copied from one device to another, which only `Tensor.to` does.
    """
    if buffer.backend is backend:
        return buffer
    if buffer.backend.on_host and backend.on_host:
        return backend.put(buffer.plain())
    raise ValueError(
        explain(
            subject,
            given=f"a tensor on the device {buffer.backend.name}",
            expected=f"all tensors on {backend.name}",
            remedy=f'Move it with .to("{backend.name}").',
        )
    )


class Described:
    """What a tensor holds that describes others to a compiler: no numbers."""

    __slots__ = ("type", "uid")

    def __init__(self, type: TensorType) -> None:
        self.uid = next_uid()
        self.type = type

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        return self.type.dtype

    @property
    def shape(self) -> Shape:
        """Size of each axis; a symbol for an open one."""
        return self.type.shape


class _Poisoned:
    """Stands where data was: whoever touches it gets the error."""

    __array_ufunc__ = None

    def __init__(self, message: str) -> None:
        object.__setattr__(self, "_message", message)

    def _refuse(self) -> NoReturn:
        raise PoisonedError(object.__getattribute__(self, "_message"))

    def __getattr__(self, name: str) -> Any:
        self._refuse()

    def __array__(self, *_: Any, **__: Any) -> Any:
        self._refuse()

    def __getitem__(self, index: Any) -> Any:
        self._refuse()


class Owner:
    """What a backend lets own the memory of one array (its `base`) where the array does not own it itself."""

    __slots__ = ("__weakref__",)


def _owns(array: Any) -> bool:
    """Whether an array and its views are all that can see its memory."""
    return array.base is None or isinstance(array.base, Owner)


class Export:
    """What owns the memory of an array that was given out: it holds on to the buffer, whose references so show it.

    NumPy arrays made from it (`np.asarray(export)`) and their views refer to it as their base, and cannot be made
    writable.
    """

    __slots__ = ("__array_interface__", "_buffer", "_plain")

    def __init__(self, buffer: Buffer) -> None:
        plain = buffer.plain()
        if not plain.flags.c_contiguous:
            plain = np.ascontiguousarray(plain)
        interface = dict(plain.__array_interface__)
        interface["data"] = (interface["data"][0], True)  # read-only
        self.__array_interface__ = interface
        self._buffer = buffer
        self._plain = plain

    def array(self) -> np.ndarray[Any, Any]:
        """A read-only array over the memory; the buffer keeps it while the array or a view of it lives."""
        array = np.asarray(self)
        return array if array.dtype == self._plain.dtype else array.view(self._plain.dtype)


def references(buffer: Buffer) -> tuple[int, int]:
    """How many references there are to a buffer and to its data.

    Views that share memory, other tensors, tapes and pending calls all show. What the call itself holds is counted
    too, so compare with the count of a known case.
    """
    return sys.getrefcount(buffer), sys.getrefcount(buffer.data)


def references_of_all(buffers: Sequence[Buffer], data: Sequence[Any]) -> tuple[int, int]:
    """How many references there are to some buffers, and to their data, all together; as for `references`."""
    return sum(map(sys.getrefcount, buffers)), sum(map(sys.getrefcount, data))


def all_donatable(buffers: Sequence[Buffer], sole: tuple[int, int]) -> bool:
    """Whether `donatable` holds for every one of some buffers: found out together, which takes a fraction of the time.

    Args:
        buffers: the buffers.
        sole: what `references_of_all` says of one that only the known holders refer to.
    """
    data = [buffer.data for buffer in buffers]
    # No count is below that of a sole owner, so the sums are equal only if all counts are.
    if references_of_all(buffers, data) != (len(buffers) * sole[0], len(buffers) * sole[1]):
        return False
    try:
        return all([_owns(array) for array in data])  # noqa: C419 - a generator takes twice as long
    except AttributeError:  # another device's arrays
        return False


def donatable(buffer: Buffer, sole: tuple[int, int]) -> bool:
    """Whether nobody but the known holders can see the buffer's memory, so that it may be taken over.

    Args:
        buffer: the buffer.
        sole: what `references` says, called from the same place, of a buffer that only the known holders refer to.
    """
    if any(n > known for n, known in zip(references(buffer), sole, strict=True)):
        return False
    data = buffer.data
    return not isinstance(data, np.ndarray) or (_owns(data) and data.flags.writeable)
