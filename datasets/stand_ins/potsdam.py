"""Stand-in archives of ISPRS Potsdam: 38 small tiles with heights and both kinds of labels."""

from pathlib import Path

import numpy as np

from core.seeding import derive_seed
from datasets.preparing.readers import VOID
from datasets.published.potsdam import BOUNDARY, CARD, COLOURS, TILES
from datasets.stand_ins.files import image_bytes, tiff_bytes, write_zip
from datasets.stand_ins.scenes import FARTHEST, make_scenes

SIDE = 72  # of a tile; the official ones have 6000
NARROW = (3, 13)  # the tile whose heights lack a column


def write_potsdam(folder: Path, side: int = SIDE) -> None:
    """Write 3_Ortho_IRRG, 4_Ortho_RGBIR, 1_DSM_normalisation and both archives of labels."""
    scenes = make_scenes(CARD.name, len(CARD.class_names), len(TILES), (side, side))
    random = np.random.default_rng(derive_seed("twin", CARD.name))
    palette = np.array([*COLOURS.values(), BOUNDARY], np.uint8)
    members: dict[str, dict[str, bytes]] = {}

    def add(archive: str, name: str, content: bytes) -> None:
        members.setdefault(archive, {})[f"{archive}/{name}"] = content

    for (row, column), image, depth, labels in zip(
        TILES, scenes.colours, scenes.depth, scenes.labels, strict=True
    ):
        tile, padded = f"{row}_{column}", f"{row:02d}_{column:02d}"
        infrared, red, green = image
        blue = random.integers(0, 256, red.shape, np.uint8)
        rgbir = np.stack([red, green, blue, infrared])
        heights = (depth * 255 / FARTHEST).round().astype(np.uint8)
        if (row, column) == NARROW:
            heights = heights[:, :, :-1]
        # Labels of all pixels have a class everywhere: what is void elsewhere is clutter here.
        everywhere = np.where(labels == VOID, len(COLOURS) - 1, labels)
        eroded = np.where(labels == VOID, len(COLOURS), labels)
        add("3_Ortho_IRRG", f"top_potsdam_{tile}_IRRG.tif", tiff_bytes(image, colours=True))
        add("4_Ortho_RGBIR", f"top_potsdam_{tile}_RGBIR.tif", tiff_bytes(rgbir, colours=True))
        add(
            "1_DSM_normalisation",
            f"dsm_potsdam_{padded}_normalized_lastools.jpg",
            image_bytes(heights, "JPEG"),
        )
        for archive, suffix, indices in (
            ("5_Labels_all", "label", everywhere),
            ("5_Labels_all_noBoundary", "label_noBoundary", eroded),
        ):
            colours = palette[indices].transpose(2, 0, 1)
            add(archive, f"top_potsdam_{tile}_{suffix}.tif", tiff_bytes(colours, colours=True))
    for archive, files in members.items():
        write_zip(folder / f"{archive}.zip", files)
