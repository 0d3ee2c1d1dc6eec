"""Masked generative distillation (Yang et al., ECCV 2022)."""

from methods.masked_generative.loss import generation_loss, spatial_kd_loss
from methods.masked_generative.method import MaskedGenerative

__all__ = ["MaskedGenerative", "generation_loss", "spatial_kd_loss"]
