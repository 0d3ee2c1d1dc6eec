"""What a method is: a small registered class that builds the thing one run trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from core.lazy import lazy, torch
from methods.contract import CLASSIFICATION, Control, Kind, Problem, Sampling
from methods.plugins import Plugin
from methods.tasks import network_of

if TYPE_CHECKING:
    from methods.learners import distillation
    from methods.learners.base import Learner
else:
    distillation = lazy("methods.learners.distillation")


@dataclass(frozen=True)
class Method(ABC):
    """Base of all methods. Fields are hyper-parameters; a suite file may override any of them.

    Attributes:
        name: the name in suite files and CSV columns.
        label: the name in tables.
        kind: see `Kind`.
        tasks: names of the tasks that it serves.
        encoders_per_modality: what it costs per modality, in encoders; for estimates of time.
        most_modalities: how many its runs take at most, teacher and student together; None for any
            number.
        distils_logits: of a method with a teacher, whether it follows the teacher's logits, which
            plug-ins change; they do not apply to methods that follow other things alone.
        own_teacher: of a method with a teacher, whether that has the student's modality in place of
            those of the scenario.
        joint_teacher: of a method with a teacher, whether that was trained together with a network
            of the student's modality; see `followed_teacher`.
        shuffled_teacher: of a method with a teacher, whether that sees another sample of the same
            class than the student.
        control: whose control it is.
        probes: names of the parts that a suite can have evaluated alone; see `Learner.probes`.
        switches: protocol switch -> field that it sets, for the methods that a switch concerns.
        later_fields: fields that were added when there were records already. At their defaults
            they are left out of a run's settings, so that its key is as it was.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kind: ClassVar[Kind]
    tasks: ClassVar[frozenset[str]] = frozenset({CLASSIFICATION})
    encoders_per_modality: ClassVar[int] = 1
    own_teacher: ClassVar[bool] = False
    joint_teacher: ClassVar[bool] = False
    shuffled_teacher: ClassVar[bool] = False
    probes: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[Mapping[str, str]] = {}
    later_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def most_modalities(self) -> int | None:
        """As above; a property, so that it may depend on fields; a class attribute will do."""
        return None

    @property
    def distils_logits(self) -> bool:
        """As above, likewise."""
        return True

    @property
    def control(self) -> Control:
        """As above, likewise."""
        return Control.NONE

    @property
    def sampling(self) -> Sampling:
        """How the modalities of a training batch belong together; a class attribute will do."""
        return Sampling.PAIRED

    @property
    def schedule_epochs(self) -> int:
        """Epochs until the method's own schedule is through; 0 for a method without one."""
        return 0

    def followed_teacher(
        self,
        teacher: torch.nn.Module,
        partner: torch.nn.Module,
        batches: Iterable[Mapping[str, torch.Tensor]],
        seed: int,
    ) -> torch.nn.Module:
        """What the student follows of a teacher that was trained together with another network.

        Args:
            teacher: the trained teacher, in eval mode.
            partner: the network of the student's modality, likewise.
            batches: all training images that both read, without augmentation, in order.
            seed: of the repetition.

        Returns:
            A network like the teacher; the teacher itself by default.
        """
        return teacher

    @abstractmethod
    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        """Build what the run trains, with the initial weights of `problem.seed`."""


@dataclass(frozen=True)
class DistillationMethod(Method):
    """A student that follows the logits of a frozen teacher.

    The loss is `task_weight` * CE(student logits, targets) + the distillation term. A plug-in
    changes the logits of the distillation term and leaves those of the cross-entropy alone.

    Attributes:
        teacher_needs: what of the teacher a batch must hold beside the logits; names of features
            that the task's networks give, such as "embedding" in classification, "encoded" and
            "pre_logits" in segmentation.
    """

    kind = Kind.DISTILLATION
    teacher_needs: ClassVar[tuple[str, ...]] = ()
    task_weight: float = 1.0

    def distillation_loss(
        self,
        student_logits: torch.Tensor,
        teacher_logits: torch.Tensor,
        target: torch.Tensor,
        epoch: int,
    ) -> torch.Tensor:
        """The distillation term, a scalar.

        Args:
            student_logits: (B, C), or (B, C, H, W) in segmentation, float32.
            teacher_logits: the same shape, float32, without gradient.
            target: class indices, (B,) or (B, H, W).
            epoch: current epoch, from 0.
        """
        raise NotImplementedError(
            f"{type(self).__name__} defines neither distillation_loss nor criterion"
        )

    def phase(self, epoch: int) -> int:
        """As `Learner.phase`, of the distillation term."""
        return epoch

    def criterion(self) -> torch.nn.Module:
        """The distillation term as a module; override it where the term learns parameters.

        The module's forward takes the arguments of `distillation_loss`. Its parameters are trained
        by the student's optimiser.
        """
        return distillation.FixedCriterion(self.distillation_loss)

    def learner(self, problem: Problem, plugin: Plugin | None) -> Learner:
        return distillation.DistillationLearner(
            network_of(problem), self.criterion(), self.task_weight, self.phase, plugin
        )
