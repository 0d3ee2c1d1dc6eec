"""Printed tables: what the files hold, and how results are held against them."""

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Scenario, Suite, read_suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import Plan, make_plan
from benchmark.records.record import Record
from benchmark.records.result import RunResult, result_of
from benchmark.reporting.published.companion import Companion, companion_files
from benchmark.reporting.published.comparison import (
    ComparedCell,
    Comparison,
    compare_with_published,
)
from benchmark.reporting.published.printed import (
    FOLDER,
    Place,
    PublishedTable,
    read_published,
)
from benchmark.reporting.report import write_report
from benchmark.reporting.tables import SELECTED, Column, Entry, Row, Table, build_tables
from benchmark.statistics import Arrow
from core.errors import UserError
from datasets import CARDS, DatasetSource

MakeRecord = Callable[..., Record]
MakePaper = Callable[..., "Paper"]
Score = Callable[[str, str, str, int], float | None]
COUNTS = {"table1": 39, "table2": 75, "table3": 35, "table4": 21}
CRODINO = {
    "crodino_kd_table1": 57,
    "crodino_kd_table2": 42,
    "crodino_kd_table3_mixup": 36,
    "crodino_kd_cost": 9,
}
CROSS, MULTI = Scenario.CROSS_MODAL, Scenario.MULTI_MODAL


def _summary(name: str) -> DatasetSummary:
    """A data set as it is where the paper's files are in the data folder."""
    card = CARDS.get(name)
    return DatasetSummary(
        name=name,
        label=card.label,
        modalities=tuple(card.modalities),
        fingerprint=f"test:{name}",
        source=DatasetSource("published", name, Path("data")),
        normalised=False,
        samples=card.samples,
        notes=(),
    )


class Paper:
    """A suite planned on what passes for the paper's data, its records filled in by hand."""

    def __init__(
        self,
        make_record: MakeRecord,
        suite: str = "table1",
        changes: dict[str, DatasetSummary] | None = None,
        **overrides: Any,
    ) -> None:
        self.suite: Suite = read_suite(suite, overrides)
        names = [entry.name for entry in self.suite.datasets]
        self.summaries = [(changes or {}).get(name, _summary(name)) for name in names]
        self.plan: Plan = make_plan(self.suite, self.summaries)
        self.records: dict[str, Record] = {}
        self._make_record = make_record

    def fill(self, score: Score) -> "Paper":
        """Give each cell the score of (data set, method, plug-in, repetition); None: missing."""
        found: dict[str, dict[str, float]] = {}
        for cell in self.plan.cells:
            value = score(cell.dataset, cell.method, cell.plugin, cell.repetition)
            if value is not None:
                found.setdefault(cell.run, {})[cell.evaluated_modality] = value
        self.records = {
            key: self._make_record(self.plan.runs[key], scores) for key, scores in found.items()
        }
        return self

    @property
    def results(self) -> dict[str, RunResult]:
        """What its tables take of the records."""
        return {key: result_of(record) for key, record in self.records.items()}

    @property
    def tables(self) -> list[Table]:
        """Its tables."""
        return build_tables(self.suite, self.plan.cells, self.summaries, self.results)

    def companion(self) -> Companion:
        """What is written beside its report."""
        return companion_files(self.suite, self.tables, self.summaries)

    def markdown(self) -> str:
        """The companion as Markdown."""
        return self.companion().files[f"{self.suite.name}_vs_published.md"]

    def report(self, folder: Path) -> dict[str, str]:
        """Write the report and read its files by name."""
        report = write_report(
            self.suite, self.plan.cells, self.summaries, self.results, folder / "reports"
        )
        return {
            path.name: path.read_text()
            for path in report.folder.iterdir()
            if path.suffix in (".md", ".tex", ".csv", ".json")
        }


@pytest.fixture
def make_paper(make_record: MakeRecord) -> MakePaper:
    """Make a grid on what passes for the paper's data."""
    return partial(Paper, make_record)


def _score(_: str, method: str, plugin: str, repetition: int) -> float | None:
    base = {"teacher": 0.9, "student": 0.6}.get(method, 0.7)
    return base - (0.2 if plugin == "lskd" else 0.0) + 0.01 * repetition


def _printed(name: str) -> PublishedTable:
    table = read_published(name)
    assert table is not None
    return table


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def _comparison(paper: Paper) -> Comparison:
    table = paper.tables[0]
    return compare_with_published(table, _printed(paper.suite.name), table.columns)


def _cell(comparison: Comparison, dataset: str, evaluated: str, row: str) -> ComparedCell:
    (found,) = (
        cell
        for (own, column), cell in comparison.cells.items()
        if (column.dataset, column.evaluated) == (dataset, evaluated)
        and f"{own.method} {own.plugin}" == row
    )
    return found


# The files


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_published_tables_load(name: str, count: int) -> None:
    assert len(_printed(name).values) == count


@pytest.mark.parametrize(("name", "count"), CRODINO.items())
def test_crodino_files_hold_scores_in_percent(name: str, count: int) -> None:
    rows = _rows(FOLDER, name)
    assert len(rows) == count
    for row in rows:
        assert 0 <= float(row.get("value_percent", 0)) <= 100


@pytest.mark.parametrize("name", [*(f"discom_kd_{name}" for name in COUNTS), *CRODINO])
def test_files_equal_the_reference(material: Path, name: str) -> None:
    reference = _rows(material / "published", name)
    own = _rows(FOLDER, name)
    if "variant" in reference[0] and name.startswith("discom_kd"):
        for row in reference:
            variant = row.pop("variant")
            row["method"] += "" if variant == "full" else f" ({variant})"
            row |= {"scenario": "multi_modal", "teacher_modality": "ALL", "plugin": "none"}
    assert own == reference


def test_tables_1_and_2_share_their_single_modality_runs() -> None:
    first, second = _printed("table1"), _printed("table2")
    for dataset, rich, poor in (
        ("sunrgbd", "RGB", "DEPTH"),
        ("eurosat_ms_sar", "MS", "SAR"),
        ("tristar", "THERMAL", "DEPTH"),
    ):
        assert first.percent(Place(CROSS, dataset, rich, "teacher", "none")) == second.percent(
            Place(MULTI, dataset, rich, "student", "none")
        )
        for method in ("student", "discom_kd"):
            assert first.percent(Place(CROSS, dataset, poor, method, "none")) == second.percent(
                Place(MULTI, dataset, poor, method, "none")
            )


@pytest.mark.parametrize("name", ["table3", "table4"])
def test_printed_averages_are_means_of_their_rows_up_to_rounding(name: str) -> None:
    table = _printed(name)
    for method in {place.method for place in table.values}:
        own = [v.value_percent for v in table.values.values() if v.method == method]
        *scores, average = own
        assert len(scores) == 6
        assert average == pytest.approx(sum(scores) / 6, abs=0.01)


@pytest.mark.parametrize("name", COUNTS)
def test_every_oddity_is_about_printed_cells(name: str) -> None:
    table = _printed(name)
    assert table.oddities
    for oddity in table.oddities:
        assert any(oddity.concerns(place) for place in table.values), oddity


@pytest.mark.parametrize("name", COUNTS)
def test_every_number_in_an_oddity_of_certain_cells_is_printed(name: str) -> None:
    table = _printed(name)
    printed = {f"{value.value_percent:.2f}" for value in table.values.values()}
    for oddity in table.oddities:
        if oddity.plugin or oddity.modality:
            # A number before "points" is a difference of printed ones.
            numbers = re.findall(r"\b\d\d\.\d\d\b(?! points)", oddity.sentence)
            assert set(numbers) <= printed, oddity


@pytest.mark.parametrize(
    ("dataset", "evaluated", "method", "plugin", "arrow"),
    [
        ("sunrgbd", "DEPTH", "mlkd", "none", Arrow.DOWN),
        ("sunrgbd", "DEPTH", "mlkd", "lskd", Arrow.EQUAL),
        ("tristar", "THERMAL", "ctkd", "none", Arrow.DOWN),
        ("tristar", "THERMAL", "discom_kd", "none", Arrow.UP),
        ("sunrgbd", "DEPTH", "student", "none", None),
        ("sunrgbd", "ALL", "teacher", "none", None),
        ("sunrgbd", "DEPTH", "own_method", "none", None),
    ],
)
def test_arrows_come_from_printed_numbers(
    dataset: str, evaluated: str, method: str, plugin: str, arrow: Arrow | None
) -> None:
    place = Place(MULTI, dataset, evaluated, method, plugin)
    assert _printed("table2").arrow(place) is arrow


def test_a_table_without_student_has_no_arrows() -> None:
    table = _printed("table3")
    assert {table.arrow(place) for place in table.values} == {None}


def test_nothing_is_published_without_the_folder_or_under_another_name(tmp_path: Path) -> None:
    assert read_published("table1", tmp_path / "nowhere") is None
    assert read_published("terramesh") is None


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("value_percent", "value", "expected the columns"),
        ("44.45", "144.45", r"line 2: value_percent is '144.45'"),
        ("44.45", "", r"line 2: value_percent is ''"),
        ("weighted_f1,44.45", "accuracy,44.45", "line 2: metric"),
        ("table1,cross_modal,sunrgbd,RGB,RGB", "table2,cross_modal,sunrgbd,RGB,RGB", "line 2 is"),
        ("MS,MS,teacher", "MS,SAR,student", "line 6 repeats a cell"),
    ],
)
def test_a_damaged_file_is_an_error_with_its_line(
    tmp_path: Path, before: str, after: str, problem: str
) -> None:
    text = (FOLDER / "discom_kd_table1.csv").read_text()
    (tmp_path / "discom_kd_table1.csv").write_text(text.replace(before, after, 1))
    with pytest.raises(UserError, match=problem):
        read_published("table1", tmp_path)


def test_damaged_oddities_are_an_error(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "discom_kd_table1.csv", tmp_path)
    (tmp_path / "oddities.yaml").write_text("table1: [{dataset: sunrgbd}]")
    with pytest.raises(UserError, match=r"oddities.yaml: table1.0.sentence"):
        read_published("table1", tmp_path)


# The comparison


def test_numbers_of_a_compared_cell(make_paper: MakePaper) -> None:
    comparison = _comparison(make_paper().fill(_score))
    cell = _cell(comparison, "sunrgbd", "DEPTH", "mlkd none")
    assert cell.mean == pytest.approx(72)
    assert cell.std == pytest.approx(1.5811, abs=1e-4)
    assert (cell.count, cell.expected, cell.printed) == (5, 5, 44.43)
    assert cell.difference == pytest.approx(27.57)
    assert (cell.arrow, cell.printed_arrow, cell.agrees) == (Arrow.UP, Arrow.UP, True)
    (number,) = cell.notes
    assert "42.87" in comparison.oddities[number - 1].sentence
    kd = _cell(comparison, "sunrgbd", "DEPTH", "kd_v1 none")
    assert (kd.arrow, kd.printed_arrow, kd.agrees) == (Arrow.UP, Arrow.DOWN, False)
    teacher = _cell(comparison, "tristar", "DEPTH", "teacher none")
    assert (teacher.printed, teacher.arrow, teacher.agrees) == (96.99, None, None)
    student = _cell(comparison, "tristar", "DEPTH", "student none")
    assert (student.printed, student.agrees) == (90.66, None)
    # LSKD is down in ours, and printed up outside SUNRGBD; ORIG is up, and printed down four times
    # on SUNRGBD and once on SAR.
    assert comparison.agreement == (18, 33)


def test_table_2_compares_six_columns(make_paper: MakePaper) -> None:
    comparison = _comparison(make_paper("table2").fill(_score))
    assert len(comparison.columns) == 6
    assert all(cell.printed is not None for cell in comparison.cells.values())
    assert _cell(comparison, "sunrgbd", "DEPTH", "teacher none").printed == 55.95
    assert _cell(comparison, "tristar", "THERMAL", "ctkd none").notes


def test_markdown_has_a_table_per_data_set(make_paper: MakePaper) -> None:
    text = make_paper("table2").fill(_score).markdown()
    sections = text.split("### ")[1:]
    assert [section.splitlines()[0] for section in sections] == [
        "SUNRGBD",
        "EuroSAT-MS-SAR",
        "TRISTAR",
    ]
    lines = sections[0].splitlines()
    assert "| RGB ours | RGB printed | RGB difference | RGB arrows | DEPTH ours |" in lines[2]
    assert make_paper().fill(_score).markdown().count("| ours | printed | difference |") == 3
    assert "| TEACHER | ALL | 92.00 ± 1.58 | 55.95 | +36.05 |  |  |  |  |  |" in lines
    assert "|  | w/ LSKD | 52.00 ± 1.58 | 47.44 | +4.56 | ↓ ↑ ≠ |" in text
    assert "43.82 [1]" in text
    assert "printed numbers carry no spread" in text
    assert "may have been made with its released code" in text
    assert "set-up differs" not in text
    assert text.count("| --- |") == 3


def test_missing_cells_say_so(make_paper: MakePaper) -> None:
    def score(dataset: str, method: str, plugin: str, repetition: int) -> float | None:
        if method == "dkd" or (method == "discom_kd" and repetition > 1):
            return None
        return _score(dataset, method, plugin, repetition)

    paper = make_paper().fill(score)
    cell = _cell(_comparison(paper), "sunrgbd", "DEPTH", "dkd none")
    assert (cell.mean, cell.count, cell.difference, cell.agrees) == (None, 0, None, None)
    text = paper.markdown()
    assert "| DKD | ORIG | - (0 of 5) | 42.44 |  |  |" in text
    assert "| DisCoM-KD | - | 70.50 ± 0.71 (2 of 5) | 47.69 | +22.81 | ↑ ↑ |" in text


def test_rows_that_only_one_side_has_are_named(make_paper: MakePaper) -> None:
    methods = ["kd_v1", {"name": "kd_v1", "temperature": 2.0}]
    text = make_paper(methods=methods).fill(_score).markdown()
    assert "Not in the printed table, so left out: KDv1 (temperature=2.0) ORIG" in text
    assert "Printed, but not in this suite: kd_v2, kd_v2 with lskd, dkd" in text
    assert "MLKD ORIG prints" not in text


def test_a_changed_set_up_is_said_on_top(make_paper: MakePaper) -> None:
    entry = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH", "split": "by_group"}
    paper = make_paper(
        datasets=[entry],
        seeds=3,
        protocol={"base": "as_described", "teacher_mode": "train"},
        training={"epochs": 50, "batch_size": 64, "learning_rate": 1e-3},
    ).fill(_score)
    companion = paper.companion()
    sentence = (
        "The set-up differs from the paper's: 50 epochs instead of 300; 64 samples a batch "
        "instead of 128; 3 repetitions instead of 5; learning rate 0.001 instead of 0.0001; "
        "protocol as_described + teacher_mode=train instead of as_described; TRISTAR split by "
        "group instead of at random."
    )
    assert paper.markdown().splitlines()[2] == sentence
    tex = companion.files["table1_vs_published.tex"]
    assert r"protocol as\_described + teacher\_mode=train" in tex.split(r"\label")[0]
    assert companion.notes == ()


def _changed(name: str, **source: Any) -> DatasetSummary:
    summary = _summary(name)
    return replace(summary, source=replace(summary.source, **source))


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        (_changed("sunrgbd", kind="miniature"), "a smoke run on generated miniature data"),
        (_changed("sunrgbd", kind="npz"), "own data instead of the paper's"),
        (_changed("sunrgbd", kind="npy"), "own data instead of the paper's"),
        (_changed("sunrgbd", image_size=128), "images of 128 pixels a side instead of 224"),
        (
            _changed("sunrgbd", choices=(("depth", "depth"),)),
            "read with depth: depth instead of depth_bfx",
        ),
        (
            replace(_summary("sunrgbd"), samples=2104),
            "2104 samples where the publication counts 2105",
        ),
        (
            replace(_summary("sunrgbd"), samples=None),
            "unknown number of samples where the publication counts 2105",
        ),
        (
            replace(_summary("sunrgbd"), modalities=("RGB", "DEPTH", "NORMALS")),
            "modalities RGB, DEPTH, NORMALS instead of RGB, DEPTH",
        ),
    ],
)
def test_data_that_is_not_the_papers_is_not_compared(
    make_paper: MakePaper, tmp_path: Path, summary: DatasetSummary, reason: str
) -> None:
    files = make_paper(changes={"sunrgbd": summary}).fill(_score).report(tmp_path)
    sentence = f"Not compared with the printed table: SUNRGBD DEPTH ({reason})."
    assert f"- {sentence}" in files["table1.md"]
    assert sentence in files["table1_vs_published.md"]
    assert "### TRISTAR THERMAL → DEPTH" in files["table1_vs_published.md"]
    assert "### SUNRGBD" not in files["table1_vs_published.md"]
    assert "42.87" not in files["table1_vs_published.md"]


@pytest.mark.parametrize(
    "source",
    [
        {"image_size": 224},
        {"choices": (("depth", "depth_bfx"),)},
        {"modalities": ("RGB", "DEPTH")},
    ],
)
def test_defaults_that_are_spelt_out_change_nothing(
    make_paper: MakePaper, source: dict[str, Any]
) -> None:
    paper = make_paper(changes={"sunrgbd": _changed("sunrgbd", **source)}).fill(_score)
    assert paper.companion().notes == ()


def test_exchanged_roles_and_data_without_runs_are_not_compared(make_paper: MakePaper) -> None:
    datasets = [
        {"name": "sunrgbd", "teacher": "DEPTH", "student": "RGB"},
        {"name": "eurosat_ms_sar", "teacher": "MS", "student": "SAR"},
        {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"},
    ]
    paper = make_paper(datasets=datasets).fill(
        lambda *cell: None if cell[0] == "tristar" else _score(*cell)
    )
    assert paper.companion().notes == (
        "Not compared with the printed table: SUNRGBD RGB (the printed table has no column "
        "DEPTH → RGB for it); TRISTAR DEPTH (no run of it is finished).",
    )


@pytest.mark.parametrize("kind", ["miniature", "npz"])
def test_without_the_papers_data_stale_companions_go(
    make_paper: MakePaper, tmp_path: Path, kind: str
) -> None:
    names = {"table1_vs_published.md", "table1_vs_published.tex"}
    assert names <= make_paper().fill(_score).report(tmp_path).keys()
    changes = {name: _changed(name, kind=kind) for name in ("sunrgbd", "eurosat_ms_sar", "tristar")}
    files = make_paper(changes=changes).fill(_score).report(tmp_path)
    assert not names & files.keys()
    assert "Nothing is compared with the printed table: " in files["table1.md"]


def test_a_suite_of_another_name_has_no_companion(make_paper: MakePaper) -> None:
    paper = make_paper().fill(_score)
    suite = paper.suite.model_copy(update={"name": "mine"})
    assert companion_files(suite, paper.tables, paper.summaries) == Companion({}, ())


def test_without_the_printed_tables_there_is_no_companion(
    make_paper: MakePaper, tmp_path: Path
) -> None:
    paper = make_paper().fill(_score)
    found = companion_files(paper.suite, paper.tables, paper.summaries, tmp_path)
    assert found == Companion({}, ())


# Tables of variants: no STUDENT, and a column for the average


def _ablation(datasets: tuple[str, ...] = ("sunrgbd", "eurosat_ms_sar", "tristar")) -> Table:
    columns = [
        Column(name, CARDS.get(name).label, "ALL", modality)
        for name in datasets
        for modality in CARDS.get(name).modalities
    ]
    columns.append(Column("average", "Average", "ALL", ""))
    variants = ("discom_kd (without_adv)", "discom_kd")
    rows = [Row(name, "none", name.replace("discom_kd", "DisCoM-KD"), "-") for name in variants]
    entry = Entry({0: 0.77, 1: 0.79}, 5)
    return Table(
        MULTI,
        SELECTED,
        tuple(columns),
        tuple(rows),
        {(row, column): entry for row in rows for column in columns},
        dict.fromkeys(rows, (22_000_000,)),
        "discom_kd",
    )


def test_averages_and_variants_are_compared_without_arrows(make_paper: MakePaper) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    found = companion_files(suite, [_ablation()], paper.summaries)
    text = found.files["table3_vs_published.md"]
    assert "### Average\n\n| method | | ours | printed | difference |\n" in text
    assert (
        "| DisCoM-KD (without_adv) | - | 78.00 ± 1.41 (2 of 5) | 77.78 [1] | +0.22 |\n"
        "| DisCoM-KD | - | 78.00 ± 1.41 (2 of 5) | 78.23 [3] | -0.23 |"
    ) in text
    assert "Arrows" not in text
    assert "released code" not in text
    assert found.notes == ()


def test_an_average_needs_all_printed_columns(make_paper: MakePaper) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    found = companion_files(suite, [_ablation(("sunrgbd", "tristar"))], paper.summaries)
    assert "### Average" not in found.files["table3_vs_published.md"]
    assert found.notes == (
        "Not compared with the printed table: Average (not every column of the printed average "
        "is compared).",
    )


# LaTeX


@pytest.mark.parametrize("suite", ["table1", "table2"])
@pytest.mark.parametrize("repetitions", [4, 5])
def test_latex_compiles_and_fits(
    make_paper: MakePaper, compile_latex: Callable[[str], None], suite: str, repetitions: int
) -> None:
    paper = make_paper(suite).fill(
        lambda *cell: (
            None if cell[3] >= repetitions else 0.3 + 0.1 * cell[3] - 0.2 * (cell[2] == "lskd")
        )
    )
    compile_latex(paper.companion().files[f"{suite}_vs_published.tex"])


def test_latex_of_variants_compiles(
    make_paper: MakePaper, compile_latex: Callable[[str], None]
) -> None:
    paper = make_paper("table2")
    suite = paper.suite.model_copy(update={"name": "table3"})
    companion = companion_files(suite, [_ablation()], paper.summaries)
    compile_latex(companion.files["table3_vs_published.tex"])
