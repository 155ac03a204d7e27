"""Every function of `ops` and every method, as their rows call them: derivatives of both orders, and as a graph.

The row's left side is run on float64 numbers as a function of all of them. Its derivative along one direction is
compared with differences; the derivative of that, again; and the graph that is built of it gives the same numbers.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from every_name import formulas
from test_every_name import FUNCTION_ROWS, SCOPE, parsed

import lamella as ms
from lamella import Tensor, ir, ops

STEP = 1e-5


def floats(left: str) -> list[str]:
    """The floating-point inputs that a row's left side uses."""
    names = {node.id for node in ast.walk(ast.parse(left)) if isinstance(node, ast.Name)}
    return sorted(
        name
        for name in names & formulas.INPUTS.keys()
        if formulas.INPUTS[name].dtype.kind == "f" and np.isfinite(formulas.INPUTS[name]).all()
    )


def leaves(value: Any) -> list[Tensor]:
    """The floating-point tensors in a result."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, Tensor) and value.dtype.is_complex:
        value = ops.view_as_real(value)
    return [value] if isinstance(value, Tensor) and value.dtype.is_float else []


def weighted(left: str, names: list[str]) -> Any:
    """The row's left side as a function of tensors, its results summed up with fixed weights."""
    code = compile(left, "<row>", "eval")
    others = {name: Tensor(array) for name, array in formulas.INPUTS.items() if name not in names}

    def function(*tensors: Tensor) -> Tensor:
        value = eval(code, {**SCOPE, **others, **dict(zip(names, tensors, strict=True))})
        total = Tensor(np.float64(0))
        for place, leaf in enumerate(leaves(value)):
            weights = np.random.default_rng(place).uniform(0.5, 1.5, leaf.shape)
            total = total + (leaf.astype("float64") * Tensor(weights)).sum()
        return total

    return function


#: What is no smooth function, or no graph, of its inputs: it reads numbers, rounds them to 16 bits,
#: stops the derivative, or has none in one operand (`test_special` has those of the other).
NOT_SMOOTH = {
    "as_tensor",
    "asnumpy",
    "bfloat16",
    "device",
    "from_dlpack",
    "from_numpy",
    "get_bytes",
    "half",
    "item",
    "masked_select",
    "numpy",
    "tolist",
    "__array__",
    "__bool__",
    "__complex__",
    "__dlpack__",
    "__dlpack_device__",
    "__float__",
    "__rmatmul__",
    "bincount",
    "geqrf",
    "grad",
    "igamma",
    "igammac",
    "nextafter",
    "stop_gradient",
    "zeta",
}
#: It computes in float32 always; and the boxes have edges in common.
NOT_SMOOTH |= {"crop_and_resize", "iou"}


ROWS = [
    left for name, left, _, _ in map(parsed, FUNCTION_ROWS) if floats(left) and name.partition(".")[2] not in NOT_SMOOTH
]


@pytest.mark.parametrize("left", ROWS)
def test_derivatives_and_graph(left):
    names = floats(left)
    function = weighted(left, names)
    rng = np.random.default_rng(5)
    at = [formulas.INPUTS[name].astype(np.float64) for name in names]
    way = [rng.standard_normal(x.shape) for x in at]

    def value(t: float) -> float:
        return float(function(*(Tensor(x + t * d) for x, d in zip(at, way, strict=True))).asnumpy())

    places = tuple(range(len(names)))

    def slope(*tensors: Tensor) -> Tensor:
        slopes = ms.grad(function, places)(*tensors)
        slopes = slopes if isinstance(slopes, tuple) else (slopes,)
        total = Tensor(np.float64(0))
        for one, d in zip(slopes, way, strict=True):
            total = total + (one * Tensor(d)).sum()
        return total

    tensors = [Tensor(x) for x in at]
    first = float(slope(*tensors).asnumpy())
    scale = max(abs(value(0)), 1)
    np.testing.assert_allclose(first, (value(STEP) - value(-STEP)) / (2 * STEP), rtol=1e-6, atol=1e-6 * scale)

    def slope_at(t: float) -> float:
        return float(slope(*(Tensor(x + t * d) for x, d in zip(at, way, strict=True))).asnumpy())

    curves = ms.grad(slope, places)(*tensors)
    curves = curves if isinstance(curves, tuple) else (curves,)
    second = sum(float((one * Tensor(d)).sum().asnumpy()) for one, d in zip(curves, way, strict=True))
    wanted = (slope_at(STEP) - slope_at(-STEP)) / (2 * STEP)
    np.testing.assert_allclose(second, wanted, rtol=1e-5, atol=1e-5 * max(scale, abs(first)))
    graph = ir.staged(function)(*tensors)
    np.testing.assert_allclose(graph.asnumpy(), function(*tensors).asnumpy(), 1e-12)
    np.testing.assert_allclose(ir.staged(slope)(*tensors).asnumpy(), first, 1e-9, 1e-12)
