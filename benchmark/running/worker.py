"""Does one run from its spec to its record."""

import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import nn

from benchmark.planning.plan import PlannedRun
from benchmark.records.claims import Claim, Heartbeat
from benchmark.records.record import DataFacts, Record
from benchmark.records.run_files import PREDICTIONS
from benchmark.records.spec import DataSpec, RunSpec
from benchmark.records.store import ResultStore
from benchmark.running.epoch_meter import EpochMeter
from benchmark.running.problems import give_weights, learner_of, problem_of, teacher_problem
from benchmark.running.provenance import describe_environment
from benchmark.tasks import task_of
from benchmark.training.interleaving import Interleaver, TrainingSteps
from benchmark.training.loop import Trainer
from benchmark.training.precision import DTYPES, PrecisionName, resolve_precision
from benchmark.training.snapshot import DEFAULT_MINUTES, Snapshots
from benchmark.training.task import Need, PreparedData, TaskEngine
from benchmark.training.task_engines import ENGINES
from benchmark.training.teacher import Teacher
from core.seeding import derive_seed
from datasets import Dataset, DatasetSource, Split, open_dataset
from methods import Method, Problem
from methods.contract import deployment_name
from methods.networks.classifier import sizes_of
from methods.networks.properties import set_compute_dtype
from methods.reference import Reference
from methods.registry import make_method
from methods.tasks import network_of

T = TypeVar("T")
Placed = TypeVar("Placed", bound=nn.Module)


@dataclass(frozen=True)
class Execution:
    """What a worker did with a run.

    Attributes:
        trained: it was trained; else it was done already.
        notes: what the user should know beside its record, a sentence each.
    """

    trained: bool
    notes: tuple[str, ...] = ()


class Worker:
    """Executes runs one after another on one device, keeping data and teachers between them.

    Args:
        store: where records go and teachers come from.
        device: where to train. On the CPU a worker computes with one thread: results then do not
            depend on the number of cores, to the last bit, and several workers use the cores
            better than one does.
        keep_all_weights: keep the weights of every run, not only those that can be teachers.
        snapshot_minutes: the least time between two snapshots of a training, at least 0; None to
            write and use none.
        graphs: on a GPU, launch training steps as CUDA graphs.
    """

    def __init__(
        self,
        store: ResultStore,
        device: torch.device,
        keep_all_weights: bool = False,
        snapshot_minutes: float | None = DEFAULT_MINUTES,
        graphs: bool = True,
    ) -> None:
        self.device = device
        self._store = store
        self._keep_all_weights = keep_all_weights
        self._snapshot_minutes = snapshot_minutes
        self._graphs = graphs and device.type == "cuda"
        self._loaded: _Recent[_LoadedData] = _Recent(1)
        # These are small, as the images are those of the resident data; runs side by side may be
        # of as many repetitions.
        self._prepared: _Recent[PreparedData] = _Recent(8)
        self._teachers: _Recent[_TrainedTeacher] = _Recent(16)
        if device.type == "cpu":
            torch.set_num_threads(1)
        else:
            torch.cuda.set_device(device)
            torch.backends.cudnn.benchmark = True

    def execute(self, run: PlannedRun, expired: Heartbeat | None = None) -> Execution | None:
        """Train and store one run alone; as `execute_in_steps`."""
        interleaver: Interleaver[str, Execution | None] = Interleaver(self.device)
        interleaver.add(run.key, self.execute_in_steps(run, expired), training_seed(run))
        ((_, execution),) = interleaver.finish()
        return execution

    def execute_in_steps(
        self, run: PlannedRun, expired: Heartbeat | None = None
    ) -> TrainingSteps[Execution | None]:
        """Train and store one run, unless it is done, or another process works on it.

        A training that an earlier attempt left a snapshot of goes on from there. Several runs
        of one worker may be under way at the same time.

        Args:
            run: the run.
            expired: the last heartbeat of a dead process that held it.

        Returns:
            What was done; None if another living process holds the run.

        Raises:
            TrainingDivergedError: the loss became NaN or infinite.
            ClaimLostError: another process has taken the run over meanwhile.
            ResultsFolderError: the results folder cannot be written to.
            UserError: data or teacher are not as the plan found them.
        """
        self._store.former |= run.former
        with self._store.writing():
            claim = self._store.claims.acquire(
                run.key, run.description, _name_of(self.device), expired
            )
        if claim is None:
            return None
        with claim:
            # Only now: another process may have finished the run just before the claim was free.
            if self._store.is_complete(run.key):
                return Execution(trained=False)
            try:
                notes = yield from self._train(run, claim)
            finally:
                self._store.advances.forget(run.key)
            return Execution(trained=True, notes=notes)

    def _train(self, run: PlannedRun, claim: Claim) -> TrainingSteps[tuple[str, ...]]:
        """Train and store; what the user should know beside the record, a sentence each."""
        spec = run.spec
        precision = resolve_precision(spec.training.precision, self.device)
        dtype = DTYPES[precision]
        loaded = self._loaded_data(run.source, spec.data)
        dataset, engine = loaded.dataset, loaded.engine
        data = self._prepared.get(
            (spec.data, spec.repetition, json.dumps(spec.network)),
            lambda: engine.prepare(loaded.content, spec),
        )
        method = make_method(spec.method, spec.hyperparameters)
        teacher = self._teacher(spec, method, loaded, data, dtype)
        sizes = teacher.sizes if teacher else {}
        labels = engine.training_labels(data)
        learner = self._placed(learner_of(spec, dataset, method, labels, sizes), dtype)
        if run.weights is not None:
            give_weights(learner, run.weights, spec.weights)
        snapshots = self._snapshots(spec, precision, teacher)
        need = Need(
            modalities=spec.modalities,
            sampling=method.sampling,
            teacher_features=getattr(method, "teacher_needs", ()),
            device=self.device,
            shuffled_teacher=method.shuffled_teacher,
        )
        task = engine.training(spec, need, data, teacher.content if teacher else None)
        epochs = 0 if spec.weights else spec.training.epochs
        images = task.samples * len(spec.modalities)
        trainer = Trainer(
            learner=learner,
            task=task,
            epochs=epochs,
            snapshots=snapshots,
            capture=self._graphs,
            after_epoch=EpochMeter(self._store.advances, spec.key, epochs, images, self.device),
        )
        result = yield from trainer.train_in_steps()
        claim.look_around()
        record = Record(
            key=spec.key,
            spec=spec,
            data=_data_facts(dataset, data.split),
            deployments=result.deployments,
            loss_curve=result.loss_curve,
            term_curves=result.term_curves,
            findings=list(learner.findings(result.term_curves)),
            resources=result.resources.model_copy(update={"shared_device": claim.shared}),
            environment=describe_environment(self.device, precision),
            teacher_weights=teacher.weights if teacher else None,
        )
        kept, found = engine.samples_arrays(data), dict(result.arrays)
        predictions = {
            "indices": data.split.test,
            **kept.pop(PREDICTIONS, {}),
            **found.pop(PREDICTIONS),
        }
        if dataset.groups is not None:
            groups = np.unique(dataset.groups, return_inverse=True)[1].astype(np.int64)
            predictions["groups"] = groups[data.split.test]
        others = {file: {**kept.get(file, {}), **arrays} for file, arrays in found.items()}
        keep_weights = self._keep_all_weights or spec.method == Reference.name
        weights = _serialize(result.weights) if keep_weights else None
        claim.require()
        self._store.save(record, predictions, weights, others)
        snapshots.remove()
        return (*result.notes, *snapshots.notes)

    def _loaded_data(self, source: DatasetSource, spec: DataSpec) -> "_LoadedData":
        if source not in self._loaded:
            self._prepared.clear()  # which holds on to images
            self._teachers.clear()  # likewise
        loaded = self._loaded.get(source, lambda: self._load(source))
        found = loaded.dataset.fingerprint
        if found != spec.fingerprint:
            raise RuntimeError(
                f"data set {source.name} has changed since the plan was made (fingerprint "
                f"{found}, expected {spec.fingerprint}); start again"
            )
        return loaded

    def _load(self, source: DatasetSource) -> "_LoadedData":
        dataset = open_dataset(source)
        engine = ENGINES[task_of(dataset).name]
        return _LoadedData(dataset, engine, engine.load(dataset, self.device))

    def _snapshots(
        self, spec: RunSpec, precision: PrecisionName, teacher: "_TrainedTeacher | None"
    ) -> Snapshots:
        made_with: dict[str, str | int] = {
            "numerics": spec.numerics,
            "device": self.device.type,
            "precision": precision,
            "torch": str(torch.__version__),
        }
        if teacher is not None:  # which may have been trained again since
            made_with["teacher"] = teacher.weights
        return Snapshots(self._store.snapshots, spec.key, made_with, self._snapshot_minutes)

    def _teacher(
        self,
        spec: RunSpec,
        method: Method,
        loaded: "_LoadedData",
        data: PreparedData,
        dtype: torch.dtype,
    ) -> "_TrainedTeacher | None":
        teacher = spec.teacher
        if teacher is None:
            return None

        def make() -> _TrainedTeacher:
            content = self._store.read_weights(teacher.key)
            states = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
            dataset = loaded.dataset
            network = self._trained(teacher_problem(teacher, dataset, spec), states, dtype)
            sizes = sizes_of(network) if teacher.network else {}
            if method.joint_teacher:
                own = problem_of(spec.modalities, dataset, spec, spec.network)
                partner = self._trained(own, states, dtype)
                read = tuple(dict.fromkeys((*teacher.modalities, *spec.modalities)))
                images = loaded.engine.training_images(data, read)
                seed = derive_seed("weights", spec.repetition)
                network = method.followed_teacher(network.eval(), partner.eval(), images, seed)
            made = loaded.engine.teacher(network.to(self.device), teacher, data)
            if self.device.type == "cuda":  # trainings on other streams use it too
                torch.cuda.current_stream(self.device).synchronize()
            return _TrainedTeacher(made, hashlib.sha256(content).hexdigest(), sizes)

        # In train mode its statistics move, so each run starts from its own copy.
        if teacher.mode == "train":
            return make()
        # What is followed of a joint teacher is the method's own choice.
        followed_by = json.dumps(spec.hyperparameters) if method.joint_teacher else ""
        return self._teachers.get((teacher.model_dump_json(), dtype, followed_by), make)

    def _trained(
        self,
        problem: Problem,
        states: Mapping[str, Mapping[str, torch.Tensor]],
        dtype: torch.dtype,
    ) -> nn.Module:
        """The reference network of a problem with the weights that a run has stored."""
        network = network_of(problem)
        network.load_state_dict(states[deployment_name(problem.modalities)])
        return self._placed(network, dtype)

    def _placed(self, module: Placed, dtype: torch.dtype) -> Placed:
        """A module on the device, which computes in a precision."""
        set_compute_dtype(module, dtype)
        return module.to(self.device).to(memory_format=torch.channels_last)


class _LoadedData(NamedTuple):
    """A data set, the engine of its task, and what that has put on the device."""

    dataset: Dataset
    engine: TaskEngine
    content: Any


class _TrainedTeacher(NamedTuple):
    """A teacher that is ready to be followed.

    Attributes:
        content: gives batches their part of it.
        weights: SHA-256 of the weights that it has.
        sizes: as `Problem.teacher_sizes`.
    """

    content: Teacher
    weights: str
    sizes: Mapping[str, int]


class _Recent(OrderedDict[Hashable, T]):
    """The few most recently used values, each made when it is first asked for."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def get(self, key: Hashable, make: Callable[[], T]) -> T:  # type: ignore[override]
        if key not in self:
            while len(self) >= self._size:  # before making the next, so that memory is free for it
                self.popitem(last=False)
            self[key] = make()
        self.move_to_end(key)
        return self[key]


def training_seed(run: PlannedRun) -> int:
    """Seed of PyTorch's global random numbers during a run, for methods that draw any."""
    return derive_seed("training", run.spec.repetition)


def _name_of(device: torch.device) -> str:
    """The same for all processes of a host: each may count the GPUs that it sees in its own way."""
    if device.type == "cpu":
        return "cpu"
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


def _data_facts(dataset: Dataset, split: Split) -> DataFacts:
    return DataFacts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        class_names=list(dataset.class_names),
        train_samples=len(split.train),
        validation_samples=len(split.validation),
        test_samples=len(split.test),
        notes=list(dataset.notes),
        untested_classes=list(task_of(dataset).untested_classes(dataset, split)),
        grouped=dataset.groups is not None,
        groups=None if dataset.groups is None else len(np.unique(dataset.groups)),
        modalities=dict(dataset.channels),
    )


def _serialize(states: dict[str, dict[str, torch.Tensor]]) -> bytes:
    on_host = {
        name: {key: value.cpu() for key, value in state.items()} for name, state in states.items()
    }
    buffer = io.BytesIO()
    torch.save(on_host, buffer)
    return buffer.getvalue()
