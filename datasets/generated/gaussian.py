"""Gaussian features of two modalities that share a known part of what decides the class.

Source: Xue et al., The Modality Focusing Hypothesis, ICLR 2023, sections 4 and 5.1. There, too, the
shared part of the decisive features, gamma, says whether a student gains from a teacher on the
other modality. Here there are four classes instead of two, so that the wrong ones differ.
"""

from collections.abc import Mapping

import numpy as np

from core.errors import UserError, nearest_names
from core.seeding import derive_seed
from datasets.base import Array, Dataset, fingerprint

NAME = "gaussian"
MODALITIES = ("A", "B")
NOTE = "Gaussian features generated from a seed: no result of any real data"

SAMPLES = 1300
CLASSES = 4
DECISIVE = 16
NUISANCES = {"A": 0, "B": 120}
_DEFAULTS = {"alpha": "0", "gamma": "1"}


def make_gaussian(choices: Mapping[str, str] | None = None) -> Dataset:
    """Generate the data set; the same options give the same content.

    Sixteen independent standard normal features decide the class, that of the largest of four
    random linear functions of them. A share gamma of the features is in both modalities, a share
    alpha in A alone, and the rest in B alone. B also has 120 features that decide nothing, more
    than a linear model can tell from the others with a few hundred labels. Features are the
    channels of images of one pixel, float32, so the views of D4 change nothing.

    A linear student on B gains from a linear teacher on A where gamma is 1: the teacher's logits
    are linear in what B shows, and each of them says more than a label. Where gamma is 0 they say
    nothing of B, and a student that hears them alone stays at chance.

    Args:
        choices: option -> value as text: `alpha` and `gamma`, each in [0, 1], at most 1 together;
            0 and 1 by default.

    Raises:
        UserError: an unknown option or a value that is none of these.
    """
    alpha, gamma = _shares({**_DEFAULTS, **(choices or {})})
    random = np.random.default_rng(derive_seed(NAME))
    decisive = random.normal(size=(SAMPLES, DECISIVE))
    labels = (decisive @ random.normal(size=(DECISIVE, CLASSES))).argmax(axis=1).astype(np.int64)
    shared, end = round(gamma * DECISIVE), round((gamma + alpha) * DECISIVE)
    seen = {
        "A": decisive[:, :end],
        "B": np.delete(decisive, slice(shared, end), axis=1),
    }
    modalities: dict[str, Array] = {}
    for name, features in seen.items():
        nuisances = random.normal(size=(SAMPLES, NUISANCES[name]))
        images = np.concatenate([features, nuisances], axis=1).astype(np.float32)
        if not images.shape[1]:
            raise UserError(
                f"{NAME}: alpha {alpha:g} and gamma {gamma:g} leave modality {name} without "
                f"features, expected at least 1 of {DECISIVE}; raise one of them"
            )
        modalities[name] = images[:, :, None, None]
    return Dataset(
        name=NAME,
        modalities=modalities,
        labels=labels,
        class_names=tuple(f"class {index}" for index in range(CLASSES)),
        fingerprint=fingerprint(NAME, modalities, {"labels": labels}),
        notes=(f"{NOTE}; alpha {alpha:g}, gamma {gamma:g}",),
    )


def _shares(choices: Mapping[str, str]) -> tuple[float, float]:
    """Alpha and gamma."""
    values = {}
    for name, text in choices.items():
        if name not in _DEFAULTS:
            raise UserError(f"{NAME} has no option '{name}': {nearest_names(name, _DEFAULTS)}")
        try:
            values[name] = float(text)
        except ValueError:
            values[name] = np.nan
        if not 0 <= values[name] <= 1:
            raise UserError(f"{NAME}: {name} is '{text}', expected a number from 0 to 1")
    alpha, gamma = values["alpha"], values["gamma"]
    if alpha + gamma > 1:
        raise UserError(
            f"{NAME}: alpha {alpha:g} and gamma {gamma:g} are more than 1 together; lower one"
        )
    return alpha, gamma
