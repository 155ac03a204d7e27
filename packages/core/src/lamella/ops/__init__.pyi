# Written by `nox -s names` from what the modules say; change those.

from lamella.autodiff import (
    GradOperation,
)
from lamella.ops import (
    prims,
)
from lamella.ops.classes.composite import (
    HyperMap,
    Map,
    MultitypeFuncGraph,
)
from lamella.ops.classes.custom import (
    Custom,
    PrimitiveWithCheck,
    PrimitiveWithInfer,
    PyFunc,
    ReduceOp,
    prim_attr_register,
)
from lamella.ops.classes.primitive import (
    Primitive,
)
from lamella.ops.convert import (
    as_tensor,
)
from lamella.ops.functions.arithmetic import (
    approximate_equal,
    bitwise_left_shift,
    bitwise_right_shift,
    copysign,
    float_power,
    fmax,
    fmin,
    fmod,
    frac,
    gcd,
    heaviside,
    hypot,
    inv,
    invert,
    is_floating_point,
    is_nonzero,
    isneginf,
    isposinf,
    lcm,
    ldexp,
    logaddexp,
    logaddexp2,
    nextafter,
    population_count,
    positive,
    pows,
    remainder,
    signbit,
    tensor_add,
    tensor_div,
    tensor_floordiv,
    tensor_ge,
    tensor_gt,
    tensor_le,
    tensor_lt,
    tensor_mod,
    tensor_mul,
    tensor_pow,
    tensor_sub,
    truncate_div,
    truncate_mod,
)
from lamella.ops.functions.blocks import (
    reverse_sequence,
)
from lamella.ops.functions.combined import (
    addcdiv,
    addcmul,
    addn,
    allclose,
    deg2rad,
    exp2,
    isclose,
    isinf,
    lerp,
    log2,
    log10,
    nan_to_num,
    rad2deg,
    trunc,
)
from lamella.ops.functions.complexes import (
    adjoint,
    angle,
    complex,
    conj,
    imag,
    is_complex,
    isreal,
    polar,
    real,
    sgn,
    view_as_complex,
    view_as_real,
)
from lamella.ops.functions.control import (
    cond,
    custom_derivative,
    fori_loop,
    scan,
    while_loop,
)
from lamella.ops.functions.create import (
    arange,
    eye,
    fill,
    full,
    full_like,
    is_tensor,
    linspace,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    range,
    scalar_to_tensor,
    tensor,
    zeros,
    zeros_like,
)
from lamella.ops.functions.cumulative import (
    cummax,
    cummin,
    cumprod,
    cumsum,
    diff,
    logcumsumexp,
    trapz,
)
from lamella.ops.functions.decompositions import (
    cholesky,
    cholesky_inverse,
    cholesky_solve,
    det,
    geqrf,
    inverse,
    log_matrix_determinant,
    logdet,
    lstsq,
    lu_solve,
    lu_unpack,
    matrix_determinant,
    matrix_exp,
    matrix_norm,
    matrix_power,
    matrix_solve,
    orgqr,
    ormqr,
    pinv,
    qr,
    slogdet,
    svd,
    vector_norm,
)
from lamella.ops.functions.distances import (
    addbmm,
    addmv,
    addr,
    batch_dot,
    bias_add,
    cdist,
    cross,
    dist,
    kron,
    pdist,
    renorm,
)
from lamella.ops.functions.effects import (
    assert_,
    assign,
    assign_add,
    assign_sub,
    print_,
)
from lamella.ops.functions.eigenvalues import (
    eig,
    eigvals,
)
from lamella.ops.functions.elementwise import (
    abs,
    absolute,
    acos,
    acosh,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    cast,
    ceil,
    cos,
    cosh,
    div,
    divide,
    eq,
    equal,
    erf,
    exp,
    expm1,
    floor,
    floor_div,
    floor_divide,
    floor_mod,
    ge,
    greater,
    greater_equal,
    gt,
    identity,
    isfinite,
    isnan,
    le,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    maximum,
    minimum,
    mul,
    multiply,
    ne,
    neg,
    negative,
    not_equal,
    pow,
    reciprocal,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    stop_gradient,
    sub,
    subtract,
    tan,
    tanh,
    true_divide,
)
from lamella.ops.functions.extremes import (
    amax,
    amin,
    argmax,
    argmin,
    max,
    min,
    reduce_max,
    reduce_min,
)
from lamella.ops.functions.fourier import (
    fft,
    fft2,
    fftfreq,
    fftn,
    fftshift,
    hfft,
    hfft2,
    hfftn,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    ihfft2,
    ihfftn,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftfreq,
    rfftn,
)
from lamella.ops.functions.gather_scatter import (
    gather,
    gather_d,
    gather_elements,
    gather_nd,
    index_select,
    scatter_nd,
    tensor_scatter_add,
    tensor_scatter_elements,
    tensor_scatter_update,
)
from lamella.ops.functions.join_split import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    cat,
    chunk,
    column_stack,
    concat,
    dsplit,
    dstack,
    hsplit,
    hstack,
    row_stack,
    split,
    stack,
    tensor_split,
    unbind,
    unstack,
    vsplit,
    vstack,
)
from lamella.ops.functions.limits import (
    clamp,
    clip,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
)
from lamella.ops.functions.linalg import (
    diag,
    diagonal,
    trace,
    tril,
    triu,
)
from lamella.ops.functions.matrices import (
    block_diag,
    diag_embed,
    diagflat,
    diagonal_scatter,
    matrix_band_part,
    matrix_diag,
    matrix_diag_part,
    matrix_set_diag,
)
from lamella.ops.functions.older import (
    mixed_precision_cast,
    reverse,
    scalar_cast,
    scalar_to_array,
    top_k,
)
from lamella.ops.functions.pad import (
    pad,
)
from lamella.ops.functions.patterns import (
    cartesian_prod,
    combinations,
    fliplr,
    flipud,
    logspace,
    rot90,
    select_scatter,
    slice_scatter,
    tril_indices,
    triu_indices,
    vander,
)
from lamella.ops.functions.products import (
    addmm,
    baddbmm,
    bmm,
    dense,
    dot,
    einsum,
    ger,
    inner,
    matmul,
    mm,
    mv,
    outer,
    tensor_dot,
)
from lamella.ops.functions.quantization import (
    dequantize,
    quantize,
)
from lamella.ops.functions.random import (
    Generator,
    bernoulli,
    default_generator,
    get_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    set_seed,
    standard_normal,
    uniform,
)
from lamella.ops.functions.rearrange import (
    flip,
    moveaxis,
    movedim,
    permute,
    repeat_elements,
    repeat_interleave,
    roll,
    swapaxes,
    swapdims,
    tile,
    transpose,
)
from lamella.ops.functions.reduce import (
    all,
    any,
    count_nonzero,
    logsumexp,
    mean,
    norm,
    prod,
    reduce_mean,
    reduce_prod,
    reduce_sum,
    std,
    std_mean,
    sum,
    var,
    var_mean,
)
from lamella.ops.functions.segments import (
    embedding,
    index_fill,
    intopk,
    msort,
    sequence_mask,
    shuffle,
    unique_consecutive,
    unique_with_pad,
    unsorted_segment_max,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sum,
)
from lamella.ops.functions.select import (
    argwhere,
    masked_fill,
    masked_select,
    narrow,
    nonzero,
    select,
    slice,
    strided_slice,
    where,
)
from lamella.ops.functions.shape import (
    broadcast_to,
    expand_dims,
    flatten,
    numel,
    rank,
    ravel,
    reshape,
    shape,
    size,
    squeeze,
    unsqueeze,
)
from lamella.ops.functions.signal import (
    bartlett_window,
    blackman_window,
    hamming_window,
    hann_window,
    kaiser_window,
)
from lamella.ops.functions.sort import (
    argsort,
    searchsorted,
    sort,
    topk,
    unique,
)
from lamella.ops.functions.special import (
    bessel_i0,
    bessel_i0e,
    bessel_i1,
    bessel_i1e,
    bessel_j0,
    bessel_j1,
    bessel_k0,
    bessel_k0e,
    bessel_k1,
    bessel_k1e,
    bessel_y0,
    bessel_y1,
    digamma,
    erfc,
    erfinv,
    i0,
    igamma,
    igammac,
    lgamma,
    logit,
    mvlgamma,
    polygamma,
    sinc,
    xdivy,
    xlogy,
    zeta,
)
from lamella.ops.functions.spectrogram import (
    stft,
)
from lamella.ops.functions.static import (
    add_flags,
    constexpr,
    depend,
    make_range,
    partial,
    tuple_len,
    tuple_to_array,
)
from lamella.ops.functions.statistics import (
    aminmax,
    bincount,
    bucketize,
    cov,
    histc,
    median,
    nanmean,
    nanmedian,
    nanquantile,
    nansum,
    quantile,
)
from lamella.ops.functions.updates import (
    tensor_scatter_div,
    tensor_scatter_max,
    tensor_scatter_min,
    tensor_scatter_mul,
    tensor_scatter_sub,
)
from lamella.ops.functions.writing import (
    index_add,
    scatter_add,
    scatter_div,
    scatter_max,
    scatter_min,
    scatter_mul,
    scatter_nd_add,
    scatter_nd_div,
    scatter_nd_max,
    scatter_nd_min,
    scatter_nd_mul,
    scatter_nd_sub,
    scatter_nd_update,
    scatter_update,
)
from lamella.ops.nn.activation import (
    elu,
    gelu,
    hardsigmoid,
    hardswish,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu6,
    silu,
    softmax,
    softplus,
)
from lamella.ops.nn.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    fractional_max_pool2d,
    fractional_max_pool3d,
    lp_pool1d,
    lp_pool2d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)
from lamella.ops.nn.boxes import (
    bounding_box_decode,
    bounding_box_encode,
    check_valid,
    crop_and_resize,
    iou,
)
from lamella.ops.nn.convolution import (
    conv1d,
    conv2d,
    conv3d,
)
from lamella.ops.nn.ctc import (
    ctc_loss,
)
from lamella.ops.nn.deformable import (
    deformable_conv2d,
)
from lamella.ops.nn.dropout import (
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
)
from lamella.ops.nn.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from lamella.ops.nn.margin import (
    cosine_embedding_loss,
    cosine_similarity,
    gaussian_nll_loss,
    hinge_embedding_loss,
    huber_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
)
from lamella.ops.nn.normalization import (
    batch_norm,
    layer_norm,
    lrn,
    rms_norm,
)
from lamella.ops.nn.patches import (
    channel_shuffle,
    col2im,
    fold,
    pixel_shuffle,
    pixel_unshuffle,
    unfold,
)
from lamella.ops.nn.pooling import (
    avg_pool2d,
    avg_pool3d,
    max_pool2d,
    max_pool3d,
)
from lamella.ops.nn.sampling import (
    affine_grid,
    grid_sample,
    interpolate,
    upsample,
)
from lamella.ops.nn.thresholds import (
    celu,
    fast_gelu,
    glu,
    gumbel_softmax,
    hardshrink,
    hardtanh,
    prelu,
    rrelu,
    selu,
    soft_shrink,
    softmin,
    softshrink,
    softsign,
    swiglu,
    tanhshrink,
    threshold,
)
from typing import (
    Any,
)

class ACos(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Abs(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class AccumulateNV2(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Acosh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Adam(Primitive):
    def __init__(self, use_locking: Any = ..., use_nesterov: Any = ...) -> None: ...
    def __call__(self, var: Any, m: Any, v: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any, gradient: Any) -> Any: ...

class AdamWeightDecay(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, m: Any, v: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any, decay: Any, gradient: Any) -> Any: ...

class AdaptiveAvgPool2D(Primitive):
    def __init__(self, output_size: Any) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Add(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class AddN(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Addcdiv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, tensor1: Any, tensor2: Any, value: Any = ...) -> Any: ...

class Addcmul(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, tensor1: Any, tensor2: Any, value: Any = ...) -> Any: ...

class AllGather(Primitive):
    def __init__(self, group: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class AllReduce(Primitive):
    def __init__(self, op: Any = ..., group: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class AlltoAll(Primitive):
    def __init__(self, split_count: Any, split_dim: Any, concat_dim: Any, group: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Angle(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ApplyAdaMax(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, m: Any, v: Any, beta1_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any, grad: Any) -> Any: ...

class ApplyAdadelta(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any) -> Any: ...

class ApplyAdagrad(Primitive):
    def __init__(self, update_slots: Any = ...) -> None: ...
    def __call__(self, var: Any, accum: Any, lr: Any, grad: Any) -> Any: ...

class ApplyAdagradV2(Primitive):
    def __init__(self, epsilon: Any, update_slots: Any = ...) -> None: ...
    def __call__(self, var: Any, accum: Any, lr: Any, grad: Any) -> Any: ...

class ApplyAdamWithAmsgrad(Primitive):
    def __init__(self, beta1: Any = ..., beta2: Any = ..., epsilon: Any = ..., use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, m: Any, v: Any, vhat: Any, beta1_power: Any, beta2_power: Any, lr: Any, grad: Any) -> Any: ...

class ApplyAdamWithAmsgradV2(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, m: Any, v: Any, vhat: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any, grad: Any) -> Any: ...

class ApplyAddSign(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any) -> Any: ...

class ApplyCenteredRMSProp(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, mean_gradient: Any, mean_square: Any, moment: Any, grad: Any, learning_rate: Any, decay: Any, momentum: Any, epsilon: Any) -> Any: ...

class ApplyFtrl(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any) -> Any: ...

class ApplyGradientDescent(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, alpha: Any, delta: Any) -> Any: ...

class ApplyKerasMomentum(Primitive):
    def __init__(self, use_locking: Any = ..., use_nesterov: Any = ...) -> None: ...
    def __call__(self, var: Any, accum: Any, lr: Any, grad: Any, momentum: Any) -> Any: ...

class ApplyMomentum(Primitive):
    def __init__(self, use_nesterov: Any = ..., use_locking: Any = ..., gradient_scale: Any = ...) -> None: ...
    def __call__(self, variable: Any, accumulation: Any, learning_rate: Any, gradient: Any, momentum: Any) -> Any: ...

class ApplyPowerSign(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any) -> Any: ...

class ApplyProximalAdagrad(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any) -> Any: ...

class ApplyProximalGradientDescent(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, var: Any, alpha: Any, l1: Any, l2: Any, delta: Any) -> Any: ...

class ApplyRMSProp(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, var: Any, mean_square: Any, moment: Any, learning_rate: Any, grad: Any, decay: Any, momentum: Any, epsilon: Any) -> Any: ...

class ApproximateEqual(Primitive):
    def __init__(self, tolerance: Any = ...) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class ArgMaxWithValue(Primitive):
    def __init__(self, axis: Any = ..., keep_dims: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ArgMinWithValue(Primitive):
    def __init__(self, axis: Any = ..., keep_dims: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Argmax(Primitive):
    def __init__(self, axis: Any = ..., output_type: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Argmin(Primitive):
    def __init__(self, axis: Any = ..., output_type: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Asin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Asinh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Assert(Primitive):
    def __init__(self, summarize: Any = ...) -> None: ...
    def __call__(self, condition: Any, input_data: Any) -> Any: ...

class Assign(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, variable: Any, value: Any) -> Any: ...

class AssignAdd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, variable: Any, value: Any) -> Any: ...

class AssignSub(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, variable: Any, value: Any) -> Any: ...

class Atan(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Atan2(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Atanh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class AvgPool(Primitive):
    def __init__(self, kernel_size: Any = ..., strides: Any = ..., pad_mode: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class AvgPool3D(Primitive):
    def __init__(self, kernel_size: Any = ..., strides: Any = ..., pad_mode: Any = ..., pad: Any = ..., ceil_mode: Any = ..., count_include_pad: Any = ..., divisor_override: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class BCEWithLogitsLoss(Primitive):
    def __init__(self, reduction: Any = ...) -> None: ...
    def __call__(self, input: Any, target: Any, weight: Any = ..., posWeight: Any = ...) -> Any: ...

class BatchMatMul(Primitive):
    def __init__(self, transpose_a: Any = ..., transpose_b: Any = ...) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class BatchNorm(Primitive):
    def __init__(self, is_training: Any = ..., epsilon: Any = ..., momentum: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, input_x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> Any: ...

class Bernoulli(Primitive):
    def __init__(self, seed: Any = ..., offset: Any = ...) -> None: ...
    def __call__(self, x: Any, p: Any) -> Any: ...

class BiasAdd(Primitive):
    def __init__(self, data_format: Any = ...) -> None: ...
    def __call__(self, input_x: Any, bias: Any) -> Any: ...

class BinaryCrossEntropy(Primitive):
    def __init__(self, reduction: Any = ...) -> None: ...
    def __call__(self, input: Any, target: Any, weight: Any = ...) -> Any: ...

class BitwiseAnd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class BitwiseOr(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class BitwiseXor(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class BoundingBoxDecode(Primitive):
    def __init__(self, max_shape: Any, means: Any = ..., stds: Any = ..., wh_ratio_clip: Any = ...) -> None: ...
    def __call__(self, anchor_box: Any, deltas: Any) -> Any: ...

class BoundingBoxEncode(Primitive):
    def __init__(self, means: Any = ..., stds: Any = ...) -> None: ...
    def __call__(self, anchor_box: Any, groundtruth_box: Any) -> Any: ...

class Broadcast(Primitive):
    def __init__(self, root_rank: Any, group: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class BroadcastTo(Primitive):
    def __init__(self, shape: Any) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Bucketize(Primitive):
    def __init__(self, boundaries: Any) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class CTCGreedyDecoder(Primitive):
    def __init__(self, merge_repeated: Any = ...) -> None: ...
    def __call__(self, inputs: Any, sequence_length: Any) -> Any: ...

class CTCLoss(Primitive):
    def __init__(self, preprocess_collapse_repeated: Any = ..., ctc_merge_repeated: Any = ..., ignore_longer_outputs_than_inputs: Any = ...) -> None: ...
    def __call__(self, x: Any, labels_indices: Any, labels_values: Any, sequence_length: Any) -> Any: ...

class CTCLossV2(Primitive):
    def __init__(self, blank: Any = ..., reduction: Any = ..., zero_infinity: Any = ...) -> None: ...
    def __call__(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any: ...

class Cast(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, dtype: Any) -> Any: ...

class CeLU(Primitive):
    def __init__(self, alpha: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Ceil(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ChannelShuffle(Primitive):
    def __init__(self, group: Any) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class CheckValid(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, bboxes: Any, img_metas: Any) -> Any: ...

class Complex(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, real: Any, imag: Any) -> Any: ...

class ComplexAbs(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Concat(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, tensors: Any) -> Any: ...

class Conj(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Conv2D(Primitive):
    def __init__(self, out_channel: Any, kernel_size: Any, mode: Any = ..., pad_mode: Any = ..., pad: Any = ..., stride: Any = ..., dilation: Any = ..., group: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any, weight: Any) -> Any: ...

class Conv2DBackpropInput(Primitive):
    def __init__(self, out_channel: Any, kernel_size: Any, pad_mode: Any = ..., pad: Any = ..., pad_list: Any = ..., mode: Any = ..., stride: Any = ..., dilation: Any = ..., group: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, dout: Any, weight: Any, input_size: Any) -> Any: ...

class Conv2DTranspose(Primitive):
    def __init__(self, out_channel: Any, kernel_size: Any, pad_mode: Any = ..., pad: Any = ..., pad_list: Any = ..., mode: Any = ..., stride: Any = ..., dilation: Any = ..., group: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, dout: Any, weight: Any, input_size: Any) -> Any: ...

class Conv3D(Primitive):
    def __init__(self, out_channel: Any, kernel_size: Any, mode: Any = ..., pad_mode: Any = ..., pad: Any = ..., stride: Any = ..., dilation: Any = ..., group: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any, weight: Any) -> Any: ...

class Cos(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Cosh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class CountNonZero(Primitive):
    def __init__(self, dims: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class CropAndResize(Primitive):
    def __init__(self, method: Any = ..., extrapolation_value: Any = ...) -> None: ...
    def __call__(self, x: Any, boxes: Any, box_indices: Any, crop_size: Any) -> Any: ...

class CumProd(Primitive):
    def __init__(self, exclusive: Any = ..., reverse: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any) -> Any: ...

class CumSum(Primitive):
    def __init__(self, exclusive: Any = ..., reverse: Any = ...) -> None: ...
    def __call__(self, input: Any, axis: Any) -> Any: ...

class DType(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class DeformableOffsets(Primitive):
    def __init__(self, strides: Any, pads: Any, ksize: Any, dilations: Any = ..., data_format: Any = ..., deformable_groups: Any = ..., modulated: Any = ...) -> None: ...
    def __call__(self, x: Any, offsets: Any) -> Any: ...

class Dense(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, weight: Any, bias: Any = ...) -> Any: ...

class Depend(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, value: Any, expr: Any) -> Any: ...

class DepthToSpace(Primitive):
    def __init__(self, block_size: Any) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Diag(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class DiagPart(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Div(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class DivNoNan(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Dropout(Primitive):
    def __init__(self, keep_prob: Any = ..., Seed0: Any = ..., Seed1: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Dropout2D(Primitive):
    def __init__(self, keep_prob: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Dropout3D(Primitive):
    def __init__(self, keep_prob: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class DropoutDoMask(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, mask: Any, keep_prob: Any) -> Any: ...

class DropoutGenMask(Primitive):
    def __init__(self, Seed0: Any = ..., Seed1: Any = ...) -> None: ...
    def __call__(self, shape: Any, keep_prob: Any) -> Any: ...

class DynamicGRUV2(Primitive):
    def __init__(self, direction: Any = ..., cell_depth: Any = ..., keep_prob: Any = ..., cell_clip: Any = ..., num_proj: Any = ..., time_major: Any = ..., activation: Any = ..., gate_order: Any = ..., reset_after: Any = ..., is_training: Any = ...) -> None: ...
    def __call__(self, x: Any, weight_input: Any, weight_hidden: Any, bias_input: Any, bias_hidden: Any, seq_length: Any, init_h: Any) -> Any: ...

class DynamicRNN(Primitive):
    def __init__(self, cell_type: Any = ..., direction: Any = ..., cell_depth: Any = ..., use_peephole: Any = ..., keep_prob: Any = ..., cell_clip: Any = ..., num_proj: Any = ..., time_major: Any = ..., activation: Any = ..., forget_bias: Any = ..., is_training: Any = ...) -> None: ...
    def __call__(self, x: Any, w: Any, b: Any, seq_length: Any = ..., init_h: Any = ..., init_c: Any = ...) -> Any: ...

class Eig(Primitive):
    def __init__(self, compute_v: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Einsum(Primitive):
    def __init__(self, equation: Any) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Elu(Primitive):
    def __init__(self, alpha: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Eps(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Equal(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Erf(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class EuclideanNorm(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axes: Any) -> Any: ...

class Exp(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Expand(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, shape: Any) -> Any: ...

class ExpandDims(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, axis: Any) -> Any: ...

class Expm1(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Eye(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, n: Any, m: Any = ..., dtype: Any = ...) -> Any: ...

class FFTWithSize(Primitive):
    def __init__(self, signal_ndim: Any, inverse: Any, real: Any, norm: Any = ..., onesided: Any = ..., signal_sizes: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class FastGeLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class FastGelu(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Fill(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, dtype: Any, dims: Any, x: Any) -> Any: ...

class FillV2(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, shape: Any, value: Any) -> Any: ...

class Fills(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, value: Any) -> Any: ...

class Flatten(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class FloatStatus(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Floor(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class FloorDiv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class FloorMod(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Fmax(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x1: Any, x2: Any) -> Any: ...

class Fmin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x1: Any, x2: Any) -> Any: ...

class FusedWeightScaleApplyMomentum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, weight_decay: Any, scale: Any, variable: Any, accumulation: Any, learning_rate: Any, gradient: Any, momentum: Any) -> Any: ...

class GLU(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Gather(Primitive):
    def __init__(self, batch_dims: Any = ...) -> None: ...
    def __call__(self, input_params: Any, input_indices: Any, axis: Any) -> Any: ...

class GatherD(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, dim: Any, index: Any) -> Any: ...

class GatherNd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any) -> Any: ...

class GatherV2(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_params: Any, input_indices: Any, axis: Any) -> Any: ...

class GeLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Gelu(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Ger(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x1: Any, x2: Any) -> Any: ...

class Greater(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class GreaterEqual(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class HShrink(Primitive):
    def __init__(self, lambd: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class HSigmoid(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class HSwish(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Heaviside(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, values: Any) -> Any: ...

class HistogramSummary(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, name: Any, value: Any) -> Any: ...

class Hypot(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x1: Any, x2: Any) -> Any: ...

class IOU(Primitive):
    def __init__(self, mode: Any = ...) -> None: ...
    def __call__(self, anchor_boxes: Any, gt_boxes: Any) -> Any: ...

class Identity(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class IdentityN(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Imag(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ImageSummary(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, name: Any, value: Any) -> Any: ...

class IndexAdd(Primitive):
    def __init__(self, axis: Any, use_lock: Any = ..., check_index_bound: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, input_y: Any) -> Any: ...

class InplaceAdd(Primitive):
    def __init__(self, indices: Any) -> None: ...
    def __call__(self, x: Any, input_v: Any) -> Any: ...

class InplaceIndexAdd(Primitive):
    def __init__(self, axis: Any) -> None: ...
    def __call__(self, var: Any, indices: Any, updates: Any) -> Any: ...

class InplaceSub(Primitive):
    def __init__(self, indices: Any) -> None: ...
    def __call__(self, x: Any, input_v: Any) -> Any: ...

class InplaceUpdate(Primitive):
    def __init__(self, indices: Any) -> None: ...
    def __call__(self, x: Any, input_v: Any) -> Any: ...

class Inv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Invert(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class InvertPermutation(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class IsClose(Primitive):
    def __init__(self, rtol: Any = ..., atol: Any = ..., equal_nan: Any = ...) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class IsFinite(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class IsInf(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class IsNan(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class KLDivLoss(Primitive):
    def __init__(self, reduction: Any = ...) -> None: ...
    def __call__(self, logits: Any, labels: Any) -> Any: ...

class L2Loss(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class L2Normalize(Primitive):
    def __init__(self, axis: Any = ..., epsilon: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class LRN(Primitive):
    def __init__(self, depth_radius: Any = ..., bias: Any = ..., alpha: Any = ..., beta: Any = ..., norm_region: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class LayerNorm(Primitive):
    def __init__(self, begin_norm_axis: Any = ..., begin_params_axis: Any = ..., epsilon: Any = ...) -> None: ...
    def __call__(self, input_x: Any, gamma: Any, beta: Any) -> Any: ...

class LeftShift(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x1: Any, x2: Any) -> Any: ...

class Lerp(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, end: Any, weight: Any) -> Any: ...

class LerpScalar(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, end: Any, weight: Any) -> Any: ...

class Less(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class LessEqual(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class LinSpace(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, start: Any, stop: Any, num: Any) -> Any: ...

class Log(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Log1p(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class LogSoftmax(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, logits: Any) -> Any: ...

class LogSoftmaxExt(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, dim: Any = ..., dtype: Any = ...) -> Any: ...

class LogSpace(Primitive):
    def __init__(self, steps: Any = ..., base: Any = ..., dtype: Any = ...) -> None: ...
    def __call__(self, start: Any, end: Any) -> Any: ...

class LogicalAnd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class LogicalNot(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class LogicalOr(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class LogicalXor(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Logit(Primitive):
    def __init__(self, eps: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class LpNorm(Primitive):
    def __init__(self, axis: Any, p: Any = ..., keep_dims: Any = ..., epsilon: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class MaskedFill(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, mask: Any, value: Any) -> Any: ...

class MaskedScatter(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, mask: Any, source: Any) -> Any: ...

class MaskedSelect(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, mask: Any) -> Any: ...

class MatMul(Primitive):
    def __init__(self, transpose_a: Any = ..., transpose_b: Any = ...) -> None: ...
    def __call__(self, input: Any, mat2: Any) -> Any: ...

class MaxPool(Primitive):
    def __init__(self, kernel_size: Any = ..., strides: Any = ..., pad_mode: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class MaxPool3D(Primitive):
    def __init__(self, kernel_size: Any = ..., strides: Any = ..., pad_mode: Any = ..., pad_list: Any = ..., ceil_mode: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class MaxPoolWithArgmax(Primitive):
    def __init__(self, kernel_size: Any = ..., strides: Any = ..., pad_mode: Any = ..., data_format: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class MaxPoolWithArgmaxV2(Primitive):
    def __init__(self, kernel_size: Any, strides: Any = ..., pads: Any = ..., dilation: Any = ..., ceil_mode: Any = ..., argmax_type: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Maximum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Meshgrid(Primitive):
    def __init__(self, indexing: Any = ...) -> None: ...
    def __call__(self, inputs: Any) -> Any: ...

class Minimum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class MirrorPad(Primitive):
    def __init__(self, mode: Any = ...) -> None: ...
    def __call__(self, input_x: Any, paddings: Any) -> Any: ...

class Mish(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Mod(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Mul(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class MulNoNan(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Multinomial(Primitive):
    def __init__(self, seed: Any = ..., seed2: Any = ..., dtype: Any = ...) -> None: ...
    def __call__(self, x: Any, num_samples: Any) -> Any: ...

class NLLLoss(Primitive):
    def __init__(self, reduction: Any = ..., ignore_index: Any = ...) -> None: ...
    def __call__(self, logits: Any, labels: Any, weight: Any) -> Any: ...

class NMSWithMask(Primitive):
    def __init__(self, iou_threshold: Any = ...) -> None: ...
    def __call__(self, bboxes: Any) -> Any: ...

class NPUAllocFloatStatus(Primitive):
    def __init__(self) -> None: ...
    def __call__(self) -> Any: ...

class NPUClearFloatStatus(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class NPUGetFloatStatus(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class NanToNum(Primitive):
    def __init__(self, nan: Any = ..., posinf: Any = ..., neginf: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Neg(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class NonZero(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class NotEqual(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class OneHot(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, indices: Any, depth: Any, on_value: Any = ..., off_value: Any = ...) -> Any: ...

class Ones(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, shape: Any, dtype: Any = ...) -> Any: ...

class OnesLike(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class PReLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, weight: Any) -> Any: ...

class Pack(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Pad(Primitive):
    def __init__(self, paddings: Any) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class PadV3(Primitive):
    def __init__(self, mode: Any = ..., paddings_contiguous: Any = ...) -> None: ...
    def __call__(self, x: Any, paddings: Any, constant_value: Any = ...) -> Any: ...

class Partial(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, func: Any, args: Any) -> Any: ...

class Polar(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, abs: Any, angle: Any) -> Any: ...

class Pow(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, exponent: Any) -> Any: ...

class Print(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class ROIAlign(Primitive):
    def __init__(self, pooled_height: Any, pooled_width: Any, spatial_scale: Any, sample_num: Any = ..., roi_end_mode: Any = ...) -> None: ...
    def __call__(self, features: Any, rois: Any) -> Any: ...

class RandomChoiceWithMask(Primitive):
    def __init__(self, count: Any = ..., seed: Any = ..., seed2: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class RandpermV2(Primitive):
    def __init__(self, seed: Any = ..., offset: Any = ..., dtype: Any = ...) -> None: ...
    def __call__(self, n: Any) -> Any: ...

class Range(Primitive):
    def __init__(self, maxlen: Any = ...) -> None: ...
    def __call__(self, start: Any, end: Any, step: Any) -> Any: ...

class Rank(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class ReLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ReLU6(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Real(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class RealDiv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Reciprocal(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class ReduceAll(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, input: Any, axis: Any = ...) -> Any: ...

class ReduceAny(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceMax(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceMean(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceMin(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceProd(Primitive):
    def __init__(self, keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class ReduceScatter(Primitive):
    def __init__(self, op: Any = ..., group: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class ReduceStd(Primitive):
    def __init__(self, axis: Any = ..., unbiased: Any = ..., keep_dims: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class ReduceSum(Primitive):
    def __init__(self, keep_dims: Any = ..., skip_mode: Any = ...) -> None: ...
    def __call__(self, x: Any, axis: Any = ...) -> Any: ...

class Reshape(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, shape: Any) -> Any: ...

class ResizeBilinear(Primitive):
    def __init__(self, size: Any, align_corners: Any = ..., half_pixel_centers: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class ResizeBilinearV2(Primitive):
    def __init__(self, align_corners: Any = ..., half_pixel_centers: Any = ...) -> None: ...
    def __call__(self, image: Any, size: Any) -> Any: ...

class ResizeNearestNeighbor(Primitive):
    def __init__(self, size: Any, align_corners: Any = ..., half_pixel_centers: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class ResizeNearestNeighborV2(Primitive):
    def __init__(self, align_corners: Any = ..., half_pixel_centers: Any = ...) -> None: ...
    def __call__(self, image: Any, size: Any) -> Any: ...

class ReverseSequence(Primitive):
    def __init__(self, seq_dim: Any, batch_dim: Any = ...) -> None: ...
    def __call__(self, x: Any, seq_lengths: Any) -> Any: ...

class ReverseV2(Primitive):
    def __init__(self, axis: Any) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class RightShift(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, input_y: Any) -> Any: ...

class Rint(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class RmsNorm(Primitive):
    def __init__(self, epsilon: Any = ...) -> None: ...
    def __call__(self, x: Any, gamma: Any) -> Any: ...

class Roll(Primitive):
    def __init__(self, shifts: Any, dims: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Round(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, decimals: Any = ...) -> Any: ...

class Rsqrt(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class SGD(Primitive):
    def __init__(self, dampening: Any = ..., weight_decay: Any = ..., nesterov: Any = ...) -> None: ...
    def __call__(self, parameters: Any, gradient: Any, learning_rate: Any, accum: Any, momentum: Any, stat: Any) -> Any: ...

class ScalarCast(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, input_y: Any) -> Any: ...

class ScalarSummary(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, name: Any, value: Any) -> Any: ...

class ScalarToArray(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class ScalarToTensor(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, dtype: Any = ...) -> Any: ...

class ScatterAdd(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterDiv(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterMax(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterMin(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterMul(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, indices: Any, updates: Any, shape: Any) -> Any: ...

class ScatterNdAdd(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdDiv(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdMax(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdMin(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdMul(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdSub(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterNdUpdate(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterSub(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class ScatterUpdate(Primitive):
    def __init__(self, use_locking: Any = ...) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class SeLU(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class SearchSorted(Primitive):
    def __init__(self, dtype: Any = ..., right: Any = ...) -> None: ...
    def __call__(self, sorted_sequence: Any, values: Any, sorter: Any = ...) -> Any: ...

class Select(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, condition: Any, input: Any, other: Any) -> Any: ...

class Shape(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Sigmoid(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class SigmoidCrossEntropyWithLogits(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, logits: Any, label: Any) -> Any: ...

class Sign(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Sin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Sinh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Size(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Slice(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, begin: Any, size: Any) -> Any: ...

class SmoothL1Loss(Primitive):
    def __init__(self, beta: Any = ..., reduction: Any = ...) -> None: ...
    def __call__(self, prediction: Any, target: Any) -> Any: ...

class SoftShrink(Primitive):
    def __init__(self, lambd: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Softmax(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class SoftmaxCrossEntropyWithLogits(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, logits: Any, labels: Any) -> Any: ...

class Softplus(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Softsign(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Sort(Primitive):
    def __init__(self, axis: Any = ..., descending: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class SpaceToDepth(Primitive):
    def __init__(self, block_size: Any) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class SparseSoftmaxCrossEntropyWithLogits(Primitive):
    def __init__(self, is_grad: Any = ...) -> None: ...
    def __call__(self, logits: Any, labels: Any) -> Any: ...

class Split(Primitive):
    def __init__(self, axis: Any = ..., output_num: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class SplitV(Primitive):
    def __init__(self, size_splits: Any, split_dim: Any, num_split: Any) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class SplitWithSize(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, tensor: Any, split_size: Any, axis: Any = ...) -> Any: ...

class Sqrt(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Square(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class SquareSumAll(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class SquaredDifference(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Squeeze(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Stack(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class StandardNormal(Primitive):
    def __init__(self, seed: Any = ..., seed2: Any = ...) -> None: ...
    def __call__(self, shape: Any) -> Any: ...

class StopGradient(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, value: Any) -> Any: ...

class StridedSlice(Primitive):
    def __init__(self, begin_mask: Any = ..., end_mask: Any = ..., ellipsis_mask: Any = ..., new_axis_mask: Any = ..., shrink_axis_mask: Any = ...) -> None: ...
    def __call__(self, input_x: Any, begin: Any, end: Any, strides: Any) -> Any: ...

class Sub(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Tan(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Tanh(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class TensorAdd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class TensorScatterAdd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterDiv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterElements(Primitive):
    def __init__(self, axis: Any = ..., reduction: Any = ...) -> None: ...
    def __call__(self, data: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterMax(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterMin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterMul(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterSub(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorScatterUpdate(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, indices: Any, updates: Any) -> Any: ...

class TensorShape(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class TensorSummary(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, name: Any, value: Any) -> Any: ...

class TensorToTuple(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Tile(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, dims: Any) -> Any: ...

class TopK(Primitive):
    def __init__(self, sorted: Any = ...) -> None: ...
    def __call__(self, input_x: Any, k: Any) -> Any: ...

class Trace(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class Transpose(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, dims: Any) -> Any: ...

class Tril(Primitive):
    def __init__(self, diagonal: Any = ...) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class TrilIndices(Primitive):
    def __init__(self, row: Any, col: Any, offset: Any = ..., dtype: Any = ...) -> None: ...
    def __call__(self) -> Any: ...

class Triu(Primitive):
    def __init__(self, diagonal: Any = ...) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class TriuIndices(Primitive):
    def __init__(self, row: Any, col: Any, offset: Any = ..., dtype: Any = ...) -> None: ...
    def __call__(self) -> Any: ...

class Trunc(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any) -> Any: ...

class TruncateDiv(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class TruncateMod(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class TupleToArray(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class UniformInt(Primitive):
    def __init__(self, seed: Any = ..., seed2: Any = ...) -> None: ...
    def __call__(self, shape: Any, minval: Any, maxval: Any) -> Any: ...

class UniformReal(Primitive):
    def __init__(self, seed: Any = ..., seed2: Any = ...) -> None: ...
    def __call__(self, shape: Any) -> Any: ...

class Unique(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

class Unpack(Primitive):
    def __init__(self, axis: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class UnravelIndex(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, indices: Any, dims: Any) -> Any: ...

class UnsortedSegmentMax(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, segment_ids: Any, num_segments: Any) -> Any: ...

class UnsortedSegmentMin(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, segment_ids: Any, num_segments: Any) -> Any: ...

class UnsortedSegmentProd(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, segment_ids: Any, num_segments: Any) -> Any: ...

class UnsortedSegmentSum(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input_x: Any, segment_ids: Any, num_segments: Any) -> Any: ...

class Unstack(Primitive):
    def __init__(self, axis: Any = ..., num: Any = ...) -> None: ...
    def __call__(self, input_x: Any) -> Any: ...

class Xdivy(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any, y: Any) -> Any: ...

class Xlogy(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, input: Any, other: Any) -> Any: ...

class Zeros(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, size: Any, dtype: Any = ...) -> Any: ...

class ZerosLike(Primitive):
    def __init__(self) -> None: ...
    def __call__(self, x: Any) -> Any: ...

__all__ = [
    "ACos",
    "Abs",
    "AccumulateNV2",
    "Acosh",
    "Adam",
    "AdamWeightDecay",
    "AdaptiveAvgPool2D",
    "Add",
    "AddN",
    "Addcdiv",
    "Addcmul",
    "AllGather",
    "AllReduce",
    "AlltoAll",
    "Angle",
    "ApplyAdaMax",
    "ApplyAdadelta",
    "ApplyAdagrad",
    "ApplyAdagradV2",
    "ApplyAdamWithAmsgrad",
    "ApplyAdamWithAmsgradV2",
    "ApplyAddSign",
    "ApplyCenteredRMSProp",
    "ApplyFtrl",
    "ApplyGradientDescent",
    "ApplyKerasMomentum",
    "ApplyMomentum",
    "ApplyPowerSign",
    "ApplyProximalAdagrad",
    "ApplyProximalGradientDescent",
    "ApplyRMSProp",
    "ApproximateEqual",
    "ArgMaxWithValue",
    "ArgMinWithValue",
    "Argmax",
    "Argmin",
    "Asin",
    "Asinh",
    "Assert",
    "Assign",
    "AssignAdd",
    "AssignSub",
    "Atan",
    "Atan2",
    "Atanh",
    "AvgPool",
    "AvgPool3D",
    "BCEWithLogitsLoss",
    "BatchMatMul",
    "BatchNorm",
    "Bernoulli",
    "BiasAdd",
    "BinaryCrossEntropy",
    "BitwiseAnd",
    "BitwiseOr",
    "BitwiseXor",
    "BoundingBoxDecode",
    "BoundingBoxEncode",
    "Broadcast",
    "BroadcastTo",
    "Bucketize",
    "CTCGreedyDecoder",
    "CTCLoss",
    "CTCLossV2",
    "Cast",
    "CeLU",
    "Ceil",
    "ChannelShuffle",
    "CheckValid",
    "Complex",
    "ComplexAbs",
    "Concat",
    "Conj",
    "Conv2D",
    "Conv2DBackpropInput",
    "Conv2DTranspose",
    "Conv3D",
    "Cos",
    "Cosh",
    "CountNonZero",
    "CropAndResize",
    "CumProd",
    "CumSum",
    "Custom",
    "DType",
    "DeformableOffsets",
    "Dense",
    "Depend",
    "DepthToSpace",
    "Diag",
    "DiagPart",
    "Div",
    "DivNoNan",
    "Dropout",
    "Dropout2D",
    "Dropout3D",
    "DropoutDoMask",
    "DropoutGenMask",
    "DynamicGRUV2",
    "DynamicRNN",
    "Eig",
    "Einsum",
    "Elu",
    "Eps",
    "Equal",
    "Erf",
    "EuclideanNorm",
    "Exp",
    "Expand",
    "ExpandDims",
    "Expm1",
    "Eye",
    "FFTWithSize",
    "FastGeLU",
    "FastGelu",
    "Fill",
    "FillV2",
    "Fills",
    "Flatten",
    "FloatStatus",
    "Floor",
    "FloorDiv",
    "FloorMod",
    "Fmax",
    "Fmin",
    "FusedWeightScaleApplyMomentum",
    "GLU",
    "Gather",
    "GatherD",
    "GatherNd",
    "GatherV2",
    "GeLU",
    "Gelu",
    "Generator",
    "Ger",
    "GradOperation",
    "Greater",
    "GreaterEqual",
    "HShrink",
    "HSigmoid",
    "HSwish",
    "Heaviside",
    "HistogramSummary",
    "HyperMap",
    "Hypot",
    "IOU",
    "Identity",
    "IdentityN",
    "Imag",
    "ImageSummary",
    "IndexAdd",
    "InplaceAdd",
    "InplaceIndexAdd",
    "InplaceSub",
    "InplaceUpdate",
    "Inv",
    "Invert",
    "InvertPermutation",
    "IsClose",
    "IsFinite",
    "IsInf",
    "IsNan",
    "KLDivLoss",
    "L2Loss",
    "L2Normalize",
    "LRN",
    "LayerNorm",
    "LeftShift",
    "Lerp",
    "LerpScalar",
    "Less",
    "LessEqual",
    "LinSpace",
    "Log",
    "Log1p",
    "LogSoftmax",
    "LogSoftmaxExt",
    "LogSpace",
    "LogicalAnd",
    "LogicalNot",
    "LogicalOr",
    "LogicalXor",
    "Logit",
    "LpNorm",
    "Map",
    "MaskedFill",
    "MaskedScatter",
    "MaskedSelect",
    "MatMul",
    "MaxPool",
    "MaxPool3D",
    "MaxPoolWithArgmax",
    "MaxPoolWithArgmaxV2",
    "Maximum",
    "Meshgrid",
    "Minimum",
    "MirrorPad",
    "Mish",
    "Mod",
    "Mul",
    "MulNoNan",
    "Multinomial",
    "MultitypeFuncGraph",
    "NLLLoss",
    "NMSWithMask",
    "NPUAllocFloatStatus",
    "NPUClearFloatStatus",
    "NPUGetFloatStatus",
    "NanToNum",
    "Neg",
    "NonZero",
    "NotEqual",
    "OneHot",
    "Ones",
    "OnesLike",
    "PReLU",
    "Pack",
    "Pad",
    "PadV3",
    "Partial",
    "Polar",
    "Pow",
    "Primitive",
    "PrimitiveWithCheck",
    "PrimitiveWithInfer",
    "Print",
    "PyFunc",
    "ROIAlign",
    "RandomChoiceWithMask",
    "RandpermV2",
    "Range",
    "Rank",
    "ReLU",
    "ReLU6",
    "Real",
    "RealDiv",
    "Reciprocal",
    "ReduceAll",
    "ReduceAny",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceOp",
    "ReduceProd",
    "ReduceScatter",
    "ReduceStd",
    "ReduceSum",
    "Reshape",
    "ResizeBilinear",
    "ResizeBilinearV2",
    "ResizeNearestNeighbor",
    "ResizeNearestNeighborV2",
    "ReverseSequence",
    "ReverseV2",
    "RightShift",
    "Rint",
    "RmsNorm",
    "Roll",
    "Round",
    "Rsqrt",
    "SGD",
    "ScalarCast",
    "ScalarSummary",
    "ScalarToArray",
    "ScalarToTensor",
    "ScatterAdd",
    "ScatterDiv",
    "ScatterMax",
    "ScatterMin",
    "ScatterMul",
    "ScatterNd",
    "ScatterNdAdd",
    "ScatterNdDiv",
    "ScatterNdMax",
    "ScatterNdMin",
    "ScatterNdMul",
    "ScatterNdSub",
    "ScatterNdUpdate",
    "ScatterSub",
    "ScatterUpdate",
    "SeLU",
    "SearchSorted",
    "Select",
    "Shape",
    "Sigmoid",
    "SigmoidCrossEntropyWithLogits",
    "Sign",
    "Sin",
    "Sinh",
    "Size",
    "Slice",
    "SmoothL1Loss",
    "SoftShrink",
    "Softmax",
    "SoftmaxCrossEntropyWithLogits",
    "Softplus",
    "Softsign",
    "Sort",
    "SpaceToDepth",
    "SparseSoftmaxCrossEntropyWithLogits",
    "Split",
    "SplitV",
    "SplitWithSize",
    "Sqrt",
    "Square",
    "SquareSumAll",
    "SquaredDifference",
    "Squeeze",
    "Stack",
    "StandardNormal",
    "StopGradient",
    "StridedSlice",
    "Sub",
    "Tan",
    "Tanh",
    "TensorAdd",
    "TensorScatterAdd",
    "TensorScatterDiv",
    "TensorScatterElements",
    "TensorScatterMax",
    "TensorScatterMin",
    "TensorScatterMul",
    "TensorScatterSub",
    "TensorScatterUpdate",
    "TensorShape",
    "TensorSummary",
    "TensorToTuple",
    "Tile",
    "TopK",
    "Trace",
    "Transpose",
    "Tril",
    "TrilIndices",
    "Triu",
    "TriuIndices",
    "Trunc",
    "TruncateDiv",
    "TruncateMod",
    "TupleToArray",
    "UniformInt",
    "UniformReal",
    "Unique",
    "Unpack",
    "UnravelIndex",
    "UnsortedSegmentMax",
    "UnsortedSegmentMin",
    "UnsortedSegmentProd",
    "UnsortedSegmentSum",
    "Unstack",
    "Xdivy",
    "Xlogy",
    "Zeros",
    "ZerosLike",
    "abs",
    "absolute",
    "acos",
    "acosh",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "add",
    "add_flags",
    "addbmm",
    "addcdiv",
    "addcmul",
    "addmm",
    "addmv",
    "addn",
    "addr",
    "adjoint",
    "affine_grid",
    "all",
    "allclose",
    "amax",
    "amin",
    "aminmax",
    "angle",
    "any",
    "approximate_equal",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "argwhere",
    "as_tensor",
    "asin",
    "asinh",
    "assert_",
    "assign",
    "assign_add",
    "assign_sub",
    "atan",
    "atan2",
    "atanh",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "baddbmm",
    "bartlett_window",
    "batch_dot",
    "batch_norm",
    "bernoulli",
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "bessel_j0",
    "bessel_j1",
    "bessel_k0",
    "bessel_k0e",
    "bessel_k1",
    "bessel_k1e",
    "bessel_y0",
    "bessel_y1",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "bincount",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "blackman_window",
    "block_diag",
    "bmm",
    "bounding_box_decode",
    "bounding_box_encode",
    "broadcast_to",
    "bucketize",
    "cartesian_prod",
    "cast",
    "cat",
    "cdist",
    "ceil",
    "celu",
    "channel_shuffle",
    "check_valid",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "chunk",
    "clamp",
    "clip",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "col2im",
    "column_stack",
    "combinations",
    "complex",
    "concat",
    "cond",
    "conj",
    "constexpr",
    "conv1d",
    "conv2d",
    "conv3d",
    "copysign",
    "cos",
    "cosh",
    "cosine_embedding_loss",
    "cosine_similarity",
    "count_nonzero",
    "cov",
    "crop_and_resize",
    "cross",
    "cross_entropy",
    "ctc_loss",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "custom_derivative",
    "default_generator",
    "deformable_conv2d",
    "deg2rad",
    "dense",
    "depend",
    "dequantize",
    "det",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "diff",
    "digamma",
    "dist",
    "div",
    "divide",
    "dot",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "dsplit",
    "dstack",
    "eig",
    "eigvals",
    "einsum",
    "elu",
    "embedding",
    "eq",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fast_gelu",
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "fill",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "float_power",
    "floor",
    "floor_div",
    "floor_divide",
    "floor_mod",
    "fmax",
    "fmin",
    "fmod",
    "fold",
    "fori_loop",
    "frac",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "full",
    "full_like",
    "gather",
    "gather_d",
    "gather_elements",
    "gather_nd",
    "gaussian_nll_loss",
    "gcd",
    "ge",
    "gelu",
    "geqrf",
    "ger",
    "get_seed",
    "glu",
    "greater",
    "greater_equal",
    "grid_sample",
    "gt",
    "gumbel_softmax",
    "hamming_window",
    "hann_window",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "hfft",
    "hfft2",
    "hfftn",
    "hinge_embedding_loss",
    "histc",
    "hsplit",
    "hstack",
    "huber_loss",
    "hypot",
    "i0",
    "identity",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "igamma",
    "igammac",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "imag",
    "index_add",
    "index_fill",
    "index_select",
    "inner",
    "interpolate",
    "intopk",
    "inv",
    "inverse",
    "invert",
    "iou",
    "irfft",
    "irfft2",
    "irfftn",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_tensor",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "kaiser_window",
    "kl_div",
    "kron",
    "l1_loss",
    "layer_norm",
    "lcm",
    "ldexp",
    "le",
    "leaky_relu",
    "lerp",
    "less",
    "less_equal",
    "lgamma",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_matrix_determinant",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logcumsumexp",
    "logdet",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logsigmoid",
    "logspace",
    "logsumexp",
    "lp_pool1d",
    "lp_pool2d",
    "lrn",
    "lstsq",
    "lt",
    "lu_solve",
    "lu_unpack",
    "make_range",
    "margin_ranking_loss",
    "masked_fill",
    "masked_select",
    "matmul",
    "matrix_band_part",
    "matrix_determinant",
    "matrix_diag",
    "matrix_diag_part",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_set_diag",
    "matrix_solve",
    "max",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mixed_precision_cast",
    "mm",
    "moveaxis",
    "movedim",
    "mse_loss",
    "msort",
    "mul",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "multinomial",
    "multiply",
    "mv",
    "mvlgamma",
    "nan_to_num",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "nextafter",
    "nll_loss",
    "nonzero",
    "norm",
    "normal",
    "not_equal",
    "numel",
    "one_hot",
    "ones",
    "ones_like",
    "orgqr",
    "ormqr",
    "outer",
    "pad",
    "partial",
    "pdist",
    "permute",
    "pinv",
    "pixel_shuffle",
    "pixel_unshuffle",
    "polar",
    "polygamma",
    "population_count",
    "positive",
    "pow",
    "pows",
    "prelu",
    "prim_attr_register",
    "prims",
    "print_",
    "prod",
    "qr",
    "quantile",
    "quantize",
    "rad2deg",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "range",
    "rank",
    "ravel",
    "real",
    "reciprocal",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "relu",
    "relu6",
    "remainder",
    "renorm",
    "repeat_elements",
    "repeat_interleave",
    "reshape",
    "reverse",
    "reverse_sequence",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
    "rms_norm",
    "roll",
    "rot90",
    "round",
    "row_stack",
    "rrelu",
    "rsqrt",
    "scalar_cast",
    "scalar_to_array",
    "scalar_to_tensor",
    "scan",
    "scatter_add",
    "scatter_div",
    "scatter_max",
    "scatter_min",
    "scatter_mul",
    "scatter_nd",
    "scatter_nd_add",
    "scatter_nd_div",
    "scatter_nd_max",
    "scatter_nd_min",
    "scatter_nd_mul",
    "scatter_nd_sub",
    "scatter_nd_update",
    "scatter_update",
    "searchsorted",
    "select",
    "select_scatter",
    "selu",
    "sequence_mask",
    "set_seed",
    "sgn",
    "shape",
    "shuffle",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "size",
    "slice",
    "slice_scatter",
    "slogdet",
    "smooth_l1_loss",
    "soft_margin_loss",
    "soft_shrink",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "standard_normal",
    "std",
    "std_mean",
    "stft",
    "stop_gradient",
    "strided_slice",
    "sub",
    "subtract",
    "sum",
    "svd",
    "swapaxes",
    "swapdims",
    "swiglu",
    "tan",
    "tanh",
    "tanhshrink",
    "tensor",
    "tensor_add",
    "tensor_div",
    "tensor_dot",
    "tensor_floordiv",
    "tensor_ge",
    "tensor_gt",
    "tensor_le",
    "tensor_lt",
    "tensor_mod",
    "tensor_mul",
    "tensor_pow",
    "tensor_scatter_add",
    "tensor_scatter_div",
    "tensor_scatter_elements",
    "tensor_scatter_max",
    "tensor_scatter_min",
    "tensor_scatter_mul",
    "tensor_scatter_sub",
    "tensor_scatter_update",
    "tensor_split",
    "tensor_sub",
    "threshold",
    "tile",
    "top_k",
    "topk",
    "trace",
    "transpose",
    "trapz",
    "tril",
    "tril_indices",
    "triplet_margin_loss",
    "triu",
    "triu_indices",
    "true_divide",
    "trunc",
    "truncate_div",
    "truncate_mod",
    "tuple_len",
    "tuple_to_array",
    "unbind",
    "unfold",
    "uniform",
    "unique",
    "unique_consecutive",
    "unique_with_pad",
    "unsorted_segment_max",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sum",
    "unsqueeze",
    "unstack",
    "upsample",
    "vander",
    "var",
    "var_mean",
    "vector_norm",
    "view_as_complex",
    "view_as_real",
    "vsplit",
    "vstack",
    "where",
    "while_loop",
    "xdivy",
    "xlogy",
    "zeros",
    "zeros_like",
    "zeta",
]
