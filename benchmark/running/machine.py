"""What this machine calls its processor and its GPUs, found without PyTorch."""

import platform
from functools import cache
from pathlib import Path

_GPUS = Path("/proc/driver/nvidia/gpus")  # a folder for each GPU, where the driver is for Linux


@cache
def processor_name() -> str:
    """The processor's name, or its architecture where the system does not tell."""
    return _first_value(Path("/proc/cpuinfo"), "model name") or platform.machine()


@cache
def gpu_names() -> tuple[str, ...]:
    """Names of the GPUs, each once; empty where there are none, or the driver lists none."""
    files = sorted(_GPUS.glob("*/information"))
    return tuple(dict.fromkeys(filter(None, (_first_value(file, "Model") for file in files))))


def _first_value(file: Path, key: str) -> str:
    """The value of the first line `key: value`; "" where there is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in pairs if name.strip() == key), "")
