"""`jit` and what goes with it: functions that run as compiled graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella_compiler.call.forms import forms_of
from lamella_compiler.call.function import Compiled, Options
from lamella_compiler.call.signature import Signature
from lamella_compiler.call.statistics import CacheInfo

_C = TypeVar("_C", bound=type)
_CAPTURE_MODES: Final = ("ast", "bytecode", "trace")
_LEVELS: Final = ("", "O0", "O1", "O2", "O3")


def jit(
    function: Callable[..., Any] | None = None,
    input_signature: Any = None,
    hash_args: Any = None,
    jit_config: JitConfig | None = None,
    *,
    fn: Callable[..., Any] | None = None,
    capture_mode: str = "ast",
    jit_level: str = "O0",
    dynamic: int = 0,
    fullgraph: bool = False,
    backend: str = "",
    **options: Any,
) -> Any:
    """Let a function run as a compiled graph, in either mode; as a decorator with or without arguments.

    The function is built into a graph when it is called with arguments of types that it has not met. Tensors, NumPy
    arrays and Python floats are the graph's inputs; ints, bools, texts and other objects are what it is built for (see
    `mutable`). Parameters and other tensors from around the function are read, and changed, at every call. Whatever
    else the function reads (attributes, globals, closure variables, contents of containers) is looked at before every
    call: if it has changed, there is another graph. What it changes of that is changed at every call.

    Args:
        function: a function, method, lambda, partial or cell.
        input_signature: tensors that describe the arguments, such as `Tensor(shape=[None, 3], dtype=lamella.float32)`;
            None in a shape leaves a size open, and there is one graph for all sizes. Other arguments are refused.
        hash_args: no effect: what the function depends on is found by itself.
        jit_config: no effect on results; see `JitConfig`.
        fn: another name for `function`.
        capture_mode: no effect: functions are always built into graphs from their source, as with "ast".
        jit_level: no effect: all optimizations that keep results are made.
        dynamic: 1 to leave sizes open in which calls turn out to differ.
        fullgraph: no effect: a function is always one graph, or an error says what cannot be in it.
        backend: name of the device to compile for, such as "GPU:1"; default: the current one. Tensors must be on it.
        options: no effect: settings of other backends.

    Returns:
        The compiled function; without `function`, a decorator that makes it.

    Raises:
        TypeError: `function` cannot be called.
        ValueError: another `capture_mode`, `jit_level` or `dynamic`.

    Examples:
        >>> import lamella as ms
        >>> @ms.jit
        ... def norm(x):
        ...     return (x * x).sum().sqrt()
        >>> norm(ms.Tensor([3.0, 4.0])).item()
        5.0
    """
    if capture_mode not in _CAPTURE_MODES:
        raise ValueError(explain("jit(capture_mode=…)", given=repr(capture_mode), expected=_listed(_CAPTURE_MODES)))
    if jit_level not in _LEVELS:
        raise ValueError(explain("jit(jit_level=…)", given=repr(jit_level), expected=_listed(_LEVELS)))
    if dynamic not in (0, 1):
        raise ValueError(explain("jit(dynamic=…)", given=repr(dynamic), expected="0 or 1"))
    signature = None if input_signature is None else Signature("jit(input_signature=…)", input_signature)
    chosen = Options(backend, bool(dynamic), signature)
    given = function if function is not None else fn

    def decorate(inner: Callable[..., Any]) -> Compiled:
        if not callable(inner):
            raise TypeError(explain("jit", given=f"a {type(inner).__name__}", expected="a function or cell"))
        return Compiled(inner, options=chosen)

    return decorate if given is None else decorate(given)


def ms_function(
    fn: Callable[..., Any] | None = None,
    input_signature: Any = None,
    hash_args: Any = None,
    jit_config: JitConfig | None = None,
) -> Any:
    """The older name of `jit`.

    Args:
        fn: as `function` of `jit`.
        input_signature: as for `jit`.
        hash_args: as for `jit`.
        jit_config: as for `jit`.

    Examples:
        >>> import lamella as ms
        >>> ms.ms_function(lambda x: x + 1)(ms.Tensor(1.0)).item()
        2.0
    """
    return jit(fn, input_signature, hash_args, jit_config)


class JitConfig:
    """Settings of MindSpore's compiler. None of them changes anything here: there is one way to compile.

    Args:
        jit_level: "O0" to "O3".
        exc_mode: "auto", "sink" or "no_sink".
        jit_syntax_level: "STRICT" or "LAX".
        debug_level: "RELEASE" or "DEBUG".
        infer_boost: "on" or "off".
        options: others.

    Raises:
        ValueError: a value that is none of these.

    Examples:
        >>> import lamella as ms
        >>> ms.jit(lambda x: x + 1, jit_config=ms.JitConfig(jit_level="O1"))(ms.Tensor(1.0)).item()
        2.0
    """

    def __init__(
        self,
        jit_level: str = "",
        exc_mode: str = "auto",
        jit_syntax_level: str = "",
        debug_level: str = "RELEASE",
        infer_boost: str = "off",
        **options: Any,
    ) -> None:
        for name, value, allowed in (
            ("jit_level", jit_level, _LEVELS),
            ("exc_mode", exc_mode, ("auto", "sink", "no_sink")),
            ("jit_syntax_level", jit_syntax_level, ("", "STRICT", "COMPATIBLE", "LAX")),
            ("debug_level", debug_level, ("RELEASE", "DEBUG")),
            ("infer_boost", infer_boost, ("on", "off")),
        ):
            if value not in allowed:
                raise ValueError(explain(f"JitConfig({name}=…)", given=repr(value), expected=_listed(allowed)))
        self.jit_config_dict = {
            "jit_level": jit_level,
            "exc_mode": exc_mode,
            "jit_syntax_level": jit_syntax_level,
            "debug_level": debug_level,
            "infer_boost": infer_boost,
            **options,
        }


def jit_class(cls: _C) -> _C:
    """Mark a class whose objects compiled functions use. Objects of any class may be used: it is returned as it is.

    Args:
        cls: a class that is no `Cell`.

    Raises:
        TypeError: `cls` is no class, or a `Cell`.

    Examples:
        >>> import lamella as ms
        >>> @ms.jit_class
        ... class Scale:
        ...     def __init__(self, factor):
        ...         self.factor = factor
        >>> scale = Scale(3.0)
        >>> ms.jit(lambda x: x * scale.factor)(ms.Tensor(2.0)).item()
        6.0
    """
    if not isinstance(cls, type) or issubclass(cls, Cell):
        raise TypeError(explain("jit_class", given=repr(cls), expected="a class that is no Cell"))
    return cls


def jit_cache_info(fn: Any) -> CacheInfo:
    """What has happened to a compiled function: calls that found a graph, calls that built one, and why.

    Args:
        fn: a compiled function; or, in GRAPH_MODE, a cell or a function that was differentiated: then all that was
            compiled of it.

    Raises:
        TypeError: `fn` is nothing that is compiled.

    Examples:
        >>> import lamella as ms
        >>> double = ms.jit(lambda x: x * 2)
        >>> for shape in (2, 2, 3):
        ...     y = double(ms.ops.ones(shape))
        >>> info = ms.jit_cache_info(double)
        >>> info.hits, info.misses, info.reasons
        (1, 2, ('args[0]: float32[2] became float32[3]',))
    """
    forms = [fn] if isinstance(fn, Compiled) else forms_of(fn)
    if not forms:
        raise TypeError(
            explain("jit_cache_info", given=f"a {type(fn).__name__} that is not compiled", expected="a jit function")
        )
    infos = [form.cache_info() for form in forms]
    return CacheInfo(
        sum(info.hits for info in infos),
        sum(info.misses for info in infos),
        sum(info.entries for info in infos),
        tuple(reason for info in infos for reason in info.reasons),
        tuple(seconds for info in infos for seconds in info.compile_seconds),
    )


def _listed(values: tuple[str, ...]) -> str:
    return f"one of {', '.join(map(repr, values))}"
