"""A distilled student's loss: cross-entropy on raw logits and the method's distillation term."""

import pytest
import torch
from torch.nn import functional as F

from methods import Batch, Problem
from methods.ctkd.curriculum import LearnedTemperature
from methods.dkd import dkd_loss
from methods.kd import kd_loss
from methods.lskd import standardize_logits
from methods.mlkd import mlkd_loss
from methods.registry import make_method, make_plugin


@pytest.mark.parametrize("plugin", ["none", "lskd"])
@pytest.mark.parametrize(
    ("name", "task_weight"),
    [("kd_v1", 0.0), ("kd_v2", 0.5), ("dkd", 1.0), ("ctkd", 0.1), ("mlkd", 1.0)],
)
def test_loss_is_weighted_ce_on_raw_logits_plus_the_distillation_term(
    problem: Problem, batch: Batch, name: str, task_weight: float, plugin: str
) -> None:
    epoch = 7
    learner = make_method(name, {}).learner(problem, make_plugin(plugin))
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
    torch.testing.assert_close(learner.terms["distillation"], distillation.detach())
    assert ("task" in learner.terms) == bool(task_weight)
    torch.testing.assert_close(sum(learner.terms.values()), expected.detach())


@pytest.mark.parametrize("divergence", ["kd_loss", "released"])
def test_lskd_may_change_the_logits_of_mlkds_instance_term_alone(
    problem: Problem, batch: Batch, divergence: str
) -> None:
    changes = {"divergence": divergence, "standardization": "instance_term"}
    learner = make_method("mlkd", changes).learner(problem, make_plugin("lskd")).eval()
    ((_, student),) = learner.deployments().items()
    raw, teacher = student(batch.inputs), batch.teacher_logits
    assert teacher is not None

    def instance_term(s: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        terms = []
        for temperature in (2.0, 3.0, 4.0, 5.0, 6.0):
            p, q = torch.softmax(s / temperature, 1), torch.softmax(t / temperature, 1)
            released = (p * (p.log() - q)).mean()
            terms.append(kd_loss(s, t, temperature) if divergence == "kd_loss" else released)
        return torch.stack(terms).sum()

    correlations = mlkd_loss(raw, teacher, divergence=divergence) - instance_term(raw, teacher)
    standardized = instance_term(standardize_logits(raw), standardize_logits(teacher))
    expected = F.cross_entropy(raw, batch.target) + correlations + standardized
    torch.testing.assert_close(learner.loss(batch, 0), expected)
    both = make_method("mlkd", {"divergence": divergence}).learner(problem, make_plugin("lskd"))
    assert not torch.isclose(both.eval().loss(batch, 0), expected)
