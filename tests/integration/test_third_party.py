"""The examples of packages from outside, installed as anybody's would be."""

from __future__ import annotations

import os
import subprocess
import sys

import c_backend
import numpy as np
import pytest
import softclip

import lamella as ms
from lamella import Tensor, ir, ops, plugins
from lamella.tensor import wrap


def run(*command: str, device: str = "reference") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LAMELLA_DEVICE": device}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)


def test_conformance_suite_passes_on_the_device_from_outside() -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "lamella.testing", device="Counting")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    "suite",
    [
        "lamella.testing.test_networks",
        "lamella.testing.test_sums",
        pytest.param("lamella.testing", marks=pytest.mark.full),  # a compiler runs for each of thousands of graphs
    ],
)
def test_conformance_suite_passes_on_the_device_that_compiles_through_c(suite: str) -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", suite, device="C")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.skipif(c_backend.COMPILER is None, reason="there is no C compiler")
def test_what_c_lacks_runs_on_the_host_one_primitive_at_a_time() -> None:
    def fn(x: Tensor) -> Tensor:
        return ops.softmax(ops.sort(ops.exp(x @ x), 1)[0] @ x, 1)

    x = np.random.default_rng(0).normal(size=(20, 20)).astype(np.float32) * 0.1
    device = plugins.backend("C")
    compiled = device.compile(ir.build(fn, ir.TensorType(ms.float32, x.shape)))
    for times in (1, 2):
        (found,) = compiled([device.put(x)])
        assert compiled.on_host == {"sort": times}
    np.testing.assert_allclose(found.plain(), fn(Tensor(x)).asnumpy(), 1e-5)
    assert device.compile(ir.build(lambda x: ops.softmax(x @ x, 1), ir.TensorType(ms.float32, x.shape))).is_native


def test_a_training_step_through_c_writes_over_its_weights_and_stops_before_that_at_a_bad_index() -> None:
    program = (
        "import numpy as np, lamella as ms\n"
        "from lamella import ops\n"
        "w = ms.Parameter(ms.Tensor(np.ones((5, 3), np.float32)), name='w')\n"
        "def loss(i): return (ops.gather(w, i, 0) ** 2).sum()\n"
        "def step(i):\n"
        "    value, slope = ms.value_and_grad(loss, None, [w])(i)\n"
        "    w.assign_value(w - 0.25 * slope[0])\n"
        "    return value\n"
        "run = ms.ir.staged(step)\n"
        "values = [run(ms.Tensor([0, 2])).item() for _ in range(3)]\n"
        "try: run(ms.Tensor([0, 9]))\n"
        "except IndexError: values.append(w.asnumpy()[0, 0].item())\n"
        "print(values, w.asnumpy()[1].tolist())"
    )
    done = run("-c", program, device="C")
    assert done.stdout.strip() == "[6.0, 1.5, 0.375, 0.125] [1.0, 1.0, 1.0]", done.stderr


def test_the_device_from_outside_counts_what_runs() -> None:
    program = (
        "import lamella as ms\n"
        "x = ms.Tensor([1.0, 2.0])\n"
        "y = ms.grad(lambda x: (x * x).sum())(x)\n"
        "z = ms.ir.staged(lambda x: x * x + 1)(x)\n"
        "print(y.device, y.tolist(), z.tolist(), ms.context.backend.calls['mul'])"
    )
    done = run("-c", program, device="counting")
    assert done.stdout.strip() == "Counting [2.0, 4.0] [2.0, 5.0] 4", done.stderr


def test_tensors_of_two_devices_do_not_mix() -> None:
    here, there = Tensor([1.0]), wrap(plugins.backend("Counting").put(np.ones(1, np.float32)))
    with pytest.raises(ValueError, match="on the device Counting, expected all tensors on"):
        _ = here + there


def expected(x: np.ndarray, limit: float = 1.0) -> np.ndarray:
    return limit * x / np.sqrt(limit**2 + x**2)


def slope(x: np.ndarray, limit: float = 1.0) -> np.ndarray:
    return (1 + (x / limit) ** 2) ** -1.5


POINTS = np.array([[0.5, -3.0], [0.0, 1e4]])


@pytest.mark.parametrize("mode", [lambda fn: fn, ir.staged], ids=["eager", "graph"])
def test_the_primitive_from_outside_runs_differentiates_and_batches(mode) -> None:
    x = Tensor(POINTS)
    np.testing.assert_allclose(mode(softclip.softclip)(x).asnumpy(), expected(POINTS))
    np.testing.assert_allclose(mode(ms.grad(softclip.softclip))(x).asnumpy(), slope(POINTS))
    np.testing.assert_allclose(mode(ms.vmap(ms.grad(softclip.softclip)))(x).asnumpy(), slope(POINTS))
    second = mode(ms.grad(ms.grad(softclip.softclip)))(x).asnumpy()
    np.testing.assert_allclose(second, -3 * POINTS * (1 + POINTS**2) ** -2.5, atol=1e-12)
    loop = mode(ms.grad(lambda x: ms.ops.while_loop(lambda c: c.sum() > 1, softclip.softclip, x)))
    assert np.isfinite(loop(x).asnumpy()).all()


def test_a_training_step_with_the_primitive_from_outside_is_one_native_function() -> None:
    program = (
        "import numpy as np, lamella as ms, softclip\n"
        "from lamella.lowering.segments import CompiledGraph\n"
        "made = []\n"
        "prepare = CompiledGraph.__init__\n"
        "CompiledGraph.__init__ = lambda self, *args: (prepare(self, *args), made.append(self))[0]\n"
        "net = ms.nn.Dense(4, 3)\n"
        "optimizer = ms.nn.SGD(net.trainable_params(), 0.1)\n"
        "slopes = ms.value_and_grad(lambda x: softclip.softclip(net(x), 2.0).sum(), None, optimizer.parameters)\n"
        "@ms.jit\n"
        "def step(x):\n"
        "    loss, gradients = slopes(x)\n"
        "    optimizer(gradients)\n"
        "    return loss\n"
        "before = net.weight.asnumpy().copy()\n"
        "step(ms.Tensor(np.ones((5, 4), np.float32)))\n"
        "names = [node.op.name for _, node in made[-1].graph.walk()]\n"
        "print('softclip' in names, made[-1].is_native, bool((net.weight.asnumpy() != before).all()))"
    )
    done = run("-c", program, device="CPU")
    assert done.stdout.strip() == "True True True", done.stderr


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_primitive_from_outside_is_what_it_is_made_of(dtype: str) -> None:
    x = Tensor(np.linspace(-3, 3, 50)).astype(dtype)
    whole = softclip.primitive(x, limit=1.5).astype("float64").asnumpy()
    parts = softclip.primitive.decompose(x, limit=1.5)
    assert str(parts.dtype).endswith(dtype)
    error = {"float16": 1e-3, "bfloat16": 1e-2, "float32": 1e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(parts.astype("float64").asnumpy(), whole, error)


def test_a_file_that_names_the_primitive_loads_it() -> None:
    graph = ir.build(softclip.softclip, ir.TensorType(ms.float64, (2, 2)))
    text = ir.print_graph(graph)
    program = f"import sys, lamella as ms\nms.ir.parse_graph({text!r})\nprint('softclip' in sys.modules)"
    assert run("-c", program).stdout.strip() == "True"


def test_the_primitive_from_outside_refuses_bad_input() -> None:
    with pytest.raises(TypeError, match="softclip"):
        softclip.softclip(Tensor([1, 2]))
    with pytest.raises(ValueError, match="limit=-1"):
        softclip.softclip(Tensor([1.0]), -1.0)
