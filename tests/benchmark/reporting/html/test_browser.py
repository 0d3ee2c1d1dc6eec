"""Pages as a reader has them: in a browser, without a network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main
from benchmark.reporting.html.overview import write_overview

ROOT = Path(__file__).parents[4]
MakeGrid = Callable[..., Any]
OpenPage = Callable[..., Any]
FIRST = "main section >> nth=0 >> table.grid"


def _column(page: Any, table: str, number: int) -> list[str]:
    cells = page.query_selector_all(f"{table} >> tbody tr td:nth-child({number})")
    return [cell.inner_text().strip() for cell in cells]


@pytest.fixture
def smoke_page(make_grid: MakeGrid, tmp_path: Path) -> Path:
    """The page of a small finished suite."""
    grid = make_grid(seeds=3)
    scores = {"teacher": 0.9, "student": 0.6, "kd_v1": 0.65, "discom_kd": 0.7}
    grid.fill(
        lambda method, plugin, repetition: (
            scores[method] - 0.1 * (plugin == "lskd") + 0.01 * repetition**2 * (method == "kd_v1")
        )
    )
    grid.report(tmp_path)
    write_overview(tmp_path)
    return tmp_path / "table1" / "index.html"


def test_tables_are_sorted_and_cells_opened_by_mouse_and_keyboard(
    smoke_page: Path, open_page: OpenPage
) -> None:
    page = open_page(smoke_page)
    before = _column(page, FIRST, 1)
    assert before == ["TEACHER", "STUDENT", "KDv1", "KDv1", "DisCoM-KD"]
    heading = page.locator(f"{FIRST} >> thead tr:last-child th:nth-child(3) button")
    heading.click()
    assert _column(page, FIRST, 1) == ["TEACHER", "DisCoM-KD", "KDv1", "STUDENT", "KDv1"]
    heading.focus()
    page.keyboard.press("Enter")
    assert _column(page, FIRST, 1)[0] == "KDv1"
    heading.click()
    assert _column(page, FIRST, 1) == before

    cell = page.locator(f"{FIRST} >> tbody tr:nth-child(3) td:nth-child(3) button")
    cell.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    assert dialog.locator("h2").inner_text() == "KDv1, SUNRGBD (miniature) RGB → DEPTH"
    assert "66.67 ± 2.08 over 3 repetitions" in dialog.inner_text()
    rows = dialog.locator("tbody tr")
    assert rows.count() == 3
    assert rows.nth(2).locator("td").all_inner_texts()[:6] == [
        "2", "69.00", "50.00", "2", "10.00", "7 / 1 / 2",
    ]  # fmt: skip
    assert "--datasets sunrgbd --methods kd_v1 --plugins none" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_charts_are_drawn_and_follow_light_and_dark(smoke_page: Path, open_page: OpenPage) -> None:
    page = open_page(smoke_page, dark=True)
    panels = page.locator(".panel:visible")
    assert panels.count() == page.locator(".panel:visible svg").count() > 0
    ink = "getComputedStyle(document.querySelector('.chart svg text')).fill"
    dark = page.evaluate(ink)
    page.click("#theme")
    assert page.evaluate(ink) != dark


def test_a_narrow_page_has_no_width_of_its_own(smoke_page: Path, open_page: OpenPage) -> None:
    page = open_page(smoke_page, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_list_of_reports_leads_to_their_pages(smoke_page: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto((smoke_page.parents[1] / "index.html").as_uri())
    page.click("main a")
    page.wait_for_selector("html[data-drawn]")
    assert page.url == smoke_page.as_uri()
    page.close()


def test_the_audit_that_ships_can_be_sorted_opened_and_filtered(
    tmp_path: Path, open_page: OpenPage
) -> None:
    command = ["--suite", "audit_terramesh", "--plugins", "none", "--report-only"]
    records = ROOT / "results" / "measured"
    folders = [f"--results={records}", f"--reports={tmp_path}", f"--data={tmp_path / 'none'}"]
    assert main([*command, *folders]) == 0
    path = tmp_path / "audit_terramesh" / "index.html"
    assert path.stat().st_size < 8e6
    page = open_page(path)
    panels = page.locator(".panel:visible")
    assert panels.count() == 9 + 6  # those of switches, of classes, and of curves
    page.select_option("select[data-field=switch]", "projection")
    page.wait_for_function("document.querySelectorAll('.panel:not([hidden])').length === 1 + 6")
    table = "table.grid >> nth=0"
    page.click(f"{table} >> thead tr:last-child th:nth-child(2) button")
    assert _column(page, table, 1)[0] == "TEACHER"
    page.click(f"{table} >> tbody tr:nth-child(1) td:nth-child(2) button")
    dialog = page.locator("dialog[open]")
    assert dialog.locator("h2").inner_text() == "TEACHER, TerraMesh S2 → S1, as_described"
    assert dialog.locator("tbody tr").count() == 5
