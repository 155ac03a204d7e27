# ruff: noqa: E501 - a row is a line
"""Wrong arguments: errors name the op, what was given, and what was expected; the same words in a graph."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lamella import Tensor, ir, ops

X, INTS = np.zeros((3, 4), np.float32), np.zeros((3, 4), np.int32)
IMAGE, VOLUME, BOXES = np.zeros((2, 4, 6, 5), np.float32), np.zeros((1, 2, 4, 4, 4), np.float32), X
LOG_P, LABELS, TWO = np.zeros((5, 2, 3), np.float32), np.ones((2, 2), np.int32), np.array([2, 2])

ROWS = """
ops.celu(X, 0) | ValueError: ops.celu: got alpha=0, expected another number
ops.celu(X, "a") | TypeError: ops.celu: got alpha='a', expected a number
ops.softshrink(X, -1.0) | ValueError: ops.softshrink: got lambd=-1.0, expected at least 0
ops.hardshrink(X, None) | TypeError: ops.hardshrink: got lambd=None
ops.hardtanh(X, 2.0, 1.0) | ValueError: ops.hardtanh: got min_val=2.0, max_val=1.0
ops.threshold(X, "a", 1.0) | TypeError: ops.threshold: got thr='a'
ops.glu(X, 0) | ValueError: ops.glu: got 3 elements along axis 0, expected an even number
ops.glu(X, 2) | ValueError: ops.glu: got axis=2
ops.logit(X, "a") | TypeError: ops.logit: got eps='a'
ops.prelu(X, np.zeros(3, np.float32)) | ValueError: ops.prelu: got weight float32[3] for float32[3, 4], expected 1 or 4 elements
ops.kl_div(X, X[:2]) | ValueError: ops.kl_div: got shapes (3, 4), (2, 4), expected one shape
ops.kl_div(INTS, INTS) | TypeError: ops.kl_div: got int32 tensors
ops.kl_div(X, X, "total") | ValueError: ops.kl_div: got reduction='total'
ops.rms_norm(X, X[0, :3]) | ValueError: ops.rms_norm: got x float32[3, 4], gamma float32[3]
ops.rms_norm(INTS, X[0]) | TypeError: ops.rms_norm: got a int32 tensor
ops.lrn(X) | ValueError: ops.lrn: got shape (3, 4), expected x[n, c, h, w]
ops.lrn(IMAGE, -1) | ValueError: ops.lrn: got depth_radius=-1
ops.lrn(IMAGE, norm_region="WITHIN") | ValueError: ops.lrn: got norm_region='WITHIN'
ops.adaptive_avg_pool2d(IMAGE, (2, 0)) | ValueError: ops.adaptive_avg_pool2d: got output_size=(2, 0)
ops.adaptive_avg_pool2d(IMAGE, (2, 2, 2)) | ValueError: ops.adaptive_avg_pool2d: got output_size=(2, 2, 2), expected an int, or 2
ops.adaptive_avg_pool2d(X, 1) | ValueError: ops.adaptive_avg_pool2d: got a tensor of shape (3, 4)
ops.max_pool3d(Tensor(IMAGE[0, 0]), 2) | ValueError: ops.max_pool3d: got shape (6, 5), expected x[n, c, d, h, w]
ops.max_pool3d(Tensor(VOLUME), 0) | ValueError: ops.max_pool3d: got kernel_size=0
ops.avg_pool3d(Tensor(VOLUME.astype("int32")), 2) | TypeError: ops.avg_pool3d: got a int32 tensor
ops.pixel_shuffle(IMAGE, 3) | ValueError: ops.pixel_shuffle: got shape (2, 4, 6, 5), expected […, c, h, w], c a multiple of 9
ops.pixel_shuffle(IMAGE, 0) | ValueError: ops.pixel_shuffle: got upscale_factor=0
ops.pixel_unshuffle(IMAGE, 2) | ValueError: ops.pixel_unshuffle: got shape (2, 4, 6, 5), expected […, c, h, w], h and w multiples of 2
ops.reverse_sequence(X, TWO, 1) | ValueError: ops.reverse_sequence: got seq_dim=1, batch_dim=0, lengths (2,) of shape (3, 4)
ops.reverse_sequence(X, X[:, 0], 1) | TypeError: ops.reverse_sequence: got float32 lengths
ops.reverse_sequence(X, INTS[:, 0] + 9, 1) | IndexError: index
ops.unsorted_segment_sum(X, TWO, 3) | ValueError: ops.unsorted_segment_sum: got segment_ids int64[2] for float32[3, 4]
ops.unsorted_segment_sum(X, X[:, 0], 3) | TypeError: ops.unsorted_segment_sum: got float32 indices
ops.unsorted_segment_max(X, INTS[:, 0], 0) | ValueError: ops.unsorted_segment_max: got num_segments=0
ops.unsorted_segment_sum(X, INTS[:, 0] + 5, 3) | IndexError: index
ops.tensor_scatter_mul(X, INTS[:, :3], X) | ValueError: ops.tensor_scatter_mul: got indices of shape (3, 3)
ops.tensor_scatter_max(X, INTS[:2, :1], X) | ValueError: ops.tensor_scatter_max: got updates of shape (3, 4), expected shape (2, 4)
ops.scatter_add(X, [0], X[0]) | TypeError: ops.scatter_add: got a ndarray, expected a Tensor or Parameter
ops.scatter_mul(Tensor(1.0), [0], [1.0]) | ValueError: ops.scatter_mul: got a 0-d tensor
ops.scatter_nd_update(Tensor(X), [[5]], X[:1]) | IndexError: index
ops.index_add(Tensor(X), [[0]], X, 0) | ValueError: ops.index_add: got indices (1, 1)
ops.index_add(Tensor(X), [0], X[:1], 3) | ValueError: ops.index_add: got axis=3
ops.iou(BOXES, BOXES, "giou") | ValueError: ops.iou: got mode='giou', expected 'iou' or 'iof'
ops.iou(BOXES, X[:, :3]) | ValueError: ops.iou: got boxes of shape (3, 3), expected (n, 4)
ops.iou(INTS, INTS) | TypeError: ops.iou: got int32 boxes
ops.bounding_box_encode(BOXES, BOXES[:2]) | ValueError: ops.bounding_box_encode: got shapes (3, 4) and (2, 4)
ops.bounding_box_encode(BOXES, BOXES, (0.0,) * 3) | TypeError: ops.bounding_box_encode: got means=(0.0, 0.0, 0.0), expected four numbers
ops.bounding_box_decode(BOXES, BOXES, (9,)) | ValueError: ops.bounding_box_decode: got max_shape=(9,)
ops.bounding_box_decode(BOXES, BOXES, (9, 9), wh_ratio_clip=0) | ValueError: ops.bounding_box_decode: got wh_ratio_clip=0
ops.check_valid(BOXES, X[0]) | ValueError: ops.check_valid: got img_metas of shape (4,)
ops.NMSWithMask(2.0)(np.zeros((3, 5), np.float32)) | ValueError: ops.NMSWithMask: got iou_threshold=2.0
ops.NMSWithMask()(BOXES) | ValueError: ops.NMSWithMask: got boxes of shape (3, 4), expected (n, 5)
ops.ROIAlign(0, 2, 1.0)(IMAGE, np.zeros((1, 5), np.float32)) | ValueError: ops.ROIAlign: got pooled_height=0
ops.ROIAlign(2, 2, 1.0, 2, 3)(IMAGE, np.zeros((1, 5), np.float32)) | ValueError: ops.ROIAlign: got roi_end_mode=3
ops.ROIAlign(2, 2, 1.0)(X, np.zeros((1, 5), np.float32)) | ValueError: ops.ROIAlign: got features of shape (3, 4)
ops.ROIAlign(2, 2, 1.0)(IMAGE, np.full((1, 5), 7, np.float32)) | IndexError: index
ops.crop_and_resize(IMAGE, BOXES, INTS[:, 0], (3, 2), "cubic") | ValueError: ops.crop_and_resize: got method='cubic'
ops.crop_and_resize(IMAGE, BOXES, X[:, 0], (3, 2)) | TypeError: ops.crop_and_resize: got float32 box_indices
ops.crop_and_resize(IMAGE, BOXES, INTS[:, 0], (3, 0)) | ValueError: ops.crop_and_resize: got crop_size=(3, 0)
ops.ctc_loss(X, LABELS, TWO, TWO) | ValueError: ops.ctc_loss: got log_probs of shape (3, 4)
ops.ctc_loss(LOG_P, LABELS * 1.5, TWO, TWO) | TypeError: ops.ctc_loss: got float64 targets
ops.ctc_loss(LOG_P, LABELS, TWO[:1], TWO) | ValueError: ops.ctc_loss: got input_lengths of shape (1,), expected shape (2,)
ops.ctc_loss(LOG_P, LABELS, TWO, TWO, 3) | ValueError: ops.ctc_loss: got blank=3, expected an int from 0 to 2
ops.ctc_loss(LOG_P, LABELS, TWO, TWO, reduction="max") | ValueError: ops.ctc_loss: got reduction='max'
ops.ctc_loss(LOG_P, LABELS + 8, TWO, TWO) | IndexError: index
ops.CTCLoss()(LOG_P, INTS[:2, :2], TWO, TWO[:1]) | ValueError: ops.CTCLoss: got sequence_length of shape (1,)
ops.CTCLoss()(LOG_P, np.array([[0, 0], [0, 1], [0, 2]]), [1, 0, 1], TWO) | AssertionError: ops.CTCLoss: there are more labels than steps
ops.CTCGreedyDecoder()(X, TWO) | ValueError: ops.CTCGreedyDecoder: got inputs of shape (3, 4)
ops.RandomChoiceWithMask()(X) | TypeError: ops.RandomChoiceWithMask: got a float32 tensor, expected bool
ops.RandomChoiceWithMask(0)(X > 0) | ValueError: ops.RandomChoiceWithMask: got count=0
ops.DepthToSpace(1)(IMAGE) | ValueError: ops.DepthToSpace: got block_size=1
ops.SpaceToDepth(2)(X) | ValueError: ops.SpaceToDepth: got shape (3, 4), expected x[n, c, h, w]
ops.Conv2DBackpropInput(4, 3)(IMAGE, np.zeros((4, 2, 2, 2)), (1, 1, 1, 1)) | ValueError: ops.Conv2DBackpropInput: got dout
ops.DropoutDoMask()(X, np.zeros(1, np.uint8), 0.5) | ValueError: ops.DropoutDoMask: got mask uint8[1] for float32[3, 4]
ops.MaxPool3D(2)(X) | ValueError: ops.MaxPool3D: got shape (3, 4), expected x[n, c, d, h, w]
ops.MaxPool3D(2, data_format="NDHWC")(VOLUME) | ValueError: ops.MaxPool3D: got data_format='NDHWC', expected 'NCDHW'
ops.MaxPoolWithArgmaxV2(2, argmax_type="int8")(IMAGE) | TypeError: ops.MaxPoolWithArgmaxV2: got argmax_type=int8
ops.ApplyMomentum()(X, Tensor(X), 0.1, X, 0.9) | TypeError: ops.ApplyMomentum: got a ndarray, expected parameters or tensors
ops.Adam()(Tensor(X), Tensor(X), Tensor(X[0]), *[0.1] * 6, Tensor(X)) | ValueError: ops.Adam: got shapes (3, 4), (3, 4), (4,), (3, 4), expected one shape
ops.ResizeBilinear((0, 2))(IMAGE) | ValueError: ops.ResizeBilinear: got shape (2, 4, 6, 5) to (0, 2)
ops.ResizeNearestNeighbor((2, 2), True, True)(IMAGE) | ValueError: ops.ResizeNearestNeighbor: got align_corners=True, half_pixel_centers=True
ops.Conv2D(3, 2)(IMAGE, IMAGE[:, :, :2, :2]) | ValueError: ops.Conv2D: got weight float32[2, 4, 2, 2], expected out_channel=3 windows of (2, 2)
ops.Conv2D(2, 2, 3)(IMAGE, IMAGE[:, :, :2, :2]) | ValueError: ops.Conv2D: got mode=3
ops.MaxPool(2, data_format="CHWN")(IMAGE) | ValueError: ops.MaxPool: got data_format='CHWN', expected 'NCHW' or 'NHWC'
ops.BiasAdd()(X, X[0, :3]) | ValueError: ops.BiasAdd: got shapes (3, 4) and (3,), expected x[n, c, …] and bias[c]
ops.Dropout(0.0)(X) | ValueError: ops.Dropout: got keep_prob=0.0
ops.Dropout(0.5, -1)(X) | ValueError: ops.Dropout: got seed -1
ops.LayerNorm()(X, X[0, :3], X[0]) | ValueError: ops.LayerNorm: got gamma and beta of shapes [(3,), (4,)]
ops.SoftmaxCrossEntropyWithLogits()(X[0], X[0]) | ValueError: ops.SoftmaxCrossEntropyWithLogits: got shapes (4,) and (4,)
ops.Argmax(output_type="int8")(X) | TypeError: ops.Argmax: got int8 indices, expected int32 or int64
ops.ArgMaxWithValue(2)(X) | ValueError: ops.ArgMaxWithValue: got axis=2
ops.LpNorm(0, -1)(X) | ValueError: ops.LpNorm: got p=-1
ops.Round()(X, 1.5) | TypeError: ops.Round: got decimals=1.5
ops.Eps()(INTS) | TypeError: ops.Eps: got a int32 tensor
ops.ScalarCast()(X, "int32") | TypeError: ops.scalar_cast: got a ndarray
ops.Pad(((1, 2),))(X) | ValueError: ops.Pad: got paddings=((1, 2),), expected 2 pairs
ops.MirrorPad("EDGE")(X, ((0, 0), (1, 1))) | ValueError: ops.MirrorPad: got mode='EDGE'
ops.MirrorPad("SYMMETRIC")(X, ((0, 0), (5, 1))) | ValueError: ops.MirrorPad: got padding (5, 1) of size 4
ops.PadV3("wrap")(X, (1, 1)) | ValueError: ops.PadV3: got mode='wrap'
ops.SplitV([1, 1], 1, 2)(X) | ValueError: ops.split: got sizes
ops.SplitV([1, -1, -1], 1, 3)(X) | ValueError: ops.SplitV: got size_splits=[1, -1, -1], num_split=3 of size 4
ops.Unstack(1, 3)(X) | ValueError: ops.Unstack: got num=3 of size 4
ops.Range(2)(0, 9, 1) | ValueError: ops.Range: got 9 numbers, expected maxlen=2
ops.DiagPart()(X) | ValueError: ops.DiagPart: got shape (3, 4)
ops.ChannelShuffle(3)(IMAGE) | ValueError: ops.ChannelShuffle: got group=3 of shape (2, 4, 6, 5)
ops.InvertPermutation()((0, 0)) | ValueError: ops.InvertPermutation: got (0, 0)
ops.UnravelIndex()(INTS[0] + 9, (2, 3)) | IndexError: index
ops.TrilIndices(2, 2, 0, "int8")() | TypeError: ops.TrilIndices: got dtype=int8
ops.Multinomial(dtype="float32")(X[0] + 1, 2) | TypeError: ops.Multinomial: got dtype=float32
ops.median(X, "a") | TypeError: ops.median: got axis='a'
ops.median(X[:, :0]) | ValueError: ops.median: got a tensor of shape (3, 0), expected elements along axis -1
ops.quantile(X, 1.5) | ValueError: ops.quantile: got q=1.5, expected a number from 0 to 1
ops.quantile(X, X) | ValueError: ops.quantile: got q of shape (3, 4)
ops.quantile(X, np.array([2.0], np.float32)) | AssertionError: ops.quantile: q must be from 0 to 1
ops.cummax(X > 0, 0) | TypeError: ops.cummax: got a bool tensor
ops.cummin(X, 2) | ValueError: ops.cummin: got axis=2
ops.logcumsumexp(X, None) | TypeError: ops.logcumsumexp: got axis=None
ops.trapz(X, X[:2]) | ValueError: ops.trapz: got x
ops.trapz(X, dx="a") | TypeError: ops.trapz: got dx='a'
ops.cov(IMAGE) | ValueError: ops.cov: got a tensor of shape (2, 4, 6, 5), expected at most two axes
ops.cov(X, fweights=X[0]) | TypeError: ops.cov: got fweights of type float32
ops.cov(X, aweights=X[0, :3]) | ValueError: ops.cov: got aweights of shape (3,)
ops.histc(X, 0) | ValueError: ops.histc: got bins=0
ops.histc(X, 4, 2.0, 1.0) | ValueError: ops.histc: got min=2.0, max=1.0
ops.bucketize(X, X) | ValueError: ops.bucketize: got boundaries of shape (3, 4)
ops.hann_window(-1) | ValueError: ops.hann_window: got window_length=-1
ops.hamming_window(4, dtype="int32") | TypeError: ops.hamming_window: got dtype=int32
ops.kaiser_window(4, beta="a") | TypeError: ops.kaiser_window: got beta='a'
ops.gumbel_softmax(X, 0.0) | ValueError: ops.gumbel_softmax: got tau=0.0
ops.rrelu(X, 0.5, 0.2) | ValueError: ops.rrelu: got lower=0.5, upper=0.2
ops.huber_loss(X, X, delta=0.0) | ValueError: ops.huber_loss: got delta=0.0
ops.huber_loss(X, X, "total") | ValueError: ops.huber_loss: got reduction='total'
ops.cosine_similarity(X, X, 2) | ValueError: ops.cosine_similarity: got axis=2
ops.cosine_embedding_loss(X, X, TWO) | ValueError: ops.cosine_embedding_loss: got target of shape (2,), expected shape (3,)
ops.cosine_embedding_loss(X, X, TWO, 3.0) | ValueError: ops.cosine_embedding_loss: got margin=3.0
ops.triplet_margin_loss(X, X, X, 0.0) | ValueError: ops.triplet_margin_loss: got margin=0.0
ops.multi_margin_loss(X, INTS[:, 0], 3) | ValueError: ops.multi_margin_loss: got p=3
ops.multi_margin_loss(X, X[:, 0]) | TypeError: ops.multi_margin_loss: got a target of type float32
ops.multi_margin_loss(X, INTS[:, 0] + 9) | IndexError: index
ops.multilabel_margin_loss(X, INTS + 9) | AssertionError: ops.multilabel_margin_loss: a target is not a class
ops.multilabel_soft_margin_loss(X, X[:2]) | ValueError: ops.multilabel_soft_margin_loss: got shapes (3, 4), (2, 4)
ops.gaussian_nll_loss(X, X, X - 1) | AssertionError: ops.gaussian_nll_loss: variances must be at least 0
ops.gaussian_nll_loss(X, X, X[:2]) | ValueError: ops.gaussian_nll_loss: got var
ops.interpolate(IMAGE) | ValueError: ops.interpolate: got size=None, scale_factor=None, expected one of the two
ops.interpolate(IMAGE, 4, mode="linear") | ValueError: ops.interpolate: got mode='linear' of 2 spatial axes
ops.interpolate(IMAGE, 4, mode="cubic") | ValueError: ops.interpolate: got mode='cubic'
ops.interpolate(IMAGE, 4, align_corners=True) | ValueError: ops.interpolate: got align_corners=True with mode='nearest'
ops.interpolate(IMAGE, (4, 0)) | ValueError: ops.interpolate: got a new size of (4, 0)
ops.interpolate(IMAGE, scale_factor="a") | TypeError: ops.interpolate: got scale_factor='a'
ops.interpolate(X, 4) | ValueError: ops.interpolate: got a tensor of shape (3, 4)
ops.grid_sample(IMAGE, X) | ValueError: ops.grid_sample: got input float32[2, 4, 6, 5], grid float32[3, 4]
ops.grid_sample(IMAGE, IMAGE[..., :2], "cubic") | ValueError: ops.grid_sample: got mode='cubic'
ops.grid_sample(IMAGE, IMAGE[..., :2], padding_mode="edge") | ValueError: ops.grid_sample: got padding_mode='edge'
ops.affine_grid(X, (1, 1, 2, 2)) | ValueError: ops.affine_grid: got theta
ops.affine_grid(X, 4) | TypeError: ops.affine_grid: got size=4
ops.unfold(IMAGE, 9) | ValueError: ops.unfold: got windows of 9 along an axis of 6
ops.fold(LOG_P, 4, 2) | ValueError: ops.fold: got a tensor of shape (5, 2, 3)
ops.channel_shuffle(IMAGE, 3) | ValueError: ops.channel_shuffle: got a tensor of shape (2, 4, 6, 5)
ops.max_unpool2d(IMAGE, INTS, 2) | ValueError: ops.max_unpool2d: got x
ops.max_unpool2d(IMAGE, IMAGE, 2) | TypeError: ops.max_unpool2d: got float32 indices
ops.max_unpool2d(IMAGE, IMAGE.astype("int64") + 999, 2) | IndexError: index
ops.fractional_max_pool2d(IMAGE, 2) | ValueError: ops.fractional_max_pool2d: got both or neither
ops.fractional_max_pool2d(IMAGE, 4, 5) | ValueError: ops.fractional_max_pool2d: got (5, 5) windows of (4, 4)
ops.lp_pool2d(IMAGE, 0, 2) | ValueError: ops.lp_pool2d: got norm_type=0
ops.cdist(X, X[:, :3]) | ValueError: ops.cdist: got shapes (3, 4) and (3, 3)
ops.cdist(X, X, -1.0) | ValueError: ops.cdist: got p=-1.0
ops.pdist(X[0]) | ValueError: ops.pdist: got a tensor of shape (4,)
ops.renorm(X, 2, 0, -1.0) | ValueError: ops.renorm: got maxnorm=-1.0
ops.cross(X[:2], X[:2]) | ValueError: ops.cross: got shape (2, 4), expected an axis of three elements
ops.cross(X, X, 1) | ValueError: ops.cross: got 4 elements along axis 1
ops.addr(X, X, X) | ValueError: ops.addr: got shapes (3, 4), (3, 4)
ops.addbmm(X, IMAGE, IMAGE) | ValueError: ops.addbmm: got shapes
ops.batch_dot(X, X[:2]) | ValueError: ops.batch_dot: got shapes (3, 4) and (2, 4)
ops.batch_dot(X, X, 0) | ValueError: ops.batch_dot: got axes=0
ops.bias_add(X, X[0, :3]) | ValueError: ops.bias_add: got shapes (3, 4) and (3,)
ops.embedding(X, X) | TypeError: ops.embedding: got float32 indices
ops.embedding(INTS + 5, X) | IndexError: index
ops.embedding(INTS, X, 7) | ValueError: ops.embedding: got padding_idx=7
ops.sequence_mask(INTS, 0) | ValueError: ops.sequence_mask: got maxlen=0
ops.intopk(X, TWO, 1) | ValueError: ops.intopk: got shapes (3, 4), (2,)
ops.index_fill(X, 0, INTS, 1.0) | ValueError: ops.index_fill: got index int32[3, 4]
ops.index_fill(X, 0, TWO + 9, 1.0) | IndexError: index
ops.unique_with_pad(X, 0) | ValueError: ops.unique_with_pad: got a tensor of shape (3, 4)
ops.tensor_split(X, 0) | ValueError: ops.tensor_split: got 0 parts
ops.vsplit(X[0], 2) | ValueError: ops.vsplit: got a tensor of shape (4,)
ops.atleast_1d("a") | TypeError: ops.atleast_1d: got a str
ops.diag_embed(X, 0, 1, 1) | ValueError: ops.diag_embed: got dim1=1, dim2=1
ops.diagonal_scatter(X, X) | ValueError: ops.diagonal_scatter: got src of shape (3, 4), expected shape (3,)
ops.matrix_diag_part(X, (2, 1)) | ValueError: ops.matrix_diag_part: got k=(2, 1)
ops.matrix_diag_part(X, 7) | ValueError: ops.matrix_diag_part: got diagonals 7 to 7
ops.matrix_diag_part(X, 0, 0, "LEFT") | ValueError: ops.matrix_diag_part: got align='LEFT'
ops.matrix_set_diag(X, X) | ValueError: ops.matrix_set_diag: got diagonals of shape (3, 4)
ops.rot90(X, 1, (0, 0)) | ValueError: ops.rot90: got dims=(0, 0)
ops.slice_scatter(X, X, 0, 1) | ValueError: ops.slice_scatter: got src of shape (3, 4), expected shape (2, 4)
ops.select_scatter(X, X[0], 0, 3) | IndexError: ops.select_scatter: got index=3
ops.tril_indices(-1, 2) | ValueError: ops.tril_indices: got row=-1
ops.combinations(X) | ValueError: ops.combinations: got a tensor of shape (3, 4)
ops.block_diag() | ValueError: ops.block_diag: got no tensor
ops.cholesky(X) | ValueError: ops.cholesky: got a tensor of shape (3, 4), expected square matrices
ops.cholesky(-np.eye(2, dtype=np.float32)) | ValueError: ops.cholesky: got a matrix
ops.inverse(np.zeros((2, 2, 2), np.float32)) | ValueError: ops.solve: got the matrix at (0,): Singular matrix
ops.svd(X[0]) | ValueError: ops.svd: got a tensor of shape (4,), expected matrices
ops.svd(X * np.nan) | ValueError: ops.svd: got a matrix
ops.qr(X, "raw") | ValueError: ops.qr: got mode='raw'
ops.matrix_solve(X, X) | ValueError: ops.matrix_solve: got a tensor of shape (3, 4)
ops.matrix_solve(X[:, :3], X[:2]) | ValueError: ops.matrix_solve: got shapes (3, 3) and (2, 4)
ops.lstsq(X, X[0]) | ValueError: ops.lstsq: got shapes (3, 4)
ops.lu_solve(X[:, :2], X[:, :3], X[0, :3]) | TypeError: ops.lu_solve: got float32 pivots
ops.lu_unpack(X, INTS[0, :3] + 9) | IndexError: index
ops.matrix_power(X[:, :3], 1.5) | TypeError: ops.matrix_power
ops.matrix_norm(X, "max") | ValueError: ops.norm: got ord='max'
ops.orgqr(X, X[0]) | ValueError: ops.orgqr: got
Tensor(X).index_add(Tensor([0]), X) | TypeError: Tensor.index_add: got (Tensor, ndarray), expected (indices, y, axis) or (dim, index, source)
Tensor(X).index_add(0, Tensor([0]), X) | ValueError: Tensor.index_add: got indices (1,), y (3, 4), axis 0 of shape (3, 4)
Tensor(X).scatter(0, INTS, X, "max") | ValueError: Tensor.scatter: got reduce='max', expected 'none', 'add' or 'multiply'
Tensor(X).scatter(0, X, X) | TypeError: Tensor.scatter: got float32 indices
Tensor(X).scatter_add(0) | TypeError: Tensor.scatter_add: got (int), expected (dim, index, src) or (indices, updates)
Tensor(X).masked_scatter(X, X) | TypeError: Tensor.masked_scatter: got a float32 mask
Tensor(X).masked_scatter(X == 0, X[0]) | IndexError: index
Tensor(X).index_fill(0, INTS, 1.0) | ValueError: ops.index_fill: got index int32[3, 4]
Tensor(X).index_fill(0, [7], 1.0) | IndexError: index
Tensor(X).index_copy_(0, [0], X) | ValueError: Tensor.index_copy_: got index (1,), tensor (3, 4), dim 0 of shape (3, 4)
Tensor(X).index_put(Tensor([0]), X) | TypeError: Tensor.index_put: got indices=Tensor, expected a tuple of 1 to 2 tensors
Tensor(X[0]).fill_diagonal(1.0) | ValueError: Tensor.fill_diagonal: got shape (4,), expected a matrix
Tensor(X).itemset(1.0) | TypeError: Tensor.itemset: got 1 arguments of a tensor of 12 elements
Tensor(X).itemset(99, 1.0) | IndexError: index
Tensor(X[0]).mT | ValueError: Tensor.mT: got shape (4,), expected at least two axes
Tensor(X).stride(2) | ValueError: Tensor.stride: got axis=2
Tensor(INTS).exp_() | TypeError: Tensor.exp_: got a float32 result for a int32 tensor
ops.fmod(X, X[:2]) | ValueError: ops.
ops.DynamicRNN(direction="BIDIRECTIONAL")(LOG_P, X, X[0]) | ValueError: ops.DynamicRNN: got direction='BIDIRECTIONAL', expected 'UNIDIRECTIONAL'
ops.mixed_precision_cast("int32", X) | TypeError: ops.mixed_precision_cast: got int32
ops.top_k(X, 9) | ValueError: ops.topk: got k=9
ops.deformable_conv2d(IMAGE, IMAGE, IMAGE, 2, (1,) * 4, (0,) * 4) | ValueError: ops.deformable_conv2d: got offsets of shape (2, 4, 6, 5), expected shape (2, 12, 5, 4)
ops.deformable_conv2d(IMAGE, IMAGE, IMAGE, 2, (1,) * 4, (0,) * 3) | ValueError: ops.deformable_conv2d: got pads=(0, 0, 0)
ops.deformable_conv2d(IMAGE, IMAGE, IMAGE, 2, (1,) * 4, (0,) * 4, deformable_groups=3) | ValueError: ops.deformable_conv2d: got deformable_groups=3 of 4 channels
ops.deformable_conv2d(X, IMAGE, IMAGE, 2, (1,) * 4, (0,) * 4) | ValueError: ops.deformable_conv2d: got x of shape (3, 4)
ops.deformable_conv2d(IMAGE, IMAGE, IMAGE.astype("float64"), 2, (1,) * 4, (0,) * 4) | TypeError: ops.deformable_conv2d: got float32 and float64 tensors
ops.DynamicRNN()(LOG_P, X, X[0]) | ValueError: ops.DynamicRNN: got w of shape (3, 4), expected shape (4, 4)
ops.DynamicGRUV2(gate_order="hrz")(LOG_P, X, X, None, None, None, X) | ValueError: ops.DynamicGRUV2: got gate_order='hrz'
ops.DynamicGRUV2()(X, X, X, None, None, None, X) | ValueError: ops.DynamicGRUV2: got x of shape (3, 4), expected [length, n, inputs]
ops.ScalarToArray()(X) | TypeError: ops.scalar_to_array: got a ndarray
"""
CASES = [line.split(" | ") for line in ROWS.strip("\n").splitlines()]
SCOPE = {name: value for name, value in globals().items() if name.isupper()} | {"ops": ops, "np": np, "Tensor": Tensor}


@pytest.mark.parametrize(("program", "message"), CASES, ids=[program for program, _ in CASES])
def test_error(program, message):
    kind, _, text = message.partition(": ")
    error = {error.__name__: error for error in (TypeError, ValueError, IndexError, AssertionError)}[kind]
    for run in (lambda f: f, ir.staged):
        with pytest.raises(error, match="^" + re.escape(text)):
            run(lambda: eval(program, SCOPE))()
