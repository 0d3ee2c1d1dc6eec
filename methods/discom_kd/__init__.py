"""DisCoM-KD: disentangled, adversarial, joint training (Ienco & Dantas, BMVC 2024)."""

from methods.discom_kd.loss import modality_classification_loss, orthogonality_loss
from methods.discom_kd.method import DisCoMKD

__all__ = ["DisCoMKD", "modality_classification_loss", "orthogonality_loss"]
