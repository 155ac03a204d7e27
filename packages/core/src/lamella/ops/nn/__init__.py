"""Functions of neural networks."""

from lamella.ops.nn import (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
)

#: Their `__all__` are what `lamella.ops` offers.
MODULES = (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
)

#: Modules that are loaded when one of their functions is first used, with their `__all__`.
LATER = {
    "deformable": ["deformable_conv2d"],
    "resizing": ["interpolate"],
    "boxes": ["bounding_box_decode", "bounding_box_encode", "check_valid", "crop_and_resize", "iou"],
    "ctc": ["ctc_loss"],
    "units": [
        "celu",
        "fast_gelu",
        "glu",
        "hardshrink",
        "hardtanh",
        "logit",
        "prelu",
        "selu",
        "softmin",
        "softshrink",
        "softsign",
        "tanhshrink",
        "threshold",
    ],
}
