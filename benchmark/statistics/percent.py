"""How scores and differences of scores read in every table and page."""


def percent(score: float) -> str:
    """A score in [0, 1] in percent."""
    return f"{100 * score:.2f}"


def points(difference: float) -> str:
    """A difference of scores, in [-1, 1], in percentage points and with its sign."""
    return f"{100 * difference:+.2f}"
