"""Where functions come from: files, notebook cells, text that was executed, files that have changed since."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import textwrap

import pytest
from frontend_helpers import Compiled, agree

from lamella import Tensor
from lamella.errors import CompileError
from lamella_compiler.frontend import convert

BRANCH = """
def fn(x):
    if x.sum() > 0:
        return x * 2
    return x - 1
"""


def executed(text, filename, cached=True):
    if cached:
        linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    names = {"__name__": "__main__"}
    exec(compile(text, filename, "exec"), names)
    return names["fn"]


def test_cells_of_a_notebook_and_text_that_linecache_knows():
    for filename in ("<ipython-input-1-abc>", "/tmp/ipykernel_1/2.py"):
        agree(executed(BRANCH, filename), [1.0, 2.0])


def test_a_cell_that_is_run_again_with_other_text():
    first = executed(BRANCH, "<cell 5>")
    agree(first, [1.0])
    agree(executed(BRANCH.replace("* 2", "* 3"), "<cell 5>"), [1.0])


def test_source_that_a_loader_gives_when_asked():
    class Loader:
        def get_source(self, name):
            return BRANCH

    names = {"__name__": "lazy", "__loader__": Loader()}
    exec(compile(BRANCH, "lazy.py", "exec"), names)
    agree(names["fn"], [1.0, 2.0])


@pytest.mark.parametrize("filename", ["<stdin>", "<string>", "nowhere.py"])
def test_no_source_is_an_error_that_says_what_to_do(filename):
    fn = executed(BRANCH, filename, cached=False)
    with pytest.raises(
        CompileError, match=rf"a tensor decides in fn, whose source is not to be found: .*{filename}[\s\S]*Define the"
    ):
        Compiled(fn)(Tensor([1.0]))


def test_a_called_function_without_source_runs_as_it_is():
    names = {"__name__": "made"}
    exec("def fn(x):\n    return x * 2\ndef bad(x):\n    return x if x > 0 else -x", names)
    good, bad = names["fn"], names["bad"]
    agree(lambda x: good(x) + 1, [1.0])
    with pytest.raises(CompileError, match="a tensor decides in bad, whose source"):
        Compiled(lambda x: bad(x))(Tensor(1.0))


def module(tmp_path, text, name="user_module"):
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded, path


def test_a_file_that_has_changed_is_noticed(tmp_path):
    loaded, path = module(tmp_path, BRANCH)
    path.write_text("\n\n\n" + BRANCH.replace("fn(x)", "other(x)"))
    linecache.checkcache(str(path))
    with pytest.raises(CompileError, match="the file has changed since it was imported"):
        Compiled(loaded.fn)(Tensor([1.0]))


def test_a_file_that_is_no_python_any_more(tmp_path):
    loaded, path = module(tmp_path, BRANCH)
    path.write_text("def fn(x:\n")
    linecache.checkcache(str(path))
    with pytest.raises(CompileError, match="not valid Python any more"):
        Compiled(loaded.fn)(Tensor([1.0]))


def test_statements_that_begin_in_the_middle_of_a_line(tmp_path):
    loaded, _ = module(
        tmp_path,
        """
        if False: pass
        else: f = lambda x: x * 2 if x.sum() > 0 else x
        class Holder:
            fns = [
                lambda self, x: x + 1 if x.sum() > 0 else x,
                lambda self, x: (
                    x - 1
                    if x.sum() > 0 else x), (lambda x:
                        x * 5 if x.sum() > 0 else x),
            ]; last = lambda self, x: x * 3 if x.sum() > 0 else x
        def outer():
            text = '''
        not indented'''
            def inner(x):
                return x * len(text) if x.sum() > 0 else x
            return inner
        """,
    )
    for fn in (
        loaded.f,
        lambda x: loaded.Holder.fns[0](None, x),
        lambda x: loaded.Holder.fns[1](None, x),
        loaded.Holder.fns[2],
        loaded.Holder().last,
        loaded.outer(),
    ):
        agree(fn, [1.0, 2.0])
        agree(fn, [-1.0])


def test_equal_functions_in_equal_places_of_files_keep_their_own_file(tmp_path):
    first, _ = module(tmp_path, BRANCH, "first_module")
    second, path = module(tmp_path, BRANCH, "second_module")
    assert first.fn.__code__ == second.fn.__code__
    convert(first.fn), convert(second.fn)
    traced = Compiled(second.fn).traced(Tensor([1.0]))
    files = {node.location.file for node in traced.graph.nodes if node.location}
    assert files == {str(path)}


def test_nodes_carry_the_user_s_lines():
    def fn(x):
        y = x * 2
        if y.sum() > 0:
            y = y + 1
        return y

    traced = Compiled(fn).traced(Tensor([1.0]))
    first = fn.__code__.co_firstlineno
    lines = {node.op.name: node.location.line - first for node in traced.graph.nodes}
    assert (lines["mul"], lines["reduce_sum"], lines["cond"]) == (1, 2, 2)
    then = next(node for node in traced.graph.nodes if node.op.name == "cond").attrs["then"]
    assert {node.location.line - first for node in then.nodes if node.op.name == "add"} == {3}


def test_future_annotations_and_class_names_that_shadow(tmp_path):
    loaded, _ = module(
        tmp_path,
        """
        from __future__ import annotations
        from lamella import nn
        class Net(nn.Cell):
            def construct(self, x: Unknown) -> AlsoUnknown:
                def inner(v: Nothing = None):
                    return x
                y: Whatever = x * 2 if x.sum() > 0 else x
                return y + inner() + len(Net.__name__)
        """,
    )
    agree(loaded.Net(), [1.0])


def test_a_function_in_a_file_that_is_no_python_as_a_whole():
    text = "# A document\n\n```python\n" + BRANCH.strip() + "\n```\n\nIt works, doesn't it?\n"
    linecache.cache["document.md"] = len(text), None, text.splitlines(keepends=True), "document.md"
    names = {"__name__": "__main__"}
    exec(compile("\n" * 3 + BRANCH.strip(), "document.md", "exec"), names)
    agree(names["fn"], [1.0, 2.0])


def test_installed_packages_are_transformed_if_they_use_lamella(tmp_path):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    using, _ = module(folder, "from lamella import ops\n" + BRANCH, "uses_lamella")
    other, _ = module(folder, "import math\n" + BRANCH, "uses_nothing")
    agree(using.fn, [1.0, 2.0])
    assert convert(other.fn) is other.fn
    with pytest.raises(CompileError, match=r"uses_nothing.py:4, in fn: bool"):
        Compiled(lambda x: other.fn(x))(Tensor([1.0]))


def test_defaults_of_parameters_stay(tmp_path):
    def fn(x, a=2, *, b=3):
        return x * a + b if x.sum() > 0 else x

    agree(fn, [1.0, 2.0])
    agree(lambda x: fn(x, b=5), [1.0, 2.0])
