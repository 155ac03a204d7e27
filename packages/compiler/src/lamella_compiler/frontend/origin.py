"""Which functions are the user's, and so are transformed, and which are a library's and run as they are.

A function is a library's if it is written in C; if its file belongs to the standard library; if its module is one of
Lamella's; or if it is an installed third-party package that has nothing to do with Lamella: a package is taken for a
user's if the function's module has a name that comes from Lamella. All else is the user's.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

_STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_INSTALLED = ("/site-packages/", "/dist-packages/", "\\site-packages\\")


def is_users(fn: FunctionType) -> bool:
    """Whether a function is one that a user wrote."""
    return comes_from_user(fn.__code__, fn.__globals__)


def comes_from_user(code: CodeType, names: dict[str, Any]) -> bool:
    """Whether a code, with the globals of its module, is one that a user wrote."""
    return _is_users(code.co_filename, names.get("__name__") or "", _Names(names))


class _Names:
    """The names of a module, as an argument of a cached function that does not count."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Names)

    def __hash__(self) -> int:
        return 0


@cache
def _is_users(filename: str, module: str, names: _Names) -> bool:
    if filename == "<string>" and (is_lamella(module) or module.startswith("namedtuple_")):
        return False  # what `dataclass` and `namedtuple` have made of its classes
    if is_lamella(module):  # the examples in its documentation are not in its files
        return not filename.startswith(os.path.dirname(sys.modules[module.partition(".")[0]].__file__ or ""))
    if any(part in filename for part in _INSTALLED):
        return any(map(_comes_from_lamella, list(names.names.values())))
    return not filename.startswith((*_STANDARD, "<frozen "))


def _comes_from_lamella(value: Any) -> bool:
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return isinstance(module, str) and is_lamella(module)


def is_lamella(module: str) -> bool:
    """Whether a module, by its name, is one of Lamella's packages."""
    top = module.partition(".")[0]
    return top == "lamella" or top.startswith("lamella_")


#: Transformed code, by identity.
_transformed: dict[int, CodeType] = {}


def remember_transformed(code: CodeType) -> None:
    """Count a code, and those of functions in it, as transformed."""
    _transformed[id(code)] = code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            remember_transformed(constant)


def is_transformed(code: CodeType) -> bool:
    """Whether a code is transformed."""
    return id(code) in _transformed


def module_of(fn: Any) -> str:
    """The module in which a callable was written: not what `functools.wraps` says."""
    if isinstance(fn, FunctionType):
        return str(fn.__globals__.get("__name__", ""))
    kind = fn if isinstance(fn, (type, BuiltinFunctionType)) else type(fn)
    return str(kind.__module__)


@cache
def is_library_module(name: str) -> bool:
    """Whether a module's attributes are a library's own affair."""
    module = sys.modules.get(name)
    filename = getattr(module, "__file__", None)
    if filename is None:
        return name != "__main__" and name in sys.builtin_module_names
    return is_lamella(name) or filename.startswith(_STANDARD) or any(part in filename for part in _INSTALLED)
