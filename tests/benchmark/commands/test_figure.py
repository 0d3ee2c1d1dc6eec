"""`figure`: one figure for a paper, from shipped records."""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from benchmark.cli import main
from benchmark.reporting.pictures.ranks import draw_ranks
from benchmark.reporting.pictures.style import Width, paper_style, write_figure
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.tables import Row
from benchmark.statistics.ranks import analyse_ranks
from benchmark.training.precision import precision_for_all, resolve_devices

MEASURED = str(Path(__file__).parents[3] / "results" / "measured")
Draw = Callable[..., int]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draw a figure into `figure.png`, or another file; returns the exit code."""

    def call(*arguments: str, output: str = "figure.png") -> int:
        return main(
            ["figure", *arguments, "--results", MEASURED, "--output", str(tmp_path / output)]
        )

    return call


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are written."""
    found: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *arguments: Any, **options: Any) -> None:
        save(figure, *arguments, **options)
        found.append(figure)

    monkeypatch.setattr(Figure, "savefig", keep)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        ["terramesh", "gains"],
        ["terramesh", "costs"],
        ["terramesh", "curves"],
        ["terramesh", "classes"],
        ["terramesh", "confusion", "--methods", "kd_v2", "discom_kd"],
        ["terramesh", "confusion", "--methods", "discom_kd", "--width", "text"],
        ["crodino_terramesh", "maps", "--methods", "crodino_kd", "lad"],
        ["crodino_terramesh", "costs"],
        ["audit_terramesh", "effects", "--plugins", "none"],
        ["audit_terramesh", "effects", "--plugins", "none", "--width", "text"],
    ],
)
def test_a_figure_has_its_width_and_no_text_on_another(
    draw: Draw, drawn: list[Figure], tmp_path: Path, asked: list[str]
) -> None:
    assert draw(*asked) == 0
    with Image.open(tmp_path / "figure.png") as image:
        assert image.width == round(300 * (7 if "text" in asked else 3.3))
    (figure,) = drawn
    FigureCanvasAgg(figure).draw()
    texts = list(_texts(figure))
    assert len(texts) > 10
    boxes = [text.get_window_extent() for text in texts]
    whole = figure.bbox.expanded(1.01, 1.01)
    for text, box in zip(texts, boxes, strict=True):
        assert Bbox.intersection(whole, box).bounds == pytest.approx(box.bounds), text
        assert 7 <= text.get_fontsize() <= 9
    for (one, box), (other, another) in combinations(zip(texts, boxes, strict=True), 2):
        shared = Bbox.intersection(box, another)
        assert shared is None or min(shared.size) < 1, (one, other)


@pytest.mark.parametrize("width", list(Width))
def test_ranks_have_their_width_and_all_labels(width: Width, tmp_path: Path) -> None:
    names = ["STUDENT", "KDv1", "KDv2", "DKD", "DisCoM-KD", "label smoothing"]
    rows = {Row(name, "none", name, "-"): place for place, name in enumerate(names)}
    scores = {row: [place + 3 * (turn % 2) for turn in range(6)] for row, place in rows.items()}
    ranks = analyse_ranks(scores, baseline=next(iter(rows)))
    with paper_style():
        figure = draw_ranks(Significance({}, {}, (), ranks), width)
        write_figure(figure, tmp_path / "ranks.png")
    with Image.open(tmp_path / "ranks.png") as image:
        assert image.width == round(300 * width.inches)
    FigureCanvasAgg(figure).draw()
    (panel,) = figure.axes
    texts = [text for text in panel.texts if text.get_text()]
    assert all(any(name in text.get_text() for text in texts) for name in names)
    boxes = [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert Bbox.intersection(figure.bbox, box).bounds == pytest.approx(box.bounds), text
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def _texts(figure: Figure) -> Iterator[Text]:
    """All texts that are seen."""
    yield from figure.texts
    for legend in figure.legends:
        yield from legend.get_texts()
    for panel in figure.axes:
        if not panel.axison:
            continue
        yield from (text for text in (panel.title, panel.xaxis.label) if text.get_text())
        for axis in (panel.xaxis, panel.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                label = tick.label1
                if low <= tick.get_loc() <= high and label.get_visible() and label.get_text():
                    yield label


def test_a_pdf_has_the_width_of_a_column(draw: Draw, tmp_path: Path) -> None:
    assert draw("terramesh", "gains", "--methods", "kd_v2", output="figure.pdf") == 0
    content = (tmp_path / "figure.pdf").read_bytes()
    found = re.search(rb"/MediaBox \[ ?0 0 ([0-9.]+)", content)
    assert found is not None
    assert float(found[1]) == pytest.approx(3.3 * 72, abs=0.1)


def test_auto_is_the_precision_of_the_devices_here(
    draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("terramesh", "gains", "--methods", "kd_v2", "--precision")
    answers = []
    for precision in ("auto", precision_for_all(resolve_devices("auto"))):
        code = draw(*asked, precision)
        answers.append((code, *capsys.readouterr()))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("asked", "output", "message"),
    [
        (["terramesh", "gain"], "figure.png", "the nearest valid name is 'gains'"),
        (["terramesh", "gains"], "figure.svg", "expected a name that ends in .pdf or .png"),
        (["terramesh", "effects"], "figure.png", "terramesh is no audit"),
        (["terramesh", "gains"], "no/figure.png", "name another file"),
        (["terramesh", "ranks"], "figure.png", "ranks are drawn of 5 data sets or more"),
        (["terramesh", "maps"], "figure.png", "no label maps of this suite are stored"),
        (["terramesh", "confusion"], "figure.png", "inches tall, and a page has 9"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(
    draw: Draw, capsys: pytest.CaptureFixture[str], asked: list[str], output: str, message: str
) -> None:
    assert draw(*asked, output=output) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
