"""A folder is whole or not there, however many processes want it and whatever stops them."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from core.errors import UserError
from datasets.preparing.folders import make_folder


def _is_whole(folder: Path) -> bool:
    return (folder / "done.txt").is_file()


def _fill(folder: Path) -> None:
    with (folder.parent / "calls.txt").open("a") as calls:
        calls.write("called\n")
    time.sleep(0.2)  # long enough for the others to come and wait
    (folder / "done.txt").write_text(str(os.getpid()))


def _make(folder: Path) -> None:
    make_folder(folder, _is_whole, _fill)


def _die(folder: Path) -> None:
    (folder / "half.txt").write_text("half")
    signal.raise_signal(signal.SIGKILL)


def _make_and_die(folder: Path) -> None:
    make_folder(folder, _is_whole, _die)


def test_one_of_many_processes_fills_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "made"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_make, args=(folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 3
    assert (folder.parent / "calls.txt").read_text() == "called\n"
    assert [path.name for path in folder.iterdir()] == ["done.txt"]


def test_a_killed_process_frees_the_lock_and_its_leftovers_go(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    process = multiprocessing.get_context("spawn").Process(target=_make_and_die, args=(folder,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / ".made.partial" / "half.txt").is_file()
    assert not folder.exists()
    _make(folder)
    assert [path.name for path in folder.iterdir()] == ["done.txt"]
    assert not (tmp_path / ".made.partial").exists()


def test_what_fails_leaves_the_folder_of_before(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "old.txt").write_text("old")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match=r"cannot write .*\.made\.partial \(No space left"):
        make_folder(folder, _is_whole, full)
    assert [path.name for path in folder.iterdir()] == ["old.txt"]
    _make(folder)
    assert [path.name for path in folder.iterdir()] == ["done.txt"]
