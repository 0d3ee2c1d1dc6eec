"""A distillation method of one's own.

python run_benchmark.py --suite table1 --load docs/examples/my_method.py
"""

from typing import Annotated

from torch import Tensor
from torch.nn import functional as F

from methods import DistillationMethod, LogUniform, register_method


@register_method
class CosineKD(DistillationMethod):
    """CE plus one minus the cosine between the centred logits of student and teacher."""

    name = "cosine_kd"
    label = "CosineKD"
    # Fields are hyper-parameters: a suite file may override them, and --tune tries other values.
    weight: Annotated[float, LogUniform(0.1, 10)] = 1.0

    def distillation_loss(
        self, student_logits: Tensor, teacher_logits: Tensor, target: Tensor, epoch: int
    ) -> Tensor:
        student = student_logits - student_logits.mean(dim=1, keepdim=True)
        teacher = teacher_logits - teacher_logits.mean(dim=1, keepdim=True)
        return self.weight * (1 - F.cosine_similarity(student, teacher, dim=1)).mean()
