"""The methods of tensors: most are functions of `ops` with the tensor as first argument.

`Methods` says which, for type checkers as the base class of `Tensor`; `attach` copies them onto the class. Those whose
documented signature differs from the function's are in `forms` and `conversions`, those that change the tensor in
`in_place`.
"""

from __future__ import annotations

from typing import Any

from lamella.ops.functions import (
    combined,
    cumulative,
    elementwise,
    extremes,
    gather_scatter,
    join_split,
    limits,
    linalg,
    products,
    rearrange,
    reduce,
)
from lamella.ops.functions import select as selection
from lamella.ops.functions import shape as shapes
from lamella.ops.functions import sort as sorting
from lamella.ops.nn import activation
from lamella.ops.tensor_methods.conversions import (
    _astype,
    _bfloat16,
    _bool,
    _byte,
    _contiguous,
    _double,
    _float,
    _get_bytes,
    _half,
    _int,
    _is_contiguous,
    _is_floating_point,
    _is_signed,
    _long,
    _short,
    _storage_offset,
    _stride,
    _to,
    _type,
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
from lamella.ops.tensor_methods.hooks import _register_hook
from lamella.ops.tensor_methods.in_place import (
    _add_,
    _clamp_,
    _copy_,
    _div_,
    _exp_,
    _fill_,
    _floor_,
    _floor_divide_,
    _log_,
    _masked_fill_,
    _mul_,
    _pow_,
    _remainder_,
    _sigmoid_,
    _sign_,
    _sub_,
    _tanh_,
    _zero_,
)
from lamella.ops.tensor_methods.later import Later
from lamella.ops.tensor_methods.operators import Operators
from lamella.ops.tensor_methods.scattering import (
    _fill_diagonal,
    _fill_diagonal_,
    _index_add,
    _index_add_,
    _index_copy_,
    _index_fill_,
    _index_put,
    _index_put_,
    _itemset,
    _masked_scatter,
    _masked_scatter_,
    _put_,
    _scatter,
    _scatter_,
    _scatter_add,
    _scatter_add_,
)
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

    hardshrink: Any = Later()
    soft_shrink: Any = Later()

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

    approximate_equal: Any = Later()
    bitwise_left_shift: Any = Later()
    bitwise_right_shift: Any = Later()
    copysign: Any = Later()
    float_power: Any = Later()
    fmax: Any = Later()
    fmin: Any = Later()
    fmod: Any = Later()
    frac: Any = Later()
    gcd: Any = Later()
    heaviside: Any = Later()
    hypot: Any = Later()
    inv: Any = Later()
    invert: Any = Later()
    isneginf: Any = Later()
    isposinf: Any = Later()
    lcm: Any = Later()
    ldexp: Any = Later()
    logaddexp: Any = Later()
    logaddexp2: Any = Later()
    nextafter: Any = Later()
    positive: Any = Later()
    remainder: Any = Later()
    signbit: Any = Later()

    digamma: Any = Later()
    erfc: Any = Later()
    erfinv: Any = Later()
    i0: Any = Later()
    igamma: Any = Later()
    igammac: Any = Later()
    lgamma: Any = Later()
    logit: Any = Later()
    mvlgamma: Any = Later()
    sinc: Any = Later()
    xdivy: Any = Later()
    xlogy: Any = Later()

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

    aminmax: Any = Later()
    bincount: Any = Later()
    cov: Any = Later()
    histc: Any = Later()
    median: Any = Later()
    nanmean: Any = Later()
    nanmedian: Any = Later()
    nanquantile: Any = Later()
    nansum: Any = Later()
    quantile: Any = Later()

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

    adjoint: Any = Later()
    angle: Any = Later()
    conj: Any = Later()
    imag: Any = Later()
    is_complex: Any = Later()
    isreal: Any = Later()
    real: Any = Later()
    sgn: Any = Later()

    cholesky: Any = Later()
    cholesky_inverse: Any = Later()
    cholesky_solve: Any = Later()
    det: Any = Later()
    eigvals: Any = Later()
    geqrf: Any = Later()
    inverse: Any = Later()
    log_matrix_determinant: Any = Later()
    logdet: Any = Later()
    lstsq: Any = Later()
    matrix_determinant: Any = Later()
    matrix_power: Any = Later()
    orgqr: Any = Later()
    ormqr: Any = Later()
    slogdet: Any = Later()
    svd: Any = Later()

    addbmm: Any = Later()
    addmv: Any = Later()
    addr: Any = Later()
    cross: Any = Later()
    renorm: Any = Later()

    dsplit = join_split.dsplit
    hsplit = join_split.hsplit
    tensor_split = join_split.tensor_split
    vsplit = join_split.vsplit

    diagflat: Any = Later()
    diagonal_scatter: Any = Later()

    col2im: Any = Later()
    fold: Any = Later()
    unfold: Any = Later()

    fliplr: Any = Later()
    flipud: Any = Later()
    rot90: Any = Later()
    select_scatter: Any = Later()
    slice_scatter: Any = Later()

    index_fill: Any = Later()
    msort: Any = Later()
    unique_consecutive: Any = Later()
    unique_with_pad: Any = Later()
    unsorted_segment_max: Any = Later()
    unsorted_segment_min: Any = Later()
    unsorted_segment_prod: Any = Later()
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
    byte = _byte
    double = _double
    exp_ = _exp_
    fill_diagonal = _fill_diagonal
    fill_diagonal_ = _fill_diagonal_
    floor_ = _floor_
    floor_divide_ = _floor_divide_
    get_bytes = _get_bytes
    index_add = _index_add
    index_add_ = _index_add_
    index_copy_ = _index_copy_
    index_fill_ = _index_fill_
    index_put = _index_put
    index_put_ = _index_put_
    is_contiguous = _is_contiguous
    is_signed = _is_signed
    itemset = _itemset
    log_ = _log_
    masked_scatter = _masked_scatter
    masked_scatter_ = _masked_scatter_
    put_ = _put_
    register_hook = _register_hook
    remainder_ = _remainder_
    scatter = _scatter
    scatter_ = _scatter_
    scatter_add = _scatter_add
    scatter_add_ = _scatter_add_
    short = _short
    sigmoid_ = _sigmoid_
    sign_ = _sign_
    storage_offset = _storage_offset
    stride = _stride
    tanh_ = _tanh_
    type = _type

    clone = Tensor.copy
    ndimension = _dim
    reshape_as = _view_as


_OF_A_CLASS = ("__annotations__", "__module__", "__qualname__", "__doc__", "__slots__", "__hash__")


def attach() -> None:
    """Make the functions methods of `Tensor`."""
    for name, function in (vars(Operators) | vars(Methods)).items():
        if name not in _OF_A_CLASS:
            setattr(Tensor, name, function)
            own = callable(function) and function.__module__.startswith(__package__)
            if own and function.__name__.strip("_") == name.strip("_"):  # it is no other name of a method
                function.__name__ = name
                function.__qualname__ = f"Tensor.{name}"
