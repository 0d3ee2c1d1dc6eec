"""Which tools finished runs are logged to, and whether they are installed."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError

if TYPE_CHECKING:
    from benchmark.running.tracking.base import Tracker

# As on the command line -> what people call it. Each is an extra and a package of its own name.
TOOLS = {"tensorboard": "TensorBoard", "mlflow": "MLflow", "wandb": "Weights & Biases"}


def check_tools(names: Sequence[str]) -> None:
    """Check that tools are installed, without importing them.

    Raises:
        UserError: one is not.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise UserError(
                f"--log-to {name} needs {TOOLS[name]}; install it with pip install '.[{name}]'"
            )


def make_trackers(names: Sequence[str], results: Path) -> "list[Tracker]":
    """The trackers of these names, each once; what they keep by themselves is in `results`.

    Raises:
        UserError: one is not installed, or cannot be started.
    """
    check_tools(names)
    trackers: list[Tracker] = []
    # Imported here because each is an extra.
    for name in dict.fromkeys(names):
        match name:
            case "tensorboard":
                from benchmark.running.tracking.tensorboard import TensorBoard

                trackers.append(TensorBoard(results))
            case "mlflow":
                from benchmark.running.tracking.mlflow import MLflow

                trackers.append(MLflow(results))
            case "wandb":
                from benchmark.running.tracking.wandb import WeightsAndBiases

                trackers.append(WeightsAndBiases(results))
    return trackers
