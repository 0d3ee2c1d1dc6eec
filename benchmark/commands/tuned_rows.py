"""Adds the tuned rows to a request, once trials have chosen their values."""

from dataclasses import replace

from rich.console import Console

from benchmark.commands.request import Request
from benchmark.records.store import ResultStore
from benchmark.tuning.choosing import choose
from benchmark.tuning.plan import plan_tuned


def add_tuned_rows(console: Console, request: Request, store: ResultStore) -> Request:
    """Choose the values of every row of every suite by what is done, and say how far that is.

    Args:
        console: where to.
        request: with trials.
        store: what is done.

    Returns:
        The request with the runs of the reported repetitions.
    """
    tuned = {}
    for name, trials in request.trials.items():
        outcomes = choose(trials, store.results_of(trials.plan.runs))
        tuned[name] = made = plan_tuned(trials, request.summaries[name], outcomes)
        store.former |= made.plan.former
        finished = sum(found.finished for found in outcomes.values())
        planned = len(outcomes) * trials.tuning.trials
        text = f"{name}: {finished} of {planned} trials of {len(outcomes)} table cells have a score"
        if finished < planned:
            most = len(outcomes) * len(trials.suite.seeds)
            text += f"; what they choose takes up to {most} runs more"
        console.print(text, soft_wrap=True)
    return replace(request, tuned=tuned)
