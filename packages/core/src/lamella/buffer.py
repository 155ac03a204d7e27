"""Buffers: the immutable data of tensors, and who else may be looking at it.

A tensor is a handle on a buffer. A compiled step may *donate* a buffer: take its memory over for a result. It may do
so only while nothing else can see that memory. Handles, tapes and pending calls hold references to the buffer; what
else sees the memory of its data, such as views and arrays that were given out, the backend knows (`sole_owners`).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lamella.dims import Shape
from lamella.dtypes import DType
from lamella.errors import PoisonedError, explain
from lamella.plugins import device_name
from lamella.types import TensorType

if TYPE_CHECKING:
    from lamella.plugins.protocols import Backend

#: Numbers every value of every engine; a number is never used twice, so a tape can name values by it.
next_uid = count(1).__next__


class Buffer:
    """Immutable data on a device.

    Attributes:
        uid: a number that no other value has.
        data: the backend's own object; only the backend knows what it is.
        type: element type and shape, made by `types.interned`.
        backend: the backend that made it and alone can read it.
        ordinal: on which of the backend's devices it is.
        note: whatever the backend likes to note; None until then.
    """

    __slots__ = ("__weakref__", "backend", "data", "note", "ordinal", "type", "uid")

    def __init__(self, data: Any, type: TensorType, backend: Backend, ordinal: int = 0) -> None:
        self.uid = next_uid()
        self.data = data
        self.type = type
        self.backend = backend
        self.ordinal = ordinal
        self.note: Any = None

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        return self.type.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""
        return self.type.shape  # type: ignore[return-value]  # sizes of data are known

    @property
    def device(self) -> str:
        """Name of the device."""
        return device_name(self.backend, self.ordinal)

    def plain(self) -> np.ndarray[Any, Any]:
        """The data as a NumPy array in the ordinary row-major meaning, whatever layout the backend keeps.

        Raises:
            PoisonedError: a step that failed has written over them.
            Exception: what went wrong while they were computed, if the backend computes while the program goes on.
        """
        if type(self.data) is _Poisoned:
            self.data.refuse()
        return self.backend.get(self)

    def poison(self, step: str) -> None:
        """Make every later read raise, naming the step that took the memory over and failed."""
        poisoned: Any = _Poisoned(
            f"This tensor's memory had been handed to {step}, which failed halfway; its value is lost. "
            "Load it again, from a checkpoint for example."
        )
        self.note = None
        self.data = self.type = poisoned


def on_device(buffer: Buffer, backend: Backend, ordinal: int, subject: str) -> Buffer:
    """A buffer as one of a device: itself, or, where both are in the memory of the host, the same data.

    Args:
        buffer: the buffer.
        backend: the backend of the device.
        ordinal: its number.
        subject: what needs it there, for the error's words.

    Raises:
        ValueError: it would have to be copied from one device to another, which only `Tensor.to` does.
    """
    if buffer.backend is backend and buffer.ordinal == ordinal:
        return buffer
    if buffer.backend.on_host and backend.on_host:
        return backend.put(buffer.plain(), ordinal)
    wanted = device_name(backend, ordinal)
    raise ValueError(
        explain(
            subject,
            given=f"a tensor on the device {buffer.device}",
            expected=f"all tensors on {wanted}",
            remedy=f'Move it with .to("{wanted}").',
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
    """Stands where data and their type were: who touches it gets the error."""

    __array_ufunc__ = None

    def __init__(self, message: str) -> None:
        object.__setattr__(self, "_message", message)

    def refuse(self) -> NoReturn:
        """Raise the error."""
        raise PoisonedError(object.__getattribute__(self, "_message"))

    def __getattr__(self, name: str) -> Any:
        self.refuse()

    def __array__(self, *_: Any, **__: Any) -> Any:
        self.refuse()

    def __getitem__(self, index: Any) -> Any:
        self.refuse()

    def __eq__(self, other: object) -> bool:
        self.refuse()

    def __hash__(self) -> int:
        self.refuse()


class Export:
    """What owns the memory of an array that was given out.

    NumPy arrays made from it (`np.asarray(export)`) and their views refer to it as their base, and cannot be made
    writable. It holds on to what the backend gave, which refers to the buffer's data if it shares their memory.
    """

    __slots__ = ("__array_interface__", "_plain")

    def __init__(self, plain: np.ndarray[Any, Any]) -> None:
        if not plain.flags.c_contiguous:
            plain = np.ascontiguousarray(plain)
        interface = dict(plain.__array_interface__)
        interface["data"] = (interface["data"][0], True)  # read-only
        if plain.dtype.isbuiltin != 1:  # the protocol knows NumPy's own types only
            interface["typestr"], interface["descr"] = f"|V{plain.itemsize}", [("", f"|V{plain.itemsize}")]
        self.__array_interface__ = interface
        self._plain = plain

    def array(self) -> np.ndarray[Any, Any]:
        """A read-only array over the memory, which lives as long as the array or a view of it does."""
        array = np.asarray(self)
        return array if array.dtype == self._plain.dtype else array.view(self._plain.dtype)
