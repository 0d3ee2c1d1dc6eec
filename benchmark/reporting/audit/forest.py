"""The effects of an audit: what each switch adds to the gain of each method over a baseline."""

from collections.abc import Mapping, Sequence

from benchmark.reporting.audit.findings import OverBaseline
from benchmark.reporting.audit.sheet import AuditSheet
from benchmark.reporting.html.blocks import Chart, ChartBlock, Filter, Row, Section
from benchmark.reporting.html.charts import (
    interval_rule,
    labels,
    line_sizes,
    mean_if_marked,
    rounded,
    tooltip,
    zero_line,
)
from benchmark.reporting.significance.tested import Tested
from benchmark.reporting.tables import row_label
from benchmark.reporting.wording import column_heading


def forest_section(
    sheets: Sequence[AuditSheet], found: Mapping[str, OverBaseline]
) -> Section | None:
    """A forest plot to choose from; None where nothing is compared.

    Args:
        sheets: the students of the audit.
        found: on the gains over each baseline.
    """
    rows = [row for sheet in sheets for row in _rows(sheet, found)]
    if not rows:
        return None
    filters = [
        Filter("baseline", "gain over", _values(rows, "baseline")),
        Filter("student", "data", _values(rows, "student")),
        Filter("switch", "switch", _values(rows, "switch"), everything=True),
        Filter("method", "method", _values(rows, "method"), everything=True),
    ]
    ends = [row[end] for row in rows for end in ("low", "effect", "high") if row[end] is not None]
    spec = _spec(min(0.0, *ends), max(0.0, *ends))
    charts = [
        Chart(switch, spec, [row for row in rows if row["switch"] == switch])
        for switch in _values(rows, "switch")
    ]
    caption = (
        f"What each change from {sheets[0].base} to {sheets[0].target}, and all of them at once, "
        f"adds to the gain, in points of {sheets[0].metric}: "
        "mean and 95 % interval over repetitions. Filled: more than chance, after Holm's "
        "correction."
    )
    return Section("Effects of the switches", [ChartBlock(charts, filters, caption)])


def _values(rows: Sequence[Row], field: str) -> list[str]:
    return list(dict.fromkeys(row[field] for row in rows))


def _rows(sheet: AuditSheet, found: Mapping[str, OverBaseline]) -> list[Row]:
    student = column_heading(sheet.column, sheet.scenario)
    return [
        {
            "baseline": reference.label,
            "student": student,
            "switch": variant,
            "method": row_label(row),
            **_numbers(tested),
        }
        for baseline, over in found.items()
        if (reference := sheet.row(baseline)) is not None
        for (own, row, variant), tested in over.effects.items()
        if own == sheet.student and tested.comparison is not None
    ]


def _numbers(tested: Tested) -> dict[str, float | bool | int | None]:
    comparison = tested.comparison
    assert comparison is not None
    low, high = comparison.interval_in_points or (None, None)
    return {
        "effect": rounded(100 * comparison.difference, 3),
        "low": rounded(low, 3),
        "high": rounded(high, 3),
        "p": rounded(tested.holm_p, 4),
        "n": comparison.n,
        "marked": tested.significant,
    }


def _spec(low: float, high: float) -> dict[str, object]:
    """Lines: methods; an interval and a mean on each, on a scale that all switches share."""
    down = labels("method")
    scale = {"domain": [low, high], "nice": True}
    across = {"type": "quantitative", "title": "effect on the gain, in points", "scale": scale}
    shown = tooltip(
        ("switch", "switch"),
        ("method", "method"),
        ("effect", "effect", "+.2f"),
        ("low", "95 % from", "+.2f"),
        ("high", "to", "+.2f"),
        ("p", "p (Holm)", ".3f"),
        ("n", "repetitions", "d"),
    )
    return {
        **line_sizes("method"),
        "layer": [
            zero_line(),
            interval_rule(across, down, shown),
            mean_if_marked("effect", across, down, shown),
        ],
    }
