"""Grids of the paper, shared runs, and what a run's key depends on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.planning.config import Scenario, Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import Plan, make_plan
from core.errors import UserError


def _plan(name: str, tmp_path: Path, **overrides: Any) -> Plan:
    suite = read_suite(name, overrides)
    return make_plan(suite, take_inventory(suite, tmp_path))


def test_full_size_grids_of_the_paper(tmp_path: Path) -> None:
    table1, table2 = _plan("table1", tmp_path), _plan("table2", tmp_path)
    assert (table1.asked, len(table1.runs)) == (195, 195)
    assert (table2.asked, len(table2.runs)) == (360, 360)
    table1.merge(table2)
    assert len(table1.runs) == 510


def test_teachers_that_no_cell_shows_are_asked_for_as_well(tmp_path: Path) -> None:
    # Pairs of MFH, and teachers of a suite without their row.
    plans = [
        _plan("table1", tmp_path, methods=["mfh"], seeds=1),
        _plan("table1", tmp_path, methods=["kd_v1"], seeds=1, references=["student"]),
    ]
    for plan in plans:
        assert plan.runs.keys() > {cell.run for cell in plan.cells}
        assert plan.asked == len(plan.runs)
    first, second = plans
    counts = [plan.asked for plan in plans]
    second.cells = [replace(cell, suite="another") for cell in second.cells]
    first.merge(second)
    assert first.asked == sum(counts) > len(first.runs)


def test_a_part_of_a_plan_has_the_runs_that_its_cells_need(tmp_path: Path) -> None:
    plan = _plan("table1", tmp_path, methods=["kd_v1", "discom_kd"], plugins=["none"], seeds=1)
    distilled = [cell for cell in plan.cells if cell.method == "kd_v1"]
    part = plan.only(reversed(distilled))
    assert part.cells == distilled
    students = {cell.run for cell in distilled}
    teachers = {plan.runs[key].teacher_key for key in students}
    assert part.runs.keys() == students | teachers
    assert list(part.runs) == [key for key in plan.runs if key in part.runs]


def test_ablations_of_the_paper_share_the_complete_model(tmp_path: Path) -> None:
    table3, table4 = _plan("table3", tmp_path), _plan("table4", tmp_path)
    assert (table3.asked, len(table3.runs)) == (75, 75)
    assert (table4.asked, len(table4.runs)) == (15, 15)
    assert table4.runs.keys() < table3.runs.keys()
    assert table4.runs.keys() < _plan("table1", tmp_path).runs.keys()
    assert {run.spec.method for run in table3.runs.values()} == {"discom_kd"}


def test_student_x2_needs_no_teacher_and_has_one_run_per_student(tmp_path: Path) -> None:
    plan = _plan("table2", tmp_path, methods=["student_x2"], seeds=1, references=[])
    assert {run.spec.modalities for run in plan.runs.values()} == {
        ("RGB",), ("DEPTH",), ("MS",), ("SAR",), ("THERMAL",),
    }  # fmt: skip
    assert len(plan.runs) == 6  # two data sets have DEPTH
    assert {cell.plugin for cell in plan.cells} == {"none"}


def test_plug_ins_apply_to_methods_that_follow_logits_alone(tmp_path: Path) -> None:
    plan = _plan("table1", tmp_path, methods=["dkd", "rkd", "crd", "discom_kd"], seeds=1)
    found = {(cell.method, cell.plugin) for cell in plan.cells}
    assert found - {("teacher", "none"), ("student", "none")} == {
        ("dkd", "none"), ("dkd", "lskd"), ("rkd", "none"), ("crd", "none"), ("discom_kd", "none"),
    }  # fmt: skip
    assert {run.spec.teacher is None for run in plan.runs.values() if run.spec.method == "rkd"} == {
        False
    }


def test_the_teacher_of_self_distillation_is_student_in_every_scenario(tmp_path: Path) -> None:
    plan = _plan("controls", tmp_path, methods=["self_distillation", "shuffled_teacher"], seeds=1)
    students = {
        (cell.dataset, cell.evaluated_modality): cell.run
        for cell in plan.cells
        if cell.method == "student"
    }
    controls = [cell for cell in plan.cells if cell.method == "self_distillation"]
    for cell in controls:
        student = students[cell.dataset, cell.evaluated_modality]
        assert plan.runs[cell.run].teacher_key == student
    # One run for both scenarios; with a teacher of other modalities there are two.
    asked = {(cell.dataset, cell.evaluated_modality, cell.plugin) for cell in controls}
    assert len({cell.run for cell in controls}) == len(asked)
    shuffled = {cell.run for cell in plan.cells if cell.method == "shuffled_teacher"}
    assert len(shuffled) == len(asked) + 3 * 2


def test_the_teacher_of_mfh_is_trained_with_a_network_of_the_students_modality(
    tmp_path: Path,
) -> None:
    entries = ["kd_v1", "mfh", {"name": "mfh", "removed": "random"}]
    scenario = ["cross_modal", "multi_modal"]
    changes: dict[str, Any] = {"methods": entries, "datasets": [_EUROSAT], "scenario": scenario}
    plan = _plan("table1", tmp_path, seeds=1, plugins=["none"], **changes)
    followed: dict[tuple[str, str], set[str]] = {}
    for cell in plan.cells:
        if cell.method.startswith("mfh"):
            seen = cell.teacher_modality, cell.evaluated_modality
            followed.setdefault(seen, set()).add(plan.runs[cell.run].teacher_key or "")
    found = {seen: plan.runs[key].spec for seen, (key,) in followed.items()}
    assert {seen: spec.hyperparameters["together"] for seen, spec in found.items()} == {
        ("MS", "SAR"): (("MS",), ("SAR",)),
        ("ALL", "MS"): (("MS", "SAR"), ("MS",)),
        ("ALL", "SAR"): (("MS", "SAR"), ("SAR",)),
    }
    assert {spec.modalities for spec in found.values()} == {("MS", "SAR")}
    # Nobody else follows them, and the keys of references are as they were before.
    others = [run for run in plan.runs.values() if run.spec.method == "kd_v1"]
    assert not {run.teacher_key for run in others} & {spec.key for spec in found.values()}
    references = [run.spec for run in plan.runs.values() if run.spec.method == "reference"]
    assert sum(not spec.hyperparameters for spec in references) == 3


def test_a_joint_method_alone_trains_on_the_students_modality(tmp_path: Path) -> None:
    alone = [{"name": "discom_kd", "alone": True}, {"name": "c2kd", "alone": True}]
    plan = _plan("table1", tmp_path, methods=alone, seeds=1, references=[])
    assert {cell.method for cell in plan.cells} == {"discom_kd (alone)", "c2kd (alone)"}
    for cell in plan.cells:
        spec = plan.runs[cell.run].spec
        assert (spec.modalities, spec.teacher) == ((cell.evaluated_modality,), None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": [{"name": "kd_v1", "alone": True}]}, "'kd_v1' has alone: true"),
        ({"methods": ["reference"]}, "'reference' cannot be listed as a method"),
        ({"baseline": "dkd"}, "the baseline 'dkd' is no row of its table.*'kd_v1'"),
        (
            {"methods": [{"name": "discom_kd", "evaluate": "only_inw"}]},
            "no part 'only_inw' to evaluate.*'only_inv'",
        ),
        (
            {"methods": [{"name": "kd_v1", "evaluate": "only_inv"}]},
            "method 'kd_v1' has no part 'only_inv'",
        ),
        (
            {"protocol": {"base": "as_described", "mlkd_divergence": "released"}},
            "'mlkd_divergence' concerns mlkd, but the suite has only kd_v1",
        ),
        (
            {"methods": ["discom_kd"], "references": [],
             "protocol": {"base": "as_described", "teacher_mode": "train"}},
            "'teacher_mode' concerns distillation from a teacher",
        ),
    ],
)  # fmt: skip
def test_suites_that_no_table_can_be_made_of(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        _plan("table1", tmp_path, **{"methods": ["kd_v1"], **changes})


def test_label_noise_is_in_the_key_of_all_runs_but_teachers(tmp_path: Path) -> None:
    entry = {"name": "terramesh_chips", "teacher": "S2", "student": "S1"}
    clean = _plan("first_table", tmp_path, datasets=[entry])
    noisy = _plan("first_table", tmp_path, datasets=[{**entry, "label_noise": 0.4}])
    shared = [clean.runs[key].spec for key in clean.runs.keys() & noisy.runs.keys()]
    assert [spec.modalities for spec in shared] == [("S2",)]
    assert all("label_noise" not in spec.model_dump()["data"] for spec in shared)
    (teacher,) = shared
    others = [run.spec for run in noisy.runs.values() if run.key != teacher.key]
    assert {spec.data.label_noise for spec in others} == {0.4}
    assert {spec.teacher.key for spec in others if spec.teacher} == {teacher.key}


def test_a_whole_protocol_may_hold_switches_that_concern_no_method(tmp_path: Path) -> None:
    assert _plan("table1", tmp_path, methods=["kd_v1"], protocol="as_released").runs


def test_teacher_of_table_1_is_student_of_table_2(tmp_path: Path) -> None:
    def run_of(plan: Plan, method: str, evaluated: str) -> str:
        (key,) = {
            cell.run
            for cell in plan.cells
            if (cell.dataset, cell.method, cell.evaluated_modality, cell.repetition)
            == ("eurosat_ms_sar", method, evaluated, 3)
        }
        return key

    table1, table2 = _plan("table1", tmp_path), _plan("table2", tmp_path)
    assert run_of(table1, "teacher", "MS") == run_of(table2, "student", "MS")
    assert run_of(table1, "discom_kd", "SAR") == run_of(table2, "discom_kd", "MS")


def test_every_teacher_comes_before_its_students(tmp_path: Path) -> None:
    plan = _plan("table2", tmp_path)
    seen: set[str] = set()
    for key, run in plan.runs.items():
        assert run.teacher_key is None or run.teacher_key in seen
        seen.add(key)


def _keys(suite: Suite, summaries: list[DatasetSummary]) -> dict[tuple[str, str, str], str]:
    """Key of each cell's run, repetition 0, cross-modal."""
    return {
        (cell.method, cell.plugin, cell.evaluated_modality): cell.run
        for cell in make_plan(suite, summaries).cells
        if cell.repetition == 0
    }


@pytest.fixture
def suite() -> Suite:
    return read_suite("table1", {"datasets": [_EUROSAT]})


_EUROSAT = {"name": "eurosat_ms_sar", "teacher": "MS", "student": "SAR"}


def _changed(suite: Suite, tmp_path: Path, **overrides: Any) -> set[str]:
    """Methods whose key differs after a change to the suite."""
    summaries = take_inventory(suite, tmp_path)
    before = _keys(suite, summaries)
    other = read_suite("table1", {"datasets": [_EUROSAT], **overrides})
    after = _keys(other, take_inventory(other, tmp_path))
    return {cell[0] for cell, key in after.items() if before.get(cell) != key}


EVERY = {"teacher", "student", "kd_v1", "kd_v2", "dkd", "ctkd", "mlkd", "discom_kd"}
DISTILLED = EVERY - {"teacher", "student", "discom_kd"}


def _protocol(**switches: Any) -> dict[str, Any]:
    return {"protocol": {"base": "as_described", **switches}}


@pytest.mark.parametrize(
    ("change", "affected"),
    [
        ({"name": "another", "title": "Another"}, set()),
        ({"seeds": 2}, set()),
        ({"plugins": ["none"]}, set()),
        ({"methods": ["dkd"]}, set()),
        ({"training": {"epochs": 299}}, EVERY),
        ({"training": {"learning_rate": 2e-4}}, EVERY),
        ({"training": {"precision": "bf16"}}, EVERY),
        ({"datasets": [{**_EUROSAT, "split": "by_group"}]}, EVERY),
        ({"datasets": [{**_EUROSAT, "image_size": 32}]}, EVERY),
        ({"datasets": [{**_EUROSAT, "label": "Renamed"}]}, set()),
        ({"methods": ["dkd", {"name": "kd_v1", "temperature": 2}]}, {"kd_v1 (temperature=2)"}),
        (_protocol(ctkd_epochs=5), {"ctkd"}),
        (_protocol(mlkd_divergence="released"), {"mlkd"}),
        (_protocol(mlkd_standardization="instance_term"), {"mlkd"}),
        (_protocol(projection="linear_bn_relu"), {"discom_kd"}),
        (_protocol(modality_targets="released"), {"discom_kd"}),
        (_protocol(modality_reduction="mean"), {"discom_kd"}),
        (_protocol(teacher_mode="train"), DISTILLED),
        (_protocol(normalisation="whole_data_set"), EVERY),
        # Not discom_kd; the distilled students change with their teacher.
        (_protocol(reference_augmentation="none"), {"teacher", "student"} | DISTILLED),
    ],
)  # fmt: skip
def test_a_key_depends_on_what_changes_the_result_and_on_nothing_else(
    suite: Suite, tmp_path: Path, change: dict[str, Any], affected: set[str]
) -> None:
    assert _changed(suite, tmp_path, **change) == affected


def test_the_data_of_a_run_is_its_content_not_its_name(suite: Suite, tmp_path: Path) -> None:
    summaries = take_inventory(suite, tmp_path)
    renamed = [replace(summary, name="other", label="Other") for summary in summaries]
    changed = [replace(summary, fingerprint="other") for summary in summaries]
    assert _keys(suite, renamed) == _keys(suite, summaries)
    assert not set(_keys(suite, changed).values()) & set(_keys(suite, summaries).values())


def test_a_default_written_out_is_the_same_run(suite: Suite, tmp_path: Path) -> None:
    summaries = take_inventory(suite, tmp_path)
    written = read_suite(
        "table1", {"datasets": [_EUROSAT], "methods": [{"name": "dkd", "alpha": 1, "beta": 8.0}]}
    )
    cell = ("dkd (alpha=1, beta=8.0)", "none", "SAR")
    assert _keys(written, summaries)[cell] == _keys(suite, summaries)["dkd", "none", "SAR"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"teacher": "MS", "student": "MS"}, "MS as teacher and as student"),
        ({"teacher": "MS", "student": "SAAR"}, "no student modality 'SAAR'.*'SAR'"),
        ({"teacher": "MS"}, "needs teacher and student"),
        ({"teacher": "MS", "student": "SAR", "modalities": ["MS", "RADAR"]}, "no modality 'RADAR'"),
    ],
)
def test_wrong_roles(entry: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        _plan("table1", tmp_path, datasets=[{"name": "eurosat_ms_sar", **entry}])


def test_roles_have_no_place_in_a_multi_modal_suite(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="remove both keys"):
        _plan("table2", tmp_path, datasets=[_EUROSAT])


def test_both_scenarios_share_references_and_joint_runs(tmp_path: Path) -> None:
    plan = _plan(
        "table1", tmp_path, datasets=[_EUROSAT], scenario=["cross_modal", "multi_modal"], seeds=1
    )
    assert {cell.scenario for cell in plan.cells} == set(Scenario)
    assert len(plan.runs) == 3 + 10 + 20 + 1


def test_unknown_names_and_references_as_methods(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unknown method 'kdv1'.*'kd_v1'"):
        _plan("table1", tmp_path, methods=["kdv1"])
    with pytest.raises(UserError, match="unknown plug-in 'lsdk'.*'lskd'"):
        _plan("table1", tmp_path, plugins=["none", "lsdk"])
    with pytest.raises(UserError, match="added by themselves"):
        _plan("table1", tmp_path, methods=["reference"])
    with pytest.raises(UserError, match="no hyper-parameter 'betta'.*'beta'"):
        _plan("table1", tmp_path, methods=[{"name": "dkd", "betta": 2}])
    with pytest.raises(UserError, match="unknown data set 'eurosat'.*'eurosat_ms_sar'"):
        _plan("table1", tmp_path, datasets=[{"name": "eurosat", "teacher": "A", "student": "B"}])
