"""DisCoM-KD: what it deploys, the terms of its loss, and which way its adversary pulls."""

import math

import pytest
import torch

from methods import Batch, Problem
from methods.discom_kd import orthogonality_loss
from methods.discom_kd.loss import uniform_adversary_loss
from methods.registry import make_method


def test_orthogonality_is_signed() -> None:
    ones = torch.ones(2, 4)
    assert orthogonality_loss(ones, ones, ones).item() == pytest.approx(2)
    assert orthogonality_loss(-ones, ones, -ones).item() == pytest.approx(-2)


def test_discom_deploys_one_model_per_modality_that_reads_its_own_alone(
    two_modalities: Problem, unpaired: Batch
) -> None:
    learner = make_method("discom_kd", {}).learner(two_modalities, None).eval()
    for name, network in learner.deployments().items():
        assert network.modalities == (name,)
        assert network({name: unpaired.inputs[name]}).shape == (6, 5)


def test_discom_weights_remove_terms(two_modalities: Problem, unpaired: Batch) -> None:
    parts = ("adversarial", "modality", "auxiliary", "orthogonality")

    def loss(**weights: float) -> float:
        learner = make_method("discom_kd", weights).learner(two_modalities, None).eval()
        return learner.loss(unpaired, 0).item()

    full = loss()
    without = {part: loss(**{f"{part}_weight": 0.0}) for part in parts}
    task = loss(**{f"{part}_weight": 0.0 for part in parts})
    assert task + sum(full - value for value in without.values()) == pytest.approx(full, rel=1e-4)
    assert len({round(value, 6) for value in without.values()}) == 4


def test_discom_adversary_reverses_the_gradient_of_the_encoder_not_of_the_classifier(
    two_modalities: Problem, unpaired: Batch
) -> None:
    others = {f"{part}_weight": 0.0 for part in ("modality", "auxiliary", "orthogonality")}

    def gradients(weight: float) -> tuple[torch.Tensor, torch.Tensor]:
        learner = make_method("discom_kd", {**others, "adversarial_weight": weight})
        built = learner.learner(two_modalities, None).eval()
        built.loss(unpaired, 0).backward()
        named = dict(built.named_parameters())
        projection = named["branches.SAR.projection.0.weight"].grad
        classifier = named["modality_adversary.weight"].grad
        assert projection is not None
        assert classifier is not None
        return projection, classifier

    encoder_without, _ = gradients(0.0)
    encoder_with, classifier = gradients(1.0)
    built = make_method("discom_kd", {}).learner(two_modalities, None).eval()
    step = {name: value.detach().clone() for name, value in built.state_dict().items()}

    def adversarial_loss(projection_shift: float, classifier_shift: float) -> float:
        shifted = dict(step)
        key = "branches.SAR.projection.0.weight"
        shifted[key] = step[key] + projection_shift * (encoder_with - encoder_without)
        shifted["modality_adversary.weight"] = (
            step["modality_adversary.weight"] + classifier_shift * classifier
        )
        with_term = make_method("discom_kd", others).learner(two_modalities, None).eval()
        without_term = make_method("discom_kd", {**others, "adversarial_weight": 0.0})
        plain = without_term.learner(two_modalities, None).eval()
        with_term.load_state_dict(shifted)
        plain.load_state_dict(shifted)
        return with_term.loss(unpaired, 0).item() - plain.loss(unpaired, 0).item()

    start = adversarial_loss(0, 0)
    # A step against its gradient makes the classifier better and the embedding harder to classify.
    assert adversarial_loss(0, -0.1) < start
    assert adversarial_loss(-0.1, 0) > start


@pytest.fixture
def three_modalities() -> tuple[Problem, Batch]:
    torch.manual_seed(5)
    problem = Problem({"RGB": 3, "THERMAL": 1, "DEPTH": 1}, 4, 0)
    inputs = {name: torch.rand(4, count, 16, 16) for name, count in problem.channels.items()}
    return problem, Batch(inputs, {name: torch.arange(4) for name in inputs})


def test_discom_tells_three_modalities_apart(three_modalities: tuple[Problem, Batch]) -> None:
    problem, batch = three_modalities
    learner = make_method("discom_kd", {}).learner(problem, None).eval()
    with torch.no_grad():
        learner.modality_adversary.weight.zero_()
        learner.modality_adversary.bias.copy_(torch.tensor([2.0, 0.0, 0.0]))  # "RGB", always
    learner.loss(batch, 0)
    log_sum = math.log(math.exp(2) + 2)
    assert learner.terms["adversarial"].item() == pytest.approx(3 * log_sum - 2, rel=1e-5)
    assert learner.terms["adversary_accuracy"].item() == pytest.approx(1 / 3)
    assert set(learner.deployments()) == {"RGB", "THERMAL", "DEPTH"}


def test_discom_costs_each_modality_the_same(three_modalities: tuple[Problem, Batch]) -> None:
    problem, batch = three_modalities

    def passes(*names: str) -> int:
        some = Problem({name: problem.channels[name] for name in names}, 4, 0)
        learner = make_method("discom_kd", {}).learner(some, None)
        calls: list[object] = []
        for module in learner.modules():
            if not list(module.children()):
                module.register_forward_hook(lambda *given: calls.append(given))
        learner.loss(batch, 0)
        return len(calls)

    assert passes("RGB", "THERMAL") / 2 == passes("RGB", "THERMAL", "DEPTH") / 3


def test_discom_uniform_adversary_has_a_value_that_hides_the_modality() -> None:
    torch.manual_seed(1)
    adversary = torch.nn.Linear(5, 3)
    z_inv = torch.randn(4, 5, requires_grad=True)
    loss = uniform_adversary_loss(z_inv, adversary, 1)
    probabilities = adversary(z_inv).softmax(1).detach()
    told, uniform = probabilities[:, 1].log(), probabilities.log().mean(1)
    assert loss.item() == pytest.approx(-(told + uniform).mean().item(), rel=1e-6)
    loss.backward()
    # The embedding gets the gradient of the second part alone, the adversary of the first alone.
    own = (probabilities - 1 / 3) @ adversary.weight.detach() / 4
    torch.testing.assert_close(z_inv.grad, own)
    error = probabilities - torch.tensor([0.0, 1.0, 0.0])
    torch.testing.assert_close(adversary.bias.grad, error.mean(0))


def test_discom_with_a_uniform_adversary_cannot_win_by_fooling_it(
    three_modalities: tuple[Problem, Batch],
) -> None:
    problem, batch = three_modalities
    learner = make_method("discom_kd", {"adversary": "uniform"}).learner(problem, None)
    loss = learner.loss(batch, 0)
    parts = ("task", "adversarial", "modality", "auxiliary", "orthogonality")
    assert sum(learner.terms[part].item() for part in parts) == pytest.approx(loss.item())
    assert learner.terms["adversarial"].item() >= 3 * math.log(3)
    assert not learner.findings({"adversary_accuracy": [0.0]})


def test_discom_notes_its_terms_and_how_often_its_classifiers_are_right(
    two_modalities: Problem, unpaired: Batch
) -> None:
    learner = make_method("discom_kd", {"adversarial_weight": 2.0}).learner(two_modalities, None)
    with torch.no_grad():
        for classifier in (learner.modality_adversary, learner.modality_of_inf):
            classifier.weight.zero_()
            classifier.bias.copy_(torch.tensor([1.0, 0.0]))  # "the first modality", always
    loss = learner.eval().loss(unpaired, 0)
    terms = {name: value.item() for name, value in learner.terms.items()}
    parts = ("task", "adversarial", "modality", "auxiliary", "orthogonality")
    assert sum(terms[part] for part in parts) == pytest.approx(loss.item(), rel=1e-5)
    chosen, other = math.log(1 + math.exp(-1)), math.log(1 + math.exp(1))
    assert terms["adversarial"] == pytest.approx(2 * (chosen + other), rel=1e-5)
    assert terms["adversary_accuracy"] == terms["modality_of_inf_accuracy"] == 0.5
    norms = [
        branch.embed(unpaired.inputs[name]).inv.norm(dim=1).mean().item()
        for name, branch in learner.branches.items()
    ]
    assert terms["z_inv_norm"] == pytest.approx(sum(norms) / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("accuracies", "targets", "found"),
    [
        ([0.5, 0.5, 0.5], "class_index", False),
        ([0.4], "class_index", False),
        ([0.5, 0.5, 0.5, 0.02, 0.01, 0.0, 0.0, 0.0], "class_index", True),
        ([0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5], "class_index", False),  # it recovered
        ([0.0], "released", False),
    ],
)
def test_discom_finds_an_adversary_that_lost(
    two_modalities: Problem, accuracies: list[float], targets: str, found: bool
) -> None:
    learner = make_method("discom_kd", {"modality_targets": targets}).learner(two_modalities, None)
    findings = learner.findings({"adversary_accuracy": accuracies})
    assert bool(findings) is found
    assert all("far below the chance level of 0.50" in sentence for sentence in findings)
