"""Typed configuration: suite files, protocols, and the changes that the command line makes."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from benchmark.planning.range_entry import RangeEntry
from benchmark.planning.yaml_file import read_yaml
from benchmark.records.spec import LeavesOut, NoisyLabels, TeacherView, Training
from core.errors import UserError, nearest_names
from core.models import first_finding

Model = TypeVar("Model", bound=BaseModel)

SUITES = Path(__file__).parent / "suites"
PROTOCOLS = Path(__file__).parent / "protocols"

MOST_REPETITIONS = 10_000
REPETITION_LIMIT = 2**31  # repetitions are numbered below it


class Scenario(StrEnum):
    """Which modalities the teacher sees; the student always sees one."""

    CROSS_MODAL = "cross_modal"  # one other modality
    MULTI_MODAL = "multi_modal"  # all of them


class Protocol(LeavesOut):
    """The fidelity switches: where the released code of DisCoM-KD departs from the paper's text.

    docs/protocols.md describes each value. `changed` names those that a suite sets by itself.
    """

    LATER = frozenset({"teacher_view"})

    name: str
    changed: tuple[str, ...] = ()
    reference_augmentation: Literal["d4", "none"]
    teacher_mode: Literal["eval", "train"]
    modality_targets: Literal["class_index", "released"]
    mlkd_divergence: Literal["kd_loss", "released"]
    mlkd_standardization: Literal["all_terms", "instance_term"]
    projection: Literal["linear", "linear_bn_relu"]
    modality_reduction: Literal["sum", "mean"]
    ctkd_epochs: int = Field(ge=1)
    normalisation: Literal["training_split", "whole_data_set"]
    teacher_view: TeacherView = "shared"

    @property
    def switches(self) -> dict[str, Any]:
        """Switch -> value, without switches that came later and are as before them."""
        values = self.model_dump()
        return {name: values[name] for name in SWITCHES if name in values}


class DatasetEntry(NoisyLabels):
    """One data set of a suite and its part in it.

    `name` alone means a published or generated data set; with `npz` or `npy` it is the user's own.
    `teacher` and `student` are for the cross-modal scenario; in the multi-modal one each modality
    has a student. A teacher may see several modalities, the student's among them.
    `options` are those of the data set or its reader, such as `depth: depth_bfx`.
    `teacher_weights` is a file with the weights of one's own teacher, which is then not trained.
    `label_noise` is the share of training labels that are redrawn at random for all runs but the
    teachers', which learn from the right ones; validation and test always have the right ones.
    """

    LATER = frozenset({"label_noise", "teacher_weights"})

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    label: str | None = None
    npz: Path | None = None
    npy: Path | None = None
    modalities: tuple[str, ...] | None = None
    teacher: str | tuple[str, ...] | None = None
    student: str | None = None
    split: Literal["paper", "by_group"] = "paper"
    image_size: int | None = Field(default=None, ge=8, le=4096)
    options: dict[str, str] = Field(default_factory=dict)
    teacher_weights: Path | None = None

    @property
    def teacher_modalities(self) -> tuple[str, ...]:
        """The teacher's modalities as they are written; () where none is named."""
        return (self.teacher,) if isinstance(self.teacher, str) else self.teacher or ()

    @field_validator("teacher", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        """A list of one is that one, so that it is the same entry however it is written."""
        listed = isinstance(value, list | tuple)
        if listed and (not value or len(set(map(str, value))) < len(value)):
            raise ValueError("Input should be one modality, or several different ones")
        return value[0] if listed and len(value) == 1 else value


class MethodEntry(LeavesOut):
    """One method of a suite, with the hyper-parameters that differ from its defaults.

    `evaluate` names a part of the method's networks to score instead of the whole, which costs no
    training of its own. `alone` trains a joint method on the student's modality and no other one.
    `variant` is a short name for the entry, `label` its name in tables.
    """

    LATER = frozenset({"alone"})

    name: str
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
    variant: str | None = None
    label: str | None = None
    evaluate: str | None = None
    alone: bool = False

    @property
    def column(self) -> str:
        """Name in CSV columns; unique per choice of hyper-parameters."""
        return self.name + self.remark

    @property
    def remark(self) -> str:
        """What is special about the entry, in parentheses; "" for the method as it is."""
        changed = ", ".join(f"{key}={value}" for key, value in self.hyperparameters.items())
        alone = "alone" if self.alone else None
        remark = self.variant or ", ".join(filter(None, (alone, self.evaluate, changed)))
        return f" ({remark})" if remark else ""


class Suite(LeavesOut):
    """A grid of runs and the tables that it fills.

    Attributes:
        references: which of TEACHER and STUDENT stand in the table. A teacher that is needed is
            trained in any case.
        baseline: the row that others are compared with, as in CSV columns; STUDENT by default.
        average: add a column with the mean over the others.
        network: settings of the task's networks; the task fills gaps, and refuses what it has not.
        student, teacher: encoders of classification, as `networks.encoders_of` reads them.
        augmentation: how training samples are augmented; likewise, as are gaps of `training`.
        audit: name of a protocol. The suite then runs under its own protocol, with each switch in
            turn as that protocol has it, and under that protocol.
        fidelity: show agreement with the teacher and calibration. Where it is off it is left out of
            reports, which then are as they were before it existed.
        cost: show device time and parameters of each method; likewise.
        information: show what TEACHER, STUDENT and labels tell of each other; likewise.
        search_space: what tuning tries in place of what is declared: a name that all rows share, or
            `method.hyperparameter`.
    """

    LATER = frozenset(
        {"network", "student", "teacher", "augmentation", "search_space"}
        | {"fidelity", "cost", "information"}
    )

    # Reports are in files of that name and more, which file systems limit to 255 bytes.
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")
    title: str = ""
    scenario: Annotated[tuple[Scenario, ...], Field(min_length=1)]
    datasets: Annotated[tuple[DatasetEntry, ...], Field(min_length=1)]
    methods: Annotated[tuple[MethodEntry, ...], Field(min_length=1)]
    plugins: tuple[str, ...] = ("none",)
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0, 1, 2, 3, 4)
    protocol: Protocol
    training: Training = Training()
    network: dict[str, Any] = Field(default_factory=dict)
    student: dict[str, Any] = Field(default_factory=dict)
    teacher: dict[str, Any] = Field(default_factory=dict)
    augmentation: dict[str, Any] = Field(default_factory=dict)
    references: tuple[Literal["teacher", "student"], ...] = ("teacher", "student")
    baseline: str | None = None
    average: bool = False
    audit: str | None = None
    fidelity: bool = False
    cost: bool = False
    information: bool = False
    search_space: dict[str, RangeEntry] = Field(default_factory=dict)
    smoke: bool = False

    @property
    def compared_with(self) -> str | None:
        """The baseline's name in CSV columns, or None where the table has none."""
        return self.baseline or ("student" if "student" in self.references else None)

    @field_validator("fidelity", "cost", "information")
    @classmethod
    def _in_no_audit(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("audit") is not None:
            raise ValueError("Input should be false in an audit, whose report does not show it")
        return value

    @field_validator("scenario", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("methods", mode="before")
    @classmethod
    def _name_or_mapping(cls, value: Any) -> Any:
        return [_method_entry(entry) for entry in value] if isinstance(value, list) else value

    @field_validator("datasets")
    @classmethod
    def _one_meaning_per_name(cls, value: tuple[DatasetEntry, ...]) -> tuple[DatasetEntry, ...]:
        """A name is a column of the table: two entries may differ in their roles alone."""
        for position, entry in enumerate(value):
            for other in value[:position]:
                same_roles = (entry.teacher, entry.student) == (other.teacher, other.student)
                roles = {
                    name: getattr(entry, name) for name in ("teacher", "student", "teacher_weights")
                }
                if entry.name == other.name and (
                    same_roles or other.model_copy(update=roles) != entry
                ):
                    raise ValueError(
                        f"Input should name each data set once, but '{entry.name}' comes twice; "
                        "give own data another name, or write a suite of its own"
                    )
        return value

    @field_validator("methods")
    @classmethod
    def _one_row_each(cls, value: tuple[MethodEntry, ...]) -> tuple[MethodEntry, ...]:
        columns = [entry.column for entry in value]
        for column in columns:
            if columns.count(column) > 1:
                raise ValueError(
                    f"Input should name each method once, but '{column}' comes twice; give the "
                    "entries different variants"
                )
        return value

    @field_validator("seeds", mode="before")
    @classmethod
    def _count_or_list(cls, value: Any) -> Any:
        if isinstance(value, int | list | tuple):
            count = value if isinstance(value, int) else len(value)
            if count > MOST_REPETITIONS:  # before they are all made, and planned
                raise ValueError(f"Input should be at most {MOST_REPETITIONS} repetitions")
        return tuple(range(value)) if isinstance(value, int) else value

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) != len(value) or min(value) < 0:
            raise ValueError("Input should be distinct repetitions, each 0 or more")
        if max(value) >= REPETITION_LIMIT:
            raise ValueError(f"Input should be repetitions below {REPETITION_LIMIT}")
        return value


def _method_entry(entry: Any) -> Any:
    if isinstance(entry, str):
        return {"name": entry}
    if isinstance(entry, Mapping) and "name" in entry:
        own = {key: entry[key] for key in MethodEntry.model_fields.keys() & entry.keys()}
        others = {key: value for key, value in entry.items() if key not in own}
        return {"hyperparameters": others, **own}
    return entry


SWITCHES = tuple(field for field in Protocol.model_fields if field not in ("name", "changed"))


def suite_names() -> list[str]:
    """Names of the suites that ship with the benchmark."""
    return sorted(path.stem for path in SUITES.glob("*.yaml"))


def read_suite(name_or_path: str, overrides: Mapping[str, Any] | None = None) -> Suite:
    """Read a suite by its name or the path of its file.

    Args:
        name_or_path: a shipped suite's name, or a path that ends in .yaml or .yml.
        overrides: values that replace those of the file, keys as in the file; those of
            `training` are replaced one by one. They are checked as the file is.

    Raises:
        UserError: no such suite, unreadable file, unknown key or wrong value.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = SUITES / f"{name_or_path}.yaml"
        if not path.is_file():
            hint = nearest_names(name_or_path, suite_names())
            raise UserError(
                f"unknown suite '{name_or_path}': {hint}; or give a path to a .yaml file"
            )
    raw = read_yaml(path)
    for key, value in (overrides or {}).items():
        if key != "training":
            raw[key] = value
        elif isinstance(given := raw.get(key) or {}, Mapping):
            raw[key] = {**given, **value}
    raw["protocol"] = _protocol_values(path, raw.get("protocol", "as_described"))
    suite = _validated(Suite, str(path), raw)
    return suite.model_copy(
        update={"datasets": tuple(_with_absolute_paths(e, path.parent) for e in suite.datasets)}
    )


def _with_absolute_paths(entry: DatasetEntry, folder: Path) -> DatasetEntry:
    """Resolve a path beside the suite file; one that is not there is looked for with --data."""
    found = {
        key: (folder / path).resolve()
        for key in ("npz", "npy", "teacher_weights")
        if (path := getattr(entry, key)) is not None and (folder / path).exists()
    }
    return entry.model_copy(update=found)


def read_protocol(name: str) -> Protocol:
    """Read a protocol by its name.

    Raises:
        UserError: no such protocol.
    """
    path = PROTOCOLS / f"{name}.yaml"
    if not path.is_file():
        hint = nearest_names(name, (file.stem for file in PROTOCOLS.glob("*.yaml")))
        raise UserError(f"unknown protocol '{name}': {hint}")
    return _validated(Protocol, str(path), read_yaml(path))


def _protocol_values(path: Path, value: Any) -> dict[str, Any]:
    """All switches of a suite's `protocol`: a name, or {base: name, switch: value, ...}."""
    if isinstance(value, str):
        return read_protocol(value).model_dump()
    if not isinstance(value, Mapping) or not isinstance(value.get("base"), str):
        raise UserError(
            f"{path}: protocol is {value!r}, expected a name or {{base: NAME, SWITCH: VALUE}}"
        )
    base = read_protocol(value["base"]).model_dump()
    changes = {key: entry for key, entry in value.items() if key != "base"}
    changed = [f"{key}={entry}" for key, entry in changes.items() if base.get(key) != entry]
    name = " + ".join([base["name"], *changed])
    return {**base, **changes, "name": name, "changed": tuple(changes)}


_PARTS: Mapping[str, type[BaseModel]] = {
    "datasets": DatasetEntry,
    "training": Training,
    "protocol": Protocol,
    "search_space": RangeEntry,
}


def _validated(model: type[Model], origin: str, raw: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        raise UserError(f"{origin}: {_first_problem(model, error)}") from None


def _first_problem(model: type[BaseModel], error: ValidationError) -> str:
    """The first of pydantic's findings as one sentence."""
    found = first_finding(error)
    where, value = found.where, found.value
    if found.kind == "extra_forbidden":
        part = _PARTS.get(str(found.path[0]), model) if len(found.path) > 1 else model
        return f"unknown key '{where}': {nearest_names(str(found.path[-1]), part.model_fields)}"
    if found.kind == "missing":
        return f"the key '{where}' is missing; add it"
    if found.kind == "literal_error":
        return f"{where} is {value!r}: expected {found.expected}"
    if found.kind == "too_short":
        return f"{where} has no entries, expected at least 1; add one"
    message = found.message.removeprefix("Value error, ").removeprefix("Input ")
    if isinstance(value, list | tuple | dict):
        return f"{where} {message}"
    return f"{where} is {value!r}, but it {message}"
