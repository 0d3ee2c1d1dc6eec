"""Any text as Markdown or as LaTeX that shows exactly that text."""

import re

# What Markdown would take for itself. Signs that stand where they mean nothing stay as they are, so
# that the text reads well unrendered too: `_` within a word, `*` between spaces, `<` of a number.
_MARKDOWN = re.compile(
    r"""
    [\\`\[\]|~$]
    | (?<=\S)\* | \*(?=\S)
    | (?<![^\W_])_ | _(?![^\W_])
    | <(?=[A-Za-z/!?])
    | &(?=\#?\w+;)
    | (?<!\S)\#
    """,
    re.VERBOSE,
)
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "±": r"$\pm$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "≠": r"$\neq$",
    "†": r"$\dagger$",
    "·": r"$\cdot$",
    "\n": " ",
}


def escape_markdown(text: str) -> str:
    """Make any text safe for Markdown, in a table, a heading or a sentence."""
    return _MARKDOWN.sub(r"\\\g<0>", text.replace("\n", " "))


def escape_latex(text: str) -> str:
    r"""Make any text safe for LaTeX, after \\ and \item too, which take [ and * for themselves."""
    escaped = "".join(_LATEX.get(character, character) for character in text)
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped
