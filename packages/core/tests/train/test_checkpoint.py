"""Saving and loading parameters: what comes back, and what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, dtypes, nn
from lamella.errors import CheckpointError
from lamella.train import load_checkpoint, load_param_into_net, save_checkpoint


def net(seed: int = 1) -> nn.Cell:
    ms.set_seed(seed)
    return nn.SequentialCell(nn.Dense(3, 4), nn.ReLU(), nn.Dense(4, 2))


def values(cell: nn.Cell) -> dict[str, list]:
    return {p.name: p.asnumpy().tolist() for p in cell.get_parameters()}


def parameter(array, name="p") -> Parameter:
    return Parameter(Tensor(np.asarray(array)), name=name)


def test_network_comes_back(tmp_path):
    first, second = net(1), net(2)
    assert values(first) != values(second)
    save_checkpoint(first, tmp_path / "a.ckpt")
    found = load_checkpoint(tmp_path / "a.ckpt")
    assert list(found) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert all(isinstance(p, Parameter) and p.name == name for name, p in found.items())
    assert load_param_into_net(second, found, strict_load=True) == ([], [])
    assert values(first) == values(second)


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_every_type_comes_back(tmp_path, dtype):
    tensor = Tensor(np.array([[0, 1], [1, 0]]), dtype)
    save_checkpoint({"t": tensor, "s": tensor[0, 1], "e": tensor[:0]}, tmp_path / "a.ckpt")
    found = load_checkpoint(tmp_path / "a.ckpt")
    assert [p.dtype for p in found.values()] == [dtype] * 3
    assert [p.shape for p in found.values()] == [(2, 2), (), (0, 2)]
    assert found["t"].asnumpy().tobytes() == tensor.asnumpy().tobytes()


def test_what_can_be_saved(tmp_path):
    w = parameter([1.0], "w")
    for given in ([w], (w,), [{"name": "w", "data": w}], {"w": Tensor([1.0])}, {"w": parameter([1.0], "other name")}):
        save_checkpoint(given, str(tmp_path / "a.ckpt"))
        (name, found), *rest = load_checkpoint(str(tmp_path / "a.ckpt")).items()
        assert (name, found.name, found.tolist(), rest) == ("w", "w", [1.0], [])


def test_what_is_loaded_can_be_saved(tmp_path):
    save_checkpoint({"w": Tensor([1.0])}, tmp_path / "a.ckpt", append_dict={"note": "x", "n": 3})
    save_checkpoint(load_checkpoint(tmp_path / "a.ckpt"), tmp_path / "b.ckpt")
    found = load_checkpoint(tmp_path / "b.ckpt")
    assert (found["w"].tolist(), found["note"], found["n"].item()) == ([1.0], "x", 3)


def test_appended_values_keep_their_digits(tmp_path):
    more = {"epoch": 3, "rate": 0.1, "flag": True, "note": "é", "t": Tensor([1, 2]), "p": parameter([2.5])}
    save_checkpoint({}, tmp_path / "a.ckpt", append_dict=more)
    found = load_checkpoint(tmp_path / "a.ckpt")
    assert found["note"] == "é"
    assert {n: found[n].tolist() for n in found if n != "note"} == {
        "epoch": 3, "rate": 0.1, "flag": True, "t": [1, 2], "p": [2.5]
    }  # fmt: skip
    assert found["flag"].dtype is dtypes.bool_


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [("a", {}, "a.ckpt"), ("a.foo", {}, "a.foo.ckpt"), ("a.safetensors", {}, "a.safetensors"),
     ("a", {"format": "safetensors"}, "a.safetensors")],
)  # fmt: skip
def test_file_name_gets_an_ending(tmp_path, name, options, expected):
    save_checkpoint({"w": Tensor([1.0])}, tmp_path / name, **options)
    assert [path.name for path in tmp_path.iterdir()] == [expected]


def test_choice_by_name(tmp_path):
    file = tmp_path / "a.ckpt"
    save_checkpoint({n: Tensor([1.0]) for n in ("conv.w", "conv.b", "fc.w")}, file, choice_func=lambda n: n != "conv.b")
    assert list(load_checkpoint(file)) == ["conv.w", "fc.w"]
    assert list(load_checkpoint(file, filter_prefix="conv")) == ["fc.w"]
    assert list(load_checkpoint(file, filter_prefix=["x", "f"])) == ["conv.w"]
    assert list(load_checkpoint(file, specify_prefix=("co",))) == ["conv.w"]
    assert list(load_checkpoint(file, choice_func=lambda n: n.startswith("f"))) == ["fc.w"]
    with pytest.raises(CheckpointError, match=r"a choice of none of conv\.w, fc\.w"):
        load_checkpoint(file, specify_prefix="x")


def test_saved_values_are_those_of_the_call(tmp_path, monkeypatch):
    from lamella.train import tensor_file

    w = parameter([1.0, 2.0])
    real = tensor_file.write

    def training_goes_on(*args):
        w.set_data(w * 0)
        real(*args)

    monkeypatch.setattr(tensor_file, "write", training_goes_on)
    save_checkpoint([w], tmp_path / "a.ckpt")
    assert load_checkpoint(tmp_path / "a.ckpt")["p"].tolist() == [1.0, 2.0]


def test_a_step_takes_no_memory_over_that_is_being_saved(tmp_path, monkeypatch):
    from lamella.train import tensor_file

    w = Parameter(Tensor(np.ones((64, 64), np.float32)), name="w")
    step = ms.ir.staged(lambda x: w.assign_value(w + x) is None)
    step(Tensor(1.0))
    real = tensor_file.write

    def training_goes_on(*args):
        step(Tensor(1.0)), step(Tensor(1.0))
        real(*args)

    monkeypatch.setattr(tensor_file, "write", training_goes_on)
    save_checkpoint([w], tmp_path / "a.ckpt")
    assert set(load_checkpoint(tmp_path / "a.ckpt")["w"].asnumpy().flat) == {2.0} and w[0, 0].item() == 4.0


def test_load_into_net_reports_both_sides():
    cell = nn.Dense(3, 2)
    got = load_param_into_net(
        cell, {"weight": parameter(np.ones((2, 3), np.float32)), "other": parameter(1.0), "t": "x"}
    )
    assert got == (["bias"], ["other", "t"])
    assert cell.weight.tolist() == [[1, 1, 1]] * 2


def test_load_into_net_converts_within_a_kind():
    cell = nn.Cell()
    cell.f, cell.i = Parameter(Tensor([1.0], dtypes.float16)), Parameter(Tensor([1], dtypes.int32))
    given = {"f": parameter(np.array([0.5])), "i": parameter(np.array([7]))}
    load_param_into_net(cell, given)
    assert (cell.f.dtype, cell.f.tolist(), cell.i.dtype, cell.i.tolist()) == (dtypes.float16, [0.5], dtypes.int32, [7])
    with pytest.raises(CheckpointError, match="f has type float16 in the network and float64"):
        load_param_into_net(cell, given, strict_load=True)
    with pytest.raises(CheckpointError, match="i has type int32 in the network and float64"):
        load_param_into_net(cell, {"i": parameter(np.array([7.0]))})
    with pytest.raises(CheckpointError, match="i has numbers in the checkpoint that int32 cannot hold"):
        load_param_into_net(cell, {"i": parameter(np.array([2**40]))})


def test_misfit_loads_nothing():
    cell = net()
    before = values(cell)
    with pytest.raises(
        CheckpointError, match=r"2\.weight has shape \(2, 4\) in the network and \(4, 2\) in the checkpoint"
    ):
        load_param_into_net(cell, {"0.bias": parameter(np.ones(4)), "2.weight": parameter(np.ones((4, 2)))})
    assert values(cell) == before


def test_single_number_may_have_an_axis():
    cell = nn.Cell()
    cell.a = Parameter(Tensor(1.0))
    load_param_into_net(cell, {"a": parameter([5.0])})
    assert (cell.a.shape, cell.a.item()) == ((), 5.0)


def test_common_prefix_is_passed_over():
    cell = nn.Dense(3, 2)
    given = {
        "net.weight": parameter(np.ones((2, 3))),
        "net.bias": parameter(np.full(2, 5.0)),
        "moments.net.weight": parameter(np.zeros((2, 3))),
        "moments.net.bias": parameter(np.zeros(2)),
    }
    assert load_param_into_net(cell, given) == ([], ["moments.net.weight", "moments.net.bias"])
    assert cell.bias.tolist() == [5, 5]


def test_nothing_is_guessed():
    cell = nn.Dense(3, 2)
    both = {"a.weight": parameter(np.ones((2, 3))), "b.weight": parameter(np.zeros((2, 3)))}
    partly = {"bias": parameter(np.ones(2)), "moments.weight": parameter(np.ones((2, 3)))}
    before = cell.weight.tolist()
    with pytest.warns(UserWarning, match=r"got parameters a\.weight, b\.weight, expected some of weight, bias"):
        assert load_param_into_net(cell, both) == (["weight", "bias"], ["a.weight", "b.weight"])
    assert load_param_into_net(cell, partly) == (["weight"], ["moments.weight"])
    with pytest.warns(UserWarning, match="expected some of weight"):
        load_param_into_net(cell, {"x.bias": parameter(np.ones(2))}, strict_load=True)
    assert cell.weight.tolist() == before


def test_load_checkpoint_into_net(tmp_path):
    first, second = net(1), net(2)
    save_checkpoint(first, tmp_path / "a.ckpt")
    load_checkpoint(tmp_path / "a.ckpt", second)
    assert values(first) == values(second)


def test_loading_runs_no_code(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path(tmp_path / "sprung").touch, ())

    (tmp_path / "a.ckpt").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(CheckpointError, match=r"a\.ckpt"):
        load_checkpoint(tmp_path / "a.ckpt")
    assert not (tmp_path / "sprung").exists()


def test_same_names_are_refused(tmp_path):
    one, other = parameter([1.0], "w"), parameter([2.0], "w")
    with pytest.raises(ValueError, match="'w' again"):
        save_checkpoint([one, other], tmp_path / "a.ckpt")
    with pytest.raises(ValueError, match="'w' again"):
        save_checkpoint([one], tmp_path / "a.ckpt", append_dict={"w": 3})
    cell = nn.Cell()
    cell.a, cell.b = one, other
    with pytest.raises(ValueError, match="two parameters named 'w'"):
        save_checkpoint(cell, tmp_path / "a.ckpt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda f: save_checkpoint(3, f), TypeError),
        (lambda f: save_checkpoint([3], f), TypeError),
        (lambda f: save_checkpoint({"a": np.ones(2)}, f), TypeError),
        (lambda f: save_checkpoint({3: Tensor(1.0)}, f), TypeError),
        (lambda f: save_checkpoint({}, 3), TypeError),
        (lambda f: save_checkpoint({}, f, format="onnx"), ValueError),
        (lambda f: save_checkpoint({}, f, enc_key=b"k"), ValueError),
        (lambda f: save_checkpoint({}, f, append_dict={"a": [1]}), TypeError),
        (lambda f: save_checkpoint({}, f, append_dict={"__metadata__": 1}), ValueError),
        (lambda f: load_checkpoint(3), TypeError),
        (lambda f: load_checkpoint(f), CheckpointError),
        (lambda f: load_checkpoint(f, dec_key=b"k"), ValueError),
        (lambda f: load_checkpoint(f, filter_prefix=3), TypeError),
        (lambda f: load_param_into_net(3, {}), TypeError),
        (lambda f: load_param_into_net(nn.Dense(1, 1), 3), TypeError),
        (lambda f: load_param_into_net(nn.Dense(1, 1), {"w": 3}), TypeError),
    ],
)
def test_bad_arguments_are_told(tmp_path, call, kind):
    with pytest.raises(kind, match=r"got .*, expected"):
        call(tmp_path / "a.ckpt")
    assert not list(tmp_path.iterdir())


def test_error_is_of_mindspores_kinds():
    assert issubclass(CheckpointError, ValueError)
    assert issubclass(CheckpointError, RuntimeError)
