"""Transforms of functions: derivatives and batching."""

from lamella import ops
from lamella.autodiff.grad_operation import GradOperation
from lamella.autodiff.gradients import grad, jacfwd, jacrev, jvp, stop_gradient, value_and_grad, vjp
from lamella.autodiff.vectorize import vmap

vars(ops)["GradOperation"] = GradOperation  # MindSpore has it there

__all__ = ["GradOperation", "grad", "jacfwd", "jacrev", "jvp", "stop_gradient", "value_and_grad", "vjp", "vmap"]
