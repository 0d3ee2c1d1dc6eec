"""Plug-ins: changes that apply to any distillation method."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from core.lazy import torch
from methods.contract import CLASSIFICATION


class Plugin(ABC):
    """A change to the logits that enter a distillation term.

    Attributes:
        name: the name in suite files and CSV columns.
        label: the name in tables, as in "w/ LSKD".
        tasks: names of the tasks whose logits it can change.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    tasks: ClassVar[frozenset[str]] = frozenset({CLASSIFICATION})

    @abstractmethod
    def transform(self, logits: torch.Tensor) -> torch.Tensor:
        """Change logits, (B, C) or (B, C, H, W); called for the student's and for the teacher's."""
