"""What each method does beyond its reference values: weights, schedules, plug-ins, gradients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from core.errors import UserError
from methods import METHODS, PLUGINS, Batch, DistillationMethod, Problem
from methods.ctkd import CTKD, gradient_factor
from methods.discom_kd import orthogonality_loss
from methods.dkd import DKD, dkd_loss
from methods.gradient import scale_gradient
from methods.kd import kd_loss
from methods.learners.ctkd import LearnedTemperature
from methods.lskd import standardize_logits
from methods.mlkd import mlkd_loss
from methods.registry import load_user_file, make_method, make_plugin, source_digest

DISTILLATION = ["kd_v1", "kd_v2", "dkd", "ctkd", "mlkd"]
PROBLEM = Problem({"SAR": 2}, 5, seed=1)


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    return Batch(
        inputs={"SAR": torch.rand(6, 2, 16, 16)},
        targets={"SAR": torch.tensor([0, 1, 2, 3, 4, 0])},
        teacher_logits=3 * torch.randn(6, 5),
    )


@pytest.mark.parametrize("plugin", ["none", "lskd"])
@pytest.mark.parametrize(
    ("name", "task_weight"),
    [("kd_v1", 0.0), ("kd_v2", 0.5), ("dkd", 1.0), ("ctkd", 0.1), ("mlkd", 1.0)],
)
def test_loss_is_weighted_ce_on_raw_logits_plus_the_distillation_term(
    batch: Batch, name: str, task_weight: float, plugin: str
) -> None:
    epoch = 7
    learner = make_method(name, {}).learner(PROBLEM, make_plugin(plugin))
    learner.eval()
    ((_, student),) = learner.deployments().items()
    raw = student(batch.inputs)
    assert batch.teacher_logits is not None
    s, t = raw, batch.teacher_logits
    if plugin == "lskd":
        s, t = standardize_logits(s), standardize_logits(t)
    distillation = {
        "kd_v1": lambda: kd_loss(s, t, 4.0),
        "kd_v2": lambda: 0.5 * kd_loss(s, t, 4.0),
        "dkd": lambda: epoch / 20 * dkd_loss(s, t, batch.target, 1.0, 8.0, 4.0),
        "ctkd": lambda: 0.9 * kd_loss(s, t, LearnedTemperature()(0.0)),
        "mlkd": lambda: mlkd_loss(s, t, (2, 3, 4, 5, 6)),
    }[name]()
    expected = task_weight * F.cross_entropy(raw, batch.target) + distillation
    torch.testing.assert_close(learner.loss(batch, epoch), expected)


@pytest.mark.parametrize(("epoch", "factor"), [(0, 0.0), (5, 0.25), (20, 1.0), (200, 1.0)])
def test_dkd_warms_up_over_twenty_epochs(epoch: int, factor: float) -> None:
    torch.manual_seed(0)
    student, teacher, target = torch.randn(4, 5), torch.randn(4, 5), torch.tensor([0, 1, 2, 3])
    loss = DKD().distillation_loss(student, teacher, target, epoch)
    torch.testing.assert_close(loss, factor * dkd_loss(student, teacher, target))


def test_dkd_does_not_depend_on_the_order_of_classes() -> None:
    torch.manual_seed(1)
    student, teacher, target = torch.randn(8, 6), torch.randn(8, 6), torch.arange(8) % 6
    order = torch.randperm(6)
    moved = torch.argsort(order)[target]
    torch.testing.assert_close(
        dkd_loss(student[:, order], teacher[:, order], moved), dkd_loss(student, teacher, target)
    )


@pytest.mark.parametrize("loss", [kd_loss, mlkd_loss])
def test_a_student_equal_to_its_teacher_has_no_loss_and_no_gradient(loss) -> None:  # noqa: ANN001
    torch.manual_seed(2)
    teacher = torch.randn(4, 5, dtype=torch.float64)
    student = teacher.clone().requires_grad_()
    value = loss(student, teacher)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert student.grad is not None
    assert student.grad.abs().max() < 1e-12


def test_ctkd_moves_its_temperature_against_the_student() -> None:
    torch.manual_seed(3)
    student, teacher, target = torch.randn(4, 5), torch.randn(4, 5), torch.arange(4)
    gradients = {}
    for epoch in (0, 5, 10, 50):
        criterion = CTKD().criterion()
        criterion(student, teacher, target, epoch).backward()
        ((_, theta),) = criterion.named_parameters()
        gradients[epoch] = float(theta.grad)
    plain = LearnedTemperature()
    (0.9 * kd_loss(student, teacher, plain(1.0))).backward()
    assert plain.theta.grad is not None
    for epoch, gradient in gradients.items():
        assert gradient == pytest.approx(gradient_factor(epoch) * float(plain.theta.grad), rel=1e-5)
    assert gradients[0] == 0
    assert gradients[10] == gradients[50] == pytest.approx(-float(plain.theta.grad))


def test_ctkd_temperature_is_trained_with_the_student() -> None:
    learner = make_method("ctkd", {}).learner(PROBLEM, None)
    names = [name for name, _ in learner.named_parameters()]
    assert "criterion.temperature.theta" in names


def test_gradient_scaling_is_the_identity_forward() -> None:
    values = torch.randn(3, requires_grad=True)
    scaled = scale_gradient(values, -0.5)
    assert torch.equal(scaled, values)
    scaled.sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [-0.5] * 3


def test_standardized_logits_have_mean_0_and_sample_deviation_1() -> None:
    logits = 5 * torch.randn(7, 9, dtype=torch.float64) + 3
    standardized = standardize_logits(logits)
    torch.testing.assert_close(standardized.mean(1), torch.zeros(7, dtype=torch.float64))
    torch.testing.assert_close(standardized.std(1), torch.ones(7, dtype=torch.float64))


def test_orthogonality_is_signed() -> None:
    ones = torch.ones(2, 4)
    assert orthogonality_loss(ones, ones, ones).item() == pytest.approx(2)
    assert orthogonality_loss(-ones, ones, -ones).item() == pytest.approx(-2)


@pytest.fixture
def unpaired() -> Batch:
    torch.manual_seed(4)
    return Batch(
        inputs={"MS": torch.rand(6, 3, 16, 16), "SAR": torch.rand(6, 2, 16, 16)},
        targets={"MS": torch.tensor([0, 1, 2, 3, 4, 0]), "SAR": torch.tensor([4, 4, 1, 0, 2, 3])},
    )


def test_discom_deploys_one_model_per_modality_that_reads_its_own_alone(unpaired: Batch) -> None:
    learner = make_method("discom_kd", {}).learner(Problem({"MS": 3, "SAR": 2}, 5, 0), None).eval()
    for name, network in learner.deployments().items():
        assert network.modalities == (name,)
        assert network({name: unpaired.inputs[name]}).shape == (6, 5)


def test_discom_weights_remove_terms(unpaired: Batch) -> None:
    problem = Problem({"MS": 3, "SAR": 2}, 5, 0)
    parts = ("adversarial", "modality", "auxiliary", "orthogonality")

    def loss(**weights: float) -> float:
        learner = make_method("discom_kd", weights).learner(problem, None).eval()
        return learner.loss(unpaired, 0).item()

    full = loss()
    without = {part: loss(**{f"{part}_weight": 0.0}) for part in parts}
    task = loss(**{f"{part}_weight": 0.0 for part in parts})
    assert task + sum(full - value for value in without.values()) == pytest.approx(full, rel=1e-4)
    assert len({round(value, 6) for value in without.values()}) == 4


def test_discom_adversary_reverses_the_gradient_of_the_encoder_not_of_the_classifier(
    unpaired: Batch,
) -> None:
    problem = Problem({"MS": 3, "SAR": 2}, 5, 0)
    others = {f"{part}_weight": 0.0 for part in ("modality", "auxiliary", "orthogonality")}

    def gradients(weight: float) -> tuple[torch.Tensor, torch.Tensor]:
        learner = make_method("discom_kd", {**others, "adversarial_weight": weight})
        built = learner.learner(problem, None).eval()
        built.loss(unpaired, 0).backward()
        named = dict(built.named_parameters())
        projection = named["branches.SAR.projection.0.weight"].grad
        classifier = named["modality_adversary.weight"].grad
        assert projection is not None
        assert classifier is not None
        return projection, classifier

    encoder_without, _ = gradients(0.0)
    encoder_with, classifier = gradients(1.0)
    built = make_method("discom_kd", {}).learner(problem, None).eval()
    step = {name: value.detach().clone() for name, value in built.state_dict().items()}

    def adversarial_loss(projection_shift: float, classifier_shift: float) -> float:
        shifted = dict(step)
        key = "branches.SAR.projection.0.weight"
        shifted[key] = step[key] + projection_shift * (encoder_with - encoder_without)
        shifted["modality_adversary.weight"] = (
            step["modality_adversary.weight"] + classifier_shift * classifier
        )
        with_term = make_method("discom_kd", others).learner(problem, None).eval()
        without_term = make_method("discom_kd", {**others, "adversarial_weight": 0.0})
        plain = without_term.learner(problem, None).eval()
        with_term.load_state_dict(shifted)
        plain.load_state_dict(shifted)
        return with_term.loss(unpaired, 0).item() - plain.loss(unpaired, 0).item()

    start = adversarial_loss(0, 0)
    # A step against its gradient makes the classifier better and the embedding harder to classify.
    assert adversarial_loss(0, -0.1) < start
    assert adversarial_loss(-0.1, 0) > start


def test_discom_takes_three_modalities() -> None:
    problem = Problem({"RGB": 3, "THERMAL": 1, "DEPTH": 1}, 4, 0)
    learner = make_method("discom_kd", {}).learner(problem, None)
    batch = Batch(
        {name: torch.rand(4, channels, 16, 16) for name, channels in problem.channels.items()},
        {name: torch.arange(4) for name in problem.channels},
    )
    assert learner.loss(batch, 0).isfinite()
    assert set(learner.deployments()) == {"RGB", "THERMAL", "DEPTH"}


def test_hyperparameters_of_the_wrong_type_are_refused() -> None:
    with pytest.raises(UserError, match="hyper-parameter 'beta' is 'high'"):
        make_method("dkd", {"beta": "high"})
    with pytest.raises(UserError, match="'divergence' is 'kl'"):
        make_method("mlkd", {"divergence": "kl"})


@pytest.fixture
def user_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "own.py"
    yield path
    METHODS.remove("own_kd")
    PLUGINS.remove("own_plugin")


OWN = """
from methods import DistillationMethod, register_method

@register_method
class OwnKD(DistillationMethod):
    name = "own_kd"
    label = "OwnKD"
    strength: float = 2.0

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        return self.strength * (student_logits - teacher_logits).square().mean()
"""


def test_a_users_file_registers_a_method_with_hyperparameters(
    user_file: Path, batch: Batch
) -> None:
    user_file.write_text(OWN)
    load_user_file(user_file)
    method = make_method("own_kd", {"strength": 0.0, "task_weight": 0.0})
    assert isinstance(method, DistillationMethod)
    assert method.learner(PROBLEM, None).loss(batch, 0).item() == 0


def test_an_edited_method_has_another_digest_and_a_reformatted_one_has_not(user_file: Path) -> None:
    digests = []
    for text in (OWN, OWN.replace("= 2.0", "= 3.0"), OWN + "\n# a comment\n"):
        METHODS.remove("own_kd")
        user_file.write_text(text)
        load_user_file(user_file)
        digests.append(source_digest("own_kd"))
    assert digests[0] == digests[2] != digests[1]
    assert source_digest("dkd") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(", "not valid Python"),
        ("x = 1", "registers nothing"),
        ("1 / 0", "ZeroDivisionError"),
        (OWN.replace('"own_kd"', '"dkd"'), "'dkd' is already registered"),
        (OWN.replace('    label = "OwnKD"\n', ""), "no attribute 'label'"),
    ],
)
def test_users_files_that_cannot_be_used(user_file: Path, text: str, message: str) -> None:
    user_file.write_text(text)
    with pytest.raises(UserError, match=message):
        load_user_file(user_file)
