"""C2KD: customized cross-modal distillation, whose teacher learns too (Huo et al., CVPR 2024)."""

from methods.c2kd.loss import kendall_correlation, non_target_loss
from methods.c2kd.method import C2KD

__all__ = ["C2KD", "kendall_correlation", "non_target_loss"]
