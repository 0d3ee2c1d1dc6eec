"""Segmentation networks: their sizes, what they give, and that equal ones start equal."""

import pytest
import torch

from methods import Problem
from methods.contract import SEGMENTATION
from methods.networks.precision import full_precision
from methods.networks.properties import count_parameters, set_compute_dtype
from methods.networks.segmentation import build_segmenter
from methods.networks.segmentation.decoder import Decoder

SMALL = {"backbone": "resnet18", "weights": "none"}
RANDOM = {"weights": "none"}


def _problem(modalities: dict[str, int], classes: int = 4, **network: object) -> Problem:
    return Problem(modalities, classes, 7, SEGMENTATION, {**SMALL, **network})


def _images(size: tuple[int, int], batch: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {"RGB": torch.randn(batch, 3, *size), "DEPTH": torch.randn(batch, 1, *size)}


def test_networks_have_as_many_parameters_as_the_papers() -> None:
    def count(**channels: int) -> int:
        with torch.device("meta"):
            problem = Problem(channels, 13, 0, SEGMENTATION, RANDOM)
            return count_parameters(build_segmenter(problem))

    assert count(RGB=3) + count(DEPTH=1) == 79_513_306  # printed as 80M
    assert count(RGB=3, DEPTH=1) == 97_917_165  # 98M


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize("names", [("RGB",), ("DEPTH",), ("RGB", "DEPTH")])
def test_features_have_the_sizes_of_the_strides(names: tuple[str, ...], stride: int) -> None:
    channels = {name: {"RGB": 3, "DEPTH": 1}[name] for name in names}
    network = build_segmenter(_problem(channels, output_stride=stride)).eval()
    inputs = _images((64, 50))  # the width is no multiple of any stride
    features = network.features(inputs)
    assert network.modalities == names
    assert features.logits.shape == (2, 4, 64, 50)
    assert features.pre_logits.shape == (2, 256, 16, 13)
    assert features.encoded.shape == (2, 512, 64 // stride, -(-50 // stride))
    assert features.encoded.min() >= 0
    torch.testing.assert_close(network(inputs), features.logits)


def test_three_modalities_are_fused_and_each_counts() -> None:
    channels = {"RGB": 3, "DEPTH": 1, "THERMAL": 2}
    network = build_segmenter(_problem(channels)).eval()
    inputs = {name: torch.randn(2, count, 32, 32) for name, count in channels.items()}
    logits = network(inputs)
    for name in channels:
        changed = network({**inputs, name: torch.zeros_like(inputs[name])})
        assert not torch.allclose(changed, logits)


def test_equal_parts_of_equal_problems_start_equal() -> None:
    def weights(**channels: int) -> dict[str, torch.Tensor]:
        return build_segmenter(_problem(channels)).state_dict()

    one, again, both = weights(RGB=3), weights(RGB=3), weights(RGB=3, DEPTH=1)
    assert all(torch.equal(value, again[name]) for name, value in one.items())
    for name, value in one.items():
        if name.startswith("encoder."):
            branch = both[name.replace("encoder.", "encoder.branches.0.")]
            assert torch.equal(value, branch)
    other = build_segmenter(Problem({"RGB": 3}, 4, 8, SEGMENTATION, SMALL)).state_dict()
    assert not torch.equal(one["encoder.stem.0.weight"], other["encoder.stem.0.weight"])


def test_bfloat16_inside_and_float32_outside() -> None:
    network = build_segmenter(_problem({"RGB": 3, "DEPTH": 1})).eval()
    inputs = _images((32, 32))
    exact = network.features(inputs)
    set_compute_dtype(network, torch.bfloat16)
    rounded = network.features(inputs)
    for one, other in zip(exact, rounded, strict=True):
        assert other.dtype == torch.float32
        assert not torch.equal(one, other)
        assert (one - other).abs().max() < 0.05 * one.abs().max()
    assert full_precision(torch.ones(1, dtype=torch.float64)).dtype == torch.float64


def test_gradients_in_bfloat16_are_finite_and_repeatable_on_small_images() -> None:
    network = build_segmenter(_problem({"RGB": 3})).to(memory_format=torch.channels_last)
    set_compute_dtype(network, torch.bfloat16)
    network.decoder.aspp.join[-1].p = 0.0
    gradients = []
    for _ in range(2):
        garbage = [torch.full((3_000_000,), torch.nan) for _ in range(8)]
        del garbage  # freed memory holds NaN, which a gradient that is not written would show
        network.zero_grad()
        network(_images((32, 32))).square().mean().backward()
        gradients.append([p.grad.clone() for p in network.parameters() if p.grad is not None])
    for first, second in zip(*gradients, strict=True):
        assert first.isfinite().all()
        assert torch.equal(first, second)


def test_a_decoder_without_skip_reads_the_last_map_alone() -> None:
    decoder = Decoder(8, None, 3, (1, 2, 3)).eval()
    deep = torch.rand(2, 8, 4, 4)
    logits = decoder(deep, torch.rand(2, 5, 8, 8), torch.Size((16, 16))).logits
    assert logits.shape == (2, 3, 16, 16)
    torch.testing.assert_close(
        logits, decoder(deep, torch.zeros(2, 5, 8, 8), torch.Size((16, 16))).logits
    )
