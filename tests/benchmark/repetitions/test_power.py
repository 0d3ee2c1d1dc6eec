"""The power command on constructed scores, against the functions that it asks."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import make_plan
from benchmark.records.record import Record
from benchmark.records.store import ResultStore
from benchmark.repetitions import hours
from benchmark.repetitions.pilot import read_pilot
from benchmark.speed.measurement import Measurement
from benchmark.speed.report import write_report
from benchmark.statistics import repetitions_for_power, standard_deviation
from benchmark.tasks.classification import SMOKE_TRAINING

Fill = Callable[..., None]
SUITE = (
    *("--suite", "table1", "--smoke", "--datasets", "tristar", "--plugins", "none"),
    *("--precision", "fp32"),
)
RATIO = 2 / 7  # of the records
NOISE = [0.5, 1.5, 1.0, 0.2, 0.9]


@pytest.fixture
def fill(make_record: Callable[..., Record], miniature_data: Path, tmp_path: Path) -> Fill:
    """Store runs of STUDENT at 50 points and of methods at some points above it."""

    def call(**points: Sequence[float]) -> None:
        longest = max(map(len, points.values()))
        settings = {
            "smoke": True,
            "datasets": [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}],
            "methods": list(points),
            "plugins": ["none"],
            "seeds": longest,
            "training": SMOKE_TRAINING,
        }
        suite = read_suite("table1", settings)
        plan = make_plan(suite, take_inventory(suite, miniature_data))
        store = ResultStore(tmp_path / "results")
        store.prepare()
        for cell in plan.cells:
            above = points.get(cell.method, [0.0] * longest)
            if cell.repetition < len(above):
                score = {cell.evaluated_modality: 0.5 + above[cell.repetition] / 100}
                store.save(make_record(plan.runs[cell.run], score), {}, None)

    return call


def _power(tmp_path: Path, miniature_data: Path, *arguments: str) -> int:
    folders = ("--data", str(miniature_data), "--results", str(tmp_path / "results"))
    return main(["power", *SUITE, *folders, *arguments])


def test_numbers_are_those_of_the_corrected_test(
    fill: Fill, tmp_path: Path, miniature_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(dkd=NOISE, kd_v1=[0.1 * value for value in NOISE])
    path = tmp_path / "new" / "power.csv"
    choice = ("--methods", "dkd", "kd_v1", "--seeds", "5", "--output", str(path))
    assert _power(tmp_path, miniature_data, *choice, "--difference", "0.5") == 0
    rows = {row["method"]: row for row in csv.DictReader(path.read_text().splitlines())}
    for method, factor in (("dkd", 1.0), ("kd_v1", 0.1)):
        pilot = [factor * value for value in NOISE]
        needed = repetitions_for_power(pilot, 0.5, test_to_training=RATIO, comparisons=2)
        row = rows[method]
        assert row["repetitions"] == str(needed.repetitions or "")
        assert float(row["limit"]) == pytest.approx(needed.limit)
        assert float(row["deviation"]) == pytest.approx(standard_deviation(dict(enumerate(pilot))))
        assert (row["pilot"], row["comparisons"]) == ("5", "2")
    text = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 comparisons cannot reach 80% power at any number of repetitions" in text


def test_hours_are_those_of_the_runs_that_are_added(
    fill: Fill, tmp_path: Path, miniature_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(dkd=NOISE)
    path = tmp_path / "power.csv"
    choice = ("--methods", "dkd", "--seeds", "5", "--output", str(path))
    assert _power(tmp_path, miniature_data, *choice, "--difference", "1.0") == 0
    (row,) = csv.DictReader(path.read_text().splitlines())
    more = int(row["repetitions"]) - 5
    assert more > 0
    # DKD, STUDENT and the teacher took a second each.
    assert float(row["hours"]) == pytest.approx(more * 3 / 3600)
    text = " ".join(capsys.readouterr().out.split())
    assert f"takes {row['repetitions']} repetitions, {more} more than it has" in text


def test_hours_on_measured_devices(
    measurement: Measurement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "SHIPPED", tmp_path / "none")
    write_report(tmp_path / "results" / "speed" / "a.json", measurement)
    entry = {"name": "eurosat_ms_sar", "teacher": "MS", "student": "SAR"}
    settings = {"datasets": [entry], "methods": ["dkd"], "plugins": ["none"], "seeds": 2}
    suite = read_suite("table1", settings)
    summaries = take_inventory(suite, tmp_path / "data")
    store = ResultStore(tmp_path / "results")
    (comparison,) = read_pilot(suite, make_plan(suite, summaries), summaries, store)
    found = hours.HoursOfRepetition(store).of(comparison.runs)
    # Seconds of an epoch on 100 samples, of teacher, STUDENT and DKD; 18,900 and 300 epochs here.
    expected = (18 + 9 + 9.75) * 189 * 300 / 3600
    assert found == {"GPU of a test, bf16, batch 10": pytest.approx(expected)}


def test_comparisons_without_an_answer_say_why(
    fill: Fill, tmp_path: Path, miniature_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(dkd=NOISE, kd_v1=[1.0] * 5, kd_v2=NOISE[:1])
    choice = ("--methods", "dkd", "kd_v1", "kd_v2", "--seeds", "5", "--difference", "5")
    assert _power(tmp_path, miniature_data, *choice) == 0
    text = capsys.readouterr().out
    assert "no spread" in text
    assert "no pilot" in text


@pytest.mark.parametrize(
    ("repetitions", "arguments", "message"),
    [
        (2, ["--difference", "0"], "--difference 0: expected points above 0, up to 100"),
        (2, ["--difference", "nan"], "--difference nan: expected points above 0, up to 100"),
        (1, [], "the results folder has only one repetition of a method beside its baseline"),
        (0, [], "there is no results folder"),
        (2, ["--epochs", "3"], "the results folder has no result of a method"),
        (2, ["--suite", "table3"], "has no row but its baseline"),
        (2, ["--suite", "audit"], "suite audit_smoke is an audit"),
        (2, ["--output", "/proc/power.csv"], "cannot write /proc/power.csv"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    fill: Fill,
    tmp_path: Path,
    miniature_data: Path,
    capsys: pytest.CaptureFixture[str],
    repetitions: int,
    arguments: list[str],
    message: str,
) -> None:
    if repetitions:
        fill(dkd=NOISE[:repetitions])
    methods = ("--methods", "discom_kd" if "table3" in arguments else "dkd")
    assert _power(tmp_path, miniature_data, *methods, "--seeds", "2", *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_suite_without_baseline_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "name: own\nscenario: multi_modal\nmethods: [kd_v1]\nreferences: [teacher]\n"
        "datasets:\n  - {name: tristar}\n"
        "protocol: as_described\n"
    )
    for command in (["power"], ["--until", "1", "--dry-run"]):
        assert main([*command, "--suite", str(path), "--results", str(tmp_path)]) == 2
        assert "suite own has no baseline to compare with" in capsys.readouterr().err
