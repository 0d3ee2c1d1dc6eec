"""Where results come from: versions, device, commit."""

import importlib.metadata
import platform
import subprocess
from functools import cache
from pathlib import Path

import torch

from benchmark import __version__
from benchmark.records.record import Environment
from benchmark.running.machine import processor_name
from benchmark.training.precision import PrecisionName

PACKAGES = ("torch", "torchvision", "numpy", "scikit-learn")


def describe_environment(device: torch.device, precision: PrecisionName) -> Environment:
    """Describe the machine and the code as they are now."""
    commit, dirty = _git_state()
    return Environment(
        device=_device_name(device),
        precision=precision,
        threads=torch.get_num_threads(),
        versions=_versions(),
        git_commit=commit,
        git_dirty=dirty,
    )


@cache
def _versions() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"benchmark": __version__, "python": platform.python_version(), **versions}


@cache
def _git_state() -> tuple[str | None, bool | None]:
    """Commit and whether tracked files differ from it; (None, None) outside a checkout."""

    def git(*arguments: str) -> str:
        root = Path(__file__).parent
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    try:
        commit = git("rev-parse", "HEAD")
        return commit, bool(git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None, None


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU {processor_name()}"
