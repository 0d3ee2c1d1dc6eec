"""Plans on data with three modalities: which teachers there are, and what they share."""

from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Scenario, read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Plan, make_plan
from core.errors import UserError


def _entry(**roles: Any) -> dict[str, Any]:
    return {"name": "tristar", "modalities": ["RGB", "THERMAL", "DEPTH"], **roles}


def _plan(tmp_path: Path, *roles: dict[str, Any], **overrides: Any) -> Plan:
    settings = {"methods": ["kd_v1", "discom_kd"], "plugins": ["none"], "seeds": 1, **overrides}
    suite = read_suite("table1", {"datasets": [_entry(**own) for own in roles], **settings})
    return make_plan(suite, take_inventory(suite, tmp_path))


def _cells(plan: Plan, method: str) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """(teacher, evaluated) -> the network, and the modalities of the run, of a method's cells."""
    return {
        (cell.teacher_modality, cell.evaluated_modality): (
            cell.deployment,
            plan.runs[cell.run].spec.modalities,
        )
        for cell in plan.cells
        if cell.method == method
    }


def test_each_subset_can_teach_and_joint_methods_train_all_that_a_column_has(
    tmp_path: Path,
) -> None:
    student = {"student": "DEPTH"}
    plan = _plan(
        tmp_path,
        {"teacher": "RGB", **student},
        {"teacher": ["RGB", "THERMAL"], **student},
        {"teacher": ["RGB", "THERMAL", "DEPTH"], **student},
    )
    everything = ("THERMAL", "DEPTH", "RGB")  # the data set's order
    assert _cells(plan, "teacher") == {
        ("RGB", "RGB"): ("RGB", ("RGB",)),
        ("THERMAL+RGB", "THERMAL+RGB"): ("ALL", ("THERMAL", "RGB")),
        ("THERMAL+DEPTH+RGB", "THERMAL+DEPTH+RGB"): ("ALL", everything),
    }
    assert {run.spec.teacher.modalities for run in plan.runs.values() if run.spec.teacher} == {
        ("RGB",), ("THERMAL", "RGB"), everything,
    }  # fmt: skip
    assert _cells(plan, "discom_kd") == {
        ("RGB", "DEPTH"): ("DEPTH", ("DEPTH", "RGB")),
        ("THERMAL+RGB", "DEPTH"): ("DEPTH", everything),
        ("THERMAL+DEPTH+RGB", "DEPTH"): ("DEPTH", everything),
    }
    assert len(_cells(plan, "student")) == 3
    assert len([run for run in plan.runs.values() if run.spec.method == "discom_kd"]) == 2


def test_a_teacher_is_the_same_however_its_modalities_are_written(tmp_path: Path) -> None:
    one = _plan(tmp_path, {"teacher": ["RGB", "THERMAL"], "student": "DEPTH"})
    other = _plan(tmp_path, {"teacher": ["THERMAL", "RGB"], "student": "DEPTH"})
    assert one.cells == other.cells
    listed = _plan(tmp_path, {"teacher": ["RGB"], "student": "DEPTH"})
    assert listed.cells == _plan(tmp_path, {"teacher": "RGB", "student": "DEPTH"}).cells


def test_all_modalities_teach_each_once_whatever_the_cross_modal_roles_are(tmp_path: Path) -> None:
    roles = [{"teacher": "RGB", "student": "DEPTH"}, {"teacher": "THERMAL", "student": "DEPTH"}]
    plan = _plan(tmp_path, *roles, scenario=["cross_modal", "multi_modal"])
    multi = [cell for cell in plan.cells if cell.scenario is Scenario.MULTI_MODAL]
    assert len(multi) == len(set(multi))
    assert {(cell.method, cell.teacher_modality, cell.evaluated_modality) for cell in multi} == {
        ("teacher", "ALL", "ALL"),
        *(
            (method, "ALL", student)
            for method in ("student", "kd_v1", "discom_kd")
            for student in ("THERMAL", "DEPTH", "RGB")
        ),
    }
    alone = _plan(tmp_path, {"teacher": ["RGB", "THERMAL", "DEPTH"], "student": "DEPTH"})
    assert alone.runs.keys() < plan.runs.keys()  # the same teacher by another name


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        ([], "teacher should be one modality, or several different ones"),
        (["RGB", "RGB"], "teacher should be one modality, or several different ones"),
        (
            ["RGB", "THERML"],
            "no teacher modality 'THERML': the valid names are 'DEPTH', 'RGB'",
        ),
        (["DEPTH"], "has DEPTH as teacher and as student; choose two different"),
    ],
)
def test_teachers_that_there_cannot_be(tmp_path: Path, teacher: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        _plan(tmp_path, {"teacher": teacher, "student": "DEPTH"})


def test_a_method_for_two_modalities_says_which_take_more(tmp_path: Path) -> None:
    with pytest.raises(
        UserError,
        match=r"'discom_kd' takes at most 2 modalities under the protocol as_released, but it has "
        r"THERMAL, DEPTH, RGB; leave some out, or choose among (?!.*crodino_kd).*c2kd",
    ):
        _plan(tmp_path, {"teacher": ["RGB", "THERMAL"], "student": "DEPTH"}, protocol="as_released")
    alone = _plan(
        tmp_path,
        {"teacher": ["RGB", "THERMAL"], "student": "DEPTH"},
        protocol="as_released",
        methods=[{"name": "discom_kd", "alone": True}],
    )
    trained = {run.spec.modalities for run in alone.runs.values() if run.spec.method == "discom_kd"}
    assert trained == {("DEPTH",)}
