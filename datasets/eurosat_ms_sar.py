"""EuroSAT-MS-SAR: Sentinel-2 and Sentinel-1 land cover patches (Wang et al., 2023)."""

from datasets.cards import CARDS, DatasetCard

CARD = CARDS.register(
    "eurosat_ms_sar",
    DatasetCard(
        name="eurosat_ms_sar",
        label="EuroSAT-MS-SAR",
        homepage="https://zenodo.org/records/7711810",
        modalities={"MS": 13, "SAR": 2},
        class_names=(
            "AnnualCrop",
            "Forest",
            "HerbaceousVegetation",
            "Highway",
            "Industrial",
            "Pasture",
            "PermanentCrop",
            "Residential",
            "River",
            "SeaLake",
        ),
        samples=27000,
        image_size=64,
    ),
)
