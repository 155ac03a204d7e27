"""The `lamella` command: what is installed, where it runs, and what functions become."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import lamella
from lamella import context, plugins
from lamella.dtypes import BY_NUMPY
from lamella.errors import LamellaError, PluginError, explain
from lamella.ir.drawing import to_dot, to_mermaid
from lamella.ir.graph import Graph
from lamella.ir.printer import print_graph
from lamella.ir.registry import save
from lamella.plugins import PluginInfo
from lamella.types import interned, parse_type

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
    except (AttributeError, ImportError, LamellaError, OSError, TypeError, ValueError) as error:
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
    except (PluginError, ValueError) as error:  # no such device, or none of that number
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


def show_graph(options: argparse.Namespace) -> int:
    """Print the graph that a function is compiled to."""
    source, _, name = options.function.rpartition(":")
    if not source:
        raise ValueError(explain("lamella graph", given=options.function, expected="FILE.py:NAME or MODULE:NAME"))
    fn = attrgetter(name)(_module(source))
    if isinstance(fn, type):
        fn = fn()  # a class of cells that takes no arguments
    graph = plugins.compiler().graph(fn, [_argument(text) for text in options.input], optimized=not options.plain)
    if options.output:
        save(graph, options.output)
    else:
        print(_FORMS[options.form](graph))
    return 0


def show_coverage() -> int:
    """Print which primitives the device has kernels of its own for, of those that the conformance suite tries."""
    from lamella.testing.cases import all_cases

    backend = context.backend
    tried: dict[str, list[bool]] = {}
    for case in all_cases():
        for dtype in case.dtypes:
            types = [interned(BY_NUMPY[x.dtype], x.shape) for x in case.draw(dtype)]
            tried.setdefault(case.op.name, []).append(
                backend.supports(case.op.name, case.op.version, types, case.attributes())
            )
    rows = [("primitive", f"on {backend.name}", "tried")]
    for name, natively in sorted(tried.items()):
        answer = "native" if all(natively) else f"native for {sum(natively)}" if any(natively) else "reference kernel"
        rows.append((name, answer, str(len(natively))))
    _print_table(rows)
    every = sum(all(natively) for natively in tried.values())
    print(f"\n{every} of {len(tried)} primitives natively for all types that are tried")
    return 0


# How a graph is written, by the name of the form.
_FORMS: Final[dict[str, Callable[[Graph], str]]] = {
    "text": lambda graph: print_graph(graph, locations=True),
    "dot": to_dot,
    "mermaid": to_mermaid,
}


def _module(source: str) -> ModuleType:
    """The module of a file or of a name."""
    if not source.endswith(".py"):
        return importlib.import_module(source)
    path = Path(source).resolve()
    sys.path.insert(0, str(path.parent))  # what it imports may stand beside it
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ValueError(explain("lamella graph", given=source, expected="a Python file"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _argument(text: str) -> Any:
    """An example argument: a type such as float32[64, n], or a value of Python such as 3 or 'mean'."""
    if re.fullmatch(r"\s*\w+\[.*\]\s*", text):
        return parse_type(text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        expected = "a type such as float32[64, 784], or a number, text or None of Python"
        raise ValueError(explain("lamella graph --input", given=text, expected=expected)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lamella", description=__doc__)
    parser.add_argument("--version", action="version", version=f"lamella {lamella.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    listing = commands.add_parser("plugins", help="list the installed plugins and whether each works")
    listing.set_defaults(run=list_plugins)
    environment = commands.add_parser("env", help="show versions, machine and settings")
    environment.add_argument("--json", action="store_true", help="as JSON")
    environment.add_argument(
        "--coverage", action="store_true", help="show instead which primitives the device has kernels of its own for"
    )
    environment.set_defaults(run=lambda options: show_coverage() if options.coverage else show_environment(options))
    drawing = commands.add_parser("graph", help="show the graph that a function is compiled to")
    drawing.add_argument("function", help="FILE.py:NAME or MODULE:NAME of a function, cell, or class of cells")
    drawing.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="TYPE",
        help="an argument, once for each: a type such as float32[64,784] (a letter for an open size), or a value",
    )
    drawing.add_argument("--form", choices=_FORMS, default="text", help="text, or a drawing for Graphviz or Mermaid")
    drawing.add_argument("--output", metavar="FILE", help="write it to a file, whose suffix says in which format")
    drawing.add_argument("--plain", action="store_true", help="as it is built, before the passes")
    drawing.set_defaults(run=show_graph)
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
