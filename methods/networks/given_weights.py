"""Weights that were trained elsewhere, put into a network of the suite."""

import io
import zipfile
from collections.abc import Mapping
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from core.errors import UserError
from methods.networks.properties import modalities_of

_HEADS = {"fc.weight": "head.weight", "fc.bias": "head.bias"}  # of torchvision's networks


def load_given_weights(network: nn.Module, content: bytes, origin: str) -> None:
    """Put the weights of a file into a classifier.

    The file is what `torch.save` writes of a state dict: of the classifier itself, of a network of
    torchvision's whose first layer has the modality's channel count, where there is one modality,
    or of the weights beside a record, which hold one such dict by a name.

    Args:
        network: as `build_classifier` makes it.
        content: of the file.
        origin: its name, for messages.

    Raises:
        UserError: it holds no weights, or those of another network or number of classes.
    """
    given = _read(content, origin)
    modalities = modalities_of(network)
    if "fc.weight" in given and len(modalities) == 1:
        prefix = f"encoders.{modalities[0]}.backbone."
        given = {_HEADS.get(name, prefix + name): value for name, value in given.items()}
    wanted = network.state_dict()
    classes, found = len(wanted["head.bias"]), given.get("head.bias")
    if found is not None and len(found) != classes:
        raise UserError(
            f"{origin} holds a network of {len(found)} classes, but the data has {classes}; give "
            "the weights of a teacher that was trained on it"
        )
    over = "+".join(modalities)
    for name, value in wanted.items():
        if name.endswith("num_batches_tracked"):  # older files lack it, and nothing depends on it
            given.setdefault(name, value)
        if name not in given or given[name].shape != value.shape:
            what = "no" if name not in given else f"{tuple(given[name].shape)} as"
            raise UserError(
                f"{origin} holds another network than the teacher on {over}: it has {what} "
                f"'{name}', expected {tuple(value.shape)}; choose the teacher's network as it was "
                "trained"
            )
    if unknown := sorted(given.keys() - wanted.keys()):
        raise UserError(
            f"{origin} holds another network than the teacher on {over}, which has no "
            f"'{unknown[0]}'; choose the teacher's network as it was trained"
        )
    network.load_state_dict(given)


def _read(content: bytes, origin: str) -> dict[str, Tensor]:
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        found = None
    if isinstance(found, Mapping) and len(found) == 1:
        (only,) = found.values()
        found = only if isinstance(only, Mapping) else found
    if (
        not isinstance(found, Mapping)
        or not found
        or not all(isinstance(value, Tensor) for value in found.values())
    ):
        raise UserError(
            f"{origin} holds no weights, expected a state dict as torch.save(model.state_dict(), "
            "...) writes it"
        )
    return dict(found)
