"""What can go wrong with a plugin, in words: which plugin, what is installed, what is expected, what to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lamella.errors import BrokenPluginError, IncompatiblePluginError, MissingPluginError, PluginError, explain
from lamella.plugins.groups import GROUPS, KNOWN_PROVIDERS
from lamella.version import __version__

if TYPE_CHECKING:
    from lamella.plugins.discovery import Found


def missing(group: str, name: str, installed: Sequence[Found]) -> MissingPluginError:
    """Nothing installed has this name in this group."""
    kind = GROUPS[group].kind
    names = ", ".join(found.name for found in installed)
    return MissingPluginError(
        explain(
            f"{kind} {name!r}",
            given="no installed plugin of that name",
            expected=f"one of the installed ones: {names}" if names else f"one in the entry point group {group}",
            remedy=_how_to_get(group, name),
        )
    )


def incompatible(group: str, found: Found) -> IncompatiblePluginError:
    """The plugin's `Requires-Dist` excludes the installed lamella-core."""
    return IncompatiblePluginError(
        explain(
            _label(group, found),
            given=f"lamella-core {__version__}",
            expected=f"lamella-core {found.requires}, which {found.distribution} requires",
            remedy=f"Run: pip install --upgrade lamella-core {found.distribution}",
        )
    )


def broken(group: str, found: Found, error: Exception, stage: str) -> BrokenPluginError:
    """The plugin raised."""
    words = " ".join(str(error).split())
    return BrokenPluginError(
        explain(
            _label(group, found),
            given=f"{type(error).__name__}{f' ({words})' if words else ''} {stage}",
            expected="a plugin that works",
            remedy=f"Run: pip install --upgrade {found.distribution}, or do without: "
            f"pip uninstall {found.distribution}",
        )
    )


def ambiguous(group: str, name: str, candidates: Sequence[Found]) -> PluginError:
    """Two distributions provide the same name, and nothing says which is meant."""
    return PluginError(
        explain(
            f"{GROUPS[group].kind} {name!r}",
            given=" and ".join(f"{found.distribution} {found.version}" for found in candidates),
            expected="one distribution that provides it",
            remedy=f"Run: pip uninstall {candidates[-1].distribution}, or whichever is not wanted",
        )
    )


def known_provider(group: str, name: str) -> str | None:
    """The first-party distribution that provides a name, for advice on what to install."""
    return KNOWN_PROVIDERS.get(group, {}).get(GROUPS[group].normal(name))


def _how_to_get(group: str, name: str) -> str:
    from lamella.plugins.discovery import installed_version

    provider = known_provider(group, name)
    if provider is None:
        return "`lamella plugins` lists what is installed."
    present = installed_version(provider)
    if present is None:
        return f"Run: pip install {provider}"
    return f"{provider} {present} is installed but does not have it yet. Run: pip install --upgrade {provider}"


def _label(group: str, found: Found) -> str:
    return f"{GROUPS[group].kind} {found.name!r} of {found.distribution} {found.version}"
