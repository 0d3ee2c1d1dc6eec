"""What a command line asks for: its suites, what is known of their data, and the plans."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import MofNCompleteColumn

from benchmark.commands.options import SuiteOptions
from benchmark.planning.audit import AuditPlan, plan_audit
from benchmark.planning.config import MethodEntry, Suite, read_suite
from benchmark.planning.inventory import (
    DatasetSummary,
    adopt_recorded,
    require_modalities,
    take_inventory,
)
from benchmark.planning.plan import Plan, make_plan
from benchmark.planning.tasks import with_task_settings
from benchmark.records.spec import Training
from benchmark.records.store import ResultStore
from benchmark.running.progress import progress_bar
from benchmark.tuning.plan import (
    TunedPlan,
    Tuning,
    TuningPlan,
    plan_rung,
    plan_tuning,
    tuning_repetitions,
)
from core.errors import DatasetNotFoundError, UserError, nearest_names
from methods import METHODS
from methods.registry import load_user_file

SMOKE_SEEDS = 2
# What of a suite's training also holds for its smoke run; the rest is the task's.
_KEPT_IN_SMOKE = {"precision"}


@dataclass(frozen=True)
class Request:
    """Suites with their plans.

    Attributes:
        suites: as the command line changed them, and with what their tasks fill in.
        summaries: suite -> its data sets.
        plans: suite -> its plan.
        audits: suite -> its variants, for the suites that are audits.
        notes: suite -> sentences that its report shows below its own.
        rungs: suite -> its trials on fewer epochs, where some are pruned by them.
        trials: suite -> its trials, where rows are tuned.
        tuned: suite -> its rows with the values that its trials chose, once that is known.
    """

    suites: Sequence[Suite]
    summaries: Mapping[str, Sequence[DatasetSummary]]
    plans: Mapping[str, Plan]
    audits: Mapping[str, AuditPlan]
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rungs: Mapping[str, TuningPlan] = field(default_factory=dict)
    trials: Mapping[str, TuningPlan] = field(default_factory=dict)
    tuned: Mapping[str, TunedPlan] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, Plan]:
        """The plans of all suites, of their trials and of their tuned rows, by what they are."""
        parts = {}
        for name, plan in self.plans.items():
            parts[name] = plan
            if name in self.rungs:
                parts[f"{name}, first rung"] = self.rungs[name].plan
            if name in self.trials:
                parts[f"{name}, trials"] = self.trials[name].plan
            if name in self.tuned and self.tuned[name].plan.runs:
                parts[f"{name}, tuned"] = self.tuned[name].plan
        return parts

    @property
    def together(self) -> Plan:
        """The plan of all parts; runs that several ask for are in it once."""
        return _merged(self.parts.values())

    @property
    def first(self) -> Plan:
        """The plan of what waits for no other results."""
        waiting = self.rungs or self.trials
        return _merged([*self.plans.values(), *(one.plan for one in waiting.values())])


def _merged(plans: Iterable[Plan]) -> Plan:
    merged = Plan()
    for plan in plans:
        merged.merge(plan)
    return merged


def read_suites(asked: SuiteOptions, devices: str | None) -> list[Suite]:
    """Load the user's files and read the suites, with the command line's changes.

    Args:
        asked: which suites, and the changes.
        devices: as on the command line, where `precision: auto` depends on them; None where the
            command does not know them.

    Raises:
        UserError: wrong input, or a precision that cannot be resolved.
    """
    known = set(METHODS)
    for path in asked.load:
        load_user_file(path)
    own_methods = [name for name in METHODS if name not in known]
    suites = [_with_precision(_suite(name, asked, own_methods), devices) for name in asked.suites]
    _require_distinct(suites)
    return suites


def plan_suites(
    suites: Sequence[Suite],
    data: Path,
    store: ResultStore,
    console: Console,
    adopt: bool,
    tuning: Tuning | None = None,
) -> Request:
    """Look at the data and plan the suites.

    Args:
        suites: from `read_suites`.
        data: folder of the data sets.
        store: where records may tell of data that is not here.
        console: shows the preparation of data.
        adopt: plan with what records say of data that is missing.
        tuning: plan trials of every row too; None plans none.

    Raises:
        UserError: wrong input, or own data of which neither files nor records are here.
    """
    preparing = partial(_preparing, console)
    summaries: dict[str, Sequence[DatasetSummary]] = {
        suite.name: take_inventory(suite, data, preparing, _choosing(suite, tuning))
        for suite in suites
    }
    if adopt:
        summaries = {s.name: adopt_recorded(s, summaries[s.name], store) for s in suites}
    for found in summaries.values():
        require_modalities(found, store if adopt else None)
    audits = {s.name: plan_audit(s, summaries[s.name]) for s in suites if s.audit}
    plans = {
        suite.name: audits[suite.name].plan
        if suite.audit
        else make_plan(suite, summaries[suite.name])
        for suite in suites
    }
    trials = {s.name: plan_tuning(s, summaries[s.name], tuning) for s in suites if tuning}
    rungs = {
        name: plan_rung(own, summaries[name]) for name, own in trials.items() if own.tuning.prune
    }
    for plan in (*plans.values(), *(own.plan for own in (*trials.values(), *rungs.values()))):
        store.former |= plan.former
    filled = [with_task_settings(suite, summaries[suite.name]) for suite in suites]
    return Request(filled, summaries, plans, audits, rungs=rungs, trials=trials)


def _choosing(suite: Suite, tuning: Tuning | None) -> tuple[int, ...]:
    """The repetitions that choose between trials."""
    return () if tuning is None else tuning_repetitions(suite, tuning.repetitions)


def require_something_to_report(request: Request, store: ResultStore) -> None:
    """Check that a suite whose data is missing has a record at least.

    Raises:
        DatasetNotFoundError: a report on it would be empty.
    """
    for suite in request.suites:
        missing = [summary.missing for summary in request.summaries[suite.name]]
        first = missing[0] if missing else None
        if first and all(missing) and not store.results_of(request.plans[suite.name].runs):
            raise DatasetNotFoundError(
                f"no record in {store.folder} is of suite {suite.name}, and its data is not here: "
                f"{first}"
            )


def _suite(name: str, asked: SuiteOptions, own_methods: Sequence[str]) -> Suite:
    """Read a suite and apply the command line's changes to it."""
    training: dict[str, Any] = {}
    for key in ("epochs", "batch_size", "precision"):
        if (value := getattr(asked, key)) is not None:
            training[key] = value
    overrides: dict[str, Any] = {"smoke": asked.smoke, "training": training}
    for key in ("seeds", "protocol", "methods", "plugins"):
        if (value := getattr(asked, key)) is not None:
            overrides[key] = list(value) if isinstance(value, tuple) else value
    suite = read_suite(name, overrides)
    changes: dict[str, Any] = {}
    if asked.smoke:
        kept = suite.training.model_fields_set & (_KEPT_IN_SMOKE | training.keys())
        changes["training"] = Training(**{name: getattr(suite.training, name) for name in kept})
        changes["name"] = f"{suite.name}_smoke"
        if asked.seeds is None:
            changes["seeds"] = suite.seeds[:SMOKE_SEEDS]
    if asked.datasets is not None:
        available = [entry.name for entry in suite.datasets]
        for wanted in asked.datasets:
            if wanted not in available:
                hint = nearest_names(wanted, available)
                raise UserError(f"suite {suite.name} has no data set '{wanted}': {hint}")
        changes["datasets"] = tuple(e for e in suite.datasets if e.name in asked.datasets)
    listed = {entry.name for entry in suite.methods}
    if asked.methods is None:
        joining = [name for name in own_methods if name not in listed]
        changes["methods"] = (*suite.methods, *(MethodEntry(name=name) for name in joining))
    return suite.model_copy(update=changes)


def _with_precision(suite: Suite, devices: str | None) -> Suite:
    """The suite with the precision that `auto` stands for, which keys are made from."""
    if suite.training.precision != "auto":
        return suite
    if devices is None:
        raise UserError(
            f"suite {suite.name}: precision is auto, but which devices a Ray cluster has is not "
            "known when a plan is made; give --precision fp32 or bf16"
        )
    from benchmark.training.precision import precision_for_all, resolve_devices

    precision = precision_for_all(resolve_devices(devices))
    training = suite.training.model_copy(update={"precision": precision})
    return suite.model_copy(update={"training": training})


def _preparing(
    console: Console, name: str
) -> AbstractContextManager[Callable[[int, int | None], None]]:
    return progress_bar(console, f"preparing {name}", MofNCompleteColumn())


def _require_distinct(suites: Sequence[Suite]) -> None:
    """Each suite has a report folder of its name, which some systems find in any case."""
    names: dict[str, str] = {}
    for suite in suites:
        name, other = suite.name, names.get(suite.name.casefold())
        if other == name:
            raise UserError(
                f"two suites are called '{name}'; name each one differently, or give one suite once"
            )
        if other is not None:
            raise UserError(
                f"the suites '{other}' and '{name}' differ only in upper and lower case, so that "
                "some systems keep their reports in one folder; name each one differently"
            )
        names[name.casefold()] = name
