"""A plugin that adds a pass, a rule and a file format: seen to act under `jit` and `lamella graph`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("lamella"))
PLUGIN = """
from lamella.ops import prims
from lamella.plugins import hookimpl

ran = []

def note_names(graph):
    ran.append([node.op.name for node in graph.nodes])
    return graph

def sine_of_cosine(rewriting, node):  # which is not so: the test sees that the rule has acted
    inner = node.operands[0].node
    return [node.operands[0]] if inner is not None and inner.op is prims.cos else None

@hookimpl
def register_ir(registry):
    registry.add_pass("acme_note_names", note_names, after="simplify")
    registry.add_rule(prims.sin, sine_of_cosine)
"""

FORMAT = """
from lamella.plugins import hookimpl

@hookimpl
def register_ir(registry):
    registry.add_exporter(".names", lambda graph, path: path.write_text(" ".join(n.op.name for n in graph.nodes)))
"""

PROGRAM = """
import lamella as ms
from lamella import Tensor, ops

def f(x):
    return ops.sin(ops.cos(x))
"""

JIT = """
import acme, program, lamella as ms
import numpy as np
y = ms.jit(program.f)(ms.Tensor([1.0]))
assert np.allclose(y.asnumpy(), np.cos(1.0)), y
assert acme.ran and all(names == ["cos"] for names in acme.ran), acme.ran
"""


@pytest.fixture
def run(tmp_path: Path):
    """A function that runs a command where the plugin is installed."""
    modules = {"acme.py": PLUGIN, "acme_format.py": FORMAT, "program.py": PROGRAM}
    for name, source in modules.items():
        (tmp_path / name).write_text(source)
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nRequires-Dist: lamella-core\n")
    entries = "[lamella.ir]\nacme = acme\n[lamella.formats]\nnames = acme_format\n"
    (info / "entry_points.txt").write_text(entries)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_pass_and_a_rule_act_under_jit(run):
    result = run(sys.executable, "-c", JIT)
    assert result.returncode == 0, result.stderr


def test_all_three_act_under_the_command(run, tmp_path):
    arguments = (COMMAND, "graph", "program:f", "--input", "float32[2]")
    result = run(*arguments)
    assert result.returncode == 0 and "= cos(" in result.stdout and "= sin(" not in result.stdout, result.stderr
    result = run(*arguments, "--output", "out.names")
    assert (result.returncode, (tmp_path / "out.names").read_text()) == (0, "cos"), result.stderr
    result = run(*arguments, "--plain", "--output", "out.ir")
    assert "= sin(" in (tmp_path / "out.ir").read_text(), result.stderr


def test_a_suffix_that_nobody_knows_is_an_error_that_lists_those_that_are(run):
    result = run(COMMAND, "graph", "program:f", "--input", "float32[2]", "--output", "out.onyx")
    assert result.returncode == 1
    assert "ir.save: got a file with the suffix '.onyx', expected one of .ir, .names" in result.stderr
