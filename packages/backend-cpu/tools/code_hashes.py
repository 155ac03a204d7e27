"""Prints a hash of the code that graphs become, to see whether a change of the compiler changes any of it.

    python packages/backend-cpu/tools/code_hashes.py > before
    ... change the compiler ...
    python packages/backend-cpu/tools/code_hashes.py | diff before -

The graphs are the whole training steps of the benchmarks (the MLP's and the CNN's) and random ones, by seed; every
third of those has gradients. What is hashed is LLVM's language as it is compiled: without a pass over it, equal text is
equal object code.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "packages" / "backend-cpu" / "tests"), str(ROOT / "benchmarks" / "cases")]


def graphs(seeds: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What has to be done for each graph to be compiled, by a name for it."""
    import test_random_graphs
    from random_graphs import RandomFunction

    import lamella as ms

    for case in ("mlp_training", "cnn_training"):
        spec = importlib.util.spec_from_file_location(case, ROOT / "benchmarks" / "cases" / f"{case}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield case, lambda module=module: module.lamella()[0]()
    for seed in range(seeds):
        function = RandomFunction(seed, steps=8, limit=30_000 if seed % 10 == 9 else 3000, smooth=seed % 3 == 2)
        arrays = function.arrays
        floats = tuple(i for i, a in enumerate(arrays) if a.dtype.kind == "f")
        smooth = seed % 3 == 2 and floats
        fn = ms.grad(test_random_graphs.loss_of(function), floats) if smooth else function
        graph = test_random_graphs.build(fn, arrays)
        yield f"random {seed}", lambda graph=graph: ms.plugins.backend("CPU").compile(graph)


def main() -> None:
    """Print a line for each graph."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many random graphs")
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAMELLA_DUMP"] = folder
        for name, compiled in graphs(seeds):
            compiled()
            digest = hashlib.sha256()
            for path in sorted(Path(folder).glob("*.ll")):
                digest.update(path.read_bytes())
            for path in Path(folder).iterdir():
                path.unlink()
            print(f"{digest.hexdigest()[:16]} {name}", flush=True)


if __name__ == "__main__":
    main()
