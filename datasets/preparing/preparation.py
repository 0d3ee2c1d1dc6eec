"""From an official archive, or the folder it was extracted to, to memory-mapped arrays."""

import hashlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from core.errors import UserError
from core.host import usable_cores
from datasets.base import Array, Dataset
from datasets.cards import CARDS
from datasets.own.validation import check_labels
from datasets.preparing.archives import open_files
from datasets.preparing.cache import (
    FORMAT,
    META,
    ArrayFacts,
    ArrayWriter,
    CacheMeta,
    StaleCacheError,
    open_cache,
    read_meta,
    save_labels,
    write_meta,
)
from datasets.preparing.folders import make_folder
from datasets.preparing.readers import (
    DEFAULTS,
    READERS,
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
        labels, groups = _gather_labels(catalogue.items)
        side = options.image_size
        arrays = {
            modality: ArrayFacts(
                type=catalogue.types[modality],
                shape=(len(labels), card.all_modalities[modality], side, side),
            )
            for modality in options.modalities
        }
        fingerprint = _write_arrays(folder, catalogue.items, arrays, options, progress)
    listing = ", ".join(str(path) for path in origins.values())
    check_labels(listing, labels, len(labels), len(card.class_names))
    save_labels(folder, labels, groups)
    counts = np.bincount(labels, minlength=len(card.class_names))
    write_meta(
        folder,
        CacheMeta(
            format=FORMAT,
            name=name,
            options=json.loads(_describe(options)),
            sources=tuple(path.name for path in origins.values()),
            fingerprint=fingerprint,
            class_names=card.class_names,
            class_counts=tuple(counts.tolist()),
            arrays=arrays,
            grouped=groups is not None,
            skipped=tuple(catalogue.skipped),
        ),
    )


def _is_whole(folder: Path) -> bool:
    try:
        return read_meta(folder) is not None
    except StaleCacheError:
        return False


def _write_arrays(
    folder: Path,
    items: Sequence[Item],
    arrays: Mapping[str, ArrayFacts],
    options: Options,
    progress: Progress | None,
) -> str:
    """Decode every item into the arrays and return the fingerprint."""
    writers = {
        modality: ArrayWriter(folder / f"{modality}.npy", facts)
        for modality, facts in arrays.items()
    }
    digest = hashlib.sha256(_describe(options).encode())
    total = sum(len(item.labels) for item in items)
    done = 0
    for item, (images, content) in _decode_all(items):
        for modality, writer in writers.items():
            writer.append(images[modality])
        digest.update(content)
        digest.update(repr((item.labels, item.groups)).encode())
        done += len(item.labels)
        if progress is not None:
            progress(done, total)
    for writer in writers.values():
        writer.close()
    return digest.hexdigest()[:20]


def _decode_all(
    items: Sequence[Item],
) -> Iterator[tuple[Item, tuple[Mapping[str, Array], bytes]]]:
    """Decode in threads, in order, a bounded number of items ahead.

    Threads suffice: reading, decompression and digests release the interpreter's lock, and they
    start at once, which processes would not.
    """
    workers = min(8, usable_cores())
    waiting: deque[tuple[Item, Future[tuple[Mapping[str, Array], bytes]]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(_decode, item)))
                if len(waiting) >= 8 * workers:
                    first, future = waiting.popleft()
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


def _gather_labels(
    items: Sequence[Item],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Array | None]:
    labels = np.array([label for item in items for label in item.labels], dtype=np.int64)
    if any(item.groups is None for item in items):
        return labels, None
    return labels, np.array([group for item in items for group in item.groups or ()])


def _describe(options: Options) -> str:
    """Options as canonical text."""
    content = {
        "image_size": options.image_size,
        "modalities": list(options.modalities),
        "choices": dict(options.choices),
    }
    return json.dumps(content, sort_keys=True)
