"""How near the CPU backend's kernels come to what the processor can do: `python benchmarks/roofline.py [name ...]`.

The peak is that of multiply-adds on registers alone. It and each kernel take turns, in one thread, of which only the
processor time counts, and the least of several tries.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from math import prod

import numpy as np

from lamella.codegen.llvm import Function, Module, constant, vector
from lamella_cpu.host import host
from lamella_cpu.kernels.contraction import Contraction, emit, tile
from lamella_cpu.runtime import native

HOST = host()
SUMS = 14  # as many as hide the latency of a multiply-add on every processor


def matmul(m: int, k: int, n: int, transposed: bool = False, dtype: str = "float") -> Contraction:
    """C[m, n] = A[m, k] B[k, n]; `transposed` has the columns of A side by side."""
    in_rows, in_depth = (1, m) if transposed else (k, 1)
    return Contraction(dtype, ((m, in_rows, n),), n, ((k, in_depth, n),))


def conv(n: int, size: int, c: int, o: int, kernel: int = 3, stride: int = 1) -> Contraction:
    """A convolution of square channels-last images in a halo of zeros."""
    wide = (size - 1) * stride + kernel
    rows = ((n, wide * wide * c, size * size * o), (size, stride * wide * c, size * o), (size, stride * c, o))
    return Contraction("float", rows, o, ((kernel, wide * c, kernel * c * o), (kernel * c, 1, o)))


def conv_weight_grad(n: int, size: int, c: int, o: int, kernel: int = 3) -> Contraction:
    """The gradient of that in its weights."""
    wide = size + kernel - 1
    rows = ((kernel, wide * c, kernel * c * o), (kernel * c, 1, o))
    return Contraction(
        "float", rows, o, ((n, wide * wide * c, size * size * o), (size, wide * c, size * o), (size, c, o))
    )


CASES = {
    "dense 64: 784 -> 512": matmul(512, 784, 64),
    "its weight gradient": matmul(512, 64, 784),
    "its data gradient": matmul(784, 512, 64, transposed=True),
    "10 rows": matmul(10, 512, 64),
    "10 columns": matmul(512, 64, 10),
    "1 column": matmul(512, 784, 1),
    "4 columns": matmul(512, 784, 4),
    "512^3": matmul(512, 512, 512),
    "1024^3": matmul(1024, 1024, 1024),
    "64 x 3136 x 128": matmul(64, 3136, 128),
    "64^3": matmul(64, 64, 64),
    "256^3, double": matmul(256, 256, 256, dtype="double"),
    "conv 1 -> 32 at 28": conv(64, 28, 1, 32),
    "its weight gradient ": conv_weight_grad(64, 28, 1, 32),
    "conv 32 -> 64 at 14": conv(64, 14, 32, 64),
    "its data gradient ": conv(64, 14, 64, 32),
    "its weight gradient  ": conv_weight_grad(64, 14, 32, 64),
    "conv 64 -> 64 at 7": conv(64, 7, 64, 64),
    "conv 64 -> 128, stride 2": conv(32, 8, 64, 128, stride=2),
    "conv 64 -> 128, 1x1": conv(32, 8, 64, 128, kernel=1),
}


def least(*calls: Callable[[], object], turns: int = 15, seconds: float = 0.004) -> list[float]:
    """Processor seconds that calls take, taking turns: the least mean of each."""
    best = []
    for call in calls:
        call()
        start = time.thread_time()
        call()
        best.append(time.thread_time() - start)
    counts = [max(int(seconds / one), 1) for one in best]
    for _ in range(turns):
        for i, call in enumerate(calls):
            start = time.thread_time()
            for _ in range(counts[i]):
                call()
            best[i] = min(best[i], (time.thread_time() - start) / counts[i])
    return best


def peak_kernel(dtype: str) -> tuple[Callable[[], object], float]:
    """A loop of multiply-adds on registers, and how many floating-point operations it does."""
    module, type, rounds = Module("peak"), vector(dtype, HOST.lanes(dtype)), 100_000
    f = Function(module, "peak", [], result=dtype, external=True)
    with f.loop(0, rounds, carried=[constant(type, i) for i in range(SUMS)]) as loop:
        half = constant(type, 0.5)
        loop.yields(*(f.fma(total, half, half) for total in loop.carried))
    total = loop.results[0]
    for other in loop.results[1:]:
        total = f.fadd(total, other)
    f.ret(f.extract(total, 0))
    f.finish()
    code = native.compile_module(str(module), "peak")
    function = ctypes.CFUNCTYPE(ctypes.c_double if dtype == "double" else ctypes.c_float)(code.address("peak"))
    return lambda: (function(), code), 2.0 * rounds * SUMS * HOST.lanes(dtype)


def kernel(spec: Contraction) -> tuple[Callable[[], object], float]:
    """A contraction on random numbers, and how many floating-point operations it does."""
    module = Module("kernel")
    inner = emit(module, "contraction", spec, HOST)
    f = Function(module, "run", ["ptr"] * 3, external=True)
    f.call("void", inner.name[1:], *f.parameters)
    f.ret()
    f.finish()
    code = native.compile_module(str(module), "kernel")
    dtype = np.float64 if spec.dtype == "double" else np.float32

    def numbers(*axes: tuple[int, int]) -> np.ndarray:
        return np.random.default_rng(0).standard_normal(1 + sum((e - 1) * s for e, s in axes)).astype(dtype)

    a = numbers(*((e, s) for e, s, _ in (*spec.rows, *spec.depth)))
    b = numbers(*((e, s) for e, _, s in spec.depth), (spec.columns, 1))
    c = numbers(*((e, s) for e, _, s in spec.rows), (spec.columns, 1))
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)(code.address("run"))
    places = [array.ctypes.data for array in (a, b, c)]
    operations = 2.0 * prod(e for e, _, _ in (*spec.rows, *spec.depth)) * spec.columns
    return lambda: (function(*places), code, a, b, c), operations


def main() -> None:
    """Print a line for each kernel."""
    print(f"{HOST.cpu}, {HOST.vector_bits} bits, one thread")
    print(f"{'kernel':26} {'tile':>7} {'us':>9} {'GFLOP/s':>8} {'of peak':>8}")
    for name, spec in CASES.items():
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        (peak, most), (call, operations) = peak_kernel(spec.dtype), kernel(spec)
        fastest, mine = least(peak, call)
        size, speed = "x".join(map(str, tile(spec, HOST))), operations / mine
        print(f"{name:26} {size:>7} {mine * 1e6:9.1f} {speed / 1e9:8.1f} {speed / (most / fastest):8.1%}", flush=True)


main()
