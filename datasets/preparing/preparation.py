"""From an official archive, or the folder it was extracted to, to memory-mapped arrays."""

import hashlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.host import usable_cores
from datasets.base import Array, Dataset
from datasets.cards import CARDS
from datasets.label_maps import pixel_counts
from datasets.own.validation import check_labels
from datasets.preparing.archives import open_files
from datasets.preparing.cache import (
    FORMAT,
    META,
    PIXEL_COUNTS,
    ArrayFacts,
    ArrayWriter,
    CacheMeta,
    StaleCacheError,
    open_cache,
    read_meta,
    save_per_sample,
    write_meta,
)
from datasets.preparing.folders import make_folder
from datasets.preparing.readers import (
    DEFAULTS,
    LABEL_MAPS,
    LABEL_TYPE,
    READERS,
    VOID,
    Catalogue,
    Item,
    Options,
    PreparationOptions,
    locate,
    resolve_options,
)

Progress = Callable[[int, int], None]

FOLDER = "prepared"
_LOG = logging.getLogger(__name__)


def cache_folder(name: str, data_folder: Path, options: PreparationOptions = DEFAULTS) -> Path:
    """Where the prepared data set with these options belongs.

    Raises:
        UserError: unknown data set, modality or option.
    """
    resolved = resolve_options(CARDS.get(name), READERS.get(name), options)
    digest = hashlib.sha256(_describe(resolved).encode()).hexdigest()[:12]
    return data_folder / FOLDER / f"{name}-{digest}"


def find_prepared(
    name: str, data_folder: Path, options: PreparationOptions = DEFAULTS
) -> Path | None:
    """Folder of the prepared data set, or None where it is not prepared.

    Raises:
        StaleCacheError: it was prepared by a version of this code with another cache format.
        UserError: unknown data set, modality or option; a damaged cache.
    """
    folder = cache_folder(name, data_folder, options)
    return None if read_meta(folder) is None else folder


def open_prepared(folder: Path) -> Dataset:
    """Open what `prepare` made, images memory-mapped.

    Raises:
        StaleCacheError: another cache format.
        UserError: there is nothing, or not what its `meta.json` describes.
    """
    meta = read_meta(folder)
    if meta is None:
        raise UserError(f"{folder} holds no prepared data; prepare it first")
    return open_cache(folder, meta)


def prepare(
    name: str,
    data_folder: Path,
    options: PreparationOptions = DEFAULTS,
    progress: Progress | None = None,
) -> Path:
    """Read a data set from its archives or extracted folders into a cache folder.

    Streams: a few dozen pairs are in memory at any time, decoded in parallel and written in order.
    Does nothing where the cache is there already. What an interrupted preparation left is removed,
    and a cache of another format is replaced.

    Args:
        name: name of a card that has a reader.
        data_folder: holds the files, and gets `prepared/<name>-<digest of options>/`.
        options: image size, modalities and the reader's choices; defaults from the card.
        progress: called with the numbers of pairs done and in all, in the calling thread.

    Returns:
        The cache folder.

    Raises:
        DatasetNotFoundError: files are missing.
        UserError: files are not as they should be; the message names the first one.
    """
    folder = cache_folder(name, data_folder, options)

    def fill(partial: Path) -> None:
        if (folder / META).exists():
            _LOG.warning("%s is of another cache format and is prepared anew", folder)
        _fill(partial, name, data_folder, options, progress)

    make_folder(folder, _is_whole, fill)
    return folder


def _fill(
    folder: Path,
    name: str,
    data_folder: Path,
    wanted: PreparationOptions,
    progress: Progress | None,
) -> None:
    """Write a whole cache into an empty folder."""
    card, reader = CARDS.get(name), READERS.get(name)
    options = resolve_options(card, reader, wanted)
    origins = locate(card, reader, data_folder)
    with ExitStack() as stack:
        files = {role: stack.enter_context(open_files(path)) for role, path in origins.items()}
        catalogue = reader.catalogue(files, options)
        samples = sum(item.samples for item in catalogue.items)
        arrays = {
            modality: ArrayFacts(
                type=catalogue.types[modality],
                shape=(samples, card.all_modalities[modality], *options.size),
            )
            for modality in options.modalities
        }
        label_maps = None
        if card.task == "segmentation":
            label_maps = ArrayFacts(type=LABEL_TYPE, shape=(samples, *options.size))
        class_names = catalogue.class_names or card.class_names
        written = _write_arrays(
            folder, catalogue, arrays, label_maps, len(class_names), options, progress
        )
    labels = None
    if label_maps is None:
        labels = np.array([label for item in catalogue.items for label in item.labels], np.int64)
        listing = ", ".join(str(path) for path in origins.values())
        check_labels(listing, labels, samples, len(class_names))
        counts = np.bincount(labels, minlength=len(class_names))
    else:
        counts = written.pixel_counts.sum(axis=0)
    groups = _groups(catalogue.items)
    official = [item.test for item in catalogue.items for _ in range(item.samples)]
    save_per_sample(
        folder,
        {
            "labels": labels,
            "groups": groups,
            PIXEL_COUNTS: None if label_maps is None else written.pixel_counts,
            "official_test": None if None in official else np.array(official, dtype=bool),
        },
    )
    write_meta(
        folder,
        CacheMeta(
            format=FORMAT,
            name=name,
            options=json.loads(_describe(options)),
            sources=tuple(path.name for path in origins.values()),
            fingerprint=written.fingerprint,
            class_names=class_names,
            class_counts=tuple(counts.tolist()),
            arrays=arrays,
            grouped=groups is not None,
            skipped=tuple(catalogue.skipped),
            label_maps=label_maps,
            official=None not in official,
            holes=written.holes,
        ),
    )


def _is_whole(folder: Path) -> bool:
    try:
        return read_meta(folder) is not None
    except StaleCacheError:
        return False


@dataclass
class _Written:
    """What is known of the arrays once they are written.

    Attributes:
        fingerprint: digest of content and options.
        pixel_counts: pixels of each class in each sample (N, classes); none without label maps.
        holes: modality -> pixels where nothing was measured.
    """

    fingerprint: str
    pixel_counts: NDArray[np.int64]
    holes: dict[str, int]


def _write_arrays(
    folder: Path,
    catalogue: Catalogue,
    arrays: Mapping[str, ArrayFacts],
    label_maps: ArrayFacts | None,
    classes: int,
    options: Options,
    progress: Progress | None,
) -> _Written:
    """Decode every item into the arrays."""
    described = dict(arrays) if label_maps is None else {**arrays, LABEL_MAPS: label_maps}
    writers = {
        name: ArrayWriter(folder / f"{name}.npy", facts) for name, facts in described.items()
    }
    digest = hashlib.sha256(_describe(options).encode())
    counts: list[NDArray[np.int64]] = []
    holes = {name: 0 for name in catalogue.holes if name in arrays}
    total, done = sum(item.samples for item in catalogue.items), 0
    for item, (images, content) in _decode_all(catalogue.items):
        for name, writer in writers.items():
            writer.append(images[name])
        if label_maps is not None:
            counts.append(pixel_counts(images[LABEL_MAPS].astype(np.uint8), classes, VOID))
        for name in holes:
            holes[name] += int((images[name] == catalogue.holes[name]).sum())
        digest.update(content)
        digest.update(_describe_item(item))
        done += item.samples
        if progress is not None:
            progress(done, total)
    for writer in writers.values():
        writer.close()
    counted = np.concatenate([np.empty((0, classes), np.int64), *counts])
    return _Written(digest.hexdigest()[:20], counted, holes)


def _describe_item(item: Item) -> bytes:
    official = () if item.test is None else (item.test,)
    return repr((item.labels, item.groups, *official)).encode()


def _decode_all(
    items: Sequence[Item],
) -> Iterator[tuple[Item, tuple[Mapping[str, Array], bytes]]]:
    """Decode in threads, in order, a bounded number of samples ahead.

    Threads suffice: reading, decompression and digests release the interpreter's lock, and they
    start at once, which processes would not.
    """
    workers = min(8, usable_cores())
    ahead = 0
    waiting: deque[tuple[Item, Future[tuple[Mapping[str, Array], bytes]]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(_decode, item)))
                ahead += item.samples
                while ahead >= 8 * workers and len(waiting) > 1:
                    first, future = waiting.popleft()
                    ahead -= first.samples
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _decode(item: Item) -> tuple[Mapping[str, Array], bytes]:
    """Images of an item and the digest of their content."""
    images = item.decode()
    digest = hashlib.sha256()
    for modality, array in images.items():
        digest.update(f"|{modality}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(np.ascontiguousarray(array).data)
    return images, digest.digest()


def _groups(items: Sequence[Item]) -> Array | None:
    if any(item.groups is None for item in items):
        return None
    return np.array([group for item in items for group in item.groups or ()])


def _describe(options: Options) -> str:
    """Options as canonical text."""
    content = {
        "image_size": options.image_size,
        "modalities": list(options.modalities),
        "choices": dict(options.choices),
    }
    return json.dumps(content, sort_keys=True)
