"""Data is found by its content, whatever it is called."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from datasets.cards import CARDS
from datasets.finding import find_dataset
from datasets.own.npz import read_npz
from datasets.stand_ins.archives import open_miniature


def test_an_archive_is_found_under_another_name(
    write_maps: Callable[..., Path], tmp_path: Path
) -> None:
    content = read_npz("own", write_maps("some")).fingerprint
    write_maps("another", DEPTH=np.ones((20, 1, 16, 16), np.float32))
    write_maps("no_depth", DEPTH=None)
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    found = find_dataset(content, "own", ["RGB", "DEPTH"], tmp_path)
    assert found is not None
    assert (found.name, found.fingerprint) == ("own", content)
    (tmp_path / "some.npz").unlink()
    assert find_dataset(content, "own", ["RGB", "DEPTH"], tmp_path) is None


def test_prepared_data_is_found(miniature_data: Path) -> None:
    dataset = open_miniature(CARDS.get("midair"), miniature_data)
    found = find_dataset(dataset.fingerprint, "midair", dataset.modalities, miniature_data)
    assert found is not None
    assert np.array_equal(found.labels, dataset.labels)
