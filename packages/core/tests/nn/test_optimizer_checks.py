from __future__ import annotations

import numpy as np
import pytest

from lamella import Parameter, Tensor, nn

OPTIMIZERS = [nn.SGD, nn.Adam, nn.AdamWeightDecay, nn.RMSProp, nn.Adagrad, lambda p: nn.Momentum(p, 0.1, 0.9)]


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 2)])
def test_a_gradient_of_another_shape_is_refused(make, shape):
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    with pytest.raises(ValueError, match=r"a gradient of shape .* for w, expected its shape"):
        make([w])((Tensor(np.ones(shape, np.float32)),))
    assert w.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("gradient", [None, 1.0, Tensor([1, 2])])
def test_a_gradient_that_is_no_float_tensor_is_refused(gradient):
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    with pytest.raises(TypeError, match=r"nn\.Adam: got .* as the gradient of w, expected a float tensor"):
        nn.Adam([w])((gradient,))
