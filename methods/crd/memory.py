"""What CRD remembers of all training samples, and how it draws negatives among them."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.crd.loss import contrast_loss, normaliser

_SIZE = 128  # of remembered embeddings
_MOMENTUM = 0.5


class Negatives(nn.Module):
    """Draws, for each class, training samples of the other classes.

    All samples of a class in a batch share one draw: each of them sees what a draw of its own would
    give, and a batch costs as many draws as there are classes. A class with fewer than `count`
    samples outside it draws with replacement.

    Args:
        labels: class indices of the training samples.
        classes: number of classes; at least two of them must have samples.
        count: K, how many a sample gets.

    Attributes:
        count: see above.
        repeats: some class draws with replacement.
    """

    labels: Tensor
    _outside: Tensor
    _order: Tensor

    def __init__(self, labels: Sequence[int], classes: int, count: int) -> None:
        super().__init__()
        self.count = count
        known = torch.tensor(labels)
        outside = known != torch.arange(classes)[:, None]  # (classes, samples)
        sizes = outside.sum(1)
        self.register_buffer("labels", known, persistent=False)
        self.register_buffer("_outside", sizes, persistent=False)
        # Per class its outside samples, in their order, before its own.
        order = (~outside).to(torch.uint8).argsort(dim=1, stable=True)
        self.register_buffer("_order", order, persistent=False)
        self.repeats = bool((sizes < count).any())
        self._distinct = bool((sizes >= count).any())

    def forward(self) -> Tensor:
        """How often each training sample is drawn for each class, (classes, samples), float32."""
        if not self.repeats:
            return self._without_replacement()
        if not self._distinct:
            return self._with_replacement()
        enough = (self._outside >= self.count)[:, None]
        return torch.where(enough, self._without_replacement(), self._with_replacement())

    def _without_replacement(self) -> Tensor:
        classes, samples = self._order.shape
        permutation = torch.rand(samples, device=self.labels.device).argsort()
        kinds = torch.arange(classes, device=self.labels.device)[:, None]
        outside = self.labels[permutation] != kinds
        first = outside & (outside.cumsum(1) <= self.count)
        drawn = torch.zeros_like(self._order, dtype=torch.float32)
        return drawn.index_copy_(1, permutation, first.float())

    def _with_replacement(self) -> Tensor:
        classes, _ = self._order.shape
        chances = torch.rand(classes, self.count, device=self.labels.device)
        places = (chances * self._outside[:, None]).long()
        places = torch.minimum(places, self._outside[:, None] - 1)  # where a product rounds up
        drawn = torch.zeros_like(self._order, dtype=torch.float32)
        return drawn.scatter_add_(1, self._order.gather(1, places), torch.ones_like(chances))


class ContrastMemory(nn.Module):
    """Embeds student and teacher, contrasts each with the other's memory bank, and remembers both.

    Args:
        widths: of the student's and of the teacher's embeddings.
        labels: class indices of the training samples.
        classes: number of classes.
        count: K, negatives of a sample.
        temperature: T > 0.
    """

    student_bank: Tensor
    teacher_bank: Tensor
    constants: Tensor

    def __init__(
        self,
        widths: tuple[int, int],
        labels: Sequence[int],
        classes: int,
        count: int,
        temperature: float,
    ) -> None:
        super().__init__()
        student, teacher = widths
        self.student_layer = nn.Linear(student, _SIZE)
        self.teacher_layer = nn.Linear(teacher, _SIZE)
        self.negatives = Negatives(labels, classes, count)
        limit = math.sqrt(3 / _SIZE)
        for name in ("student_bank", "teacher_bank"):
            self.register_buffer(name, torch.empty(len(labels), _SIZE).uniform_(-limit, limit))
        self.register_buffer("constants", torch.zeros(2))  # 0: not known yet
        self._temperature = temperature

    def forward(self, student: Tensor, teacher: Tensor, samples: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch, a scalar; the rows of its samples are then remembered anew.

        Args:
            student: embeddings (B, widths[0]).
            teacher: embeddings (B, widths[1]), without gradient.
            samples: which of the training samples the batch holds, (B,), int64, each once.
            target: class indices (B,).
        """
        embedded = (
            F.normalize(self.student_layer(student), dim=1),
            F.normalize(self.teacher_layer(teacher), dim=1),
        )
        # Copies: what a step's gradient still needs must not change when the banks do.
        banks = (self.teacher_bank.clone(), self.student_bank.clone())
        drawn = self.negatives()[target]
        losses = []
        for place, (embedding, bank) in enumerate(zip(embedded, banks, strict=True)):
            common = (embedding, bank, samples, drawn, self.negatives.count)
            with torch.no_grad():
                first = normaliser(*common, self._temperature)
                known = self.constants[place]
                constant = torch.where(known > 0, known, first)
                self.constants[place] = constant
            losses.append(contrast_loss(*common, constant, self._temperature))
        self._remember(embedded, samples)
        return losses[0] + losses[1]

    @torch.no_grad()
    def _remember(self, embedded: tuple[Tensor, Tensor], samples: Tensor) -> None:
        for bank, embedding in zip((self.student_bank, self.teacher_bank), embedded, strict=True):
            mixed = _MOMENTUM * bank[samples] + (1 - _MOMENTUM) * embedding
            bank.index_copy_(0, samples, F.normalize(mixed, dim=1))
