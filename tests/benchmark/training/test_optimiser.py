"""The optimiser does what PyTorch's fused Adam does, to the last bit."""

import copy

import torch
from torch import Tensor, nn

from benchmark.training.optimiser import Adam
from methods.networks.encoder import Encoder


def _train(encoder: Encoder, optimiser: torch.optim.Optimizer, steps: int) -> list[Tensor]:
    random = torch.Generator().manual_seed(0)
    for _ in range(steps):
        images = torch.rand(4, 3, 32, 32, generator=random)
        optimiser.zero_grad()
        encoder(images.to(memory_format=torch.channels_last)).square().sum().backward()
        optimiser.step()
    return [parameter.detach() for parameter in encoder.parameters()]


def test_channels_last_networks_train_to_the_bits_of_pytorchs_adam() -> None:
    torch.manual_seed(0)
    ours = Encoder(3).to(memory_format=torch.channels_last)
    theirs = copy.deepcopy(ours)
    start = copy.deepcopy(ours)
    found = _train(ours, Adam(ours.parameters(), 1e-3), 3)
    expected = _train(theirs, torch.optim.Adam(theirs.parameters(), 1e-3, fused=True), 3)
    for mine, reference, before in zip(found, expected, start.parameters(), strict=True):
        assert torch.equal(mine, reference)
        assert not torch.equal(mine, before)


def test_a_state_that_was_loaded_goes_on_to_the_same_bits() -> None:
    torch.manual_seed(0)
    whole = Encoder(3).to(memory_format=torch.channels_last)
    first = Adam(whole.parameters(), 1e-3)
    _train(whole, first, 2)
    part, state = copy.deepcopy(whole), copy.deepcopy(first.state_dict())
    second = Adam(part.parameters(), 1e-3)
    second.load_state_dict(state)
    for mine, other in zip(_train(part, second, 2), _train(whole, first, 2), strict=True):
        assert torch.equal(mine, other)


def test_a_parameter_without_gradient_is_left_alone() -> None:
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimiser = Adam([used, unused], 1e-1)
    used.sum().backward()
    optimiser.step()
    assert torch.equal(unused, torch.ones(2))
    assert torch.allclose(used, torch.full((2,), 0.9))
    optimiser.zero_grad()
    optimiser.step()
    assert torch.allclose(used, torch.full((2,), 0.9))
