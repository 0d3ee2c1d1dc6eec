"""How images are standardised: by ImageNet, or by the pixels that are trained on."""

import numpy as np
import pytest
import torch

from benchmark.records.spec import DataSpec, RunSpec, Training
from benchmark.training.segmentation.images import ImageScale, class_indices
from benchmark.training.segmentation.standardisation import fit_standardisation
from datasets.splits import Split
from methods.contract import IGNORED

CPU = torch.device("cpu")
SPLIT = Split(np.arange(6), np.arange(6, 8), np.arange(8, 10))


def _spec(weights: str, normalisation: str = "training_split") -> RunSpec:
    return RunSpec(
        numerics=1,
        data=DataSpec.model_validate(
            {
                "fingerprint": "",
                "split": "paper",
                "image_size": None,
                "normalisation": normalisation,
            }
        ),
        method="reference",
        hyperparameters={},
        source="",
        plugin="none",
        modalities=("RGB",),
        teacher=None,
        augmentation="none",
        repetition=0,
        training=Training(),
        network={"weights": weights},
    )


@pytest.fixture
def images() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "RGB": random.integers(0, 256, (10, 3, 5, 4)).astype(np.uint8),
        "DEPTH": random.integers(1000, 60_000, (10, 1, 5, 4)).astype(np.uint16),
        "HEIGHT": (1e5 + random.normal(0, 3, (10, 1, 5, 4))).astype(np.float32),
    }


def _shown(name: str, images: np.ndarray, spec: RunSpec) -> np.ndarray:
    """As networks see them, from the form in which tensors hold them."""
    scale = ImageScale(images, fit_standardisation(name, images, spec, SPLIT), CPU)
    stored = images
    if images.dtype == np.uint16:
        stored = (images.astype(np.int32) - 2**15).astype(np.int16)
    return scale.standardise(scale.values(torch.from_numpy(stored))).numpy()


def test_colours_are_those_of_imagenet_where_networks_start_there(
    images: dict[str, np.ndarray],
) -> None:
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = (images["RGB"] / 255 - mean[:, None, None]) / deviation[:, None, None]
    assert _shown("RGB", images["RGB"], _spec("imagenet")) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", ["RGB", "DEPTH", "HEIGHT"])
@pytest.mark.parametrize(
    ("normalisation", "fitted_on"), [("training_split", 6), ("whole_data_set", 10)]
)
def test_other_values_have_mean_0_and_deviation_1_over_the_pixels_that_they_are_fitted_on(
    images: dict[str, np.ndarray], name: str, normalisation: str, fitted_on: int
) -> None:
    shown = _shown(name, images[name], _spec("none", normalisation))[:fitted_on].astype(np.float64)
    assert shown.mean(axis=(0, 2, 3)) == pytest.approx(0, abs=3e-3)
    assert shown.std(axis=(0, 2, 3)) == pytest.approx(1, abs=3e-3)


def test_a_constant_modality_is_zero(images: dict[str, np.ndarray]) -> None:
    flat = np.full_like(images["HEIGHT"], 7)
    assert not _shown("HEIGHT", flat, _spec("none")).any()


def test_pixels_without_a_class_are_ignored() -> None:
    stored = torch.tensor([[[0, 2, 255]]], dtype=torch.uint8)
    assert class_indices(stored, 255).tolist() == [[[0, 2, IGNORED]]]
    assert class_indices(stored, 0).tolist() == [[[IGNORED, 2, 255]]]
    assert class_indices(stored, None).tolist() == [[[0, 2, 255]]]
