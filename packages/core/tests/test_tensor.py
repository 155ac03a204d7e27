from __future__ import annotations

import copy
import pickle

import ml_dtypes
import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, ParameterTuple, Tensor, ops
from lamella.dtypes import ALL


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_every_type_goes_in_and_out_unchanged(dtype):
    array = np.array([[0, 1], [1, 0]]).astype(dtype.numpy)
    x = Tensor(array)
    assert x.dtype is dtype and x.shape == (2, 2) and x.nbytes == 4 * dtype.itemsize
    np.testing.assert_array_equal(x.asnumpy(), array)
    assert x.asnumpy().dtype == array.dtype


def test_python_numbers_get_mindspore_s_types():
    assert Tensor(1).dtype is ms.int64 and Tensor(1.5).dtype is ms.float32 and Tensor(True).dtype is ms.bool_
    assert Tensor([1.0, 2]).dtype is ms.float32 and Tensor(np.float64(1)).dtype is ms.float64
    assert Tensor([[1, 2]], ms.float16).dtype is ms.float16
    assert Tensor([Tensor([1.0]), Tensor([2.0])]).shape == (2, 1)


@pytest.mark.parametrize("bad", ["text", object(), {"a": 1}, [1, "x"], None, np.array([1 + 2j], np.clongdouble)])
def test_what_is_not_numbers_is_refused(bad):
    with pytest.raises(TypeError):
        Tensor(bad)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="unequal length"):
        Tensor([[1, 2], [3]])


def test_the_array_a_tensor_was_made_from_may_change_afterwards():
    array = np.zeros(3)
    for x in (Tensor(array), Tensor(array[::-1]), Tensor.from_numpy(array[:2])):
        array[:] = 5
        assert x.asnumpy().max() == 0
        array[:] = 0


def test_an_array_may_be_filled_again_after_from_numpy():
    frame = np.zeros(3)
    tensors = []
    for i in range(3):
        frame += 1
        tensors.append(Tensor.from_numpy(frame))
        tensors[-1] += 10 * i
    assert [x.tolist() for x in tensors] == [[1.0] * 3, [12.0] * 3, [23.0] * 3] and frame.tolist() == [3.0] * 3


def test_byte_order_and_layout_do_not_matter():
    big = np.arange(6, dtype=">f4").reshape(2, 3)
    np.testing.assert_array_equal((Tensor(big) + 1).asnumpy(), big + 1)
    np.testing.assert_array_equal(Tensor(np.asfortranarray(big)).asnumpy(), big)


def test_asnumpy_is_read_only_and_keeps_its_numbers():
    x = Tensor([1.0, 2.0])
    before = x.asnumpy()
    x[0] = 9
    assert before.tolist() == [1.0, 2.0] and x.tolist() == [9.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 3


def test_other_tensors_do_not_see_in_place_changes_and_other_names_do():
    x = Tensor([1.0, 2.0])
    same, copies = x, [x.copy(), copy.copy(x), copy.deepcopy(x), Tensor(x), x * 1, ops.reshape(x, (2,))]
    x[1] = 7
    assert same.tolist() == [1.0, 7.0]
    assert all(c.tolist() == [1.0, 2.0] for c in copies)


@pytest.mark.parametrize(
    "view",
    [lambda x: x[0], lambda x: x.reshape(4), lambda x: x.T, lambda x: x[:, 1:]],
    ids=["index", "reshape", "T", "slice"],
)
def test_changing_a_view_like_result_in_place_names_the_form_that_works(view):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(RuntimeError, match=r"x\[i\] = …"):
        view(x)[0] = 5
    y = view(x).copy()
    y[0] = 5
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_pickling_keeps_value_and_type(dtype):
    x = Tensor(np.array([[0, 1, 1]]).astype(dtype.numpy))
    y = pickle.loads(pickle.dumps(x))
    assert y.dtype is dtype
    np.testing.assert_array_equal(x.asnumpy(), y.asnumpy())


@pytest.mark.parametrize("dtype", [d for d in ALL if d is not ms.bfloat16], ids=str)
def test_dlpack_goes_both_ways(dtype):
    array = np.array([[0, 1, 1]]).astype(dtype.numpy)
    out = np.from_dlpack(Tensor(array))
    np.testing.assert_array_equal(out, array)
    np.testing.assert_array_equal(Tensor.from_dlpack(array).asnumpy(), array)


def test_from_dlpack_copies_and_refuses_other_objects():
    array = np.zeros(3)
    x = ms.from_dlpack(array)
    array[0] = 1
    assert x.tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(TypeError, match="DLPack"):
        ms.from_dlpack([1, 2])


def test_dlpack_of_a_type_numpy_cannot_export_says_so():
    with pytest.raises(TypeError, match="bfloat16"):
        np.from_dlpack(Tensor(np.ones(2, ml_dtypes.bfloat16)))


def test_numbers_come_out_of_one_element_only():
    assert float(Tensor([2.5])) == 2.5 and int(Tensor(3)) == 3 and bool(Tensor([[True]])) is True
    assert [10, 20, 30][Tensor(1)] == 20 and f"{Tensor(1.5):.2f}" == "1.50" and Tensor([4, 5]).item(1) == 5
    with pytest.raises(ValueError, match="one element"):
        bool(Tensor([1, 2]))
    with pytest.raises(ValueError, match="one element"):
        Tensor([1, 2]).item()
    with pytest.raises(TypeError, match="integer tensor"):
        [1, 2][Tensor(1.0)]


def test_length_iteration_and_membership():
    x = Tensor([[1, 2], [3, 4]])
    assert len(x) == 2 and [row.tolist() for row in x] == [[1, 2], [3, 4]]
    for use in (len, iter):
        with pytest.raises(TypeError, match="0-d"):
            use(Tensor(1.0))


def test_operators_take_numpy_arrays_on_either_side():
    x, a = Tensor([1.0, 2.0]), np.array([3.0, 4.0], np.float32)
    for y in (x + a, a + x):
        assert isinstance(y, Tensor) and y.tolist() == [4.0, 6.0]


def test_a_number_that_the_tensor_s_type_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="300"):
        Tensor([1], ms.uint8) + 300
    assert (Tensor([1], ms.uint8) + 2.5).dtype is ms.float32


def test_assign_value_checks_the_shape():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        Tensor([1.0, 2.0]).assign_value(Tensor([1.0, 2.0, 3.0]))


def test_parameter_has_a_name_and_is_trained():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    assert w.name == "w" and w.requires_grad and "name=w" in repr(w)
    assert type(w + 1) is Tensor and type(w.value()) is Tensor


def test_set_data_checks_shape_and_kind():
    w = Parameter(Tensor([1, 2]), name="w")
    with pytest.raises(ValueError, match="slice_shape"):
        w.set_data(Tensor([1, 2, 3]))
    with pytest.raises(TypeError, match="float32"):
        w.set_data(Tensor([1.0, 2.0]))
    assert w.set_data(Tensor([1, 2, 3]), slice_shape=True).shape == (3,)


def test_parameters_are_copied_with_their_settings():
    w = Parameter(Tensor([1.0]), name="w", requires_grad=False)
    for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w)), w.clone()):
        assert isinstance(twin, Parameter) and twin.name == "w" and not twin.requires_grad
        twin.set_data(Tensor([5.0]))
        assert w.item() == 1.0
    assert w.clone("zeros").item() == 0.0
    assert [p.name for p in ParameterTuple([w]).clone("moment")] == ["moment.w"]
    with pytest.raises(TypeError, match="Parameters"):
        ParameterTuple([Tensor(1.0)])


def test_negative_zero_stays_negative():
    assert np.signbit((Tensor([1.0]) * 0.0).asnumpy()).tolist() == [False]
    assert np.signbit((Tensor([1.0]) * -0.0).asnumpy()).tolist() == [True]
    assert np.signbit(ms.ir.staged(lambda x: x * -0.0)(Tensor([1.0])).asnumpy()).tolist() == [True]


def test_a_tensor_equals_neither_none_nor_a_text():
    x = Tensor([1.0, 2.0])
    assert (x == None) is False and (x != None) is True  # noqa: E711
    assert (x == "mean") is False and (x != "mean") is True


@pytest.mark.parametrize(
    ("data", "dtype"),
    [(300, "int8"), ([0, -1], "uint8"), (2**40, "int32"), (float("nan"), "int32"), ([1.0, float("inf")], "int64")],
)
def test_python_numbers_that_an_integer_type_does_not_hold_are_refused(data, dtype):
    with pytest.raises(ValueError, match=f"for {dtype}, expected numbers from"):
        Tensor(data, dtype=dtype)


def test_the_largest_and_smallest_numbers_of_integer_types_are_taken():
    assert Tensor([-128, 127], dtype="int8").tolist() == [-128, 127]
    assert Tensor([2**64 - 1], dtype="uint64").tolist() == [2**64 - 1]
    assert Tensor([], dtype="int8").shape == (0,)


@pytest.mark.parametrize("index", [5, (0, 0, 0), "a", (0,)])
def test_item_refuses_what_is_no_index_of_an_element(index):
    with pytest.raises(IndexError, match=r"Tensor\.item: got index"):
        Tensor([[1.0, 2.0]]).item(index)


def test_more_elements_than_can_be_counted_are_refused():
    with pytest.raises(ValueError, match=r"ops\.zeros: got shape .* expected fewer than 2\*\*62 elements"):
        ops.zeros((2**40, 2**40))


def test_a_consumer_of_dlpack_cannot_change_a_value():
    x = Tensor([1.0, 2.0])
    assert not np.shares_memory(np.from_dlpack(x), x.asnumpy())
    shared = np.from_dlpack(x, copy=False)
    assert np.shares_memory(shared, x.asnumpy()) and not shared.flags.writeable
