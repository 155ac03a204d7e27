"""The `lamella` command: what is installed, and where it runs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from typing import Any

import lamella
from lamella import context, plugins
from lamella.errors import PluginError
from lamella.plugins import PluginInfo

# Of what else is installed, only this is of interest beside Lamella's own distributions.
LIBRARIES = ("ml-dtypes", "numpy", "pluggy", "pydantic", "safetensors", "scipy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the words after `lamella`; those of the process by default.

    Returns:
        The exit code: 0, or 1 where something reported is wrong. Words that make no sense exit with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (OSError, ValueError, PluginError) as error:
        print(f"lamella: {error}", file=sys.stderr)
        return 1
    return code


def list_plugins(options: argparse.Namespace) -> int:
    """Print a table of the installed plugins; importing each shows whether it works. 1 if one does not."""
    infos = [info for group in plugins.GROUPS for info in plugins.available(group)]
    for info in infos:
        if info.compatible:
            _try(info)
    infos = [info for group in plugins.GROUPS for info in plugins.available(group)]
    rows = [("kind", "name", "distribution", "version", "compatible", "error")]
    rows += [
        (
            plugins.GROUPS[info.group].kind,
            info.name,
            info.distribution,
            info.version,
            "yes" if info.compatible else "no",
            info.error,
        )
        for info in infos
    ]
    _print_table(rows)
    return 1 if any(info.error for info in infos) else 0


def show_environment(options: argparse.Namespace) -> int:
    """Print versions, machine and settings. 1 if the device cannot be used."""
    try:
        device, problem = context.get_context("device_target"), ""
    except PluginError as error:
        device, problem = context.settings.device_target, str(error)
    facts: dict[str, Any] = {
        "lamella": lamella.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "device": device,
        "problem": problem,
        "distributions": _versions(),
        "settings": context.settings.model_dump(),
    }
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        flat = {k: v for k, v in facts.items() if not isinstance(v, dict) and v != ""}
        _print_table([(name, str(value)) for name, value in flat.items()])
        for title in ("distributions", "settings"):
            print(f"\n{title}")
            _print_table([(f"  {name}", str(value)) for name, value in facts[title].items()])
    return 1 if problem else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lamella", description=__doc__)
    parser.add_argument("--version", action="version", version=f"lamella {lamella.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    listing = commands.add_parser("plugins", help="list the installed plugins and whether each works")
    listing.set_defaults(run=list_plugins)
    environment = commands.add_parser("env", help="show versions, machine and settings")
    environment.add_argument("--json", action="store_true", help="as JSON")
    environment.set_defaults(run=show_environment)
    return parser


def _try(info: PluginInfo) -> None:
    """Load a plugin; what goes wrong is remembered and stands in the table."""
    try:
        plugins.load(info.group, info.name)
    except PluginError:
        return


def _versions() -> dict[str, str]:
    """The versions of Lamella's distributions and of the libraries that they stand on."""
    found = {d.name.lower().replace("_", "-"): d.version for d in distributions()}
    return {name: found[name] for name in sorted(found) if name.startswith("lamella-") or name in LIBRARIES}


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
