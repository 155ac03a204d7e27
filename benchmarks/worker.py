"""One library's side of a case: sets it up, tells the result, then runs as often as it is told.

A case's function for a library returns what is to be timed and a function that gives the result as arrays.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Serve one case for one library on standard input and output."""
    case, library = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes where errors go
    spec = importlib.util.spec_from_file_location(case, Path(__file__).parent / "cases" / f"{case}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    call, result = getattr(module, library)()
    call()
    arrays = [part.tolist() for part in result()]
    print(json.dumps({"result": arrays}), file=out, flush=True)
    gc.disable()
    for line in sys.stdin:
        calls = range(int(line))
        start = time.perf_counter()
        for _ in calls:
            call()
        print(json.dumps({"seconds": time.perf_counter() - start}), file=out, flush=True)
        gc.collect()


main()
