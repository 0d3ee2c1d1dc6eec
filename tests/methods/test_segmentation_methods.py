"""Segmentation methods: the terms that they train with, and batches without a labelled pixel."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from methods import METHODS, Batch, Kind, Learner, Problem, Sampling
from methods.cad import cad_loss
from methods.contract import IGNORED, SEGMENTATION
from methods.dice import dice_loss
from methods.kd import kd_loss
from methods.kd_net import bottleneck_loss
from methods.lad import lad_loss
from methods.lskd import standardize_logits
from methods.masked_generative import spatial_kd_loss
from methods.networks.properties import set_compute_dtype
from methods.proto_kd import frequency_weighted_cross_entropy, prototype_loss
from methods.registry import make_method, make_plugin
from methods.targets import cross_entropy, valid_positions

OF_SEGMENTATION = [name for name in METHODS if SEGMENTATION in METHODS.get(name).tasks]
# Terms that no label enters.
LABEL_FREE = {"bottleneck", "angular", "generation", "orthogonality", "contrastive"}


def _learner(name: str, request: pytest.FixtureRequest, **changes: object) -> Learner:
    method = make_method(name, changes)
    joint = method.kind is Kind.JOINT
    problem = request.getfixturevalue("segmentation_pair" if joint else "segmentation")
    return method.learner(problem, None)


@pytest.mark.parametrize("name", OF_SEGMENTATION)
def test_a_batch_without_a_labelled_pixel_trains_by_what_needs_no_labels(
    request: pytest.FixtureRequest, pixels: Batch, name: str
) -> None:
    void = {key: torch.full_like(target, IGNORED) for key, target in pixels.targets.items()}
    learner = _learner(name, request)
    loss = learner.loss(replace(pixels, targets=void), 0)
    loss.backward()
    labelled = {term: value for term, value in learner.terms.items() if term not in LABEL_FREE}
    assert labelled
    assert not any(value.item() for value in labelled.values())
    gradients = [value.grad for value in learner.parameters() if value.grad is not None]
    assert all(gradient.isfinite().all() for gradient in gradients)
    if len(labelled) == len(learner.terms):
        assert loss.item() == 0
        assert not any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("name", OF_SEGMENTATION)
def test_terms_are_noted_and_every_parameter_is_trained(
    request: pytest.FixtureRequest, pixels: Batch, name: str
) -> None:
    learner = _learner(name, request)
    loss = learner.loss(pixels, 0)
    loss.backward()
    torch.testing.assert_close(sum(learner.terms.values()), loss.detach())
    for key, parameter in learner.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all()
    for modality, network in learner.deployments().items():
        assert network.modalities == (modality,)
        assert network.eval()({modality: pixels.inputs[modality]}).shape == (3, 4, 32, 32)


@pytest.mark.parametrize("plugin", ["none", "lskd"])
@pytest.mark.parametrize(
    "name", ["kd_v1", "kd_v2", "kd_net", "masked_generative", "proto_kd", "released", "lad", "cad"]
)
def test_the_loss_is_the_sum_of_the_methods_terms(
    segmentation: Problem, pixels: Batch, name: str, plugin: str
) -> None:
    changes: dict[str, object] = {}
    if name == "released":
        name, changes = "proto_kd", {"segmentation_loss": "released"}
    elif name == "masked_generative":
        changes = {"alpha": 0.0, "logits_weight": 3.0}  # the generation is tested beside its mask
    learner = make_method(name, changes).learner(segmentation, make_plugin(plugin)).eval()
    (network,) = learner.deployments().values()
    features = network.features(pixels.inputs)
    raw, target, valid = features.logits, pixels.target, valid_positions(pixels.target)
    assert pixels.teacher_logits is not None
    s, t = raw, pixels.teacher_logits
    if plugin == "lskd":
        s, t = standardize_logits(s), standardize_logits(t)
    encoded, taught = features.encoded, pixels.teacher_features["encoded"]
    cross = cross_entropy(raw, target)

    def proto_kd(task: torch.Tensor) -> torch.Tensor:
        p, q = torch.softmax(t / 10, 1), torch.softmax(s / 10, 1)
        elements = (p * (p / q).log()).movedim(1, -1)[valid]
        similarity = prototype_loss(
            features.pre_logits, pixels.teacher_features["pre_logits"], target, 4
        )
        return task + 10 * elements.mean() + 0.1 * similarity

    expected = {
        "kd_v1": lambda: kd_loss(s, t, 4.0, valid),
        "kd_v2": lambda: 0.5 * cross + 0.5 * kd_loss(s, t, 4.0, valid),
        "kd_net": lambda: (
            0.25 * (cross + dice_loss(raw, target))
            + 0.75 * kd_loss(s, t, 5.0, valid)
            + bottleneck_loss(encoded, taught)
        ),
        "masked_generative": lambda: cross + 3 * spatial_kd_loss(s, t, 4.0),
        "proto_kd": lambda: proto_kd(
            dice_loss(raw, target) + frequency_weighted_cross_entropy(raw, target)
            if changes
            else cross
        ),
        "lad": lambda: cross + kd_loss(s, t, 1.0, valid) + lad_loss(encoded, taught),
        "cad": lambda: cross + kd_loss(s, t, 1.0, valid) + cad_loss(encoded, taught),
    }[name]()
    torch.testing.assert_close(learner.loss(pixels, 0), expected)


def test_methods_that_need_features_say_which() -> None:
    needs = {
        name: METHODS.get(name).teacher_needs
        for name in OF_SEGMENTATION
        if METHODS.get(name).kind is Kind.DISTILLATION
    }
    assert needs == {
        "kd_v1": (),
        "kd_v2": (),
        "kd_net": ("encoded",),
        "masked_generative": ("encoded",),
        "proto_kd": ("pre_logits",),
        "lad": ("encoded",),
        "cad": ("encoded",),
    }


def test_controls_train_crodino_kds_networks_without_its_coupling(
    segmentation: Problem, segmentation_pair: Problem, pixels: Batch
) -> None:
    method = make_method("single_decoupled", {})
    assert method.sampling is Sampling.DECOUPLED
    both = method.learner(segmentation_pair, None)
    alone = make_method("reference", {}).learner(segmentation, None)
    for learner in (both, alone):
        torch.manual_seed(0)  # of dropout
        learner.loss(pixels, 0).backward()
    expected = {name: value.grad for name, value in alone.network.named_parameters()}
    for name, value in both.deployments()["RGB"].named_parameters():
        torch.testing.assert_close(value.grad, expected[name])
    projected = make_method("single_projected", {}).learner(segmentation, None)
    crodino = make_method("crodino_kd", {}).learner(segmentation_pair, None)
    branch = crodino.deployments()["RGB"].state_dict()
    for name, value in projected.network.state_dict().items():
        assert torch.equal(value, branch[name])


@pytest.mark.parametrize("name", OF_SEGMENTATION)
def test_no_loss_reads_values_on_the_host(
    request: pytest.FixtureRequest, pixels: Batch, name: str
) -> None:
    """Tensors without values will do: so a step can be recorded, and no device is waited for."""

    def without_values(given: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {key: mode.from_tensor(value) for key, value in given.items()}

    assert pixels.teacher_logits is not None
    with FakeTensorMode() as mode:
        batch = Batch(
            without_values(pixels.inputs),
            without_values(pixels.targets),
            mode.from_tensor(pixels.teacher_logits),
            without_values(pixels.teacher_features),
        )
        _learner(name, request).loss(batch, 0).backward()
        with pytest.raises(DataDependentOutputException):
            batch.target.float().mean().item()


@pytest.mark.parametrize("name", OF_SEGMENTATION)
def test_losses_are_float32_and_gradients_finite_where_networks_are_not(
    request: pytest.FixtureRequest, pixels: Batch, name: str
) -> None:
    exact, rounded = _learner(name, request).eval(), _learner(name, request).eval()
    set_compute_dtype(rounded, torch.bfloat16)
    for learner in (exact, rounded):
        torch.manual_seed(0)  # of a mask
        learner.loss(pixels, 0).backward()
    assert rounded.terms.keys() == exact.terms.keys()
    for term, value in exact.terms.items():
        assert rounded.terms[term].dtype == torch.float32
        torch.testing.assert_close(rounded.terms[term], value, rtol=0.05, atol=1e-3)
    for parameter in rounded.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
