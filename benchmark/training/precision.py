"""Which precision a run trains in, and which device it runs on."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from core.errors import UserError

PrecisionName = Literal["fp32", "bf16"]
DTYPES: dict[PrecisionName, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}


def resolve_precision(
    wanted: Literal["auto", "fp32", "bf16"], device: torch.device
) -> PrecisionName:
    """Resolve "auto": bfloat16 where the device computes it natively, else float32."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device)[0] >= 8 else "fp32"
    return "bf16" if _cpu_has_bfloat16() else "fp32"


def precision_for_all(devices: Iterable[torch.device]) -> PrecisionName:
    """What "auto" means for several devices: bfloat16 where all compute it natively."""
    found = {resolve_precision("auto", device) for device in devices}
    return "bf16" if found == {"bf16"} else "fp32"


@cache
def _cpu_has_bfloat16() -> bool:
    """Whether the processor has bfloat16 dot products; without them it is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def resolve_devices(wanted: str) -> list[torch.device]:
    """The devices that "auto", "cpu", "cuda" (all of them) or "cuda:0,cuda:2" stand for.

    Raises:
        UserError: a name means nothing or comes twice, or there is no such device here.
    """
    count = torch.cuda.device_count()
    if wanted == "cpu" or (wanted == "auto" and count == 0):
        return [torch.device("cpu")]
    if wanted in ("auto", "cuda"):
        if count == 0:
            raise UserError("--devices cuda: found no GPU that PyTorch can use; use --devices cpu")
        return [torch.device("cuda", index) for index in range(count)]
    devices = [_gpu(name.strip(), count) for name in wanted.split(",")]
    if len(set(devices)) < len(devices):
        raise UserError(f"--devices {wanted}: a device comes twice; use --runs-per-device")
    return devices


def _gpu(name: str, count: int) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type != "cuda":
        raise UserError(
            f"--devices {name}: unknown device; expected auto, cpu, cuda, or cuda:NUMBER once or "
            "several times, separated by commas"
        )
    if (device.index or 0) >= count:
        raise UserError(f"--devices {name}: found {count} GPUs; use a lower number or cpu")
    return torch.device("cuda", device.index or 0)
