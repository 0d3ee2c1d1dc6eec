"""The optimisers do what PyTorch's fused ones do, to the last bit."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmark.training.optimiser import Adam, ScheduledAdamW, polynomial_schedule
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


def test_rates_warm_up_then_fall_as_counted_from_the_start() -> None:
    rates = polynomial_schedule(6e-5, 140, 10, 0.9)
    assert rates[:10] == pytest.approx(6e-5 * np.arange(1, 11) / 10)
    assert rates[10] / 6e-5 == pytest.approx(0.9355, abs=1e-4)
    assert rates[139] == pytest.approx(6e-5 * (1 / 140) ** 0.9)
    assert np.all(np.diff(rates[10:]) < 0)
    assert polynomial_schedule(1.0, 3, 0, 0).tolist() == [1, 1, 1]


def _theirs(encoder: Encoder, rates: np.ndarray) -> torch.optim.Optimizer:
    """PyTorch's AdamW, whose rate is set by hand before each step."""
    parameters = list(encoder.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1]},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=0.1, weight_decay=0.3, fused=True)
    left = iter(rates.astype(np.float32))

    def set_rate(*_: object) -> None:
        rate = float(next(left))
        for group in optimiser.param_groups:
            group["lr"] = rate

    optimiser.register_step_pre_hook(set_rate)
    return optimiser


def test_a_schedule_trains_as_rates_that_are_set_by_hand_do() -> None:
    torch.manual_seed(0)
    ours = Encoder(3).to(memory_format=torch.channels_last)
    theirs = copy.deepcopy(ours)
    rates = polynomial_schedule(1e-2, 6, 2, 0.9)
    found = _train(ours, ScheduledAdamW(ours.parameters(), rates, 0.3), 6)
    expected = _train(theirs, _theirs(theirs, rates), 6)
    for mine, reference in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-7)


def test_a_schedule_that_was_loaded_goes_on_to_the_same_bits() -> None:
    torch.manual_seed(0)
    rates = polynomial_schedule(1e-2, 5, 2, 0.9)
    whole = Encoder(3).to(memory_format=torch.channels_last)
    first = ScheduledAdamW(whole.parameters(), rates, 0.1)
    _train(whole, first, 2)
    part, state = copy.deepcopy(whole), copy.deepcopy(first.state_dict())
    second = ScheduledAdamW(part.parameters(), rates, 0.1)
    second.load_state_dict(state)
    for mine, other in zip(_train(part, second, 3), _train(whole, first, 3), strict=True):
        assert torch.equal(mine, other)
