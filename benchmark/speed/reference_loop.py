"""A training loop like those of the scripts that are released with papers, written anew.

Its network and its loss are those of the suite, so that only the loop differs.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from benchmark.speed.engine import EPOCH
from benchmark.speed.measurement import REFERENCE_LOOP
from benchmark.speed.timed_training import LEARNING_RATE, Bench, TimedTraining
from datasets import Dataset
from datasets.normalisation import fit_value_range
from methods.dkd import DKD
from methods.networks.classifier import build_classifier

Sample = tuple[dict[str, Tensor], int]
FITTED_ON = 256  # samples that the value range is found from: of noise, more change no time


class Samples(TorchDataset[Sample]):
    """One sample at a time: read, to float32, scaled to [0, 1], and turned or flipped at random.

    Args:
        dataset: in host memory.
        modalities: what to read of it.
        indices: its samples that are part of this one.
        augment: draw a D4 view for each sample, the same for all its modalities.
    """

    def __init__(
        self,
        dataset: Dataset,
        modalities: tuple[str, ...],
        indices: NDArray[np.int64],
        augment: bool,
    ) -> None:
        self._dataset = dataset
        self._indices = indices
        self.augment = augment
        self._ranges = {}
        for name in modalities:
            fitted_on = dataset.given_splits[0].train[:FITTED_ON]
            found = fit_value_range(dataset.modalities[name], fitted_on)
            low, high = (torch.from_numpy(end)[:, None, None] for end in (found.low, found.high))
            self._ranges[name] = low, high - low

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, position: int) -> Sample:
        index = self._indices[position]
        images = {}
        for name, (low, span) in self._ranges.items():
            image = torch.from_numpy(self._dataset.modalities[name][index].astype(np.float32))
            images[name] = ((image - low) / span).clamp(0, 1)
        if self.augment:
            images = _augmented(images)
        return images, int(self._dataset.labels[index])


def _augmented(images: dict[str, Tensor]) -> dict[str, Tensor]:
    """With probability 1/2 left alone, else each flip with 1/2 and a quarter turn with 1/2."""
    if torch.rand(()) < 0.5:
        return images
    for axis in (-1, -2):
        if torch.rand(()) < 0.5:
            images = {name: image.flip(axis) for name, image in images.items()}
    if torch.rand(()) < 0.5:
        turns = int(torch.randint(4, ()))
        images = {name: image.rot90(turns, (-2, -1)) for name, image in images.items()}
    return images


class ReferenceLoop(TimedTraining):
    """DKD with a live teacher: samples from a `DataLoader`, float32, the loss read at every step.

    After each epoch it goes through validation and test, and asks scikit-learn for the weighted F1.

    Args:
        bench: what to train on.
        loader_workers: processes that prepare batches; 0 for this one.
        name: see `Timing`.
    """

    kind = "reference"

    def __init__(self, bench: Bench, loader_workers: int, name: str = REFERENCE_LOOP) -> None:
        self.name = name
        shape, split = bench.shape, bench.dataset.given_splits[0]
        self.modalities = (shape.student,)
        self.evaluations = sum(shape.split_sizes[1:])
        self._device = bench.device
        self._method = DKD()
        channels = bench.dataset.channels
        self._student, self._teacher = (
            build_classifier({name: channels[name]}, bench.data.num_classes, seed=0).to(
                self._device
            )
            for name in (shape.student, shape.teacher)
        )
        self._teacher.eval()
        self._optimiser = torch.optim.Adam(self._student.parameters(), lr=LEARNING_RATE)
        both = (shape.teacher, shape.student)
        self._training, self._evaluated = (
            DataLoader(
                samples,
                batch_size=bench.batch_size,
                shuffle=samples.augment,
                num_workers=loader_workers,
                persistent_workers=loader_workers > 0,
            )
            for samples in (
                Samples(bench.dataset, both, split.train, augment=True),
                Samples(bench.dataset, self.modalities, split.validation, augment=False),
            )
        )

    def train(self, round_number: int) -> None:
        self._student.train()
        total = 0.0
        for images, labels in self._training:
            images = {name: image.to(self._device) for name, image in images.items()}
            labels = labels.to(self._device)
            with torch.no_grad():
                teacher_logits = self._teacher(images)
            logits = self._student(images)
            distilled = self._method.distillation_loss(logits, teacher_logits, labels, EPOCH)
            loss = F.cross_entropy(logits, labels) + distilled
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()
            total += loss.item()
        if not np.isfinite(total):
            raise RuntimeError(f"{self.name}: the loss is no longer finite")

    @torch.no_grad()
    def evaluate(self) -> None:
        self._student.eval()
        predicted, true = [], []
        for images, labels in self._evaluated:
            images = {name: image.to(self._device) for name, image in images.items()}
            predicted.append(self._student(images).argmax(1).cpu().numpy())
            true.append(labels.numpy())
        f1_score(
            np.concatenate(true), np.concatenate(predicted), average="weighted", zero_division=0
        )
