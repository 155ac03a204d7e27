"""Networks, or some of their cells, made to compute in 16 bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import ops, tree
from lamella.amp.scaling import DynamicLossScaleManager, LossScaleManager
from lamella.dtypes import DType, as_dtype, bfloat16, float16, float32
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.layers.basic import Dense
from lamella.nn.layers.conv import Conv1d, Conv1dTranspose, Conv2d, Conv2dTranspose, Conv3d, Conv3dTranspose
from lamella.nn.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm
from lamella.nn.layers.recurrent import GRUCell, LSTMCell, RNNCell
from lamella.nn.loss_scaling import TrainOneStepWithLossScaleCell
from lamella.nn.wrap import TrainOneStepCell, WithLossCell
from lamella.ops.classes.primitive import Primitive
from lamella.tensor import Tensor

#: What is cast to 16 bits, and how BatchNorm and the loss scale are treated, by the level of `build_train_network`.
_LEVELS: dict[str, tuple[bool, bool, bool]] = {  # to 16 bits, normalizations stay, the loss is scaled
    "O0": (False, False, False),
    "O1": (True, True, False),
    "O2": (True, True, True),
    "O3": (True, False, False),
}


def get_white_list() -> list[type[Any]]:
    """The cells and primitives that level "O1" computes in 16 bits, in a list of one's own.

    Examples:
        >>> from lamella import amp, nn
        >>> nn.Dense in amp.get_white_list()
        True
    """
    cells = [Conv1d, Conv2d, Conv3d, Conv1dTranspose, Conv2dTranspose, Conv3dTranspose, Dense]
    cells += [LSTMCell, RNNCell, GRUCell]
    names = ("Conv2D", "Conv3D", "Conv2DTranspose", "MatMul", "BatchMatMul", "PReLU", "ReLU", "Ger")
    return [*cells, *(getattr(ops, name) for name in names)]


def get_black_list() -> list[type[Any]]:
    """The cells that level "O2" leaves in 32 bits, in a list of one's own.

    Examples:
        >>> from lamella import amp, nn
        >>> nn.LayerNorm in amp.get_black_list()
        True
    """
    return [BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm]


def _low(subject: str, dtype: Any) -> DType:
    low = as_dtype(dtype, f"{subject}(dtype=…)")
    if low not in (float16, bfloat16):
        raise ValueError(explain(subject, given=f"dtype={low}", expected="float16 or bfloat16"))
    return low


def _check_network(subject: str, network: Any) -> None:
    if not isinstance(network, Cell):
        given = f"a {type(network).__name__}"
        raise TypeError(explain(subject, given=given, expected="a Cell"))


def _results_in(dtype: DType) -> Callable[[Cell, Any, Any], Any]:
    """A hook that converts what a cell gives."""

    def convert(cell: Cell, inputs: Any, output: Any) -> Any:
        return _in(output, dtype)

    return convert


def _in(value: Any, dtype: DType) -> Any:
    return tree.map_leaves(lambda x: ops.cast(x, dtype) if isinstance(x, Tensor) and x.dtype.is_float else x, value)


class _InLowPrecision(Primitive):
    """A primitive called with operands in 16 bits, whose results are in 32."""

    read_by_calls = ("attrs", "inner", "low")

    def __init__(self, inner: Primitive, low: DType) -> None:
        super().__init__(inner.name)
        self.inner, self.low = inner, low

    def __call__(self, *args: Any) -> Any:
        """Apply to operands."""
        return _in(self.inner(*_in(args, self.low)), float32)


def _with_white_list(network: Cell, white: Sequence[type[Any]], low: DType) -> Cell:
    kinds = tuple(kind for kind in white if issubclass(kind, Cell))
    primitives = tuple(kind for kind in white if issubclass(kind, Primitive))
    chosen = [cell for _, cell in network.cells_and_names() if isinstance(cell, kinds)]
    inside = {id(inner) for cell in chosen for _, inner in cell.cells_and_names()}
    for _, cell in network.cells_and_names():
        if id(cell) not in inside:
            for name, value in list(vars(cell).items()):
                if isinstance(value, primitives) and primitives:
                    setattr(cell, name, _InLowPrecision(value, low))
    for cell in chosen:
        cell.to_float(low)
        cell.register_forward_hook(_results_in(float32))
    return network


def _with_black_list(network: Cell, black: Sequence[type[Any]], low: DType) -> Cell:
    network.to_float(low)
    kinds = tuple(black)
    for _, cell in network.cells_and_names():
        if isinstance(cell, kinds):
            cell.to_float(float32)
            if cell is not network:
                cell.register_forward_hook(_results_in(low))
    network.register_forward_hook(_results_in(float32))
    return network


def auto_mixed_precision(network: Cell, amp_level: str = "O0", dtype: Any = float16) -> Cell:
    """Let a network compute in 16 bits; its parameters, and what it gives, stay in 32.

    Args:
        network: the network, which is changed.
        amp_level: "O0" changes nothing; "O1" converts the cells and primitives of `get_white_list`; "O2" all cells but
            those of `get_black_list`; "O3" all cells.
        dtype: float16 or bfloat16.

    Returns:
        The network.

    Raises:
        TypeError: `network` is not a cell.
        ValueError: another level or type.

    Examples:
        >>> import lamella as ms
        >>> from lamella import amp, nn
        >>> net = amp.auto_mixed_precision(nn.SequentialCell(nn.Dense(2, 3), nn.ReLU()), "O2")
        >>> net(ms.ops.ones((1, 2))).dtype, net[0].weight.dtype
        (float32, float32)
    """
    subject = "amp.auto_mixed_precision"
    _check_network(subject, network)
    if amp_level not in _LEVELS:
        raise ValueError(explain(subject, given=f"amp_level={amp_level!r}", expected=f"one of {', '.join(_LEVELS)}"))
    low = _low(subject, dtype)
    if amp_level == "O1":
        return _with_white_list(network, get_white_list(), low)
    if amp_level == "O2":
        return _with_black_list(network, get_black_list(), low)
    if amp_level == "O3":
        return _with_black_list(network, (), low)
    return network


def custom_mixed_precision(
    network: Cell,
    *,
    white_list: Sequence[type[Any]] | None = None,
    black_list: Sequence[type[Any]] | None = None,
    dtype: Any = float16,
) -> Cell:
    """Let some cells of a network compute in 16 bits: those of a list, or all but those of a list.

    Args:
        network: the network, which is changed.
        white_list: classes of cells and primitives that compute in 16 bits.
        black_list: classes of cells that do not.
        dtype: float16 or bfloat16.

    Returns:
        The network.

    Raises:
        TypeError: `network` is not a cell, or a list holds something else than classes of cells and primitives.
        ValueError: not one list, or another type.

    Examples:
        >>> import lamella as ms
        >>> from lamella import amp, nn
        >>> net = amp.custom_mixed_precision(nn.SequentialCell(nn.Dense(2, 3)), white_list=[nn.Dense])
        >>> net(ms.ops.ones((1, 2))).dtype
        float32
    """
    subject = "amp.custom_mixed_precision"
    _check_network(subject, network)
    if (white_list is None) == (black_list is None):
        raise ValueError(explain(subject, given="both or neither of white_list, black_list", expected="one of them"))
    allowed = (Cell, Primitive) if black_list is None else Cell
    listed = list(white_list or black_list or ())
    for kind in listed:
        if not isinstance(kind, type) or not issubclass(kind, allowed):
            raise TypeError(explain(subject, given=f"{kind!r} in the list", expected="classes of cells"))
    low = _low(subject, dtype)
    return _with_white_list(network, listed, low) if black_list is None else _with_black_list(network, listed, low)


def build_train_network(
    network: Cell,
    optimizer: Cell,
    loss_fn: Any = None,
    level: str = "O0",
    boost_level: str = "O0",
    *,
    cast_model_type: Any = None,
    keep_batchnorm_fp32: bool | None = None,
    loss_scale_manager: Any = "by level",
) -> Cell:
    """A cell that makes a step of training in mixed precision.

    Args:
        network: the network, which is changed.
        optimizer: changes the parameters.
        loss_fn: takes what the network gives, and labels; None if the network gives the loss.
        level: "O0" for 32 bits, "O1" for 16 bits where `get_white_list` says so, "O2" for 16 bits but where
            `get_black_list` says otherwise, with a dynamic loss scale, "O3" for 16 bits everywhere.
        boost_level: must be "O0".
        cast_model_type: float16 or bfloat16 to compute in it, float32 not to, whatever the level says.
        keep_batchnorm_fp32: whether normalizations compute in 32 bits, whatever the level says.
        loss_scale_manager: how the loss is scaled, or None, whatever the level says.

    Raises:
        TypeError: arguments of other types.
        ValueError: another level.

    Examples:
        >>> import lamella as ms
        >>> from lamella import amp, nn
        >>> net = nn.Dense(2, 1)
        >>> step = amp.build_train_network(net, nn.SGD(net.trainable_params(), 0.1), nn.MSELoss(), level="O3")
        >>> step(ms.ops.ones((4, 2)), ms.ops.ones((4, 1))).dtype
        float32
    """
    subject = "amp.build_train_network"
    _check_network(subject, network)
    if level not in _LEVELS or boost_level != "O0":
        given = f"level={level!r}, boost_level={boost_level!r}"
        raise ValueError(explain(subject, given=given, expected=f'level one of {", ".join(_LEVELS)}; boost_level "O0"'))
    lowers, keeps, scales = _LEVELS[level]
    low = float16
    if cast_model_type is not None:
        low = as_dtype(cast_model_type, f"{subject}(cast_model_type=…)")
        lowers = low is not float32
    if keep_batchnorm_fp32 is not None:
        keeps = keep_batchnorm_fp32
    if lowers:
        low = _low(subject, low)
        if level == "O1" and cast_model_type is None and keeps:
            _with_white_list(network, get_white_list(), low)
        else:
            _with_black_list(network, get_black_list() if keeps else (), low)
    manager = loss_scale_manager
    if manager == "by level":
        manager = DynamicLossScaleManager() if scales else None
    if manager is not None and not isinstance(manager, LossScaleManager):
        given = f"a {type(manager).__name__} as loss_scale_manager"
        raise TypeError(explain(subject, given=given, expected="a LossScaleManager, or None"))
    trained = network if loss_fn is None else WithLossCell(network, loss_fn)
    if manager is None:
        return TrainOneStepCell(trained, optimizer)
    update = manager.get_update_cell()
    if update is not None:
        return TrainOneStepWithLossScaleCell(trained, optimizer, update)
    return TrainOneStepCell(trained, optimizer, manager.get_loss_scale())
