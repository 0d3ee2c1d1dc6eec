"""What `--dry-run` prints."""

from rich.console import Console
from rich.table import Table

from benchmark.commands.request import Request
from benchmark.records.store import ResultStore
from benchmark.running.remaining import runs_to_do
from benchmark.speed.hours import print_hours


def print_plan(console: Console, request: Request, store: ResultStore, devices: str) -> None:
    """Print what there is to do, how many hours that is, and which data is missing.

    Args:
        console: where to.
        request: the suites and their plans.
        store: what is done.
        devices: as on the command line.
    """
    plans = request.parts
    table = Table(
        "suite",
        "runs asked for",
        "unique",
        "done",
        "to do",
        "million images to train",
        title="Plan",
    )
    rows = (
        [*plans.items(), ("together", request.together)] if len(plans) > 1 else list(plans.items())
    )
    to_train = {}
    for name, plan in rows:
        missing = to_train[name] = runs_to_do(plan.runs.values(), store)
        to_do, unique = len(missing), len(plan.runs)
        cost = f"{sum(run.cost for run in missing) / 1e6:,.1f}"
        table.add_row(name, *map(str, (plan.asked, unique, unique - to_do, to_do)), cost)
    console.print(table)
    print_hours(console, to_train, store.folder, devices)
    missing_data = {s.missing for found in request.summaries.values() for s in found if s.missing}
    for sentence in sorted(missing_data):
        console.print(sentence, soft_wrap=True)
