"""The embeddings of a finished run's test samples, from the weights that it kept."""

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.records.record import Record
from benchmark.records.spec import RunSpec
from benchmark.running.problems import learner_of, teacher_sizes_of
from benchmark.training.data import TrainingData
from benchmark.training.precision import DTYPES
from benchmark.training.task_engines import ENGINES
from core.errors import UserError
from core.seeding import derive_seed
from datasets import Dataset
from datasets.finding import find_dataset
from datasets.preparing.resize import resize_images
from methods.contract import CLASSIFICATION
from methods.networks.embedding import embeddings_of
from methods.networks.properties import modalities_of, set_compute_dtype
from methods.registry import make_method, source_digest

MOST_SAMPLES = 2000


@dataclass(frozen=True)
class RunEmbeddings:
    """What the networks of a run make of test samples.

    Attributes:
        samples: their places in the data set, (n,), ascending.
        of: number of test samples that they were drawn from.
        classes: their true classes, (n,).
        networks: deployed network -> name of an embedding -> (n, D), float32.
    """

    samples: NDArray[np.int64]
    of: int
    classes: NDArray[np.int64]
    networks: Mapping[str, Mapping[str, NDArray[np.float32]]]


def embed_test_samples(
    record: Record, weights: bytes, data: Path, most: int = MOST_SAMPLES
) -> RunEmbeddings:
    """Rebuild the deployed networks of a run, and run them on its test samples.

    Each has the weights of its selected checkpoint. Of more test samples than `most`, so many are
    drawn; the same for all runs of a repetition.

    Args:
        record: of the run.
        weights: the content of its file of weights.
        data: folder of the data sets, in which the run's is found by its content.
        most: samples.

    Raises:
        UserError: the run has one class per pixel, its method or its data is not here, or the
            weights do not fit its networks.
    """
    _require_embeddings(record)
    dataset = _trained_on(record, data)
    engine, spec = ENGINES[CLASSIFICATION], record.spec
    prepared = engine.prepare(engine.load(dataset, torch.device("cpu")), spec)
    assert isinstance(prepared, TrainingData)
    method = make_method(spec.method, spec.hyperparameters)
    labels = engine.training_labels(prepared)
    learner = learner_of(spec, dataset, method, labels, teacher_sizes_of(spec, dataset))
    set_compute_dtype(learner, DTYPES[record.environment.precision])
    networks = learner.deployments()
    _load(networks, weights, record)
    samples = _drawn(prepared.test, most, spec)
    found = {name: _embed(network, prepared, samples) for name, network in networks.items()}
    places = samples.numpy()
    return RunEmbeddings(places, len(prepared.test), prepared.true_labels[places], found)


def _require_embeddings(record: Record) -> None:
    first = next(iter(record.deployments.values()))
    if first.selected.test.TASK != CLASSIFICATION:
        raise UserError(
            f"run {record.key} has one class per pixel, of which no embeddings are drawn: every "
            "pixel has one of its own; --pictures draws its label maps"
        )
    spec = record.spec
    found = source_digest(spec.method) + source_digest(spec.plugin)
    if found != spec.source:
        plugin = "" if spec.plugin == "none" else f" with plug-in {spec.plugin}"
        other = "another version of the own method" if found else "the own method"
        raise UserError(
            f"run {record.key} is of {other} {spec.method}{plugin}; name the file that it was "
            "trained with by --load"
        )


def _trained_on(record: Record, folder: Path) -> Dataset:
    """The data of a run at its size, with the modalities that the run knows."""
    facts, spec = record.data, record.spec
    known = {*spec.modalities, *(spec.teacher.modalities if spec.teacher else ())}
    dataset = find_dataset(facts.fingerprint, facts.name, known, folder)
    if dataset is None:
        raise UserError(
            f"nothing in the folder {folder} is what run {record.key} was trained on "
            f"({facts.name}, fingerprint {facts.fingerprint}); name another with --data"
        )
    images = {name: one for name, one in dataset.modalities.items() if name in known}
    size = spec.data.image_size
    if size is not None:
        images = {name: resize_images(one, size) for name, one in images.items()}
    return replace(dataset, modalities=images)


def _load(networks: Mapping[str, nn.Module], weights: bytes, record: Record) -> None:
    try:
        states = torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True)
        for name, network in networks.items():
            network.load_state_dict(states[name])
    except (RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"the weights of run {record.key} do not fit its networks ({reason}); show it with the "
            "version that trained it"
        ) from None


def _drawn(test: Tensor, most: int, spec: RunSpec) -> Tensor:
    """Test samples in ascending order."""
    if len(test) > most:
        random = np.random.default_rng(derive_seed("embedding", spec.repetition))
        test = test[torch.from_numpy(random.permutation(len(test))[:most])]
    return test.sort().values


@torch.no_grad()
def _embed(
    network: nn.Module, data: TrainingData, samples: Tensor
) -> dict[str, NDArray[np.float32]]:
    network.eval().to(memory_format=torch.channels_last)
    blocks: dict[str, list[Tensor]] = {}
    for inputs in data.blocks(modalities_of(network), samples):
        for name, embedding in embeddings_of(network, inputs).items():
            blocks.setdefault(name, []).append(embedding.float())
    return {name: torch.cat(found).numpy() for name, found in blocks.items()}
