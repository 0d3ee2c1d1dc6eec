"""Ranks, and the tests on them, against Demšar's numbers and other software; the figure."""

import io
import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image
from scikit_posthocs import posthoc_nemenyi_friedman
from scipy.stats import binom, f, friedmanchisquare, norm
from statsmodels.stats.multitest import multipletests

from benchmark.reporting.significance.rank_figure import draw_rank_figure, render_rank_figure
from benchmark.statistics import (
    RankAnalysis,
    analyse_ranks,
    critical_difference,
    critical_difference_to_baseline,
)

# Demšar 2006, table 6: area under the curve of four variants of C4.5 on 14 data sets.
# Two of one data set are printed as 0.975 but ranked apart; the digit is that of SciPy's own test.
C45 = [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972,
       0.957]  # fmt: skip
C45_M = [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981,
         0.978]  # fmt: skip
C45_CF = [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.000, 0.965, 0.614,
          0.9751, 0.946]  # fmt: skip
C45_BOTH = [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.000, 0.962, 0.669,
            0.975, 0.970]  # fmt: skip
DEMSAR = {"C4.5": C45, "C4.5+m": C45_M, "C4.5+cf": C45_CF, "C4.5+m+cf": C45_BOTH}
METHODS = ["STUDENT", "DisCoM-KD", "Another joint method"] + [
    f"{name} {variant}"
    for name in ("KDv1", "KDv2", "DKD", "CTKD", "MLKD")
    for variant in ("ORIG", "w/ LSKD")
]


def _random_table(columns: int, trend: float = 0.0, seed: int = 0) -> dict[str, list[float]]:
    random = np.random.default_rng(seed)
    return {
        name: (random.random(columns) + trend * place).tolist()
        for place, name in enumerate(METHODS)
    }


def test_critical_differences_of_demsar() -> None:
    # Section 3.2.2, example: 1.16 for Bonferroni and Dunn.
    assert critical_difference_to_baseline(4, 14) == pytest.approx(1.16, abs=0.01)
    # Table 5(b): 2.773 for 10 rows.
    assert critical_difference_to_baseline(10, 1) == pytest.approx(
        2.773 * np.sqrt(110 / 6), abs=0.005
    )
    # Section 3.2.2: 1.25 and, at 0.10, 1.12 for 4 rows and 14 columns; table 5: q = 3.164 for 10.
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 14, alpha=0.1) == pytest.approx(1.12, abs=0.005)
    assert critical_difference(10, 1) == pytest.approx(3.164 * np.sqrt(110 / 6), abs=0.005)


def test_average_ranks_of_demsar() -> None:
    analysis = analyse_ranks(DEMSAR)
    assert analysis.average_ranks == pytest.approx(
        {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}, abs=5e-4
    )
    assert analysis.columns == 14
    assert analysis.test is not None
    # The paper's 9.28, and the correction for four tied rows once and two tied rows three times.
    ties = (4**3 - 4) + 3 * (2**3 - 2)
    chi_square = 9.28 / (1 - ties / (14 * 60))
    assert analysis.test.statistic == pytest.approx(
        13 * chi_square / (14 * 3 - chi_square), abs=0.01
    )
    assert analysis.test.p_value == pytest.approx(f.sf(analysis.test.statistic, 3, 39))


def test_tests_equal_those_of_scipy_and_scikit_posthocs() -> None:
    table = _random_table(6, trend=0.05)
    analysis = analyse_ranks(table)
    assert analysis.test is not None
    chi_square = friedmanchisquare(*table.values()).statistic
    statistic = 5 * chi_square / (6 * (len(table) - 1) - chi_square)
    assert analysis.test.statistic == pytest.approx(statistic)
    p_value = f.sf(statistic, len(table) - 1, 5 * (len(table) - 1))
    assert analysis.test.p_value == pytest.approx(p_value)
    assert analysis.test.baseline is None
    pairwise = posthoc_nemenyi_friedman(np.array(list(table.values())).T).to_numpy()
    ranks = analysis.average_ranks
    for (i, one), (j, other) in combinations(enumerate(table), 2):
        found = analysis.test.p_values[one, other]
        assert found == analysis.test.p_values[other, one] == pytest.approx(pairwise[i, j])
        apart = abs(ranks[one] - ranks[other]) > analysis.test.critical_difference
        assert apart == (found < analysis.test.alpha)
    assert len(analysis.test.p_values) == len(table) * (len(table) - 1)


def test_comparisons_with_a_baseline() -> None:
    table = _random_table(6, trend=0.05)
    analysis = analyse_ranks(table, baseline="KDv1 ORIG")
    pairs = analyse_ranks(table)
    assert analysis.test is not None
    assert pairs.test is not None
    assert analysis.test.baseline == "KDv1 ORIG"
    assert analysis.average_ranks == pairs.average_ranks
    assert analysis.test.p_value == pairs.test.p_value
    ranks, rows = analysis.average_ranks, len(table)
    others = [name for name in table if name != "KDv1 ORIG"]
    error = np.sqrt(rows * (rows + 1) / (6 * 6))
    z = np.array([abs(ranks[name] - ranks["KDv1 ORIG"]) for name in others]) / error
    expected = multipletests(2 * norm.sf(z), method="holm")[1]
    assert analysis.test.p_values == pytest.approx(
        {(name, "KDv1 ORIG"): value for name, value in zip(others, expected, strict=True)}
    )
    # What is beyond the critical difference is found by Holm too, as it corrects no more.
    assert analysis.test.critical_difference == critical_difference_to_baseline(rows, 6)
    assert analysis.test.critical_difference < pairs.test.critical_difference
    for name in others:
        if abs(ranks[name] - ranks["KDv1 ORIG"]) > analysis.test.critical_difference:
            assert analysis.test.p_values[name, "KDv1 ORIG"] < 0.05


def test_one_order_in_all_columns_is_not_certainty() -> None:
    alike = {"a": [3.0, 0.9], "b": [2.0, 0.8], "c": [1.0, 0.7]}
    test = analyse_ranks(alike).test
    assert test is not None
    assert (test.statistic, test.p_value) == (None, 1 / 6)
    # Two of three tied: three orders.
    tied = analyse_ranks({"a": [3.0, 0.9, 1], "b": [1.0, 0.7, 0], "c": [1.0, 0.7, 0]}).test
    assert tied is not None
    assert (tied.statistic, tied.p_value) == (None, pytest.approx(1 / 9))
    # No other result is less likely than that.
    nearly = {name: [*range(rank, 8 + rank), 0] for rank, name in enumerate("abc")}
    nearly["c"][-1] = 1
    found = analyse_ranks(nearly).test
    assert found is not None
    assert found.p_value >= 6.0**-8


def test_columns_of_one_data_set_count_once() -> None:
    table = _random_table(6)
    names = ["sunrgbd", "sunrgbd", "eurosat", "eurosat", "tristar", "tristar"]
    assert analyse_ranks(table).independent_columns == 6
    analysis = analyse_ranks(table, datasets=names)
    assert (analysis.columns, analysis.independent_columns) == (6, 3)
    assert analysis.test == analyse_ranks(table).test
    with pytest.raises(ValueError, match="5 data sets for 6 columns"):
        analyse_ranks(table, datasets=names[:5])
    nothing = analyse_ranks({}, datasets=names)
    assert (nothing.columns, nothing.independent_columns) == (0, 0)


def test_a_diagram_is_worth_drawing_from_five_data_sets_on() -> None:
    assert analyse_ranks(_random_table(5)).worth_drawing
    assert not analyse_ranks(_random_table(4)).worth_drawing
    assert analyse_ranks(_random_table(6), datasets=list("aabcde")).worth_drawing
    assert not analyse_ranks(_random_table(6), datasets=list("aabbcd")).worth_drawing
    assert not analyse_ranks({"a": [1, 2, 3, 4, 5], "b": [2, 3, 4, 5, 6]}).worth_drawing


def test_the_best_is_first_and_ties_share_their_rank() -> None:
    analysis = analyse_ranks({"a": [0.5, 0.9], "b": [0.7, 0.9], "c": [0.5, 0.1]})
    assert analysis.average_ranks == {"a": 2.0, "b": 1.25, "c": 2.75}


def test_incomplete_rows_are_left_out() -> None:
    table = {"a": [0.5, 0.9], "b": [0.7, None], "c": [0.5, 0.1], "d": [0.4, 0.3]}
    analysis = analyse_ranks(table)
    assert analysis.left_out == ("b",)
    assert analysis.average_ranks == {"a": 1.25, "c": 2.25, "d": 2.5}
    against = analyse_ranks(table, baseline="b")
    assert (against.test, against.reason) == (None, "the baseline has no score in some column")


@pytest.mark.parametrize(
    ("table", "ranks", "reason"),
    [
        ({}, {}, "there is no column"),
        ({"a": [], "b": []}, {}, "there is no column"),
        ({"a": [None]}, {}, "no row is complete"),
        ({"a": [0.5, 0.6], "b": [0.4, 0.7]}, {"a": 1.5, "b": 1.5}, "at least 3 complete rows"),
        ({"a": [0.5], "b": [0.4], "c": [0.3]}, {"a": 1, "b": 2, "c": 3}, "at least 2 columns"),
        ({key: [0.5, 0.6] for key in "abc"}, dict.fromkeys("abc", 2.0), "tied in every column"),
    ],
)
def test_why_there_is_no_test(
    table: dict[str, list[float | None]], ranks: dict[str, float], reason: str
) -> None:
    analysis = analyse_ranks(table)
    assert analysis.average_ranks == ranks
    assert analysis.test is None
    assert analysis.reason is not None
    assert reason in analysis.reason
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_rank_figure(analysis, {}, "")


def test_nonsense_is_refused() -> None:
    for table in ({"a": [0.5], "b": [0.5, 0.6]}, {"a": [float("nan")]}, {"a": [float("inf")]}):
        with pytest.raises(ValueError, match="number of columns|NaN or infinite"):
            analyse_ranks(table)
    for alpha in (0.0, 1.0, 5):
        with pytest.raises(ValueError, match="alpha"):
            analyse_ranks(DEMSAR, alpha=alpha)
    with pytest.raises(ValueError, match="not among the rows"):
        analyse_ranks(DEMSAR, baseline="STUDENT")


def test_the_test_keeps_its_level_over_few_columns() -> None:
    random = np.random.default_rng(0)
    tables, rejected, by_chi_square = 2000, 0, 0
    for _ in range(tables):
        drawn = dict(enumerate(random.random((12, 3)).tolist()))
        by_chi_square += friedmanchisquare(*drawn.values()).pvalue <= 0.05
        test = analyse_ranks(drawn, baseline=0).test
        assert test is not None
        rejected += test.p_value <= 0.05
    print(
        f"3 columns of 12 rows: {rejected / tables:.3f} rejected by Iman and Davenport's F, "
        f"{by_chi_square / tables:.3f} by Friedman's chi-square"
    )
    low, high = binom.ppf([0.0005, 0.9995], tables, 0.054) / tables  # which 40,000 tables gave
    assert low <= rejected / tables <= high


def _labels(analysis: RankAnalysis[str]) -> dict[str, str]:
    return {name: name for name in (*analysis.average_ranks, *analysis.left_out)}


@pytest.mark.parametrize("with_baseline", [False, True])
@pytest.mark.parametrize(("columns", "trend"), [(3, 0.0), (12, 0.25)])
def test_nothing_in_the_figure_is_cut_off_or_overlaps(
    columns: int, trend: float, with_baseline: bool
) -> None:
    table: dict[str, list[float | None]] = {**_random_table(columns, trend)}
    table["A method that failed"] = [None] * columns
    analysis = analyse_ranks(table, baseline="STUDENT" if with_baseline else None)
    figure = draw_rank_figure(analysis, _labels(analysis), "Cross-modal: " + "a long title " * 12)
    (axes,) = figure.axes
    texts = [text for text in axes.texts if text.get_text()]
    printed = " ".join(text.get_text() for text in texts)
    for fact in (f"N = {columns} columns", "CD = ", "(Iman and Davenport)", *table):
        assert fact in printed
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent(renderer) for text in (*texts, *axes.get_xticklabels())]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    page = figure.get_tightbbox(renderer).padded(0.01)
    for box in boxes:
        assert page.xmin * figure.dpi <= box.xmin
        assert box.xmax <= page.xmax * figure.dpi
        assert page.ymin * figure.dpi <= box.ymin
        assert box.ymax <= page.ymax * figure.dpi


def test_the_bar_of_a_figure_joins_what_does_not_differ_from_the_baseline() -> None:
    analysis = analyse_ranks(_random_table(12, 0.25), baseline="STUDENT")
    assert analysis.test is not None
    near = {"STUDENT"} | {row for (row, _), p in analysis.test.p_values.items() if p >= 0.05}
    assert 1 < len(near) < len(analysis.average_ranks)
    ranks = [analysis.average_ranks[row] for row in near]
    (axes,) = draw_rank_figure(analysis, _labels(analysis), "Table").axes
    bars = [line for line in axes.lines if len(set(line.get_ydata())) == 1 and
            line.get_ydata()[0] < 0]  # fmt: skip
    assert [list(bar.get_xdata()) for bar in bars] == [[min(ranks), max(ranks)]]


def test_files_hold_the_figure_and_leave_pyplot_alone() -> None:
    analysis = analyse_ranks(_random_table(3))
    files = render_rank_figure(analysis, _labels(analysis), "Table")
    image = np.asarray(Image.open(io.BytesIO(files["png"])).convert("L"))
    # No ink on the outermost pixels: the margin is whole.
    assert min(image[0].min(), image[-1].min(), image[:, 0].min(), image[:, -1].min()) == 255
    assert files["pdf"].startswith(b"%PDF")
    assert pyplot.get_fignums() == []


def test_labels_must_differ() -> None:
    analysis = analyse_ranks(DEMSAR)
    with pytest.raises(ValueError, match="same label"):
        draw_rank_figure(analysis, dict.fromkeys(DEMSAR, "C4.5"), "")


def test_equal_ranks_give_equal_files_in_every_process() -> None:
    program = (
        "import hashlib\n"
        "from benchmark.reporting.significance.rank_figure import render_rank_figure\n"
        "from benchmark.statistics import analyse_ranks\n"
        "table = {f'method {i}': [(i * j) % 7 for j in range(2, 8)] for i in range(8)}\n"
        "labels = {name: name for name in table}\n"
        "files = render_rank_figure(analyse_ranks(table), labels, 'Table')\n"
        "print([hashlib.sha256(files[suffix]).hexdigest() for suffix in sorted(files)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
