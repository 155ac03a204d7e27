"""How long a first call takes, compiling included, and how much memory a training step needs.

`python benchmarks/first_call.py [case ...]`: each library runs in fresh processes. `cold` finds no code of an earlier
process on disk, `warm` finds that of Lamella's cold run; other libraries keep what they keep. Importing and making the
network is not counted. Memory is the most that the process held after 20 calls, less what it held after importing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARIES = ("lamella", "torch", "torch_compile", "jax", "mindspore")
MODULES = {"torch_compile": "torch"}


def child(case: str, library: str) -> None:
    """Make the first call in this process, and print what it took."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    __import__(MODULES.get(library, library))
    spec = importlib.util.spec_from_file_location(case, FOLDER / "cases" / f"{case}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call, _ = getattr(module, library)()
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    for _ in range(20):
        call()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"seconds": seconds, "megabytes": memory / 1024}), file=out, flush=True)


def measure(case: str, library: str, cache: str) -> dict[str, float]:
    """Run a library's first call in a process of its own."""
    python = os.environ.get("LAMELLA_ORACLE", "") if library == "mindspore" else sys.executable
    command = [python, __file__, "--child", case, library]
    environment = {**os.environ, "LAMELLA_CACHE_DIR": cache, "TORCHINDUCTOR_CACHE_DIR": cache, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Measure the cases that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=["mlp_training", "cnn_training"])
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.cases)
        return
    for case in options.cases:
        print(f"\n{case}\n{'':14} {'cold':>9} {'warm':>9} {'memory':>10}")
        for library in LIBRARIES:
            if library == "mindspore" and not os.environ.get("LAMELLA_ORACLE"):
                print("mindspore is not installed: left out")
                continue
            tries = []
            for _ in range(options.tries):
                with tempfile.TemporaryDirectory() as cache:
                    tries.append([measure(case, library, cache) for _ in range(2)])
            cold, warm = (statistics.median(t[i]["seconds"] for t in tries) for i in range(2))
            memory = statistics.median(t[1]["megabytes"] for t in tries)
            print(f"{library:14} {cold:7.2f} s {warm:7.2f} s {memory:7.0f} MB")


if __name__ == "__main__":
    main()
