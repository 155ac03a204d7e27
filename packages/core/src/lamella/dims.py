"""Symbolic dimensions: the size of an axis that a graph leaves open.

A `Dim` is a polynomial with integer coefficients over symbols (and over floor quotients and remainders that do not
simplify). Arithmetic keeps it canonical, so two expressions that always agree in + - * compare equal. Where the symbols
leave a comparison open, the sizes at hand decide; without any, `<=` and `>=` are assumed to hold and `<` and `>` not
to, and sizes that a user compares to differ. Either is noted as a guard, which is checked when sizes are known. Where a
user's code needs the number itself (an index of Python, a text, a float, a key) there is a TypeError, and the symbols
are noted in `needed`: who builds the graph can close those sizes and build it again.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from numbers import Integral, Number
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from lamella.errors import GraphError, explain

DimSize: TypeAlias = "int | Dim"
Shape: TypeAlias = "tuple[DimSize, ...]"
Guard: TypeAlias = "tuple[Dim, str]"

#: Where assumed comparisons are noted: the list of the graph under construction, or None outside one.
guards: ContextVar[list[Guard] | None] = ContextVar("guards", default=None)

#: Sizes of symbols by which open comparisons are decided, rather than assumed: those of the call that a graph is built
#: for. Empty where there is none.
at_hand: ContextVar[Mapping[str, int]] = ContextVar("at_hand", default=MappingProxyType({}))

#: Where the symbols are noted whose sizes Python had to know; None where they would not be closed.
needed: ContextVar[set[str] | None] = ContextVar("needed", default=None)

# A monomial is a sorted tuple of atoms; an atom is a symbol's name or a quotient or remainder ("//" or "%", Dim, Dim).
_Atom: TypeAlias = "str | tuple[str, Dim, Dim]"
_Terms: TypeAlias = "dict[tuple[_Atom, ...], int]"


def _of_sizes(method: Callable[[Dim, Any], Any]) -> Callable[[Dim, Any], Any]:
    """An operator of sizes: beside other numbers it takes a known size, and a tensor takes it from here."""

    @wraps(method)
    def operator(self: Dim, other: Any) -> Any:
        if isinstance(other, (int, Dim)):
            return method(self, other)
        if isinstance(other, Integral):
            return method(self, int(other))
        if isinstance(other, (Number, np.ndarray)):
            raise self._unknown(f"{self!r} beside {other!r}")
        return NotImplemented

    return operator


def _of_known(use: str) -> Callable[..., Any]:
    """An operator that takes a known size."""

    def operator(self: Dim, *others: Any, **settings: Any) -> Any:
        if all(isinstance(other, (Dim, Number, np.ndarray)) for other in others):
            raise self._unknown(use.format(self))
        return NotImplemented

    return operator


class Dim:
    """A size that is an expression over symbols, each standing for an integer of at least 0.

    Examples:
        >>> n = Dim.symbol("n")
        >>> 2 * n + 3 - n, (4 * n) // 2, n + n == 2 * n
        (n + 3, 2*n, True)
        >>> (n * n + 1).evaluate({"n": 3})
        10
    """

    __slots__ = ("_hash", "terms")

    terms: tuple[tuple[tuple[_Atom, ...], int], ...]

    def __init__(self, terms: _Terms) -> None:
        self.terms = tuple(sorted(terms.items(), key=repr))
        self._hash = hash(self.terms)

    @staticmethod
    def symbol(name: str) -> Dim:
        """The symbol of that name."""
        return Dim({(name,): 1})

    def evaluate(self, sizes: Mapping[str, Any]) -> Any:
        """The size under an assignment of sizes (ints or `Dim`s) to symbols: an int if those are.

        Raises:
            GraphError: a symbol has no size yet.
        """
        total: Any = 0
        for atoms, coefficient in self.terms:
            product: Any = coefficient
            for atom in atoms:
                if isinstance(atom, str):
                    if atom not in sizes:
                        raise GraphError(f"dimension {self}: no size is known for {atom!r} at this point.")
                    product *= sizes[atom]
                else:
                    kind, x, y = atom
                    left, right = x.evaluate(sizes), y.evaluate(sizes)
                    product *= left // right if kind == "//" else left % right
            total += product
        return total

    def symbols(self) -> set[str]:
        """The names of the symbols in it."""
        names: set[str] = set()
        for atoms, _ in self.terms:
            for atom in atoms:
                names |= {atom} if isinstance(atom, str) else atom[1].symbols() | atom[2].symbols()
        return names

    def __eq__(self, other: object) -> bool:
        if self is other or (isinstance(other, Dim) and self.terms == other.terms):
            return True
        if guards.get() is not None and isinstance(other, (int, float, Dim)) and _asked_by_user():
            if isinstance(other, float) and not other.is_integer():
                return False
            return _zero(_dim(self - (int(other) if isinstance(other, float) else other)))
        return False

    def __hash__(self) -> int:
        if needed.get() is not None and _asked_by_user():  # a table of the user's has the number, not a symbol
            raise self._unknown(f"{self!r} as a key")
        return self._hash

    @_of_sizes
    def __add__(self, other: DimSize) -> DimSize:
        terms = dict(self.terms)
        for atoms, coefficient in _terms(other).items():
            terms[atoms] = terms.get(atoms, 0) + coefficient
        return _simplify(terms)

    __radd__ = __add__

    def __neg__(self) -> DimSize:
        return self * -1

    def __pos__(self) -> DimSize:
        return self

    @_of_sizes
    def __sub__(self, other: DimSize) -> DimSize:
        return self + other * -1

    @_of_sizes
    def __rsub__(self, other: DimSize) -> DimSize:
        return self * -1 + other

    @_of_sizes
    def __mul__(self, other: DimSize) -> DimSize:
        terms: _Terms = {}
        for mine, p in self.terms:
            for theirs, q in _terms(other).items():
                atoms = tuple(sorted(mine + theirs, key=repr))
                terms[atoms] = terms.get(atoms, 0) + p * q
        return _simplify(terms)

    __rmul__ = __mul__

    @_of_sizes
    def __floordiv__(self, other: DimSize) -> DimSize:
        return _divide(self, other)[0]

    @_of_sizes
    def __rfloordiv__(self, other: int) -> DimSize:
        return _divide(_dim(other), self)[0]

    @_of_sizes
    def __mod__(self, other: DimSize) -> DimSize:
        return _divide(self, other)[1]

    @_of_sizes
    def __rmod__(self, other: int) -> DimSize:
        return _divide(_dim(other), self)[1]

    @_of_sizes
    def __lt__(self, other: DimSize) -> bool:
        return not _nonnegative(self - other)

    @_of_sizes
    def __le__(self, other: DimSize) -> bool:
        return _nonnegative(other - self)

    @_of_sizes
    def __gt__(self, other: DimSize) -> bool:
        return not _nonnegative(other - self)

    @_of_sizes
    def __ge__(self, other: DimSize) -> bool:
        return _nonnegative(self - other)

    __truediv__, __rtruediv__ = _of_known("{} / …"), _of_known("… / {}")
    __pow__, __rpow__ = _of_known("{} ** …"), _of_known("… ** {}")
    __divmod__, __rdivmod__ = _of_known("divmod of {}"), _of_known("divmod by {}")
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = _of_known("bits of {}")
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _of_known("a shift of or by {}")
    __abs__ = __float__ = __complex__ = _of_known("{} where Python needs a number")
    __index__ = __round__ = __trunc__ = __floor__ = __ceil__ = _of_known("{} where Python needs a number")

    def __array__(self, *settings: Any, **others: Any) -> Any:
        raise self._unknown(f"{self!r} as an array")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        raise self._unknown(f"numpy.{ufunc.__name__} of {self!r}")

    def __bool__(self) -> bool:
        if guards.get() is None:
            raise self._unknown(f"{self!r} as true or false")
        return not _zero(self)

    def _unknown(self, use: str) -> TypeError:
        """The error of a use that takes a known size; noted for who can close it."""
        noted = needed.get()
        if noted is not None:
            noted.update(self.symbols())
        return TypeError(
            explain(
                "size of an open dimension",
                given=use,
                expected="a known size",
                remedy="Build the graph for a fixed size, or keep to + - * // % and comparisons with ints.",
            )
        )

    def __repr__(self) -> str:
        if needed.get() is not None and _asked_by_user():
            raise self._unknown("a text of it")
        return self._text()

    def __str__(self) -> str:
        if needed.get() is not None and _asked_by_user():
            raise self._unknown("a text of it")
        return self._text()

    def __format__(self, form: str) -> str:
        if needed.get() is not None and _asked_by_user():
            raise self._unknown("a text of it")
        return format(self._text(), form)

    def _text(self) -> str:
        text = ""
        for atoms, coefficient in sorted(self.terms, key=lambda term: (-len(term[0]), repr(term[0]))):
            factors = [a if isinstance(a, str) else f"(({a[1]}) {a[0]} ({a[2]}))" for a in atoms]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} {'*'.join(factors)}" if text else sign.strip("+") + "*".join(factors)
        return text or "0"


def parse_dim(text: str) -> DimSize:
    """Read a dimension as `repr` writes it.

    Raises:
        GraphError: `text` is no such expression.

    Examples:
        >>> parse_dim("2*n + 1"), parse_dim("7")
        (2*n + 1, 7)
    """

    def read(node: ast.expr) -> DimSize:
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.Name(id=name):
                return Dim.symbol(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return read(operand) * -1
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return read(left) + read(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return read(left) - read(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return read(left) * read(right)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return read(left) // read(right)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return read(left) % read(right)
            case _:
                raise GraphError(f"{text!r} is not a dimension.")

    try:
        return read(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError) as error:
        raise GraphError(f"{text!r} is not a dimension.") from error


def product(shape: Shape) -> DimSize:
    """The number of elements of a shape."""
    total: DimSize = 1
    for size in shape:
        total = total * size
    return total


def _terms(size: DimSize) -> _Terms:
    return dict(size.terms) if isinstance(size, Dim) else ({(): size} if size else {})


def _dim(size: DimSize) -> Dim:
    return size if isinstance(size, Dim) else Dim(_terms(size))


def _simplify(terms: _Terms) -> DimSize:
    terms = {atoms: coefficient for atoms, coefficient in terms.items() if coefficient}
    if not terms:
        return 0
    if len(terms) == 1 and () in terms:
        return terms[()]
    return Dim(terms)


def _divide(x: Dim, y: DimSize) -> tuple[DimSize, DimSize]:
    """Floor quotient and remainder; exact where the divisor's factors show in every term."""
    if isinstance(y, int) and y == 0:
        raise ZeroDivisionError(f"dimension {x} divided by zero")
    if not x.terms:
        return 0, 0
    if x == y:
        return 1, 0
    divisor = _terms(y)
    if len(divisor) == 1:
        (atoms, coefficient), *_ = divisor.items()
        exact: _Terms = {}
        rest: _Terms = {}
        for mine, p in x.terms:
            left = list(mine)
            divides = p % coefficient == 0
            for atom in atoms:
                if atom in left:
                    left.remove(atom)
                else:
                    divides = False
            if divides:
                exact[tuple(left)] = exact.get(tuple(left), 0) + p // coefficient
            else:
                rest[mine] = p
        if not rest:
            return _simplify(exact), 0
        if exact:  # (a*y + b) // y == a + b // y
            remainder = _simplify(rest)
            quotient, modulo = _divide(_dim(remainder), y)
            return _simplify(exact) + quotient, modulo
        if set(rest) == {()} and not atoms:
            return rest[()] // coefficient, rest[()] % coefficient
    pair = x, _dim(y)
    return Dim({(("//", *pair),): 1}), Dim({(("%", *pair),): 1})


def holds(guard: Guard, sizes: Mapping[str, Any]) -> bool:
    """Whether what was assumed is true of sizes; where one of them is not known yet, it may be.

    Examples:
        >>> n = Dim.symbol("n")
        >>> holds((n - 4, ">= 0"), {"n": 3}), holds((n - 4, "!= 0"), {"n": 3}), holds((n - 4, ">= 0"), {})
        (False, True, True)
    """
    dim, relation = guard
    if not dim.symbols() <= sizes.keys():
        return True
    value = dim.evaluate(sizes)
    return bool(value != 0 if relation == "!= 0" else value >= 0)


def _asked_by_user() -> bool:
    """Whether what calls this stands in a user's code, or in a module `__for_users__` that does what such code says.

    Lamella's own rules hold for all sizes from 2.
    """
    names = sys._getframe(2).f_globals
    return "__for_users__" in names or not str(names.get("__name__", "")).startswith("lamella")


def _nonnegative(difference: DimSize) -> bool:
    """Whether `difference` >= 0; assumed, and noted as a guard, where the symbols leave it open."""
    if isinstance(difference, int):
        return difference >= 0
    if all(coefficient >= 0 for _, coefficient in difference.terms):
        return True
    if all(coefficient <= 0 for _, coefficient in difference.terms) and dict(difference.terms).get((), 0) < 0:
        return False
    if _known(difference, 0) < 0:
        _note(_dim(difference * -1 - 1), ">= 0")
        return False
    _note(difference, ">= 0")
    return True


def _zero(difference: Dim) -> bool:
    """Whether `difference` is 0, which the symbols leave open; assumed not to be where no size is at hand."""
    if _known(difference, 1) != 0:
        _note(difference, "!= 0")
        return False
    asked = needed.get()
    if asked is not None:  # what follows is for that size: it has to fit whatever has it
        asked.update(difference.symbols())
    _note(difference, ">= 0")
    _note(_dim(difference * -1), ">= 0")
    return True


def _known(size: Dim, default: int) -> int:
    """An open size in the call that a graph is built for; a default where it is not at hand."""
    sizes = at_hand.get()
    return int(size.evaluate(sizes)) if size.symbols() <= sizes.keys() else default


def _note(dim: Dim, relation: str) -> None:
    noted = guards.get()
    if noted is not None and (dim, relation) not in noted:
        noted.append((dim, relation))
