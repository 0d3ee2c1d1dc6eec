"""The machine, and the tests that need its GPU."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import torch

from benchmark.running.provenance import describe_environment
from benchmark.speed.gpu.step import Context, Result
from benchmark.training.precision import resolve_precision
from core.host import usable_cores

ROOT = Path(__file__).resolve().parents[3]


def environment(context: Context) -> Result:
    """What everything is measured on."""
    device = context.device
    described = describe_environment(device, resolve_precision("auto", device))
    found: Result = {
        "environment": described.model_dump(mode="json"),
        "usable_cores": usable_cores(),
        "packages": {
            each.metadata["Name"]: each.version for each in importlib.metadata.distributions()
        },
    }
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["device"] = {
            "memory": properties.total_memory,
            "multiprocessors": properties.multi_processor_count,
            "capability": torch.cuda.get_device_capability(device),
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
        }
    return found


def tests(context: Context) -> Result:
    """Run the tests that need a GPU.

    Raises:
        RuntimeError: one fails, or they take too long; with what pytest printed.
    """
    # Warnings of a PyTorch that is newer or older than the one tests were written with are shown,
    # and fail none.
    options = ("-m", "gpu", "-W", "default", "-p", "no:cacheprovider", "-v")
    command = [sys.executable, "-m", "pytest", *options, *context.sizes.tests]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=context.seconds_left,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        printed = error.stdout or b""
        text = printed.decode(errors="replace") if isinstance(printed, bytes) else printed
        raise RuntimeError(f"the tests were not done after {error.timeout:.0f} s\n{text}") from None
    if done.returncode:
        raise RuntimeError(f"pytest ended with {done.returncode}\n{done.stdout}")
    return {"command": command, "output": done.stdout}
