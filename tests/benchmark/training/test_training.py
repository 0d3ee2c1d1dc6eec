"""The engine that all methods share: determinism, pairing, selection, failure."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmark.planning.config import read_suite
from benchmark.planning.inventory import take_inventory
from benchmark.planning.plan import PlannedRun, make_plan
from benchmark.records.record import Record
from benchmark.records.spec import RunSpec
from benchmark.records.store import ResultStore
from benchmark.running.worker import Worker
from benchmark.training.loop import TrainingDivergedError
from benchmark.training.order import PAIRED, batch_bounds, draw_epoch
from methods import Batch, Problem, register_network
from methods.contract import CLASSIFICATION
from methods.learners.supervised import SupervisedLearner
from methods.networks.choice import ENCODERS
from methods.networks.classifier import build_classifier
from methods.networks.encoder import Encoder
from methods.registry import METHODS, make_method

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _beside_the_miniature_data(miniature_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs name the data folder relative to the working directory."""
    monkeypatch.chdir(miniature_data)


def _runs(**overrides: Any) -> list[PlannedRun]:
    settings = {"epochs": 2, "batch_size": 32, "precision": "fp32", **overrides.pop("training", {})}
    overrides = {"seeds": 1, "smoke": True, "training": settings, **overrides}
    overrides.setdefault(
        "datasets", [{"name": "tristar", "teacher": "THERMAL", "student": "DEPTH"}]
    )
    suite = read_suite("table1", overrides)
    return list(make_plan(suite, take_inventory(suite, Path())).runs.values())


def _store(folder: Path) -> ResultStore:
    store = ResultStore(folder)
    store.prepare()
    return store


def _execute(folder: Path, runs: list[PlannedRun]) -> list[Record]:
    store = _store(folder)
    worker = Worker(store, CPU, keep_all_weights=True)
    for run in runs:
        worker.execute(run)
    records = [store.lookup(run.key) for run in runs]
    assert all(records)
    return [record for record in records if record]


def _numbers(record: Record) -> dict[str, Any]:
    """All of a record that must not depend on when and where it was made."""
    curves = {"loss_curve", "term_curves", "findings"}
    return record.model_dump(include={"key", "spec", "data", "deployments", "files", *curves})


def test_the_terms_of_a_record_are_means_over_samples(tmp_path: Path) -> None:
    runs = _runs(methods=["kd_v2", "discom_kd"], plugins=["none"], training={"batch_size": 46})
    records = {record.spec.method: record for record in _execute(tmp_path, runs)}
    samples = records["kd_v2"].data.train_samples
    assert samples % 46 == 0  # so that means over samples are those over steps
    assert set(records["kd_v2"].term_curves) == {"task", "distillation"}
    for record in records.values():
        loss_terms = [
            curve
            for name, curve in record.term_curves.items()
            if not name.endswith(("accuracy", "norm"))
        ]
        sums = [sum(values) for values in zip(*loss_terms, strict=True)]
        assert sums == pytest.approx(record.loss_curve, rel=1e-5)
    joint = records["discom_kd"].term_curves
    assert len(joint) == 9
    assert all(0 <= value <= 1 for value in joint["adversary_accuracy"])


def test_a_smaller_last_batch_counts_by_its_samples(tmp_path: Path) -> None:
    (record,) = _execute(
        tmp_path, _runs(methods=["dkd"], plugins=["none"], training={"batch_size": 64})[:1]
    )
    samples = record.data.train_samples
    assert samples % 64 > 1
    # Of the one term of a reference, both means are known: by step and by sample.
    assert record.term_curves["task"] != record.loss_curve
    assert record.term_curves["task"] == pytest.approx(record.loss_curve, rel=0.2)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_same_run_twice_gives_the_same_bits(tmp_path: Path, precision: str) -> None:
    runs = _runs(methods=["mlkd", "discom_kd"], training={"precision": precision})
    first = _execute(tmp_path / "first", runs)
    # In another order (teachers still first), so with other runs before in the same process.
    second = {r.key: r for r in _execute(tmp_path / "second", [*runs[:2], *runs[:1:-1]])}
    for record in first:
        # `files` holds digests of all weights and predictions.
        assert _numbers(record) == _numbers(second[record.key])


@pytest.mark.parametrize("teacher_mode", ["eval", "train"])
def test_students_that_follow_features_share_a_teacher_in_any_order(
    tmp_path: Path, teacher_mode: str
) -> None:
    """One worker keeps a table of embeddings, and CRD draws random numbers: no trace of either."""
    protocol = {"base": "as_described", "teacher_mode": teacher_mode}
    runs = _runs(methods=["kd_v1", "fitnet", "rkd", "crd"], protocol=protocol)
    teacher, *students = (run for run in runs if run.spec.method != "reference" or run is runs[0])
    assert [run.spec.method for run in students] == ["kd_v1", "kd_v1", "fitnet", "rkd", "crd"]
    first = _execute(tmp_path / "first", [teacher, *students])
    second = {r.key: r for r in _execute(tmp_path / "second", [teacher, *students[::-1]])}
    for record in first:
        assert _numbers(record) == _numbers(second[record.key])
    curves = [tuple(record.term_curves.get("distillation", ())) for record in first[2:]]
    assert len(set(curves)) == len(curves)


def test_a_teachers_network_may_compute_with_tensors_while_it_is_built(tmp_path: Path) -> None:
    """As networks with stochastic depth do; its sizes are those of the network that is followed."""
    built = []

    @register_network
    def computed(channels: int) -> Encoder:
        width = torch.linspace(0, 0.25, 3)[1].item()
        built.append(width)
        return Encoder(channels, width=width)

    try:
        runs = _runs(methods=["crd"], plugins=["none"], teacher={"network": "computed"})
        teacher, _, student = runs
        _execute(tmp_path, [teacher])
        built.clear()
        (record,) = _execute(tmp_path, [student])
    finally:
        ENCODERS.remove("computed")
    assert record.spec.teacher == student.spec.teacher
    assert built == [0.125]


def test_each_of_mfhs_controls_follows_its_own_part_of_the_joint_teacher(tmp_path: Path) -> None:
    entries = ["mfh", {"name": "mfh", "removed": "random"}]
    runs = _runs(methods=entries, plugins=["none"], references=[], training={"epochs": 1})
    first = _execute(tmp_path / "first", runs)
    assert [record.spec.method for record in first] == ["reference", "mfh", "mfh"]
    assert set(first[0].deployments) == {"THERMAL", "DEPTH"}
    assert first[1].loss_curve != first[2].loss_curve
    (_, alone) = _execute(tmp_path / "second", [runs[0], runs[2]])
    assert _numbers(alone) == _numbers(first[2])


def test_repetitions_differ_in_split_weights_and_order(tmp_path: Path) -> None:
    runs = _runs(methods=["kd_v1"], plugins=["none"], seeds=2)
    students = [run for run in runs if run.spec.method == "reference"][1::2]
    store = _store(tmp_path)
    worker = Worker(store, CPU)
    for run in students:
        worker.execute(run)
    test_samples = [store.read_predictions(run.key)["indices"].tolist() for run in students]
    assert test_samples[0] != test_samples[1]
    orders = [draw_epoch(repetition, 0, 50, PAIRED, True, CPU) for repetition in (0, 1)]
    assert not torch.equal(orders[0].positions, orders[1].positions)


def test_equal_networks_of_a_repetition_start_equal_whatever_the_method() -> None:
    problem = Problem({"DEPTH": 1}, 6, seed=5, labels=range(6))
    student = build_classifier({"DEPTH": 1}, 6, seed=5).state_dict()
    for name in METHODS:
        method = METHODS.get(name)
        if method.encoders_per_modality > 1 or CLASSIFICATION not in method.tasks:
            continue
        if method.own_teacher:  # STUDENT itself, from whose weights it must not start
            continue
        ((_, network),) = make_method(name, {}).learner(problem, None).deployments().items()
        for key, value in network.state_dict().items():
            assert torch.equal(value, student[key]), (name, key)
    joint = make_method("discom_kd", {}).learner(Problem({"RGB": 3, "DEPTH": 1}, 6, 5), None)
    alone = make_method("student_x2", {}).learner(problem, None)
    branch = alone.deployments()["DEPTH"].state_dict()
    for key, value in joint.deployments()["DEPTH"].state_dict().items():
        assert torch.equal(value, branch[key]), key
    other = build_classifier({"DEPTH": 1}, 6, seed=6).state_dict()
    assert not torch.equal(other["head.weight"], student["head.weight"])


def test_building_a_network_leaves_the_global_random_state_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    build_classifier({"DEPTH": 1}, 6, seed=5)
    assert torch.equal(torch.rand(3), expected)


def test_order_is_the_same_with_and_without_augmentation() -> None:
    plain, augmented = (draw_epoch(0, 3, 100, PAIRED, augment, CPU) for augment in (False, True))
    assert torch.equal(plain.positions, augmented.positions)
    assert not plain.views.any()
    assert augmented.views.any()
    assert sorted(plain.positions.tolist()) == list(range(100))


@pytest.mark.parametrize(
    ("samples", "size", "bounds"),
    [
        (10, 5, [(0, 5), (5, 10)]),
        (12, 5, [(0, 5), (5, 10), (10, 12)]),
        (11, 5, [(0, 5), (5, 10)]),
        (3, 5, [(0, 3)]),
    ],
)
def test_batches(samples: int, size: int, bounds: list[tuple[int, int]]) -> None:
    assert batch_bounds(samples, size) == bounds


def test_the_selected_checkpoint_is_the_first_best_on_validation(tmp_path: Path) -> None:
    runs = _runs(methods=["discom_kd"], training={"epochs": 5, "learning_rate": 1e-3})
    (record,) = _execute(tmp_path, [run for run in runs if run.spec.method == "discom_kd"])
    assert set(record.deployments) == {"THERMAL", "DEPTH"}
    for result in record.deployments.values():
        curve = result.validation_curve
        assert len(curve) == len(record.loss_curve) == 5
        assert result.selected.epoch == curve.index(max(curve))
        assert result.selected.validation.weighted_f1 == max(curve)
        assert (result.last.epoch, result.last.validation.weighted_f1) == (4, curve[-1])
    stored = _store(tmp_path).read_predictions(record.key)
    confusion = record.deployments["DEPTH"].selected.test.confusion
    assert sum(map(sum, confusion)) == len(stored["indices"]) == record.data.test_samples
    hits = (stored["DEPTH"] == stored["targets"]).sum()
    assert hits == sum(confusion[i][i] for i in range(6))


def test_parts_are_scored_at_the_checkpoints_of_the_whole(tmp_path: Path) -> None:
    """The stored weights, with the auxiliary head of the same epoch, give the stored scores."""
    runs = _runs(methods=["discom_kd"], training={"epochs": 4, "learning_rate": 1e-3})
    (run,) = [run for run in runs if run.spec.method == "discom_kd"]
    (record,) = _execute(tmp_path, [run])
    epochs = {name: result.selected.epoch for name, result in record.deployments.items()}
    for name, result in record.deployments.items():
        assert set(result.probes) == {"only_inv", "only_inf"}
        for probe, scored in result.probes.items():
            assert (scored.selected.epoch, scored.last.epoch) == (epochs[name], 3)
            stored = _store(tmp_path).read_predictions(record.key)
            hits = (stored[f"{name}.{probe}"] == stored["targets"]).sum()
            confusion = scored.selected.test.confusion
            assert hits == sum(confusion[i][i] for i in range(6))
    # Stopping at an epoch makes it the last one, whose parts must score as the selected ones did.
    for name, epoch in epochs.items():
        settings = run.spec.model_dump()
        settings["training"]["epochs"] = epoch + 1
        shorter = RunSpec.model_validate(settings)
        (stopped,) = _execute(tmp_path / name, [replace(run, spec=shorter)])
        for probe, scored in record.deployments[name].probes.items():
            last = stopped.deployments[name].probes[probe].last
            assert last.test == scored.selected.test
            assert last.validation == scored.selected.validation


@pytest.mark.slow
def test_training_learns_what_the_modality_shows(tmp_path: Path) -> None:
    runs = _runs(methods=["kd_v2"], training={"epochs": 25, "learning_rate": 1e-3})
    teacher, student, distilled, *_ = _execute(tmp_path, runs[:3])
    chance = 1 / 6

    def score(record: Record) -> float:
        ((_, result),) = record.deployments.items()
        return result.selected.test.weighted_f1

    assert score(teacher) > 0.6  # sees both factors
    assert 2 * chance - 0.1 < score(student) < 0.75  # sees the shared factor alone
    assert score(distilled) > 2 * chance - 0.1


def test_a_diverging_run_fails_with_epoch_and_step_and_leaves_nothing(tmp_path: Path) -> None:
    run = _runs(methods=["kd_v1"], training={"learning_rate": 1e30})[0]
    store = _store(tmp_path)
    with pytest.raises(TrainingDivergedError, match=r"in epoch \d+, step \d+ of \d+"):
        Worker(store, CPU).execute(run)
    assert store.lookup(run.key) is None
    assert not list((tmp_path / "runs").iterdir())


def test_weight_decay_in_classification_shrinks_weights_and_zero_of_it_is_adam(
    tmp_path: Path,
) -> None:
    norms, losses = {}, {}
    for decay in (None, 0.0, 1000.0):
        settings = {"epochs": 1, "batch_size": 64, "weight_decay": decay}
        (record,) = _execute(tmp_path / str(decay), _runs(methods=["kd_v1"], training=settings)[:1])
        content = io.BytesIO(_store(tmp_path / str(decay)).read_weights(record.key))
        ((_, weights),) = torch.load(content, weights_only=True).items()
        norms[decay] = sum(w.norm().item() for w in weights.values() if w.dim() == 4)
        losses[decay] = record.loss_curve
    assert losses[0.0] == pytest.approx(losses[None], rel=1e-4)
    assert norms[0.0] == pytest.approx(norms[None], rel=1e-4)
    assert norms[1000.0] < 0.9 * norms[0.0]


def test_data_that_changed_after_planning_is_refused(tmp_path: Path) -> None:
    run = _runs(methods=["kd_v1"])[0]
    spec = run.spec.model_copy(
        update={"data": run.spec.data.model_copy(update={"fingerprint": "0" * 20})}
    )
    with pytest.raises(RuntimeError, match="has changed since the plan was made"):
        Worker(_store(tmp_path), CPU).execute(replace(run, spec=spec))


@pytest.mark.parametrize("protocol_switch", ["teacher_mode", "reference_augmentation"])
def test_engine_switches_change_the_numbers(tmp_path: Path, protocol_switch: str) -> None:
    value = {"teacher_mode": "train", "reference_augmentation": "none"}[protocol_switch]
    described = _runs(methods=["kd_v1"], plugins=["none"])
    switched = _runs(
        methods=["kd_v1"],
        plugins=["none"],
        protocol={"base": "as_described", protocol_switch: value},
    )
    before = _execute(tmp_path / "described", described)[-1]
    after = _execute(tmp_path / "switched", switched)[-1]
    assert before.loss_curve != after.loss_curve


def test_a_loss_must_note_the_same_terms_in_every_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = SupervisedLearner.loss

    def loss(self: SupervisedLearner, batch: Batch, epoch: int) -> torch.Tensor:
        if epoch == 1:
            self.note(late=torch.zeros(()))
        return plain(self, batch, epoch)

    monkeypatch.setattr(SupervisedLearner, "loss", loss)
    with pytest.raises(ValueError, match="noted more terms in one batch than in another"):
        _execute(tmp_path, _runs(methods=["dkd"], plugins=["none"])[:1])
