"""Stand-in archives of EuroSAT-MS-SAR: GeoTIFFs, two zips, one folder per class."""

from pathlib import Path

import numpy as np

from datasets.published.eurosat_ms_sar import CARD
from datasets.stand_ins.files import tiff_bytes, write_zip
from datasets.stand_ins.miniature import make_miniature

MS_NESTINGS = ("EuroSAT_MS", "ds/images/remote_sensing/otherDatasets/sentinel_2/tif")


def write_eurosat(
    folder: Path, samples_per_class: int | None = None, ms_nesting: str = MS_NESTINGS[0]
) -> None:
    """Write the archives into `folder`; the older nesting goes with the older archive name."""
    dataset = make_miniature(CARD, samples_per_class, size=64)
    per_class = len(dataset) // len(CARD.class_names)
    ms_archive = "EuroSAT_MS.zip" if ms_nesting == MS_NESTINGS[0] else "EuroSATallBands.zip"
    ms, sar = {}, {}
    for index, label in enumerate(dataset.labels):
        name = CARD.class_names[label]
        path = f"{name}/{name}_{index % per_class + 1}.tif"
        ms[f"{ms_nesting}/{path}"] = tiff_bytes(dataset.modalities["MS"][index])
        sar[f"EuroSAT-SAR/{path}"] = tiff_bytes(dataset.modalities["SAR"][index].astype(np.float32))
    write_zip(folder / ms_archive, ms)
    write_zip(folder / "EuroSAT-SAR.zip", sar)
