"""Masked generative distillation: its generator, its mask, and what its weight is for."""

from dataclasses import replace

import pytest
import torch

from methods import Batch, Problem
from methods.masked_generative.criterion import MaskedGenerator
from methods.networks.properties import count_parameters
from methods.registry import make_method


def test_generators_have_as_many_parameters_as_the_papers() -> None:
    with torch.device("meta"):
        assert 2 * count_parameters(MaskedGenerator(2048, 0.75)) == 151_003_136  # printed as 150M


def test_the_mask_has_one_value_per_position_and_is_drawn_anew_from_the_global_stream() -> None:
    generator = MaskedGenerator(4, 0.75)
    seen: list[torch.Tensor] = []
    generator.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    features = torch.full((5, 4, 40, 50), 2.0)
    for seed in (1, 2, 1):
        torch.manual_seed(seed)
        generator(features)
    for masked in seen:
        assert set(masked.unique().tolist()) == {0.0, 2.0}
        assert torch.equal(masked, masked[:, :1].expand_as(masked))
        assert (masked == 0).float().mean().item() == pytest.approx(0.75, abs=0.02)
        assert not torch.equal(masked[0], masked[1])
    assert torch.equal(seen[0], seen[2])
    assert not torch.equal(seen[0], seen[1])


def _generation(problem: Problem, batch: Batch, **changes: object) -> float:
    learner = make_method("masked_generative", changes).learner(problem, None).eval()
    torch.manual_seed(3)
    learner.loss(batch, 0)
    return learner.terms["generation"].item()


def test_the_term_is_alpha_times_the_squares_by_samples(
    segmentation: Problem, pixels: Batch
) -> None:
    learner = make_method("masked_generative", {}).learner(segmentation, None).eval()
    torch.manual_seed(3)
    kept = torch.rand(3, 1, 2, 2) <= 0.25
    encoded = learner.student.features(pixels.inputs).encoded
    generated = learner.criterion.generator.layers(encoded * kept)
    squares = (generated - pixels.teacher_features["encoded"]).square().sum()
    found = _generation(segmentation, pixels)
    assert found == pytest.approx(2e-5 * squares.item() / 3, rel=1e-5)
    assert _generation(segmentation, pixels, alpha=4e-5) == pytest.approx(2 * found, rel=1e-5)


def test_alpha_may_keep_its_weight_on_maps_of_other_sizes(
    segmentation: Problem, pixels: Batch
) -> None:
    plain = _generation(segmentation, pixels)
    scaled = _generation(segmentation, pixels, alpha_reference_area=64 * 64)
    assert scaled == pytest.approx(plain * 64 * 64 / (2 * 2), rel=1e-5)


def test_the_generator_starts_equal_and_is_not_deployed(segmentation: Problem) -> None:
    one, again, other = (
        make_method("masked_generative", {}).learner(replace(segmentation, seed=seed), None)
        for seed in (2, 2, 3)
    )
    weights = [learner.criterion.generator.layers[0].weight for learner in (one, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    (network,) = one.deployments().values()
    generator = count_parameters(one.criterion)
    assert count_parameters(one) == count_parameters(network) + generator
