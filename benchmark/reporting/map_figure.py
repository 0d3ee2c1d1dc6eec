"""The qualitative figure: label maps of some test samples, of every method beside the truth."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.planning.config import Scenario, Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.label_maps import LabelMaps, Maps
from benchmark.records.record import predictions_name
from benchmark.records.result import RunResult
from benchmark.reporting.figures import SUFFIXES, ReportFigure, figure_style, render_figure
from benchmark.reporting.tables import SELECTED, Column, Row, Table, cells_by_entry, row_label
from benchmark.reporting.wording import modality_heading
from datasets.looking.map_lines import MapLine, draw_map_lines
from datasets.looking.map_sheet import colour_samples, spread_over
from datasets.source import read_dataset

# From a run's key and names of networks to its stored label maps; None where there are none.
StoredMaps = Callable[[str, Collection[str]], LabelMaps | None]
MOST_SAMPLES = 4


class TableColumn(NamedTuple):
    """A student of a table, and the rows that the table has."""

    scenario: Scenario
    column: Column
    rows: Sequence[Row]


@dataclass(frozen=True)
class MapStudent:
    """What the networks of one column of a table predict of the samples that are shown.

    Attributes:
        heading: the modalities.
        evaluated: the modality that the networks see.
        maps: row of the table -> predictions (n, H, W).
    """

    heading: str
    evaluated: str
    maps: Mapping[Row, Maps]


@dataclass(frozen=True)
class ShownMaps:
    """Some test samples of one data set, and what networks make of them.

    Attributes:
        summary: the data set.
        samples: their places in it, (n,).
        truth: their label maps.
        class_names: one name per class.
        students: those of the tables' columns of which maps are stored, at least one.
    """

    summary: DatasetSummary
    samples: NDArray[np.int64]
    truth: Maps
    class_names: Sequence[str]
    students: Sequence[MapStudent]

    @property
    def rows(self) -> list[Row]:
        """All rows that some student has."""
        return list(dict.fromkeys(row for student in self.students for row in student.maps))

    def images(self) -> dict[str, list[NDArray[np.float32]]]:
        """Modality -> colours (H, W, 3) of the samples; empty where the data is not here."""
        if self.summary.missing is not None:
            return {}
        _, height, width = self.truth.shape
        return colour_samples(read_dataset(self.summary.source), self.samples, (height, width))


def map_figures(
    suite: Suite,
    columns: Sequence[TableColumn],
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    maps: StoredMaps,
) -> list[ReportFigure]:
    """Draw the first repetition of each data set of which label maps are stored.

    Up to four test samples, evenly spread over those that were kept. Each has a line for every
    column of its tables: the image, where the data is here, the truth, and what STUDENT and every
    method make of it. The arguments are those of `shown_maps`.
    """
    return [
        _draw(suite, shown) for shown in shown_maps(suite, columns, cells, summaries, results, maps)
    ]


def shown_maps(
    suite: Suite,
    columns: Sequence[TableColumn],
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    maps: StoredMaps,
    most: int = MOST_SAMPLES,
) -> list[ShownMaps]:
    """What is shown of each data set of which label maps are stored.

    Args:
        suite: the suite.
        columns: of its tables.
        cells: behind them.
        summaries: of its data sets.
        results: of finished runs by key.
        maps: where label maps come from.
        most: samples, evenly spread over those that were kept.
    """
    first = [cell for cell in cells if cell.repetition == suite.seeds[0] and cell.run in results]
    drawn = []
    for summary in {summary.name: summary for summary in summaries}.values():
        samples: NDArray[np.int64] | None = None
        students: list[MapStudent] = []
        for one in columns:
            if one.column.dataset != summary.name:
                continue
            found: dict[Row, Maps] = {}
            for row, cell in _networks(one, first):
                name = predictions_name(cell.deployment, cell.evaluate)
                stored = maps(cell.run, (name,))
                if stored is None or name not in stored.predicted:
                    continue
                if samples is None:
                    places = spread_over(len(stored.indices), most)
                    samples, truth = stored.indices[places], stored.truth[places]
                    class_names = stored.class_names
                # All runs of a repetition have the same test samples, and keep maps of the same.
                found[row] = stored.predicted[name][np.isin(stored.indices, samples)]
            if found:
                heading = modality_heading(one.column, one.scenario)
                students.append(MapStudent(heading, one.column.evaluated, found))
        if samples is not None:
            drawn.append(ShownMaps(summary, samples, truth, class_names, students))
    return drawn


def map_figure_names(name: str, summaries: Sequence[DatasetSummary]) -> list[str]:
    """Names of all files that the report of a suite of this name may have."""
    return [f"{_stem(name, summary)}.{suffix}" for summary in summaries for suffix in SUFFIXES]


def _stem(name: str, summary: DatasetSummary) -> str:
    return f"{name}_maps_{summary.name}"


def columns_of(tables: Sequence[Table]) -> list[TableColumn]:
    """The columns of those tables whose networks have stored maps."""
    return [
        TableColumn(table.scenario, column, table.rows)
        for table in tables
        if table.checkpoint == SELECTED
        for column in table.columns
    ]


def _networks(one: TableColumn, cells: Sequence[Cell]) -> Iterator[tuple[Row, Cell]]:
    """The rows of a column that have a network, each with its cell; TEACHER sees more."""
    own = (cell for cell in cells if cell.scenario is one.scenario)
    behind = cells_by_entry(own, (one.column,))
    for row in one.rows:
        for cell in behind.get((row.method, row.plugin, one.column), ()):
            if row.method != TEACHER:
                yield row, cell


def _draw(suite: Suite, shown: ShownMaps) -> ReportFigure:
    summary, students, rows, images = shown.summary, shown.students, shown.rows, shown.images()
    evaluated = {student.evaluated for student in students}
    # Each line has the image that its networks see; what no network sees is in the first.
    unseen = [name for name in summary.modalities if name not in evaluated and name in images]
    lines = [
        MapLine(
            label=student.heading,
            remark="" if number else f"sample {sample}",
            images=[
                *(None if number else images[name][place] for name in unseen),
                *([images[student.evaluated][place]] if images else []),
            ],
            maps=[
                shown.truth[place],
                *(student.maps[row][place] if row in student.maps else None for row in rows),
            ],
            apart=not number,
        )
        for place, sample in enumerate(shown.samples)
        for number, student in enumerate(students)
    ]
    headings = [*unseen, *(["input"] if images else [])]
    labels = ["truth", *map(row_label, rows)]
    with figure_style():
        page = draw_map_lines(headings, labels, lines, shown.class_names)
        drawn = render_figure(page.canvas.figure)
    stem = _stem(suite.name, summary)
    caption = (
        f"{len(shown.samples)} of the test samples of repetition {suite.seeds[0]}: what is true, "
        "and what each method's network predicts from the modality on the left. They are evenly "
        "spread over those whose maps are kept, whatever the networks make of them."
    )
    files = {f"{stem}.{suffix}": content for suffix, content in drawn.items()}
    return ReportFigure(f"Label maps: {summary.label}", files, caption)
