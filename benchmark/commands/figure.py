"""`run_benchmark.py figure`: one figure for a paper, from what is done."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmark.commands.options import (
    PICTURE_WIDTHS,
    SuiteOptions,
    add_folder,
    add_reading,
    add_suite_changes,
    read_suite_options,
    require_picture,
    require_results,
)
from core.errors import UserError, nearest_names

KINDS = {
    "gains": "gain over the baseline, with intervals and a dot for each repetition",
    "effects": "what each switch of an audit adds to the gain over STUDENT",
    "classes": "the baseline's score of each class, and what each method adds to it",
    "confusion": "confusion matrices of the baseline and of methods, and their difference",
    "costs": "scores against seconds of training, with the Pareto front",
    "curves": "validation scores over epochs, each method beside the baseline",
    "ranks": "average ranks over data sets, with the critical difference",
    "maps": "label maps of test samples beside images and truth",
}


@dataclass(frozen=True)
class FigureOptions:
    """A suite, what to draw of it, and the file that it goes to."""

    results: Path
    asked: SuiteOptions
    kind: str
    width: str
    output: Path


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("suite", metavar="SUITE", help="a shipped suite or the path of a .yaml file")
    listed = "; ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    add("kind", metavar="KIND", help=listed)
    add(
        "--width",
        choices=PICTURE_WIDTHS,
        default="column",
        help="that of a column, 3.3 inches, or of the text, 7 inches (default: column)",
    )
    add("--output", type=Path, required=True, metavar="FILE.pdf", help="or FILE.png")
    add("--smoke", action="store_true", help="the suite's smoke run")
    add_suite_changes(parser)
    add_folder(add, "data")
    add_reading(parser)


def read(given: argparse.Namespace) -> FigureOptions:
    if given.kind not in KINDS:
        raise UserError(f"figure {given.kind} is unknown; {nearest_names(given.kind, KINDS)}")
    require_picture(given.output)
    given.suite = [given.suite]
    asked = read_suite_options(given)
    return FigureOptions(given.results, asked, given.kind, given.width, given.output)


def run(options: FigureOptions) -> int:
    """Draw one figure of a suite; returns the exit code.

    Raises:
        UserError: the folder has nothing of the suite that can be drawn.
    """
    from benchmark.commands.request import (
        plan_suites,
        read_suites,
        require_something_to_report,
    )
    from benchmark.pages.layout import plain_console
    from benchmark.records.store import ResultStore
    from benchmark.reporting.pictures.draw import draw_picture
    from benchmark.reporting.pictures.style import Width, paper_style, write_figure

    require_results(options.results)
    console = plain_console()
    store = ResultStore(options.results)
    suites = read_suites(options.asked, "auto")
    request = plan_suites(suites, options.asked.data, store, console, adopt=True)
    require_something_to_report(request, store)
    (suite,) = request.suites
    plan = request.plans[suite.name]
    with paper_style():
        figure = draw_picture(
            options.kind,
            Width(options.width),
            suite,
            request.audits.get(suite.name),
            plan.cells,
            request.summaries[suite.name],
            store.results_of(plan.runs),
            store.lookup,
            store.find_maps,
        )
        write_figure(figure, options.output)
    console.print(f"written to {options.output}", soft_wrap=True)
    return 0
