"""Whether the options that say where runs are trained go together; needs no PyTorch."""

import argparse
import importlib.util

from core.errors import UserError


def check_placement(options: argparse.Namespace) -> None:
    """Check that the options that say where runs are trained go together.

    Raises:
        UserError: they do not, or Ray is asked for and not installed.
    """
    if options.runs_per_device is not None and options.runs_per_device < 1:
        raise UserError(f"--runs-per-device {options.runs_per_device}: expected 1 or more")
    if options.executor != "ray":
        if options.ray_address is not None:
            raise UserError("--ray-address needs --executor ray")
        return
    if options.devices not in ("auto", "cpu", "cuda"):
        raise UserError(
            f"--devices {options.devices}: with --executor ray it is Ray that chooses the GPU; "
            "expected auto, cpu or cuda"
        )
    if "://" in (options.ray_address or ""):
        raise UserError(
            f"--ray-address {options.ray_address}: expected auto or HOST:PORT of the head; start "
            "the command on a machine of the cluster, or with 'ray job submit'"
        )
    if importlib.util.find_spec("ray") is None:
        raise UserError("--executor ray needs Ray; install it with pip install '.[ray]'")
