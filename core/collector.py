"""Sparing work to Python's garbage collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """A block that makes a great many objects and hardly any garbage.

    The collector, which looks for cycles of objects, would go through all of them again and again.
    What is not part of a cycle is freed as ever.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
