"""SUN RGB-D, Kinect v2 subset for scene classification (Ferreri et al., ICCVW 2021)."""

from datasets.cards import CARDS, DatasetCard

CARD = CARDS.register(
    "sunrgbd",
    DatasetCard(
        name="sunrgbd",
        label="SUNRGBD",
        homepage="https://rgbd.cs.princeton.edu",
        modalities={"RGB": 3, "DEPTH": 1},
        class_names=(
            "bathroom",
            "bedroom",
            "classroom",
            "computer_room",
            "conference_room",
            "dining_area",
            "discussion_area",
            "kitchen",
            "office",
            "rest_space",
        ),
        samples=2105,
        image_size=224,
    ),
)
