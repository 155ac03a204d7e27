"""Attention and the layers of transformers (Vaswani et al., "Attention is all you need", 2017)."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lamella.dtypes import bool_, float32
from lamella.errors import explain
from lamella.initializer import Normal, XavierUniform, initializer
from lamella.nn.cell import Cell
from lamella.nn.containers import CellList
from lamella.nn.layers.basic import Dense, Dropout, positive_int
from lamella.nn.layers.normalization import LayerNorm
from lamella.ops import prims
from lamella.ops.convert import cast
from lamella.ops.functions.create import zeros
from lamella.ops.functions.join_split import concat
from lamella.ops.functions.pad import pad
from lamella.ops.functions.products import dense
from lamella.ops.functions.rearrange import swapaxes
from lamella.ops.functions.reduce import mean
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import broadcast_to, reshape
from lamella.ops.nn.activation import gelu, relu, softmax
from lamella.ops.nn.dropout import dropout
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = [
    "MultiheadAttention",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


class MultiheadAttention(Cell):
    """Attention of several heads: each is softmax(q k' / sqrt(size)) v of projections of query, key and value.

    Args:
        embed_dim: size of the query's and the output's last axis: a multiple of `num_heads`.
        num_heads: number of heads.
        dropout: the probability of zeroing a weight while training.
        has_bias: whether projections have biases.
        add_bias_kv: whether a trained key and value are added to the others.
        add_zero_attn: whether a key and value of zeros are added to the others.
        kdim: size of the key's last axis; default: `embed_dim`.
        vdim: size of the value's last axis; default: `embed_dim`.
        batch_first: whether batches are [n, length, size] rather than [length, n, size].
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: the heads do not divide `embed_dim`.

    Examples:
        >>> from lamella import nn, ops
        >>> attention = nn.MultiheadAttention(8, 2)
        >>> x = ops.ones((5, 3, 8))
        >>> y, weights = attention(x, x, x)
        >>> y.shape, weights.shape
        ((5, 3, 8), (3, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        has_bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        name = "nn.MultiheadAttention"
        self.embed_dim = positive_int(name, "embed_dim", embed_dim)
        self.num_heads = positive_int(name, "num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                explain(name, given=f"embed_dim={embed_dim}, num_heads={num_heads}", expected="a multiple")
            )
        self.head_dim = embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else positive_int(name, "kdim", kdim)
        self.vdim = embed_dim if vdim is None else positive_int(name, "vdim", vdim)
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        e = embed_dim
        self._one_size = self.kdim == self.vdim == e
        if self._one_size:
            self.in_proj_weight = Parameter(initializer(XavierUniform(), (3 * e, e), dtype), name="in_proj_weight")
        else:
            for part, size in (("q", e), ("k", self.kdim), ("v", self.vdim)):
                full = f"{part}_proj_weight"
                setattr(self, full, Parameter(initializer(XavierUniform(), (e, size), dtype), name=full))
        self.in_proj_bias = None
        if has_bias:
            self.in_proj_bias = Parameter(initializer("zeros", (3 * e,), dtype), name="in_proj_bias")
        self.bias_k = self.bias_v = None
        if add_bias_kv:
            normal = Normal(1 / math.sqrt(e))
            self.bias_k = Parameter(initializer(normal, (1, 1, e), dtype), name="bias_k")
            self.bias_v = Parameter(initializer(normal, (1, 1, e), dtype), name="bias_v")
        self.out_proj = Dense(e, e, has_bias=has_bias, dtype=dtype)

    def construct(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
    ) -> tuple[Tensor, ...]:
        """Attend.

        Args:
            query: [l, n, embed_dim], with `batch_first` [n, l, embed_dim], or [l, embed_dim].
            key: [s, n, kdim], [n, s, kdim] or [s, kdim].
            value: [s, n, vdim], [n, s, vdim] or [s, vdim].
            key_padding_mask: true where a key does not count, or numbers to be added to scores: [n, s] or [s].
            need_weights: whether to return, too, how much was attended to what.
            attn_mask: true where a query may not attend to a key, or numbers to be added to scores: [l, s] or
                [n * num_heads, l, s].
            average_attn_weights: whether weights are means over the heads.

        Returns:
            A tuple of the output, of the query's shape, and with `need_weights` of the weights: [n, l, s], for each
            head [n, num_heads, l, s], without n if the query has none.
        """
        batched = query.ndim == 3
        self._check(query, key, value)
        if not batched:
            query, key, value = (reshape(x, (1, *x.shape)) for x in (query, key, value))
            if key_padding_mask is not None:
                key_padding_mask = reshape(key_padding_mask, (1, *key_padding_mask.shape))
        elif not self.batch_first:
            query, key, value = (swapaxes(x, 0, 1) for x in (query, key, value))
        n, length, _ = query.shape
        q, k, v = self._projected(query, key, value)
        bias = self._bias(n, length, k.shape[1], key_padding_mask, attn_mask, q)
        if self.bias_k is not None and self.bias_v is not None:
            k, v = (
                concat((x, broadcast_to(cast(b, x.dtype), (n, 1, self.embed_dim))), 1)
                for x, b in ((k, self.bias_k), (v, self.bias_v))
            )
            bias = _wider(bias)
        if self.add_zero_attn:
            k, v = (concat((x, zeros((n, 1, self.embed_dim), x.dtype)), 1) for x in (k, v))
            bias = _wider(bias)
        q, k, v = (self._of_heads(x) for x in (q, k, v))
        y, weights = _attended(q, k, v, bias, self.dropout if self.training else 0.0, need_weights)
        y = swapaxes(reshape(y, (n, self.num_heads, length, self.head_dim)), 1, 2)
        y = self.out_proj(reshape(y, (n, length, self.embed_dim)))
        if not batched:
            y = reshape(y, y.shape[1:])
        elif not self.batch_first:
            y = swapaxes(y, 0, 1)
        if weights is None:
            return (y,)
        weights = reshape(weights, (n, self.num_heads, *weights.shape[1:]))
        if average_attn_weights:
            weights = mean(weights, 1)
        return y, weights if batched else reshape(weights, weights.shape[1:])

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        sizes = (self.embed_dim, self.kdim, self.vdim)
        ndims = {x.ndim for x in (query, key, value)}
        fits = ndims in ({2}, {3}) and all(x.shape[-1] == n for x, n in zip((query, key, value), sizes, strict=True))
        length = 1 if self.batch_first and query.ndim == 3 else 0
        if fits and query.ndim == 3:
            fits = query.shape[1 - length] == key.shape[1 - length] == value.shape[1 - length]
        if not fits or key.shape[length] != value.shape[length]:
            raise ValueError(
                explain(
                    "nn.MultiheadAttention",
                    given=f"query {query._type}, key {key._type}, value {value._type}",
                    expected=f"2 or 3 axes, the last of sizes {sizes}, as many values as keys, one number of examples",
                )
            )

    def _projected(self, *inputs: Tensor) -> list[Tensor]:
        e = self.embed_dim
        weights: Any = (self.in_proj_weight[i * e : (i + 1) * e] for i in range(3)) if self._one_size else (
            self.q_proj_weight, self.k_proj_weight, self.v_proj_weight,
        )  # fmt: skip
        biases = (None if self.in_proj_bias is None else self.in_proj_bias[i * e : (i + 1) * e] for i in range(3))
        return [dense(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True)]

    def _of_heads(self, x: Tensor) -> Tensor:
        """x[n, length, embed_dim] as [n * num_heads, length, head_dim]."""
        n, length, _ = x.shape
        apart = swapaxes(reshape(x, (n, length, self.num_heads, self.head_dim)), 1, 2)
        return reshape(apart, (n * self.num_heads, length, self.head_dim))

    def _bias(
        self, n: Any, length: Any, keys: Any, key_padding_mask: Tensor | None, attn_mask: Tensor | None, like: Tensor
    ) -> Tensor | None:
        """What is added to scores: [1 or n * num_heads, length, keys]."""
        result = None
        if attn_mask is not None:
            shapes = ((length, keys), (1, length, keys), (n * self.num_heads, length, keys))
            result = _as_bias("attn_mask", attn_mask, shapes, like)
            result = reshape(result, (1, length, keys)) if result.ndim == 2 else result
        if key_padding_mask is not None:
            padding = _as_bias("key_padding_mask", key_padding_mask, ((n, keys),), like)
            whole = broadcast_to(reshape(padding, (n, 1, 1, keys)), (n, self.num_heads, length, keys))
            padding = reshape(whole, (n * self.num_heads, length, keys))
            result = padding if result is None else result + padding
        return result


def _as_bias(name: str, mask: Tensor, shapes: tuple[Any, ...], like: Tensor) -> Tensor:
    """Numbers of a mask: -inf where a bool is true."""
    if mask.shape not in shapes:
        expected = " or ".join(map(str, shapes))
        raise ValueError(explain("nn.MultiheadAttention", given=f"{name} {mask._type}", expected=f"shape {expected}"))
    if mask.dtype is bool_:
        return cast(where(mask, -math.inf, 0.0), like.dtype)
    if not mask.dtype.is_float:
        raise TypeError(explain("nn.MultiheadAttention", given=f"{name} {mask._type}", expected="bool or floats"))
    return cast(mask, like.dtype)


def _wider(bias: Tensor | None) -> Tensor | None:
    """With a zero for one more key."""
    return None if bias is None else pad(bias, (0, 1))


def _attended(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, p: float, need_weights: bool
) -> tuple[Tensor, Tensor | None]:
    """Values by how much the scores say; the weights too, if they are needed."""
    scale = 1 / math.sqrt(int(q.shape[2]))
    if not need_weights and not p:
        return prims.attention(q, k, v, *(() if bias is None else (bias,)), scale=scale), None
    scores = prims.dot_general(q * scale, k, contract=((2,), (2,)), batch=((0,), (0,)))
    weights = softmax(scores if bias is None else scores + bias, -1)
    if p:
        weights = dropout(weights, p)
    y: Tensor = prims.dot_general(weights, v, contract=((2,), (1,)), batch=((0,), (0,)))
    return y, weights if need_weights else None


def _activation(subject: str, given: Any) -> Callable[[Tensor], Tensor]:
    named = {"relu": relu, "gelu": gelu}
    if isinstance(given, str):
        if given not in named:
            raise ValueError(explain(subject, given=f"activation={given!r}", expected='"relu", "gelu" or a function'))
        return named[given]
    if not callable(given):
        raise ValueError(explain(subject, given=f"activation={given!r}", expected='"relu", "gelu" or a function'))
    function: Callable[[Tensor], Tensor] = given
    return function


class _TransformerLayer(Cell):
    """What layers of encoders and decoders share: attention, then two dense layers, each added to what it is given."""

    def __init__(
        self,
        attentions: tuple[str, ...],
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        p: float,
        activation: Any,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        dtype: Any,
    ) -> None:
        super().__init__()
        for name in attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, p, batch_first=batch_first, dtype=dtype))
        self.dense1 = Dense(d_model, dim_feedforward, dtype=dtype)
        self.dropout = Dropout(p=p)
        self.dense2 = Dense(dim_feedforward, d_model, dtype=dtype)
        self.norm_first = norm_first
        count = len(attentions) + 1
        for i in range(count):
            setattr(self, f"norm{i + 1}", LayerNorm((d_model,), epsilon=layer_norm_eps, dtype=dtype))
        for i in range(count):
            setattr(self, f"dropout{i + 1}", Dropout(p=p))
        self.activation = _activation(f"nn.{type(self).__name__}", activation)

    def _added(self, x: Tensor, place: int, change: Callable[[Tensor], Tensor]) -> Tensor:
        """X and what `change` makes of it, normalized before or after."""
        norm, drop = getattr(self, f"norm{place}"), getattr(self, f"dropout{place}")
        if self.norm_first:
            return x + drop(change(norm(x)))
        result: Tensor = norm(x + drop(change(x)))
        return result

    def _fed_forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.dense2(self.dropout(self.activation(self.dense1(x))))
        return result


class TransformerEncoderLayer(_TransformerLayer):
    """A layer of an encoder: self-attention, then two dense layers.

    Args:
        d_model: size of the last axis.
        nhead: number of heads, a divisor of it.
        dim_feedforward: size between the dense layers.
        dropout: the probability of zeroing while training.
        activation: "relu", "gelu" or a function, between the dense layers.
        layer_norm_eps: added to variances.
        batch_first: whether batches are [n, length, size] rather than [length, n, size].
        norm_first: whether to normalize before attention and dense layers rather than after.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes or an activation that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.TransformerEncoderLayer(8, 2, 16)(ops.ones((5, 3, 8))).shape
        (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            ("self_attn",), d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
            norm_first, dtype,
        )  # fmt: skip

    def construct(
        self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None
    ) -> Tensor:
        """Encode; the masks are those of `MultiheadAttention`.

        Args:
            src: [length, n, d_model], with `batch_first` [n, length, d_model], or [length, d_model].
            src_mask: `attn_mask`.
            src_key_padding_mask: `key_padding_mask`.
        """
        x = self._added(src, 1, lambda x: self.self_attn(x, x, x, src_key_padding_mask, False, src_mask)[0])
        return self._added(x, 2, self._fed_forward)


class TransformerDecoderLayer(_TransformerLayer):
    """A layer of a decoder: self-attention, attention to an encoder's output, then two dense layers.

    Args:
        d_model: size of the last axis.
        nhead: number of heads, a divisor of it.
        dim_feedforward: size between the dense layers.
        dropout: the probability of zeroing while training.
        activation: "relu", "gelu" or a function, between the dense layers.
        layer_norm_eps: added to variances.
        batch_first: whether batches are [n, length, size] rather than [length, n, size].
        norm_first: whether to normalize before attention and dense layers rather than after.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes or an activation that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.TransformerDecoderLayer(8, 2, 16)(ops.ones((4, 3, 8)), ops.ones((5, 3, 8))).shape
        (4, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            ("self_attn", "multihead_attn"), d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps,
            batch_first, norm_first, dtype,
        )  # fmt: skip

    def construct(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
    ) -> Tensor:
        """Decode; the masks are those of `MultiheadAttention`.

        Args:
            tgt: [length, n, d_model], with `batch_first` [n, length, d_model], or [length, d_model].
            memory: what an encoder gave.
            tgt_mask: `attn_mask` of the self-attention.
            memory_mask: `attn_mask` of the attention to `memory`.
            tgt_key_padding_mask: `key_padding_mask` of the self-attention.
            memory_key_padding_mask: `key_padding_mask` of the attention to `memory`.
        """
        x = self._added(tgt, 1, lambda x: self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask)[0])
        x = self._added(
            x, 2, lambda x: self.multihead_attn(x, memory, memory, memory_key_padding_mask, False, memory_mask)[0]
        )
        return self._added(x, 3, self._fed_forward)


class _Stack(Cell):
    """Layers one after the other, and perhaps a normalization."""

    def __init__(self, layer: Cell, num_layers: int, norm: Cell | None) -> None:
        super().__init__()
        self.num_layers = positive_int(f"nn.{type(self).__name__}", "num_layers", num_layers)
        self.layers = CellList([deepcopy(layer) for _ in range(num_layers)])
        self.norm = norm

    def _normal(self, x: Tensor) -> Tensor:
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """Copies of an encoder layer one after the other.

    Args:
        encoder_layer: the layer, of which copies are made.
        num_layers: how many.
        norm: what normalizes the output, or None.

    Raises:
        TypeError: `num_layers` is not an int.
        ValueError: it is not positive.

    Examples:
        >>> from lamella import nn, ops
        >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)
        >>> encoder(ops.ones((5, 3, 8))).shape
        (5, 3, 8)
    """

    def __init__(self, encoder_layer: Cell, num_layers: int, norm: Cell | None = None) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def construct(
        self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None
    ) -> Tensor:
        """Encode, see `TransformerEncoderLayer`.

        Args:
            src: what is encoded.
            src_mask: `attn_mask` of every layer.
            src_key_padding_mask: `key_padding_mask` of every layer.
        """
        for layer in self.layers:
            src = layer(src, src_mask, src_key_padding_mask)
        return self._normal(src)


class TransformerDecoder(_Stack):
    """Copies of a decoder layer one after the other.

    Args:
        decoder_layer: the layer, of which copies are made.
        num_layers: how many.
        norm: what normalizes the output, or None.

    Raises:
        TypeError: `num_layers` is not an int.
        ValueError: it is not positive.

    Examples:
        >>> from lamella import nn, ops
        >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2)
        >>> decoder(ops.ones((4, 3, 8)), ops.ones((5, 3, 8))).shape
        (4, 3, 8)
    """

    def __init__(self, decoder_layer: Cell, num_layers: int, norm: Cell | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def construct(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
    ) -> Tensor:
        """Decode, see `TransformerDecoderLayer`.

        Args:
            tgt: what is decoded.
            memory: what an encoder gave.
            tgt_mask: `attn_mask` of every layer's self-attention.
            memory_mask: `attn_mask` of every layer's attention to `memory`.
            tgt_key_padding_mask: `key_padding_mask` of every layer's self-attention.
            memory_key_padding_mask: `key_padding_mask` of every layer's attention to `memory`.
        """
        for layer in self.layers:
            tgt = layer(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self._normal(tgt)


class Transformer(Cell):
    """An encoder, and a decoder that attends to what it gives.

    Args:
        d_model: size of the last axis.
        nhead: number of heads, a divisor of it.
        num_encoder_layers: layers of the encoder.
        num_decoder_layers: layers of the decoder.
        dim_feedforward: size between the dense layers.
        dropout: the probability of zeroing while training.
        activation: "relu", "gelu" or a function, between the dense layers.
        custom_encoder: an encoder of one's own.
        custom_decoder: a decoder of one's own.
        layer_norm_eps: added to variances.
        batch_first: whether batches are [n, length, size] rather than [length, n, size].
        norm_first: whether to normalize before attention and dense layers rather than after.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes or an activation that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> model = nn.Transformer(8, 2, 1, 1, 16)
        >>> model(ops.ones((5, 3, 8)), ops.ones((4, 3, 8))).shape
        (4, 3, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        custom_encoder: Cell | None = None,
        custom_decoder: Cell | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        settings: Any = (dropout, activation, layer_norm_eps, batch_first, norm_first, dtype)
        sizes = (d_model, nhead, dim_feedforward)

        def norm() -> LayerNorm:
            return LayerNorm((d_model,), epsilon=layer_norm_eps, dtype=dtype)

        if custom_encoder is None:
            layer: Cell = TransformerEncoderLayer(*sizes, *settings)
            custom_encoder = _uniform(TransformerEncoder(layer, num_encoder_layers, norm()), dtype)
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*sizes, *settings)
            custom_decoder = _uniform(TransformerDecoder(layer, num_decoder_layers, norm()), dtype)
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def construct(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
    ) -> Tensor:
        """Encode and decode, see `TransformerEncoderLayer` and `TransformerDecoderLayer`.

        Args:
            src: what is encoded.
            tgt: what is decoded.
            src_mask: `attn_mask` of the encoder.
            tgt_mask: `attn_mask` of the decoder's self-attention.
            memory_mask: `attn_mask` of the decoder's attention to the encoder's output.
            src_key_padding_mask: `key_padding_mask` of the encoder.
            tgt_key_padding_mask: `key_padding_mask` of the decoder's self-attention.
            memory_key_padding_mask: `key_padding_mask` of the decoder's attention to the encoder's output.
        """
        examples = 0 if self.batch_first else 1
        apart = src.ndim != tgt.ndim or (src.ndim == 3 and src.shape[examples] != tgt.shape[examples])
        if apart or src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise ValueError(
                explain(
                    "nn.Transformer",
                    given=f"src {src._type}, tgt {tgt._type}",
                    expected=f"the same number of axes and examples, and a last axis of {self.d_model}",
                )
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask)
        result: Tensor = self.decoder(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return result


def _uniform(stack: Cell, dtype: Any) -> Cell:
    """With matrices drawn anew, so that no two layers begin alike."""
    for parameter in stack.get_parameters():
        if parameter.ndim > 1:
            parameter.set_data(initializer(XavierUniform(), parameter.shape, dtype))
    return stack
