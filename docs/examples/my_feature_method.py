"""A distillation method of one's own that follows the teacher's embeddings.

python run_benchmark.py --suite table1 --load docs/examples/my_feature_method.py
"""

from collections.abc import Mapping

from torch import Tensor
from torch.nn import functional as F

from methods import FeatureDistillationMethod, register_method


@register_method
class CosineEmbedding(FeatureDistillationMethod):
    """CE plus one minus the cosine between the embeddings of student and teacher."""

    name = "cosine_embedding"
    label = "CosineEmbedding"
    teacher_needs = ("embedding",)  # what a batch holds of the teacher beside its logits
    distils_logits = False  # so plug-ins, which change logits, do not apply
    weight: float = 1.0

    def distillation_terms(
        self, student: Mapping[str, Tensor], teacher: Mapping[str, Tensor], target: Tensor
    ) -> dict[str, Tensor]:
        cosine = F.cosine_similarity(student["embedding"], teacher["embedding"], dim=1)
        return {"distillation": self.weight * (1 - cosine).mean()}
