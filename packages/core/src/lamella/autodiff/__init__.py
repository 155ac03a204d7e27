"""Transforms of functions: derivatives and batching."""

from lamella.autodiff.grad_operation import GradOperation
from lamella.autodiff.gradients import grad, jacfwd, jacrev, jvp, stop_gradient, value_and_grad, vjp
from lamella.autodiff.vectorize import vmap

__all__ = ["GradOperation", "grad", "jacfwd", "jacrev", "jvp", "stop_gradient", "value_and_grad", "vjp", "vmap"]
