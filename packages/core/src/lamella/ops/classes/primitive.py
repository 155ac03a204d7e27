"""`Primitive`, and how a row of a table becomes a class."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import BoundArguments, Parameter, Signature, cleandoc, signature
from typing import Any, ClassVar, NamedTuple, Self

from lamella.errors import explain
from lamella.ops.classes.examples import example_of

__all__ = ["Primitive"]

#: A setting without a default.
REQUIRED = Parameter.empty


class Row(NamedTuple):
    """A class of `ops`.

    Attributes:
        name: its name.
        function: what its objects do: a function of the operands, then of the settings by name.
        init: the settings that make an object, with their defaults.
        call: the names of the operands, where they are not those of the function.
    """

    name: str
    function: Callable[..., Any]
    init: Mapping[str, Any] = {}
    call: tuple[str, ...] = ()

    def settings(self) -> Signature:
        """What makes an object."""
        kind = Parameter.POSITIONAL_OR_KEYWORD
        return Signature([Parameter(name, kind, default=default) for name, default in self.init.items()])

    def operands(self) -> Signature:
        """What an object is called with."""
        parameters = signature(self.function).parameters.values()
        taken = [p for p in parameters if p.name not in self.init and p.kind is not Parameter.KEYWORD_ONLY]
        names = self.call or [parameter.name for parameter in taken]
        own = Parameter.POSITIONAL_OR_KEYWORD
        kinds = [p.kind if p.kind is Parameter.VAR_POSITIONAL else own for p in taken]
        return Signature([Parameter(n, k, default=p.default) for n, k, p in zip(names, kinds, taken, strict=True)])

    def summary(self) -> str:
        """What it does, in a sentence."""
        return cleandoc(self.function.__doc__ or "").splitlines()[0]


def bound(subject: str, wanted: Signature, values: tuple[Any, ...], named: dict[str, Any]) -> BoundArguments:
    """Arguments of a signature, with its defaults.

    Raises:
        TypeError: they are not those of the signature.
    """
    try:
        found = wanted.bind(*values, **named)
    except TypeError as error:
        given = ", ".join([*(type(value).__name__ for value in values), *(f"{name}=…" for name in named)])
        raise TypeError(explain(subject, given=f"({given}): {error}", expected=str(wanted))) from None
    found.apply_defaults()
    return found


def as_method(function: Any, name: str, owner: str, module: str, wanted: Signature) -> None:
    """Let a function look like a method with a signature."""
    own = Parameter("self", Parameter.POSITIONAL_ONLY)
    function.__signature__ = wanted.replace(parameters=[own, *wanted.parameters.values()])
    function.__name__, function.__qualname__, function.__module__ = name, f"{owner}.{name}", module


class Primitive:
    """The base of the classes of `ops`: a function with some of its arguments given beforehand.

    Args:
        name: its name, that of the class by default.

    Attributes:
        name: what the object was named, the class's name by default.
        attrs: the settings, and what `add_prim_attr` added.
        instance_name: the object's own name, or "".

    Examples:
        >>> from lamella import Tensor, ops
        >>> total = ops.ReduceSum(keep_dims=True)
        >>> total(Tensor([1.0, 2.0]), 0).asnumpy()
        array([3.], dtype=float32)
        >>> total.attrs
        {'keep_dims': True, 'skip_mode': False}
    """

    #: The attributes that decide what calls do, for compilers.
    read_by_calls: ClassVar[tuple[str, ...]] = ("attrs",)
    row: ClassVar[Row | None] = None
    attrs: dict[str, Any]

    def __init__(self, name: str = "") -> None:
        if not isinstance(name, str):
            raise TypeError(explain("ops.Primitive", given=f"name={name!r}", expected="a text"))
        self.attrs = vars(self).get("attrs", {})  # a derived class may have set some
        self.name = name or type(self).__name__
        self.instance_name = ""

    def __getattr__(self, name: str) -> Any:
        """Attributes by their names, as `ops.Softmax(0).axis`."""
        found = vars(self).get("attrs", {})
        if name not in found:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return found[name]

    def __call__(self, *args: Any) -> Any:
        """What the object does; classes of `ops` and derived ones say it.

        Raises:
            NotImplementedError: nothing does.
        """
        raise NotImplementedError(
            explain(
                f"primitive {self.name}",
                given="a call of a primitive that nothing has code for",
                expected="a class of lamella.ops, or one with a `__call__` of its own",
                remedy="Write it with functions of lamella.ops, or use ops.Custom.",
            )
        )

    def add_prim_attr(self, name: str, value: Any) -> Self:
        """Set an attribute; one with the name of a setting changes the setting.

        Args:
            name: the attribute's name.
            value: its value.

        Returns:
            The object itself.

        Examples:
            >>> from lamella import ops
            >>> ops.Softmax().add_prim_attr("axis", 0).attrs
            {'axis': 0}
        """
        self.attrs = {**self.attrs, name: value}
        return self

    def del_prim_attr(self, name: str) -> Self:
        """Forget an attribute; a setting has its default again.

        Args:
            name: the attribute's name; one that there is not is nothing to forget.

        Returns:
            The object itself.

        Raises:
            ValueError: it is a setting without a default.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().add_prim_attr("note", 1).del_prim_attr("note").attrs
            {}
            >>> ops.Softmax(1).del_prim_attr("axis").attrs
            {'axis': -1}
        """
        init = {} if self.row is None else self.row.init
        default = init.get(name)
        if default is REQUIRED:
            raise ValueError(
                explain(f"ops.{self.name}.del_prim_attr", given=repr(name), expected="no required setting")
            )
        kept = {key: value for key, value in self.attrs.items() if key != name}
        self.attrs = kept | ({name: default} if name in init else {})
        return self

    def set_prim_instance_name(self, instance_name: str) -> Self:
        """Give the object a name of its own.

        Args:
            instance_name: the name.

        Returns:
            The object itself.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().set_prim_instance_name("bias").instance_name
            'bias'
        """
        self.instance_name = instance_name
        return self

    def init_prim_io_names(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Name operands and results; the names are attributes, and do nothing.

        Args:
            inputs: a name for each operand.
            outputs: a name for each result.

        Examples:
            >>> from lamella import ops
            >>> own = ops.Primitive("own")
            >>> own.init_prim_io_names(inputs=["x"], outputs=["y"])
            >>> own.attrs
            {'input_names': ['x'], 'output_names': ['y']}
        """
        self.add_prim_attr("input_names", list(inputs)).add_prim_attr("output_names", list(outputs))

    def set_device(self, device_target: str) -> Self:
        """Note on which device it is to run; it runs where its operands are.

        Args:
            device_target: "CPU", "GPU" or "Ascend".

        Returns:
            The object itself.

        Raises:
            ValueError: another device.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().set_device("CPU").attrs
            {'primitive_target': 'CPU'}
        """
        if device_target not in ("CPU", "GPU", "Ascend"):
            given = f"device_target={device_target!r}"
            raise ValueError(explain(f"ops.{self.name}.set_device", given=given, expected="'CPU', 'GPU' or 'Ascend'"))
        return self.add_prim_attr("primitive_target", device_target)

    def set_stage(self, stage: int) -> Self:
        """Note to which stage of a pipeline it belongs; on one device that does nothing.

        Args:
            stage: its number.

        Returns:
            The object itself.

        Raises:
            TypeError: `stage` is no int.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().set_stage(0).attrs
            {'stage': 0}
        """
        if isinstance(stage, bool) or not isinstance(stage, int):
            raise TypeError(explain(f"ops.{self.name}.set_stage", given=f"stage={stage!r}", expected="an int"))
        return self.add_prim_attr("stage", stage)

    def shard(self, in_strategy: Any = None, out_strategy: Any = None) -> Self:
        """Note how operands and results are to be divided among devices; on one device that does nothing.

        Args:
            in_strategy: for each operand into how many parts each axis goes.
            out_strategy: the same of each result.

        Returns:
            The object itself.

        Raises:
            TypeError: a strategy is no tuple.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().shard(((1,), (1,))).attrs
            {'in_strategy': ((1,), (1,))}
        """
        for name, strategy in (("in_strategy", in_strategy), ("out_strategy", out_strategy)):
            if strategy is None:
                continue
            if not isinstance(strategy, tuple):
                given = f"{name}={strategy!r}"
                raise TypeError(explain(f"ops.{self.name}.shard", given=given, expected="a tuple"))
            self.add_prim_attr(name, strategy)
        return self

    def recompute(self, mode: bool = True) -> Self:
        """Note whether its result is computed again for derivatives; a compiler decides that here.

        Args:
            mode: whether it is.

        Returns:
            The object itself.

        Raises:
            TypeError: `mode` is no bool.

        Examples:
            >>> from lamella import ops
            >>> ops.Add().recompute().attrs
            {'recompute': True}
        """
        if not isinstance(mode, bool):
            raise TypeError(explain(f"ops.{self.name}.recompute", given=f"mode={mode!r}", expected="a bool"))
        return self.add_prim_attr("recompute", mode)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.attrs.items())})"


def described(row: Row) -> str:
    """The docstring of a class.

    Args:
        row: its row.
    """
    program, printed = example_of(row.name)
    shown = "".join(f"\n        {line}" for line in printed.splitlines())
    return f"""{row.summary()}

    `{row.name}{row.settings()}{row.operands()}`, MindSpore's older form of the function.

    Examples:
        >>> from lamella import Tensor, ops
        >>> print(ops.{program}){shown}
    """


def made(row: Row, module: str) -> type[Primitive]:
    """The class of a row.

    Args:
        row: the row.
        module: the module that has the class as an attribute, where pickles find it.
    """
    function, settings, subject = row.function, tuple(row.init), f"ops.{row.name}"
    wanted, operands = row.settings(), row.operands()
    many = [p for p in operands.parameters.values() if p.kind is Parameter.VAR_POSITIONAL]
    most = sys.maxsize if many else len(operands.parameters)
    least = sum(p.default is REQUIRED for p in operands.parameters.values()) - len(many)

    def init(self: Primitive, *values: Any, **named: Any) -> None:
        Primitive.__init__(self)
        self.attrs = dict(bound(subject, wanted, values, named).arguments)

    def call(self: Primitive, *values: Any, **named: Any) -> Any:
        if named or not least <= len(values) <= most:
            values = bound(subject, operands, values, named).args
        attrs = self.attrs
        return function(*values, **{name: attrs[name] for name in settings})

    as_method(init, "__init__", row.name, module, wanted)
    as_method(call, "__call__", row.name, module, operands)
    body = {
        "__module__": module,
        "__qualname__": row.name,
        "__doc__": described(row),
        "row": row,
        "__init__": init,
        "__call__": call,
    }
    return type(row.name, (Primitive,), body)
