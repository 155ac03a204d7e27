"""What a loop of the graph carries from one iteration to the next, found by tracing its body.

The variables that the body binds are carried as they are before the loop: tensors and numbers go through the graph, all
else must stay what it is. Where the body shows that this does not hold (a number becomes a float, a list grows, a
variable has no value before), what is carried is corrected and the body traced again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lamella import Tensor, tree
from lamella.errors import CompileError
from lamella_compiler.frontend.errors import here
from lamella_compiler.frontend.jumps import RESULT
from lamella_compiler.frontend.runtime.errors import explained
from lamella_compiler.frontend.runtime.number import kind_of
from lamella_compiler.frontend.runtime.regions import Contents, Region, region
from lamella_compiler.frontend.runtime.values import Form, Tree, UnlikeError, describe, joined, same
from lamella_compiler.frontend.runtime.variables import (
    UNBOUND,
    Body,
    Global,
    Variable,
    explain_unbound,
)

#: How often a body is traced until what it carries is right; each time at least one variable is corrected.
_MOST_TRIES = 50


class LoopError(Exception):
    """A body cannot be that of a loop of the graph; the message, a part of a sentence, says why.

    Attributes:
        remedy: what to do.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class _AgainError(Exception):
    """What is carried was corrected: trace the body again."""


class _Carried:
    """A variable, or what is in a container, that goes round a loop.

    Attributes:
        place: where its value is.
        first: its value before the loop.
        forms: how each leaf is carried.
        spec: the structure around the leaves.
        known: whether an iteration begins with a value; if not, zeros go round until the body sets it.
        guessed: the leaves that are numbers which may turn out to stay as they are.
        whole: identities of lists and dicts in it that stay what they are; what is in them is carried by itself.
    """

    def __init__(self, place: Variable | Global | Contents, value: Any, guess: bool) -> None:
        self.place = place
        self.known = True
        self._guess = guess
        self.whole = frozenset(id(part) for part in Tree.of(value).lists if part is not value)
        self._begin_with(value)

    def _begin_with(self, value: Any) -> None:
        self.first = first = self.apart(value)
        self.spec = first.spec
        self.guessed: set[int] = set()
        self.given: list[Any] = []
        self.forms: list[Form] = []
        for position, leaf in enumerate(first.leaves):
            known_number = kind_of(leaf) is not None and not isinstance(leaf, Tensor)
            if known_number and self._guess:
                self.guessed.add(position)
            self.forms.append(Form(None, None, leaf) if known_number and not self._guess else Form.of(leaf))

    def apart(self, value: Any) -> Tree:
        """A value of the place, taken apart as the one before the loop is."""
        return Tree.of(value, self.whole)

    def dissolve(self) -> None:
        """Carry what is in all lists and dicts with the value, because others take their places."""
        self.whole = frozenset()
        self._begin_with(self.first.value)

    def begin(self) -> list[Tensor]:
        """The tensors that go into the loop."""
        if not self.known:
            return [form.zeros() for form in self.forms if form.type is not None]
        leaves = zip(self.forms, self.first.leaves, strict=True)
        return [form.tensor(leaf) for form, leaf in leaves if form.type is not None]

    def take(self, tensors: Any) -> Any:
        """The value from an iterator of tensors."""
        self.given = [form.value if form.type is None else form.leaf(next(tensors)) for form in self.forms]
        return tree.unflatten(self.spec, self.given)

    def fill(self, after: Tree) -> None:
        """Begin with zeros of the kind that an iteration leaves, which are not looked at."""
        self.known, self.spec, self.guessed = False, after.spec, set()
        self.forms = [Form.of(x) if isinstance(x, Tensor) else Form(None, None, x) for x in after.leaves]


class Carrying:
    """All that goes round one loop.

    Args:
        places: the variables that the body binds.
        head: names of those that may be read when an iteration begins.
        after: names of those that may be read when the loop has ended.
        sure: whether there is at least one iteration.
        seen: functions that see what the body sees from around it.
    """

    def __init__(
        self,
        places: Sequence[Variable],
        head: Iterable[str],
        after: Iterable[str],
        sure: bool,
        seen: Sequence[Body],
    ) -> None:
        self._places = places
        self._before = [place.get() for place in places]
        self._head, self._after = frozenset(head), frozenset(after)
        self._sure = sure
        self._seen = seen
        self._place = here()

    def run(self, launch: Callable[[list[Tensor]], list[Tensor]]) -> None:
        """Build the loop and give the variables their values after it.

        Args:
            launch: given the tensors that go into the loop, builds it, with `step` as its body, and returns the tensors
                that come out.

        Raises:
            LoopError: the body cannot be that of a loop of the graph.
        """
        # Numbers that the body binds mostly change, so that is tried first; where the body needs such a number as one
        # of Python's, it has to stay what it is.
        self._start(guess=True)
        guessed = any(carried.guessed for carried in self._carried.values())
        try:
            results = self._built(launch)
        except Exception:
            if not guessed:
                raise
            self._start(guess=False)
            results = self._built(launch)
        tensors = iter(results)
        for carried in self._carried.values():
            carried.place.set(carried.take(tensors))
        for name, reason in self._reasons.items():
            if name in self._after and name not in self._carried and self._place is not None:
                explain_unbound(self._place.file, name, f"{reason} (the loop at line {self._place.line}).")

    def _start(self, guess: bool) -> None:
        self._guess = guess
        self._reasons: dict[str, str] = {}  # why a variable has no value when an iteration begins
        self._hopeless: set[str] = set()  # variables that differ even from iteration to iteration
        self._carried: dict[Any, _Carried] = {}
        for place, value in zip(self._places, self._before, strict=True):
            name = place.name
            if value is UNBOUND or name not in self._head | self._after:
                self._reasons[name] = f"`{name}` has a value only inside the loop"
            else:
                self._carried[name] = _Carried(place, value, guess)

    def _built(self, launch: Callable[[list[Tensor]], list[Tensor]]) -> list[Tensor]:
        try:
            for _ in range(_MOST_TRIES):
                try:
                    results = launch([x for carried in self._carried.values() for x in carried.begin()])
                except _AgainError:
                    continue
                for place in self._places:
                    place.set(UNBOUND)
                return results
            raise LoopError("the types of its variables do not settle.")
        except BaseException:
            self._restore()
            raise

    def _restore(self) -> None:
        for place, value in zip(self._places, self._before, strict=True):
            place.set(value)

    # -- inside the loop --

    def look(self, tensors: Iterable[Tensor], body: Body) -> Any:
        """Run a function with the variables as they are when an iteration begins, and return what it returns."""

        def run() -> Any:
            with region(self._seen) as entered:
                result = body()
                for place, _ in entered.changed().values():
                    raise LoopError(f"its condition changes {place.name}.", "Change it in the body.")
            return result

        return self._inside(tensors, run, lambda entered: None)[0]

    def step(self, tensors: Iterable[Tensor], body: Body) -> list[Tensor]:
        """An iteration: the tensors that go on, from those that came."""
        handles: list[tuple[_Carried, int, Tensor, Any]] = []

        def run() -> None:
            for carried in self._carried.values():
                for position, leaf in enumerate(carried.given):
                    if isinstance(leaf, Tensor) and carried.forms[position].type is not None:
                        handles.append((carried, position, leaf, leaf._value))
            body()

        _, left = self._inside(tensors, run, self._left)
        changed = {id(leaf) for _, _, leaf, value in handles if leaf._value is not value}
        self._correct(left, changed)
        result: list[Tensor] = []
        for key, carried in self._carried.items():
            pairs = zip(carried.forms, left[key].leaves, strict=True)
            result += [form.tensor(leaf) for form, leaf in pairs if form.type is not None]
        return result

    def _inside(self, tensors: Iterable[Tensor], body: Body, leave: Callable[[Any], Any]) -> tuple[Any, Any]:
        stream = iter(tensors)
        try:
            with region(self._seen) as entered:
                for place in self._places:
                    place.set(UNBOUND)
                for carried in self._carried.values():
                    value = carried.take(stream)
                    if isinstance(carried.place, Contents):
                        entered.know(carried.place.container)
                    if carried.known:
                        carried.place.set(value)
                result = body()
                return result, leave(entered)
        except (CompileError, LoopError, _AgainError):
            raise
        except NameError as error:
            lost = next((name for name in self._reasons if f"'{name}'" in str(error)), None)
            if lost is None:
                raise explained(error, self._place) from error.__cause__
            remedy = f"Give `{lost}` a value of the same structure, shape and type before the loop."
            raise LoopError(f"{self._reasons[lost]}.", remedy) from None
        except Exception as error:
            raise explained(error, self._place) from error.__cause__
        finally:
            self._restore()

    def _left(self, entered: Region) -> dict[Any, Tree]:
        """What an iteration leaves: the value of each variable, by name, and of each container, by identity."""
        left: dict[Any, Tree] = {place.name: self._apart(place) for place in self._places}
        own = {id(place.cell) for place in self._places}
        for key, (place, before) in entered.changed().items():
            if place.shared:
                raise LoopError(f"it changes the variable `{place.name}` from outside.", "Return the value instead.")
            if key not in self._carried and key not in own:
                self._carried[key] = _Carried(place, before, self._guess)
                raise _AgainError
        for key, carried in self._carried.items():
            if key not in left:
                left[key] = carried.apart(carried.place.get())
        return left

    def _apart(self, place: Variable) -> Tree:
        carried = self._carried.get(place.name)
        return Tree.of(place.get()) if carried is None else carried.apart(place.get())

    def _correct(self, left: dict[Any, Tree], changed: set[int]) -> None:
        """Compare what is carried with what an iteration leaves; where it differs, correct it and start again."""
        again = False
        for key, carried in list(self._carried.items()):
            problem = self._differs(carried, left[key], changed)
            if problem is True:
                again = True
            elif problem is not False and carried.whole:
                carried.dissolve()
                again = True
            elif problem is not False:
                self._lose(key, carried, left[key], problem)
                again = True
        for place in self._places:
            name, after = place.name, left[place.name]
            unknown = name in self._after and name not in self._carried and name not in self._hopeless
            if unknown and after.value is not UNBOUND and (self._sure or name == RESULT):
                self._carried[name] = _Carried(place, UNBOUND, False)
                self._carried[name].fill(after)
                again = True
        if again:
            raise _AgainError

    def _differs(self, carried: _Carried, after: Tree, changed: set[int]) -> bool | str:
        """Whether a value is to be carried otherwise; a text if it cannot be carried, saying why."""
        if after.value is UNBOUND:
            return "it has no value after an iteration"
        if after.spec != carried.spec:
            return f"it is {carried.first.describe()} before an iteration and {after.describe()} after it"
        corrected = False
        for position, leaf in enumerate(after.leaves):
            form, given = carried.forms[position], carried.given[position]
            try:
                new = self._corrected(carried, position, form, leaf)
            except UnlikeError:
                return f"it is {_shown(form, given)} before an iteration and {describe(leaf)} after it"
            if isinstance(given, Tensor) and id(given) in changed and leaf is not given:
                return "it is changed in place and also given another value"
            if new != form:
                carried.forms[position] = new
                corrected = True
        return corrected

    def _corrected(self, carried: _Carried, position: int, form: Form, leaf: Any) -> Form:
        """How a leaf is to be carried, seeing what an iteration leaves of it."""
        if carried.known and position < len(carried.first.leaves):
            first = carried.first.leaves[position]
            stays = leaf is carried.given[position] or (position in carried.guessed and same(leaf, first))
            if stays and form.type is not None and (isinstance(first, Tensor) or position in carried.guessed):
                carried.guessed.discard(position)
                return Form(None, None, first)
        if form.type is not None:
            return joined(form, Form.of(leaf), (carried.given[position], leaf))
        if same(form.value, leaf):
            return form
        return joined(Form.of(form.value), Form.of(leaf), (form.value, leaf))

    def _lose(self, key: Any, carried: _Carried, after: Tree, problem: str) -> None:
        """Carry a variable no more; from then on reading it is an error."""
        name = carried.place.name
        if isinstance(carried.place, Contents):
            raise LoopError(
                f"a {type(carried.place.container).__name__} changes in it: {problem}.",
                "Collect values in a tensor of known size, or loop over a known number of items.",
            )
        del self._carried[key]
        self._reasons[name] = f"`{name}` cannot go round the loop: {problem}"
        if not carried.known:
            self._hopeless.add(name)


def _shown(form: Form, given: Any) -> str:
    return describe(given) if form.type is None or form.kind is None else f"{form.kind.__name__}"
