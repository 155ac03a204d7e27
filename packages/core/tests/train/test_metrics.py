"""Metrics against plain loops, and against the numbers that MindSpore 2.10 gave for the same inputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamella import Tensor
from lamella.train import metrics

SCORES = np.array([[0.2, 0.5, 0.3], [0.3, 0.1, 0.6], [0.9, 0.6, 0.1], [0.1, 0.1, 0.8]])
LABELS = np.array([1, 0, 0, 2])
PREDICTED = np.array([[0, 1, 1], [1, 0, 1], [0, 0, 1]])  # multilabel
REAL = np.array([[0, 1, 0], [1, 0, 1], [1, 0, 1]])

MINDSPORE = [
    ("acc", {}, (SCORES, LABELS), 0.75),
    ("acc", {}, (SCORES, np.eye(3)[LABELS]), 0.75),
    ("acc", {"eval_type": "multilabel"}, (PREDICTED, REAL), 0.3333333333333333),
    ("precision", {}, (SCORES, LABELS), [1.0, 1.0, 0.5]),
    ("recall", {}, (SCORES, LABELS), [0.5, 1.0, 1.0]),
    ("precision", {"eval_type": "multilabel"}, (PREDICTED, REAL), [0.5, 1.0, 1.0]),
    ("recall", {"eval_type": "multilabel"}, (PREDICTED, REAL), [1.0, 1.0, 0.5]),
    ("precision", {}, ([[0.1, 0.9]], [1]), [0.0, 1.0]),
    ("F1", {}, (SCORES[:2], [1, 2]), [0.0, 1.0, 1.0]),
    ("loss", {}, (np.array(0.5),), 0.5),
    ("mae", {}, (np.array([1.0, 2.0]), np.array([2.0, 4.0])), 1.5),
    ("mae", {}, (np.ones((2, 3)), np.zeros((2, 3))), 3.0),
    ("mse", {}, (np.ones((2, 3)), np.zeros((2, 3))), 3.0),
    ("top_1_accuracy", {}, (SCORES, LABELS), 0.75),
    ("topk", {"k": 2}, (SCORES, LABELS), 1.0),
    ("topk", {"k": 2}, (SCORES, np.eye(3)[LABELS]), 1.0),
    ("topk", {"k": 1}, (np.full((2, 3), 0.5), [0, 2]), 0.5),
    ("topk", {"k": 2}, (np.full((2, 3), 0.5), [0, 2]), 0.5),
    ("confusion_matrix", {"num_classes": 3}, (SCORES, LABELS), [[1, 0, 1], [0, 1, 0], [0, 0, 1]]),
    (
        "confusion_matrix",
        {"num_classes": 3, "normalize": "target"},
        (SCORES, LABELS),
        [[0.5, 0, 0.5], [0, 1, 0], [0, 0, 1]],
    ),
    (
        "confusion_matrix",
        {"num_classes": 3, "normalize": "prediction"},
        (SCORES, LABELS),
        [[1, 0, 0.5], [0, 1, 0], [0, 0, 0.5]],
    ),
    (
        "confusion_matrix",
        {"num_classes": 3, "normalize": "all"},
        (SCORES, LABELS),
        [[0.25, 0, 0.25], [0, 0.25, 0], [0, 0, 0.25]],
    ),
    ("confusion_matrix", {"num_classes": 2}, (np.array([0.6, 0.2, 0.7, 0.1]), [1, 0, 0, 1]), [[1, 1], [1, 1]]),
]


@pytest.mark.parametrize(("name", "options", "inputs", "expected"), MINDSPORE)
def test_same_numbers_as_mindspore(name, options, inputs, expected):
    metric = metrics.get_metric_fn(name, **options)
    np.testing.assert_allclose(metric(*inputs), expected, rtol=1e-12)
    np.testing.assert_allclose(metric(*map(Tensor, inputs)), expected, rtol=1e-6)


@pytest.mark.parametrize(("name", "expected"), [("precision", 5 / 6), ("recall", 5 / 6), ("F1", 7 / 9)])
def test_average_over_classes(name, expected):
    metric = metrics.get_metric_fn(name)
    metric.update(SCORES, LABELS)
    np.testing.assert_allclose(metric.eval(True), expected)


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1), min_size=1, max_size=4))
def test_batches_add_up(batches):
    found = {name: metrics.get_metric_fn(name) for name in ("acc", "precision", "recall", "F1", "top_1_accuracy")}
    found["matrix"] = metrics.ConfusionMatrix(4)
    for batch in batches:
        predicted, real = np.array(batch).T
        for metric in found.values():
            metric.update(np.eye(4)[predicted], real)
    pairs = [pair for batch in batches for pair in batch]
    assert found["acc"].eval() == np.mean([p == r for p, r in pairs])
    assert found["top_1_accuracy"].eval() == found["acc"].eval()
    for c in range(4):
        hits = sum(p == r == c for p, r in pairs)
        predicted, real = sum(p == c for p, _ in pairs), sum(r == c for _, r in pairs)
        assert found["precision"].eval()[c] == (hits / predicted if predicted else 0)
        assert found["recall"].eval()[c] == (hits / real if real else 0)
        np.testing.assert_allclose(found["F1"].eval()[c], 2 * hits / (predicted + real) if predicted + real else 0)
        for other in range(4):
            assert found["matrix"].eval()[c, other] == sum(r == c and p == other for p, r in pairs)


def test_classes_may_have_places_behind_them():
    rng = np.random.default_rng(0)
    scores, labels = rng.random((4, 3, 2)), rng.integers(0, 3, (4, 2))
    flat = scores.transpose(0, 2, 1).reshape(-1, 3)
    for name in ("acc", "precision", "recall", "top_1_accuracy"):
        np.testing.assert_array_equal(
            metrics.get_metric_fn(name)(scores, labels), metrics.get_metric_fn(name)(flat, labels.reshape(-1))
        )


def test_clear_forgets():
    for name in metrics.names():
        options = {"confusion_matrix": {"num_classes": 3}, "topk": {"k": 1}}.get(name, {})
        metric = metrics.get_metric_fn(name, **options)
        inputs = {"loss": (np.array(1.0),), "mae": (SCORES, SCORES), "mse": (SCORES, SCORES)}.get(
            name, (SCORES, LABELS)
        )
        metric.update(*inputs)
        metric.clear()
        with pytest.raises(RuntimeError, match="got no samples"):
            metric.eval()


@pytest.mark.parametrize("name", ["acc", "precision", "recall", "F1", "top_5_accuracy", "mae"])
def test_empty_batches_count_nothing(name):
    metric = metrics.get_metric_fn(name)
    label = np.zeros((0, 3)) if name == "mae" else np.zeros(0, int)
    metric.update(np.zeros((0, 3)), label)
    with pytest.raises(RuntimeError, match="got no samples"):
        metric.eval()


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("acc", (SCORES,), "1 inputs"),
        ("acc", (SCORES, LABELS[:3]), r"shapes \(4, 3\) and \(3,\)"),
        ("acc", (SCORES[:, 0], LABELS), r"shapes \(4,\)"),
        ("acc", (SCORES, LABELS[:, None]), "one-hot"),
        ("precision", (SCORES, [1, 0, 0, 7]), "label 7, expected labels from 0 to 2"),
        ("recall", (SCORES, [1, 0, 0, -1]), "label -1"),
        ("loss", (np.ones(2),), r"shape \(2,\)"),
        ("mae", (np.ones((2, 3)), np.ones((3, 2))), "one shape"),
        ("topk", (SCORES, LABELS[:1]), "shapes"),
    ],
)
def test_misfits_are_told(name, inputs, words):
    with pytest.raises(ValueError, match=words):
        metrics.get_metric_fn(name, **({"k": 1} if name == "topk" else {}))(*inputs)


def test_other_misfits_are_told():
    accuracy = metrics.Accuracy()
    accuracy.update(SCORES, LABELS)
    with pytest.raises(ValueError, match="2 classes, expected 3"):
        accuracy.update(SCORES[:, :2], LABELS)
    with pytest.raises(ValueError, match="other numbers than 0 and 1"):
        metrics.Precision("multilabel")(PREDICTED * 2, REAL)
    with pytest.raises(TypeError, match="float"):
        metrics.Loss().update(0.5)
    with pytest.raises(ValueError, match="classes from 0 to 2"):
        metrics.ConfusionMatrix(2)(SCORES, LABELS)
    for wrong in (lambda: metrics.Accuracy("other"), lambda: metrics.TopKCategoricalAccuracy(1.5)):
        with pytest.raises(TypeError):
            wrong()
    for wrong in (
        lambda: metrics.TopKCategoricalAccuracy(0),
        lambda: metrics.Fbeta(0),
        lambda: metrics.ConfusionMatrix(0),
        lambda: metrics.ConfusionMatrix(2, "other"),
        lambda: metrics.get_metric_fn("other"),
        lambda: metrics.Accuracy().set_indexes("x"),
        lambda: metrics.Accuracy().set_indexes([1.5]),
        lambda: metrics.Accuracy().set_indexes([0, 2]).update(SCORES, LABELS),
    ):
        with pytest.raises(ValueError, match="expected"):
            wrong()


def test_indexes_choose_inputs():
    metric = metrics.Accuracy().set_indexes([2, 0])
    metric.update(LABELS, "unused", SCORES)
    assert metric.eval() == 0.75


def test_metrics_of_a_model():
    loss = metrics.Loss()
    found = metrics.get_metrics({"mine": loss, "other": "acc"})
    assert found["mine"] is loss
    assert isinstance(found["other"], metrics.Accuracy)
    assert list(metrics.get_metrics({"mae", "acc"})) == ["acc", "mae"]
    assert metrics.get_metrics(None) == {}
    with pytest.raises(TypeError, match="got 'acc'"):
        metrics.get_metrics("acc")
    with pytest.raises(TypeError, match="got a int"):
        metrics.get_metrics({"acc": 3})
