from __future__ import annotations

import itertools

import numpy as np
import pytest

from lamella import ir
from lamella.dtypes import BY_NAME
from lamella_compiler.passes import simplify
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.movement import settle


def test_reshapes_one_after_another(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3]) -> (float32[3, 2], float32[2, 3]) {
          %1: float32[6] = reshape(%0) {shape=(6,)}
          %2: float32[3, 2] = reshape(%1) {shape=(3, 2)}
          %3: float32[2, 3] = reshape(%2) {shape=(2, 3)}
          return %2, %3
        }""",
        """graph g(%0: float32[2, 3]) -> (float32[3, 2], float32[2, 3]) {
          %1: float32[3, 2] = reshape(%0) {shape=(3, 2)}
          return %1, %0
        }""",
    )


def test_transpositions_one_after_another(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3, 4]) -> (float32[4, 2, 3], float32[2, 3, 4]) {
          %1: float32[3, 4, 2] = transpose(%0) {permutation=(1, 2, 0)}
          %2: float32[4, 2, 3] = transpose(%1) {permutation=(1, 2, 0)}
          %3: float32[2, 3, 4] = transpose(%2) {permutation=(1, 2, 0)}
          return %2, %3
        }""",
        """graph g(%0: float32[2, 3, 4]) -> (float32[4, 2, 3], float32[2, 3, 4]) {
          %1: float32[4, 2, 3] = transpose(%0) {permutation=(2, 0, 1)}
          return %1, %0
        }""",
    )


def test_a_transposition_that_moves_no_element_is_a_reshape(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 1, 3]) -> float32[1, 2, 3] {
          %1: float32[1, 2, 3] = transpose(%0) {permutation=(1, 0, 2)}
          return %1
        }""",
        """graph g(%0: float32[2, 1, 3]) -> float32[1, 2, 3] {
          %1: float32[1, 2, 3] = reshape(%0) {shape=(1, 2, 3)}
          return %1
        }""",
    )


FLOATS_AND_INTS = ["float16", "bfloat16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint32", "bool"]


@pytest.mark.parametrize(("source", "via"), list(itertools.product(FLOATS_AND_INTS, repeat=2)))
def test_conversions_by_way_of_another_type(source, via):
    """Where the detour is dropped, every number of the first type survives it."""
    text = f"graph g(%0: {source}[]) -> {source}[] {{ %1: {via}[] = cast(%0) {{dtype='{via}'}} "
    graph = ir.parse_graph(text + f"%2: {source}[] = cast(%1) {{dtype='{source}'}} return %2 }}")
    result = prune(settle(graph))
    dtype, other = BY_NAME[source].numpy, BY_NAME[via].numpy
    if source == "bool":
        numbers = np.array([False, True])
    elif BY_NAME[source].is_float:
        raw = np.random.default_rng(0).integers(0, 256, 20_000 * dtype.itemsize, np.uint8)
        with np.errstate(all="ignore"):  # some are signalling NaN
            numbers = raw.view(dtype)
            numbers = numbers[np.isfinite(numbers.astype(np.float64))]
    else:
        limits = np.iinfo(dtype)
        numbers = np.array([limits.min, limits.max, 0, 1, limits.max - 1, limits.max // 3], dtype)
    with np.errstate(all="ignore"):
        survive = bool((numbers.astype(other).astype(dtype) == numbers).all())
    wraps = all(BY_NAME[name].is_integer for name in (source, via))  # there and back again, by luck of the machine
    assert survive if not result.nodes else wraps or not survive


def test_transpositions_around_an_elementwise_primitive_cancel(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3]) -> float32[2, 3] {
          %1: float32[3, 2] = transpose(%0) {permutation=(1, 0)}
          %2: float32[3, 2] = neg(%1)
          %3: float32[2, 3] = transpose(%2) {permutation=(1, 0)}
          return %3
        }""",
        """graph g(%0: float32[2, 3]) -> float32[2, 3] {
          %1: float32[2, 3] = neg(%0)
          return %1
        }""",
    )


def test_operands_transposed_alike(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3], %1: float32[2, 3]) -> float32[3, 2] {
          %2: float32[3, 2] = transpose(%0) {permutation=(1, 0)}
          %3: float32[3, 2] = transpose(%1) {permutation=(1, 0)}
          %4: float32[3, 2] = add(%2, %3)
          return %4
        }""",
        """graph g(%0: float32[2, 3], %1: float32[2, 3]) -> float32[3, 2] {
          %2: float32[2, 3] = add(%0, %1)
          %3: float32[3, 2] = transpose(%2) {permutation=(1, 0)}
          return %3
        }""",
    )


def test_transposed_operands_that_others_read_stay(becomes):
    text = """graph g(%0: float32[2, 3], %1: float32[2, 3]) -> (float32[3, 2], float32[3, 2]) {
      %2: float32[3, 2] = transpose(%0) {permutation=(1, 0)}
      %3: float32[3, 2] = transpose(%1) {permutation=(1, 0)}
      %4: float32[3, 2] = add(%2, %3)
      return %4, %3
    }"""
    becomes(settle, text, text)


def test_a_contraction_takes_over_transpositions(becomes):
    becomes(
        settle,
        """graph g(%0: float32[3, 2], %1: float32[4, 3]) -> float32[2, 4] {
          %2: float32[2, 3] = transpose(%0) {permutation=(1, 0)}
          %3: float32[3, 4] = transpose(%1) {permutation=(1, 0)}
          %4: float32[2, 4] = dot_general(%2, %3) {contract=((1,), (0,)), batch=((), ())}
          return %4
        }""",
        """graph g(%0: float32[3, 2], %1: float32[4, 3]) -> float32[2, 4] {
          %2: float32[2, 4] = dot_general(%0, %1) {contract=((0,), (1,)), batch=((), ())}
          return %2
        }""",
        exact=False,
    )


def test_a_contraction_whose_free_axes_change_places_keeps_the_transposition(becomes):
    text = """graph g(%0: float32[2, 5, 3], %1: float32[3]) -> float32[5, 2] {
      %2: float32[5, 2, 3] = transpose(%0) {permutation=(1, 0, 2)}
      %3: float32[5, 2] = dot_general(%2, %1) {contract=((2,), (0,)), batch=((), ())}
      return %3
    }"""
    becomes(settle, text, text)


def test_a_transposed_product_is_the_product_in_the_other_order(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3], %1: float32[3, 4]) -> float32[4, 2] {
          %2: float32[2, 4] = dot_general(%0, %1) {contract=((1,), (0,)), batch=((), ())}
          %3: float32[4, 2] = transpose(%2) {permutation=(1, 0)}
          return %3
        }""",
        """graph g(%0: float32[2, 3], %1: float32[3, 4]) -> float32[4, 2] {
          %2: float32[4, 2] = dot_general(%1, %0) {contract=((0,), (1,)), batch=((), ())}
          return %2
        }""",
        exact=False,
    )


@pytest.mark.parametrize("seed", range(30))
def test_random_contractions_of_transposed_operands(seed):
    import lamella as ms
    from lamella.ops import prims

    rng = np.random.default_rng(seed)
    sizes = {"b": 2, "c": 3, "d": 4, "e": 5, "f": 1}
    letters = list("bcdef")

    def operand(must: str) -> str:
        free = [x for x in letters if x not in must and rng.random() < 0.4]
        return "".join(rng.permutation([*must, *free]))

    x, y = operand("bc"), operand("bc")
    y = "".join(letter if letter in "bc" or letter not in x else "" for letter in y)
    orders = [tuple(map(int, rng.permutation(len(t)))) for t in (x, y)]

    def fn(a, b):
        moved = [prims.transpose(t, permutation=order) for t, order in zip((a, b), orders, strict=True)]
        names = ["".join(t[i] for i in order) for t, order in zip((x, y), orders, strict=True)]
        contract = tuple((n.index("c"),) for n in names)
        batch = tuple((n.index("b"),) for n in names)
        result = prims.dot_general(*moved, contract=contract, batch=batch)
        return prims.transpose(result, permutation=tuple(map(int, rng_order(result.ndim))))

    def rng_order(n):
        return np.random.default_rng(seed).permutation(n)

    types = [ir.TensorType(ms.float64, tuple(sizes[letter] for letter in t)) for t in (x, y)]
    graph = ir.build(fn, *types)
    result = ir.verify(prune(simplify(graph)))
    arrays = [rng.standard_normal(t.shape) for t in types]
    from lamella.ir.execute import execute

    (mine,), (theirs,) = execute(graph, arrays), execute(result, arrays)
    np.testing.assert_allclose(mine, theirs, 1e-12)


def test_a_maximum_of_a_transposed_tensor(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 3, 4]) -> float32[2, 4] {
          %1: float32[3, 2, 4] = transpose(%0) {permutation=(1, 0, 2)}
          %2: float32[2, 4] = reduce_max(%1) {axes=(0,)}
          return %2
        }""",
        """graph g(%0: float32[2, 3, 4]) -> float32[2, 4] {
          %1: float32[2, 4] = reduce_max(%0) {axes=(1,)}
          return %1
        }""",
    )


@pytest.mark.parametrize(
    "node",
    [
        "slice(%0) {starts=(0, 0), stops=(2, 3), strides=(1, 1)}",
        "concat(%0) {axis=0}",
        "reshape(%0) {shape=(2, 3)}",
        "reduce_max(%0) {axes=()}",
        "cast(%0) {dtype='float32'}",
    ],
)
def test_what_does_nothing(becomes, node):
    becomes(
        settle,
        f"graph g(%0: float32[2, 3]) -> float32[2, 3] {{ %1: float32[2, 3] = {node} return %1 }}",
        "graph g(%0: float32[2, 3]) -> float32[2, 3] { return %0 }",
    )


def test_padding_with_nothing_and_flips(becomes):
    becomes(
        settle,
        """graph g(%0: float32[2, 1], %1: float32[]) -> (float32[2, 1], float32[2, 1]) {
          %2: float32[2, 1] = pad(%0, %1) {low=(0, 0), high=(0, 0), interior=(0, 0)}
          %3: float32[2, 1] = flip(%2) {axes=(0,)}
          %4: float32[2, 1] = flip(%3) {axes=(0, 1)}
          return %3, %4
        }""",
        """graph g(%0: float32[2, 1], %1: float32[]) -> (float32[2, 1], float32[2, 1]) {
          %2: float32[2, 1] = flip(%0) {axes=(0,)}
          return %2, %0
        }""",
    )
