"""A grid on a terminal of any size, in ASCII, so that it reads the same over any connection."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from benchmark.pages.watching.view import GridView, RunCell, State
from core.errors import printable

MARKS = {
    State.DONE: "#",
    State.RUNNING: ">",
    State.FAILED: "x",
    State.BLOCKED: "-",
    State.WAITING: ".",
}
STYLES = {
    State.DONE: "green",
    State.RUNNING: "bold yellow",
    State.FAILED: "bold red",
    State.BLOCKED: "red",
    State.WAITING: "dim",
}
LEGEND = "# done  > running (0-9: tenths done)  x failed  - teacher failed  . waiting"
MOST_RUNNING = 6  # lines
MOST_FAILURES = 3
WIDEST_LABEL = 24
GAP = 2  # between columns
_PATIENCE = 20  # times as long as a look takes, until the next

Row = Mapping[str, Sequence[RunCell]]


class GridScreen:
    """Shows what `look` returns, anew whenever it is drawn.

    It takes no more lines and columns than the terminal has: where one mark a run does not fit, a
    cell has counts, where one column a data set does not, there is one for all, and rows that
    nothing happens in are left out and counted.

    Args:
        look: gives what there is to see.
        interval: the least seconds between two looks, and more where looking takes long; it may be
            drawn more often, in any thread.
    """

    def __init__(self, look: Callable[[], GridView], interval: float = 0.0) -> None:
        self._look = look
        self._interval = interval
        self._lock = threading.Lock()
        self._seen: tuple[float, GridView] | None = None  # and when to look again

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the screen."""
        # One line less than there are: a terminal scrolls when its last one is written to.
        lines = lay_out(self._view(), options.max_width, max(console.height - 1, 1))
        for line in lines:
            line.truncate(options.max_width)
            line.no_wrap = True
            yield line

    def _view(self) -> GridView:
        with self._lock:
            now = time.monotonic()
            if self._seen is None or now >= self._seen[0]:
                view = self._look()
                ended = time.monotonic()
                self._seen = ended + max(self._interval, _PATIENCE * (ended - now)), view
            return self._seen[1]


def lay_out(view: GridView, width: int, height: int) -> list[Text]:
    """A view as lines, at most `height`, of which those that are too wide may be cut."""
    head = [Text(printable(view.title), "bold"), Text(view.summary)]
    if view.speed:
        head.append(Text(view.speed))
    tail = [*_running(view), *_failures(view), Text(LEGEND, "dim")]
    room = height - len(head) - len(tail) - 2  # headings of columns, and the rows left out
    lines = [*head, *_grid(view, width, max(room, 1)), *tail]
    return lines[:height]


def _grid(view: GridView, width: int, room: int) -> list[Text]:
    columns, rows = list(view.columns), view.rows
    label = min(max((len(name) for name in rows), default=0), WIDEST_LABEL)
    merged = [f"{len(columns)} data sets"]
    together = {
        name: {merged[0]: [cell for cells in row.values() for cell in cells]}
        for name, row in rows.items()
    }
    choices = [(columns, rows, _marks), (columns, rows, _counts)]
    if len(columns) > 1:
        choices += [(merged, together, _marks), (merged, together, _counts)]
    for names, chosen, cell_text in choices:
        share = (width - label) // max(len(names), 1) - GAP
        if cell_text is _marks and any(
            len(row[one]) > share for row in chosen.values() for one in names
        ):
            continue
        cells = {name: [cell_text(row[one]) for one in names] for name, row in chosen.items()}
        if all(len(text) <= share for row in cells.values() for text in row):
            break
    # A column is as wide as what is in it, as long as its name is readable.
    wide = max((len(text) for row in cells.values() for text in row), default=0)
    share = max(min(share, max(wide, *(len(name) for name in names), 1)), 1)
    shown = _rows_to_show(chosen, room)
    heading = " " * label + "".join(" " * GAP + printable(n)[:share].ljust(share) for n in names)
    lines = [Text(heading, "dim")]
    for name in shown:
        line = Text(printable(name)[:label].ljust(label))
        for text in cells[name]:
            line.append(" " * GAP)
            line.append_text(text)
            line.append(" " * (share - len(text)))
        lines.append(line)
    rest = [
        cell for name, row in rows.items() if name not in shown for c in row.values() for cell in c
    ]
    if len(shown) < len(rows):
        done = sum(cell.state is State.DONE for cell in rest)
        lines.append(
            Text(f"and {len(rows) - len(shown)} more rows: {done} of {len(rest)} done", "dim")
        )
    return lines


def _rows_to_show(rows: Mapping[str, Row], room: int) -> list[str]:
    """As many as there is room for: first those in which something happens, in their order."""

    def urgency(name: str) -> int:
        states = {cell.state for cells in rows[name].values() for cell in cells}
        order = (State.RUNNING, State.FAILED, State.WAITING, State.BLOCKED, State.DONE)
        return min(order.index(state) for state in states)

    chosen = set(sorted(rows, key=urgency)[:room])
    return [name for name in rows if name in chosen]


def _marks(cells: Sequence[RunCell]) -> Text:
    """One mark a run."""
    text = Text()
    for cell in cells:
        mark = MARKS[cell.state]
        if cell.advance is not None:
            mark = str(min(10 * cell.advance.epochs_done // cell.advance.epochs, 9))
        text.append(mark, STYLES[cell.state])
    return text


def _counts(cells: Sequence[RunCell]) -> Text:
    """How many of a cell's runs are done, run and failed."""
    if not cells:
        return Text()
    states = [cell.state for cell in cells]
    text = Text(f"{states.count(State.DONE)}/{len(states)}")
    for state in (State.RUNNING, State.FAILED):
        if count := states.count(state):
            text.append(f" {count}{MARKS[state]}", STYLES[state])
    return text


def _running(view: GridView) -> list[Text]:
    lines = [
        Text.assemble(
            (f"{run.epoch:<16}", STYLES[State.RUNNING]),
            f"{run.left and run.left + ' left':<14} {printable(run.description)}",
        )
        for run in view.under_way[:MOST_RUNNING]
    ]
    if len(view.under_way) > MOST_RUNNING:
        lines.append(Text(f"and {len(view.under_way) - MOST_RUNNING} more under way", "dim"))
    return lines


def _failures(view: GridView) -> list[Text]:
    lines = []
    for failure in view.failures[:MOST_FAILURES]:
        said = f"{printable(failure.run)}: {printable(failure.reason)}"
        lines.append(Text.assemble(("failed ", STYLES[State.FAILED]), said))
    if len(view.failures) > MOST_FAILURES:
        lines.append(Text(f"and {len(view.failures) - MOST_FAILURES} more failures", "dim"))
    return lines
