"""Functions and classes of `ops` differentiate, batch and build graphs: a row each, all run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from helpers import check_grad, check_graph, check_vmap

from lamella import Tensor, ops

random = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return random.standard_normal(shape)


X, Y = normal(3, 4), normal(3, 4)
P = random.uniform(0.1, 0.9, (3, 4))
IMAGE, VOLUME, STEPS = normal(2, 4, 6, 5), normal(2, 2, 4, 5, 4), normal(5, 2, 3)
BOXES = np.array([[0.0, 0.3, 4.2, 4.1], [1.3, 2.2, 8.1, 7.7], [3.3, 3.1, 9.2, 5.4]])
REGIONS = np.array([[0, 1.2, 2.3, 6.1, 7.2], [1, 3.3, 1.1, 8.4, 5.2]])
LABELS, LENGTHS, COUNTS = np.array([[1, 2], [2, 2]]), np.array([5, 4]), np.array([2, 1])
PLACES, IDS = np.array([[1], [0], [1]]), np.array([1, 0, 1])


class Row(NamedTuple):
    """What is tried, with what, and which of the three tries it does not take."""

    name: str
    fn: Callable[..., Any]
    operands: tuple[Any, ...]
    without: str = ""


ROWS = [
    Row("softsign", ops.softsign, (X,)),
    Row("selu", ops.selu, (X,)),
    Row("celu", lambda x: ops.celu(x, 2.0), (X,)),
    Row("hardshrink", ops.hardshrink, (X,)),
    Row("softshrink", ops.softshrink, (X,)),
    Row("hardtanh", ops.hardtanh, (X,)),
    Row("tanhshrink", ops.tanhshrink, (X,)),
    Row("threshold", lambda x: ops.threshold(x, 0.1, 5.0), (X,)),
    Row("glu", lambda x: ops.glu(x, 1), (X,)),
    Row("fast_gelu", ops.fast_gelu, (X,)),
    Row("logit", ops.logit, (P,)),
    Row("logit of what is cut off", lambda x: ops.logit(x, 0.3), (P,)),
    Row("softmin", ops.softmin, (X,)),
    Row("prelu", ops.prelu, (X, normal(4))),
    Row("kl_div", ops.kl_div, (X, P)),
    Row("rms_norm", ops.rms_norm, (X, normal(4))),
    Row("lrn", lambda x: ops.lrn(x, 1, 1.0, 2.0, 0.75), (IMAGE,)),
    Row("adaptive_avg_pool2d", lambda x: ops.adaptive_avg_pool2d(x, (4, 3)), (IMAGE,), "vmap"),
    Row("max_pool3d", lambda x: ops.max_pool3d(x, 2, 1), (VOLUME,), "vmap"),
    Row("avg_pool3d", lambda x: ops.avg_pool3d(x, 2, 2, 1, True, False), (VOLUME,), "vmap"),
    Row("pixel_shuffle", lambda x: ops.pixel_shuffle(x, 2), (IMAGE,)),
    Row("pixel_unshuffle", lambda x: ops.pixel_unshuffle(x[:, :, :, :4], 2), (IMAGE,)),
    Row("reverse_sequence", lambda x, n: ops.reverse_sequence(x, n, 1), (X, np.array([2, 0, 4]))),
    Row("unsorted_segment_sum", lambda x, i: ops.unsorted_segment_sum(x, i, 3), (X, IDS)),
    Row("unsorted_segment_prod", lambda x, i: ops.unsorted_segment_prod(x, i, 3), (X, IDS)),
    Row("unsorted_segment_max", lambda x, i: ops.unsorted_segment_max(x, i, 2), (X, IDS)),
    Row("unsorted_segment_min", lambda x, i: ops.unsorted_segment_min(x, i, 2), (X, IDS)),
    Row("tensor_scatter_sub", ops.tensor_scatter_sub, (X, PLACES, Y)),
    Row("tensor_scatter_mul", ops.tensor_scatter_mul, (X, PLACES, Y)),
    Row("tensor_scatter_div", ops.tensor_scatter_div, (X, PLACES, P)),
    Row("tensor_scatter_max", ops.tensor_scatter_max, (X, PLACES, Y)),
    Row("tensor_scatter_min", ops.tensor_scatter_min, (X, PLACES, Y)),
    Row("iou", ops.iou, (BOXES, BOXES + 0.37), "vmap"),
    Row("bounding_box_encode", ops.bounding_box_encode, (BOXES, BOXES + 0.37)),
    Row("bounding_box_decode", lambda a, d: ops.bounding_box_decode(a, d, (20, 20)), (BOXES, X / 4)),
    Row("check_valid", lambda b: ops.check_valid(b, Tensor([8.0, 9.0, 1.0])), (BOXES,), "grad"),
    Row("NMSWithMask", ops.NMSWithMask(0.3), (np.concatenate((BOXES, P[:, :1]), 1),)),
    Row("ROIAlign", lambda x: ops.ROIAlign(2, 3, 0.5)(x, REGIONS.astype(x.dtype.numpy)), (IMAGE,), "vmap"),
    Row("crop_and_resize", lambda x: ops.crop_and_resize(x, P, Tensor([0, 1, 1]), (3, 2)), (IMAGE,), "grad"),
    Row("ctc_loss", lambda p: ops.ctc_loss(ops.log_softmax(p), LABELS, LENGTHS, COUNTS)[0], (STEPS,)),
    Row("CTCLoss", lambda p: ops.CTCLoss()(p, Tensor([[0, 0], [1, 0]]), IDS[:2], LENGTHS)[0], (STEPS,)),
    Row(
        "Conv2DBackpropInput",
        lambda g, w: ops.Conv2DBackpropInput(4, 2)(g, w, (2, 3, 7, 6)),
        (IMAGE, normal(4, 3, 2, 2)),
        "graph",
    ),
    Row("ResizeBilinear", ops.ResizeBilinear((4, 9)), (IMAGE,), "vmap"),
    Row("ResizeBilinearV2", lambda x: ops.ResizeBilinearV2(False, True)(x, (9, 3)), (IMAGE,), "vmap"),
    Row("ResizeNearestNeighbor", ops.ResizeNearestNeighbor((4, 9)), (IMAGE,), "vmap"),
    Row("DepthToSpace", ops.DepthToSpace(2), (IMAGE,), "vmap"),
    Row("SpaceToDepth", ops.SpaceToDepth(2), (IMAGE[..., :4],), "vmap"),
    Row("LayerNorm", ops.LayerNorm(), (X, normal(4), normal(4))),
    Row("BatchNorm", lambda x: ops.BatchNorm()(x, P[0], P[1], P[2], P[0])[0], (X,)),
    Row("SigmoidCrossEntropyWithLogits", ops.SigmoidCrossEntropyWithLogits(), (X, P)),
    Row("SoftmaxCrossEntropyWithLogits", lambda x, y: ops.SoftmaxCrossEntropyWithLogits()(x, y)[0], (X, P)),
    Row("NLLLoss", lambda x: ops.NLLLoss()(x, np.array([1, 0, 3]), P[0]), (X,), "vmap graph"),
    Row("DivNoNan", ops.DivNoNan(), (X, np.where(P > 0.5, P, 0)), "grad"),
    Row("MulNoNan", ops.MulNoNan(), (X, np.where(P > 0.5, P, 0)), "grad"),
    Row("Xdivy", ops.Xdivy(), (X, P)),
    Row("Xlogy", ops.Xlogy(), (X, P)),
    Row("Hypot", ops.Hypot(), (X, Y)),
    Row("TruncateDiv", ops.TruncateDiv(), (X, P)),
    Row("TruncateMod", ops.TruncateMod(), (X, P)),
    Row("RealDiv of integers", ops.RealDiv(), (np.array([7, -7]), np.array([2, 2]))),
    Row("Fmax", ops.Fmax(), (X, Y)),
    Row("Heaviside", ops.Heaviside(), (X, Y)),
    Row("exclusive CumSum", lambda x: ops.CumSum(True)(x, 1), (X,)),
    Row("exclusive CumProd backwards", lambda x: ops.CumProd(True, True)(x, 1), (X,)),
    Row("L2Normalize", ops.L2Normalize(1), (X,)),
    Row("LpNorm", ops.LpNorm(1, 3), (X,)),
    Row("L2Loss", ops.L2Loss(), (X,)),
    Row("ReduceStd", ops.ReduceStd([1]), (X,)),
    Row("ArgMaxWithValue", ops.ArgMaxWithValue(1), (X,)),
    Row("Sort", ops.Sort(), (X,)),
    Row("TopK", lambda x: ops.TopK()(x, 2), (X,)),
    Row("MirrorPad", lambda x: ops.MirrorPad("SYMMETRIC")(x, ((0, 0), (1, 3))), (X,)),
    Row("PadV3", lambda x: ops.PadV3("edge")(x, (1, 2)), (X,)),
    Row("TensorScatterElements", lambda x, y: ops.TensorScatterElements(1)(x, PLACES, y[:, :1]), (X, Y), "vmap graph"),
    Row("DiagPart", lambda x: ops.DiagPart()(x[:3, :3]), (X,), "vmap"),
    Row("ChannelShuffle", ops.ChannelShuffle(2), (IMAGE,), "vmap"),
    Row("GeLU", ops.GeLU(), (X,)),
    Row("PReLU", ops.PReLU(), (X, normal(1))),
    Row("MaxPoolWithArgmax", ops.MaxPoolWithArgmax(2, 1), (IMAGE,), "vmap"),
    Row("UnravelIndex", lambda i: ops.UnravelIndex()(i, (2, 3)), (np.array([5, 1, 0]),)),
    Row("SquareSumAll", ops.SquareSumAll(), (X, Y)),
    Row("fmod", ops.fmod, (X, P)),
    Row("logaddexp", ops.logaddexp, (X, Y)),
    Row("logaddexp2", ops.logaddexp2, (X, Y)),
    Row("index_add", lambda x, y: x.index_add(1, Tensor([1, 0, 1]), y[:, :3], alpha=2), (X, Y)),
    Row("index_add by its older names", lambda x, y: x.index_add(Tensor([1, 1]), y[:, :2], axis=1), (X, Y)),
    Row("scatter", lambda x, y: x.scatter(1, PLACES, y[:, :1]), (X, Y), "graph vmap"),
    Row("scatter times", lambda x, y: x.scatter(1, PLACES, y[:, :1], reduce="multiply"), (X, Y), "graph vmap"),
    Row("scatter_add", lambda x, y: x.scatter_add(1, PLACES, y[:, :1]), (X, Y), "graph vmap"),
    Row("masked_scatter", lambda x, m, y: x.masked_scatter(m, y), (X, P > 0.5, Y)),
    Row("index_fill", lambda x: x.index_fill(1, Tensor([0, 2]), 7.0), (X,)),
    Row("index_put", lambda x, y: x.index_put((Tensor([1, 1]), Tensor([0, 0])), y[0, :2], True), (X, Y)),
    Row("fill_diagonal", lambda x: x.fill_diagonal(7.0), (X,)),
    Row("fill_diagonal that starts again", lambda x: x.T.fill_diagonal(7.0, wrap=True), (normal(2, 7),)),
    Row("fill_diagonal of three axes", lambda x: x.fill_diagonal(7.0), (normal(3, 3, 3),), "graph vmap"),
    Row("itemset", lambda x: x.itemset((1, 2), 7.0), (X,)),
    Row(
        "DynamicRNN",
        lambda x, w: ops.DynamicRNN(cell_clip=0.1)(x, w, w[0], Tensor([5, 2])),
        (STEPS, normal(7, 16)),
        "vmap",
    ),
    Row(
        "DynamicGRUV2",
        lambda x, w: ops.DynamicGRUV2(reset_after=False)(x, w[:3], w, w[0], None, None, w[:2, :4]),
        (STEPS, normal(4, 12)),
        "vmap",
    ),
    Row("interpolate", lambda x: ops.interpolate(x, (4, 9), mode="bicubic"), (IMAGE,), "vmap"),
    Row("interpolate by a factor", lambda x: ops.interpolate(x, scale_factor=1.7, mode="bilinear"), (IMAGE,), "vmap"),
    Row("cosine_similarity", ops.cosine_similarity, (X, Y)),
    Row("bias_add", ops.bias_add, (X, normal(4))),
    Row(
        "deformable_conv2d",
        lambda x, w, o: ops.deformable_conv2d(x, w, o, (2, 3), (1,) * 4, (1,) * 4),
        (IMAGE, normal(3, 4, 2, 3), normal(2, 18, 7, 5)),
        "vmap",
    ),
    Row("FloatStatus", ops.FloatStatus(), (X,), "grad"),
]


def those(tried: str) -> Any:
    return pytest.mark.parametrize("row", [row for row in ROWS if tried not in row.without], ids=lambda row: row.name)


@those("grad")
def test_derivative(row):
    floats = [at for at, x in enumerate(row.operands) if x.dtype.kind == "f"]

    def fn(*xs):
        return row.fn(*({**dict(enumerate(row.operands)), **dict(zip(floats, xs, strict=True))}[at] for at in places))

    places = range(len(row.operands))
    if floats:
        check_grad(fn, *(row.operands[at] for at in floats), tolerance=1e-5)


@those("graph")
def test_graph(row):
    check_graph(row.fn, *row.operands)


@those("vmap")
def test_batch(row):
    check_vmap(row.fn, *row.operands)
