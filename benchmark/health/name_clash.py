"""Other packages of the names that the benchmark's have.

`pip install .` puts `benchmark`, `core`, `datasets` and `methods` into an environment. Where it has
Hugging Face's `datasets`, say, one of the two hides the other or overwrites its files.
"""

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

OWN = "cmkd-benchmark"
PACKAGES = ("benchmark", "core", "datasets", "methods")
HERE = Path(__file__).resolve().parents[2]


def find_name_clashes() -> Iterator[str]:
    """A sentence for each other package of this environment that has one of our names."""
    owners = metadata.packages_distributions()
    for name in PACKAGES:
        others = sorted({owner for owner in owners.get(name, ()) if not _is_own(owner)})
        # A folder or file that somebody put on the path belongs to no distribution.
        for origin in others or _places(name):
            yield (
                f"another package '{name}' is in this environment (of {origin}), and one hides "
                "the other; run the benchmark from its checkout, in an environment of its own"
            )


def _is_own(distribution: str) -> bool:
    return distribution.lower().replace("_", "-") == OWN


def _places(name: str) -> Iterator[str]:
    """Where on the path another package of this name lies, but for installed copies of ours."""
    for entry in dict.fromkeys(Path(entry).resolve() for entry in sys.path):
        package = entry / name
        if entry == HERE or any(metadata.distributions(name=OWN, path=[str(entry)])):
            continue
        if (package / "__init__.py").is_file() or package.with_suffix(".py").is_file():
            yield str(package)
