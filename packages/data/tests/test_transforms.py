from __future__ import annotations

import numpy as np
import pytest

import lamella
import lamella.dtypes
from lamella_data.transforms import Compose, OneHot, TypeCast
from lamella_data.vision import HWC2CHW, Normalize, Rescale

IMAGE = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("dtype", [d.name for d in lamella.dtypes.ORDERED])
def test_images_of_every_type_are_computed_in_float32(dtype):
    image = (IMAGE % 2 if dtype == "bool" else IMAGE).astype(lamella.dtypes.as_dtype(dtype).numpy)
    exact = image.astype(np.float64)
    for transform, expected in (
        (Rescale(1 / 255, -0.5), exact / 255 - 0.5),
        (Normalize([1.5, 2, 3, 4], [5, 6, 7, 8]), (exact - [1.5, 2, 3, 4]) / [5, 6, 7, 8]),
        (Normalize([1.5, 2], [5, 6], is_hwc=False), (exact - [[[1.5]], [[2]]]) / [[[5]], [[6]]]),
    ):
        result = transform(image)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)


def test_images_with_one_channel_need_no_axis_for_it():
    flat = IMAGE[..., 0]
    for is_hwc in (True, False):
        assert np.array_equal(Normalize([3], [2], is_hwc)(flat), Normalize([3], [2])(flat[..., None])[..., 0])
    assert np.array_equal(Normalize([3], [2])(IMAGE), Normalize([3] * 4, [2] * 4)(IMAGE))
    assert np.array_equal(HWC2CHW()(flat), flat)


def test_nan_and_infinity_stay():
    image = np.array([[np.nan, np.inf]], np.float32)
    assert np.array_equal(Rescale(2, 1)(image), image, equal_nan=True)
    assert np.array_equal(Normalize([1], [1])(image), image, equal_nan=True)


def test_channels_move_to_the_front():
    assert np.array_equal(HWC2CHW()(IMAGE), IMAGE.transpose(2, 0, 1))
    assert HWC2CHW()(IMAGE).flags.c_contiguous


@pytest.mark.parametrize("shape", [(), (4,), (1, 2, 3, 4)])
def test_shapes_that_are_no_images_are_refused(shape):
    with pytest.raises(ValueError, match="HWC2CHW: got an image of shape"):
        HWC2CHW()(np.zeros(shape))
    if len(shape) < 2:
        with pytest.raises(ValueError, match="Normalize: got an image of shape"):
            Normalize([1], [1])(np.zeros(shape))


def test_channels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3, 4\) with is_hwc=True and mean and std of 2 channels"):
        Normalize([1, 2], [1, 2])(IMAGE)
    with pytest.raises(ValueError, match="2 channels"):
        Normalize([1, 2], [1, 2], is_hwc=False)(IMAGE[..., 0])


@pytest.mark.parametrize(
    ("build", "error", "match"),
    [
        (lambda: Normalize(1, [1]), TypeError, "mean"),
        (lambda: Normalize([1], 1), TypeError, "std"),
        (lambda: Normalize(["1"], [1]), TypeError, r"mean\[0\]"),
        (lambda: Normalize([], []), ValueError, "at least one"),
        (lambda: Normalize([1], [1, 2]), ValueError, "equally many"),
        (lambda: Normalize([256], [1]), ValueError, "from 0 to 255"),
        (lambda: Normalize([1], [0]), ValueError, "above 0"),
        (lambda: Normalize([float("nan")], [1]), ValueError, "finite"),
        (lambda: Normalize([1], [1], is_hwc=1), TypeError, "is_hwc"),
        (lambda: Rescale("1", 0), TypeError, "rescale"),
        (lambda: Rescale(1, True), TypeError, "shift"),
        (lambda: Rescale(1, float("inf")), ValueError, "shift"),
        (lambda: TypeCast("float12"), TypeError, "TypeCast"),
        (lambda: OneHot(0), ValueError, "num_classes"),
        (lambda: OneHot(2.0), TypeError, "num_classes"),
        (lambda: OneHot(2, 1.5), ValueError, "smoothing_rate"),
        (lambda: OneHot(2, "1"), TypeError, "smoothing_rate"),
        (lambda: Compose([]), ValueError, "at least one"),
        (lambda: Compose([3]), TypeError, "callables"),
        (lambda: Compose(abs), TypeError, "callables"),
        (lambda: Rescale(1, 0)(["a"]), TypeError, "numbers"),
        (lambda: Normalize([1], [1])([["a"]]), TypeError, "numbers"),
    ],
)
def test_wrong_arguments_are_refused(build, error, match):
    with pytest.raises(error, match=match):
        build()


# Expected values are what mindspore 2.10 gives.
@pytest.mark.parametrize(
    ("label", "expected", "dtype"),
    [
        (1, [0, 1, 0], "int64"),
        ([1, 2], [[0, 1, 0], [0, 0, 1]], "int64"),
        (np.array([1, 2], np.uint8), [[0, 1, 0], [0, 0, 1]], "uint8"),
    ],
)
def test_one_hot_is_that_of_mindspore(label, expected, dtype):
    result = OneHot(3)(label)
    assert (result.tolist(), result.dtype) == (expected, dtype)


def test_label_smoothing_shares_out_a_part():
    result = OneHot(3, 0.1)([1, 2])
    share = 0.1 / 3
    np.testing.assert_allclose(result, [[share, 0.9 + share, share], [share, share, 0.9 + share]])
    np.testing.assert_allclose(result.sum(-1), 1)


@pytest.mark.parametrize(("label", "error"), [(3, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_labels_that_are_no_classes_are_refused(label, error):
    with pytest.raises(error, match="OneHot"):
        OneHot(3)(label)


@pytest.mark.parametrize("dtype", lamella.dtypes.ALL)
def test_casts_are_those_of_numpy(dtype):
    values = np.array([0, 1, 100])
    assert np.array_equal(TypeCast(dtype)(values), values.astype(dtype.numpy))
    assert TypeCast(dtype)(values).dtype == dtype.numpy


def test_compose_hands_on_tuples():
    assert Compose([lambda x: (x, x + 1), lambda x, y: x * y])(3) == 12
    assert Compose([lambda x, y: (y, x)])(1, 2) == (2, 1)


def test_calls_leave_their_argument_as_it_is():
    image = IMAGE.astype(np.float32)
    for transform in (Rescale(2, 1), Normalize([1], [2]), HWC2CHW(), TypeCast("float32")):
        transform(image)[...] = 0
    assert np.array_equal(image, IMAGE)
