"""Suite files: what they say, and how a mistake in one is answered."""

from pathlib import Path

import pytest
import yaml

from benchmark.planning.config import SWITCHES, Scenario, read_protocol, read_suite
from core.errors import UserError

VALID = {
    "name": "mine",
    "scenario": "cross_modal",
    "datasets": [{"name": "d", "npz": "d.npz", "teacher": "S2", "student": "S1"}],
    "methods": ["kd_v1", {"name": "dkd", "beta": 2.0}],
    "seeds": 3,
}


ENTRY = VALID["datasets"][0]  # type: ignore[index]


def _write(folder: Path, **changes: object) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**VALID, **changes}))
    return str(path)


def test_defaults_are_the_papers(tmp_path: Path) -> None:
    suite = read_suite(_write(tmp_path))
    assert (suite.training.epochs, suite.training.batch_size) == (300, 128)
    assert suite.training.learning_rate == 1e-4
    assert suite.protocol == read_protocol("as_described")
    assert suite.seeds == (0, 1, 2)
    assert suite.scenario == (Scenario.CROSS_MODAL,)
    assert suite.methods[1].column == "dkd (beta=2.0)"


def test_paths_beside_the_suite_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "d.npz").touch()
    assert read_suite(_write(tmp_path)).datasets[0].npz == tmp_path / "d.npz"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metods": []}, "unknown key 'metods': the nearest valid name is 'methods'"),
        ({"datasets": [{"name": "d", "imagesize": 3}]}, r"'datasets\.0\.imagesize'.*'image_size'"),
        ({"training": {"epoch": 3}}, r"'training\.epoch'.*'epochs'"),
        ({"training": {"epochs": 0}}, r"training\.epochs is 0, but it should be greater than or"),
        ({"training": {"learning_rate": "fast"}}, r"training\.learning_rate is 'fast'"),
        ({"scenario": "crossmodal"}, "scenario.0 is 'crossmodal'"),
        ({"seeds": 0}, "seeds has no entries"),
        ({"seeds": [1, 1]}, "distinct repetitions"),
        ({"seeds": 10**30}, "should be at most 10000 repetitions"),
        ({"seeds": list(range(10_001))}, "seeds should be at most 10000 repetitions"),
        ({"seeds": [2**31]}, "seeds should be repetitions below 2147483648"),
        ({"training": {"epochs": 10**7}}, "training.epochs is 10000000"),
        ({"training": {"batch_size": 10**7}}, "training.batch_size is 10000000"),
        ({"datasets": []}, "datasets has no entries, expected at least 1"),
        ({"protocol": "as_decribed"}, "unknown protocol 'as_decribed'.*'as_described'"),
        ({"protocol": {"base": "as_described", "teacher_modes": "train"}}, "'teacher_mode'"),
        ({"protocol": {"base": "as_described", "teacher_mode": "tain"}}, "expected 'eval'"),
        ({"protocol": 3}, "protocol is 3"),
        ({"datasets": [ENTRY, ENTRY]}, "datasets should name each data set once, but 'd' comes"),
        ({"datasets": [ENTRY, {**ENTRY, "student": "B", "image_size": 8}]}, "'d' comes twice"),
        ({"name": "../up"}, "name is '../up'"),
        ({"methods": ["dkd", "dkd"]}, "methods should name each method once, but 'dkd' comes"),
        ({"protocol": {"base": "as_described", "ctkd_epoch": 5}}, "ctkd_epoch'.*'ctkd_epochs'"),
        ({"references": ["tutor"]}, "references.0 is 'tutor': expected 'teacher' or 'student'"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_in_one_sentence(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message) as refusal:
        read_suite(_write(tmp_path, **changes))
    assert "\n" not in str(refusal.value)


def test_one_data_set_may_have_several_pairs(tmp_path: Path) -> None:
    suite = read_suite(_write(tmp_path, datasets=[ENTRY, {**ENTRY, "student": "B"}]))
    assert [entry.student for entry in suite.datasets] == ["S1", "B"]


def test_a_missing_key_an_unknown_suite_and_broken_yaml(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nscenario: cross_modal\n")
    with pytest.raises(UserError, match="the key 'datasets' is missing"):
        read_suite(str(path))
    with pytest.raises(UserError, match="unknown suite 'tabel1'.*'table1'"):
        read_suite("tabel1")
    for text in ("name: [unclosed", "title: 2024-13-45", f"seeds: {'9' * 5000}"):
        path.write_text(text)
        with pytest.raises(UserError, match="not valid YAML"):
            read_suite(str(path))
    with pytest.raises(UserError, match="cannot read"):
        read_suite(str(tmp_path / "absent.yaml"))


def test_a_switched_protocol_names_what_was_switched(tmp_path: Path) -> None:
    protocol = {"base": "as_described", "teacher_mode": "train", "ctkd_epochs": 10}
    suite = read_suite(_write(tmp_path, protocol=protocol))
    assert suite.protocol.name == "as_described + teacher_mode=train"
    assert suite.protocol.teacher_mode == "train"


def test_the_released_protocol_differs_in_every_switch_but_two() -> None:
    described, released = read_protocol("as_described"), read_protocol("as_released")
    same = [name for name in SWITCHES if getattr(described, name) == getattr(released, name)]
    assert len(SWITCHES) == 10
    assert same == ["mlkd_standardization", "teacher_view"]


def test_a_method_may_stand_in_several_variants(tmp_path: Path) -> None:
    methods = [
        "dkd",
        {"name": "dkd", "beta": 2.0},
        {"name": "dkd", "variant": "mild", "label": "DKD, mild", "beta": 1.0},
    ]
    suite = read_suite(_write(tmp_path, methods=methods))
    assert [entry.column for entry in suite.methods] == ["dkd", "dkd (beta=2.0)", "dkd (mild)"]
    assert suite.methods[2].hyperparameters == {"beta": 1.0}
