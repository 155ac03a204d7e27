"""Saving all that a training needs to go on exactly where it was, and going on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lamella.errors import CheckpointError, explain
from lamella.nn.cell import Cell
from lamella.ops.functions.random import Generator, default_generator
from lamella.parameter import Parameter
from lamella.tensor import Tensor
from lamella.train import checkpoint, tensor_file


def save_training(
    file: str | os.PathLike[str],
    network: Cell,
    optimizer: Cell | None = None,
    iterator: Any = None,
    append_dict: Mapping[str, Any] | None = None,
    **progress: Any,
) -> None:
    """Save a training: parameters, optimizer, random generators, the place in the data, and counters.

    The file is a checkpoint too: `load_checkpoint` reads the parameters from it. Saving changes nothing, and a process
    that is killed meanwhile leaves the old file whole.

    Args:
        file: the file; ".ckpt" is appended to a name that does not end in it or in ".safetensors".
        network: the network. The common generator of random numbers, and those that are attributes of its cells, are
            saved with it.
        optimizer: the optimizer.
        iterator: what has `state_dict` and `load_state_dict`, such as an iterator of a `lamella.dataset` pipeline.
        append_dict: as for `save_checkpoint`.
        progress: values that JSON can hold, such as `epoch=3`, which `load_training` returns.

    Raises:
        TypeError: `progress` holds something else, or `iterator` cannot tell its state.
        ValueError: two parameters have one name.

    Examples:
        >>> import os, tempfile
        >>> from lamella import nn
        >>> net = nn.Dense(3, 2)
        >>> file = os.path.join(tempfile.mkdtemp(), "run.ckpt")
        >>> save_training(file, net, nn.SGD(net.trainable_params()), epoch=3)
        >>> other = nn.Dense(3, 2)
        >>> load_training(file, other, nn.SGD(other.trainable_params()))
        {'epoch': 3}
        >>> bool((other.weight == net.weight).all())
        True
    """
    path = checkpoint.path_of("save_training", file)
    if iterator is not None and not hasattr(iterator, "state_dict"):
        given = f"a {type(iterator).__name__}"
        raise TypeError(explain("save_training(iterator=…)", given=given, expected="an object with `state_dict`"))
    tensors, texts = checkpoint.joined(_parameters("save_training", network, optimizer), append_dict)
    state = {
        "random": [generator.get_state().tolist() for generator in _generators(network, optimizer)],
        "iterator": None if iterator is None else iterator.state_dict(),
        "progress": progress,
    }
    try:
        json.dumps(state)
    except (TypeError, ValueError) as error:
        given = f"{progress!r:.200}"
        expected = f"values that JSON can hold ({error})"
        raise TypeError(explain("save_training", given=given, expected=expected)) from None
    checkpoint.write(path, tensors, {"texts": texts, "training": state})


def load_training(
    file: str | os.PathLike[str], network: Cell, optimizer: Cell | None = None, iterator: Any = None
) -> dict[str, Any]:
    """Go on with a training that `save_training` saved: what follows is the same, bit for bit.

    Args:
        file: the file.
        network: a network like the one that was saved.
        optimizer: an optimizer like the one that was saved.
        iterator: an iterator of an equal pipeline; None leaves the place in the data unused.

    Returns:
        What `save_training` was given as `progress`.

    Raises:
        CheckpointError: the file is missing, damaged, not of a training, or of another network or optimizer. They stay
            as they were.
        ValueError: the iterator is of another pipeline.
    """
    path = Path(file)
    arrays, info = tensor_file.read(path)
    subject = f"checkpoint {path}"
    state = info.get("training")
    if state is None:
        remedy = "Load its parameters by load_checkpoint."
        raise CheckpointError(explain(subject, given="no state of a training", expected="one", remedy=remedy))
    parameters = _parameters("load_training", network, optimizer)
    missing = [name for name in parameters if name not in arrays]
    if missing:
        given = f"no {', '.join(missing[:4])}{', …' if len(missing) > 4 else ''}"
        raise CheckpointError(explain(subject, given=given, expected="every parameter of network and optimizer"))
    generators = _generators(network, optimizer)
    if len(generators) != len(state["random"]):
        given = f"{len(state['random'])} random generators"
        raise CheckpointError(explain(subject, given=given, expected=f"the network's {len(generators)}"))
    if iterator is not None and state["iterator"] is None:
        raise CheckpointError(
            explain(subject, given="no place in the data", expected="one", remedy="Pass no iterator.")
        )
    pairs = {name: (parameter, Tensor(arrays[name])) for name, parameter in parameters.items()}
    checkpoint.check("load_training", pairs, strict=True)
    if iterator is not None:
        iterator.load_state_dict(state["iterator"])
    checkpoint.assign(pairs)
    for generator, numbers in zip(generators, state["random"], strict=True):
        generator.set_state(Tensor(np.array(numbers, np.uint64)))
    progress: dict[str, Any] = state["progress"]
    return progress


def _parameters(subject: str, network: Cell, optimizer: Cell | None) -> dict[str, Parameter]:
    """The parameters of both by name; those of the network are among the optimizer's again."""
    found: dict[str, Parameter] = {}
    for cell in (network, optimizer):
        if cell is None:
            continue
        if not isinstance(cell, Cell):
            raise TypeError(explain(subject, given=type(cell).__name__, expected="Cells"))
        for name, parameter in checkpoint.parameters_of(cell).items():
            if found.setdefault(name, parameter) is not parameter:
                given = f"{name!r} in the network and another in the optimizer"
                raise ValueError(explain(subject, given=given, expected="a name of its own for each"))
    return found


def _generators(network: Cell, optimizer: Cell | None) -> list[Generator]:
    """The generators of random numbers that take part, each once: the common one and those of cells, in their order."""
    found = {id(default_generator): default_generator}
    for cell in (network, optimizer):
        for _, part in cell.cells_and_names() if cell is not None else ():
            found |= {id(value): value for value in vars(part).values() if isinstance(value, Generator)}
    return list(found.values())
