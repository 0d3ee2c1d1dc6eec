"""Writes the report of a suite: its tables in four formats, and what their numbers support."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Cell
from benchmark.records.result import RunResult
from benchmark.reporting.consistency import require_one_setup
from benchmark.reporting.controls import (
    control_findings,
    control_frame,
    control_grid,
    control_heading,
    control_latex,
    control_legend,
    control_records,
)
from benchmark.reporting.costs import (
    cost_grid,
    cost_notes,
    cost_records,
    measure_costs,
    printed_cost_grid,
)
from benchmark.reporting.fidelity import (
    StoredLogits,
    fidelity_grid,
    fidelity_notes,
    fidelity_records,
    measure_fidelity,
)
from benchmark.reporting.fidelity_figure import agreement_figure_names, agreement_figures
from benchmark.reporting.figures import SUFFIXES, ReportFigure
from benchmark.reporting.grid import Grid
from benchmark.reporting.html.command import Command
from benchmark.reporting.html.overview import PAGE
from benchmark.reporting.html.render import render_page
from benchmark.reporting.html.reported import Reported
from benchmark.reporting.html.suite_page import suite_page
from benchmark.reporting.information import INFORMATION_NOTE, information_grid
from benchmark.reporting.latex.document import NAME as DOCUMENT
from benchmark.reporting.latex.document import render_document
from benchmark.reporting.longform import long_form
from benchmark.reporting.map_figure import (
    StoredMaps,
    columns_of,
    map_figure_names,
    map_figures,
)
from benchmark.reporting.markdown import render_markdown, render_pictures
from benchmark.reporting.missing_modalities import MISSING_NOTE, missing_grid
from benchmark.reporting.nested import as_json, suite_content
from benchmark.reporting.notes import table_notes
from benchmark.reporting.published.report import comparison_files, comparison_names
from benchmark.reporting.settings import setting_grid
from benchmark.reporting.significance.comparisons import Significance, analyse_table, mark
from benchmark.reporting.significance.controls import analyse_controls, control_names
from benchmark.reporting.significance.rank_figure import render_rank_figure
from benchmark.reporting.significance.resampled import Predictions, groups_of, resample_tests
from benchmark.reporting.significance.text import render_statistics, statistics_frame
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.suite_latex import render_latex, render_latex_notes
from benchmark.reporting.tables import SELECTED, Table, build_tables, row_label
from benchmark.reporting.wording import report_title, scenario_heading
from core.errors import UserError
from core.files import write_atomically


@dataclass(frozen=True)
class Report:
    """A written report.

    Attributes:
        folder: of its files.
        markdown: its text without its figures.
        summary: what of it a reader needs first, as Markdown: tables and how to read them.
        figures: names of the files of its figures.
        grids: what of it stands on the page of another report, with headings.
        tables: names of its LaTeX files with tables, for the document of another report.
        drawings: its figures for that document.
    """

    folder: Path
    markdown: str
    summary: str
    figures: tuple[str, ...] = ()
    grids: tuple[tuple[str, Grid], ...] = ()
    tables: tuple[str, ...] = ()
    drawings: tuple[ReportFigure, ...] = ()


def write_report(
    suite: Suite,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    reports_folder: Path,
    predictions: Predictions = lambda *_: None,
    logits: StoredLogits = lambda *_: None,
    maps: StoredMaps = lambda *_: None,
    *,
    notes: Sequence[str] = (),
    others: Sequence[Report] = (),
    records: StoredRecords = lambda _: None,
    command: Command | None = None,
) -> Report:
    """Write the files of a suite into `<reports>/<suite>/`.

    `<suite>.md`, `.tex`, `.csv` and `.json` are the tables; `<suite>_statistics.md` and `.csv` say
    what their numbers support, `<suite>_controls.tex` and `.csv` what
    of gains is left over controls, `<suite>_agreement_<scenario>.png` and `.pdf` draw scores over
    agreement with the teacher, `<suite>_ranks_<scenario>.png` and `.pdf` draw the average ranks,
    `<suite>_maps_<dataset>.png` and `.pdf` label maps where there are any. `<suite>_notes.tex` has
    the notes on the LaTeX tables, and `main.tex` puts all of them together. `index.html` shows all
    of it, and single runs.
    Where the suite reruns a printed table on the paper's data, `<suite>_vs_published.md` and `.tex`
    stand beside them.

    Args:
        suite: the suite.
        cells: of the plan; those of other suites are left out.
        summaries: the suite's data sets.
        results: of finished runs by key.
        reports_folder: holds one folder per suite.
        predictions: from a run's key and names of networks to its stored test predictions.
        logits: likewise to its stored test logits.
        maps: likewise to its stored label maps.
        notes: sentences on how the suite was run, below those on its tables.
        others: reports in the same folder that the page and `main.tex` show too.
        records: from a run's key to its record, for what the page shows of single runs.
        command: how the suite was asked for; by its name alone if it is not given.

    Raises:
        UserError: the folder cannot be written to, or the records do not belong in one table.
    """
    own = [cell for cell in cells if cell.suite == suite.name]
    require_one_setup(suite, own, results)
    tables = build_tables(suite, own, summaries, results)
    beside_print = comparison_files(suite, tables, summaries)
    groups = groups_of(suite, summaries)
    analysed = []
    for table in tables:
        found = analyse_table(table)
        if table.checkpoint == SELECTED:  # the predictions are those of this checkpoint
            found = resample_tests(table, found, own, results, predictions, groups)
        analysed.append((mark(table, found), found))
    tables = [table for table, _ in analysed]
    fidelity = measure_fidelity(own, results, predictions, logits) if suite.fidelity else {}
    selected = [table for table in tables if table.checkpoint == SELECTED]
    costs = {table.scenario: measure_costs(table, own, results) for table in selected if suite.cost}
    missing = {table.scenario: missing_grid(table, own, results) for table in selected}
    controls = {
        table.scenario: (table, analysis)
        for table in selected
        if (analysis := analyse_controls(suite, table)) is not None
    }
    small_print = table_notes(suite, own, summaries, results, analysed).with_notes(
        [
            *([MISSING_NOTE] if any(missing.values()) else ()),
            *(fidelity_notes(own, results, fidelity) if suite.fidelity else ()),
            *(cost_notes(costs.values()) if suite.cost else ()),
            *([INFORMATION_NOTE] if suite.information else ()),
            *(control_findings(list(controls.values())) if controls else ()),
            *notes,
        ]
    )
    legend = (control_legend(list(controls.values())),) if controls else ()
    said = small_print.with_notes([*legend, *beside_print.notes])
    title = report_title(suite)
    further: list[tuple[str, Grid]] = []
    beside: list[tuple[str, Grid]] = []  # has a LaTeX file of its own
    made_with: list[tuple[str, Grid]] = []
    for table in selected:
        heading = scenario_heading(table.scenario, table.columns)
        if table.scenario in controls:
            grid = control_grid(*controls[table.scenario])
            beside.append((control_heading(table), grid))
        if suite.fidelity:
            grid = fidelity_grid(table, own, fidelity)
            further.append((f"Fidelity and calibration: {heading}", grid))
        if suite.information:
            told = information_grid(suite, table, own, results, predictions, logits)
            further.append((f"Information: {heading}", told))
        if (without := missing[table.scenario]) is not None:
            further.append((f"Missing modalities: {heading}", without))
        if suite.cost:
            further.append((f"Costs: {heading}", cost_grid(table, costs[table.scenario])))
            if (printed := printed_cost_grid(suite.name, table)) is not None:
                further.append((f"Costs as printed: {heading}", printed))
        if (grid_of_settings := setting_grid(table, own, results)) is not None:
            made_with.append((f"Made with: {heading}", grid_of_settings))
    drawn = [
        *agreement_figures(suite.name, selected, own, fidelity, control_names(suite)),
        *map_figures(suite, columns_of(tables), own, summaries, results, maps),
    ]
    markdown = render_markdown(title, tables, said, [*beside, *further, *made_with])
    ranks = _rank_figures(suite.name, title, analysed)
    content = suite_content(suite, tables, said.all, own, results)
    if suite.fidelity:
        content["fidelity"] = fidelity_records(fidelity)
    if suite.cost:
        content["costs"] = {name.value: cost_records(found) for name, found in costs.items()}
    if controls:
        content["controls"] = [
            one for found in controls.values() for one in control_records(*found)
        ]
    # A comparison has its own notes, and its document both.
    unprinted = () if beside_print.files else beside_print.notes
    in_latex = [*small_print.notes, *unprinted]
    contents = {
        ".md": (markdown + render_pictures(drawn)).encode(),
        ".tex": render_latex(suite.name, title, tables, small_print, further).encode(),
        "_notes.tex": render_latex_notes(suite.name, title, tables, in_latex).encode(),
        ".json": as_json(content),
        ".csv": as_csv(long_form(suite, own, results, fidelity)),
        "_statistics.md": render_statistics(
            title, analysed, [one.picture for one in ranks]
        ).encode(),
        "_statistics.csv": as_csv(statistics_frame(suite.name, analysed)),
    }
    if controls:
        compared = list(controls.values())
        contents["_controls.tex"] = control_latex(suite.name, title, compared).encode()
        contents["_controls.csv"] = as_csv(control_frame(suite.name, compared))
    page = suite_page(
        Reported(
            suite,
            title,
            own,
            summaries,
            results,
            analysed,
            said,
            [
                *beside,
                *further,
                *(titled for other in others for titled in other.grids),
                *made_with,
            ],
            drawn,
            [one.files[one.picture] for one in ranks],
            beside_print,
            command or Command(suite.name),
            records,
        )
    )
    files = {suite.name + suffix: content for suffix, content in contents.items()}
    files[PAGE] = render_page(page)
    files |= {name: text.encode() for name, text in beside_print.files.items()}
    tex_files = [name for name in files if name.endswith(".tex")]
    tex_files += [name for other in others for name in other.tables]
    shown = [*ranks, *drawn, *(figure for other in others for figure in other.drawings)]
    files[DOCUMENT] = render_document(title, tex_files, shown).encode()
    for one in (*ranks, *drawn):
        files |= one.files
    obsolete = [
        *comparison_names(suite.name),
        *_figure_names(suite.name, tables, summaries),
        *agreement_figure_names(suite.name),
        *(f"{suite.name}_controls.{suffix}" for suffix in ("tex", "csv")),
    ]
    folder = write_files(reports_folder / suite.name, files, obsolete)
    summary = render_markdown(
        title, selected, replace(said, columns=(), notes=()), [*beside, *further]
    )
    return Report(folder, markdown, summary, tuple(one.picture for one in drawn))


def _rank_figures(
    name: str, title: str, analysed: Sequence[tuple[Table, Significance]]
) -> list[ReportFigure]:
    """Rank diagrams of the tables of which one says something."""
    figures = []
    for table, significance in analysed:
        if table.checkpoint == SELECTED and significance.ranks.worth_drawing:
            ranks = significance.ranks
            labels = {row: row_label(row) for row in (*ranks.average_ranks, *ranks.left_out)}
            drawn = render_rank_figure(ranks, labels, f"{title}: average ranks")
            stem = f"{name}_ranks_{table.scenario.value}"
            figures.append(
                ReportFigure(
                    "Average ranks",
                    {f"{stem}.{suffix}": content for suffix, content in drawn.items()},
                    "Average ranks; those that a bar joins may be equal.",
                )
            )
    return figures


def _figure_names(
    name: str, tables: Sequence[Table], summaries: Sequence[DatasetSummary]
) -> list[str]:
    ranks = [
        f"{name}_ranks_{table.scenario.value}.{suffix}" for table in tables for suffix in SUFFIXES
    ]
    return ranks + map_figure_names(name, summaries)


def write_files(folder: Path, contents: Mapping[str, bytes], obsolete: Iterable[str] = ()) -> Path:
    """Write the files of a report, each whole or not at all; returns the folder.

    Args:
        folder: is made where it is not there.
        contents: by file name.
        obsolete: files of earlier reports to remove, unless they are among the contents.

    Raises:
        UserError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomically(folder / name, content)
        for name in set(obsolete) - contents.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write the report to {folder}: {error.strerror}; name another folder with "
            "--reports"
        ) from None
    return folder


def as_csv(frame: pd.DataFrame) -> bytes:
    """A table of values as a file."""
    # At once as bytes: as text, a large one would be in memory three times.
    buffer = io.BytesIO()
    frame.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()
