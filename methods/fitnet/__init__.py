"""FitNet: a map inside the student follows one inside the teacher (Romero et al., ICLR 2015)."""

from methods.fitnet.method import FitNet

__all__ = ["FitNet"]
