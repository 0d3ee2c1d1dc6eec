"""Whatever a suite holds, its page opens, and shows any text as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakeGrid = Callable[..., Any]
Parse = Callable[[str], Any]

EVIL = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> & \\input{x} $%_^~#"


def test_any_label_is_text(make_grid: MakeGrid, parse: Parse, tmp_path: Path) -> None:
    plain, evil = (
        make_grid(
            title=text,
            datasets=[{"name": "tristar", "label": text, "teacher": "THERMAL", "student": "DEPTH"}],
            methods=[{"name": "kd_v1", "variant": text}],
            seeds=3,
        )
        for text in ("plain", EVIL)
    )
    pages = []
    for folder, grid in (("plain", plain), ("evil", evil)):
        grid.fill(lambda method, _, repetition: 0.5 + 0.01 * len(method) * repetition)
        pages.append(parse(grid.report(tmp_path / folder)["html"]))
    assert pages[0].kinds == pages[1].kinds
    assert f"{EVIL} - smoke run" in pages[1].texts
    assert f"KDv1 ({EVIL})" in pages[1].texts
    assert f"KDv1 ({EVIL})" in {row["method"] for row in pages[1].charts[0]["rows"]}


def test_a_suite_half_done_says_what_is_missing(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(
        lambda method, plugin, repetition: (
            None
            if method == "kd_v1" and repetition == 1
            else grid.score(method, plugin, repetition)
        )
    )
    page = parse(grid.report(tmp_path)["html"])
    assert "3 data sets, 2 methods, 2 repetitions; 24 of 30 runs done" in page.texts
    assert "SUNRGBD (miniature): kd_v1, repetition 1; kd_v1 with lskd, repetition 1." in page.texts
    (missing,) = [one for one in page.details.values() if one["title"].startswith("KDv1, SUNRGBD")]
    assert missing["facts"] == ["65.00 over 1 repetition.", "1 of 2 repetitions are not done."]
    assert missing["rows"][1][1:-1] == [None] * 6


def test_nothing_done_is_a_page_too(make_grid: MakeGrid, parse: Parse, tmp_path: Path) -> None:
    page = parse(make_grid().report(tmp_path)["html"])
    assert "3 data sets, 2 methods, 2 repetitions; 0 of 30 runs done" in page.texts
    assert page.charts == []


def test_one_repetition_has_dots_without_intervals(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid(seeds=1)
    grid.fill(grid.score)
    row = parse(grid.report(tmp_path)["html"]).charts[0]["rows"][0]
    assert (row["dot"], row["low"], row["high"]) == ([5.0], None, None)


@pytest.mark.parametrize(("methods", "datasets"), [(60, 1), (1, 40)])
def test_large_tables_have_every_cell(
    make_grid: MakeGrid,
    parse: Parse,
    tmp_path: Path,
    write_npz: Callable[..., Path],
    methods: int,
    datasets: int,
) -> None:
    path = str(write_npz())
    grid = make_grid(
        datasets=[
            {"name": f"own{n}", "npz": path, "teacher": "S2", "student": "S1"}
            for n in range(datasets)
        ],
        methods=[{"name": "dkd", "temperature": 1 + n} for n in range(methods)],
        plugins=["none"],
        smoke=False,
    )
    grid.fill(lambda method, _, repetition: 0.5 + 0.001 * len(method) + 0.01 * repetition)
    page = parse(grid.report(tmp_path)["html"])
    assert len(page.details) == (methods + 2) * datasets
    assert sum(len(chart["rows"]) for chart in page.charts) >= methods * datasets


def test_records_of_two_engines_are_told_apart(
    make_grid: MakeGrid, parse: Parse, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    key, record = next(iter(grid.records.items()))
    older = record.spec.model_copy(update={"numerics": record.spec.numerics - 1})
    grid.records[key] = record.model_copy(update={"spec": older})
    page = parse(grid.report(tmp_path)["html"])
    assert f"{older.numerics + 1} (29 runs); {older.numerics} (1 runs)" in page.texts
    assert any(text.startswith("Made with: ") for text in page.texts)
