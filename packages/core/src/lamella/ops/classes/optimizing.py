"""Classes of single steps of optimizers, which change the parameters that they are given."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions.elementwise import abs, exp, maximum, mul, pow, sign, sqrt, square, sub
from lamella.ops.functions.select import where
from lamella.tensor import Tensor


def _states(subject: str, *tensors: Any) -> None:
    """Refuse what cannot be changed, or tensors of different shapes."""
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(explain(subject, given=f"a {type(tensor).__name__}", expected="parameters or tensors"))
    shapes = [tensor.shape for tensor in tensors]
    if len(set(shapes)) > 1:
        raise ValueError(explain(subject, given=f"shapes {', '.join(map(str, shapes))}", expected="one shape"))


def _write(*changes: tuple[Tensor, Any]) -> tuple[Tensor, ...]:
    """Give tensors new values, all computed before the first is written."""
    values = [cast(value, tensor.dtype) for tensor, value in changes]
    return tuple(tensor.assign_value(value) for (tensor, _), value in zip(changes, values, strict=True))


def _apply_momentum(
    variable: Any,
    accumulation: Any,
    learning_rate: Any,
    gradient: Any,
    momentum: Any,
    use_nesterov: bool,
    use_locking: bool,
    gradient_scale: float,
) -> Tensor:
    """A step with momentum: v = momentum v + g; p -= rate v, or rate (g + momentum v)."""
    _states("ops.ApplyMomentum", variable, accumulation, gradient)
    slope = gradient * gradient_scale
    moved = accumulation * momentum + slope
    step = slope + moved * momentum if use_nesterov else moved
    return _write((variable, variable - step * learning_rate), (accumulation, moved))[0]


def _fused_momentum(
    weight_decay: Any, scale: Any, variable: Any, accumulation: Any, learning_rate: Any, gradient: Any, momentum: Any
) -> Tensor:
    """A step with momentum: v = momentum v + scale g + decay p; p -= rate v."""
    _states("ops.FusedWeightScaleApplyMomentum", variable, accumulation, gradient)
    moved = accumulation * momentum + gradient * scale + variable * weight_decay
    return _write((variable, variable - moved * learning_rate), (accumulation, moved))[0]


def _keras_momentum(
    var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, use_locking: bool, use_nesterov: bool
) -> tuple[Tensor, ...]:
    """A step with momentum: v = momentum v - rate g; p += v, or momentum v - rate g."""
    _states("ops.ApplyKerasMomentum", var, accum, grad)
    step = grad * lr
    moved = accum * momentum - step
    return _write((var, var + (moved * momentum - step if use_nesterov else moved)), (accum, moved))


def _sgd(
    parameters: Any,
    gradient: Any,
    learning_rate: Any,
    accum: Any,
    momentum: Any,
    stat: Any,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
) -> Tensor:
    """A step down the slope, with momentum: at first, where `stat` is above 0, with that of the gradient alone."""
    _states("ops.SGD", parameters, gradient, accum, stat)
    slope = gradient + parameters * weight_decay
    moved = where(stat > 0, slope, accum * momentum + slope * (1 - dampening))
    step = slope + moved * momentum if nesterov else moved
    return _write((parameters, parameters - step * learning_rate), (accum, moved), (stat, stat * 0))[0]


def _moments(m: Tensor, v: Tensor, beta1: Any, beta2: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
    return m * beta1 + gradient * sub(1.0, beta1), v * beta2 + square(gradient) * sub(1.0, beta2)


def _adam(
    var: Any,
    m: Any,
    v: Any,
    beta1_power: Any,
    beta2_power: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    gradient: Any,
    use_locking: bool,
    use_nesterov: bool,
) -> tuple[Tensor, ...]:
    """A step of Adam (Kingma and Ba, 2014)."""
    _states("ops.Adam", var, m, v, gradient)
    mean, spread = _moments(m, v, beta1, beta2, gradient)
    rate = mul(lr, sqrt(sub(1.0, beta2_power))) / sub(1.0, beta1_power)
    step = mean * beta1 + gradient * sub(1.0, beta1) if use_nesterov else mean
    return _write((var, var - step * rate / (sqrt(spread) + epsilon)), (m, mean), (v, spread))


def _adam_weight_decay(
    var: Any,
    m: Any,
    v: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    decay: Any,
    gradient: Any,
    use_locking: bool,
) -> tuple[Tensor, ...]:
    """A step of Adam with weights decayed beside it, and without correction of the first steps."""
    _states("ops.AdamWeightDecay", var, m, v, gradient)
    mean, spread = _moments(m, v, beta1, beta2, gradient)
    step = mean / (sqrt(spread) + epsilon) + var * decay
    return _write((var, var - step * lr), (m, mean), (v, spread))


def _amsgrad(
    var: Any,
    m: Any,
    v: Any,
    vhat: Any,
    beta1_power: Any,
    beta2_power: Any,
    lr: Any,
    grad: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    use_locking: bool,
) -> tuple[Tensor, ...]:
    """A step of AMSGrad (Reddi et al., 2018)."""
    _states("ops.ApplyAdamWithAmsgrad", var, m, v, vhat, grad)
    mean, spread = _moments(m, v, beta1, beta2, grad)
    most = maximum(vhat, spread)
    rate = mul(lr, sqrt(sub(1.0, beta2_power))) / sub(1.0, beta1_power)
    return _write((var, var - mean * rate / (sqrt(most) + epsilon)), (m, mean), (v, spread), (vhat, most))


def _amsgrad_v2(
    var: Any,
    m: Any,
    v: Any,
    vhat: Any,
    beta1_power: Any,
    beta2_power: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    grad: Any,
    use_locking: bool,
) -> tuple[Tensor, ...]:
    """A step of AMSGrad (Reddi et al., 2018)."""
    return _amsgrad(var, m, v, vhat, beta1_power, beta2_power, lr, grad, beta1, beta2, epsilon, use_locking)


def _ada_max(
    var: Any, m: Any, v: Any, beta1_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any, grad: Any
) -> tuple[Tensor, ...]:
    """A step of AdaMax (Kingma and Ba, 2014)."""
    _states("ops.ApplyAdaMax", var, m, v, grad)
    mean, most = m * beta1 + grad * sub(1.0, beta1), maximum(v * beta2, abs(grad))
    rate = as_tensor(lr) / sub(1.0, beta1_power)
    return _write((var, var - mean * rate / (most + epsilon)), (m, mean), (v, most))


def _adadelta(
    var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any
) -> tuple[Tensor, ...]:
    """A step of Adadelta (Zeiler, 2012)."""
    _states("ops.ApplyAdadelta", var, accum, accum_update, grad)
    squares = accum * rho + square(grad) * sub(1.0, rho)
    step = grad * sqrt(accum_update + epsilon) / sqrt(squares + epsilon)
    updates = accum_update * rho + square(step) * sub(1.0, rho)
    return _write((var, var - step * lr), (accum, squares), (accum_update, updates))


def _adagrad(var: Any, accum: Any, lr: Any, grad: Any, update_slots: bool) -> tuple[Tensor, ...]:
    """A step of Adagrad (Duchi et al., 2011)."""
    return _adagrad_v2(var, accum, lr, grad, 0.0, update_slots)


def _adagrad_v2(var: Any, accum: Any, lr: Any, grad: Any, epsilon: float, update_slots: bool) -> tuple[Tensor, ...]:
    """A step of Adagrad (Duchi et al., 2011)."""
    _states("ops.ApplyAdagrad", var, accum, grad)
    squares = accum + square(grad) if update_slots else accum
    return _write((var, var - grad * lr / (sqrt(squares) + epsilon)), (accum, squares))


def _add_sign(var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any) -> tuple[Tensor, ...]:
    """A step of AddSign (Bello et al., 2017)."""
    _states("ops.ApplyAddSign", var, m, grad)
    mean = m * beta + grad * sub(1.0, beta)
    factor = sign(grad) * sign(mean) * sign_decay + alpha
    return _write((var, var - grad * factor * lr), (m, mean))


def _power_sign(var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any) -> tuple[Tensor, ...]:
    """A step of PowerSign (Bello et al., 2017)."""
    _states("ops.ApplyPowerSign", var, m, grad)
    mean = m * beta + grad * sub(1.0, beta)
    factor = exp(sign(grad) * sign(mean) * sign_decay * logbase)
    return _write((var, var - grad * factor * lr), (m, mean))


def _gradient_descent(var: Any, alpha: Any, delta: Any) -> Tensor:
    """A step down the slope: p -= rate g."""
    _states("ops.ApplyGradientDescent", var, delta)
    return _write((var, var - delta * alpha))[0]


def _nearest(x: Tensor, rate: Any, l1: Any, l2: Any) -> Tensor:
    """What is nearest to x and has small norms, each weighted by the rate (Duchi and Singer, 2009)."""
    return sign(x) * maximum(abs(x) - mul(rate, l1), 0.0) / (mul(rate, l2) + 1.0)


def _proximal_gradient_descent(var: Any, alpha: Any, l1: Any, l2: Any, delta: Any) -> Tensor:
    """A step down the slope, then made small (Duchi and Singer, 2009)."""
    _states("ops.ApplyProximalGradientDescent", var, delta)
    return _write((var, _nearest(var - delta * alpha, alpha, l1, l2)))[0]


def _proximal_adagrad(
    var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any, use_locking: bool
) -> tuple[Tensor, ...]:
    """A step of Adagrad, then made small (Duchi and Singer, 2009)."""
    _states("ops.ApplyProximalAdagrad", var, accum, grad)
    squares = accum + square(grad)
    rate = as_tensor(lr) / sqrt(squares)
    return _write((var, _nearest(var - grad * rate, rate, l1, l2)), (accum, squares))


def _rms_prop(
    var: Any,
    mean_square: Any,
    moment: Any,
    learning_rate: Any,
    grad: Any,
    decay: Any,
    momentum: Any,
    epsilon: Any,
    use_locking: bool,
) -> Tensor:
    """A step of RMSProp (Tieleman and Hinton, 2012)."""
    _states("ops.ApplyRMSProp", var, mean_square, moment, grad)
    squares = mean_square * decay + square(grad) * sub(1.0, decay)
    moved = moment * momentum + grad * learning_rate / sqrt(squares + epsilon)
    return _write((var, var - moved), (mean_square, squares), (moment, moved))[0]


def _centered_rms_prop(
    var: Any,
    mean_gradient: Any,
    mean_square: Any,
    moment: Any,
    grad: Any,
    learning_rate: Any,
    decay: Any,
    momentum: Any,
    epsilon: Any,
    use_locking: bool,
) -> Tensor:
    """A step of RMSProp by the variance of gradients (Graves, 2013)."""
    _states("ops.ApplyCenteredRMSProp", var, mean_gradient, mean_square, moment, grad)
    mean = mean_gradient * decay + grad * sub(1.0, decay)
    squares = mean_square * decay + square(grad) * sub(1.0, decay)
    moved = moment * momentum + grad * learning_rate / sqrt(squares - square(mean) + epsilon)
    return _write((var, var - moved), (mean_gradient, mean), (mean_square, squares), (moment, moved))[0]


def _ftrl(
    var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any, use_locking: bool
) -> Tensor:
    """A step of FTRL-Proximal (McMahan et al., 2013)."""
    _states("ops.ApplyFtrl", var, accum, linear, grad)
    squares = accum + square(grad)
    before, now = pow(accum, mul(lr_power, -1.0)), pow(squares, mul(lr_power, -1.0))
    slopes = linear + grad - (now - before) / lr * var
    value = (sign(slopes) * l1 - slopes) / (now / lr + mul(l2, 2.0))
    return _write((var, where(abs(slopes) > l1, value, var * 0)), (accum, squares), (linear, slopes))[0]


_LOCK = {"use_locking": False}

ROWS = (
    Row("ApplyMomentum", _apply_momentum, init={"use_nesterov": False, "use_locking": False, "gradient_scale": 1.0}),
    Row("FusedWeightScaleApplyMomentum", _fused_momentum),
    Row("ApplyKerasMomentum", _keras_momentum, init={**_LOCK, "use_nesterov": False}),
    Row("SGD", _sgd, init={"dampening": 0.0, "weight_decay": 0.0, "nesterov": False}),
    Row("Adam", _adam, init={**_LOCK, "use_nesterov": False}),
    Row("AdamWeightDecay", _adam_weight_decay, init=_LOCK),
    Row("ApplyAdamWithAmsgrad", _amsgrad, init={"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **_LOCK}),
    Row("ApplyAdamWithAmsgradV2", _amsgrad_v2, init=_LOCK),
    Row("ApplyAdaMax", _ada_max),
    Row("ApplyAdadelta", _adadelta),
    Row("ApplyAdagrad", _adagrad, init={"update_slots": True}),
    Row("ApplyAdagradV2", _adagrad_v2, init={"epsilon": REQUIRED, "update_slots": True}),
    Row("ApplyAddSign", _add_sign),
    Row("ApplyPowerSign", _power_sign),
    Row("ApplyGradientDescent", _gradient_descent),
    Row("ApplyProximalGradientDescent", _proximal_gradient_descent),
    Row("ApplyProximalAdagrad", _proximal_adagrad, init=_LOCK),
    Row("ApplyRMSProp", _rms_prop, init=_LOCK),
    Row("ApplyCenteredRMSProp", _centered_rms_prop, init=_LOCK),
    Row("ApplyFtrl", _ftrl, init=_LOCK),
)
