"""CroDiNo-KD: disentangled, contrastive, joint training of segmentation (Ferrod et al., 2025)."""

from methods.crodino_kd.loss import contrastive_loss, feature_mixup, orthogonality_loss
from methods.crodino_kd.method import CroDiNoKD

__all__ = ["CroDiNoKD", "contrastive_loss", "feature_mixup", "orthogonality_loss"]
