"""Independent random streams, each named by what it is for."""

import hashlib


def derive_seed(*labels: str | int) -> int:
    """Hash labels to a seed in [0, 2^63), so that streams never share a seed by accident.

    Adding a stream, or drawing more from one, leaves every other stream as it was; the value does
    not depend on the platform or on Python's hash seed.
    """
    text = "\x1f".join(f"{type(label).__name__}:{label}" for label in labels)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
