"""Which modalities teach and which learn, of one data set in one scenario."""

from benchmark.planning.config import DatasetEntry, Scenario, Suite
from benchmark.planning.inventory import DatasetSummary
from core.errors import UserError, nearest_names


def roles_of(
    suite: Suite, entry: DatasetEntry, summary: DatasetSummary, scenario: Scenario
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The teacher's modalities as they are written, and the students'.

    Raises:
        UserError: a modality that the data set has not, roles that are missing or that the scenario
            has not, or a teacher that equals its student.
    """
    names = summary.modalities
    students = (entry.student,) if entry.student else ()
    for role, modalities in (("teacher", entry.teacher_modalities), ("student", students)):
        for modality in modalities:
            if modality not in names:
                hint = nearest_names(modality, names)
                raise UserError(
                    f"data set {entry.name} has no {role} modality '{modality}': {hint}"
                )
    if scenario is Scenario.MULTI_MODAL:
        if Scenario.CROSS_MODAL not in suite.scenario and (entry.teacher or entry.student):
            raise UserError(
                f"suite {suite.name}: data set {entry.name} names a teacher or student, but in the "
                "multi_modal scenario the teacher sees all modalities and each has a student; "
                "remove both keys, or restrict the entry's modalities"
            )
        return tuple(names), tuple(names)
    if entry.teacher is None or entry.student is None:
        raise UserError(
            f"suite {suite.name}: data set {entry.name} needs teacher and student in the "
            f"cross_modal scenario; its modalities are {', '.join(names)}"
        )
    if entry.teacher == entry.student:
        raise UserError(
            f"suite {suite.name}: data set {entry.name} has {entry.teacher} as teacher and as "
            "student; choose two different modalities"
        )
    return entry.teacher_modalities, students
