"""What users call: `jit` and what goes with it."""

from __future__ import annotations

import copy
import functools
import gc
import pickle
import threading
import warnings
import weakref

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn, ops
from lamella.errors import MissingPluginError
from lamella_compiler import RecompilationWarning
from lamella_compiler.call import function


def misses(fn) -> int:
    return ms.jit_cache_info(fn).misses


# -- as a decorator --


@ms.jit
def bare(x):
    """Its text."""
    return x + 1


@ms.jit(jit_level="O1")
def with_arguments(x):
    return x + 2


def test_on_functions_with_and_without_arguments():
    assert bare(Tensor(1.0)).item() == 2.0 and with_arguments(Tensor(1.0)).item() == 3.0
    assert bare.__name__ == "bare" and bare.__doc__ == "Its text."


def test_on_lambdas_partials_and_callables():
    assert ms.jit(lambda x: x * 2)(Tensor(3.0)).item() == 6.0
    assert ms.jit(functools.partial(lambda n, x: x * n, 4))(Tensor(3.0)).item() == 12.0

    class Adder:
        def __init__(self, n):
            self.n = n

        def __call__(self, x):
            return x + self.n

    assert ms.jit(Adder(5.0))(Tensor(3.0)).item() == 8.0
    assert ms.jit(nn.Dense(2, 3))(ops.ones((4, 2))).shape == (4, 3)
    assert ms.jit(fn=lambda x: -x)(Tensor(3.0)).item() == -3.0
    assert ms.ms_function(lambda x: -x)(Tensor(3.0)).item() == -3.0


def test_on_methods_each_object_has_its_own():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @ms.jit
        def apply(self, x):
            return x * self.factor

    two, three = Scale(2.0), Scale(3.0)
    assert [two.apply(Tensor(1.0)).item(), three.apply(Tensor(1.0)).item()] == [2.0, 3.0]
    assert misses(two.apply) == misses(three.apply) == 1
    two.factor = 7.0
    assert two.apply(Tensor(1.0)).item() == 7.0 and misses(three.apply) == 1


def test_on_construct_of_a_cell():
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.w = Parameter(Tensor(2.0), name="w")

        @ms.jit
        def construct(self, x):
            return x * self.w

    net = Net()
    assert net(Tensor(3.0)).item() == 6.0
    net.w.set_data(Tensor(5.0))
    assert net(Tensor(3.0)).item() == 15.0 and misses(net.construct) == 1


def test_on_methods_of_objects_without_attributes():
    class Slotted:
        __slots__ = ()

        @ms.jit
        def double(self, x):
            return x * 2

    assert Slotted().double(Tensor(2.0)).item() == 4.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"capture_mode": "magic"}, "capture_mode"),
        ({"jit_level": "O9"}, "jit_level"),
        ({"dynamic": 2}, "dynamic"),
    ],
)
def test_settings_that_are_none(options, message):
    with pytest.raises(ValueError, match=message):
        ms.jit(lambda x: x, **options)
    with pytest.raises(TypeError, match="function or cell"):
        ms.jit(3)
    with pytest.raises(ValueError, match="exc_mode"):
        ms.JitConfig(exc_mode="never")


def test_a_backend_is_named_by_its_plugin():
    assert ms.jit(lambda x: x + 1, backend="Reference")(Tensor(1.0)).item() == 2.0
    with pytest.raises(MissingPluginError, match="warp drive"):
        ms.jit(lambda x: x + 1, backend="warp drive")(Tensor(1.0))


def test_inside_another_and_inside_a_build():
    inner = ms.jit(lambda x: x * 2)
    assert ms.jit(lambda x: inner(x) + inner(x))(Tensor(1.0)).item() == 4.0
    assert len(ms.ir.build(inner, ms.ir.TensorType(ms.float32, ())).nodes) == 2
    assert misses(inner) == 0


def test_under_transforms():
    cube = ms.jit(lambda x: x**3)
    assert ms.grad(cube)(Tensor(2.0)).item() == 12.0
    assert ms.jit(ms.grad(ms.grad(cube)))(Tensor(2.0)).item() == 12.0
    assert ms.vmap(cube)(Tensor([1.0, 2.0])).tolist() == [1.0, 8.0]
    assert ms.vmap(ms.grad(cube))(Tensor([1.0, 2.0])).tolist() == [3.0, 12.0]


# -- arguments and results --


def test_results_of_every_kind():
    def fn(x, flag):
        return {"sum": x.sum(), "none": None, "text": "a", "number": 3, "list": [x, (flag, 2.5)]}

    result = ms.jit(fn)(Tensor([1.0, 2.0]), True)
    expected = fn(Tensor([1.0, 2.0]), True)
    assert result["sum"].item() == expected["sum"].item()
    assert {k: v for k, v in result.items() if k not in ("sum", "list")} == {"none": None, "text": "a", "number": 3}
    assert result["list"][1] == (True, 2.5)


def test_arguments_and_tensors_from_around_are_returned_themselves():
    p = Parameter(Tensor([1.0]), name="p")
    run = ms.jit(lambda x: (x, p, x * 1))
    x = Tensor([2.0])
    for _ in range(2):
        same, outer, other = run(x)
        assert same is x and outer is p and other is not x


def test_results_that_hold_tensors_of_the_graph_are_refused():
    class Output:
        def __init__(self, x):
            self.x = x

    def generator(x):
        yield x

    for fn in (lambda x: Output(x * 2), generator, lambda x: (x, iter([x]))):
        with pytest.raises(TypeError, match="a result of type"):
            ms.jit(fn)(Tensor(1.0))
    kept = Output(Tensor(2.0))
    assert ms.jit(lambda x: (x, kept))(Tensor(1.0))[1] is kept


def test_arrays_among_results_are_copies():
    table = np.arange(3)
    run = ms.jit(lambda x: (x, table))
    run(Tensor(1.0))[1][0] = 9
    assert run(Tensor(1.0))[1].tolist() == [0, 1, 2] and table.tolist() == [0, 1, 2]


def test_keywords_and_nested_containers():
    run = ms.jit(lambda a, *rest, k, **more: (a["x"] + rest[0][1] * k, more))
    x = Tensor([1.0, 2.0])
    result, more = run({"x": x}, (None, x), k=x, z=[x])
    assert result.tolist() == [2.0, 6.0] and more["z"][0] is x
    assert misses(run) == 1
    run({"x": x * 2}, (None, x), k=x, z=[x])
    assert misses(run) == 1


def test_floats_are_inputs():
    run = ms.jit(lambda x, rate: x * rate + rate * 2)
    for rate in (0.5, 0.25, -0.0, float("inf")):
        np.testing.assert_array_equal(run(Tensor([1.0, 2.0]), rate).asnumpy(), [rate * 3, rate * 4])
    assert misses(run) == 1


@pytest.mark.parametrize("dtype", [ms.float16, ms.float32, ms.float64, ms.int32])
def test_floats_take_the_type_of_the_tensor_beside_them(dtype):
    def fn(x, rate):
        return x * rate, rate - x, ops.maximum(x, rate), ops.exp(x) + rate * rate, x if dtype is ms.int32 else x**rate

    x = Tensor([1, 2], dtype)
    for mine, theirs in zip(ms.jit(fn)(x, 0.1), fn(x, 0.1), strict=True):
        assert mine.dtype is theirs.dtype
        np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), 1e-6)


def test_floats_among_themselves_stay_python_s():
    run = ms.jit(lambda rate: (rate * 2 + 1, rate / 3, -rate, abs(rate - 1), rate // 0.3, rate % 0.3))
    rate = 0.1 + 0.2
    expected = (rate * 2 + 1, rate / 3, -rate, abs(rate - 1), rate // 0.3, rate % 0.3)
    assert run(rate) == expected and all(type(value) is float for value in run(rate))


def test_a_float_that_python_needs_is_a_constant():
    run = ms.jit(lambda x, n, rate: x[: int(x.shape[0] * n)] * rate)
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    assert run(x, 0.5, 2.0).tolist() == [2.0, 4.0]
    assert run(x, 0.25, 3.0).tolist() == [3.0] and misses(run) == 2
    assert run(x, 0.25, 4.0).tolist() == [4.0] and misses(run) == 2  # `rate` has remained an input


def test_ints_bools_and_texts_are_constants():
    run = ms.jit(lambda x, n, flag, how: (x * n if flag else x, how))
    x = Tensor(2.0)
    assert run(x, 3, True, "a")[0].item() == 6.0 and run(x, 3, False, "a")[0].item() == 2.0
    assert run(x, 4, True, "a")[0].item() == 8.0 and run(x, 4, True, "b")[1] == "b"
    assert misses(run) == 4
    assert run(x, True, True, "a")[0].item() == 2.0 and misses(run) == 5  # True is not 1


def test_mutable_ints_are_inputs():
    run = ms.jit(lambda x, n: x * n[0] + n[1])
    for n in (2, 3):
        result = run(Tensor([1], ms.int32), ms.mutable((n, 1)))
        assert result.tolist() == [n + 1] and result.dtype is ms.int32
    assert misses(run) == 1
    assert ms.mutable({"a": [1, None, 2.0]}) == {"a": [1, None, 2.0]}
    with pytest.raises(TypeError, match="mutable"):
        ms.mutable("text")
    with pytest.raises(ValueError, match="dynamic_len"):
        ms.mutable([1], dynamic_len=True)


def test_a_mutable_int_that_decides_a_shape_is_a_constant():
    run = ms.jit(lambda n: ops.zeros((n,)))
    assert [run(ms.mutable(n)).shape for n in (2, 3)] == [(2,), (3,)]


def test_arrays_are_tensors():
    run = ms.jit(lambda x, y: x + y)
    for array in (np.ones(3, np.float32), np.zeros((3, 2), np.float32)[:, 0]):
        assert run(array, np.float32(2)).tolist() == (array + 2).tolist()
    assert misses(run) == 1


def test_an_argument_that_is_changed_in_place_is_changed():
    def fn(x):
        x[0] = 5.0
        return x * 2

    x = Tensor([1.0, 2.0])
    assert ms.jit(fn)(x).tolist() == [10.0, 4.0] and x.tolist() == [5.0, 2.0]


def test_a_list_that_is_changed_is_refused():
    def fn(x, out):
        out.append(x)

    with pytest.raises(TypeError, match="list or dict"):
        ms.jit(fn)(Tensor(1.0), [])


def test_errors_of_the_function_come_through_with_their_line():
    def fn(x):
        raise KeyError("mine")

    run = ms.jit(fn)
    with pytest.raises(KeyError, match="mine") as caught:
        run(Tensor(1.0))
    assert any("test_jit.py" in note for note in caught.value.__notes__)
    with pytest.raises(KeyError, match="mine"):
        run(Tensor(1.0))


def test_errors_of_the_run_name_the_line():
    def fn(x, y):
        return x // y  # this line

    run = ms.jit(fn)
    with pytest.raises(ZeroDivisionError) as caught:
        run(Tensor([1, 2]), Tensor([1, 0]))
    assert any("this line" in note for note in caught.value.__notes__)
    assert run(Tensor([1, 2]), Tensor([1, 1])).tolist() == [1, 2]


# -- the cache --


def test_what_happened_is_told():
    run = ms.jit(lambda x, n=1: x * n)
    with pytest.raises(TypeError, match="not compiled"):
        ms.jit_cache_info(len)
    run(ops.ones(2))
    run(ops.ones(2))
    run(ops.ones(3))
    run(ops.ones(3, ms.int32))
    run(ops.ones(3), 2)
    run(ops.ones(3), 3)
    info = ms.jit_cache_info(run)
    assert (info.hits, info.misses, info.entries) == (1, 5, 5)
    assert info.reasons == (
        "args[0]: float32[2] became float32[3]",
        "args[0]: float32[3] became int32[3]",
        "arguments: another structure",
        "args[1]: another value",
    )
    assert len(info.compile_seconds) == 5 and all(0 < s < 60 for s in info.compile_seconds)


def test_a_number_becomes_a_tensor_behind_a_tensor():
    run = ms.jit(lambda x, n: x * n)
    assert [run(ops.ones(1), n).item() for n in (2, Tensor(3), 4)] == [2, 3, 4]
    assert ms.jit_cache_info(run).reasons == ("args[1]: another value", "args[1]: another value")


def test_the_graphs_used_last_are_kept(monkeypatch):
    monkeypatch.setattr(function, "MOST_ENTRIES", 3)
    run = ms.jit(lambda x, n: x * n)
    for n in (1, 2, 3, 1, 4):
        run(Tensor(1.0), n)
    assert misses(run) == 4
    run(Tensor(1.0), 1)
    assert misses(run) == 4
    run(Tensor(1.0), 2)
    assert misses(run) == 5 and ms.jit_cache_info(run).entries == 3


def test_a_function_that_is_compiled_again_and_again_is_warned_of(monkeypatch):
    monkeypatch.setattr(function, "WARN_AFTER", 4)
    run = ms.jit(lambda x, n: x * n)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for n in range(4):
            run(Tensor(1.0), n)
    (warning,) = caught
    assert issubclass(warning.category, RecompilationWarning)
    assert "4 times" in str(warning.message) and "args[1]: another value" in str(warning.message)
    assert warning.filename == __file__


def test_threads_compile_once_and_compute_right():
    run, failures = ms.jit(lambda x: (x * x).sum()), []
    barrier = threading.Barrier(6)

    def work(n):
        barrier.wait()
        failures.extend(n for _ in range(30) if run(Tensor([float(n), 1.0])).item() != n * n + 1)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and misses(run) == 1


def test_threads_that_change_state_take_turns():
    w = Parameter(Tensor(np.zeros(5000, np.float32)), name="w")

    @ms.jit
    def bump(x):
        w.assign_value(w + x)
        return w.sum()

    threads = [threading.Thread(target=lambda: [bump(Tensor(1.0)) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert w.tolist() == [200.0] * 5000


def test_nothing_is_left_of_a_function_that_dies():
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(3, 3)

        @ms.jit
        def construct(self, x):
            return self.dense(x) * 2

    def use():
        net = Net()
        run = ms.jit(ms.grad(lambda x: net(x).sum()))
        run(ops.ones((2, 3)))
        net(ops.ones((2, 3)))
        held = [net, run, net.construct, run._entries[0].program.graph, net.construct._entries[0].program]
        return [weakref.ref(x) for x in (*held[:4], held[1]._entries[0].guards)]

    use()
    alive = use()
    gc.collect()
    assert [ref() for ref in alive] == [None] * len(alive)


def test_compiled_functions_are_copied_and_pickled_without_their_graphs():
    net = nn.Dense(2, 2)
    net.run = ms.jit(net.construct)
    x = ops.ones((1, 2))
    expected = net.run(x).asnumpy()
    twin = copy.deepcopy(net)
    twin.weight.set_data(twin.weight * 2)
    np.testing.assert_allclose(net.run(x).asnumpy(), expected)
    np.testing.assert_allclose(twin.run(x).asnumpy(), twin.construct(x).asnumpy())
    again = pickle.loads(pickle.dumps(ms.jit(ops.exp)))
    assert again(Tensor(0.0)).item() == 1.0


@pytest.mark.parametrize("on_host", [True, False])
def test_tensors_on_another_device_follow_if_it_is_on_the_host_and_are_refused_if_not(on_host):
    from lamella.backends.reference import ReferenceBackend
    from lamella.tensor import wrap

    class Other(ReferenceBackend):
        name = "Other"

    Other.on_host = on_host
    elsewhere = wrap(Other().put(np.ones(2, np.float32)))
    for call in (lambda: ms.jit(lambda x: x + 1)(elsewhere), lambda: ms.jit(lambda x: x + elsewhere)(Tensor(1.0))):
        if on_host:
            assert call().tolist() == [2.0, 2.0]
            assert elsewhere.device == ms.get_context("device_target")
            elsewhere._value = Other().put(np.ones(2, np.float32))
        else:
            with pytest.raises(ValueError, match=r"on the device Other.*\.to"):
                call()


def test_constexpr_and_jit_class():
    @ms.ops.constexpr
    def ramp(n):
        return Tensor(np.arange(n, dtype=np.float32))

    assert ms.jit(lambda x: x + ramp(x.shape[0]))(ops.ones(3)).tolist() == [1.0, 2.0, 3.0]
    assert ms.ops.constexpr(name="f")(len) is len
    with pytest.raises(TypeError, match="constexpr"):
        ms.ops.constexpr(3)
    with pytest.raises(TypeError, match="jit_class"):
        ms.jit_class(nn.Dense)


def test_other_devices_get_their_own_graphs():
    run = ms.jit(lambda x: x + 1)
    run(Tensor(1.0))
    from lamella import context
    from lamella.backends.reference import ReferenceBackend

    class Other(ReferenceBackend):
        name = "Other"

    before = context.backend
    try:
        context.backend = Other()
        assert run(Tensor(1.0)).item() == 2.0
    finally:
        context.backend = before
    assert ms.jit_cache_info(run).reasons == ("device: reference became Other",)
