"""More repetitions of a suite than its file asks for."""

from itertools import count, islice

from benchmark.planning.config import Suite


def with_repetitions(suite: Suite, number: int) -> Suite:
    """The suite with that many repetitions: its own, then the lowest numbers that are left.

    So repetitions that are done stay, and the same number gives the same suite. A suite that has as
    many or more stays as it is.
    """
    own = set(suite.seeds)
    others = (seed for seed in count() if seed not in own)
    added = islice(others, max(number - len(own), 0))
    return suite.model_copy(update={"seeds": (*suite.seeds, *added)})
