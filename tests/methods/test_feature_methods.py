"""Students of classification that follow what a teacher computes on the way to its logits."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from core.errors import UserError
from methods import METHODS, Batch, FeatureDistillationMethod, Problem
from methods.registry import load_user_file, make_method, takes_plugins
from methods.rkd import rkd_loss

NAMES = ("fitnet", "rkd", "crd")


@pytest.mark.parametrize("task_weight", [1.0, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_weighted_ce_plus_the_weighted_distillation_term(
    problem: Problem, batch: Batch, name: str, task_weight: float
) -> None:
    learner = make_method(name, {"task_weight": task_weight}).learner(problem, None).eval()
    network = learner.deployments()["SAR"]
    torch.manual_seed(2)
    before = copy.deepcopy(learner)
    loss = learner.loss(batch, 3)
    torch.manual_seed(2)
    student, teacher = network.features(batch.inputs), batch.teacher_features
    distillation = {
        "fitnet": lambda: (
            100 * F.mse_loss(before.criterion.regressor(student.stage_2), teacher["stage_2"])
        ),
        "rkd": lambda: rkd_loss(student.embedding, teacher["embedding"], 25, 50),
        "crd": lambda: (
            0.8
            * before.memory(student.embedding, teacher["embedding"], batch.samples, batch.target)
        ),
    }[name]()
    expected = task_weight * F.cross_entropy(student.logits, batch.target) + distillation
    torch.testing.assert_close(loss, expected)
    assert set(learner.terms) == {"task", "distillation"}
    loss.backward()
    assert all(value.grad is not None for value in learner.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_plug_ins_do_not_apply(name: str) -> None:
    assert not takes_plugins(make_method(name, {}))
    assert takes_plugins(make_method("dkd", {}))


@pytest.mark.parametrize("stage", [1, 3, 4])
def test_fitnet_follows_the_map_that_is_asked_for(
    problem: Problem, batch: Batch, stage: int
) -> None:
    method = make_method("fitnet", {"stage": stage})
    assert method.teacher_needs == (f"stage_{stage}",)  # type: ignore[attr-defined]
    learner = method.learner(problem, None)
    own = learner.deployments()["SAR"].features(batch.inputs)
    hint = {f"stage_{stage}": torch.rand_like(getattr(own, f"stage_{stage}"))}
    given = Batch(batch.inputs, batch.targets, batch.teacher_logits, hint)
    assert learner.loss(given, 0).isfinite()


def test_stages_that_no_encoder_has_and_negatives_that_are_none() -> None:
    with pytest.raises(UserError, match="'stage' is 5, but Input should be 1, 2, 3 or 4"):
        make_method("fitnet", {"stage": 5})
    with pytest.raises(UserError, match="'negatives' is 0"):
        make_method("crd", {"negatives": 0})


def test_crd_takes_two_classes() -> None:
    problem = Problem({"SAR": 2}, 5, seed=1, labels=(3, 3, 3))
    with pytest.raises(UserError, match="the training samples are of one class"):
        make_method("crd", {}).learner(problem, None)


def test_crd_says_where_it_draws_with_replacement(problem: Problem) -> None:
    sentence = "a class has fewer than 7 training samples outside it, so its negatives were drawn"
    for negatives, said in ((6, False), (7, True)):  # of 8 samples, at most 2 of one class
        learner = make_method("crd", {"negatives": negatives}).learner(problem, None)
        assert any(one.startswith(sentence) for one in learner.findings({})) is said
        assert len(learner.findings({})) == said


def test_maps_of_a_teacher_on_several_modalities_are_added(two_modalities: Problem) -> None:
    network = make_method("reference", {}).learner(two_modalities, None).eval().network
    inputs = {"MS": torch.rand(2, 3, 32, 32), "SAR": torch.rand(2, 2, 32, 32)}
    found = network.features(inputs)
    parts = [network.encoders[name].features(images) for name, images in inputs.items()]
    assert torch.equal(found.stage_1, parts[0].stage_1 + parts[1].stage_1)
    assert torch.equal(found.logits, network(inputs))


@pytest.fixture
def example() -> Iterator[str]:
    """The method of the documentation, loaded as a user's file is."""
    load_user_file(Path(__file__).parents[2] / "docs" / "examples" / "my_feature_method.py")
    yield "cosine_embedding"
    METHODS.remove("cosine_embedding")


def test_the_example_of_the_docs_follows_embeddings(
    example: str, problem: Problem, batch: Batch
) -> None:
    method = make_method(example, {"weight": 3.0, "task_weight": 0.0})
    assert isinstance(method, FeatureDistillationMethod)
    assert not takes_plugins(method)
    learner = method.learner(problem, None).eval()
    own = learner.deployments()["SAR"].features(batch.inputs).embedding.detach()
    alike = replace(batch, teacher_features={"embedding": 2 * own})
    opposite = replace(batch, teacher_features={"embedding": -own})
    assert learner.loss(alike, 0).item() == pytest.approx(0, abs=1e-5)
    assert learner.loss(opposite, 0).item() == pytest.approx(6, rel=1e-5)
