# Written by `nox -s names` from what the modules say; change those.

from lamella.autodiff import (
    GradOperation,
)
from lamella.ops import (
    prims,
)
from lamella.ops.classes.primitive import (
    Primitive,
)
from lamella.ops.convert import (
    as_tensor,
)
from lamella.ops.functions.combined import (
    addcdiv,
    addcmul,
    addn,
    allclose,
    deg2rad,
    exp2,
    isclose,
    isinf,
    lerp,
    log2,
    log10,
    nan_to_num,
    rad2deg,
    trunc,
)
from lamella.ops.functions.control import (
    cond,
    custom_derivative,
    fori_loop,
    scan,
    while_loop,
)
from lamella.ops.functions.create import (
    arange,
    eye,
    fill,
    full,
    full_like,
    is_tensor,
    linspace,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    range,
    scalar_to_tensor,
    tensor,
    zeros,
    zeros_like,
)
from lamella.ops.functions.cumulative import (
    cumprod,
    cumsum,
    diff,
)
from lamella.ops.functions.effects import (
    assert_,
    assign,
    assign_add,
    assign_sub,
    print_,
)
from lamella.ops.functions.elementwise import (
    abs,
    absolute,
    acos,
    acosh,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    cast,
    ceil,
    cos,
    cosh,
    div,
    divide,
    eq,
    equal,
    erf,
    exp,
    expm1,
    floor,
    floor_div,
    floor_divide,
    floor_mod,
    ge,
    greater,
    greater_equal,
    gt,
    identity,
    isfinite,
    isnan,
    le,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    maximum,
    minimum,
    mul,
    multiply,
    ne,
    neg,
    negative,
    not_equal,
    pow,
    reciprocal,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    stop_gradient,
    sub,
    subtract,
    tan,
    tanh,
    true_divide,
)
from lamella.ops.functions.extremes import (
    amax,
    amin,
    argmax,
    argmin,
    max,
    min,
    reduce_max,
    reduce_min,
)
from lamella.ops.functions.gather_scatter import (
    gather,
    gather_d,
    gather_elements,
    gather_nd,
    index_select,
    scatter_nd,
    tensor_scatter_add,
    tensor_scatter_elements,
    tensor_scatter_update,
)
from lamella.ops.functions.join_split import (
    cat,
    chunk,
    concat,
    hstack,
    split,
    stack,
    unbind,
    unstack,
    vstack,
)
from lamella.ops.functions.limits import (
    clamp,
    clip,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
)
from lamella.ops.functions.linalg import (
    diag,
    diagonal,
    trace,
    tril,
    triu,
)
from lamella.ops.functions.pad import (
    pad,
)
from lamella.ops.functions.products import (
    addmm,
    baddbmm,
    bmm,
    dense,
    dot,
    einsum,
    ger,
    inner,
    matmul,
    mm,
    mv,
    outer,
    tensor_dot,
)
from lamella.ops.functions.quantization import (
    dequantize,
    quantize,
)
from lamella.ops.functions.random import (
    Generator,
    bernoulli,
    default_generator,
    get_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    set_seed,
    standard_normal,
    uniform,
)
from lamella.ops.functions.rearrange import (
    flip,
    moveaxis,
    movedim,
    permute,
    repeat_elements,
    repeat_interleave,
    roll,
    swapaxes,
    swapdims,
    tile,
    transpose,
)
from lamella.ops.functions.reduce import (
    all,
    any,
    count_nonzero,
    logsumexp,
    mean,
    norm,
    prod,
    reduce_mean,
    reduce_prod,
    reduce_sum,
    std,
    std_mean,
    sum,
    var,
    var_mean,
)
from lamella.ops.functions.select import (
    argwhere,
    masked_fill,
    masked_select,
    narrow,
    nonzero,
    select,
    slice,
    strided_slice,
    where,
)
from lamella.ops.functions.shape import (
    broadcast_to,
    expand_dims,
    flatten,
    numel,
    rank,
    ravel,
    reshape,
    shape,
    size,
    squeeze,
    unsqueeze,
)
from lamella.ops.functions.sort import (
    argsort,
    searchsorted,
    sort,
    topk,
    unique,
)
from lamella.ops.functions.static import (
    constexpr,
)
from lamella.ops.nn.activation import (
    elu,
    gelu,
    hardsigmoid,
    hardswish,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu6,
    silu,
    softmax,
    softplus,
)
from lamella.ops.nn.convolution import (
    conv1d,
    conv2d,
    conv3d,
)
from lamella.ops.nn.dropout import (
    dropout,
)
from lamella.ops.nn.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from lamella.ops.nn.normalization import (
    batch_norm,
    layer_norm,
)
from lamella.ops.nn.pooling import (
    avg_pool2d,
    max_pool2d,
)
from typing import (
    Any,
)

class Abs(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Add(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class BatchMatMul(Primitive):
    def __init__(self, transpose_a: Any = ..., transpose_b: Any = ...) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class BroadcastTo(Primitive):
    def __init__(self, shape: Any) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Cast(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, dtype: Any) -> Any: ...

class Concat(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, tensors: Any) -> Any: ...

class Cos(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Elu(Primitive):
    def __init__(self, alpha: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Equal(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Exp(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ExpandDims(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, axis: Any) -> Any: ...

class Fill(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, dtype: Any, dims: Any, x: Any) -> Any: ...

class Floor(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Gather(Primitive):
    def __init__(self, batch_dims: Any = ...) -> None: ...
    def __call__(self, input_params: Any, input_indices: Any, axis: Any) -> Any: ...

class GatherNd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any) -> Any: ...

class Greater(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class GreaterEqual(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class HSigmoid(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class HSwish(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Identity(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Less(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Log(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class LogSoftmax(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, logits: Any) -> Any: ...

class LogicalAnd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class LogicalNot(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class MatMul(Primitive):
    def __init__(self, transpose_a: Any = ..., transpose_b: Any = ...) -> None: ...
    def __call__(self, input: Any, mat2: Any) -> Any: ...

class Maximum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Minimum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Mish(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Mul(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Neg(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class NotEqual(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class OneHot(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, indices: Any, depth: Any, on_value: Any = ..., off_value: Any = ...) -> Any: ...

class Ones(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, shape: Any, dtype: Any = ...) -> Any: ...

class Pow(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, exponent: Any) -> Any: ...

class ReLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ReLU6(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Reciprocal(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ReduceMax(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceMean(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceMin(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceProd(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceSum(Primitive):
    def __init__(self, keep_dims: Any = ..., skip_mode: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class Reshape(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, shape: Any) -> Any: ...

class Select(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, condition: Any, input: Any, other: Any) -> Any: ...

class Shape(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Sigmoid(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Sin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Softmax(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Split(Primitive):
    def __init__(self, axis: Any = ..., output_num: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Sqrt(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Square(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Squeeze(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Sub(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Tanh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Tile(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, dims: Any) -> Any: ...

class Transpose(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, dims: Any) -> Any: ...

class Zeros(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, size: Any, dtype: Any = ...) -> Any: ...

class ZerosLike(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

__all__ = [
    "Abs",
    "Add",
    "BatchMatMul",
    "BroadcastTo",
    "Cast",
    "Concat",
    "Cos",
    "Elu",
    "Equal",
    "Exp",
    "ExpandDims",
    "Fill",
    "Floor",
    "Gather",
    "GatherNd",
    "Generator",
    "GradOperation",
    "Greater",
    "GreaterEqual",
    "HSigmoid",
    "HSwish",
    "Identity",
    "Less",
    "Log",
    "LogSoftmax",
    "LogicalAnd",
    "LogicalNot",
    "MatMul",
    "Maximum",
    "Minimum",
    "Mish",
    "Mul",
    "Neg",
    "NotEqual",
    "OneHot",
    "Ones",
    "Pow",
    "Primitive",
    "ReLU",
    "ReLU6",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "Reshape",
    "Select",
    "Shape",
    "Sigmoid",
    "Sin",
    "Softmax",
    "Split",
    "Sqrt",
    "Square",
    "Squeeze",
    "Sub",
    "Tanh",
    "Tile",
    "Transpose",
    "Zeros",
    "ZerosLike",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "addcdiv",
    "addcmul",
    "addmm",
    "addn",
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "as_tensor",
    "asin",
    "asinh",
    "assert_",
    "assign",
    "assign_add",
    "assign_sub",
    "atan",
    "atan2",
    "atanh",
    "avg_pool2d",
    "baddbmm",
    "batch_norm",
    "bernoulli",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "bmm",
    "broadcast_to",
    "cast",
    "cat",
    "ceil",
    "chunk",
    "clamp",
    "clip",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "concat",
    "cond",
    "constexpr",
    "conv1d",
    "conv2d",
    "conv3d",
    "cos",
    "cosh",
    "count_nonzero",
    "cross_entropy",
    "cumprod",
    "cumsum",
    "custom_derivative",
    "default_generator",
    "deg2rad",
    "dense",
    "dequantize",
    "diag",
    "diagonal",
    "diff",
    "div",
    "divide",
    "dot",
    "dropout",
    "einsum",
    "elu",
    "eq",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fill",
    "flatten",
    "flip",
    "floor",
    "floor_div",
    "floor_divide",
    "floor_mod",
    "fori_loop",
    "full",
    "full_like",
    "gather",
    "gather_d",
    "gather_elements",
    "gather_nd",
    "ge",
    "gelu",
    "ger",
    "get_seed",
    "greater",
    "greater_equal",
    "gt",
    "hardsigmoid",
    "hardswish",
    "hstack",
    "identity",
    "index_select",
    "inner",
    "is_tensor",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "l1_loss",
    "layer_norm",
    "le",
    "leaky_relu",
    "lerp",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsigmoid",
    "logsumexp",
    "lt",
    "masked_fill",
    "masked_select",
    "matmul",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mm",
    "moveaxis",
    "movedim",
    "mse_loss",
    "mul",
    "multinomial",
    "multiply",
    "mv",
    "nan_to_num",
    "narrow",
    "ne",
    "neg",
    "negative",
    "nll_loss",
    "nonzero",
    "norm",
    "normal",
    "not_equal",
    "numel",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "permute",
    "pow",
    "prims",
    "print_",
    "prod",
    "quantize",
    "rad2deg",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "range",
    "rank",
    "ravel",
    "reciprocal",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "relu",
    "relu6",
    "repeat_elements",
    "repeat_interleave",
    "reshape",
    "roll",
    "round",
    "rsqrt",
    "scalar_to_tensor",
    "scan",
    "scatter_nd",
    "searchsorted",
    "select",
    "set_seed",
    "shape",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "size",
    "slice",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "standard_normal",
    "std",
    "std_mean",
    "stop_gradient",
    "strided_slice",
    "sub",
    "subtract",
    "sum",
    "swapaxes",
    "swapdims",
    "tan",
    "tanh",
    "tensor",
    "tensor_dot",
    "tensor_scatter_add",
    "tensor_scatter_elements",
    "tensor_scatter_update",
    "tile",
    "topk",
    "trace",
    "transpose",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unbind",
    "uniform",
    "unique",
    "unsqueeze",
    "unstack",
    "var",
    "var_mean",
    "vstack",
    "where",
    "while_loop",
    "zeros",
    "zeros_like",
]
