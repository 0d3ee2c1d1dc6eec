"""What of each method's gain is left over every control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.planning.config import MethodEntry, Suite
from benchmark.planning.method_settings import method_of
from benchmark.planning.plan import STUDENT
from benchmark.reporting.significance.comparisons import Contrast, contrasts
from benchmark.reporting.tables import EntryKey, Row, Table
from benchmark.statistics import ALPHA, holm
from methods.contract import Control


@dataclass(frozen=True)
class Survival:
    """One method in one column against STUDENT and its controls.

    Attributes:
        left: the method minus each of them, by their names as in CSV columns; those that share no
            repetition with the method are not there. Holm's correction of each is over all methods
            and columns of the table.
        missing: names of those that are not there.
        holm_p: p-value of the claim that the method is above all of them, after Holm's correction
            over all methods and columns; None where that cannot be tested.
    """

    left: Mapping[str, Contrast]
    missing: Sequence[str]
    holm_p: float | None

    @property
    def above_in_mean(self) -> bool:
        """Whether it is above all of them in the mean."""
        left = self.left.values()
        return bool(left) and not self.missing and all(one.paired.difference > 0 for one in left)

    @property
    def survives(self) -> bool:
        """Whether it is above all of them by more than chance, at `ALPHA`."""
        return self.holm_p is not None and self.holm_p < ALPHA


@dataclass(frozen=True)
class ControlAnalysis:
    """What of the gains of one table is left over its controls.

    Attributes:
        shared: rows of the controls that every method has, STUDENT first, then as in the table.
        own: names of those that single methods have.
        survivals: of every method that is no control, in every column.
    """

    shared: Sequence[Row]
    own: Sequence[str]
    survivals: Mapping[EntryKey, Survival]


def control_names(suite: Suite) -> list[str]:
    """The controls of a suite as in CSV columns."""
    return [e.column for e in suite.methods if _control(e, suite) is not Control.NONE]


def analyse_controls(suite: Suite, table: Table) -> ControlAnalysis | None:
    """Compare the methods of a table with STUDENT and with the controls of its suite.

    A method with a plug-in is compared with the control that has it too, if there is one. Each
    control's comparisons are one family for Holm's correction. That a method is above all of its
    controls is claimed by the largest of its uncorrected p-values, an intersection-union test,
    which needs no correction for the number of controls (Berger 1982, Technometrics 24:295-300),
    and then corrected by Holm over methods and columns.

    Returns:
        None where the suite has no controls, or nothing else.
    """
    entries = {entry.column: entry for entry in suite.methods}
    kinds = {name: _control(entry, suite) for name, entry in entries.items()}
    methods = [row for row in table.rows if kinds.get(row.method) is Control.NONE]
    if not methods or not control_names(suite):
        return None
    rows = {(row.method, row.plugin): row for row in table.rows}
    # As it is where the table has that row, else with the first plug-in.
    usual = {row.method: row for row in reversed(table.rows)}
    usual |= {method: row for (method, plugin), row in rows.items() if plugin == "none"}
    names = [STUDENT] if STUDENT in usual else []
    names += [name for name, kind in kinds.items() if kind is not Control.NONE]
    asked: dict[str, dict[EntryKey, Row]] = {}
    for name in names:
        for row in methods:
            own = kinds.get(name) is Control.OWN
            if own and entries[name].name != entries[row.method].name:
                continue
            other = rows.get((name, row.plugin), usual[name])
            asked.setdefault(name, {}).update({(row, column): other for column in table.columns})
    found = {name: contrasts(table, others) for name, others in asked.items()}
    survivals = {}
    for row in methods:
        for column in table.columns:
            against = [name for name in names if (row, column) in asked.get(name, {})]
            left = {
                name: found[name][row, column] for name in against if (row, column) in found[name]
            }
            missing = [name for name in against if name not in left]
            survivals[row, column] = Survival(left, missing, None)
    corrected = holm({key: _largest_p_value(one) for key, one in survivals.items()})
    return ControlAnalysis(
        shared=[usual[name] for name in names if kinds.get(name) is not Control.OWN],
        own=[name for name in names if kinds.get(name) is Control.OWN],
        survivals={key: replace(one, holm_p=corrected[key]) for key, one in survivals.items()},
    )


def _largest_p_value(survival: Survival) -> float | None:
    """The p-value of being above all controls; None where one of them cannot be tested."""
    if survival.missing or not survival.left:
        return None
    if not survival.above_in_mean:
        return 1.0
    p_values = [contrast.paired.marking_p_value for contrast in survival.left.values()]
    known = [value for value in p_values if value is not None]
    return max(known) if len(known) == len(p_values) else None


def _control(entry: MethodEntry, suite: Suite) -> Control:
    return Control.OWN if entry.alone else method_of(entry, suite.protocol).control
