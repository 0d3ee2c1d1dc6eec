"""What an audit finds: gains over a baseline at both ends, and what each change adds to them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.audit.sheet import AuditSheet, Student
from benchmark.reporting.significance.tested import Tested, tested_family
from benchmark.reporting.tables import Row
from benchmark.statistics import PairedComparison, paired_comparison

STUDENT_X2 = "student_x2"
BASELINES = (STUDENT, STUDENT_X2)

FindingKey = tuple[Student, Row, str]  # the last is the name of a variant


Findings = Mapping[FindingKey, Tested]


class OverBaseline(NamedTuple):
    """What is found on the gains over one baseline, each a family for Holm's correction.

    `gains` are those under the first and the last variant: score of the row minus score of the
    baseline, in [-1, 1]. `effects` are gains under a variant minus gains under the base, in
    [-2, 2].
    """

    gains: Findings
    effects: Findings


def find_over(sheets: Sequence[AuditSheet], baseline: str) -> OverBaseline:
    """Every row's gain over `baseline`, and every variant's effect on it where it can have one."""
    return OverBaseline(
        tested_family(dict(_gains(sheets, baseline))),
        tested_family(dict(_effects(sheets, baseline))),
    )


def _compared(sheets: Sequence[AuditSheet], baseline: str) -> Iterator[tuple[AuditSheet, Row, Row]]:
    """Each sheet with each row and the baseline's row."""
    for sheet in sheets:
        reference = sheet.row(baseline)
        for row in sheet.rows:
            if reference is not None and row != reference and row.method != TEACHER:
                yield sheet, row, reference


def _gains(
    sheets: Sequence[AuditSheet], baseline: str
) -> Iterator[tuple[FindingKey, PairedComparison | None]]:
    for sheet, row, reference in _compared(sheets, baseline):
        for variant in (sheet.base, sheet.target):
            yield (
                (sheet.student, row, variant),
                paired_comparison(
                    sheet.scores[row, variant],
                    sheet.scores[reference, variant],
                    test_to_training=sheet.test_to_training,
                ),
            )


def _effects(
    sheets: Sequence[AuditSheet], baseline: str
) -> Iterator[tuple[FindingKey, PairedComparison | None]]:
    for sheet, row, reference in _compared(sheets, baseline):
        before = sheet.gain(row, sheet.base, reference)
        for variant in sheet.variants[1:]:
            if sheet.moves(row, variant, reference):
                after = sheet.gain(row, variant, reference)
                comparison = paired_comparison(
                    after, before, test_to_training=sheet.test_to_training
                )
                yield (sheet.student, row, variant), comparison
