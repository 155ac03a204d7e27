from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_same, check_grad, check_graph, check_vmap
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ops

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3)).astype(np.float32)
Y = RNG.standard_normal((2, 3, 4)).astype(np.float32)
DTYPES = ["bool", "int8", "int32", "int64", "uint8", "float16", "bfloat16", "float32", "float64"]

# (function on tensors, the same on arrays, arrays)
CASES = {
    "reshape": (lambda x: ops.reshape(x, (-1, 2)), lambda x: x.reshape(-1, 2), X),
    "reshape flat": (lambda x: ops.reshape(x, -1), lambda x: x.reshape(-1), X),
    "flatten": (lambda x: ops.flatten(x), lambda x: x.reshape(2, 12), Y),
    "flatten F": (lambda x: ops.flatten(x, "F", start_dim=0), lambda x: x.reshape(-1, order="F"), Y),
    "flatten some": (lambda x: ops.flatten(x, start_dim=0, end_dim=1), lambda x: x.reshape(6, 4), Y),
    "ravel": (ops.ravel, np.ravel, Y),
    "squeeze": (lambda x: ops.squeeze(x), np.squeeze, X[:, None, :, None]),
    "squeeze one": (lambda x: ops.squeeze(x, -1), lambda x: x.squeeze(-1), X[:, None, :, None]),
    "squeeze none": (ops.squeeze, np.squeeze, X),
    "expand_dims": (lambda x: ops.expand_dims(x, -1), lambda x: x[..., None], X),
    "unsqueeze": (lambda x: ops.unsqueeze(x, 0), lambda x: x[None], X),
    "transpose": (lambda x: ops.transpose(x, (2, 0, 1)), lambda x: x.transpose(2, 0, 1), Y),
    "permute": (lambda x: ops.permute(x, (-1, 0, 1)), lambda x: x.transpose(2, 0, 1), Y),
    "swapaxes": (lambda x: ops.swapaxes(x, 0, -1), lambda x: x.swapaxes(0, 2), Y),
    "moveaxis": (lambda x: ops.moveaxis(x, (0, 2), (1, 0)), lambda x: np.moveaxis(x, (0, 2), (1, 0)), Y),
    "broadcast_to": (lambda x: ops.broadcast_to(x, (5, -1, -1)), lambda x: np.broadcast_to(x, (5, 4, 3)), X),
    "tile": (lambda x: ops.tile(x, (2, 1, 3)), lambda x: np.tile(x, (2, 1, 3)), X),
    "tile short": (lambda x: ops.tile(x, 2), lambda x: np.tile(x, 2), X),
    "repeat_interleave": (lambda x: ops.repeat_interleave(x, 2, 0), lambda x: np.repeat(x, 2, 0), X),
    "repeat_interleave list": (lambda x: ops.repeat_interleave(x, [2, 0, 1], 1), lambda x: x.repeat([2, 0, 1], 1), X),
    "repeat_elements": (lambda x: ops.repeat_elements(x, 3, 1), lambda x: np.repeat(x, 3, 1), X),
    "concat": (lambda x: ops.concat((x, x * 2, x), 1), lambda x: np.concatenate((x, x * 2, x), 1), X),
    "concat open": (lambda x: ops.concat((x, x)), lambda x: np.concatenate((x, x)), X),
    "stack": (lambda x: ops.stack((x, x * 2), 1), lambda x: np.stack((x, x * 2), 1), X),
    "vstack": (lambda x: ops.vstack((x, x)), lambda x: np.vstack((x, x)), X),
    "hstack": (lambda x: ops.hstack((x, x)), lambda x: np.hstack((x, x)), X),
    "split": (lambda x: ops.split(x, 2, -1)[1], lambda x: x[:, 2:], X),
    "split list": (lambda x: ops.split(x, (1, 2), 1)[1], lambda x: x[:, 1:], X),
    "chunk": (lambda x: ops.chunk(x, 2, 1)[0], lambda x: x[:, :2], X),
    "unstack": (lambda x: ops.unstack(x, 1)[2], lambda x: x[:, 2], X),
    "unbind": (lambda x: ops.unbind(x, -1)[0], lambda x: x[:, 0], X),
    "flip": (lambda x: ops.flip(x, (0, 1)), lambda x: x[::-1, ::-1], X),
    "roll": (lambda x: ops.roll(x, (2, -1), (1, 0)), lambda x: np.roll(x, (2, -1), (1, 0)), X),
    "roll open": (lambda x: ops.roll(x, 1, 0), lambda x: np.roll(x, 1, 0), X),
    "roll flat": (lambda x: ops.roll(x, 2), lambda x: np.roll(x, 2), X),
    "pad": (lambda x: ops.pad(x, (1, 2, 0, 3), value=7.0), lambda x: np.pad(x, ((0, 3), (1, 2)), constant_values=7), X),
    "pad crop": (lambda x: ops.pad(x, (-1, 2)), lambda x: np.pad(x[:, 1:], ((0, 0), (0, 2))), X),
    "pad reflect": (
        lambda x: ops.pad(x, (2, 1, 3, 0), mode="reflect"),
        lambda x: np.pad(x, ((3, 0), (2, 1)), mode="reflect"),
        X,
    ),
    "pad replicate": (
        lambda x: ops.pad(x, (2, 4, 1, 0), mode="replicate"),
        lambda x: np.pad(x, ((1, 0), (2, 4)), mode="edge"),
        X,
    ),
    "pad circular": (
        lambda x: ops.pad(x, (2, 3), mode="circular"),
        lambda x: np.pad(x, ((0, 0), (2, 3)), mode="wrap"),
        X,
    ),
    "where": (lambda x: ops.where(x > 0, x, x * 2), lambda x: np.where(x > 0, x, x * 2), X),
    "where number": (lambda x: ops.where(x > 0, x, 0.5), lambda x: np.where(x > 0, x, np.float32(0.5)), X),
    "select": (lambda x: ops.select(x > 0, x, 1.0), lambda x: np.where(x > 0, x, np.float32(1)), X),
    "masked_fill": (lambda x: ops.masked_fill(x, x < 0, 3), lambda x: np.where(x < 0, np.float32(3), x), X),
    "slice": (lambda x: ops.slice(x, (0, 1), (-1, 2)), lambda x: x[:, 1:3], X),
    "strided_slice": (lambda x: ops.strided_slice(x, (0, 0), (4, 3), (2, 2)), lambda x: x[::2, ::2], X),
    "strided_slice masks": (
        lambda x: ops.strided_slice(x, (3, 1, 1), (9, 9, 3), (1, 1, 1), 0, 0, 1, 0, 2),
        lambda x: x[..., 1, 1:3],
        Y,
    ),
    "narrow": (lambda x: ops.narrow(x, 1, 1, 2), lambda x: x[:, 1:3], X),
    "identity": (ops.identity, lambda x: x, X),
    "cast": (lambda x: ops.cast(x, x.dtype), lambda x: x, X),
}
#: Those that cannot be built for an open size of axis 0: it would have to be even, or at least 4.
FIXED = {"reshape", "strided_slice"}


@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name):
    function, expected, x = CASES[name]
    assert_same(function(Tensor(x)), np.ascontiguousarray(expected(x)))


@pytest.mark.parametrize("name", CASES)
def test_derivative_equals_differences(name):
    function, _, x = CASES[name]
    check_grad(function, x)


@pytest.mark.parametrize("name", CASES)
def test_batch_equals_examples(name):
    function, _, x = CASES[name]
    check_vmap(function, x)


@pytest.mark.parametrize("name", CASES)
def test_graph_with_open_size_equals_eager(name):
    function, _, x = CASES[name]
    check_graph(function, x, open_axis=name not in FIXED)


@pytest.mark.parametrize(
    "name", ["reshape", "transpose", "concat open", "flip", "where", "roll", "split", "tile", "stack"]
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_is_moved_unchanged(name, dtype):
    function, expected, x = CASES[name]
    array = Tensor(np.abs(x) * 3).astype(dtype).asnumpy()
    if name in ("where", "concat open", "stack"):
        function, expected = {
            "where": (lambda t: ops.where(t.astype("bool"), t, t), lambda a: a),
            "concat open": (lambda t: ops.concat((t, t)), lambda a: np.concatenate((a, a))),
            "stack": (lambda t: ops.stack((t, t)), lambda a: np.stack((a, a))),
        }[name]
    assert_same(function(Tensor(array)), np.ascontiguousarray(expected(array)))


def test_cast_converts_by_numpys_rules_and_gives_a_tensor_of_its_own():
    x = Tensor([1.7, -1.7, 0.0])
    assert_same(ops.cast(x, ms.int32), np.array([1, -1, 0], np.int32))
    assert_same(ops.cast(x, bool), np.array([True, True, False]))
    same = ops.cast(x, ms.float32)
    same[0] = 9
    assert x[0].item() == pytest.approx(1.7)


def test_size_questions():
    x = ops.zeros((2, 3))
    assert (ops.shape(x), ops.size(x), ops.rank(x), ops.numel(x)) == ((2, 3), 6, 2, 6)


def test_empty_and_0d():
    empty = ops.zeros((0, 3))
    assert ops.reshape(empty, (3, -1)).shape == (3, 0)
    assert ops.concat((empty, empty)).shape == (0, 3)
    assert ops.flip(empty, 0).shape == (0, 3)
    assert ops.roll(empty, 1, 0).shape == (0, 3)
    assert [x.shape for x in ops.split(empty, 2)] == [(0, 3)]
    zero = Tensor(3.0)
    assert ops.flatten(zero).shape == (1,)
    assert ops.squeeze(zero).shape == ()
    assert ops.tile(zero, (2,)).asnumpy().tolist() == [3.0, 3.0]
    assert ops.transpose(zero, ()).item() == 3.0


@given(st.integers(1, 12), st.integers(1, 14))
@settings(max_examples=60, deadline=None)
def test_chunk_and_split_cover_everything_in_order(length, chunks):
    x = ops.arange(length)
    parts = ops.chunk(x, chunks)
    assert len(parts) <= chunks
    assert ops.concat(parts).tolist() == list(range(length))
    assert len({len(p) for p in parts[:-1]}) <= 1
    assert ops.concat(ops.split(x, chunks)).tolist() == list(range(length))


def test_concat_promotes_types():
    assert ops.concat((Tensor([1]), Tensor([1.5]))).dtype is ms.float32
    assert ops.stack((Tensor(np.int8(1)), Tensor(np.uint8(2)))).dtype is ms.int16


VIEWS = {
    "reshape": lambda x: ops.reshape(x, (3, 4)),
    "flatten": lambda x: ops.flatten(x),
    "ravel": lambda x: ops.ravel(x),
    "squeeze": lambda x: ops.squeeze(x),
    "expand_dims": lambda x: ops.expand_dims(x, 0),
    "unsqueeze": lambda x: ops.unsqueeze(x, 0),
    "transpose": lambda x: ops.transpose(x, (1, 0)),
    "permute": lambda x: ops.permute(x, (1, 0)),
    "swapaxes": lambda x: ops.swapaxes(x, 0, 1),
    "moveaxis": lambda x: ops.moveaxis(x, 0, 1),
    "broadcast_to": lambda x: ops.broadcast_to(x, (2, 4, 3)),
    "split": lambda x: ops.split(x, 2)[0],
    "chunk": lambda x: ops.chunk(x, 2)[1],
    "unstack": lambda x: ops.unstack(x)[0],
    "unbind": lambda x: ops.unbind(x)[0],
    "flip": lambda x: ops.flip(x, 0),
    "slice": lambda x: ops.slice(x, (0, 0), (1, 1)),
    "narrow": lambda x: ops.narrow(x, 0, 0, 1),
}


@pytest.mark.parametrize("name", VIEWS)
def test_change_in_place_of_a_view_like_result_raises_and_names_the_function(name):
    x = Tensor(X)
    result = VIEWS[name](x)
    with pytest.raises(RuntimeError, match=rf"ops\.{name}.*x\[i\] = "):
        result[...] = 0
    assert_same(x, X)
    copied = VIEWS[name](x).copy()
    copied[...] = 0
    assert_same(x, X)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.reshape(x, (5, -1)), ValueError, "ops.reshape.*12 elements.*multiple of 5"),
        (lambda x: ops.reshape(x, (-1, -1)), ValueError, "one -1"),
        (lambda x: ops.reshape(x, (2.0, 6)), TypeError, "ops.reshape.*int"),
        (lambda x: ops.reshape(x, (-2, 6)), ValueError, "at least 0"),
        (
            lambda x: ms.ir.build(lambda y: y.reshape(-1, 2), ms.types.parse_type("float32[n, 3]")),
            ValueError,
            "multiple of 2",
        ),
        (lambda x: ops.squeeze(x, 0), ValueError, "axis of size 1"),
        (lambda x: ops.expand_dims(x, 4), ValueError, "axis=4"),
        (lambda x: ops.transpose(x, (0,)), ValueError, "each axis once"),
        (lambda x: ops.transpose(x, (0, 0)), ValueError, "once"),
        (lambda x: ops.transpose(x, 1), TypeError, "tuple of ints"),
        (lambda x: ops.swapaxes(x, 0, 2), ValueError, "axis=2"),
        (lambda x: ops.moveaxis(x, (0, 1), 0), ValueError, "destination"),
        (lambda x: ops.broadcast_to(x, (4, 5)), ValueError, "broadcast_to"),
        (lambda x: ops.broadcast_to(x, (-1, 4, 3)), ValueError, "new axis"),
        (lambda x: ops.broadcast_to(x, (-1,)), ValueError, "new axis"),
        (lambda x: ops.tile(x, -1), ValueError, "at least 0"),
        (lambda x: ops.repeat_interleave(x, [1, 2], 0), ValueError, "one for each"),
        (lambda x: ops.concat(x), TypeError, "tuple or list"),
        (lambda x: ops.concat(()), ValueError, "at least one"),
        (lambda x: ops.concat((x, x[:, :2])), ValueError, "equal sizes"),
        (lambda x: ops.stack((x, x[:2])), ValueError, "equal shapes"),
        (lambda x: ops.split(x, 0), ValueError, "at least 1"),
        (lambda x: ops.split(x, (1, 2)), ValueError, "add up to 4"),
        (lambda x: ops.split(x, 1.5), TypeError, "int"),
        (lambda x: ops.chunk(x, 0), ValueError, "at least 1"),
        (lambda x: ops.unstack(Tensor(1.0)), ValueError, "at least one axis"),
        (lambda x: ops.flip(x, (0, 0)), ValueError, "once"),
        (lambda x: ops.roll(x, (1, 2), 0), ValueError, "a shift for each"),
        (lambda x: ops.pad(x, (1,)), ValueError, "pair"),
        (lambda x: ops.pad(x, (1, 1), mode="mirror"), ValueError, "'reflect'"),
        (lambda x: ops.pad(x, (3, 0), mode="reflect"), ValueError, "0 to 2"),
        (lambda x: ops.pad(x, (1, 1), mode="reflect", value=1), ValueError, "no value"),
        (lambda x: ops.pad(x, (1.5, 1)), TypeError, "int"),
        (lambda x: ops.where(x > 0, x, Tensor([1.0, 2.0])), ValueError, "broadcast"),
        (lambda x: ops.masked_fill(x, x, 0), TypeError, "bool"),
        (lambda x: ops.masked_fill(x, x > 0, Tensor([1.0])), ValueError, "one number"),
        (lambda x: ops.slice(x, (0, 0), (5, 1)), ValueError, "slice"),
        (lambda x: ops.slice(x, (0,), (1,)), ValueError, "per axis"),
        (lambda x: ops.narrow(x, 0, 3, 2), ValueError, "slice"),
        (lambda x: ops.cast(x, "complex32"), TypeError, "float32"),
        (lambda x: ops.reshape("text", (1,)), TypeError, "Tensor"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))


def test_stop_gradient_passes_no_derivative():
    assert ms.grad(lambda x: x * ops.stop_gradient(x))(Tensor(3.0)).item() == 3.0


def test_masked_fill_refuses_a_float_for_integers():
    x, mask = Tensor([1, 2]), Tensor([True, False])
    with pytest.raises(TypeError, match=r"ops\.masked_fill: got a float for a int64 tensor"):
        ops.masked_fill(x, mask, 1.5)
    assert ops.masked_fill(x, mask, 7).tolist() == [7, 2]


def test_identity_gives_back_what_it_got():
    pair = (Tensor([1.0]), {"a": Tensor([2])})
    assert ops.identity(pair) is pair and ops.identity(None) is None and ops.identity("text") == "text"
    x = Tensor([1.0])
    y = ops.identity(x)
    y[0] = 2.0
    assert x.item() == 1.0
