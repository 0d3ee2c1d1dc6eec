"""Audits: what is trained, what is compared, and what is said of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.planning.audit import AuditPlan, audit_variants, plan_audit
from benchmark.planning.config import SWITCHES, Suite, read_suite
from benchmark.planning.inventory import DatasetSummary, take_inventory
from benchmark.planning.plan import PlannedRun
from benchmark.records.record import Record
from benchmark.records.result import RunResult, result_of
from benchmark.reporting.audit.report import write_audit
from core.errors import UserError

MakeRecord = Callable[..., Record]
METHODS = ["student_x2", "kd_v1", "mlkd", "discom_kd"]
TRISTAR = {"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}


@pytest.fixture
def suite() -> Suite:
    settings = {"smoke": True, "seeds": 5, "datasets": [TRISTAR], "methods": METHODS}
    return read_suite("audit", {**settings, "plugins": ["none"]})


@pytest.fixture
def summaries(suite: Suite, miniature_data: Path) -> list[DatasetSummary]:
    return take_inventory(suite, miniature_data)


@pytest.fixture
def audit(suite: Suite, summaries: list[DatasetSummary]) -> AuditPlan:
    return plan_audit(suite, summaries)


def _released(run: PlannedRun, audit: AuditPlan) -> bool:
    """Whether a run belongs to the protocol that the audit ends at."""
    return any(
        cell.run == run.key and cell.suite == audit.target.suite.name for cell in audit.plan.cells
    )


def test_each_switch_retrains_what_it_touches_and_nothing_else(audit: AuditPlan) -> None:
    same = {"mlkd_standardization", "teacher_view"}
    changed = [name for name in SWITCHES if name not in same]
    assert [variant.name for variant in audit.variants] == [
        "as_described", *changed, "as_released",
    ]  # fmt: skip
    runs = {
        variant.name: {
            (cell.method, cell.run)
            for cell in audit.plan.cells
            if cell.suite == variant.suite.name and cell.repetition == 0
        }
        for variant in audit.variants
    }
    touched = {
        name: {method for method, _ in own - runs["as_described"]} for name, own in runs.items()
    }
    everything = {"teacher", "student", *METHODS}
    assert touched == {
        "as_described": set(),
        "reference_augmentation": {"teacher", "student", "kd_v1", "mlkd"},
        "teacher_mode": {"kd_v1", "mlkd"},
        "modality_targets": {"discom_kd"},
        "mlkd_divergence": {"mlkd"},
        "projection": {"student_x2", "discom_kd"},
        "modality_reduction": {"discom_kd"},
        "ctkd_epochs": set(),
        "normalisation": everything,
        "as_released": everything,
    }
    assert len(audit.plan.runs) == 5 * (6 + 4 + 2 + 1 + 1 + 2 + 1 + 6 + 6)


def test_an_audit_needs_two_protocols_that_differ(miniature_data: Path) -> None:
    same = read_suite("audit", {"smoke": True, "protocol": "as_released"})
    with pytest.raises(UserError, match="from as_released to as_released has nothing to change"):
        plan_audit(same, take_inventory(same, miniature_data))
    unknown = read_suite("audit", {"smoke": True, "audit": "as_relased"})
    with pytest.raises(UserError, match="unknown protocol 'as_relased'.*'as_released'"):
        plan_audit(unknown, take_inventory(unknown, miniature_data))


def _results(records: dict[str, Record]) -> dict[str, RunResult]:
    return {key: result_of(record) for key, record in records.items()}


def _records(audit: AuditPlan, make_record: MakeRecord) -> dict[str, Record]:
    """STUDENT loses six points without augmentation; all else stays but for a little noise."""
    records = {}
    for number, (key, run) in enumerate(audit.plan.runs.items()):
        spec = run.spec
        plain = spec.method == "reference" and spec.augmentation == "none"
        base = {"reference": 0.6, "student_x2": 0.62}.get(spec.method, 0.65)
        value = base - 0.06 * plain + 0.01 * spec.repetition + 1e-4 * (number * 7 % 11)
        records[key] = make_record(run, dict.fromkeys(spec.modalities, value))
    return records


def test_the_effect_of_a_switch_on_the_gain_over_the_student(
    audit: AuditPlan,
    suite: Suite,
    summaries: list[DatasetSummary],
    make_record: MakeRecord,
    tmp_path: Path,
) -> None:
    records = _records(audit, make_record)
    report = write_audit(suite, audit, audit.plan.cells, summaries, _results(records), tmp_path)
    assert {path.name for path in report.folder.iterdir()} == {
        "index.html",
        *(f"audit.{suffix}" for suffix in ("md", "tex", "csv", "json")),
        "audit_notes.tex", "main.tex",
        *(f"audit_over_{name}.{suffix}" for name in ("student", "student_x2")
          for suffix in ("png", "pdf")),
    }  # fmt: skip
    content = json.loads((report.folder / "audit.json").read_text())
    effects, gains = (
        {(e["baseline"], e["method"], e["variant"]): e for e in content[kind]}
        for kind in ("effects", "gains")
    )
    # DisCoM-KD is the same run; its gain rises because STUDENT falls.
    found = effects["student", "discom_kd", "reference_augmentation"]
    assert found["effect"] == pytest.approx(0.06, abs=0.002)
    assert found["holm_p_value"] < 0.001
    assert found["t_p_value"] < found["corrected_t_p_value"]
    assert found["n"] == 5
    assert ("student_x2", "discom_kd", "reference_augmentation") not in effects
    assert ("student", "discom_kd", "ctkd_epochs") not in effects
    assert abs(effects["student", "mlkd", "teacher_mode"]["effect"]) < 0.002
    lines = report.markdown.split("**Gain over STUDENT, ")[1].split("**")[1].splitlines()
    (discom,) = [line.split(" | ") for line in lines if line.startswith("| DisCoM-KD")]
    assert discom[1].startswith("+4.99 [+4.9, +5.1]")
    assert discom[2].endswith("] *")
    assert discom[3] == "·"
    # Both ends are tested, each gain with both intervals.
    assert discom[-1].startswith("+10.9")
    assert discom[-1].endswith("* |")
    gain = gains["student", "discom_kd", "as_released"]
    assert gain["gain"] == pytest.approx(0.11, abs=0.001)
    low, high = gain["interval"]
    assert gain["corrected_interval"][0] < low < gain["gain"] < high < gain["corrected_interval"][1]
    ends = report.markdown.split("**Gain over STUDENT at both ends")[1].split("**")[1]
    assert ends.count("| as_released | DisCoM-KD | 5 | +") == 1
    assert "printed gain" not in report.markdown.split("\n- ")[0]  # not the paper's data


def test_an_unfinished_audit_says_what_it_rests_on(
    audit: AuditPlan,
    suite: Suite,
    summaries: list[DatasetSummary],
    make_record: MakeRecord,
    tmp_path: Path,
) -> None:
    records = {
        key: record
        for key, record in _records(audit, make_record).items()
        if not _released(audit.plan.runs[key], audit) and record.spec.repetition != 1
    }
    report = write_audit(suite, audit, audit.plan.cells, summaries, _results(records), tmp_path)
    assert "(4 of 5)" in report.markdown
    assert "(0 of 5)" in report.markdown
    assert "(n = 4)" in report.markdown
    assert "runs are missing or failed" in report.markdown
    nothing = write_audit(suite, audit, audit.plan.cells, summaries, {}, tmp_path / "empty")
    assert not list(nothing.folder.glob("*.png"))


def test_its_latex_compiles_and_fits(
    audit: AuditPlan,
    suite: Suite,
    summaries: list[DatasetSummary],
    make_record: MakeRecord,
    compile_latex: Callable[[str], None],
    compile_document: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    results = _results(_records(audit, make_record))
    report = write_audit(suite, audit, audit.plan.cells, summaries, results, tmp_path)
    compile_latex((report.folder / "audit.tex").read_text())
    compile_document(report.folder)


def test_the_report_of_one_switch_speaks_of_no_others(
    summaries: list[DatasetSummary], tmp_path: Path
) -> None:
    protocol = {"base": "as_released", "teacher_mode": "eval"}
    settings = {"smoke": True, "seeds": 1, "datasets": [TRISTAR], "methods": ["kd_v1"]}
    one = read_suite("audit", {**settings, "plugins": ["none"], "protocol": protocol})
    audit = plan_audit(one, summaries)
    assert len(audit.variants) == 2
    stale = tmp_path / "audit" / "audit_over_student.png"
    stale.parent.mkdir()
    stale.write_bytes(b"of an earlier report")
    text = write_audit(one, audit, audit.plan.cells, summaries, {}, tmp_path).markdown
    assert "on the test set in percent, 1 repetition;" in text
    assert "Each column between" not in text
    assert "single switches" not in text
    assert not stale.exists()  # no effect is known


def test_an_audit_of_one_switch_has_its_two_ends_alone() -> None:
    variants = audit_variants(read_suite("crodino_audit"))
    assert [variant.name for variant in variants] == ["as_described", "independent_teacher"]
    assert [v.suite.protocol.teacher_view for v in variants] == ["shared", "independent"]
