"""Names with signs that a format takes for itself come out as they are, in every format."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console
from rich.markdown import Markdown

from benchmark.planning.audit import plan_audit
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.reporting.audit.report import write_audit
from benchmark.reporting.escape import escape_latex
from benchmark.reporting.grid import Align, Grid, GridCell, GridRow, Heading, markdown_table
from benchmark.reporting.markdown import markdown_heading, markdown_list

MakeGrid = Callable[..., Any]

NAMES = [
    "a|b",
    r"a\|b",
    "<b>x</b>",
    "R&D",
    "R&amp;D",
    "50%",
    "_x_",
    "__init__",
    "w/o L_adv",
    "[bold]z[/bold]",
    "[a](b)",
    "*q*",
    "A*",
    "**",
    "`c`",
    "~~d~~",
    "$5 or $6",
    "# e",
    "数据",
    ":smile:",
]
ALL = "[bold]A|B[/bold] <i> R&amp;D 50% _x_ *q* `c` 数据"
LATEX = (
    r"[bold]A\textbar{}B[/bold] \textless{}i\textgreater{} R\&amp;D 50\% \_x\_ *q* "
    r"\textasciigrave{}c\textasciigrave{} 数据"
)


def _texts(markdown: str) -> list[str]:
    """The texts of headings, cells and list items; none of them may hold markup or HTML."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    found = [block.children or [] for block in blocks if block.type == "inline"]
    assert {token.type for tokens in found for token in tokens} <= {"text"}
    return ["".join(token.content for token in tokens) for tokens in found]


def _cells(markdown: str) -> list[list[str]]:
    """The cells of all rows of all tables."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and token.level >= 4:
            rows[-1].append(_plain(token))
    return rows


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def _shown(markdown: str) -> str:
    """What the console shows of a report."""
    console = Console(file=io.StringIO(), width=1000, highlight=False)
    console.print(Markdown(markdown))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_markdown_and_the_console_show_a_name_as_it_is(name: str) -> None:
    grid = Grid(
        [[Heading("method"), Heading(name)]],
        [Align.LEFT, Align.RIGHT],
        [GridRow([GridCell(name), GridCell(f"x {name}", marks="*", remark="1 of 2")])],
    )
    sentences = [f"{name}: 3 samples", f"without {name}."]
    lines = [
        markdown_heading(1, name),
        "",
        *markdown_table(grid),
        "",
        *markdown_list(sentences),
    ]
    text = "\n".join(lines)
    cells = ["method", name, name, f"x {name}* (1 of 2)"]
    assert _texts(text) == [name, *cells, *sentences]
    assert _shown(text).count(name) == 1 + 3 + 2


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("a|b", r"a\textbar{}b"),
        ("<b>", r"\textless{}b\textgreater{}"),
        ("R&D", r"R\&D"),
        ("50%", r"50\%"),
        ("_x_", r"\_x\_"),
        ("`c`", r"\textasciigrave{}c\textasciigrave{}"),
        # After the end of a row LaTeX would take these for its options.
        ("[bold]", "{}[bold]"),
        ("*q*", "{}*q*"),
        ("a [b] *c*", "a [b] *c*"),
        ("数据", "数据"),
        ("11.0–22.0", "11.0--22.0"),
        (r"\$#{}~^", r"\textbackslash{}\$\#\{\}\textasciitilde{}\textasciicircum{}"),
    ],
)
def test_latex_code_of_a_name(name: str, latex: str) -> None:
    assert escape_latex(name) == latex


def test_all_files_of_a_report_hold_names_as_they_are(make_grid: MakeGrid, tmp_path: Path) -> None:
    grid = make_grid(
        title=ALL,
        datasets=[{"name": "tristar", "label": ALL, "teacher": "THERMAL", "student": "DEPTH"}],
        methods=[{"name": "kd_v1", "variant": ALL}],
        plugins=["none"],
        seeds=3,
    )
    grid.fill(lambda method, _, repetition: {"student": 0.5}.get(method, 0.6) + 0.01 * repetition)
    files = grid.report(tmp_path)
    method, column = f"KDv1 ({ALL})", f"{ALL} (miniature) THERMAL → DEPTH"

    rows = _cells(files["md"])
    assert rows[0] == ["method", "", column, "parameters (M)"]
    assert [row[0] for row in rows].count(method) == 2
    assert {len(row) for row in rows} == {4}
    shown = _shown(files["md"])
    for expected in (f"{ALL} - smoke run", method, column, f"• {ALL} (miniature): "):
        assert expected in shown

    assert rf"\caption[{{{{}}{LATEX} - smoke run}}]{{{{}}{LATEX} - smoke run. " in files["tex"]
    assert f"\nKDv1 ({LATEX}) & ORIG & " in files["tex"]
    assert rf"\shortstack{{{{}}{LATEX}\\(miniature)}}" in files["tex"]
    assert "xelatex or lualatex" in files["tex"].splitlines()[1]

    assert set(pd.read_csv(tmp_path / "table1" / "table1.csv")["method"]) == {
        "teacher",
        "student",
        f"kd_v1 ({ALL})",
    }
    content = json.loads(files["json"])
    assert content["suite"]["title"] == content["suite"]["datasets"][0]["label"] == ALL
    assert f"kd_v1 ({ALL})" in {cell["method"] for cell in content["tables"][0]["cells"]}

    statistics = (tmp_path / "table1" / "table1_statistics.md").read_text()
    assert [column, method] in [[row[0], row[1].rstrip("*")] for row in _cells(statistics)]
    frame = pd.read_csv(tmp_path / "table1" / "table1_statistics.csv")
    assert f"kd_v1 ({ALL})" in set(frame["method"])


def test_an_audit_holds_names_as_they_are(miniature_data: Path, tmp_path: Path) -> None:
    entry = {"name": "tristar", "label": ALL, "teacher": "THERMAL", "student": "DEPTH"}
    methods = [{"name": "mlkd", "label": ALL}]
    settings = {"smoke": True, "seeds": 2, "datasets": [entry], "plugins": ["none"]}
    suite = read_suite("audit", {**settings, "title": ALL, "methods": methods})
    summaries = take_inventory(suite, miniature_data)
    audit = plan_audit(suite, summaries)
    # Nothing is finished, so that no figure is drawn: its font has no Chinese.
    report = write_audit(suite, audit, audit.plan.cells, summaries, {}, tmp_path)
    rows = _cells(report.markdown)
    assert [row[0] for row in rows].count(ALL) == 2
    assert f"{ALL} (miniature) THERMAL → DEPTH" in _shown(report.markdown)
    text = (report.folder / "audit.tex").read_text()
    assert f"\n{{}}{LATEX} & " in text
    assert f"{LATEX} - smoke run: " in text
