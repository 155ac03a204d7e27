"""Initializers: distributions, shapes, names, repeatability."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import assert_near, assert_same
from scipy import stats

import lamella as ms
from lamella import Tensor, nn
from lamella import initializer as module
from lamella.initializer import (
    Constant,
    Dirac,
    HeNormal,
    HeUniform,
    Identity,
    Initializer,
    Normal,
    One,
    Orthogonal,
    Sparse,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    XavierNormal,
    XavierUniform,
    Zero,
    initializer,
)  # fmt: skip

SHAPE = (300, 200, 3)  # fan_in 600, fan_out 900


@pytest.fixture(autouse=True)
def _seed():
    ms.set_seed(0)


# fmt: off
DISTRIBUTIONS = {
    "normal": (Normal(2, 3), stats.norm(3, 2)),
    "uniform": (Uniform(2), stats.uniform(-2, 4)),
    "truncated": (TruncatedNormal(0.5), stats.truncnorm(-2, 2, 0, 0.5)),
    "truncated between bounds": (TruncatedNormal(0.5, 1.0, -1, 0.5), stats.truncnorm(-4, -1, 1, 0.5)),
    "truncated far out": (TruncatedNormal(1.0, 0.0, 8.0, 9.0), stats.truncnorm(8, 9)),
    "xavier uniform": (XavierUniform(2), stats.uniform(-2 * math.sqrt(6 / 1500), 4 * math.sqrt(6 / 1500))),
    "xavier normal": (XavierNormal(2), stats.norm(0, 2 * math.sqrt(2 / 1500))),
    "he normal": (HeNormal(), stats.norm(0, math.sqrt(2 / 600))),
    "he normal out": (HeNormal(0.1, "fan_out"), stats.norm(0, math.sqrt(2 / 1.01 / 900))),
    "he normal tanh": (HeNormal(nonlinearity="tanh"), stats.norm(0, 5 / 3 / math.sqrt(600))),
    "he uniform": (HeUniform(math.sqrt(5)), stats.uniform(-1 / math.sqrt(600), 2 / math.sqrt(600))),
    "scaling": (VarianceScaling(2, "fan_avg", "untruncated_normal"), stats.norm(0, math.sqrt(2 / 750))),
    "scaling uniform": (VarianceScaling(1, "fan_in", "uniform"), stats.uniform(-math.sqrt(0.005), math.sqrt(0.02))),
    "scaling truncated": (VarianceScaling(1), stats.truncnorm(-2, 2, 0, math.sqrt(1 / 600) / 0.87962566103423978)),
}
# fmt: on


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_random_ones_draw_from_their_distribution(name):
    init, distribution = DISTRIBUTIONS[name]
    values = initializer(init, SHAPE).asnumpy().ravel()
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    low, high = distribution.support()
    assert values.min() >= low - 1e-6
    assert values.max() <= high + 1e-6


def test_truncated_scaling_has_the_variance_it_says():
    assert initializer(VarianceScaling(), SHAPE).asnumpy().std() == pytest.approx(math.sqrt(1 / 600), rel=0.01)


@pytest.mark.parametrize("init", ["normal", TruncatedNormal(), Orthogonal(), Sparse(0.1), HeUniform()])
def test_a_seed_makes_them_repeatable_and_two_draws_differ(init):
    first, second = initializer(init, (20, 10)).asnumpy(), initializer(init, (20, 10)).asnumpy()
    assert (first != second).any()
    ms.set_seed(0)
    assert_same(initializer(init, (20, 10)), first)


def test_networks_are_repeatable():
    def make():
        ms.set_seed(5)
        net = nn.SequentialCell(nn.Conv2d(1, 2, 3), nn.GRUCell(3, 4))
        return [p.asnumpy() for p in net.get_parameters()]

    for a, b in zip(make(), make(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_constants():
    assert_same(initializer(Zero(), [2]), Tensor([0.0, 0.0]))
    assert_same(initializer(One(), [2]), Tensor([1.0, 1.0]))
    assert_same(initializer(3, 2), Tensor([3.0, 3.0]))
    assert_same(initializer(Constant(2.5), [2], ms.int32), Tensor([2, 2], dtype="int32"))
    assert_same(initializer(Constant([1.0, 2.0]), [2, 2]), Tensor([[1.0, 2.0], [1.0, 2.0]]))


def test_matrices():
    assert_same(initializer("identity", [2, 3]), Tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    for shape in ((3, 4), (4, 3), (4, 2, 3)):
        q = initializer(Orthogonal(2.0), shape).asnumpy().reshape(shape[0], -1)
        product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        assert_near(product, 4 * np.eye(len(product)), 1e-5)
    sparse = initializer(Sparse(0.25, sigma=2.0), [10, 3]).asnumpy()
    assert (sparse == 0).sum(0).tolist() == [3, 3, 3]
    assert 0.5 < sparse[sparse != 0].std() < 4


def test_orthogonal_draws_every_rotation_alike():
    angles = [math.atan2(*initializer("orthogonal", (2, 2)).asnumpy()[0]) for _ in range(300)]
    assert stats.kstest(angles, stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > 1e-3


def test_dirac_passes_channels_through():
    expected = np.zeros((4, 2, 3), np.float32)
    expected[0, 0, 1] = expected[1, 1, 1] = 1
    assert_same(initializer(Dirac(), [4, 2, 3]), expected)
    expected[2, 0, 1] = expected[3, 1, 1] = 1
    assert_same(initializer(Dirac(2), [4, 2, 3]), expected)
    net = nn.Conv2d(3, 3, 3, weight_init="dirac")
    x = ms.ops.rand(1, 3, 4, 4)
    assert_same(net(x), x)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zeros", Zero), ("ones", One), ("Zero", Zero), ("NORMAL", Normal), ("uniform", Uniform),
        ("truncatedNormal", TruncatedNormal), ("xavier_uniform", XavierUniform), ("XavierUniform", XavierUniform),
        ("xavier_normal", XavierNormal), ("he_uniform", HeUniform), ("heNormal", HeNormal), ("he_normal", HeNormal),
        ("varianceScaling", VarianceScaling), ("identity", Identity), ("dirac", Dirac), ("orthogonal", Orthogonal),
    ],
)  # fmt: skip
def test_names_in_any_case(name, kind):
    shape = (4, 4, 3) if kind is Dirac else (4, 4)
    assert_same(
        initializer(name, shape), kind().tensor(shape) if kind in (Zero, One, Identity, Dirac) else again(kind, shape)
    )


def again(kind, shape):
    ms.set_seed(0)
    return kind().tensor(shape)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("init", ["normal", "uniform", "truncatednormal", "orthogonal", "ones"])
def test_types(init, dtype):
    assert initializer(init, (3, 3), dtype).dtype.name == dtype


def test_tensor_and_parameter_take_initializers():
    assert_same(Tensor(shape=(2,), dtype=ms.float16, init=One()), Tensor([1.0, 1.0], dtype="float16"))
    w = ms.Parameter(initializer("ones", [2]), name="w")
    assert_same(w.clone("zeros"), Tensor([0.0, 0.0]))
    assert_same(w.clone(3), Tensor([3.0, 3.0]))


def test_a_tensor_is_its_own_initializer():
    x = Tensor([1.0, 2.0])
    assert_same(initializer(x), x)
    assert_same(initializer(x, [2], "float16"), Tensor([1.0, 2.0], dtype="float16"))


def test_empty_shapes():
    assert initializer("normal", (0, 3)).shape == (0, 3)
    assert initializer("he_uniform", (3, 0)).shape == (3, 0)
    assert initializer("normal", ()).shape == ()


def test_an_initializer_of_ones_own():
    class Counting(Initializer):
        def _initialize(self, array):
            array[...] = np.arange(array.size).reshape(array.shape)

    assert_same(initializer(Counting(), [2, 2]), Tensor([[0.0, 1.0], [2.0, 3.0]]))
    with pytest.raises(NotImplementedError, match="_initialize"):
        initializer(Initializer(), [2])


def test_repr_shows_settings():
    assert repr(HeUniform(0.5)) == "HeUniform(negative_slope=0.5, mode=fan_in, nonlinearity=leaky_relu)"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: initializer("foo", [2]), ValueError),
        (lambda: initializer("constant", [2]), ValueError),
        (lambda: initializer("ones", [-2]), ValueError),
        (lambda: initializer("ones"), ValueError),
        (lambda: initializer("ones", [2.0]), ValueError),
        (lambda: initializer(object(), [2]), TypeError),
        (lambda: initializer(Tensor([1.0, 2.0]), [3]), ValueError),
        (lambda: initializer("he_uniform", [4]), ValueError),
        (lambda: initializer("xavier_uniform", []), ValueError),
        (lambda: initializer("identity", [2]), ValueError),
        (lambda: initializer("orthogonal", [2]), ValueError),
        (lambda: initializer("dirac", [2, 2]), ValueError),
        (lambda: initializer(Dirac(3), [4, 2, 3]), ValueError),
        (lambda: initializer(Sparse(0.1), [2]), ValueError),
        (lambda: Dirac(0), ValueError),
        (lambda: Sparse(1.5), ValueError),
        (lambda: HeNormal(mode="foo"), ValueError),
        (lambda: HeNormal(nonlinearity="foo"), ValueError),
        (lambda: VarianceScaling(0), ValueError),
        (lambda: VarianceScaling(mode="foo"), ValueError),
        (lambda: VarianceScaling(distribution="foo"), ValueError),
        (lambda: TruncatedNormal(0.0), ValueError),
        (lambda: TruncatedNormal(1.0, a=2.0, b=1.0), ValueError),
        (lambda: module.fans((3,)), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()
