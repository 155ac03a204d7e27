# ruff: noqa: D417 - `self` is the tensor
"""The methods of tensors: most are functions of `ops` with the tensor as first argument.

`Methods` says which, for type checkers as the base class of `Tensor`; `attach` copies them onto the class. Defined
here are those whose documented signature differs from the function's, and those that change the tensor in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import (
    activation,
    array,
    creation,
    derived,
    elements,
    elementwise,
    extremes,
    indexed,
    joining,
    linalg,
    prims,
    reduction,
    running,
)
from lamella.ops.effects import in_place
from lamella.ops.method_forms import (
    _astype,
    _bfloat16,
    _bool,
    _contiguous,
    _diagonal,
    _dim,
    _expand,
    _expand_as,
    _fill,
    _flatten,
    _float,
    _half,
    _int,
    _is_floating_point,
    _long,
    _new_ones,
    _new_zeros,
    _permute,
    _repeat,
    _reshape,
    _t,
    _to,
    _transpose,
    _type_as,
    _value,
    _view,
    _view_as,
)
from lamella.ops.operators import Operators
from lamella.ops.promote import as_tensor, cast
from lamella.tensor import Tensor

# -- reductions --


def _sum(self: Tensor, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """`ops.sum` with NumPy's names.

    Args:
        axis: an axis or a tuple of axes; default: all.
        dtype: type to sum in; default int64 for bools and integers.
        keepdims: whether the axes stay, with size 1.
        initial: a number to start from.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).sum(axis=0).asnumpy()
        array([4, 6])
    """
    total = reduction.sum(self, axis, keepdims, dtype=dtype)
    return total if initial is None else elementwise.add(total, initial)


def _max(
    self: Tensor,
    axis: Any = None,
    keepdims: bool = False,
    *,
    initial: Any = None,
    where: Any = None,
    return_indices: bool = False,
) -> Any:
    """The largest element along axes: `ops.amax`, or `ops.max` if the indices are wanted.

    Args:
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.
        return_indices: whether to give (values, indices); then `axis` is one.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).max(axis=1).asnumpy()
        array([5, 7])
    """
    extreme = extremes.max if return_indices else extremes.amax
    return extreme(self, axis, keepdims, initial=initial, where=None if where is True else where)


def _min(
    self: Tensor,
    axis: Any = None,
    keepdims: bool = False,
    *,
    initial: Any = None,
    where: Any = None,
    return_indices: bool = False,
) -> Any:
    """The smallest element along axes: `ops.amin`, or `ops.min` if the indices are wanted.

    Args:
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.
        return_indices: whether to give (values, indices); then `axis` is one.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).min(axis=1).asnumpy()
        array([1, 2])
    """
    extreme = extremes.min if return_indices else extremes.amin
    return extreme(self, axis, keepdims, initial=initial, where=None if where is True else where)


def _argmax(self: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """`ops.argmax` with NumPy's names.

    Args:
        axis: the axis; default: the flattened tensor.
        keepdims: whether the axis stays, with size 1.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).argmax(axis=1).asnumpy()
        array([1, 0])
    """
    return extremes.argmax(self, axis, keepdims)


def _logsumexp(self: Tensor, axis: Any, keepdims: bool = False) -> Tensor:
    """`ops.logsumexp` with NumPy's names.

    Args:
        axis: an axis or a tuple of axes; (): all.
        keepdims: whether the axes stay, with size 1.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1000.0, 1000.0]).logsumexp(0).item()
        1000.6931762695312
    """
    return reduction.logsumexp(self, axis, keepdims)


def _cumsum(self: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """`ops.cumsum`; of the flattened tensor if no axis is named.

    Args:
        axis: the axis.
        dtype: type to sum in.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).cumsum().asnumpy()
        array([ 1,  3,  6, 10])
    """
    if axis is None:
        return running.cumsum(array.ravel(self), 0, dtype)
    return running.cumsum(self, axis, dtype)


# -- choosing --


def _where(self: Tensor, condition: Any, y: Any) -> Tensor:
    """The tensor's elements where a condition holds, those of `y` elsewhere.

    Args:
        condition: bool tensor.
        y: tensor or number; the three broadcast.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).where(Tensor([True, False]), 0).asnumpy()
        array([1, 0])
    """
    return elements.where(condition, self, y)


def _select(self: Tensor, condition: Any, y: Any) -> Tensor:
    """As `where`.

    Args:
        condition: bool tensor.
        y: tensor or number; the three broadcast.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).select(Tensor([True, False]), 0).asnumpy()
        array([1, 0])
    """
    return elements.select(condition, self, y)


def _take(self: Tensor, indices: Any, axis: int | None = None, mode: str = "clip") -> Tensor:
    """Slices along an axis, as NumPy's `take`.

    Args:
        indices: integer tensor or sequence.
        axis: the axis; default: the flattened tensor.
        mode: what an index out of range means: "clip": the nearest element; "wrap": counted round and round;
            "raise": an error.

    Raises:
        ValueError: `mode` is something else.
        IndexError: an index is out of range, in mode "raise".

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([10, 20, 30]).take(Tensor([0, 9])).asnumpy()
        array([10, 30])
    """
    if mode not in ("clip", "wrap", "raise"):
        raise ValueError(explain("Tensor.take", given=f"mode={mode!r}", expected="'clip', 'wrap' or 'raise'"))
    x, at = (array.ravel(self), 0) if axis is None else (self, axis)
    index = cast(as_tensor(indices, None, "Tensor.take"), int64)
    size = prims.size_tensor(x.shape[at])
    if mode == "clip":
        index = derived.clamp(index, 0, size - 1)
    elif mode == "wrap":
        index = elementwise.floor_mod(index, size)
    return indexed.gather(x, index, at)


# -- in place --


def _copy_(self: Tensor, src: Any) -> Tensor:
    """Replace the value by another's, broadcast to the shape and converted to the type; returns the tensor.

    Args:
        src: tensor or number.

    Raises:
        ValueError: `src` does not broadcast to the shape.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 2.0]).copy_(7).asnumpy()
        array([7., 7.], dtype=float32)
    """
    source = cast(as_tensor(src, None, "Tensor.copy_"), self.dtype)
    return in_place(
        "Tensor.copy_", self, source if source.shape == self.shape else array.broadcast_to(source, self.shape)
    )


def _fill_(self: Tensor, value: Any) -> Tensor:
    """Replace every element by a number, in place; returns the tensor.

    Args:
        value: the number.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).fill_(7).asnumpy()
        array([7, 7])
    """
    return in_place("Tensor.fill_", self, creation.full_like(self, value))


def _zero_(self: Tensor) -> Tensor:
    """Replace every element by 0, in place; returns the tensor.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).zero_().asnumpy()
        array([0, 0])
    """
    return in_place("Tensor.zero_", self, creation.zeros_like(self))


def _updating(name: str, function: Callable[..., Tensor], arguments: str, result: str) -> Callable[..., Tensor]:
    def update(self: Tensor, *args: Any, **options: Any) -> Tensor:
        return in_place(f"Tensor.{name}", self, function(self, *args, **options))

    update.__name__ = update.__qualname__ = name
    update.__doc__ = f"""`{name.rstrip("_")}` in place; returns the tensor.

    Args:
        args: as for `{name.rstrip("_")}`.
        options: as for `{name.rstrip("_")}`.

    Raises:
        TypeError: the result has another kind of type.
        ValueError: the result has another shape.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 4.0]).{name}({arguments}).asnumpy()
        array({result}, dtype=float32)
    """
    return update


_add_ = _updating("add_", elementwise.add, "2", "[3., 6.]")
_sub_ = _updating("sub_", elementwise.sub, "2", "[-1.,  2.]")
_mul_ = _updating("mul_", elementwise.mul, "2", "[2., 8.]")
_div_ = _updating("div_", elementwise.div, "2", "[0.5, 2. ]")
_pow_ = _updating("pow_", elementwise.pow, "2", "[ 1., 16.]")
_clamp_ = _updating("clamp_", derived.clamp, "0, 2", "[1., 2.]")
_masked_fill_ = _updating("masked_fill_", elements.masked_fill, "Tensor([True, False]), 0", "[0., 4.]")

# -- the table --


class Methods(Operators):
    """Every method of a tensor that is a function defined outside the class."""

    __slots__ = ()

    tril = creation.tril
    triu = creation.triu

    broadcast_to = array.broadcast_to
    chunk = joining.chunk
    expand_dims = array.expand_dims
    flip = elements.flip
    masked_fill = elements.masked_fill
    moveaxis = array.moveaxis
    movedim = array.movedim
    narrow = elements.narrow
    numel = array.numel
    ravel = array.ravel
    repeat_interleave = array.repeat_interleave
    roll = elements.roll
    split = joining.split
    squeeze = array.squeeze
    swapaxes = array.swapaxes
    swapdims = array.swapdims
    tile = array.tile
    unbind = joining.unbind
    unsqueeze = array.unsqueeze
    nelement = array.numel

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

    addcdiv = derived.addcdiv
    addcmul = derived.addcmul
    allclose = derived.allclose
    clamp = derived.clamp
    clip = derived.clip
    deg2rad = derived.deg2rad
    exp2 = derived.exp2
    isclose = derived.isclose
    isinf = derived.isinf
    lerp = derived.lerp
    log10 = derived.log10
    log2 = derived.log2
    nan_to_num = derived.nan_to_num
    rad2deg = derived.rad2deg
    trunc = derived.trunc

    all = reduction.all
    amax = extremes.amax
    amin = extremes.amin
    any = reduction.any
    argmin = extremes.argmin
    cumprod = running.cumprod
    diff = running.diff
    mean = reduction.mean
    norm = reduction.norm
    prod = reduction.prod
    std = reduction.std
    var = reduction.var

    argsort = indexed.argsort
    argwhere = indexed.argwhere
    gather = indexed.gather
    gather_elements = indexed.gather_elements
    gather_nd = indexed.gather_nd
    index_select = indexed.index_select
    masked_select = indexed.masked_select
    nonzero = indexed.nonzero
    sort = indexed.sort
    tensor_scatter_add = indexed.tensor_scatter_add
    tensor_scatter_elements = indexed.tensor_scatter_elements
    tensor_scatter_update = indexed.tensor_scatter_update
    topk = indexed.topk
    unique = indexed.unique

    addmm = linalg.addmm
    bmm = linalg.bmm
    dot = linalg.dot
    ger = linalg.ger
    inner = linalg.inner
    matmul = linalg.matmul
    mm = linalg.mm
    outer = linalg.outer
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
            if getattr(function, "__module__", "") in (__name__, Operators.__module__):
                function.__name__ = name
                function.__qualname__ = f"Tensor.{name}"
