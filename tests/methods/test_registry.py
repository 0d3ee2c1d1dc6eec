"""Methods with other hyper-parameters, and methods from a user's file."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UserError
from methods import METHODS, PLUGINS, Batch, DistillationMethod, Problem
from methods.registry import hyperparameters, load_user_file, make_method, source_digest


def test_hyperparameters_of_the_wrong_type_are_refused() -> None:
    with pytest.raises(UserError, match="hyper-parameter 'beta' is 'high'"):
        make_method("dkd", {"beta": "high"})
    with pytest.raises(UserError, match="'divergence' is 'kl'"):
        make_method("mlkd", {"divergence": "kl"})


@pytest.fixture
def user_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "own.py"
    yield path
    METHODS.remove("own_kd")
    PLUGINS.remove("own_plugin")


OWN = """
from methods import DistillationMethod, register_method

@register_method
class OwnKD(DistillationMethod):
    name = "own_kd"
    label = "OwnKD"
    strength: float = 2.0

    def distillation_loss(self, student_logits, teacher_logits, target, epoch):
        return self.strength * (student_logits - teacher_logits).square().mean()
"""


def test_a_users_file_registers_a_method_with_hyperparameters(
    user_file: Path, problem: Problem, batch: Batch
) -> None:
    user_file.write_text(OWN)
    load_user_file(user_file)
    method = make_method("own_kd", {"strength": 0.0, "task_weight": 0.0})
    assert isinstance(method, DistillationMethod)
    assert method.learner(problem, None).loss(batch, 0).item() == 0


def test_an_edited_method_has_another_digest_and_a_reformatted_one_has_not(user_file: Path) -> None:
    digests = []
    for text in (OWN, OWN.replace("= 2.0", "= 3.0"), OWN + "\n# a comment\n"):
        METHODS.remove("own_kd")
        user_file.write_text(text)
        load_user_file(user_file)
        digests.append(source_digest("own_kd"))
    assert digests[0] == digests[2] != digests[1]
    assert source_digest("dkd") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(", "not valid Python"),
        ("x = 1", "registers nothing"),
        ("1 / 0", "ZeroDivisionError"),
        (OWN.replace('"own_kd"', '"dkd"'), "'dkd' is already registered"),
        (OWN.replace('    label = "OwnKD"\n', ""), "no attribute 'label'"),
    ],
)
def test_users_files_that_cannot_be_used(user_file: Path, text: str, message: str) -> None:
    user_file.write_text(text)
    with pytest.raises(UserError, match=message):
        load_user_file(user_file)


def test_a_file_put_into_the_package_is_a_method_without_any_other_edit(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for package in ("core", "methods"):
        shutil.copytree(root / package, tmp_path / package)
    shutil.copy(root / "docs" / "examples" / "my_method.py", tmp_path / "methods" / "mine.py")
    command = [sys.executable, "-c", "import methods; print(*methods.METHODS)"]
    listed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert {"cosine_kd", "dkd", "discom_kd"} <= set(listed.stdout.split())


def test_a_later_field_at_its_default_is_no_part_of_a_run() -> None:
    plain = hyperparameters(make_method("mlkd", {}))
    assert plain == hyperparameters(make_method("mlkd", {"standardization": "all_terms"}))
    assert set(plain) == {"divergence", "task_weight", "temperatures"}
    changed = hyperparameters(make_method("mlkd", {"standardization": "instance_term"}))
    assert changed == {**plain, "standardization": "instance_term"}
    assert make_method("mlkd", changed).schedule_epochs == 0
