"""What each method costs to train: device time and parameters, from the records of a suite."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, without_repeats
from benchmark.reporting.published.printed import FOLDER, read_rows
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_behind
from benchmark.reporting.wording import coverage
from benchmark.statistics import mean

_TIMES = ("main", "teacher", "total")
_COUNTS = ("main", "auxiliary", "teacher", "total")
# The columns of the printed table, as the CroDiNo-KD paper has them.
_PRINTED_COLUMNS = (
    *("gpu_time_main", "gpu_time_teacher", "gpu_time_total"),
    *("params_main", "params_aux", "params_teacher", "params_total"),
)
_ABSENT = "-"


@dataclass(frozen=True)
class Cost:
    """What one repetition of a method costs on one data set, all its students together.

    Attributes:
        main_seconds: training of the students.
        teacher_seconds: training of their teachers, each once; None without any.
        main_parameters: of the networks that are deployed.
        auxiliary_parameters: trained beside them, and thrown away.
        teacher_parameters: of their teachers; None without any.
        shared: a run shared its device with others, so that its seconds are too many.
    """

    main_seconds: float
    teacher_seconds: float | None
    main_parameters: int
    auxiliary_parameters: int
    teacher_parameters: int | None
    shared: bool

    @property
    def total_seconds(self) -> float:
        """Of students and teacher."""
        return self.main_seconds + (self.teacher_seconds or 0)

    @property
    def total_parameters(self) -> int:
        """Of all networks that the training holds."""
        return self.main_parameters + self.auxiliary_parameters + (self.teacher_parameters or 0)


# (row, data set) -> repetition -> cost, where all runs of the repetition are finished.
Costs = Mapping[tuple[Row, str], Mapping[int, Cost]]


def measure_costs(table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> Costs:
    """The costs of all rows of a table but TEACHER.

    Args:
        table: of one scenario.
        cells: of the suite.
        results: of finished runs by key.
    """
    behind = cells_behind(table, cells)
    references: dict[tuple[Column, int], list[str]] = {}
    for (method, _, column), own in behind.items():
        if method in (TEACHER, STUDENT):
            for cell in own:
                if cell.run in results:
                    references.setdefault((column, cell.repetition), []).append(cell.run)
    found: dict[tuple[Row, str], dict[int, Cost]] = {}
    for row in table.rows:
        if row.method == TEACHER:
            continue
        by_repetition: dict[tuple[str, int], list[_Student]] = {}
        for column in table.columns:
            for cell in behind.get((row.method, row.plugin, column), ()):
                student = _Student(cell, references.get((column, cell.repetition), ()))
                by_repetition.setdefault((column.dataset, cell.repetition), []).append(student)
        for (dataset, repetition), students in by_repetition.items():
            cost = _cost(students, results)
            if cost is not None:
                found.setdefault((row, dataset), {})[repetition] = cost
    return found


class _Student(NamedTuple):
    """A cell, and the finished runs of TEACHER and STUDENT in its column and repetition."""

    cell: Cell
    references: Sequence[str]


def _cost(students: Sequence[_Student], results: Mapping[str, RunResult]) -> Cost | None:
    """The cost of the students of one repetition; None where a run is not finished."""
    if any(cell.run not in results for cell, _ in students):
        return None
    runs = {cell.run: results[cell.run] for cell, _ in students}
    teachers: dict[str, RunResult] = {}
    for cell, references in students:
        if runs[cell.run].teacher_mode is None:
            continue
        # TEACHER for most, and for a network that learns from another student, STUDENT.
        _, seen_by_teacher = runs[cell.run].reads
        own = [key for key in references if results[key].reads[0] == seen_by_teacher]
        if not own:
            return None
        teachers[own[0]] = results[own[0]]
    # Columns of several teachers have one STUDENT, which is deployed once.
    networks = {(cell.run, cell.deployment) for cell, _ in students}
    deployed = sum(results[run].networks[name].parameters for run, name in networks)
    of_teachers = [net.parameters for run in teachers.values() for net in run.networks.values()]
    return Cost(
        main_seconds=sum(run.seconds for run in runs.values()),
        teacher_seconds=sum(run.seconds for run in teachers.values()) if teachers else None,
        main_parameters=deployed,
        auxiliary_parameters=sum(run.trained_parameters for run in runs.values()) - deployed,
        teacher_parameters=sum(of_teachers) if teachers else None,
        shared=any(run.shared_device for run in (*runs.values(), *teachers.values())),
    )


def cost_grid(table: Table, costs: Costs) -> Grid:
    """One line a method and data set: times as means over repetitions, parameters in millions."""
    labels = {column.dataset: column.label for column in table.columns}
    expected = {
        row: max(e.expected for (r, _), e in table.entries.items() if r == row)
        for row in table.rows
    }
    rows = []
    for dataset in dict.fromkeys(c.dataset for c in table.columns if c.dataset != AVERAGE):
        own = [row for row in table.rows if row.method != TEACHER]
        heading = labels[dataset]
        for label, row in zip(without_repeats(row.label for row in own), own, strict=True):
            variant = None if row.variant == "-" else row.variant
            found = costs.get((row, dataset), {})
            cells = _cells(found, coverage(len(found), expected[row]))
            rows.append(GridRow([GridCell(heading), GridCell(label), GridCell(variant), *cells]))
            heading = ""
    return _grid(("", "method", ""), rows)


def _cells(found: Mapping[int, Cost], remark: str) -> list[GridCell]:
    if not found:
        return [GridCell(None, remark=remark), *[GridCell(None)] * (len(_TIMES + _COUNTS) - 1)]
    any_cost = next(iter(found.values()))
    times: list[float | None] = [
        mean({number: cost.main_seconds for number, cost in found.items()}),
        None
        if any_cost.teacher_seconds is None
        else mean({number: cost.teacher_seconds or 0 for number, cost in found.items()}),
        mean({number: cost.total_seconds for number, cost in found.items()}),
    ]
    counts = (
        any_cost.main_parameters,
        any_cost.auxiliary_parameters or None,
        any_cost.teacher_parameters,
        any_cost.total_parameters,
    )
    written = [_ABSENT if time is None else _duration(time) for time in times]
    written += [_ABSENT if count is None else f"{count / 1e6:.1f}" for count in counts]
    first, *others = written
    return [GridCell(first, remark=remark), *(GridCell(text) for text in others)]


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{left:02}"


def _grid(leading: Sequence[str], rows: Sequence[GridRow]) -> Grid:
    groups = [
        *[Heading() for _ in leading],
        Heading("device time", len(_TIMES)),
        Heading("parameters (M)", len(_COUNTS)),
    ]
    names = [Heading(text) for text in (*leading, *_TIMES, *_COUNTS)]
    aligned = [Align.LEFT] * len(leading) + [Align.RIGHT] * len(_TIMES + _COUNTS)
    return Grid([groups, names], aligned, rows)


def printed_cost_grid(suite: str, table: Table, folder: Path = FOLDER) -> Grid | None:
    """The printed costs that a suite's are compared with; None where nothing is printed.

    Args:
        suite: its name; `crodino_cost` stands beside `crodino_kd_costs.csv`.
        table: gives the methods their names.
        folder: where the files are.

    Raises:
        UserError: the file cannot be read or has other columns.
    """
    paper, _, what = suite.rpartition("_")
    path = folder / f"{paper}_kd_{what}s.csv"
    if what != "cost" or not path.is_file():
        return None
    lines = [line for _, line in read_rows(path, ("method", *_PRINTED_COLUMNS))]
    labels = {row.method: row.label for row in table.rows}
    return _grid(
        ("method",),
        [
            GridRow(
                [
                    GridCell(labels.get(line["method"], line["method"])),
                    *(GridCell(line[column] or _ABSENT) for column in _PRINTED_COLUMNS),
                ]
            )
            for line in lines
        ],
    )


def cost_notes(costs: Iterable[Costs]) -> list[str]:
    """What the columns mean, as sentences."""
    found = [cost for own in costs for group in own.values() for cost in group.values()]
    notes = [
        "Costs: all students of a data set together, mean over repetitions. Device time, in hours, "
        "minutes and seconds, is that of training, epochs' evaluations included. Parameters: main, "
        "of the networks that are deployed; auxiliary, trained beside them and thrown away; "
        "teacher, whose training counts once for all students."
    ]
    if shared := sum(cost.shared for cost in found):
        notes.append(
            f"{shared} of {len(found)} costs rest on runs that shared their device with others, so "
            "their times are too long."
        )
    return notes


def cost_records(costs: Costs) -> list[dict[str, Any]]:
    """All costs, for JSON."""
    return [
        {
            "dataset": dataset,
            "method": row.method,
            "plugin": row.plugin,
            "seed": repetition,
            **asdict(cost),
        }
        for (row, dataset), group in costs.items()
        for repetition, cost in group.items()
    ]
