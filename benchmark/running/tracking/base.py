"""What is logged of a run, and what logs it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from benchmark.records.record import Record
from benchmark.records.scores import Scores

Value = str | int | float | bool
_SECRET = re.compile(r"(?<=://)[^/\s]*(?=@)|(?<=password=)[^&\s]*")  # in an address


@dataclass(frozen=True)
class LoggedRun:
    """What tools are given of a record.

    Attributes:
        key: the run's key.
        name: the run in one short line.
        dataset: name of the data set.
        configuration: everything that can change the result, and where it was trained; the names
            are paths in the record, such as "training.epochs".
        curves: name -> one value an epoch.
        scores: name -> score of a network at its selected and last checkpoint, in [0, 1]; and what
            the run cost.
    """

    key: str
    name: str
    dataset: str
    configuration: Mapping[str, Value]
    curves: Mapping[str, list[float]]
    scores: Mapping[str, float]

    @property
    def epochs(self) -> dict[int, dict[str, float]]:
        """Epoch, counted from 1 -> name -> value of the curve."""
        by_epoch: dict[int, dict[str, float]] = {}
        for name, curve in self.curves.items():
            for epoch, value in enumerate(curve, 1):
                by_epoch.setdefault(epoch, {})[name] = value
        return by_epoch


class Tracker(Protocol):
    """Logs finished runs to one tool."""

    @property
    def place(self) -> str:
        """Where they go: a folder or an address, which is printed; see `without_secrets`.

        A run is logged to each place once.
        """

    def log(self, run: LoggedRun) -> None:
        """Log a run whole.

        Raises:
            Exception: the tool's own.
        """


def logged_run(record: Record) -> LoggedRun:
    """What of a record is logged."""
    curves = {"loss": record.loss_curve}
    curves |= {f"term/{name}": curve for name, curve in record.term_curves.items()}
    scores: dict[str, float] = {}
    for name, network in record.deployments.items():
        metric = network.selected.validation.headline_label().replace(" ", "_")
        curves[f"validation/{name}/{metric}"] = network.validation_curve
        for which, at in (("selected", network.selected), ("last", network.last)):
            parts: dict[str, Scores] = {"test": at.test, "validation": at.validation}
            for part, found in parts.items():
                for score, value in found.values.items():
                    scores[f"{part}_{which}/{name}/{score}"] = value
        scores[f"selected_epoch/{name}"] = network.selected.epoch + 1
        scores[f"parameters/{name}"] = network.parameters
    cost = record.resources
    scores |= {
        "seconds": cost.seconds,
        "images_per_second": cost.images_per_second,
        "peak_memory_bytes": cost.peak_memory_bytes,
    }
    environment = record.environment.model_dump(mode="json")
    facts = {
        "dataset": record.data.name,
        **record.spec.model_dump(mode="json"),
        "environment": environment,
    }
    return LoggedRun(
        key=record.key,
        name=record.description,
        dataset=record.data.name,
        configuration=_flat(facts),
        curves=curves,
        scores=scores,
    )


def without_secrets(text: str) -> str:
    """A text whose addresses keep no passwords, nor the names that stand before them.

    >>> without_secrets("no answer from https://me:secret@example.org/api")
    'no answer from https://***@example.org/api'
    """
    return _SECRET.sub("***", text)


def _flat(values: Mapping[str, Any], path: str = "") -> dict[str, Value]:
    """Nested settings by their paths; lists as text, and without what is None."""
    flat: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{path}{name}.")
        elif isinstance(value, list | tuple):
            flat[f"{path}{name}"] = ", ".join(map(str, value))
        elif value is not None:
            flat[f"{path}{name}"] = value
    return flat
