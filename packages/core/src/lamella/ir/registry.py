"""What plugins add to the handling of graphs: passes and rules of compiling, and formats of files.

Plugins of the group `lamella.ir` are loaded when something is first compiled. One of the group `lamella.formats` is
named after the suffix of its files and loaded when such a file is first named. Both have the hook `register_ir`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import TypeAlias, TypeVar

from lamella import plugins
from lamella.errors import explain
from lamella.ir.graph import Graph
from lamella.ir.parser import parse_graph
from lamella.ir.pipeline import Pass
from lamella.ir.printer import print_graph
from lamella.ir.rewriting import Rule, Rules, Subject

#: Reads a graph from a file.
Importer: TypeAlias = Callable[[Path], Graph]
#: Writes a graph to a file.
Exporter: TypeAlias = Callable[[Graph, Path], None]

_T = TypeVar("_T")

_PLUGINS, _FORMATS = "lamella.ir", "lamella.formats"


class IrRegistry:
    """What has been added so far.

    Attributes:
        rules: rules for single nodes, which a compiler applies beside its own.
    """

    def __init__(self) -> None:
        self._passes: dict[str, tuple[Pass, str]] = {}
        self.rules = Rules()
        self._importers: dict[str, Importer] = {}
        self._exporters: dict[str, Exporter] = {}

    def add_pass(self, name: str, function: Pass, after: str = "") -> None:
        """Let a pass run on every graph that is compiled, on all devices.

        Args:
            name: its name; with that of your package in front, no other has it.
            function: takes a graph and gives another that computes the same, or the very graph.
            after: the pass after which it runs, a compiler's or an added one; default: after all others.

        Raises:
            ValueError: there is one of that name.
        """
        _enter(self._passes, "add_pass", name, (function, after))

    def add_rule(self, subject: Subject, rule: Rule) -> None:
        """Let a rule look at single nodes of every graph that is compiled; see `lamella.ir.rewriting`.

        Args:
            subject: a primitive, or a function that says of which primitives the rule wants to see nodes.
            rule: gives what takes the place of a node, or None.
        """
        self.rules = self.rules + Rules((subject, rule))

    def add_importer(self, suffix: str, function: Importer) -> None:
        """Read files with a suffix.

        Args:
            suffix: such as ".onnx".
            function: gives the graph in a file.

        Raises:
            ValueError: there is one for the suffix.
        """
        _enter(self._importers, "add_importer", suffix, function)

    def add_exporter(self, suffix: str, function: Exporter) -> None:
        """Write files with a suffix.

        Args:
            suffix: such as ".onnx".
            function: writes a graph to a file.

        Raises:
            ValueError: there is one for the suffix.
        """
        _enter(self._exporters, "add_exporter", suffix, function)

    def passes(self, own: Sequence[Pass]) -> list[Pass]:
        """A compiler's passes, and those that were added in their places.

        Raises:
            ValueError: one is to run after a pass that there is none of.
        """
        result = {step.__name__: step for step in own}
        for name, (function, after) in self._passes.items():
            if after and after not in result:
                given = f"the pass {name!r} after {after!r}"
                raise ValueError(explain("add_pass", given=given, expected=f"after one of {', '.join(result)}"))
            names = list(result)
            place = names.index(after) + 1 if after else len(names)
            rest = {later: result.pop(later) for later in names[place:]}
            result |= {name: function} | rest
        return list(result.values())

    def importer(self, suffix: str) -> Importer:
        """What reads files with a suffix.

        Raises:
            ValueError: nothing does.
            PluginError: the plugin that does cannot be used.
        """
        return self._format(self._importers, "ir.load", suffix)

    def exporter(self, suffix: str) -> Exporter:
        """What writes files with a suffix.

        Raises:
            ValueError: nothing does.
            PluginError: the plugin that does cannot be used.
        """
        return self._format(self._exporters, "ir.save", suffix)

    def _format(self, known: dict[str, _T], subject: str, suffix: str) -> _T:
        found = {f".{info.name}": info.name for info in plugins.available(_FORMATS)}
        if suffix not in known and suffix in found:
            plugins.resolve(_FORMATS, found[suffix], registry=self)
        if suffix not in known:
            given = f"a file with the suffix {suffix!r}" if suffix else "a file without a suffix"
            raise ValueError(explain(subject, given=given, expected=f"one of {', '.join(sorted({*known, *found}))}"))
        return known[suffix]


def _enter(table: dict[str, _T], subject: str, name: str, value: _T) -> None:
    if name in table:
        raise ValueError(explain(f"IrRegistry.{subject}", given=f"a second {name!r}", expected="a new name"))
    table[name] = value


_registry = IrRegistry()
_registry.add_importer(".ir", lambda path: parse_graph(path.read_text(encoding="utf-8")))
_registry.add_exporter(".ir", lambda graph, path: _write(path, print_graph(graph) + "\n"))
_loading = RLock()
_complete: list[IrRegistry] = []  # the registry, once the plugins have entered what they have


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def registry() -> IrRegistry:
    """What the installed plugins of the group `lamella.ir` have added; they are loaded at the first call.

    Raises:
        PluginError: one of them cannot be used.
    """
    with _loading:
        if not _complete:
            for info in plugins.available(_PLUGINS):
                plugins.resolve(_PLUGINS, info.name, registry=_registry)
            _complete.append(_registry)
    return _registry


def load(file: str | os.PathLike[str]) -> Graph:
    """Read a graph from a file.

    Args:
        file: its path; the suffix says in which format it is: ".ir" for the text of `print_graph`, or that of a plugin.

    Raises:
        ValueError: no installed package reads such files.
        GraphError: the file is no graph in that format.
        OSError: it cannot be read.

    Examples:
        >>> import os, tempfile
        >>> import lamella as ms
        >>> file = os.path.join(tempfile.mkdtemp(), "twice.ir")
        >>> ms.ir.save(ms.ir.build(lambda x: x + x, ms.ir.TensorType(ms.float32, (2,))), file)
        >>> [node.op.name for node in ms.ir.load(file).nodes]
        ['add']
    """
    path = Path(file)
    return _registry.importer(path.suffix.lower())(path)


def save(graph: Graph, file: str | os.PathLike[str]) -> None:
    """Write a graph to a file.

    Args:
        graph: the graph.
        file: its path; the suffix says in which format, as for `load`.

    Raises:
        ValueError: no installed package writes such files.
        OSError: it cannot be written.

    Examples:
        >>> import os, pathlib, tempfile
        >>> import lamella as ms
        >>> file = os.path.join(tempfile.mkdtemp(), "twice.ir")
        >>> ms.ir.save(ms.ir.build(lambda x: x + x, ms.ir.TensorType(ms.float32, (2,))), file)
        >>> print(pathlib.Path(file).read_text().splitlines()[0])
        graph lambda(%0: float32[2]) -> float32[2] {
    """
    path = Path(file)
    _registry.exporter(path.suffix.lower())(graph, path)
