"""CRD: contrastive representation distillation (Tian et al., ICLR 2020)."""

from methods.crd.loss import contrast_loss, normaliser
from methods.crd.method import CRD

__all__ = ["CRD", "contrast_loss", "normaliser"]
