"""Runs as event files of TensorBoard."""

import shutil
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from benchmark.running.tracking.base import LoggedRun


class TensorBoard:
    """A folder a run in `<results>/tensorboard`: curves, scores, and both with the settings.

    Args:
        results: the results folder.
    """

    def __init__(self, results: Path) -> None:
        self._folder = results / "tensorboard"

    @property
    def place(self) -> str:
        """The folder, which `tensorboard --logdir` takes."""
        return str(self._folder.absolute())

    def log(self, run: LoggedRun) -> None:
        folder = self._folder / run.key
        shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was stopped
        with SummaryWriter(folder) as writer:
            for epoch, values in run.epochs.items():
                for name, value in values.items():
                    writer.add_scalar(name, value, epoch)
            writer.add_text("run", run.name)
            writer.add_hparams(dict(run.configuration), dict(run.scores), run_name=".")
