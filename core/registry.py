"""A typed table of named things: a collision raises, an unknown name lists the nearest ones."""

import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Generic, TypeVar

from core.errors import UserError, nearest_names

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to entries of one type.

    Args:
        noun: what an entry is called in error messages, such as "method".
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, T] = {}

    def register(self, name: str, entry: T) -> T:
        """Add `entry` under `name` and return it.

        Raises:
            UserError: the name is taken by another entry.
        """
        if name in self._entries:
            raise UserError(
                f"the {self._noun} name '{name}' is already registered; give yours another name"
            )
        self._entries[name] = entry
        return entry

    def get(self, name: str) -> T:
        """Return the entry called `name`.

        Raises:
            UserError: no entry has that name; the message names the nearest ones.
        """
        try:
            return self._entries[name]
        except KeyError:
            hint = nearest_names(name, self._entries)
            raise UserError(f"unknown {self._noun} '{name}': {hint}") from None

    def remove(self, name: str) -> None:
        """Forget the entry called `name`; does nothing where there is none."""
        self._entries.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)


def import_modules(package: str, folders: Iterable[str]) -> None:
    """Import every module of a package, so that whatever they register is there.

    A file that is put into the package needs no entry anywhere else.

    Args:
        package: full name of the package.
        folders: its `__path__`. Modules are imported in the order of their names; of packages
            inside, what their `__init__` imports.
    """
    for found in pkgutil.iter_modules(folders):
        import_module(f"{package}.{found.name}")
