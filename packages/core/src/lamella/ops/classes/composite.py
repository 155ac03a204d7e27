"""`MultitypeFuncGraph`, and `HyperMap` and `Map`, which apply functions to the elements of nested sequences."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from lamella.dtypes import BY_NAME, DType
from lamella.engine.conversion import converted
from lamella.errors import explain
from lamella.ops.classes.primitive import Primitive
from lamella.tensor import Tensor

__all__ = ["HyperMap", "Map", "MultitypeFuncGraph"]


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, (Tensor, type))


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, Tensor) and value._number_kind is not None)


def _of_kind(kind: type) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        number_kind = value._number_kind if isinstance(value, Tensor) else None
        found = type(value) if number_kind is None else number_kind
        return found is kind

    return test


#: What an argument is, by the names that `register` takes.
_TYPES: dict[str, Callable[[Any], bool]] = {
    "Tensor": lambda value: isinstance(value, Tensor) and value._number_kind is None,
    "Number": _is_number,
    "Int": _of_kind(int),
    "Float": _of_kind(float),
    "Bool": _of_kind(bool),
    "String": lambda value: isinstance(value, str),
    "Tuple": lambda value: isinstance(value, tuple),
    "List": lambda value: isinstance(value, list),
    "Dictionary": lambda value: isinstance(value, dict),
    "None": lambda value: value is None,
    "Function": _is_function,
    "TypeType": lambda value: isinstance(value, (DType, type)),
}


def _tester(name: Any) -> tuple[str, Callable[[Any], bool]]:
    """A name of a type, and whether a value is of it; names of element types are those of tensors of them."""
    if name in _TYPES:
        return name, _TYPES[name]
    dtype = name if isinstance(name, DType) else BY_NAME.get(str(name).lower())
    if dtype is None:
        raise ValueError(
            explain("ops.MultitypeFuncGraph.register", given=f"type {name!r}", expected=f"one of {', '.join(_TYPES)}")
        )
    return dtype.name, lambda value: isinstance(value, Tensor) and value.dtype is dtype


class MultitypeFuncGraph:
    """A function with a body for each combination of types of its arguments.

    Args:
        name: its name, for messages.
        read_value: accepted for MindSpore's sake: tensors are always values here.

    Raises:
        TypeError: `name` is no text.

    Examples:
        >>> from lamella import Tensor, ops
        >>> add = ops.MultitypeFuncGraph("add")
        >>> @add.register("Number", "Number")
        ... def add_numbers(x, y):
        ...     return x + y
        >>> @add.register("Tensor", "Number")
        ... def add_number(x, y):
        ...     return x + y * 10
        >>> add(1, 2), add(Tensor([1.0]), 2).tolist()
        (3, [21.0])
    """

    #: The attributes that decide what calls do, for compilers.
    read_by_calls: ClassVar[tuple[str, ...]] = ("entries",)

    def __init__(self, name: str, read_value: bool = False) -> None:
        if not isinstance(name, str):
            raise TypeError(explain("ops.MultitypeFuncGraph", given=f"name={name!r}", expected="a text"))
        self.name = name
        #: The names of the types, and the body; those registered last first.
        self.entries: tuple[tuple[tuple[str, ...], Callable[..., Any]], ...] = ()
        self._tests: dict[str, Callable[[Any], bool]] = {}

    def register(self, *type_names: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator that adds a body for arguments of some types. Of several that fit, the last is called.

        Args:
            type_names: for each argument "Tensor", "Number", "Int", "Float", "Bool", "String", "Tuple", "List",
                "Dictionary", "None", "Function", "TypeType", or an element type of tensors; without any, those of the
                function's annotations.

        Raises:
            ValueError: there is no type of that name.

        Examples:
            >>> from lamella import ops
            >>> size = ops.MultitypeFuncGraph("size")
            >>> @size.register("Tuple")
            ... def size_of_tuple(x):
            ...     return len(x)
            >>> size((5, 6, 7))
            3
        """

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            given = type_names or tuple(
                getattr(p.annotation, "__name__", p.annotation) for p in inspect.signature(function).parameters.values()
            )
            tests = [_tester(name) for name in given]
            self._tests.update(tests)
            self.entries = ((tuple(name for name, _ in tests), function), *self.entries)
            return function

        return add

    def __call__(self, *args: Any) -> Any:
        """Call the body for the types of the arguments.

        Raises:
            TypeError: there is none.
        """
        for names, function in self.entries:
            if len(names) == len(args) and all(
                self._tests[name](value) for name, value in zip(names, args, strict=True)
            ):
                return converted(function)(*args)
        given = ", ".join(
            f"a {value.dtype} Tensor" if isinstance(value, Tensor) else type(value).__name__ for value in args
        )
        known = "; ".join(f"({', '.join(names)})" for names, _ in reversed(self.entries)) or "a registered body"
        raise TypeError(explain(f"MultitypeFuncGraph {self.name!r}", given=f"({given})", expected=f"one of {known}"))

    def __repr__(self) -> str:
        return f"MultitypeFuncGraph({self.name!r})"


class _Mapping(Primitive):
    """A function, or what takes one, of the elements of sequences."""

    def __init__(self, ops: Any = None, reverse: bool = False) -> None:
        super().__init__()
        if ops is not None and not _is_function(ops):
            raise TypeError(explain(f"ops.{self.name}", given=f"ops={ops!r}", expected="a function or None"))
        if not isinstance(reverse, bool):
            raise TypeError(explain(f"ops.{self.name}", given=f"reverse={reverse!r}", expected="a bool"))
        self.attrs = {"ops": ops, "reverse": reverse}

    def __call__(self, *args: Any) -> Any:
        """Apply the function, the first argument if the object has none of its own, to the elements of the others.

        Raises:
            TypeError: there is no function, or no sequence.
            ValueError: sequences have different lengths.
        """
        function = self.attrs["ops"]
        if function is None:
            function, args = (args[0], args[1:]) if args else (None, ())
        if not _is_function(function) or not args:
            given = ", ".join(type(arg).__name__ for arg in (function, *args) if arg is not None)
            raise TypeError(explain(f"ops.{self.name}", given=f"({given})", expected="a function, and sequences"))
        return self._apply(converted(function), args)

    def _apply(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        raise NotImplementedError

    def _each(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """A function of the elements at each place, as a list if the first argument is one, else as a tuple."""
        if not all(isinstance(arg, (tuple, list)) for arg in args) or len({len(arg) for arg in args}) > 1:
            given = ", ".join(
                f"{type(x).__name__}{f' of {len(x)}' if isinstance(x, (tuple, list)) else ''}" for x in args
            )
            raise ValueError(explain(f"ops.{self.name}", given=given, expected="tuples or lists of one length"))
        results = [function(*items) for items in zip(*args, strict=True)]
        return results if isinstance(args[0], list) else tuple(results)


class HyperMap(_Mapping):
    """Applies a function to the elements of nested tuples and lists that stand at the same place.

    Args:
        ops: the function, also a `MultitypeFuncGraph`; without it, it is the first argument of the call.
        reverse: accepted for MindSpore's sake, where it is the order in which elements are worked on.

    Raises:
        TypeError: `ops` is no function.

    Examples:
        >>> from lamella import ops
        >>> ops.HyperMap()(lambda x, y: x + y, (1, (2, 3)), (10, (20, 30)))
        (11, (22, 33))
    """

    def _apply(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        if not isinstance(args[0], (tuple, list)):
            return function(*args)
        return self._each(lambda *items: self._apply(function, items), args)


class Map(_Mapping):
    """Applies a function to the elements of tuples and lists that stand at the same place, without looking inside them.

    Args:
        ops: the function, also a `MultitypeFuncGraph`; without it, it is the first argument of the call.
        reverse: accepted for MindSpore's sake, where it is the order in which elements are worked on.

    Raises:
        TypeError: `ops` is no function.

    Examples:
        >>> from lamella import ops
        >>> ops.Map()(lambda x, y: x + y, (1, (2, 3)), (10, (20, 30)))
        (11, (2, 3, 20, 30))
    """

    def _apply(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        return self._each(function, args)
