"""Derivatives of functions, all from the one reverse mode: the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamella import ops, tree
from lamella.autodiff.compiling import begins_here, outermost_compiles
from lamella.autodiff.pullback import backward_graph
from lamella.autodiff.vectorize import vmap
from lamella.dtypes import no_arithmetic
from lamella.engine.base import AnyValue, Engine
from lamella.engine.conversion import converted
from lamella.engine.stack import current, entered
from lamella.engine.tape import Tape
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella.ops.define.constants import constant
from lamella.ops.functions.elementwise import stop_gradient as stop_gradient
from lamella.ops.tensor_methods.hooks import hooked
from lamella.tensor import Tensor, wrap


class _Call:
    """One call of a function under a tape: the tape, what is differentiated, what came out."""

    def __init__(self, subject: str, fn: Callable[..., Any], args: Sequence[Any], positions: Sequence[int],
                 weights: Sequence[Tensor], options: dict[str, Any]) -> None:  # fmt: skip
        engine = current()
        self.tape = Tape(engine)
        replaced = list(args)
        self.specs: list[tree.Spec] = []
        self.leaves: list[Tensor] = []
        for position in positions:
            leaves, spec = tree.flatten(args[position])
            fresh = [self._source(subject, leaf, f"argument {position}") for leaf in leaves]
            self.specs.append(spec)
            self.leaves += fresh
            replaced[position] = tree.unflatten(spec, fresh)
        # The derivative is taken at the value that a parameter has now. Under the tape an alias stands for it; the
        # parameter itself, which other threads may be reading, stays as it is unless the function changes it.
        self.weights: list[tuple[Tensor, AnyValue]] = []
        for weight in weights:
            self.weights.append((weight, engine.read(self._source(subject, weight, "a weight"))))
        for x in self.leaves:
            self.tape.watch(engine.read(x))
        for weight, value in self.weights:
            self.tape.watch(value)
            for handle in getattr(weight, "gradient_hooks", ()):
                with entered(self.tape):
                    value = self.tape.read(hooked(wrap(value), handle))
            self.tape.substitute(weight, value)
        with entered(self.tape):
            self.result = converted(fn)(*replaced, **options)
        self.engine = engine

    @staticmethod
    def _source(subject: str, x: Any, what: str) -> Tensor:
        if not isinstance(x, Tensor):
            x = as_tensor(x, None, subject)
        if not x.dtype.computes:
            raise TypeError(no_arithmetic(f"{subject} by {what}", x.dtype))
        result: Tensor = prims.alias(x)
        return result

    def gradients(
        self, outputs: Sequence[Tensor], cotangents: Sequence[Tensor | None], engine: Engine, keep: bool
    ) -> list[Tensor]:
        """Cotangents of the argument leaves, then of the weights; zeros where there is no dependence."""
        sources = [*(self.engine.read(x) for x in self.leaves), *(value for _, value in self.weights)]
        values = [self.tape.read(y) for y in outputs]
        found = self.tape.gradients(values, cotangents, sources, engine=engine, keep=keep)
        with entered(engine):
            return [
                ops.zeros(source.shape, source.dtype) if g is None else g
                for g, source in zip(found, sources, strict=True)
            ]


def _arranged(specs: Sequence[tree.Spec], grads: Sequence[Tensor]) -> tuple[list[Any], list[Tensor]]:
    """Gradients in the structure of the arguments, and those of the weights."""
    rest = list(grads)
    by_argument: list[Any] = []
    for spec in specs:
        n = tree.leaf_count(spec)
        by_argument.append(tree.unflatten(spec, rest[:n]))
        rest = rest[n:]
    return by_argument, rest


def _positions(subject: str, grad_position: Any, count: int) -> tuple[int, ...]:
    if grad_position is None:
        return ()
    positions = grad_position if isinstance(grad_position, (tuple, list)) else (grad_position,)
    for position in positions:
        if isinstance(position, bool) or not isinstance(position, int):
            raise TypeError(
                explain(subject, given=f"grad_position={grad_position!r}", expected="None, an int or a tuple of ints")
            )
        if not 0 <= position < count:
            raise ValueError(
                explain(
                    subject,
                    given=f"grad_position={grad_position}, {count} arguments",
                    expected="positions of arguments",
                )
            )
    if len(set(positions)) != len(positions):
        raise ValueError(explain(subject, given=f"grad_position={grad_position}", expected="each position once"))
    return tuple(positions)


def _weights(subject: str, weights: Any) -> tuple[Tensor, ...]:
    if weights is None:
        return ()
    listed = (weights,) if isinstance(weights, Tensor) else tuple(weights)
    for weight in listed:
        if not isinstance(weight, Tensor):
            raise TypeError(
                explain(
                    subject,
                    given=f"a {type(weight).__name__} in weights",
                    expected="Parameters",
                    remedy="Pass net.trainable_params().",
                )
            )
    if len({id(weight) for weight in listed}) != len(listed):
        raise ValueError(explain(subject, given="a parameter twice in weights", expected="each once"))
    return listed


def _settings(grad_position: Any, weights: Any, listed: Sequence[Tensor], has_aux: bool) -> tuple[Any, ...]:
    """What decides which derivative of a function is meant, as something that can be compared."""
    positions = tuple(grad_position) if isinstance(grad_position, list) else grad_position
    return positions, type(weights), tuple(map(id, listed)), has_aux


def value_and_grad(
    fn: Callable[..., Any],
    grad_position: int | tuple[int, ...] | None = 0,
    weights: Any = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """A function that gives the value of another and its gradient.

    Args:
        fn: a function or `Cell` that returns a floating-point tensor of any shape (the gradient is that of the sum
            of its elements), or several (that of the sum of all).
        grad_position: by which arguments to differentiate: a position, a tuple of them, or None.
        weights: parameters to differentiate by: one, or a sequence of them; or None.
        has_aux: whether only the first that `fn` returns is differentiated, the others are passed on.

    Returns:
        A function of the same arguments that returns `(value, gradient)`. The gradient is one tensor for one
        argument, a tuple for several, and likewise for weights; a pair of both if both are asked for.

    Raises:
        TypeError: what is differentiated, or differentiated by, is not floating-point.
        ValueError: a position is not one of an argument; neither positions nor weights are given.

    Examples:
        >>> from lamella import Tensor, value_and_grad
        >>> value, gradient = value_and_grad(lambda x: x**2)(Tensor([1.0, 2.0]))
        >>> gradient.asnumpy()
        array([2., 4.], dtype=float32)
    """
    listed = _weights("value_and_grad", weights)
    if grad_position is None and weights is None:
        raise ValueError(explain("value_and_grad", given="neither grad_position nor weights", expected="one of them"))

    @outermost_compiles(fn, "value_and_grad", *_settings(grad_position, weights, listed, has_aux))
    def differentiated(*args: Any, **options: Any) -> Any:
        positions = _positions("value_and_grad", grad_position, len(args))
        call = _Call("value_and_grad", fn, args, positions, listed, options)
        main = call.result[0] if has_aux else call.result
        outputs = _outputs("value_and_grad", main)
        with entered(call.engine):
            seeds: list[Tensor | None] = [ops.ones(y.shape, y.dtype) for y in outputs]
        by_argument, by_weight = _arranged(call.specs, call.gradients(outputs, seeds, call.engine, keep=False))
        parts: list[Any] = []
        if positions:
            parts.append(by_argument[0] if isinstance(grad_position, int) else tuple(by_argument))
        if weights is not None:
            parts.append(by_weight[0] if isinstance(weights, Tensor) else tuple(by_weight))
        return call.result, parts[0] if len(parts) == 1 else tuple(parts)

    return differentiated


def _outputs(subject: str, result: Any) -> list[Tensor]:
    leaves = tree.flatten(result)[0]
    for y in leaves:
        if not isinstance(y, Tensor) or not y.dtype.computes:
            raise TypeError(
                explain(
                    subject,
                    given=f"a function that returns {y._type if isinstance(y, Tensor) else repr(y)}",
                    expected="one that returns tensors of numbers",
                    remedy="Use has_aux=True if only the first is to be differentiated.",
                )
            )
    if not leaves:
        raise TypeError(explain(subject, given="a function that returns nothing", expected="a tensor"))
    return leaves


def grad(
    fn: Callable[..., Any],
    grad_position: int | tuple[int, ...] | None = 0,
    weights: Any = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """A function that gives the gradient of another.

    Args:
        fn: as for `value_and_grad`.
        grad_position: by which arguments to differentiate: a position, a tuple of them, or None.
        weights: parameters to differentiate by: one, or a sequence of them; or None.
        has_aux: whether only the first that `fn` returns is differentiated, and the others are returned too.

    Returns:
        A function of the same arguments that returns the gradient, in the form of `value_and_grad`; with `has_aux`
        `(gradient, aux)`, aux a tuple of all but the first result.

    Raises:
        TypeError: what is differentiated, or differentiated by, is not floating-point.
        ValueError: a position is not one of an argument; neither positions nor weights are given.

    Examples:
        >>> from lamella import Tensor, grad
        >>> grad(grad(lambda x: x**3))(Tensor(2.0)).item()
        12.0
    """
    both = value_and_grad(fn, grad_position, weights, has_aux)

    listed = _weights("grad", weights)

    @outermost_compiles(fn, "grad", *_settings(grad_position, weights, listed, has_aux))
    def differentiated(*args: Any, **options: Any) -> Any:
        result, gradient = both(*args, **options)
        return (gradient, tuple(result[1:])) if has_aux else gradient

    return differentiated


def vjp(fn: Callable[..., Any], *inputs: Any, weights: Any = None, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of a function, and the function that takes cotangents of it back to the inputs.

    Args:
        fn: a function of floating-point tensors.
        inputs: where to evaluate it.
        weights: parameters to differentiate by too: one, or a sequence of them; or None.
        has_aux: whether only the first that `fn` returns is differentiated, and the others are returned last.

    Returns:
        `(outputs, vjp_fn)`, with `has_aux` `(outputs, vjp_fn, aux)`. `vjp_fn` takes a cotangent for each output, of a
        shape that broadcasts to the output's, and returns a tuple with one for each input (with weights, a pair of
        that and the weights'). It may be called any number of times.

    Examples:
        >>> from lamella import Tensor, vjp
        >>> y, pull = vjp(lambda x, y: x * y, Tensor(2.0), Tensor(3.0))
        >>> [g.item() for g in pull(Tensor(1.0))]
        [3.0, 2.0]
    """
    listed = _weights("vjp", weights)

    def run(*inputs: Any) -> tuple[_Call, list[Tensor]]:
        call = _Call("vjp", fn, inputs, range(len(inputs)), listed, {})
        return call, _outputs("vjp", call.result[0] if has_aux else call.result)

    if begins_here():
        # Built and compiled as a pair of graphs: forward, with what the other needs as further results, and backward.
        @outermost_compiles(fn, "vjp", len(inputs), *_settings(None, weights, listed, has_aux))
        def forward(*inputs: Any) -> Any:
            call, outputs = run(*inputs)
            pullback, residuals = backward_graph(
                lambda seeds, engine: call.gradients(outputs, seeds, engine, keep=True), outputs
            )
            return call.result, residuals, pullback, call.specs

        result, residuals, pullback, specs = forward(*inputs)
        outputs = _outputs("vjp", result[0] if has_aux else result)

        def pull_back(seeds: list[Tensor]) -> list[Tensor]:
            return pullback(seeds, residuals)
    else:
        call, outputs = run(*inputs)
        result, specs = call.result, call.specs

        def pull_back(seeds: list[Tensor]) -> list[Tensor]:
            # On the engine that is current now, not that of the first call: the vjp may be differentiated itself.
            return call.gradients(outputs, list(seeds), current(), keep=True)

    def pull(*cotangents: Any) -> Any:
        by_argument, by_weight = _arranged(specs, pull_back(_seeds(cotangents, outputs)))
        if weights is None:
            return tuple(by_argument)
        return tuple(by_argument), by_weight[0] if isinstance(weights, Tensor) else tuple(by_weight)

    main = result[0] if has_aux else result
    return (main, pull, *((tuple(result[1:]),) if has_aux else ()))


def _seeds(cotangents: Any, outputs: Sequence[Tensor]) -> list[Tensor]:
    """Cotangents that fit the outputs of a vjp."""
    leaves = tree.flatten(cotangents)[0]
    if len(leaves) != len(outputs):
        raise ValueError(
            explain(
                "vjp function",
                given=f"{len(leaves)} cotangents",
                expected=f"one for each of {len(outputs)} outputs",
            )
        )
    return [_seed(as_tensor(g, y.dtype, "vjp function"), y) for g, y in zip(leaves, outputs, strict=True)]


def _seed(g: Tensor, y: Tensor) -> Tensor:
    """A cotangent, stretched to the shape of an output."""
    if g._type == y._type:
        return g
    fits = g.dtype is y.dtype and g.ndim <= y.ndim
    if not fits or any(n not in (1, m) for n, m in zip(g.shape[::-1], y.shape[::-1], strict=False)):
        expected = f"the output's type, {y._type}, or a shape that broadcasts to its shape"
        raise ValueError(explain("vjp function", given=f"a cotangent of type {g._type}", expected=expected))
    result: Tensor = prims.broadcast_to(g, shape=y.shape)
    return result


def jvp(fn: Callable[..., Any], inputs: Any, v: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of a function and its directional derivative.

    Computed with reverse mode alone: the cotangents of a linear map are a linear function of what is taken back, and
    the derivative of that function is the map itself (Townsend, "A new trick for calculating Jacobian vector
    products", 2017).

    Args:
        fn: a function of floating-point tensors.
        inputs: where to evaluate it: a tensor or a tuple of them.
        v: the direction: one tensor for each input, of its type.
        has_aux: whether only the first that `fn` returns is differentiated, and the others are returned last.

    Returns:
        `(outputs, derivative)`, with `has_aux` `(outputs, derivative, aux)`.

    Examples:
        >>> from lamella import Tensor, jvp
        >>> value, slope = jvp(lambda x: x**3, Tensor(2.0), Tensor(1.0))
        >>> value.item(), slope.item()
        (8.0, 12.0)
    """
    points = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    direction = [as_tensor(t, None, "jvp") for t in (v if isinstance(v, (tuple, list)) else (v,))]
    points = [as_tensor(x, None, "jvp") for x in points]
    if [t._type for t in direction] != [x._type for x in points]:
        raise ValueError(
            explain(
                "jvp",
                given=f"a direction of types {[t._type for t in direction]}",
                expected=f"the types of the inputs, {[x._type for x in points]}",
            )
        )
    outputs, pull, *aux = vjp(fn, *points, has_aux=has_aux)
    leaves, spec = tree.flatten(outputs)
    zeros = [ops.zeros_like(y) for y in leaves]
    _, push = vjp(lambda *cotangents: pull(*cotangents), *zeros)
    return (outputs, tree.unflatten(spec, push(*direction)), *aux)


def _basis(x: Tensor) -> Tensor:
    """All unit tensors of x's shape, stacked along a new first axis."""
    size = x.size
    eye = constant(np.eye(size, dtype=x.dtype.numpy))
    result: Tensor = prims.reshape(eye, shape=(size, *x.shape))
    return result


def jacrev(
    fn: Callable[..., Any], grad_position: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives the Jacobian of another, a row of it for each element of the output.

    Args:
        fn: a function that returns one floating-point tensor.
        grad_position: by which arguments to differentiate: a position or a tuple of them.
        has_aux: whether only the first that `fn` returns is differentiated, and the others are returned too.

    Returns:
        A function of the same arguments that returns a tensor of shape `output.shape + input.shape` (a tuple of them
        for several positions); with `has_aux` a pair of that and aux.

    Examples:
        >>> from lamella import Tensor, jacrev
        >>> jacrev(lambda x: x**2)(Tensor([1.0, 2.0])).asnumpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
    """

    @outermost_compiles(fn, "jacrev", *_settings(grad_position, None, (), has_aux))
    def jacobian(*args: Any) -> Any:
        def of_chosen(*chosen: Any) -> Any:
            full = list(args)
            for position, x in zip(positions, chosen, strict=True):
                full[position] = x
            return converted(fn)(*full)

        positions = _positions("jacrev", grad_position, len(args))
        output, pull, *aux = vjp(of_chosen, *(args[p] for p in positions), has_aux=has_aux)
        rows = vmap(pull)(_basis(output))
        shaped = tuple(ops.reshape(r, (*output.shape, *r.shape[1:])) for r in rows)
        result = shaped[0] if isinstance(grad_position, int) else shaped
        return (result, *aux) if has_aux else result

    return jacobian


def jacfwd(
    fn: Callable[..., Any], grad_position: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives the Jacobian of another, a column of it for each element of the input.

    Args:
        fn: a function that returns one floating-point tensor.
        grad_position: by which arguments to differentiate: a position or a tuple of them.
        has_aux: whether only the first that `fn` returns is differentiated, and the others are returned too.

    Returns:
        As for `jacrev`.

    Examples:
        >>> from lamella import Tensor, jacfwd
        >>> jacfwd(lambda x: x**2)(Tensor([1.0, 2.0])).asnumpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
    """

    @outermost_compiles(fn, "jacfwd", *_settings(grad_position, None, (), has_aux))
    def jacobian(*args: Any) -> Any:
        positions = _positions("jacfwd", grad_position, len(args))
        columns: list[Tensor] = []
        aux: Any = ()
        for position in positions:

            def of_one(x: Tensor, position: int = position) -> Any:
                return converted(fn)(*args[:position], x, *args[position + 1 :])

            point = as_tensor(args[position], None, "jacfwd")
            output, pull, *aux = vjp(of_one, point, has_aux=has_aux)
            _, push = vjp(pull, ops.zeros_like(output))
            (stacked,) = vmap(push)(_basis(point))
            moved = ops.moveaxis(stacked, 0, -1)
            columns.append(ops.reshape(moved, (*output.shape, *point.shape)))
        result = columns[0] if isinstance(grad_position, int) else tuple(columns)
        return (result, *aux) if has_aux else result

    return jacobian
