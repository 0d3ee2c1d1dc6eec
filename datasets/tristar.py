"""TRISTAR: thermal and depth frames of six action states (Stippel et al., GCPR 2023)."""

from datasets.cards import CARDS, DatasetCard

CARD = CARDS.register(
    "tristar",
    DatasetCard(
        name="tristar",
        label="TRISTAR",
        homepage="https://zenodo.org/records/7996570",
        modalities={"THERMAL": 1, "DEPTH": 1},
        class_names=("get_down", "get_up", "sit", "walk", "stand", "lay"),
        samples=14201,
        image_size=128,
    ),
)
