"""Control flow that depends on the numbers in tensors, and functions with derivatives of their own.

The bodies are traced once, in both modes: Python in them runs when the construct is called, not on each iteration.
Tensors that a body reads from around it, parameters included, are found by themselves; tensors that it changes in
place (state, random generators) are changed after it as they would be by running it. What a body is given as an
argument is its own: changing that in place changes nothing outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import tree
from lamella.dims import DimSize
from lamella.dtypes import int64
from lamella.engine.base import AnyValue
from lamella.engine.building import Building
from lamella.engine.conversion import converted
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.prims.custom import Custom
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN, TensorType

__all__ = ["cond", "custom_derivative", "fori_loop", "scan", "while_loop"]


class _Traced:
    """A body being turned into a region: its graph stays open until all bodies of the construct are known."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        args_spec: tree.Spec,
        types: Sequence[TensorType],
        state: Sequence[Tensor] = (),
    ) -> None:
        self.building = Building(name)
        params = [self.building.param(t) for t in types]
        own = len(types) - len(state)
        for handle, param in zip(state, params[own:], strict=True):
            self.building.preset(handle, self.building.read(param))
        self.name = name
        self.run(lambda: converted(function)(*tree.unflatten(args_spec, params[:own])))

    def run(self, function: Callable[[], Any]) -> None:
        """Run a function as the last part of the region: what it returns is the region's result."""
        with self.building.recording():
            leaves, self.spec = tree.flatten(function())
            tensors = [as_tensor(leaf, None, f"result of the {self.name}") for leaf in leaves]
            self.results = [wrap(self.building.lift(self.building.read(r))) for r in tensors]

    @property
    def changed(self) -> list[Tensor]:
        return [handle for handle, _ in self.building.changed]

    def close(self, outer: Sequence[AnyValue], state: Sequence[Tensor], effects: bool) -> Any:
        """Finish the region: parameters (outer values, own parameters), results (own results, state after it)."""
        building = self.building
        with building.recording():
            lifted = [building.lift(value) for value in outer]
            graph = building.finish([*self.results, *(wrap(building.read(handle)) for handle in state)])
        if effects and not graph.effects:
            graph.results.insert(0, building.token())
        tokens = [p for p in graph.params if p.type == TOKEN]
        own = [p for p in graph.params if p.type != TOKEN and not any(p is v for v in lifted)]
        graph.params = [*tokens, *lifted, *own]
        return graph


def _outer(*bodies: _Traced) -> list[AnyValue]:
    """What the bodies read from around them, each once."""
    found: dict[int, AnyValue] = {}
    for body in bodies:
        found.update((value.uid, value) for value in body.building.captures)
    return list(found.values())


def _union(*bodies: _Traced) -> list[Tensor]:
    """Tensors from outside that any of the bodies changes in place, each once."""
    found: dict[int, Tensor] = {}
    for body in bodies:
        found.update((id(handle), handle) for handle in body.changed)
    return list(found.values())


def _operands(op: str, data: Any) -> tuple[list[Tensor], tree.Spec, list[TensorType]]:
    leaves, spec = tree.flatten(data)
    tensors = [as_tensor(leaf, None, f"ops.{op}") for leaf in leaves]
    return tensors, spec, [x._type for x in tensors]


def _set_state(state: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    engine = current()
    for handle, value in zip(state, values, strict=True):
        engine.write(handle, engine.read(value))


def _has_effects(*bodies: _Traced) -> bool:
    return any(body.building.graph.effects for body in bodies)


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], *operands: Any) -> Any:
    """Call one of two functions, depending on a tensor.

    Args:
        pred: bool tensor of one element, or a Python bool.
        true_fn: called with the operands if `pred` is true.
        false_fn: called with the operands otherwise. Both return the same structure of tensors, with equal types.
        operands: tensors, or nested tuples, lists and dicts of tensors.

    Returns:
        What the chosen function returns.

    Raises:
        TypeError: the functions return different structures or types; `pred` is not a bool.
        ValueError: `pred` has more than one element.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cond(Tensor(True), lambda x: x + 1, lambda x: x - 1, Tensor(2.0)).item()
        3.0
    """
    return branches(pred, true_fn, false_fn, *operands)


def branches(
    pred: Any,
    true_fn: Callable[..., Any],
    false_fn: Callable[..., Any],
    *operands: Any,
    merge: Callable[[], tuple[Callable[[], Any], Callable[[], Any]]] | None = None,
) -> Any:
    """As `cond`, for a compiler that makes the results of the branches alike when it knows both.

    Args:
        pred: as for `cond`.
        true_fn: as for `cond`.
        false_fn: as for `cond`.
        operands: as for `cond`.
        merge: called after both branches, which return None then; gives a function for each branch, which runs as the
            end of it and returns its results.

    Returns:
        What the chosen branch returns.
    """
    condition = _predicate("ops.cond", as_tensor(pred, None, "ops.cond"))
    tensors, spec, types = _operands("cond", operands)
    then = _Traced("true branch", true_fn, spec, types)
    orelse = _Traced("false branch", false_fn, spec, types)
    if merge is not None:
        for body, end in zip((then, orelse), merge(), strict=True):
            body.run(end)
    if then.spec != orelse.spec:
        raise TypeError(
            explain(
                "ops.cond",
                given=f"branches that return {_describe(then)} and {_describe(orelse)}",
                expected="the same structure from both",
            )
        )
    given, other = ([result._type for result in body.results] for body in (then, orelse))
    if given != other:
        raise TypeError(
            explain(
                "ops.cond",
                given=f"branches that return {_listed(given)} and {_listed(other)}",
                expected="the same types from both",
                remedy="Convert one with .astype(), or stretch it with ops.broadcast_to.",
            )
        )
    state = _union(then, orelse)
    for body in (then, orelse):  # a branch that does not change some state gives its value as it was
        with body.building.recording():
            for handle in state:
                body.building.read(handle)
    outer = _outer(then, orelse)
    effects = _has_effects(then, orelse)
    results = prims.cond(
        condition,
        *map(wrap, outer),
        *tensors,
        then=then.close(outer, state, effects),
        orelse=orelse.close(outer, state, effects),
    )
    n = len(then.results)
    _set_state(state, results[n:])
    return tree.unflatten(then.spec, results[:n])


def while_loop(cond_fn: Callable[..., Any], body_fn: Callable[..., Any], init: Any) -> Any:
    """Repeat a function for as long as a condition on its result holds.

    Args:
        cond_fn: takes what `init` is and returns a bool tensor of one element.
        body_fn: takes what `init` is and returns the next of the same structure and types.
        init: the first: a tensor, or nested tuples, lists and dicts of tensors.

    Returns:
        The first for which `cond_fn` is false.

    Raises:
        TypeError: the body changes the structure or the types.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.while_loop(lambda x: x < 100, lambda x: x * 2, Tensor(3.0)).item()
        192.0
    """
    tensors, spec, types = _operands("while_loop", (init,))
    state: list[Tensor] = []
    while True:
        state_types = [handle._type for handle in state]
        test = _Traced("loop condition", cond_fn, spec, [*types, *state_types], state)
        body = _Traced("loop body", body_fn, spec, [*types, *state_types], state)
        found = _union(body)
        if len(found) == len(state):
            break
        state = found
    if test.building.changed[len(state) :]:
        raise TypeError(
            explain(
                "ops.while_loop",
                given="a condition that changes a tensor in place",
                expected="one that only returns a bool",
                remedy="Move the change to the body.",
            )
        )
    if body.spec != spec[2][0]:  # type: ignore[index]  # the spec of the one-tuple around `init`
        raise TypeError(
            explain("ops.while_loop", given=f"a body that returns {_describe(body)}", expected="the structure of init")
        )
    with test.building.recording():
        test.results = [_predicate("ops.while_loop", test.results[0])]
    body.results = _converted("ops.while_loop", body, types)
    outer = _outer(test, body)
    effects = _has_effects(test, body)
    if test.building.graph.effects:
        raise TypeError(
            explain(
                "ops.while_loop", given="a condition with effects (print, assert)", expected="effects in the body only"
            )
        )
    results = prims.while_loop(
        *map(wrap, outer),
        *tensors,
        *(wrap(current().read(handle)) for handle in state),
        test=test.close(outer, (), False),
        body=body.close(outer, state, effects),
        consts=len(outer),
        save="",
    )
    _set_state(state, results[len(types) :])
    return tree.unflatten(spec, results[: len(types)])[0]


def scan(f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False) -> Any:
    """Run a function along the first axis of tensors, passing a state on.

    Args:
        f: takes the state and one element, returns the next state and one result.
        init: the first state: a tensor, or nested tuples, lists and dicts of tensors.
        xs: tensors to iterate over, nested likewise, all with a first axis of one size; or None.
        length: number of iterations; needed only where `xs` is None.
        reverse: whether to go from the last element to the first; results stay in the order of `xs`.

    Returns:
        The last state, and the results stacked along a new first axis.

    Raises:
        TypeError: `f` does not return a pair, or changes the structure or the types of the state.
        ValueError: sizes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> total, sums = ops.scan(lambda s, x: (s + x, s + x), Tensor(0.0), Tensor([1.0, 2.0, 3.0]))
        >>> total.item(), sums.asnumpy()
        (6.0, array([1., 3., 6.], dtype=float32))
    """
    carry, carry_spec, carry_types = _operands("scan", init)
    items, items_spec, item_types = _operands("scan", xs)
    for t in item_types:
        if not t.shape:
            raise ValueError(explain("ops.scan", given="a 0-d tensor to iterate over", expected="at least one axis"))
    asked = () if length is None else known_sizes("ops.scan(length=…)", length)
    sizes = {t.shape[0] for t in item_types} | set(asked)
    if len(sizes) != 1:
        raise ValueError(
            explain("ops.scan", given=f"sizes {sorted(map(str, sizes))}", expected="one size for xs and length")
        )
    count: DimSize = sizes.pop()
    slices = [t.with_shape(t.shape[1:]) for t in item_types]
    spec: tree.Spec = (tuple, (), (carry_spec, items_spec))
    n = len(carry)

    state: list[Tensor] = []
    while True:
        # Own parameters in the order (carry, state, items), as the primitive has them; the function sees no state.
        types = [*carry_types, *slices, *(handle._type for handle in state)]
        body = _Traced("loop body", f, spec, types, state)
        found = _union(body)
        if len(found) == len(state):
            break
        state = found
    if body.spec is None or body.spec[0] is not tuple or len(body.spec[2]) != 2:
        raise TypeError(
            explain("ops.scan", given=f"a function that returns {_describe(body)}", expected="a pair: state, result")
        )
    if body.spec[2][0] != carry_spec:
        raise TypeError(explain("ops.scan", given="a state of another structure", expected="the structure of init"))
    body.results = [*_converted("ops.scan", body, carry_types), *body.results[n:]]
    outer = _outer(body)
    graph = body.close(outer, state, _has_effects(body))
    # Reorder (carry, items, state) to (carry, state, items), and (carry, ys, state) to (carry, state, ys).
    start = int(graph.effects) + len(outer) + n
    graph.params = _rotated(graph.params, start, len(slices))
    graph.results = _rotated(graph.results, int(graph.effects) + n, len(body.results) - n)
    results = prims.scan(
        *map(wrap, outer),
        *carry,
        *(wrap(current().read(handle)) for handle in state),
        *items,
        body=graph,
        consts=len(outer),
        carry=n + len(state),
        length=count,
        reverse=bool(reverse),
        save=False,
    )
    _set_state(state, results[n : n + len(state)])
    return tree.unflatten(body.spec, [*results[:n], *results[n + len(state) :]])


def fori_loop(lower: Any, upper: Any, body_fn: Callable[[Tensor, Any], Any], init_val: Any) -> Any:
    """Call a function for each number of a range, passing a value on.

    Args:
        lower: first number: an int or an int tensor of one element.
        upper: one past the last number.
        body_fn: takes the number (int64 tensor) and the value, returns the next value.
        init_val: the first value: a tensor, or nested tuples, lists and dicts of tensors.

    Returns:
        The last value.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fori_loop(0, 5, lambda i, x: x + i, Tensor(0)).item()
        10
    """
    first, last = (cast(as_tensor(bound, int64, "ops.fori_loop"), int64) for bound in (lower, upper))
    _, value = while_loop(
        lambda carry: carry[0] < last,
        lambda carry: (carry[0] + 1, converted(body_fn)(carry[0], carry[1])),
        (first, init_val),
    )
    return value


def custom_derivative(forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Tensor) -> Any:
    """Call a function whose derivative is another function's result.

    Args:
        forward: takes the inputs, returns a tensor or nested tensors.
        backward: takes the inputs, what `forward` returned and its cotangents (in the same structure), and returns a
            cotangent for each input: a tensor, or None for zero; a single one need not be in a tuple.
        inputs: tensors.

    Returns:
        What `forward` returns.

    Raises:
        TypeError: `backward` returns another number of cotangents than there are inputs.
        ValueError: a cotangent has not its input's shape.

    Examples:
        >>> from lamella import Tensor, grad, ops
        >>> double = lambda x: ops.custom_derivative(lambda x: x, lambda x, out, g: g * 2, x)
        >>> grad(double)(Tensor(3.0)).item()
        2.0
    """
    specs: list[tree.Spec] = []

    def run(*tensors: Tensor) -> list[Tensor]:
        leaves, spec = tree.flatten(converted(forward)(*tensors))
        specs[:] = [spec]
        return [as_tensor(leaf, None, "custom derivative") for leaf in leaves]

    def derive(*tensors: Tensor) -> list[Tensor | None]:
        n = len(inputs)
        m = (len(tensors) - n) // 2
        out, cotangents = tree.unflatten(specs[0], tensors[n : n + m]), tree.unflatten(specs[0], tensors[n + m :])
        grads = converted(backward)(*tensors[:n], out, cotangents)
        listed = list(grads) if isinstance(grads, (tuple, list)) else [grads]
        if len(listed) != n:
            raise TypeError(
                explain("custom derivative", given=f"{len(listed)} cotangents", expected=f"one for each of {n} inputs")
            )
        for x, g in zip(tensors[:n], listed, strict=True):
            if g is not None and as_tensor(g).shape != x.shape:
                raise ValueError(
                    explain(
                        "custom derivative",
                        given=f"a cotangent of shape {g.shape} for an input of shape {x.shape}",
                        expected="the shape of the input",
                    )
                )
        return [
            None if g is None else cast(as_tensor(g, x.dtype), x.dtype)
            for x, g in zip(tensors[:n], listed, strict=True)
        ]

    engine = current()
    results = engine.custom(Custom(run, derive), [engine.read(x) for x in inputs])
    return tree.unflatten(specs[0], [wrap(value) for value in results])


def _predicate(subject: str, x: Tensor) -> Tensor:
    """A condition as a 0-d bool tensor."""
    if x.dtype.kind != "bool":
        raise TypeError(
            explain(subject, given=f"a condition of type {x._type}", expected="a bool tensor of one element")
        )
    if x.size != 1:
        raise ValueError(
            explain(
                subject,
                given=f"a condition of type {x._type}",
                expected="one element",
                remedy="Use .any() or .all().",
            )
        )
    result: Tensor = prims.reshape(x, shape=()) if x.shape else x
    return result


def _converted(subject: str, body: _Traced, types: Sequence[TensorType]) -> list[Tensor]:
    """The next state in the types of the first, where that loses nothing that MindSpore's table keeps."""
    converted: list[Tensor] = []
    for x, expected in zip(body.results, types, strict=False):
        if x._type != expected:
            raise TypeError(
                explain(
                    subject,
                    given=f"a state that is {expected} before an iteration and {x._type} after it",
                    expected="a state that keeps its types",
                    remedy="Convert it with .astype() or reshape it in the body, or start with the other type.",
                )
            )
        converted.append(x)
    return converted


def _rotated(values: list[Any], start: int, count: int) -> list[Any]:
    """Move `count` values at `start` to the end."""
    return [*values[:start], *values[start + count :], *values[start : start + count]]


def _listed(types: Sequence[TensorType]) -> str:
    return ", ".join(map(str, types))


def _describe(body: _Traced) -> str:
    return str(tree.unflatten(body.spec, [str(x._type) for x in body.results]))
