"""What a reader of an official distribution provides: layouts, a catalogue, decoding."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from core.errors import DatasetNotFoundError, UserError, nearest_names
from core.registry import Registry
from datasets.base import Array
from datasets.cards import DatasetCard
from datasets.preparing.archives import Files

# What `Item.decode` calls the label maps; modalities are named in capitals. The value of their
# pixels that have no class is VOID, whatever the source has for it.
LABEL_MAPS = "labels"
VOID = 255
LABEL_TYPE = "uint8"


@dataclass(frozen=True)
class Item:
    """What is decoded together: one pair, or several that come from one file.

    Attributes:
        labels: class index of each of its samples; empty where each pixel has one.
        decode: gives modality -> (n, C, H, W), and `LABEL_MAPS` -> (n, H, W), uint8, where there
            is one class per pixel; called in any thread, once.
        groups: group of each sample, or None.
        test: its samples are in the official test part; None where there is none.
        maps: number of its samples where each pixel has a class, 0 otherwise.
    """

    labels: tuple[int, ...]
    decode: Callable[[], Mapping[str, Array]]
    groups: tuple[str, ...] | None = None
    test: bool | None = None
    maps: int = 0

    @property
    def samples(self) -> int:
        """Number of its samples n."""
        return len(self.labels) + self.maps


@dataclass(frozen=True)
class Catalogue:
    """What a distribution holds, found before any pair is decoded.

    Attributes:
        items: in an order that follows from names alone.
        types: modality -> name of the numpy type that it is stored in, of all modalities.
        skipped: what was left out, one short sentence each, with the reason.
        class_names: where they are not those of the card.
        holes: modality -> the value of pixels where nothing was measured.
    """

    items: Sequence[Item]
    types: Mapping[str, str]
    skipped: Sequence[str] = ()
    class_names: tuple[str, ...] | None = None
    holes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """How a data set is prepared, complete and checked.

    Attributes:
        size: height and width in pixels of the stored images.
        modalities: which are stored, in the order of the card.
        choices: the reader's own options, name -> value.
    """

    size: tuple[int, int]
    modalities: tuple[str, ...]
    choices: Mapping[str, str]

    @property
    def image_size(self) -> int:
        """Side of the stored images; the height where they are not square."""
        return self.size[0]


@dataclass(frozen=True)
class Part:
    """One archive or folder of a layout.

    Attributes:
        names: accepted file and folder names, preferred first.
        markers: a folder counts only if one of these is in it; empty where the name is enough.
        optional: the layout is complete without it; the reader says when it needs it after all.
    """

    names: tuple[str, ...]
    markers: tuple[str, ...] = ()
    optional: bool = False


class Reader(Protocol):
    """Reads one data set from its official distribution.

    Attributes:
        layouts: accepted layouts, each role -> archive or folder; no role is in two layouts.
        choices: option -> its valid values, the default first.
    """

    @property
    def layouts(self) -> tuple[Mapping[str, Part], ...]: ...

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]: ...

    def catalogue(self, files: Mapping[str, Files], options: Options) -> Catalogue:
        """List what is there, checking names, pairs and labels.

        Args:
            files: role -> opened archive or folder, of one layout.
            options: as `resolve_options` made them.

        Raises:
            UserError: a file is missing, too many, or not as described.
        """
        ...


READERS: Registry[Reader] = Registry("data set reader")


@dataclass(frozen=True)
class PreparationOptions:
    """What a caller may ask for; small and hashable. None and absent choices mean the default."""

    image_size: int | None = None
    modalities: tuple[str, ...] | None = None
    choices: tuple[tuple[str, str], ...] = ()


DEFAULTS = PreparationOptions()


def resolve_options(card: DatasetCard, reader: Reader, wanted: PreparationOptions) -> Options:
    """Fill in defaults and check names.

    Raises:
        UserError: an unknown modality, option or value.
    """
    available = card.all_modalities
    for name in wanted.modalities or ():
        if name not in available:
            hint = nearest_names(name, available)
            raise UserError(f"{card.label} has no modality '{name}': {hint}")
    chosen = wanted.modalities or tuple(card.modalities)
    choices = {name: values[0] for name, values in reader.choices.items()}
    for name, value in wanted.choices:
        if name not in choices:
            hint = nearest_names(name, choices)
            raise UserError(f"{card.label} has no option '{name}': {hint}")
        if value not in reader.choices[name]:
            hint = nearest_names(value, reader.choices[name])
            raise UserError(f"{card.label}: unknown value '{value}' of option {name}: {hint}")
        choices[name] = value
    return Options(
        size=card.size(wanted.image_size),
        modalities=tuple(name for name in available if name in chosen),
        choices=choices,
    )


def locate(card: DatasetCard, reader: Reader, data_folder: Path) -> dict[str, Path]:
    """Find the archives or extracted folders of one layout, role -> path.

    Looked for in `<data folder>/<name>/`, then in the data folder itself, then in this package.
    Where an archive lies beside the folder it was extracted to, the archive is taken.

    Raises:
        DatasetNotFoundError: nothing is there, or not all that is needed.
        UserError: two layouts, or two archives for one role.
    """
    places = (data_folder / card.name, data_folder)
    found = [
        {role: path for role, part in layout.items() if (path := _find(part, places)) is not None}
        for layout in reader.layouts
    ]
    complete = [
        paths
        for paths, layout in zip(found, reader.layouts, strict=True)
        if all(part.optional or role in paths for role, part in layout.items())
    ]
    if len(complete) > 1:
        listing = " and ".join(str(next(iter(paths.values()))) for paths in complete)
        raise UserError(
            f"{card.label}: found two distributions of the same data, {listing}; keep one of them "
            "in the data folder"
        )
    if complete:
        return complete[0]
    for paths, layout in zip(found, reader.layouts, strict=True):
        for role, part in layout.items():
            if paths and role not in paths and not part.optional:
                present = ", ".join(map(str, paths.values()))
                raise DatasetNotFoundError(
                    f"{card.label} is incomplete: found {present} but no {part.names[0]}; put it "
                    f"into {places[0]} (described at {card.homepage}), or try the suite without "
                    "it with --smoke"
                )
    if card.embedded is not None:
        return dict.fromkeys(reader.layouts[0], card.embedded)
    wanted = " or ".join(
        " with ".join(part.names[0] for part in layout.values() if not part.optional)
        for layout in reader.layouts
    )
    raise DatasetNotFoundError(
        f"{card.label} is missing: found no {wanted} in {places[0]} or {data_folder}; put it there "
        f"(described at {card.homepage}), name another place with --data, or try the suite without "
        "it with --smoke"
    )


def class_folder(files: Files, path: PurePosixPath, card: DatasetCard) -> str:
    """The class that a file belongs to by the name of its folder.

    Raises:
        UserError: the folder is none of the card's classes.
    """
    label = path.parent.name
    if label not in card.class_names:
        hint = nearest_names(label, card.class_names)
        raise UserError(
            f"{files.origin}: {path} is in a folder '{label}', which is not one of the "
            f"{len(card.class_names)} classes: {hint}"
        )
    return label


def _find(part: Part, places: Sequence[Path]) -> Path | None:
    for place in places:
        present = [place / name for name in part.names if _counts(place / name, part.markers)]
        archives = [path for path in present if path.is_file()]
        if len(archives) > 1:
            raise UserError(
                f"found both {archives[0]} and {archives[1]}, which hold the same images; keep one"
            )
        if present:
            return (archives or present)[0]
    return None


def _counts(path: Path, markers: tuple[str, ...]) -> bool:
    if path.suffix in (".zip", ".mat"):
        return path.is_file()
    return path.is_dir() and (not markers or any((path / marker).exists() for marker in markers))
