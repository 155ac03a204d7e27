"""Saving parameters to a file and loading them again."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamella.engine.stack import current
from lamella.errors import CheckpointError, explain
from lamella.nn.cell import Cell
from lamella.parameter import Parameter
from lamella.tensor import Tensor, wrap
from lamella.train import tensor_file
from lamella.turns import TAKING, values_at_once

Choice = Callable[[str], bool]

_RESERVED = "__metadata__"  # in safetensors, no name of a tensor
_KINDS = ("is_float", "is_integer", "is_complex")  # types that are converted into each other


def save_checkpoint(
    save_obj: Cell | Sequence[Any] | Mapping[str, Any],
    ckpt_file_name: str | os.PathLike[str],
    integrated_save: bool = True,
    async_save: bool | str = False,
    append_dict: Mapping[str, Any] | None = None,
    enc_key: bytes | None = None,
    enc_mode: str = "AES-GCM",
    choice_func: Choice | None = None,
    format: str = "ckpt",
) -> None:
    """Save parameters to a file, in the safetensors format.

    An existing file is replaced in one go: a process that is killed meanwhile leaves the old file whole.

    Args:
        save_obj: a cell; or parameters, or dicts like `{"name": "w", "data": tensor}`; or a dict from name to tensor,
            such as `load_checkpoint` returns.
        ckpt_file_name: the file. One that does not end in ".ckpt" or ".safetensors" gets `format` as its ending.
        integrated_save: for parameters that are divided among devices, which there are none of; no effect.
        async_save: no effect: the file is complete when the call returns.
        append_dict: what else to save: numbers, bools, texts and tensors by name.
        enc_key: must be None: files are not encrypted.
        enc_mode: without a key, no effect.
        choice_func: is given each name and says whether that one is saved.
        format: "ckpt" or "safetensors"; only the ending, the content is the same.

    Raises:
        TypeError: something of another kind than these.
        ValueError: two things have one name; `enc_key` is given; `format` is another.
        OSError: the file cannot be written.

    Examples:
        >>> import os, tempfile
        >>> from lamella import Tensor
        >>> file = os.path.join(tempfile.mkdtemp(), "numbers.ckpt")
        >>> save_checkpoint({"w": Tensor([1.0, 2.0])}, file, append_dict={"epoch": 3, "author": "me"})
        >>> load_checkpoint(file)
        {'w': Parameter (name=w, shape=(2,), dtype=float32, requires_grad=True), \
'epoch': Parameter (name=epoch, shape=(), dtype=int64, requires_grad=True), 'author': 'me'}
    """
    _refuse_key("save_checkpoint(enc_key=…)", enc_key)
    file = path_of("save_checkpoint", ckpt_file_name, format)
    tensors, texts = _named(save_obj)
    if choice_func is not None:
        tensors = {name: tensor for name, tensor in tensors.items() if choice_func(name)}
    tensors, more = joined(tensors, append_dict, texts)
    write(file, tensors, {"texts": texts | more})


def load_checkpoint(
    ckpt_file_name: str | os.PathLike[str],
    net: Cell | None = None,
    strict_load: bool = False,
    filter_prefix: str | Sequence[str] | None = None,
    dec_key: bytes | None = None,
    dec_mode: str = "AES-GCM",
    specify_prefix: str | Sequence[str] | None = None,
    choice_func: Choice | None = None,
    format: str = "ckpt",
) -> dict[str, Any]:
    """Load what `save_checkpoint` or another program saved in the safetensors format. Runs no code from the file.

    Args:
        ckpt_file_name: the file.
        net: a cell to load into as well, as by `load_param_into_net`.
        strict_load: as for `load_param_into_net`.
        filter_prefix: a prefix, or several, of names to leave out.
        dec_key: must be None: files are not encrypted.
        dec_mode: without a key, no effect.
        specify_prefix: a prefix, or several, of names to load alone.
        choice_func: is given each name and says whether that one is loaded; unused if a prefix is given.
        format: "ckpt" or "safetensors"; no effect, the content tells.

    Returns:
        `Parameter` objects by name, and texts from `append_dict` as they are.

    Raises:
        CheckpointError: a ValueError: the file is missing, damaged or not safetensors; the choice leaves nothing.
        TypeError: a prefix is not a text.

    Examples:
        >>> import os, tempfile
        >>> from lamella import Tensor
        >>> file = os.path.join(tempfile.mkdtemp(), "numbers.ckpt")
        >>> save_checkpoint({"conv.weight": Tensor([1.0]), "dense.weight": Tensor([2.0])}, file)
        >>> list(load_checkpoint(file, filter_prefix="conv"))
        ['dense.weight']
    """
    _refuse_key("load_checkpoint(dec_key=…)", dec_key)
    path_of("load_checkpoint", ckpt_file_name, format)
    left_out, wanted = _prefixes("filter_prefix", filter_prefix), _prefixes("specify_prefix", specify_prefix)
    file = Path(ckpt_file_name)
    arrays, info = tensor_file.read(file)
    found: dict[str, Any] = {name: Parameter(array, name) for name, array in arrays.items()}
    found |= info.get("texts", {})
    if left_out or wanted:
        chosen = [n for n in found if not n.startswith(left_out) and (not wanted or n.startswith(wanted))]
    else:
        chosen = [n for n in found if choice_func is None or choice_func(n)]
    if not chosen:
        raise CheckpointError(
            explain(f"checkpoint {file}", given=f"a choice of none of {brief(found)}", expected="a name to load")
        )
    parameters = {name: found[name] for name in chosen}
    if net is not None:
        load_param_into_net(net, parameters, strict_load)
    return parameters


def load_param_into_net(
    net: Cell, parameter_dict: Mapping[str, Any], strict_load: bool = False
) -> tuple[list[str], list[str]]:
    """Set the parameters of a cell to those of the same name, all or none.

    Without `strict_load`, values are converted between floating-point types and between integer types, and if no
    name fits, the names of `parameter_dict` may have a common prefix that those of the cell lack.

    Args:
        net: the cell.
        parameter_dict: from name to parameter; texts in it are passed over.
        strict_load: whether names and types must be the same.

    Returns:
        Names in the cell that were not loaded, and names in `parameter_dict` that were not.

    Raises:
        CheckpointError: a RuntimeError: a shape or type differs; the cell is as before.
        TypeError: `net` is not a cell, or `parameter_dict` not a dict of parameters.

    Examples:
        >>> from lamella import Parameter, nn, ops
        >>> net = nn.Dense(3, 2)
        >>> load_param_into_net(net, {"bias": Parameter(ops.ones((2,))), "other": Parameter(0.0)})
        (['weight'], ['other'])
    """
    if not isinstance(net, Cell):
        raise TypeError(explain("load_param_into_net(net=…)", given=type(net).__name__, expected="a Cell"))
    entries: Any = parameter_dict
    if not isinstance(entries, Mapping):
        given = type(entries).__name__
        raise TypeError(explain("load_param_into_net(parameter_dict=…)", given=given, expected="a dict of Parameters"))
    for name, value in entries.items():
        if not isinstance(name, str) or not isinstance(value, (Tensor, str)):
            given = f"{name!r}: a {type(value).__name__}"
            raise TypeError(explain("load_param_into_net(parameter_dict=…)", given=given, expected="names: Parameters"))
    targets = parameters_of(net)
    sources = {name: value for name, value in parameter_dict.items() if isinstance(value, Tensor)}
    source_of = {name: name for name in targets if name in sources}
    if not source_of and not strict_load:
        prefix = _common_prefix(targets, sources)
        source_of = {name: prefix + name for name in targets if prefix and prefix + name in sources}
    if targets and not source_of:
        given = f"parameters {brief(parameter_dict)}"
        warnings.warn(explain("load_param_into_net", given=given, expected=f"some of {brief(targets)}"), stacklevel=2)
    pairs = {name: (targets[name], sources[source]) for name, source in source_of.items()}
    check("load_param_into_net", pairs, strict_load)
    assign(pairs)
    used = set(source_of.values())
    return [n for n in targets if n not in source_of], [n for n in parameter_dict if n not in used]


# -- shared with the saving of whole trainings --


def path_of(subject: str, file: str | os.PathLike[str], format: str = "ckpt") -> Path:
    """The path of a checkpoint, with an ending."""
    if not isinstance(file, (str, os.PathLike)):
        raise TypeError(explain(subject, given=f"a file name of type {type(file).__name__}", expected="a text or path"))
    if format not in ("ckpt", "safetensors"):
        raise ValueError(explain(f"{subject}(format=…)", given=repr(format), expected='"ckpt" or "safetensors"'))
    path = Path(file)
    return path if path.suffix in (".ckpt", ".safetensors") else path.with_name(f"{path.name}.{format}")


def write(file: Path, tensors: Mapping[str, Tensor], info: Mapping[str, Any]) -> None:
    """Write tensors to a file as they are now, whatever happens to them meanwhile: all before a step, or all after."""
    values = values_at_once(list(tensors.values()))
    arrays = {name: wrap(value).asnumpy() for name, value in zip(tensors, values, strict=True)}
    tensor_file.write(file, arrays, info)


def parameters_of(net: Cell) -> dict[str, Parameter]:
    """The parameters of a cell by name.

    Raises:
        ValueError: two have the same name.
    """
    found: dict[str, Parameter] = {}
    for parameter in net.get_parameters():
        if found.setdefault(parameter.name, parameter) is not parameter:
            given = f"two parameters named {parameter.name!r} in {type(net).__name__}"
            raise ValueError(explain("checkpoint", given=given, expected="a name of its own for each"))
    return found


def check(subject: str, pairs: Mapping[str, tuple[Parameter, Tensor]], strict: bool) -> None:
    """See to it that each parameter can take the value beside it.

    Raises:
        CheckpointError: one cannot.
    """
    wrong: list[str] = []
    for name, (target, source) in pairs.items():
        convertible = not strict and any(getattr(target.dtype, k) and getattr(source.dtype, k) for k in _KINDS)
        if target.shape != source.shape and {target.shape, source.shape} != {(), (1,)}:
            wrong.append(f"{name} has shape {target.shape} in the network and {source.shape} in the checkpoint")
        elif target.dtype is not source.dtype and not convertible:
            wrong.append(f"{name} has type {target.dtype} in the network and {source.dtype} in the checkpoint")
        elif target.dtype.is_integer and target.dtype is not source.dtype:
            array = source.asnumpy()
            if not np.array_equal(array.astype(target.dtype.numpy), array):
                wrong.append(f"{name} has numbers in the checkpoint that {target.dtype} cannot hold")
    if wrong:
        listed = "; ".join(wrong[:5]) + ("; …" if len(wrong) > 5 else "")
        raise CheckpointError(f"{subject}: {listed}. Nothing was loaded.")


def assign(pairs: Mapping[str, tuple[Parameter, Tensor]]) -> None:
    """Set each parameter to the value beside it, which `check` has seen; no step comes in between."""
    engine = current()
    sources = [Tensor(s.asnumpy().astype(t.dtype.numpy).reshape(t.shape)) for t, s in pairs.values()]
    values = [engine.read(source) for source in sources]
    with TAKING:
        for (target, _), value in zip(pairs.values(), values, strict=True):
            engine.write(target, value)


def joined(
    tensors: Mapping[str, Tensor], append_dict: Mapping[str, Any] | None, taken: Iterable[str] = ()
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors with those of `append_dict`, where numbers become tensors, and the texts in it.

    Raises:
        TypeError: a value is of another kind.
        ValueError: a name is there already.
    """
    result, texts = dict(tensors), dict[str, str]()
    for name, value in (append_dict or {}).items():
        if not isinstance(name, str) or not isinstance(value, (bool, int, float, str, Tensor)):
            given = f"{name!r}: a {type(value).__name__}"
            expected = "names: numbers, bools, texts or tensors"
            raise TypeError(explain("append_dict", given=given, expected=expected))
        if name in tensors or name in taken or name == _RESERVED:
            raise ValueError(explain("append_dict", given=f"{name!r} again", expected="a name of its own for each"))
        if isinstance(value, str):
            texts[name] = value
        else:  # of a Python float, all digits are kept
            result[name] = value if isinstance(value, Tensor) else Tensor(np.asarray(value))
    return result, texts


def brief(names: Mapping[str, Any]) -> str:
    """A few of the names, for a message."""
    return ", ".join([*list(names)[:4], *(["…"] if len(names) > 4 else [])]) or "nothing"


def _named(save_obj: Any) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and texts by name."""
    if isinstance(save_obj, Cell):
        return dict(parameters_of(save_obj)), {}
    entries: list[tuple[Any, Any]] = []
    if isinstance(save_obj, Mapping):
        entries = list(save_obj.items())
    elif isinstance(save_obj, (list, tuple)):
        for item in save_obj:
            if isinstance(item, Parameter):
                entries.append((item.name, item))
            elif isinstance(item, Mapping) and item.keys() == {"name", "data"}:
                entries.append((item["name"], item["data"]))
            else:
                given = f"a {type(item).__name__} in the list"
                raise TypeError(
                    explain("save_checkpoint", given=given, expected='Parameters or {"name": …, "data": …}')
                )
    else:
        raise TypeError(explain("save_checkpoint", given=type(save_obj).__name__, expected="a Cell, list or dict"))
    tensors: dict[str, Tensor] = {}
    texts: dict[str, str] = {}
    for name, value in entries:
        if not isinstance(name, str) or not isinstance(value, (Tensor, str)):
            given = f"{name!r}: a {type(value).__name__}"
            raise TypeError(explain("save_checkpoint", given=given, expected="names: tensors"))
        if name in tensors or name in texts or name == _RESERVED:
            raise ValueError(explain("save_checkpoint", given=f"{name!r} again", expected="a name of its own for each"))
        if isinstance(value, str):
            texts[name] = value
        else:
            tensors[name] = value
    return tensors, texts


def _prefixes(subject: str, given: str | Sequence[str] | None) -> tuple[str, ...]:
    prefixes: tuple[Any, ...] = tuple(given) if isinstance(given, (list, tuple)) else () if given is None else (given,)
    if not all(isinstance(prefix, str) and prefix for prefix in prefixes):
        raise TypeError(explain(f"load_checkpoint({subject}=…)", given=repr(given), expected="a text or several"))
    return prefixes


def _common_prefix(targets: Mapping[str, Any], sources: Mapping[str, Any]) -> str:
    """What most names of sources have in front of those of targets; the shortest of several; "" if that is not one."""
    found: Counter[str] = Counter()
    for source in sources:
        dots = [place for place, letter in enumerate(source) if letter == "."]
        found.update(source[: dot + 1] for dot in dots if source[dot + 1 :] in targets)
    ranked = sorted(found, key=lambda prefix: (-found[prefix], len(prefix)))
    if len(ranked) > 1 and found[ranked[0]] == found[ranked[1]] and len(ranked[0]) == len(ranked[1]):
        return ""
    return ranked[0] if ranked else ""


def _refuse_key(subject: str, key: Any) -> None:
    if key is not None:
        raise ValueError(explain(subject, given="a key", expected="None", remedy="Files are not encrypted."))
