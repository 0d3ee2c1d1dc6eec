"""From suites to a graph of runs: what each table cell needs, and what must be trained first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from benchmark import NUMERICS_VERSION
from benchmark.planning.config import DatasetEntry, MethodEntry, Scenario, Suite
from benchmark.planning.configurations import (
    AS_THE_SUITE_SAYS,
    NO_OWN,
    Configuration,
    Configurations,
    Contender,
)
from benchmark.planning.given_weights import GivenWeights, read_weights, require_fit
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.method_settings import MethodSettings
from benchmark.planning.networks import Encoders, Role, encoders_of, encoders_together
from benchmark.planning.requirements import (
    require_baseline,
    require_few_modalities,
    require_row,
    require_switches_that_apply,
    require_teacher_view,
)
from benchmark.planning.roles import roles_of
from benchmark.planning.search_space import require_search_space
from benchmark.planning.task_settings import settings_of
from benchmark.planning.tasks import task_of_suite
from benchmark.records.former import FormerRecord
from benchmark.records.spec import DataSpec, RunSpec, TeacherSpec
from benchmark.tasks.base import SuiteSettings
from datasets import DatasetSource
from datasets.splits import SHARES
from methods import Kind
from methods.contract import deployment_name
from methods.reference import Reference
from methods.registry import METHODS, source_digest, takes_plugins

TEACHER = "teacher"
STUDENT = "student"
REFERENCE = MethodEntry(name=Reference.name)


@dataclass(frozen=True)
class PlannedRun:
    """A run, where its data is, and what it costs.

    Attributes:
        spec: what the run is.
        source: where its data is.
        cost: the number of images that pass through encoders in training, each encoder and epoch
            counted: a unit to compare runs of one data set with, not a time; 0 where the weights
            are given.
        former: by key, the former records of this run and of its teacher's.
        weights: the file that its weights are read from, where it is not trained.
    """

    spec: RunSpec
    source: DatasetSource
    cost: float
    former: Mapping[str, FormerRecord] = field(default_factory=dict)
    weights: Path | None = None

    @property
    def key(self) -> str:
        """The run's key."""
        return self.spec.key

    @property
    def teacher_key(self) -> str | None:
        """Key of the run that must be done first, or None."""
        return self.spec.teacher.key if self.spec.teacher else None

    @property
    def description(self) -> str:
        """The run in one short line, for progress and error lists."""
        return f"{self.source.name}: {self.spec.description}"


@dataclass(frozen=True)
class Cell:
    """One repetition of one table cell, and the run that fills it.

    `teacher_modality` and `evaluated_modality` are names in tables, such as "S2", "S2+DEM" of a
    teacher that sees two of three, or "ALL".

    Attributes:
        deployment: name of the run's network that the cell is about.
        evaluate: the part of that network that it is about; None for the whole.
    """

    suite: str
    dataset: str
    scenario: Scenario
    teacher_modality: str
    evaluated_modality: str
    method: str
    plugin: str
    repetition: int
    run: str
    deployment: str
    evaluate: str | None = None

    @property
    def contender(self) -> Contender:
        """What it is a repetition of."""
        column = (self.scenario, self.dataset, self.teacher_modality, self.evaluated_modality)
        return Contender(*column, self.method, self.plugin)


@dataclass
class Plan:
    """The runs of one or more suites, each once, teachers before their students."""

    cells: list[Cell] = field(default_factory=list)
    runs: dict[str, PlannedRun] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """The number of runs that its suites need, teachers included, each suite by itself."""
        return len({(cell.suite, key) for cell in self.cells for key in self._needed(cell)})

    @property
    def former(self) -> dict[str, FormerRecord]:
        """The former records of all runs, by their keys."""
        found: dict[str, FormerRecord] = {}
        for run in self.runs.values():
            found |= run.former
        return found

    def merge(self, other: "Plan") -> None:
        """Add another plan; runs that both ask for are kept once."""
        self.cells += other.cells
        self.runs.update({key: run for key, run in other.runs.items() if key not in self.runs})

    def only(self, cells: Iterable[Cell]) -> "Plan":
        """The plan of some of its cells, in its order, with the runs that they need."""
        chosen = set(cells)
        needed = {key for cell in chosen for key in self._needed(cell)}
        return Plan(
            [cell for cell in self.cells if cell in chosen],
            {key: run for key, run in self.runs.items() if key in needed},
        )

    def _needed(self, cell: Cell) -> Iterator[str]:
        """The run that fills a cell, and that of its teacher."""
        yield cell.run
        if (teacher := self.runs[cell.run].teacher_key) is not None:
            yield teacher


def make_plan(
    suite: Suite, summaries: Sequence[DatasetSummary], configurations: Configurations = NO_OWN
) -> Plan:
    """Plan a suite.

    Args:
        suite: the grid.
        summaries: what is known of each data set, in the order of the suite's entries.
        configurations: of the contenders that have their own; TEACHER has none.

    Raises:
        UserError: an unknown method, plug-in, modality or baseline, a method that does not serve
            the task of the data, a setting that the task has not, a teacher that equals its
            student, a protocol switch that concerns no method of the suite, or a search space of
            what nothing is called.
    """
    task = task_of_suite(suite, summaries)
    require_teacher_view(suite, task)
    chosen = settings_of(suite, task)
    require_baseline(suite)
    require_switches_that_apply(suite)
    require_search_space(suite)
    plan = Plan()
    settings = MethodSettings(suite.protocol)
    encoders = encoders_of(suite, task, summaries)
    names = [entry.name for entry in suite.datasets]
    for place, (entry, summary) in enumerate(zip(suite.datasets, summaries, strict=True)):
        given = read_weights(entry.teacher_weights) if entry.teacher_weights else None
        for scenario in suite.scenario:
            # Entries of one data set differ in their roles, which only one scenario has.
            if scenario is Scenario.MULTI_MODAL and entry.name in names[:place]:
                continue
            for repetition in suite.seeds:
                planner = _DatasetPlanner(
                    suite,
                    entry,
                    summary,
                    scenario,
                    repetition,
                    chosen,
                    settings,
                    configurations,
                    encoders,
                    given,
                    plan,
                )
                planner.plan()
    return plan


@cache  # settings are found by the identity of an entry
def _trained_together(*networks: tuple[str, ...]) -> MethodEntry:
    """The reference networks of some modalities each, trained at once."""
    return MethodEntry(name=Reference.name, hyperparameters={"together": networks})


@dataclass(frozen=True)
class _DatasetPlanner:
    """Plans one data set in one scenario for one repetition."""

    suite: Suite
    entry: DatasetEntry
    summary: DatasetSummary
    scenario: Scenario
    repetition: int
    chosen: SuiteSettings
    settings: MethodSettings
    configurations: Configurations
    encoders: Mapping[Role, Encoders]
    given: GivenWeights | None
    into: Plan
    teachers: dict[tuple[tuple[str, ...], tuple[str, ...], Role], TeacherSpec] = field(
        default_factory=dict
    )

    def plan(self) -> None:
        named, students = roles_of(self.suite, self.entry, self.summary, self.scenario)
        teacher_modalities = self._ordered(named)
        if self.given is not None and self.repetition == self.suite.seeds[0]:
            encoders = self.encoders["teacher"].over(teacher_modalities)
            require_fit(self.given, self.summary, teacher_modalities, encoders)
        teacher_name = (
            deployment_name(teacher_modalities)
            if self.scenario is Scenario.MULTI_MODAL
            else "+".join(teacher_modalities)
        )
        references = self.suite.references
        if TEACHER in references:
            deployment = deployment_name(teacher_modalities)
            reference = self._teacher_run(teacher_modalities)
            self._cell(
                reference, TEACHER, "none", teacher_name, teacher_name, deployment=deployment
            )
        for student in students if STUDENT in references else ():
            self._row(REFERENCE, STUDENT, "none", teacher_name, student, (student,))
        for method in self.suite.methods:
            definition = METHODS.get(method.name)
            kind = definition.kind
            require_row(self.suite, method)
            joint = self._ordered({*teacher_modalities, *students})
            made, _ = self.settings.of(method, AS_THE_SUITE_SAYS)
            if not method.alone:
                require_few_modalities(self.suite, made, joint)
            if kind is Kind.JOINT and not method.alone:
                for student in students:
                    self._row(method, method.column, "none", teacher_name, student, joint)
                continue
            plugins = self.suite.plugins if takes_plugins(made) else ("none",)
            for plugin in plugins:
                for student in students:
                    seen = (student,) if definition.own_teacher else teacher_modalities
                    role: Role = "student" if definition.own_teacher else "teacher"
                    needed = kind is Kind.DISTILLATION
                    beside = (student,) if definition.joint_teacher else ()
                    teacher = self._teacher(seen, beside, role) if needed else None
                    self._row(
                        method, method.column, plugin, teacher_name, student, (student,), teacher
                    )

    def _ordered(self, modalities: Iterable[str]) -> tuple[str, ...]:
        """In the data set's order, so that two suites and two scenarios ask for the same run."""
        chosen = set(modalities)
        return tuple(name for name in self.summary.modalities if name in chosen)

    def _row(
        self,
        method: MethodEntry,
        column: str,
        plugin: str,
        teacher_modality: str,
        student: str,
        modalities: tuple[str, ...],
        teacher: TeacherSpec | None = None,
    ) -> None:
        """The cell of a student in the row `column`, and its run, which has these modalities."""
        names = (teacher_modality, student, column, plugin)
        contender = Contender(self.scenario, self.summary.name, *names)
        configuration = self.configurations.get(contender, AS_THE_SUITE_SAYS)
        run = self._run(method, plugin, modalities, teacher, configuration)
        self._cell(run, column, plugin, teacher_modality, student, method.evaluate)

    def _teacher_run(self, modalities: tuple[str, ...], role: Role = "teacher") -> PlannedRun:
        """The reference that learns from the right labels, whatever students learn from."""
        return self._run(REFERENCE, "none", modalities, None, label_noise=0, role=role)

    def _teacher(
        self, modalities: tuple[str, ...], beside: tuple[str, ...], role: Role
    ) -> TeacherSpec:
        """A teacher of these modalities, trained at once with a network of those `beside` it."""
        if (modalities, beside, role) not in self.teachers:
            run = (
                self._joint_teacher(modalities, beside)
                if beside
                else self._teacher_run(modalities, role)
            )
            self.teachers[modalities, beside, role] = TeacherSpec(
                key=run.key,
                modalities=modalities,
                mode=self.suite.protocol.teacher_mode,
                view=self.suite.protocol.teacher_view,
                network=None if self.chosen.network else self.encoders[role].over(modalities),
            )
        return self.teachers[modalities, beside, role]

    def _joint_teacher(self, modalities: tuple[str, ...], beside: tuple[str, ...]) -> PlannedRun:
        pair = _trained_together(modalities, beside)
        network = encoders_together(self.encoders, modalities, beside)
        both = self._ordered({*modalities, *beside})
        return self._run(pair, "none", both, None, label_noise=0, network=network)

    def _data(self, label_noise: float) -> DataSpec:
        given = self.summary.normalised
        return DataSpec(
            fingerprint=self.summary.fingerprint,
            split=self.entry.split,
            image_size=self.entry.image_size,
            normalisation="given" if given else self.suite.protocol.normalisation,
            label_noise=label_noise,
        )

    def _run(
        self,
        method: MethodEntry,
        plugin: str,
        modalities: tuple[str, ...],
        teacher: TeacherSpec | None,
        configuration: Configuration = AS_THE_SUITE_SAYS,
        label_noise: float | None = None,
        role: Role = "student",
        network: Mapping[str, Any] | None = None,
    ) -> PlannedRun:
        """A run of the plan.

        Label noise is the entry's, and encoders are those of the role, unless others are given.
        """
        given = self.given if role == "teacher" else None
        chosen = self.encoders[role].over(modalities) if network is None else dict(network)
        network = self.chosen.network or chosen
        if teacher is not None and not network and not teacher.network:
            teacher = teacher.model_copy(update={"network": None})  # both have the paper's
        training = configuration.trained_with(self.chosen.training)
        noise = self.entry.label_noise if label_noise is None else label_noise
        single_reference = method is REFERENCE and len(modalities) == 1
        plain = single_reference and self.suite.protocol.reference_augmentation == "none"
        spec = RunSpec(
            numerics=NUMERICS_VERSION,
            data=self._data(noise),
            method=method.name,
            hyperparameters=self.settings.of(method, configuration)[1],
            source=source_digest(method.name) + source_digest(plugin),
            plugin=plugin,
            modalities=modalities,
            teacher=teacher,
            augmentation="none" if plain else self.chosen.augmentation,
            repetition=self.repetition,
            training=training,
            network=network,
            weights=given.digest if given else "",
        )
        if spec.key not in self.into.runs:
            images = SHARES[0] * (self.summary.samples or 1) * len(modalities)
            encoders = METHODS.get(method.name).encoders_per_modality
            cost = images * encoders * (0 if given else training.epochs)
            former = self._former(spec)
            weights = given.path if given else None
            self.into.runs[spec.key] = PlannedRun(spec, self.summary.source, cost, former, weights)
        return self.into.runs[spec.key]

    def _former(self, spec: RunSpec) -> dict[str, FormerRecord]:
        """The former records of a run and its teacher's, which is in the plan already."""
        found: dict[str, FormerRecord] = {}
        precision, teacher = spec.training.precision, None
        if precision == "auto":  # where nothing resolved it, keys are as they were
            return found
        if spec.teacher is not None:
            found |= self.into.runs[spec.teacher.key].former
            teacher = found[spec.teacher.key].key
        key = spec.former_key(teacher)
        found[spec.key] = FormerRecord(key, teacher, precision)
        return found

    def _cell(
        self,
        run: PlannedRun,
        method: str,
        plugin: str,
        teacher_modality: str,
        evaluated: str,
        evaluate: str | None = None,
        deployment: str | None = None,
    ) -> None:
        self.into.cells.append(
            Cell(
                suite=self.suite.name,
                dataset=self.summary.name,
                scenario=self.scenario,
                teacher_modality=teacher_modality,
                evaluated_modality=evaluated,
                method=method,
                plugin=plugin,
                repetition=self.repetition,
                run=run.key,
                deployment=deployment or evaluated,
                evaluate=evaluate,
            )
        )
