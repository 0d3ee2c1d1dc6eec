"""Encoders compute what torchvision's ResNet-18 computes, at every image size."""

import pytest
import torch
from torchvision.models import resnet18

from methods.networks.encoder import Encoder
from methods.networks.properties import set_compute_dtype


@pytest.mark.parametrize("size", [8, 16, 28, 64])
def test_encoder_equals_torchvision_forward_and_backward(size: int) -> None:
    torch.manual_seed(0)
    encoder = Encoder(3)
    reference = resnet18(weights=None)
    reference.fc = torch.nn.Identity()
    reference.load_state_dict(encoder.backbone.state_dict())
    images = torch.rand(6, 3, size, size)
    ours, theirs = encoder(images), reference(images)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    weights = torch.randn_like(ours)
    (ours * weights).sum().backward()
    (theirs * weights).sum().backward()
    expected = dict(reference.named_parameters())
    for name, parameter in encoder.backbone.named_parameters():
        gradient = expected[name].grad
        assert parameter.grad is not None
        assert gradient is not None
        torch.testing.assert_close(
            parameter.grad, gradient, rtol=1e-2, atol=1e-3 * float(gradient.abs().max()) + 1e-5
        )


@pytest.mark.parametrize("size", [8, 16, 28])
def test_bfloat16_gradients_are_finite_and_repeatable_on_small_images(size: int) -> None:
    torch.manual_seed(0)
    encoder = Encoder(2).to(memory_format=torch.channels_last)
    set_compute_dtype(encoder, torch.bfloat16)
    images = torch.rand(8, 2, size, size).to(memory_format=torch.channels_last)
    gradients = []
    for _ in range(3):
        garbage = [torch.full((3_000_000,), torch.nan) for _ in range(8)]
        del garbage  # freed memory holds NaN, which a gradient that is not written would show
        encoder.zero_grad()
        encoder(images).square().sum().backward()
        gradients.append([p.grad.clone() for p in encoder.parameters() if p.grad is not None])
    for first, *others in zip(*gradients, strict=True):
        assert first.isfinite().all()
        assert all(torch.equal(first, other) for other in others)


def test_embeddings_leave_in_float32() -> None:
    encoder = Encoder(1)
    set_compute_dtype(encoder, torch.bfloat16)
    assert encoder(torch.rand(2, 1, 32, 32)).dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_maps_of_stages_come_beside_the_same_embedding(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    encoder = Encoder(2).eval()
    set_compute_dtype(encoder, dtype)
    images = torch.rand(3, 2, 64, 64)
    embedding, *maps = encoder.features(images)
    assert torch.equal(embedding, encoder(images))
    assert [tuple(values.shape) for values in maps] == [
        (3, 64, 16, 16), (3, 128, 8, 8), (3, 256, 4, 4), (3, 512, 2, 2),
    ]  # fmt: skip
    assert {values.dtype for values in (embedding, *maps)} == {torch.float32}
    torch.testing.assert_close(maps[-1].mean((2, 3)), embedding, atol=1e-2, rtol=1e-2)
