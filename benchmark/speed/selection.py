"""Which trainings a measurement times."""

import time
from collections.abc import Iterator, Sequence

import torch

from benchmark.speed.engine import EngineRun, make_learner
from benchmark.speed.floor import Floor, networks_of
from benchmark.speed.measurement import STUDENT, TEACHER, engine_name
from benchmark.speed.reference_loop import ReferenceLoop
from benchmark.speed.timed_training import Bench, TimedTraining
from benchmark.training.teacher import TeacherLogits, TeacherTable
from core.errors import UserError
from methods import METHODS, Kind
from methods.contract import CLASSIFICATION
from methods.dkd import DKD
from methods.lskd import LSKD
from methods.networks.properties import modalities_of
from methods.reference import Reference
from methods.registry import make_method, make_plugin, takes_plugins


def select_trainings(
    bench: Bench, chosen: Sequence[str] | None, loader_workers: int
) -> tuple[list[TimedTraining], float]:
    """Build all trainings that are timed, and the table of teacher logits that the methods share.

    Args:
        bench: what to train on.
        chosen: methods, each with `+` and a plug-in where one is wanted; None for all methods of
            classification, and DKD with LSKD. STUDENT is always there, the reference loop where
            DKD is.
        loader_workers: processes that prepare the reference loop's batches.

    Returns:
        The trainings, each floor before the first method that it belongs to, and the seconds that
        the table took.

    Raises:
        UserError: a method or plug-in is unknown, a method is for another task, or a plug-in is
            with a method that takes none.
    """
    all_methods = [name for name in METHODS if CLASSIFICATION in METHODS.get(name).tasks]
    wanted = _with_plugins(chosen or [*all_methods, engine_name(DKD.name, LSKD.name)])
    teacher, seconds = teacher_table(bench)
    trainings: list[TimedTraining] = []
    if (DKD.name, "none") in wanted:
        trainings.append(ReferenceLoop(bench, loader_workers))
    floors: dict[object, str] = {}
    for name, method, plugin, modalities in _roles(bench, wanted):
        run = EngineRun(bench, name, method, plugin, modalities, teacher)
        if networks_of(run) not in floors:
            floor = Floor(bench, method, run)
            floors[networks_of(run)] = floor.name
            trainings.append(floor)
        run.floor = floors[networks_of(run)]
        trainings.append(run)
    return trainings, seconds


def _with_plugins(names: Sequence[str]) -> list[tuple[str, str]]:
    """(method, plug-in or "none") of each name."""
    pairs = []
    for name in names:
        method, _, plugin = name.partition("+")
        if plugin and not takes_plugins(make_method(method, {})):
            raise UserError(f"{name}: plug-ins change distilled logits, and {method} has none")
        if CLASSIFICATION not in METHODS.get(method).tasks:
            raise UserError(f"{name}: what is timed is classification, and {method} is not for it")
        make_plugin(plugin or "none")
        pairs.append((method, plugin or "none"))
    return list(dict.fromkeys(pairs))


def _roles(
    bench: Bench, wanted: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Name, method, plug-in and modalities of each training."""
    student, teacher = (bench.shape.student,), (bench.shape.teacher,)
    yield STUDENT, Reference.name, "none", student
    for method, plugin in wanted:
        if method == Reference.name:
            yield TEACHER, method, plugin, teacher
        elif METHODS.get(method).kind is Kind.JOINT:
            yield method, method, plugin, teacher + student
        else:
            yield engine_name(method, plugin), method, plugin, student


def teacher_table(bench: Bench) -> tuple[TeacherLogits, float]:
    """A teacher's logits for the training samples, and the seconds that they took."""
    learner = make_learner(bench, Reference.name, (bench.shape.teacher,))
    (network,) = learner.deployments().values()
    started = time.perf_counter()
    table = TeacherTable(network, modalities_of(network), bench.data)
    if bench.device.type == "cuda":
        torch.cuda.synchronize(bench.device)
    return table, time.perf_counter() - started
