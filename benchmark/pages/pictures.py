"""Draws the label maps that a run kept of some test samples, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmark.pages.layout import sentence
from benchmark.pages.lookup import StoredRun
from core.errors import UserError
from datasets.base import Dataset
from datasets.finding import find_dataset
from datasets.looking.map_lines import MapLine, draw_map_lines
from datasets.looking.map_sheet import colour_samples


def write_pictures(
    console: Console,
    run: StoredRun,
    data: Path,
    path: Path,
    samples: Sequence[int] | None = None,
    at_random: int | None = None,
) -> None:
    """Write a picture of test samples: images, what is true, what each deployed network predicts.

    Without the data there are no images, and a sentence says so.

    Args:
        console: where it is said what was written.
        run: of which label maps were kept.
        data: folder of the data sets.
        path: of the picture; its folder is created.
        samples: which, by their place in the data set, all that were kept by default.
        at_random: so many of those that were kept instead.

    Raises:
        UserError: the run has no maps, or none of such a sample; the file cannot be written.
    """
    maps = run.maps()
    places = _places(run, maps.indices, samples, at_random)
    chosen = maps.indices[places]
    facts = run.record.data
    dataset = find_dataset(facts.fingerprint, facts.name, facts.modalities, data)
    images = _images(dataset, chosen, maps.size)
    lines = [
        MapLine(
            label=f"sample {sample}",
            remark="",
            images=images[number],
            maps=[maps.truth[place], *(found[place] for found in maps.predicted.values())],
        )
        for number, (place, sample) in enumerate(zip(places, chosen, strict=True))
    ]
    headings = ["truth", *(f"map from {name}" for name in maps.predicted)]
    page = draw_map_lines(
        list(dataset.modalities) if dataset else [], headings, lines, maps.class_names
    )
    page.save(path)
    sentence(console, f"{path}: {len(lines)} of {len(maps.indices)} kept test samples")
    if dataset is None:
        sentence(
            console,
            f"without images: nothing in the folder {data} is what the run was trained on "
            f"({facts.name}, fingerprint {facts.fingerprint}); name another with --data",
        )


def _places(
    run: StoredRun,
    kept: NDArray[np.int64],
    samples: Sequence[int] | None,
    at_random: int | None,
) -> NDArray[np.int64]:
    """Places of the wanted samples among those that were kept."""
    if samples is None:
        number = min(at_random or len(kept), len(kept))
        return np.sort(np.random.default_rng().permutation(len(kept))[:number])
    known = {int(sample): place for place, sample in enumerate(kept)}
    unknown = [str(sample) for sample in samples if sample not in known]
    if unknown:
        raise UserError(
            f"run {run.record.key} kept no label map of sample {', '.join(unknown)}; it kept those "
            f"of {', '.join(map(str, sorted(known)))}"
        )
    return np.array([known[sample] for sample in samples])


def _images(
    dataset: Dataset | None, samples: NDArray[np.int64], size: tuple[int, int]
) -> list[list[NDArray[np.float32]]]:
    """Of each sample, the colours of its images."""
    if dataset is None:
        return [[] for _ in samples]
    shown = colour_samples(dataset, samples, size)
    return [list(images) for images in zip(*shown.values(), strict=True)]
