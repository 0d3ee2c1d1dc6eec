"""Stand-in archive of Mid-Air: a few flights in spring, most frames of which are not read."""

from pathlib import Path

import numpy as np

from datasets.preparing.readers import VOID
from datasets.published.midair import CARD, EMPTY, EVERY
from datasets.stand_ins.files import image_bytes, write_zip
from datasets.stand_ins.scenes import make_scenes

SIDE = 64
FLIGHTS = {"PLE_training": 7, "PLE_test": 3}
KEPT = 4  # frames of each flight


def write_midair(folder: Path, side: int = SIDE) -> None:
    """Write MidAir.zip; the frames between those that are read are all black."""
    count = sum(FLIGHTS.values()) * KEPT
    scenes = make_scenes(CARD.name, len(CARD.class_names), count, (side, side))
    labels = np.where(scenes.labels >= EMPTY, scenes.labels + 1, scenes.labels)
    labels = np.where(scenes.labels == VOID, EMPTY, labels).astype(np.uint8)
    disparity = (512 / scenes.depth).astype(np.float16)
    black = image_bytes(np.zeros((3, side, side), np.uint8), "JPEG")
    members: dict[str, bytes] = {}
    sample = 0
    for part, flights in FLIGHTS.items():
        for flight in range(flights):
            for kept in range(KEPT):
                frame = kept * EVERY
                for name, content in (
                    ("color_left/{}.JPEG", image_bytes(scenes.colours[sample], "JPEG")),
                    ("stereo_disparity/{}.PNG", image_bytes(disparity[sample].view(np.uint16))),
                    ("segmentation/{}.PNG", image_bytes(labels[sample][None])),
                ):
                    place = f"trajectory_{5000 + flight}/{frame:06d}"
                    members[f"MidAir/{part}/spring/{name.format(place)}"] = content
                between = f"trajectory_{5000 + flight}/{frame + 1:06d}"
                members[f"MidAir/{part}/spring/color_left/{between}.JPEG"] = black
                sample += 1
    write_zip(folder / "MidAir.zip", members)
