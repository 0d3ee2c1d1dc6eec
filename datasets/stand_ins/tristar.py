"""Stand-in archive of TRISTAR: shots with frames of three sensors, masks, labels per frame."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from core.seeding import derive_seed
from datasets.published.tristar import CARD
from datasets.published.tristar_labels import LABELS
from datasets.stand_ins.files import image_bytes, write_zip
from datasets.stand_ins.miniature import make_miniature

SIZE = 32
_SHOTS = (*["train"] * 8, *["val"] * 2, *["test"] * 2)


def write_tristar(
    folder: Path,
    samples_per_class: int | None = None,
    labels_as: Literal["words", "integers"] = "words",
) -> None:
    """Write tristar.zip; every shot also has a frame without a state and one with two."""
    trimodal = replace(CARD, modalities=CARD.all_modalities)
    dataset = make_miniature(trimodal, samples_per_class, SIZE)
    random = np.random.default_rng(derive_seed("twin", CARD.name))
    empty = io.BytesIO()
    np.save(empty, np.zeros((SIZE, SIZE), np.uint8))
    members: dict[str, bytes] = {}
    for number, chosen in enumerate(np.array_split(random.permutation(len(dataset)), len(_SHOTS))):
        shot = f"tristar/{_SHOTS[number]}/shot_{number:02d}"
        states = [[CARD.class_names[dataset.labels[sample]]] for sample in chosen]
        frames = [*chosen, chosen[0], chosen[0]]
        words = [*states, ["drink"], ["sit", "stand"]]
        lines = []
        for frame, (sample, labels) in enumerate(zip(frames, words, strict=True)):
            name = f"{frame}_{1_650_000_000_000 + 125 * frame}"
            for modality, images in dataset.modalities.items():
                members[f"{shot}/{modality.lower()}/{name}.png"] = image_bytes(images[sample])
            members[f"{shot}/mask/{name}.npy"] = empty.getvalue()
            # An integer says one label only: of two states it can but name none.
            label = labels[0] if len(labels) == 1 else "wave"
            in_words = " ".join([f"{name}.png", *labels, "in_room"])
            lines.append(f"{LABELS.index(label)}" if labels_as == "integers" else in_words)
        if labels_as == "words":
            random.shuffle(lines)
        members[f"{shot}/actions.txt"] = "\n".join(lines).encode()
    write_zip(folder / "tristar.zip", members)
