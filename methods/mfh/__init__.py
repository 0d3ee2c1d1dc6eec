"""MFH: distillation from the channels that both modalities know of (Xue et al., ICLR 2023)."""

from methods.mfh.method import MFH
from methods.mfh.salience import permutation_distances

__all__ = ["MFH", "permutation_distances"]
