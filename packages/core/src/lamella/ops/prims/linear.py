"""Primitives that are linear in each operand: contractions, convolutions, window sums; and the window maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.dims import DimSize, Shape, product
from lamella.dtypes import int64
from lamella.ops.define.opdef import BatchResult, Infer, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, NUMBER, REAL, check_axes, check_kind, fail, same_dtype, shifted
from lamella.ops.kernels import conv as conv_kernels
from lamella.ops.kernels import reduce
from lamella.ops.kernels import window as window_kernels
from lamella.ops.prims.indexed import put_along_axis, take_along_axis
from lamella.ops.prims.pieces import narrow
from lamella.ops.prims.shape import inverse, reshape, transpose, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- dot_general: axes `contract` are summed over, axes `batch` run in parallel, the rest stay. Result axes: batch,
#    the rest of x, the rest of y. --


def _free(ndim: int, *used: Sequence[int]) -> tuple[int, ...]:
    taken = {axis for axes in used for axis in axes}
    return tuple(axis for axis in range(ndim) if axis not in taken)


def _infer_dot(
    x: TensorType, y: TensorType, *, contract: tuple[tuple[int, ...], ...], batch: tuple[tuple[int, ...], ...]
) -> TensorType:
    dtype = same_dtype("dot_general", (x, y))
    check_kind("dot_general", dtype, NUMBER)
    for t, c, b in ((x, contract[0], batch[0]), (y, contract[1], batch[1])):
        check_axes("dot_general", (*c, *b), t.ndim)
    for mine, theirs in zip((*contract[0], *batch[0]), (*contract[1], *batch[1]), strict=True):
        if x.shape[mine] != y.shape[theirs]:
            raise fail("dot_general", f"shapes {x.shape} and {y.shape}", f"equal sizes at axes {mine} and {theirs}")
    kept = [x.shape[axis] for axis in (*batch[0], *_free(x.ndim, contract[0], batch[0]))]
    return TensorType(dtype, (*kept, *(y.shape[axis] for axis in _free(y.ndim, contract[1], batch[1]))))


def _dot_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    (cx, cy), (bx, by) = c.attrs["contract"], c.attrs["batch"]
    fx, fy = _free(c.types[0].ndim, cx, bx), _free(c.types[1].ndim, cy, by)
    nb, nx = len(bx), len(fx)
    rows, columns = tuple(range(nb, nb + nx)), tuple(range(nb + nx, g.ndim))  # of g: x's free axes, y's free axes
    return [
        _dot_cotangent(g, rows, columns, c.y, cy, fy, by, (cx, fx, bx)) if c.needs[0] else None,
        _dot_cotangent(g, columns, rows, c.x, cx, fx, bx, (cy, fy, by)) if c.needs[1] else None,
    ]


def _dot_cotangent(
    g: Tensor,
    kept: tuple[int, ...],
    summed: tuple[int, ...],
    other: Tensor,
    contracted: tuple[int, ...],
    free: tuple[int, ...],
    batch: tuple[int, ...],
    target: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
) -> Tensor:
    """Cotangent of one operand: g times the other operand, over the other's free axes.

    Of the two orders of the product, that is taken whose result has its axes as the operand has them: a transposed
    view would slow down what reads it.

    Args:
        g: the cotangent of the product.
        kept: axes of g that belong to the operand.
        summed: axes of g that belong to the other operand.
        other: the other operand.
        contracted: its contracted axes.
        free: its free axes, as `summed`.
        batch: its batch axes.
        target: contracted, free and batch axes of the operand, in the order of `contracted`, `kept` and `batch`.
    """
    t_contracted, t_free, t_batch = target
    batch_g = tuple(range(len(batch)))
    order = sorted(range(len(contracted)), key=contracted.__getitem__)  # as the product leaves them
    left = tuple(t_contracted[i] for i in order)
    if min(left, default=0) < min(t_free, default=0):
        part = dot_general(other, g, contract=(free, summed), batch=(batch, batch_g))
        axes = (*t_batch, *left, *t_free)
    else:
        part = dot_general(g, other, contract=(summed, free), batch=(batch_g, batch))
        axes = (*t_batch, *t_free, *left)
    if axes == tuple(range(len(axes))):
        return part
    result: Tensor = transpose(part, permutation=inverse(axes))
    return result


def _batch_dot(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    (x, y), (cx, cy), (bx, by) = operands, attrs["contract"], attrs["batch"]
    if batched[0] and batched[1]:
        contract = (shifted(cx), shifted(cy))
        return [dot_general(x, y, contract=contract, batch=((0, *shifted(bx)), (0, *shifted(by))))], [True]
    # The batch axis is one more free axis of its operand; bring it to the front of the result.
    if batched[0]:
        result = dot_general(x, y, contract=(shifted(cx), cy), batch=(shifted(bx), by))
        at = len(bx)
    else:
        result = dot_general(x, y, contract=(cx, shifted(cy)), batch=(bx, shifted(by)))
        at = len(bx) + len(_free(x.ndim, cx, bx))
    return [transpose(result, permutation=(at, *(i for i in range(result.ndim) if i != at)))], [True]


dot_general: OpDef = register(
    OpDef(
        "dot_general",
        _infer_dot,
        reduce.dot_general,
        Vjp(_dot_vjp, saves=(0, 1), conjugates=True),
        _batch_dot,
        kind=Kind.PRODUCT,
        total=True,
        expensive=True,
    )
)

# -- convolution: x[n, c, *s] with w[o, c/groups, *k]; its two adjoints are primitives too, so that derivatives of any
#    order stay among the three --


def window_sizes(
    op: str,
    spatial: Shape,
    window: Shape,
    strides: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> Shape:
    """How many places a sliding window has along each axis."""
    if not len(spatial) == len(window) == len(strides) == len(padding) == len(dilation):
        given = (
            f"{len(spatial)} spatial axes, window {window}, strides {strides}, padding {padding}, dilation {dilation}"
        )
        raise fail(op, given, "as many of each as there are spatial axes")
    if min(*strides, *dilation, 1) < 1 or min((p for pair in padding for p in pair), default=0) < 0:
        raise fail(op, f"strides {strides}, dilation {dilation}, padding {padding}", "1 or more; padding 0 or more")
    sizes: list[DimSize] = []
    for n, k, s, (low, high), d in zip(spatial, window, strides, padding, dilation, strict=True):
        room = n + low + high - ((k - 1) * d + 1)
        if not k >= 1 or not room >= 0:
            raise fail(op, f"size {n} padded by {(low, high)}, window {k}, dilation {d}", "a window that fits")
        sizes.append(room // s + 1)
    return tuple(sizes)


def _infer_conv(x: TensorType, w: TensorType, *, groups: int, **place: Any) -> TensorType:
    dtype = same_dtype("conv", (x, w))
    check_kind("conv", dtype, NUMBER)
    if x.ndim < 3 or w.ndim != x.ndim:
        raise fail("conv", f"shapes {x.shape} and {w.shape}", "x[n, c, *spatial] and w[o, c/groups, *window]")
    if groups < 1 or x.shape[1] != w.shape[1] * groups or w.shape[0] % groups != 0:
        raise fail(
            "conv",
            f"{x.shape[1]} input channels, weight {w.shape}, groups={groups}",
            "weight[o, channels / groups, …] with o a multiple of groups",
        )
    sizes = window_sizes("conv", x.shape[2:], w.shape[2:], **place)
    return TensorType(dtype, (x.shape[0], w.shape[0], *sizes))


def _infer_adjoint(name: str) -> Infer:
    def infer(x: TensorType, *_: TensorType, shape: Shape, **__: Any) -> TensorType:
        if any(size < 0 for size in shape):
            raise fail(name, f"a result of shape {tuple(shape)}", "sizes of 0 or more")
        return x.with_shape(tuple(shape))

    return infer


def _conv_attrs(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "shape"}


def _conv_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    return [
        conv_input_grad(g, c.y, shape=c.types[0].shape, **c.attrs) if c.needs[0] else None,
        conv_weight_grad(c.x, g, shape=c.types[1].shape, **c.attrs) if c.needs[1] else None,
    ]


def _conv_of_shape(x: Tensor, w: Tensor, shape: Shape, attrs: dict[str, Any]) -> Tensor:
    """A convolution's first places: an adjoint's data may be larger than what as many places as it has can reach."""
    y: Tensor = conv(x, w, **attrs)
    for axis in range(2, y.ndim):
        if y.shape[axis] != shape[axis]:
            y = narrow(y, axis, 0, shape[axis])
    return y


def _conv_input_grad_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    attrs = _conv_attrs(c.attrs)
    return [
        _conv_of_shape(g, c.y, c.types[0].shape, attrs) if c.needs[0] else None,
        conv_weight_grad(g, c.x, shape=c.types[1].shape, **attrs) if c.needs[1] else None,
    ]


def _conv_weight_grad_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    attrs = _conv_attrs(c.attrs)
    return [
        conv_input_grad(c.y, g, shape=c.types[0].shape, **attrs) if c.needs[0] else None,
        _conv_of_shape(c.x, g, c.types[1].shape, attrs) if c.needs[1] else None,
    ]


def _into(x: Tensor, axis: int) -> Tensor:
    """Merge the batch axis 0 into an (unbatched) axis, batch outermost."""
    order = (*range(1, axis + 1), 0, *range(axis + 1, x.ndim))
    moved = transpose(x, permutation=order)
    result: Tensor = reshape(
        moved, shape=(*moved.shape[:axis], moved.shape[axis] * moved.shape[axis + 1], *moved.shape[axis + 2 :])
    )
    return result


def _out_of(x: Tensor, axis: int, size: DimSize) -> Tensor:
    """Undo `_into`."""
    split = reshape(x, shape=(*x.shape[:axis], size, x.shape[axis] // size, *x.shape[axis + 1 :]))
    result: Tensor = transpose(split, permutation=(axis, *(i for i in range(split.ndim) if i != axis)))
    return result


def _batch_conv(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """Examples become rows of the batch where the weight is shared, groups of channels where each has its own.

    The three convolutions have the roles (data with axes n, channels; weight with axes out, in); what is merged where
    follows from which of x, w and y an operand or the result stands for.
    """
    roles = {conv: "xwy", conv_input_grad: "ywx", conv_weight_grad: "xyw"}[op]
    shared_weight = "w" in roles[:2] and not batched[roles.index("w")]
    if shared_weight:
        data = operands[0]
        merged = [_into(data, 0), operands[1]]
        if "shape" in attrs:
            attrs = {**attrs, "shape": (attrs["shape"][0] * size, *attrs["shape"][1:])}
        return [_out_of(op(*merged, **attrs), 0, size)], [True]
    axis = {"x": 1, "y": 1, "w": 0}
    whole = [with_batch(x, b, size) for x, b in zip(operands, batched, strict=True)]
    merged = [_into(x, axis[role]) for x, role in zip(whole, roles, strict=False)]
    attrs = {**attrs, "groups": attrs["groups"] * size}
    if "shape" in attrs:
        shape, at = attrs["shape"], axis[roles[2]]
        attrs["shape"] = (*shape[:at], shape[at] * size, *shape[at + 1 :])
    return [_out_of(op(*merged, **attrs), axis[roles[2]], size)], [True]


conv: OpDef = register(
    OpDef(
        "conv",
        _infer_conv,
        conv_kernels.conv,
        Vjp(_conv_vjp, saves=(0, 1), conjugates=True),
        _batch_conv,
        kind=Kind.PRODUCT,
        total=True,
        expensive=True,
    )
)
#: The adjoint of `conv` in x: (y-like cotangent, w) to something of the attribute `shape`.
conv_input_grad: OpDef = register(
    OpDef(
        "conv_input_grad",
        _infer_adjoint("conv_input_grad"),
        conv_kernels.conv_input_grad,
        Vjp(_conv_input_grad_vjp, saves=(0, 1), conjugates=True),
        _batch_conv,
        kind=Kind.PRODUCT,
        total=True,
        expensive=True,
    )
)
#: The adjoint of `conv` in w: (x, y-like cotangent) to something of the attribute `shape`.
conv_weight_grad: OpDef = register(
    OpDef(
        "conv_weight_grad",
        _infer_adjoint("conv_weight_grad"),
        conv_kernels.conv_weight_grad,
        Vjp(_conv_weight_grad_vjp, saves=(0, 1), conjugates=True),
        _batch_conv,
        kind=Kind.PRODUCT,
        total=True,
        expensive=True,
    )
)

# -- windows that slide over the last axes --


def _infer_window_sum(x: TensorType, *, window: tuple[int, ...], **place: Any) -> TensorType:
    check_kind("window_sum", x.dtype, REAL)
    lead = x.ndim - len(window)
    sizes = window_sizes("window_sum", x.shape[lead:], window, **place)
    return x.with_shape((*x.shape[:lead], *sizes))


def _infer_window_max(x: TensorType, *, window: tuple[int, ...], **place: Any) -> tuple[TensorType, TensorType]:
    check_kind("window_max", x.dtype, REAL)
    lead = x.ndim - len(window)
    sizes = window_sizes("window_max", x.shape[lead:], window, **place)
    values = x.with_shape((*x.shape[:lead], *sizes))
    return values, values.with_dtype(int64)


def _batch_window(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """Windows slide over the last axes: one more in front changes nothing."""
    if "shape" in attrs:
        attrs = {**attrs, "shape": (size, *attrs["shape"])}
    results = op(operands[0], **attrs)
    results = results if isinstance(results, tuple) else (results,)
    return results, [True] * len(results)


def _window_max_vjp(c: Residuals, g: Tensor | None, _: Tensor | None) -> list[Tensor | None]:
    return [None if g is None else window_max_grad(g, c.output(1), shape=c.types[0].shape, **c.attrs)]


def _infer_window_max_grad(g: TensorType, indices: TensorType, *, shape: Shape, **_: Any) -> TensorType:
    check_kind("window_max_grad", g.dtype, FLOAT)
    if indices.dtype is not int64 or indices.shape != g.shape or len(shape) != g.ndim:
        raise fail("window_max_grad", f"{g}, indices {indices}, shape {shape}", "int64 indices of the shape of g")
    return g.with_shape(tuple(shape))


def _rows(x: Tensor, window: Sequence[int]) -> Tensor:
    """With the last axes, those of the window, as one."""
    lead = x.ndim - len(window)
    result: Tensor = reshape(x, shape=(*x.shape[:lead], product(x.shape[lead:])))
    return result


def _decompose_window_max_grad(g: Tensor, indices: Tensor, *, shape: Shape, **place: Any) -> Tensor:
    window = place["window"]
    lead = len(shape) - len(window)
    flat = put_along_axis(_rows(g, window), _rows(indices, window), lead, product(shape[lead:]))
    result: Tensor = reshape(flat, shape=shape)
    return result


def _window_max_grad_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    window = c.attrs["window"]
    lead = g.ndim - len(window)
    taken = take_along_axis(_rows(g, window), _rows(c.y, window), lead)
    return [reshape(taken, shape=c.types[0].shape), None]


def _batch_window_max_grad(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    whole = (with_batch(x, flag, size) for x, flag in zip(operands, batched, strict=True))
    return [op(*whole, **{**attrs, "shape": (size, *attrs["shape"])})], [True]


window_sum: OpDef = register(
    OpDef(
        "window_sum",
        _infer_window_sum,
        window_kernels.window_sum,
        Vjp(lambda c, g: [window_sum_grad(g, shape=c.types[0].shape, **c.attrs)]),
        _batch_window,
        kind=Kind.WINDOW,
        total=True,
        expensive=True,
    )
)
#: The adjoint of `window_sum`.
window_sum_grad: OpDef = register(
    OpDef(
        "window_sum_grad",
        _infer_adjoint("window_sum_grad"),
        window_kernels.window_sum_grad,
        Vjp(lambda c, g: [window_sum(g, **_conv_attrs(c.attrs))]),
        _batch_window,
        kind=Kind.WINDOW,
        total=True,
        expensive=True,
    )
)
#: Maximum of each window, and where it is: a position in the flattened last axes.
window_max: OpDef = register(
    OpDef(
        "window_max",
        _infer_window_max,
        window_kernels.window_max,
        Vjp(_window_max_vjp, saves_outputs=(1,)),
        _batch_window,
        multiple=True,
        kind=Kind.WINDOW,
        total=True,
        expensive=True,
    )
)
#: The derivative of `window_max`: (cotangent of the maxima, where they are) to something of the attribute `shape`.
window_max_grad: OpDef = register(
    OpDef(
        "window_max_grad",
        _infer_window_max_grad,
        window_kernels.window_max_grad,
        Vjp(_window_max_grad_vjp, saves=(1,)),
        _batch_window_max_grad,
        kind=Kind.WINDOW,
        expensive=True,
        decompose=_decompose_window_max_grad,
    )
)
