"""What can be done with this repository: `nox --list` shows it, `nox` checks everything that a change must pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "types", "imports", "tests", "integration", "docs", "wheels", "quickstart"]

ROOT = Path(__file__).parent
PACKAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob("packages/*/pyproject.toml"))}
DEVICES = {"core": "reference", "backend-cpu": "CPU"}  # the devices that can be tested on any machine
SOURCES = [str(path / "src") for path in PACKAGES.values()]
WHEELS = ROOT / "dist"
QUICKSTART = str(ROOT / "examples" / "quickstart.py")

# pip, unlike uv, takes torch from where a developer's pip configuration points, which may be its small CPU build.
PIP = "venv"


def group(name: str) -> list[str]:
    """The requirements of a dependency group of pyproject.toml."""
    return list(nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), name))


def install(session: nox.Session, *folders: str, tools: str = "") -> None:
    """Install packages of this repository, editable, with what they declare, and a group of tools."""
    editable = [argument for folder in folders for argument in ("-e", str(PACKAGES[folder]))]
    session.install(*editable, *(group(tools) if tools else ()))


@nox.session
def quickstart(session: nox.Session) -> None:
    """Train the README's network on the bundled digits, compiled to native code."""
    install(session, "core", "data", "compiler", "backend-cpu")
    session.run("python", QUICKSTART, "--graph", "--device", "CPU", *session.posargs)


@nox.session
@nox.parametrize("package", list(PACKAGES), ids=list(PACKAGES))
def tests(session: nox.Session, package: str) -> None:
    """Test one package in an environment that has only what it declares, and the conformance of its device."""
    folder = PACKAGES[package] / "tests"
    if not any(folder.rglob("test_*.py")):
        session.skip(f"packages/{package} has no tests")
    install(session, *dict.fromkeys(["core", package]), tools="test")
    session.run("pytest", str(folder), *session.posargs)
    if package in DEVICES:
        session.run("pytest", "--pyargs", "lamella.testing", *session.posargs, env={"LAMELLA_DEVICE": DEVICES[package]})


@nox.session
def integration(session: nox.Session) -> None:
    """Test the packages together, and what comes from outside."""
    install(session, *PACKAGES, tools="test")
    session.install(*map(str, sorted(ROOT.glob("examples/third-party-*"))))
    session.run("pytest", "tests/integration", *session.posargs)
    # Everything at once: the conformance programs eagerly, as graphs, and through the compiler, as native code.
    session.run("pytest", "--pyargs", "lamella.testing", *session.posargs, env={"LAMELLA_DEVICE": "CPU"})


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session, *PACKAGES, tools="types")
    session.run("mypy", "noxfile.py", *SOURCES)


@nox.session
def imports(session: nox.Session) -> None:
    """Check that packages import only core, and each layer of core only those below."""
    install(session, *PACKAGES, tools="imports")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Run every example of documents and docstrings, and build the site."""
    install(session, *PACKAGES, tools="docs")
    texts = [str(path / name) for path in PACKAGES.values() for name in ("README.md", "CHANGELOG.md")]
    session.run("pytest", "-p", "sybil_plugin", "README.md", "docs", *texts, env={"PYTHONPATH": "docs"})
    # The conformance suite lies among the sources; `tests` and `integration` run it.
    session.run("pytest", "--doctest-modules", "--ignore-glob=*/testing/test_*.py", *SOURCES)
    session.run("sphinx-build", "-W", "-q", "docs", "docs/_build/html")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheels into dist/."""
    session.install(*group("build"))
    shutil.rmtree(WHEELS, ignore_errors=True)
    for folder in PACKAGES.values():
        session.run(
            "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(WHEELS), str(folder), silent=True
        )


@nox.session(requires=["build"], reuse_venv=False)
def wheels(session: nox.Session) -> None:
    """Install the wheels into a clean environment and use them from outside the repository."""
    session.install(*map(str, sorted(WHEELS.glob("*.whl"))))
    session.chdir(session.create_tmp())
    session.run("lamella", "plugins")
    session.run("lamella", "env")
    session.run("python", QUICKSTART)


@nox.session
def names(session: nox.Session) -> None:
    """Write what type checkers read about `lamella.ops` and `lamella.nn`."""
    install(session, "core")
    session.run("python", "packages/core/tests/public_names.py")


@nox.session
def dev(session: nox.Session) -> None:
    """Install all packages, editable, and the tools of every check into .nox/dev, to work in."""
    tools = [requirement for name in ("lint", "types", "imports", "docs", "build") for requirement in group(name)]
    install(session, *PACKAGES)
    session.install(*tools)


@nox.session(venv_backend=PIP)
def oracle(session: nox.Session) -> None:
    """Install MindSpore, which needs an older NumPy, where `parity` and `bench` call it."""
    session.install(*group("oracle"))


@nox.session(venv_backend=PIP, requires=["oracle"])
def parity(session: nox.Session) -> None:
    """Compare results with MindSpore and torch."""
    install(session, *PACKAGES, tools="peers")
    session.run("pytest", "tests/parity", *session.posargs, env=oracle_python(session))


@nox.session(venv_backend=PIP, requires=["oracle"])
def bench(session: nox.Session) -> None:
    """Measure speed against MindSpore, torch and JAX."""
    install(session, *PACKAGES, tools="bench")
    session.run("python", "benchmarks", *session.posargs, env=oracle_python(session))


@nox.session
def full(session: nox.Session) -> None:
    """Run the long property tests."""
    install(session, *PACKAGES, tools="test")
    session.install(*map(str, sorted(ROOT.glob("examples/third-party-*"))))
    folders = [str(path / "tests") for path in PACKAGES.values() if (path / "tests").is_dir()]
    session.run("pytest", "-m", "full", *folders, "tests/integration", *session.posargs, env={"LAMELLA_FULL": "1"})
    # Those that only try more, and so have no mark: as many as there are with this variable.
    more = ["--pyargs", "lamella.testing", str(PACKAGES["backend-cpu"] / "tests" / "test_random_graphs.py")]
    session.run("pytest", *more, *session.posargs, env={"LAMELLA_FULL": "1", "LAMELLA_DEVICE": "CPU"})


def oracle_python(session: nox.Session) -> dict[str, str]:
    """The variable that tells tests and benchmarks which Python has MindSpore."""
    return {"LAMELLA_ORACLE": str(Path(session.virtualenv.location).parent / "oracle" / "bin" / "python")}
