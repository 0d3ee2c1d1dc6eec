"""Tables of reports on the console: as wide as it is, and no number cut."""

import re

import pytest
from rich.console import Console

from benchmark.commands.console_markdown import ReportMarkdown
from benchmark.reporting.grid import (
    Align,
    Grid,
    GridCell,
    GridRow,
    Heading,
    markdown_table,
)


def _grid(rows: int, columns: int) -> Grid:
    """Scores of methods, all different."""
    headings = [Heading("method"), Heading("")]
    headings += [Heading(f"Data set {place} S2 → S1") for place in range(columns)]
    lines = [
        GridRow(
            [
                GridCell(f"method number {row}"),
                GridCell("w/ LSKD"),
                *(
                    GridCell(f"{row}.{place:02}", deviation="10.23", marks="*", strong=not place)
                    for place in range(columns)
                ),
            ]
        )
        for row in range(rows)
    ]
    return Grid([headings], [Align.LEFT] * 2 + [Align.RIGHT] * columns, lines)


def _printed(grid: Grid, width: int) -> list[str]:
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(ReportMarkdown("\n".join(markdown_table(grid))))
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize(("rows", "columns"), [(3, 1), (60, 6), (4, 40), (1, 0)])
def test_every_number_stands_whole_beside_its_method(rows: int, columns: int, width: int) -> None:
    lines = _printed(_grid(rows, columns), width)
    assert max(map(len, lines)) <= width
    for row in range(rows):
        own = [line for line in lines if f"method number {row} " in f"{line} "]
        numbers = re.findall(r"\d+\.\d\d ± 10\.23\*", " ".join(own))
        assert numbers == [f"{row}.{place:02} ± 10.23*" for place in range(columns)]
        assert all("w/ LSKD" in line for line in own)
    assert not any("…" in line for line in lines)


def test_a_table_that_fits_is_one() -> None:
    lines = _printed(_grid(3, 3), 80)
    assert sum("method number 1" in line for line in lines) == 1


def test_a_console_of_a_few_letters_folds_and_loses_no_digit() -> None:
    digits = re.sub(r"\s", "", "".join(_printed(_grid(1, 1), 12)))
    assert digits.count("0.00") == digits.count("10.23") == 1
