"""Where the record of a run lies that was made when keys had `precision: auto` in them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FormerRecord:
    """A record that stands for a run under another key, if it was made in the run's precision.

    Attributes:
        key: the key of its spec, where the precision is "auto".
        teacher: the former key of the teacher's run, whose record must be of that precision too
            where it is there; None for a run without teacher.
        precision: of the run.
    """

    key: str
    teacher: str | None
    precision: Literal["fp32", "bf16"]
