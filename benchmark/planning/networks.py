"""The encoders that a suite chooses for its students and its teachers, where it chooses any."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmark.planning.config import Suite
from benchmark.planning.inventory import DatasetSummary
from benchmark.tasks import Task
from core.errors import UserError, nearest_names
from methods.networks.choice import DEFAULT, resolve_choice
from methods.registry import network_digest

Role = Literal["student", "teacher"]
ROLES: tuple[Role, ...] = ("student", "teacher")


@dataclass(frozen=True)
class Encoders:
    """What the networks of one role have.

    Attributes:
        usual: the encoder of a modality, as `resolve_choice` gives it; {} for the paper's.
        others: modality -> its encoder, of those that have another.
    """

    usual: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def over(self, modalities: Iterable[str]) -> dict[str, Any]:
        """Modality -> its encoder, as runs keep it; without those that have the paper's."""
        chosen = {name: dict(self.others.get(name, self.usual)) for name in modalities}
        return {name: choice for name, choice in chosen.items() if choice}


def encoders_of(
    suite: Suite, task: Task, summaries: Sequence[DatasetSummary]
) -> dict[Role, Encoders]:
    """The encoders of each role.

    Raises:
        UserError: an unknown network, setting or modality, a wrong value, or a task without
            encoders to choose.
    """
    return {role: _encoders(suite, role, task, summaries) for role in ROLES}


def encoders_together(
    encoders: Mapping[Role, Encoders], teacher: Sequence[str], student: Sequence[str]
) -> dict[str, Any]:
    """Those of a teacher and of a student that are trained at once, of some modalities each.

    Raises:
        UserError: both read a modality, each with another network.
    """
    own, partners = encoders["teacher"].over(teacher), encoders["student"].over(student)
    for name in student:
        if name in teacher and own.get(name) != partners.get(name):
            raise UserError(
                f"a teacher that is trained at once with a student reads {name} too, but their "
                "networks of it differ; choose one for both, or leave the method out"
            )
    return {**own, **partners}


def _encoders(
    suite: Suite, role: Role, task: Task, summaries: Sequence[DatasetSummary]
) -> Encoders:
    given: Mapping[str, Any] = getattr(suite, role)
    if not given:
        return Encoders()
    where = f"suite {suite.name}: {role}"
    if not task.encoders:
        raise UserError(
            f"{where} chooses encoders of classification, but the data is of {task.name}; "
            "remove the key, and set 'network'"
        )
    usual = {key: value for key, value in given.items() if key != "modalities"}
    own = given.get("modalities", {})
    if not isinstance(own, Mapping) or not all(isinstance(one, Mapping) for one in own.values()):
        raise UserError(f"{where}.modalities is {own!r}, expected {{MODALITY: {{network: NAME}}}}")
    known = {name for summary in summaries for name in summary.modalities}
    for name in own:
        if name not in known:
            raise UserError(
                f"{where}.modalities names '{name}', which no data set has: "
                f"{nearest_names(name, known)}"
            )
    return Encoders(
        _resolved(where, usual), {name: _resolved(where, one) for name, one in own.items()}
    )


def _resolved(where: str, given: Mapping[str, Any]) -> dict[str, Any]:
    settings = dict(given)
    name = settings.pop("network", DEFAULT)
    if not isinstance(name, str):
        raise UserError(f"{where}.network is {name!r}, expected a name")
    try:
        choice = resolve_choice(name, settings)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    digest = network_digest(name)
    return {**choice, "source": digest} if digest else choice
