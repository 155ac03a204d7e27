# ruff: noqa: I001, RUF022 - a name a line would take hundreds of lines
"""Functions on tensors, under MindSpore's names.

They convert what they are given (numbers, NumPy arrays, mixed types) and call primitives (`lamella.ops.prims`).
"""

from typing import TYPE_CHECKING

from lamella.ops import constants, indexing, methods, opdef, prims
from lamella.ops.creation import (
    arange, eye, fill, full, full_like, is_tensor, linspace, meshgrid, one_hot, ones, ones_like, range,
    scalar_to_tensor, tensor, tril, triu, zeros, zeros_like,
)  # fmt: skip
from lamella.ops.elementwise import (
    abs, absolute, acos, acosh, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, asin, asinh, atan,
    atan2, atanh, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, ceil, cos, cosh, div, divide, eq, equal, erf,
    exp, expm1, floor, floor_div, floor_divide, floor_mod, ge, greater, greater_equal, gt, isfinite, isnan, le, less,
    less_equal, log, log1p, logical_and, logical_not, logical_or, logical_xor, lt, maximum, minimum, mul, multiply,
    ne, neg, negative, not_equal, pow, reciprocal, round, rsqrt, sigmoid, sign, sin, sinh, sqrt, square, sub,
    subtract, tan, tanh, true_divide,
)  # fmt: skip
from lamella.ops.array import (
    broadcast_to, cast, expand_dims, flatten, identity, moveaxis, movedim, numel, permute, rank, ravel, repeat_elements,
    repeat_interleave, reshape, shape, size, squeeze, stop_gradient, swapaxes, swapdims, tile, transpose, unsqueeze,
)  # fmt: skip
from lamella.ops.joining import (
    cat, chunk, concat, hstack, split, stack, unbind, unstack, vstack,
)  # fmt: skip
from lamella.ops.elements import (
    flip, masked_fill, narrow, pad, roll, select, slice, strided_slice, where,
)  # fmt: skip
from lamella.ops.indexed import (
    argsort, argwhere, gather, gather_d, gather_elements, gather_nd, index_select, masked_select, nonzero,
    scatter_nd, searchsorted, sort, tensor_scatter_add, tensor_scatter_elements, tensor_scatter_update, topk, unique,
)  # fmt: skip
from lamella.ops.reduction import (
    all, any, count_nonzero, logsumexp, mean, norm, prod, reduce_mean, reduce_prod, reduce_sum, std, std_mean, sum, var,
    var_mean,
)  # fmt: skip
from lamella.ops.extremes import (
    amax, amin, argmax, argmin, max, min, reduce_max, reduce_min,
)  # fmt: skip
from lamella.ops.running import (
    cumprod, cumsum, diff,
)  # fmt: skip
from lamella.ops.derived import (
    addcdiv, addcmul, addn, allclose, clamp, clip, clip_by_global_norm, clip_by_norm, clip_by_value, deg2rad, exp2,
    isclose, isinf, lerp, log10, log2, nan_to_num, rad2deg, trunc,
)  # fmt: skip
from lamella.ops.linalg import (
    addmm, baddbmm, bmm, dense, diag, diagonal, dot, einsum, ger, inner, matmul, mm, mv, outer, tensor_dot, trace,
)  # fmt: skip
from lamella.ops.control import (
    cond, custom_derivative, fori_loop, scan, while_loop,
)  # fmt: skip
from lamella.ops.random import (
    Generator, bernoulli, default_generator, dropout, get_seed, multinomial, normal, rand, rand_like, randint, randn,
    randn_like, randperm, set_seed, standard_normal, uniform,
)  # fmt: skip
from lamella.ops.effects import (
    assert_, assign, assign_add, assign_sub, print_,
)  # fmt: skip
from lamella.ops.activation import (
    elu, gelu, hardsigmoid, hardswish, leaky_relu, log_softmax, logsigmoid, mish, relu, relu6, silu, softmax,
    softplus,
)  # fmt: skip
from lamella.ops.loss import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, l1_loss, mse_loss, nll_loss, smooth_l1_loss,
)  # fmt: skip
from lamella.ops.normalization import batch_norm, layer_norm
from lamella.ops.spatial import (
    avg_pool2d, conv1d, conv2d, conv3d, max_pool2d,
)  # fmt: skip
from lamella.ops.static import constexpr
from lamella.ops.promote import as_tensor

__all__ = [
    "Generator", "GradOperation", "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "addmm", "addn",
    "all", "allclose", "amax", "amin", "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "argmax", "argmin", "argsort", "argwhere", "as_tensor", "asin", "asinh", "assert_",
    "assign", "assign_add", "assign_sub", "atan", "atan2", "atanh", "avg_pool2d", "baddbmm", "batch_norm",
    "bernoulli", "binary_cross_entropy", "binary_cross_entropy_with_logits", "bitwise_and", "bitwise_not",
    "bitwise_or", "bitwise_xor", "bmm", "broadcast_to", "cast", "cat", "ceil", "chunk", "clamp", "clip",
    "clip_by_global_norm", "clip_by_norm", "clip_by_value", "concat", "cond", "constants", "constexpr", "conv1d",
    "conv2d", "conv3d", "cos", "cosh", "count_nonzero", "cross_entropy", "cumprod", "cumsum", "custom_derivative",
    "default_generator", "deg2rad", "dense", "diag", "diagonal", "diff", "div", "divide", "dot", "dropout", "einsum",
    "elu", "eq", "equal", "erf", "exp", "exp2", "expand_dims", "expm1", "eye", "fill", "flatten", "flip", "floor",
    "floor_div", "floor_divide", "floor_mod", "fori_loop", "full", "full_like", "gather", "gather_d",
    "gather_elements", "gather_nd", "ge", "gelu", "ger", "get_seed", "greater", "greater_equal", "gt", "hardsigmoid",
    "hardswish", "hstack", "identity", "index_select", "indexing", "inner", "is_tensor", "isclose", "isfinite",
    "isinf", "isnan", "l1_loss", "layer_norm", "le", "leaky_relu", "lerp", "less", "less_equal", "linspace", "log",
    "log10", "log1p", "log2", "log_softmax", "logical_and", "logical_not", "logical_or", "logical_xor", "logsigmoid",
    "logsumexp", "lt", "masked_fill", "masked_select", "matmul", "max", "max_pool2d", "maximum", "mean", "meshgrid",
    "min", "minimum", "mish", "mm", "moveaxis", "movedim", "mse_loss", "mul", "multinomial", "multiply", "mv",
    "nan_to_num", "narrow", "ne", "neg", "negative", "nll_loss", "nonzero", "norm", "normal", "not_equal", "numel",
    "one_hot", "ones", "ones_like", "opdef", "outer", "pad", "permute", "pow", "prims", "print_", "prod", "rad2deg",
    "rand", "rand_like", "randint", "randn", "randn_like", "random", "randperm", "range", "rank", "ravel",
    "reciprocal", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum", "relu", "relu6",
    "repeat_elements", "repeat_interleave", "reshape", "roll", "round", "rsqrt", "scalar_to_tensor", "scan",
    "scatter_nd", "searchsorted", "select", "set_seed", "shape", "sigmoid", "sign", "silu", "sin", "sinh", "size",
    "slice", "smooth_l1_loss", "softmax", "softplus", "sort", "split", "sqrt", "square", "squeeze", "stack",
    "standard_normal", "std", "std_mean", "stop_gradient", "strided_slice", "sub", "subtract", "sum", "swapaxes",
    "swapdims", "tan", "tanh", "tensor", "tensor_dot", "tensor_scatter_add", "tensor_scatter_elements",
    "tensor_scatter_update", "tile", "topk", "trace", "transpose", "tril", "triu", "true_divide", "trunc", "unbind",
    "uniform", "unique", "unsqueeze", "unstack", "var", "var_mean", "vstack", "where", "while_loop", "zeros",
    "zeros_like",
]  # fmt: skip

methods.attach()

if TYPE_CHECKING:
    from lamella.autodiff import GradOperation  # which is built on these functions, and enters itself here
