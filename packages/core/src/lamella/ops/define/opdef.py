"""One primitive, one definition: `OpDef`.

Everything that belongs to a primitive stands in one place: its type rule, its NumPy reference kernel, its
derivative, its batching rule, and what passes and backends decide by. A primitive defined outside this package is a
first-class one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from lamella import plugins
from lamella.dtypes import no_arithmetic
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.tensor import wrap
from lamella.types import TensorType

if TYPE_CHECKING:
    from lamella.engine.base import Engine
    from lamella.tensor import Tensor

#: Type rule: operand types and attributes to result types. Uses sizes only through `Dim` arithmetic and comparisons.
Infer: TypeAlias = "Callable[..., TensorType | tuple[TensorType, ...]]"
#: Derivative: residuals and a cotangent for each output (None is zero) to a cotangent for each operand.
VjpRule: TypeAlias = "Callable[..., Sequence[Tensor | None]]"
#: Batching: (op, batch size, operands, which of them carry a batch axis 0, attributes) to outputs and which carry one.
BatchRule: TypeAlias = "Callable[[OpDef, Any, Sequence[Tensor], Sequence[bool], dict[str, Any]], BatchResult]"
#: Whether a primitive runs through on any numbers: always, never, or by operand types and attributes.
Total: TypeAlias = bool | Callable[[Sequence[TensorType], Mapping[str, Any]], bool]
BatchResult: TypeAlias = "tuple[Sequence[Tensor], Sequence[bool]]"


class Kind(Enum):
    """What a primitive does with its operands, as far as passes and backends decide by it.

    Attributes:
        ELEMENTWISE: an element of the result follows from the elements at its place alone, of operands that stretch to
            the result's shape.
        REDUCTION: combines the elements along some axes, which the result lacks.
        VIEW: gives the elements of its operand, none of them changed, in another order or several times.
        PRODUCT: multiplies numbers of two operands and sums up: contractions and convolutions.
        WINDOW: combines the elements in a window that slides over the last axes.
        INDEXED: reads or writes at places that an operand says.
        SCAN: combines the elements up to each place along an axis.
        SORT: puts elements along an axis in order.
        GIVEN: has no operands: its result is known as soon as sizes are.
        RANDOM: draws random numbers, and so differs between examples of a batch whatever its operands.
        CONTROL: runs graphs that are its attributes.
        COMPOSITE: several of the above; `decompose` says which.
        EFFECT: acts on the world outside its results, so that order and liveness matter.
        OTHER: none of these; nothing is known of it.
    """

    ELEMENTWISE = "elementwise"
    REDUCTION = "reduction"
    VIEW = "view"
    PRODUCT = "product"
    WINDOW = "window"
    INDEXED = "indexed"
    SCAN = "scan"
    SORT = "sort"
    GIVEN = "given"
    RANDOM = "random"
    CONTROL = "control"
    COMPOSITE = "composite"
    EFFECT = "effect"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Vjp:
    """A derivative and what it needs to remember.

    Attributes:
        rule: the derivative.
        saves: the operands kept for it, by position; None for all.
        saves_outputs: the outputs kept for it, by position; None for all.
        conjugates: whether the rule sees complex operands and outputs conjugated. The cotangent of a complex number is
            that of its real part plus 1j times that of its imaginary part; so the rule of a holomorphic f multiplies
            by the conjugate of the slope, which is the slope at the conjugates. Such a rule is written as if all were
            real, and says True.
    """

    rule: VjpRule
    saves: tuple[int, ...] | None = ()
    saves_outputs: tuple[int, ...] | None = ()
    conjugates: bool = False


class Residuals:
    """What a derivative rule gets to see of the call it differentiates.

    Attributes:
        attrs: the call's attributes.
        types: type of each operand.
        out_types: type of each output.
        needs: for each operand, whether its cotangent is wanted; others may be None.
    """

    __slots__ = ("_conjugates", "_inputs", "_outputs", "attrs", "needs", "out_types", "types")

    def __init__(
        self,
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor | None],
        types: Sequence[TensorType],
        out_types: Sequence[TensorType],
        needs: Sequence[bool],
        attrs: dict[str, Any],
        conjugates: bool = False,
    ) -> None:
        self._conjugates = conjugates
        self._inputs = inputs
        self._outputs = outputs
        self.types = types
        self.out_types = out_types
        self.needs = needs
        self.attrs = attrs

    def input(self, position: int) -> Tensor:
        """The operand at a position that the rule `saves`."""
        tensor = self._inputs[position]
        assert tensor is not None, f"operand {position} is not in the rule's `saves`"
        return _conjugate(tensor) if self._conjugates else tensor

    def output(self, position: int) -> Tensor:
        """The output at a position that the rule `saves_outputs`."""
        tensor = self._outputs[position]
        assert tensor is not None, f"output {position} is not in the rule's `saves_outputs`"
        return _conjugate(tensor) if self._conjugates else tensor

    @property
    def x(self) -> Tensor:
        """The first operand."""
        return self.input(0)

    @property
    def y(self) -> Tensor:
        """The second operand."""
        return self.input(1)

    @property
    def out(self) -> Tensor:
        """The first output."""
        return self.output(0)


def _conjugate(x: Tensor) -> Tensor:
    return lookup("conj")(x) if x.dtype.is_complex else x


@dataclass(frozen=True, slots=True, eq=False)
class OpDef:
    """A primitive. Calling it applies it to tensors whose types fit already: nothing is converted.

    Attributes:
        name: its name in IR text and messages.
        infer: type rule; raises a worded TypeError or ValueError where operands or attributes do not fit.
        kernel: reference kernel on NumPy arrays; returns an array, or a tuple of them if `infer` returns a tuple.
        vjp: derivative; `rules.ZERO` where no output varies smoothly with any operand, None where there is none.
        batch: batching rule; None where the primitive cannot be batched (an error under vmap says so).
        multiple: whether it has a tuple of results, even if of one or none.
        version: raised when the meaning of stored attributes changes.
        kind: what it does with its operands; backends fuse, order and fall back by it.
        total: whether it runs through on any numbers, so that it may run where it otherwise would not have, or late; a
            function of operand types and attributes where that depends on them.
        expensive: whether keeping its result costs less than computing it again.
        augment: attributes with which a tape runs it so that its derivative finds what it needs in extra outputs, and
            how many those are.
        decompose: the same computation by other primitives, for composites that an engine may do better whole: takes
            the operands as tensors and the attributes. A backend that does not claim the primitive gets this instead.
        stored: whether operands may be of types that numbers are only stored in (`DType.computes`).
        run: how an engine runs a node of it, for what engines do in a way of their own; None for `Engine.run`.

    Examples:
        >>> import lamella as ms
        >>> from lamella.ops import prims
        >>> prims.add.name, prims.add(ms.Tensor([1.0]), ms.Tensor([2.0])).asnumpy()
        ('add', array([3.], dtype=float32))
    """

    name: str
    infer: Infer
    kernel: Callable[..., Any]
    vjp: Vjp | None = None
    batch: BatchRule | None = None
    multiple: bool = False
    version: int = 1
    kind: Kind = Kind.OTHER
    total: Total = False
    expensive: bool = False
    augment: Callable[[dict[str, Any]], tuple[dict[str, Any], int]] | None = None
    decompose: Callable[..., Any] | None = None
    stored: bool = False
    run: Callable[[Engine, Sequence[Any], dict[str, Any]], Sequence[Any]] | None = None

    def __call__(self, *operands: Tensor, **attrs: Any) -> Any:
        """Apply to tensors.

        Args:
            operands: the operands, `Tensor`s of fitting types.
            attrs: the attributes.

        Returns:
            A tensor, or a tuple of tensors where `infer` gives a tuple.
        """
        engine = current()
        values = [engine.read(t) for t in operands] if engine.watches else [t._value for t in operands]
        results = engine.run(self, values, attrs)
        if not self.multiple:
            return wrap(results[0])
        return tuple(wrap(value) for value in results)

    def result_types(self, types: Sequence[TensorType], attrs: dict[str, Any]) -> tuple[TensorType, ...]:
        """Types of the outputs, always as a tuple.

        Raises:
            TypeError: operand types do not fit.
            ValueError: shapes or attributes do not fit.
        """
        if not self.stored:
            for type in types:
                if not type.dtype.computes:
                    raise TypeError(no_arithmetic(f"ops.{self.name}", type.dtype))
        result = self.infer(*types, **attrs)
        return result if isinstance(result, tuple) else (result,)

    def is_total(self, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Whether it runs through on any numbers, as operands of these types.

        Examples:
            >>> from lamella import float32, int32
            >>> from lamella.ops import prims
            >>> [prims.floor_div.is_total([TensorType(dtype, (2,))] * 2, {}) for dtype in (float32, int32)]
            [True, False]
        """
        return self.total if isinstance(self.total, bool) else self.total(types, attrs)

    @property
    def shares(self) -> bool:
        """Whether a result may share an operand's memory: graphs in attributes may give their operands as they are."""
        return self.kind is Kind.VIEW or self.kind is Kind.CONTROL

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return lookup, (self.name,)


_registry: dict[str, OpDef] = {}


def register(op: OpDef) -> OpDef:
    """Make a primitive known by name, so that graphs in files can refer to it; returns it.

    Raises:
        ValueError: another primitive has the name.
    """
    known = _registry.setdefault(op.name, op)
    if known is not op:
        raise ValueError(
            explain(
                "register",
                given=f"a second primitive named {op.name!r}",
                expected="a new name",
                remedy="Prefix it with your package's name.",
            )
        )
    return op


def lookup(name: str) -> OpDef:
    """The primitive of that name, from core or from an installed plugin.

    Raises:
        KeyError: no installed package defines it.
    """
    if name not in _registry:
        for plugin in plugins.available("lamella.ops"):
            if plugin.compatible:
                plugins.resolve("lamella.ops", plugin.name, registry=_registry)
    if name not in _registry:
        raise KeyError(f"No installed package defines the primitive {name!r}. Run `lamella plugins` to see what is.")
    return _registry[name]


def primitives() -> tuple[OpDef, ...]:
    """All primitives that are known now, in the order of their definition."""
    return tuple(_registry.values())
