"""The primitives: everything that tensors can do is made of these."""

from lamella.ops.prims.composites import log_softmax, softmax, softmax_cross_entropy
from lamella.ops.prims.control import cond, custom_vjp, scan, while_loop
from lamella.ops.prims.effects import check, print_
from lamella.ops.prims.elementwise import (
    abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, cast,
    ceil, cos, cosh, div, eq, erf, exp, expm1, floor, floor_div, floor_mod, ge, gt, isfinite, isnan, le, log, log1p, lt,
    maximum, minimum, mul, ne, neg, pow, round, rsqrt, select, shift_left, shift_right, sigmoid, sign, sin, sinh, sqrt,
    sub, tan, tanh,
)  # fmt: skip
from lamella.ops.prims.indexed import gather, put_along_axis, scatter, take_along_axis
from lamella.ops.prims.linear import (
    conv, conv_input_grad, conv_weight_grad, dot_general, window_max, window_sum, window_sum_grad,
)  # fmt: skip
from lamella.ops.prims.random import random_bits
from lamella.ops.prims.reduce import (
    argmax, argmin, cumprod, cumsum, reduce_max, reduce_min, reduce_prod, reduce_sum, restored, sort,
)  # fmt: skip
from lamella.ops.prims.shape import (
    alias, broadcast_to, concat, dim_value, flip, iota, literal, narrow, pad, reshape, size_tensor, slice_,
    stop_gradient, transpose, unbroadcast,
)  # fmt: skip
