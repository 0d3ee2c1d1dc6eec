"""Which trainings a measurement times."""

import time
from collections.abc import Iterator, Sequence

import torch

from benchmark.records.spec import TeacherSpec
from benchmark.speed.engine import EngineRun, make_learner
from benchmark.speed.floor import Floor, networks_of
from benchmark.speed.measurement import STUDENT, TEACHER, engine_name
from benchmark.speed.reference_loop import ReferenceLoop
from benchmark.speed.timed_training import Bench, TimedTraining
from benchmark.training.teacher import Teacher, TeacherTable
from core.errors import UserError
from methods import METHODS, Kind
from methods.dkd import DKD
from methods.lskd import LSKD
from methods.reference import Reference
from methods.registry import PLUGINS, make_method, takes_plugins


def select_trainings(
    bench: Bench, chosen: Sequence[str] | None, loader_workers: int
) -> tuple[list[TimedTraining], float]:
    """Build all trainings that are timed, and the table of teacher logits that the methods share.

    Args:
        bench: what to train on.
        chosen: methods, each with `+` and a plug-in where one is wanted; None for all methods of
            the shape's task, and DKD with LSKD among those of classification. STUDENT is always
            there, the reference loop where DKD is.
        loader_workers: processes that prepare the reference loop's batches.

    Returns:
        The trainings, each floor before the first method that it belongs to, and the seconds that
        the table took.

    Raises:
        UserError: a method or plug-in is unknown, a method is for another task, or a plug-in is
            with a method that takes none.
    """
    task = bench.dataset.task
    all_methods = [name for name in METHODS if task in METHODS.get(name).tasks]
    if DKD.name in all_methods:
        all_methods.append(engine_name(DKD.name, LSKD.name))
    wanted = _with_plugins(chosen or all_methods, task)
    teacher, seconds = teacher_table(bench)
    own_teacher = teacher
    if any(METHODS.get(method).own_teacher for method, _ in wanted):
        own_teacher, _ = teacher_table(bench, (bench.shape.student,))
    trainings: list[TimedTraining] = []
    if (DKD.name, "none") in wanted:
        trainings.append(ReferenceLoop(bench, loader_workers))
    floors: dict[object, str] = {}
    for name, method, plugin, modalities in _roles(bench, wanted):
        followed = own_teacher if METHODS.get(method).own_teacher else teacher
        run = EngineRun(bench, name, method, plugin, modalities, followed)
        if networks_of(run) not in floors:
            floor = Floor(bench, method, run)
            floors[networks_of(run)] = floor.name
            trainings.append(floor)
        run.floor = floors[networks_of(run)]
        trainings.append(run)
    return trainings, seconds


def _with_plugins(names: Sequence[str], task: str) -> list[tuple[str, str]]:
    """(method, plug-in or "none") of each name."""
    pairs = []
    for name in names:
        method, _, plugin = name.partition("+")
        if plugin and not takes_plugins(make_method(method, {})):
            raise UserError(f"{name}: plug-ins change distilled logits, and {method} has none")
        serving = {method: METHODS.get(method).tasks}
        if plugin not in ("", "none"):
            serving[plugin] = PLUGINS.get(plugin).tasks
        for part, tasks in serving.items():
            if task not in tasks:
                raise UserError(
                    f"{name}: the shape is of {task}, which {part} does not serve; name another "
                    "--shape"
                )
        pairs.append((method, plugin or "none"))
    return list(dict.fromkeys(pairs))


def _roles(
    bench: Bench, wanted: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Name, method, plug-in and modalities of each training."""
    student, teacher = (bench.shape.student,), bench.shape.teacher_modalities
    yield STUDENT, Reference.name, "none", student
    for method, plugin in wanted:
        if method == Reference.name:
            yield TEACHER, method, plugin, teacher
        elif METHODS.get(method).kind is Kind.JOINT:
            yield method, method, plugin, bench.shape.modalities
        else:
            yield engine_name(method, plugin), method, plugin, student


def teacher_table(bench: Bench, modalities: tuple[str, ...] | None = None) -> tuple[Teacher, float]:
    """A teacher, and the seconds that a table of its logits took; 0 where it has none.

    Args:
        bench: what it was trained on.
        modalities: what it sees; None for those of the shape's teacher.
    """
    modalities = modalities or bench.shape.teacher_modalities
    learner = make_learner(bench, Reference.name, modalities)
    (network,) = learner.deployments().values()
    started = time.perf_counter()
    spec = TeacherSpec(key="", modalities=modalities, mode="eval")
    teacher = bench.engine.teacher(network, spec, bench.data)
    if bench.device.type == "cuda":
        torch.cuda.synchronize(bench.device)
    seconds = time.perf_counter() - started
    return teacher, seconds if isinstance(teacher, TeacherTable) else 0.0
