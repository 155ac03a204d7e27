"""No module imports another that imports it, at whatever remove: at the top, or inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGES = (
    "lamella",
    "lamella_compiler",
    "lamella_cpu",
    "lamella_gpu",
    "lamella_ascend",
    "lamella_data",
    "lamella_insight",
    "lamella_armour",
)


def modules(package: str) -> dict[str, ast.Module]:
    """Every module of a package, read."""
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    root = Path(spec.origin).parent
    found = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join([package, *(part for part in parts if part != "__init__")])
        found[name] = ast.parse(path.read_text())
    return found


def imports(tree: ast.AST, typing: bool = False) -> Iterator[str]:
    """The modules that may be meant by imports that run: not those for type checkers, unless they are asked for."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing:
            for statement in node.orelse:
                yield from imports(ast.Module([statement], []))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None and not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imports(node, typing)


def circle(trees: dict[str, ast.Module], typing: bool = False) -> list[str]:
    """The modules of one circle of imports; [] if there is none."""
    needed = {}
    for module, tree in trees.items():
        # `from a.b import c` is the module a.b.c if there is one, else a.b has a name c.
        found = {name if name in trees else name.rpartition(".")[0] for name in imports(tree, typing)}
        needed[module] = found & trees.keys() - {module}
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_itself_through_others(package):
    assert circle(modules(package)) == []


@pytest.mark.parametrize(("package", "below"), [("lamella_cpu", ""), ("lamella", ".codegen"), ("lamella", ".lowering")])
def test_nor_for_a_type_checker(package, below):
    trees = {name: tree for name, tree in modules(package).items() if name.startswith(package + below)}
    assert circle(trees, typing=True) == []


def test_circles_are_found_at_the_top_and_in_functions():
    trees = {
        "p.a": ast.parse("from p.b import f\nif TYPE_CHECKING:\n    import p.c"),
        "p.b": ast.parse("def f():\n    from p import c"),
        "p.c": ast.parse("import p.a"),
    }
    assert set(circle(trees)) == {"p.a", "p.b", "p.c"}
    trees["p.b"] = ast.parse("")
    assert circle(trees) == []
