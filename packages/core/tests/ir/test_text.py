from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import ir, ops
from lamella.errors import GraphError
from lamella.ir.execute import execute
from lamella.testing.graphs import assert_same_graph

F = ir.TensorType(ms.float32, (2, 3))


def rebuilt(graph):
    again = ir.verify(ir.parse_graph(ir.print_graph(graph)))
    assert ir.print_graph(again) == ir.print_graph(graph)
    assert_same_graph(again, graph)
    return again


@pytest.mark.parametrize("dtype", ms.dtypes.BY_NAME.values(), ids=str)
@pytest.mark.parametrize("size", [0, 3, 100])
def test_constants_of_every_type_read_back_bit_for_bit(dtype, size):
    rng = np.random.default_rng(0)
    array = rng.standard_normal(size).astype(dtype.numpy)
    graph = ir.build(lambda: ms.Tensor(array))
    (found,) = execute(rebuilt(graph), [])
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()


def test_special_floats_read_back():
    array = np.array([np.inf, -np.inf, np.nan, -0.0, 1e-45, 3.4e38], np.float32)
    (found,) = execute(rebuilt(ir.build(lambda: ms.Tensor(array))), [])
    np.testing.assert_array_equal(found, array)
    assert np.signbit(found[3])


def test_texts_with_every_kind_of_character_read_back():
    message = "quote ' and \" brace {{}} percent % hash # newline \n backslash \\ ümlaut"

    def fn(x):
        ops.prims.check(x > 0, message=message)
        return x

    graph = rebuilt(ir.build(fn, F))
    (node,) = [n for n in graph.nodes if n.op.name == "check"]
    assert node.attrs["message"] == message


def test_locations_show_the_user_s_line():
    graph = ir.build(lambda x: x * 2, F)  # this line
    assert "# this line" in ir.print_graph(graph, locations=True)


@pytest.mark.parametrize(
    "location",
    [
        None,
        ir.Location("model.py", 12),
        ir.Location('a dir/ma\'ny "quotes" # and \n lines.py', 1, "Net.bl\u00f6cke.0", "backward"),
        ir.Location("", 0, "x", "update"),
    ],
)
def test_locations_read_back_in_regions_too(location):
    graph = ir.build(lambda x: ops.cond(x.sum() > 0, lambda x: x * 2, ops.neg, x), F)
    for _, node in graph.walk():
        node.location = location
    text = ir.print_graph(graph, locations=True)
    read = ir.parse_graph(text)
    assert {node.location for _, node in read.walk()} == {location}
    assert ir.print_graph(read, locations=True) == text


@pytest.mark.parametrize("place", ["(1, 2)", "('a.py', 1, 'Net')", "('a.py', 'b', '', '')", "7"])
def test_a_location_of_another_form_is_an_error(place):
    with pytest.raises(GraphError, match="location"):
        ir.parse_graph(f"graph g(%0: int8[2]) -> int8[2] {{ %1: int8[2] = neg(%0) at {place} return %1 }}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "line 1"),
        ("graph", "more text"),
        ("graph g() -> () { return %0 }", "%0"),
        ("graph g(%0: float32[2]) -> float32[2] { %0: float32[2] = neg(%0) return %0 }", "new name"),
        ("graph g(%0: float33[2]) -> () { return }", "float33"),
        ("graph g(%0: int8[2]) -> () { %1: int8[2] = nonsense(%0) return %1 }", "nonsense"),
        ("graph g(%0: int8[2]) -> () { %1: int8[2] = neg@7(%0) return %1 }", "version 7"),
        ("graph g() -> () { %0: int8[3] = constant() {value=int8[3](1, 2)} return %0 }", "no array"),
        ("graph g() -> () { %0: int8[3] = constant() {value=int8[3](b64'AAA=')} return %0 }", "damaged"),
        ("graph g(%0: int8[2]) -> int8[2] { return %0 } trailing", "end of the text"),
        ("graph g(%0: int8[2]) -> int8[2] { %1: int8[2] = neg(%0) {a=__import__('os')} return %1 }", "line 1"),
    ],
)
def test_other_text_is_an_error_that_says_where(text, what):
    with pytest.raises(GraphError, match=what):
        ir.parse_graph(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("graph g(%0: float32[2]) -> float32[3] { %1: float32[3] = neg(%0) return %1 }", "its rule gives"),
        (
            "graph g(%0: float32[2], %1: int8[2]) -> float32[2] { %2: float32[2] = add(%0, %1) return %2 }",
            "one element type",
        ),
        ("graph g(%0: float32[2]) -> () { print(%0) {template='x'} return }", "token"),
        (
            "graph g(%0: token, %1: int8[]) -> token { %2: token = print(%0, %1) {template='x'} "
            "%3: token = print(%0, %1) {template='x'} return %3 }",
            "second time",
        ),
        ("graph g(%0: token) -> () { return }", "neither"),
        ("graph g(%0: int8[2]) -> int8[2] { %1: int8[2] = reduce_sum(%0) return %1 }", "axes"),
    ],
)
def test_the_verifier_names_what_is_wrong(text, what):
    with pytest.raises(GraphError, match=what):
        ir.verify(ir.parse_graph(text))


def test_what_was_assumed_of_sizes_is_read_back():
    def fn(x):
        return x[2:] if x.shape[0] != 7 else x

    graph = ir.build(fn, ms.types.parse_type("float32[n]"))
    assert [relation for _, relation in graph.guards] == ["!= 0", ">= 0"]
    assert rebuilt(graph).guards == graph.guards
