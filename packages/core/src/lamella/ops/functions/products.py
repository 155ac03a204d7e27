"""Products of matrices and tensors."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.dtypes import promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis, unified, wide
from lamella.ops.define.rules import broadcast_shapes
from lamella.ops.functions.elementwise import add, mul
from lamella.ops.functions.linalg import diagonal
from lamella.tensor import Tensor

__all__ = [
    "addmm",
    "baddbmm",
    "bmm",
    "dense",
    "dot",
    "einsum",
    "ger",
    "inner",
    "matmul",
    "mm",
    "mv",
    "outer",
    "tensor_dot",
]


def _dot(x: Tensor, y: Tensor, contract: Any, batch: Any = ((), ())) -> Tensor:
    result: Tensor = prims.dot_general(x, y, contract=contract, batch=batch)
    return result


def _fail(subject: str, x: Tensor, y: Tensor, expected: str) -> ValueError:
    return ValueError(explain(subject, given=f"shapes {x.shape} and {y.shape}", expected=expected))


def matmul(input: Any, other: Any) -> Tensor:
    """Matrix product, as NumPy's `@`.

    Args:
        input: tensor of shape (..., n, k); with one axis it is a row.
        other: tensor of shape (..., k, m); with one axis it is a column. Axes in front broadcast.

    Returns:
        A tensor of shape (..., n, m), without the axis of a row or column.

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.matmul(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])).asnumpy()
        array([[11.]], dtype=float32)
    """
    return _matmul("ops.matmul", input, other)


def _matmul(subject: str, input: Any, other: Any) -> Tensor:
    x, y = unified(subject, input, other)
    n, m = x.ndim, y.ndim
    if not n or not m or x.shape[-1] != y.shape[0 if m == 1 else -2]:
        raise _fail(subject, x, y, "(…, n, k) and (…, k, m)")
    if m <= 2:
        return _dot(x, y, ((n - 1,), (0,)))
    if n == 1:
        return _dot(x, y, ((0,), (m - 2,)))
    if n == 2:  # the matrix is the same for all: one product, then its rows go to their place
        product = _dot(x, y, ((1,), (m - 2,)))
        order = (*builtins.range(1, m - 1), 0, m - 1)
        moved: Tensor = prims.transpose(product, permutation=order)
        return moved
    lead = broadcast_shapes(subject.removeprefix("ops."), (x.shape[:-2], y.shape[:-2]))
    x, y = (z if z.shape[:-2] == lead else prims.broadcast_to(z, shape=(*lead, *z.shape[-2:])) for z in (x, y))
    batch = tuple(builtins.range(len(lead)))
    return _dot(x, y, ((len(lead) + 1,), (len(lead),)), (batch, batch))


def mm(input: Any, mat2: Any) -> Tensor:
    """Product of two matrices.

    Args:
        input: tensor of shape (n, k).
        mat2: tensor of shape (k, m).

    Returns:
        A tensor of shape (n, m).

    Raises:
        ValueError: the shapes are others.

    Examples:
        >>> from lamella import ops
        >>> ops.mm(ops.ones((2, 3)), ops.ones((3, 4))).shape
        (2, 4)
    """
    return _product("ops.mm", input, mat2, 2, "(n, k) and (k, m)")


def bmm(input_x: Any, mat2: Any) -> Tensor:
    """Product of the matrices of two batches.

    Args:
        input_x: tensor of shape (..., n, k), at least three axes.
        mat2: tensor of shape (..., k, m), with the same axes in front.

    Returns:
        A tensor of shape (..., n, m).

    Raises:
        ValueError: the shapes are others.

    Examples:
        >>> from lamella import ops
        >>> ops.bmm(ops.ones((5, 2, 3)), ops.ones((5, 3, 4))).shape
        (5, 2, 4)
    """
    x, y = unified("ops.bmm", input_x, mat2)
    if x.ndim < 3 or x.ndim != y.ndim or x.shape[:-2] != y.shape[:-2] or x.shape[-1] != y.shape[-2]:
        raise _fail("ops.bmm", x, y, "(…, n, k) and (…, k, m)")
    batch = tuple(builtins.range(x.ndim - 2))
    return _dot(x, y, ((x.ndim - 1,), (x.ndim - 2,)), (batch, batch))


def mv(mat: Any, vec: Any) -> Tensor:
    """Product of a matrix and a vector.

    Args:
        mat: tensor of shape (n, k).
        vec: tensor of shape (k,).

    Returns:
        A tensor of shape (n,).

    Raises:
        ValueError: the shapes are others.

    Examples:
        >>> from lamella import ops
        >>> ops.mv(ops.ones((2, 3)), ops.ones(3)).asnumpy()
        array([3., 3.], dtype=float32)
    """
    x, y = unified("ops.mv", mat, vec)
    if x.ndim != 2 or y.ndim != 1 or x.shape[1] != y.shape[0]:
        raise _fail("ops.mv", x, y, "(n, k) and (k,)")
    return _dot(x, y, ((1,), (0,)))


def _product(subject: str, input: Any, other: Any, ndim: int, expected: str) -> Tensor:
    x, y = unified(subject, input, other)
    if x.ndim != ndim or y.ndim != ndim:
        raise _fail(subject, x, y, expected)
    return _matmul(subject, x, y)


def dot(input: Any, other: Any) -> Tensor:
    """Sum of products over the last axis of one tensor and the second to last of the other (the only one of a vector).

    Args:
        input: tensor of shape (..., k).
        other: tensor of shape (..., k, m) or (k,).

    Returns:
        A tensor with the remaining axes of `input`, then those of `other`.

    Raises:
        ValueError: the shapes do not fit, or a tensor has no axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dot(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])).item()
        11.0
    """
    x, y = unified("ops.dot", input, other)
    if not x.ndim or not y.ndim or x.shape[-1] != y.shape[0 if y.ndim == 1 else -2]:
        raise _fail("ops.dot", x, y, "(…, k) and (…, k, m)")
    return _dot(x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def inner(input: Any, other: Any) -> Tensor:
    """Sum of products over the last axes of two tensors.

    Args:
        input: tensor of shape (..., k), or a number.
        other: tensor of shape (..., k), or a number.

    Returns:
        A tensor with the remaining axes of `input`, then those of `other`.

    Raises:
        ValueError: the last axes differ in size.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.inner(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])).item()
        11.0
    """
    x, y = unified("ops.inner", input, other)
    if not x.ndim or not y.ndim:
        return mul(x, y)
    if x.shape[-1] != y.shape[-1]:
        raise _fail("ops.inner", x, y, "(…, k) and (…, k)")
    return _dot(x, y, ((x.ndim - 1,), (y.ndim - 1,)))


def outer(input: Any, vec2: Any) -> Tensor:
    """Products of each element of a vector with each of another.

    Args:
        input: tensor of shape (n,).
        vec2: tensor of shape (m,).

    Returns:
        A tensor of shape (n, m).

    Raises:
        ValueError: a tensor is no vector.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.outer(Tensor([1, 2]), Tensor([3, 4])).asnumpy()
        array([[3, 4],
               [6, 8]])
    """
    x, y = unified("ops.outer", input, vec2)
    if x.ndim != 1 or y.ndim != 1:
        raise _fail("ops.outer", x, y, "(n,) and (m,)")
    return mul(prims.reshape(x, shape=(x.shape[0], 1)), y)


ger = outer


def tensor_dot(x1: Any, x2: Any, axes: Any) -> Tensor:
    """Sum of products over given axes.

    Args:
        x1: any tensor.
        x2: any tensor.
        axes: how many axes, the last of `x1` with the first of `x2`; or two tuples of axes (or two axes).

    Returns:
        A tensor with the remaining axes of `x1`, then those of `x2`.

    Raises:
        TypeError: `axes` is something else.
        ValueError: the sizes differ, or an axis is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.tensor_dot(ops.ones((2, 3)), ops.ones((3, 2)), ((0, 1), (1, 0))).item()
        6.0
    """
    x, y = unified("ops.tensor_dot", x1, x2)
    if isinstance(axes, (tuple, list)) and len(axes) == 2:
        pairs = [tuple(a) if isinstance(a, (tuple, list)) else (a,) for a in axes]
        left = tuple(one_axis("ops.tensor_dot", a, x.ndim) for a in pairs[0])
        right = tuple(one_axis("ops.tensor_dot", a, y.ndim) for a in pairs[1])
    elif isinstance(axes, (int, np.integer)) and not isinstance(axes, bool):
        if not 0 <= axes <= min(x.ndim, y.ndim):
            raise ValueError(
                explain(
                    "ops.tensor_dot", given=f"axes={axes} of shapes {x.shape}, {y.shape}", expected="axes that exist"
                )
            )
        left, right = tuple(builtins.range(x.ndim - axes, x.ndim)), tuple(builtins.range(axes))
    else:
        raise TypeError(explain("ops.tensor_dot", given=f"axes={axes!r}", expected="an int or two tuples of ints"))
    if len(left) != len(right) or any(x.shape[a] != y.shape[b] for a, b in zip(left, right, strict=True)):
        raise _fail("ops.tensor_dot", x, y, f"equal sizes at axes {left} and {right}")
    return _dot(x, y, (left, right))


def dense(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """A fully connected layer: input @ weight.T + bias.

    Args:
        input: tensor of shape (..., n).
        weight: tensor of shape (m, n), or (n,) for one result.
        bias: tensor of shape (m,) or ().

    Returns:
        A tensor of shape (..., m).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dense(Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]), Tensor([1.0])).asnumpy()
        array([[12.]], dtype=float32)
    """
    x, w = unified("ops.dense", input, weight)
    if not x.ndim or w.ndim not in (1, 2) or x.shape[-1] != w.shape[-1]:
        raise _fail("ops.dense", x, w, "(…, n) and (m, n)")
    result = _dot(x, w, ((x.ndim - 1,), (w.ndim - 1,)))
    return result if bias is None else add(result, bias)


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Beta * input + alpha * (mat1 @ mat2).

    Args:
        input: tensor that broadcasts to (n, m).
        mat1: tensor of shape (n, k).
        mat2: tensor of shape (k, m).
        beta: factor of `input`.
        alpha: factor of the product.

    Returns:
        A tensor of shape (n, m).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.addmm(ops.ones((1, 1)), ops.ones((1, 3)), ops.ones((3, 1)), beta=2).item()
        5.0
    """
    return _scaled_sum("ops.addmm", input, mat1, mat2, beta, alpha, 2, "(n, k) and (k, m)")


def baddbmm(input: Any, batch1: Any, batch2: Any, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Beta * input + alpha * (batch1 @ batch2), for each of a batch.

    Args:
        input: tensor that broadcasts to (b, n, m).
        batch1: tensor of shape (b, n, k).
        batch2: tensor of shape (b, k, m).
        beta: factor of `input`.
        alpha: factor of the product.

    Returns:
        A tensor of shape (b, n, m).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.baddbmm(ops.ones((1, 1)), ops.ones((2, 1, 3)), ops.ones((2, 3, 1))).shape
        (2, 1, 1)
    """
    return _scaled_sum("ops.baddbmm", input, batch1, batch2, beta, alpha, 3, "(b, n, k) and (b, k, m)")


def _scaled_sum(
    subject: str, input: Any, mat1: Any, mat2: Any, beta: Any, alpha: Any, ndim: int, expected: str
) -> Tensor:
    """Beta * input + alpha * (mat1 @ mat2); of tensors of 16 bits rounded once."""
    x, y = unified(subject, mat1, mat2)
    rest = as_tensor(input, x.dtype, subject)
    product = _product(subject, wide(x), wide(y), ndim, expected)
    scaled = wide(rest) if beta == 1 else mul(wide(rest), beta)
    total = add(scaled, product if alpha == 1 else mul(product, alpha))
    return cast(total, promote(rest.dtype, x.dtype)) if product.dtype is not x.dtype else total


# -- einsum --


def einsum(equation: str, *operands: Any) -> Tensor:
    """Sum of products over named axes.

    Args:
        equation: a term for each operand, such as "bij,bjk->bik"; an axis named in two terms runs in parallel, one
            that the result does not name is summed over, `...` stands for axes that broadcast. Without "->" the result
            names what stands once, in alphabetical order.
        operands: the tensors.

    Returns:
        A tensor with the axes of the term after "->".

    Raises:
        ValueError: the equation does not fit the tensors.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.einsum("ij,j->i", Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0])).asnumpy()
        array([3., 7.], dtype=float32)
    """
    if not isinstance(equation, str):
        raise TypeError(explain("ops.einsum", given=f"equation {equation!r}", expected="text such as 'ij,jk->ik'"))
    given = operands[0] if len(operands) == 1 and isinstance(operands[0], (tuple, list)) else operands
    tensors = unified("ops.einsum", *given)
    terms, result = _einsum_terms(equation, tensors)
    dtype = tensors[0].dtype
    if len(terms) > 2 or not set(result).issuperset(set(terms[0]).symmetric_difference(terms[-1])):
        tensors = [wide(x) for x in tensors]  # there is more than one step
    # Each step multiplies two tensors and sums over the axes that nothing after it names.
    current, names = _einsum_single(tensors[0], terms[0])
    for i, (tensor, term) in enumerate(zip(tensors[1:], terms[1:], strict=True)):
        other, other_names = _einsum_single(tensor, term)
        needed = set(result).union(*terms[i + 2 :])
        current, names = _einsum_pair(current, names, other, other_names, needed)
    summed = tuple(i for i, name in enumerate(names) if name not in result)
    if summed:
        current = prims.reduce_sum(current, axes=summed)
        names = [name for name in names if name in result]
    moved: Tensor = prims.transpose(current, permutation=tuple(names.index(name) for name in result))
    return cast(moved, dtype)


_Names = list[str]


def _einsum_terms(equation: str, tensors: list[Tensor]) -> tuple[list[_Names], _Names]:
    """Names of each tensor's axes and of the result's; those of an ellipsis are named by their place, from the end."""

    def fail(why: str) -> ValueError:
        return ValueError(explain("ops.einsum", given=f"{equation!r}", expected=why))

    inputs, arrow, output = equation.replace(" ", "").partition("->")
    parts = inputs.split(",")
    if len(parts) != len(tensors):
        raise fail(f"a term for each of {len(tensors)} tensors")

    def names(part: str, hidden: int | None) -> _Names:
        before, dots, after = part.partition("...")
        if not (before + after).isalpha() and before + after:
            raise fail("letters, ',', '...' and '->'")
        if hidden is None:
            return [*before, *after]
        return [*before, *(f".{n}" for n in reversed(builtins.range(hidden))), *after] if dots else [*before, *after]

    terms: list[_Names] = []
    widest = 0
    for part, x in zip(parts, tensors, strict=True):
        letters = len(part.replace("...", ""))
        hidden = x.ndim - letters
        if hidden < 0 or (hidden and "..." not in part):
            raise fail(f"{x.ndim} axes in the term {part!r}")
        widest = max(widest, hidden)
        terms.append(names(part, hidden))
    if arrow:
        result = names(output, widest)
    else:
        letters_once = sorted(c for c in set(inputs) if c.isalpha() and inputs.count(c) == 1)
        result = [*(f".{n}" for n in reversed(builtins.range(widest))), *letters_once]
    known = {name for term in terms for name in term}
    if len(set(result)) != len(result) or not set(result) <= known:
        raise fail("a result that names axes of the terms, each once")
    return terms, result


def _einsum_single(x: Tensor, term: _Names) -> tuple[Tensor, _Names]:
    """Axes named twice in one term become their diagonal."""
    names = list(term)
    for name in dict.fromkeys(term):
        while names.count(name) > 1:
            first = names.index(name)
            second = names.index(name, first + 1)
            x = diagonal(x, 0, first, second)
            names = [n for i, n in enumerate(names) if i not in (first, second)] + [name]
    return x, names


def _einsum_pair(x: Tensor, xs: _Names, y: Tensor, ys: _Names, needed: set[str]) -> tuple[Tensor, _Names]:
    """Multiply, summing over the axes that both have and nothing needs."""
    sizes: dict[str, DimSize] = {}
    for name, size in [*zip(xs, x.shape, strict=True), *zip(ys, y.shape, strict=True)]:
        known = sizes.setdefault(name, size)
        if known != size:
            if known != 1 and size != 1:
                raise ValueError(
                    explain("ops.einsum", given=f"sizes {known} and {size} of one axis", expected="equal sizes")
                )
            sizes[name] = size if known == 1 else known
    # An axis of size 1 that meets a longer one broadcasts: it is stretched, then it is like the others.
    shared = [name for name in xs if name in ys]
    x, y = (
        z if z.shape == full else prims.broadcast_to(z, shape=full)
        for z, full in (
            (x, tuple(sizes[n] if n in shared else size for n, size in zip(xs, x.shape, strict=True))),
            (y, tuple(sizes[n] if n in shared else size for n, size in zip(ys, y.shape, strict=True))),
        )
    )
    batch = [name for name in shared if name in needed]
    contract = [name for name in shared if name not in needed]
    product = _dot(
        x,
        y,
        (tuple(xs.index(n) for n in contract), tuple(ys.index(n) for n in contract)),
        (tuple(xs.index(n) for n in batch), tuple(ys.index(n) for n in batch)),
    )
    return product, [*batch, *(n for n in xs if n not in shared), *(n for n in ys if n not in shared)]
