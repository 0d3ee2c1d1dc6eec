"""What tuning may try of a method: every shipped declaration, and those that say nothing."""

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from core.errors import UserError
from methods import METHODS, Choice, LogUniform, Uniform
from methods.label_smoothing import LabelSmoothing
from methods.registry import make_method
from methods.search_space import declared_space, whole_numbers


@pytest.mark.parametrize("name", list(METHODS))
def test_each_declared_range_holds_its_default_and_can_be_made(name: str) -> None:
    default = make_method(name, {})
    for field, range_ in declared_space(METHODS.get(name)).items():
        assert range_.problem() == ""
        low, *_, high = range_.extremes
        assert low <= getattr(default, field) <= high, field
        for value in range_.extremes:
            make_method(name, {field: value})


def test_a_space_stands_beside_the_default_and_is_inherited() -> None:
    assert declared_space(METHODS.get("kd_v1")) == {"temperature": LogUniform(1, 10)}
    # Beside what pydantic checks, too.
    assert declared_space(LabelSmoothing) == {"smoothing": LogUniform(0.01, 0.5)}
    assert declared_space(METHODS.get("kd_v2")) == {
        "temperature": LogUniform(1, 10),
        "distillation_weight": LogUniform(0.05, 5),
    }


def test_an_annotation_that_cannot_be_read_is_a_sentence() -> None:
    class Broken(LabelSmoothing):
        name = "broken"
        __annotations__ = {"smoothing": "Annotated[float, NoSuchRange(1)]"}

    with pytest.raises(UserError, match=r"search space of method 'broken' cannot be read: Name"):
        declared_space(Broken)


def test_whole_numbers_are_those_whose_type_says_so() -> None:
    @dataclass(frozen=True)
    class Own(LabelSmoothing):
        exponent: Annotated[float, LogUniform(0.5, 8)] = 4
        steps: Annotated[int, Uniform(1, 9)] = 4
        stage: Literal[1, 2, 3] = 2
        limit: float | None = 9
        once: bool = True

    assert whole_numbers(Own) == {"steps", "stage"}


@pytest.mark.parametrize(
    ("range_", "problem"),
    [
        (Uniform(2, 1), "goes from 2 to 1, which leaves nothing to try"),
        (LogUniform(3, 3), "goes from 3 to 3, which leaves nothing to try"),
        (LogUniform(0, 1), "goes from 0 on a logarithmic scale"),
        (Uniform(0, float("nan")), "give two finite numbers"),
        (Choice(()), "has no values"),
    ],
)
def test_a_range_with_nothing_in_it_says_so(range_: Uniform | Choice, problem: str) -> None:
    assert problem in range_.problem()


def test_ranges_are_metadata_that_hyperparameters_pass_by() -> None:
    hint = Annotated[float, LogUniform(1, 10)]
    assert hint.__metadata__ == (LogUniform(1, 10),)
    assert make_method("kd_v1", {"temperature": 100.0}).temperature == 100.0  # type: ignore[attr-defined]
