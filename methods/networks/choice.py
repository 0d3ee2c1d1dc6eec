"""Which encoder a modality has: those that a suite can name, and their settings.

PyTorch is not imported, so that a plan can be made without it.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError, create_model

from core.errors import UserError, nearest_names
from core.lazy import lazy
from core.models import StrictModel, first_finding
from core.registry import Registry

if TYPE_CHECKING:
    from torch import nn

_encoder = lazy("methods.networks.encoder")

# Maps the channel count of a modality, and settings by name, to its encoder.
EncoderFunction = Callable[..., "nn.Module"]
ENCODERS: Registry[EncoderFunction] = Registry("network")
DEFAULT = "resnet18"

Width = Annotated[float, Field(gt=0, le=4)]


def resnet18(channels: int, width: Width = 1.0) -> "nn.Module":
    """The networks of the DisCoM-KD paper; `width` scales the channels of all layers."""
    return _encoder.Encoder(channels, "resnet18", width)  # type: ignore[no-any-return]


def resnet34(channels: int, width: Width = 1.0) -> "nn.Module":
    """ResNet-34, likewise."""
    return _encoder.Encoder(channels, "resnet34", width)  # type: ignore[no-any-return]


def resnet50(channels: int, width: Width = 1.0) -> "nn.Module":
    """ResNet-50, likewise; its embeddings are four times as long."""
    return _encoder.Encoder(channels, "resnet50", width)  # type: ignore[no-any-return]


for _function in (resnet18, resnet34, resnet50):
    ENCODERS.register(_function.__name__, _function)


def resolve_choice(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A network with all of its settings, as runs keep it; {} for the paper's.

    Args:
        name: of the network.
        given: settings by name; those that are left out have their defaults.

    Raises:
        UserError: an unknown network or setting, or a wrong value.
    """
    model = _settings_model(ENCODERS.get(name))
    try:
        settings = model.model_validate(dict(given)).model_dump(mode="json")
    except ValidationError as error:
        found = first_finding(error)
        if found.kind == "extra_forbidden":
            hint = nearest_names(found.where, model.model_fields)
            raise UserError(f"network '{name}' has no setting '{found.where}': {hint}") from None
        raise UserError(
            f"network '{name}': setting '{found.where}' is {found.value!r}, but {found.message}"
        ) from None
    if name == DEFAULT and settings == _settings_model(ENCODERS.get(DEFAULT))().model_dump():
        return {}
    return {"network": name, "settings": settings}


def build_encoder(choice: Mapping[str, Any], channels: int) -> "nn.Module":
    """The encoder of a modality, with weights from PyTorch's global random numbers.

    Args:
        choice: as `resolve_choice` gives it.
        channels: of the modality.

    Returns:
        Maps images (B, channels, H, W) to embeddings (B, `embedding_size`).

    Raises:
        UserError: it cannot be made, or has no `embedding_size`.
    """
    name = choice.get("network", DEFAULT)
    function = ENCODERS.get(name)
    try:
        encoder = function(channels, **choice.get("settings", {}))
    except Exception as error:  # a user's function may raise anything
        raise UserError(
            f"the network '{name}' of {inspect.getfile(function)} cannot be made of {channels} "
            f"channels: {type(error).__name__}: {error}; change its function"
        ) from error
    if not isinstance(getattr(encoder, "embedding_size", None), int):
        raise UserError(
            f"the network '{name}' has no whole number 'embedding_size', the number of values that "
            "it gives per image; set it on the module"
        )
    return encoder


@cache
def _settings_model(function: EncoderFunction) -> type[StrictModel]:
    """A model of what a function takes beside the channel count.

    Raises:
        UserError: it takes no channel count, or an argument has no readable type or no default.
    """
    fields: dict[str, Any] = {}
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        raise UserError(
            f"the network function {function.__name__} takes no argument, expected the number of "
            "channels; give it one"
        )
    for parameter in parameters[1:]:
        if parameter.default is parameter.empty or parameter.annotation is parameter.empty:
            raise UserError(
                f"the network function {function.__name__} has the argument '{parameter.name}' "
                "without a type or a default; give it both"
            )
        kind = parameter.annotation
        if isinstance(kind, str):  # from __future__ import annotations
            try:
                kind = eval(kind, function.__globals__)
            except Exception as error:
                raise UserError(
                    f"the network function {function.__name__} has the argument "
                    f"'{parameter.name}' of type '{kind}', which cannot be read: "
                    f"{type(error).__name__}: {error}; import it outside TYPE_CHECKING"
                ) from error
        fields[parameter.name] = (kind, parameter.default)
    return create_model(function.__name__, __base__=StrictModel, **fields)
