"""`vmap`: a function of one example as a function of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella import tree
from lamella.autodiff.compiling import outermost_compiles
from lamella.engine.batching import Batching
from lamella.engine.conversion import converted
from lamella.engine.stack import current, entered
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella.tensor import Tensor


def vmap(fn: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """A function that applies another to each example of a batch, all at once.

    Args:
        fn: a function of tensors (nested tuples, lists and dicts of them too) that returns tensors.
        in_axes: which axis of the arguments counts the examples: an int for all, or a tuple with an entry for each
            argument, an int or a (nested) tuple, list or dict like the argument; None where all examples share it.
        out_axes: which axis of the results counts them, in the same way; None for a result that does not depend on
            the example.

    Returns:
        The function of the batch.

    Raises:
        TypeError: an axis is not an int or None.
        ValueError: no argument has a batch axis, their sizes differ, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops, vmap
        >>> rows = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> vmap(ops.matmul, in_axes=(0, None))(rows, Tensor([1.0, 1.0])).asnumpy()
        array([3., 7.], dtype=float32)
    """

    @outermost_compiles(fn, "vmap", repr(in_axes), repr(out_axes))
    def batched(*args: Any, **options: Any) -> Any:
        leaves, spec = tree.flatten(args)
        axes = _axes("vmap in_axes", in_axes, spec)
        tensors = [as_tensor(leaf, None, "vmap") for leaf in leaves]
        moved = [_to_front(x, axis) for x, axis in zip(tensors, axes, strict=True)]
        sizes = {x.shape[0] for x, axis in zip(moved, axes, strict=True) if axis is not None}
        if len(sizes) != 1:
            raise ValueError(
                explain("vmap", given=f"batch sizes {sorted(map(str, sizes))}", expected="one size for all arguments")
                if sizes
                else explain("vmap", given="in_axes without an axis", expected="at least one batched argument")
            )
        engine = Batching(current(), sizes.pop())
        with entered(engine):
            inner = [x if axis is None else engine.batch(x) for x, axis in zip(moved, axes, strict=True)]
            result = converted(fn)(*tree.unflatten(spec, inner), **options)
            outputs, out_spec = tree.flatten(result)
            outputs = [as_tensor(y, None, "vmap") for y in outputs]
        wanted = _axes("vmap out_axes", out_axes, out_spec)
        finished: list[Tensor] = []
        for y, axis in zip(outputs, wanted, strict=True):
            if axis is None:
                x, carries = engine.unbatch(y)
                if carries:
                    raise ValueError(
                        explain(
                            "vmap", given="out_axes=None for a result that differs between examples", expected="an axis"
                        )
                    )
                finished.append(x)
            else:
                finished.append(_from_front(engine.whole(y), axis))
        return tree.unflatten(out_spec, finished)

    return batched


def _axes(subject: str, axes: Any, spec: tree.Spec) -> list[int | None]:
    """An axis for each leaf, from axes given for whole arguments or for their parts."""
    result: list[int | None] = []

    def visit(part: tree.Spec, given: Any) -> None:
        if isinstance(given, bool) or not (given is None or isinstance(given, (int, tuple, list, dict))):
            raise TypeError(explain(subject, given=repr(given), expected="an int, None or a tuple of them"))
        if part is None:
            if not (given is None or isinstance(given, int)):
                raise TypeError(explain(subject, given=repr(given), expected="an int or None for a tensor"))
            result.append(given)
            return
        parts = part[2]
        if isinstance(given, dict):
            entries = [given.get(key, "missing") for key in part[1]]
        elif isinstance(given, (tuple, list)):
            entries = list(given)
        else:
            entries = [given] * len(parts)
        if len(entries) != len(parts):
            raise ValueError(
                explain(subject, given=f"{len(entries)} axes", expected=f"{len(parts)}, one for each argument")
            )
        for inner, entry in zip(parts, entries, strict=True):
            visit(inner, entry)

    visit(spec, axes)
    return result


def _to_front(x: Tensor, axis: int | None) -> Tensor:
    if axis is None:
        return x
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            explain("vmap", given=f"axis {axis} of a tensor with {x.ndim} axes", expected="one of its axes")
        )
    at = axis % x.ndim
    if at == 0:
        return x
    result: Tensor = prims.transpose(x, permutation=(at, *(i for i in range(x.ndim) if i != at)))
    return result


def _from_front(x: Tensor, axis: int) -> Tensor:
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(explain("vmap", given=f"out axis {axis} of {x.ndim} axes", expected="one of its axes"))
    at = axis % x.ndim
    if at == 0:
        return x
    order = [*range(1, at + 1), 0, *range(at + 1, x.ndim)]
    result: Tensor = prims.transpose(x, permutation=tuple(order))
    return result
