"""Modality dropout: one network of all modalities, evaluated where some of them are missing."""

from methods.modality_dropout.method import ModalityDropout

__all__ = ["ModalityDropout"]
