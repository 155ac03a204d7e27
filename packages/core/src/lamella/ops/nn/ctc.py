"""Connectionist temporal classification: how likely labels are, whatever their timing (Graves et al., 2006)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.dtypes import bool_, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import gather_scatter, segments
from lamella.ops.functions.control import scan
from lamella.ops.functions.join_split import concat, stack
from lamella.ops.functions.select import _numbers
from lamella.ops.nn.activation import log_softmax, softmax
from lamella.ops.nn.loss import reduced
from lamella.tensor import Tensor

__all__ = ["ctc_loss"]


def _integers(subject: str, name: str, given: Any, shape: Any) -> Tensor:
    tensor = as_tensor(given, None, subject)
    if not tensor.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{tensor.dtype} {name}", expected="integers"))
    if tensor.shape != shape:
        raise ValueError(explain(subject, given=f"{name} of shape {tensor.shape}", expected=f"shape {shape}"))
    return cast(tensor, int64)


def _log_of_sum(*terms: Tensor) -> Tensor:
    """log(exp(a) + exp(b) + …), also of -inf; the derivative of what is -inf is 0."""
    least = scalar(-math.inf, terms[0].dtype)
    largest = terms[0]
    for term in terms[1:]:
        largest = prims.maximum(largest, term)
    nothing = prims.eq(largest, least)
    shift = prims.stop_gradient(prims.select(nothing, scalar(0, largest.dtype), largest))
    total = prims.broadcast_to(scalar(0, largest.dtype), shape=largest.shape)
    for term in terms:
        none = prims.eq(term, least)
        total = total + prims.select(none, scalar(0, term.dtype), prims.exp(prims.select(none, shift, term) - shift))
    safe = prims.select(nothing, scalar(1, largest.dtype), total)
    result: Tensor = prims.select(nothing, least, prims.log(safe) + shift)
    return result


def _moved(x: Tensor, by: int) -> Tensor:
    """x[n, s] with its columns moved to the right, -inf in front."""
    n, s = x.shape
    front = prims.broadcast_to(scalar(-math.inf, x.dtype), shape=(n, by))
    result: Tensor = prims.narrow(concat((front, x), 1), 1, 0, s)
    return result


class Lattice:
    """The ways through labels with blanks between them.

    Attributes:
        extended: for each example blank, first label, blank, second label, …: [n, 2 s + 1].
        emitted: the log-probabilities of these at each step, [t, n, 2 s + 1].
        stays: whether a state may follow itself, bool.
        jumps: whether a state may follow the one before the one before it, bool.
    """

    def __init__(self, log_p: Tensor, targets: Tensor, blank: int, merges: bool = True) -> None:
        (steps, n, _), labels = log_p.shape, targets.shape[1]
        blanks = prims.broadcast_to(scalar(blank, int64), shape=(n, labels))
        pairs = prims.reshape(stack((blanks, targets), 2), shape=(n, 2 * labels))
        self.extended = concat((pairs, prims.broadcast_to(scalar(blank, int64), shape=(n, 1))), 1)
        places = prims.broadcast_to(
            prims.reshape(self.extended, shape=(1, *self.extended.shape)), shape=(steps, *self.extended.shape)
        )
        self.emitted: Tensor = prims.take_along_axis(log_p, places, 2)
        is_blank = prims.eq(self.extended, scalar(blank, int64))
        before = prims.narrow(
            concat((prims.broadcast_to(scalar(blank, int64), shape=(n, 2)), self.extended), 1), 1, 0, 2 * labels + 1
        )
        repeated = prims.eq(self.extended, before) if merges else is_blank
        self.jumps = prims.bitwise_not(prims.bitwise_or(is_blank, repeated))
        self.stays = prims.broadcast_to(scalar(True, bool_), shape=is_blank.shape) if merges else is_blank

    def forward(self, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the ways that end in each state: after the last step [n, …], and after each [t, n, …].

        Args:
            lengths: how many steps each example has.
        """
        steps, n, states = self.emitted.shape
        least = scalar(-math.inf, self.emitted.dtype)
        started = prims.lt(prims.iota(size=states, dtype="int64"), scalar(2, int64))
        first = prims.select(started, prims.reshape(prims.narrow(self.emitted, 0, 0, 1), shape=(n, states)), least)

        def step(alpha: Tensor, item: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            emitted, at = item
            stay = prims.select(self.stays, alpha, least)
            jump = prims.select(self.jumps, _moved(alpha, 2), least)
            new = _log_of_sum(stay, _moved(alpha, 1), jump)
            new = prims.select(prims.eq(emitted, least), least, new + emitted)
            on = prims.reshape(prims.gt(lengths, at), shape=(n, 1))
            return prims.select(on, new, alpha), prims.select(on, new, least)

        index = prims.iota(size=steps, dtype="int64")
        rest = (prims.narrow(self.emitted, 0, 1, steps), prims.narrow(index, 0, 1, steps))
        last, all_but_first = scan(step, first, rest)
        return last, concat((prims.reshape(first, shape=(1, n, states)), all_but_first), 0)

    def loss(self, last: Tensor, labels: Tensor) -> Tensor:
        """Minus the log-probability of the labels.

        Args:
            last: what `forward` gives after the last step.
            labels: how many labels each example has.
        """
        n = last.shape[0]

        def at(place: Tensor) -> Tensor:
            column = prims.reshape(prims.maximum(place, scalar(0, int64)), shape=(n, 1))
            result: Tensor = prims.reshape(prims.take_along_axis(last, column, 1), shape=(n,))
            return result

        least = scalar(-math.inf, last.dtype)
        behind = at(labels * 2)
        inside = prims.select(prims.gt(labels, scalar(0, int64)), at(labels * 2 - 1), least)
        return prims.neg(_log_of_sum(behind, inside))


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> tuple[Tensor, Tensor]:
    """Minus the log-probability of labels, summed over all their timings (Graves et al., 2006).

    Args:
        log_probs: log-probabilities [t, n, classes], as of `log_softmax`.
        targets: classes [n, s], of which the first `target_lengths` of each example count.
        input_lengths: how many steps of each example count, [n].
        target_lengths: how many labels each example has, [n].
        blank: the class that stands for no label.
        reduction: "mean" (of losses by their numbers of labels), "sum" or "none".
        zero_infinity: whether losses of labels that do not fit into the steps are 0, and not infinite.

    Returns:
        The loss, and the log-probabilities of the ways up to each step, [n, t, 2 s + 1].

    Raises:
        IndexError: a target is no class.
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> log_p = ops.log_softmax(ops.zeros((2, 1, 2)))
        >>> loss, _ = ops.ctc_loss(log_p, Tensor([[1]]), Tensor([2]), Tensor([1]))
        >>> round(loss.exp().item(), 4)  # three of four ways are fine: 1 1, 1 blank, blank 1
        1.3333
    """
    subject = "ops.ctc_loss"
    p = as_tensor(log_probs, None, subject)
    if not p.dtype.is_float:
        raise TypeError(explain(subject, given=f"{p.dtype} log_probs", expected="floating-point numbers"))
    if p.ndim != 3 or not p.shape[0] >= 1:
        raise ValueError(explain(subject, given=f"log_probs of shape {p.shape}", expected="[t, n, classes], t >= 1"))
    _, n, classes = p.shape
    labels = as_tensor(targets, None, subject)
    labels = _integers(subject, "targets", labels, (n, labels.shape[1] if labels.ndim == 2 else 0))
    steps, counts = (
        _integers(subject, name, given, (n,))
        for name, given in (("input_lengths", input_lengths), ("target_lengths", target_lengths))
    )
    if isinstance(blank, bool) or not isinstance(blank, int) or not 0 <= blank < classes:
        raise ValueError(explain(subject, given=f"blank={blank!r}", expected=f"an int from 0 to {classes - 1}"))
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(explain(subject, given=f"reduction={reduction!r}", expected='"none", "mean" or "sum"'))
    full = wide(p)
    lattice = Lattice(full, _known(labels, counts, classes, blank), blank)
    last, ways = lattice.forward(steps)
    losses = lattice.loss(last, counts)
    if zero_infinity:
        losses = prims.select(prims.eq(losses, scalar(math.inf, losses.dtype)), scalar(0, losses.dtype), losses)
    if reduction == "mean":
        losses = losses / cast(prims.maximum(counts, scalar(1, int64)), losses.dtype)
    loss = reduced(subject, losses, reduction, p.dtype)
    behind = prims.gt(prims.iota(size=ways.shape[2], dtype="int64"), prims.reshape(counts * 2, shape=(n, 1)))
    ways = prims.select(behind, scalar(-math.inf, ways.dtype), ways)
    return loss, cast(prims.transpose(ways, permutation=(1, 0, 2)), p.dtype)


def _known(labels: Tensor, counts: Tensor, classes: DimSize, blank: int) -> Tensor:
    """Labels, those behind the end as blanks, checked to be classes."""
    index = prims.iota(size=labels.shape[1], dtype="int64")
    inside = prims.lt(index, prims.reshape(counts, shape=(*counts.shape, 1)))
    result: Tensor = prims.flat_index(prims.select(inside, labels, scalar(blank, int64)), sizes=(classes,))
    return result


def sparse_loss(
    x: Any,
    labels_indices: Any,
    labels_values: Any,
    sequence_length: Any,
    preprocess_collapse_repeated: bool,
    ctc_merge_repeated: bool,
    ignore_longer_outputs_than_inputs: bool,
) -> tuple[Tensor, Tensor]:
    """Loss of each example by logits, whose last class is blank, and its derivative by them.

    Args:
        x: logits [t, n, classes].
        labels_indices: (example, place) of each label, [labels, 2].
        labels_values: class of each label, [labels].
        sequence_length: how many steps of each example count, [n].
        preprocess_collapse_repeated: whether equal labels in a row count as one.
        ctc_merge_repeated: whether equal classes in a row are one label; if not, each step is a label of its own.
        ignore_longer_outputs_than_inputs: whether more labels than steps are no error.

    Raises:
        AssertionError: there are more labels than steps.
        TypeError: types that do not go together.
        ValueError: shapes that do not fit.
    """
    subject = "ops.CTCLoss"
    logits = as_tensor(x, None, subject)
    if not logits.dtype.is_float:
        raise TypeError(explain(subject, given=f"{logits.dtype} x", expected="floating-point numbers"))
    if logits.ndim != 3:
        raise ValueError(explain(subject, given=f"x of shape {logits.shape}", expected="[t, n, classes]"))
    steps, n, classes = logits.shape
    values = as_tensor(labels_values, None, subject)
    values = _integers(subject, "labels_values", values, (values.size,))
    at = _integers(subject, "labels_indices", labels_indices, (values.size, 2))
    lengths = _integers(subject, "sequence_length", sequence_length, (n,))
    # As many places as there are steps: more labels than that never fit.
    example = prims.reshape(prims.narrow(at, 1, 0, 1), shape=values.shape)
    place = prims.reshape(prims.narrow(at, 1, 1, 2), shape=values.shape)
    ones = prims.broadcast_to(scalar(1, int64), shape=values.shape)
    if preprocess_collapse_repeated:
        last = values.shape[0]
        same = prims.bitwise_and(
            prims.eq(prims.narrow(values, 0, 1, last), prims.narrow(values, 0, 0, last - 1)),
            prims.eq(prims.narrow(example, 0, 1, last), prims.narrow(example, 0, 0, last - 1)),
        )
        kept = concat((prims.narrow(ones, 0, 0, 1), cast(prims.bitwise_not(same), int64)), 0)
        running = prims.cumsum(kept, axis=0, reverse=False)
        before = segments.unsorted_segment_min(running, example, n)
        place = running - prims.gather(before, example, axis=0)
        ones = kept
    counts = segments.unsorted_segment_sum(ones, example, n)
    if not ignore_longer_outputs_than_inputs:
        prims.check(prims.le(counts, lengths), message=f"{subject}: there are more labels than steps.")
    places = prims.minimum(place, prims.size_tensor(steps - 1))
    dense = gather_scatter.scatter_nd(stack((example, places), 1), values * ones, (n, steps))
    blank = int(classes - 1)
    full = wide(logits)
    log_p = log_softmax(full, 2)
    lattice = Lattice(log_p, _known(dense, counts, classes, blank), blank, ctc_merge_repeated)
    last_way, ways = lattice.forward(lengths)
    losses = lattice.loss(last_way, counts)
    return cast(losses, logits.dtype), cast(_slopes(lattice, ways, full, losses, lengths, counts), logits.dtype)


def _slopes(lattice: Lattice, ways: Tensor, logits: Tensor, losses: Tensor, lengths: Tensor, counts: Tensor) -> Tensor:
    """The derivative of losses by logits: probabilities less the part of ways that go through each class."""
    steps, n, states = ways.shape
    least = scalar(-math.inf, ways.dtype)
    index = prims.iota(size=states, dtype="int64")
    ends = prims.bitwise_or(
        prims.eq(index, prims.reshape(counts * 2, shape=(n, 1))),
        prims.eq(index, prims.reshape(counts * 2 - 1, shape=(n, 1))),
    )
    final = prims.select(ends, scalar(0, ways.dtype), least)

    def flipped(t: Tensor, by: int) -> Tensor:
        result: Tensor = prims.flip(_moved(prims.flip(t, axes=(1,)), by), axes=(1,))
        return result

    def step(beta: Tensor, item: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """`beta` is the log-probability of what comes after a step."""
        emitted, at = item
        on = prims.reshape(prims.gt(lengths, at), shape=(n, 1))
        through = prims.select(prims.bitwise_or(prims.eq(emitted, least), prims.eq(beta, least)), least, beta + emitted)
        stay = prims.select(lattice.stays, through, least)
        jump = flipped(prims.select(lattice.jumps, through, least), 2)
        new = _log_of_sum(stay, flipped(through, 1), jump)
        return prims.select(on, new, beta), beta

    _, after = scan(step, final, (lattice.emitted, prims.iota(size=steps, dtype="int64")), reverse=True)
    total = prims.reshape(losses, shape=(1, n, 1))
    none = prims.bitwise_or(
        prims.bitwise_or(prims.eq(ways, least), prims.eq(after, least)), prims.eq(total, prims.neg(least))
    )
    part = prims.select(
        none, scalar(0, ways.dtype), prims.exp(prims.select(none, scalar(0, ways.dtype), ways + after + total))
    )
    one_hot = cast(
        prims.eq(
            prims.reshape(lattice.extended, shape=(n, states, 1)), prims.iota(size=logits.shape[2], dtype="int64")
        ),
        part.dtype,
    )
    through = prims.transpose(
        prims.dot_general(part, one_hot, contract=((2,), (1,)), batch=((1,), (0,))), permutation=(1, 0, 2)
    )
    on = prims.lt(
        prims.reshape(prims.iota(size=steps, dtype="int64"), shape=(steps, 1, 1)),
        prims.reshape(lengths, shape=(1, n, 1)),
    )
    fits = prims.ne(total, prims.neg(least))
    slope = prims.select(prims.bitwise_and(on, fits), softmax(logits, 2) - through, scalar(0, logits.dtype))
    return prims.stop_gradient(slope)


def greedy(inputs: Any, sequence_length: Any, merge_repeated: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The likeliest class of each step, without blanks, the last class, and without repetitions.

    Args:
        inputs: logits [t, n, classes].
        sequence_length: how many steps of each example count, [n].
        merge_repeated: whether equal classes in a row are one label.

    Returns:
        int64 (example, place) of each label, its class, the size of both axes, and minus the sum of the largest logits
        of each example, [n, 1].

    Raises:
        ConcretizationError: while a graph is built: how many labels there are depends on numbers.
        TypeError: integers.
        ValueError: other shapes.
    """
    subject = "ops.CTCGreedyDecoder"
    logits = as_tensor(inputs, None, subject)
    if not logits.dtype.is_float:
        raise TypeError(explain(subject, given=f"{logits.dtype} inputs", expected="floating-point numbers"))
    if logits.ndim != 3:
        raise ValueError(explain(subject, given=f"inputs of shape {logits.shape}", expected="[t, n, classes]"))
    steps, n, classes = logits.shape
    lengths = _integers(subject, "sequence_length", sequence_length, (n,))
    on = prims.lt(prims.reshape(prims.iota(size=steps, dtype="int64"), shape=(steps, 1)), lengths)
    largest = prims.select(on, prims.reduce_max(logits, axes=(2,)), scalar(0, logits.dtype))
    score = prims.reshape(prims.neg(prims.reduce_sum(largest, axes=(0,))), shape=(n, 1))
    best, count = _numbers(subject, prims.argmax(logits, axis=2)), _numbers(subject, lengths)
    indices, values, longest = [], [], 0
    for example in range(int(n)):
        row = best[: count[example], example]
        keep = row != int(classes) - 1
        if merge_repeated and len(row):
            keep &= np.concatenate(([True], row[1:] != row[:-1]))
        labels = row[keep]
        indices += [(example, place) for place in range(len(labels))]
        values.append(labels)
        longest = max(longest, len(labels))
    at = np.array(indices, np.int64).reshape(-1, 2)
    found = np.concatenate(values).astype(np.int64) if values else np.zeros(0, np.int64)
    return as_tensor(at), as_tensor(found), as_tensor(np.array([int(n), longest])), score
