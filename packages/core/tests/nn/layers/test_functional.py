"""Layers that are functions of one tensor are made of rows when they are first used."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest

from lamella import Tensor, nn, ops
from lamella.nn.layers.functional import layers

X = np.random.default_rng(5).standard_normal((3, 4)).astype(np.float32)


@pytest.mark.parametrize("name", layers())
def test_a_layer_does_what_the_function_does(name):
    kind, row = getattr(nn, name), layers()[name]
    assert issubclass(kind, nn.Cell) and (kind.__name__, kind.__module__) == (name, "lamella.nn")
    assert {n: p.default for n, p in inspect.signature(kind).parameters.items()} == row.init
    np.testing.assert_array_equal(kind()(Tensor(X)).asnumpy(), getattr(ops, row.name)()(X).asnumpy())


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
