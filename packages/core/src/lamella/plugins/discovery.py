"""What is installed: the metadata of distributions, read without importing any of them.

Reading metadata and comparing versions is slow (tens of milliseconds, and their libraries as much again), so this
module is imported only when a plugin is first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, entry_points, version
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lamella.version import __version__

CORE = "lamella-core"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry point of a group, and what its distribution says about itself.

    Attributes:
        name: the entry point's name.
        distribution: the distribution that has it.
        version: the version of the distribution.
        requires: the versions of lamella-core that the distribution needs, such as ">=0.1,<0.2"; "" means any.
        compatible: whether the installed lamella-core is one of them.
        entry_point: what to import.
    """

    name: str
    distribution: str
    version: str
    requires: str
    compatible: bool
    entry_point: EntryPoint

    def load(self) -> Any:
        """Import the plugin and give the object that the entry point names."""
        return self.entry_point.load()


def find(group: str) -> list[Found]:
    """The entry points of a group, sorted by name."""
    found = [_describe(e, e.dist) for e in entry_points(group=group) if e.dist is not None]
    return sorted(found, key=lambda f: (f.name.casefold(), f.distribution))


def installed_version(distribution: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _describe(entry_point: EntryPoint, dist: Distribution) -> Found:
    try:
        needed = _needed_core(dist)
        requires, compatible = str(needed), needed.contains(__version__, prereleases=True)
    except InvalidRequirement as error:
        requires, compatible = f"a version that cannot be read ({str(error).splitlines()[0]})", False
    return Found(entry_point.name, dist.name, dist.version, requires, compatible, entry_point)


def _needed_core(dist: Distribution) -> SpecifierSet:
    """The versions of lamella-core that a distribution's `Requires-Dist` lines allow on this machine."""
    needed = SpecifierSet()
    for requirement in map(Requirement, dist.requires or ()):
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and canonicalize_name(requirement.name) == CORE:
            needed &= requirement.specifier
    return needed
