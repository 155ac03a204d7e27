"""The methods of tensors: most are functions of `ops` with the tensor as first argument.

`Methods` says which, for type checkers as the base class of `Tensor`; `attach` copies them onto the class. Those whose
documented signature differs from the function's are in `forms` and `conversions`, those that change the tensor in
`in_place`.
"""

from __future__ import annotations

from lamella.ops.functions import (
    arithmetic,
    combined,
    cumulative,
    decompositions,
    distances,
    elementwise,
    extremes,
    gather_scatter,
    join_split,
    limits,
    linalg,
    matrices,
    patterns,
    products,
    rearrange,
    reduce,
    segments,
    special,
    statistics,
)
from lamella.ops.functions import select as selection
from lamella.ops.functions import shape as shapes
from lamella.ops.functions import sort as sorting
from lamella.ops.nn import activation, patches, thresholds
from lamella.ops.tensor_methods.conversions import (
    _astype,
    _bfloat16,
    _bool,
    _contiguous,
    _float,
    _half,
    _int,
    _is_floating_point,
    _long,
    _to,
    _type_as,
    _value,
)
from lamella.ops.tensor_methods.forms import (
    _argmax,
    _cumsum,
    _diagonal,
    _dim,
    _expand,
    _expand_as,
    _fill,
    _flatten,
    _logsumexp,
    _max,
    _min,
    _new_ones,
    _new_zeros,
    _permute,
    _repeat,
    _reshape,
    _select,
    _sum,
    _t,
    _take,
    _transpose,
    _view,
    _view_as,
    _where,
)
from lamella.ops.tensor_methods.in_place import (
    _add_,
    _clamp_,
    _copy_,
    _div_,
    _fill_,
    _masked_fill_,
    _mul_,
    _pow_,
    _sub_,
    _zero_,
)
from lamella.ops.tensor_methods.operators import Operators
from lamella.tensor import Tensor

# -- the table --


class Methods(Operators):
    """Every method of a tensor that is a function defined outside the class."""

    __slots__ = ()

    tril = linalg.tril
    triu = linalg.triu

    broadcast_to = shapes.broadcast_to
    chunk = join_split.chunk
    expand_dims = shapes.expand_dims
    flip = rearrange.flip
    masked_fill = selection.masked_fill
    moveaxis = rearrange.moveaxis
    movedim = rearrange.movedim
    narrow = selection.narrow
    numel = shapes.numel
    ravel = shapes.ravel
    repeat_interleave = rearrange.repeat_interleave
    roll = rearrange.roll
    split = join_split.split
    squeeze = shapes.squeeze
    swapaxes = rearrange.swapaxes
    swapdims = rearrange.swapdims
    tile = rearrange.tile
    unbind = join_split.unbind
    unsqueeze = shapes.unsqueeze
    nelement = shapes.numel

    abs = elementwise.abs
    absolute = elementwise.absolute
    acos = elementwise.acos
    acosh = elementwise.acosh
    add = elementwise.add
    arccos = elementwise.arccos
    arccosh = elementwise.arccosh
    arcsin = elementwise.arcsin
    arcsinh = elementwise.arcsinh
    arctan = elementwise.arctan
    arctan2 = elementwise.arctan2
    arctanh = elementwise.arctanh
    asin = elementwise.asin
    asinh = elementwise.asinh
    atan = elementwise.atan
    atan2 = elementwise.atan2
    atanh = elementwise.atanh
    bitwise_and = elementwise.bitwise_and
    bitwise_not = elementwise.bitwise_not
    bitwise_or = elementwise.bitwise_or
    bitwise_xor = elementwise.bitwise_xor
    ceil = elementwise.ceil
    cos = elementwise.cos
    cosh = elementwise.cosh
    div = elementwise.div
    divide = elementwise.divide
    eq = elementwise.eq
    equal = elementwise.equal
    erf = elementwise.erf
    exp = elementwise.exp
    expm1 = elementwise.expm1
    floor = elementwise.floor
    floor_div = elementwise.floor_div
    floor_divide = elementwise.floor_divide
    floor_mod = elementwise.floor_mod
    ge = elementwise.ge
    greater = elementwise.greater
    greater_equal = elementwise.greater_equal
    gt = elementwise.gt
    isfinite = elementwise.isfinite
    isnan = elementwise.isnan
    le = elementwise.le
    less = elementwise.less
    less_equal = elementwise.less_equal
    log = elementwise.log
    log1p = elementwise.log1p
    logical_and = elementwise.logical_and
    logical_not = elementwise.logical_not
    logical_or = elementwise.logical_or
    logical_xor = elementwise.logical_xor
    lt = elementwise.lt
    maximum = elementwise.maximum
    minimum = elementwise.minimum
    mul = elementwise.mul
    multiply = elementwise.multiply
    ne = elementwise.ne
    neg = elementwise.neg
    negative = elementwise.negative
    not_equal = elementwise.not_equal
    pow = elementwise.pow
    reciprocal = elementwise.reciprocal
    round = elementwise.round
    rsqrt = elementwise.rsqrt
    sigmoid = elementwise.sigmoid
    sign = elementwise.sign
    sin = elementwise.sin
    sinh = elementwise.sinh
    sqrt = elementwise.sqrt
    square = elementwise.square
    sub = elementwise.sub
    subtract = elementwise.subtract
    tan = elementwise.tan
    tanh = elementwise.tanh
    true_divide = elementwise.true_divide

    hardshrink = thresholds.hardshrink
    soft_shrink = thresholds.soft_shrink

    addcdiv = combined.addcdiv
    addcmul = combined.addcmul
    allclose = combined.allclose
    clamp = limits.clamp
    clip = limits.clip
    deg2rad = combined.deg2rad
    exp2 = combined.exp2
    isclose = combined.isclose
    isinf = combined.isinf
    lerp = combined.lerp
    log10 = combined.log10
    log2 = combined.log2
    nan_to_num = combined.nan_to_num
    rad2deg = combined.rad2deg
    trunc = combined.trunc

    approximate_equal = arithmetic.approximate_equal
    bitwise_left_shift = arithmetic.bitwise_left_shift
    bitwise_right_shift = arithmetic.bitwise_right_shift
    copysign = arithmetic.copysign
    float_power = arithmetic.float_power
    fmax = arithmetic.fmax
    fmin = arithmetic.fmin
    fmod = arithmetic.fmod
    frac = arithmetic.frac
    gcd = arithmetic.gcd
    heaviside = arithmetic.heaviside
    hypot = arithmetic.hypot
    inv = arithmetic.inv
    invert = arithmetic.invert
    isneginf = arithmetic.isneginf
    isposinf = arithmetic.isposinf
    lcm = arithmetic.lcm
    ldexp = arithmetic.ldexp
    logaddexp = arithmetic.logaddexp
    logaddexp2 = arithmetic.logaddexp2
    nextafter = arithmetic.nextafter
    positive = arithmetic.positive
    remainder = arithmetic.remainder
    signbit = arithmetic.signbit

    digamma = special.digamma
    erfc = special.erfc
    erfinv = special.erfinv
    i0 = special.i0
    igamma = special.igamma
    igammac = special.igammac
    lgamma = special.lgamma
    logit = special.logit
    mvlgamma = special.mvlgamma
    sinc = special.sinc
    xdivy = special.xdivy
    xlogy = special.xlogy

    all = reduce.all
    amax = extremes.amax
    amin = extremes.amin
    any = reduce.any
    argmin = extremes.argmin
    cummax = cumulative.cummax
    cummin = cumulative.cummin
    cumprod = cumulative.cumprod
    diff = cumulative.diff
    logcumsumexp = cumulative.logcumsumexp
    mean = reduce.mean
    norm = reduce.norm
    prod = reduce.prod
    std = reduce.std
    var = reduce.var

    aminmax = statistics.aminmax
    bincount = statistics.bincount
    cov = statistics.cov
    histc = statistics.histc
    median = statistics.median
    nanmean = statistics.nanmean
    nanmedian = statistics.nanmedian
    nanquantile = statistics.nanquantile
    nansum = statistics.nansum
    quantile = statistics.quantile

    argsort = sorting.argsort
    argwhere = selection.argwhere
    gather = gather_scatter.gather
    gather_elements = gather_scatter.gather_elements
    gather_nd = gather_scatter.gather_nd
    index_select = gather_scatter.index_select
    masked_select = selection.masked_select
    nonzero = selection.nonzero
    sort = sorting.sort
    tensor_scatter_add = gather_scatter.tensor_scatter_add
    tensor_scatter_elements = gather_scatter.tensor_scatter_elements
    tensor_scatter_update = gather_scatter.tensor_scatter_update
    topk = sorting.topk
    unique = sorting.unique

    addmm = products.addmm
    bmm = products.bmm
    dot = products.dot
    ger = products.ger
    inner = products.inner
    matmul = products.matmul
    mm = products.mm
    outer = products.outer

    cholesky = decompositions.cholesky
    cholesky_inverse = decompositions.cholesky_inverse
    cholesky_solve = decompositions.cholesky_solve
    det = decompositions.det
    geqrf = decompositions.geqrf
    inverse = decompositions.inverse
    log_matrix_determinant = decompositions.log_matrix_determinant
    logdet = decompositions.logdet
    lstsq = decompositions.lstsq
    matrix_determinant = decompositions.matrix_determinant
    matrix_power = decompositions.matrix_power
    orgqr = decompositions.orgqr
    ormqr = decompositions.ormqr
    slogdet = decompositions.slogdet
    svd = decompositions.svd

    addbmm = distances.addbmm
    addmv = distances.addmv
    addr = distances.addr
    cross = distances.cross
    renorm = distances.renorm

    dsplit = join_split.dsplit
    hsplit = join_split.hsplit
    tensor_split = join_split.tensor_split
    vsplit = join_split.vsplit

    diagflat = matrices.diagflat
    diagonal_scatter = matrices.diagonal_scatter

    col2im = patches.col2im
    fold = patches.fold
    unfold = patches.unfold

    fliplr = patterns.fliplr
    flipud = patterns.flipud
    rot90 = patterns.rot90
    select_scatter = patterns.select_scatter
    slice_scatter = patterns.slice_scatter

    index_fill = segments.index_fill
    msort = segments.msort
    unique_consecutive = segments.unique_consecutive
    unique_with_pad = segments.unique_with_pad
    unsorted_segment_max = segments.unsorted_segment_max
    unsorted_segment_min = segments.unsorted_segment_min
    unsorted_segment_prod = segments.unsorted_segment_prod
    trace = linalg.trace

    softmax = activation.softmax

    add_ = _add_
    argmax = _argmax
    astype = _astype
    bfloat16 = _bfloat16
    bool = _bool
    clamp_ = _clamp_
    contiguous = _contiguous
    copy_ = _copy_
    cumsum = _cumsum
    diagonal = _diagonal
    dim = _dim
    div_ = _div_
    expand = _expand
    expand_as = _expand_as
    fill = _fill
    fill_ = _fill_
    flatten = _flatten
    float = _float
    half = _half
    int = _int
    is_floating_point = _is_floating_point
    logsumexp = _logsumexp
    long = _long
    masked_fill_ = _masked_fill_
    max = _max
    min = _min
    mul_ = _mul_
    new_ones = _new_ones
    new_zeros = _new_zeros
    permute = _permute
    pow_ = _pow_
    repeat = _repeat
    reshape = _reshape
    select = _select
    sub_ = _sub_
    sum = _sum
    t = _t
    take = _take
    to = _to
    transpose = _transpose
    type_as = _type_as
    value = _value
    view = _view
    view_as = _view_as
    where = _where
    zero_ = _zero_
    clone = Tensor.copy
    ndimension = _dim
    reshape_as = _view_as


_OF_A_CLASS = ("__module__", "__qualname__", "__doc__", "__slots__", "__hash__")


def attach() -> None:
    """Make the functions methods of `Tensor`."""
    for name, function in (vars(Operators) | vars(Methods)).items():
        if name not in _OF_A_CLASS:
            setattr(Tensor, name, function)
            own = getattr(function, "__module__", "").startswith(__package__)
            if own and function.__name__.strip("_") == name.strip("_"):  # it is no other name of a method
                function.__name__ = name
                function.__qualname__ = f"Tensor.{name}"
