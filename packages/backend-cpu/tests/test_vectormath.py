"""The mathematical functions: errors in units in the last place, special values, every width of vector."""

from __future__ import annotations

import os

import numpy as np
import pytest
from native_helpers import HOSTS, loaded

from lamella.codegen.llvm import INDEX, Function, Module, vector
from lamella_cpu.accuracy import (
    FUNCTIONS,
    IN_DOUBLE,
    MEASURED,
    PAIRS,
    REFERENCES,
    TYPES,
    compiled,
    floats,
    largest_error,
    samples,
    units,
)
from lamella_cpu.host import Host, host

SINGLE = sorted(set(FUNCTIONS) - PAIRS)
CASES = [
    (name, kind) for name in sorted(FUNCTIONS) for kind in ("float", "double") if kind == "float" or name in IN_DOUBLE
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_errors_are_below_two_units(name: str, kind: str) -> None:
    if kind not in MEASURED:
        pytest.skip("there is no wider type to measure by")
    operands = 2 if name in PAIRS else 1
    error, place = largest_error(name, kind, samples(kind, operands, 20_000))
    assert error <= 2, place


@pytest.mark.parametrize("name", SINGLE)
def test_errors_of_floats_of_every_size(name: str) -> None:
    error, place = largest_error(name, "float", floats(40_009))
    assert error <= 2, place


@pytest.mark.full
@pytest.mark.parametrize("name", SINGLE)
def test_errors_of_all_floats(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    error, place = largest_error(name, "float", floats(int(os.environ.get("LAMELLA_SWEEP", "1"))))
    with capsys.disabled():
        print(f"\n{name}: {error:.3f} units at {place}")
    assert error <= 2, place


@pytest.mark.full
@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if case[1] == "double" or case[0] in PAIRS])
def test_errors_of_many_numbers(name: str, kind: str) -> None:
    if kind not in MEASURED:
        pytest.skip("there is no wider type to measure by")
    error, place = largest_error(name, kind, samples(kind, 2 if name in PAIRS else 1, 4_000_000))
    assert error <= 2, place


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("lanes", [0, 4])
def test_every_function_takes_doubles_too_if_less_exactly(name: str, lanes: int) -> None:
    x, y = np.random.default_rng(0).uniform(0.01, 0.99, (2, 64)) + (name == "acosh")
    operands = (x, y * 40) if name in PAIRS else (x,)
    np.testing.assert_allclose(compiled(name, "double", lanes)(*operands), REFERENCES[name](*operands), 1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize("lanes", [0, 2, 4, 32])
def test_the_number_of_lanes_does_not_matter(name: str, kind: str, lanes: int) -> None:
    random = np.random.default_rng(lanes)
    arrays = [
        np.concatenate([random.uniform(-3, 3, 64), [0.0, -0.0, np.inf, -np.inf, np.nan, 1e9, 1e30, -1e-40] * 8])
        for _ in range(2 if name in PAIRS else 1)
    ]
    np.testing.assert_array_equal(compiled(name, kind, lanes)(*arrays), compiled(name, kind)(*arrays))


@pytest.mark.parametrize("target", [target for name, target in HOSTS.items() if name != "this"], ids=str)
@pytest.mark.parametrize("name", ["exp", "tanh", "sin", "log1p", "erf", "atan2"])
def test_lesser_processors_compute_the_same(name: str, target: Host) -> None:
    count, operands = target.lanes("float"), 2 if name in PAIRS else 1
    module = Module(name)
    f = Function(module, "run", ["ptr"] * (operands + 1) + [INDEX])
    *sources, out, length = f.parameters
    with f.loop(0, length, count) as loop:
        numbers = [f.load(vector("float", count), f.at(source, "float", loop.index)) for source in sources]
        f.store(FUNCTIONS[name](f, *numbers), f.at(out, "float", loop.index))
    f.ret()
    f.finish()
    arrays = [np.random.default_rng(i).uniform(-1e6, 1e6, 256).astype(np.float32) for i in range(operands)]
    result = np.empty(256, np.float32)
    loaded(module, "run", target)(*arrays, result, 256)
    np.testing.assert_array_equal(result, compiled(name, "float")(*arrays))


@pytest.mark.parametrize("kind", ["float", "double"])
def test_angles_of_huge_numbers(kind: str) -> None:
    # By exact integers: the argument is n / 2**k, and pi to more digits than it has.
    import decimal

    decimal.getcontext().prec = 400
    pi = decimal.Decimal(
        "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808"
        "651328230664709384460955058223172535940812848111745028410270193852110555964462294895493038196442881097566593"
        "344612847564823378678316527120190914564856692346034861045432664821339360726024914127372458700660631558817488"
        "152092096282925409171536436789259036001133053054882046652138414695194151160943305727036575959195309218611738"
        "193261179310511854807446237996274956735188575272489122793818301194912983367336244065664308602139494639522473"
    )
    largest = float(np.finfo(TYPES[kind]).max)
    numbers = np.array([1e6, 1.5e9, 1e22, 3.3e38, largest, -largest, 7e300][: 7 if kind == "double" else 6])
    arguments = np.resize(numbers.astype(TYPES[kind]), 16)
    for name, turn in (("sin", 0), ("cos", 1)):
        got = compiled(name, kind)(arguments)
        for x, y in zip(arguments, got, strict=True):
            rest = float(decimal.Decimal(float(x)) % (2 * pi) + turn * pi / 2)
            assert abs(float(y) - np.sin(rest)) < 4 * np.finfo(TYPES[kind]).eps


def test_units_count_what_is_wrong() -> None:
    one = np.float32(1)
    got = np.array([1, np.nextafter(one, 2), 0.0, -0.0, np.inf, np.nan, 1, 1e-45], np.float32)
    exact = np.array([1, 1, -0.0, -0.0, 1, 1, np.nan, 1e-60])
    errors = units(got, exact.astype(np.float64))
    np.testing.assert_array_equal(errors[:7], [0, 1, np.inf, 0, np.inf, np.inf, np.inf])
    assert errors[7] == pytest.approx(1, rel=1e-6)
    assert units(np.array([np.inf], np.float32), np.array([3.4028236e38]))[0] < 1
    assert units(np.array([np.inf], np.float32), np.array([np.inf]))[0] == 0


def test_every_function_has_a_reference() -> None:
    assert set(REFERENCES) == set(FUNCTIONS)
    assert set(FUNCTIONS) >= IN_DOUBLE
    assert host().lanes("float") >= 4
