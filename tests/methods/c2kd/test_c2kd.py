"""C2KD: which samples modalities learn from, what they learn, and in which direction."""

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau

from methods import Batch, Problem
from methods.c2kd import kendall_correlation, non_target_loss
from methods.registry import make_method

RANDOM = np.random.default_rng(8)
ONE = RANDOM.normal(0, 2, (12, 6))
OTHER = RANDOM.normal(0, 2, (12, 6))
TARGET = RANDOM.integers(0, 6, 12)


def test_rank_correlation_is_kendalls_with_ties_and_without() -> None:
    tied = np.round(ONE)
    for one in (ONE, tied):
        expected = [kendalltau(a, b)[0] for a, b in zip(one, np.round(OTHER), strict=True)]
        found = kendall_correlation(torch.from_numpy(one), torch.from_numpy(np.round(OTHER)))
        np.testing.assert_allclose(found.numpy(), expected)
    constant = torch.ones(1, 4)
    assert kendall_correlation(constant, torch.arange(4.0)[None]).isnan().all()


def test_the_target_class_and_samples_that_are_not_chosen_play_no_part() -> None:
    chosen = np.arange(12) % 3 != 0
    expected = 0.0
    for i in np.flatnonzero(chosen):
        p, q = (np.exp(np.where(np.arange(6) == TARGET[i], 0, x[i])) for x in (ONE, OTHER))
        p, q = p / p.sum(), q / q.sum()
        expected += float((q * np.log(q / p)).sum()) / 12
    student = torch.from_numpy(ONE).requires_grad_()
    teacher, target = torch.from_numpy(OTHER), torch.from_numpy(TARGET)
    mask = torch.from_numpy(chosen)
    loss = non_target_loss(student, teacher, target, mask)
    assert loss.item() == pytest.approx(expected, rel=1e-9)
    assert torch.autograd.gradcheck(
        lambda logits: non_target_loss(logits, teacher, target, mask), student, atol=1e-7, rtol=1e-6
    )
    loss.backward()
    assert student.grad is not None
    assert not student.grad[~mask].any()
    assert not student.grad.gather(1, target[:, None]).any()


@pytest.fixture
def paired() -> Batch:
    torch.manual_seed(4)
    target = torch.tensor([0, 1, 2, 3, 4, 0])
    return Batch(
        inputs={"MS": torch.rand(6, 3, 16, 16), "SAR": torch.rand(6, 2, 16, 16)},
        targets={"MS": target, "SAR": target},
    )


def test_the_loss_is_the_sum_of_what_it_notes(two_modalities: Problem, paired: Batch) -> None:
    learner = make_method("c2kd", {}).learner(two_modalities, None)
    loss = learner.loss(paired, 0)
    terms = dict(learner.terms)
    assert 0 < terms.pop("chosen_share") < 1
    assert set(terms) == {"task", "mutual", "transfer"}
    torch.testing.assert_close(sum(terms.values()), loss.detach())


def test_modalities_learn_from_each_other_through_proxies_alone(
    two_modalities: Problem, paired: Batch
) -> None:
    """Where no sample is chosen, each modality's gradients do not depend on the other's images."""

    def gradients(images: torch.Tensor, threshold: float) -> list[torch.Tensor]:
        method = make_method("c2kd", {"threshold": threshold})
        learner = method.learner(two_modalities, None).eval()
        inputs = {"MS": images, "SAR": paired.inputs["SAR"]}
        learner.loss(Batch(inputs, paired.targets), 0).backward()
        named = learner.named_parameters()
        return [p.grad for name, p in named if ".SAR." in name and p.grad is not None]

    first, second = paired.inputs["MS"], paired.inputs["MS"].flip(0)
    for one, other in zip(gradients(first, 1.0), gradients(second, 1.0), strict=True):
        assert torch.equal(one, other)
    changed = zip(gradients(first, -2.0), gradients(second, -2.0), strict=True)
    assert any(not torch.equal(one, other) for one, other in changed)


def test_it_deploys_a_student_per_modality(two_modalities: Problem, paired: Batch) -> None:
    learner = make_method("c2kd", {}).learner(two_modalities, None).eval()
    deployments = learner.deployments()
    assert list(deployments) == ["MS", "SAR"]
    for name, network in deployments.items():
        alone = Problem({name: two_modalities.channels[name]}, 5, two_modalities.seed)
        ((_, student),) = make_method("reference", {}).learner(alone, None).deployments().items()
        inputs = {name: paired.inputs[name]}
        assert torch.equal(network(inputs), student.eval()(inputs))


def test_three_modalities_learn_from_each_other() -> None:
    torch.manual_seed(0)
    problem = Problem({"A": 1, "B": 2, "C": 1}, 4, seed=0)
    target = torch.tensor([0, 1, 2, 3])
    inputs = {name: torch.rand(4, c, 16, 16) for name, c in problem.channels.items()}
    learner = make_method("c2kd", {"threshold": -2.0}).learner(problem, None)
    learner.loss(Batch(inputs, dict.fromkeys(inputs, target)), 0).backward()
    assert learner.terms["chosen_share"] == 1
    assert all(p.grad is not None and p.grad.isfinite().all() for p in learner.parameters())
