"""Where and how runs are trained, and whether that goes together; needs no PyTorch."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError


@dataclass(frozen=True)
class Placement:
    """Where and how runs are trained.

    Attributes:
        results: folder that results are written to.
        devices: as on the command line: "auto", "cpu", "cuda" or "cuda:0,cuda:2".
        runs_per_device: runs at once on each device, at least 1; None for as many as fit.
        executor: "auto", "inline", "local" or "ray".
        ray_address: the Ray cluster; None for the one that this machine is part of.
        keep_weights: keep the weights of all runs, not only teachers.
        load: the user's files, whose methods workers need too.
        snapshot_minutes: the least time between two snapshots of a training, at least 0; None to
            write and use none.
        graphs: on a GPU, launch training steps as CUDA graphs.
    """

    results: Path
    devices: str
    runs_per_device: int | None
    executor: str
    ray_address: str | None
    keep_weights: bool
    load: tuple[Path, ...]
    snapshot_minutes: float | None
    graphs: bool


def check_placement(placement: Placement) -> None:
    """Check that executor, devices and address of the cluster go together.

    Raises:
        UserError: they do not, or Ray is asked for and not installed.
    """
    address = placement.ray_address
    if placement.executor != "ray":
        if address is not None:
            raise UserError("--ray-address needs --executor ray")
        return
    if placement.devices not in ("auto", "cpu", "cuda"):
        raise UserError(
            f"--devices {placement.devices}: with --executor ray it is Ray that chooses the GPU; "
            "expected auto, cpu or cuda"
        )
    if "://" in (address or ""):
        raise UserError(
            f"--ray-address {address}: expected auto or HOST:PORT of the head; start "
            "the command on a machine of the cluster, or with 'ray job submit'"
        )
    if importlib.util.find_spec("ray") is None:
        raise UserError("--executor ray needs Ray; install it with pip install '.[ray]'")
