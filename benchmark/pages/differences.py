"""What differs between two runs: settings as dotted paths, and scores."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.records.record import DeploymentResult, Record
from benchmark.records.scores import AnyScores
from benchmark.records.spec import RunSpec


@dataclass(frozen=True)
class Difference:
    """A value that two runs do not share, as JSON text; None where one has no such value."""

    path: str
    first: str | None
    second: str | None


@dataclass(frozen=True)
class ScoreChange:
    """How the scores of one deployed network differ; all numbers in [-1, 1].

    Attributes:
        first, second: headline score of the selected checkpoint on test; None where a run does not
            deploy the network.
        largest: largest absolute difference of any score, of both checkpoints on validation and
            test; None where a run does not deploy the network.
    """

    network: str
    first: float | None
    second: float | None
    largest: float | None


def flatten(value: Any, path: str = "") -> dict[str, str]:
    """A nested mapping as dotted paths to JSON text; lists and empty mappings stay whole.

    >>> flatten({"training": {"epochs": 3}, "modalities": ["S1"]})
    {'training.epochs': '3', 'modalities': '["S1"]'}
    """
    if isinstance(value, Mapping) and value:
        found: dict[str, str] = {}
        for key, entry in value.items():
            found |= flatten(entry, f"{path}.{key}" if path else str(key))
        return found
    return {path: json.dumps(value, ensure_ascii=False)}


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> list[Difference]:
    """All paths of two flattened mappings whose values differ, in the order of the first.

    Where one has nothing and the other has parts, the parts alone are listed.
    """
    paths = [path for path in {**first, **second} if first.get(path) != second.get(path)]
    return [
        Difference(path, first.get(path), second.get(path))
        for path in paths
        if not any(part.startswith(f"{path}.") for part in paths)
    ]


def resolved_settings(spec: RunSpec, find: Callable[[str], RunSpec | None]) -> dict[str, str]:
    """All settings of a run, its teacher's key replaced by the teacher's own settings.

    A teacher's key changes with everything, so only its settings tell what changed. They are at
    `teacher.spec`; a teacher that is not found keeps `teacher.key`.
    """
    return flatten(_resolved(spec, find))


def score_changes(first: Record, second: Record) -> list[ScoreChange]:
    """The networks whose scores are not equal to the last bit, or that only one run deploys."""
    changes = []
    for network in {**first.deployments, **second.deployments}:
        one, other = first.deployments.get(network), second.deployments.get(network)
        if one is None or other is None:
            changes.append(ScoreChange(network, _selected(one), _selected(other), None))
            continue
        pairs = list(zip(_scores(one), _scores(other), strict=True))
        if all(a == b for a, b in pairs):
            continue
        steps = [
            abs(a.values[m] - b.values[m]) for a, b in pairs for m in a.values if m in b.values
        ]
        largest = max(steps, default=None)
        changes.append(ScoreChange(network, _selected(one), _selected(other), largest))
    return changes


def _resolved(spec: RunSpec, find: Callable[[str], RunSpec | None]) -> dict[str, Any]:
    settings = spec.model_dump(mode="json")
    teacher = find(spec.teacher.key) if spec.teacher else None
    if teacher is not None:
        del settings["teacher"]["key"]
        settings["teacher"]["spec"] = _resolved(teacher, find)
    return settings


def _scores(result: DeploymentResult) -> Iterable[AnyScores]:
    for evaluation in (result.selected, result.last):
        yield from (evaluation.validation, evaluation.test)


def _selected(result: DeploymentResult | None) -> float | None:
    return None if result is None else result.selected.test.headline
