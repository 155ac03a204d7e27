"""`Tensor`: a mutable handle on an immutable value; `Parameter`: one that is trained.

Everything that computes is a function of `lamella.ops`; the methods here call those.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lamella import context, printing
from lamella.buffer import Buffer, Described, Export
from lamella.dims import Dim, Shape, product
from lamella.dtypes import BY_NUMPY, DType, as_dtype, float32
from lamella.engine.stack import current
from lamella.errors import ConcretizationError, explain
from lamella.plugins import Exchanging
from lamella.types import TensorType

if TYPE_CHECKING:
    from lamella.engine.base import AnyValue
    from lamella.ops.tensor_methods.methods import Methods
else:
    Methods = object  # `ops.tensor_methods` attaches the methods when the functions that they are have been defined


def to_array(data: Any, dtype: DType | None = None, subject: str = "Tensor") -> np.ndarray[Any, Any]:
    """A new NumPy array with the data, in a type that tensors can have.

    Python floats become float32, ints int64 and complex numbers complex128; arrays keep their type.

    Raises:
        TypeError: `data` is not numbers, or of a type that tensors cannot have.
        ValueError: nested sequences of unequal length.
    """
    if isinstance(data, Tensor):
        array = np.array(data.asnumpy())
    elif isinstance(data, (list, tuple)) and any(isinstance(item, Tensor) for item in data):
        array = np.array([to_array(item, None, subject) for item in data])
    else:
        try:
            array = np.array(data)
        except ValueError as error:
            raise ValueError(explain(subject, given="rows of unequal length", expected="equal lengths")) from error
        if not isinstance(data, (np.ndarray, np.generic)):
            if dtype is not None and dtype.kind in ("int", "uint"):
                _check_range(array, dtype, subject)
            if array.dtype == np.float64:
                typed = dtype or float32
                with np.errstate(over="ignore"):  # an infinity is the nearest number of the type
                    return array.astype(typed.numpy)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype not in BY_NUMPY:
        raise TypeError(
            explain(subject, given=f"{type(data).__name__} data of type {array.dtype}", expected="numbers or bools")
        )
    if dtype is not None and array.dtype.kind == "c" and not dtype.is_complex:
        raise TypeError(
            explain(
                subject,
                given=f"complex numbers for {dtype}",
                expected="a complex type",
                remedy="Take their .real part first.",
            )
        )
    return array if dtype is None else array.astype(dtype.numpy, copy=False)


def _check_range(array: np.ndarray[Any, Any], dtype: DType, subject: str) -> None:
    """Refuse Python numbers that an integer type does not hold; in NumPy they wrap around, or are undefined."""
    least, most = dtype.limits
    if array.dtype.kind in "iuf" and array.size:
        low, high = array.min().item(), array.max().item()
        if not (least <= low and high <= most):
            raise ValueError(
                explain(
                    subject,
                    given=f"numbers from {low} to {high} for {dtype}",
                    expected=f"numbers from {least} to {most}",
                )
            )


class Tensor(Methods):
    """An n-dimensional array of numbers: a handle on a value that itself never changes.

    Every name of a tensor object sees its in-place changes; no other tensor does, however it was made.

    Args:
        input_data: numbers, nested sequences of them, a NumPy array or a tensor; copied.
        dtype: type of the elements; default: as the data, Python floats as float32, ints as int64 and complex numbers
            as complex128.
        shape: with `init`, the shape to fill; alone, the shape of a tensor that describes others to a compiler and has
            no numbers. There None leaves a size open.
        init: an initializer (see `lamella.initializer`) that fills `shape`; then there is no `input_data`.

    Raises:
        TypeError: the data are not numbers or bools.
        ValueError: rows of unequal length.

    Examples:
        >>> from lamella import Tensor
        >>> x = Tensor([[1, 2], [3, 4]], dtype="float32")
        >>> x[0, 1] = 7
        >>> (x + 1).asnumpy()
        array([[2., 8.],
               [4., 5.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_value", "_view_of")

    __array_priority__ = 1000  # NumPy operators leave the work to ours
    __hash__ = object.__hash__

    _value: AnyValue
    _view_of: str | None
    #: The kind of Python number (int, float or bool) that this stands for, where a graph computes what a variable of
    #: Python holds: it combines with tensors as such a number would.
    _number_kind: type[int | float] | None = None

    def __init__(self, input_data: Any = None, dtype: Any = None, shape: Any = None, init: Any = None) -> None:
        wanted = None if dtype is None else as_dtype(dtype, "Tensor(dtype=…)")
        self._view_of = None
        if init is not None:
            sizes = (shape,) if isinstance(shape, int) else tuple(shape)
            self._value = init.tensor(sizes, wanted or float32)._value
        elif isinstance(input_data, Tensor):
            self._value = current().read(input_data if wanted is None else input_data.astype(wanted))
        elif input_data is None:
            if shape is None:
                raise TypeError(explain("Tensor", given="no data", expected="`input_data`, or `shape`"))
            self._value = Described(TensorType(wanted or float32, _described_shape(shape)))
        else:
            self._value = current().constant(to_array(input_data, wanted))

    @staticmethod
    def from_numpy(array: np.ndarray[Any, Any]) -> Tensor:
        """A tensor of the array's elements; copied, because its owner may fill it again.

        Args:
            array: any shape, a type that tensors can have.

        Raises:
            TypeError: `array` is no NumPy array, or of a type that tensors cannot have.

        Examples:
            >>> import numpy as np
            >>> frame = np.arange(3)
            >>> x = Tensor.from_numpy(frame)
            >>> frame += 1
            >>> x.tolist()
            [0, 1, 2]
        """
        if not isinstance(array, np.ndarray):
            raise TypeError(explain("Tensor.from_numpy", given=type(array).__name__, expected="a numpy.ndarray"))
        return Tensor(array)

    @staticmethod
    def from_dlpack(source: Any) -> Tensor:
        """A tensor of the elements of another library's array.

        Args:
            source: an object with `__dlpack__`, such as a NumPy array, a torch or a JAX tensor. If it is in the memory
                of the host, it is copied, because its owner may change it. If it is on a device like the current one,
                and that can, the tensor shares its memory, which its owner must leave as it is.

        Raises:
            TypeError: `source` is no such object, or of a type that tensors cannot have.

        Examples:
            >>> import numpy as np
            >>> Tensor.from_dlpack(np.arange(3)).tolist()
            [0, 1, 2]
        """
        try:
            backend = context.backend
            if isinstance(backend, Exchanging) and source.__dlpack_device__()[0] == backend.dlpack_device(0)[0]:
                return wrap(backend.from_dlpack(source))
            array = np.from_dlpack(source)
        except (AttributeError, TypeError, BufferError, RuntimeError) as error:
            raise TypeError(
                explain(
                    "Tensor.from_dlpack",
                    given=f"a {type(source).__name__} ({error})",
                    expected="an array on the host, or a device like the current one, that exports itself by DLPack",
                )
            ) from error
        return Tensor(array)

    # -- what it is --

    @property
    def _type(self) -> Any:
        engine = current()
        return (engine.peek(self) if engine.watches else self._value).type

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        engine = current()
        return engine.peek(self).dtype if engine.watches else self._value.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis. While a graph with open sizes is built, a size may be a `Dim`."""
        engine = current()
        shape: tuple[int, ...] = engine.peek(self).shape if engine.watches else self._value.shape
        return shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return product(self.shape)  # type: ignore[return-value]  # as for `shape`

    @property
    def itemsize(self) -> int:
        """Bytes an element takes."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes all elements take."""
        return self.size * self.itemsize

    @property
    def device(self) -> str:
        """Name of the device that holds the data, with its number where there are several: "GPU:1".

        Raises:
            ConcretizationError: while a graph is built there are no data.
        """
        return self._buffer("device").device

    # -- out to Python and NumPy --

    def _buffer(self, asked: str) -> Buffer:
        engine = current()
        value = engine.peek(self)
        if type(value) is not Buffer or engine.builds:
            _refuse_number(asked, value)
        return value

    def asnumpy(self) -> np.ndarray[Any, Any]:
        """A read-only NumPy array over the tensor's memory; it keeps the numbers that the tensor has now.

        Raises:
            ConcretizationError: while a graph is built, or under vmap, there are no numbers to give.

        Examples:
            >>> Tensor([1.0, 2.0]).asnumpy()
            array([1., 2.], dtype=float32)
        """
        return Export(self._buffer("asnumpy()").plain()).array()

    numpy = asnumpy

    def item(self, index: Any = None) -> Any:
        """The only element (or the one at `index`, flat or a tuple) as a Python number.

        Raises:
            ValueError: there is not exactly one element and no `index`.
            IndexError: `index` is out of range.
        """
        array = self._buffer("item()").plain()
        if index is not None:
            try:
                return (array.flat[index] if isinstance(index, int) else array[index]).item()
            except (IndexError, ValueError) as error:
                given = f"index {index!r} for shape {array.shape}"
                raise IndexError(explain("Tensor.item", given=given, expected="the index of one element")) from error
        if array.size != 1:
            raise ValueError(explain("Tensor.item", given=f"shape {self.shape}", expected="one element, or an `index`"))
        return array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers (one number for a 0-d tensor)."""
        return self._buffer("tolist()").plain().tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.asnumpy()
        return array.astype(dtype) if dtype is not None and array.dtype != dtype else array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        buffer = self._buffer("DLPack")
        if isinstance(buffer.backend, Exchanging):
            return buffer.backend.to_dlpack(buffer, **options)
        # Not every library heeds the mark that memory is read-only (torch does not), so memory is shared only with who
        # asks for it, and only where DLPack 1.0 can carry the mark.
        asked, version = options.pop("copy", None), options.get("max_version")
        array = self.asnumpy()
        if asked is not False or version is None or version[0] < 1:
            array = array.copy()
        try:
            return array.__dlpack__(**options)
        except BufferError as error:
            raise TypeError(
                explain(
                    "DLPack",
                    given=f"a {self.dtype} tensor",
                    expected="a type that NumPy can export",
                    remedy="Convert it with .astype(lamella.float32) first.",
                )
            ) from error

    def __dlpack_device__(self) -> tuple[int, int]:
        buffer = self._buffer("DLPack")
        if isinstance(buffer.backend, Exchanging):
            return buffer.backend.dlpack_device(buffer.ordinal)
        return (1, 0)  # DLPack's kDLCPU: exports go through host memory

    def __bool__(self) -> bool:
        return bool(self._number("bool()"))

    def __int__(self) -> int:
        return int(self._real_number("int()"))

    def __float__(self) -> float:
        return float(self._real_number("float()"))

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __index__(self) -> int:
        number = self._number("an index")
        if not isinstance(number, int):
            raise TypeError(explain("index", given=f"a {self.dtype} tensor", expected="an integer tensor"))
        return number

    def _real_number(self, asked: str) -> Any:
        number = self._number(asked)
        if type(number) is complex:
            given, expected = f"a {self.dtype} tensor", "a tensor of real numbers"
            raise TypeError(explain(asked, given=given, expected=expected, remedy="Take its real or imaginary part."))
        return number

    def _number(self, asked: str) -> Any:
        array = self._buffer(asked).plain()
        if array.size != 1:
            raise ValueError(
                explain(
                    asked,
                    given=f"a tensor of shape {self.shape}",
                    expected="one element",
                    remedy="Use .any() or .all() to ask of all elements." if asked == "bool()" else "",
                )
            )
        return array.item()

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(explain("len()", given="a 0-d tensor", expected="at least one axis"))
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise TypeError(explain("iteration", given="a 0-d tensor", expected="at least one axis"))
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return self._print(printing.format_tensor)

    def __str__(self) -> str:
        return self._print(lambda array, _: printing.format_value(array))

    def _print(self, form: Any) -> str:
        engine = current()
        value = engine.peek(self)
        if type(value) is Buffer and not engine.builds:
            return str(form(value.plain(), value.dtype.name))
        return f"Tensor({value.type}, no numbers here: a graph is being built or a transform runs)"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    # -- in place --

    def _assign(self, value: Tensor, asked: str) -> Tensor:
        if self._view_of is not None:
            raise RuntimeError(
                explain(
                    asked,
                    given=f"the result of {self._view_of}, which no other tensor shares",
                    expected="a tensor whose change is seen",
                    remedy="Change the original, x[i] = …, or take a .copy() first.",
                )
            )
        engine = current()
        engine.write(self, engine.read(value))
        return self

    def copy(self) -> Tensor:
        """A tensor of its own with the same value."""
        return wrap(current().read(self))

    def __copy__(self) -> Tensor:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        copied = self.copy()
        memo[id(self)] = copied
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (np.array(self.asnumpy()),)


def _described_shape(shape: Any) -> Shape:
    sizes: Shape = tuple(
        Dim.symbol(f"axis{axis}") if size is None else size
        for axis, size in enumerate(shape if isinstance(shape, (tuple, list)) else (shape,))
    )
    for size in sizes:
        if not isinstance(size, Dim) and (type(size) is not int or size < 0):
            given = f"shape={shape!r}"
            raise ValueError(explain("Tensor", given=given, expected="sizes of at least 0, or None for open ones"))
    return sizes


def adopt(array: np.ndarray[Any, Any]) -> Tensor:
    """A tensor over an array's own memory, for who has the only name of it and forgets that.

    Args:
        array: row-major, of a type that tensors can have; it owns its memory.
    """
    return wrap(current().constant(array))


def wrap(value: AnyValue) -> Tensor:
    """A new handle on a value."""
    tensor = Tensor.__new__(Tensor)
    tensor._value = value
    tensor._view_of = None
    return tensor


def _restore(array: np.ndarray[Any, Any]) -> Tensor:
    return Tensor(array)


def _refuse_number(asked: str, value: AnyValue) -> NoReturn:
    error = ConcretizationError(
        explain(
            asked,
            given="a tensor whose numbers are not known yet, because a graph is being built or vmap runs",
            expected="a computed tensor",
            remedy="Use ops.cond, ops.while_loop or ops.where instead of Python on the number, or move it outside.",
        )
    )
    error.value = value
    raise error


class _Module(ModuleType):
    """This module, which may be called as the function `lamella.ops.tensor`, whose name it has in `lamella`."""

    def __call__(self, *args: Any, **options: Any) -> Tensor:
        return Tensor(*args, **options)


sys.modules[__name__].__class__ = _Module
