"""Calling a compiled function: what it costs above the kernel, with 10 arguments and 100 parameters that it changes.

The kernel is a stand-in that computes nothing; the line `numpy` is a call of that alone.
"""

import numpy as np

_COUNT = 100


def _backend():
    """A backend whose kernels compute nothing: what was donated is given back, in new buffers, as in place."""
    from lamella.backends.reference import ReferenceBackend
    from lamella.buffer import Buffer

    class Standing(ReferenceBackend):
        name = "Standing"

        def compile(self, graph, ordinal=0):
            def run(buffers, donated=frozenset()):
                return [Buffer(buffer.data, buffer.type, self) for buffer in buffers[-_COUNT - 1 :]]

            self.kernel = run
            return run

    return Standing()


def _step():
    import lamella as ms
    from lamella import Parameter, context

    context.backend = backend = _backend()
    parameters = [Parameter(np.ones((2, 2), np.float32), name=f"p{i}") for i in range(_COUNT)]
    arguments = [ms.Tensor(np.ones((2, 2), np.float32)) for _ in range(10)]

    @ms.jit
    def step(*xs):
        for p in parameters:
            p.assign_value(p + xs[0])
        return sum(xs[1:], xs[0])

    step(*arguments)
    return backend, step, arguments


def lamella():
    _, step, arguments = _step()
    return (lambda: step(*arguments)), lambda: [np.zeros(1)]


def numpy():
    backend, _, arguments = _step()
    buffers = [x._value for x in arguments] + [backend.put(np.ones((2, 2), np.float32)) for _ in range(_COUNT)]
    return (lambda: backend.kernel(buffers)), lambda: [np.zeros(1)]
