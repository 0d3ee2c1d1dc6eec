"""The runs of tuning: those of all trials, then the reported ones with the chosen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from benchmark.planning.config import MethodEntry, Suite
from benchmark.planning.configurations import Configuration, Configurations, Contender
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import REFERENCE, STUDENT, TEACHER, Cell, Plan, make_plan
from benchmark.planning.search_space import EPOCH_SHARE, SearchSpace, search_space
from benchmark.planning.task_settings import settings_of
from benchmark.planning.tasks import task_of_suite
from benchmark.tuning.drawing import Trial, draw_trials
from benchmark.tuning.scores import TrialScores
from core.errors import UserError

Row = tuple[str, str]  # method and plug-in, as in cells
Tried = tuple[Contender, int]  # and the number of its trial

RUNG = 1 / 5  # of a trial's epochs, after which it is pruned or goes on


@dataclass(frozen=True)
class Tuning:
    """How a suite is tuned.

    Attributes:
        trials: of each row in each column, the default among them.
        repetitions: on which each trial is tried.
        prune: try draws on fewer epochs first.
    """

    trials: int
    repetitions: int = 1
    prune: bool = False


@dataclass(frozen=True)
class TuningPlan:
    """The trials of a suite.

    Attributes:
        suite: what is tuned.
        tuning: how.
        spaces: of each row.
        trials: of each row.
        contenders: every row in every column, TEACHER aside.
        pruned: trials that are not tried.
        cells: of each contender and trial, one per repetition.
        plan: of all trials.
    """

    suite: Suite
    tuning: Tuning
    spaces: Mapping[Row, SearchSpace]
    trials: Mapping[Row, tuple[Trial, ...]]
    contenders: tuple[Contender, ...]
    pruned: frozenset[Tried] = frozenset()
    cells: Mapping[Tried, Sequence[Cell]] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)

    @property
    def repetitions(self) -> tuple[int, ...]:
        """On which trials are tried; none of them is reported."""
        return tuning_repetitions(self.suite, self.tuning.repetitions)

    def space_of(self, contender: Contender) -> SearchSpace:
        """What the trials of a contender's row choose from; the same in all columns."""
        return self.spaces[contender.method, contender.plugin]

    def trials_of(self, contender: Contender) -> tuple[Trial, ...]:
        """The trials of a contender's row; likewise."""
        return self.trials[contender.method, contender.plugin]


@dataclass(frozen=True)
class TunedPlan:
    """The reported repetitions with the values that trials chose.

    Attributes:
        suite: with the name of the cells.
        outcomes: of each contender, how its trials did.
        plan: of the contenders that have a best trial.
    """

    suite: Suite
    outcomes: Mapping[Contender, TrialScores]
    plan: Plan


def require_tunable(suite: Suite) -> None:
    """Raise UserError where a suite is no table whose rows could be tuned."""
    if suite.audit is not None:
        raise UserError(
            f"suite {suite.name} is an audit, which compares protocols at equal settings; name a "
            "suite that fills a table, or leave out --tune"
        )


def tuning_repetitions(suite: Suite, number: int) -> tuple[int, ...]:
    """Those that follow the reported ones."""
    first = max(suite.seeds) + 1
    return tuple(range(first, first + number))


def plan_tuning(suite: Suite, summaries: Sequence[DatasetSummary], tuning: Tuning) -> TuningPlan:
    """Plan all trials of every row of a suite.

    Args:
        suite: what to tune.
        summaries: its data sets, as `make_plan` takes them.
        tuning: how.

    Raises:
        UserError: as `make_plan` and `search_space`.
    """
    training = settings_of(suite, task_of_suite(suite, summaries)).training
    tried = _without_teacher(suite, tuning_repetitions(suite, tuning.repetitions))
    contenders = tuple(dict.fromkeys(cell.contender for cell in make_plan(tried, summaries).cells))
    entries = {STUDENT: REFERENCE, **{entry.column: entry for entry in suite.methods}}
    spaces: dict[Row, SearchSpace] = {}
    trials: dict[Row, tuple[Trial, ...]] = {}
    for method, plugin in dict.fromkeys((one.method, one.plugin) for one in contenders):
        entry: MethodEntry = entries[method]
        spaces[method, plugin] = space = search_space(suite, entry, training)
        trials[method, plugin] = draw_trials(space, entry, plugin, tuning.trials)
    made = TuningPlan(suite, tuning, spaces, trials, contenders)
    return _with_runs(made, summaries, "trial", 1)


def plan_rung(tuned: TuningPlan, summaries: Sequence[DatasetSummary]) -> TuningPlan:
    """Plan the draws of every row on a share `RUNG` of their epochs, as the default goes on."""
    defaults = frozenset((contender, 0) for contender in tuned.contenders)
    return _with_runs(replace(tuned, pruned=defaults), summaries, "rung", RUNG)


def plan_survivors(tuned: TuningPlan, pruned: frozenset[Tried]) -> TuningPlan:
    """Plan the trials that were not pruned, in full."""
    cells = {tried: own for tried, own in tuned.cells.items() if tried not in pruned}
    plan = tuned.plan.only(chain.from_iterable(cells.values()))
    return replace(tuned, pruned=pruned, cells=cells, plan=plan)


def _with_runs(
    tuned: TuningPlan, summaries: Sequence[DatasetSummary], name: str, share: float
) -> TuningPlan:
    """With the cells and runs of all trials that are not pruned, on a share of their epochs."""
    suite = _without_teacher(tuned.suite, tuned.repetitions)
    cells: dict[Tried, list[Cell]] = {}
    plan = Plan()
    for number in range(tuned.tuning.trials):
        configurations = {
            contender: _shortened(tuned, contender, number, share)
            for contender in tuned.contenders
            if (contender, number) not in tuned.pruned
        }
        own = suite.model_copy(update={"name": f"{suite.name}.{name}_{number}"})
        made = _plan_only(own, summaries, configurations)
        for cell in made.cells:
            cells.setdefault((cell.contender, number), []).append(cell)
        plan.merge(made)
    return replace(tuned, cells=cells, plan=plan)


def _shortened(tuned: TuningPlan, contender: Contender, number: int, share: float) -> Configuration:
    trial = tuned.trials_of(contender)[number]
    if share == 1:
        return trial.configuration
    share *= trial.values.get(EPOCH_SHARE, 1.0)
    epochs = tuned.space_of(contender).epochs(share)
    configuration = trial.configuration
    return replace(configuration, training={**configuration.training, **epochs})


def plan_tuned(
    tuned: TuningPlan,
    summaries: Sequence[DatasetSummary],
    outcomes: Mapping[Contender, TrialScores],
) -> TunedPlan:
    """Plan the reported repetitions with the best values.

    Args:
        tuned: the trials.
        summaries: the suite's data sets.
        outcomes: how the trials did; a contender without any that is finished is not planned.
    """
    suite = _without_teacher(tuned.suite, tuned.suite.seeds)
    suite = suite.model_copy(update={"name": f"{suite.name}.tuned"})
    chosen = {
        contender: tuned.trials_of(contender)[found.best].configuration
        for contender, found in outcomes.items()
        if found.best is not None
    }
    return TunedPlan(suite, outcomes, _plan_only(suite, summaries, chosen))


def _plan_only(
    suite: Suite, summaries: Sequence[DatasetSummary], configurations: Configurations
) -> Plan:
    """The plan of these contenders of a suite and no others."""
    made = make_plan(suite, summaries, configurations)
    return made.only(cell for cell in made.cells if cell.contender in configurations)


def _without_teacher(suite: Suite, repetitions: Sequence[int]) -> Suite:
    """The suite without the row TEACHER, which is not tuned; teachers are trained where needed."""
    changes = {
        "references": tuple(name for name in suite.references if name != TEACHER),
        "seeds": tuple(repetitions),
        "baseline": None if suite.baseline == TEACHER else suite.baseline,
        "average": False,
    }
    return suite.model_copy(update=changes)
