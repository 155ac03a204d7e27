"""Where compiled forms are held: by the objects that they are of, so that they live as long as those do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping
from typing import Any, Final

#: The attribute that holds them.
HELD_AS: Final = "_lamella_compiled"


class Forms(dict[Hashable, Any]):
    """The compiled forms of a cell or function; a copy of that gets none of them, as they hold its parameters."""

    def __copy__(self) -> Forms:
        return Forms()

    def __deepcopy__(self, memo: dict[int, Any]) -> Forms:
        return Forms()

    def __reduce__(self) -> Any:
        return Forms, ()


def held_form(state: MutableMapping[str, Any], key: Hashable, make: Callable[[], Any]) -> Any:
    """The form under a key among the attributes of an object; made when it is first asked for.

    Args:
        state: the attributes.
        key: tells the forms of an object apart.
        make: makes the form.
    """
    forms = state.get(HELD_AS)
    if forms is None:
        forms = state.setdefault(HELD_AS, Forms())
    form = forms.get(key)
    return forms.setdefault(key, make()) if form is None else form


def forms_of(fn: Any) -> list[Any]:
    """The compiled forms that an object holds."""
    return list(getattr(fn, "__dict__", {}).get(HELD_AS, {}).values())
