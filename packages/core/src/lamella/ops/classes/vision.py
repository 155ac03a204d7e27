"""Classes of functions of images, boxes and sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dtypes import as_dtype, bool_, float32, int32, int64, uint8
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.networks import seed_of
from lamella.ops.classes.primitive import REQUIRED, Row
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions import blocks, gather_scatter, writing
from lamella.ops.functions import updates as scattering
from lamella.ops.functions.effects import _variable
from lamella.ops.functions.join_split import concat, split
from lamella.ops.functions.random import _seeded, unit
from lamella.ops.nn import boxes, ctc, deformable, normalization, pooling
from lamella.ops.nn.boxes import crop_and_resize as crops
from lamella.ops.nn.windows import per_axis, window_padding
from lamella.tensor import Tensor

# -- pooling, and convolution backwards --


def _max_pool_3d(
    x: Any, kernel_size: Any, strides: Any, pad_mode: str, pad_list: Any, ceil_mode: bool | None, data_format: str
) -> Tensor:
    """Maximum of each window of x[n, c, d, h, w]."""
    tensor = _volume("ops.MaxPool3D", x, data_format)
    mode = pad_mode.lower()
    values: Tensor = pooling.max_pool3d(
        tensor, kernel_size, strides, pad_list if mode == "pad" else 0, ceil_mode=bool(ceil_mode), pad_mode=mode
    )
    return values


def _avg_pool_3d(
    x: Any,
    kernel_size: Any,
    strides: Any,
    pad_mode: str,
    pad: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int,
    data_format: str,
) -> Tensor:
    """Mean of each window of x[n, c, d, h, w]."""
    tensor = _volume("ops.AvgPool3D", x, data_format)
    return pooling.avg_pool3d(
        tensor, kernel_size, strides, pad, ceil_mode, count_include_pad, divisor_override, pad_mode=pad_mode.lower()
    )


def _volume(subject: str, x: Any, data_format: str) -> Tensor:
    tensor = as_tensor(x, None, subject)
    if data_format != "NCDHW":
        raise ValueError(explain(subject, given=f"data_format={data_format!r}", expected="'NCDHW'"))
    if tensor.ndim != 5:
        raise ValueError(explain(subject, given=f"shape {tensor.shape}", expected="x[n, c, d, h, w]"))
    return tensor


def _max_pool_with_argmax(
    x: Any, kernel_size: Any, strides: Any, pad_mode: str, data_format: str
) -> tuple[Tensor, Tensor]:
    """Maximum of each window of x[n, c, h, w], and its int32 position (channel * height + row) * width + column."""
    if data_format != "NCHW":
        raise ValueError(explain("ops.MaxPoolWithArgmax", given=f"data_format={data_format!r}", expected="'NCHW'"))
    tensor = as_tensor(x, None, "ops.MaxPoolWithArgmax")
    values, at = pooling.max_pool2d(tensor, kernel_size, strides, return_indices=True, pad_mode=pad_mode.lower())
    channel = prims.reshape(prims.iota(size=tensor.shape[1], dtype="int64"), shape=(tensor.shape[1], 1, 1))
    return values, cast(at + channel * prims.size_tensor(tensor.shape[2] * tensor.shape[3]), int32)


def _max_pool_with_argmax_v2(
    x: Any, kernel_size: Any, strides: Any, pads: Any, dilation: Any, ceil_mode: bool, argmax_type: Any
) -> tuple[Tensor, Tensor]:
    """Maximum of each window of x[n, c, h, w], and its position row * width + column."""
    kind = as_dtype(argmax_type, "ops.MaxPoolWithArgmaxV2")
    if kind not in (int32, int64):
        raise TypeError(explain("ops.MaxPoolWithArgmaxV2", given=f"argmax_type={kind}", expected="int32 or int64"))
    tensor = as_tensor(x, None, "ops.MaxPoolWithArgmaxV2")
    values, at = pooling.max_pool2d(tensor, kernel_size, strides, pads, dilation, True, ceil_mode)
    return values, cast(at, kind)


def _convolution_backwards(
    dout: Any,
    weight: Any,
    input_size: Any,
    out_channel: int,
    kernel_size: Any,
    pad_mode: str,
    pad: Any,
    pad_list: Any,
    mode: int,
    stride: Any,
    dilation: Any,
    group: int,
    data_format: str,
) -> Tensor:
    """The derivative of a 2-d convolution by what it is of, which has the size `input_size`."""
    subject = "ops.Conv2DBackpropInput"
    g, w = as_tensor(dout, None, subject), as_tensor(weight, None, subject)
    size = known_sizes(subject, input_size)
    if data_format != "NCHW" or mode != 1:
        given = f"data_format={data_format!r}, mode={mode!r}"
        raise ValueError(explain(subject, given=given, expected="'NCHW' and 1"))
    window = per_axis(subject, "kernel_size", kernel_size, 2)
    if g.ndim != 4 or len(size) != 4 or w.ndim != 4 or w.shape[2:] != window or w.shape[0] != g.shape[1]:
        given = f"dout {g._type}, weight {w._type}, input_size {input_size}"
        raise ValueError(
            explain(subject, given=given, expected=f"dout[n, c, h, w], weight[c, …, {window}], four sizes")
        )
    strides, spread = per_axis(subject, "stride", stride, 2), per_axis(subject, "dilation", dilation, 2)
    amounts = pad if pad_list is None else pad_list
    pads = window_padding(subject, pad_mode.lower(), amounts, size[2:], window, strides, spread)
    result: Tensor = prims.conv_input_grad(
        g, w, shape=size, strides=strides, padding=pads, dilation=spread, groups=group
    )
    return result


def _deformable_offsets(
    x: Any,
    offsets: Any,
    strides: Any,
    pads: Any,
    ksize: Any,
    dilations: Any,
    data_format: str,
    deformable_groups: int,
    modulated: bool,
) -> Tensor:
    """The elements of x[n, c, h, w] that moved windows see, side by side."""
    subject = "ops.DeformableOffsets"
    if data_format != "NCHW":
        raise ValueError(explain(subject, given=f"data_format={data_format!r}", expected="'NCHW'"))
    window = per_axis(subject, "ksize", ksize, 2)
    return deformable.deformed(subject, x, offsets, window, strides, pads, dilations, deformable_groups, modulated)


# -- boxes and regions --


def _iou(anchor_boxes: Any, gt_boxes: Any, mode: str) -> Tensor:
    """How much boxes have in common: the area of the intersection by that of the union, or of the foreground."""
    return boxes.iou(anchor_boxes, gt_boxes, mode)


def _nms_with_mask(bboxes: Any, iou_threshold: float) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes by falling scores, their numbers, and which of them overlap none that is kept before them."""
    return boxes.suppressed(bboxes, iou_threshold)


def _decode(anchor_box: Any, deltas: Any, max_shape: Any, means: Any, stds: Any, wh_ratio_clip: float) -> Tensor:
    """Boxes from differences from anchors."""
    return boxes.bounding_box_decode(anchor_box, deltas, max_shape, means, stds, wh_ratio_clip)


def _encode(anchor_box: Any, groundtruth_box: Any, means: Any, stds: Any) -> Tensor:
    """Boxes as differences from anchors."""
    return boxes.bounding_box_encode(anchor_box, groundtruth_box, means, stds)


def _roi_align(
    features: Any,
    rois: Any,
    pooled_height: int,
    pooled_width: int,
    spatial_scale: float,
    sample_num: int,
    roi_end_mode: int,
) -> Tensor:
    """Means over samples in the parts of regions of images (He et al., 2017)."""
    return boxes.aligned(features, rois, pooled_height, pooled_width, spatial_scale, sample_num, roi_end_mode)


def _crop_and_resize(
    x: Any, boxes: Any, box_indices: Any, crop_size: Any, method: str, extrapolation_value: float
) -> Tensor:
    """Parts of images x[n, h, w, c], all in one size."""
    return crops(x, boxes, box_indices, crop_size, method, extrapolation_value)


def _random_choice(input_x: Any, count: int, seed: int, seed2: int) -> tuple[Tensor, Tensor]:
    """Random positions of true elements, each at most once, and which of them are such."""
    subject = "ops.RandomChoiceWithMask"
    mask = as_tensor(input_x, None, subject)
    if mask.dtype is not bool_:
        raise TypeError(explain(subject, given=f"a {mask.dtype} tensor", expected="bool"))
    if not 1 <= mask.ndim <= 5:
        raise ValueError(explain(subject, given=f"shape {mask.shape}", expected="one to five axes"))
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(explain(subject, given=f"count={count!r}", expected="an int, 1 or more"))
    flat = prims.reshape(mask, shape=(mask.size,))
    height = unit((mask.size,), float32, _seeded(seed_of(subject, seed, seed2)))
    _, order = prims.sort(prims.select(flat, height, scalar(2.0, float32)), axis=0, descending=False)
    chosen = prims.gather(flat, order, axis=0)
    size = mask.size
    if size >= count:
        order, chosen = prims.narrow(order, 0, 0, count), prims.narrow(chosen, 0, 0, count)
    else:
        order, chosen = (
            concat((t, prims.broadcast_to(scalar(0, t.dtype), shape=(count - size,)))) for t in (order, chosen)
        )
    order = prims.select(chosen, order, scalar(0, int64))
    columns = []
    for n in reversed(mask.shape):
        extent = prims.maximum(prims.size_tensor(n), scalar(1, int64))  # of no elements no index is asked for
        columns.append(prims.reshape(prims.floor_mod(order, extent), shape=(count, 1)))
        order = prims.floor_div(order, extent)
    return cast(concat(columns[::-1], 1), int32), chosen


# -- channels, places and sequences --


def _depth_to_space(x: Any, block_size: int) -> Tensor:
    """Images of more places and fewer channels; the channels of a block's places are far apart."""
    return blocks.spread(
        "ops.DepthToSpace", _images("ops.DepthToSpace", x), _block("ops.DepthToSpace", block_size), True
    )


def _space_to_depth(x: Any, block_size: int) -> Tensor:
    """Images of fewer places and more channels; the channels of a block's places are far apart."""
    return blocks.gathered(
        "ops.SpaceToDepth", _images("ops.SpaceToDepth", x), _block("ops.SpaceToDepth", block_size), True
    )


def _images(subject: str, x: Any) -> Tensor:
    tensor = as_tensor(x, None, subject)
    if tensor.ndim != 4:
        raise ValueError(explain(subject, given=f"shape {tensor.shape}", expected="x[n, c, h, w]"))
    return tensor


def _block(subject: str, size: Any) -> int:
    if isinstance(size, bool) or not isinstance(size, int) or size < 2:
        raise ValueError(explain(subject, given=f"block_size={size!r}", expected="an int, 2 or more"))
    return size


def _split_with_size(tensor: Any, split_size: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """The tensor in parts of given sizes along an axis."""
    return split(tensor, list(split_size), axis)


def _greedy(inputs: Any, sequence_length: Any, merge_repeated: bool) -> tuple[Tensor, ...]:
    """The likeliest class of each step, without blanks and repetitions, as a sparse matrix, and how likely it is."""
    return ctc.greedy(inputs, sequence_length, merge_repeated)


def _ctc_loss_v2(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int,
    reduction: str,
    zero_infinity: bool,
) -> tuple[Tensor, Tensor]:
    """Minus the log-probability of labels, summed over all their timings, and the ways up to each step."""
    return ctc.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)


# -- masks of dropout, a bit for each element --


def _dropout_gen_mask(shape: Any, keep_prob: Any, Seed0: int, Seed1: int) -> Tensor:  # noqa: N803 - MindSpore's names
    """Random bits, 1 with a probability, for each element of a shape: 8 in a byte, in blocks of 128."""
    subject = "ops.DropoutGenMask"
    count = 1
    for size in known_sizes(subject, shape):
        count *= int(size.__index__())
    total = -(-count // 128) * 128
    kept = unit((total,), float32, _seeded(seed_of(subject, Seed0, Seed1))) < keep_prob
    bits = cast(prims.reshape(kept, shape=(total // 8, 8)), int32)
    weights = cast(constant(_WEIGHTS), int32)
    return cast(prims.reduce_sum(bits * weights, axes=(1,)), uint8)


def _dropout_do_mask(input_x: Any, mask: Any, keep_prob: Any) -> Tensor:
    """The elements whose bit is 1, divided by the probability of that; zeros for the others."""
    subject = "ops.DropoutDoMask"
    x, packed = as_tensor(input_x, None, subject), as_tensor(mask, None, subject)
    if packed.dtype is not uint8 or packed.ndim != 1 or not packed.shape[0] * 8 >= x.size:
        given = f"mask {packed._type} for {x._type}"
        raise ValueError(explain(subject, given=given, expected="what ops.DropoutGenMask gives for that shape"))
    wide_mask = prims.reshape(cast(packed, int32), shape=(packed.shape[0], 1))
    bits = prims.floor_mod(prims.floor_div(wide_mask, cast(constant(_WEIGHTS), int32)), scalar(2, int32))
    flat = prims.reshape(bits, shape=(packed.shape[0] * 8,))
    kept = prims.eq(prims.reshape(prims.narrow(flat, 0, 0, x.size), shape=x.shape), scalar(1, int32))
    result: Tensor = prims.select(kept, x / cast(as_tensor(keep_prob), x.dtype), scalar(0, x.dtype))
    return result


# -- writing into parameters --


def _locked(function: Any) -> Any:
    """A function as the class of it, which has the setting `use_locking`, without effect here."""

    def write(input_x: Any, indices: Any, updates: Any, use_locking: bool) -> Tensor:
        result: Tensor = function(input_x, indices, updates)
        return result

    write.__doc__ = function.__doc__
    return write


def _scatter_sub(input_x: Any, indices: Any, updates: Any, use_locking: bool) -> Tensor:
    """Subtract from elements in place, at input_x[indices[i]]."""
    x, at = _variable("ops.ScatterSub", input_x), gather_scatter._indices("ops.ScatterSub", indices)
    return x.assign_value(scattering.tensor_scatter_sub(x, prims.reshape(at, shape=(*at.shape, 1)), updates))


def _index_add(input_x: Any, indices: Any, input_y: Any, axis: int, use_lock: bool, check_index_bound: bool) -> Tensor:
    """Add slices to those of a parameter in place."""
    return writing.index_add(input_x, indices, input_y, axis)


def _listed(name: str) -> Any:
    """Slices along axis 0 of a copy changed, at indices that are a setting."""
    subject = f"ops.{name}"

    def change(x: Any, input_v: Any, indices: Any) -> Tensor:
        tensor = as_tensor(x, None, subject)
        at = as_tensor([indices] if isinstance(indices, int) else list(indices), None, subject)
        values = as_tensor(input_v, tensor.dtype, subject)
        if name == "InplaceUpdate":
            return gather_scatter.tensor_scatter_update(tensor, prims.reshape(at, shape=(*at.shape, 1)), values)
        return gather_scatter.added(subject, tensor, at, values if name == "InplaceAdd" else -values, 0)

    what = {"InplaceUpdate": "replaced", "InplaceAdd": "added to", "InplaceSub": "subtracted from"}[name]
    change.__doc__ = f"A copy of the tensor with slices along axis 0 {what}."
    return change


def _inplace_index_add(var: Any, indices: Any, updates: Any, axis: int) -> Tensor:
    """Add slices to those of a parameter in place."""
    return writing.index_add(var, indices, updates, axis)


def _masked_scatter(x: Any, mask: Any, updates: Any) -> Tensor:
    """A copy whose elements where a mask is true are those of a source, in order."""
    return as_tensor(x, None, "ops.MaskedScatter").masked_scatter(mask, updates)


_WEIGHTS = np.array([1, 2, 4, 8, 16, 32, 64, 128])
_LOCK = {"use_locking": False}
_DELTAS = {"means": (0.0, 0.0, 0.0, 0.0), "stds": (1.0, 1.0, 1.0, 1.0)}
_BACKWARDS = {"out_channel": REQUIRED, "kernel_size": REQUIRED, "pad_mode": "valid", "pad": 0, "pad_list": None}
_BACKWARDS |= {"mode": 1, "stride": 1, "dilation": 1, "group": 1, "data_format": "NCHW"}

ROWS = (
    Row(
        "MaxPool3D",
        _max_pool_3d,
        init={
            "kernel_size": 1,
            "strides": 1,
            "pad_mode": "VALID",
            "pad_list": 0,
            "ceil_mode": None,
            "data_format": "NCDHW",
        },
    ),
    Row(
        "AvgPool3D",
        _avg_pool_3d,
        init={
            "kernel_size": 1,
            "strides": 1,
            "pad_mode": "valid",
            "pad": 0,
            "ceil_mode": False,
            "count_include_pad": True,
            "divisor_override": 0,
            "data_format": "NCDHW",
        },
    ),
    Row(
        "MaxPoolWithArgmax",
        _max_pool_with_argmax,
        init={"kernel_size": 1, "strides": 1, "pad_mode": "valid", "data_format": "NCHW"},
    ),
    Row(
        "MaxPoolWithArgmaxV2",
        _max_pool_with_argmax_v2,
        init={
            "kernel_size": REQUIRED,
            "strides": None,
            "pads": 0,
            "dilation": (1, 1),
            "ceil_mode": False,
            "argmax_type": int64,
        },
    ),
    Row("Conv2DBackpropInput", _convolution_backwards, init=_BACKWARDS),
    Row("Conv2DTranspose", _convolution_backwards, init=_BACKWARDS),
    Row(
        "LRN",
        normalization.lrn,
        init={"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5, "norm_region": "ACROSS_CHANNELS"},
    ),
    Row(
        "DeformableOffsets",
        _deformable_offsets,
        init={
            "strides": REQUIRED,
            "pads": REQUIRED,
            "ksize": REQUIRED,
            "dilations": (1, 1, 1, 1),
            "data_format": "NCHW",
            "deformable_groups": 1,
            "modulated": True,
        },
    ),
    Row("IOU", _iou, init={"mode": "iou"}),
    Row("NMSWithMask", _nms_with_mask, init={"iou_threshold": 0.5}),
    Row("BoundingBoxDecode", _decode, init={"max_shape": REQUIRED, **_DELTAS, "wh_ratio_clip": 0.016}),
    Row("BoundingBoxEncode", _encode, init=_DELTAS),
    Row("CheckValid", boxes.check_valid),
    Row(
        "ROIAlign",
        _roi_align,
        init={
            "pooled_height": REQUIRED,
            "pooled_width": REQUIRED,
            "spatial_scale": REQUIRED,
            "sample_num": 2,
            "roi_end_mode": 1,
        },
    ),
    Row("CropAndResize", _crop_and_resize, init={"method": "bilinear", "extrapolation_value": 0.0}),
    Row("RandomChoiceWithMask", _random_choice, init={"count": 256, "seed": 0, "seed2": 0}),
    Row("DepthToSpace", _depth_to_space, init={"block_size": REQUIRED}),
    Row("SpaceToDepth", _space_to_depth, init={"block_size": REQUIRED}),
    Row("ReverseSequence", blocks.reverse_sequence, init={"seq_dim": REQUIRED, "batch_dim": 0}),
    Row("SplitWithSize", _split_with_size),
    Row(
        "CTCLoss",
        ctc.sparse_loss,
        init={
            "preprocess_collapse_repeated": False,
            "ctc_merge_repeated": True,
            "ignore_longer_outputs_than_inputs": False,
        },
    ),
    Row("CTCLossV2", _ctc_loss_v2, init={"blank": 0, "reduction": "none", "zero_infinity": False}),
    Row("CTCGreedyDecoder", _greedy, init={"merge_repeated": True}),
    Row("DropoutGenMask", _dropout_gen_mask, init={"Seed0": 0, "Seed1": 0}),
    Row("DropoutDoMask", _dropout_do_mask),
    Row("ScatterUpdate", _locked(writing.scatter_update), init={"use_locking": True}),
    Row("ScatterAdd", _locked(writing.scatter_add), init=_LOCK),
    Row("ScatterSub", _scatter_sub, init=_LOCK),
    Row("ScatterMul", _locked(writing.scatter_mul), init=_LOCK),
    Row("ScatterDiv", _locked(writing.scatter_div), init=_LOCK),
    Row("ScatterMax", _locked(writing.scatter_max), init=_LOCK),
    Row("ScatterMin", _locked(writing.scatter_min), init=_LOCK),
    Row("ScatterNdUpdate", _locked(writing.scatter_nd_update), init={"use_locking": True}),
    Row("ScatterNdAdd", _locked(writing.scatter_nd_add), init=_LOCK),
    Row("ScatterNdSub", _locked(writing.scatter_nd_sub), init=_LOCK),
    Row("ScatterNdMul", _locked(writing.scatter_nd_mul), init=_LOCK),
    Row("ScatterNdDiv", _locked(writing.scatter_nd_div), init=_LOCK),
    Row("ScatterNdMax", _locked(writing.scatter_nd_max), init=_LOCK),
    Row("ScatterNdMin", _locked(writing.scatter_nd_min), init=_LOCK),
    Row("IndexAdd", _index_add, init={"axis": REQUIRED, "use_lock": True, "check_index_bound": True}),
    Row("InplaceIndexAdd", _inplace_index_add, init={"axis": REQUIRED}),
    Row("MaskedScatter", _masked_scatter, call=("input", "mask", "source")),
    Row("InplaceUpdate", _listed("InplaceUpdate"), init={"indices": REQUIRED}),
    Row("InplaceAdd", _listed("InplaceAdd"), init={"indices": REQUIRED}),
    Row("InplaceSub", _listed("InplaceSub"), init={"indices": REQUIRED}),
)
