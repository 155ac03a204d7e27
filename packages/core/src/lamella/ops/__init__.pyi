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
from lamella.ops.functions.arithmetic import (
    approximate_equal,
    bitwise_left_shift,
    bitwise_right_shift,
    copysign,
    float_power,
    fmax,
    fmin,
    fmod,
    frac,
    gcd,
    heaviside,
    hypot,
    inv,
    invert,
    is_floating_point,
    is_nonzero,
    isneginf,
    isposinf,
    lcm,
    ldexp,
    logaddexp,
    logaddexp2,
    nextafter,
    population_count,
    positive,
    remainder,
    signbit,
    truncate_div,
    truncate_mod,
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
    cummax,
    cummin,
    cumprod,
    cumsum,
    diff,
    logcumsumexp,
    trapz,
)
from lamella.ops.functions.decompositions import (
    cholesky,
    cholesky_inverse,
    cholesky_solve,
    det,
    geqrf,
    inverse,
    log_matrix_determinant,
    logdet,
    lstsq,
    lu_solve,
    lu_unpack,
    matrix_determinant,
    matrix_exp,
    matrix_norm,
    matrix_power,
    matrix_solve,
    orgqr,
    ormqr,
    pinv,
    qr,
    slogdet,
    svd,
    vector_norm,
)
from lamella.ops.functions.distances import (
    addbmm,
    addmv,
    addr,
    batch_dot,
    bias_add,
    cdist,
    cross,
    dist,
    kron,
    pdist,
    renorm,
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
    atleast_1d,
    atleast_2d,
    atleast_3d,
    cat,
    chunk,
    column_stack,
    concat,
    dsplit,
    dstack,
    hsplit,
    hstack,
    row_stack,
    split,
    stack,
    tensor_split,
    unbind,
    unstack,
    vsplit,
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
from lamella.ops.functions.matrices import (
    block_diag,
    diag_embed,
    diagflat,
    diagonal_scatter,
    matrix_band_part,
    matrix_diag,
    matrix_diag_part,
    matrix_set_diag,
)
from lamella.ops.functions.pad import (
    pad,
)
from lamella.ops.functions.patterns import (
    cartesian_prod,
    combinations,
    fliplr,
    flipud,
    logspace,
    rot90,
    select_scatter,
    slice_scatter,
    tril_indices,
    triu_indices,
    vander,
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
from lamella.ops.functions.segments import (
    embedding,
    index_fill,
    intopk,
    msort,
    sequence_mask,
    shuffle,
    unique_consecutive,
    unique_with_pad,
    unsorted_segment_max,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sum,
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
from lamella.ops.functions.signal import (
    bartlett_window,
    blackman_window,
    hamming_window,
    hann_window,
    kaiser_window,
)
from lamella.ops.functions.sort import (
    argsort,
    searchsorted,
    sort,
    topk,
    unique,
)
from lamella.ops.functions.special import (
    bessel_i0,
    bessel_i0e,
    bessel_i1,
    bessel_i1e,
    bessel_j0,
    bessel_j1,
    bessel_k0,
    bessel_k0e,
    bessel_k1,
    bessel_k1e,
    bessel_y0,
    bessel_y1,
    digamma,
    erfc,
    erfinv,
    i0,
    igamma,
    igammac,
    lgamma,
    logit,
    mvlgamma,
    polygamma,
    sinc,
    xdivy,
    xlogy,
    zeta,
)
from lamella.ops.functions.static import (
    constexpr,
)
from lamella.ops.functions.statistics import (
    aminmax,
    bincount,
    bucketize,
    cov,
    histc,
    median,
    nanmean,
    nanmedian,
    nanquantile,
    nansum,
    quantile,
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
from lamella.ops.nn.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    avg_pool1d,
    fractional_max_pool2d,
    lp_pool1d,
    lp_pool2d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
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
from lamella.ops.nn.margin import (
    cosine_embedding_loss,
    cosine_similarity,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
)
from lamella.ops.nn.normalization import (
    batch_norm,
    layer_norm,
)
from lamella.ops.nn.patches import (
    channel_shuffle,
    col2im,
    fold,
    pixel_shuffle,
    pixel_unshuffle,
    unfold,
)
from lamella.ops.nn.pooling import (
    avg_pool2d,
    max_pool2d,
)
from lamella.ops.nn.resize import (
    affine_grid,
    grid_sample,
    interpolate,
    upsample,
)
from lamella.ops.nn.thresholds import (
    celu,
    fast_gelu,
    glu,
    gumbel_softmax,
    hardshrink,
    hardtanh,
    prelu,
    rrelu,
    selu,
    soft_shrink,
    softmin,
    softshrink,
    softsign,
    swiglu,
    tanhshrink,
    threshold,
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
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "add",
    "addbmm",
    "addcdiv",
    "addcmul",
    "addmm",
    "addmv",
    "addn",
    "addr",
    "affine_grid",
    "all",
    "allclose",
    "amax",
    "amin",
    "aminmax",
    "any",
    "approximate_equal",
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
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "avg_pool1d",
    "avg_pool2d",
    "baddbmm",
    "bartlett_window",
    "batch_dot",
    "batch_norm",
    "bernoulli",
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "bessel_j0",
    "bessel_j1",
    "bessel_k0",
    "bessel_k0e",
    "bessel_k1",
    "bessel_k1e",
    "bessel_y0",
    "bessel_y1",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bincount",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "blackman_window",
    "block_diag",
    "bmm",
    "broadcast_to",
    "bucketize",
    "cartesian_prod",
    "cast",
    "cat",
    "cdist",
    "ceil",
    "celu",
    "channel_shuffle",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "chunk",
    "clamp",
    "clip",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "col2im",
    "column_stack",
    "combinations",
    "concat",
    "cond",
    "constexpr",
    "conv1d",
    "conv2d",
    "conv3d",
    "copysign",
    "cos",
    "cosh",
    "cosine_embedding_loss",
    "cosine_similarity",
    "count_nonzero",
    "cov",
    "cross",
    "cross_entropy",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "custom_derivative",
    "default_generator",
    "deg2rad",
    "dense",
    "det",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "diff",
    "digamma",
    "dist",
    "div",
    "divide",
    "dot",
    "dropout",
    "dsplit",
    "dstack",
    "einsum",
    "elu",
    "embedding",
    "eq",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fast_gelu",
    "fill",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float_power",
    "floor",
    "floor_div",
    "floor_divide",
    "floor_mod",
    "fmax",
    "fmin",
    "fmod",
    "fold",
    "fori_loop",
    "frac",
    "fractional_max_pool2d",
    "full",
    "full_like",
    "gather",
    "gather_d",
    "gather_elements",
    "gather_nd",
    "gaussian_nll_loss",
    "gcd",
    "ge",
    "gelu",
    "geqrf",
    "ger",
    "get_seed",
    "glu",
    "greater",
    "greater_equal",
    "grid_sample",
    "gt",
    "gumbel_softmax",
    "hamming_window",
    "hann_window",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "hinge_embedding_loss",
    "histc",
    "hsplit",
    "hstack",
    "huber_loss",
    "hypot",
    "i0",
    "identity",
    "igamma",
    "igammac",
    "index_fill",
    "index_select",
    "inner",
    "interpolate",
    "intopk",
    "inv",
    "inverse",
    "invert",
    "is_floating_point",
    "is_nonzero",
    "is_tensor",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "kaiser_window",
    "kl_div",
    "kron",
    "l1_loss",
    "layer_norm",
    "lcm",
    "ldexp",
    "le",
    "leaky_relu",
    "lerp",
    "less",
    "less_equal",
    "lgamma",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_matrix_determinant",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logcumsumexp",
    "logdet",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logsigmoid",
    "logspace",
    "logsumexp",
    "lp_pool1d",
    "lp_pool2d",
    "lstsq",
    "lt",
    "lu_solve",
    "lu_unpack",
    "margin_ranking_loss",
    "masked_fill",
    "masked_select",
    "matmul",
    "matrix_band_part",
    "matrix_determinant",
    "matrix_diag",
    "matrix_diag_part",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_set_diag",
    "matrix_solve",
    "max",
    "max_pool2d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mm",
    "moveaxis",
    "movedim",
    "mse_loss",
    "msort",
    "mul",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "multinomial",
    "multiply",
    "mv",
    "mvlgamma",
    "nan_to_num",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "nextafter",
    "nll_loss",
    "nonzero",
    "norm",
    "normal",
    "not_equal",
    "numel",
    "one_hot",
    "ones",
    "ones_like",
    "orgqr",
    "ormqr",
    "outer",
    "pad",
    "pdist",
    "permute",
    "pinv",
    "pixel_shuffle",
    "pixel_unshuffle",
    "polygamma",
    "population_count",
    "positive",
    "pow",
    "prelu",
    "prims",
    "print_",
    "prod",
    "qr",
    "quantile",
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
    "remainder",
    "renorm",
    "repeat_elements",
    "repeat_interleave",
    "reshape",
    "roll",
    "rot90",
    "round",
    "row_stack",
    "rrelu",
    "rsqrt",
    "scalar_to_tensor",
    "scan",
    "scatter_nd",
    "searchsorted",
    "select",
    "select_scatter",
    "selu",
    "sequence_mask",
    "set_seed",
    "shape",
    "shuffle",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "size",
    "slice",
    "slice_scatter",
    "slogdet",
    "smooth_l1_loss",
    "soft_margin_loss",
    "soft_shrink",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
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
    "svd",
    "swapaxes",
    "swapdims",
    "swiglu",
    "tan",
    "tanh",
    "tanhshrink",
    "tensor",
    "tensor_dot",
    "tensor_scatter_add",
    "tensor_scatter_elements",
    "tensor_scatter_update",
    "tensor_split",
    "threshold",
    "tile",
    "topk",
    "trace",
    "transpose",
    "trapz",
    "tril",
    "tril_indices",
    "triplet_margin_loss",
    "triu",
    "triu_indices",
    "true_divide",
    "trunc",
    "truncate_div",
    "truncate_mod",
    "unbind",
    "unfold",
    "uniform",
    "unique",
    "unique_consecutive",
    "unique_with_pad",
    "unsorted_segment_max",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sum",
    "unsqueeze",
    "unstack",
    "upsample",
    "vander",
    "var",
    "var_mean",
    "vector_norm",
    "vsplit",
    "vstack",
    "where",
    "while_loop",
    "xdivy",
    "xlogy",
    "zeros",
    "zeros_like",
    "zeta",
]
