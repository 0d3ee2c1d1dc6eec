"""Adds repetitions to the plans of a request, once the first stage of a suite is done."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmark.commands.request import Request, plan_suites
from benchmark.planning.repetitions import with_repetitions
from benchmark.records.store import ResultStore
from benchmark.repetitions.pilot import read_pilot
from benchmark.repetitions.two_stages import Target, describe, is_complete, plan_second_stage


def add_repetitions(
    console: Console,
    request: Request,
    store: ResultStore,
    target: Target,
    data: Path,
    adopt: bool,
) -> Request:
    """Plan the second stage of every suite whose first one is done, and say so.

    Args:
        console: where to.
        request: the first stage.
        store: what is done.
        target: what is wanted.
        data: as `plan_suites` takes it.
        adopt: as `plan_suites` takes it.

    Returns:
        The request with more repetitions, and with notes that say how their number came about.

    Raises:
        UserError: as `read_pilot` and `plan_suites`.
    """
    suites, notes = [], {}
    for suite in request.suites:
        plan, summaries = request.plans[suite.name], request.summaries[suite.name]
        pilot = read_pilot(suite, plan, summaries, store)
        if is_complete(suite, pilot):
            stage = plan_second_stage(suite, pilot, target)
            suites.append(with_repetitions(suite, stage.repetitions))
            text = describe(stage)
        else:
            suites.append(suite)
            text = (
                f"The first stage of {len(suite.seeds)} repetitions is not complete; how many are "
                f"needed for 95 % intervals of at most ±{target.half_width:.2f} points is known "
                f"when it is, and {target.most} are the most."
            )
        notes[suite.name] = [text]
        console.print(f"{suite.name}: {text}", soft_wrap=True)
    return replace(plan_suites(suites, data, store, console, adopt), notes=notes)
