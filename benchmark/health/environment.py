"""Python and its packages."""

import platform
from collections.abc import Iterator
from importlib import metadata

from benchmark.health.name_clash import find_name_clashes
from benchmark.health.note import Note

PACKAGES = (
    "torch", "torchvision", "numpy", "pandas", "scikit-learn", "scipy", "scikit-posthocs",
    "pydantic", "rich", "pyyaml", "matplotlib", "tifffile", "pillow",
)  # fmt: skip


def look_at_environment() -> Iterator[Note]:
    """Versions, packages that are not there, and others of the same name."""
    yield Note(f"Python {platform.python_version()} on {platform.platform()}")
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Note(f"{name} is not installed; install the benchmark with its packages", True)
    try:
        found.append(f"ray {metadata.version('ray')}")
    except metadata.PackageNotFoundError:
        yield Note("ray is not installed; only --executor ray needs it")
    yield Note(", ".join(found))
    for clash in find_name_clashes():
        yield Note(clash, problem=True)
