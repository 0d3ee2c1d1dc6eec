"""The printed tables of the papers: values to compare results with, never results.

The files lie in `results/published` of the repository, whatever folder results go to; its README
describes them. An installation without that folder has no published values.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from benchmark.planning.config import Scenario
from benchmark.planning.plan import STUDENT, TEACHER
from benchmark.reporting.tables import CellKey
from benchmark.statistics import Arrow, compare
from core.errors import UserError
from core.models import StrictModel, first_finding

FOLDER = Path(__file__).resolve().parents[3] / "results" / "published"


class PublishedValue(StrictModel):
    """One printed number, a line of a file; `value_percent` is in [0, 100]."""

    table: str
    scenario: Scenario
    dataset: str = Field(min_length=1)
    teacher_modality: str = Field(min_length=1)
    evaluated_modality: str
    method: str = Field(min_length=1)
    plugin: str = Field(min_length=1)
    metric: Literal["weighted_f1", "mean_iou"]
    value_percent: float = Field(ge=0, le=100, allow_inf_nan=False)

    @property
    def key(self) -> CellKey:
        """The cell that it stands in."""
        names = (self.dataset, self.evaluated_modality, self.method, self.plugin)
        return CellKey(self.scenario, *names)


COLUMNS = tuple(PublishedValue.model_fields)


class Oddity(StrictModel):
    """One sentence on what is odd about some cells; None stands for all of them."""

    sentence: str = Field(min_length=1)
    dataset: str | None = None
    modality: str | None = None
    method: str | None = None
    plugin: str | None = None

    def concerns(self, key: CellKey) -> bool:
        """Whether the sentence is about this cell."""
        wanted = (self.dataset, self.modality, self.method, self.plugin)
        # The scenario comes first in a key; a table has but one.
        return all(own in (None, other) for own, other in zip(wanted, key[1:], strict=True))


_ODDITIES = TypeAdapter(dict[str, tuple[Oddity, ...]])


@dataclass(frozen=True)
class PublishedTable:
    """A printed table.

    Attributes:
        name: of the table and of the suite that reruns it, such as "table1".
        values: every printed number by its cell.
        oddities: what is odd about them.
    """

    name: str
    values: Mapping[CellKey, PublishedValue]
    oddities: tuple[Oddity, ...]

    def percent(self, key: CellKey) -> float | None:
        """The printed number in percent; None where nothing is printed."""
        found = self.values.get(key)
        return None if found is None else found.value_percent

    def arrow(self, key: CellKey) -> Arrow | None:
        """The arrow of a printed number against the printed STUDENT of its column.

        None for references, where nothing is printed, and in a table without STUDENT.
        """
        value = self.percent(key)
        student = self.percent(key._replace(method=STUDENT, plugin="none"))
        if key.method in (TEACHER, STUDENT) or value is None or student is None:
            return None
        return compare({0: value}, {0: student})

    def columns(self, scenario: Scenario) -> set[tuple[str, str, str]]:
        """The (data set, teacher's modality, evaluated modality) that it has students for."""
        return {
            (value.dataset, value.teacher_modality, value.evaluated_modality)
            for value in self.values.values()
            if value.scenario is scenario and value.method != TEACHER
        }


def read_published(name: str, folder: Path = FOLDER) -> PublishedTable | None:
    """Read the printed table that a suite reruns.

    Args:
        name: name of the suite: `table1` reruns table 1 of the DisCoM-KD paper, `crodino_table1`
            that of the CroDiNo-KD paper.
        folder: where the files are.

    Returns:
        None where no table of that name was published, or the folder is not there.

    Raises:
        UserError: a file that is there cannot be read or is not as its README says.
    """
    paper, _, table = name.rpartition("_")
    path = folder / f"{paper or 'discom'}_kd_{table}.csv"
    if not path.is_file():
        return None
    values: dict[CellKey, PublishedValue] = {}
    for number, value in _read_values(path):
        if value.table != name:
            raise _broken(path, f"line {number} is of '{value.table}', expected '{name}'")
        if value.key in values:
            raise _broken(path, f"line {number} repeats a cell of an earlier line")
        values[value.key] = value
    return PublishedTable(name, values, _read_oddities(folder / "oddities.yaml").get(name, ()))


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The lines of a file of printed values with their numbers.

    Raises:
        UserError: it cannot be read or has other columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if tuple(reader.fieldnames or ()) != tuple(columns):
                raise _broken(path, f"expected the columns {', '.join(columns)}")
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _broken(path, f"cannot read it: {error}") from None


def _read_values(path: Path) -> list[tuple[int, PublishedValue]]:
    """The lines of a file of scores with their numbers."""
    rows = read_rows(path, COLUMNS)
    found = []
    for number, row in rows:
        try:
            found.append((number, PublishedValue.model_validate(row)))
        except ValidationError as error:
            raise _broken(path, f"line {number}: {_first_problem(error)}") from None
    return found


def _read_oddities(path: Path) -> dict[str, tuple[Oddity, ...]]:
    """The oddities of all tables; none where the file is not there."""
    try:
        return _ODDITIES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise _broken(path, _first_problem(error)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _broken(path, f"cannot read it: {' '.join(str(error).split())}") from None


def _first_problem(error: ValidationError) -> str:
    found = first_finding(error)
    return f"{found.where} is {found.value!r}: {found.message}"


def _broken(path: Path, problem: str) -> UserError:
    return UserError(f"published table {path}: {problem}; restore the file from the repository")
