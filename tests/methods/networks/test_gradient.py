"""Gradients that are scaled on their way back."""

import torch

from methods.networks.gradient import scale_gradient


def test_gradient_scaling_is_the_identity_forward() -> None:
    values = torch.randn(3, requires_grad=True)
    scaled = scale_gradient(values, -0.5)
    assert torch.equal(scaled, values)
    scaled.sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [-0.5] * 3
