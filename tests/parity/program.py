"""Runs programs, which are texts, in Lamella or in MindSpore; as a script, in MindSpore.

As a script it reads a line of JSON with the text of a program, and answers with a line of JSON with its result or its
error, until its input ends. It runs in an environment of its own, so it needs nothing but MindSpore.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import numpy as np


class Framework:
    """A framework and the names that programs find in it, and arrays that are the same in both."""

    def __init__(self, name: str, folder: str | Path) -> None:
        self._folder = folder
        self._count = 0
        ms = importlib.import_module(name)
        modules = {part: importlib.import_module(f"{name}.{part}") for part in ("ops", "nn", "train")}
        where = "lamella.initializer" if name == "lamella" else "mindspore.common.initializer"
        init = importlib.import_module(where)
        self._names = {"np": np, "ms": ms, "init": init, **modules, **_tensors(ms.Tensor), "Tensor": ms.Tensor}
        self._names["drawn"] = lambda seed: _tensors(ms.Tensor, seed)

    def run(self, text: str) -> Any:
        """The value of a program's last expression, as lists. It has a file, in which `jit` finds sources."""
        self._count += 1
        path = Path(self._folder, f"program_{self._count}.py")
        path.write_text(text)
        module = sys.modules[path.stem] = ModuleType(path.stem)  # where MindSpore looks up what functions refer to
        vars(module).update(self._names)
        body = ast.parse(text, str(path)).body
        exec(compile(ast.Module(body[:-1], []), str(path), "exec"), vars(module))
        last = body[-1]
        assert isinstance(last, ast.Expr), "a program ends with the expression that is its result"
        return plain(eval(compile(ast.Expression(last.value), str(path), "eval"), vars(module)))


def plain(value: Any) -> Any:
    """Tensors and arrays as [type, shape, list of elements (or parts of complex ones)], sequences of them as lists."""
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if hasattr(value, "asnumpy"):
        value = value.asnumpy()
    if isinstance(value, (np.ndarray, np.generic)):
        parts = np.atleast_1d(value).ravel()
        parts = parts.view(parts.real.dtype) if parts.dtype.kind == "c" else parts
        return {"dtype": str(value.dtype), "shape": list(value.shape), "values": parts.tolist()}
    return value


def _tensors(tensor: Any, seed: int = 0) -> dict[str, Any]:
    """The inputs of programs. NumPy guarantees that `RandomState` gives the same numbers in every version."""
    random = np.random.RandomState(seed)
    arrays = {
        "v": random.randn(4).astype(np.float32),
        "x": random.randn(3, 4).astype(np.float32),
        "y": random.randn(3, 4).astype(np.float32),
        "p": random.uniform(0.1, 0.9, (3, 4)).astype(np.float32),
        "b": random.randn(2, 3, 4).astype(np.float32),
        "c": random.randn(2, 4, 5).astype(np.float32),
        "i": random.randint(-5, 6, (3, 4)).astype(np.int32),
        "j": random.randint(1, 4, (3, 4)).astype(np.int32),
        "n": np.array([[2, 0, 1, 1], [1, 1, 0, 2], [0, 2, 2, 1]], np.int32),
        "t": np.array([2, 0, 3], np.int32),
        "m": random.randn(3, 4) > 0,
        "img": random.randn(2, 4, 9, 8).astype(np.float32),
        "seq": random.randn(5, 2, 3).astype(np.float32),
        "wave": random.randn(2, 4, 11).astype(np.float32),
        "vol": random.randn(2, 2, 5, 6, 7).astype(np.float32),
    }
    return {name: tensor(array) for name, array in arrays.items()}


def serve(framework: Framework, answers: TextIO) -> None:
    """Answer programs until the input ends."""
    for line in sys.stdin:
        try:
            answer = {"result": framework.run(json.loads(line))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what MindSpore prints is no answer
        serve(Framework("mindspore", folder), answers)
