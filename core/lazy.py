"""Libraries that take seconds to import, imported when something of them is first used.

`from core.lazy import torch` at the top of a file imports nothing yet; the first `torch.something`
does. So whatever plans or reports may import every method without waiting for PyTorch.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["F", "lazy", "torch"]


class _LazyModule(ModuleType):
    """Has all attributes of the module of its name, which is imported when one is first read."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)

    def __dir__(self) -> list[str]:
        return dir(import_module(self.__name__))

    def __reduce__(self) -> tuple[Any, ...]:
        return import_module, (self.__name__,)


def lazy(name: str) -> Any:
    """The module called `name`, without importing it yet.

    For a module with types, let type checkers see its ordinary import under `TYPE_CHECKING`.
    Threads may share it: the import itself is done once, under Python's own lock.

    Args:
        name: full name, such as "scipy.stats". A module that does not exist raises
            `ModuleNotFoundError` when it is first used.

    >>> colours = lazy("colorsys")
    >>> colours.rgb_to_hsv(1.0, 0.0, 0.0)
    (0.0, 1.0, 1.0)
    """
    return _LazyModule(name)


if TYPE_CHECKING:
    import torch
    from torch.nn import functional as F
else:
    torch = lazy("torch")
    F = lazy("torch.nn.functional")
