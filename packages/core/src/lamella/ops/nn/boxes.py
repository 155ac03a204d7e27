"""Boxes in images: (x1, y1, x2, y2), both corners inside, so that a box is x2 - x1 + 1 wide."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.dtypes import float32, int32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, wide
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions import combined, elementwise
from lamella.ops.functions.control import scan
from lamella.ops.functions.join_split import stack
from lamella.tensor import Tensor

__all__ = [
    "bounding_box_decode",
    "bounding_box_encode",
    "check_valid",
    "crop_and_resize",
    "iou",
]


def boxes_of(subject: str, given: Any, columns: int = 4) -> Tensor:
    """A tensor of boxes.

    Args:
        subject: who asks, for the error message.
        given: the boxes.
        columns: how many numbers a box has.

    Raises:
        TypeError: they are not floating-point.
        ValueError: it is not of shape (n, columns).
    """
    boxes = as_tensor(given, None, subject)
    if not boxes.dtype.is_float:
        raise TypeError(explain(subject, given=f"{boxes.dtype} boxes", expected="floating-point numbers"))
    if boxes.ndim != 2 or boxes.shape[1] != columns:
        raise ValueError(explain(subject, given=f"boxes of shape {boxes.shape}", expected=f"(n, {columns})"))
    return boxes


def _columns(boxes: Tensor) -> list[Tensor]:
    return [prims.reshape(prims.narrow(boxes, 1, k, k + 1), shape=boxes.shape[:1]) for k in range(4)]


def overlap(first: list[Tensor], second: list[Tensor], more: float) -> tuple[Tensor, Tensor, Tensor]:
    """Areas of boxes, and of what each pair has in common.

    Args:
        first: the corners x1, y1, x2, y2 of some boxes.
        second: those of others, which broadcast with them.
        more: by how much a box is wider than x2 - x1.
    """
    zero = scalar(0, first[0].dtype)
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = first, second
    across, down = (
        prims.maximum(prims.minimum(a2, b2) - prims.maximum(a1, b1) + more, zero)
        for a1, a2, b1, b2 in ((ax1, ax2, bx1, bx2), (ay1, ay2, by1, by2))
    )
    area, other = ((x2 - x1 + more) * (y2 - y1 + more) for x1, y1, x2, y2 in (first, second))
    return area, other, across * down


def iou(anchor_boxes: Any, gt_boxes: Any, mode: str = "iou") -> Tensor:
    """How much boxes have in common: the area of the intersection by that of the union, or of the foreground.

    Args:
        anchor_boxes: floating-point boxes (n, 4).
        gt_boxes: floating-point boxes (m, 4), the foreground.
        mode: "iou" by the union, "iof" by the area of `gt_boxes`.

    Returns:
        A tensor of shape (m, n), in the type of the boxes.

    Raises:
        TypeError: integers.
        ValueError: other shapes, or another mode.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.iou(Tensor([[0.0, 0.0, 3.0, 3.0]]), Tensor([[0.0, 0.0, 1.0, 3.0]])).tolist()
        [[0.5]]
    """
    if mode not in ("iou", "iof"):
        raise ValueError(explain("ops.iou", given=f"mode={mode!r}", expected="'iou' or 'iof'"))
    anchors, truth = boxes_of("ops.iou", anchor_boxes), boxes_of("ops.iou", gt_boxes)
    if anchors.dtype is not truth.dtype:
        raise TypeError(explain("ops.iou", given=f"{anchors.dtype} and {truth.dtype} boxes", expected="one type"))
    rows = [prims.reshape(x, shape=(*x.shape, 1)) for x in _columns(wide(truth))]
    area, other, common = overlap(rows, _columns(wide(anchors)), 1.0)
    result = common / (area if mode == "iof" else area + other - common)
    return cast(result, anchors.dtype)


def _means_and_stds(subject: str, means: Any, stds: Any, dtype: Any) -> tuple[Tensor, Tensor]:
    made = []
    for name, given in (("means", means), ("stds", stds)):
        if (
            not isinstance(given, (tuple, list))
            or len(given) != 4
            or not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in given)
        ):
            raise TypeError(explain(subject, given=f"{name}={given!r}", expected="four numbers"))
        made.append(cast(as_tensor([float(x) for x in given]), dtype))
    return made[0], made[1]


def bounding_box_encode(
    anchor_box: Any, groundtruth_box: Any, means: Any = (0.0,) * 4, stds: Any = (1.0,) * 4
) -> Tensor:
    """Boxes as differences from anchors: of the centres by the anchors' sizes, and logarithms of quotients of sizes.

    Args:
        anchor_box: floating-point boxes (n, 4).
        groundtruth_box: floating-point boxes (n, 4).
        means: four numbers that are subtracted.
        stds: four numbers by which is divided.

    Returns:
        (dx, dy, dw, dh) for each box.

    Raises:
        TypeError: integers, or other means and deviations.
        ValueError: other shapes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bounding_box_encode(Tensor([[0.0, 0.0, 3.0, 3.0]]), Tensor([[2.0, 0.0, 5.0, 3.0]])).tolist()
        [[0.5, 0.0, 0.0, 0.0]]
    """
    subject = "ops.bounding_box_encode"
    anchors, truth = boxes_of(subject, anchor_box), boxes_of(subject, groundtruth_box)
    if anchors.shape != truth.shape:
        raise ValueError(explain(subject, given=f"shapes {anchors.shape} and {truth.shape}", expected="one shape"))
    (px, py, pw, ph), (gx, gy, gw, gh) = (_centred(_columns(wide(boxes))) for boxes in (anchors, truth))
    deltas = stack([(gx - px) / pw, (gy - py) / ph, elementwise.log(gw / pw), elementwise.log(gh / ph)], 1)
    mean, deviation = _means_and_stds(subject, means, stds, deltas.dtype)
    return cast((deltas - mean) / deviation, anchors.dtype)


def _centred(corners: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x1, y1, x2, y2 = corners
    return (x1 + x2) * 0.5, (y1 + y2) * 0.5, x2 - x1 + 1.0, y2 - y1 + 1.0


def bounding_box_decode(
    anchor_box: Any,
    deltas: Any,
    max_shape: tuple[int, int],
    means: Any = (0.0,) * 4,
    stds: Any = (1.0,) * 4,
    wh_ratio_clip: float = 0.016,
) -> Tensor:
    """Boxes from differences, as `bounding_box_encode` gives them.

    Args:
        anchor_box: floating-point boxes (n, 4).
        deltas: differences (n, 4).
        max_shape: (height, width) of the image, in which boxes are kept.
        means: four numbers that are added.
        stds: four numbers that differences are multiplied with first.
        wh_ratio_clip: quotients of sizes are kept from this number to its inverse.

    Returns:
        The boxes.

    Raises:
        TypeError: integers, or other means and deviations.
        ValueError: other shapes, or settings out of their range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> deltas = Tensor([[0.5, 0.0, 0.0, 0.0]])
        >>> ops.bounding_box_decode(Tensor([[0.0, 0.0, 3.0, 3.0]]), deltas, (8, 8)).tolist()
        [[2.0, 0.0, 5.0, 3.0]]
    """
    subject = "ops.bounding_box_decode"
    anchors, changes = boxes_of(subject, anchor_box), boxes_of(subject, deltas)
    if anchors.shape != changes.shape:
        raise ValueError(explain(subject, given=f"shapes {anchors.shape} and {changes.shape}", expected="one shape"))
    limits = known_sizes(subject, max_shape)
    if len(limits) != 2:
        raise ValueError(explain(subject, given=f"max_shape={max_shape!r}", expected="(height, width)"))
    if not wh_ratio_clip > 0:
        raise ValueError(explain(subject, given=f"wh_ratio_clip={wh_ratio_clip}", expected="a number above 0"))
    changes_wide = wide(changes)
    mean, deviation = _means_and_stds(subject, means, stds, changes_wide.dtype)
    dx, dy, dw, dh = _columns(changes_wide * deviation + mean)
    px, py, pw, ph = _centred(_columns(wide(anchors)))
    most = abs(math.log(wh_ratio_clip))
    width, height = (size * elementwise.exp(_between(change, -most, most)) for size, change in ((pw, dw), (ph, dh)))
    x, y = px + pw * dx, py + ph * dy
    rows, columns = (float(int(size)) for size in limits)
    corners = [
        _between(x - width * 0.5 + 0.5, 0.0, columns),
        _between(y - height * 0.5 + 0.5, 0.0, rows),
        _between(x + width * 0.5 - 0.5, 0.0, columns),
        _between(y + height * 0.5 - 0.5, 0.0, rows),
    ]
    return cast(stack(corners, 1), anchors.dtype)


def _between(x: Tensor, low: float, high: float) -> Tensor:
    result: Tensor = prims.minimum(prims.maximum(x, scalar(low, x.dtype)), scalar(high, x.dtype))
    return result


def check_valid(bboxes: Any, img_metas: Any) -> Tensor:
    """Whether boxes lie in an image.

    Args:
        bboxes: floating-point boxes (n, 4).
        img_metas: (height, width, ratio): the image is so high and wide, times the ratio.

    Returns:
        A bool tensor (n,).

    Raises:
        TypeError: integers.
        ValueError: other shapes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.check_valid(Tensor([[0.0, 0.0, 5.0, 6.0], [0.0, 0.0, 6.0, 6.0]]), Tensor([7.0, 6.0, 1.0])).tolist()
        [True, False]
    """
    boxes, metas = boxes_of("ops.check_valid", bboxes), as_tensor(img_metas, None, "ops.check_valid")
    if metas.shape != (3,):
        given = f"img_metas of shape {metas.shape}"
        raise ValueError(explain("ops.check_valid", given=given, expected="(height, width, ratio)"))
    height, width, ratio = (prims.reshape(prims.narrow(cast(metas, float32), 0, k, k + 1), shape=()) for k in range(3))
    x1, y1, x2, y2 = _columns(cast(boxes, float32))
    tests = [x1 >= 0.0, y1 >= 0.0, x2 <= width * ratio - 1.0, y2 <= height * ratio - 1.0]
    result = tests[0]
    for test in tests[1:]:
        result = prims.bitwise_and(result, test)
    return result


def suppressed(bboxes: Any, iou_threshold: float) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes by falling scores, and which of them overlap none that is kept before them (Neubeck and Van Gool, 2006).

    Args:
        bboxes: (x1, y1, x2, y2, score) of each, (n, 5); x2 - x1 is the width here.
        iou_threshold: boxes overlap if the area of the intersection by that of the union is above it.

    Returns:
        The boxes in order (of equal scores the first first), the int32 numbers from 0 up to n, and a bool tensor that
        says which are kept.

    Raises:
        TypeError: integers.
        ValueError: other shapes, or a threshold that is not from 0 to 1.
    """
    subject = "ops.NMSWithMask"
    boxes = boxes_of(subject, bboxes, 5)
    if isinstance(iou_threshold, bool) or not isinstance(iou_threshold, (int, float)) or not 0 <= iou_threshold <= 1:
        given = f"iou_threshold={iou_threshold!r}"
        raise ValueError(explain(subject, given=given, expected="a number from 0 to 1"))
    count = boxes.shape[0]
    scores = prims.reshape(prims.narrow(boxes, 1, 4, 5), shape=(count,))
    _, order = prims.sort(prims.neg(scores), axis=0, descending=False)
    ordered: Tensor = prims.gather(boxes, order, axis=0)
    corners = _columns(prims.stop_gradient(wide(ordered)))
    rows = [prims.reshape(x, shape=(count, 1)) for x in corners]
    area, other, common = overlap(rows, corners, 0.0)
    near = common > (area + other - common) * iou_threshold
    index = prims.iota(size=count, dtype="int64")
    first = prims.broadcast_to(scalar(True, near.dtype), shape=(count,))

    def step(kept: Tensor, item: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        at, close = item
        here = prims.gather(kept, at, axis=0)
        drop = prims.bitwise_and(prims.bitwise_and(close, prims.gt(index, at)), here)
        return prims.bitwise_and(kept, prims.bitwise_not(drop)), None

    kept, _ = scan(step, first, (index, near))
    return ordered, cast(index, int32), kept


def sampled(x: Tensor, image: Tensor, y: Tensor, at: Tensor) -> Tensor:
    """Numbers between the elements of images, on the planes between four neighbours.

    Args:
        x: images [n, c, h, w].
        image: which image each point is of, int64.
        y: the row of each point, within the image.
        at: the column of each point.

    Returns:
        A tensor of shape ``(*points, c)``.
    """
    n, channels, height, width = x.shape
    flat = prims.reshape(prims.transpose(x, permutation=(0, 2, 3, 1)), shape=(n * height * width, channels))
    parts = []
    for place, size in ((y, height), (at, width)):
        low = elementwise.floor(prims.stop_gradient(place))
        first = cast(low, int64)
        last = prims.minimum(first + 1, prims.size_tensor(size - 1))
        fraction = place - low
        parts.append(((first, 1.0 - fraction), (last, fraction)))
    result: Tensor | None = None
    for row, above in parts[0]:
        for column, beside in parts[1]:
            position = prims.flat_index(image, row, column, sizes=(n, height, width))
            weight = above * beside
            term = prims.gather(flat, position, axis=0) * cast(prims.reshape(weight, shape=(*weight.shape, 1)), x.dtype)
            result = term if result is None else result + term
    assert result is not None
    return result


def aligned(features: Any, rois: Any, height: int, width: int, scale: float, samples: int, end_mode: int) -> Tensor:
    """Means over samples in the parts of regions of images (He et al., "Mask R-CNN", 2017).

    Args:
        features: floating-point images [n, c, h, w].
        rois: (image, x1, y1, x2, y2) of each region, (m, 5).
        height: into how many rows a region is cut.
        width: into how many columns.
        scale: what corners are multiplied with.
        samples: how many samples a part has in each direction.
        end_mode: 1 if regions include their last corner, 0 if not; then they are at least 1 high and wide.

    Returns:
        A tensor of shape (m, c, height, width).

    Raises:
        TypeError: integers.
        ValueError: other shapes, or settings out of their range.
    """
    subject = "ops.ROIAlign"
    x, regions = as_tensor(features, None, subject), boxes_of(subject, rois, 5)
    if not x.dtype.is_float:
        raise TypeError(explain(subject, given=f"{x.dtype} features", expected="floating-point numbers"))
    if x.ndim != 4:
        raise ValueError(explain(subject, given=f"features of shape {x.shape}", expected="[n, c, h, w]"))
    for name, number in (("pooled_height", height), ("pooled_width", width), ("sample_num", samples)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(explain(subject, given=f"{name}={number!r}", expected="an int, 1 or more"))
    if end_mode not in (0, 1):
        raise ValueError(explain(subject, given=f"roi_end_mode={end_mode!r}", expected="0 or 1"))
    full, corners = wide(x), wide(regions)
    image = cast(prims.reshape(prims.narrow(corners, 1, 0, 1), shape=regions.shape[:1]), int64)
    places = []
    for first, last, parts, size in ((2, 4, height, x.shape[2]), (1, 3, width, x.shape[3])):
        start = prims.narrow(corners, 1, first, first + 1) * scale
        stop = (prims.narrow(corners, 1, last, last + 1) + float(end_mode)) * scale
        length = stop - start if end_mode else prims.maximum(stop - start, scalar(1, start.dtype))
        steps = [(part + (k + 0.5) / samples) / parts for part in range(parts) for k in range(samples)]
        places.append((start + length * cast(as_tensor(steps), start.dtype), size))
    (y, rows), (at, columns) = places
    count = regions.shape[0]
    grid = (count, height * samples, width * samples)
    y = prims.broadcast_to(prims.reshape(y, shape=(count, height * samples, 1)), shape=grid)
    at = prims.broadcast_to(prims.reshape(at, shape=(count, 1, width * samples)), shape=grid)
    inside = prims.broadcast_to(scalar(True, (y < 0.0).dtype), shape=grid)
    kept = []
    for place, size in ((y, rows), (at, columns)):
        most = cast(prims.size_tensor(size), place.dtype)
        inside = prims.bitwise_and(inside, prims.bitwise_and(place >= -1.0, place <= most))
        kept.append(prims.minimum(prims.maximum(place, scalar(0, place.dtype)), most - 1.0))
    which = prims.broadcast_to(prims.reshape(image, shape=(count, 1, 1)), shape=grid)
    points = sampled(full, which, *kept)
    points = prims.select(prims.reshape(inside, shape=(*grid, 1)), points, scalar(0, points.dtype))
    split = prims.reshape(points, shape=(count, height, samples, width, samples, x.shape[1]))
    total = prims.reduce_sum(split, axes=(2, 4)) / float(samples * samples)
    return cast(prims.transpose(total, permutation=(0, 3, 1, 2)), x.dtype)


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> Tensor:
    """Parts of images, all in one size.

    Args:
        image: images [n, h, w, c].
        boxes: floating-point (y1, x1, y2, x2) of each part, (m, 4); 0 is the first row or column, 1 the last.
        box_indices: of which image each part is, int32 (m,).
        crop_size: (height, width) of the results.
        method: "bilinear": on the planes between four neighbours, "nearest": the nearest element, "bilinear_v2": as
            "bilinear", where elements are intervals of which the middles count, parts begin and end with whole ones,
            and what is outside of them is the nearest inside.
        extrapolation_value: what stands outside the image in the other methods.

    Returns:
        A float32 tensor of shape (m, height, width, c).

    Raises:
        IndexError: there is no such image.
        TypeError: boxes that are not floating-point, or indices that are no ints.
        ValueError: other shapes, sizes or method.

    Examples:
        >>> from lamella import Tensor, ops
        >>> image = ops.arange(9.0).reshape(1, 3, 3, 1)
        >>> ops.crop_and_resize(image, Tensor([[0.0, 0.0, 1.0, 0.5]]), Tensor([0]), (2, 2))[0, :, :, 0].tolist()
        [[0.0, 1.0], [6.0, 7.0]]
    """
    subject = "ops.crop_and_resize"
    x, parts = cast(as_tensor(image, None, subject), float32), boxes_of(subject, boxes)
    which, to = as_tensor(box_indices, None, subject), known_sizes(subject, crop_size)
    if method not in ("bilinear", "nearest", "bilinear_v2"):
        expected = "'bilinear', 'nearest' or 'bilinear_v2'"
        raise ValueError(explain(subject, given=f"method={method!r}", expected=expected))
    if not which.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{which.dtype} box_indices", expected="integers"))
    if x.ndim != 4 or which.shape != parts.shape[:1]:
        given = f"image {x.shape}, boxes {parts.shape}, box_indices {which.shape}"
        raise ValueError(explain(subject, given=given, expected="[n, h, w, c], (m, 4) and (m,)"))
    if len(to) != 2 or not all(size >= 1 for size in to):
        raise ValueError(explain(subject, given=f"crop_size={crop_size!r}", expected="(height, width) of at least 1"))
    corners, count = _columns(cast(parts, float32)), parts.shape[0]
    inside: Tensor | None = None
    places = []
    for axis, (first, last) in enumerate(((corners[0], corners[2]), (corners[1], corners[3]))):
        size, n = x.shape[axis + 1], to[axis]
        most = cast(prims.size_tensor(size - 1), float32)
        place = _crop_places(first, last, most, int(n), method)
        ok = prims.bitwise_and(place >= 0.0, place <= most) if method != "bilinear_v2" else prims.eq(place, place)
        shape, grid = ((count, n, 1), (count, 1, n))[axis], (count, *to)
        ok, place = (prims.broadcast_to(prims.reshape(t, shape=shape), shape=grid) for t in (ok, place))
        inside = ok if inside is None else prims.bitwise_and(inside, ok)
        kept = prims.minimum(prims.maximum(place, scalar(0, float32)), most)
        places.append(elementwise.floor(kept + 0.5) if method == "nearest" else kept)
    grid_which = prims.broadcast_to(prims.reshape(cast(which, int64), shape=(count, 1, 1)), shape=(count, *to))
    points = sampled(prims.transpose(x, permutation=(0, 3, 1, 2)), grid_which, *places)
    assert inside is not None
    outside = scalar(float(extrapolation_value), float32)
    result: Tensor = prims.select(prims.reshape(inside, shape=(count, *to, 1)), points, outside)
    return result


def _crop_places(first: Tensor, last: Tensor, most: Tensor, n: int, method: str) -> Tensor:
    """Rows or columns of an image that a part's elements stand for, (m, n)."""
    first, last = (prims.reshape(t, shape=(*t.shape, 1)) for t in (first, last))
    if method == "bilinear_v2":
        start, stop = (combined.trunc(t * (most + 1.0)) for t in (first, last))
        place = start + (stop - start + 1.0) * constant(((np.arange(n) + 0.5) / n).astype(float32.numpy)) - 0.5
        result: Tensor = prims.maximum(prims.minimum(place, stop), start)
        return result
    if n == 1:
        return (first + last) * 0.5 * most
    return first * most + (last - first) * most * constant((np.arange(n) / (n - 1)).astype(float32.numpy))
