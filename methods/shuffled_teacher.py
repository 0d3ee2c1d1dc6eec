"""Shuffled teacher: what the teacher says of another sample of the same class.

Its logits then tell how classes resemble each other, and nothing of the sample. What a distilled
student gains over this control comes from what the other modality shows of each sample.
"""

from __future__ import annotations

from methods.contract import CLASSIFICATION, Control
from methods.kd import KDv2
from methods.registry import register_method


@register_method
class ShuffledTeacher(KDv2):
    """KDv2 with the teacher's logits of another training sample of the same class.

    In each epoch every sample is paired with another one of its class, drawn anew and each once;
    the teacher sees that under the student's view. The only sample of a class keeps its own. With
    redrawn labels the classes are the true ones, which the teacher learned from.
    """

    name = "shuffled_teacher"
    label = "shuffled teacher"
    tasks = frozenset({CLASSIFICATION})
    control = Control.ALL
    shuffled_teacher = True
