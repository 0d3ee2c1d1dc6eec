"""Tables of three modalities: teachers of two, and networks that lack some of what they learned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

MakeGrid = Callable[..., Any]

ENTRY = {"name": "tristar", "modalities": ["RGB", "THERMAL", "DEPTH"], "student": "DEPTH"}
TEACHERS = (["RGB"], ["RGB", "THERMAL"])


def test_columns_name_what_teachers_see_and_a_table_shows_every_subset(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid(
        datasets=[{**ENTRY, "teacher": teacher} for teacher in TEACHERS],
        methods=["modality_dropout"],
        plugins=["none"],
    )
    scores = {"teacher": 0.9, "student": 0.6, "modality_dropout": 0.7}
    grid.fill(lambda method, _, repetition: scores[method] + 0.02 * repetition)
    for key, record in grid.records.items():
        if record.spec.method == "modality_dropout":
            own = record.deployments["DEPTH"]
            names = [*record.spec.modalities[:-1], "+".join(record.spec.modalities[1:]), "ALL"]
            deployments = {**record.deployments, **dict.fromkeys(names, own)}
            grid.records[key] = record.model_copy(update={"deployments": deployments})
    text = grid.report(tmp_path)["md"]
    rows = grid.rows(text)
    label = "TRISTAR (miniature)"
    assert rows["method", ""][:2] == [f"{label} RGB → DEPTH", f"{label} THERMAL+RGB → DEPTH"]
    assert rows["TEACHER", "-"][:2] == ["91.00 ± 1.41", "91.00 ± 1.41"]
    assert "the teacher sees what is left of the arrow" in text
    missing = text.split("## Missing modalities")[1].splitlines()
    assert f"| {label} THERMAL+DEPTH+RGB | DEPTH | 71.00 ± 1.41 |" in missing
    assert f"| {label} THERMAL+DEPTH+RGB | DEPTH+RGB | 71.00 ± 1.41 |" in missing
    assert f"| {label} THERMAL+DEPTH+RGB | THERMAL+DEPTH+RGB | 71.00 ± 1.41 |" in missing
    assert text.count("Missing modalities: one network per repetition") == 1
    assert text.count("samples, split") == 1  # of one data set, in both columns


def test_tables_of_whole_modalities_say_nothing_of_missing_ones(
    make_grid: MakeGrid, tmp_path: Path
) -> None:
    grid = make_grid()
    grid.fill(grid.score)
    text = grid.report(tmp_path)["md"]
    assert "issing modalities" not in text
    assert "the teacher sees one modality" in text
