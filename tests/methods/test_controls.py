"""Controls: what two networks, and a teacher that knows nothing else, do for STUDENT."""

import numpy as np
import pytest
import torch

from methods import Batch, Problem
from methods.registry import make_method


def test_an_ensemble_trains_two_students_apart_and_averages_their_probabilities(
    problem: Problem, batch: Batch
) -> None:
    learner = make_method("ensemble", {}).learner(problem, None)
    network = learner.deployments()["SAR"]
    members = list(network.members)  # type: ignore[arg-type]
    student = make_method("reference", {}).learner(problem, None)
    loss = student.loss(batch, 0)
    loss.backward()  # type: ignore[no-untyped-call]
    learner.loss(batch, 0).backward()  # type: ignore[no-untyped-call]
    # The first is STUDENT, and the other one leaves no trace in it.
    for own, expected in zip(members[0].parameters(), student.parameters(), strict=True):
        assert torch.equal(own, expected)
        torch.testing.assert_close(own.grad, expected.grad, rtol=1e-5, atol=1e-7)
    assert not torch.equal(members[1].head.weight, members[0].head.weight)
    learner.eval()
    with torch.no_grad():
        found = network(batch.inputs).numpy()
        logits = [member(batch.inputs).double().numpy() for member in members]
    own = [np.exp(values) / np.exp(values).sum(axis=1, keepdims=True) for values in logits]
    np.testing.assert_allclose(np.exp(found), np.mean(own, axis=0), rtol=1e-5)


def test_a_student_that_is_its_own_teacher_starts_elsewhere(problem: Problem) -> None:
    distilled, student = (
        make_method(name, {}).learner(problem, None).deployments()["SAR"]
        for name in ("self_distillation", "reference")
    )
    for key, value in student.state_dict().items():
        if key.endswith("weight") and value.ndim > 1:
            assert not torch.equal(distilled.state_dict()[key], value), key


def test_controls_with_a_teacher_have_the_loss_of_kd_v2(problem: Problem, batch: Batch) -> None:
    weights = make_method("kd_v2", {}).learner(problem, None).state_dict()
    losses = []
    for name in ("kd_v2", "self_distillation", "shuffled_teacher"):
        learner = make_method(name, {}).learner(problem, None).eval()
        learner.load_state_dict(weights)
        losses.append(learner.loss(batch, 0).item())
    assert losses == [losses[0]] * 3


@pytest.mark.parametrize(
    ("name", "changes"),
    [("discom_kd", {}), ("discom_kd", {"modality_targets": "released"}), ("c2kd", {})],
)
def test_a_joint_method_alone_keeps_the_terms_that_need_no_other_modality(
    problem: Problem, batch: Batch, name: str, changes: dict[str, str]
) -> None:
    learner = make_method(name, changes).learner(problem, None)
    loss = learner.loss(batch, 0)
    terms = {term: value.item() for term, value in learner.terms.items()}
    between_modalities = {"discom_kd": ("adversarial", "modality"), "c2kd": ("transfer",)}[name]
    assert [terms.pop(term) for term in between_modalities] == [0.0] * len(between_modalities)
    own = {"discom_kd": ("task", "auxiliary", "orthogonality"), "c2kd": ("task", "mutual")}[name]
    assert sum(terms[term] for term in own) == pytest.approx(loss.item())
    assert learner.findings({term: [value.item()] for term, value in learner.terms.items()}) == ()
    assert set(learner.deployments()) == {"SAR"}
