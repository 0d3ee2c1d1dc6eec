"""Networks of segmentation: dilated residual encoders, the decoder of DeepLabV3+, fusion."""

from typing import TYPE_CHECKING, Any

from core.lazy import lazy
from methods.networks.segmentation.settings import SegmenterSettings

if TYPE_CHECKING:
    from methods.networks.segmentation.segmenter import build_segmenter

_segmenter = lazy("methods.networks.segmentation.segmenter")

__all__ = ["SegmenterSettings", "build_segmenter"]


def __getattr__(name: str) -> Any:
    """`build_segmenter` when it is first asked for: it needs PyTorch, the settings do not."""
    if name == "build_segmenter":
        return _segmenter.build_segmenter
    raise AttributeError(f"module 'methods.networks.segmentation' has no attribute '{name}'")
