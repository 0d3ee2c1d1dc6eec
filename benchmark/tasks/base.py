"""What planning, records and reports must know of a task."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from benchmark.records.augmentation import Augmentation
from benchmark.records.scores import Scores
from benchmark.records.spec import TeacherView, Training
from core.errors import UserError, nearest_names
from core.models import StrictModel, first_finding
from datasets import Dataset, Split, SplitRule

Row = TypeVar("Row", bound=Hashable)
Settings = TypeVar("Settings", bound=StrictModel)


class Task(ABC):
    """What is predicted of a sample.

    What a suite leaves open is the task's to choose; what a suite says that the task has not is
    refused in one sentence.

    Attributes:
        name: as in `Method.tasks` and `Dataset.task`.
        scores: its scores; the first metric selects checkpoints and compares methods.
        teacher_views: what a teacher can see of a student's training sample.
        label_noise: labels can be redrawn.
        encoders: a suite may choose the encoder of each modality, and give a teacher's weights.
        augmentation_name: what a report calls the augmentation that all methods share.
        keeps_logits: the logits of all test samples are kept beside records.
    """

    name: ClassVar[str]
    scores: ClassVar[type[Scores]]
    teacher_views: ClassVar[tuple[TeacherView, ...]]
    label_noise: ClassVar[bool]
    encoders: ClassVar[bool]
    augmentation_name: ClassVar[str]
    keeps_logits: ClassVar[bool]

    @abstractmethod
    def training(self, given: Training, smoke: bool) -> Training:
        """The budget and schedule that a suite asks for, its gaps filled.

        Args:
            given: what the suite says: the fields that were set.
            smoke: fill them for a smoke run, of which only the path matters.
        """

    @abstractmethod
    def network(self, given: Mapping[str, Any], smoke: bool) -> dict[str, Any]:
        """All settings of the task's networks; empty where there is nothing to choose.

        In a smoke run networks are as small as they get, whatever the suite says.
        """

    @abstractmethod
    def augmentation(self, given: Mapping[str, Any]) -> Literal["d4"] | Augmentation:
        """How training samples are augmented."""

    @abstractmethod
    def check_data(
        self,
        dataset: Dataset,
        splits: Mapping[int, Split],
        modalities: Sequence[str],
        resized: tuple[int, int] | None,
        settings: "SuiteSettings",
    ) -> None:
        """Raise UserError where the data cannot be trained on with these settings.

        Args:
            dataset: as it is stored.
            splits: of each repetition.
            modalities: those that are used.
            resized: height and width that images will be resized to; None for their own size.
            settings: the suite's, without gaps.
        """

    @abstractmethod
    def untested_classes(self, dataset: Dataset, split: Split) -> tuple[str, ...]:
        """Names of classes that no test sample has, where scores must leave them out."""

    @abstractmethod
    def untested_notes(self, untested: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
        """Sentences that tables must show of them: repetition -> their names."""

    @abstractmethod
    def split_words(self, rule: SplitRule) -> str:
        """How samples are shared out, behind "split 70/10/20"."""

    @abstractmethod
    def optimiser_words(self, training: Training) -> str:
        """Optimiser and schedule, behind the number of epochs and the batch size."""

    @abstractmethod
    def bootstrap(
        self,
        samples: Mapping[str, NDArray[Any]],
        predictions: Mapping[Row, NDArray[Any]],
        baseline: Row,
        num_classes: int,
        places: tuple[NDArray[np.int64], int],
        groups: tuple[NDArray[np.int64], int] | None,
    ) -> dict[Row, NDArray[np.float64]]:
        """Differences of the headline score from a baseline in resamples of one test set.

        Args:
            samples: what is stored of the test samples beside predictions, by name.
            predictions: row -> what is stored of its predictions.
            baseline: one of the rows.
            num_classes: number of classes.
            places: of each test sample in its data set, and the size of that.
            groups: group of each test sample, and their number; None where samples are drawn.

        Returns:
            (resamples,) of each row but the baseline; of all repetitions on the same resamples.
        """

    @abstractmethod
    def setting_words(self, network: Mapping[str, Any], augmentation: object) -> tuple[str, ...]:
        """Sentences on networks and augmentation that tables must show."""


class SuiteSettings(StrictModel):
    """What a task fills in of a suite."""

    training: Training
    network: dict[str, Any]
    augmentation: Literal["d4"] | Augmentation


def validated(model: type[Settings], key: str, given: Mapping[str, Any]) -> Settings:
    """Settings below a key of a suite file.

    Raises:
        UserError: an unknown key or a wrong value.
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        found = first_finding(error)
        where = ".".join(filter(None, (key, found.where)))
        if found.kind == "extra_forbidden":
            hint = nearest_names(str(found.path[-1]), model.model_fields)
            raise UserError(f"unknown key '{where}': {hint}") from None
        message = found.message.removeprefix("Value error, ").removeprefix("Input ")
        if found.kind == "value_error":
            raise UserError(f"{where}: {message}") from None
        raise UserError(f"{where} is {found.value!r}, but it {message}") from None
