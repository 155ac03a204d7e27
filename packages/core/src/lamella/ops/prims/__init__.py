# ruff: noqa: I001 - a name a line would take hundreds of lines
"""The primitives: everything that tensors can do is made of these."""

from lamella.ops.prims.checks import checked_divisor, checked_index
from lamella.ops.prims.composites import log_softmax, softmax, softmax_cross_entropy, softmax_cross_entropy_grad
from lamella.ops.prims.control import cond, scan, while_loop
from lamella.ops.prims.custom import Custom, custom_vjp
from lamella.ops.prims.effects import check, print_, record
from lamella.ops.prims.elementwise import (
    abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, cast,
    ceil, cos, cosh, div, eq, erf, exp, expm1, floor, floor_div, floor_mod, ge, gt, isfinite, isnan, le, log, log1p, lt,
    maximum, minimum, mul, ne, neg, pow, round, rsqrt, select, shift_left, shift_right, sigmoid, sign, sin, sinh, sqrt,
    sub, tan, tanh,
)  # fmt: skip
from lamella.ops.prims.indexed import flat_index, gather, put_along_axis, scatter, take_along_axis
from lamella.ops.prims.linear import (
    conv, conv_input_grad, conv_weight_grad, dot_general, window_max, window_max_grad, window_sum, window_sum_grad,
)  # fmt: skip
from lamella.ops.prims.quantization import dequantize, quantize
from lamella.ops.prims.random import random_bits
from lamella.ops.prims.reduce import (
    argmax, argmin, reduce_max, reduce_min, sort,
)  # fmt: skip
from lamella.ops.prims.cumulative import (
    cumprod, cumsum, reduce_prod,
)  # fmt: skip
from lamella.ops.prims.shape import (
    reduce_sum, restored,
)  # fmt: skip
from lamella.ops.prims.shape import (
    alias, broadcast_to, flip, reshape, stop_gradient, transpose, unbroadcast,
)  # fmt: skip
from lamella.ops.prims.pieces import (
    concat, narrow, slice_,
)  # fmt: skip
from lamella.ops.prims.given import (
    constant, dim_value, iota, size_tensor,
)  # fmt: skip
from lamella.ops.prims.pieces import (
    pad,
)  # fmt: skip

__all__ = [
    "Custom",
    "abs",
    "acos",
    "acosh",
    "add",
    "alias",
    "argmax",
    "argmin",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "broadcast_to",
    "cast",
    "ceil",
    "check",
    "checked_divisor",
    "checked_index",
    "concat",
    "cond",
    "constant",
    "conv",
    "conv_input_grad",
    "conv_weight_grad",
    "cos",
    "cosh",
    "cumprod",
    "cumsum",
    "custom_vjp",
    "dequantize",
    "dim_value",
    "div",
    "dot_general",
    "eq",
    "erf",
    "exp",
    "expm1",
    "flat_index",
    "flip",
    "floor",
    "floor_div",
    "floor_mod",
    "gather",
    "ge",
    "gt",
    "iota",
    "isfinite",
    "isnan",
    "le",
    "log",
    "log1p",
    "log_softmax",
    "lt",
    "maximum",
    "minimum",
    "mul",
    "narrow",
    "ne",
    "neg",
    "pad",
    "pow",
    "print_",
    "put_along_axis",
    "quantize",
    "random_bits",
    "record",
    "reduce_max",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "reshape",
    "restored",
    "round",
    "rsqrt",
    "scan",
    "scatter",
    "select",
    "shift_left",
    "shift_right",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "size_tensor",
    "slice_",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_grad",
    "sort",
    "sqrt",
    "stop_gradient",
    "sub",
    "take_along_axis",
    "tan",
    "tanh",
    "transpose",
    "unbroadcast",
    "while_loop",
    "window_max",
    "window_max_grad",
    "window_sum",
    "window_sum_grad",
]  # fmt: skip
