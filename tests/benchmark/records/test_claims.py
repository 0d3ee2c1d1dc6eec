"""Claims: one process per run, whoever dies and whatever the clocks say."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.records.claims import Claim, ClaimLostError, Claims

KEYS = [f"{number:020x}" for number in range(40)]
KEY = KEYS[0]
ROOT = Path(__file__).parents[3]

# Claims every key that it can, says which, and waits to be killed.
GRAB = """
import sys
from pathlib import Path
from benchmark.records.claims import Claims

claims = Claims(Path(sys.argv[1]))
held = []
for key in sys.argv[2:]:
    claim = claims.acquire(key, "a run", "cpu")
    if claim is not None:
        held.append(claim.__enter__())
        print(key, end=" ", flush=True)
print(flush=True)
sys.stdin.read()
"""


def _grab(folder: Path, keys: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", GRAB, str(folder), *keys],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _acquire(claims: Claims, key: str = KEY) -> Claim | None:
    return claims.acquire(key, "a run", "cpu")


def _kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate(timeout=30)


def test_of_many_processes_one_gets_each_run(tmp_path: Path) -> None:
    processes = [_grab(tmp_path, KEYS[offset:] + KEYS[:offset]) for offset in (0, 0, 10, 20)]
    try:
        held = [process.stdout.readline().split() for process in processes if process.stdout]
        found = Claims(tmp_path).overview()
    finally:
        for process in processes:
            _kill(process)
    assert sorted(key for keys in held for key in keys) == KEYS
    owners = {key: owner.pid for key, owner in found.held.items() if owner}
    assert owners == {
        key: process.pid for process, keys in zip(processes, held, strict=True) for key in keys
    }


def test_a_dead_owner_on_this_machine_is_seen_at_once(tmp_path: Path) -> None:
    process = _grab(tmp_path, [KEY])
    assert process.stdout is not None
    assert process.stdout.readline().split() == [KEY]
    claims = Claims(tmp_path)
    assert _acquire(claims) is None
    os.kill(process.pid, signal.SIGSTOP)  # asleep, not dead
    assert _acquire(claims) is None
    _kill(process)
    assert KEY in claims.overview().expired
    claim = _acquire(claims)
    assert claim is not None
    with claim:
        claim.require()
        assert _acquire(Claims(tmp_path)) is None
    assert not list(tmp_path.iterdir())


def _claim_of_another_machine(folder: Path) -> Path:
    claim = _acquire(Claims(folder))
    assert claim is not None
    path = folder / f"{KEY}.0"
    path.write_text(path.read_text().replace('"machine":"', '"machine":"another '))
    return path


def test_an_owner_elsewhere_is_dead_when_its_heart_stands_still(tmp_path: Path) -> None:
    path = _claim_of_another_machine(tmp_path)
    claims = Claims(tmp_path, patience=0.3)
    # Clocks that jump, back or ahead, are signs of life like any other change.
    for beat in (10**18, 1, 4 * 10**18):
        os.utime(path, ns=(beat, beat))
        assert _acquire(claims) is None
        time.sleep(0.2)
    assert KEY in claims.overview().held
    time.sleep(0.3)
    expired = claims.overview().expired[KEY]
    # A process that has not watched itself believes one that has, as long as nothing moved.
    fresh = Claims(tmp_path, patience=1000)
    assert _acquire(fresh) is None
    os.utime(path, ns=(5 * 10**18, 5 * 10**18))
    assert fresh.acquire(KEY, "a run", "cpu", expired) is None
    claim = fresh.acquire(KEY, "a run", "cpu", expired._replace(beat=5 * 10**18))
    assert claim is not None
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [f"{KEY}.0", f"{KEY}.1"]


def test_one_who_was_taken_for_dead_learns_it_before_it_writes_a_result(tmp_path: Path) -> None:
    claim = _acquire(Claims(tmp_path))
    assert claim is not None
    with claim:
        path = tmp_path / f"{KEY}.0"
        (tmp_path / f"{KEY}.1").write_text(path.read_text())
        with pytest.raises(ClaimLostError, match="has taken over run"):
            claim.require()
    assert (tmp_path / f"{KEY}.1").exists()  # the other one's is left alone


def test_a_claim_that_cannot_be_read_counts_as_held_for_a_while(tmp_path: Path) -> None:
    (tmp_path / f"{KEY}.0").write_text("half a fi")
    claims = Claims(tmp_path, patience=0.2)
    assert _acquire(claims) is None
    assert claims.overview().held == {KEY: None}
    time.sleep(0.3)
    assert _acquire(claims) is not None


def test_runs_on_the_same_device_at_once_share_it(tmp_path: Path) -> None:
    claims = Claims(tmp_path)
    first = claims.acquire(KEYS[0], "a run", "cuda:0")
    other = claims.acquire(KEYS[1], "a run", "cuda:1")
    assert first is not None
    assert other is not None
    with first, other:
        assert (first.shared, other.shared) == (False, False)
        late = claims.acquire(KEYS[2], "a run", "cuda:0")
        assert late is not None
        with late:
            assert late.shared
            first.look_around()
        other.look_around()
        assert (first.shared, other.shared) == (True, False)
