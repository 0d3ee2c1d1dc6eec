"""Modules that are imported when something of them is first used, and then behave as always."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.lazy import lazy

ROOT = Path(__file__).parents[2]
SLOW = """
import time
time.sleep(0.2)
class Broken(Exception): pass
VALUE = [1]
"""


def test_torch_is_imported_when_it_is_first_used() -> None:
    script = (
        "import sys, methods; from core.lazy import F, torch; before = 'torch' in sys.modules; "
        "zero = F.relu(torch.tensor(-1.0)); import torch as real; "
        "print(before, isinstance(zero, torch.Tensor), torch.Tensor is real.Tensor)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "slow_module.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "slow_module", raising=False)
    return "slow_module"


def test_threads_that_use_it_at_once_get_the_same_objects(slow: str) -> None:
    module = lazy(slow)
    assert slow not in sys.modules
    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(lambda _: module.VALUE, range(4)))
    assert all(value is values[0] for value in values)


def test_it_has_the_names_and_the_exceptions_of_the_module(slow: str) -> None:
    module = lazy(slow)
    assert {"Broken", "VALUE"} <= set(dir(module))
    with pytest.raises(sys.modules[slow].Broken):
        raise module.Broken
    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        _ = module.missing


def test_a_pickle_of_it_is_the_module() -> None:
    assert pickle.loads(pickle.dumps(lazy("colorsys"))) is sys.modules["colorsys"]


def test_a_module_that_does_not_exist_is_an_error_when_it_is_used() -> None:
    module = lazy("no_such_module")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        _ = module.name
