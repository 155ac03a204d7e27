"""What can be done with this repository: `nox --list` shows it, `nox` checks everything that a change must pass."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.sessions = [
    "lint",
    "types",
    "imports",
    "tests",
    "integration",
    "docs",
    "wheels",
    "quickstart",
]

ROOT = Path(__file__).parent
PACKAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob("packages/*/pyproject.toml"))}
GROUPS = nox.project.load_toml(ROOT / "pyproject.toml")
QUICKSTART = "examples/quickstart.py"


def group(name: str) -> list[str]:
    """The requirements of a dependency group of pyproject.toml."""
    return list(nox.project.dependency_groups(GROUPS, name))


def distribution(folder: str) -> str:
    """The name under which a package of this repository is installed."""
    return str(tomllib.loads((PACKAGES[folder] / "pyproject.toml").read_text("utf-8"))["project"]["name"])


def install(session: nox.Session, *folders: str, groups: tuple[str, ...] = ()) -> None:
    """Install packages of this repository as its developers use them, and the groups of tools named."""
    editable = [argument for folder in folders for argument in ("-e", str(PACKAGES[folder]))]
    session.install(*editable, *(requirement for name in groups for requirement in group(name)))


def has_tests(folder: Path) -> bool:
    """Whether there is anything for pytest to run in a folder."""
    return any(folder.rglob("test_*.py"))


@nox.session
def quickstart(session: nox.Session) -> None:
    """Train the network of the README on the bundled digits."""
    install(session, "core", "data")
    session.run("python", QUICKSTART, *session.posargs)


@nox.session
@nox.parametrize("package", list(PACKAGES), ids=list(PACKAGES))
def tests(session: nox.Session, package: str) -> None:
    """Run the tests of one package, installed with only what it declares."""
    folder = PACKAGES[package] / "tests"
    if not has_tests(folder):
        session.skip(f"packages/{package} has no tests")
    install(session, *dict.fromkeys(["core", package]), groups=("test",))
    session.run("pytest", str(folder), *session.posargs)


@nox.session
def integration(session: nox.Session) -> None:
    """Run the tests of the packages together and of what is installed from outside."""
    install(session, *PACKAGES, groups=("test",))
    session.run("pytest", "tests/integration", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of every package, strictly."""
    install(session, *PACKAGES, groups=("types",))
    session.run("mypy", "noxfile.py", *(str(path / "src") for path in PACKAGES.values()), *session.posargs)
