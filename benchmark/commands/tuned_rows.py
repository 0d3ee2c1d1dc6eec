"""What follows from trials: which are pruned, and the tuned rows of a request."""

from dataclasses import replace

from rich.console import Console

from benchmark.commands.request import Request
from benchmark.planning.plan import Plan
from benchmark.records.store import ResultStore
from benchmark.tuning.choosing import choose
from benchmark.tuning.plan import plan_survivors, plan_tuned
from benchmark.tuning.pruning import prune


def drop_pruned(console: Console, request: Request, store: ResultStore) -> tuple[Request, Plan]:
    """Prune trials by the first rung as far as that is done, and say how many.

    Args:
        console: where to.
        request: with trials, and rungs where some may be pruned.
        store: what is done.

    Returns:
        The request without the pruned trials, and what may be trained next.
    """
    trials, plan = dict(request.trials), Plan()
    for name, rung in request.rungs.items():
        pruned = prune(choose(rung, store.results_of(rung.plan.runs)))
        trials[name] = plan_survivors(trials[name], pruned)
        plan.merge(trials[name].plan)
        drawn = len(rung.contenders) * (rung.tuning.trials - 1)
        console.print(f"{name}: {len(pruned)} of {drawn} draws are pruned", soft_wrap=True)
    return replace(request, trials=trials), plan


def add_tuned_rows(console: Console, request: Request, store: ResultStore) -> tuple[Request, Plan]:
    """Choose the values of every row of every suite by what is done, and say how far that is.

    Args:
        console: where to.
        request: with trials.
        store: what is done.

    Returns:
        The request with the runs of the reported repetitions, and what may be trained next.
    """
    tuned, plan = {}, Plan()
    for name, trials in request.trials.items():
        outcomes = choose(trials, store.results_of(trials.plan.runs))
        tuned[name] = made = plan_tuned(trials, request.summaries[name], outcomes)
        store.former |= made.plan.former
        plan.merge(made.plan)
        finished = sum(found.finished for found in outcomes.values())
        missing = sum(found.missing for found in outcomes.values())
        text = (
            f"{name}: {finished} of {finished + missing} trials of {len(outcomes)} table cells "
            "have a score"
        )
        if missing:
            most = len(outcomes) * len(trials.suite.seeds)
            text += f"; what they choose takes up to {most} runs more"
        console.print(text, soft_wrap=True)
    return replace(request, tuned=tuned), plan
