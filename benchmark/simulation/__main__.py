"""How often equal methods get a mark: `python -m benchmark.simulation`.

Tables of 11 methods and a baseline, all equally good, over 3 data sets. Each repetition draws its
own split of 70 / 10 / 20 % from the same data set, so that repetitions share samples. Figures stand
in docs/statistics.md.
"""

import argparse
from collections.abc import Sequence

from benchmark.simulation.equal_methods import TRAINING, VALIDATION, add_seed_noise, draw_tables
from benchmark.simulation.rates import Rates, find_rates

METHODS = 12  # the baseline is the first
REPETITIONS = (3, 5, 10, 20)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate the tables and print what was found as a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.simulation", description=__doc__)
    parser.add_argument("--tables", type=int, default=400, metavar="N", help="default: 400")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    options = parser.parse_args(arguments)
    if options.tables < 1 or options.seed < 0:
        parser.error("expected at least one table, and a seed of at least 0")
    ratio = (1 - TRAINING - VALIDATION) / TRAINING
    plain = draw_tables(options.seed, options.tables, METHODS, max(REPETITIONS))
    conditions = {
        "splits alone": plain,
        "half seed noise": add_seed_noise(options.seed, plain),
    }
    print(
        "| variance | n | correlation | false mark, t | false mark, corrected | covered, t "
        "| covered, corrected |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for condition, scores in conditions.items():
        for repetitions in REPETITIONS:
            rates = find_rates(scores[..., :repetitions], ratio)
            print(_line(condition, repetitions, rates), flush=True)
    print(
        f"\n{options.tables} tables of {METHODS - 1} methods and a baseline, seed {options.seed}. "
        "False mark: share of tables with at least one, after Holm's correction. Covered: share of "
        "95 % intervals that hold the true difference, 0. The corrected test assumes a correlation "
        f"of {ratio / (1 + ratio):.2f}."
    )


def _line(condition: str, repetitions: int, rates: Rates) -> str:
    shares = (rates.marked, rates.marked_corrected, rates.covered, rates.covered_corrected)
    cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
    return f"| {condition} | {repetitions} | {rates.correlation:.2f} | {cells} |"


if __name__ == "__main__":
    main()
