"""Writes the reports of suites and shows them."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmark.commands.console_markdown import ReportMarkdown
from benchmark.commands.request import Request
from benchmark.planning.config import Suite
from benchmark.records.store import ResultStore
from benchmark.reporting.audit.report import write_audit
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.overview import write_overview
from benchmark.reporting.report import Report, write_report
from benchmark.reporting.tuning.report import write_tuning

SHOWN_LINES = 300  # of a report on the console, which is no place to read more


def write_reports(
    console: Console,
    request: Request,
    store: ResultStore,
    reports: Path,
    commands: Mapping[str, Command],
) -> None:
    """Write the report of every suite into its folder of `reports`, and print it if it is short.

    Args:
        console: where to print.
        request: the suites.
        store: has their records.
        reports: the folder.
        commands: suite -> what asks for it again.
    """
    for suite in request.suites:
        plan = request.plans[suite.name]
        results = store.results_of(plan.runs)
        found = (plan.cells, request.summaries[suite.name], results, reports)
        audit = request.audits.get(suite.name)
        tuning = _write_tuning(request, store, suite, reports)
        report = (
            write_audit(
                suite,
                audit,
                *found,
                store.find_maps,
                records=store.lookup,
                command=commands[suite.name],
            )
            if audit
            else write_report(
                suite,
                *found,
                store.find_predictions,
                store.find_logits,
                store.find_maps,
                notes=request.notes.get(suite.name, ()),
                others=[tuning] if tuning else (),
                records=store.lookup,
                command=commands[suite.name],
            )
        )
        _show(console, suite.name, report)
        if tuning:
            _show(console, suite.name, tuning)
        text = f"report of {suite.name}: {report.folder} (all notes: {suite.name}.md)"
        console.print(text, soft_wrap=True)
        if report.figures:  # which a console cannot show
            console.print(f"its figures: {', '.join(report.figures)}", soft_wrap=True)
    write_overview(reports)


def _write_tuning(
    request: Request, store: ResultStore, suite: Suite, reports: Path
) -> Report | None:
    """Write what tuning found; None where a suite is not tuned."""
    if suite.name not in request.tuned:
        return None
    cells = request.plans[suite.name].cells
    trials, tuned = request.trials[suite.name], request.tuned[suite.name]
    plans = (request.plans[suite.name], trials.plan, tuned.plan)
    results = store.results_of(key for plan in plans for key in plan.runs)
    return write_tuning(
        suite, trials, tuned, cells, request.summaries[suite.name], results, reports
    )


def _show(console: Console, name: str, report: Report) -> None:
    lines = report.summary.count("\n")
    markdown = ReportMarkdown(report.summary)
    if lines <= SHOWN_LINES:  # a table that is wider than the console has more than in its file
        lines = len(console.render_lines(markdown, pad=False))
    if lines <= SHOWN_LINES:
        console.print(markdown)
    else:
        console.print(f"the tables of {name} have {lines} lines: read them in its report")
