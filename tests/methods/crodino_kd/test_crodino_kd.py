"""CroDiNo-KD: its size, its ablations, and its training against one that is written out plainly."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import UserError
from methods import Batch, Problem, Sampling
from methods.contract import IGNORED, SEGMENTATION
from methods.networks.properties import count_parameters
from methods.registry import make_method

STEPS, SAMPLES, CLASSES, SIDE = 20, 4, 4, 32


def test_networks_have_as_many_parameters_as_the_papers() -> None:
    with torch.device("meta"):
        problem = Problem({"RGB": 3, "DEPTH": 1}, 13, 0, SEGMENTATION, {"weights": "none"})
        learner = make_method("crodino_kd", {}).learner(problem, None)
        without_skip = make_method("crodino_kd", {"auxiliary_skip": False}).learner(problem, None)
    deployed = sum(map(count_parameters, learner.deployments().values()))
    assert deployed == 68_507_354  # printed as 68M
    assert count_parameters(learner) - deployed == 4_848_493  # 5M
    assert count_parameters(without_skip) - deployed == 4_725_517


def _batch(step: int) -> Batch:
    random = torch.Generator().manual_seed(step)
    targets = {}
    for name in ("RGB", "DEPTH"):
        target = torch.randint(0, CLASSES, (SAMPLES, SIDE, SIDE), generator=random)
        target[:, : 3 + step % 5] = IGNORED
        targets[name] = target
    return Batch(
        {
            "RGB": torch.randn(SAMPLES, 3, SIDE, SIDE, generator=random),
            "DEPTH": torch.randn(SAMPLES, 1, SIDE, SIDE, generator=random),
        },
        targets,
    )


def _pixel_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    total, count = logits.new_zeros(()), 0
    for values, labels in zip(logits, target, strict=True):
        valid = labels != IGNORED
        picked = values.log_softmax(0)[:, valid].gather(0, labels[valid][None])
        total, count = total - picked.sum(), count + int(valid.sum())
    return total / count


def _plain_step(parts: nn.ModuleDict, batch: Batch) -> Tensor:
    """The paper's algorithm 1, lines 5 to 19, on one augmented batch."""
    rgb, depth = batch.inputs["RGB"], batch.inputs["DEPTH"]
    y_rgb, y_depth = batch.targets["RGB"], batch.targets["DEPTH"]

    def encode(branch: nn.Module, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        encoder = branch.encoder
        skip = encoder.stages[0](encoder.pool(encoder.stem(images)))
        deep = encoder.stages[3](encoder.stages[2](encoder.stages[1](skip)))
        z = branch.projection.layers(deep)
        return z[:, :128], z[:, 128:], skip

    def decode(decoder: nn.Module, z: Tensor, skip: Tensor) -> Tensor:
        scales = [scale(z) for scale in decoder.aspp.scales]
        pooled = decoder.aspp.image_pooling(z)
        scales.append(pooled.expand(-1, -1, z.shape[2], z.shape[3]))
        maps = decoder.aspp.join(torch.cat(scales, 1))
        maps = F.interpolate(maps, size=skip.shape[2:], mode="bilinear")
        logits = decoder.classify(decoder.fuse(torch.cat([decoder.skip(skip), maps], 1)))
        return F.interpolate(logits, size=(SIDE, SIDE), mode="bilinear")

    rgb_inv, rgb_spe, rgb_skip = encode(parts["RGB"], rgb)
    depth_inv, depth_spe, depth_skip = encode(parts["DEPTH"], depth)
    main_rgb, main_depth, auxiliary = (
        parts["RGB"].decoder,
        parts["DEPTH"].decoder,
        parts["auxiliary"],
    )
    rgb_mixed = 0.65 * rgb_inv + 0.35 * depth_inv
    depth_mixed = 0.65 * depth_inv + 0.35 * rgb_inv
    loss = rgb_inv.new_zeros(())
    for decoder, inv, spe, skip, y in (
        (main_rgb, rgb_inv, rgb_spe, rgb_skip, y_rgb),
        (main_depth, depth_inv, depth_spe, depth_skip, y_depth),
        (main_rgb, rgb_mixed, rgb_spe, rgb_skip, y_rgb),
        (main_depth, depth_mixed, depth_spe, depth_skip, y_depth),
    ):
        loss = loss + _pixel_cross_entropy(decode(decoder, torch.cat([inv, spe], 1), skip), y)
    for inv, spe, skip, y in (
        (rgb_inv, rgb_spe, rgb_skip, y_rgb),
        (depth_inv, depth_spe, depth_skip, y_depth),
    ):
        cosines = (inv * spe).sum(1) / (inv.norm(dim=1) * spe.norm(dim=1)).clamp(min=1e-8)
        loss = loss + cosines.mean()
        loss = loss + _pixel_cross_entropy(decode(auxiliary, inv, skip), y)
        loss = loss + _pixel_cross_entropy(decode(auxiliary, spe, skip), y)
    u = [F.normalize(inv.mean((2, 3)), dim=1) for inv in (rgb_inv, depth_inv)]
    for anchors, positives in (u, u[::-1]):
        for i in range(SAMPLES):
            positive = torch.exp(-(anchors[i] - positives[i]).norm() / 0.07)
            others = [
                torch.exp(-(anchors[i] - other).norm() / 0.07)
                for other in (*anchors[:i], *anchors[i + 1 :], *positives)
            ]
            loss = loss - torch.log(positive / torch.stack(others).sum()) / SAMPLES
    return loss


def _without_dropout(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0


@pytest.mark.slow
def test_twenty_steps_lose_what_a_plain_loop_loses(segmentation_pair: Problem) -> None:
    learner = make_method("crodino_kd", {}).learner(segmentation_pair, None).double()
    _without_dropout(learner)
    parts = copy.deepcopy(nn.ModuleDict({**learner.branches, "auxiliary": learner.auxiliary}))
    ours = torch.optim.AdamW(learner.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    theirs = torch.optim.AdamW(parts.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    losses = []
    for step in range(STEPS):
        batch = _batch(step)
        batch = replace(batch, inputs={name: x.double() for name, x in batch.inputs.items()})
        found, expected = learner.loss(batch, 0), _plain_step(parts, batch)
        for optimiser, loss in ((ours, found), (theirs, expected)):
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        losses.append((found.item(), expected.item()))
    assert [one for one, _ in losses] == pytest.approx([other for _, other in losses], rel=1e-9)


def _terms(problem: Problem, **changes: object) -> dict[str, float]:
    learner = make_method("crodino_kd", changes).learner(problem, None).eval()
    learner.loss(_batch(0), 0)
    return {name: value.item() for name, value in learner.terms.items()}


def test_each_ablation_takes_its_term_out_and_leaves_the_others(
    segmentation_pair: Problem,
) -> None:
    full = _terms(segmentation_pair)
    assert list(full) == ["task", "mixup", "orthogonality", "contrastive", "auxiliary"]
    switches: dict[str, dict[str, object]] = {
        "mixup": {"mixup": False},
        "orthogonality": {"orthogonality_weight": 0.0},
        "contrastive": {"contrastive_weight": 0.0},
        "auxiliary": {"auxiliary_weight": 0.0},
    }
    for term, change in switches.items():
        assert _terms(segmentation_pair, **change) == pytest.approx(
            {name: value for name, value in full.items() if name != term}
        )


def test_options_change_their_terms(segmentation_pair: Problem) -> None:
    full = _terms(segmentation_pair)
    for term, change in (
        ("mixup", {"mixup_weight": 0.05}),
        ("contrastive", {"temperature": 0.5}),
        ("orthogonality", {"orthogonality": "squared"}),
        ("auxiliary", {"auxiliary_skip": False}),
    ):
        changed = _terms(segmentation_pair, **change)
        assert {name for name in full if changed[name] != pytest.approx(full[name])} == {term}
    assert _terms(segmentation_pair, mixup_weight=0.0)["mixup"] == pytest.approx(full["task"])


def test_without_the_auxiliary_loss_there_is_no_auxiliary_decoder(
    segmentation_pair: Problem,
) -> None:
    learner = make_method("crodino_kd", {"auxiliary_weight": 0.0}).learner(segmentation_pair, None)
    deployed = sum(map(count_parameters, learner.deployments().values()))
    assert count_parameters(learner) == deployed


def test_decoupled_augmentation_is_how_batches_are_drawn() -> None:
    assert make_method("crodino_kd", {}).sampling is Sampling.DECOUPLED
    coupled = make_method("crodino_kd", {"decoupled_augmentation": False})
    assert coupled.sampling is Sampling.PAIRED


def test_mixed_features_train_both_encoders(segmentation_pair: Problem) -> None:
    weights = ("orthogonality_weight", "contrastive_weight", "auxiliary_weight")
    method = make_method("crodino_kd", dict.fromkeys(weights, 0.0))
    learner = method.learner(segmentation_pair, None)
    batch = _batch(0)
    void = torch.full_like(batch.targets["DEPTH"], IGNORED)
    learner.loss(replace(batch, targets={**batch.targets, "DEPTH": void}), 0).backward()
    gradient = learner.branches["DEPTH"].encoder.stem[0].weight.grad
    assert gradient is not None
    assert gradient.any()  # by way of RGB's mixed features alone


def test_each_deployed_network_reads_its_own_modality(segmentation_pair: Problem) -> None:
    learner = make_method("crodino_kd", {}).learner(segmentation_pair, None).eval()
    inputs = _batch(0).inputs
    for name, network in learner.deployments().items():
        assert network.modalities == (name,)
        assert network({name: inputs[name]}).shape == (SAMPLES, CLASSES, SIDE, SIDE)


def test_three_modalities_train_together(segmentation: Problem) -> None:
    problem = replace(segmentation, channels={"RGB": 3, "DEPTH": 1, "THERMAL": 2})
    learner = make_method("crodino_kd", {}).learner(problem, None)
    inputs = {name: torch.randn(2, count, 32, 32) for name, count in problem.channels.items()}
    target = torch.randint(0, CLASSES, (2, 32, 32))
    assert learner.loss(Batch(inputs, dict.fromkeys(inputs, target)), 0).isfinite()
    assert set(learner.deployments()) == set(inputs)


def test_one_modality_is_refused(segmentation: Problem) -> None:
    with pytest.raises(UserError, match="trains on RGB alone, expected two modalities"):
        make_method("crodino_kd", {}).learner(segmentation, None)
