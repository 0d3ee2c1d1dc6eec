"""LSKD standardizes each sample's logits."""

import torch

from methods.lskd import standardize_logits


def test_standardized_logits_have_mean_0_and_sample_deviation_1() -> None:
    logits = 5 * torch.randn(7, 9, dtype=torch.float64) + 3
    standardized = standardize_logits(logits)
    torch.testing.assert_close(standardized.mean(1), torch.zeros(7, dtype=torch.float64))
    torch.testing.assert_close(standardized.std(1), torch.ones(7, dtype=torch.float64))
