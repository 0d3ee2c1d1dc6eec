"""Figures for papers show any name as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from benchmark.records.result import result_of
from benchmark.reporting.pictures.draw import draw_picture
from benchmark.reporting.pictures.style import Width, paper_style

NAME = r"$\frac{x$ & 50 % <b>"


@pytest.mark.parametrize("kind", ["gains", "costs", "classes", "curves"])
def test_names_are_no_formulas(make_grid: Callable[..., Any], kind: str) -> None:
    grid = make_grid(
        datasets=[{"name": "tristar", "label": NAME, "teacher": "THERMAL", "student": "DEPTH"}],
        methods=[{"name": "kd_v1", "label": NAME}, "discom_kd"],
        plugins=["none"],
        baseline="kd_v1",
    )
    grid.fill(grid.score)
    results = {key: result_of(record) for key, record in grid.records.items()}
    with paper_style():
        figure = draw_picture(
            kind,
            Width.TEXT,
            grid.suite,
            None,
            grid.plan.cells,
            grid.summaries,
            results,
            grid.records.get,
            lambda *_: None,
        )
        FigureCanvasAgg(figure).draw()
