"""What the parts of a page hold: numbers of the other reports, and of single records."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.records.result import result_of
from benchmark.reporting.html import shown
from benchmark.reporting.html.classes import class_block
from benchmark.reporting.tables import build_tables

MakeGrid = Callable[..., Any]
Parse = Callable[[str], Any]


def _chart(page: Any, field: str) -> list[dict[str, Any]]:
    """The rows of the first chart whose rows have a field."""
    return next(
        chart["rows"] for chart in page.charts if chart["rows"] and field in chart["rows"][0]
    )


def test_gains_are_those_of_the_statistics(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid(seeds=3)
    grid.fill(
        lambda method, _, repetition: {"student": 0.5, "teacher": 0.9}.get(
            method, 0.6 + 0.01 * repetition**2
        )
    )
    row = _chart(parse(grid.report(tmp_path)["html"]), "dot")[0]
    assert row["dot"] == [10.0, 11.0, 14.0]
    assert row["gain"] == pytest.approx(np.mean(row["dot"]), abs=1e-3)
    # Student's t with 2 degrees of freedom, the variance as Nadeau and Bengio correct it.
    half = 4.302653 * math.sqrt((1 / 3 + 2 / 7) * np.var(row["dot"], ddof=1))
    assert [row["low"], row["high"]] == pytest.approx(
        [row["gain"] - half, row["gain"] + half], abs=1e-3
    )


def test_classes_and_curves_are_those_of_the_records(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid(seeds=2, plugins=["none"])
    grid.fill(grid.score)
    confusions = {"kd_v1": [[3, 1], [2, 4]], "reference": [[4, 0], [3, 3]]}
    for key, record in grid.records.items():
        counts = confusions.get(record.spec.method, [[1, 0], [0, 1]])
        for network in record.deployments.values():
            test = network.selected.test.model_copy(update={"confusion": counts})
            selected = network.selected.model_copy(update={"test": test})
            record.deployments[next(iter(record.deployments))] = network.model_copy(
                update={"selected": selected}
            )
        grid.records[key] = record.model_copy(update={"loss_curve": [2.0, float("nan"), 0.5]})
    page = parse(grid.report(tmp_path)["html"])

    of_classes = [row for row in _chart(page, "mean") if row["method"] == "KDv1"]
    # F1 = 2 hits / (true + predicted)
    assert [row["class"] for row in of_classes[:2]] == ["a", "b"]
    assert [row["mean"] for row in of_classes[:2]] == [66.67, 72.73]
    assert [row["baseline"] for row in of_classes[:2]] == [72.73, 66.67]

    own, before, apart = (
        chart["rows"] for chart in page.charts if chart["rows"] and "share" in chart["rows"][0]
    )
    (ours, difference), *_ = [
        (one, other) for one, other in zip(own, apart, strict=True) if one["method"] == "KDv1"
    ]
    assert ours["share"] == [75, 25, 33.3, 66.7]
    assert difference["share"] == [-25, 25, -16.7, 16.7]
    assert "method" not in before[0]
    assert before[0]["share"] == [100, 0, 50, 50]

    scores, losses = (
        chart["rows"] for chart in page.charts if chart["rows"] and "values" in chart["rows"][0]
    )
    (curve,) = [
        row for row in scores
        if row.get("method") == "KDv1" and row["column"].startswith("SUN") and row["repetition"]
    ]  # fmt: skip
    assert (curve["values"], curve["selected"], curve["at"]) == ([10, 50, 40], 2, 50)
    assert losses[0]["values"] == [2, None, 0.5]
    assert losses[0]["at"] is None


def test_no_method_is_offered_that_no_chart_of_classes_draws(make_grid: MakeGrid) -> None:
    grid = make_grid(plugins=["none"])
    grid.fill(grid.score)
    for key, record in grid.records.items():
        if record.spec.method == "kd_v1":  # of one repetition the classes have other names
            names = ["a", f"b{record.spec.repetition}"]
            data = record.data.model_copy(update={"class_names": names})
            grid.records[key] = record.model_copy(update={"data": data})
    results = {key: result_of(record) for key, record in grid.records.items()}
    table = build_tables(grid.suite, grid.plan.cells, grid.summaries, results)[0]
    read = shown.read_records(grid.plan.cells, grid.suite.seeds, results, grid.records.get)
    rows = shown.shown_rows(table, grid.plan.cells, read)
    assert "kd_v1" in {one.row.method for one in rows}
    block = class_block(rows, table.baseline_row, "Here")
    assert block is not None
    (methods,) = [one.options for one in block.filters if one.field == "method"]
    assert sorted(methods) == sorted({row["method"] for row in block.charts[0].rows})
    assert "KDv1" not in methods


def test_long_curves_are_thinned(make_grid: MakeGrid, parse: Parse, tmp_path: Path) -> None:
    grid = make_grid(seeds=1)
    grid.fill(grid.score)
    for record in grid.records.values():
        record.loss_curve[:] = [float(epoch) for epoch in range(700)]
    losses = [chart["rows"] for chart in parse(grid.report(tmp_path)["html"]).charts][-3]
    assert losses[0]["every"] == 3
    assert losses[0]["values"][:3] == [0, 3, 6]


def test_a_page_reads_a_limited_number_of_records(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown, "MOST_RUNS", 10)
    grid = make_grid()
    grid.fill(grid.score)
    read: list[str] = []
    page = parse(
        grid.report(tmp_path, records=lambda key: read.append(key) or grid.records[key])["html"]
    )
    assert len(set(read)) == len(read) == 10
    assert {grid.records[key].spec.repetition for key in read} == {0}
    remark = "20 of 30 finished runs are not shown here; 'python run_benchmark.py show KEY' shows"
    assert sum(text.startswith(remark) for text in page.texts) == 2


def test_the_front_has_what_no_other_beats(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid(seeds=1)
    grid.fill(grid.score)
    rows = _chart(parse(grid.report(tmp_path)["html"]), "price")
    first = {row["method"]: row["front"] for row in rows if row["column"].startswith("SUN")}
    assert first == {
        "TEACHER": False,  # sees what the others do not
        "STUDENT": False,
        "KDv1": True,  # the best of its size
        "KDv1 w/ LSKD": False,
        "DisCoM-KD": True,  # better, and larger
    }


def test_columns_of_one_data_set_are_told_apart(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    entry = {"name": "tristar", "student": "DEPTH"}
    teachers = ["THERMAL", ["THERMAL", "DEPTH"]]
    grid = make_grid(datasets=[{**entry, "teacher": teacher} for teacher in teachers])
    grid.fill(grid.score)
    page = parse(grid.report(tmp_path)["html"])
    opened = [one["title"] for one in page.details.values()]
    assert len(set(opened)) == len(opened)
    assert f"TEACHER, {grid.summaries[0].label} THERMAL+DEPTH" in opened
    assert page.texts.count(f"data: {grid.summaries[0].label}") == 1


def test_statistics_and_ranks_stand_on_the_page(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid(seeds=3)
    grid.fill(lambda method, plugin, n: grid.score(method, plugin, n) + 0.001 * n * len(method))
    page = parse(grid.report(tmp_path)["html"])
    assert sum(text.endswith(": against STUDENT") for text in page.texts) == 1
    assert sum(text.endswith(": against the best of the column") for text in page.texts) == 1
    assert "Average ranks" in page.texts
    assert any(
        text.startswith("Whether ranks differ") or "1 is best" in text for text in page.texts
    )
