"""Markdown on the console, where no number of a table is ever cut."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.text import Text

_GAP, _EDGES = 2, 2  # characters between columns, and at both ends of a line
_HEADING_LINES = 4
_LABEL = 30  # characters of a label in a line, if there is room for more than it takes


class _Column:
    """A column of a table, and how wide it must and may be.

    Numbers stay in one line. Text is wrapped between words.
    """

    def __init__(self, heading: Text, cells: Sequence[Text]) -> None:
        self.heading, self.cells = heading, cells
        self.is_text = heading.justify not in ("right", "center")
        words = [cell_len(word) for text in (heading, *cells) for word in text.plain.split()]
        longest = max((cell_len(cell.plain) for cell in cells), default=0)
        title = cell_len(heading.plain)
        if self.is_text:
            self.least = max(words, default=1)
            self.wanted = max(self.least, min(max(longest, title), _LABEL))
        else:
            title_words = (cell_len(word) for word in heading.plain.split())
            self.least = max(longest, *title_words, -(-title // _HEADING_LINES), 1)
            self.wanted = self.least


class ColumnGroups(TableElement):
    """A table that is as wide as the console; what does not fit stands below, labels repeated."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self._columns()
        labels = 0
        while labels < len(columns) and columns[labels].is_text:
            labels += 1
        shown, others = columns[:labels], columns[labels:]
        _keep_in_one_line(shown, others, options.max_width)
        for group in _groups(shown, others, options.max_width):
            yield _table([*shown, *group], options.max_width)

    def _columns(self) -> list[_Column]:
        headings = self.header.row.cells if self.header and self.header.row else []
        rows = self.body.rows if self.body else []
        return [
            _Column(heading.content, [row.cells[place].content for row in rows])
            for place, heading in enumerate(headings)
        ]


class ReportMarkdown(Markdown):
    """A report, its tables broken into groups of columns."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "table_open": ColumnGroups,
    }


def _keep_in_one_line(labels: Sequence[_Column], others: Sequence[_Column], width: int) -> None:
    """Wrap no labels that take up to half of the console and leave room for every number."""
    wanted = [label.wanted for label in labels]
    longest = max((column.least for column in others), default=0)
    if 2 * _width(wanted) <= width and _width([*wanted, longest]) <= width:
        for label in labels:
            label.least = label.wanted


def _groups(
    labels: Sequence[_Column], others: Sequence[_Column], width: int
) -> Iterator[list[_Column]]:
    """Columns that fit beside the labels, at least one each; one group where there are none."""
    group: list[_Column] = []
    for column in others:
        if group and _width([c.least for c in (*labels, *group, column)]) > width:
            yield group
            group = []
        group.append(column)
    yield group


def _width(columns: Sequence[int]) -> int:
    return sum(columns) + _GAP * (len(columns) - 1) + _EDGES


def _table(columns: Sequence[_Column], width: int) -> Table:
    widths = [column.wanted for column in columns]
    while (excess := _width(widths) - width) > 0:
        spare = [found - column.least for found, column in zip(widths, columns, strict=True)]
        if not any(spare):
            break  # the console is narrower than a label and a number: they are folded
        widest = max(range(len(widths)), key=lambda place: (spare[place] > 0, widths[place]))
        widths[widest] -= min(spare[widest], max(excess // len(widths), 1))
    table = Table(
        box=box.SIMPLE,
        pad_edge=False,
        collapse_padding=True,
        style="markdown.table.border",
        header_style="markdown.table.header",
    )
    for column, found in zip(columns, widths, strict=True):
        table.add_column(
            column.heading,
            width=found,
            justify="left" if column.is_text else "right",
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    return table
