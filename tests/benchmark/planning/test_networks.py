"""Suites that choose networks: what is in keys, and how a mistake is answered."""

from pathlib import Path
from typing import Any

import pytest
import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import Plan, PlannedRun, make_plan
from core.errors import UserError
from methods.networks.classifier import build_classifier

ENTRY = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}
HALF = {"network": "resnet18", "settings": {"width": 0.5}}


def _plan(tmp_path: Path, **overrides: Any) -> Plan:
    settings = {"datasets": [ENTRY], "methods": ["kd_v1", "discom_kd"], "plugins": ["none"]}
    suite = read_suite("table1", {"seeds": 1, **settings, **overrides})
    return make_plan(suite, take_inventory(suite, tmp_path))


def _runs(plan: Plan) -> dict[tuple[str, tuple[str, ...]], PlannedRun]:
    return {(run.spec.method, run.spec.modalities): run for run in plan.runs.values()}


def test_networks_are_in_the_keys_of_the_runs_that_have_them(tmp_path: Path) -> None:
    paper = _runs(_plan(tmp_path))
    halved = _runs(_plan(tmp_path, student={"width": 0.5}))
    same = {name for name, run in halved.items() if run.key == paper[name].key}
    assert same == {("reference", ("THERMAL",))}
    assert halved["reference", ("DEPTH",)].spec.network == {"DEPTH": HALF}
    student = halved["kd_v1", ("DEPTH",)].spec
    assert student.teacher is not None
    assert student.teacher.network == {}
    deep = _runs(_plan(tmp_path, teacher={"network": "resnet34"}))
    same = {name for name, run in deep.items() if run.key == paper[name].key}
    assert same == {("reference", ("DEPTH",)), ("discom_kd", ("THERMAL", "DEPTH"))}


def test_the_papers_networks_by_name_change_no_key(tmp_path: Path) -> None:
    named = {"network": "resnet18", "width": 1.0, "modalities": {"DEPTH": {"network": "resnet18"}}}
    assert _plan(tmp_path, student=named, teacher=named).runs.keys() == _plan(tmp_path).runs.keys()


def test_a_modality_may_have_a_network_of_its_own(tmp_path: Path) -> None:
    runs = _runs(_plan(tmp_path, student={"modalities": {"THERMAL": {"width": 0.5}}}))
    assert runs["discom_kd", ("THERMAL", "DEPTH")].spec.network == {"THERMAL": HALF}
    assert runs["kd_v1", ("DEPTH",)].spec.network == {}


@pytest.mark.parametrize(
    ("student", "message"),
    [
        ({"network": "resnet19"}, r"student: unknown network 'resnet19'"),
        ({"widht": 2}, "student: network 'resnet18' has no setting 'widht'.*'width'"),
        ({"network": ["resnet18"]}, r"student.network is \['resnet18'\], expected a name"),
        ({"modalities": ["DEPTH"]}, "student.modalities is .*, expected"),
        ({"modalities": {"DEPHT": {}}}, "names 'DEPHT', which no data set has.*'DEPTH'"),
    ],
)
def test_networks_that_there_are_not(tmp_path: Path, student: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        _plan(tmp_path, student=student)


def _given(tmp_path: Path, classes: int) -> dict[str, str]:
    path = tmp_path / f"{classes}.pt"
    torch.save(build_classifier({"THERMAL": 1}, classes, seed=3).state_dict(), path)
    return {**ENTRY, "teacher_weights": str(path)}


def test_a_given_teacher_has_its_own_key_and_students_follow_it(tmp_path: Path) -> None:
    paper, runs = _runs(_plan(tmp_path)), _runs(_plan(tmp_path, datasets=[_given(tmp_path, 6)]))
    teacher = runs["reference", ("THERMAL",)]
    assert teacher.spec.weights
    assert teacher.weights == tmp_path / "6.pt"
    trained = runs["reference", ("DEPTH",)]
    assert (teacher.cost, trained.cost) == (0, paper["reference", ("DEPTH",)].cost)
    assert trained.cost > 0
    assert runs["kd_v1", ("DEPTH",)].spec.teacher.key == teacher.key
    same = {name for name, run in runs.items() if run.key == paper[name].key}
    assert same == {("reference", ("DEPTH",)), ("discom_kd", ("THERMAL", "DEPTH"))}


def test_a_task_without_encoders_to_choose_refuses_them(tmp_path: Path) -> None:
    settings = {"datasets": [{"name": "midair"}], "methods": ["kd_v2"]}

    def plan(**overrides: Any) -> Plan:
        suite = read_suite("crodino_table1", {"seeds": 1, **settings, **overrides})
        return make_plan(suite, take_inventory(suite, tmp_path))

    with pytest.raises(UserError, match="student chooses encoders of classification, but the data"):
        plan(student={"width": 0.5})
    own = {"name": "midair", "teacher_weights": _given(tmp_path, 6)["teacher_weights"]}
    with pytest.raises(UserError, match="midair: teacher_weights are for classification, but the"):
        plan(datasets=[own])


def test_weights_that_do_not_fit_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds a network of 5 classes, but the data has 6"):
        _plan(tmp_path, datasets=[_given(tmp_path, 5)])
    with pytest.raises(UserError, match="holds another network than the teacher on THERMAL"):
        _plan(tmp_path, datasets=[_given(tmp_path, 6)], teacher={"network": "resnet34"})
    with pytest.raises(UserError, match="cannot read teacher_weights .*missing.pt"):
        _plan(tmp_path, datasets=[{**ENTRY, "teacher_weights": str(tmp_path / "missing.pt")}])
