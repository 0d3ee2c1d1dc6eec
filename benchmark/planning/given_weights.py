"""Teachers of the user's own: the file of their weights, looked at before anything is trained."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.planning.inventory import DatasetSummary
from benchmark.tasks import TASKS
from core.errors import UserError
from core.lazy import lazy
from methods.contract import Problem
from methods.tasks import network_of

_reading = lazy("methods.networks.given_weights")


@dataclass(frozen=True)
class GivenWeights:
    """A file of weights, its content, and the digest of that."""

    path: Path
    content: bytes
    digest: str


def read_weights(path: Path) -> GivenWeights:
    """Read a file of weights.

    Raises:
        UserError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read teacher_weights {path}: {error.strerror}; name a file beside the suite "
            "file, or a whole path"
        ) from None
    return GivenWeights(path, content, hashlib.sha256(content).hexdigest()[:20])


def require_fit(
    given: GivenWeights,
    summary: DatasetSummary,
    modalities: Sequence[str],
    encoders: Mapping[str, Any],
) -> None:
    """Check that the weights are those of the teacher that the suite describes.

    Args:
        given: the file.
        summary: of the data; where that is missing and unknown, nothing is checked.
        modalities: the teacher's.
        encoders: of those that have another than the paper's.

    Raises:
        UserError: data of another task than classification, or weights of another network or number
            of classes.
    """
    if not TASKS.get(summary.task).encoders:
        raise UserError(
            f"data set {summary.name}: teacher_weights are for classification, but the data is of "
            f"{summary.task}; remove the key"
        )
    if summary.classes is None:
        return
    channels = {name: summary.channels[name] for name in modalities}
    network = network_of(Problem(channels, summary.classes, seed=0, network=encoders))
    _reading.load_given_weights(network, given.content, str(given.path))
