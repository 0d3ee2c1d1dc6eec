"""Losses of segmentation equal their formulas, written out once more in NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from methods.cad import cad_loss
from methods.contract import IGNORED
from methods.crodino_kd import contrastive_loss, feature_mixup, orthogonality_loss
from methods.dice import dice_loss
from methods.kd import kd_loss
from methods.kd_net import bottleneck_loss
from methods.lad import lad_loss
from methods.lskd import standardize_logits
from methods.masked_generative import generation_loss, spatial_kd_loss
from methods.proto_kd import frequency_weighted_cross_entropy, prototype_loss
from methods.targets import valid_positions

Values = NDArray[np.float64]
Loss = Callable[[torch.Tensor], torch.Tensor]
B, C, H, W = 3, 4, 6, 5
RANDOM = np.random.default_rng(3)
STUDENT, TEACHER = RANDOM.normal(0, 2, (2, B, C, H, W))
TARGET = RANDOM.integers(0, 3, (B, H, W))  # the last class is in no sample
TARGET[:, 0] = IGNORED
TARGET[1][TARGET[1] == 2] = 1  # and another in some only
VALID = TARGET != IGNORED
MAPS, OTHER_MAPS = RANDOM.random((2, B, 7, H, W))

student, teacher, maps, other_maps = map(torch.tensor, (STUDENT, TEACHER, MAPS, OTHER_MAPS))
target = torch.tensor(TARGET)


def _softmax(logits: Values, axis: int = 1) -> Values:
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _divergences(p: Values, q: Values) -> Values:
    """KL(p || q) over axis 1."""
    return (p * np.log(p / q)).sum(axis=1)


def _cosine(one: Values, other: Values) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_kd_loss_per_pixel(temperature: float) -> None:
    divergences = _divergences(_softmax(TEACHER / temperature), _softmax(STUDENT / temperature))
    found = kd_loss(student, teacher, temperature, valid_positions(target))
    assert found.item() == pytest.approx(temperature**2 * divergences[VALID].mean(), rel=1e-12)
    everywhere = kd_loss(student, teacher, temperature)
    assert everywhere.item() == pytest.approx(temperature**2 * divergences.mean(), rel=1e-12)


def test_lskd_standardizes_over_the_classes_of_a_pixel() -> None:
    centred = STUDENT - STUDENT.mean(axis=1, keepdims=True)
    expected = centred / (1e-7 + STUDENT.std(axis=1, ddof=1, keepdims=True))
    np.testing.assert_allclose(standardize_logits(student).numpy(), expected, rtol=1e-12)


def test_dice_loss() -> None:
    p, per_class = _softmax(STUDENT), []
    for index in range(C):
        q, g = p[:, index][VALID], TARGET[VALID] == index
        per_class.append(1 - (2 * (q * g).sum() + 1e-5) / ((q**2).sum() + g.sum() + 1e-5))
    assert dice_loss(student, target).item() == pytest.approx(np.mean(per_class), rel=1e-12)


def test_bottleneck_loss() -> None:
    expected = _divergences(_softmax(OTHER_MAPS), _softmax(MAPS)).mean()
    assert bottleneck_loss(maps, other_maps).item() == pytest.approx(expected, rel=1e-12)


def test_layer_wise_and_channel_wise_angular_losses() -> None:
    layers = [2 - 2 * _cosine(MAPS[b].ravel(), OTHER_MAPS[b].ravel()) for b in range(B)]
    channels = [
        2 - 2 * _cosine(MAPS[b, d].ravel(), OTHER_MAPS[b, d].ravel())
        for b in range(B)
        for d in range(MAPS.shape[1])
    ]
    assert lad_loss(maps, other_maps).item() == pytest.approx(np.mean(layers), rel=1e-12)
    assert cad_loss(maps, other_maps).item() == pytest.approx(np.mean(channels), rel=1e-12)


def test_a_channel_of_zeros_has_no_direction() -> None:
    dead = maps.clone().requires_grad_()
    loss = cad_loss(torch.relu(dead - torch.tensor([9.0, *[0.0] * 6])[:, None, None]), other_maps)
    loss.backward()
    assert loss.isfinite()
    assert dead.grad is not None
    assert not dead.grad[:, 0].any()


def _similarity_maps(features: Values, labels: NDArray[np.int64]) -> list[Values]:
    found = []
    for sample, label in zip(features, labels, strict=True):
        for index in range(C):
            mask = label == index
            if mask.any():
                prototype = sample[:, mask].mean(axis=1)
                pixels = sample.reshape(len(sample), -1).T
                found.append(np.array([_cosine(pixel, prototype) for pixel in pixels]))
    return found


@pytest.mark.parametrize("scale", [1, 2])
def test_prototype_loss_takes_the_classes_of_each_sample(scale: int) -> None:
    """With targets twice as large, each feature has the label that is nearest to its centre."""
    ours, theirs = _similarity_maps(MAPS, TARGET), _similarity_maps(OTHER_MAPS, TARGET)
    assert len(ours) == 3 + 2 + 3
    expected = np.mean([(one - other) ** 2 for one, other in zip(ours, theirs, strict=True)])
    large = target.repeat_interleave(scale, dim=1).repeat_interleave(scale, dim=2)
    found = prototype_loss(maps, other_maps, large, C)
    assert found.item() == pytest.approx(expected, rel=1e-9)


def test_frequency_weighted_cross_entropy() -> None:
    log_p = np.log(_softmax(STUDENT)).transpose(0, 2, 3, 1)[VALID]
    labels = TARGET[VALID]
    weights = (1 - np.bincount(labels, minlength=C) / len(labels))[labels]
    expected = -(weights * log_p[np.arange(len(labels)), labels]).sum() / weights.sum()
    found = frequency_weighted_cross_entropy(student, target)
    assert found.item() == pytest.approx(expected, rel=1e-12)
    one_class = frequency_weighted_cross_entropy(student, torch.zeros_like(target))
    assert one_class.item() == 0


def test_generation_loss_and_spatial_kd_loss() -> None:
    found = generation_loss(maps, other_maps)
    assert found.item() == pytest.approx(((MAPS - OTHER_MAPS) ** 2).sum() / B, rel=1e-12)
    p, q = (
        _softmax(values.reshape(B * C, H * W) / 4).reshape(B * C, H * W)
        for values in (TEACHER, STUDENT)
    )
    expected = 16 * _divergences(p, q).sum() / (B * C)
    assert spatial_kd_loss(student, teacher).item() == pytest.approx(expected, rel=1e-12)


def test_orthogonality_is_signed_or_squared() -> None:
    cosines = np.array(
        [
            _cosine(MAPS[b, :, i, j] - 0.5, OTHER_MAPS[b, :, i, j] - 0.5)
            for b in range(B)
            for i in range(H)
            for j in range(W)
        ]
    )
    assert cosines.min() < 0 < cosines.max()
    signed = orthogonality_loss(maps - 0.5, other_maps - 0.5)
    squared = orthogonality_loss(maps - 0.5, other_maps - 0.5, "squared")
    assert signed.item() == pytest.approx(cosines.mean(), rel=1e-12)
    assert squared.item() == pytest.approx((cosines**2).mean(), rel=1e-12)


def test_contrastive_loss() -> None:
    embeddings = [values.mean(axis=(2, 3)) for values in (MAPS, OTHER_MAPS)]
    embeddings = [e / np.linalg.norm(e, axis=1, keepdims=True) for e in embeddings]
    together = np.concatenate(embeddings)
    expected = 0.0
    for modality in range(2):
        for sample in range(B):
            anchor = modality * B + sample
            similarity = np.exp(-np.linalg.norm(together - together[anchor], axis=1) / 0.07)
            positive = similarity[(1 - modality) * B + sample]
            expected -= np.log(positive / np.delete(similarity, anchor).sum()) / B
    assert contrastive_loss([maps, other_maps]).item() == pytest.approx(expected, rel=1e-10)


def test_contrastive_loss_of_equal_embeddings_has_a_gradient() -> None:
    equal = maps.clone().requires_grad_()
    loss = contrastive_loss([equal, equal.detach()])
    loss.backward()
    assert equal.grad is not None
    assert equal.grad.isfinite().all()
    assert equal.grad.any()


def test_feature_mixup() -> None:
    expected = 0.9 * MAPS + 0.1 * OTHER_MAPS
    np.testing.assert_allclose(feature_mixup(maps, other_maps, 0.1).numpy(), expected)


@pytest.mark.parametrize(
    ("loss", "values"),
    [
        (lambda x: kd_loss(x, teacher, 3.0, valid_positions(target)), student),
        (lambda x: dice_loss(x, target), student),
        (lambda x: frequency_weighted_cross_entropy(x, target), student),
        (lambda x: spatial_kd_loss(x, teacher), student),
        (lambda x: bottleneck_loss(x, other_maps), maps),
        (lambda x: lad_loss(x, other_maps), maps),
        (lambda x: cad_loss(x, other_maps), maps),
        (lambda x: prototype_loss(x, other_maps, target, C), maps),
        (lambda x: generation_loss(x, other_maps), maps),
        (lambda x: orthogonality_loss(x, other_maps), maps),
        (lambda x: orthogonality_loss(x, other_maps, "squared"), maps),
        (lambda x: contrastive_loss([x, other_maps]), maps),
        (lambda x: contrastive_loss([other_maps, x]), maps),
    ],
)
def test_gradients_equal_differences_of_the_loss(loss: Loss, values: torch.Tensor) -> None:
    assert torch.autograd.gradcheck(loss, values.clone().requires_grad_(), atol=1e-7)
