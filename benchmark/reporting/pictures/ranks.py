"""Average ranks over data sets, at the width of a paper's column or text."""

from matplotlib.figure import Figure

from benchmark.reporting.pictures.style import LABEL, SMALL, Width, require_a_page
from benchmark.reporting.significance.comparisons import Significance
from benchmark.reporting.significance.rank_figure import RankLayout, draw_rank_figure
from benchmark.reporting.tables import row_label
from benchmark.statistics.ranks import FEWEST_DRAWN
from core.errors import UserError

_LETTER, _RANK = 0.052, 7  # inches of a letter of a label; letters of the rank behind it
_APART = 1.06  # of the axis, from the end of one label to the other side's
_SHORTEST = 0.7  # inches of an axis on which ranks can be told apart
_LETTERS_AN_INCH = 17


def draw_ranks(found: Significance, width: Width) -> Figure:
    """The diagram of average ranks that stands beside the report, for a paper.

    Args:
        found: what the numbers of a table of selected checkpoints support.
        width: of the figure.

    Raises:
        UserError: there are no ranks of enough data sets, or the figure does not fit.
    """
    ranks = found.ranks
    if not ranks.worth_drawing:
        reason = ranks.reason or f"they are over {ranks.independent_columns}"
        raise UserError(
            f"ranks are drawn of {FEWEST_DRAWN} data sets or more with a test, and there are none "
            f"such: {reason}; train the suite first, or draw its gains"
        )
    labels = {row: row_label(row) for row in (*ranks.average_ranks, *ranks.left_out)}
    longest = max(len(label) for label in labels.values())
    axis = (width.inches - 2 * _LETTER * (longest + _RANK)) / _APART
    if axis < _SHORTEST:
        raise UserError(
            f"labels of {longest} letters leave no room for ranks in a column; take --width text, "
            "or choose some with --methods"
        )
    letters = int(width.inches * _LETTERS_AN_INCH)
    layout = RankLayout(width.inches, axis, letters, LABEL, SMALL, SMALL)
    figure = draw_rank_figure(ranks, labels, "", layout)
    require_a_page(figure.get_size_inches()[1])
    return figure
