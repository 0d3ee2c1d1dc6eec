"""What a page is made of. What each block looks like is the template's business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmark.reporting.grid import Grid

# Field of a row of data -> value. Charts flatten lists, so that what they share is there once.
Row = Mapping[str, Any]
Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Prose:
    """Sentences, as a paragraph or as a list."""

    kind: ClassVar[str] = "prose"

    sentences: Sequence[str]
    listed: bool = False


@dataclass(frozen=True)
class TableBlock:
    """A grid whose columns can be sorted.

    Attributes:
        grid: what it shows.
        caption: a sentence above it; "" for none.
        opens: (row, cell of that row) -> id of the details that a click on the cell opens.
        rest: where rows are that a page has no room for.
    """

    kind: ClassVar[str] = "table"

    grid: Grid
    caption: str = ""
    opens: Mapping[tuple[int, int], str] = field(default_factory=dict)
    rest: str = ""


@dataclass(frozen=True)
class Filter:
    """A choice above charts, by the value of a field.

    Rows without that field are always shown.

    Attributes:
        field: of the rows.
        label: what is chosen.
        options: its values, in order.
        everything: whether all rows may be shown at once, as they are at first.
    """

    field: str
    label: str
    options: Sequence[str]
    everything: bool = False

    @property
    def chosen(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.options) > 1


@dataclass(frozen=True)
class Chart:
    """A chart by its Vega-Lite specification, without data.

    Attributes:
        title: above it; what screen readers say.
        spec: takes its data from the rows.
        rows: of the data.
    """

    title: str
    spec: Spec
    rows: Sequence[Row]


@dataclass(frozen=True)
class ChartBlock:
    """Charts beside each other, and the choices that hold for all of them."""

    kind: ClassVar[str] = "charts"

    charts: Sequence[Chart]
    filters: Sequence[Filter] = ()
    caption: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script needs."""
        return {"charts": [{"spec": one.spec, "rows": one.rows} for one in self.charts]}


@dataclass(frozen=True)
class PictureBlock:
    """A picture, by its address: a file beside the page, or its content."""

    kind: ClassVar[str] = "picture"

    source: str
    text: str


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "facts"

    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Text to copy."""

    kind: ClassVar[str] = "code"

    text: str


Block = Prose | TableBlock | ChartBlock | PictureBlock | Facts | Code


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        heading: of the part; gives its address on the page.
        blocks: in their order.
        folded: whether the reader has to open it.
        short: the heading in the list of parts; as it is if there is none.
    """

    heading: str
    blocks: Sequence[Block]
    folded: bool = False
    short: str = ""


@dataclass(frozen=True)
class Detail:
    """What a click on a cell opens.

    Attributes:
        title: of the cell.
        facts: sentences on it.
        rows: one per repetition, as long as the page's `detail_headings`.
        command: makes it again.
    """

    title: str
    facts: Sequence[str]
    rows: Sequence[Sequence[str | int | float | None]]
    command: str


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: of the report.
        summary: what it holds, in one line.
        missing: what is not done, sentences.
        sections: in their order.
        detail_headings: of the columns of all details.
        details: by id.
    """

    title: str
    summary: str
    missing: Sequence[str]
    sections: Sequence[Section]
    detail_headings: Sequence[str] = ()
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """A report in the list of a folder: its own folder, and what its page says of itself."""

    folder: str
    title: str
    summary: str
