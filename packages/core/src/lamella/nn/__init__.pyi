# Written by `nox -s names` from what the modules say; change those.

from lamella.nn.cell import (
    Cell,
)
from lamella.nn.containers import (
    CellDict,
    CellList,
    SequentialCell,
)
from lamella.nn.gradients import (
    DistributedGradReducer,
    Jvp,
    MicroBatchInterleaved,
    ParameterUpdate,
    Vjp,
    WithGradCell,
)
from lamella.nn.hooks import (
    HookHandle,
)
from lamella.nn.layers.activation import (
    GELU,
    LeakyReLU,
    LogSigmoid,
    PReLU,
    SiLU,
    get_activation,
)
from lamella.nn.layers.attention import (
    MultiheadAttention,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from lamella.nn.layers.basic import (
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    OneHot,
    Pad,
)
from lamella.nn.layers.combined import (
    BiDense,
    Conv2dBnAct,
    DenseBnAct,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    EmbeddingLookup,
    MultiFieldEmbeddingLookup,
    TimeDistributed,
)
from lamella.nn.layers.conv import (
    Conv1d,
    Conv1dTranspose,
    Conv2d,
    Conv2dTranspose,
    Conv3d,
    Conv3dTranspose,
)
from lamella.nn.layers.losses import (
    KLDivLoss,
    MultiClassDiceLoss,
    SampledSoftmaxLoss,
)
from lamella.nn.layers.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    SyncBatchNorm,
)
from lamella.nn.layers.pooling import (
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from lamella.nn.layers.recurrent import (
    GRU,
    GRUCell,
    LSTM,
    LSTMCell,
    RNN,
    RNNCell,
)
from lamella.nn.layers.volumes import (
    AvgPool3d,
    MaxPool3d,
)
from lamella.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CTCLoss,
    CrossEntropyLoss,
    L1Loss,
    LossBase,
    MAELoss,
    MSELoss,
    NLLLoss,
    RMSELoss,
    SmoothL1Loss,
    SoftmaxCrossEntropyWithLogits,
)
from lamella.nn.loss_scaling import (
    DynamicLossScaleUpdateCell,
    FixedLossScaleUpdateCell,
    TrainOneStepWithLossScaleCell,
)
from lamella.nn.optim.adaptive import (
    Adagrad,
    Adam,
    AdamWeightDecay,
    RMSProp,
)
from lamella.nn.optim.gradient_descent import (
    Momentum,
    SGD,
)
from lamella.nn.optim.layerwise import (
    AdaFactor,
    LARS,
    Lamb,
)
from lamella.nn.optim.optimizer import (
    Optimizer,
)
from lamella.nn.optim.proximal import (
    FTRL,
    ProximalAdagrad,
)
from lamella.nn.optim.relatives import (
    AdaMax,
    Adadelta,
    AdamOffload,
    LazyAdam,
)
from lamella.nn.optim.schedules import (
    CosineDecayLR,
    ExponentialDecayLR,
    InverseDecayLR,
    LearningRateSchedule,
    NaturalExpDecayLR,
    PolynomialDecayLR,
    WarmUpLR,
)
from lamella.nn.optim.step_rates import (
    cosine_decay_lr,
    exponential_decay_lr,
    inverse_decay_lr,
    natural_exp_decay_lr,
    piecewise_constant_lr,
    polynomial_decay_lr,
    warmup_lr,
)
from lamella.nn.optim.steps import (
    ASGD,
    Rprop,
)
from lamella.nn.wrap import (
    ForwardValueAndGrad,
    TrainOneStepCell,
    WithEvalCell,
    WithLossCell,
)
from typing import (
    Any,
)

class AdaptiveAvgPool1d(Cell):
    def __init__(self, output_size: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class AdaptiveAvgPool2d(Cell):
    def __init__(self, output_size: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class AdaptiveAvgPool3d(Cell):
    def __init__(self, output_size: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class AdaptiveMaxPool1d(Cell):
    def __init__(self, output_size: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class AdaptiveMaxPool2d(Cell):
    def __init__(self, output_size: Any, return_indices: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class AdaptiveMaxPool3d(Cell):
    def __init__(self, output_size: Any, return_indices: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class CELU(Cell):
    def __init__(self, alpha: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class CentralCrop(Cell):
    def __init__(self, central_fraction: Any) -> None: ...
    def construct(self, image: Any) -> Any: ...

class ChannelShuffle(Cell):
    def __init__(self, groups: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ClipByNorm(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Any, clip_norm: Any) -> Any: ...

class ConstantPad1d(Cell):
    def __init__(self, padding: Any, value: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ConstantPad2d(Cell):
    def __init__(self, padding: Any, value: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ConstantPad3d(Cell):
    def __init__(self, padding: Any, value: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class CosineEmbeddingLoss(LossBase):
    def __init__(self, margin: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, logits_x1: Any, logits_x2: Any, labels: Any) -> Any: ...

class DiGamma(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class DiceLoss(Cell):
    def __init__(self, smooth: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any) -> Any: ...

class ELU(Cell):
    def __init__(self, alpha: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class FastGelu(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class FocalLoss(LossBase):
    def __init__(self, weight: Any = ..., gamma: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any) -> Any: ...

class FractionalMaxPool2d(Cell):
    def __init__(self, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: Any = ..., _random_samples: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class FractionalMaxPool3d(Cell):
    def __init__(self, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: Any = ..., _random_samples: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class GLU(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class GaussianNLLLoss(LossBase):
    def __init__(self, full: Any = ..., eps: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any, var: Any) -> Any: ...

class HShrink(Cell):
    def __init__(self, lambd: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class HSigmoid(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class HSwish(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Hardtanh(Cell):
    def __init__(self, min_val: Any = ..., max_val: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class HingeEmbeddingLoss(LossBase):
    def __init__(self, margin: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any) -> Any: ...

class HuberLoss(LossBase):
    def __init__(self, reduction: Any = ..., delta: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any) -> Any: ...

class IGamma(Cell):
    def __init__(self) -> None: ...
    def construct(self, a: Any, x: Any) -> Any: ...

class ImageGradients(Cell):
    def __init__(self) -> None: ...
    def construct(self, images: Any) -> Any: ...

class L1Regularizer(Cell):
    def __init__(self, scale: Any) -> None: ...
    def construct(self, weights: Any) -> Any: ...

class LBeta(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any, y: Any) -> Any: ...

class LGamma(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class LPPool1d(Cell):
    def __init__(self, norm_type: Any, kernel_size: Any, stride: Any = ..., ceil_mode: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class LPPool2d(Cell):
    def __init__(self, norm_type: Any, kernel_size: Any, stride: Any = ..., ceil_mode: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class LRN(Cell):
    def __init__(self, depth_radius: Any = ..., bias: Any = ..., alpha: Any = ..., beta: Any = ..., norm_region: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class LogSoftmax(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MSSSIM(Cell):
    def __init__(self, max_val: Any = ..., power_factors: Any = ..., filter_size: Any = ..., filter_sigma: Any = ..., k1: Any = ..., k2: Any = ...) -> None: ...
    def construct(self, img1: Any, img2: Any) -> Any: ...

class MarginRankingLoss(LossBase):
    def __init__(self, margin: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, input1: Any, input2: Any, target: Any) -> Any: ...

class MatDet(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MatInverse(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MatMul(Cell):
    def __init__(self, transpose_x1: Any = ..., transpose_x2: Any = ...) -> None: ...
    def construct(self, x1: Any, x2: Any) -> Any: ...

class MatrixDiag(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MatrixDiagPart(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MatrixSetDiag(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any, diagonal: Any) -> Any: ...

class MaxUnpool1d(Cell):
    def __init__(self, kernel_size: Any, stride: Any = ..., padding: Any = ...) -> None: ...
    def construct(self, x: Any, indices: Any, output_size: Any = ...) -> Any: ...

class MaxUnpool2d(Cell):
    def __init__(self, kernel_size: Any, stride: Any = ..., padding: Any = ...) -> None: ...
    def construct(self, x: Any, indices: Any, output_size: Any = ...) -> Any: ...

class MaxUnpool3d(Cell):
    def __init__(self, kernel_size: Any, stride: Any = ..., padding: Any = ...) -> None: ...
    def construct(self, x: Any, indices: Any, output_size: Any = ...) -> Any: ...

class Mish(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Moments(Cell):
    def __init__(self, axis: Any = ..., keep_dims: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class MultiLabelSoftMarginLoss(LossBase):
    def __init__(self, weight: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, x: Any, target: Any) -> Any: ...

class MultiMarginLoss(LossBase):
    def __init__(self, p: Any = ..., margin: Any = ..., reduction: Any = ..., weight: Any = ...) -> None: ...
    def construct(self, x: Any, target: Any) -> Any: ...

class MultilabelMarginLoss(LossBase):
    def __init__(self, reduction: Any = ...) -> None: ...
    def construct(self, x: Any, target: Any) -> Any: ...

class Norm(Cell):
    def __init__(self, axis: Any = ..., keep_dims: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class PSNR(Cell):
    def __init__(self, max_val: Any = ...) -> None: ...
    def construct(self, img1: Any, img2: Any) -> Any: ...

class PixelShuffle(Cell):
    def __init__(self, upscale_factor: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class PixelUnshuffle(Cell):
    def __init__(self, downscale_factor: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class PoissonNLLLoss(LossBase):
    def __init__(self, log_input: Any = ..., full: Any = ..., eps: Any = ..., reduction: Any = ...) -> None: ...
    def construct(self, input: Any, target: Any) -> Any: ...

class RReLU(Cell):
    def __init__(self, lower: Any = ..., upper: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Range(Cell):
    def __init__(self, start: Any, limit: Any = ..., delta: Any = ...) -> None: ...
    def construct(self) -> Any: ...

class ReLU(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReLU6(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReduceLogSumExp(Cell):
    def __init__(self, axis: Any, keep_dims: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReflectionPad1d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReflectionPad2d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReflectionPad3d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReplicationPad1d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReplicationPad2d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ReplicationPad3d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ResizeBilinear(Cell):
    def __init__(self, half_pixel_centers: Any = ...) -> None: ...
    def construct(self, x: Any, size: Any = ..., scale_factor: Any = ..., align_corners: Any = ...) -> Any: ...

class Roll(Cell):
    def __init__(self, shift: Any, axis: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class SSIM(Cell):
    def __init__(self, max_val: Any = ..., filter_size: Any = ..., filter_sigma: Any = ..., k1: Any = ..., k2: Any = ...) -> None: ...
    def construct(self, img1: Any, img2: Any) -> Any: ...

class SeLU(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Sigmoid(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class SoftMarginLoss(LossBase):
    def __init__(self, reduction: Any = ...) -> None: ...
    def construct(self, logits: Any, labels: Any) -> Any: ...

class SoftShrink(Cell):
    def __init__(self, lambd: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Softmax(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Softmax2d(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Softmin(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Softsign(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Tanh(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Tanhshrink(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Threshold(Cell):
    def __init__(self, threshold: Any, value: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Tril(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any, k: Any = ...) -> Any: ...

class TripletMarginLoss(LossBase):
    def __init__(self, p: Any = ..., swap: Any = ..., eps: Any = ..., reduction: Any = ..., margin: Any = ...) -> None: ...
    def construct(self, x: Any, positive: Any, negative: Any) -> Any: ...

class TripletMarginWithDistanceLoss(LossBase):
    def __init__(self, distance_function: Any = ..., swap: Any = ..., reduction: Any = ..., margin: Any = ...) -> None: ...
    def construct(self, x: Any, positive: Any, negative: Any) -> Any: ...

class Triu(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Any, k: Any = ...) -> Any: ...

class Unflatten(Cell):
    def __init__(self, axis: Any, unflattened_size: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Unfold(Cell):
    def __init__(self, ksizes: Any, strides: Any, rates: Any, padding: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class Upsample(Cell):
    def __init__(self, size: Any = ..., scale_factor: Any = ..., mode: Any = ..., align_corners: Any = ..., recompute_scale_factor: Any = ...) -> None: ...
    def construct(self, x: Any) -> Any: ...

class ZeroPad2d(Cell):
    def __init__(self, padding: Any) -> None: ...
    def construct(self, x: Any) -> Any: ...

__all__ = [
    "ASGD",
    "AdaFactor",
    "AdaMax",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamOffload",
    "AdamWeightDecay",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "BiDense",
    "CELU",
    "CTCLoss",
    "Cell",
    "CellDict",
    "CellList",
    "CentralCrop",
    "ChannelShuffle",
    "ClipByNorm",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv1dTranspose",
    "Conv2d",
    "Conv2dBnAct",
    "Conv2dTranspose",
    "Conv3d",
    "Conv3dTranspose",
    "CosineDecayLR",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "Dense",
    "DenseBnAct",
    "DiGamma",
    "DiceLoss",
    "DistributedGradReducer",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "DynamicLossScaleUpdateCell",
    "ELU",
    "Embedding",
    "EmbeddingLookup",
    "ExponentialDecayLR",
    "FTRL",
    "FastGelu",
    "FixedLossScaleUpdateCell",
    "Flatten",
    "FocalLoss",
    "ForwardValueAndGrad",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "GELU",
    "GLU",
    "GRU",
    "GRUCell",
    "GaussianNLLLoss",
    "GroupNorm",
    "HShrink",
    "HSigmoid",
    "HSwish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HookHandle",
    "HuberLoss",
    "IGamma",
    "Identity",
    "ImageGradients",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "InverseDecayLR",
    "Jvp",
    "KLDivLoss",
    "L1Loss",
    "L1Regularizer",
    "LARS",
    "LBeta",
    "LGamma",
    "LPPool1d",
    "LPPool2d",
    "LRN",
    "LSTM",
    "LSTMCell",
    "Lamb",
    "LayerNorm",
    "LazyAdam",
    "LeakyReLU",
    "LearningRateSchedule",
    "LogSigmoid",
    "LogSoftmax",
    "LossBase",
    "MAELoss",
    "MSELoss",
    "MSSSIM",
    "MarginRankingLoss",
    "MatDet",
    "MatInverse",
    "MatMul",
    "MatrixDiag",
    "MatrixDiagPart",
    "MatrixSetDiag",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "MicroBatchInterleaved",
    "Mish",
    "Moments",
    "Momentum",
    "MultiClassDiceLoss",
    "MultiFieldEmbeddingLookup",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MultiheadAttention",
    "MultilabelMarginLoss",
    "NLLLoss",
    "NaturalExpDecayLR",
    "Norm",
    "OneHot",
    "Optimizer",
    "PReLU",
    "PSNR",
    "Pad",
    "ParameterUpdate",
    "PixelShuffle",
    "PixelUnshuffle",
    "PoissonNLLLoss",
    "PolynomialDecayLR",
    "ProximalAdagrad",
    "RMSELoss",
    "RMSProp",
    "RNN",
    "RNNCell",
    "RReLU",
    "Range",
    "ReLU",
    "ReLU6",
    "ReduceLogSumExp",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ResizeBilinear",
    "Roll",
    "Rprop",
    "SGD",
    "SSIM",
    "SampledSoftmaxLoss",
    "SeLU",
    "SequentialCell",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "SoftShrink",
    "Softmax",
    "Softmax2d",
    "SoftmaxCrossEntropyWithLogits",
    "Softmin",
    "Softsign",
    "SyncBatchNorm",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TimeDistributed",
    "TrainOneStepCell",
    "TrainOneStepWithLossScaleCell",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "Tril",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "Triu",
    "Unflatten",
    "Unfold",
    "Upsample",
    "Vjp",
    "WarmUpLR",
    "WithEvalCell",
    "WithGradCell",
    "WithLossCell",
    "ZeroPad2d",
    "cosine_decay_lr",
    "exponential_decay_lr",
    "get_activation",
    "inverse_decay_lr",
    "natural_exp_decay_lr",
    "piecewise_constant_lr",
    "polynomial_decay_lr",
    "warmup_lr",
]
