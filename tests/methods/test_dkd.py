"""DKD's warm-up, and that its loss has no order of classes."""

import pytest
import torch

from methods.dkd import DKD, dkd_loss


@pytest.mark.parametrize(("epoch", "factor"), [(0, 0.0), (5, 0.25), (20, 1.0), (200, 1.0)])
def test_dkd_warms_up_over_twenty_epochs(epoch: int, factor: float) -> None:
    torch.manual_seed(0)
    student, teacher, target = torch.randn(4, 5), torch.randn(4, 5), torch.tensor([0, 1, 2, 3])
    loss = DKD().distillation_loss(student, teacher, target, epoch)
    torch.testing.assert_close(loss, factor * dkd_loss(student, teacher, target))


def test_dkd_does_not_depend_on_the_order_of_classes() -> None:
    torch.manual_seed(1)
    student, teacher, target = torch.randn(8, 6), torch.randn(8, 6), torch.arange(8) % 6
    order = torch.randperm(6)
    moved = torch.argsort(order)[target]
    torch.testing.assert_close(
        dkd_loss(student[:, order], teacher[:, order], moved), dkd_loss(student, teacher, target)
    )
