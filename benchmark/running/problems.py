"""What the networks of a run are built for, and weights that are given to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmark.planning.given_weights import read_weights
from benchmark.records.spec import RunSpec, TeacherSpec
from benchmark.tasks import task_of
from core.errors import UserError
from core.seeding import derive_seed
from datasets import Dataset
from methods import Learner, Method, Problem
from methods.networks.classifier import sizes_of
from methods.networks.given_weights import load_given_weights
from methods.registry import make_plugin
from methods.tasks import network_of


def learner_of(
    spec: RunSpec,
    dataset: Dataset,
    method: Method,
    labels: Sequence[int],
    teacher_sizes: Mapping[str, int],
) -> Learner:
    """What a run trains, with its initial weights, on the CPU.

    Args:
        spec: of the run.
        dataset: of the run.
        method: made of the spec's hyper-parameters.
        labels: class indices of the training samples.
        teacher_sizes: as `Problem.teacher_sizes`.
    """
    problem = problem_of(spec.modalities, dataset, spec, spec.network, labels)
    problem = replace(problem, teacher_sizes=teacher_sizes)
    return method.learner(problem, make_plugin(spec.plugin))


def teacher_sizes_of(spec: RunSpec, dataset: Dataset) -> Mapping[str, int]:
    """`Problem.teacher_sizes` of a run whose teacher is not at hand."""
    if spec.teacher is None or not spec.teacher.network:
        return {}
    with torch.device("meta"):  # only its sizes are asked for, so it gets no memory
        return sizes_of(network_of(teacher_problem(spec.teacher, dataset, spec)))


def give_weights(learner: Learner, path: Path, digest: str) -> None:
    """Put the weights of a file into the one network of a learner.

    Raises:
        UserError: the file cannot be read, has changed since the plan was made, or holds others.
    """
    given = read_weights(path)
    if given.digest != digest:
        raise UserError(f"{path} has changed since the plan was made; start again")
    ((_, network),) = learner.deployments().items()
    load_given_weights(network, given.content, str(path))


def teacher_problem(teacher: TeacherSpec, dataset: Dataset, spec: RunSpec) -> Problem:
    """What the network of a run's teacher is built for."""
    network = spec.network if teacher.network is None else teacher.network
    return problem_of(teacher.modalities, dataset, spec, network)


def problem_of(
    modalities: tuple[str, ...],
    dataset: Dataset,
    spec: RunSpec,
    network: Mapping[str, Any],
    labels: Sequence[int] = (),
) -> Problem:
    """What networks over some modalities of a data set are built for.

    Args:
        modalities: names, in the data set's order.
        dataset: of the run.
        spec: of the run, whose repetition decides the initial weights.
        network: settings of the networks, as `Problem.network`.
        labels: class indices of the training samples.
    """
    return Problem(
        channels={name: dataset.channels[name] for name in modalities},
        num_classes=len(dataset.class_names),
        seed=derive_seed("weights", spec.repetition),
        task=task_of(dataset).name,
        network=network,
        labels=labels,
    )
