"""Printed numbers on the page of a suite."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

MakePaper = Callable[..., Any]


def test_printed_numbers_stand_beside_ours(make_paper: MakePaper, tmp_path: Path) -> None:
    paper = make_paper(seeds=3).fill()
    page = paper.report(tmp_path)["index.html"]
    assert "<h2>Printed beside measured</h2>" in page
    data = [
        chart
        for text in re.findall(r'class="data">(.*?)</script>', page, re.DOTALL)
        for chart in json.loads(text)["charts"]
        if "printed" in chart["rows"][0]
    ]
    assert len(data) == 3
    cells = paper.beside_print().comparisons[0].cells
    column = paper.tables[0].columns[0]
    for row, cell in ((row, cell) for (row, own), cell in cells.items() if own == column):
        (shown,) = [
            one for one in data[0]["rows"]
            if one["method"] == (row.label if row.variant != "w/ LSKD" else f"{row.label} w/ LSKD")
        ]  # fmt: skip
        assert (shown["printed"], shown["outside"]) == (cell.printed, cell.predicted is False)
        assert shown["ours"] == round(cell.mean, 2)
