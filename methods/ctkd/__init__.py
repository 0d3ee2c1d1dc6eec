"""CTKD: a temperature that is learned against the student (Li et al., AAAI 2023)."""

from methods.ctkd.method import CTKD
from methods.ctkd.schedule import gradient_factor

__all__ = ["CTKD", "gradient_factor"]
