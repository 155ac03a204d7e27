"""Functions on tensors, under MindSpore's names.

They convert what they are given (numbers, NumPy arrays, mixed types) and call primitives (`lamella.ops.prims`).
"""

from lamella.ops import constants, indexing, opdef, prims
from lamella.ops.creation import (
    arange, eye, fill, full, full_like, is_tensor, linspace, meshgrid, one_hot, ones, ones_like, range, tensor, tril,
    triu, zeros, zeros_like,
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
    broadcast_to, cast, cat, chunk, concat, expand_dims, flatten, flip, hstack, identity, masked_fill, moveaxis,
    movedim, narrow, numel, pad, permute, rank, ravel, repeat_elements, repeat_interleave, reshape, roll, select,
    shape, size, slice, split, squeeze, stack, stop_gradient, strided_slice, swapaxes, swapdims, tile, transpose,
    unbind, unsqueeze, unstack, vstack, where,
)  # fmt: skip
from lamella.ops.reduction import (
    all, allclose, amax, amin, any, argmax, argmin, count_nonzero, cumprod, cumsum, diff, isclose, logsumexp, max,
    mean, min, norm, prod, reduce_max, reduce_mean, reduce_min, reduce_prod, reduce_sum, std, std_mean, sum, var,
    var_mean,
)  # fmt: skip
from lamella.ops.linalg import (
    addmm, baddbmm, bmm, dense, diag, diagonal, dot, einsum, ger, inner, matmul, mm, mv, outer, tensor_dot, trace,
)  # fmt: skip
from lamella.ops.control import (
    cond, custom_derivative, fori_loop, scan, while_loop,
)  # fmt: skip
from lamella.ops.random import (
    Generator, bernoulli, default_generator, dropout, get_seed, normal, rand, randint, randn, randperm, set_seed,
    standard_normal, uniform,
)  # fmt: skip
from lamella.ops.effects import (
    assert_, assign, assign_add, assign_sub, print_,
)  # fmt: skip
from lamella.ops.promote import as_tensor

__all__ = [
    "Generator", "abs", "absolute", "acos", "acosh", "add", "addmm", "all", "allclose", "amax", "amin", "any",
    "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin",
    "as_tensor", "asin", "asinh", "assert_", "assign", "assign_add", "assign_sub", "atan", "atan2", "atanh",
    "baddbmm", "bernoulli", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "bmm", "broadcast_to", "cast",
    "cat", "ceil", "chunk", "concat", "cond", "constants", "cos", "cosh", "count_nonzero", "cumprod", "cumsum",
    "custom_derivative", "default_generator", "dense", "diag", "diagonal", "diff", "div", "divide", "dot", "dropout",
    "einsum", "eq", "equal", "erf", "exp", "expand_dims", "expm1", "eye", "fill", "flatten", "flip", "floor",
    "floor_div", "floor_divide", "floor_mod", "fori_loop", "full", "full_like", "ge", "ger", "get_seed", "greater",
    "greater_equal", "gt", "hstack", "identity", "indexing", "inner", "is_tensor", "isclose", "isfinite", "isnan",
    "le", "less", "less_equal", "linspace", "log", "log1p", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logsumexp", "lt", "masked_fill", "matmul", "max", "maximum", "mean", "meshgrid", "min",
    "minimum", "mm", "moveaxis", "movedim", "mul", "multiply", "mv", "narrow", "ne", "neg", "negative", "norm",
    "normal", "not_equal", "numel", "one_hot", "ones", "ones_like", "opdef", "outer", "pad", "permute", "pow",
    "prims", "print_", "prod", "rand", "randint", "randn", "random", "randperm", "range", "rank", "ravel",
    "reciprocal", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum", "repeat_elements",
    "repeat_interleave", "reshape", "roll", "round", "rsqrt", "scan", "select", "set_seed", "shape", "sigmoid",
    "sign", "sin", "sinh", "size", "slice", "split", "sqrt", "square", "squeeze", "stack", "standard_normal", "std",
    "std_mean", "stop_gradient", "strided_slice", "sub", "subtract", "sum", "swapaxes", "swapdims", "tan", "tanh",
    "tensor", "tensor_dot", "tile", "trace", "transpose", "tril", "triu", "true_divide", "unbind", "uniform",
    "unsqueeze", "unstack", "var", "var_mean", "vstack", "where", "while_loop", "zeros", "zeros_like",
]  # fmt: skip
