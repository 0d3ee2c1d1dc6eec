"""Which figure is drawn of what."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from benchmark.planning.audit import AuditPlan
from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.planning.plan import STUDENT, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.audit.findings import find_over
from benchmark.reporting.audit.sheet import build_sheets
from benchmark.reporting.consistency import require_one_audit, require_one_setup
from benchmark.reporting.map_figure import StoredMaps, columns_of, shown_maps
from benchmark.reporting.pictures.classes import draw_classes
from benchmark.reporting.pictures.confusion import draw_confusion
from benchmark.reporting.pictures.costs import draw_costs
from benchmark.reporting.pictures.curves import draw_curves
from benchmark.reporting.pictures.effects import draw_effects
from benchmark.reporting.pictures.gains import draw_gains
from benchmark.reporting.pictures.maps import SAMPLES, draw_maps
from benchmark.reporting.pictures.ranks import draw_ranks
from benchmark.reporting.pictures.style import Width
from benchmark.reporting.significance.comparisons import analyse_table
from benchmark.reporting.stored import StoredRecords
from benchmark.reporting.tables import SELECTED, build_tables
from core.errors import UserError


def draw_picture(
    kind: str,
    width: Width,
    suite: Suite,
    audit: AuditPlan | None,
    cells: Sequence[Cell],
    summaries: Sequence[DatasetSummary],
    results: Mapping[str, RunResult],
    records: StoredRecords,
    maps: StoredMaps,
) -> Figure:
    """Draw a figure of a suite; of an audit that has no effects, its base.

    Args:
        kind: gains, effects, classes, confusion, costs, curves, ranks or maps.
        width: of the figure.
        suite: the suite.
        audit: its variants, where it is an audit.
        cells: its cells.
        summaries: its data sets.
        results: of finished runs by key.
        records: from a run's key to its record.
        maps: from a run's key and names of networks to its stored label maps.

    Raises:
        UserError: there is nothing to draw, the records do not belong in one figure, or it is
            taller than a page.
    """
    if kind == "effects":
        if audit is None:
            raise UserError(f"{suite.name} is no audit, so it has no effects; draw its gains")
        require_one_audit(suite, audit, cells, results)
        sheets = build_sheets(audit, cells, summaries, results)
        return draw_effects(sheets[0], find_over(sheets, STUDENT), width)
    shown = audit.base.suite if audit else suite
    own = [cell for cell in cells if cell.suite == shown.name]
    require_one_setup(shown, own, results)
    built = build_tables(shown, own, summaries, results)
    tables = [table for table in built if table.checkpoint == SELECTED]
    if kind == "gains":
        return draw_gains([(table, analyse_table(table)) for table in tables], width)
    if kind == "costs":
        return draw_costs(tables, own, results, width)
    if kind == "ranks":
        return draw_ranks(analyse_table(tables[0]), width)
    if kind == "maps":
        columns = columns_of(tables)
        most = SAMPLES[width]
        return draw_maps(shown_maps(shown, columns, own, summaries, results, maps, most), width)
    if kind == "confusion":
        return draw_confusion(tables[0], own, records, width)
    if kind == "classes":
        return draw_classes(tables[0], own, records, width)
    return draw_curves(tables[0], own, records, width)
