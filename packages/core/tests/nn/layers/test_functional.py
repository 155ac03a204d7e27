"""Layers that are functions of one tensor are made of rows when they are first used."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest

from lamella import Tensor, nn
from lamella.nn.layers.rows import ROWS

X = np.random.default_rng(5).standard_normal((3, 4)).astype(np.float32)


@pytest.mark.parametrize("name", ROWS)
def test_a_layer_is_made_as_its_row_says(name):
    kind, row = getattr(nn, name), ROWS[name]
    assert issubclass(kind, nn.LossBase if "reduction" in row.init else nn.Cell)
    assert (kind.__name__, kind.__module__) == (name, "lamella.nn")
    assert {n: p.default for n, p in inspect.signature(kind).parameters.items()} == row.init
    assert kind.__doc__.startswith(row.summary())


def test_layers_take_their_inputs_by_name():
    np.testing.assert_array_equal(nn.MatMul()(x1=Tensor(X), x2=Tensor(X.T)).asnumpy(), X @ X.T)


def test_losses_check_their_reduction_when_they_are_made():
    with pytest.raises(ValueError, match="HuberLoss: got reduction='most'"):
        nn.HuberLoss("most")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_layers_are_copied_with_their_settings(again):
    layer = again(nn.Softmax(axis=0))
    np.testing.assert_allclose(layer(Tensor(X)).asnumpy().sum(0), np.ones(4), 1e-6)
    layer.axis = 1
    np.testing.assert_allclose(layer(Tensor(X)).asnumpy().sum(1), np.ones(3), 1e-6)


def test_errors_name_the_layer():
    with pytest.raises(TypeError, match=r"nn.Softmax: got \(int, int\).*expected \(axis=-1\)"):
        nn.Softmax(1, 2)
    with pytest.raises(AttributeError, match=r"lamella\.nn.*Softmaks"):
        _ = nn.Softmaks
