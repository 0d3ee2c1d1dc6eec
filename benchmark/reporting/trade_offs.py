"""What networks cost and what they score for it: the numbers of charts of costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.planning.plan import TEACHER, Cell
from benchmark.records.result import RunResult
from benchmark.reporting.tables import AVERAGE, Column, Row, Table, cells_behind
from benchmark.statistics import mean
from benchmark.statistics.pareto import pareto_front


@dataclass(frozen=True)
class TradeOff:
    """A row of a column: means over its finished repetitions.

    Attributes:
        column: which.
        row: which.
        deployed: parameters of the network that is scored.
        trained: parameters of all that its run trained.
        seconds: of training, its teacher's aside.
        speed: images per second.
        score: on the test set, in [0, 1].
        shared: keys of its runs that shared their device.
    """

    column: Column
    row: Row
    deployed: float
    trained: float
    seconds: float
    speed: float
    score: float
    shared: frozenset[str]


def trade_offs(
    table: Table, cells: Sequence[Cell], results: Mapping[str, RunResult]
) -> list[TradeOff]:
    """Column by column, the rows that have a score.

    Args:
        table: the table.
        cells: of its suite.
        results: of finished runs by key.
    """
    columns = [column for column in table.columns if column.dataset != AVERAGE]
    behind = cells_behind(table, cells)
    found = []
    for column in columns:
        for row in table.rows:
            score = table.entries[row, column].mean
            filled = [
                cell
                for cell in behind.get((row.method, row.plugin, column), ())
                if cell.run in results
            ]
            if score is None or not filled:
                continue
            runs = {cell.repetition: results[cell.run] for cell in filled}
            deployed = max(
                runs[cell.repetition].networks[cell.deployment].parameters for cell in filled
            )
            found.append(
                TradeOff(
                    column,
                    row,
                    deployed,
                    mean({n: run.trained_parameters for n, run in runs.items()}) or 0,
                    mean({n: run.seconds for n, run in runs.items()}) or 0,
                    mean({n: run.images_per_second for n, run in runs.items()}) or 0,
                    score,
                    frozenset(cell.run for cell in filled if runs[cell.repetition].shared_device),
                )
            )
    return found


def front_of(found: Sequence[TradeOff], price: Callable[[TradeOff], float]) -> list[TradeOff]:
    """Those of one column that no other one beats, as cheap and higher, or as high and cheaper.

    In ascending order of price. TEACHER, which sees other modalities, is not among them.
    """
    own = [one for one in found if one.row.method != TEACHER]
    return [own[place] for place in pareto_front([(price(one), one.score) for one in own])]
