"""Classes that users derive their own from, or give their own functions: `PrimitiveWithInfer`, `Custom`, `PyFunc`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import Primitive
from lamella.ops.convert import as_tensor, known_sizes
from lamella.ops.functions.control import custom_derivative
from lamella.ops.prims.host import Results, host_call, key_of
from lamella.tensor import Tensor

__all__ = ["Custom", "PrimitiveWithCheck", "PrimitiveWithInfer", "PyFunc", "ReduceOp", "prim_attr_register"]


def prim_attr_register(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of the `__init__` of a primitive's class: its arguments become attributes of the object.

    Args:
        fn: the method.

    Examples:
        >>> from lamella import ops
        >>> class Scale(ops.PrimitiveWithInfer):
        ...     @ops.prim_attr_register
        ...     def __init__(self, factor=2):
        ...         pass
        ...     def __call__(self, x):
        ...         return x * self.factor
        >>> Scale(3).attrs, Scale(3)(5)
        ({'factor': 3}, 15)
    """
    wanted = inspect.signature(fn)

    @wraps(fn)
    def init(self: Primitive, *args: Any, **kwargs: Any) -> Any:
        given = wanted.bind(self, *args, **kwargs)
        given.apply_defaults()
        Primitive.__init__(self)
        for name, value in list(given.arguments.items())[1:]:
            self.add_prim_attr(name, value)
        return fn(self, *args, **kwargs)

    return init


class PrimitiveWithInfer(Primitive):
    """The base of a user's own primitives, which say what they do in `__call__`.

    Args:
        name: the name, that of the class by default.

    Examples:
        >>> from lamella import Tensor, ops
        >>> class Double(ops.PrimitiveWithInfer):
        ...     def __call__(self, x):
        ...         return x * 2
        >>> Double("Double")(Tensor([1.0])).tolist()
        [2.0]
    """

    def __call__(self, *args: Any) -> Any:
        """What the object does; a derived class says it.

        Raises:
            NotImplementedError: it does not.
        """
        raise NotImplementedError(
            explain(
                f"primitive {self.name}",
                given="a call of a primitive that no backend has code for",
                expected="a class with a `__call__` of its own",
                remedy="Write it with functions of lamella.ops, or use ops.Custom.",
            )
        )


class PrimitiveWithCheck(PrimitiveWithInfer):
    """As `PrimitiveWithInfer`.

    Args:
        name: the name, that of the class by default.

    Examples:
        >>> from lamella import Tensor, ops
        >>> class Double(ops.PrimitiveWithCheck):
        ...     def __call__(self, x):
        ...         return x * 2
        >>> Double("Double")(Tensor([1.0])).tolist()
        [2.0]
    """


class ReduceOp:
    """How collective communication combines what the processes have.

    Examples:
        >>> from lamella import ops
        >>> ops.ReduceOp.SUM
        'sum'
    """

    SUM = "sum"
    MAX = "max"
    MIN = "min"
    PROD = "prod"
    AVG = "avg"


def _results(subject: str, shapes: Sequence[Any], types: Sequence[Any]) -> Results:
    if len(shapes) != len(types):
        given = f"{len(shapes)} shapes and {len(types)} types"
        raise ValueError(explain(subject, given=given, expected="one of each for every result"))
    return tuple(
        (as_dtype(dtype, subject).name, known_sizes(subject, shape)) for shape, dtype in zip(shapes, types, strict=True)
    )


class Custom(Primitive):
    """A function of Python that takes and gives NumPy arrays, as a primitive.

    Args:
        func: the function.
        out_shape: shape of the result (of several a tuple of shapes), or a function of the operands' shapes.
        out_dtype: type of the result (of several a tuple), or a function of the operands' types.
        func_type: "pyfunc"; other kinds of MindSpore's ("hybrid", "akg", "tbe", "aicpu", "aot") have no code here.
        bprop: the derivative: takes the operands, the result and its cotangent as tensors, and gives the operands'
            cotangents; without it there is no derivative.
        reg_info: accepted for MindSpore's sake.

    Raises:
        NotImplementedError: another kind of function.
        TypeError: `func` is no function, or there is no shape or type.

    Examples:
        >>> from lamella import Tensor, ops
        >>> double = ops.Custom(lambda x: x * 2, lambda x: x, lambda x: x, func_type="pyfunc")
        >>> double(Tensor([1.0, 2.0])).tolist()
        [2.0, 4.0]
    """

    def __init__(
        self,
        func: Any,
        out_shape: Any = None,
        out_dtype: Any = None,
        func_type: str = "pyfunc",
        bprop: Callable[..., Any] | None = None,
        reg_info: Any = None,
    ) -> None:
        super().__init__()
        kinds = ("hybrid", "akg", "tbe", "aicpu", "aot")
        if func_type in kinds:
            raise NotImplementedError(
                explain(
                    "ops.Custom",
                    given=f"func_type={func_type!r}",
                    expected='"pyfunc"',
                    remedy=f"Kernels of the kind {func_type!r} need MindSpore's own compilers: write it in Python.",
                )
            )
        if func_type != "pyfunc":
            raise ValueError(explain("ops.Custom", given=f"func_type={func_type!r}", expected='"pyfunc"'))
        if not callable(func):
            raise TypeError(explain("ops.Custom", given=f"func={func!r}", expected="a function"))
        for name, value in (("out_shape", out_shape), ("out_dtype", out_dtype)):
            if value is None:
                raise TypeError(explain("ops.Custom", given=f"{name}=None", expected="a value or a function"))
        self.attrs = {
            "func": func,
            "out_shape": out_shape,
            "out_dtype": out_dtype,
            "func_type": func_type,
            "bprop": bprop,
        }
        self._key = key_of(func)

    def __call__(self, *inputs: Any) -> Any:
        """Call the function.

        Args:
            inputs: tensors or numbers.

        Returns:
            A tensor, or a tuple of them.
        """
        tensors = [as_tensor(x, None, "ops.Custom") for x in inputs]
        shape, dtype = self.attrs["out_shape"], self.attrs["out_dtype"]
        shape = shape(*(x.shape for x in tensors)) if callable(shape) else shape
        dtype = dtype(*(x.dtype for x in tensors)) if callable(dtype) else dtype
        many = isinstance(dtype, (tuple, list))
        shapes, dtypes = (shape, dtype) if many else ((shape,), (dtype,))
        results = _results("ops.Custom", shapes, dtypes)

        def run(*operands: Tensor) -> Any:
            out = host_call(*operands, key=self._key, results=results)
            return out if many else out[0]

        bprop = self.attrs["bprop"]
        return run(*tensors) if bprop is None else custom_derivative(run, bprop, *tensors)


class PyFunc(Primitive):
    """A function of Python that takes NumPy arrays and gives a tuple of them, as a primitive without a derivative.

    Args:
        fn: the function.
        in_types: type of each operand.
        in_shapes: shape of each operand.
        out_types: type of each result.
        out_shapes: shape of each result.
        stateful: accepted for MindSpore's sake: every call counts.

    Raises:
        TypeError: `fn` is no function.
        ValueError: not one type for each shape.

    Examples:
        >>> from lamella import Tensor, float32, ops
        >>> double = ops.PyFunc(lambda x: (x * 2,), [float32], [(2,)], [float32], [(2,)])
        >>> double(Tensor([1.0, 2.0]))[0].tolist()
        [2.0, 4.0]
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        in_types: Sequence[Any],
        in_shapes: Sequence[Any],
        out_types: Sequence[Any],
        out_shapes: Sequence[Any],
        stateful: bool = True,
    ) -> None:
        super().__init__()
        if not callable(fn):
            raise TypeError(explain("ops.PyFunc", given=f"fn={fn!r}", expected="a function"))
        self.attrs = {
            "fn": fn,
            "operands": _results("ops.PyFunc", in_shapes, in_types),
            "results": _results("ops.PyFunc", out_shapes, out_types),
        }
        self._key = key_of(fn)

    def __call__(self, *inputs: Any) -> tuple[Tensor, ...]:
        """Call the function.

        Args:
            inputs: tensors of the declared types and shapes.

        Raises:
            TypeError: they are others.
        """
        tensors = [as_tensor(x, None, "ops.PyFunc") for x in inputs]
        given = tuple((x.dtype.name, x.shape) for x in tensors)
        if given != self.attrs["operands"]:
            raise TypeError(explain("ops.PyFunc", given=str(given), expected=f"{self.attrs['operands']} as declared"))
        results: tuple[Tensor, ...] = host_call(
            *map(prims.stop_gradient, tensors), key=self._key, results=self.attrs["results"]
        )
        return results
