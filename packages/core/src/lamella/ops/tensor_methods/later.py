"""Methods whose functions are loaded when they are first used."""

from __future__ import annotations

from importlib import import_module
from types import MethodType
from typing import Any

from lamella.tensor import Tensor


class Later:
    """A method that is the function of `ops` of the same name; takes its place on the class when it is first used."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        function = getattr(import_module("lamella.ops"), self._name)
        setattr(Tensor, self._name, function)
        return function if instance is None else MethodType(function, instance)
