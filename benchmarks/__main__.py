"""Speed against peers: `python benchmarks [case ...]`, or `nox -s bench -- [case ...]`.

Each library runs a case in a process of its own, so that neither its threads nor its memory are in another's way. The
processes take turns, a fraction of a second each, so that what else the machine does meets all of them alike; only the
ratios mean something. Results are compared before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
OWN = "lamella"
PAUSE = 0.2


class Worker:
    """A process that runs one library's side of a case.

    Args:
        case: name of a module in `cases`.
        library: name of a function in it.
        python: the interpreter that has the library.
    """

    def __init__(self, case: str, library: str, python: str) -> None:
        self.library = library
        environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": ""}
        self._process = subprocess.Popen(
            [python, str(FOLDER / "worker.py"), case, library],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.result = [np.asarray(part, np.float64) for part in self._read()["result"]]

    def _read(self) -> dict:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.library} stopped with code {self._process.wait()}")
        return json.loads(line)

    def seconds(self, calls: int) -> float:
        """Time for one of so many calls, after a pause in which the threads of who was before go to sleep."""
        assert self._process.stdin is not None
        time.sleep(PAUSE)
        self._process.stdin.write(f"{calls}\n")
        self._process.stdin.flush()
        return self._read()["seconds"] / calls

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def measure(case: str, libraries: dict[str, str], rounds: int, turn: float) -> None:
    """Run one case and print its table.

    Args:
        case: name of a module in `cases`.
        libraries: for each library, the interpreter that has it; the first is the one that others are compared with.
        rounds: how often each has its turn.
        turn: seconds of a turn.
    """
    workers = [Worker(case, library, python) for library, python in libraries.items()]
    own = workers[0]
    for peer in workers[1:]:
        for mine, theirs in zip(own.result, peer.result, strict=True):
            np.testing.assert_allclose(
                mine, theirs, 2e-3, 2e-4, err_msg=f"{case}: {peer.library} computes another result"
            )
    calls = {worker: max(1, round(turn / min(worker.seconds(1) for _ in range(3)))) for worker in workers}
    calls = {worker: max(1, round(turn / worker.seconds(n))) for worker, n in calls.items()}
    times: dict[Worker, list[float]] = {worker: [] for worker in workers}
    for _ in range(rounds):
        for worker in workers:
            times[worker].append(worker.seconds(calls[worker]))
    print(f"\n{case}\n{'':12} {'median':>12} {'quartiles':>25} {'to ' + OWN:>12}")
    for worker in workers:
        low, middle, high = statistics.quantiles(times[worker], n=4)
        ratios = [theirs / mine for theirs, mine in zip(times[worker], times[own], strict=True)]
        spread = f"{low * 1e6:.2f} .. {high * 1e6:.2f} us"
        print(f"{worker.library:12} {middle * 1e6:9.2f} us {spread:>25} {statistics.median(ratios):11.2f}x")
        worker.close()


def main() -> None:
    """Run the cases that the command line names, or all."""
    cases = sorted(path.stem for path in (FOLDER / "cases").glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*cases, []], help="which; default: all")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each library")
    parser.add_argument("--turn", type=float, default=0.1, help="seconds of a turn")
    options = parser.parse_args()
    for case in options.cases or cases:
        sides = (FOLDER / "cases" / f"{case}.py").read_text()
        libraries = {
            library: os.environ.get("LAMELLA_ORACLE", "") if library == "mindspore" else sys.executable
            for library in (OWN, "numpy", "torch", "torch_compile", "jax", "mindspore")
            if f"def {library}(" in sides
        }
        missing = [
            library
            for library, python in libraries.items()
            if not python or not importable(python, library.split("_")[0])
        ]
        for library in missing:
            print(f"{library} is not installed: left out of {case}")
            del libraries[library]
        measure(case, libraries, options.rounds, options.turn)


def importable(python: str, library: str) -> bool:
    """Whether an interpreter has a library."""
    command = [python, "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({library!r}) is None)"]
    return python != "" and Path(python).exists() and subprocess.run(command, check=False).returncode == 0


main()
