"""What is wrong among the snapshots of a results folder: damaged, foreign and left-over files."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmark.records.checkup import Finding, is_fresh
from benchmark.records.store import ResultStore
from benchmark.training.snapshot import snapshot_key

_OWN = re.compile(r"\.?(?P<key>[0-9a-f]{20})\.pt(?P<half>\.[0-9a-f]+\.tmp)?")


def check_snapshots(store: ResultStore) -> Iterator[Finding]:
    """Look at every snapshot, while others may write to the folder.

    A snapshot without a record and without a claim is in order: its run was stopped.
    """
    busy = set(store.claims.overview().held)
    for path in sorted(store.snapshots.glob("*")):
        name = _OWN.fullmatch(path.name)
        if name is None:
            yield Finding(f"{path} is no file of this benchmark; it is left alone")
        elif name["key"] in busy:
            continue
        elif name["half"] is not None:
            if not is_fresh(path):
                yield Finding(f"{path} was left half-written by a process that died", (path,))
        elif store.result(name["key"]) is not None:
            if path.exists():  # not removed meanwhile by the process that did the run
                yield Finding(f"{path} is a snapshot of a run that is done", (path,))
        else:
            yield from _check_content(path, name["key"])


def _check_content(path: Path, key: str) -> Iterator[Finding]:
    try:
        found = snapshot_key(path)
    except FileNotFoundError:  # its run went on and was done meanwhile
        return
    except OSError as error:
        yield Finding(f"{path} cannot be read: {error.strerror}")
        return
    except ValueError as error:
        yield Finding(f"{path} is no snapshot to go on from: {error}", (path,))
        return
    if found != key:
        yield Finding(f"{path} holds the snapshot of run {found}", (path,))
